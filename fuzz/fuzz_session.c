/* fuzz_session.c - a whole session against a hostile server: tests/lib/hostile.h.
 *
 * The first 16 bytes are the user: how many requests, of which kind, with which options
 * and how little memory. The rest is the server. The same is played three times: in
 * steps, blocking with the user's wait, and blocking with the library's own. All three
 * must come to the same, and what they come to must be what an independent model reads
 * out of the bytes that the server gave. SPDX-License-Identifier: MIT */
#include "lib/hostile.h"
#include "lib/model_framing.h"
#include "lib/model_request.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SESSION_REQUESTS = 4, SESSION_HEAD = 16, SESSION_STEPS = 100000 };

typedef enum session_way {
    SESSION_STEPPED,
    SESSION_WAITING,
    SESSION_BLOCKING
} session_way;
enum { SESSION_WAYS = 3 };

/* --- the user -------------------------------------------------------------------- */

typedef struct session_wish {
    const char *method;
    ferry_opts opts;
    ferry_pair headers[3];
    char url[32];
    bool is_head, is_repeatable, asks_upgrade, closes;
    bool is_streamed, is_discarded, is_held, is_detached, is_abandoned;
    bool comes_late, closes_idle;
    ferry_str body;
} session_wish;

typedef struct session_plan {
    int n;
    int n_addresses;
    int fail_at;
    uint8_t cut_mode, cut_seed;
    bool has_crowd, frees_session_first;
    ferry_pool pool;
    session_wish wishes[SESSION_REQUESTS];
    fuzz_input scripts;
} session_plan;

static char session_bytes[200000]; /* a body */
static const uint8_t session_nothing[1];

static void session_choose_method(session_wish *w, uint8_t byte)
{
    static const struct {
        const char *method, *target;
        bool is_repeatable; /* RFC 9110 9.2.2 */
    } methods[] = {{"GET", NULL, true}, {"HEAD", NULL, true}, {"POST", NULL, false},
        {"PUT", NULL, true}, {"DELETE", NULL, true}, {"OPTIONS", "*", true},
        {"GET", "/t?x=%20", true}, {"PATCH", NULL, false}};
    w->method = methods[byte & 7].method;
    w->opts.target = methods[byte & 7].target;
    w->is_repeatable = methods[byte & 7].is_repeatable;
    w->is_head = (byte & 7) == 1;
}

static void session_choose_body(session_wish *w, uint8_t byte)
{
    static const ferry_pair form[] = {{"a", "1"}, {"b c", "\xff\r\n"}, {NULL, NULL}};
    size_t size = byte & 4 ? sizeof session_bytes : 300;
    switch (byte & 3) {
    case 1:
        w->opts.text = "some text";
        w->body = (ferry_str){"some text", 9};
        break;
    case 2:
        w->opts.form = form;
        w->body = (ferry_str){"a=1&b+c=%FF%0D%0A", 17};
        break;
    case 3:
        w->opts.body = (ferry_bytes){session_bytes, size};
        w->body = (ferry_str){session_bytes, size};
        break;
    default: break;
    }
}

static void session_choose_limits(session_wish *w, uint8_t byte)
{
    static const ferry_timeout gaps[] = {{10001, 30001, 30001, 5001, 0},
        {51, 51, 51, 51, 0}, {4001, 251, 21, 9001, 0},
        {10001, FERRY_NONE, 3001, FERRY_NONE, 0}};
    static const int64_t totals[] = {0, 61, 5001, 9};
    static const ferry_limits limits[] = {{0, 0, 0, 0, 0, 0}, {400, 8, 1, 64, 256, 256},
        {3000, 20, FERRY_NONE, 200000, 300, 300},
        {9000, 100, 3, FERRY_UNLIMITED, 65536, 2000000}};
    w->opts.timeout = gaps[byte & 3];
    w->opts.timeout.total_ms = totals[byte >> 2 & 3];
    w->opts.limits = limits[byte >> 4 & 3];
}

static void session_choose_flags(session_wish *w, uint8_t byte)
{
    w->is_streamed = byte & 1;
    w->is_discarded = byte & 2 && !w->is_streamed;
    w->asks_upgrade = byte & 4;
    w->closes = byte & 8;
    w->is_held = byte & 16;
    w->is_detached = byte & 32 && !w->is_streamed;
    w->is_abandoned = byte & 64 && w->is_streamed;
    ferry_pair *h = w->headers;
    if (w->asks_upgrade)
        *h++ = (ferry_pair){"Upgrade", "tea"};
    if (w->closes)
        *h++ = (ferry_pair){"Connection", "close"};
    if (h != w->headers)
        w->opts.headers = w->headers;
    w->opts.stream = w->is_streamed ? FERRY_ON : FERRY_INHERIT;
    w->opts.follow = FERRY_OFF; /* that is for fuzz_chain.c */
}

static void session_choose(session_wish *w, int i, fuzz_input *in)
{
    uint8_t what = fuzz_byte(in), how = fuzz_byte(in), most = fuzz_byte(in);
    memset(w, 0, sizeof *w);
    w->opts.size = sizeof w->opts;
    session_choose_method(w, what);
    session_choose_body(w, (uint8_t)((what >> 3 & 3) | (most >> 6 & 1) << 2));
    session_choose_flags(w, how);
    session_choose_limits(w, most);
    w->comes_late = what & 64;
    w->closes_idle = what & 128;
    snprintf(w->url, sizeof w->url, "http://%s.test/%d", what & 32 ? "b" : "a", i);
}

static void session_plan_read(session_plan *plan, fuzz_input in)
{
    static const ferry_pool pools[] = {{0, 0, 0, 0, 0}, {FERRY_NONE, 0, 0, 0, 0},
        {2, 1, 2, 0, 0}, {0, 0, 0, 2001, 9001}};
    fuzz_input head = {in.p, in.n < SESSION_HEAD ? in.n : SESSION_HEAD};
    uint8_t byte = fuzz_byte(&head);
    plan->n = 1 + (byte & 3);
    plan->has_crowd = byte & 4;
    plan->n_addresses = byte >> 3 & 3;
    plan->pool = pools[byte >> 5 & 3];
    plan->frees_session_first = byte >> 7;
    plan->fail_at = fuzz_byte(&head);
    plan->cut_mode = fuzz_byte(&head);
    plan->cut_seed = fuzz_byte(&head);
    for (int i = 0; i < SESSION_REQUESTS; i++) {
        session_choose(&plan->wishes[i], i, &head);
        /* Steps cannot discard, and ask for memory at other moments then. */
        plan->wishes[i].is_discarded &= plan->fail_at == 0;
    }
    in.p += in.n < SESSION_HEAD ? in.n : SESSION_HEAD;
    in.n -= in.n < SESSION_HEAD ? in.n : SESSION_HEAD;
    plan->scripts = in;
}

/* --- one run --------------------------------------------------------------------- */

/* What a request came to, as the user sees it. */
typedef struct session_answer {
    ferry_err e;
    char said[600];
    bool is_all; /* the body was read to its end */
    int status, minor, interim;
    bool is_reused;
    int64_t elapsed_ms;
    size_t n_headers, n_trailers;
    fuzz_bytes body;
    fuzz_bytes request; /* as it must be sent; stepped runs only */
} session_answer;

typedef struct session_run {
    const session_plan *plan;
    session_way way;
    hostile h;
    ferry_session *s;
    session_answer answers[SESSION_REQUESTS];
    ferry_response *held[SESSION_REQUESTS];
    int n_calm; /* answers before the first interrupt: it has no fixed moment */
} session_run;

/* The library's own wait ends here instead of in the system: time is the server's. */
static hostile *session_world;

int poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
    ferry_handle on[FERRY_WAIT_HANDLES];
    FUZZ_CHECK(session_world && n <= FERRY_WAIT_HANDLES);
    for (nfds_t i = 0; i < n; i++)
        on[i] = (ferry_handle){
            fds[i].fd, (fds[i].events & POLLIN ? FERRY_READABLE : 0) |
                           (fds[i].events & POLLOUT ? FERRY_WRITABLE : 0)};
    return hostile_poll(session_world, on, (int)n, timeout_ms);
}

static void session_keep_view(session_answer *a, const ferry_response *r)
{
    a->status = r->status;
    a->minor = r->minor;
    a->interim = r->interim;
    a->is_reused = r->reused;
    a->elapsed_ms = r->elapsed_ms;
    a->n_headers = r->headers.n;
    a->n_trailers = r->trailers.n;
}

/* What the user may rely on, whatever the server did. */
static void session_check_view(const session_wish *w, const ferry_response *r)
{
    FUZZ_CHECK(r->status >= 100 && r->status <= 999 && r->reason);
    FUZZ_CHECK(strcmp(r->url, w->url) == 0);
    FUZZ_CHECK(r->body.ptr && r->body.ptr[r->body.len] == '\0');
    for (size_t i = 0; i < r->headers.n + r->trailers.n; i++) {
        const ferry_field *f = i < r->headers.n ? &r->headers.at[i]
                                                : &r->trailers.at[i - r->headers.n];
        FUZZ_CHECK(strlen(f->name.ptr) == f->name.len && f->name.len);
        FUZZ_CHECK(strlen(f->value.ptr) == f->value.len);
    }
    FUZZ_CHECK(!r->headers.n || ferry_header(r, r->headers.at[0].name.ptr) ==
                                    r->headers.at[0].value.ptr);
}

static void session_check_error(session_run *run, session_answer *a, ferry_err e)
{
    FUZZ_CHECK(e != FERRY_AGAIN);
    FUZZ_CHECK(e != FERRY_ERR_NOMEM || run->plan->fail_at);
    FUZZ_CHECK(e != FERRY_ERR_USAGE && e != FERRY_ERR_URL && e != FERRY_ERR_NAME);
    fuzz_check_explain(run->s, e);
    snprintf(a->said, sizeof a->said, "%s", ferry_explain(run->s));
}

/* The next piece of a streamed body; in steps, after waiting as long as it takes. */
static ferry_err session_next(session_run *run, ferry_response *r, ferry_str *piece)
{
    ferry_err e;
    ferry_wait w;
    int steps = 0;
    while ((e = ferry_next(r, piece)) == FERRY_AGAIN) {
        FUZZ_CHECK(run->way == SESSION_STEPPED && ++steps < SESSION_STEPS);
        FUZZ_CHECK(!ferry_waiting(r, &w));
        FUZZ_CHECK(!hostile_wait(&run->h, &w));
    }
    return e;
}

static ferry_err session_stream(
    session_run *run, const session_wish *w, session_answer *a, ferry_response *r)
{
    for (ferry_str piece;;) {
        ferry_err e = session_next(run, r, &piece);
        if (e) {
            FUZZ_CHECK(ferry_next(r, &piece) == e);
            return e;
        }
        FUZZ_CHECK(piece.ptr);
        a->is_all = piece.len == 0;
        if (a->is_all)
            return FERRY_OK;
        fuzz_bytes_put(&a->body, piece.ptr, piece.len);
        if (w->is_abandoned)
            return FERRY_OK;
    }
}

static void session_take(ferry_response *r)
{
    ferry_transport *t = NULL;
    FUZZ_CHECK(!ferry_take(r, &t) && t);
    t->calls->close(t);
    FUZZ_CHECK(ferry_take(r, &t) == FERRY_ERR_USAGE);
}

static void session_detach(session_run *run, session_answer *a, ferry_response **r)
{
    ferry_response *copy = ferry_detach(*r);
    if (!copy) {
        FUZZ_CHECK(run->plan->fail_at);
        return;
    }
    ferry_response_free(*r);
    *r = copy;
    FUZZ_CHECK(copy->status == a->status && copy->headers.n == a->n_headers);
}

/* The head is there: the rest, and what is seen of it. */
static ferry_err session_read(
    session_run *run, const session_wish *w, session_answer *a, ferry_response **r)
{
    ferry_err e = FERRY_OK;
    if (w->is_streamed && (*r)->status != 101)
        e = session_stream(run, w, a, *r);
    else
        fuzz_bytes_put(&a->body, (*r)->body.ptr, (*r)->body.len);
    a->is_all |= !w->is_streamed || (*r)->status == 101;
    session_check_view(w, *r);
    session_keep_view(a, *r);
    if (!e && (*r)->status == 101)
        session_take(*r);
    else if (!e && w->is_detached)
        session_detach(run, a, r);
    return e;
}

/* The response may be looked at until it is freed, and so at the very end, too. */
static void session_put_away(
    session_run *run, int i, const session_wish *w, ferry_err e, ferry_response *r)
{
    if (!e && w->is_held && !w->is_streamed)
        run->held[i] = r;
    else
        ferry_response_free(r);
}

static ferry_err session_step(session_run *run, ferry_response *r)
{
    ferry_err e;
    ferry_wait w;
    int steps = 0;
    while ((e = ferry_step(r, &w)) == FERRY_AGAIN) {
        FUZZ_CHECK(++steps < SESSION_STEPS);
        FUZZ_CHECK(!hostile_wait(&run->h, &w));
    }
    if (e)
        FUZZ_CHECK(ferry_step(r, &w) == e);
    return e;
}

static ferry_err session_ask_stepped(
    session_run *run, int i, const session_wish *w, session_answer *a)
{
    ferry_response *r = NULL;
    ferry_opts opts = w->opts;
    opts.method = w->method;
    ferry_err e = ferry_begin_with(run->s, w->url, &r, &opts);
    FUZZ_CHECK(!e == (r != NULL));
    if (!e) {
        fuzz_bytes_put(&a->request, r->request.ptr, r->request.len);
        fuzz_bytes_put(&a->request, w->body.ptr, w->body.len);
        e = session_step(run, r);
    }
    if (!e)
        e = session_read(run, w, a, &r);
    if (e)
        session_check_error(run, a, e);
    session_put_away(run, i, w, e, r);
    return e;
}

static ferry_err session_ask_blocking(
    session_run *run, int i, const session_wish *w, session_answer *a)
{
    ferry_response *r = NULL;
    ferry_err e = ferry_send(
        run->s, w->method, w->url, w->is_discarded ? NULL : &r, &w->opts);
    FUZZ_CHECK(r == NULL || (!e && !w->is_discarded));
    if (r)
        e = session_read(run, w, a, &r);
    else
        a->is_all = !e;
    if (e)
        session_check_error(run, a, e);
    session_put_away(run, i, w, e, r);
    return e;
}

/* --- what the model says of it --------------------------------------------------- */

/* The final response in the bytes that the last connection gave to this request. */
static void session_read_model(
    const session_run *run, const session_wish *w, model_response *m, int *interim)
{
    const hostile_conn *c = run->h.last;
    size_t at = c->given_mark;
    for (*interim = 0;; ++*interim) {
        const uint8_t *p = c->given.n ? c->given.p + at : session_nothing;
        model_read_response(m, p, c->given.n - at, c->has_ended, w->is_head);
        m->end += at;
        bool is_switch = m->status == 101 && w->asks_upgrade;
        if (m->verdict != MODEL_COMPLETE || m->status >= 200 || is_switch)
            return;
        if (m->status == 101) {
            m->verdict = MODEL_ERROR; /* nobody asked for it */
            return;
        }
        at = m->end;
        model_response_free(m);
    }
}

static void session_check_success(const session_run *run, const session_wish *w,
    const session_answer *a, const model_response *m, int interim)
{
    bool is_seen = run->way == SESSION_STEPPED || !w->is_discarded;
    FUZZ_CHECK(m->has_head);
    if (!is_seen || a->is_all)
        FUZZ_CHECK(m->verdict == MODEL_COMPLETE);
    if (!is_seen)
        return;
    FUZZ_CHECK(a->status == m->status && a->minor == m->minor);
    FUZZ_CHECK(a->interim == interim && a->n_headers == m->fields.n);
    FUZZ_CHECK(a->is_reused == (run->h.last->got_mark > 0));
    if (a->is_all && a->status != 101) {
        FUZZ_CHECK(a->body.n == m->body.len);
        FUZZ_CHECK(a->n_trailers == m->trailers.n);
    }
}

/* Was there any reason to fail? */
static void session_check_failure(
    const hostile_conn *c, ferry_err e, const model_response *m, bool is_sent)
{
    bool is_excused = m->doubts || c->has_failed_write || !is_sent;
    if (m->verdict == MODEL_COMPLETE && !is_excused)
        FUZZ_CHECK(
            e == FERRY_ERR_LIMIT || e == FERRY_ERR_NOMEM || e == FERRY_ERR_ABORTED);
}

/* Only what the server gave may reach the user, and only what is whole may end well. */
static void session_check_answer(
    session_run *run, const session_wish *w, const session_answer *a)
{
    model_response m;
    int interim;
    hostile_conn *c = run->h.last;
    bool is_sent = c->requests > 0 && c->request_at == c->got.n;
    session_read_model(run, w, &m, &interim);
    if (a->status != 101) {
        FUZZ_CHECK(a->body.n <= m.body.len);
        FUZZ_CHECK(!a->body.n || memcmp(a->body.p, m.body.ptr, a->body.n) == 0);
    }
    if (a->e)
        session_check_failure(c, a->e, &m, is_sent);
    else
        session_check_success(run, w, a, &m, interim);
    /* What the caller left of a body may have been read away. */
    c->is_fit = !a->e && is_sent && m.verdict == MODEL_COMPLETE &&
                m.end == c->given.n && m.reuse != MODEL_REUSE_NO && !w->closes &&
                m.status != 101;
    model_response_free(&m);
}

/* --- what was sent --------------------------------------------------------------- */

/* What the library says it sends is one request, the one that was asked for. */
static void session_check_request(const session_wish *w, const fuzz_bytes *text)
{
    model_request r;
    FUZZ_CHECK(model_read_request(&r, text->p, text->n) == MODEL_FULL);
    FUZZ_CHECK(r.end == text->n && strcmp(r.method.ptr, w->method) == 0);
    const char *target = w->opts.target ? w->opts.target : strrchr(w->url, '/');
    FUZZ_CHECK(strcmp(r.target.ptr, target) == 0);
    ferry_str body = {r.body.ptr, r.body.len};
    FUZZ_CHECK(fuzz_is_same(body, w->body));
    FUZZ_CHECK(model_count(&r.fields, "Upgrade") == w->asks_upgrade);
    model_request_free(&r);
}

/* Each connection got nothing of this request, or a beginning of it, and only one that
 * is fit for it. Twice only what may be repeated. */
static void session_check_sent(
    session_run *run, const session_wish *w, const session_answer *a)
{
    int n_touched = 0;
    for (int i = 0; i < run->h.n_conns; i++) {
        hostile_conn *c = &run->h.conns[i];
        size_t sent = c->got.n - c->got_mark;
        if (sent == 0)
            continue;
        n_touched++;
        FUZZ_CHECK(c->got_mark == 0 || c->is_fit);
        c->is_fit = false;
        if (run->way != SESSION_STEPPED)
            continue; /* compared with the stepped run as a whole */
        FUZZ_CHECK(sent <= a->request.n);
        FUZZ_CHECK(memcmp(c->got.p + c->got_mark, a->request.p, sent) == 0);
    }
    FUZZ_CHECK(n_touched <= (w->is_repeatable ? 2 : 1));
}

/* --- runs ------------------------------------------------------------------------ */

static void session_ask(session_run *run, int i)
{
    const session_wish *w = &run->plan->wishes[i];
    session_answer *a = &run->answers[i];
    if (w->comes_late)
        run->h.now_ms += 3000;
    if (w->closes_idle)
        ferry_close_idle(run->s);
    hostile_mark(&run->h);
    a->e = run->way == SESSION_STEPPED ? session_ask_stepped(run, i, w, a)
                                       : session_ask_blocking(run, i, w, a);
    if (run->way == SESSION_STEPPED && a->request.n)
        session_check_request(w, &a->request);
    session_check_sent(run, w, a);
    if (run->h.last)
        session_check_answer(run, w, a);
    else
        FUZZ_CHECK(a->e != FERRY_OK);
    run->n_calm += run->h.interrupts == 0;
}

/* After all that it must still be a session. */
static void session_check_usable(session_run *run)
{
    ferry_response *r = NULL;
    ferry_opts opts = {.size = sizeof opts};
    hostile_reform(&run->h);
    hostile_mark(&run->h);
    ferry_err e = ferry_send(run->s, "GET", "http://a.test/kind", &r, &opts);
    if (e == FERRY_ERR_ABORTED) /* an interrupt that came after everything */
        e = ferry_send(run->s, "GET", "http://a.test/kind", &r, &opts);
    FUZZ_CHECK(e == FERRY_OK);
    FUZZ_CHECK(r->status == 200 && strcmp(r->body.ptr, "fine") == 0);
    ferry_response_free(r);
}

static void session_begin(session_run *run, const session_plan *plan, session_way way)
{
    run->plan = plan;
    run->way = way;
    hostile *h = &run->h;
    hostile_init(h, plan->scripts);
    h->n_addresses = plan->n_addresses;
    h->cut_mode = plan->cut_mode;
    h->cut_seed = plan->cut_seed;
    h->memory.memory.fail_at = plan->fail_at;
    hostile_mark(h);
    if (way == SESSION_BLOCKING)
        h->platform.wait = NULL;
    session_world = h;
    ferry_opts opts = {.size = sizeof opts,
        .platform = &h->platform,
        .pool = plan->pool,
        .follow = FERRY_OFF};
    run->s = h->session = ferry_session_new_with(&opts);
    FUZZ_CHECK(run->s || plan->fail_at);
}

static void session_free_held(session_run *run)
{
    for (int i = 0; i < SESSION_REQUESTS; i++) {
        ferry_response *r = run->held[i];
        const session_answer *a = &run->answers[i];
        if (!r)
            continue;
        FUZZ_CHECK(r->status == a->status && r->headers.n == a->n_headers);
        FUZZ_CHECK(r->body.len == a->body.n);
        FUZZ_CHECK(!a->body.n || memcmp(r->body.ptr, a->body.p, a->body.n) == 0);
        session_check_view(&run->plan->wishes[i], r);
        ferry_response_free(r);
    }
}

static void session_end(session_run *run)
{
    if (run->plan->frees_session_first)
        ferry_session_free(run->s);
    session_free_held(run);
    if (!run->plan->frees_session_first)
        ferry_session_free(run->s);
    session_world = NULL;
}

static void session_run_fini(session_run *run)
{
    hostile_fini(&run->h);
    for (int i = 0; i < SESSION_REQUESTS; i++) {
        fuzz_bytes_free(&run->answers[i].body);
        fuzz_bytes_free(&run->answers[i].request);
    }
    free(run);
}

static session_run *session_play(const session_plan *plan, session_way way)
{
    session_run *run = calloc(1, sizeof *run);
    FUZZ_CHECK(run);
    session_begin(run, plan, way);
    for (int i = 0; run->s && i < plan->n; i++)
        session_ask(run, i);
    if (run->s)
        session_check_usable(run);
    session_end(run);
    return run;
}

/* --- the same in every way ------------------------------------------------------- */

static bool session_same_bytes(const fuzz_bytes *a, const fuzz_bytes *b)
{
    return a->n == b->n && (a->n == 0 || memcmp(a->p, b->p, a->n) == 0);
}

static void session_compare_answers(
    const session_wish *w, const session_answer *a, const session_answer *b)
{
    FUZZ_CHECK(a->e == b->e);
    if (w->is_discarded) /* which steps cannot */
        return;
    FUZZ_CHECK(strcmp(a->said, b->said) == 0);
    FUZZ_CHECK(a->is_all == b->is_all);
    FUZZ_CHECK(a->status == b->status && a->minor == b->minor);
    FUZZ_CHECK(a->interim == b->interim && a->is_reused == b->is_reused);
    FUZZ_CHECK(a->n_headers == b->n_headers && a->n_trailers == b->n_trailers);
    FUZZ_CHECK(a->elapsed_ms == b->elapsed_ms);
    FUZZ_CHECK(session_same_bytes(&a->body, &b->body));
}

static void session_compare(const session_run *a, const session_run *b)
{
    for (int i = 0; i < a->n_calm && i < b->n_calm; i++)
        session_compare_answers(&a->plan->wishes[i], &a->answers[i], &b->answers[i]);
    if (a->h.interrupts || b->h.interrupts)
        return;
    FUZZ_CHECK(!a->s == !b->s && a->h.n_conns == b->h.n_conns);
    for (int i = 0; i < a->h.n_conns; i++)
        FUZZ_CHECK(session_same_bytes(&a->h.conns[i].got, &b->h.conns[i].got));
}

/* --- a crowd -------------------------------------------------------------------------
 * All requests at once, stepped in turn; some are dropped on the way. */

/* Step `r` once and see when it wants to be stepped again. False once it is over. */
static bool session_step_one(session_run *run, ferry_response *r, ferry_wait *all)
{
    ferry_wait w;
    ferry_err e = ferry_step(r, &w);
    if (e && e != FERRY_AGAIN)
        fuzz_check_explain(run->s, e);
    if (e != FERRY_AGAIN)
        return false;
    if (all->timeout_ms < 0 || (w.timeout_ms >= 0 && w.timeout_ms < all->timeout_ms))
        all->timeout_ms = w.timeout_ms;
    for (int i = 0; i < w.n && all->n < FERRY_WAIT_HANDLES; i++)
        all->on[all->n++] = w.on[i];
    return true;
}

static void session_crowd_step(
    session_run *run, ferry_response **r, int round, const session_plan *plan)
{
    ferry_wait all = {.timeout_ms = -1};
    bool is_any = false;
    for (int i = 0; i < plan->n; i++) {
        if (!r[i])
            continue;
        bool is_dropped = plan->wishes[i].is_abandoned && round > 3 * i;
        if (!is_dropped && session_step_one(run, r[i], &all)) {
            is_any = true;
            continue;
        }
        ferry_response_free(r[i]);
        r[i] = NULL;
        all.timeout_ms = 0; /* somebody may have waited for this */
    }
    if (is_any)
        FUZZ_CHECK(!hostile_wait(&run->h, &all));
}

static void session_play_crowd(const session_plan *plan)
{
    ferry_response *r[SESSION_REQUESTS] = {NULL};
    session_run *run = calloc(1, sizeof *run);
    FUZZ_CHECK(run);
    session_begin(run, plan, SESSION_STEPPED);
    for (int i = 0; run->s && i < plan->n; i++) {
        ferry_opts opts = plan->wishes[i].opts;
        opts.method = plan->wishes[i].method;
        ferry_err e = ferry_begin_with(run->s, plan->wishes[i].url, &r[i], &opts);
        FUZZ_CHECK(!e || plan->fail_at);
    }
    for (int round = 0; r[0] || r[1] || r[2] || r[3]; round++) {
        FUZZ_CHECK(round < SESSION_STEPS);
        session_crowd_step(run, r, round, plan);
    }
    if (run->s)
        session_check_usable(run);
    session_end(run);
    session_run_fini(run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    session_plan plan;
    session_run *runs[SESSION_WAYS];
    memset(session_bytes, 'b', sizeof session_bytes);
    session_plan_read(&plan, (fuzz_input){data, size});
    for (int way = 0; way < SESSION_WAYS; way++)
        runs[way] = session_play(&plan, (session_way)way);
    /* Only a begun transfer needs memory for what its caller's words were. */
    if (!plan.fail_at) {
        session_compare(runs[SESSION_STEPPED], runs[SESSION_WAITING]);
        session_compare(runs[SESSION_STEPPED], runs[SESSION_BLOCKING]);
    }
    for (int way = 0; way < SESSION_WAYS; way++)
        session_run_fini(runs[way]);
    if (plan.has_crowd)
        session_play_crowd(&plan);
    return 0;
}
