/* transfer.h - one request from its connection to its complete response.
 * session. SPDX-License-Identifier: MIT */
#ifndef FY_TRANSFER_H
#define FY_TRANSFER_H

#include "session/core.h"

/* The request is prepared: start its clock. */
fy_api void fy_transfer_start(fy_transfer *t);

/* Carry on without waiting, or with blocking reads if the wake allows them. FERRY_OK:
 * the response is complete, or with `.stream` its head is. */
fy_api ferry_err fy_transfer_step(fy_transfer *t, fy_wake *w);
/* The next piece of a streamed body. */
fy_api ferry_err fy_transfer_next(fy_transfer *t, fy_wake *w, ferry_str *piece);
/* After an error that is recorded in `t`: end it, and tell the session. */
fy_api ferry_err fy_transfer_settle(fy_transfer *t, ferry_err e);
fy_api void fy_transfer_want(const fy_transfer *t, int64_t now_ms, ferry_wait *w);

/* Record in the session what went wrong, with its text; returns x->code. */
fy_api ferry_err fy_session_fail(
    ferry_session *s, const fy_error *x, const fy_transfer *t);

#endif
