/* proxy.h - which proxy a request goes through, and what the URL of a proxy says.
 * policy. Knows URLs, lists of pairs and the names of variables. Does not know
 * connections. SPDX-License-Identifier: MIT */
#ifndef FY_PROXY_H
#define FY_PROXY_H

#include "policy/environ.h"
#include "proto/url.h"

typedef enum fy_proxy_kind {
    FY_PROXY_NONE,
    FY_PROXY_HTTP,
    FY_PROXY_HTTPS,
    FY_PROXY_SOCKS4,
    FY_PROXY_SOCKS4A, /* the proxy looks names up */
    FY_PROXY_SOCKS5,
    FY_PROXY_SOCKS5H /* the same */
} fy_proxy_kind;

/* A proxy's URL, taken apart. Views point into the two buffers. */
typedef struct fy_proxy {
    fy_proxy_kind kind;
    fy_buf text;    /* scheme://host[:port]: what may be shown */
    fy_buf aside;   /* user, password, zone: wiped when no longer needed */
    ferry_str host; /* lower case; IPv6 in brackets */
    ferry_str zone;
    ferry_addr addr; /* family 0: the host is a name */
    uint16_t port;
    bool has_user;
    ferry_str user, password; /* decoded: any bytes */
} fy_proxy;

fy_api void fy_proxy_init(fy_proxy *p, const ferry_platform *m);
fy_api void fy_proxy_fini(fy_proxy *p);
/* No proxy; memory is kept. */
fy_api void fy_proxy_clear(fy_proxy *p);

/* "[scheme://][user[:password]@]host[:port][/...]". Without a scheme it is http; ports are
 * 80, 443 and 1080 for SOCKS. After an error `p` is clear. FERRY_ERR_URL,
 * FERRY_ERR_UNSUPPORTED for another scheme, FERRY_ERR_LIMIT, FERRY_ERR_NOMEM. */
fy_api ferry_err fy_proxy_parse(fy_proxy *p, ferry_str text, fy_error *x);

fy_api bool fy_proxy_is_socks(const fy_proxy *p);

/* A pair of `.proxies`: is the name "scheme", "scheme://host", "all" or "all://host", and
 * the value empty or of a scheme that is known? FERRY_ERR_USAGE, FERRY_ERR_UNSUPPORTED. */
fy_api ferry_err fy_proxy_check(ferry_str name, ferry_str value, fy_error *x);

/* May it stand before another one: empty, or of a SOCKS scheme? FERRY_ERR_USAGE, or
 * FERRY_ERR_UNSUPPORTED for a scheme that is unknown. */
fy_api ferry_err fy_proxy_check_first(ferry_str text, fy_error *x);

/* What the environment says: views into what the session remembers of it. */
typedef struct fy_proxy_environ {
    ferry_field at[3];
    size_t n;
    ferry_str no_proxy; /* ptr NULL: not said */
} fy_proxy_environ;

/* http_proxy, https_proxy, all_proxy, no_proxy. The lower-case name comes first, an empty
 * one counts as said. In a CGI program, which has REQUEST_METHOD, HTTP_PROXY is what a
 * stranger sent as "Proxy:", and not looked at. */
fy_api void fy_proxy_environ_read(fy_proxy_environ *out, const fy_fields *environ);

/* The URL of the proxy for `u`; empty: none. Of names that fit, one of the caller's list
 * `given` comes before one of the environment's, and in either "scheme://host" before
 * "scheme", "all://host" and "all"; where no name fits it is `first`, the proxy that would
 * stand before it. An empty value says that there is none. `no_proxy` governs all; where it
 * was not given, ptr NULL, the environment's governs its own. */
fy_api ferry_str fy_proxy_choose(ferry_fields given, ferry_str no_proxy,
    ferry_str first, const fy_proxy_environ *environ, const fy_url *u);

#endif
