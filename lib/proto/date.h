/* date.h - HTTP-date to seconds since 1970 (RFC 9110 5.6.7).
 * proto. Knows the calendar. Does not know what time it is.
 * SPDX-License-Identifier: MIT */
#ifndef FY_DATE_H
#define FY_DATE_H

#include "base/str.h"

/* Read any of the three forms: IMF-fixdate, RFC 850, asctime. Names in any case;
 * nothing before or behind. The name of the day is not held against the date; second 60
 * is the next minute's 0. `now` (seconds since 1970) gives the century to RFC 850's
 * years. False, and `unix_time` as it was, if it is no date. */
fy_api bool fy_date_parse(ferry_str text, int64_t now, int64_t *unix_time);

/* A moment of the calendar, in UTC. */
typedef struct fy_date_parts {
    int weekday, day, month, hour, minute, second; /* weekday and month from 0 */
    int64_t year;                                  /* 0 to 9999 */
    bool has_century;
} fy_date_parts;

/* Is there such a day, and such a time? */
fy_api bool fy_date_is_real(const fy_date_parts *p);
/* The seconds since 1970 of a moment that is real. */
fy_api int64_t fy_date_seconds(const fy_date_parts *p);

#endif
