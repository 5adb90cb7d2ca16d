/* exchange.c - one request and its response over one open transport.
 * session. Knows the order of the bytes and how long they may take. Does not know where
 * the connection came from, or what becomes of the body.
 *
 * Theory: two machines side by side, one going out and one coming in, as a server may
 * answer before it has read all. Sending never waits. Whoever calls asks for the head,
 * then for pieces of the body; each call first sends what can be sent, then reads if it
 * must. Only when the whole request is out may a read wait, and then for no longer than
 * the nearest time-out allows. SPDX-License-Identifier: MIT */
#include "session/exchange.h"

#include <string.h>

enum {
    EXCHANGE_WAKE_READS = 32,
    EXCHANGE_WAKE_BYTES = 1 << 20,
    EXCHANGE_PUSH_BYTES = 1 << 20,
    EXCHANGE_PATIENCE_MS = 400
};

/* gave_ms while the clock has not been read since the peer gave a byte. */
enum { EXCHANGE_JUST_NOW = -1 };

int64_t fy_wake_now(fy_wake *w)
{
    if (w->is_old) {
        w->now_ms = w->platform->now_ms(w->platform->ctx);
        w->is_old = false;
    }
    return w->now_ms;
}

int64_t fy_wait_until(int64_t due_ms, int64_t now_ms)
{
    if (due_ms == INT64_MAX)
        return -1;
    return due_ms > now_ms ? due_ms - now_ms : 0;
}

void fy_exchange_init(fy_exchange *x, const ferry_platform *m)
{
    memset(x, 0, sizeof *x);
    fy_fields_init(&x->head.fields, m, 0);
    fy_framing_init(&x->framing, m, 0, 0);
}

void fy_exchange_fini(fy_exchange *x)
{
    fy_fields_fini(&x->head.fields);
    fy_framing_fini(&x->framing);
}

void fy_exchange_begin(fy_exchange *x, ferry_transport *t, ferry_str head,
    fy_body *body, fy_buf *input, int64_t now_ms)
{
    x->transport = t;
    x->left = head;
    x->body = body;
    x->pushed = 0;
    x->awaits = x->expects;
    x->out = FY_OUT_HEAD;
    x->in = FY_IN_HEAD;
    x->took_ms = now_ms;
    x->gave_ms = now_ms;
    x->fault = (ferry_fault){FERRY_OK, 0, NULL};
    x->has_sent = x->is_touched = x->is_spent = x->is_starved = false;
    x->interim = 0;
    x->cursor = 0;
    x->raw = (ferry_str){NULL, 0};
    x->input = input;
    fy_buf_clear(input);
    int64_t most = x->opts->limits.head > x->opts->limits.buffer
                       ? x->opts->limits.head
                       : x->opts->limits.buffer;
    input->max = fy_size((uint64_t)most);
    x->head.fields.max = x->framing.trailers.max = fy_size(
        (uint64_t)x->opts->limits.fields);
    x->framing.trailer_text.max = fy_size((uint64_t)x->opts->limits.head);
}

/* --- time ------------------------------------------------------------------------ */

/* Is it the peer's turn to speak, and not to take? */
static bool exchange_is_listening(const fy_exchange *x)
{
    return x->out >= FY_OUT_SENT || x->out == FY_OUT_AWAIT;
}

/* When the peer's silence gets too long. */
static int64_t exchange_gap_due(const fy_exchange *x)
{
    if (!exchange_is_listening(x))
        return fy_due(x->took_ms, x->opts->timeout.write_ms);
    return fy_due(x->gave_ms, x->opts->timeout.read_ms);
}

/* The time, with the moment of the last byte set to it if that was since
 * the last look. */
static int64_t exchange_now(fy_exchange *x, fy_wake *w)
{
    int64_t now = fy_wake_now(w);
    if (x->gave_ms == EXCHANGE_JUST_NOW)
        x->gave_ms = now;
    return now;
}

static ferry_err exchange_check_total(fy_exchange *x, fy_wake *w)
{
    if (exchange_now(x, w) < x->due_ms)
        return FERRY_OK;
    return fy_fail(x->error, FERRY_ERR_TOTAL_TIMEOUT,
        x->in == FY_IN_HEAD ? "no complete head yet" : "inside the body", FY_NOWHERE);
}

/* Nothing moves: FERRY_AGAIN, or the time-out that is over. */
static ferry_err exchange_stuck(fy_exchange *x, fy_wake *w)
{
    TRY(exchange_check_total(x, w));
    if (exchange_now(x, w) < exchange_gap_due(x))
        return FERRY_AGAIN;
    if (!exchange_is_listening(x))
        return fy_fail(x->error, FERRY_ERR_WRITE_TIMEOUT,
            x->is_starved ? "the body's source had nothing to give" : NULL, FY_NOWHERE);
    return fy_fail(x->error, FERRY_ERR_READ_TIMEOUT,
        x->in == FY_IN_HEAD ? "no complete head yet" : "inside the body", FY_NOWHERE);
}

/* The next moment at which something must be done. */
static int64_t exchange_next_due(const fy_exchange *x)
{
    int64_t due = exchange_gap_due(x);
    if (x->out == FY_OUT_AWAIT && x->await_due < due)
        due = x->await_due;
    return due < x->due_ms ? due : x->due_ms;
}

/* How long a read may block: never for so long that an interrupt would go unnoticed. */
static int64_t exchange_patience(fy_exchange *x, fy_wake *w)
{
    if (!w->may_block || !exchange_is_listening(x))
        return 0;
    int64_t now = exchange_now(x, w), left = exchange_next_due(x) - now;
    if (left > EXCHANGE_PATIENCE_MS)
        return EXCHANGE_PATIENCE_MS;
    return left > 0 ? left : 0;
}

/* --- out ------------------------------------------------------------------------- */

/* Whatever breaks here may be explained by a response that is already under way, so it
 * is kept, and reading decides. */
static void exchange_break(fy_exchange *x, int64_t now_ms)
{
    x->fault = x->transport->fault;
    x->out = FY_OUT_BROKEN;
    x->gave_ms = now_ms;
}

/* True if all of it went. However much the peer takes, what it says is looked at in
 * between. */
static bool exchange_write(fy_exchange *x, int64_t now_ms)
{
    ferry_str *left = &x->left;
    while (left->len && x->pushed < EXCHANGE_PUSH_BYTES) {
        ptrdiff_t n = x->transport->calls->write(x->transport, left->ptr, left->len, 0);
        if (n == FERRY_FAILED)
            exchange_break(x, now_ms);
        if (n <= 0)
            return false;
        x->has_sent = true;
        x->took_ms = now_ms;
        x->pushed += (size_t)n;
        *left = fy_str_from(*left, (size_t)n);
    }
    return left->len == 0;
}

/* One piece more of the body: a source may take its time, and end the call. */
static ferry_err exchange_pull(fy_exchange *x, fy_wake *w)
{
    if (x->body->source.read) {
        if (fy_flag_is_raised(w->interrupt))
            return fy_fail(x->error, FERRY_ERR_ABORTED, "interrupted", FY_NOWHERE);
        TRY(exchange_check_total(x, w));
        w->is_old = true;
    }
    ferry_err e = x->body->exists ? fy_body_next(x->body, &x->left, x->error)
                                  : FERRY_OK;
    if (e)
        return e;
    x->out = x->left.len ? FY_OUT_BODY : FY_OUT_SENT;
    x->took_ms = x->gave_ms = fy_wake_now(w); /* the peer's time begins */
    return FERRY_OK;
}

/* The head is out. True until a 100 comes, or a final answer, or the time is over. */
static bool exchange_must_await(fy_exchange *x, fy_wake *w)
{
    if (!x->awaits)
        return false;
    int64_t now = fy_wake_now(w);
    if (x->out == FY_OUT_HEAD) {
        x->out = FY_OUT_AWAIT;
        x->gave_ms = now;
        x->await_due = fy_due(now, x->opts->expect.wait_ms);
    }
    x->awaits = now < x->await_due;
    return x->awaits;
}

/* The source has nothing yet, which is no reason not to listen. Its time to find some
 * begins when it says so first. */
static void exchange_starve(fy_exchange *x, fy_wake *w)
{
    if (x->is_starved)
        return;
    x->is_starved = true;
    x->out = FY_OUT_BODY;
    x->took_ms = fy_wake_now(w);
}

static ferry_err exchange_push(fy_exchange *x, fy_wake *w)
{
    while (x->out < FY_OUT_SENT && exchange_write(x, fy_wake_now(w)) &&
           !exchange_must_await(x, w)) {
        ferry_err e = exchange_pull(x, w);
        if (e == FERRY_AGAIN) {
            exchange_starve(x, w);
            return FERRY_OK;
        }
        x->is_starved = false;
        TRY(e);
    }
    return FERRY_OK;
}

/* True if it was us who stopped, not the transport: there is no need to wait. */
static bool exchange_end_push(fy_exchange *x, fy_wake *w)
{
    size_t pushed = x->pushed;
    x->pushed = 0;
    w->bytes += pushed;
    return x->out < FY_OUT_SENT && pushed >= EXCHANGE_PUSH_BYTES;
}

/* --- in -------------------------------------------------------------------------- */

static bool exchange_says_why(const ferry_fault *f)
{
    return f->code || f->os || f->what;
}

static ferry_err exchange_ended(fy_exchange *x, const ferry_fault *fault)
{
    if (x->in == FY_IN_HEAD && x->input->len)
        return fy_fail_fault(x->error, fault, FERRY_ERR_TRUNCATED, "inside the head");
    if (x->in == FY_IN_HEAD)
        return fy_fail_fault(x->error, fault, FERRY_ERR_CLOSED, NULL);
    if (exchange_says_why(fault))
        return fy_fail_fault(x->error, fault, FERRY_ERR_TRUNCATED, "inside the body");
    TRY(fy_framing_end(&x->framing, x->error));
    x->in = FY_IN_DONE;
    return FERRY_OK;
}

/* Why nothing more will come: what reading says, or if that is no more than an end,
 * what broke the sending before. */
static ferry_err exchange_fail(fy_exchange *x, ptrdiff_t answer)
{
    static const ferry_fault failed = {FERRY_OK, 0, "the transport failed"};
    const ferry_fault *fault = &x->transport->fault;
    if (answer != FERRY_FAILED)
        return exchange_ended(x, &x->fault);
    return exchange_ended(x, exchange_says_why(fault) ? fault : &failed);
}

/* FERRY_OK: *got bytes, or 0 if the end has come and was in order. */
static ferry_err exchange_read(
    fy_exchange *x, fy_wake *w, char *p, size_t n, size_t *got)
{
    *got = 0;
    x->is_spent = w->is_bounded &&
                  (w->reads >= EXCHANGE_WAKE_READS || w->bytes >= EXCHANGE_WAKE_BYTES);
    if (x->is_spent)
        return FERRY_AGAIN;
    bool has_paused = exchange_end_push(x, w);
    if (fy_flag_is_raised(w->interrupt))
        return fy_fail(x->error, FERRY_ERR_ABORTED, "interrupted", FY_NOWHERE);
    TRY(exchange_check_total(x, w));
    int64_t wait_ms = exchange_patience(x, w);
    ptrdiff_t answer = x->transport->calls->read(x->transport, p, n, wait_ms);
    w->is_old |= wait_ms > 0;
    if (answer == FERRY_WANT_READ || answer == FERRY_WANT_WRITE) {
        x->is_spent = has_paused;
        return exchange_stuck(x, w);
    }
    if (answer <= 0)
        return exchange_fail(x, answer);
    *got = (size_t)answer;
    w->reads++;
    w->bytes += *got;
    x->is_touched = true;
    x->gave_ms = EXCHANGE_JUST_NOW;
    return FERRY_OK;
}

static ferry_err exchange_read_head(fy_exchange *x, fy_wake *w)
{
    fy_buf *b = x->input;
    size_t got;
    if (b->len >= fy_size((uint64_t)x->opts->limits.head))
        return fy_fail(x->error, FERRY_ERR_LIMIT, "response head too long", FY_NOWHERE);
    fy_buf_reserve_exact(b, b->cap ? 0 : fy_size((uint64_t)x->opts->limits.buffer));
    fy_buf_reserve(b, 1);
    TRY(fy_fail_buf(x->error, b, "response head too long"));
    TRY(exchange_read(x, w, b->ptr + b->len, b->cap - b->len, &got));
    b->len += got;
    return FERRY_OK;
}

/* RFC 9110 15.2: any number of interim responses may come before the final one. */
static ferry_err exchange_skip_interim(fy_exchange *x, size_t end)
{
    if (x->head.status == 101)
        return fy_fail(
            x->error, FERRY_ERR_PROTOCOL, "a 101 that was not asked for", FY_NOWHERE);
    if (x->head.status == 100)
        x->awaits = false;
    if (++x->interim > x->opts->limits.interim)
        return fy_fail(
            x->error, FERRY_ERR_LIMIT, "too many interim responses", FY_NOWHERE);
    x->input->len -= end;
    memmove(x->input->ptr, x->input->ptr + end, x->input->len);
    x->cursor = 0;
    return FERRY_OK;
}

/* A refusal ends the upload, and so does an answer after which the connection closes; an
 * early 2xx lets it go on. A body that waited does so no longer. */
static void exchange_decide_upload(fy_exchange *x)
{
    x->awaits = false;
    if (x->out < FY_OUT_SENT && (x->head.status >= 300 || !x->framing.may_persist))
        x->out = FY_OUT_BROKEN;
}

static ferry_err exchange_take_head(fy_exchange *x, size_t end)
{
    bool is_switch = x->head.status == 101 && x->asks_upgrade;
    if (x->head.status < 200 && !is_switch)
        return exchange_skip_interim(x, end);
    TRY(fy_framing_begin(&x->framing, &x->head, x->is_head_method, x->error));
    x->head_len = end;
    x->raw = fy_str_from(fy_buf_view(x->input), end);
    x->in = x->framing.is_done ? FY_IN_DONE : FY_IN_BODY;
    exchange_decide_upload(x);
    return FERRY_OK;
}

/* FERRY_AGAIN: more bytes are needed. */
static ferry_err exchange_parse_head(fy_exchange *x)
{
    size_t end = 0;
    TRY(fy_response_find_end(fy_buf_view(x->input), &x->cursor, &end, x->error));
    if (end > fy_size((uint64_t)x->opts->limits.head))
        return fy_fail(x->error, FERRY_ERR_LIMIT, "response head too long", FY_NOWHERE);
    TRY(fy_response_parse(&x->head, x->input->ptr, end, x->error));
    return exchange_take_head(x, end);
}

ferry_err fy_exchange_head(fy_exchange *x, fy_wake *w)
{
    while (x->in == FY_IN_HEAD) {
        TRY(exchange_push(x, w));
        ferry_err e = x->input->len ? exchange_parse_head(x) : FERRY_AGAIN;
        if (e == FERRY_AGAIN)
            e = exchange_read_head(x, w);
        TRY(e);
    }
    return FERRY_OK;
}

ferry_err fy_exchange_piece(fy_exchange *x, ferry_str *piece)
{
    *piece = (ferry_str){NULL, 0};
    if (x->in == FY_IN_DONE)
        return FERRY_OK;
    TRY(fy_framing_next(&x->framing, &x->raw, piece, x->error));
    if (x->framing.is_done)
        x->in = FY_IN_DONE;
    return FERRY_OK;
}

/* One byte more than the body has left would show that the peer sent too much. */
static size_t exchange_ask(const fy_exchange *x, size_t room)
{
    if (x->framing.kind == FY_FRAMING_LENGTH && x->framing.left < room)
        return (size_t)x->framing.left + 1;
    return room;
}

ferry_err fy_exchange_receive(fy_exchange *x, fy_wake *w, char *room, size_t n)
{
    size_t got;
    TRY(exchange_push(x, w));
    TRY(exchange_read(x, w, room, exchange_ask(x, n), &got));
    x->raw = (ferry_str){room, got};
    return FERRY_OK;
}

ferry_err fy_exchange_finish(fy_exchange *x, fy_wake *w)
{
    x->pushed = 0;
    TRY(exchange_push(x, w));
    x->is_spent = exchange_end_push(x, w);
    return x->out < FY_OUT_SENT ? exchange_stuck(x, w) : FERRY_OK;
}

bool fy_exchange_may_persist(const fy_exchange *x)
{
    return x->out == FY_OUT_SENT && x->in == FY_IN_DONE && x->framing.may_persist &&
           x->raw.len == 0;
}

/* When to look again. While the peer takes nothing, once more after a tenth of the time: a
 * little room may have come without a word of it (poll tells of a third of a buffer), and
 * if the look at the time-out were the first to use it, the time would begin anew. */
static int64_t exchange_next_look(const fy_exchange *x, int64_t now_ms)
{
    int64_t next = exchange_next_due(x);
    int64_t early = fy_due(x->took_ms, x->opts->timeout.write_ms / 10);
    bool is_taking = !exchange_is_listening(x) && !x->is_starved && now_ms < early;
    return is_taking && early < next ? early : next;
}

/* An answer may come while the source has nothing; once that is here, nothing of the
 * transport's is waited for. */
static void exchange_want_source(const fy_exchange *x, ferry_wait *w)
{
    w->why = FERRY_WAIT_READ;
    if (x->in != FY_IN_DONE)
        x->transport->calls->want(x->transport, w);
    w->why = FERRY_WAIT_SOURCE;
}

void fy_exchange_want(const fy_exchange *x, int64_t now_ms, ferry_wait *w)
{
    w->why = FERRY_WAIT_NOTHING;
    w->n = 0;
    w->timeout_ms = 0;
    if (x->is_spent)
        return;
    if (x->is_starved && x->out == FY_OUT_BODY) {
        exchange_want_source(x, w);
    } else {
        w->why = exchange_is_listening(x) ? FERRY_WAIT_READ : FERRY_WAIT_WRITE;
        x->transport->calls->want(x->transport, w);
    }
    w->timeout_ms = fy_wait_until(exchange_next_look(x, now_ms), now_ms);
}
