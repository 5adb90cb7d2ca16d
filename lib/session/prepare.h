/* prepare.h - from the caller's words to a request that can be sent.
 * session. SPDX-License-Identifier: MIT */
#ifndef FY_PREPARE_H
#define FY_PREPARE_H

#include "session/core.h"

/* What the caller wants, as views. `opts` was read and checked. */
typedef struct fy_wish {
    ferry_str method, url;
    const ferry_opts *opts;
} fy_wish;

/* Fill in everything of `t` that its request needs: options, URL, head, body, pool key.
 * Nothing of the wish is needed afterwards, but for what fy_body_choose() borrows. */
fy_api ferry_err fy_prepare(fy_transfer *t, const fy_wish *wish);

#endif
