/* tunnel.c - asking an HTTP proxy for a tunnel: CONNECT and its answer (RFC 9110 9.3.6).
 * proto. Bytes in, bytes out. Does not know sockets, time, or what goes through.
 *
 * Rule: a 2xx ends at its empty line, whatever Content-Length and Transfer-Encoding say
 * (RFC 9110 9.3.6): all behind it belongs to the tunnel. So no more is read at once than
 * is missing to the nearest empty line. SPDX-License-Identifier: MIT */
#include "proto/tunnel.h"

#include <string.h>

enum { TUNNEL_INTERIM = 8 };

void fy_tunnel_init(fy_tunnel *t, const ferry_platform *m)
{
    *t = (fy_tunnel){.cursor = 0};
    fy_fields_init(&t->head.fields, m, FY_TUNNEL_FIELDS);
}

void fy_tunnel_fini(fy_tunnel *t)
{
    fy_fields_fini(&t->head.fields);
}

void fy_tunnel_put_target(fy_buf *out, ferry_str host, uint16_t port)
{
    fy_buf_puts(out, host);
    fy_buf_putc(out, ':');
    fy_buf_put_number(out, port);
}

void fy_tunnel_put(
    fy_buf *out, ferry_str host, uint16_t port, int minor, ferry_fields fields)
{
    fy_buf_puts(out, FY_S("CONNECT "));
    fy_tunnel_put_target(out, host, port);
    fy_buf_puts(out, minor ? FY_S(" HTTP/1.1\r\nHost: ") : FY_S(" HTTP/1.0\r\nHost: "));
    fy_tunnel_put_target(out, host, port);
    fy_buf_puts(out, FY_S("\r\n"));
    for (size_t i = 0; i < fields.n; i++) {
        if (!fields.at[i].value.ptr)
            continue;
        fy_buf_puts(out, fields.at[i].name);
        fy_buf_puts(out, FY_S(": "));
        fy_buf_puts(out, fields.at[i].value);
        fy_buf_puts(out, FY_S("\r\n"));
    }
    fy_buf_puts(out, FY_S("\r\n"));
}

static ferry_err tunnel_fail(fy_error *x, const char *what)
{
    return fy_fail(x, FERRY_ERR_PROXY, what, FY_NOWHERE);
}

/* What is wrong with the proxy's head is the proxy's fault, and said so. */
static ferry_err tunnel_blame(ferry_err e, fy_error *x)
{
    if (e == FERRY_ERR_PROTOCOL)
        x->code = FERRY_ERR_PROXY;
    return x->code;
}

size_t fy_tunnel_wants(const fy_buf *in)
{
    enum { TUNNEL_LEAST = sizeof "HTTP/1.1 200\r\n\r\n" - 1 };
    static const char end[] = "\r\n\r\n";
    size_t n = 3; /* of the end, that have come */
    if (in->len < TUNNEL_LEAST)
        return TUNNEL_LEAST - in->len;
    while (n && memcmp(in->ptr + in->len - n, end, n) != 0)
        n--;
    return 4 - n;
}

/* An answer before the last one (RFC 9110 15.2): a new one begins behind it. */
static ferry_err tunnel_skip(fy_tunnel *t, fy_buf *in, size_t end, fy_error *x)
{
    if (t->head.status == 101 || ++t->interim > TUNNEL_INTERIM)
        return tunnel_fail(x, "interim answers to CONNECT without end");
    memmove(in->ptr, in->ptr + end, in->len - end);
    in->len -= end;
    t->cursor = 0;
    return FERRY_OK;
}

static ferry_err tunnel_judge(const fy_tunnel *t, fy_error *x)
{
    if (t->head.status / 100 == 2)
        return FERRY_OK;
    tunnel_fail(x, "the proxy does not open a tunnel");
    x->status = t->head.status;
    return FERRY_ERR_PROXY;
}

ferry_err fy_tunnel_take(fy_tunnel *t, fy_buf *in, fy_error *x)
{
    for (;;) {
        size_t end;
        ferry_err e = in->len
                          ? fy_response_find_end(fy_buf_view(in), &t->cursor, &end, x)
                          : FERRY_AGAIN;
        if (e == FERRY_AGAIN)
            return in->len <= FY_TUNNEL_HEAD - 4
                       ? e
                       : tunnel_fail(x, "the answer to CONNECT has no end");
        if (!e)
            e = fy_response_parse(&t->head, in->ptr, end, x);
        if (e)
            return tunnel_blame(e, x);
        if (t->head.status >= 200)
            return tunnel_judge(t, x);
        TRY(tunnel_skip(t, in, end, x));
    }
}
