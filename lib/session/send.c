/* send.c - requests: sent and waited for, or begun and stepped by the caller's loop.
 * session. Knows who waits. Does not know what a transfer does meanwhile.
 *
 * Theory: there is one way through a transfer. A blocking call is a loop round the same
 * step, with two liberties: it waits itself, and a read may wait in the system instead.
 * SPDX-License-Identifier: MIT */
#include "net/system.h"
#include "policy/options_whole.h"
#include "session/life.h"
#include "session/prepare.h"
#include "session/session.h"
#include "session/transfer.h"

enum {
    SEND_LONGEST_WAIT_MS = 250,
    SEND_SOURCE_MS =
        10 /* then a source is asked again: nobody tells when it has some */
};

static fy_transfer *send_transfer(const ferry_response *r)
{
    return (fy_transfer *)(void *)r;
}

static ferry_err send_misuse(fy_transfer *t, const char *what)
{
    fy_error x;
    fy_fail(&x, FERRY_ERR_USAGE, what, FY_NOWHERE);
    return fy_session_fail(t->session, &x, t);
}

/* Begin a call on a response. Detached ones have no session. */
static ferry_err send_enter(const ferry_response *r)
{
    if (!r || !send_transfer(r)->session)
        return FERRY_ERR_USAGE;
    return fy_session_enter(send_transfer(r)->session);
}

static ferry_err send_leave(const fy_transfer *t, ferry_err e)
{
    return fy_session_leave(t->session, e);
}

/* --- carrying on ----------------------------------------------------------------- */

/* An interrupt ends what is under way, or the next thing to be. */
static ferry_err send_step(fy_transfer *t, fy_wake *w, ferry_str *piece)
{
    ferry_session *s = t->session;
    if (t->state < FY_TRANSFER_DONE && fy_flag_is_raised(&s->interrupt)) {
        fy_flag_lower(&s->interrupt);
        fy_fail(&t->error, FERRY_ERR_ABORTED, "interrupted", FY_NOWHERE);
        return fy_transfer_settle(t, FERRY_ERR_ABORTED);
    }
    ferry_err e = piece ? fy_transfer_next(t, w, piece) : fy_transfer_step(t, w);
    if (e == FERRY_ERR_ABORTED)
        fy_flag_lower(&s->interrupt);
    return e;
}

/* Never for so long that an interrupt would go unnoticed. */
static ferry_err send_wait(fy_transfer *t, fy_wake *w)
{
    ferry_session *s = t->session;
    ferry_wait wait;
    fy_transfer_want(t, fy_wake_now(w), &wait);
    int64_t most = wait.why == FERRY_WAIT_SOURCE ? SEND_SOURCE_MS
                                                 : SEND_LONGEST_WAIT_MS;
    if (wait.timeout_ms < 0 || wait.timeout_ms > most)
        wait.timeout_ms = most;
    int answer = s->platform.wait(s->platform.ctx, &wait);
    w->is_old = true;
    if (!answer)
        return FERRY_OK;
    fy_fail(&t->error, FERRY_ERR_ABORTED, "the platform's wait ended it", FY_NOWHERE);
    return fy_transfer_settle(t, FERRY_ERR_ABORTED);
}

/* To the end of this call: of the transfer, or with `piece` of one piece. */
static ferry_err send_run(fy_transfer *t, int64_t now_ms, ferry_str *piece)
{
    const ferry_platform *m = &t->session->platform;
    fy_wake w = {.platform = m,
        .interrupt = &t->session->interrupt,
        .now_ms = now_ms,
        .may_block = fy_system_waits(m)};
    for (;;) {
        ferry_err e = send_step(t, &w, piece);
        if (e != FERRY_AGAIN)
            return e;
        TRY(send_wait(t, &w));
    }
}

/* One wake-up of the caller's loop. */
static ferry_err send_wake(fy_transfer *t, ferry_str *piece)
{
    fy_wake w = {.platform = &t->session->platform,
        .interrupt = &t->session->interrupt,
        .is_old = true,
        .is_bounded = true};
    fy_wake_now(&w);
    ferry_err e = send_step(t, &w, piece);
    t->woken_ms = fy_wake_now(&w);
    return e;
}

void ferry_interrupt(ferry_session *s)
{
    if (s)
        fy_flag_raise(&s->interrupt);
}

/* --- starting -------------------------------------------------------------------- */

/* It may be another session's. */
static void send_free_old(const ferry_session *s, ferry_response **out)
{
    if (!out)
        return;
    if (*out && send_transfer(*out)->session == s)
        fy_response_free(*out);
    else
        ferry_response_free(*out);
    *out = NULL;
}

/* Begin a request. What cannot be used at all gives no response either. */
static ferry_err send_enter_new(ferry_session *s, ferry_response **out)
{
    bool is_inside = s && s->is_busy;
    ferry_err e = fy_session_enter(s);
    if (e && !is_inside && out) {
        ferry_response_free(*out);
        *out = NULL;
    }
    return e;
}

/* Mostly it gives a body, headers and the like, and says nothing that levels say. */
static ferry_err send_check(fy_wish *wish, fy_error *x)
{
    const ferry_opts *o = wish->opts;
    if (fy_options_set_none(o))
        return fy_options_check_body(o, x);
    wish->settings = o;
    if (o->on_progress.call)
        return fy_fail(x, FERRY_ERR_USAGE,
            ".on_progress is an option of ferry_download", FY_NOWHERE);
    return fy_options_check(o, FY_LEVEL_REQUEST, x);
}

/* What is wished; `room` is for options of an older, shorter struct. */
static ferry_err send_read(fy_wish *wish, ferry_opts *room, const char *method,
    const ferry_opts *given, fy_error *x)
{
    const char *option = NULL;
    wish->opts = wish->settings = fy_options_none();
    if (!fy_options_are_none(given)) {
        TRY(fy_options_widen(&wish->opts, room, given, x));
        TRY(send_check(wish, x));
        option = wish->opts->method;
    } else if (given) {
        option = given->method;
    }
    if (method && option)
        return fy_fail(x, FERRY_ERR_USAGE, "the method is given twice", FY_NOWHERE);
    wish->method = fy_str(method ? method : option ? option : "GET");
    return FERRY_OK;
}

/* A prepared transfer, or the error, recorded. `o` is what was given, and must last as
 * long as the wish. What the caller's old response is still good for: URL and options
 * may have been taken from it. */
static ferry_err send_prepare(ferry_session *s, const char *method, const char *url,
    const ferry_opts *opts, ferry_opts *o, fy_transfer **prepared)
{
    fy_error x;
    fy_wish wish;
    ferry_err e = send_read(&wish, o, method, opts, &x);
    fy_transfer *t = e ? NULL : fy_transfer_new(s);
    if (!e && !t)
        e = fy_fail_nomem(&x);
    if (t) {
        e = fy_prepare(t, &wish, fy_str(url));
        x = t->error;
    }
    if (e)
        fy_session_fail(s, &x, NULL);
    if (e && t)
        fy_transfer_free(t);
    *prepared = t;
    return e;
}

/* Can nothing that later requests of the call need lie in the old response? */
static bool send_is_plain(const fy_transfer *t)
{
    return t->wish.opts == fy_options_none() && fy_request_known(t->wish.method).ptr;
}

/* The old response is freed as soon as nothing may lie in it; until then it at least
 * holds no connection. */
static void send_free_old_early(fy_transfer *t, ferry_response **out)
{
    if (send_is_plain(t))
        send_free_old(t->session, out);
    else if (out && *out && send_transfer(*out)->session == t->session)
        fy_transfer_cancel(send_transfer(*out));
}

static ferry_err send_blocking(ferry_session *s, const char *method, const char *url,
    ferry_response **out, const ferry_opts *opts)
{
    fy_transfer *t;
    ferry_opts o;
    ferry_err e = send_prepare(s, method ? method : "", url, opts, &o, &t);
    if (e) {
        send_free_old(s, out);
        return e;
    }
    send_free_old_early(t, out);
    t->is_discarded = out == NULL;
    fy_transfer_start(t);
    e = send_run(t, t->started_ms, NULL);
    send_free_old(s, out);
    /* A call that policy ended has a response all the same. */
    bool has_response = !e || t->state == FY_TRANSFER_DONE;
    if (!has_response || !out)
        fy_transfer_free(t);
    else
        *out = &t->pub;
    return e;
}

ferry_err ferry_send(ferry_session *s, const char *method, const char *url,
    ferry_response **out, const ferry_opts *opts)
{
    TRY(send_enter_new(s, out));
    return fy_session_leave(s, send_blocking(s, method, url, out, opts));
}

/* Its caller returns: what later requests of the call need is copied. */
static ferry_err send_keep_wish(fy_transfer *t)
{
    if (!send_is_plain(t)) {
        if (!fy_transfer_chain(t))
            return FERRY_ERR_NOMEM;
        TRY(fy_chain_keep(t->chain, &t->wish, &t->error));
    } else {
        t->wish.method = fy_request_known(t->wish.method);
    }
    t->method = t->wish.method;
    return FERRY_OK;
}

static ferry_err send_begin(
    ferry_session *s, const char *url, ferry_response **out, const ferry_opts *opts)
{
    fy_transfer *t;
    ferry_opts o;
    fy_error x;
    if (!out) {
        fy_fail(&x, FERRY_ERR_USAGE, "ferry_begin without an out", FY_NOWHERE);
        return fy_session_fail(s, &x, NULL);
    }
    ferry_err e = send_prepare(s, NULL, url, opts, &o, &t);
    if (!e && (e = send_keep_wish(t))) {
        fy_session_fail(s, &t->error, t);
        fy_transfer_free(t);
    }
    send_free_old(s, out);
    if (e)
        return e;
    t->is_begun = true;
    fy_transfer_start(t);
    t->woken_ms = t->started_ms;
    *out = &t->pub;
    return FERRY_OK;
}

ferry_err ferry_begin_with(
    ferry_session *s, const char *url, ferry_response **out, const ferry_opts *opts)
{
    TRY(send_enter_new(s, out));
    return fy_session_leave(s, send_begin(s, url, out, opts));
}

ferry_err ferry_once_with(const char *url, ferry_response **out, const ferry_opts *opts)
{
    ferry_opts of_session, of_request;
    fy_options_split(opts, &of_session, &of_request);
    if (of_session.stream == FERRY_ON) { /* nobody would be left to stream from */
        send_free_old(NULL, out);
        return FERRY_ERR_USAGE;
    }
    ferry_session *s = ferry_session_new_with(&of_session);
    const char *method = of_request.method ? of_request.method : "GET";
    of_request.method = NULL;
    ferry_err e = ferry_send(s, method, url, out, &of_request);
    ferry_session_free(s);
    return e;
}

/* --- the caller's loop ----------------------------------------------------------- */

static ferry_err send_step_begun(fy_transfer *t, ferry_wait *w)
{
    if (!t->is_begun)
        return send_misuse(t, "ferry_step is for begun transfers");
    ferry_err e = send_wake(t, NULL);
    if (e == FERRY_AGAIN && w)
        fy_transfer_want(t, t->woken_ms, w);
    return e;
}

ferry_err ferry_step(ferry_response *r, ferry_wait *w)
{
    TRY(send_enter(r));
    return send_leave(send_transfer(r), send_step_begun(send_transfer(r), w));
}

static ferry_err send_waiting(fy_transfer *t, ferry_wait *w)
{
    if (!t->is_begun || !w)
        return send_misuse(t, "ferry_waiting is for begun transfers");
    fy_transfer_want(t, t->woken_ms, w);
    return FERRY_OK;
}

ferry_err ferry_waiting(const ferry_response *r, ferry_wait *w)
{
    TRY(send_enter(r));
    return send_leave(send_transfer(r), send_waiting(send_transfer(r), w));
}

/* What was gathered already comes as one piece, then an empty one. */
static ferry_err send_gathered(fy_transfer *t, ferry_str *piece)
{
    *piece = t->is_given ? FY_S("") : t->pub.body;
    t->is_given = true;
    return FERRY_OK;
}

static ferry_err send_next(fy_transfer *t, ferry_str *chunk)
{
    if (!chunk)
        return send_misuse(t, "ferry_next without a place for the chunk");
    *chunk = FY_S("");
    if (t->state == FY_TRANSFER_DONE)
        return send_gathered(t, chunk);
    if (t->state < FY_TRANSFER_BODY)
        return send_misuse(t, "ferry_next before the head is here");
    if (t->is_begun)
        return send_wake(t, chunk);
    const ferry_platform *m = &t->session->platform;
    return send_run(t, m->now_ms(m->ctx), chunk);
}

ferry_err ferry_next(ferry_response *r, ferry_str *chunk)
{
    TRY(send_enter(r));
    return send_leave(send_transfer(r), send_next(send_transfer(r), chunk));
}
