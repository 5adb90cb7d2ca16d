/* endpoint.h - what the way of one request is for the pool, and for a connection.
 * session. SPDX-License-Identifier: MIT */
#ifndef FY_ENDPOINT_H
#define FY_ENDPOINT_H

#include "session/core.h"

/* t->key and t->endpoint, of the way that was chosen. */
fy_api ferry_err fy_endpoint_describe(fy_transfer *t);

#endif
