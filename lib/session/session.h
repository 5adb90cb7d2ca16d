/* session.h - what the calls on a session have in common.
 * session. SPDX-License-Identifier: MIT */
#ifndef FY_SESSION_H
#define FY_SESSION_H

#include "session/core.h"

/* May it be called now? FERRY_ERR_NOMEM for NULL, FERRY_ERR_USAGE inside a callback, or
 * what was wrong with it from the start. */
fy_api ferry_err fy_session_check(ferry_session *s);

/* A response was freed: if the session was freed before and this was the last one, its
 * memory goes too. */
fy_api void fy_session_let_go(ferry_session *s);

#endif
