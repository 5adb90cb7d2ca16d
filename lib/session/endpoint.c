/* endpoint.c - what the way of one request is for the pool, and for a connection.
 * session. Knows the way. Does not know how it was chosen.
 *
 * Rule: the pool's key holds everything that decides who answers, credentials of the proxy
 * included; so what is said to one peer never goes to another.
 * SPDX-License-Identifier: MIT */
#include "session/endpoint.h"

#include <string.h>

#include "policy/overrides.h"
#include "proto/host.h"
#include "proto/percent.h"
#include "proto/tunnel.h"

/* --- the key --------------------------------------------------------------------- */

/* Where things stand in the key, which may move until it is whole; 0: nowhere. */
typedef struct endpoint_key {
    size_t both, peer, unix_socket, interface, proxy_host, proxy_end, before_tls;
} endpoint_key;

/* Append with a NUL; where it begins. */
static size_t endpoint_put(fy_buf *b, ferry_str s)
{
    size_t at = b->len;
    fy_buf_puts(b, s);
    fy_buf_putc(b, '\0');
    return at;
}

/* Any bytes, so that no two of them run together. */
static void endpoint_put_counted(fy_buf *b, ferry_str s)
{
    fy_buf_put(b, &s.len, sizeof s.len);
    fy_buf_puts(b, s);
}

static bool endpoint_is_proxied(const fy_transfer *t)
{
    return t->route_kind >= FY_ROUTE_FORWARDED;
}

/* The proxy that is connected to, or NULL. */
static const fy_proxy *endpoint_nearest(const fy_transfer *t)
{
    if (!endpoint_is_proxied(t))
        return NULL;
    return t->route->first.kind ? &t->route->first : &t->route->proxy;
}

/* Whom to connect to comes first: host, zone, and both in one for a dialler that takes
 * names. */
static void endpoint_put_host(fy_transfer *t, endpoint_key *k)
{
    const fy_proxy *p = endpoint_nearest(t);
    ferry_str host = fy_host_bare(p ? p->host : t->url.host);
    ferry_str zone = p ? p->zone : t->url.zone;
    ferry_addr addr = p ? p->addr : t->url.addr;
    fy_buf_clear(&t->key);
    endpoint_put(&t->key, host);
    endpoint_put(&t->key, zone);
    if (zone.len) {
        k->both = t->key.len;
        fy_buf_puts(&t->key, host);
        fy_buf_putc(&t->key, '%');
        endpoint_put(&t->key, zone);
    }
    t->endpoint = (fy_endpoint){.port = p ? p->port : t->url.port,
        .is_literal = addr.family != 0,
        .literal = addr,
        .dialer = t->dialer.dial ? &t->dialer : NULL};
    fy_buf_put(&t->key, &t->endpoint.port, sizeof t->endpoint.port);
    fy_buf_put(&t->key, &t->dialer_id, sizeof t->dialer_id);
}

/* Who is then spoken to; a proxy that is asked for URLs is that for all of them. */
static void endpoint_put_peer(fy_transfer *t, endpoint_key *k)
{
    const fy_url *u = &t->url;
    if (t->route_kind == FY_ROUTE_FORWARDED)
        return;
    fy_buf_puts(&t->key, u->scheme);
    if (!endpoint_is_proxied(t))
        return;
    fy_buf_putc(&t->key, '\0');
    k->peer = endpoint_put(&t->key, fy_host_bare(u->host));
    endpoint_put(&t->key, u->zone);
    fy_buf_put(&t->key, &u->port, sizeof u->port);
}

static void endpoint_put_user(fy_buf *b, const fy_proxy *p)
{
    fy_buf_putc(b, (char)p->has_user);
    endpoint_put_counted(b, p->user);
    endpoint_put_counted(b, p->password);
}

/* What is said to the one that opens tunnels. */
static void endpoint_put_ask(fy_transfer *t)
{
    fy_route *r = t->route;
    int minor = t->opts.proxy_http10 != FERRY_ON;
    fy_buf_wipe(&r->ask);
    fy_tunnel_put(&r->ask, t->url.host, t->url.port, minor,
        fy_fields_view(&r->ways.lists[FY_WAYS_PROXY_HEADERS]));
    /* But for our own answer, which is another one each time. */
    const ferry_field *own = r->ways.lists[FY_WAYS_PROXY_HEADERS].at;
    for (size_t i = 0; i < r->n_own; i++) {
        endpoint_put_counted(&t->key, own[i].name);
        endpoint_put_counted(&t->key, own[i].value);
    }
}

/* What TLS sessions with it are kept by ends here: how it is reached, and as whom. */
static void endpoint_put_proxy(fy_transfer *t, endpoint_key *k)
{
    fy_route *r = t->route;
    uint32_t tls_id = r->tls ? fy_tls_id(r->tls) : 0;
    if (!endpoint_is_proxied(t))
        return;
    endpoint_put_counted(&t->key, fy_buf_view(&r->proxy.text));
    endpoint_put_user(&t->key, &r->proxy);
    endpoint_put_counted(&t->key, fy_buf_view(&r->first.text));
    endpoint_put_user(&t->key, &r->first);
    if (r->first.kind) {
        k->proxy_host = endpoint_put(&t->key, fy_host_bare(r->proxy.host));
        endpoint_put(&t->key, r->proxy.zone);
    }
    fy_buf_put(&t->key, &tls_id, sizeof tls_id);
    k->proxy_end = t->key.len;
    if (t->route_kind == FY_ROUTE_TUNNELED)
        endpoint_put_ask(t);
}

/* --- SOCKS ----------------------------------------------------------------------- */

/* Whom a SOCKS proxy is asked for: the peer, or the proxy behind it. */
typedef struct endpoint_goal {
    ferry_str host; /* without brackets */
    ferry_addr addr;
    uint16_t port;
} endpoint_goal;

/* The proxy that speaks SOCKS, or NULL. */
static const fy_proxy *endpoint_find_socks(const fy_transfer *t, endpoint_goal *goal)
{
    const fy_proxy *p = endpoint_nearest(t);
    if (!p || !fy_proxy_is_socks(p))
        return NULL;
    const fy_proxy *next = &t->route->proxy;
    *goal = p == next
                ? (endpoint_goal){fy_host_bare(t->url.host), t->url.addr, t->url.port}
                : (endpoint_goal){fy_host_bare(next->host), next->addr, next->port};
    return p;
}

static bool endpoint_is_socks4(const fy_proxy *p)
{
    return p->kind == FY_PROXY_SOCKS4 || p->kind == FY_PROXY_SOCKS4A;
}

/* Does it look names up? It must where none are looked up here. */
static bool endpoint_tells_names(const fy_transfer *t, const fy_proxy *p)
{
    const ferry_platform *m = &t->session->platform;
    return p->kind == FY_PROXY_SOCKS4A || p->kind == FY_PROXY_SOCKS5H ||
           t->endpoint.dialer || (m->dial && !m->resolve);
}

/* The address that it is told instead of a name that would be looked up: the first that is
 * given, but for SOCKS4 the first of IPv4, if there is one. */
static void endpoint_put_told(fy_transfer *t)
{
    fy_route *r = t->route;
    endpoint_goal goal;
    ferry_addr given[FY_LOOKUP_ADDRESSES];
    const fy_proxy *p = endpoint_find_socks(t, &goal);
    r->told = (ferry_addr){.family = 0};
    if (!p)
        return;
    int n = goal.addr.family || endpoint_tells_names(t, p)
                ? 0
                : fy_overrides_find(fy_fields_view(&r->ways.lists[FY_WAYS_RESOLVE]),
                      goal.host, goal.port, given, FY_LOOKUP_ADDRESSES);
    int i = 0;
    while (endpoint_is_socks4(p) && i < n && given[i].family != FERRY_IPV4)
        i++;
    if (n)
        r->told = given[i < n ? i : 0];
    fy_buf_put(&t->key, &r->told, sizeof r->told);
}

/* `at` is where its name stands in the key. */
static const fy_passage_plan *endpoint_plan_socks(
    fy_transfer *t, fy_passage_plan *plan, size_t at)
{
    endpoint_goal goal;
    const fy_proxy *p = endpoint_find_socks(t, &goal);
    plan->kind = FY_PASSAGE_SOCKS;
    plan->socks = (fy_socks_wish){.is_v4 = endpoint_is_socks4(p),
        .host = FY_S(""),
        .addr = goal.addr,
        .port = goal.port,
        .has_user = p->has_user,
        .user = p->user,
        .password = p->password};
    if (goal.addr.family)
        return plan;
    if (endpoint_tells_names(t, p))
        plan->socks.host = fy_str(t->key.ptr + at);
    else if (t->route->told.family)
        plan->socks.addr = t->route->told;
    else
        t->endpoint.peer = t->key.ptr + at;
    return plan;
}

/* --- the rest of the key --------------------------------------------------------- */

static void endpoint_put_given(fy_transfer *t, ferry_str host)
{
    fy_endpoint *to = &t->endpoint;
    fy_route *r = t->route;
    to->given = r->given;
    to->n_given = fy_overrides_find(fy_fields_view(&r->ways.lists[FY_WAYS_RESOLVE]),
        fy_host_bare(host), to->port, r->given, FY_LOOKUP_ADDRESSES);
    fy_buf_put(&t->key, r->given, (size_t)to->n_given * sizeof *r->given);
}

/* Everything else that decides who answers, or how. */
static void endpoint_put_ways(fy_transfer *t, endpoint_key *k)
{
    const ferry_str *texts = t->route->ways.texts;
    bool is_prompt = t->opts.tcp_nodelay == FERRY_ON;
    fy_buf_putc(&t->key, (char)t->route_kind);
    fy_buf_put(&t->key, &t->opts.tcp, sizeof t->opts.tcp);
    fy_buf_putc(&t->key, (char)is_prompt);
    k->interface = endpoint_put(&t->key, texts[FY_WAYS_INTERFACE]);
    endpoint_put(&t->key, texts[FY_WAYS_LOCAL_ADDRESS]);
    k->unix_socket = t->key.len;
    if (t->url.is_unix) {
        fy_percent_put_decoded(&t->key, t->url.host);
        fy_buf_putc(&t->key, '\0');
    } else {
        endpoint_put(&t->key, texts[FY_WAYS_UNIX_SOCKET]);
    }
    const fy_proxy *p = endpoint_nearest(t);
    endpoint_put_given(t, p ? p->host : t->url.host);
    endpoint_put_told(t);
    endpoint_put_proxy(t, k);
}

/* --- the endpoint ---------------------------------------------------------------- */

static ferry_err endpoint_set_family(fy_transfer *t)
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
        return fy_fail(&t->error, FERRY_ERR_USAGE,
            ".local_address is not of .tcp.family", FY_NOWHERE);
    to->family = to->how.local.family;
    return FERRY_OK;
}

static ferry_err endpoint_set_ways(fy_transfer *t, const endpoint_key *k)
{
    fy_endpoint *to = &t->endpoint;
    fy_route *r = t->route;
    const char *interface = t->key.ptr + k->interface;
    int64_t keepalive_ms = t->opts.tcp.keepalive_ms;
    TRY(endpoint_set_family(t));
    to->how.interface = interface[0] ? interface : NULL;
    to->how.is_prompt = t->opts.tcp_nodelay == FERRY_ON;
    to->how.keepalive_ms = keepalive_ms == INT64_MAX ? 0 : keepalive_ms;
    to->proxy_tls = r->tls;
    to->proxy_tls_key = fy_str_upto(fy_buf_view(&t->key), k->proxy_end);
    if (t->route_kind == FY_ROUTE_UNIX)
        to->unix_socket = t->key.ptr + k->unix_socket;
    if (t->route_kind == FY_ROUTE_SOCKS)
        to->passage = endpoint_plan_socks(t, &r->passage, k->peer);
    if (endpoint_is_proxied(t) && r->first.kind)
        to->approach = endpoint_plan_socks(t, &r->approach, k->proxy_host);
    if (t->route_kind == FY_ROUTE_TUNNELED) {
        r->passage = (fy_passage_plan){
            .kind = FY_PASSAGE_TUNNEL, .request = fy_buf_view(&r->ask)};
        to->passage = &r->passage;
    }
    return FERRY_OK;
}

/* The key is whole and stays where it is: point into it. */
static void endpoint_point(fy_transfer *t, const endpoint_key *k)
{
    const char *host = t->key.ptr;
    t->endpoint.host = host;
    t->endpoint.zone = host + strlen(host) + 1;
    t->endpoint.host_and_zone = k->both ? host + k->both : NULL;
    t->endpoint.proxy_host = host + k->proxy_host;
    t->endpoint.tls_host = k->peer ? host + k->peer : host;
    t->endpoint.tls_key = fy_str_upto(fy_buf_view(&t->key), k->before_tls);
}

/* Under which settings of TLS; what stands before is who the peer is. */
static void endpoint_put_tls(fy_transfer *t, endpoint_key *k)
{
    uint32_t id = t->protection ? fy_tls_id(t->protection) : 0;
    k->before_tls = t->key.len;
    t->endpoint.tls = t->protection;
    fy_buf_put(&t->key, &id, sizeof id);
}

ferry_err fy_endpoint_describe(fy_transfer *t)
{
    endpoint_key k = {.both = 0};
    endpoint_put_host(t, &k);
    if (t->has_ways)
        endpoint_put_ways(t, &k);
    endpoint_put_peer(t, &k);
    endpoint_put_tls(t, &k);
    TRY(fy_fail_buf(&t->error, &t->key, NULL));
    if (t->route_kind == FY_ROUTE_TUNNELED)
        TRY(fy_fail_buf(&t->error, &t->route->ask, "head of CONNECT too long"));
    endpoint_point(t, &k);
    return t->has_ways ? endpoint_set_ways(t, &k) : FERRY_OK;
}
