/* cookies.c - which cookies may come in, and what goes out (RFC 6265bis 5.7, 5.8).
 * policy. Knows the rules. Does not know how cookies are kept, nor what time it is.
 *
 * The host of a request stands for its domain: a Domain attribute is only ever a place in
 * it, so what is stored is a part of the host, in its case and without its dots at the
 * ends. A host with a dot behind it is another host, here as in browsers.
 * SPDX-License-Identifier: MIT */
#include "policy/cookies.h"

#include <string.h>

#include "policy/psl.h"
#include "proto/host.h"
#include "proto/set_cookie.h"

void fy_cookies_fill(ferry_cookie_limits *l)
{
    *l = (ferry_cookie_limits){.per_domain = 180,
        .total = 3000,
        .per_response = 50,
        .pair = 4096,
        .attribute = 1024,
        .header = 8190};
}

static void cookies_limit(int64_t *limit, int64_t given)
{
    if (given)
        *limit = given > 0 ? given : given == FERRY_NONE ? 0 : INT64_MAX;
}

void fy_cookies_limit(ferry_cookie_limits *l, const ferry_cookie_limits *given)
{
    cookies_limit(&l->per_domain, given->per_domain);
    cookies_limit(&l->total, given->total);
    cookies_limit(&l->per_response, given->per_response);
    cookies_limit(&l->pair, given->pair);
    cookies_limit(&l->attribute, given->attribute);
    cookies_limit(&l->header, given->header);
}

/* --- which may come in ----------------------------------------------------------- */

/* The hook wants a C string; no name in the DNS is longer (RFC 1035 2.3.4). */
static bool cookies_ask(const ferry_suffixes *hook, ferry_str domain)
{
    char text[254];
    domain = fy_psl_without_dot(domain);
    if (!hook->is_public)
        return false;
    if (domain.len >= sizeof text)
        return true;
    memcpy(text, domain.ptr, domain.len);
    text[domain.len] = '\0';
    return hook->is_public(hook->ctx, text);
}

static bool cookies_is_public(const fy_jar *j, ferry_str host, ferry_str domain)
{
    return fy_psl_is_public(host, domain) || cookies_ask(&j->suffixes, domain);
}

/* Steps 7 to 10. */
static const char *cookies_read_domain(
    const fy_jar *j, const fy_cookie_peer *peer, ferry_str domain, fy_cookie_spec *spec)
{
    ferry_str host = peer->host;
    spec->domain = host;
    spec->is_host_only = true;
    if (!domain.len)
        return NULL;
    if (domain.len > host.len)
        return "the Domain attribute is not of this host";
    ferry_str end = fy_str_from(host, host.len - domain.len);
    bool is_all = domain.len == host.len;
    if (!fy_str_eq_nocase(end, domain) ||
        (!is_all && (peer->is_address || end.ptr[-1] != '.')))
        return "the Domain attribute is not of this host";
    if (peer->is_address)
        return NULL;
    if (cookies_is_public(j, host, end))
        return is_all ? NULL : "the Domain attribute is a public suffix";
    spec->domain = end;
    spec->is_host_only = false;
    return NULL;
}

ferry_str fy_cookies_default_path(ferry_str path)
{
    size_t slash = path.len;
    while (slash && path.ptr[slash - 1] != '/')
        slash--;
    if (slash < 2 || path.ptr[0] != '/')
        return FY_S("/");
    return fy_str_upto(path, slash - 1);
}

/* Steps 20 to 22: names that promise something, in any case, and values that without a
 * name would look like one. */
static const char *cookies_check_prefix(const fy_cookie_spec *spec)
{
    const ferry_str secure = FY_S("__Secure-"), host = FY_S("__Host-");
    ferry_str seen = spec->name.len ? spec->name : spec->value;
    bool is_host = fy_str_starts_nocase(seen, host);
    if (!is_host && !fy_str_starts_nocase(seen, secure))
        return NULL;
    if (!spec->name.len)
        return "a value that looks like a name with a prefix";
    if (!spec->is_secure)
        return "a name with a prefix, and not Secure";
    if (is_host && (!spec->is_host_only || !fy_str_eq(spec->path, FY_S("/"))))
        return "__Host-, and not for one host with the path /";
    return NULL;
}

/* What holds for a cookie wherever it comes from. */
static const char *cookies_check(const fy_jar *j, const fy_cookie_spec *spec)
{
    const char *why = fy_set_cookie_check(spec->name, spec->value, j->limits.pair);
    if (!why && spec->same_site == FERRY_SAME_SITE_NONE && !spec->is_secure)
        why = "SameSite=None, and not Secure";
    return why ? why : cookies_check_prefix(spec);
}

static bool cookies_is_clean(ferry_str s)
{
    return s.len == fy_str_trim(s).len && fy_str_value_end(s) == s.len &&
           (!s.len || !memchr(s.ptr, ';', s.len));
}

/* What a Set-Cookie field cannot hold, and what would be another cookie in a Cookie
 * field. */
static const char *cookies_check_text(ferry_str name, ferry_str value)
{
    if (!cookies_is_clean(name) || (name.len && memchr(name.ptr, '=', name.len)))
        return "a byte that no name of a cookie holds";
    return cookies_is_clean(value) ? NULL : "a byte that no value of a cookie holds";
}

static bool cookies_is_text(ferry_str s)
{
    return s.len && fy_str_value_end(s) == s.len;
}

const char *fy_cookies_check(const fy_jar *j, const fy_cookie_spec *spec)
{
    bool is_address = spec->domain.len &&
                      (spec->domain.ptr[0] == '[' || fy_host_is_numeric(spec->domain));
    if (!cookies_is_text(spec->domain) || spec->domain.ptr[0] == '.')
        return "no domain";
    if (!cookies_is_text(spec->path) || spec->path.ptr[0] != '/' ||
        (uint64_t)spec->path.len > (uint64_t)j->limits.attribute)
        return "no path";
    if (!spec->is_host_only &&
        (is_address || cookies_is_public(j, spec->domain, spec->domain)))
        return "the domain is an address or a public suffix";
    const char *why = cookies_check_text(spec->name, spec->value);
    return why ? why : cookies_check(j, spec);
}

int64_t fy_cookies_expires(const fy_set_cookie *said)
{
    return !said->is_persistent ? 0 : said->expires ? said->expires : -1;
}

static const char *cookies_judge(const fy_jar *j, const fy_cookie_peer *peer,
    const fy_set_cookie *said, fy_cookie_spec *spec)
{
    *spec = (fy_cookie_spec){.name = said->name,
        .value = said->value,
        .path = said->path.len ? said->path : fy_cookies_default_path(peer->path),
        .expires = fy_cookies_expires(said),
        .is_secure = said->is_secure,
        .is_http_only = said->is_http_only,
        .same_site = said->same_site};
    const char *why = cookies_read_domain(j, peer, said->domain, spec);
    if (why)
        return why;
    if (spec->is_secure && !peer->is_secure)
        return "a Secure cookie, and the peer is not";
    if (!spec->is_secure && !peer->is_secure &&
        fy_jar_has_secure(j, spec->name, spec->domain, spec->path))
        return "there is a Secure cookie of this name, and the peer is not secure";
    if (fy_str_starts_nocase(spec->name, FY_S("__Host-")) && !said->has_path)
        return "__Host-, and no Path attribute";
    return cookies_check(j, spec);
}

ferry_err fy_cookies_take(fy_jar *j, const fy_cookie_peer *peer, ferry_str field,
    int64_t now, const char **why)
{
    fy_set_cookie said;
    fy_cookie_spec spec;
    *why = fy_set_cookie_parse(&said, field, now, j->limits.pair, j->limits.attribute);
    fy_jar_purge(j, now);
    if (!*why)
        *why = cookies_judge(j, peer, &said, &spec);
    if (*why)
        return FERRY_OK;
    return fy_jar_put(j, &spec, now) ? FERRY_OK : FERRY_ERR_NOMEM;
}

bool fy_cookies_is_loopback(ferry_str host)
{
    uint8_t address[4];
    return fy_jar_is_under(fy_psl_without_dot(host), FY_S("localhost")) ||
           fy_str_eq(host, FY_S("[::1]")) ||
           (fy_host_ipv4(host, address) && address[0] == 127);
}

/* --- what goes out --------------------------------------------------------------- */

const char *fy_cookies_check_pairs(const ferry_pair *pairs)
{
    const char *why = NULL;
    for (const ferry_pair *p = pairs; !why && p->name; p++)
        why = p->name[0] ? cookies_check_text(fy_str(p->name), fy_str(p->value))
                         : "a cookie without a name";
    return why;
}

static bool cookies_names(const ferry_pair *own, ferry_str name)
{
    for (; own->name; own++)
        if (fy_str_eq(fy_str(own->name), name))
            return true;
    return false;
}

static void cookies_put_pair(fy_buf *out, size_t begin, ferry_str name, ferry_str value)
{
    if (out->len > begin)
        fy_buf_puts(out, FY_S("; "));
    fy_buf_puts(out, name);
    if (name.len)
        fy_buf_putc(out, '=');
    fy_buf_puts(out, value);
}

/* What a cookie takes of the field, without the mark before it. */
static uint64_t cookies_pair_len(const fy_cookie *c)
{
    return (uint64_t)c->name_len + (c->name_len > 0) + c->value_len;
}

/* The same as cookies_put_pair(), by hand: there may be many. */
static void cookies_put_cookie(fy_buf *out, bool is_first, const fy_cookie *c)
{
    if (!fy_buf_reserve(out, 2 + (size_t)cookies_pair_len(c)) || out->failed)
        return;
    char *to = out->ptr + out->len;
    if (!is_first) {
        *to++ = ';';
        *to++ = ' ';
    }
    if (c->name_len) {
        memcpy(to, c->pub.name, c->name_len);
        to += c->name_len;
        *to++ = '=';
    }
    memcpy(to, c->pub.value, c->value_len);
    out->len = (size_t)(to - out->ptr) + c->value_len;
}

void fy_cookies_put(
    fy_buf *out, fy_jar *j, size_t n, const ferry_pair *own, int64_t now)
{
    size_t begin = out->len;
    for (const ferry_pair *p = own; p && p->name; p++)
        if (p->value)
            cookies_put_pair(out, begin, fy_str(p->name), fy_str(p->value));
    uint64_t used = sizeof "Cookie: " - 1 + out->len - begin;
    for (size_t i = 0; i < n; i++) {
        fy_cookie *c = j->found[i];
        if (fy_cookie_has_ended(c, now)) {
            fy_jar_remove(j, c);
            continue;
        }
        if (own && cookies_names(own, fy_cookie_name(c)))
            continue;
        used += cookies_pair_len(c) + (out->len > begin ? 2 : 0);
        if (used > (uint64_t)j->limits.header)
            return;
        cookies_put_cookie(out, out->len == begin, c);
        fy_jar_use(j, c);
    }
}
