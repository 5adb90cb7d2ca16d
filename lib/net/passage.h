/* passage.h - what is said to a proxy over an open transport until the transport leads to
 * the peer.
 * net. Knows transports and the two protocols. Does not know names, or who chose the proxy.
 * SPDX-License-Identifier: MIT */
#ifndef FY_PASSAGE_H
#define FY_PASSAGE_H

#include "proto/socks.h"
#include "proto/tunnel.h"

typedef enum fy_passage_kind {
    FY_PASSAGE_NONE,
    FY_PASSAGE_SOCKS,
    FY_PASSAGE_TUNNEL
} fy_passage_kind;

/* What to ask for. The texts must stay until the end. */
typedef struct fy_passage_plan {
    fy_passage_kind kind;
    fy_socks_wish socks;
    ferry_str request; /* of a tunnel: the whole head */
} fy_passage_plan;

typedef struct fy_passage {
    const ferry_platform *platform;
    fy_passage_plan plan;
    fy_socks socks;
    fy_tunnel tunnel;
    fy_buf out, in; /* secrets go out: wiped */
    size_t sent;
    ferry_why waits; /* FERRY_WAIT_READ or FERRY_WAIT_WRITE */
} fy_passage;

/* NULL: see `x`; nothing was said yet. */
fy_api fy_passage *fy_passage_new(
    const ferry_platform *m, const fy_passage_plan *plan, fy_error *x);
fy_api void fy_passage_free(fy_passage *p); /* NULL is fine */

/* Carry on. FERRY_OK: the next byte is the peer's. FERRY_ERR_PROXY: refused; after the
 * answer to CONNECT with x->status, and p->tunnel.head is there until the end. */
fy_api ferry_err fy_passage_step(fy_passage *p, ferry_transport *t, fy_error *x);

fy_api void fy_passage_want(const fy_passage *p, ferry_transport *t, ferry_wait *w);

#endif
