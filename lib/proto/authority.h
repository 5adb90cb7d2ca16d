/* authority.h - the part of a URL between "//" and the path: who is asked, and by whom
 * (RFC 3986 3.2).
 * proto. Knows user information, hosts and ports. Does not know schemes or paths.
 * SPDX-License-Identifier: MIT */
#ifndef FY_AUTHORITY_H
#define FY_AUTHORITY_H

#include "base/error.h"

/* What an authority came to. Lengths, as the buffers they refer to may still grow. */
typedef struct fy_authority {
    size_t host_len;     /* in the text, from where the authority begins */
    size_t user_len;     /* aside: the user first, ... */
    size_t password_len; /* ... then the password, ... */
    size_t zone_len;     /* ... then the zone id */
    ferry_addr addr;     /* family 0: the host is a name. zone is not filled in */
    uint16_t port;
    bool has_userinfo;
    bool has_password;
} fy_authority;

/* Take `raw` apart. Appends to `text` what everybody may see, "host" or "host:port",
 * normalised: lower case, IPv6 in brackets without its zone, no port if it is
 * `default_port` (RFC 9110 4.2.3), so exactly the value of Host (RFC 9110 7.2). Writes
 * to `aside`, which must be empty, what only the connection or the credentials need, so
 * that it holds every secret and may be wiped.
 * FERRY_ERR_URL with the offset in `raw`, or what fy_idn_to_ascii() answers. A full
 * buffer is not an error here: ask the buffers. */
fy_api ferry_err fy_authority_put(fy_authority *a, fy_buf *text, fy_buf *aside,
    ferry_str raw, uint16_t default_port, fy_error *x);

/* The same for the path of a unix socket, percent-encoded: no user, no port, no NUL. */
fy_api ferry_err fy_authority_put_socket(
    fy_authority *a, fy_buf *text, ferry_str raw, fy_error *x);

/* The length of the authority at the front of `s`, if it is normal as it stands: a name
 * or IPv4 address, perhaps a port. `a` is filled in. Else 0: ask fy_authority_put(). */
fy_api size_t fy_authority_scan(fy_authority *a, ferry_str s, uint16_t default_port);

#endif
