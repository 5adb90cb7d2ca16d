/* host.h - addresses written as text (RFC 3986 3.2.2).
 * proto. Knows digits and colons. Does not know names, ports or who asks.
 * SPDX-License-Identifier: MIT */
#ifndef FY_HOST_H
#define FY_HOST_H

#include "base/str.h"

/* Four decimal numbers of 0 to 255 without leading zeros, and nothing else. `out` is
 * the address in network order, written only if it is one. */
fy_api bool fy_host_ipv4(ferry_str s, uint8_t out[4]);

/* An IPv6 address without brackets and zone; the last 32 bits may be
 * written as IPv4. */
fy_api bool fy_host_ipv6(ferry_str s, uint8_t out[16]);

/* What stands between brackets; without them, all of it. */
fy_api ferry_str fy_host_bare(ferry_str host);

/* True if the last label, but for one trailing dot, is a decimal or 0x number. Some
 * programs take such a host for an IPv4 address in an odd spelling (127.1, 0x7f000001),
 * others for a name: who cannot have both must refuse it. */
fy_api bool fy_host_is_numeric(ferry_str s);

#endif
