/* redirect.h - what becomes of a request when the answer sends it elsewhere
 * (RFC 9110 15.4). policy. Knows statuses, methods and origins. Does not know
 * connections, or how often. SPDX-License-Identifier: MIT */
#ifndef FY_REDIRECT_H
#define FY_REDIRECT_H

#include "proto/url.h"

/* 301, 302, 303, 307 and 308 can be followed; 300, 304, 305 and 306 cannot. */
fy_api bool fy_redirect_is_one(int status);

/* May a request of this method be followed under `follow`, as it was given (0: nowhere)?
 * HEAD only where it was asked for. */
fy_api bool fy_redirect_may_follow(ferry_switch follow, ferry_str method);

/* The method of the request that follows: `method` itself, or GET. `keep_post` lists the
 * statuses after which a POST remains one, ended by 0; or NULL. */
fy_api ferry_str fy_redirect_method(int status, ferry_str method, const int *keep_post);

/* May what was meant for the origin of `from` go to that of `to`: the same origin, or the
 * same host from http on port 80 to https on port 443? */
fy_api bool fy_redirect_keeps_secrets(const fy_url *from, const fy_url *to);

/* Fields that stay with their origin, beside those that always do: a list or NULL. */
typedef struct fy_bound {
    const char *const *names;
} fy_bound;

/* Is it one: Authorization, Cookie, Host, Proxy-Authorization, or one of `more`? */
fy_api bool fy_redirect_is_bound(ferry_str name, const fy_bound *more);

/* Is it a field that speaks of the content, and goes with it (RFC 9110 15.4)? */
fy_api bool fy_redirect_is_of_content(ferry_str name);

#endif
