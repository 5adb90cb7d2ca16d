/* url.h - http, https and http+unix URLs: parsed, normalised, resolved, compared (RFC 3986,
 * RFC 9110 4.2).
 * proto. Knows text. Does not know options, sockets or who asks.
 * SPDX-License-Identifier: MIT */
#ifndef FY_URL_H
#define FY_URL_H

#include "ferry.h"
#include "proto/authority.h"

/* A URL in its normal form, taken apart. All views point into the two buffers and live
 * until the next call that writes this fy_url; empty ones point to "". Members are read
 * by everybody and written only here.
 *
 * Normal means: scheme and host in lower case, no port that is the scheme's default, a
 * path that begins with "/" and has no dot segments, triplets of unreserved bytes
 * decoded and others in upper case, illegal bytes encoded. Parsing `text` again gives
 * the same text. User, password and zone id are never part of it. */
typedef struct fy_url {
    fy_buf text;         /* scheme://host[:port]/path[?query][#fragment] */
    fy_buf aside;        /* user, password and zone id: wiped when no longer needed */
    ferry_str scheme;    /* "http", "https" or "http+unix" */
    ferry_str authority; /* host[:port], the value of Host (RFC 9110 7.2) */
    ferry_str host;      /* lower case; IPv6 in brackets; a trailing dot stays */
    ferry_str path;
    ferry_str query;    /* without "?"; may be empty and yet there */
    ferry_str fragment; /* without "#"; the same */
    ferry_str user;     /* still percent-encoded */
    ferry_str password; /* still percent-encoded */
    ferry_str zone;     /* of an IPv6 address (RFC 6874), as text */
    ferry_addr addr;    /* family FERRY_IPV4 or FERRY_IPV6; 0: the host is a name */
    uint16_t port;      /* default filled in; 0 if the URL says 0 */
    bool has_query;
    bool has_fragment;
    bool has_userinfo;
    bool has_password;
    bool is_unix; /* http+unix: the host is the path of a socket, percent-encoded */
} fy_url;

/* `max` bytes of text at most. Init takes no memory; clear keeps it, so that a fy_url
 * used again allocates nothing once it has room. */
fy_api void fy_url_init(fy_url *u, const ferry_platform *m, size_t max);
fy_api void fy_url_fini(fy_url *u);
fy_api void fy_url_clear(fy_url *u);

/* Parse an absolute URL. `params`, but for those with value.ptr NULL, are form-encoded
 * behind its own query, before the fragment. `text` must not lie in `u`. After an error
 * `u` is clear. FERRY_ERR_URL with the offset of the byte in question,
 * FERRY_ERR_UNSUPPORTED for another scheme (or a non-ASCII host in a build with
 * IDN=none), FERRY_ERR_LIMIT, FERRY_ERR_NOMEM. */
fy_api ferry_err fy_url_parse(
    fy_url *u, ferry_str text, ferry_fields params, fy_error *x);

/* Resolve `reference` against `base`, strictly by RFC 3986 5.2, into `out`, which is
 * another fy_url. What the reference does not say comes from the base, user information
 * too, but for the fragment. Errors as fy_url_parse(), with the offset in
 * `reference`. */
fy_api ferry_err fy_url_resolve(
    fy_url *out, const fy_url *base, ferry_str reference, fy_error *x);

/* The same, for the Location of a redirect: a fragment that it lacks is the base's
 * (RFC 9110 10.2.2). */
fy_api ferry_err fy_url_follow(
    fy_url *out, const fy_url *base, ferry_str location, fy_error *x);

/* The value of Host: host, and port unless it is the scheme's (RFC 9110 7.2). */
fy_api void fy_url_put_host(fy_buf *b, const fy_url *u);
/* Request targets (RFC 9112 3.2): origin-form, a view; absolute-form, without fragment. */
fy_api ferry_str fy_url_target(const fy_url *u);
fy_api void fy_url_put_absolute(fy_buf *b, const fy_url *u);

/* Same scheme, host and port (RFC 6454 5), and the same zone. */
fy_api bool fy_url_same_origin(const fy_url *a, const fy_url *b);

/* Parse a prefix of URLs: "scheme://", "scheme://host[:port]" or
 * "scheme://host[:port]/path". User, query or fragment are FERRY_ERR_URL, otherwise as
 * fy_url_parse(). Equal prefixes have equal `text` and `zone`, and of two that match
 * the same URL the one with the longer `text` says more. */
fy_api ferry_err fy_url_parse_prefix(fy_url *u, ferry_str text, fy_error *x);

/* True if `u` begins with `prefix`: same scheme, host and port as far as it names them,
 * and whole path segments: "/v1" is a prefix of "/v1" and "/v1/x" but not of "/v10",
 * "/v1/" only of what is below it. */
fy_api bool fy_url_under(const fy_url *u, const fy_url *prefix);

#endif
