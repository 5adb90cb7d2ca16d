/* options.h - options at three levels, session < mount < request, and how they join.
 * policy. Knows ferry_opts. Does not know URLs, connections or time.
 * SPDX-License-Identifier: MIT */
#ifndef FY_OPTIONS_H
#define FY_OPTIONS_H

#include "policy/auth.h"
#include "policy/pairs.h"
#include "policy/retry.h"
#include "policy/tlsopts.h"
#include "policy/ways.h"
#include "proto/request.h"

/* Where an option may be given; bits. */
enum { FY_LEVEL_SESSION = 1, FY_LEVEL_MOUNT = 2, FY_LEVEL_REQUEST = 4 };

/* What the levels hand down number by number; it takes half the room of a ferry_opts. */
typedef struct fy_settings {
    ferry_timeout timeout;
    ferry_limits limits;
    ferry_pool pool;
    int64_t decode_ratio, drain, max_redirects, retry_budget;
    ferry_expect expect;
    ferry_tcp tcp;
    ferry_switch stream, decode, follow, idempotency_key, location_trusted, tcp_nodelay,
        proxy_tunnel, proxy_http10, jar;
} fy_settings;

/* Those of a level; `call` NULL: none. */
typedef struct fy_hooks {
    ferry_on_request on_request;
    ferry_on_response on_response;
    ferry_on_event on_event;
} fy_hooks;

/* What a session or a mount remembers: nothing in it belongs to the caller. */
typedef struct fy_layer {
    fy_settings values;   /* as they were given */
    fy_settings resolved; /* the same, numbers comparable: what most requests get */
    fy_fields headers, params;
    bool forgets_headers, forgets_params; /* FERRY_NO_PAIRS */
    fy_request_ahead ahead; /* the headers, written; unless has_ahead is false */
    bool has_ahead;
    const int *keep_post;         /* owned, or NULL */
    const char *const *sensitive; /* the same */
    ferry_retry retry;            /* as it was given; its lists are owned */
    bool has_retry;               /* a member of it was given */
    fy_hooks hooks;
    ferry_auth auth; /* owned; of kind FERRY_AUTH_INHERIT if none was given */
    ferry_dialer dialer;
    uint32_t dialer_id; /* 0: none was given */
    bool is_secure;     /* of this dialler, and of no other */
    fy_ways ways;
    fy_buf tls; /* see tlsopts.h */
} fy_layer;

/* What a request gives that gives nothing. */
fy_api const ferry_opts *fy_options_none(void);
/* Is that so of `given` (or NULL), but for its method? */
fy_api bool fy_options_are_none(const ferry_opts *given);

/* Does a request, in full size, give only what is its own (its body and the like), headers
 * and parameters? Then the levels above say all the rest. */
fy_api bool fy_options_set_none(const ferry_opts *o);

/* What the caller gave in full size: itself, or, if it is an older and shorter struct, its
 * copy in `room`. An error if its size is none that ever was. */
fy_api ferry_err fy_options_widen(
    const ferry_opts **out, ferry_opts *room, const ferry_opts *given, fy_error *x);
/* Errors name the option: not at this level, out of range, not with that other one. */
fy_api ferry_err fy_options_check(const ferry_opts *o, int level, fy_error *x);
/* Both, as a copy. */
fy_api ferry_err fy_options_read(
    ferry_opts *out, const ferry_opts *given, int level, fy_error *x);

/* What was given for a session and its one request at once (or NULL), to each its own;
 * unchecked, and the session's with the size that was given. */
fy_api void fy_options_split(
    const ferry_opts *given, ferry_opts *session, ferry_opts *request);

/* Fill numbers and switches that were not given with the defaults of ferry.h. */
fy_api void fy_options_fill(ferry_opts *o);

/* What `o` says of the settings; what it does not say, from the level below; numbers
 * comparable. */
fy_api fy_settings fy_settings_of(const ferry_opts *o);
fy_api void fy_settings_inherit(fy_settings *s, const fy_settings *below);
fy_api void fy_settings_resolve(fy_settings *s);

/* out = base (or nothing) with `o` over it, deep; out needs fy_layer_fini() after
 * FERRY_OK only. `dialer_id` is given to a new transport. */
fy_api ferry_err fy_layer_merge(fy_layer *out, const ferry_platform *m,
    const fy_layer *base, const ferry_opts *o, uint32_t dialer_id, fy_error *x);
fy_api void fy_layer_fini(fy_layer *l);

/* One request's settings from its three levels (mount may be NULL), numbers resolved. */
fy_api void fy_options_resolve(fy_settings *out, const fy_layer *session,
    const fy_layer *mount, const ferry_opts *request);

/* What `o` gives over what `below` has; `out` may be `below`. */
fy_api void fy_hooks_join(fy_hooks *out, const fy_hooks *below, const ferry_opts *o);

/* Lists from three levels; `scratch` holds the result if it is not the session's own.
 * An entry with value.ptr NULL takes the name away. `bound`, unless NULL: the chain of
 * requests has left its first origin, and session and request keep these to themselves. */
fy_api ferry_err fy_options_headers(ferry_fields *out, fy_fields *scratch,
    const fy_layer *session, const fy_layer *mount, const ferry_pair *request,
    const fy_bound *bound, fy_error *x);
fy_api ferry_err fy_options_params(ferry_fields *out, fy_fields *scratch,
    const fy_layer *session, const fy_layer *mount, const ferry_pair *request,
    fy_error *x);

#endif
