/* authorize.h - who asks: which credentials go with a request, and what a 401 leads to.
 * session. SPDX-License-Identifier: MIT */
#ifndef FY_AUTHORIZE_H
#define FY_AUTHORIZE_H

#include "session/core.h"

/* Remember user and password of the call's URL, `t->url`, which has some. */
fy_api ferry_err fy_authorize_url(fy_transfer *t);

/* Could somebody be named anywhere? Most requests come from nobody, and this tells. */
static inline bool fy_authorize_matters(const fy_transfer *t, const fy_layer *mount)
{
    const ferry_session *s = t->session;
    return t->wish.opts->auth.kind || s->layer.auth.kind || s->netrc.n ||
           t->authorization.is_used || (mount && mount->auth.kind);
}

/* Choose for the request about to be made: `t->authorization.kind`, and its value as far
 * as it is known before the server says something. `fields` are its headers, `target` its
 * target or ptr NULL for that of the URL. */
fy_api ferry_err fy_authorize(
    fy_transfer *t, const fy_layer *mount, ferry_fields fields, ferry_str target);

/* The response is a 401: is there an answer to it that was not given yet? Then the request
 * is to be made again. */
fy_api ferry_err fy_authorize_challenged(fy_transfer *t, bool *is_on);

#endif
