/* transfer.c - one call, from its first connection to its last complete response.
 * session. Knows the pool's connections, and the exchange over one. Does not know how a
 * request is made, which ones follow, or who waits.
 *
 * ACQUIRE > CONNECT > HEAD > BODY > FINISH > DONE, with two ways back. From HEAD to
 * ACQUIRE: a kept connection that dies before a byte of the response says nothing about
 * the request. And DRAIN > BACKOFF > PREPARE > ACQUIRE, where another request follows the
 * response; or, after a failure, BACKOFF and on. SPDX-License-Identifier: MIT */
#include "session/transfer.h"

#include "session/connect.h"
#include "session/cookie_field.h"
#include "session/decide.h"
#include "session/deliver.h"
#include "session/hooks.h"
#include "session/life.h"
#include "session/prepare.h"
#include "session/release.h"

#include <string.h>

enum {
    TRANSFER_DRAIN_MS = 500, /* a rest that takes longer costs its connection */
    TRANSFER_PEER_SAID = 255 /* bytes of the peer in an error's text */
};

void fy_transfer_start(fy_transfer *t)
{
    const ferry_platform *m = &t->session->platform;
    t->started_ms = t->phase_ms = m->now_ms(m->ctx);
    t->due_ms = fy_due(t->started_ms, t->opts.timeout.total_ms);
    fy_connect_tell_start(t, t->started_ms);
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

/* --- a connection ---------------------------------------------------------------- */

static void transfer_begin_exchange(fy_transfer *t, fy_wake *w)
{
    fy_exchange *x = &t->exchange;
    if (t->conn->served)
        fy_hooks_tell(t, fy_wake_now(w), FERRY_EVENT_REUSED);
    fy_transfer_lend(t, &t->input);
    if (t->body.source.read)
        fy_transfer_lend(t, &t->body.block);
    x->opts = &t->opts;
    x->error = &t->error;
    x->due_ms = t->due_ms;
    t->pub.reused = t->conn->served > 0;
    t->state = FY_TRANSFER_HEAD;
    fy_exchange_begin(x, t->conn->transport, fy_buf_view(&t->head), &t->body, &t->input,
        fy_wake_now(w));
    x->awaits &= t->conn->origin->minor != 0; /* HTTP/1.0 knows no 100 */
}

static ferry_err transfer_acquire(fy_transfer *t, fy_wake *w)
{
    TRY(fy_connect_acquire(t, w));
    t->phase_ms = fy_wake_now(w);
    t->state = FY_TRANSFER_CONNECT;
    if (t->conn->state == FY_CONN_READY)
        transfer_begin_exchange(t, w);
    return FERRY_OK;
}

static ferry_err transfer_connect(fy_transfer *t, fy_wake *w)
{
    TRY(fy_connect_step(t, w));
    transfer_begin_exchange(t, w);
    return FERRY_OK;
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
        fy_transfer_drop_conn(t);
        t->is_replay = true;
        t->state = FY_TRANSFER_ACQUIRE;
        return fy_body_rewind(&t->body, &t->error);
    }
    if (e == FERRY_ERR_CLOSED && !t->may_replay && t->exchange.has_sent)
        t->error.what = "the request may have been processed";
    return e;
}

static void transfer_note_sent(fy_transfer *t)
{
    t->pub.timings.sent_ms = t->exchange.took_ms - t->started_ms;
    fy_hooks_tell(t, t->exchange.took_ms, FERRY_EVENT_SENT);
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
    r->elapsed_ms = r->timings.first_ms = fy_wake_now(w) - t->started_ms;
    t->conn->origin->minor = h->minor;
    if (t->exchange.out == FY_OUT_SENT)
        transfer_note_sent(t);
    if (t->hooks.on_event.call)
        fy_hooks_say(t, fy_wake_now(w),
            &(ferry_event){.kind = FERRY_EVENT_HEAD, .status = r->status});
}

static bool transfer_is_streaming(const fy_transfer *t)
{
    return t->opts.stream == FERRY_ON && !t->is_discarded && t->pub.status != 101 &&
           t->exchange.in != FY_IN_DONE && !t->verdict.code;
}

static ferry_err transfer_head(fy_transfer *t, fy_wake *w)
{
    ferry_err e = fy_exchange_head(&t->exchange, w);
    if (e && e != FERRY_AGAIN)
        return transfer_lost(t, e);
    TRY(e);
    transfer_publish_head(t, w);
    fy_reply_begin(&t->reply, &t->exchange);
    TRY(fy_cookie_field_take(t));
    TRY(fy_decide_response(t, w));
    if (t->state == FY_TRANSFER_DRAIN)
        t->phase_ms = fy_wake_now(w);
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
    if (t->is_discarded)
        TRY(fy_reply_drop(&t->reply, &t->exchange, w));
    else
        TRY(fy_deliver(t, w));
    t->state = FY_TRANSFER_FINISH;
    return FERRY_OK;
}

/* A response that policy does not let be the answer is one all the same. */
static void transfer_tell_end(const fy_transfer *t, int64_t now_ms)
{
    fy_hooks_tell(t, now_ms, FERRY_EVENT_DONE);
    if (t->verdict.code)
        fy_hooks_say(t, now_ms,
            &(ferry_event){.kind = FERRY_EVENT_FAILED,
                .status = t->pub.status,
                .err = t->verdict.code});
}

static ferry_err transfer_finish(fy_transfer *t, fy_wake *w)
{
    TRY(fy_exchange_finish(&t->exchange, w));
    if (t->pub.timings.sent_ms < 0 && t->exchange.out == FY_OUT_SENT)
        transfer_note_sent(t); /* the response was the first to begin */
    t->pub.trailers = fy_fields_view(&t->exchange.framing.trailers);
    fy_transfer_release(t, w);
    fy_transfer_end_body(t); /* a file need not wait for the response to be freed */
    t->pub.timings.total_ms = fy_wake_now(w) - t->started_ms;
    t->state = FY_TRANSFER_DONE;
    if (!t->verdict.code)
        fy_decide_success(t->session);
    if (t->hooks.on_event.call)
        transfer_tell_end(t, fy_wake_now(w));
    return FERRY_OK;
}

/* --- the next request ------------------------------------------------------------ */

/* What is left of the response matters only for the connection. */
static ferry_err transfer_drain(fy_transfer *t, fy_wake *w)
{
    if (fy_transfer_drain(t, w) == FERRY_AGAIN) {
        if (fy_wake_now(w) - t->phase_ms < TRANSFER_DRAIN_MS)
            return FERRY_AGAIN;
        fy_transfer_drop_conn(t);
    }
    t->state = FY_TRANSFER_BACKOFF;
    return FERRY_OK;
}

static ferry_err transfer_back_off(fy_transfer *t, fy_wake *w)
{
    if (fy_wake_now(w) < t->resume_ms)
        return FERRY_AGAIN;
    t->state = FY_TRANSFER_PREPARE;
    return FERRY_OK;
}

/* Nothing of the last response is shown any more but what the history holds. */
static void transfer_forget_response(fy_transfer *t)
{
    ferry_response *r = &t->pub;
    fy_reply_fini(&t->reply);
    *r = (ferry_response){.reason = "",
        .url = "",
        .body = FY_S(""),
        .timings = {-1, -1, -1, -1, -1, -1},
        .redirects = r->redirects,
        .history = r->history,
        .n_history = r->n_history};
    t->is_replay = false;
}

static ferry_err transfer_prepare(fy_transfer *t, fy_wake *w)
{
    transfer_forget_response(t);
    TRY(fy_prepare_again(t));
    t->phase_ms = fy_wake_now(w);
    t->state = FY_TRANSFER_ACQUIRE;
    fy_connect_tell_start(t, t->phase_ms);
    return FERRY_OK;
}

/* --- driving --------------------------------------------------------------------- */

ferry_err fy_transfer_settle(fy_transfer *t, ferry_err e)
{
    if (e == FERRY_OK || e == FERRY_AGAIN)
        return e;
    fy_transfer_drop_conn(t);
    fy_transfer_end_body(t);
    t->state = FY_TRANSFER_FAILED;
    const ferry_platform *m = &t->session->platform;
    if (t->hooks.on_event.call)
        fy_hooks_say(
            t, m->now_ms(m->ctx), &(ferry_event){.kind = FERRY_EVENT_FAILED, .err = e});
    return fy_session_fail(t->session, &t->error, t);
}

/* What a finished transfer answers. */
static ferry_err transfer_answer(fy_transfer *t)
{
    if (t->state == FY_TRANSFER_FAILED)
        return t->error.code;
    return t->verdict.code ? fy_session_fail(t->session, &t->verdict, t) : FERRY_OK;
}

ferry_err fy_transfer_step(fy_transfer *t, fy_wake *w)
{
    static ferry_err (*const step[])(fy_transfer *, fy_wake *) = {
        [FY_TRANSFER_BACKOFF] = transfer_back_off,
        [FY_TRANSFER_PREPARE] = transfer_prepare,
        [FY_TRANSFER_ACQUIRE] = transfer_acquire,
        [FY_TRANSFER_CONNECT] = transfer_connect,
        [FY_TRANSFER_HEAD] = transfer_head,
        [FY_TRANSFER_DRAIN] = transfer_drain,
        [FY_TRANSFER_BODY] = transfer_body,
        [FY_TRANSFER_FINISH] = transfer_finish,
    };
    ferry_err e = FERRY_OK;
    while (!e && t->state < FY_TRANSFER_DONE) {
        if (t->state == FY_TRANSFER_BODY && transfer_is_streaming(t))
            return FERRY_OK;
        e = step[t->state](t, w);
        if (e && e != FERRY_AGAIN)
            e = fy_decide_failure(t, e, w);
    }
    return t->state >= FY_TRANSFER_DONE ? transfer_answer(t) : fy_transfer_settle(t, e);
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
    return t->state >= FY_TRANSFER_DONE ? transfer_answer(t) : fy_transfer_settle(t, e);
}

/* --- waiting --------------------------------------------------------------------- */

static void transfer_want_until(
    int64_t due_ms, int64_t now_ms, ferry_why why, ferry_wait *w)
{
    w->why = why;
    w->timeout_ms = fy_wait_until(due_ms, now_ms);
}

static void transfer_want_drain(const fy_transfer *t, int64_t now_ms, ferry_wait *w)
{
    fy_exchange_want(&t->exchange, now_ms, w);
    int64_t left = fy_wait_until(fy_due(t->phase_ms, TRANSFER_DRAIN_MS), now_ms);
    if (w->timeout_ms < 0 || w->timeout_ms > left)
        w->timeout_ms = left;
}

void fy_transfer_want(const fy_transfer *t, int64_t now_ms, ferry_wait *w)
{
    w->n = 0;
    w->why = FERRY_WAIT_NOTHING;
    w->timeout_ms = 0;
    switch (t->state) {
    case FY_TRANSFER_BACKOFF:
        transfer_want_until(t->resume_ms, now_ms, FERRY_WAIT_RETRY, w);
        break;
    case FY_TRANSFER_ACQUIRE:
    case FY_TRANSFER_CONNECT: fy_connect_want(t, now_ms, w); break;
    case FY_TRANSFER_DRAIN: transfer_want_drain(t, now_ms, w); break;
    case FY_TRANSFER_HEAD:
    case FY_TRANSFER_BODY:
    case FY_TRANSFER_FINISH: fy_exchange_want(&t->exchange, now_ms, w); break;
    default: break;
    }
}
