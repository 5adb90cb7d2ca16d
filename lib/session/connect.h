/* connect.h - the connection of a call: taken from the pool, or made.
 * session. SPDX-License-Identifier: MIT */
#ifndef FY_CONNECT_H
#define FY_CONNECT_H

#include "session/core.h"

/* Tell of a request that is made, and of the proxies that it goes by. */
fy_api void fy_connect_tell_start(fy_transfer *t, int64_t now_ms);

/* t->conn: one that is idle, or a new one; FERRY_AGAIN, or FERRY_ERR_POOL, if the pool
 * gives none. */
fy_api ferry_err fy_connect_acquire(fy_transfer *t, fy_wake *w);

/* Carry on until it is ready, or until there is no more time for that. */
fy_api ferry_err fy_connect_step(fy_transfer *t, fy_wake *w);

/* What FERRY_AGAIN of either waits for. */
fy_api void fy_connect_want(const fy_transfer *t, int64_t now_ms, ferry_wait *w);

#endif
