/* names.h - a session's memory of host names, and its questions under way.
 * net. Knows lookups, addresses and when to forget. Does not know connections.
 * SPDX-License-Identifier: MIT */
#ifndef FY_NAMES_H
#define FY_NAMES_H

#include "net/lookup.h"

typedef struct fy_name {
    char *host;
    fy_lookup *lookup; /* NULL: answered */
    int n;             /* addresses, or -1: there are none, see fault */
    ferry_fault fault;
    ferry_addr addrs[FY_LOOKUP_ADDRESSES];
    int64_t expires_ms;
} fy_name;

typedef struct fy_names {
    const ferry_platform *platform;
    fy_name *at;
    size_t n, cap;
} fy_names;

fy_api void fy_names_init(fy_names *names, const ferry_platform *p);
/* Questions under way are dropped. */
fy_api void fy_names_fini(fy_names *names);

/* So many addresses into `out`, -1 and `*fault`, or 0: ask again later, see `want`. The
 * answer is remembered for a minute, a refusal for five seconds. */
fy_api int fy_names_ask(fy_names *names, const char *host, int64_t now_ms,
    ferry_addr out[FY_LOOKUP_ADDRESSES], ferry_fault *fault);

/* What the asker of `host` waits for after a 0: its answer, or in the queue any answer. If
 * that is there by now, w->timeout_ms is 0. */
fy_api void fy_names_want(fy_names *names, const char *host, ferry_wait *w);

#endif
