/* cookies.h - which cookies may come in, and what goes out (RFC 6265bis 5.7, 5.8).
 * policy. Knows the rules. Does not know how cookies are kept, nor what time it is.
 * SPDX-License-Identifier: MIT */
#ifndef FY_COOKIES_H
#define FY_COOKIES_H

#include "policy/jar.h"
#include "proto/set_cookie.h"

/* Who sets cookies, or is asked: views. */
typedef struct fy_cookie_peer {
    ferry_str host; /* in lower case; IPv6 in brackets */
    ferry_str path;
    bool is_secure;
    bool is_address; /* the host is one, and no name */
} fy_cookie_peer;

/* The default limits, comparable. */
fy_api void fy_cookies_fill(ferry_cookie_limits *l);
/* Put those over them that were given, as options say numbers. */
fy_api void fy_cookies_limit(ferry_cookie_limits *l, const ferry_cookie_limits *given);

/* Judge the value of a Set-Cookie field by `peer`, and keep the cookie. `*why` is NULL or
 * static text that says why not. `now` is in seconds since 1970. FERRY_ERR_NOMEM: there
 * was no memory, and nothing has changed. */
fy_api ferry_err fy_cookies_take(fy_jar *j, const fy_cookie_peer *peer, ferry_str field,
    int64_t now, const char **why);

/* Judge a cookie whose parts are known, for instance from a file: domain in lower case
 * and without a first dot. NULL, or why it is none. */
fy_api const char *fy_cookies_check(const fy_jar *j, const fy_cookie_spec *spec);

/* Append the value of the Cookie field: `own`, which no limit holds back, and the first
 * `n` of j->found, as fy_jar_find() left them, that have not ended and that `own` does
 * not name. A pair without value only keeps the jar's away. Nothing is appended if there
 * is none. `own` may be NULL, and without `n` so may `j`. */
fy_api void fy_cookies_put(
    fy_buf *out, fy_jar *j, size_t n, const ferry_pair *own, int64_t now);

/* The path of a cookie without one (RFC 6265bis 5.1.4). */
fy_api ferry_str fy_cookies_default_path(ferry_str path);
/* When it ends; 0 with the session. One that ended in 1970 is not one of these. */
fy_api int64_t fy_cookies_expires(const fy_set_cookie *said);

/* This machine: localhost and names under it, 127.0.0.0/8, [::1]. */
fy_api bool fy_cookies_is_loopback(ferry_str host);

/* NULL, or why one of these pairs cannot stand in a Cookie field. */
fy_api const char *fy_cookies_check_pairs(const ferry_pair *pairs);

#endif
