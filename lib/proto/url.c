/* url.c - http and https URLs: parsed, normalised, resolved, compared (RFC 3986,
 * RFC 9110 4.2).
 * proto. Knows text. Does not know options, sockets or who asks.
 * SPDX-License-Identifier: MIT
 *
 * A reference is split into its five components by looking for ":", "#", "?" and "/"
 * (RFC 3986 appendix B), so that nothing in one can move the border of another. Then
 * each is appended to the text in its normal form; `url_job` notes where each ends, as
 * the buffer may still move, and the views are made last. */
#include "proto/url.h"

#include "proto/form.h"
#include "proto/percent.h"

#include <string.h>

/* The components as written. */
typedef struct url_parts {
    ferry_str scheme, authority, path, query, fragment;
    bool has_scheme, has_authority, has_query, has_fragment;
} url_parts;

/* One URL being built. */
typedef struct url_job {
    fy_url *u;
    const char *start; /* of the input: offsets count from here */
    fy_error *x;
    fy_authority a;
    size_t host, authority_end, path_end, query_end; /* in the text */
} url_job;

void fy_url_init(fy_url *u, const ferry_platform *m, size_t max)
{
    *u = (fy_url){.port = 0};
    fy_buf_init(&u->text, m, max);
    fy_buf_init(&u->aside, m, max);
    fy_url_clear(u);
}

void fy_url_fini(fy_url *u)
{
    fy_url_clear(u);
    fy_buf_fini(&u->text);
    fy_buf_fini(&u->aside);
}

void fy_url_clear(fy_url *u)
{
    const ferry_str none = FY_S("");
    if (u->aside.len)
        fy_wipe(u->aside.ptr, u->aside.len);
    fy_buf_clear(&u->text);
    fy_buf_clear(&u->aside);
    u->scheme = u->authority = u->host = u->path = u->query = u->fragment = none;
    u->user = u->password = u->zone = none;
    u->addr = (ferry_addr){.family = 0};
    u->port = 0;
    u->has_query = u->has_fragment = u->has_userinfo = u->has_password = false;
}

static ferry_err url_fail(
    const url_job *j, ferry_err code, const char *what, const char *at)
{
    return fy_fail(j->x, code, what, at - j->start);
}

/* --- taking apart --- */

/* Blanks before a URL are dropped, as requests does; those behind it are not. */
static ferry_str url_strip(ferry_str s)
{
    while (s.len && (s.ptr[0] == ' ' || (s.ptr[0] >= '\t' && s.ptr[0] <= '\r')))
        s = fy_str_from(s, 1);
    return s;
}

/* Where the scheme's ":" stands, or 0 if there is no scheme (RFC 3986 3.1). */
static size_t url_scheme_end(ferry_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = fy_lower(s.ptr[i]);
        bool is_letter = c >= 'a' && c <= 'z';
        if (c == ':')
            return i;
        if (!is_letter &&
            (i == 0 || !(fy_is_digit(c) || c == '+' || c == '-' || c == '.')))
            return 0;
    }
    return 0;
}

/* Cut `s` at the first `mark`: what follows the mark becomes `*tail`. */
static bool url_cut_tail(ferry_str *s, char mark, ferry_str *tail)
{
    const char *at = s->len ? memchr(s->ptr, mark, s->len) : NULL;
    if (!at)
        return false;
    *tail = fy_str_from(*s, (size_t)(at - s->ptr) + 1);
    *s = fy_str_upto(*s, (size_t)(at - s->ptr));
    return true;
}

static url_parts url_split(ferry_str s)
{
    const ferry_str none = FY_S("");
    url_parts p = {.query = none, .fragment = none};
    p.has_fragment = url_cut_tail(&s, '#', &p.fragment);
    p.has_query = url_cut_tail(&s, '?', &p.query);
    p.scheme = fy_str_upto(s, url_scheme_end(s));
    p.has_scheme = p.scheme.len > 0;
    if (p.has_scheme)
        s = fy_str_from(s, p.scheme.len + 1);
    p.has_authority = s.len >= 2 && s.ptr[0] == '/' && s.ptr[1] == '/';
    if (p.has_authority) {
        s = fy_str_from(s, 2);
        const char *slash = s.len ? memchr(s.ptr, '/', s.len) : NULL;
        p.authority = fy_str_upto(s, slash ? (size_t)(slash - s.ptr) : s.len);
        s = fy_str_from(s, p.authority.len);
    }
    p.path = s;
    return p;
}

/* --- putting together --- */

static ferry_err url_put_scheme(url_job *j, ferry_str scheme)
{
    bool is_https = fy_str_eq_nocase(scheme, FY_S("https"));
    if (!is_https && !fy_str_eq_nocase(scheme, FY_S("http")))
        return url_fail(
            j, FERRY_ERR_UNSUPPORTED, "the scheme is not http or https", scheme.ptr);
    fy_buf_puts(&j->u->text, is_https ? FY_S("https://") : FY_S("http://"));
    j->host = j->u->text.len;
    return FERRY_OK;
}

static bool url_is_https(const url_job *j)
{
    return j->host == sizeof "https://" - 1;
}

static ferry_err url_put_authority(url_job *j, ferry_str authority)
{
    fy_url *u = j->u;
    ferry_err e = fy_authority_put(
        &j->a, &u->text, &u->aside, authority, url_is_https(j) ? 443 : 80, j->x);
    if (e && j->x->at >= 0)
        j->x->at += authority.ptr - j->start;
    j->authority_end = u->text.len;
    return e;
}

static ferry_err url_put_component(
    url_job *j, ferry_str s, unsigned set, const char *what)
{
    size_t end = fy_percent_put(&j->u->text, s, set);
    return end == s.len ? FERRY_OK : url_fail(j, FERRY_ERR_URL, what, s.ptr + end);
}

/* RFC 3986 5.2.4, in place on text[from..], which begins with "/": each segment moves
 * down behind those that stay, "." goes, ".." takes the one before it along. Every byte
 * is moved at most once and given up at most once. */
static void url_remove_dots(fy_buf *b, size_t from)
{
    char *path = b->ptr + from;
    size_t len = b->len - from, out = 0;
    for (size_t at = 0, end; at < len; at = end) {
        for (end = at + 1; end < len && path[end] != '/'; end++)
            ;
        ferry_str segment = {path + at, end - at};
        bool is_up = fy_str_eq(segment, FY_S("/.."));
        if (!is_up && !fy_str_eq(segment, FY_S("/."))) {
            memmove(path + out, segment.ptr, segment.len);
            out += segment.len;
            continue;
        }
        while (is_up && out > 0 && path[--out] != '/')
            ;
        if (end == len) /* the last segment leaves its "/" */
            path[out++] = '/';
    }
    b->len = from + out;
}

/* The path of the text so far gets its normal form. It may begin with part of a base
 * path (RFC 3986 5.2.3). */
static ferry_err url_put_path(url_job *j, ferry_str path)
{
    fy_buf *b = &j->u->text;
    if (b->len == j->authority_end && (!path.len || path.ptr[0] != '/'))
        fy_buf_putc(b, '/');
    TRY(url_put_component(j, path, FY_PERCENT_PATH, "control byte in the path"));
    if (!b->failed && memchr(b->ptr + j->authority_end, '.', b->len - j->authority_end))
        url_remove_dots(b, j->authority_end);
    j->path_end = b->len;
    return FERRY_OK;
}

static ferry_err url_put_query(url_job *j, const url_parts *p, ferry_fields params)
{
    fy_buf *b = &j->u->text;
    j->u->has_query = p->has_query || params.n;
    if (j->u->has_query)
        fy_buf_putc(b, '?');
    size_t start = b->len;
    TRY(url_put_component(j, p->query, FY_PERCENT_QUERY, "control byte in the query"));
    for (size_t i = 0; i < params.n; i++)
        fy_form_put(b, start, params.at[i].name, params.at[i].value);
    j->query_end = b->len;
    return FERRY_OK;
}

static ferry_err url_put_fragment(url_job *j, const url_parts *p)
{
    j->u->has_fragment = p->has_fragment;
    if (p->has_fragment)
        fy_buf_putc(&j->u->text, '#');
    return url_put_component(
        j, p->fragment, FY_PERCENT_QUERY, "control byte in the fragment");
}

/* What stands in `b` from `from` up to `end`. */
static ferry_str url_view(const fy_buf *b, size_t from, size_t end)
{
    return (ferry_str){b->ptr + from, end - from};
}

static void url_set_views(url_job *j)
{
    fy_url *u = j->u;
    const fy_buf *b = &u->text;
    u->scheme = url_view(b, 0, j->host - 3);
    u->host = url_view(b, j->host, j->host + j->a.host_len);
    u->authority = url_view(b, j->host, j->authority_end);
    u->path = url_view(b, j->authority_end, j->path_end);
    if (u->has_query)
        u->query = url_view(b, j->path_end + 1, j->query_end);
    if (u->has_fragment)
        u->fragment = url_view(b, j->query_end + 1, b->len);
    u->port = j->a.port;
    u->addr = j->a.addr;
    u->has_userinfo = j->a.has_userinfo;
    u->has_password = j->a.has_password;
    if (!u->aside.len)
        return;
    size_t user = j->a.user_len, password = user + j->a.password_len;
    u->user = url_view(&u->aside, 0, user);
    u->password = url_view(&u->aside, user, password);
    u->zone = url_view(&u->aside, password, password + j->a.zone_len);
}

/* The end of every building: views, or the error and nothing else. */
static ferry_err url_finish(url_job *j, ferry_err e)
{
    if (!e)
        e = fy_fail_buf(j->x, &j->u->text, "URL too long");
    if (!e)
        e = fy_fail_buf(j->x, &j->u->aside, "user and password too long");
    if (e)
        fy_url_clear(j->u);
    else
        url_set_views(j);
    return e;
}

static ferry_err url_build_absolute(url_job *j, const url_parts *p, ferry_fields params)
{
    if (!p->has_scheme)
        return url_fail(j, FERRY_ERR_URL, "no scheme such as http://", j->start);
    TRY(url_put_scheme(j, p->scheme));
    if (!p->has_authority)
        return url_fail(j, FERRY_ERR_URL, "no // behind the scheme", p->path.ptr);
    TRY(url_put_authority(j, p->authority));
    TRY(url_put_path(j, p->path));
    TRY(url_put_query(j, p, params));
    return url_put_fragment(j, p);
}

ferry_err fy_url_parse(fy_url *u, ferry_str text, ferry_fields params, fy_error *x)
{
    url_job j = {.u = u, .start = text.ptr, .x = x};
    url_parts p = url_split(url_strip(text));
    fy_url_clear(u);
    return url_finish(&j, url_build_absolute(&j, &p, params));
}

/* --- resolving --- */

/* RFC 3986 5.2.2, the authority is the base's: so are its user and zone. */
static void url_inherit_authority(url_job *j, const fy_url *base)
{
    fy_buf_reserve(&j->u->aside, base->aside.len);
    fy_buf_puts(&j->u->aside, fy_buf_view(&base->aside));
    fy_buf_puts(&j->u->text, base->authority);
    j->authority_end = j->u->text.len;
    j->a = (fy_authority){.host_len = base->host.len,
        .user_len = base->user.len,
        .password_len = base->password.len,
        .zone_len = base->zone.len,
        .addr = base->addr,
        .port = base->port,
        .has_userinfo = base->has_userinfo,
        .has_password = base->has_password};
}

/* RFC 3986 5.2.3: all but the last segment of the base, then the reference. */
static ferry_err url_put_merged_path(url_job *j, const fy_url *base, ferry_str path)
{
    size_t keep = base->path.len;
    if (path.len) {
        while (base->path.ptr[keep - 1] != '/')
            keep--;
        if (path.ptr[0] == '/')
            keep = 0;
    }
    fy_buf_puts(&j->u->text, fy_str_upto(base->path, keep));
    return url_put_path(j, path);
}

static ferry_err url_build_relative(url_job *j, const fy_url *base, url_parts *p)
{
    static const ferry_fields none = {NULL, 0};
    TRY(url_put_scheme(j, base->scheme));
    if (p->has_authority) {
        TRY(url_put_authority(j, p->authority));
        TRY(url_put_path(j, p->path));
    } else {
        url_inherit_authority(j, base);
        TRY(url_put_merged_path(j, base, p->path));
        if (!p->path.len && !p->has_query) {
            p->query = base->query;
            p->has_query = base->has_query;
        }
    }
    TRY(url_put_query(j, p, none));
    return url_put_fragment(j, p);
}

ferry_err fy_url_resolve(
    fy_url *out, const fy_url *base, ferry_str reference, fy_error *x)
{
    static const ferry_fields none = {NULL, 0};
    url_job j = {.u = out, .start = reference.ptr, .x = x};
    url_parts p = url_split(url_strip(reference));
    fy_url_clear(out);
    return url_finish(&j, p.has_scheme ? url_build_absolute(&j, &p, none)
                                       : url_build_relative(&j, base, &p));
}

/* --- asking --- */

void fy_url_put_host(fy_buf *b, const fy_url *u)
{
    fy_buf_puts(b, u->authority);
}

/* From the path up to the fragment. */
static size_t url_target_len(const fy_url *u)
{
    return u->path.len + u->has_query + u->query.len;
}

void fy_url_put_target(fy_buf *b, const fy_url *u)
{
    fy_buf_put(b, u->path.ptr, url_target_len(u));
}

void fy_url_put_absolute(fy_buf *b, const fy_url *u)
{
    size_t end = (size_t)(u->path.ptr - u->text.ptr) + url_target_len(u);
    fy_buf_puts(b, fy_str_upto(fy_buf_view(&u->text), end));
}

bool fy_url_same_origin(const fy_url *a, const fy_url *b)
{
    return fy_str_eq(a->scheme, b->scheme) && fy_str_eq(a->authority, b->authority) &&
           fy_str_eq(a->zone, b->zone);
}

/* --- prefixes --- */

/* "https://" alone: a fy_url of nothing but a scheme. */
static ferry_err url_build_scheme_prefix(url_job *j, const url_parts *p)
{
    TRY(url_put_scheme(j, p->scheme));
    j->authority_end = j->path_end = j->query_end = j->host;
    return FERRY_OK;
}

ferry_err fy_url_parse_prefix(fy_url *u, ferry_str text, fy_error *x)
{
    static const ferry_fields none = {NULL, 0};
    url_job j = {.u = u, .start = text.ptr, .x = x};
    url_parts p = url_split(text);
    bool is_scheme = p.has_scheme && p.has_authority && !p.authority.len && !p.path.len;
    fy_url_clear(u);
    ferry_err e = is_scheme ? url_build_scheme_prefix(&j, &p)
                            : url_build_absolute(&j, &p, none);
    if (!e && (p.has_query || p.has_fragment || j.a.has_userinfo))
        e = url_fail(
            &j, FERRY_ERR_URL, "a prefix has no user, query or fragment", text.ptr);
    return url_finish(&j, e);
}

bool fy_url_under(const fy_url *u, const fy_url *prefix)
{
    if (!prefix->host.len)
        return fy_str_eq(u->scheme, prefix->scheme);
    size_t n = prefix->path.len;
    return fy_url_same_origin(u, prefix) && u->path.len >= n &&
           memcmp(u->path.ptr, prefix->path.ptr, n) == 0 &&
           (u->path.len == n || prefix->path.ptr[n - 1] == '/' ||
               u->path.ptr[n] == '/');
}
