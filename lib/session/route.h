/* route.h - the way of one request to its peer: straight, over a unix socket, or through a
 * proxy. session. SPDX-License-Identifier: MIT */
#ifndef FY_ROUTE_H
#define FY_ROUTE_H

#include "net/conn.h"
#include "policy/options.h"
#include "policy/proxy.h"
#include "session/gate.h"

struct fy_transfer;

/* What is needed where a request does not go straight; made when first needed, and kept
 * with the transfer. */
typedef struct fy_route {
    const ferry_platform *platform;
    fy_ways ways;                      /* of all levels, as views */
    fy_proxy proxy, first;             /* first: the one that leads to it, or none */
    fy_buf says;                       /* value of Proxy-Authorization */
    size_t n_own;                      /* fields for the proxy before that, ... */
    bool is_by_hand;                   /* ... and one of them is that */
    int answers;                       /* to challenges of the proxy, in this call */
    fy_buf ask;                        /* head of CONNECT */
    fy_passage_plan approach, passage; /* what is said to `first`, and to `proxy` */
    fy_tls_profile *tls;               /* of the way to the proxy, or NULL */
    ferry_addr given[FY_LOOKUP_ADDRESSES];
    ferry_addr told; /* to SOCKS, of those that are given; family 0: none */
} fy_route;

typedef enum fy_route_kind {
    FY_ROUTE_STRAIGHT,
    FY_ROUTE_UNIX,
    FY_ROUTE_FORWARDED, /* the proxy is asked for the URL */
    FY_ROUTE_TUNNELED,
    FY_ROUTE_SOCKS
} fy_route_kind;

/* Wipe what it knows of users; it may be used again. NULL is fine. */
fy_api void fy_route_forget(fy_route *r);
fy_api void fy_route_free(fy_route *r); /* NULL is fine */

/* Choose the way: t->route_kind, and with FY_ROUTE_FORWARDED in *fields what the head says
 * to the proxy alone. The URL is there, and the options are joined; `o` are the request's
 * own, `is_first`: it goes to its call's first origin. */
fy_api ferry_err fy_route_choose(struct fy_transfer *t, const fy_layer *mount,
    const ferry_opts *o, bool is_first, ferry_fields *fields);

/* The response is a proxy's 407: is there an answer to it that was not given yet? Then the
 * request is to be made again. */
fy_api ferry_err fy_route_challenged(struct fy_transfer *t, bool *is_on);

#endif
