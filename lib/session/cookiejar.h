/* cookiejar.h - a session's cookies, as its transfers need them.
 * session. SPDX-License-Identifier: MIT */
#ifndef FY_COOKIEJAR_H
#define FY_COOKIEJAR_H

#include "policy/cookies.h"
#include "session/core.h"

/* Who is asked with this URL; views into it. */
fy_api fy_cookie_peer fy_cookiejar_peer(const fy_jar *j, const fy_url *u);

/* Seconds since 1970; and the same only if anything in the jar depends on it. */
fy_api int64_t fy_cookiejar_clock(const ferry_session *s);
fy_api int64_t fy_cookiejar_now(const ferry_session *s);

#endif
