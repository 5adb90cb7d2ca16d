/* url.c - http, https and http+unix URLs: parsed, normalised, resolved, compared (RFC 3986,
 * RFC 9110 4.2).
 * proto. Knows text. Does not know options, sockets or who asks.
 * SPDX-License-Identifier: MIT
 *
 * A reference is split into its components; each is appended to the text in its normal
 * form; `url_job` notes where it ends, as the buffer may still move; the views are made
 * last. Most URLs are normal as they come: those are looked at once and
 * copied whole. */
#include "proto/url.h"

#include "proto/form.h"
#include "proto/percent.h"

#include <string.h>

/* The components as written, "" where there is none. */
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

static const ferry_fields url_no_params = {NULL, 0};

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
    u->is_unix = false;
}

static ferry_err url_fail(
    const url_job *j, ferry_err code, const char *what, const char *at)
{
    return fy_fail(j->x, code, what, at - j->start);
}

/* --- taking apart ---------------------------------------------------------------- */

/* Cut `s` at the first `mark`; what follows the mark becomes `*tail`. */
static bool url_cut_tail(ferry_str *s, char mark, ferry_str *tail)
{
    const char *at = s->len ? memchr(s->ptr, mark, s->len) : NULL;
    if (!at)
        return false;
    *tail = fy_str_from(*s, (size_t)(at - s->ptr) + 1);
    *s = fy_str_upto(*s, (size_t)(at - s->ptr));
    return true;
}

static bool url_is_scheme_byte(char c, bool is_first)
{
    c = fy_lower(c);
    return (c >= 'a' && c <= 'z') ||
           (!is_first && (fy_is_digit(c) || c == '+' || c == '-' || c == '.'));
}

/* RFC 3986 3.1. What stands before a ":" but is no scheme begins a path. */
static bool url_cut_scheme(ferry_str *s, ferry_str *scheme)
{
    size_t n = 0;
    while (n < s->len && url_is_scheme_byte(s->ptr[n], n == 0))
        n++;
    if (n == 0 || n == s->len || s->ptr[n] != ':')
        return false;
    *scheme = fy_str_upto(*s, n);
    *s = fy_str_from(*s, n + 1);
    return true;
}

static bool url_cut_authority(ferry_str *s, ferry_str *authority)
{
    if (s->len < 2 || s->ptr[0] != '/' || s->ptr[1] != '/')
        return false;
    ferry_str rest = fy_str_from(*s, 2);
    const char *slash = rest.len ? memchr(rest.ptr, '/', rest.len) : NULL;
    *authority = fy_str_upto(rest, slash ? (size_t)(slash - rest.ptr) : rest.len);
    *s = fy_str_from(rest, authority->len);
    return true;
}

static url_parts url_split(ferry_str s)
{
    const ferry_str none = FY_S("");
    url_parts r = {none, none, none, none, none, false, false, false, false};
    while (s.len && (s.ptr[0] == ' ' || (s.ptr[0] >= '\t' && s.ptr[0] <= '\r')))
        s = fy_str_from(s, 1);
    r.has_fragment = url_cut_tail(&s, '#', &r.fragment);
    r.has_query = url_cut_tail(&s, '?', &r.query);
    r.has_scheme = url_cut_scheme(&s, &r.scheme);
    r.has_authority = url_cut_authority(&s, &r.authority);
    r.path = s;
    return r;
}

/* --- putting together ------------------------------------------------------------ */

static ferry_err url_put_scheme(url_job *j, ferry_str scheme)
{
    bool is_https = fy_str_eq_nocase(scheme, FY_S("https"));
    j->u->is_unix = fy_str_eq_nocase(scheme, FY_S("http+unix"));
    if (!is_https && !j->u->is_unix && !fy_str_eq_nocase(scheme, FY_S("http")))
        return url_fail(
            j, FERRY_ERR_UNSUPPORTED, "the scheme is not http or https", scheme.ptr);
    fy_buf_puts(&j->u->text, is_https        ? FY_S("https://")
                             : j->u->is_unix ? FY_S("http+unix://")
                                             : FY_S("http://"));
    j->host = j->u->text.len;
    return FERRY_OK;
}

static uint16_t url_default_port(const url_job *j)
{
    return j->host == sizeof "https://" - 1 ? 443 : 80;
}

static ferry_err url_put_authority(url_job *j, ferry_str authority)
{
    fy_url *u = j->u;
    ferry_err e = u->is_unix ? fy_authority_put_socket(&j->a, &u->text, authority, j->x)
                             : fy_authority_put(&j->a, &u->text, &u->aside, authority,
                                   url_default_port(j), j->x);
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
 * down behind those that stay; "." goes, ".." takes the one before it along. A byte is
 * moved at most once and given up at most once. */
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

/* Only a segment that begins with a dot can be one to remove. `path` begins with "/". */
static bool url_may_have_dots(ferry_str path)
{
    const char *dot;
    while (path.len && (dot = memchr(path.ptr, '.', path.len))) {
        if (dot[-1] == '/')
            return true;
        path = fy_str_from(path, (size_t)(dot - path.ptr) + 1);
    }
    return false;
}

/* The path of the text so far gets its normal form. It may begin with part of a base
 * path (RFC 3986 5.2.3). */
static ferry_err url_put_path(url_job *j, ferry_str path)
{
    fy_buf *b = &j->u->text;
    if (b->len == j->authority_end && (!path.len || path.ptr[0] != '/'))
        fy_buf_putc(b, '/');
    TRY(url_put_component(j, path, FY_PERCENT_PATH, "control byte in the path"));
    if (!b->failed && url_may_have_dots(fy_str_from(fy_buf_view(b), j->authority_end)))
        url_remove_dots(b, j->authority_end);
    j->path_end = b->len;
    return FERRY_OK;
}

/* The query ends here, with `params` behind what it has already. */
static void url_put_params(url_job *j, ferry_fields params)
{
    fy_buf *b = &j->u->text;
    for (size_t i = 0; i < params.n; i++) {
        if (!params.at[i].value.ptr)
            continue;
        if (!j->u->has_query)
            fy_buf_putc(b, '?');
        j->u->has_query = true;
        fy_form_put(b, j->path_end + 1, params.at[i].name, params.at[i].value);
    }
    j->query_end = b->len;
}

static ferry_err url_put_query(url_job *j, const url_parts *p, ferry_fields params)
{
    j->u->has_query = p->has_query;
    if (p->has_query)
        fy_buf_putc(&j->u->text, '?');
    TRY(url_put_component(j, p->query, FY_PERCENT_QUERY, "control byte in the query"));
    url_put_params(j, params);
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
    if (!e && j->u->text.failed)
        e = fy_fail_buf(j->x, &j->u->text, "URL too long");
    if (!e && j->u->aside.failed)
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

/* --- what is normal already ------------------------------------------------------ */

/* The length of "http://" or "https://" at the front of `s`, or 0. */
static size_t url_scan_scheme(ferry_str s)
{
    if (s.len > 8 && memcmp(s.ptr, "http://", 7) == 0)
        return 7;
    return s.len > 8 && memcmp(s.ptr, "https://", 8) == 0 ? 8 : 0;
}

/* If `mark` stands at `at`, the offset behind it and the bytes of a query after it. */
static size_t url_scan_tail(ferry_str s, size_t at, char mark, bool *is_there)
{
    *is_there = at < s.len && s.ptr[at] == mark;
    if (!*is_there)
        return at;
    return at + 1 + fy_percent_run(fy_str_from(s, at + 1), FY_PERCENT_QUERY);
}

/* Take over `s` if nothing in it needs work; else false, and nothing is written. */
static bool url_copy_normal(url_job *j, ferry_str s, ferry_fields params)
{
    fy_url *u = j->u;
    j->host = url_scan_scheme(s);
    ferry_str rest = fy_str_from(s, j->host);
    size_t n = j->host ? fy_authority_scan(&j->a, rest, url_default_port(j)) : 0;
    j->authority_end = j->host + n;
    if (!n || j->authority_end == s.len || s.ptr[j->authority_end] != '/')
        return false;
    ferry_str path = fy_str_from(s, j->authority_end);
    path.len = fy_percent_run(path, FY_PERCENT_PATH);
    j->path_end = j->authority_end + path.len;
    j->query_end = url_scan_tail(s, j->path_end, '?', &u->has_query);
    if (url_scan_tail(s, j->query_end, '#', &u->has_fragment) < s.len ||
        url_may_have_dots(path) || (u->has_fragment && params.n))
        return false;
    fy_buf_puts(&u->text, s);
    if (params.n)
        url_put_params(j, params);
    return true;
}

/* The normal form of what was parsed last, unless a user or a zone stood aside. */
static bool url_is_parsed(const fy_url *u, ferry_str text)
{
    return u->path.len && !u->has_userinfo && !u->zone.len &&
           fy_str_eq(fy_buf_view(&u->text), text);
}

ferry_err fy_url_parse(fy_url *u, ferry_str text, ferry_fields params, fy_error *x)
{
    url_job j = {.u = u, .start = text.ptr, .x = x};
    if (!params.n && url_is_parsed(u, text))
        return FERRY_OK;
    fy_url_clear(u);
    if (url_copy_normal(&j, text, params))
        return url_finish(&j, FERRY_OK);
    url_parts p = url_split(text);
    return url_finish(&j, url_build_absolute(&j, &p, params));
}

/* --- resolving ------------------------------------------------------------------- */

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

/* A peer does not choose among the sockets of this machine. */
#define URL_NO_SOCKET "a reference may not lead to a unix socket"

static ferry_err url_build_relative(url_job *j, const fy_url *base, url_parts *p)
{
    TRY(url_put_scheme(j, base->scheme));
    if (p->has_authority && j->u->is_unix)
        return url_fail(j, FERRY_ERR_UNSUPPORTED, URL_NO_SOCKET, j->start);
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
    TRY(url_put_query(j, p, url_no_params));
    return url_put_fragment(j, p);
}

static ferry_err url_join(
    url_job *j, const fy_url *base, ferry_str reference, const ferry_str *fragment)
{
    url_parts p = url_split(reference);
    if (p.has_scheme && fy_str_eq_nocase(p.scheme, FY_S("http+unix"))) {
        fy_url_clear(j->u);
        return url_fail(j, FERRY_ERR_UNSUPPORTED, URL_NO_SOCKET, j->start);
    }
    if (fragment && !p.has_fragment) {
        p.fragment = *fragment;
        p.has_fragment = true;
    }
    fy_url_clear(j->u);
    return url_finish(j, p.has_scheme ? url_build_absolute(j, &p, url_no_params)
                                      : url_build_relative(j, base, &p));
}

ferry_err fy_url_resolve(
    fy_url *out, const fy_url *base, ferry_str reference, fy_error *x)
{
    url_job j = {.u = out, .start = reference.ptr, .x = x};
    return url_join(&j, base, reference, NULL);
}

ferry_err fy_url_follow(
    fy_url *out, const fy_url *base, ferry_str location, fy_error *x)
{
    url_job j = {.u = out, .start = location.ptr, .x = x};
    return url_join(&j, base, location, base->has_fragment ? &base->fragment : NULL);
}

/* --- prefixes -------------------------------------------------------------------- */

/* "https://" alone: a fy_url of nothing but a scheme. */
static ferry_err url_build_scheme(url_job *j, const url_parts *p)
{
    ferry_err e = url_put_scheme(j, p->scheme);
    j->authority_end = j->path_end = j->query_end = j->host;
    return e;
}

ferry_err fy_url_parse_prefix(fy_url *u, ferry_str text, fy_error *x)
{
    url_job j = {.u = u, .start = text.ptr, .x = x};
    url_parts p = url_split(text);
    bool is_scheme = p.has_scheme && p.has_authority && !p.authority.len && !p.path.len;
    fy_url_clear(u);
    ferry_err e = is_scheme ? url_build_scheme(&j, &p)
                            : url_build_absolute(&j, &p, url_no_params);
    if (!e && (p.has_query || p.has_fragment || j.a.has_userinfo))
        e = url_fail(
            &j, FERRY_ERR_URL, "a prefix has no user, query or fragment", text.ptr);
    return url_finish(&j, e);
}
