/* test_phases.c - whose time counts for which time-out: waiting for a connection, the
 * caller's own time between two steps or two pieces, a resolver that blocks.
 * SPDX-License-Identifier: MIT */
#include "lib/actor.h"
#include "lib/errand.h"
#include "lib/lateness.h"
#include "lib/loopback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <stdio.h>

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"

enum { A_MINUTE = 60 * 1000 };

static actor a;
static errand g;

static void open_actor(const act *play)
{
    a = (actor){.plays = {play}};
    assert_true(actor_open(&a));
    g.url = a.url;
}

static int set_up(void **state)
{
    g = (errand){.is_stepped = *state != NULL};
    g.session = ferry_session_new_with(NULL);
    return g.session ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    errand_end(&g);
    ferry_session_free(g.session);
    actor_close(&a);
    return 0;
}

static void nap(int ms)
{
    int64_t until = loopback_now_ms() + ms;
    for (int64_t now; (now = loopback_now_ms()) < until;)
        poll(NULL, 0, (int)(until - now));
}

/* It came `asked_ms` after `from_ms`. */
static void assert_in_time(int64_t asked_ms, int64_t from_ms)
{
    int64_t took = g.ended_ms - from_ms;
    assert_in_range(took, asked_ms, asked_ms + lateness_allows(asked_ms, from_ms));
}

static void assert_errand(ferry_err e)
{
    if (g.e != e)
        fail_msg("%s instead of %s: %s", ferry_err_name(g.e), ferry_err_name(e),
            ferry_explain(g.session));
}

/* --- the pool -------------------------------------------------------------------- */

static const act answers[] = {
    {.kind = ACT_HEAR}, {.kind = ACT_SAY, .text = OK "ok"}, {.kind = ACT_AGAIN}};

/* A response that has the only connection there may be. */
static ferry_response *hold_the_connection(void)
{
    ferry_response *r = NULL;
    open_actor(answers);
    assert_int_equal(
        ferry_update(g.session, .pool = {.open_per_key = 1}, .stream = FERRY_ON), 0);
    assert_int_equal(ferry_get(g.session, a.url, &r), FERRY_OK);
    assert_int_equal(ferry_update(g.session, .stream = FERRY_OFF), 0);
    return r;
}

static void waiting_for_a_connection_has_a_time_of_its_own(void **state)
{
    (void)state;
    ferry_response *holder = hold_the_connection();
    g.opts.timeout = (ferry_timeout){.pool_ms = 250, .connect_ms = 100};
    errand_run(&g);
    assert_errand(FERRY_ERR_POOL);
    assert_in_time(250, g.began_ms);
    assert_int_equal(g.waited.why, FERRY_WAIT_POOL);
    assert_int_equal(g.waited.n, 0);
    assert_in_range(g.steps, 2, 4);
    ferry_response_free(holder);
}

static void waiting_for_a_connection_counts_for_the_total(void **state)
{
    (void)state;
    ferry_response *holder = hold_the_connection();
    g.opts.timeout = (ferry_timeout){.pool_ms = 400, .total_ms = 200};
    errand_run(&g);
    assert_errand(FERRY_ERR_TOTAL_TIMEOUT);
    assert_in_time(200, g.began_ms);
    ferry_response_free(holder);
}

static void a_connection_that_comes_free_ends_the_wait(void **state)
{
    (void)state;
    ferry_response *holder = hold_the_connection();
    g.opts.timeout.pool_ms = A_MINUTE;
    assert_int_equal(errand_begin(&g), FERRY_AGAIN);
    assert_int_equal(errand_go_on(&g, 50), FERRY_AGAIN);
    assert_int_equal(g.waited.why, FERRY_WAIT_POOL);
    ferry_response_free(holder);
    assert_true(errand_go_on(&g, 0) == FERRY_OK || g.waited.why != FERRY_WAIT_POOL);
    while (g.e == FERRY_AGAIN)
        errand_go_on(&g, A_MINUTE);
    assert_errand(FERRY_OK);
}

static void who_blocks_is_told_at_once_that_nobody_else_could_free_one(void **state)
{
    (void)state;
    ferry_response *holder = hold_the_connection();
    errand_run(&g);
    assert_errand(FERRY_ERR_POOL);
    assert_in_time(0, g.began_ms);
    ferry_response_free(holder);
}

/* --- the caller's own time ------------------------------------------------------- */

static const act pauses_in_its_body[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = OK "o"}, {.kind = ACT_SAY, .text = "k", .pause_ms = 500},
    {.kind = ACT_STAY}};

static ferry_err next_piece(ferry_response *r, ferry_str *piece)
{
    ferry_wait w;
    ferry_err e;
    while ((e = ferry_next(r, piece)) == FERRY_AGAIN) {
        assert_int_equal(ferry_waiting(r, &w), FERRY_OK);
        errand_wait(&w, A_MINUTE);
    }
    return e;
}

/* The head of a stream, and its first piece. */
static void read_first_piece(ferry_timeout timeout)
{
    ferry_str piece;
    ferry_opts o = {.size = sizeof o, .timeout = timeout, .stream = FERRY_ON};
    open_actor(pauses_in_its_body);
    g.began_ms = loopback_now_ms();
    if (!g.is_stepped) {
        g.e = ferry_send(g.session, "GET", a.url, &g.r, &o);
    } else {
        ferry_wait w = {.n = 0};
        g.e = ferry_begin_with(g.session, a.url, &g.r, &o);
        while (!g.e && (g.e = ferry_step(g.r, &w)) == FERRY_AGAIN) {
            errand_wait(&w, A_MINUTE);
            g.e = FERRY_OK;
        }
    }
    assert_errand(FERRY_OK);
    assert_int_equal(next_piece(g.r, &piece), FERRY_OK);
    assert_int_equal(piece.len, 1);
}

static void the_readers_own_time_is_no_silence(void **state)
{
    ferry_str piece;
    (void)state;
    read_first_piece((ferry_timeout){.read_ms = 250});
    nap(400);
    g.e = next_piece(g.r, &piece);
    assert_errand(FERRY_OK);
    assert_int_equal(piece.len, 1);
}

static void the_readers_own_time_counts_for_the_total(void **state)
{
    ferry_str piece;
    (void)state;
    read_first_piece((ferry_timeout){.total_ms = 300});
    nap(350);
    int64_t then = loopback_now_ms();
    g.e = next_piece(g.r, &piece);
    g.ended_ms = loopback_now_ms();
    assert_errand(FERRY_ERR_TOTAL_TIMEOUT);
    assert_in_time(0, then);
    assert_int_equal(next_piece(g.r, &piece), FERRY_ERR_TOTAL_TIMEOUT);
}

/* Whoever steps late finds what came meanwhile. */
static void a_late_step_takes_what_is_there(void **state)
{
    (void)state;
    open_actor(answers);
    g.opts.timeout.read_ms = 200;
    assert_int_equal(errand_begin(&g), FERRY_AGAIN);
    nap(400);
    while (g.e == FERRY_AGAIN)
        errand_go_on(&g, 0);
    assert_errand(FERRY_OK);
}

static void a_late_step_does_not_make_up_for_the_total(void **state)
{
    (void)state;
    open_actor(answers);
    g.opts.timeout.total_ms = 200;
    assert_int_equal(errand_begin(&g), FERRY_AGAIN);
    nap(300);
    errand_go_on(&g, 0);
    assert_errand(FERRY_ERR_TOTAL_TIMEOUT);
}

/* --- a resolver that blocks ------------------------------------------------------ */

static int resolve_slowly(
    void *ctx, const char *host, ferry_addr *out, int max, ferry_fault *fault)
{
    (void)ctx, (void)host, (void)max, (void)fault;
    nap(400);
    *out = loopback_address(FERRY_IPV4);
    return 1;
}

static void get_from_a_slow_name(const act *play, ferry_timeout timeout)
{
    static char url[64];
    ferry_platform p = {.size = sizeof p, .resolve = resolve_slowly};
    open_actor(play);
    snprintf(url, sizeof url, "http://slow.test:%u/", a.port);
    ferry_session_free(g.session);
    g.session = ferry_session_new(.platform = &p);
    g.url = url;
    g.opts.timeout = timeout;
    errand_run(&g);
}

static const act answers_after_a_while[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = OK "ok", .pause_ms = 150}, {.kind = ACT_STAY}};
static const act says_nothing[] = {{.kind = ACT_HEAR}, {.kind = ACT_STAY}};

static void what_a_blocking_resolver_takes_is_no_silence_of_the_peer(void **state)
{
    (void)state;
    get_from_a_slow_name(answers_after_a_while, (ferry_timeout){.read_ms = 300});
    assert_errand(FERRY_OK);
}

static void behind_a_blocking_resolver_silence_has_its_whole_time(void **state)
{
    (void)state;
    get_from_a_slow_name(says_nothing, (ferry_timeout){.read_ms = 300});
    assert_errand(FERRY_ERR_READ_TIMEOUT);
    assert_in_time(700, g.began_ms);
}

static void what_a_blocking_resolver_takes_counts_for_the_total(void **state)
{
    (void)state;
    get_from_a_slow_name(answers_after_a_while, (ferry_timeout){.total_ms = 300});
    assert_errand(FERRY_ERR_TOTAL_TIMEOUT);
    assert_in_time(400, g.began_ms);
}

#define STEPPED(test)                                                                  \
    {                                                                                  \
#test ", stepped", test, set_up, tear_down, &g                                 \
    }
#define BLOCKING(test)                                                                 \
    {                                                                                  \
#test, test, set_up, tear_down, NULL                                           \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        STEPPED(waiting_for_a_connection_has_a_time_of_its_own),
        STEPPED(waiting_for_a_connection_counts_for_the_total),
        STEPPED(a_connection_that_comes_free_ends_the_wait),
        BLOCKING(who_blocks_is_told_at_once_that_nobody_else_could_free_one),
        BLOCKING(the_readers_own_time_is_no_silence),
        STEPPED(the_readers_own_time_is_no_silence),
        BLOCKING(the_readers_own_time_counts_for_the_total),
        STEPPED(the_readers_own_time_counts_for_the_total),
        STEPPED(a_late_step_takes_what_is_there),
        STEPPED(a_late_step_does_not_make_up_for_the_total),
        BLOCKING(what_a_blocking_resolver_takes_is_no_silence_of_the_peer),
        STEPPED(what_a_blocking_resolver_takes_is_no_silence_of_the_peer),
        BLOCKING(behind_a_blocking_resolver_silence_has_its_whole_time),
        STEPPED(behind_a_blocking_resolver_silence_has_its_whole_time),
        BLOCKING(what_a_blocking_resolver_takes_counts_for_the_total),
        STEPPED(what_a_blocking_resolver_takes_counts_for_the_total),
    };
    lateness_start();
    int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    lateness_stop();
    return n_failed;
}
