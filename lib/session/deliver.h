/* deliver.h - a body to where its caller wants it: memory of the session, his own, or
 * his sink. session. Knows the reply. Does not know connections.
 * SPDX-License-Identifier: MIT */
#ifndef FY_DELIVER_H
#define FY_DELIVER_H

#include "session/core.h"

/* FERRY_OK: all of the body is there, and t->pub.body says where. */
fy_api ferry_err fy_deliver(fy_transfer *t, fy_wake *w);

#endif
