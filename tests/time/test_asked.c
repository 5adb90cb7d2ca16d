/* test_asked.c - which names are asked for, how often, and what the threads that ask do not
 * do. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lib/asking.h"
#include "lib/loopback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

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

/* The answer to one more request for this name. */
static ferry_err get(const char *host)
{
    return asking_run(host, &asking.friendly, (ferry_timeout){0})->e;
}

/* --- not at all ------------------------------------------------------------------ */

/* RFC 6761 6.3 */
static void literal_addresses_and_localhost_are_not_asked_for(void **state)
{
    static const char *const hosts[] = {
        "127.0.0.1", "localhost", "LOCALHOST", "a.localhost", "localhost."};
    (void)state;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        assert_int_equal(get(hosts[i]), FERRY_OK);
    poll(NULL, 0, 50);
    assert_int_equal(resolver_asked(NULL), 0);
}

static void a_name_that_is_known_is_not_asked_for(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(get("slow100.test"), FERRY_OK);
        assert_int_equal(get("SLOW100.Test"), FERRY_OK);
        ferry_close_idle(asking.session);
    }
    assert_int_equal(resolver_asked(NULL), 1);
}

/* --- again ----------------------------------------------------------------------- */

static int64_t now_ms;

static int64_t tell_time(void *ctx)
{
    (void)ctx;
    return now_ms;
}

/* From here on the session's clock moves as told. */
static void set_clock(void)
{
    ferry_platform p = {.size = sizeof p, .now_ms = tell_time};
    now_ms = 1000;
    ferry_session_free(asking.session);
    asking.session = ferry_session_new(.platform = &p, .pool = {.idle = FERRY_NONE});
}

static void an_answer_is_good_for_a_minute(void **state)
{
    (void)state;
    set_clock();
    for (int i = 0; i < 3; i++) {
        assert_int_equal(get("a.test"), FERRY_OK);
        assert_int_equal(resolver_asked(NULL), i + 1);
        now_ms += 59999;
        assert_int_equal(get("a.test"), FERRY_OK);
        assert_int_equal(resolver_asked(NULL), i + 1);
        now_ms++;
    }
}

static void a_refusal_is_good_for_five_seconds(void **state)
{
    (void)state;
    set_clock();
    for (int i = 0; i < 3; i++) {
        assert_int_equal(get("no.test"), FERRY_ERR_NAME);
        assert_non_null(strstr(ferry_explain(asking.session), "no such host"));
        assert_int_equal(resolver_asked(NULL), i + 1);
        now_ms += 4999;
        assert_int_equal(get("no.test"), FERRY_ERR_NAME);
        assert_int_equal(resolver_asked(NULL), i + 1);
        now_ms++;
    }
}

/* Those that expire first go; names are asked for in their order here. */
static void sixty_four_names_are_known_at_most(void **state)
{
    enum { NAMES = 70, KEPT = 64 };
    char host[20];
    (void)state;
    set_clock();
    for (int i = 0; i < NAMES; i++, now_ms++) {
        snprintf(host, sizeof host, "%d.test", i);
        assert_int_equal(get(host), FERRY_OK);
    }
    for (int i = NAMES - 1; i >= NAMES - KEPT; i--) {
        snprintf(host, sizeof host, "%d.test", i);
        assert_int_equal(get(host), FERRY_OK);
    }
    assert_int_equal(resolver_asked(NULL), NAMES);
    assert_int_equal(get("5.test"), FERRY_OK);
    assert_int_equal(resolver_asked("5.test"), 2);
}

/* --- signals --------------------------------------------------------------------- */

static volatile sig_atomic_t taken;

static void take(int number)
{
    (void)number;
    taken++;
}

static void listen_for(int number)
{
    struct sigaction a = {.sa_handler = take};
    taken = 0;
    sigaction(number, &a, NULL);
}

/* Nobody else would have it: were it not blocked there, that thread would be chosen. */
static void no_signal_is_delivered_to_a_thread_that_asks(void **state)
{
    sigset_t one, before;
    (void)state;
    if (!asking.is_beside)
        skip();
    listen_for(SIGUSR1);
    asking_begin_held(1);
    for (int i = 1; i <= SIGRTMAX; i++)
        if (i != SIGKILL && i != SIGSTOP && (i < 32 || i >= SIGRTMIN))
            assert_false(resolver_would_take(i));
    sigemptyset(&one);
    sigaddset(&one, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &one, &before);
    kill(getpid(), SIGUSR1);
    poll(NULL, 0, 50);
    assert_int_equal(taken, 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    assert_int_equal(taken, 1);
    resolver_release();
    asking_finish(1);
}

static void the_callers_own_mask_stays_as_it_was(void **state)
{
    sigset_t mask;
    (void)state;
    assert_int_equal(get("a.test"), FERRY_OK);
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    for (int i = 1; i < 32; i++)
        assert_false(sigismember(&mask, i));
}

/* One every millisecond, for calls that do not go on by themselves. */
static void a_storm_of_signals_neither_hurries_nor_delays_a_lookup(void **state)
{
    struct itimerval often = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
    (void)state;
    listen_for(SIGALRM);
    setitimer(ITIMER_REAL, &often, NULL);
    ferry_err e = get("slow200.test");
    bool has_blown = taken > 20;
    errand *g = asking_run(
        "slow500.test", &asking.friendly, (ferry_timeout){.connect_ms = 200});
    setitimer(ITIMER_REAL, &never, NULL);
    assert_int_equal(e, FERRY_OK);
    assert_true(has_blown);
    assert_int_equal(g->e, asking.is_beside ? FERRY_ERR_CONNECT_TIMEOUT : FERRY_OK);
    asking_assert_in_time(g, asking.is_beside ? 200 : 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ASKING_TEST(literal_addresses_and_localhost_are_not_asked_for),
        ASKING_STEPPED(literal_addresses_and_localhost_are_not_asked_for),
        ASKING_TEST(a_name_that_is_known_is_not_asked_for),
        ASKING_STEPPED(a_name_that_is_known_is_not_asked_for),
        ASKING_TEST(an_answer_is_good_for_a_minute),
        ASKING_STEPPED(an_answer_is_good_for_a_minute),
        ASKING_TEST(a_refusal_is_good_for_five_seconds),
        ASKING_STEPPED(a_refusal_is_good_for_five_seconds),
        ASKING_TEST(sixty_four_names_are_known_at_most),
        ASKING_STEPPED(no_signal_is_delivered_to_a_thread_that_asks),
        ASKING_TEST(the_callers_own_mask_stays_as_it_was),
        ASKING_TEST(a_storm_of_signals_neither_hurries_nor_delays_a_lookup),
        ASKING_STEPPED(a_storm_of_signals_neither_hurries_nor_delays_a_lookup),
    };
    return cmocka_run_group_tests(tests, asking_open, asking_close);
}
