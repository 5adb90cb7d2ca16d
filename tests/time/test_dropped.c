/* test_dropped.c - questions that nobody waits for any more: they may be left at any
 * moment, keep their place until they are answered, and then make room.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lib/asking.h"
#include "lib/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <poll.h>

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

/* --- dropped --------------------------------------------------------------------- */

/* Nobody waits for the four any more, but their threads go on. */
static void drop_four(void)
{
    asking_begin_held(ASKING_AT_ONCE);
    for (int i = 0; i < ASKING_AT_ONCE; i++)
        errand_end(&asking.errands[i]);
}

static void dropped_questions_keep_their_places_until_they_are_answered(void **state)
{
    (void)state;
    drop_four();
    errand *g = asking_run(
        "a.test", &asking.friendly, (ferry_timeout){.connect_ms = 200});
    assert_int_equal(g->e, FERRY_ERR_CONNECT_TIMEOUT);
    asking_assert_in_time(g, 200);
    asking_assert_calm(g);
}

static void dropped_questions_make_room_once_they_are_answered(void **state)
{
    (void)state;
    drop_four();
    resolver_release();
    assert_true(resolver_has_inside(0));
    errand *g = asking_run(
        "a.test", &asking.friendly, (ferry_timeout){.connect_ms = 2000});
    assert_int_equal(g->e, FERRY_OK);
    asking_assert_calm(g);
}

static void who_waits_in_the_queue_is_woken_by_a_dropped_question(void **state)
{
    (void)state;
    drop_four();
    errand *g = asking_prepare(ASKING_AT_ONCE, "slow200.test", &asking.friendly);
    assert_int_equal(errand_begin(g), FERRY_AGAIN);
    resolver_release();
    asking_finish_one(g);
    assert_int_equal(g->e, FERRY_OK);
    asking_assert_in_time(g, 200);
    asking_assert_calm(g);
}

static void an_answer_that_nobody_takes_wakes_nobody(void **state)
{
    (void)state;
    asking_begin_held(2);
    errand_end(&asking.errands[0]);
    resolver_release();
    errand *g = asking_run("slow200.test", &asking.friendly, (ferry_timeout){0});
    assert_int_equal(g->e, FERRY_OK);
    asking_assert_in_time(g, 200);
    asking_assert_calm(g);
}

static void what_was_too_late_for_one_is_there_for_the_next(void **state)
{
    (void)state;
    if (!asking.is_beside)
        skip();
    ferry_timeout brief = {.connect_ms = 50};
    assert_int_equal(
        asking_run("held.test", &asking.friendly, brief)->e, FERRY_ERR_CONNECT_TIMEOUT);
    assert_int_equal(
        asking_run("held.test", &asking.friendly, brief)->e, FERRY_ERR_CONNECT_TIMEOUT);
    resolver_release();
    assert_int_equal(
        asking_run("held.test", &asking.friendly, (ferry_timeout){0})->e, FERRY_OK);
    assert_int_equal(resolver_asked("held.test"), 1);
}

/* --- shared ---------------------------------------------------------------------- */

static void transfers_for_one_name_share_a_question(void **state)
{
    (void)state;
    if (!asking.is_beside)
        skip();
    for (int i = 0; i < 5; i++)
        assert_int_equal(errand_begin(asking_prepare(i, "held.test", &asking.friendly)),
            FERRY_AGAIN);
    errand_end(&asking.errands[0]); /* whoever asked first may leave */
    resolver_release();
    for (int i = 1; i < 5; i++)
        while (asking.errands[i].e == FERRY_AGAIN)
            errand_go_on(&asking.errands[i], 10);
    for (int i = 1; i < 5; i++)
        assert_int_equal(asking.errands[i].e, FERRY_OK);
    assert_int_equal(resolver_asked(NULL), 1);
}

/* One of them takes the answer; what the other one is told then must not let it sleep
 * on. */
static void who_shares_a_question_learns_of_its_answer(void **state)
{
    (void)state;
    if (!asking.is_beside)
        skip();
    for (int i = 0; i < 2; i++)
        assert_int_equal(errand_begin(asking_prepare(i, "held.test", &asking.friendly)),
            FERRY_AGAIN);
    resolver_release();
    asking_finish_one(&asking.errands[0]);
    asking_finish_one(&asking.errands[1]);
    assert_int_equal(asking.errands[1].e, FERRY_OK);
    asking_assert_in_time(&asking.errands[1], 0);
}

/* --- left behind ----------------------------------------------------------------- */

static int count_entries(const char *folder)
{
    int n = 0;
    DIR *d = opendir(folder);
    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    return n;
}

/* Wait until there are no more than `n` threads, or `n` descriptors. */
static bool has_entries(const char *folder, int n)
{
    for (int i = 0; i < 2000 && count_entries(folder) > n; i++)
        poll(NULL, 0, 5);
    return count_entries(folder) <= n;
}

/* The session goes first, or its responses do; the threads last. What they touch then is
 * their own: sanitizers and valgrind watch. */
static void leave_questions_open(bool is_session_first)
{
    memory m;
    int threads = count_entries("/proc/self/task"),
        files = count_entries("/proc/self/fd");
    memory_init(&m);
    ferry_session_free(asking.session);
    asking.session = ferry_session_new(.platform = &m.platform);
    asking_begin_held(ASKING_AT_ONCE + 2);
    if (is_session_first)
        ferry_session_free(asking.session);
    for (int i = 0; i < ASKING_AT_ONCE + 2; i++)
        errand_end(&asking.errands[i]);
    if (!is_session_first)
        ferry_session_free(asking.session);
    asking.session = NULL;
    assert_true(memory_is_clean(&m));
    resolver_release();
    assert_true(has_entries("/proc/self/task", threads));
    assert_true(has_entries("/proc/self/fd", files));
}

static void a_session_may_go_while_its_questions_are_open(void **state)
{
    (void)state;
    if (!asking.is_beside)
        skip();
    leave_questions_open(true);
    resolver_reset();
    leave_questions_open(false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ASKING_TEST(dropped_questions_keep_their_places_until_they_are_answered),
        ASKING_STEPPED(dropped_questions_keep_their_places_until_they_are_answered),
        ASKING_TEST(dropped_questions_make_room_once_they_are_answered),
        ASKING_STEPPED(dropped_questions_make_room_once_they_are_answered),
        ASKING_STEPPED(who_waits_in_the_queue_is_woken_by_a_dropped_question),
        ASKING_TEST(an_answer_that_nobody_takes_wakes_nobody),
        ASKING_STEPPED(an_answer_that_nobody_takes_wakes_nobody),
        ASKING_TEST(what_was_too_late_for_one_is_there_for_the_next),
        ASKING_STEPPED(what_was_too_late_for_one_is_there_for_the_next),
        ASKING_STEPPED(transfers_for_one_name_share_a_question),
        ASKING_STEPPED(who_shares_a_question_learns_of_its_answer),
        ASKING_STEPPED(a_session_may_go_while_its_questions_are_open),
    };
    return cmocka_run_group_tests(tests, asking_open, asking_close);
}
