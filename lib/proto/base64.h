/* base64.h - bytes as text of 64 characters (RFC 4648 4).
 * proto. Knows bytes. Does not know what they mean. SPDX-License-Identifier: MIT */
#ifndef FY_BASE64_H
#define FY_BASE64_H

#include "base/buf.h"

/* Append the bytes of all `pieces` as one text, padded with "=". */
fy_api void fy_base64_put(fy_buf *out, const ferry_str *pieces, size_t n);

#endif
