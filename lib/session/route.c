/* route.c - the way of one request to its peer: straight, over a unix socket, or through a
 * proxy. session. Knows options, URLs and what a connection wants to be told. Does not know
 * connections.
 *
 * Rule: the pool's key holds everything that decides who answers, credentials of the proxy
 * included; so what is said to one peer never goes to another.
 * SPDX-License-Identifier: MIT */
#include "session/route.h"

#include <string.h>

#include "net/secure.h"
#include "policy/overrides.h"
#include "proto/host.h"
#include "proto/percent.h"
#include "proto/request.h"
#include "proto/tunnel.h"
#include "session/core.h"

enum { ROUTE_ASK_MAX = 1 << 20, ROUTE_SAYS_MAX = 1 << 15 };

static ferry_err route_misuse(fy_transfer *t, const char *what)
{
    return fy_fail(&t->error, FERRY_ERR_USAGE, what, FY_NOWHERE);
}

/* --- life ------------------------------------------------------------------------ */

static fy_route *route_make(const ferry_platform *m)
{
    fy_route *r = fy_alloc_zero(m, sizeof *r);
    if (!r)
        return NULL;
    r->platform = m;
    fy_ways_init(&r->ways, m);
    fy_proxy_init(&r->proxy, m);
    fy_buf_init(&r->says, m, ROUTE_SAYS_MAX);
    fy_buf_init(&r->ask, m, ROUTE_ASK_MAX);
    r->says.is_secret = r->ask.is_secret = true;
    return r;
}

void fy_route_free(fy_route *r)
{
    if (!r)
        return;
    fy_ways_drop(&r->ways);
    fy_proxy_fini(&r->proxy);
    fy_buf_fini(&r->says);
    fy_buf_fini(&r->ask);
    fy_tls_release(r->tls);
    fy_resize(r->platform, r, sizeof *r, 0);
}

/* --- choosing -------------------------------------------------------------------- */

/* Does anybody say anything of ways? Mostly not. */
static bool route_is_said(
    const fy_transfer *t, const fy_layer *mount, const ferry_opts *o)
{
    const ferry_session *s = t->session;
    const fy_settings *opts = &t->opts;
    return s->layer.ways.is_any || s->proxies.n || t->url.is_unix ||
           (mount && mount->ways.is_any) || opts->tcp.family ||
           opts->tcp.keepalive_ms || opts->tcp_nodelay == FERRY_ON ||
           fy_ways_are_given(o);
}

static bool route_is_https(const fy_transfer *t)
{
    return fy_str_eq(t->url.scheme, FY_S("https"));
}

/* The request target as a proxy sees it. */
static void route_put_target(fy_buf *out, const fy_transfer *t, ferry_str target)
{
    const fy_url *u = &t->url;
    if (t->route_kind == FY_ROUTE_TUNNELED) {
        fy_buf_puts(out, u->host);
        fy_buf_putc(out, ':');
        fy_buf_put_number(out, u->port);
    } else {
        fy_request_put_absolute(out, u, target);
    }
}

fy_gate_ask fy_route_ask(const fy_transfer *t)
{
    const fy_route *r = t->route;
    return (fy_gate_ask){
        &t->session->gates, &r->proxy, t->dialer_id, r->ways.proxy_auth};
}

/* Fields for the proxy: what the caller gives, and who asks, unless that is among them. */
static ferry_err route_proxy_fields(fy_transfer *t, ferry_str target)
{
    fy_route *r = t->route;
    fy_fields *list = &r->ways.lists[FY_WAYS_PROXY_HEADERS];
    const ferry_str name = FY_S("Proxy-Authorization");
    r->n_own = list->n;
    if (!r->proxy.has_user || fy_fields_find(fy_fields_view(list), name, 0))
        return FERRY_OK;
    bool is_connect = t->route_kind == FY_ROUTE_TUNNELED;
    fy_buf_clear(&r->ask); /* the target, for a moment */
    route_put_target(&r->ask, t, target);
    TRY(fy_fail_buf(&t->error, &r->ask, "request head too long"));
    fy_buf_wipe(&r->says);
    const fy_gate_ask ask = fy_route_ask(t);
    TRY(fy_gate_put(&r->says, &ask, is_connect ? FY_S("CONNECT") : t->method,
        fy_buf_view(&r->ask), &t->error));
    return r->says.len ? fy_fields_add(list, name, fy_buf_view(&r->says), &t->error)
                       : FERRY_OK;
}

/* The settings of TLS that hold for the way to the proxy, and no others. */
static ferry_err route_protect_proxy(fy_transfer *t)
{
    fy_route *r = t->route;
    ferry_session *s = t->session;
    const ferry_opts o = {.size = sizeof o,
        .ca_file = r->ways.texts[FY_WAYS_PROXY_CA].ptr,
        .verify = r->ways.proxy_verify};
    fy_buf settings;
    TRY(fy_tls_check(&t->error));
    fy_buf_init(&settings, &s->platform, FY_TLSOPTS_MAX);
    ferry_err e = fy_tlsopts_join(&settings, FY_S(""), &o, &t->error);
    if (!e)
        e = fy_tls_use(&s->tls, &s->platform, fy_buf_view(&settings), &s->environ,
            &r->tls, &t->error);
    fy_tlsopts_fini(&settings);
    return e;
}

static fy_route_kind route_kind_of(const fy_transfer *t)
{
    if (fy_proxy_is_socks(&t->route->proxy))
        return FY_ROUTE_SOCKS;
    bool tunnels = route_is_https(t) || t->opts.proxy_tunnel == FERRY_ON;
    return tunnels ? FY_ROUTE_TUNNELED : FY_ROUTE_FORWARDED;
}

static ferry_err route_choose_proxy(
    fy_transfer *t, ferry_str target, ferry_fields *fields)
{
    fy_route *r = t->route;
    ferry_str url = fy_proxy_choose(fy_fields_view(&r->ways.lists[FY_WAYS_PROXIES]),
        r->ways.texts[FY_WAYS_NO_PROXY], &t->session->proxies, &t->url);
    if (!url.ptr)
        return FERRY_OK;
    TRY(fy_proxy_parse(&r->proxy, url, &t->error));
    if (t->is_secure)
        return route_misuse(t, "a .transport that protects its bytes, and a proxy");
    if (r->proxy.kind == FY_PROXY_HTTPS)
        TRY(route_protect_proxy(t));
    t->route_kind = route_kind_of(t);
    if (t->route_kind == FY_ROUTE_SOCKS)
        return FERRY_OK;
    TRY(route_proxy_fields(t, target));
    *fields = fy_fields_view(&r->ways.lists[FY_WAYS_PROXY_HEADERS]);
    return FERRY_OK;
}

/* What only the system's own sockets can do. */
static ferry_err route_check_dialer(fy_transfer *t)
{
    const ferry_str *texts = t->route->ways.texts;
    bool has_own = t->dialer.dial || t->session->platform.dial;
    if (has_own &&
        (t->url.is_unix || texts[FY_WAYS_UNIX_SOCKET].len ||
            texts[FY_WAYS_INTERFACE].len || texts[FY_WAYS_LOCAL_ADDRESS].len))
        return fy_fail(&t->error, FERRY_ERR_UNSUPPORTED,
            ".unix_socket, .interface and .local_address need ferry's own sockets",
            FY_NOWHERE);
    return FERRY_OK;
}

/* Who connects, and whether https may go over it (RFC 9110 4.2.2): a dialler that
 * protects its bytes says so itself, and says it of no other. */
static ferry_err route_choose_dialer(fy_transfer *t, const fy_layer *mount)
{
    const fy_layer *from = mount && mount->dialer_id ? mount : &t->session->layer;
    t->dialer = from->dialer;
    t->dialer_id = from->dialer_id;
    t->is_secure = from->is_secure;
    return route_is_https(t) && !t->is_secure ? fy_tls_check(&t->error) : FERRY_OK;
}

static ferry_str route_target(const fy_transfer *t, const ferry_opts *o)
{
    const ferry_str none = {NULL, 0};
    return o->target && !t->pub.redirects ? fy_str(o->target) : none;
}

ferry_err fy_route_choose(fy_transfer *t, const fy_layer *mount, const ferry_opts *o,
    bool is_first, ferry_fields *fields)
{
    t->route_kind = FY_ROUTE_STRAIGHT;
    *fields = (ferry_fields){NULL, 0};
    TRY(route_choose_dialer(t, mount));
    t->has_ways = route_is_said(t, mount, o);
    if (!t->has_ways)
        return FERRY_OK;
    if (!t->route && !(t->route = route_make(&t->session->platform)))
        return fy_fail_nomem(&t->error);
    TRY(fy_ways_resolve(&t->route->ways, &t->session->layer.ways,
        mount ? &mount->ways : NULL, o, is_first, &t->error));
    TRY(route_check_dialer(t));
    fy_proxy_clear(&t->route->proxy);
    fy_tls_release(t->route->tls);
    t->route->tls = NULL;
    if (!t->url.is_unix && !t->route->ways.texts[FY_WAYS_UNIX_SOCKET].len)
        return route_choose_proxy(t, route_target(t, o), fields);
    t->route_kind = FY_ROUTE_UNIX;
    return FERRY_OK;
}

/* --- describing ------------------------------------------------------------------ */

/* Where things stand in the key, which may move until it is whole; 0: nowhere. */
typedef struct route_key {
    size_t both, peer, unix_socket, interface, proxy, before_tls;
} route_key;

/* Append with a NUL; where it begins. */
static size_t route_put(fy_buf *b, ferry_str s)
{
    size_t at = b->len;
    fy_buf_puts(b, s);
    fy_buf_putc(b, '\0');
    return at;
}

/* Any bytes, so that no two of them run together. */
static void route_put_counted(fy_buf *b, ferry_str s)
{
    fy_buf_put(b, &s.len, sizeof s.len);
    fy_buf_puts(b, s);
}

static bool route_is_proxied(const fy_transfer *t)
{
    return t->route_kind >= FY_ROUTE_FORWARDED;
}

/* Whom to connect to comes first: host, zone, and both in one for a dialler that takes
 * names. */
static void route_put_host(fy_transfer *t, route_key *k)
{
    bool is_proxied = route_is_proxied(t);
    const fy_proxy *p = is_proxied ? &t->route->proxy : NULL;
    ferry_str host = fy_host_bare(p ? p->host : t->url.host);
    ferry_str zone = p ? p->zone : t->url.zone;
    ferry_addr addr = p ? p->addr : t->url.addr;
    fy_buf_clear(&t->key);
    route_put(&t->key, host);
    route_put(&t->key, zone);
    if (zone.len) {
        k->both = t->key.len;
        fy_buf_puts(&t->key, host);
        fy_buf_putc(&t->key, '%');
        route_put(&t->key, zone);
    }
    t->endpoint = (fy_endpoint){.port = p ? p->port : t->url.port,
        .is_literal = addr.family != 0,
        .literal = addr,
        .dialer = t->dialer.dial ? &t->dialer : NULL};
    fy_buf_put(&t->key, &t->endpoint.port, sizeof t->endpoint.port);
    fy_buf_put(&t->key, &t->dialer_id, sizeof t->dialer_id);
}

/* Who is then spoken to; a proxy that is asked for URLs is that for all of them. */
static void route_put_peer(fy_transfer *t, route_key *k)
{
    const fy_url *u = &t->url;
    if (t->route_kind == FY_ROUTE_FORWARDED)
        return;
    fy_buf_puts(&t->key, u->scheme);
    if (!route_is_proxied(t))
        return;
    fy_buf_putc(&t->key, '\0');
    k->peer = route_put(&t->key, fy_host_bare(u->host));
    route_put(&t->key, u->zone);
    fy_buf_put(&t->key, &u->port, sizeof u->port);
}

/* What its TLS sessions are kept by begins with its length, and no host does. */
static void route_put_proxy(fy_transfer *t, route_key *k)
{
    fy_route *r = t->route;
    uint32_t tls_id = r->tls ? fy_tls_id(r->tls) : 0;
    if (!route_is_proxied(t))
        return;
    k->proxy = t->key.len;
    route_put_counted(&t->key, fy_buf_view(&r->proxy.text));
    fy_buf_put(&t->key, &tls_id, sizeof tls_id);
    fy_buf_putc(&t->key, (char)r->proxy.has_user);
    route_put_counted(&t->key, r->proxy.user);
    route_put_counted(&t->key, r->proxy.password);
    if (t->route_kind != FY_ROUTE_TUNNELED)
        return;
    fy_buf_wipe(&r->ask);
    fy_tunnel_put(&r->ask, t->url.host, t->url.port,
        fy_fields_view(&r->ways.lists[FY_WAYS_PROXY_HEADERS]));
    /* But for our own answer, which is another one each time. */
    const ferry_field *own = r->ways.lists[FY_WAYS_PROXY_HEADERS].at;
    for (size_t i = 0; i < r->n_own; i++) {
        route_put_counted(&t->key, own[i].name);
        route_put_counted(&t->key, own[i].value);
    }
}

static void route_put_given(fy_transfer *t, ferry_str host)
{
    fy_endpoint *to = &t->endpoint;
    fy_route *r = t->route;
    to->given = r->given;
    to->n_given = fy_overrides_find(fy_fields_view(&r->ways.lists[FY_WAYS_RESOLVE]),
        fy_host_bare(host), to->port, r->given, FY_LOOKUP_ADDRESSES);
    fy_buf_put(&t->key, r->given, (size_t)to->n_given * sizeof *r->given);
}

/* Everything else that decides who answers, or how. */
static void route_put_ways(fy_transfer *t, route_key *k)
{
    const ferry_str *texts = t->route->ways.texts;
    bool is_prompt = t->opts.tcp_nodelay == FERRY_ON;
    fy_buf_putc(&t->key, (char)t->route_kind);
    fy_buf_put(&t->key, &t->opts.tcp, sizeof t->opts.tcp);
    fy_buf_putc(&t->key, (char)is_prompt);
    k->interface = route_put(&t->key, texts[FY_WAYS_INTERFACE]);
    route_put(&t->key, texts[FY_WAYS_LOCAL_ADDRESS]);
    k->unix_socket = t->key.len;
    if (t->url.is_unix) {
        fy_percent_put_decoded(&t->key, t->url.host);
        fy_buf_putc(&t->key, '\0');
    } else {
        route_put(&t->key, texts[FY_WAYS_UNIX_SOCKET]);
    }
    route_put_given(t, route_is_proxied(t) ? t->route->proxy.host : t->url.host);
    route_put_proxy(t, k);
}

/* --- the endpoint ---------------------------------------------------------------- */

static ferry_err route_set_family(fy_transfer *t)
{
    fy_endpoint *to = &t->endpoint;
    ferry_str local = t->route->ways.texts[FY_WAYS_LOCAL_ADDRESS];
    to->family = (int)t->opts.tcp.family;
    if (!local.len)
        return FERRY_OK;
    bool is_v4 = fy_host_ipv4(local, to->how.local.bytes);
    if (!is_v4)
        fy_host_ipv6(local, to->how.local.bytes);
    to->how.local.family = is_v4 ? FERRY_IPV4 : FERRY_IPV6;
    if (to->family && to->family != to->how.local.family)
        return route_misuse(t, ".local_address is not of .tcp.family");
    to->family = to->how.local.family;
    return FERRY_OK;
}

/* The peer as SOCKS is told of it: an address, a name, or a name that is looked up before.
 * Where no names are looked up here, the proxy does it. */
static void route_set_socks(fy_transfer *t, const route_key *k)
{
    const fy_proxy *p = &t->route->proxy;
    const ferry_platform *m = &t->session->platform;
    fy_passage_plan *plan = &t->endpoint.passage;
    bool is_v4 = p->kind == FY_PROXY_SOCKS4 || p->kind == FY_PROXY_SOCKS4A;
    bool by_name = p->kind == FY_PROXY_SOCKS4A || p->kind == FY_PROXY_SOCKS5H ||
                   t->endpoint.dialer || (m->dial && !m->resolve);
    ferry_addr given[1];
    plan->kind = FY_PASSAGE_SOCKS;
    plan->socks = (fy_socks_wish){.is_v4 = is_v4,
        .host = FY_S(""),
        .addr = t->url.addr,
        .port = t->url.port,
        .has_user = p->has_user,
        .user = p->user,
        .password = p->password};
    if (t->url.addr.family)
        return;
    if (by_name)
        plan->socks.host = fy_str(t->key.ptr + k->peer);
    else if (fy_overrides_find(fy_fields_view(&t->route->ways.lists[FY_WAYS_RESOLVE]),
                 t->url.host, t->url.port, given, 1))
        plan->socks.addr = given[0];
    else
        t->endpoint.peer = t->key.ptr + k->peer;
}

static ferry_err route_set_ways(fy_transfer *t, const route_key *k)
{
    fy_endpoint *to = &t->endpoint;
    const char *interface = t->key.ptr + k->interface;
    int64_t keepalive_ms = t->opts.tcp.keepalive_ms;
    TRY(route_set_family(t));
    to->how.interface = interface[0] ? interface : NULL;
    to->how.is_prompt = t->opts.tcp_nodelay == FERRY_ON;
    to->how.keepalive_ms = keepalive_ms == INT64_MAX ? 0 : keepalive_ms;
    to->proxy_tls = t->route->tls;
    to->proxy_tls_key = (ferry_str){t->key.ptr + k->proxy,
        sizeof(size_t) + t->route->proxy.text.len + sizeof(uint32_t)};
    if (t->route_kind == FY_ROUTE_UNIX)
        to->unix_socket = t->key.ptr + k->unix_socket;
    if (t->route_kind == FY_ROUTE_SOCKS)
        route_set_socks(t, k);
    if (t->route_kind == FY_ROUTE_TUNNELED) {
        to->passage.kind = FY_PASSAGE_TUNNEL;
        to->passage.request = fy_buf_view(&t->route->ask);
    }
    return FERRY_OK;
}

/* The key is whole and stays where it is: point into it. */
static void route_point(fy_transfer *t, const route_key *k)
{
    const char *host = t->key.ptr;
    t->endpoint.host = host;
    t->endpoint.zone = host + strlen(host) + 1;
    t->endpoint.host_and_zone = k->both ? host + k->both : NULL;
    t->endpoint.tls_host = k->peer ? host + k->peer : host;
    t->endpoint.tls_key = fy_str_upto(fy_buf_view(&t->key), k->before_tls);
}

/* Under which settings of TLS; what stands before is who the peer is. */
static void route_put_tls(fy_transfer *t, route_key *k)
{
    uint32_t id = t->protection ? fy_tls_id(t->protection) : 0;
    k->before_tls = t->key.len;
    t->endpoint.tls = t->protection;
    fy_buf_put(&t->key, &id, sizeof id);
}

ferry_err fy_route_describe(fy_transfer *t)
{
    route_key k = {0, 0, 0, 0, 0, 0};
    route_put_host(t, &k);
    route_put_peer(t, &k);
    if (t->has_ways)
        route_put_ways(t, &k);
    route_put_tls(t, &k);
    TRY(fy_fail_buf(&t->error, &t->key, NULL));
    if (t->route_kind == FY_ROUTE_TUNNELED)
        TRY(fy_fail_buf(&t->error, &t->route->ask, "head of CONNECT too long"));
    route_point(t, &k);
    return t->has_ways ? route_set_ways(t, &k) : FERRY_OK;
}
