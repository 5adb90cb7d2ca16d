/* test_idle.c - how long connections are kept, over sockets: by the pool's own time, by what
 * the peer says, by their age; and when they are closed.
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

#define NO_CONTENT "HTTP/1.1 204 No Content\r\n"

enum { HOUR = 60 * 60 * 1000 };

static const act answers[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = NO_CONTENT "\r\n"}, {.kind = ACT_AGAIN}};
static const act keeps_for_8_s[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = NO_CONTENT "Keep-Alive: timeout=8\r\n\r\n"},
    {.kind = ACT_AGAIN}};
static const act keeps_for_1_s[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = NO_CONTENT "Keep-Alive: timeout=1\r\n\r\n"},
    {.kind = ACT_AGAIN}};

static const act answers_later[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = NO_CONTENT "\r\n", .pause_ms = 50}, {.kind = ACT_AGAIN}};

/* --- the set ------------------------------------------------------------------------ */

static actor a;
static ferry_session *s;
static bool is_stepped;
static int64_t now_ms;

static int64_t tell_time(void *ctx)
{
    (void)ctx;
    return now_ms;
}

static int set_up(void **state)
{
    is_stepped = *state != NULL;
    now_ms = 1000;
    s = NULL;
    a = (actor){.kind = ACTOR_ABSENT};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ferry_session_free(s);
    if (a.kind == ACTOR_PLAYS)
        actor_close(&a);
    return 0;
}

static void open_both(const act *play, const ferry_platform *p, ferry_pool pool)
{
    a = (actor){.plays = {play}};
    assert_true(actor_open(&a));
    s = ferry_session_new(.platform = p, .pool = pool);
    assert_non_null(s);
}

/* With a clock that moves as told, or the system's. */
static void open_virtual(const act *play, ferry_pool pool)
{
    ferry_platform p = {.size = sizeof p, .now_ms = tell_time};
    open_both(play, &p, pool);
}

static void open_real(const act *play, ferry_pool pool)
{
    open_both(play, NULL, pool);
}

/* One more request: over which connection, counted from 1? */
static int connection_of_next(void)
{
    errand g = {.session = s, .url = a.url, .is_stepped = is_stepped};
    errand_run(&g);
    if (g.e)
        fail_msg("%s", ferry_explain(s));
    errand_end(&g);
    return actor_met(&a);
}

static void nap(int ms)
{
    int64_t until = loopback_now_ms() + ms;
    for (int64_t now; (now = loopback_now_ms()) < until;)
        poll(NULL, 0, (int)(until - now));
}

/* --- to the millisecond ------------------------------------------------------------- */

static const struct {
    const char *name;
    const act *play;
    ferry_pool pool;
    int64_t kept_ms;
} rows[] = {
    {"a minute", answers, {0}, 60000},
    {"as told", answers, {.idle_ms = 5000}, 5000},
    {"seven eighths of what the peer says", keeps_for_8_s, {0}, 7000},
    {"less than that", keeps_for_8_s, {.idle_ms = 6999}, 6999},
    {"no more than that", keeps_for_8_s, {.idle_ms = FERRY_UNLIMITED}, 7000},
    {"hours", answers, {.idle_ms = FERRY_UNLIMITED, .age_ms = 2 * HOUR}, 2 * HOUR},
    {"the default age", answers, {.idle_ms = FERRY_UNLIMITED}, HOUR},
};

static void an_idle_connection_is_kept_to_the_millisecond(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        set_up(state);
        open_virtual(rows[i].play, rows[i].pool);
        assert_int_equal(connection_of_next(), 1);
        now_ms += rows[i].kept_ms;
        if (connection_of_next() != 2)
            fail_msg("%s: kept for too long", rows[i].name);
        assert_true(actor_has_open(&a, 1));
        now_ms += rows[i].kept_ms - 1;
        if (connection_of_next() != 2)
            fail_msg("%s: not kept", rows[i].name);
        tear_down(state);
    }
    set_up(state);
}

static void use_does_not_make_a_connection_younger(void **state)
{
    (void)state;
    open_virtual(answers, (ferry_pool){0});
    assert_int_equal(connection_of_next(), 1);
    for (int i = 1; i < 72; i++) {
        now_ms += 50000;
        assert_int_equal(connection_of_next(), 1);
    }
    now_ms += 50000;
    assert_int_equal(connection_of_next(), 2);
}

static void each_use_begins_the_idle_time_anew(void **state)
{
    (void)state;
    open_virtual(answers, (ferry_pool){.idle_ms = 1000});
    for (int i = 0; i < 10; i++, now_ms += 999)
        assert_int_equal(connection_of_next(), 1);
}

/* A transfer that waited, and then was not looked after, takes none that is too old. */
static void whoever_waited_for_one_takes_none_that_expired_meanwhile(void **state)
{
    (void)state;
    open_virtual(answers_later, (ferry_pool){.open_per_key = 1, .idle_ms = 1000});
    errand holder = {.session = s, .url = a.url}, waiter = holder;
    assert_int_equal(errand_begin(&holder), FERRY_AGAIN);
    assert_int_equal(errand_begin(&waiter), FERRY_AGAIN);
    assert_int_equal(waiter.waited.why, FERRY_WAIT_POOL);
    while (holder.e == FERRY_AGAIN)
        errand_go_on(&holder, 1000);
    assert_int_equal(holder.e, FERRY_OK);
    now_ms += 5000;
    while (waiter.e == FERRY_AGAIN)
        errand_go_on(&waiter, 10);
    assert_int_equal(waiter.e, FERRY_OK);
    assert_int_equal(actor_met(&a), 2);
    errand_end(&holder);
    errand_end(&waiter);
}

/* --- as time goes by ---------------------------------------------------------------- */

static void an_idle_connection_expires(void **state)
{
    (void)state;
    open_real(answers, (ferry_pool){.idle_ms = 300});
    assert_int_equal(connection_of_next(), 1);
    int64_t then = loopback_now_ms();
    int n = connection_of_next();
    assert_true(n == 1 || loopback_now_ms() - then >= 300);
    nap(310);
    assert_int_equal(connection_of_next(), n + 1);
    assert_true(actor_has_open(&a, 1));
}

static void what_the_peer_says_is_believed(void **state)
{
    (void)state;
    open_real(keeps_for_1_s, (ferry_pool){0});
    assert_int_equal(connection_of_next(), 1);
    nap(880);
    assert_int_equal(connection_of_next(), 2);
    assert_true(actor_has_open(&a, 1));
}

static void a_connection_has_an_age(void **state)
{
    (void)state;
    open_real(answers, (ferry_pool){.age_ms = 300});
    int64_t then = loopback_now_ms();
    while (connection_of_next() == 1)
        nap(20);
    assert_in_range(
        loopback_now_ms() - then, 300, 300 + lateness_allows(300, then) + 20);
    assert_true(actor_has_open(&a, 1));
}

/* Nobody asks for that peer again; another one's connection takes it along. */
static void an_expired_one_goes_when_another_comes_back(void **state)
{
    actor other = {.plays = {answers}};
    (void)state;
    assert_true(actor_open(&other));
    open_real(answers, (ferry_pool){.idle_ms = 100});
    assert_int_equal(connection_of_next(), 1);
    nap(110);
    assert_true(actor_has_open(&a, 1));
    assert_int_equal(ferry_get(s, other.url, NULL), FERRY_OK);
    assert_true(actor_has_open(&a, 0));
    ferry_session_free(s);
    s = NULL;
    actor_close(&other);
}

static void closing_the_idle_ones_is_seen_by_the_peer(void **state)
{
    (void)state;
    open_real(answers, (ferry_pool){0});
    assert_int_equal(connection_of_next(), 1);
    assert_true(actor_has_open(&a, 1));
    ferry_close_idle(s);
    assert_true(actor_has_open(&a, 0));
    assert_int_equal(connection_of_next(), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define STEPPED(name)                                                                  \
    cmocka_unit_test_prestate_setup_teardown(name, set_up, tear_down, &a)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_idle_connection_is_kept_to_the_millisecond),
        STEPPED(an_idle_connection_is_kept_to_the_millisecond),
        TEST(use_does_not_make_a_connection_younger),
        TEST(each_use_begins_the_idle_time_anew),
        STEPPED(whoever_waited_for_one_takes_none_that_expired_meanwhile),
        TEST(an_idle_connection_expires),
        STEPPED(an_idle_connection_expires),
        TEST(what_the_peer_says_is_believed),
        STEPPED(what_the_peer_says_is_believed),
        TEST(a_connection_has_an_age),
        TEST(an_expired_one_goes_when_another_comes_back),
        TEST(closing_the_idle_ones_is_seen_by_the_peer),
    };
    lateness_start();
    int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    lateness_stop();
    return n_failed;
}
