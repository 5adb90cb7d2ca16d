/* conn.h - one connection, from a name to an open transport.
 * net. Knows resolvers, diallers and transports. Does not know requests or the pool's
 * rules. SPDX-License-Identifier: MIT */
#ifndef FY_CONN_H
#define FY_CONN_H

#include "net/names.h"
#include "net/passage.h"
#include "net/secure.h"
#include "net/system.h"

/* Where to, as a connection needs it; the texts belong to the caller. */
typedef struct fy_endpoint {
    const char *host; /* name or literal address, without brackets and zone */
    const char *zone; /* "" if none */
    const char
        *host_and_zone; /* "host%zone" for who dials names; NULL: the host alone */
    uint16_t port;
    bool is_literal;
    ferry_addr literal;
    const ferry_dialer *dialer; /* mounted by the user, or NULL */
    const char *unix_socket;    /* connect to this instead; or NULL */
    int family;                 /* FERRY_IPV4 or FERRY_IPV6 alone; 0: both */
    fy_dialing how;
    const ferry_addr *given; /* instead of asking for the name */
    int n_given;
    const fy_passage_plan *approach; /* to the proxy, by another; NULL: none */
    const fy_passage_plan *passage;  /* through the proxy; NULL: there is none */
    const char *peer;                /* to be looked up for the one of SOCKS; or NULL */
    fy_tls_profile *proxy_tls; /* protects what leads to the proxy; NULL: nothing */
    const char *proxy_host;    /* whose name the proxy must prove */
    ferry_str proxy_tls_key;
    fy_tls_profile *tls;  /* protects what leads to the peer; NULL: not we */
    const char *tls_host; /* whose name it must prove */
    ferry_str tls_key;    /* see fy_tls_wrap() */
} fy_endpoint;

typedef enum fy_conn_state {
    FY_CONN_RESOLVE,
    FY_CONN_RACE,
    FY_CONN_APPROACH,
    FY_CONN_PROXY_TLS,
    FY_CONN_PASSAGE,
    FY_CONN_TLS,
    FY_CONN_READY
} fy_conn_state;

struct fy_origin;

typedef struct fy_conn {
    ferry_transport *transport;
    fy_conn_state state;
    const char *asks; /* the name, while RESOLVE; the endpoint's */
    ferry_addr peer;  /* of the endpoint's; family 0: not known yet */
    ferry_addr addrs[FY_LOOKUP_ADDRESSES];
    int n_addrs, next_addr;
    ferry_transport *racers[FY_LOOKUP_ADDRESSES]; /* dialled, not open yet */
    int n_racers;
    int64_t next_start_ms; /* of one more */
    ferry_fault fault;     /* of the one that failed last */
    fy_passage *passage;   /* under way, or refused; else NULL */
    int answered;          /* the status of the last answer to CONNECT */
    bool is_protected;     /* the transport is TLS of ours */
    bool is_wrapped;       /* in this state */
    /* the pool's */
    struct fy_origin *origin;
    struct fy_conn *above, *below; /* idle to the same origin; below: idle for longer */
    struct fy_conn *newer, *older; /* idle anywhere */
    int64_t born_ms, idle_since_ms, expires_ms;
    int64_t served; /* exchanges that it has completed */
} fy_conn;

/* Carry on until it is ready: FERRY_OK, FERRY_AGAIN (see `want`), or FERRY_ERR_NAME,
 * _CONNECT, _PROXY, _TLS, _CERTIFICATE or what the resolver or dialler said. */
fy_api ferry_err fy_conn_connect(
    fy_conn *c, fy_names *names, const fy_endpoint *to, int64_t now_ms, fy_error *x);

/* What FERRY_AGAIN waits for; w->timeout_ms is lowered to the next start, if any. */
fy_api void fy_conn_want(
    const fy_conn *c, fy_names *names, int64_t now_ms, ferry_wait *w);

/* It goes idle: give back what it holds for data under way. */
fy_api void fy_conn_rest(fy_conn *c);

/* Close what is open. The transport, if any, is gone afterwards. */
fy_api void fy_conn_close(fy_conn *c);

/* Has an idle connection died, or has the peer spoken unasked? Both make it useless. */
fy_api bool fy_conn_is_stale(fy_conn *c);

#endif
