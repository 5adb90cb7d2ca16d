/* link.h - links in a Link field (RFC 8288).
 * proto. Knows one field value. Does not know where the links lead.
 * SPDX-License-Identifier: MIT */
#ifndef FY_LINK_H
#define FY_LINK_H

#include "base/str.h"

/* The target of the first link in `value` that has the relation type `rel`, ignoring case,
 * and speaks of the resource itself: it has no anchor (RFC 8288 3.2, 3.3). False if there
 * is none. What is not a link is passed over up to the next comma. */
fy_api bool fy_link_find(ferry_str value, ferry_str rel, ferry_str *target);

#endif
