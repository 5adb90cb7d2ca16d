/* test_lookup.c - looking a name up blocks nobody and outlives no time-out; four
 * are asked for at once.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lib/asking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* In place of the system's; see resolver.h. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
    struct addrinfo **out)
{
    (void)service, (void)hints;
    return resolver_ask(node, out);
}

void freeaddrinfo(struct addrinfo *info)
{
    resolver_free(info);
}

/* --- nobody is blocked ----------------------------------------------------------- */

static void it_is_this_programs_resolver_that_is_asked(void **state)
{
    (void)state;
    assert_int_equal(
        asking_run("a.test", &asking.friendly, (ferry_timeout){0})->e, FERRY_OK);
    assert_int_equal(resolver_asked("a.test"), 1);
    assert_int_equal(resolver_asked(NULL), 1);
}

static void a_step_never_waits_for_a_name(void **state)
{
    (void)state;
    if (!asking.is_beside)
        skip();
    errand *g = asking_prepare(0, "slow300.test", &asking.friendly);
    assert_int_equal(errand_begin(g), FERRY_AGAIN);
    assert_int_equal(g->waited.why, FERRY_WAIT_NAME);
    assert_int_equal(g->waited.n, 1);
    assert_int_equal(g->waited.on[0].events, FERRY_READABLE);
    asking_finish(1);
    asking_assert_in_time(g, 300);
    asking_assert_calm(g);
}

/* --- no time-out is outlived ----------------------------------------------------- */

static const struct {
    const char *host;
    const actor *at;
    ferry_timeout timeout;
    ferry_err e;
    int asked_ms;
} rows[] = {
    {"slow300.test", &asking.friendly, {0}, FERRY_OK, 300},
    {"slow800.test", &asking.friendly, {.connect_ms = 250}, FERRY_ERR_CONNECT_TIMEOUT,
        250},
    {"slow800.test", &asking.friendly, {.total_ms = 200}, FERRY_ERR_TOTAL_TIMEOUT, 200},
    {"slow200.hole.test", &asking.friendly, {.connect_ms = 350},
        FERRY_ERR_CONNECT_TIMEOUT, 350},
    {"slow200.test", &asking.silent, {.connect_ms = 300, .total_ms = 350},
        FERRY_ERR_TOTAL_TIMEOUT, 350},
    {"slow200.test", &asking.silent, {.connect_ms = 300, .read_ms = 200},
        FERRY_ERR_READ_TIMEOUT, 400},
};

static void time_outs_hold_while_a_name_is_looked_up(void **state)
{
    (void)state;
    if (!asking.is_beside)
        skip();
    for (size_t i = 0; i < COUNT(rows); i++) {
        ferry_session_free(asking.session);
        asking.session = ferry_session_new_with(NULL); /* it knows no name */
        errand *g = asking_run(rows[i].host, rows[i].at, rows[i].timeout);
        if (g->e != rows[i].e)
            fail_msg("row %d: %s", (int)i, ferry_explain(asking.session));
        asking_assert_in_time(g, rows[i].asked_ms);
        asking_assert_calm(g);
        errand_end(g);
    }
}

/* --- four at once ---------------------------------------------------------------- */

static void no_more_than_four_names_are_asked_at_once(void **state)
{
    (void)state;
    asking_begin_held(ASKING_ERRANDS);
    poll(NULL, 0, 50);
    assert_int_equal(resolver_asked(NULL), ASKING_AT_ONCE);
    resolver_release();
    asking_finish(ASKING_ERRANDS);
    assert_int_equal(resolver_asked(NULL), ASKING_ERRANDS);
    assert_int_equal(resolver_most(), ASKING_AT_ONCE);
}

static void each_session_has_four_of_its_own(void **state)
{
    static const char *const hosts[] = {"held.a.test", "held.b.test", "held.0.test",
        "held.1.test", "held.2.test", "held.3.test"};
    ferry_session *first = asking.session;
    (void)state;
    asking_begin_held(ASKING_AT_ONCE);
    asking.session = ferry_session_new_with(NULL);
    for (int i = ASKING_AT_ONCE; i < ASKING_ERRANDS; i++) {
        errand *g = asking_prepare(i, hosts[i - ASKING_AT_ONCE], &asking.friendly);
        assert_int_equal(errand_begin(g), FERRY_AGAIN);
    }
    assert_true(resolver_has_inside(ASKING_AT_ONCE + ASKING_AT_ONCE));
    resolver_release();
    asking_finish(ASKING_ERRANDS);
    for (int i = 0; i < ASKING_AT_ONCE; i++)
        errand_end(&asking.errands[i]);
    ferry_session_free(first);
}

static void a_name_in_the_queue_keeps_its_deadlines(void **state)
{
    (void)state;
    asking_begin_held(ASKING_AT_ONCE);
    errand *g = asking_run(
        "a.test", &asking.friendly, (ferry_timeout){.connect_ms = 250});
    assert_int_equal(g->e, FERRY_ERR_CONNECT_TIMEOUT);
    asking_assert_in_time(g, 250);
    asking_assert_calm(g);
    g = asking_run("b.test", &asking.friendly, (ferry_timeout){.total_ms = 200});
    assert_int_equal(g->e, FERRY_ERR_TOTAL_TIMEOUT);
    asking_assert_in_time(g, 200);
    asking_assert_calm(g);
    assert_int_equal(resolver_asked(NULL), ASKING_AT_ONCE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ASKING_TEST(it_is_this_programs_resolver_that_is_asked),
        ASKING_STEPPED(a_step_never_waits_for_a_name),
        ASKING_TEST(time_outs_hold_while_a_name_is_looked_up),
        ASKING_STEPPED(time_outs_hold_while_a_name_is_looked_up),
        ASKING_STEPPED(no_more_than_four_names_are_asked_at_once),
        ASKING_STEPPED(each_session_has_four_of_its_own),
        ASKING_TEST(a_name_in_the_queue_keeps_its_deadlines),
        ASKING_STEPPED(a_name_in_the_queue_keeps_its_deadlines),
    };
    return cmocka_run_group_tests(tests, asking_open, asking_close);
}
