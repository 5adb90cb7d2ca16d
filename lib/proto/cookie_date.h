/* cookie_date.h - the dates of cookies to seconds since 1970 (RFC 6265bis 5.1.1).
 * proto. Knows the calendar. Does not know what time it is.
 * SPDX-License-Identifier: MIT */
#ifndef FY_COOKIE_DATE_H
#define FY_COOKIE_DATE_H

#include "base/str.h"

/* Read the value of an Expires attribute, which many servers write in ways of their own:
 * a time, a day, a month and a year, in any order, whatever stands between them and
 * behind them. Years of two digits are 1970 to 2069. False, and `unix_time` as it was, if
 * one is missing, or if there is no such moment. */
fy_api bool fy_cookie_date_parse(ferry_str text, int64_t *unix_time);

#endif
