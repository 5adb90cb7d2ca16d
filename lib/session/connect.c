/* connect.c - the connection of a call: taken from the pool, or made.
 * session. Knows the pool, connections and deadlines. Does not know what goes over them.
 * SPDX-License-Identifier: MIT */
#include "session/connect.h"

#include "session/hooks.h"

enum { CONNECT_STALE_AFTER_MS = 1000 };

static ferry_err connect_fail(fy_transfer *t, ferry_err code, const char *what)
{
    return fy_fail(&t->error, code, what, FY_NOWHERE);
}

/* --- one that is there, or a new one --------------------------------------------- */

/* One call finds out that a kept connection is dead. It is made where that is likely,
 * and where sending into it could not be undone. */
static bool connect_must_check(const fy_transfer *t, const fy_conn *c, int64_t now_ms)
{
    return !t->may_replay || now_ms - c->idle_since_ms >= CONNECT_STALE_AFTER_MS;
}

static fy_conn *connect_take_idle(fy_transfer *t, fy_origin *o, int64_t now_ms)
{
    fy_pool *pool = &t->session->pool;
    fy_conn *c;
    while ((c = fy_pool_take(pool, o, now_ms))) {
        if (!t->is_replay && !(connect_must_check(t, c, now_ms) && fy_conn_is_stale(c)))
            return c;
        fy_pool_drop(pool, c);
    }
    return NULL;
}

/* One thread that blocks could wait for ever: nobody else gives a connection back. */
static ferry_err connect_wait_for_pool(fy_transfer *t, fy_wake *w)
{
    int64_t now = fy_wake_now(w);
    if (!t->is_begun)
        return connect_fail(t, FERRY_ERR_POOL, "all are in use by other responses");
    if (now >= t->due_ms)
        return connect_fail(
            t, FERRY_ERR_TOTAL_TIMEOUT, "waiting for a free connection");
    if (now >= fy_due(t->phase_ms, t->opts.timeout.pool_ms))
        return connect_fail(t, FERRY_ERR_POOL, "none came free in time");
    return FERRY_AGAIN;
}

ferry_err fy_connect_acquire(fy_transfer *t, fy_wake *w)
{
    ferry_session *s = t->session;
    fy_origin *o = fy_pool_origin(&s->pool, fy_buf_view(&t->key));
    if (!o)
        return fy_fail_nomem(&t->error);
    t->conn = connect_take_idle(t, o, fy_wake_now(w));
    if (!t->conn && o->n_open >= s->layer.resolved.pool.open_per_key)
        return connect_wait_for_pool(t, w);
    if (!t->conn && !(t->conn = fy_pool_open(&s->pool, o, t->phase_ms)))
        return fy_fail_nomem(&t->error);
    /* RFC 9112 6.1: chunks are only for who is not known to speak HTTP/1.0. */
    if (t->body.is_chunked && o->minor == 0)
        return connect_fail(t, FERRY_ERR_BODY, "an HTTP/1.0 server needs its length");
    return FERRY_OK;
}

/* --- on its way ------------------------------------------------------------------ */

/* Is there a name to look up, or is it known, or somebody else's affair? */
static bool connect_asks_name(const fy_transfer *t)
{
    const ferry_platform *m = &t->session->platform;
    const fy_endpoint *to = &t->endpoint;
    return to->peer || !(to->is_literal || to->n_given || to->unix_socket ||
                           to->dialer || (m->dial && !m->resolve));
}

/* Events of proxies name the one that they are about. */
static void connect_tell_of(const fy_transfer *t, int64_t now_ms, ferry_event_kind kind,
    fy_proxy *p, int status)
{
    if (t->hooks.on_event.call)
        fy_hooks_say(t, now_ms,
            &(ferry_event){
                .kind = kind, .url = fy_buf_text(&p->text), .status = status});
}

static bool connect_is_past(
    fy_conn_state state, fy_conn_state before, fy_conn_state now)
{
    return before <= state && now > state;
}

/* The steps of proxies between connecting to the nearest and speaking to the peer. */
static void connect_note_proxies(fy_transfer *t, fy_conn_state before, int64_t now_ms)
{
    const fy_endpoint *to = &t->endpoint;
    fy_conn_state now = t->conn->state;
    fy_proxy *first = &t->route->first, *last = &t->route->proxy;
    if (to->approach && connect_is_past(FY_CONN_APPROACH - 1, before, now))
        connect_tell_of(t, now_ms, FERRY_EVENT_TUNNEL, first, 0);
    if (to->approach && connect_is_past(FY_CONN_APPROACH, before, now))
        connect_tell_of(t, now_ms, FERRY_EVENT_TUNNELED, first, 0);
    if (to->proxy_tls && connect_is_past(FY_CONN_PROXY_TLS, before, now))
        connect_tell_of(t, now_ms, FERRY_EVENT_PROXY_TLS, last, 0);
    if (to->passage && connect_is_past(FY_CONN_PASSAGE - 1, before, now))
        connect_tell_of(t, now_ms, FERRY_EVENT_TUNNEL, last, 0);
    if (to->passage && connect_is_past(FY_CONN_PASSAGE, before, now))
        connect_tell_of(t, now_ms, FERRY_EVENT_TUNNELED, last, t->conn->answered);
}

/* What of a connection's making is behind it, now that it was `before`. */
static void connect_note_progress(fy_transfer *t, fy_conn_state before, int64_t now_ms)
{
    ferry_timings *at = &t->pub.timings;
    fy_conn_state now = t->conn->state;
    int64_t passed_ms = now_ms - t->started_ms;
    if (before == FY_CONN_RESOLVE && now > before && connect_asks_name(t)) {
        at->lookup_ms = passed_ms;
        fy_hooks_tell(t, now_ms, FERRY_EVENT_LOOKUP);
    }
    if (connect_is_past(FY_CONN_RACE, before, now))
        fy_hooks_tell(t, now_ms, FERRY_EVENT_CONNECT);
    if (t->has_ways && t->hooks.on_event.call)
        connect_note_proxies(t, before, now_ms);
    if (connect_is_past(FY_CONN_PASSAGE, before, now))
        at->connect_ms = passed_ms;
    if (now == FY_CONN_READY && t->endpoint.tls) {
        at->tls_ms = passed_ms;
        fy_hooks_tell(t, now_ms, FERRY_EVENT_TLS);
    }
}

void fy_connect_tell_start(fy_transfer *t, int64_t now_ms)
{
    if (!t->hooks.on_event.call)
        return;
    fy_hooks_tell(t, now_ms, FERRY_EVENT_START);
    if (t->route_kind < FY_ROUTE_FORWARDED)
        return;
    if (t->route->first.kind)
        connect_tell_of(t, now_ms, FERRY_EVENT_PROXY, &t->route->first, 0);
    connect_tell_of(t, now_ms, FERRY_EVENT_PROXY, &t->route->proxy, 0);
}

/* Did this step, which began at `before`, do sums of TLS, or ask a resolver of the
 * user's? */
static bool connect_took_time(const fy_transfer *t, fy_conn_state before)
{
    const fy_endpoint *to = &t->endpoint;
    return (before == FY_CONN_RESOLVE && connect_asks_name(t)) ||
           (to->proxy_tls && before <= FY_CONN_PROXY_TLS &&
               t->conn->state >= FY_CONN_PROXY_TLS) ||
           (to->tls && t->conn->state >= FY_CONN_TLS);
}

ferry_err fy_connect_step(fy_transfer *t, fy_wake *w)
{
    fy_conn_state before = t->conn->state;
    ferry_err e = fy_conn_connect(
        t->conn, &t->session->names, &t->endpoint, fy_wake_now(w), &t->error);
    w->is_old |= connect_took_time(t, before);
    if (t->conn->state != before)
        connect_note_progress(t, before, fy_wake_now(w));
    if (e == FERRY_ERR_PROXY && t->error.status)
        connect_tell_of(
            t, fy_wake_now(w), FERRY_EVENT_TUNNELED, &t->route->proxy, t->error.status);
    if (e == FERRY_AGAIN && fy_wake_now(w) >= t->due_ms)
        return connect_fail(t, FERRY_ERR_TOTAL_TIMEOUT, "while connecting");
    if (e == FERRY_AGAIN &&
        fy_wake_now(w) >= fy_due(t->phase_ms, t->opts.timeout.connect_ms))
        return connect_fail(t, FERRY_ERR_CONNECT_TIMEOUT, NULL);
    return e;
}

void fy_connect_want(const fy_transfer *t, int64_t now_ms, ferry_wait *w)
{
    const ferry_timeout *o = &t->opts.timeout;
    int64_t due = fy_due(t->phase_ms, t->conn ? o->connect_ms : o->pool_ms);
    ferry_why why = !t->conn                            ? FERRY_WAIT_POOL
                    : t->conn->state == FY_CONN_RESOLVE ? FERRY_WAIT_NAME
                                                        : FERRY_WAIT_CONNECT;
    w->why = why;
    w->timeout_ms = fy_wait_until(due < t->due_ms ? due : t->due_ms, now_ms);
    if (t->conn)
        fy_conn_want(t->conn, &t->session->names, now_ms, w);
}
