/* fuzz_chain.c - one call of many requests against a hostile server (tests/lib/hostile.h):
 * redirects, statuses and failures that are tried again.
 *
 * The first 8 bytes are the user, the rest is the server. The same is played in steps and
 * blocking. Both end, come to the same, and tell the same history; a secret given for the
 * first host is in nothing that another one got. SPDX-License-Identifier: MIT */
#include "lib/hostile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHAIN_HEAD = 8, CHAIN_STEPS = 100000, CHAIN_REDIRECTS = 4, CHAIN_RETRIES = 5 };

#define CHAIN_SECRET "s3cret-of-a"

typedef struct chain_plan {
    const char *method;
    ferry_opts opts;
    bool is_streamed, asks_again, stops;
    uint8_t n_addresses, cut_mode, cut_seed;
    int fail_at;
    fuzz_input scripts;
} chain_plan;

typedef struct chain_end {
    ferry_err e;
    char said[600];
    int status, redirects;
    size_t n_history, n_body;
    int64_t elapsed_ms;
    int asked; /* of the hook */
} chain_end;

typedef struct chain_run {
    const chain_plan *plan;
    hostile h;
    ferry_session *s;
    chain_end end;
} chain_run;

/* --- the user -------------------------------------------------------------------- */

/* Every third response is not good enough for him, and the seventh is. */
static int chain_judge(void *ctx, const ferry_response *r)
{
    chain_run *run = ctx;
    FUZZ_CHECK(r->status >= 100 && r->url && r->reason);
    run->end.asked++;
    if (run->plan->stops && run->end.asked == 7)
        return FERRY_FINAL;
    return run->plan->asks_again && run->end.asked % 3 == 0 ? FERRY_TRY_AGAIN
                                                            : FERRY_GO_ON;
}

static void chain_plan_read(chain_plan *p, fuzz_input in)
{
    static const char *const methods[] = {"GET", "POST", "HEAD", "PUT"};
    static const ferry_switch follows[] = {
        FERRY_ON, FERRY_ON, FERRY_SAFE_ONLY, FERRY_OFF};
    static const int statuses[] = {500, 503, 0};
    static const char *const any[] = {"*", NULL}, *const keys[] = {"X-Key", NULL};
    static const ferry_pair secrets[] = {{"Authorization", CHAIN_SECRET},
        {"Cookie", CHAIN_SECRET}, {"X-Key", CHAIN_SECRET}, {NULL, NULL}};
    fuzz_input head = {in.p, in.n < CHAIN_HEAD ? in.n : CHAIN_HEAD};
    uint8_t what = fuzz_byte(&head), how = fuzz_byte(&head);
    memset(p, 0, sizeof *p);
    p->method = methods[what & 3];
    p->is_streamed = what & 4;
    p->asks_again = what & 8;
    p->stops = what & 16;
    p->opts = (ferry_opts){.size = sizeof p->opts,
        .headers = secrets,
        .sensitive = keys,
        .text = (what & 3) % 2 ? "text" : NULL,
        .follow = follows[how & 3],
        .max_redirects = CHAIN_REDIRECTS,
        .stream = p->is_streamed ? FERRY_ON : FERRY_INHERIT,
        .idempotency_key = what & 32 ? FERRY_ON : FERRY_INHERIT,
        .timeout = {.read_ms = 20001, .total_ms = how & 64 ? 5001 : 0}};
    if (how & 4)
        p->opts.retry = (ferry_retry){.total = CHAIN_RETRIES,
            .backoff_ms = 100,
            .jitter_ms = how & 32 ? 50 : 0,
            .redirect = how & 16 ? 2 : 0,
            .raise_on_status = how & 128 ? FERRY_OFF : FERRY_ON,
            .statuses = statuses,
            .methods = how & 8 ? any : NULL};
    p->n_addresses = fuzz_byte(&head) & 3;
    p->fail_at = fuzz_byte(&head);
    p->cut_mode = fuzz_byte(&head);
    p->cut_seed = fuzz_byte(&head);
    in.p += in.n < CHAIN_HEAD ? in.n : CHAIN_HEAD;
    in.n -= in.n < CHAIN_HEAD ? in.n : CHAIN_HEAD;
    p->scripts = in;
}

/* --- what came of it ------------------------------------------------------------- */

static void chain_check_history(const ferry_response *r)
{
    int redirects = 0;
    FUZZ_CHECK(r->redirects >= 0 && r->redirects <= CHAIN_REDIRECTS);
    for (size_t i = 0; i < r->n_history; i++) {
        const ferry_hop *h = &r->history[i];
        FUZZ_CHECK(h->why == FERRY_HOP_REDIRECT || h->why == FERRY_HOP_RETRY);
        FUZZ_CHECK(strlen(h->url) >= strlen("http://x/") && *h->method);
        FUZZ_CHECK(h->why == FERRY_HOP_RETRY || (h->status / 100 == 3 && !h->err));
        FUZZ_CHECK(h->status || h->err);
        for (size_t k = 0; k < h->headers.n; k++)
            FUZZ_CHECK(
                strlen(h->headers.at[k].value.ptr) == h->headers.at[k].value.len);
        redirects += h->why == FERRY_HOP_REDIRECT;
    }
    FUZZ_CHECK(redirects == r->redirects);
}

static void chain_look(chain_run *run, const ferry_response *r)
{
    chain_end *end = &run->end;
    end->status = r->status;
    end->redirects = r->redirects;
    end->n_history = r->n_history;
    end->elapsed_ms = r->elapsed_ms;
    chain_check_history(r);
    FUZZ_CHECK(!end->e || r->next_url || end->status || r->n_history || !r->status);
}

/* The first origin is http://a.test, on port 80. */
static void chain_check_secrets(const chain_run *run)
{
    const size_t n = strlen(CHAIN_SECRET);
    for (int i = 0; i < run->h.n_conns; i++) {
        const hostile_conn *c = &run->h.conns[i];
        bool is_first = strcmp(c->host, "a.test") == 0 && c->port == 80;
        for (size_t k = 0; !is_first && k + n <= c->got.n; k++)
            FUZZ_CHECK(memcmp(c->got.p + k, CHAIN_SECRET, n) != 0);
    }
}

/* --- playing it ------------------------------------------------------------------ */

static ferry_err chain_read(chain_run *run, ferry_response *r, bool is_begun)
{
    ferry_err e;
    ferry_str piece;
    ferry_wait w;
    int steps = 0;
    do {
        while ((e = ferry_next(r, &piece)) == FERRY_AGAIN) {
            FUZZ_CHECK(is_begun && ++steps < CHAIN_STEPS);
            FUZZ_CHECK(!ferry_waiting(r, &w) && !hostile_wait(&run->h, &w));
        }
        run->end.n_body += e ? 0 : piece.len;
    } while (!e && piece.len);
    return e;
}

static ferry_err chain_step(chain_run *run, ferry_response *r)
{
    ferry_err e;
    ferry_wait w;
    int steps = 0;
    while ((e = ferry_step(r, &w)) == FERRY_AGAIN) {
        FUZZ_CHECK(++steps < CHAIN_STEPS);
        FUZZ_CHECK(!hostile_wait(&run->h, &w));
    }
    return e;
}

static void chain_ask(chain_run *run, bool is_begun)
{
    static const char url[] = "http://a.test/0";
    chain_end *end = &run->end;
    ferry_response *r = NULL;
    ferry_opts opts = run->plan->opts;
    opts.on_response = (ferry_on_response){chain_judge, run};
    if (is_begun) {
        opts.method = run->plan->method;
        end->e = ferry_begin_with(run->s, url, &r, &opts);
        if (!end->e)
            end->e = chain_step(run, r);
    } else {
        end->e = ferry_send(run->s, run->plan->method, url, &r, &opts);
    }
    if (!end->e)
        end->e = chain_read(run, r, is_begun);
    if (end->e) {
        fuzz_check_explain(run->s, end->e);
        snprintf(end->said, sizeof end->said, "%s", ferry_explain(run->s));
    }
    /* After an error a begun call shows how far it came, and a blocking one mostly none. */
    if (r && !end->e)
        chain_look(run, r);
    else if (r)
        chain_check_history(r);
    ferry_response_free(r);
}

static void chain_check_usable(chain_run *run)
{
    ferry_response *r = NULL;
    ferry_opts opts = {.size = sizeof opts};
    hostile_reform(&run->h);
    hostile_mark(&run->h);
    ferry_err e = ferry_send(run->s, "GET", "http://a.test/kind", &r, &opts);
    if (e == FERRY_ERR_ABORTED) /* an interrupt that came after everything */
        e = ferry_send(run->s, "GET", "http://a.test/kind", &r, &opts);
    FUZZ_CHECK(e == FERRY_OK && r->status == 200 && r->n_history == 0);
    ferry_response_free(r);
}

static chain_run *chain_play(const chain_plan *plan, bool is_begun)
{
    chain_run *run = calloc(1, sizeof *run);
    FUZZ_CHECK(run);
    run->plan = plan;
    hostile_init(&run->h, plan->scripts);
    run->h.n_addresses = plan->n_addresses;
    run->h.cut_mode = plan->cut_mode;
    run->h.cut_seed = plan->cut_seed;
    run->h.memory.memory.fail_at = plan->fail_at;
    run->h.memory.memory.secret = NULL;
    hostile_mark(&run->h);
    ferry_opts opts = {.size = sizeof opts, .platform = &run->h.platform};
    run->s = run->h.session = ferry_session_new_with(&opts);
    FUZZ_CHECK(run->s || plan->fail_at);
    if (run->s) {
        chain_ask(run, is_begun);
        chain_check_secrets(run);
        chain_check_usable(run);
    }
    ferry_session_free(run->s);
    return run;
}

static void chain_compare(const chain_run *a, const chain_run *b)
{
    const chain_end *x = &a->end, *y = &b->end;
    if (a->h.interrupts || b->h.interrupts || !a->s || !b->s || a->plan->fail_at)
        return; /* these have no fixed moment */
    FUZZ_CHECK(x->e == y->e && x->asked == y->asked);
    FUZZ_CHECK(strcmp(x->said, y->said) == 0);
    FUZZ_CHECK(x->status == y->status && x->redirects == y->redirects);
    FUZZ_CHECK(x->n_history == y->n_history && x->n_body == y->n_body);
    FUZZ_CHECK(x->elapsed_ms == y->elapsed_ms && a->h.n_conns == b->h.n_conns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    chain_plan plan;
    chain_run *runs[2];
    chain_plan_read(&plan, (fuzz_input){data, size});
    for (int i = 0; i < 2; i++)
        runs[i] = chain_play(&plan, i == 0);
    chain_compare(runs[0], runs[1]);
    for (int i = 0; i < 2; i++) {
        hostile_fini(&runs[i]->h);
        free(runs[i]);
    }
    return 0;
}
