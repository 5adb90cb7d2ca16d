/* cookie_field.h - the Cookie field of a request, the Set-Cookie fields of a response.
 * session. SPDX-License-Identifier: MIT */
#ifndef FY_COOKIE_FIELD_H
#define FY_COOKIE_FIELD_H

#include "policy/cookies.h"
#include "proto/request.h"
#include "session/core.h"

/* Append the Cookie line of the request that a transfer prepares, if there are cookies for it:
 * of the jar, and of the call as long as it is at its first origin. A Cookie field among
 * `fields` stands alone. */
fy_api ferry_err fy_cookie_field_put(void *transfer, ferry_fields fields, fy_buf *out);

/* Who is asked with this URL, as cookies see it; views into it. */
fy_api fy_cookie_peer fy_cookie_field_peer(const fy_jar *j, const fy_url *u);
/* Seconds since 1970; and the same only if anything in the jar depends on it. */
fy_api int64_t fy_cookie_field_clock(const ferry_session *s);
fy_api int64_t fy_cookie_field_now(const ferry_session *s);

/* Keep what the response whose head is here sets. */
fy_api ferry_err fy_cookie_field_take(fy_transfer *t);

#endif
