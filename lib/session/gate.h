/* gate.h - who asks a proxy, and what its 407 leads to.
 * session. SPDX-License-Identifier: MIT */
#ifndef FY_GATE_H
#define FY_GATE_H

#include "ferry.h"
#include "policy/digest.h"
#include "policy/proxy.h"

/* What one proxy has asked one user for. */
typedef struct fy_gate {
    fy_buf key; /* its URL and the user */
    fy_digest digest;
    bool takes_basic;
} fy_gate;

enum { FY_GATES = 4 };

/* Those that a session remembers; the oldest is forgotten. */
typedef struct fy_gates {
    const ferry_platform *platform;
    fy_gate at[FY_GATES];
    size_t n, oldest;
} fy_gates;

fy_api void fy_gates_init(fy_gates *g, const ferry_platform *m);
fy_api void fy_gates_fini(fy_gates *g);

/* Who asks, and how it may be said. */
typedef struct fy_gate_ask {
    fy_gates *gates;
    const fy_proxy *proxy; /* has a user */
    ferry_proxy_auth kind; /* FERRY_PROXY_INHERIT: Basic */
} fy_gate_ask;

/* Append the value of Proxy-Authorization, as far as it is known what the proxy wants.
 * `method` and `uri` are as they will be sent. */
fy_api ferry_err fy_gate_put(
    fy_buf *out, const fy_gate_ask *ask, ferry_str method, ferry_str uri, fy_error *x);

/* The proxy answered 407 with these fields: is there an answer that was not given yet, in
 * so many answers of this call? Then the request is to be made again. */
fy_api ferry_err fy_gate_challenged(const fy_gate_ask *ask, ferry_fields fields,
    int *answers, bool *is_on, fy_error *x);

#endif
