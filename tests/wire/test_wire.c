/* test_wire.c - every script of tests/wire/scripts, played in memory and over sockets,
 * blocking and stepped, in every cut: each outcome is what the script says, and the
 * trace is the same in all runs. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lib/wire_play.h"
#include "lib/wire_suite.h"

#include <stdio.h>

/* Real time passes over sockets: scripts with times in them run this much faster there,
 * and in one cut only. */
enum { TEST_SCALE = 5 };

typedef struct test_wire {
    wire_terms memory, loopback;
    long n_runs;
} test_wire;

/* One script and the trace that all its runs must have. */
typedef struct test_case {
    test_wire *test;
    wire_script *script;
    const wire_terms *terms;
    wire_text trace;
} test_case;

static ferry_str test_line(ferry_str text, size_t at)
{
    ferry_str line = {"", 0};
    for (size_t i = 0; i <= at && wire_cut(&text, "\n", &line); i++)
        ;
    return line;
}

/* The first run makes the trace for the others. */
static bool test_same_trace(test_case *t, const wire_play *p)
{
    if (t->trace.len == 0)
        wire_put(&t->trace, p->trace.ptr, p->trace.len);
    if (wire_same(wire_view(&t->trace), wire_view(&p->trace)))
        return true;
    size_t i = 0;
    while (wire_same(
        test_line(wire_view(&t->trace), i), test_line(wire_view(&p->trace), i)))
        i++;
    puts("not the same in all runs:");
    wire_complain(t->script, 0, &p->world->run, test_line(wire_view(&t->trace), i),
        test_line(wire_view(&p->trace), i));
    return false;
}

/* The judge has complained about the first command that came out wrong. */
static bool test_judge(wire_play *p, const wire_command *c, const wire_outcome *o)
{
    bool *is_good = p->ctx;
    return *is_good = wire_check(p, c, o);
}

static bool test_run(test_case *t, const wire_run *run)
{
    bool is_good = true;
    wire_play p = {
        .terms = t->terms, .judge = test_judge, .ctx = &is_good, .is_traced = true};
    p.world = run->is_loopback ? wire_loopback_new(t->script, run)
                               : wire_memory_new(t->script, run);
    wire_play_script(&p);
    wire_play_end(&p);
    is_good = wire_check_end(&p) && is_good && test_same_trace(t, &p);
    p.world->calls->free(p.world);
    wire_free(&p.trace);
    t->test->n_runs++;
    return is_good;
}

static bool test_applies(const wire_script *s, const wire_run *run)
{
    if (!wire_script_is_for_here(s))
        return false;
    bool is_excluded = run->is_loopback ? s->is_memory_only : s->is_loopback_only;
    is_excluded |= run->is_stepped ? s->is_blocking_only : s->is_stepped_only;
    is_excluded |= run->is_loopback && (s->is_timed && run->cut != WIRE_WHOLE);
    return !is_excluded;
}

/* A machine that stands still for a moment spoils a script with times in it, played in
 * real time: such a one has three tries. */
static bool test_run_in_time(test_case *t, const wire_run *run)
{
    int tries = run->is_loopback && t->script->is_timed ? 3 : 1;
    while (!test_run(t, run))
        if (--tries == 0)
            return false;
    return true;
}

static bool test_cuts(test_case *t, bool is_loopback, size_t most_out)
{
    static const size_t cuts[] = {WIRE_WHOLE, 1, 2, 7};
    for (size_t i = 0; i < 2 * sizeof cuts / sizeof *cuts; i++) {
        wire_run run = {is_loopback, i % 2, cuts[i / 2], most_out};
        if (test_applies(t->script, &run) && !test_run_in_time(t, &run))
            return false;
    }
    return true;
}

static wire_script *test_read(const char *path, const wire_terms *terms)
{
    wire_text problem = {NULL, 0, 0};
    wire_script *s = wire_script_read(path, terms, &problem);
    if (!s)
        puts(problem.ptr);
    wire_free(&problem);
    return s;
}

static bool test_script(const char *path, void *ctx)
{
    test_wire *test = ctx;
    test_case t = {.test = test, .terms = &test->memory};
    t.script = test_read(path, &test->memory);
    bool is_good = t.script && test_cuts(&t, false, WIRE_WHOLE) &&
                   test_cuts(&t, false, 1);
    if (t.script)
        wire_script_free(t.script);
    t.script = is_good ? test_read(path, &test->loopback) : NULL;
    t.terms = &test->loopback;
    is_good = is_good && test_cuts(&t, true, WIRE_WHOLE);
    if (t.script)
        wire_script_free(t.script);
    wire_free(&t.trace);
    return is_good;
}

int main(int argc, char **argv)
{
    char port[16];
    test_wire test = {.memory = {"", 1, wire_suite_codings()}};
    test.loopback = (wire_terms){port, TEST_SCALE, test.memory.codings};
    unsigned number = wire_loopback_listen();
    if (!number)
        return puts("cannot listen on loopback"), 1;
    snprintf(port, sizeof port, ":%u", number);
    int status = wire_suite_run(argc, argv, test_script, &test);
    wire_loopback_close();
    return status;
}
