/* conn.c - one connection, from a name to an open transport.
 * net. Knows resolvers, diallers and transports. Does not know requests or the pool's
 * rules. SPDX-License-Identifier: MIT */
#include "net/conn.h"

#include <string.h>

#include "net/system.h"

/* RFC 6761 6.3: these names never leave the machine. */
static bool conn_is_localhost(ferry_str host)
{
    ferry_str local = FY_S("localhost");
    if (host.len && host.ptr[host.len - 1] == '.')
        host.len--;
    if (host.len < local.len)
        return false;
    ferry_str tail = fy_str_from(host, host.len - local.len);
    return fy_str_eq_nocase(tail, local) &&
           (tail.ptr == host.ptr || tail.ptr[-1] == '.');
}

static int conn_loopback(ferry_addr *out)
{
    out[0] = (ferry_addr){.family = FERRY_IPV6, .bytes = {[15] = 1}};
    out[1] = (ferry_addr){.family = FERRY_IPV4, .bytes = {127, 0, 0, 1}};
    return 2;
}

static int conn_literal(const fy_endpoint *to, ferry_addr *out)
{
    *out = to->literal;
    if (to->zone[0])
        out->zone = fy_system_zone(to->zone);
    return 1;
}

/* Whose names are the dialler's own affair: a mounted one, or a platform's that comes
 * without a resolver. */
static bool conn_dials_names(const ferry_platform *p, const fy_endpoint *to)
{
    return to->dialer || (p->dial && !p->resolve);
}

static ferry_err conn_resolve(
    fy_conn *c, const ferry_platform *p, const fy_endpoint *to, fy_error *x)
{
    c->state = FY_CONN_DIAL;
    c->next_addr = 0;
    if (conn_dials_names(p, to))
        c->n_addrs = 1;
    else if (to->is_literal)
        c->n_addrs = conn_literal(to, c->addrs);
    else if (conn_is_localhost(fy_str(to->host)))
        c->n_addrs = conn_loopback(c->addrs);
    else if (p->resolve)
        c->n_addrs = p->resolve(
            p->ctx, to->host, c->addrs, FY_CONN_ADDRESSES, &c->fault);
    else
        c->n_addrs = fy_system_resolve(
            to->host, c->addrs, FY_CONN_ADDRESSES, &c->fault);
    if (c->n_addrs <= 0)
        return fy_fail_fault(x, &c->fault, FERRY_ERR_NAME, "no address");
    return FERRY_OK;
}

static int conn_start(fy_conn *c, const ferry_platform *p, const fy_endpoint *to)
{
    const ferry_addr *addr = conn_dials_names(p, to) ? NULL : &c->addrs[c->next_addr];
    c->next_addr++;
    c->fault = (ferry_fault){FERRY_OK, 0, NULL};
    if (to->dialer)
        return to->dialer->dial(
            to->dialer->ctx, to->host, to->port, addr, &c->transport, &c->fault);
    if (p->dial)
        return p->dial(p->ctx, to->host, to->port, addr, &c->transport, &c->fault);
    return fy_system_dial(p, addr, to->port, &c->transport, &c->fault);
}

/* The addresses in turn, until one answers. */
static ferry_err conn_dial(
    fy_conn *c, const ferry_platform *p, const fy_endpoint *to, fy_error *x)
{
    while (c->next_addr < c->n_addrs) {
        if (conn_start(c, p, to) == 0) {
            c->state = FY_CONN_OPEN;
            return FERRY_OK;
        }
        c->transport = NULL;
    }
    return fy_fail_fault(x, &c->fault, FERRY_ERR_CONNECT, "no connection");
}

static ferry_err conn_open(
    fy_conn *c, const ferry_platform *p, const fy_endpoint *to, fy_error *x)
{
    (void)p, (void)to, (void)x;
    int answer = c->transport->calls->open(c->transport);
    if (answer == FERRY_WANT_READ || answer == FERRY_WANT_WRITE)
        return FERRY_AGAIN;
    if (answer == FERRY_FAILED) {
        c->fault = c->transport->fault;
        fy_conn_close(c);
        c->state = FY_CONN_DIAL;
        return FERRY_OK;
    }
    c->state = FY_CONN_READY;
    return FERRY_OK;
}

ferry_err fy_conn_connect(
    fy_conn *c, const ferry_platform *p, const fy_endpoint *to, fy_error *x)
{
    static ferry_err (*const step[])(
        fy_conn *, const ferry_platform *, const fy_endpoint *, fy_error *) = {
        [FY_CONN_RESOLVE] = conn_resolve,
        [FY_CONN_DIAL] = conn_dial,
        [FY_CONN_OPEN] = conn_open,
    };
    while (c->state != FY_CONN_READY)
        TRY(step[c->state](c, p, to, x));
    return FERRY_OK;
}

void fy_conn_close(fy_conn *c)
{
    if (c->transport)
        c->transport->calls->close(c->transport);
    c->transport = NULL;
}

bool fy_conn_is_stale(fy_conn *c)
{
    char byte;
    return c->transport->calls->read(c->transport, &byte, 1, 0) != FERRY_WANT_READ;
}
