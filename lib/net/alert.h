/* alert.h - what the alerts of TLS say (RFC 8446 6.2).
 * net. Knows numbers. Does not know who sends them, or when. SPDX-License-Identifier: MIT */
#ifndef FY_ALERT_H
#define FY_ALERT_H

#include "base/str.h"

/* What the peer means by this number, to be read after "TLS failed: "; NULL if it is none
 * of those that a caller can do something about. */
fy_api const char *fy_alert_text(int alert);

#endif
