/* uri.c - RFC 3986 as it is written, step by step: what URLs are compared with. Slow,
 * and on purpose unlike the library, of which it uses the buffers and views alone.
 * SPDX-License-Identifier: MIT */
#include "uri.h"

#include <ctype.h>
#include <string.h>

#include "peer.h"

static bool uri_has(ferry_str s, size_t at, char c)
{
    return at < s.len && s.ptr[at] == c;
}

static size_t uri_find(ferry_str s, const char *marks)
{
    size_t n = 0;
    while (n < s.len && !(s.ptr[n] && strchr(marks, s.ptr[n])))
        n++;
    return n;
}

/* --- taking apart ---------------------------------------------------------------- */

static size_t uri_scheme_len(ferry_str s)
{
    size_t n = uri_find(s, ":/?#");
    if (!uri_has(s, n, ':') || n == 0 || !isalpha((unsigned char)s.ptr[0]))
        return 0;
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)s.ptr[i]) && !memchr("+-.", s.ptr[i], 3))
            return 0;
    return n;
}

uri uri_split(ferry_str s)
{
    const ferry_str none = FY_S("");
    uri u = {none, none, none, none, none, false, false, false, false};
    size_t n = uri_scheme_len(s);
    u.has_scheme = n > 0;
    u.scheme = fy_str_upto(s, n);
    s = fy_str_from(s, n ? n + 1 : 0);
    u.has_authority = uri_has(s, 0, '/') && uri_has(s, 1, '/');
    if (u.has_authority) {
        s = fy_str_from(s, 2);
        u.authority = fy_str_upto(s, uri_find(s, "/?#"));
        s = fy_str_from(s, u.authority.len);
    }
    u.path = fy_str_upto(s, uri_find(s, "?#"));
    s = fy_str_from(s, u.path.len);
    u.has_query = uri_has(s, 0, '?');
    if (u.has_query) {
        u.query = fy_str_upto(fy_str_from(s, 1), uri_find(s, "#") - 1);
        s = fy_str_from(s, u.query.len + 1);
    }
    u.has_fragment = uri_has(s, 0, '#');
    u.fragment = fy_str_from(s, u.has_fragment);
    return u;
}

uri_authority uri_split_authority(ferry_str s)
{
    const ferry_str none = FY_S("");
    uri_authority a = {none, none, none, false, false};
    for (size_t i = s.len; i > 0 && !a.has_user; i--)
        if (s.ptr[i - 1] == '@') {
            a.has_user = true;
            a.user = fy_str_upto(s, i - 1);
            s = fy_str_from(s, i);
        }
    size_t literal = uri_has(s, 0, '[') ? uri_find(s, "]") : 0;
    size_t n = literal + uri_find(fy_str_from(s, literal), ":");
    a.host = fy_str_upto(s, n);
    a.has_port = n < s.len;
    a.port = fy_str_from(s, n + a.has_port);
    return a;
}

/* --- normal forms ---------------------------------------------------------------- */

static int uri_hex(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* The byte that a triplet at the front of `s` stands for, or -1. */
static int uri_triplet(ferry_str s)
{
    if (s.len < 3 || s.ptr[0] != '%' || uri_hex(s.ptr[1]) < 0 || uri_hex(s.ptr[2]) < 0)
        return -1;
    return uri_hex(s.ptr[1]) * 16 + uri_hex(s.ptr[2]);
}

static void uri_put_triplet(fy_buf *out, int byte)
{
    fy_buf_putc(out, '%');
    fy_buf_putc(out, "0123456789ABCDEF"[byte >> 4]);
    fy_buf_putc(out, "0123456789ABCDEF"[byte & 15]);
}

static bool uri_is_unreserved(int byte)
{
    return byte < 0x80 && byte > 0 && (isalnum(byte) || strchr("-._~", byte));
}

/* 6.2.2.1, 6.2.2.2. */
static void uri_put_normal(fy_buf *out, ferry_str s, bool is_lower)
{
    for (size_t i = 0; i < s.len; i++) {
        int byte = uri_triplet(fy_str_from(s, i));
        if (byte >= 0)
            i += 2;
        if (byte >= 0 && !uri_is_unreserved(byte)) {
            uri_put_triplet(out, byte);
            continue;
        }
        char c = byte >= 0 ? (char)byte : s.ptr[i];
        fy_buf_putc(out, is_lower ? (char)tolower((unsigned char)c) : c);
    }
}

static bool uri_starts(ferry_str s, const char *prefix)
{
    return s.len >= strlen(prefix) && memcmp(s.ptr, prefix, strlen(prefix)) == 0;
}

/* What 5.2.4 calls removing the last segment and its preceding "/". */
static void uri_drop_segment(fy_buf *out, size_t from)
{
    while (out->len > from && out->ptr[--out->len] != '/')
        ;
}

/* 5.2.4, step 2 with its cases A to E. */
static void uri_put_without_dots(fy_buf *out, ferry_str in)
{
    size_t from = out->len;
    while (in.len) {
        bool is_up = uri_starts(in, "/../") || fy_str_eq(in, FY_S("/.."));
        if (uri_starts(in, "../") || uri_starts(in, "./")) {
            in = fy_str_from(in, uri_starts(in, "./") ? 2 : 3);
        } else if (uri_starts(in, "/./") || uri_starts(in, "/../")) {
            in = fy_str_from(in, is_up ? 3 : 2);
        } else if (fy_str_eq(in, FY_S("/.")) || is_up) {
            in = FY_S("/");
        } else if (fy_str_eq(in, FY_S(".")) || fy_str_eq(in, FY_S(".."))) {
            in.len = 0;
        } else {
            size_t n = 1 + uri_find(fy_str_from(in, 1), "/");
            fy_buf_puts(out, fy_str_upto(in, n));
            in = fy_str_from(in, n);
        }
        if (is_up)
            uri_drop_segment(out, from);
    }
}

static void uri_put_normal_authority(fy_buf *out, ferry_str scheme, ferry_str s)
{
    uri_authority a = uri_split_authority(s);
    uint64_t port, usual = fy_str_eq_nocase(scheme, FY_S("https")) ? 443 : 80;
    fy_buf_puts(out, FY_S("//"));
    uri_put_normal(out, a.user, false);
    if (a.has_user)
        fy_buf_putc(out, '@');
    uri_put_normal(out, a.host, true);
    if (!a.port.len || (fy_str_number(a.port, UINT64_MAX, &port) && port == usual))
        return;
    fy_buf_putc(out, ':');
    fy_buf_puts(out, a.port);
}

void uri_normalise(fy_buf *out, ferry_str text)
{
    uri u = uri_split(text);
    fy_buf path;
    fy_buf_init(&path, &peer_libc, SIZE_MAX / 4);
    uri_put_normal(out, u.scheme, true);
    if (u.has_scheme)
        fy_buf_putc(out, ':');
    if (u.has_authority)
        uri_put_normal_authority(out, u.scheme, u.authority);
    uri_put_normal(&path, u.path, false);
    if (!path.len && u.has_authority)
        fy_buf_putc(&path, '/');
    uri_put_without_dots(out, fy_buf_view(&path));
    if (u.has_query)
        fy_buf_putc(out, '?');
    uri_put_normal(out, u.query, false);
    if (u.has_fragment)
        fy_buf_putc(out, '#');
    uri_put_normal(out, u.fragment, false);
    fy_buf_fini(&path);
}

/* --- resolving ------------------------------------------------------------------- */

/* 5.2.3. */
static void uri_put_merged(fy_buf *out, const uri *base, ferry_str path)
{
    size_t n = base->path.len;
    while (n && base->path.ptr[n - 1] != '/')
        n--;
    if (base->has_authority && !base->path.len)
        fy_buf_putc(out, '/');
    fy_buf_puts(out, fy_str_upto(base->path, n));
    fy_buf_puts(out, path);
}

/* The path of 5.2.2, where the reference has neither scheme nor authority. */
static void uri_put_relative_path(fy_buf *out, const uri *base, const uri *r)
{
    fy_buf merged;
    fy_buf_init(&merged, &peer_libc, SIZE_MAX / 4);
    if (!r->path.len)
        fy_buf_puts(out, base->path);
    else if (r->path.ptr[0] == '/')
        uri_put_without_dots(out, r->path);
    else
        uri_put_merged(&merged, base, r->path);
    uri_put_without_dots(out, fy_buf_view(&merged));
    fy_buf_fini(&merged);
}

void uri_resolve(fy_buf *out, ferry_str base, ferry_str reference)
{
    uri b = uri_split(base), r = uri_split(reference);
    const uri *query = &r, *authority = r.has_scheme || r.has_authority ? &r : &b;
    bool is_relative = authority == &b;
    fy_buf_puts(out, r.has_scheme ? r.scheme : b.scheme);
    fy_buf_putc(out, ':');
    if (authority->has_authority)
        fy_buf_puts(out, FY_S("//"));
    fy_buf_puts(out, authority->authority);
    if (is_relative)
        uri_put_relative_path(out, &b, &r);
    else
        uri_put_without_dots(out, r.path);
    if (is_relative && !r.path.len && !r.has_query)
        query = &b;
    if (query->has_query)
        fy_buf_putc(out, '?');
    fy_buf_puts(out, query->query);
    if (r.has_fragment)
        fy_buf_putc(out, '#');
    fy_buf_puts(out, r.fragment);
}
