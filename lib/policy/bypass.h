/* bypass.h - which hosts are asked without a proxy: no_proxy lists.
 * policy. Knows hosts and ports as text. Does not know proxies.
 * SPDX-License-Identifier: MIT */
#ifndef FY_BYPASS_H
#define FY_BYPASS_H

#include "base/str.h"

/* Does `list` name this host? `host` is in lower case, IPv6 in brackets; `addr` has a
 * family if it is an address. Entries stand between commas or blanks:
 *   *               every host
 *   example.org     that name and all below it, on dot boundaries; so do .example.org
 *                   and *.example.org
 *   10.0.0.1, ::1   that address; names are not looked up for it
 *   10.0.0.0/8      all addresses that begin so, IPv6 too
 *   ...:8080        any but the last only at that port; IPv6 then in brackets
 * What is none of these matches nothing. */
fy_api bool fy_bypass_has(
    ferry_str list, ferry_str host, const ferry_addr *addr, uint16_t port);

#endif
