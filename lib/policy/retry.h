/* retry.h - whether to try again, and after how long: urllib3's Retry.
 * policy. Knows counts, statuses and times. Does not know what is tried, or by whom.
 * SPDX-License-Identifier: MIT */
#ifndef FY_RETRY_H
#define FY_RETRY_H

#include "base/error.h"
#include "ferry.h"

/* What a try failed by; each kind has a count of its own beside the total. */
typedef enum fy_retry_kind {
    FY_RETRY_CONNECT, /* nothing was sent: any method */
    FY_RETRY_READ,    /* the peer may have acted: allowed methods only */
    FY_RETRY_REDIRECT,
    FY_RETRY_STATUS,
    FY_RETRY_OTHER,
    FY_RETRY_KINDS
} fy_retry_kind;

/* What one call has used up. Starts as zeros. */
typedef struct fy_retry_used {
    int64_t total, of[FY_RETRY_KINDS];
    int streak; /* failures since the last redirect */
} fy_retry_used;

/* Numbers, switches and lists as they may be given. */
fy_api ferry_err fy_retry_check(const ferry_retry *given, fy_error *x);
fy_api bool fy_retry_is_given(const ferry_retry *r);

/* A level's own copy: `o` over `base` (or NULL). Lists are owned: fini after FERRY_OK. */
fy_api ferry_err fy_retry_merge(ferry_retry *out, const ferry_platform *m,
    const ferry_retry *base, const ferry_retry *o, fy_error *x);
fy_api void fy_retry_fini(ferry_retry *r, const ferry_platform *m);

/* What is not given in `r` becomes that of `below`: views of its lists. */
fy_api void fy_retry_inherit(ferry_retry *r, const ferry_retry *below);
/* The rest becomes urllib3's, and numbers become comparable. */
fy_api void fy_retry_resolve(ferry_retry *r);

/* Of a resolved policy: is the method among those that may be repeated? */
fy_api bool fy_retry_has_method(const ferry_retry *r, ferry_str method);
/* Is a response of this status, to such a method, one to be tried again? */
fy_api bool fy_retry_wants_status(
    const ferry_retry *r, const fy_retry_used *used, int status, bool has_retry_after);
/* Count one more. False: that was one too many. */
fy_api bool fy_retry_spend(
    const ferry_retry *r, fy_retry_used *used, fy_retry_kind kind);
/* How long to wait before the next try; `chance` is any number. */
fy_api int64_t fy_retry_backoff_ms(
    const ferry_retry *r, const fy_retry_used *used, uint32_t chance);

/* Retry-After as milliseconds from `unix_now` (RFC 9110 10.2.3), at most `most_ms`.
 * False: it is neither a number nor a date. */
fy_api bool fy_retry_after(
    ferry_str value, int64_t unix_now, int64_t most_ms, int64_t *ms);

#endif
