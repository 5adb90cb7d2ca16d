/* status.h - the names of statuses (RFC 9110 15 and the registry it founded).
 * proto. SPDX-License-Identifier: MIT */
#ifndef FY_STATUS_H
#define FY_STATUS_H

#include "base/str.h"

/* "Not Found", or NULL for a number without a name. */
fy_api const char *fy_status_text(int status);
/* The number of a name, 0 if there is none. Case does not count, and '_', '-' and blank are
 * one. */
fy_api int fy_status_code(ferry_str name);

#endif
