/* idn.h - host names beyond ASCII (RFC 5890, RFC 5891).
 * proto. Knows names. Does not know URLs. One of idn_libidn2.c and idn_none.c stands
 * behind it. SPDX-License-Identifier: MIT */
#ifndef FY_IDN_H
#define FY_IDN_H

#include "base/error.h"

/* Append `host` (UTF-8, without NUL, not in `out`) as the A-labels that go into the
 * DNS: mapped by UTS 46 (non-transitional), then IDNA2008 with STD3's rules.
 * FERRY_ERR_URL if it is no such name, FERRY_ERR_NOMEM, FERRY_ERR_LIMIT, or, in a build
 * with IDN=none, FERRY_ERR_UNSUPPORTED. */
fy_api ferry_err fy_idn_to_ascii(fy_buf *out, ferry_str host, fy_error *x);

#endif
