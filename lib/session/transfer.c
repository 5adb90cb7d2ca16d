/* transfer.c - one request from its connection to its complete response.
 * session. Knows the pool's connections, the exchange over one, and when to try again.
 * Does not know how the request was made, or who waits.
 *
 * ACQUIRE > CONNECT > HEAD > BODY > FINISH > DONE, with one way back from HEAD to
 * ACQUIRE: a kept connection that dies before a byte of the response says nothing about
 * the request. SPDX-License-Identifier: MIT */
#include "session/transfer.h"

#include <string.h>

enum {
    TRANSFER_STALE_AFTER_MS = 1000,
    TRANSFER_HEAD_MAX = 1 << 20,
    TRANSFER_PEER_SAID = 255 /* bytes of the peer in an error's text */
};

/* --- life ------------------------------------------------------------------------ */

static fy_transfer *transfer_make(ferry_session *s)
{
    const ferry_platform *m = &s->platform;
    fy_transfer *t = fy_alloc_zero(m, sizeof *t);
    if (!t)
        return NULL;
    fy_url_init(&t->url, m, TRANSFER_HEAD_MAX);
    fy_buf_init(&t->key, m, TRANSFER_HEAD_MAX);
    fy_body_init(&t->body, m);
    fy_buf_init(&t->head, m, TRANSFER_HEAD_MAX);
    fy_fields_init(&t->headers, m, FY_PAIRS_MAX);
    fy_fields_init(&t->params, m, FY_PAIRS_MAX);
    fy_buf_init(&t->input, m, 0);
    fy_exchange_init(&t->exchange, m);
    fy_reply_init(&t->reply, m, &s->decoders);
    return t;
}

static void transfer_destroy(fy_transfer *t, const ferry_platform *m)
{
    fy_url_fini(&t->url);
    fy_buf_fini(&t->key);
    fy_body_fini(&t->body);
    fy_buf_fini(&t->head);
    fy_fields_fini(&t->headers);
    fy_fields_fini(&t->params);
    fy_buf_fini(&t->input);
    fy_exchange_fini(&t->exchange);
    fy_reply_fini(&t->reply);
    fy_resize(m, t, sizeof *t, 0);
}

static void transfer_link(fy_transfer **list, fy_transfer *t)
{
    t->previous = NULL;
    t->next = *list;
    if (t->next)
        t->next->previous = t;
    *list = t;
}

static void transfer_unlink(fy_transfer **list, fy_transfer *t)
{
    *(t->previous ? &t->previous->next : list) = t->next;
    if (t->next)
        t->next->previous = t->previous;
}

fy_transfer *fy_transfer_new(ferry_session *s)
{
    fy_transfer *t = s->spare;
    if (t) {
        transfer_unlink(&s->spare, t);
        s->n_spare--;
    } else if (!(t = transfer_make(s))) {
        return NULL;
    }
    t->session = s;
    t->pub = (ferry_response){.reason = "", .url = "", .body = FY_S("")};
    t->state = FY_TRANSFER_ACQUIRE;
    t->is_begun = t->is_discarded = t->is_replay = false;
    t->is_streamed = t->is_given = false;
    transfer_link(&s->living, t);
    return t;
}

static void transfer_drop_conn(fy_transfer *t)
{
    if (t->conn)
        fy_pool_drop(&t->session->pool, t->conn);
    t->conn = NULL;
}

void fy_transfer_cancel(fy_transfer *t)
{
    transfer_drop_conn(t);
    if (t->state == FY_TRANSFER_DONE || t->state == FY_TRANSFER_FAILED)
        return;
    fy_body_fini(&t->body);
    t->state = FY_TRANSFER_FAILED;
    fy_fail(&t->error, FERRY_ERR_ABORTED, "the session was freed", FY_NOWHERE);
}

/* A buffer of the usual size is worth keeping for the next transfer. */
static void transfer_return_input(fy_transfer *t)
{
    ferry_session *s = t->session;
    bool is_usual = t->input.ptr &&
                    (int64_t)(t->input.cap / 2) <= t->opts.limits.buffer;
    if (is_usual && s->n_inputs < FY_SPARES && !s->is_closed) {
        s->inputs[s->n_inputs++] = t->input;
        t->input.ptr = NULL;
        t->input.cap = t->input.len = 0;
    }
    fy_buf_fini(&t->input);
}

void fy_transfer_free(fy_transfer *t)
{
    ferry_session *s = t->session;
    transfer_drop_conn(t);
    transfer_return_input(t);
    fy_reply_fini(&t->reply);
    fy_body_fini(&t->body);
    fy_url_clear(&t->url);
    transfer_unlink(&s->living, t);
    if (s->n_spare < FY_SPARES && !s->is_closed) {
        transfer_link(&s->spare, t);
        s->n_spare++;
    } else {
        transfer_destroy(t, &s->platform);
    }
}

void fy_transfer_free_spares(ferry_session *s)
{
    while (s->spare) {
        fy_transfer *t = s->spare;
        transfer_unlink(&s->spare, t);
        transfer_destroy(t, &s->platform);
    }
    s->n_spare = 0;
    while (s->n_inputs)
        fy_buf_fini(&s->inputs[--s->n_inputs]);
}

void fy_transfer_start(fy_transfer *t)
{
    const ferry_platform *m = &t->session->platform;
    t->started_ms = t->phase_ms = m->now_ms(m->ctx);
    t->due_ms = fy_due(t->started_ms, t->opts.timeout.total_ms);
    t->pub.url = fy_buf_text(&t->url.text);
    t->pub.request = fy_str_upto(fy_buf_view(&t->head), t->head_len);
}

/* --- errors ---------------------------------------------------------------------- */

ferry_err fy_session_fail(ferry_session *s, const fy_error *x, const fy_transfer *t)
{
    s->error = *x;
    fy_buf_clear(&s->said);
    if (t && t->url.authority.len) {
        ferry_str peer = t->url.authority;
        fy_buf_puts(&s->said,
            fy_str_upto(
                peer, peer.len < TRANSFER_PEER_SAID ? peer.len : TRANSFER_PEER_SAID));
        fy_buf_puts(&s->said, FY_S(": "));
    }
    fy_error_put(&s->said, x);
    fy_buf_text(&s->said);
    return x->code;
}

static ferry_err transfer_fail(fy_transfer *t, ferry_err code, const char *what)
{
    return fy_fail(&t->error, code, what, FY_NOWHERE);
}

/* --- a connection ---------------------------------------------------------------- */

/* One call finds out that a kept connection is dead. It is made where that is likely,
 * and where sending into it could not be undone. */
static bool transfer_must_check(const fy_transfer *t, const fy_conn *c, int64_t now_ms)
{
    return !t->may_replay || now_ms - c->idle_since_ms >= TRANSFER_STALE_AFTER_MS;
}

static fy_conn *transfer_take_idle(fy_transfer *t, fy_origin *o, int64_t now_ms)
{
    fy_pool *pool = &t->session->pool;
    fy_conn *c;
    while ((c = fy_pool_take(pool, o, now_ms))) {
        if (!t->is_replay &&
            !(transfer_must_check(t, c, now_ms) && fy_conn_is_stale(c)))
            return c;
        fy_pool_drop(pool, c);
    }
    return NULL;
}

/* One thread that blocks could wait for ever: nobody else gives a connection back. */
static ferry_err transfer_wait_for_pool(fy_transfer *t, fy_wake *w)
{
    int64_t now = fy_wake_now(w);
    if (!t->is_begun)
        return transfer_fail(t, FERRY_ERR_POOL, "all are in use by other responses");
    if (now >= t->due_ms)
        return transfer_fail(
            t, FERRY_ERR_TOTAL_TIMEOUT, "waiting for a free connection");
    if (now >= fy_due(t->phase_ms, t->opts.timeout.pool_ms))
        return transfer_fail(t, FERRY_ERR_POOL, "none came free in time");
    return FERRY_AGAIN;
}

static ferry_err transfer_acquire(fy_transfer *t, fy_wake *w)
{
    ferry_session *s = t->session;
    fy_origin *o = fy_pool_origin(&s->pool, fy_buf_view(&t->key));
    if (!o)
        return fy_fail_nomem(&t->error);
    t->conn = transfer_take_idle(t, o, fy_wake_now(w));
    if (!t->conn && o->n_open >= s->layer.resolved.pool.open_per_key)
        return transfer_wait_for_pool(t, w);
    if (!t->conn && !(t->conn = fy_pool_open(&s->pool, o, t->phase_ms)))
        return fy_fail_nomem(&t->error);
    t->phase_ms = fy_wake_now(w);
    t->state = FY_TRANSFER_CONNECT;
    return FERRY_OK;
}

static void transfer_begin_exchange(fy_transfer *t, fy_wake *w)
{
    ferry_session *s = t->session;
    fy_exchange *x = &t->exchange;
    if (!t->input.ptr && s->n_inputs)
        t->input = s->inputs[--s->n_inputs];
    x->opts = &t->opts;
    x->error = &t->error;
    x->due_ms = t->due_ms;
    t->pub.reused = t->conn->served > 0;
    t->state = FY_TRANSFER_HEAD;
    fy_exchange_begin(x, t->conn->transport, fy_buf_view(&t->head), &t->body, &t->input,
        fy_wake_now(w));
}

static ferry_err transfer_connect(fy_transfer *t, fy_wake *w)
{
    bool asks_name = t->conn->state == FY_CONN_RESOLVE && !t->endpoint.is_literal;
    ferry_err e = fy_conn_connect(
        t->conn, &t->session->names, &t->endpoint, fy_wake_now(w), &t->error);
    w->is_old |= asks_name; /* a resolver of the user's may have blocked */
    if (e == FERRY_AGAIN && fy_wake_now(w) >= t->due_ms)
        return transfer_fail(t, FERRY_ERR_TOTAL_TIMEOUT, "while connecting");
    if (e == FERRY_AGAIN &&
        fy_wake_now(w) >= fy_due(t->phase_ms, t->opts.timeout.connect_ms))
        return transfer_fail(t, FERRY_ERR_CONNECT_TIMEOUT, NULL);
    if (e == FERRY_OK)
        transfer_begin_exchange(t, w);
    return e;
}

/* --- the exchange ---------------------------------------------------------------- */

/* RFC 9112 9.3.1, RFC 9110 9.2.2: only where nothing of a response came, only on a
 * connection that had gone idle, and only what may be done twice or was never sent. */
static bool transfer_should_replay(const fy_transfer *t, ferry_err e)
{
    return e == FERRY_ERR_CLOSED && t->conn->served > 0 && !t->is_replay &&
           !t->exchange.is_touched && (t->may_replay || !t->exchange.has_sent) &&
           fy_body_may_rewind(&t->body);
}

static ferry_err transfer_lost(fy_transfer *t, ferry_err e)
{
    if (transfer_should_replay(t, e)) {
        transfer_drop_conn(t);
        t->is_replay = true;
        t->state = FY_TRANSFER_ACQUIRE;
        return fy_body_rewind(&t->body, &t->error);
    }
    if (e == FERRY_ERR_CLOSED && !t->may_replay && t->exchange.has_sent)
        t->error.what = "the request may have been processed";
    return e;
}

static void transfer_publish_head(fy_transfer *t, fy_wake *w)
{
    ferry_response *r = &t->pub;
    const fy_head *h = &t->exchange.head;
    r->status = h->status;
    r->minor = h->minor;
    r->reason = h->reason.ptr;
    r->headers = fy_fields_view(&h->fields);
    r->interim = t->exchange.interim;
    r->elapsed_ms = fy_wake_now(w) - t->started_ms;
    t->conn->origin->minor = h->minor;
}

static bool transfer_is_streaming(const fy_transfer *t)
{
    return t->opts.stream == FERRY_ON && !t->is_discarded && t->pub.status != 101 &&
           t->exchange.in != FY_IN_DONE;
}

static ferry_err transfer_head(fy_transfer *t, fy_wake *w)
{
    ferry_err e = fy_exchange_head(&t->exchange, w);
    if (e && e != FERRY_AGAIN)
        return transfer_lost(t, e);
    TRY(e);
    transfer_publish_head(t, w);
    fy_reply_begin(&t->reply, &t->exchange);
    t->state = FY_TRANSFER_BODY;
    return FERRY_OK;
}

static ferry_err transfer_body(fy_transfer *t, fy_wake *w)
{
    if (t->pub.status == 101) {
        t->pub.body = t->exchange.raw;
        t->input.ptr[t->input.len] = '\0';
        t->state = FY_TRANSFER_DONE; /* the connection is for ferry_take() */
        return FERRY_OK;
    }
    if (t->is_discarded) {
        TRY(fy_reply_drop(&t->reply, &t->exchange, w));
    } else {
        TRY(fy_reply_gather(&t->reply, &t->exchange, w));
        t->pub.body = (ferry_str){t->reply.at, t->reply.len};
    }
    t->state = FY_TRANSFER_FINISH;
    return FERRY_OK;
}

static ferry_err transfer_finish(fy_transfer *t, fy_wake *w)
{
    ferry_session *s = t->session;
    TRY(fy_exchange_finish(&t->exchange, w));
    t->pub.trailers = fy_fields_view(&t->exchange.framing.trailers);
    if (fy_exchange_may_persist(&t->exchange) && !t->closes)
        fy_pool_give(&s->pool, t->conn, &s->layer.resolved.pool,
            t->exchange.framing.keep_alive_ms, fy_wake_now(w));
    else
        fy_pool_drop(&s->pool, t->conn);
    t->conn = NULL;
    fy_body_fini(&t->body); /* a file need not wait for the response to be freed */
    t->state = FY_TRANSFER_DONE;
    return FERRY_OK;
}

/* --- driving --------------------------------------------------------------------- */

ferry_err fy_transfer_settle(fy_transfer *t, ferry_err e)
{
    if (e == FERRY_OK || e == FERRY_AGAIN)
        return e;
    transfer_drop_conn(t);
    fy_body_fini(&t->body);
    t->state = FY_TRANSFER_FAILED;
    return fy_session_fail(t->session, &t->error, t);
}

ferry_err fy_transfer_step(fy_transfer *t, fy_wake *w)
{
    static ferry_err (*const step[])(fy_transfer *, fy_wake *) = {
        [FY_TRANSFER_ACQUIRE] = transfer_acquire,
        [FY_TRANSFER_CONNECT] = transfer_connect,
        [FY_TRANSFER_HEAD] = transfer_head,
        [FY_TRANSFER_BODY] = transfer_body,
        [FY_TRANSFER_FINISH] = transfer_finish,
    };
    ferry_err e = FERRY_OK;
    while (!e && t->state < FY_TRANSFER_DONE) {
        if (t->state == FY_TRANSFER_BODY && transfer_is_streaming(t))
            return FERRY_OK;
        e = step[t->state](t, w);
    }
    return t->state == FY_TRANSFER_FAILED ? t->error.code : fy_transfer_settle(t, e);
}

ferry_err fy_transfer_next(fy_transfer *t, fy_wake *w, ferry_str *piece)
{
    *piece = FY_S("");
    ferry_err e = FERRY_OK;
    t->is_streamed = true;
    if (t->state == FY_TRANSFER_BODY) {
        e = fy_reply_next(&t->reply, &t->exchange, w, piece);
        if (e || piece->len)
            return fy_transfer_settle(t, e);
        *piece = FY_S("");
        t->state = FY_TRANSFER_FINISH;
    }
    if (t->state == FY_TRANSFER_FINISH)
        e = transfer_finish(t, w);
    return t->state == FY_TRANSFER_FAILED ? t->error.code : fy_transfer_settle(t, e);
}

static ferry_why transfer_why(const fy_transfer *t)
{
    if (t->state == FY_TRANSFER_ACQUIRE)
        return FERRY_WAIT_POOL;
    return t->conn->state == FY_CONN_RESOLVE ? FERRY_WAIT_NAME : FERRY_WAIT_CONNECT;
}

void fy_transfer_want(const fy_transfer *t, int64_t now_ms, ferry_wait *w)
{
    const ferry_timeout *o = &t->opts.timeout;
    w->n = 0;
    w->why = FERRY_WAIT_NOTHING;
    w->timeout_ms = 0;
    if (t->state >= FY_TRANSFER_DONE)
        return;
    if (t->state > FY_TRANSFER_CONNECT) {
        fy_exchange_want(&t->exchange, now_ms, w);
        return;
    }
    w->why = transfer_why(t);
    int64_t due = fy_due(
        t->phase_ms, w->why == FERRY_WAIT_POOL ? o->pool_ms : o->connect_ms);
    w->timeout_ms = fy_wait_until(due < t->due_ms ? due : t->due_ms, now_ms);
    if (t->conn)
        fy_conn_want(t->conn, &t->session->names, now_ms, w);
}
