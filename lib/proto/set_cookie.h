/* set_cookie.h - what a Set-Cookie field says (RFC 6265bis 5.6).
 * proto. Knows one field value. Does not know who sent it, or whether it may.
 * SPDX-License-Identifier: MIT */
#ifndef FY_SET_COOKIE_H
#define FY_SET_COOKIE_H

#include "base/str.h"
#include "ferry.h"

/* No cookie lives longer than 400 days (RFC 6265bis 5.5). */
enum { FY_COOKIE_LONGEST = 400 * 24 * 60 * 60 };

/* The views point into the field's value. */
typedef struct fy_set_cookie {
    ferry_str name, value;
    ferry_str domain; /* without a first dot, in any case; empty: none was given */
    ferry_str path;   /* begins with "/"; empty: the default */
    bool has_path;    /* there was a Path attribute, perhaps a useless one */
    bool is_secure, is_http_only;
    bool is_persistent; /* has an end: */
    int64_t expires;    /* in seconds since 1970; INT64_MIN: long ago */
    ferry_same_site same_site;
} fy_set_cookie;

/* Read the value of a Set-Cookie field. `now` is in seconds since 1970; `pair_max` bounds
 * the name and the value together, `attribute_max` the value of an attribute, beyond
 * which it is passed over. NULL, or static text that says why the field is to be
 * ignored. */
fy_api const char *fy_set_cookie_parse(fy_set_cookie *out, ferry_str field, int64_t now,
    int64_t pair_max, int64_t attribute_max);

/* NULL, or why no cookie has such a name and value (RFC 6265bis 5.7). They have no control
 * characters: no field with one is read, and nothing that is put in has one. */
fy_api const char *fy_set_cookie_check(
    ferry_str name, ferry_str value, int64_t pair_max);

/* When a cookie ends that wants to end at `expires`. */
static inline int64_t fy_set_cookie_cap(int64_t expires, int64_t now)
{
    int64_t latest = fy_due(now, FY_COOKIE_LONGEST);
    return expires < latest ? expires : latest;
}

#endif
