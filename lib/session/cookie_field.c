/* cookie_field.c - the Cookie field of a request, the Set-Cookie fields of a response.
 * session. Knows requests and responses. Does not know the rules of cookies.
 * SPDX-License-Identifier: MIT */
#include "session/cookie_field.h"

#include <string.h>

#include "proto/set_cookie.h"
#include "policy/cookies.h"

enum { COOKIE_FIELD_HOST_MAX = 8192 };

fy_cookie_peer fy_cookie_field_peer(const fy_jar *j, const fy_url *u)
{
    bool is_address = u->addr.family != 0;
    return (fy_cookie_peer){.host = u->host,
        .path = u->path,
        .is_address = is_address,
        .is_secure = fy_str_eq(u->scheme, FY_S("https")) ||
                     (j->trusts_loopback && fy_cookies_is_loopback(u->host))};
}

int64_t fy_cookie_field_clock(const ferry_session *s)
{
    return s->platform.unix_time(s->platform.ctx);
}

int64_t fy_cookie_field_now(const ferry_session *s)
{
    return s->jar.soonest == INT64_MAX ? 0 : fy_cookie_field_clock(s);
}

/* --- whose cookies --------------------------------------------------------------- */

/* A Host field of the caller's is the host of the cookies, too, both ways: whoever is
 * asked answers in that name. What it says is put into normal form in `text`. */
typedef struct cookie_field_host {
    fy_cookie_peer peer;
    fy_buf text, aside;
    bool is_known;
} cookie_field_host;

static ferry_err cookie_field_read_name(
    cookie_field_host *h, const fy_transfer *t, ferry_str value)
{
    fy_authority a;
    fy_error x;
    uint16_t port = fy_str_eq(t->url.scheme, FY_S("https")) ? 443 : 80;
    ferry_err e = fy_authority_put(&a, &h->text, &h->aside, value, port, &x);
    if (!e)
        e = fy_buf_error(&h->text);
    if (!e)
        e = fy_buf_error(&h->aside);
    if (e || a.has_userinfo || !a.host_len)
        return e;
    fy_url named = t->url;
    named.host = fy_str_upto(fy_buf_view(&h->text), a.host_len);
    named.addr = a.addr;
    h->peer = fy_cookie_field_peer(&t->session->jar, &named);
    h->is_known = true;
    return FERRY_OK;
}

/* Afterwards it needs fini, whatever came. */
static ferry_err cookie_field_read_host(
    cookie_field_host *h, fy_transfer *t, ferry_str value)
{
    const ferry_session *s = t->session;
    h->peer = fy_cookie_field_peer(&s->jar, &t->url);
    h->is_known = fy_str_eq(value, t->url.authority);
    fy_buf_init(&h->text, &s->platform, COOKIE_FIELD_HOST_MAX);
    fy_buf_init(&h->aside, &s->platform, COOKIE_FIELD_HOST_MAX);
    if (!h->is_known && cookie_field_read_name(h, t, value) == FERRY_ERR_NOMEM)
        return fy_fail_nomem(&t->error);
    return FERRY_OK;
}

static void cookie_field_fini_host(cookie_field_host *h)
{
    fy_buf_fini(&h->text);
    fy_buf_fini(&h->aside);
}

/* --- Cookie ---------------------------------------------------------------------- */

static void cookie_field_put(
    fy_transfer *t, fy_buf *out, const fy_cookie_peer *peer, const ferry_pair *own)
{
    const ferry_str name = FY_S("Cookie: ");
    fy_jar *j = &t->session->jar;
    size_t begin = out->len, n = 0;
    if (peer)
        n = fy_jar_find(j, peer->host, peer->is_address, peer->path, peer->is_secure);
    if (!n && !own)
        return;
    fy_buf_puts(out, name);
    fy_cookies_put(out, j, n, own, n ? fy_cookie_field_now(t->session) : 0);
    if (out->len > begin + name.len)
        fy_buf_puts(out, FY_S("\r\n"));
    else
        out->len = begin;
}

/* The caller's Host, with ptr NULL if there is none; false if there is a Cookie. */
static bool cookie_field_look(ferry_fields fields, ferry_str *host)
{
    const ferry_field *f = fields.at;
    *host = (ferry_str){NULL, 0};
    for (size_t n = fields.n; n; n--, f++) {
        if (f->name.len == 6 && fy_str_eq_nocase(f->name, FY_S("Cookie")))
            return false;
        if (f->name.len == 4 && fy_str_eq_nocase(f->name, FY_S("Host")))
            *host = f->value;
    }
    return true;
}

ferry_err fy_cookie_field_put(void *transfer, ferry_fields fields, fy_buf *out)
{
    fy_transfer *t = transfer;
    const fy_jar *j = &t->session->jar;
    const ferry_pair *own = t->has_left ? NULL : t->wish.opts->cookies;
    bool has_jar = j->n && t->opts.jar != FERRY_OFF;
    const char *why = own ? fy_cookies_check_pairs(own) : NULL;
    ferry_str host;
    if (why)
        return fy_fail(&t->error, FERRY_ERR_USAGE, why, FY_NOWHERE);
    if ((!has_jar && !own) || !cookie_field_look(fields, &host))
        return FERRY_OK;
    if (!host.ptr) {
        fy_cookie_peer peer = fy_cookie_field_peer(j, &t->url);
        cookie_field_put(t, out, has_jar ? &peer : NULL, own);
        return FERRY_OK;
    }
    cookie_field_host h;
    ferry_err e = cookie_field_read_host(&h, t, host);
    if (!e)
        cookie_field_put(t, out, has_jar && h.is_known ? &h.peer : NULL, own);
    cookie_field_fini_host(&h);
    return e;
}

/* --- Set-Cookie ------------------------------------------------------------------ */

/* The Host field as it went out: the second line of every head. */
static ferry_str cookie_field_sent_host(const fy_transfer *t)
{
    ferry_str rest = fy_str_upto(fy_buf_view(&t->head), t->head_len), line;
    fy_str_cut(&rest, '\n', &line);
    fy_str_cut(&rest, '\r', &line);
    return fy_str_from(line, sizeof "Host: " - 1);
}

/* The first Set-Cookie from `f` on, or `end`. Every response is looked through. */
static const ferry_field *cookie_field_seek(
    const ferry_field *f, const ferry_field *end)
{
    const ferry_str name = FY_S("Set-Cookie");
    while (f < end && (f->name.len != name.len || !fy_str_eq_nocase(f->name, name)))
        f++;
    return f;
}

static ferry_err cookie_field_take(fy_transfer *t, const fy_cookie_peer *peer,
    const ferry_field *f, const ferry_field *end)
{
    fy_jar *j = &t->session->jar;
    int64_t now = fy_cookie_field_clock(t->session), taken = 0;
    for (; f < end && taken < j->limits.per_response;
         f = cookie_field_seek(f + 1, end)) {
        const char *why;
        if (fy_cookies_take(j, peer, f->value, now, &why))
            return fy_fail_nomem(&t->error);
        taken += !why;
    }
    return FERRY_OK;
}

ferry_err fy_cookie_field_take(fy_transfer *t)
{
    if (!t->exchange.framing.sets_cookies || t->opts.jar == FERRY_OFF)
        return FERRY_OK;
    const ferry_field *end = t->pub.headers.at + t->pub.headers.n;
    const ferry_field *f = cookie_field_seek(t->pub.headers.at, end);
    cookie_field_host h;
    ferry_err e = cookie_field_read_host(&h, t, cookie_field_sent_host(t));
    if (!e && h.is_known)
        e = cookie_field_take(t, &h.peer, f, end);
    cookie_field_fini_host(&h);
    return e;
}

/* --- cookies of a response ------------------------------------------------------- */

static char *cookie_field_spell(char *to, ferry_str s, const char **where)
{
    *where = to;
    for (size_t i = 0; i < s.len; i++)
        to[i] = s.ptr[i];
    to[s.len] = '\0';
    return to + s.len + 1;
}

/* Host and path of a URL in normal form. */
static void cookie_field_split_url(ferry_str url, ferry_str *host, ferry_str *path)
{
    ferry_str scheme, rest = url;
    fy_str_cut(&rest, '/', &scheme);
    rest = fy_str_from(rest, 1);
    size_t n = 0;
    while (n < rest.len && rest.ptr[n] != '/')
        n++;
    *path = fy_str_from(rest, n);
    *host = fy_str_upto(rest, n);
    for (size_t i = n; i-- > 0 && rest.ptr[i] != ']';)
        if (rest.ptr[i] == ':')
            *host = fy_str_upto(rest, i);
    for (n = 0; n < path->len && path->ptr[n] != '?' && path->ptr[n] != '#';)
        n++;
    *path = fy_str_upto(*path, n);
}

/* `to` has room for the field and the URL, and six bytes more. */
static void cookie_field_tell(
    ferry_cookie *out, char *to, const fy_set_cookie *said, const char *url)
{
    ferry_str host, path;
    cookie_field_split_url(fy_str(url), &host, &path);
    *out = (ferry_cookie){.expires = fy_cookies_expires(said),
        .host_only = said->domain.len == 0,
        .secure = said->is_secure,
        .http_only = said->is_http_only,
        .same_site = said->same_site};
    to = cookie_field_spell(to, said->name, &out->name);
    to = cookie_field_spell(to, said->value, &out->value);
    to = cookie_field_spell(
        to, said->path.len ? said->path : fy_cookies_default_path(path), &out->path);
    char *domain = to;
    cookie_field_spell(to, said->domain.len ? said->domain : host, &out->domain);
    for (; *domain; domain++)
        *domain = fy_lower(*domain);
}

/* The i-th field that says a cookie. */
static bool cookie_field_nth(
    ferry_fields fields, size_t i, int64_t now, fy_set_cookie *said, size_t *len)
{
    ferry_cookie_limits limits;
    fy_cookies_fill(&limits);
    for (size_t at = 0; at < fields.n; at++) {
        const ferry_field *f = &fields.at[at];
        if (fy_str_eq_nocase(f->name, FY_S("Set-Cookie")) &&
            !fy_set_cookie_parse(said, f->value, now, limits.pair, limits.attribute) &&
            i-- == 0) {
            *len = f->value.len;
            return true;
        }
    }
    return false;
}

bool ferry_response_cookie(ferry_response *r, size_t i, ferry_cookie *out)
{
    enum { COOKIE_FIELD_ENDS = 6 };
    fy_transfer *t = (fy_transfer *)(void *)r;
    fy_detached *d = (fy_detached *)(void *)r;
    fy_set_cookie said;
    size_t len;
    if (!r || !out)
        return false;
    fy_buf *text = t->session ? &t->crumb : &d->crumb;
    const ferry_platform *m = text->platform;
    fy_buf_fini(text);
    if (!cookie_field_nth(r->headers, i, m->unix_time(m->ctx), &said, &len) ||
        !fy_buf_reserve_exact(text, len + strlen(r->url) + COOKIE_FIELD_ENDS))
        return false;
    cookie_field_tell(out, text->ptr, &said, r->url);
    return true;
}
