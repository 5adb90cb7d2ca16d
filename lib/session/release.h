/* release.h - a connection whose exchange is over, or given up: kept, or closed.
 * session. SPDX-License-Identifier: MIT */
#ifndef FY_RELEASE_H
#define FY_RELEASE_H

#include "session/core.h"

/* The exchange is over: the connection serves the next one, or is closed. */
fy_api void fy_transfer_release(fy_transfer *t, fy_wake *w);

/* Nobody wants what is left of the response: read it away, if that is no more than
 * `.drain`, and release the connection; else close it. FERRY_AGAIN: not all of it has
 * come. FERRY_OK: the connection is no longer the transfer's. */
fy_api ferry_err fy_transfer_drain(fy_transfer *t, fy_wake *w);

/* The same for a transfer that is given up, wherever it is, and never waits: only what
 * has arrived is read. It must have a connection. */
fy_api void fy_transfer_give_up(fy_transfer *t);

/* Close its connection, if it has one. */
fy_api void fy_transfer_drop_conn(fy_transfer *t);

#endif
