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
    size_t both, peer, unix_socket, interface, proxy, before_tls;
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

/* Whom to connect to comes first: host, zone, and both in one for a dialler that takes
 * names. */
static void endpoint_put_host(fy_transfer *t, endpoint_key *k)
{
    bool is_proxied = endpoint_is_proxied(t);
    const fy_proxy *p = is_proxied ? &t->route->proxy : NULL;
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

/* What its TLS sessions are kept by begins with its length, and no host does. */
static void endpoint_put_proxy(fy_transfer *t, endpoint_key *k)
{
    fy_route *r = t->route;
    uint32_t tls_id = r->tls ? fy_tls_id(r->tls) : 0;
    if (!endpoint_is_proxied(t))
        return;
    k->proxy = t->key.len;
    endpoint_put_counted(&t->key, fy_buf_view(&r->proxy.text));
    fy_buf_put(&t->key, &tls_id, sizeof tls_id);
    fy_buf_putc(&t->key, (char)r->proxy.has_user);
    endpoint_put_counted(&t->key, r->proxy.user);
    endpoint_put_counted(&t->key, r->proxy.password);
    if (t->route_kind != FY_ROUTE_TUNNELED)
        return;
    fy_buf_wipe(&r->ask);
    fy_tunnel_put(&r->ask, t->url.host, t->url.port,
        fy_fields_view(&r->ways.lists[FY_WAYS_PROXY_HEADERS]));
    /* But for our own answer, which is another one each time. */
    const ferry_field *own = r->ways.lists[FY_WAYS_PROXY_HEADERS].at;
    for (size_t i = 0; i < r->n_own; i++) {
        endpoint_put_counted(&t->key, own[i].name);
        endpoint_put_counted(&t->key, own[i].value);
    }
}

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
    endpoint_put_given(t, endpoint_is_proxied(t) ? t->route->proxy.host : t->url.host);
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

/* The peer as SOCKS is told of it: an address, a name, or a name that is looked up before.
 * Where no names are looked up here, the proxy does it. */
static void endpoint_set_socks(fy_transfer *t, const endpoint_key *k)
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

static ferry_err endpoint_set_ways(fy_transfer *t, const endpoint_key *k)
{
    fy_endpoint *to = &t->endpoint;
    const char *interface = t->key.ptr + k->interface;
    int64_t keepalive_ms = t->opts.tcp.keepalive_ms;
    TRY(endpoint_set_family(t));
    to->how.interface = interface[0] ? interface : NULL;
    to->how.is_prompt = t->opts.tcp_nodelay == FERRY_ON;
    to->how.keepalive_ms = keepalive_ms == INT64_MAX ? 0 : keepalive_ms;
    to->proxy_tls = t->route->tls;
    to->proxy_tls_key = (ferry_str){t->key.ptr + k->proxy,
        sizeof(size_t) + t->route->proxy.text.len + sizeof(uint32_t)};
    if (t->route_kind == FY_ROUTE_UNIX)
        to->unix_socket = t->key.ptr + k->unix_socket;
    if (t->route_kind == FY_ROUTE_SOCKS)
        endpoint_set_socks(t, k);
    if (t->route_kind == FY_ROUTE_TUNNELED) {
        to->passage.kind = FY_PASSAGE_TUNNEL;
        to->passage.request = fy_buf_view(&t->route->ask);
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
    endpoint_key k = {0, 0, 0, 0, 0, 0};
    endpoint_put_host(t, &k);
    endpoint_put_peer(t, &k);
    if (t->has_ways)
        endpoint_put_ways(t, &k);
    endpoint_put_tls(t, &k);
    TRY(fy_fail_buf(&t->error, &t->key, NULL));
    if (t->route_kind == FY_ROUTE_TUNNELED)
        TRY(fy_fail_buf(&t->error, &t->route->ask, "head of CONNECT too long"));
    endpoint_point(t, &k);
    return t->has_ways ? endpoint_set_ways(t, &k) : FERRY_OK;
}
