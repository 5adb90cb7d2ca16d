/* uri.h - RFC 3986 as it is written, step by step: what URLs are compared with.
 * SPDX-License-Identifier: MIT */
#ifndef CONFORM_URI_H
#define CONFORM_URI_H

#include "base/buf.h"

/* The components of 3, as written. */
typedef struct uri {
    ferry_str scheme, authority, path, query, fragment;
    bool has_scheme, has_authority, has_query, has_fragment;
} uri;

/* The parts of an authority (3.2), as written. The last "@" ends the user. */
typedef struct uri_authority {
    ferry_str user, host, port;
    bool has_user, has_port;
} uri_authority;

uri uri_split(ferry_str text);
uri_authority uri_split_authority(ferry_str authority);

/* 5.2.2 and 5.3, strict. */
void uri_resolve(fy_buf *out, ferry_str base, ferry_str reference);

/* 6.2.2 and 6.2.3: case, triplets, dot segments, default port, empty path. */
void uri_normalise(fy_buf *out, ferry_str text);

/* Append `text` with the bytes that its components may not hold encoded, and without
 * blanks before it. False if it holds what must not be repaired: a control byte, or a
 * backslash before an "@" of the authority. The host is left as it is. */
bool uri_repair(fy_buf *out, ferry_str text);

/* May an HTTP client fetch this: http or https, a host that all readers take for the
 * same one, a port? Hosts beyond ASCII may pass. */
bool uri_is_http(ferry_str text);
/* Does the last label look like a number without the host being an IPv4 address? */
bool uri_is_odd_number(ferry_str host);
bool uri_is_beyond_ascii(ferry_str host);

#endif
