/* decide.h - what follows a response, or a failure: nothing more, or another request.
 * session. SPDX-License-Identifier: MIT */
#ifndef FY_DECIDE_H
#define FY_DECIDE_H

#include "session/core.h"

/* The head of a response is here. FERRY_OK: t->state is BODY, it is the last one, with
 * t->verdict if the call nevertheless ends in an error; or DRAIN, and the next request is
 * noted down. */
fy_api ferry_err fy_decide_response(fy_transfer *t, fy_wake *w);

/* A step failed by `e`, which is recorded. FERRY_OK: t->state is BACKOFF, it will be
 * tried again; or `e`, or what went wrong while deciding. */
fy_api ferry_err fy_decide_failure(fy_transfer *t, ferry_err e, fy_wake *w);

/* A call has ended well: the session may try again a little more. */
fy_api void fy_decide_success(ferry_session *s);

#endif
