/* tls.h - protection for https (RFC 9110 4.2.2).
 * net. SPDX-License-Identifier: MIT */
#ifndef FY_TLS_H
#define FY_TLS_H

#include "base/error.h"

/* FERRY_OK if this build can protect a connection, else FERRY_ERR_UNSUPPORTED. */
fy_api ferry_err fy_tls_check(fy_error *x);

#endif
