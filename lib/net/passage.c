/* passage.c - what is said to a proxy over an open transport until the transport leads to
 * the peer.
 * net. Knows transports and the two protocols. Does not know names, or who chose the proxy.
 * SPDX-License-Identifier: MIT */
#include "net/passage.h"

#include <string.h>

static ferry_err passage_begin(fy_passage *p, fy_error *x)
{
    if (p->plan.kind == FY_PASSAGE_SOCKS)
        return fy_socks_begin(&p->socks, &p->plan.socks, &p->out, x);
    fy_buf_puts(&p->out, p->plan.request);
    return fy_fail_buf(x, &p->out, "head of CONNECT too long");
}

fy_passage *fy_passage_new(
    const ferry_platform *m, const fy_passage_plan *plan, fy_error *x)
{
    enum { PASSAGE_HEAD_MAX = 1 << 20 };
    fy_passage *p = fy_alloc_zero(m, sizeof *p);
    if (!p) {
        fy_fail_nomem(x);
        return NULL;
    }
    p->platform = m;
    p->plan = *plan;
    fy_buf_init(&p->out, m, PASSAGE_HEAD_MAX);
    p->out.is_secret = true;
    fy_buf_init(&p->in, m, FY_TUNNEL_HEAD);
    fy_tunnel_init(&p->tunnel, m);
    if (!passage_begin(p, x))
        return p;
    fy_passage_free(p);
    return NULL;
}

void fy_passage_free(fy_passage *p)
{
    if (!p)
        return;
    fy_buf_fini(&p->out);
    fy_buf_fini(&p->in);
    fy_tunnel_fini(&p->tunnel);
    fy_resize(p->platform, p, sizeof *p, 0);
}

/* --- bytes ----------------------------------------------------------------------- */

/* What a call of the transport came to, if not bytes. */
static ferry_err passage_stop(
    fy_passage *p, const ferry_transport *t, ptrdiff_t answer, fy_error *x)
{
    if (answer == FERRY_FAILED)
        return fy_fail_fault(x, &t->fault, FERRY_ERR_PROXY, "while asking the proxy");
    if (answer == 0)
        return fy_fail(
            x, FERRY_ERR_PROXY, "the proxy ended the connection", FY_NOWHERE);
    p->waits = answer == FERRY_WANT_READ ? FERRY_WAIT_READ : FERRY_WAIT_WRITE;
    return FERRY_AGAIN;
}

static ferry_err passage_send(fy_passage *p, ferry_transport *t, fy_error *x)
{
    while (p->sent < p->out.len) {
        ptrdiff_t n = t->calls->write(t, p->out.ptr + p->sent, p->out.len - p->sent, 0);
        if (n <= 0)
            return passage_stop(p, t, n, x);
        p->sent += (size_t)n;
    }
    fy_buf_wipe(&p->out);
    p->sent = 0;
    return FERRY_OK;
}

static ferry_err passage_read_socks(fy_passage *p, ferry_transport *t, fy_error *x)
{
    char bytes[64];
    size_t most = p->socks.wants < sizeof bytes ? p->socks.wants : sizeof bytes;
    ptrdiff_t n = t->calls->read(t, bytes, most, 0);
    if (n <= 0)
        return passage_stop(p, t, n, x);
    p->waits = FERRY_WAIT_NOTHING;
    return fy_socks_take(&p->socks, (ferry_str){bytes, (size_t)n}, &p->out, x);
}

static ferry_err passage_read_tunnel(fy_passage *p, ferry_transport *t, fy_error *x)
{
    size_t most = fy_tunnel_wants(&p->in);
    if (!fy_buf_reserve(&p->in, most))
        return fy_fail_buf(x, &p->in, "head of an answer to CONNECT too long");
    ptrdiff_t n = t->calls->read(t, p->in.ptr + p->in.len, most, 0);
    if (n <= 0)
        return passage_stop(p, t, n, x);
    p->waits = FERRY_WAIT_NOTHING;
    p->in.len += (size_t)n;
    return fy_tunnel_take(&p->tunnel, &p->in, x);
}

ferry_err fy_passage_step(fy_passage *p, ferry_transport *t, fy_error *x)
{
    ferry_err e;
    do {
        p->waits = FERRY_WAIT_NOTHING;
        TRY(passage_send(p, t, x));
        e = p->plan.kind == FY_PASSAGE_SOCKS ? passage_read_socks(p, t, x)
                                             : passage_read_tunnel(p, t, x);
    } while (e == FERRY_AGAIN && p->waits == FERRY_WAIT_NOTHING);
    return e;
}

/* The transport is asked as one that is open: for what read or write said last. */
void fy_passage_want(const fy_passage *p, ferry_transport *t, ferry_wait *w)
{
    ferry_why why = w->why;
    w->why = p->waits;
    t->calls->want(t, w);
    w->why = why;
}
