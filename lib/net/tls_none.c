/* tls_none.c - a build without TLS.
 * net. Stands in for it. SPDX-License-Identifier: MIT */
#include "net/tls.h"

ferry_err fy_tls_check(fy_error *x)
{
    return fy_fail(
        x, FERRY_ERR_UNSUPPORTED, "https needs a build with TLS", FY_NOWHERE);
}
