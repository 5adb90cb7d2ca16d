/* route.c - the way of one request to its peer: straight, over a unix socket, or through a
 * proxy. session. Knows options and URLs. Does not know connections.
 * SPDX-License-Identifier: MIT */
#include "session/route.h"

#include "net/secure.h"
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
    fy_proxy_init(&r->first, m);
    fy_buf_init(&r->says, m, ROUTE_SAYS_MAX);
    fy_buf_init(&r->ask, m, ROUTE_ASK_MAX);
    r->says.is_secret = r->ask.is_secret = true;
    return r;
}

void fy_route_forget(fy_route *r)
{
    if (!r)
        return;
    fy_proxy_clear(&r->proxy);
    fy_proxy_clear(&r->first);
    fy_buf_wipe(&r->says);
    fy_buf_wipe(&r->ask);
}

void fy_route_free(fy_route *r)
{
    if (!r)
        return;
    fy_ways_drop(&r->ways);
    fy_proxy_fini(&r->proxy);
    fy_proxy_fini(&r->first);
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
    if (t->route_kind == FY_ROUTE_TUNNELED)
        fy_tunnel_put_target(out, u->host, u->port);
    else
        fy_request_put_absolute(out, u, target);
}

static fy_gate_ask route_ask(const fy_transfer *t)
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
    fy_buf_wipe(&r->says);
    r->n_own = list->n;
    r->is_by_hand = fy_fields_find(fy_fields_view(list), name, 0) != NULL;
    if (!r->proxy.has_user || r->is_by_hand)
        return FERRY_OK;
    bool is_connect = t->route_kind == FY_ROUTE_TUNNELED;
    fy_buf_clear(&r->ask); /* the target, for a moment */
    route_put_target(&r->ask, t, target);
    TRY(fy_fail_buf(&t->error, &r->ask, "request head too long"));
    const fy_gate_ask ask = route_ask(t);
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

/* The proxy, and the one that leads to it; neither, perhaps. */
static ferry_err route_find_proxies(fy_transfer *t)
{
    fy_route *r = t->route;
    ferry_str first = fy_str_trim(r->ways.texts[FY_WAYS_PREPROXY]);
    ferry_str url = fy_proxy_choose(fy_fields_view(&r->ways.lists[FY_WAYS_PROXIES]),
        r->ways.texts[FY_WAYS_NO_PROXY], first, &t->session->proxies, &t->url);
    if (!url.len)
        return FERRY_OK;
    TRY(fy_proxy_parse(&r->proxy, url, &t->error));
    if (!first.len || url.ptr == first.ptr)
        return FERRY_OK;
    if (fy_proxy_is_socks(&r->proxy))
        return route_misuse(t, ".preproxy leads to no SOCKS proxy");
    return fy_proxy_parse(&r->first, first, &t->error);
}

static ferry_err route_choose_proxy(
    fy_transfer *t, ferry_str target, ferry_fields *fields)
{
    fy_route *r = t->route;
    TRY(route_find_proxies(t));
    if (!r->proxy.kind)
        return FERRY_OK;
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
            ".unix_socket, .local_interface and .local_address need ferry's own "
            "sockets",
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
    fy_proxy_clear(&t->route->first);
    fy_tls_release(t->route->tls);
    t->route->tls = NULL;
    if (!t->url.is_unix && !t->route->ways.texts[FY_WAYS_UNIX_SOCKET].len)
        return route_choose_proxy(t, route_target(t, o), fields);
    t->route_kind = FY_ROUTE_UNIX;
    return FERRY_OK;
}

ferry_err fy_route_challenged(fy_transfer *t, bool *is_on)
{
    fy_route *r = t->route;
    const fy_gate_ask ask = route_ask(t);
    *is_on = false;
    if (r->is_by_hand) /* it would be said once more */
        return FERRY_OK;
    return fy_gate_challenged(
        &ask, t->pub.headers, fy_buf_view(&r->says), &r->answers, is_on, &t->error);
}
