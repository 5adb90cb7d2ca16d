/* authority.c - the part of a URL between "//" and the path: who is asked, and by whom
 * (RFC 3986 3.2).
 * proto. Knows user information, hosts and ports. Does not know schemes or paths.
 * SPDX-License-Identifier: MIT */
#include "proto/authority.h"

#include "proto/host.h"
#include "proto/idn.h"
#include "proto/percent.h"

#include <string.h>

/* One authority being taken apart. */
typedef struct authority_job {
    fy_authority *a;
    fy_buf *text, *aside;
    const char *start; /* of the raw text: offsets count from here */
    fy_error *x;
} authority_job;

static ferry_err authority_fail(
    const authority_job *j, const char *what, ferry_str rest, size_t at)
{
    return fy_fail(j->x, FERRY_ERR_URL, what, rest.ptr - j->start + (ptrdiff_t)at);
}

/* --- user information ------------------------------------------------------------ */

static ferry_err authority_put_user_part(
    const authority_job *j, ferry_str part, size_t *len)
{
    size_t before = j->aside->len;
    size_t end = fy_percent_put(j->aside, part, FY_PERCENT_USERINFO);
    if (end < part.len)
        return authority_fail(j, "control byte in user or password", part, end);
    *len = j->aside->len - before;
    return FERRY_OK;
}

static ferry_err authority_put_userinfo(const authority_job *j, ferry_str raw)
{
    const char *colon = raw.len ? memchr(raw.ptr, ':', raw.len) : NULL;
    size_t user_len = colon ? (size_t)(colon - raw.ptr) : raw.len;
    j->a->has_userinfo = true;
    TRY(authority_put_user_part(j, fy_str_upto(raw, user_len), &j->a->user_len));
    if (!colon)
        return FERRY_OK;
    j->a->has_password = true;
    return authority_put_user_part(
        j, fy_str_from(raw, user_len + 1), &j->a->password_len);
}

/* The last "@" ends the user information: one that was not encoded in a password must
 * not move the host. */
static ferry_err authority_take_userinfo(const authority_job *j, ferry_str *raw)
{
    if (!raw->len || !memchr(raw->ptr, '@', raw->len))
        return FERRY_OK;
    size_t end = raw->len;
    while (raw->ptr[--end] != '@')
        ;
    /* A browser ends "http://host\\@other" before the backslash, RFC 3986 does not. */
    const char *odd = memchr(raw->ptr, '\\', end);
    if (odd)
        return authority_fail(
            j, "backslash in user or password", *raw, (size_t)(odd - raw->ptr));
    /* Enough for all that may come, so that growing leaves no copy of a password. */
    size_t max = j->aside->max;
    fy_buf_reserve(j->aside, raw->len < max / 3 ? raw->len * 3 : max);
    TRY(authority_put_userinfo(j, fy_str_upto(*raw, end)));
    *raw = fy_str_from(*raw, end + 1);
    return FERRY_OK;
}

/* --- host ------------------------------------------------------------------------ */

/* The byte at the front of a host as it counts: a triplet is decoded (RFC 3986 3.2.2:
 * that is how UTF-8 gets there), upper case lowered. -1 if it may not stand there: a
 * "/", "@" or ":" written as a triplet would be one to the next program. */
static int authority_host_byte(ferry_str *s)
{
    int c = (unsigned char)s->ptr[0];
    size_t n = 1;
    if (c == '%') {
        c = fy_percent_value(*s);
        n = 3;
    }
    char low = c < 0 ? '%' : fy_lower((char)c);
    unsigned set = n == 3 ? FY_PERCENT_UNRESERVED : FY_PERCENT_HOST;
    if (c < 0x80 && !fy_percent_run((ferry_str){&low, 1}, set))
        return -1;
    *s = fy_str_from(*s, n);
    return c < 0x80 ? low : c;
}

/* A name that must be worked on byte by byte. It is built aside and
 * taken away again. */
static ferry_err authority_put_odd_name(const authority_job *j, ferry_str raw)
{
    size_t before = j->aside->len;
    bool is_ascii = true;
    for (ferry_str rest = raw; rest.len;) {
        int c = authority_host_byte(&rest);
        if (c < 0)
            return authority_fail(j, "byte that no host name may hold", rest, 0);
        is_ascii = is_ascii && c < 0x80;
        fy_buf_putc(j->aside, (char)c);
    }
    if (j->aside->failed)
        return FERRY_OK;
    ferry_str name = fy_str_from(fy_buf_view(j->aside), before);
    j->aside->len = before;
    if (is_ascii) {
        fy_buf_puts(j->text, name);
        return FERRY_OK;
    }
    ferry_err e = fy_idn_to_ascii(j->text, name, j->x);
    if (e && e != FERRY_ERR_NOMEM)
        j->x->at = raw.ptr - j->start;
    return e;
}

static ferry_err authority_put_name(const authority_job *j, ferry_str raw)
{
    size_t before = j->text->len;
    if (!raw.len)
        return authority_fail(j, "no host", raw, 0);
    if (fy_percent_run(raw, FY_PERCENT_HOST) == raw.len)
        fy_buf_puts(j->text, raw);
    else
        TRY(authority_put_odd_name(j, raw));
    if (j->text->failed || j->aside->failed)
        return FERRY_OK;
    ferry_str host = fy_str_from(fy_buf_view(j->text), before);
    /* UTS 46 may leave nothing, or what is no host. */
    if (!host.len || fy_percent_run(host, FY_PERCENT_HOST) < host.len)
        return authority_fail(j, "not a host name", raw, 0);
    if (fy_host_ipv4(host, j->a->addr.bytes))
        j->a->addr.family = FERRY_IPV4;
    else if (fy_host_is_numeric(host))
        return authority_fail(
            j, "a number that is no IPv4 address of four parts", raw, 0);
    return FERRY_OK;
}

/* RFC 6874 writes the zone as "%25z", people write "%z"; any other triplet could be
 * meant either way. Only unreserved bytes: it will be the name of an interface. */
static ferry_err authority_put_zone(const authority_job *j, ferry_str raw)
{
    int value = fy_percent_value(raw);
    ferry_str zone = fy_str_from(raw, value == '%' ? 3 : 1);
    size_t run = fy_percent_run(zone, FY_PERCENT_UNRESERVED);
    if (!zone.len || run < zone.len || (value >= 0 && value != '%'))
        return authority_fail(j, "not a zone id", raw, 0);
    fy_buf_puts(j->aside, zone);
    j->a->zone_len = zone.len;
    return FERRY_OK;
}

/* `raw` begins with "[" and goes up to the "]". */
static ferry_err authority_put_ipv6(const authority_job *j, ferry_str raw)
{
    ferry_str literal = {raw.ptr + 1, raw.len - 2};
    const char *mark = literal.len ? memchr(literal.ptr, '%', literal.len) : NULL;
    ferry_str digits = mark ? fy_str_upto(literal, (size_t)(mark - literal.ptr))
                            : literal;
    if (!fy_host_ipv6(digits, j->a->addr.bytes))
        return authority_fail(j, "not an IPv6 address", digits, 0);
    j->a->addr.family = FERRY_IPV6;
    fy_buf_putc(j->text, '[');
    for (size_t i = 0; i < digits.len; i++)
        fy_buf_putc(j->text, fy_lower(digits.ptr[i]));
    fy_buf_putc(j->text, ']');
    return mark ? authority_put_zone(j, fy_str_from(literal, digits.len)) : FERRY_OK;
}

/* Where the host ends: behind "]" if it begins with "[", else before the first ":". */
static ferry_err authority_take_host(const authority_job *j, ferry_str *raw)
{
    bool is_literal = raw->len && raw->ptr[0] == '[';
    const char *mark = raw->len ? memchr(raw->ptr, is_literal ? ']' : ':', raw->len)
                                : NULL;
    if (is_literal && !mark)
        return authority_fail(j, "[ without ]", *raw, 0);
    size_t len = mark ? (size_t)(mark - raw->ptr) + is_literal : raw->len;
    ferry_str host = fy_str_upto(*raw, len);
    *raw = fy_str_from(*raw, len);
    return is_literal ? authority_put_ipv6(j, host) : authority_put_name(j, host);
}

/* --- port ------------------------------------------------------------------------ */

/* `raw` is empty, or what follows the host. No digits behind the colon: the default. */
static ferry_err authority_put_port(
    const authority_job *j, ferry_str raw, uint16_t default_port)
{
    uint64_t port = default_port;
    if (raw.len && raw.ptr[0] != ':')
        return authority_fail(j, "something between host and port", raw, 0);
    if (raw.len > 1 && !fy_str_number(fy_str_from(raw, 1), 65535, &port))
        return authority_fail(j, "a port is a number up to 65535", raw, 1);
    j->a->port = (uint16_t)port;
    if (port == default_port)
        return FERRY_OK;
    fy_buf_putc(j->text, ':');
    fy_buf_put_number(j->text, (int64_t)port);
    return FERRY_OK;
}

ferry_err fy_authority_put(fy_authority *a, fy_buf *text, fy_buf *aside, ferry_str raw,
    uint16_t default_port, fy_error *x)
{
    authority_job j = {a, text, aside, raw.ptr, x};
    size_t before = text->len;
    *a = (fy_authority){.port = default_port};
    TRY(authority_take_userinfo(&j, &raw));
    TRY(authority_take_host(&j, &raw));
    a->host_len = text->len - before;
    return authority_put_port(&j, raw, default_port);
}

/* --- unix sockets ---------------------------------------------------------------- */

ferry_err fy_authority_put_socket(
    fy_authority *a, fy_buf *text, ferry_str raw, fy_error *x)
{
    authority_job j = {a, text, NULL, raw.ptr, x};
    size_t before = text->len;
    *a = (fy_authority){.port = 80};
    if (!raw.len)
        return authority_fail(&j, "no path of a socket", raw, 0);
    for (size_t i = 0; i < raw.len; i++)
        if (fy_percent_value(fy_str_from(raw, i)) == 0)
            return authority_fail(&j, "NUL in the path of a socket", raw, i);
    size_t end = fy_percent_put(text, raw, FY_PERCENT_UNRESERVED);
    if (end < raw.len)
        return authority_fail(&j, "control byte in the path of a socket", raw, end);
    a->host_len = text->len - before;
    return FERRY_OK;
}

/* --- what is normal already ------------------------------------------------------ */

/* The length of ":port" at the front of `s`, or 0 if it is not normal. */
static size_t authority_scan_port(fy_authority *a, ferry_str s)
{
    size_t n = 1;
    uint32_t port = 0;
    for (; n < s.len && n <= 5 && fy_is_digit(s.ptr[n]); n++)
        port = port * 10 + (uint32_t)(s.ptr[n] - '0');
    if (n == 1 || s.ptr[1] == '0' || port > 65535 || port == a->port)
        return 0;
    a->port = (uint16_t)port;
    return n;
}

size_t fy_authority_scan(fy_authority *a, ferry_str s, uint16_t default_port)
{
    ferry_str host = fy_str_upto(s, fy_percent_run(s, FY_PERCENT_HOST));
    *a = (fy_authority){.host_len = host.len, .port = default_port};
    if (fy_host_ipv4(host, a->addr.bytes))
        a->addr.family = FERRY_IPV4;
    else if (fy_host_is_numeric(host))
        return 0;
    if (!host.len || host.len == s.len || s.ptr[host.len] != ':')
        return host.len;
    size_t port_len = authority_scan_port(a, fy_str_from(s, host.len));
    return port_len ? host.len + port_len : 0;
}
