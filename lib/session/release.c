/* release.c - a connection whose exchange is over, or given up: kept, or closed.
 * session. Knows the pool, and what is left of an exchange. Does not know why it ended.
 *
 * Theory: what is left of a body stands before the next response. To read it away is
 * sooner done than connecting anew if it is little; if it is much, or if the connection
 * could not serve again anyhow, not a byte of it is read. SPDX-License-Identifier: MIT */
#include "session/release.h"

void fy_transfer_drop_conn(fy_transfer *t)
{
    if (t->conn)
        fy_pool_drop(&t->session->pool, t->conn);
    t->conn = NULL;
}

void fy_transfer_release(fy_transfer *t, fy_wake *w)
{
    ferry_session *s = t->session;
    if (fy_exchange_may_persist(&t->exchange) && !t->closes)
        fy_pool_give(&s->pool, t->conn, &s->layer.resolved.pool,
            t->exchange.framing.keep_alive_ms, fy_wake_now(w));
    else
        fy_pool_drop(&s->pool, t->conn);
    t->conn = NULL;
}

/* An upload that was cut short cannot be undone. */
static bool release_may_drain(const fy_transfer *t)
{
    return t->exchange.out == FY_OUT_SENT && t->exchange.framing.may_persist &&
           !t->closes;
}

/* Any trouble with the rest costs the connection and nothing else. */
ferry_err fy_transfer_drain(fy_transfer *t, fy_wake *w)
{
    ferry_err e = FERRY_ERR_LIMIT;
    if (release_may_drain(t))
        e = fy_reply_drain(&t->reply, &t->exchange, w, (uint64_t)t->opts.drain);
    if (e == FERRY_AGAIN)
        return e;
    if (e)
        fy_transfer_drop_conn(t);
    else
        fy_transfer_release(t, w);
    return FERRY_OK;
}

/* Is the head here, and the connection still that of its body? */
static bool release_has_rest(const fy_transfer *t)
{
    return t->state >= FY_TRANSFER_DRAIN && t->state <= FY_TRANSFER_FINISH;
}

void fy_transfer_give_up(fy_transfer *t)
{
    fy_wake w = {.platform = &t->session->platform,
        .interrupt = &t->session->interrupt,
        .is_old = true};
    if (release_has_rest(t) && !t->session->is_closed)
        fy_transfer_drain(t, &w);
    fy_transfer_drop_conn(t);
}
