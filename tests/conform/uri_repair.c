/* uri_repair.c - what ferry may make of text that is no RFC 3986 reference, and which
 * hosts it may ask: the project's policy, written a second time.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>

#include "uri.h"

/* Besides letters and digits (RFC 3986 2.2, 2.3, 3.3). */
#define URI_UNRESERVED "-._~"
#define URI_SUB_DELIMS "!$&'()*+,;="

static bool uri_is_in(char c, const char *set)
{
    return c > 0 && (isalnum((unsigned char)c) || strchr(set, c));
}

static bool uri_is_triplet(ferry_str s)
{
    return s.len >= 3 && s.ptr[0] == '%' && isxdigit((unsigned char)s.ptr[1]) &&
           isxdigit((unsigned char)s.ptr[2]);
}

/* One "%" that begins no triplet means that nobody has encoded this component: then
 * each
 * "%" of it is a byte like others. */
static bool uri_is_encoded(ferry_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] == '%' && !uri_is_triplet(fy_str_from(s, i)))
            return false;
    return true;
}

static bool uri_put_repaired(fy_buf *out, ferry_str s, const char *set)
{
    static const char digits[] = "0123456789ABCDEF";
    bool is_encoded = uri_is_encoded(s);
    for (size_t i = 0; i < s.len; i++) {
        unsigned char byte = (unsigned char)s.ptr[i];
        if (byte < 0x20 || byte == 0x7f)
            return false;
        if (uri_is_in(s.ptr[i], set) || (byte == '%' && is_encoded)) {
            fy_buf_putc(out, s.ptr[i]);
        } else {
            fy_buf_putc(out, '%');
            fy_buf_putc(out, digits[byte >> 4]);
            fy_buf_putc(out, digits[byte & 15]);
        }
    }
    return true;
}

/* Browsers end the authority before a backslash; that no other host is meant by one
 * reader than by another, it is refused in the user part. */
static bool uri_put_repaired_authority(fy_buf *out, ferry_str s)
{
    static const char set[] = URI_UNRESERVED URI_SUB_DELIMS;
    uri_authority a = uri_split_authority(s);
    ferry_str password = a.user, user;
    bool has_password = a.user.len && memchr(a.user.ptr, ':', a.user.len);
    fy_buf_puts(out, FY_S("//"));
    if (a.has_user) {
        if (a.user.len && memchr(a.user.ptr, '\\', a.user.len))
            return false;
        if (fy_str_cut(&password, ':', &user) && !uri_put_repaired(out, user, set))
            return false;
        if (has_password)
            fy_buf_putc(out, ':');
        if (!uri_put_repaired(out, password, URI_UNRESERVED URI_SUB_DELIMS ":"))
            return false;
        fy_buf_putc(out, '@');
    }
    fy_buf_puts(out, a.host);
    if (a.has_port)
        fy_buf_putc(out, ':');
    fy_buf_puts(out, a.port);
    return true;
}

bool uri_repair(fy_buf *out, ferry_str s)
{
    static const char path[] = URI_UNRESERVED URI_SUB_DELIMS ":@/";
    static const char query[] = URI_UNRESERVED URI_SUB_DELIMS ":@/?";
    while (s.len && (s.ptr[0] == ' ' || (s.ptr[0] >= '\t' && s.ptr[0] <= '\r')))
        s = fy_str_from(s, 1);
    uri u = uri_split(s);
    fy_buf_puts(out, u.scheme);
    if (u.has_scheme)
        fy_buf_putc(out, ':');
    if (u.has_authority && !uri_put_repaired_authority(out, u.authority))
        return false;
    if (!uri_put_repaired(out, u.path, path))
        return false;
    if (u.has_query)
        fy_buf_putc(out, '?');
    if (!uri_put_repaired(out, u.query, query))
        return false;
    if (u.has_fragment)
        fy_buf_putc(out, '#');
    return uri_put_repaired(out, u.fragment, query);
}

/* --- hosts ----------------------------------------------------------------------- */

static bool uri_is_ipv4(ferry_str s)
{
    int n = 0;
    for (ferry_str part; fy_str_cut(&s, '.', &part); n++) {
        uint64_t octet;
        if (!fy_str_number(part, 255, &octet) || (part.len > 1 && part.ptr[0] == '0') ||
            part.len > 3)
            return false;
        if (n == 3 && s.ptr != part.ptr + part.len)
            return false;
    }
    return n == 4;
}

bool uri_is_odd_number(ferry_str host)
{
    size_t end = host.len, at;
    if (end && host.ptr[end - 1] == '.')
        end--;
    for (at = end; at > 0 && host.ptr[at - 1] != '.'; at--)
        ;
    ferry_str label = fy_str_from(fy_str_upto(host, end), at);
    bool is_hex = fy_str_starts_nocase(label, FY_S("0x"));
    bool is_number = label.len > 0;
    for (size_t i = is_hex ? 2 : 0; i < label.len; i++)
        is_number = is_number && (is_hex ? isxdigit((unsigned char)label.ptr[i])
                                         : isdigit((unsigned char)label.ptr[i]));
    return is_number && !uri_is_ipv4(host);
}

bool uri_is_beyond_ascii(ferry_str host)
{
    for (size_t i = 0; i < host.len; i++)
        if ((unsigned char)host.ptr[i] >= 0x80 ||
            (uri_is_triplet(fy_str_from(host, i)) &&
                strchr("89abcdefABCDEF", host.ptr[i + 1])))
            return true;
    return false;
}

/* reg-name without "*", which some take for any host. A triplet of an unreserved byte
 * is that byte; any other could be read in two ways. */
static bool uri_is_name(ferry_str host)
{
    for (size_t i = 0; i < host.len; i++)
        if (!uri_is_in(host.ptr[i], URI_UNRESERVED "!$&'()+,;="))
            return false;
    return host.len > 0 && !uri_is_odd_number(host);
}

bool uri_is_http(ferry_str text)
{
    uri u = uri_split(text);
    uri_authority a = uri_split_authority(u.authority);
    uint64_t port;
    if (!fy_str_eq_nocase(u.scheme, FY_S("http")) &&
        !fy_str_eq_nocase(u.scheme, FY_S("https")))
        return false;
    if (a.port.len && !fy_str_number(a.port, 65535, &port))
        return false;
    return uri_is_beyond_ascii(a.host) || uri_is_name(a.host) ||
           (a.host.len > 2 && a.host.ptr[0] == '[' &&
               a.host.ptr[a.host.len - 1] == ']');
}
