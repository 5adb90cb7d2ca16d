/* session.h - what the calls on a session have in common.
 * session. SPDX-License-Identifier: MIT */
#ifndef FY_SESSION_H
#define FY_SESSION_H

#include "session/core.h"

/* Begin a call on it: from here to fy_session_leave() the user's callbacks may not call it
 * again. FERRY_ERR_NOMEM for NULL, FERRY_ERR_USAGE inside a callback, or what was wrong
 * with it from the start. */
fy_api ferry_err fy_session_enter(ferry_session *s);
/* End the call; returns `e`. */
fy_api ferry_err fy_session_leave(ferry_session *s, ferry_err e);

/* Inside a call: free a response of this session. */
fy_api void fy_response_free(ferry_response *r);

#endif
