/* test_fault.c - every script of tests/wire/scripts again, in memory, with one thing going
 * wrong: the k-th allocation fails, for each k; the k-th call of a transport is short,
 * would have to wait, is reset, or finds the end. What comes of it is what the script says
 * or a typed error; everything is closed once, all memory given back, and the session goes
 * on. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lib/wire_play.h"
#include "lib/wire_suite.h"

#include <stdio.h>

typedef enum fault_kind {
    FAULT_ALLOCATION,
    FAULT_SHORT,
    FAULT_AGAIN,
    FAULT_RESET,
    FAULT_EOF,
    FAULT_KINDS
} fault_kind;

/* One run with one fault, or, at 0, without. */
typedef struct fault_run {
    const wire_script
        *after; /* who answers the request that shows the session usable */
    fault_kind kind;
    int at;
    bool is_good;        /* nothing came out that must not */
    bool is_sidetracked; /* the script was left, so its end was not reached */
    ferry_err then;      /* what that last request came to */
} fault_run;

static const char *const fault_names[] = {"allocation %d fails\n", "call %d is short\n",
    "call %d is to come again\n", "call %d is reset\n", "call %d finds the end\n"};

/* --- judging --------------------------------------------------------------------- */

/* How often what may go wrong has happened. */
static int fault_count(const wire_play *p, fault_kind kind)
{
    return kind == FAULT_ALLOCATION ? p->world->memory.calls
                                    : wire_memory_calls(p->world);
}

static bool fault_is_of_peer(ferry_err e)
{
    switch (e) {
    case FERRY_ERR_CONNECT:
    case FERRY_ERR_PROXY:
    case FERRY_ERR_CONNECT_TIMEOUT:
    case FERRY_ERR_READ_TIMEOUT:
    case FERRY_ERR_WRITE_TIMEOUT:
    case FERRY_ERR_TOTAL_TIMEOUT:
    case FERRY_ERR_PROTOCOL:
    case FERRY_ERR_TRUNCATED:
    case FERRY_ERR_CLOSED: return true;
    default: return false;
    }
}

/* An end in order ends a body without a length earlier, and nobody can know. */
static bool fault_ends_body(const wire_outcome *o)
{
    const ferry_response *r = o->response;
    if (o->err == FERRY_ERR_DECODE)
        return true; /* the coding shows what the framing cannot */
    return o->err == FERRY_OK && r && !ferry_header(r, "Content-Length") &&
           !ferry_header(r, "Transfer-Encoding");
}

/* An upload that breaks once its answer is whole: nobody misses the rest. */
static bool fault_ends_upload(const wire_command *c, const wire_outcome *o)
{
    bool is_late = false;
    for (size_t i = 0; i < c->n_expected; i++)
        is_late |= wire_same(
            wire_view(&c->expected[i].value), wire_str("WRITE_TIMEOUT"));
    return is_late && o->err == FERRY_OK;
}

/* Trouble with a response that is given up costs its connection, and is not told; nor is
 * waited for what has not come. */
static bool fault_costs_connection(const wire_command *c, const wire_outcome *o)
{
    return c->kind == WIRE_FREE && !o->err;
}

/* May the fault come to this? */
static bool fault_explains(const fault_run *f, const wire_play *p,
    const wire_command *c, const wire_outcome *o)
{
    if (c->kind == WIRE_FREE) /* a rest that cannot be read away costs its connection */
        return true;
    bool is_of_peer = fault_is_of_peer(o->err) || wire_is_met(p, c, o, true) ||
                      fault_ends_upload(c, o);
    if (fault_costs_connection(c, o))
        return true;
    switch (f->kind) {
    case FAULT_ALLOCATION: return o->err == FERRY_ERR_NOMEM;
    case FAULT_RESET: return is_of_peer;
    case FAULT_EOF: return is_of_peer || fault_ends_body(o);
    default: return false;
    }
}

/* Goes on as long as all is as the script says. */
static bool fault_judge(wire_play *p, const wire_command *c, const wire_outcome *o)
{
    fault_run *f = p->ctx;
    if (wire_is_met(p, c, o, false))
        return true;
    bool has_happened = f->at && fault_count(p, f->kind) >= f->at;
    f->is_sidetracked = has_happened && fault_explains(f, p, c, o);
    if (f->is_sidetracked)
        return false;
    f->is_good = false;
    return wire_check(p, c, o);
}

/* --- one run --------------------------------------------------------------------- */

/* A plain GET to somebody else. What became of the script's own connections does not
 * matter to it. */
static ferry_err fault_go_on(wire_play *p, const fault_run *f)
{
    ferry_response *r = NULL;
    p->world->memory.fail_at = 0;
    wire_memory_replace(p->world, &f->after->connections[1]);
    ferry_err e = ferry_send(p->session, "GET", "http://after.test/", &r, NULL);
    if (!e && r->status != 204)
        e = FERRY_ERR_STATUS;
    ferry_response_free(r);
    return e;
}

static void fault_complain(const fault_run *f)
{
    if (f->at)
        printf(fault_names[f->kind], f->at);
    else
        puts("nothing goes wrong");
}

/* False if there were fewer than f->at that could go wrong. */
static bool fault_play(
    fault_run *f, const wire_script *s, const wire_terms *terms, const wire_run *run)
{
    static const wire_mishap mishaps[] = {[FAULT_ALLOCATION] = WIRE_NONE,
        [FAULT_SHORT] = WIRE_SHORT,
        [FAULT_AGAIN] = WIRE_AGAIN,
        [FAULT_RESET] = WIRE_FAILURE,
        [FAULT_EOF] = WIRE_EOF};
    wire_play p = {.terms = terms, .judge = fault_judge, .ctx = f};
    p.world = wire_memory_new(s, run);
    if (f->kind == FAULT_ALLOCATION)
        p.world->memory.fail_at = f->at;
    else
        wire_memory_plan(p.world, mishaps[f->kind], f->at);
    f->is_good = true;
    f->is_sidetracked = false;
    wire_play_script(&p);
    bool has_happened = fault_count(&p, f->kind) >= f->at;
    if (p.session) /* else there is none to go on */
        f->then = fault_go_on(&p, f);
    wire_play_end(&p);
    bool may_leave = f->is_sidetracked || f->kind == FAULT_RESET ||
                     f->kind == FAULT_EOF;
    f->is_good &= may_leave ? wire_check_clean(&p) : wire_check_end(&p);
    p.world->calls->free(p.world);
    wire_free(&p.trace);
    return has_happened;
}

/* --- all runs -------------------------------------------------------------------- */

/* Every allocation fails once. Of the calls of a transport the first hundred are tried
 * each, and behind them one in so many: they are reads of one long body. */
static int fault_next(const fault_run *f)
{
    enum { EACH = 100, OF_THE_REST = 20 };
    if (f->kind == FAULT_ALLOCATION || f->at < EACH)
        return f->at + 1;
    return f->at + f->at / OF_THE_REST;
}

static bool fault_play_all(fault_run *f, const wire_script *s, const wire_terms *terms,
    const wire_run *run, ferry_err then)
{
    f->then = then;
    for (f->at = 1; fault_play(f, s, terms, run); f->at = fault_next(f)) {
        if (f->is_good && f->then != then)
            printf("the session goes on with %s instead of %s\n",
                ferry_err_name(f->then), ferry_err_name(then));
        if (f->is_good && f->then == then)
            continue;
        wire_complain(
            s, 0, run, wire_str("an outcome that may be"), wire_str("another"));
        fault_complain(f);
        return false;
    }
    return true;
}

static bool fault_play_run(
    fault_run *f, const wire_script *s, const wire_terms *terms, const wire_run *run)
{
    f->kind = FAULT_ALLOCATION;
    f->at = 0;
    fault_play(f, s, terms, run);
    ferry_err then = f->then; /* not good if its options are not */
    bool is_good = f->is_good;
    for (int kind = 0; is_good && kind < FAULT_KINDS; kind++) {
        f->kind = (fault_kind)kind;
        is_good = fault_play_all(f, s, terms, run, then);
    }
    return is_good;
}

typedef struct fault_suite {
    wire_terms terms;
    wire_script *after;
} fault_suite;

static bool fault_script(const char *path, void *ctx)
{
    static const wire_run runs[] = {
        {false, false, WIRE_WHOLE, WIRE_WHOLE},
        {false, true, 7, WIRE_WHOLE},
    };
    fault_suite *suite = ctx;
    fault_run f = {.after = suite->after};
    wire_text problem = {NULL, 0, 0};
    wire_script *s = wire_script_read(path, &suite->terms, &problem);
    bool is_good = s != NULL;
    if (!s)
        puts(problem.ptr);
    wire_free(&problem);
    for (size_t i = 0; is_good && i < sizeof runs / sizeof *runs; i++)
        if (!(runs[i].is_stepped ? s->is_blocking_only : s->is_stepped_only) &&
            !s->is_loopback_only && wire_script_is_for_here(s))
            is_good = fault_play_run(&f, s, &suite->terms, &runs[i]);
    if (s)
        wire_script_free(s);
    return is_good;
}

int main(int argc, char **argv)
{
    /* Whatever is asked, and however its head looks. */
    static const char after[] = "< HTTP/1.1 204 No Content\\r\\n\\r\\n\n! drain\n";
    fault_suite suite = {.terms = {"", 1, wire_suite_codings()}};
    wire_text problem = {NULL, 0, 0};
    suite.after = wire_script_parse("after", wire_str(after), &suite.terms, &problem);
    if (!suite.after)
        return puts(problem.ptr), 1;
    int status = wire_suite_run(argc, argv, fault_script, &suite);
    wire_script_free(suite.after);
    return status;
}
