/* gate.h - who asks a proxy, and what its 407 leads to.
 * session. SPDX-License-Identifier: MIT */
#ifndef FY_GATE_H
#define FY_GATE_H

#include "ferry.h"
#include "policy/proxy.h"
#include "policy/spaces.h"

/* Who asks, and how it may be said. */
typedef struct fy_gate_ask {
    fy_spaces *gates;
    const fy_proxy *proxy; /* has a user */
    uint32_t dialer_id;    /* who connects to it */
    ferry_proxy_auth kind; /* FERRY_PROXY_INHERIT: Basic */
} fy_gate_ask;

/* Append the value of Proxy-Authorization, as far as it is known what the proxy wants.
 * `method` and `uri` are as they will be sent. */
fy_api ferry_err fy_gate_put(
    fy_buf *out, const fy_gate_ask *ask, ferry_str method, ferry_str uri, fy_error *x);

/* The proxy answered 407 with these fields to a request that had `said` that: is there an
 * answer that was not given yet, in so many answers of this call? Then the request is to be
 * made again. */
fy_api ferry_err fy_gate_challenged(const fy_gate_ask *ask, ferry_fields fields,
    ferry_str said, int *answers, bool *is_on, fy_error *x);

#endif
