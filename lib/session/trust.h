/* trust.h - what a session takes from the machine beside its platform: environment and
 * netrc file. session. SPDX-License-Identifier: MIT */
#ifndef FY_TRUST_H
#define FY_TRUST_H

#include "session/core.h"

/* What `o` says of it, if anything: read what is new, and then change the session. After
 * an error nothing has changed. */
fy_api ferry_err fy_trust_change(ferry_session *s, const ferry_opts *o, fy_error *x);
fy_api void fy_trust_init(ferry_session *s);
fy_api void fy_trust_fini(ferry_session *s);

#endif
