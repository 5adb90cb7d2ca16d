/* protect.h - which settings of TLS a request goes under.
 * session. SPDX-License-Identifier: MIT */
#ifndef FY_PROTECT_H
#define FY_PROTECT_H

#include "session/core.h"

/* For https over a dialler that does not protect its bytes itself: join what the three
 * levels say (mount may be NULL) and load it: t->protection. */
fy_api ferry_err fy_protect_prepare(fy_transfer *t, const fy_layer *mount);
/* The transfer ends, or is prepared anew. */
fy_api void fy_protect_forget(fy_transfer *t);

#endif
