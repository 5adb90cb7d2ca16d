/* tunnel.h - asking an HTTP proxy for a tunnel: CONNECT and its answer (RFC 9110 9.3.6).
 * proto. Bytes in, bytes out. Does not know sockets, time, or what goes through.
 * SPDX-License-Identifier: MIT */
#ifndef FY_TUNNEL_H
#define FY_TUNNEL_H

#include "proto/response.h"

enum { FY_TUNNEL_HEAD = 16384, FY_TUNNEL_FIELDS = 128 };

typedef struct fy_tunnel {
    size_t cursor;
    int interim;
    fy_head head; /* of the final answer; views into the buffer that it came in */
} fy_tunnel;

fy_api void fy_tunnel_init(fy_tunnel *t, const ferry_platform *m);
fy_api void fy_tunnel_fini(fy_tunnel *t);

/* Append the request target: "host:port". */
fy_api void fy_tunnel_put_target(fy_buf *out, ferry_str host, uint16_t port);

/* Append the request, of HTTP/1.`minor`. `host` has brackets if it is IPv6; the port is
 * always said. The
 * fields are for the proxy, were checked, and go nowhere else; one with value.ptr NULL is
 * left out. */
fy_api void fy_tunnel_put(
    fy_buf *out, ferry_str host, uint16_t port, int minor, ferry_fields fields);

/* With what has come in `in`, so many bytes may be read behind it: never one that belongs
 * to the tunnel. 1 at least. */
fy_api size_t fy_tunnel_wants(const fy_buf *in);

/* Look at all that has come. FERRY_AGAIN: read on. FERRY_OK: the tunnel is open.
 * FERRY_ERR_PROXY: the answer is another one, with t->head and x->status, or none at all.
 * Interim ones are taken out of `in`. */
fy_api ferry_err fy_tunnel_take(fy_tunnel *t, fy_buf *in, fy_error *x);

#endif
