/* content.h - content codings that this build decodes (RFC 9110 8.4).
 * proto. Knows codings by name. Does not know where bodies come from.
 * SPDX-License-Identifier: MIT */
#ifndef FY_CONTENT_H
#define FY_CONTENT_H

#include "base/error.h"

/* The value of Accept-Encoding: exactly what can be decoded, or "identity". */
fy_api const char *fy_content_codings(void);

#endif
