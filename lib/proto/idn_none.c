/* idn_none.c - host names beyond ASCII: not in this build.
 * proto. SPDX-License-Identifier: MIT */
#include "proto/idn.h"

ferry_err fy_idn_to_ascii(fy_buf *out, ferry_str host, fy_error *x)
{
    (void)out;
    (void)host;
    return fy_fail(x, FERRY_ERR_UNSUPPORTED,
        "non-ASCII host names need a build with IDN=libidn2", FY_NOWHERE);
}
