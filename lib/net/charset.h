/* charset.h - charsets that proto/text does not read itself.
 * net. One interface; charset_posix.c answers it, charset_none.c stands in.
 * SPDX-License-Identifier: MIT */
#ifndef FY_CHARSET_H
#define FY_CHARSET_H

#include "base/error.h"

/* Append in UTF-8; what is malformed becomes U+FFFD. FERRY_ERR_UNSUPPORTED if the name is
 * not known, FERRY_ERR_NOMEM. */
fy_api ferry_err fy_charset_put(
    fy_buf *out, ferry_str name, ferry_str bytes, fy_error *x);

#endif
