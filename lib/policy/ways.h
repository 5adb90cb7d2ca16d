/* ways.h - options that say how a peer is reached: proxies, unix sockets, addresses.
 * policy. Knows ferry_opts, and how levels join. Does not know connections.
 * SPDX-License-Identifier: MIT */
#ifndef FY_WAYS_H
#define FY_WAYS_H

#include "ferry.h"
#include "policy/pairs.h"

enum { FY_WAYS_PROXIES, FY_WAYS_PROXY_HEADERS, FY_WAYS_RESOLVE, FY_WAYS_LISTS };

enum {
    FY_WAYS_NO_PROXY,
    FY_WAYS_PREPROXY,
    FY_WAYS_UNIX_SOCKET,
    FY_WAYS_INTERFACE,
    FY_WAYS_LOCAL_ADDRESS,
    FY_WAYS_PROXY_CA,
    FY_WAYS_TEXTS
};

/* What a level says. Texts with ptr NULL were not given. Of the session and of a mount
 * nothing in it belongs to the caller. */
typedef struct fy_ways {
    fy_fields lists[FY_WAYS_LISTS];
    bool forgets[FY_WAYS_LISTS];
    ferry_str texts[FY_WAYS_TEXTS];
    ferry_proxy_auth proxy_auth;
    ferry_switch proxy_verify;
    bool is_any; /* something is said */
} fy_ways;

fy_api void fy_ways_init(fy_ways *w, const ferry_platform *m);
/* Those of a session or a mount. */
fy_api void fy_ways_fini(fy_ways *w);

/* Is what `o` says of ways good? FERRY_ERR_USAGE, _UNSUPPORTED. */
fy_api ferry_err fy_ways_check(const ferry_opts *o, fy_error *x);
fy_api bool fy_ways_are_given(const ferry_opts *o);

/* out = base (or nothing) with `o` over it, as copies; `out` was initialised, and needs
 * fy_ways_fini() in any case. */
fy_api ferry_err fy_ways_merge(
    fy_ways *out, const fy_ways *base, const ferry_opts *o, fy_error *x);

/* The same for one request, from its three levels, as views; `out` keeps its memory from
 * one to the next and is freed with fy_ways_drop(). mount may be NULL. `is_first`: the
 * request goes to its call's first origin; behind it, what brings to one peer only what is
 * meant for it, `.unix_socket`, holds for mounts alone. */
fy_api ferry_err fy_ways_resolve(fy_ways *out, const fy_ways *session,
    const fy_ways *mount, const ferry_opts *request, bool is_first, fy_error *x);
fy_api void fy_ways_drop(fy_ways *w);

#endif
