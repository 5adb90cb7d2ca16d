/* proxy.c - which proxy a request goes through, and what the URL of a proxy says.
 * policy. Knows URLs, lists of pairs and the names of variables. Does not know
 * connections. SPDX-License-Identifier: MIT */
#include "policy/proxy.h"

#include <string.h>

#include "policy/bypass.h"
#include "proto/authority.h"
#include "proto/host.h"
#include "proto/percent.h"

enum { PROXY_URL_MAX = 8192 };

typedef struct proxy_row {
    const char *scheme;
    fy_proxy_kind kind;
    uint16_t port;
} proxy_row;

static const proxy_row proxy_schemes[] = {
    {"http", FY_PROXY_HTTP, 80},
    {"https", FY_PROXY_HTTPS, 443},
    {"socks4", FY_PROXY_SOCKS4, 1080},
    {"socks4a", FY_PROXY_SOCKS4A, 1080},
    {"socks5", FY_PROXY_SOCKS5, 1080},
    {"socks5h", FY_PROXY_SOCKS5H, 1080},
};

enum { PROXY_SCHEMES = sizeof proxy_schemes / sizeof *proxy_schemes };

/* Where "://" begins, or s.len. */
static size_t proxy_scheme_end(ferry_str s)
{
    for (size_t i = 0; i + 3 <= s.len; i++)
        if (memcmp(s.ptr + i, "://", 3) == 0)
            return i;
    return s.len;
}

/* The row of the scheme at the front of *s, which moves behind it; PROXY_SCHEMES if it is
 * none of them. */
static size_t proxy_take_scheme(ferry_str *s)
{
    size_t end = proxy_scheme_end(*s), i = 0;
    if (end == s->len)
        return 0;
    ferry_str scheme = fy_str_upto(*s, end);
    while (
        i < PROXY_SCHEMES && !fy_str_eq_nocase(scheme, fy_str(proxy_schemes[i].scheme)))
        i++;
    *s = fy_str_from(*s, end + 3);
    return i;
}

/* --- the URL of a proxy ---------------------------------------------------------- */

void fy_proxy_init(fy_proxy *p, const ferry_platform *m)
{
    memset(p, 0, sizeof *p);
    fy_buf_init(&p->text, m, PROXY_URL_MAX);
    fy_buf_init(&p->aside, m, PROXY_URL_MAX);
    p->aside.is_secret = true;
    fy_proxy_clear(p);
}

void fy_proxy_clear(fy_proxy *p)
{
    fy_buf_clear(&p->text);
    fy_buf_wipe(&p->aside);
    p->kind = FY_PROXY_NONE;
    p->host = p->zone = p->user = p->password = FY_S("");
    p->addr = (ferry_addr){.family = 0};
    p->port = 0;
    p->has_user = false;
}

void fy_proxy_fini(fy_proxy *p)
{
    fy_proxy_clear(p);
    fy_buf_fini(&p->text);
    fy_buf_fini(&p->aside);
}

/* In place: nothing grows. */
static ferry_str proxy_decode(char *p, size_t n)
{
    return (ferry_str){p, fy_percent_decode(p, (ferry_str){p, n})};
}

static void proxy_set_views(fy_proxy *p, const fy_authority *a, size_t host)
{
    p->host = (ferry_str){p->text.ptr + host, a->host_len};
    p->addr = a->addr;
    p->port = a->port;
    p->has_user = a->has_userinfo && a->user_len + a->password_len > 0;
    if (!p->aside.len)
        return;
    char *at = p->aside.ptr;
    p->zone = (ferry_str){at + a->user_len + a->password_len, a->zone_len};
    p->user = proxy_decode(at, a->user_len);
    p->password = proxy_decode(at + a->user_len, a->password_len);
}

/* Up to what ends an authority; "@" may stand in a password, "/" may not. */
static ferry_str proxy_authority(ferry_str s)
{
    size_t n = 0;
    while (n < s.len && s.ptr[n] != '/' && s.ptr[n] != '?' && s.ptr[n] != '#')
        n++;
    return fy_str_upto(s, n);
}

static ferry_err proxy_build(fy_proxy *p, ferry_str rest, size_t scheme, fy_error *x)
{
    fy_authority a;
    fy_buf_puts(&p->text, fy_str(proxy_schemes[scheme].scheme));
    fy_buf_puts(&p->text, FY_S("://"));
    size_t host = p->text.len;
    TRY(fy_authority_put(
        &a, &p->text, &p->aside, proxy_authority(rest), proxy_schemes[scheme].port, x));
    TRY(fy_fail_buf(x, &p->text, "URL of a proxy too long"));
    TRY(fy_fail_buf(x, &p->aside, "user and password of a proxy too long"));
    if (a.port == 0)
        return fy_fail(x, FERRY_ERR_URL, "port 0 of a proxy", FY_NOWHERE);
    p->kind = proxy_schemes[scheme].kind;
    proxy_set_views(p, &a, host);
    return FERRY_OK;
}

ferry_err fy_proxy_parse(fy_proxy *p, ferry_str text, fy_error *x)
{
    ferry_str rest = fy_str_trim(text);
    fy_proxy_clear(p);
    size_t scheme = proxy_take_scheme(&rest);
    if (scheme == PROXY_SCHEMES)
        return fy_fail(
            x, FERRY_ERR_UNSUPPORTED, "the scheme of the proxy's URL", FY_NOWHERE);
    ferry_err e = proxy_build(p, rest, scheme, x);
    if (e == FERRY_ERR_URL) /* an offset would be one in another URL than is shown */
        fy_fail(x, e, "the URL of the proxy", FY_NOWHERE);
    if (e)
        fy_proxy_clear(p);
    return e;
}

bool fy_proxy_is_socks(const fy_proxy *p)
{
    return p->kind >= FY_PROXY_SOCKS4;
}

/* --- which of them --------------------------------------------------------------- */

/* A host as URLs have it, and no more: what could never be that of a URL would be a proxy
 * that is silently not taken. */
static bool proxy_is_host(ferry_str s)
{
    const ferry_str others = FY_S("/?#@%");
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] <= ' ' || s.ptr[i] >= 0x7f ||
            memchr(others.ptr, s.ptr[i], others.len))
            return false;
    return s.len && (fy_host_bare(s).len < s.len || !memchr(s.ptr, ':', s.len));
}

ferry_err fy_proxy_check(ferry_str name, ferry_str value, fy_error *x)
{
    static const char *const targets[] = {"http", "https", "all"};
    ferry_str scheme = fy_str_upto(name, proxy_scheme_end(name));
    size_t i = 0;
    while (i < 3 && !fy_str_eq_nocase(scheme, fy_str(targets[i])))
        i++;
    bool has_host = scheme.len < name.len;
    if (i == 3 || (has_host && !proxy_is_host(fy_str_from(name, scheme.len + 3))))
        return fy_fail(x, FERRY_ERR_USAGE,
            ".proxies are for http, https or all, perhaps with ://host", FY_NOWHERE);
    if (value.ptr && proxy_take_scheme(&value) == PROXY_SCHEMES)
        return fy_fail(
            x, FERRY_ERR_UNSUPPORTED, "the scheme of the proxy's URL", FY_NOWHERE);
    return FERRY_OK;
}

ferry_err fy_proxy_check_first(ferry_str text, fy_error *x)
{
    ferry_str rest = fy_str_trim(text);
    if (!rest.len)
        return FERRY_OK;
    size_t scheme = proxy_take_scheme(&rest);
    if (scheme == PROXY_SCHEMES)
        return fy_fail(x, FERRY_ERR_UNSUPPORTED, "the scheme of .preproxy", FY_NOWHERE);
    if (proxy_schemes[scheme].kind < FY_PROXY_SOCKS4)
        return fy_fail(x, FERRY_ERR_USAGE, ".preproxy is a SOCKS proxy", FY_NOWHERE);
    return FERRY_OK;
}

/* "scheme" or "scheme://host". */
static bool proxy_is_named(
    ferry_str name, ferry_str scheme, ferry_str host, bool with_host)
{
    size_t end = proxy_scheme_end(name);
    if (!fy_str_eq_nocase(fy_str_upto(name, end), scheme))
        return false;
    if (end == name.len)
        return !with_host;
    return with_host && fy_str_eq_nocase(fy_str_from(name, end + 3), host);
}

/* The value that fits best; ptr NULL: none does. */
static ferry_str proxy_look(ferry_fields list, const fy_url *u)
{
    const struct {
        ferry_str scheme;
        bool with_host;
    } order[] = {{u->scheme, true}, {u->scheme, false}, {FY_S("all"), true},
        {FY_S("all"), false}};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        for (size_t j = 0; j < list.n; j++)
            if (list.at[j].value.ptr && proxy_is_named(list.at[j].name, order[i].scheme,
                                            u->host, order[i].with_host))
                return list.at[j].value;
    return (ferry_str){NULL, 0};
}

ferry_str fy_proxy_choose(ferry_fields given, ferry_str no_proxy, ferry_str first,
    const fy_proxy_environ *environ, const fy_url *u)
{
    ferry_str chosen = proxy_look(given, u), list = no_proxy;
    if (!chosen.ptr) {
        chosen = proxy_look((ferry_fields){environ->at, environ->n}, u);
        if (!list.ptr)
            list = environ->no_proxy;
    }
    if (!chosen.ptr) {
        chosen = first;
        list = no_proxy;
    }
    if (!fy_str_trim(chosen).len)
        return FY_S("");
    bool is_bypassed = list.ptr && fy_bypass_has(list, u->host, &u->addr, u->port);
    return is_bypassed ? FY_S("") : chosen;
}

/* --- the environment ------------------------------------------------------------- */

static ferry_str proxy_variable(
    const fy_fields *environ, const char *lower, const char *upper)
{
    ferry_str value = fy_environ_get(environ, fy_str(lower));
    return value.ptr || !upper ? value : fy_environ_get(environ, fy_str(upper));
}

void fy_proxy_environ_read(fy_proxy_environ *out, const fy_fields *environ)
{
    bool is_cgi = fy_environ_get(environ, FY_S("REQUEST_METHOD")).ptr != NULL;
    const ferry_field all[] = {
        {FY_S("http"),
            proxy_variable(environ, "http_proxy", is_cgi ? NULL : "HTTP_PROXY")},
        {FY_S("https"), proxy_variable(environ, "https_proxy", "HTTPS_PROXY")},
        {FY_S("all"), proxy_variable(environ, "all_proxy", "ALL_PROXY")},
    };
    out->n = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].value.ptr && all[i].value.len)
            out->at[out->n++] = all[i];
    out->no_proxy = proxy_variable(environ, "no_proxy", "NO_PROXY");
}
