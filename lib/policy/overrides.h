/* overrides.h - addresses that the caller gives for a host and port, instead of asking
 * for its name.
 * policy. Knows lists of pairs. Does not know resolvers. SPDX-License-Identifier: MIT */
#ifndef FY_OVERRIDES_H
#define FY_OVERRIDES_H

#include "proto/fields.h"

/* Is this "host:port" or "*:port", and the value a list of addresses between commas?
 * FERRY_ERR_USAGE. A value with ptr NULL is fine. */
fy_api ferry_err fy_overrides_check(ferry_str name, ferry_str value, fy_error *x);

/* How many addresses of at most `max` there are for this host, which is in lower case and
 * without brackets; 0: the list does not speak of it. A host of its own comes before "*". */
fy_api int fy_overrides_find(
    ferry_fields list, ferry_str host, uint16_t port, ferry_addr *out, int max);

#endif
