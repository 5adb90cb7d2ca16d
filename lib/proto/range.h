/* range.h - Content-Range, and what tells that two parts are of one whole (RFC 9110 14.4,
 * 13.1.5). proto. Knows fields. Does not know what is done with the parts.
 * SPDX-License-Identifier: MIT */
#ifndef FY_RANGE_H
#define FY_RANGE_H

#include "ferry.h"
#include "base/str.h"

typedef struct fy_range {
    int64_t first, last; /* -1: none of it, as in a 416 */
    int64_t total;       /* -1: not known */
} fy_range;

/* False if the field does not say it of bytes, or contradicts itself. */
fy_api bool fy_range_parse(fy_range *r, ferry_str value);

/* What If-Range may say of this response: a strong ETag, or else a Last-Modified before
 * its Date; empty if it has neither. */
fy_api ferry_str fy_range_validator(ferry_fields headers);

#endif
