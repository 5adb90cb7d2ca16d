/* prepare.h - from the caller's words to a request that can be sent.
 * session. SPDX-License-Identifier: MIT */
#ifndef FY_PREPARE_H
#define FY_PREPARE_H

#include "session/core.h"

/* Fill in everything that the call's first request needs: options, URL, head, body, pool
 * key. `wish` must last until the response is final (see fy_chain_keep()); the bytes of
 * `.body` and `.text` until it is complete. */
fy_api ferry_err fy_prepare(fy_transfer *t, const fy_wish *wish, ferry_str url);

/* The same for the request that follows in the same call: `t->url`, `t->method` and what
 * may go along are set. */
fy_api ferry_err fy_prepare_again(fy_transfer *t);

#endif
