/* test_lookup.c - one question to the system's resolver, beside the caller's work. In a
 * build with THREADS=none the same calls answer at once, and the same tests hold.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lib/machine.h"
#include "net/lookup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static machine m;
static ferry_addr addrs[FY_LOOKUP_ADDRESSES];
static ferry_fault fault;

static int set_up(void **state)
{
    (void)state;
    machine_init(&m);
    memset(addrs, 0, sizeof addrs);
    fault = (ferry_fault){FERRY_OK, 77, "not written"};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return memory_is_clean(&m.memory) ? 0 : -1;
}

static fy_lookup *start(const char *host)
{
    fy_lookup *l = fy_lookup_start(&m.memory.platform, host);
    assert_non_null(l);
    return l;
}

/* Wait by what it wants, as a loop would. */
static int finish(fy_lookup *l)
{
    int n;
    while ((n = fy_lookup_poll(l, addrs, &fault)) == 0) {
        ferry_wait w = {.n = 0};
        fy_lookup_want(l, &w);
        assert_int_equal(w.n, 1);
        struct pollfd p = {.fd = (int)w.on[0].id, .events = POLLIN};
        assert_int_equal(poll(&p, 1, 10000), 1);
    }
    return n;
}

static int open_descriptors(void)
{
    int n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (d && readdir(d))
        n++;
    closedir(d);
    return n;
}

static void an_answer_comes_when_it_is_there_and_stays(void **state)
{
    (void)state;
    fy_lookup *l = start("127.0.0.7");
    assert_int_equal(finish(l), 1);
    assert_int_equal(addrs[0].family, FERRY_IPV4);
    assert_int_equal(addrs[0].bytes[3], 7);
    addrs[0].bytes[3] = 0;
    assert_int_equal(fy_lookup_poll(l, addrs, &fault), 1);
    assert_int_equal(addrs[0].bytes[3], 7);
    fy_lookup_free(l);
}

static void a_refusal_comes_with_its_reason(void **state)
{
    (void)state;
    fy_lookup *l = start("no such name");
    assert_int_equal(finish(l), -1);
    assert_int_equal(fault.code, FERRY_ERR_NAME);
    assert_non_null(fault.what);
    fy_lookup_free(l);
}

static void the_name_need_not_outlive_the_question(void **state)
{
    char host[] = "127.0.0.7";
    (void)state;
    fy_lookup *l = start(host);
    memset(host, 'x', sizeof host - 1);
    assert_int_equal(finish(l), 1);
    fy_lookup_free(l);
}

static int before_all; /* descriptors: threads of earlier tests may still have theirs */

/* Whoever lets go last frees what both sides own. */
static void questions_dropped_at_any_time_leave_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        fy_lookup *l = start("127.0.0.1");
        if (i % 2)
            poll(NULL, 0, 1);
        fy_lookup_free(l);
    }
    for (int i = 0; i < 1000 && open_descriptors() > before_all; i++)
        poll(NULL, 0, 10);
    assert_int_equal(open_descriptors(), before_all);
}

static void a_full_list_of_handles_gets_no_more(void **state)
{
    ferry_wait w = {.n = FERRY_WAIT_HANDLES};
    (void)state;
    fy_lookup *l = start("127.0.0.1");
    fy_lookup_want(l, &w);
    assert_int_equal(w.n, FERRY_WAIT_HANDLES);
    fy_lookup_free(l);
}

/* No descriptor for the pipe; or without threads, no memory for the answer. */
static void what_cannot_be_started_is_none_and_leaves_nothing(void **state)
{
    struct rlimit before, none;
    (void)state;
    getrlimit(RLIMIT_NOFILE, &before);
    for (rlim_t limit = 0; limit < 6; limit++) {
        none = before;
        none.rlim_cur = limit;
        setrlimit(RLIMIT_NOFILE, &none);
        m.memory.fail_at = m.memory.calls + 1;
        fy_lookup *l = fy_lookup_start(&m.memory.platform, "127.0.0.1");
        setrlimit(RLIMIT_NOFILE, &before);
        m.memory.fail_at = 0;
        if (limit < 3)
            assert_null(l);
        if (l)
            fy_lookup_free(l);
    }
}

static volatile sig_atomic_t signals_here;
static pthread_t here;

static void on_signal(int number)
{
    (void)number;
    signals_here += pthread_equal(pthread_self(), here) ? 1 : -1000;
}

/* The program's signals stay with its own threads. */
static void a_question_takes_no_signals(void **state)
{
    sigset_t one, before;
    struct sigaction a = {.sa_handler = on_signal}, old;
    (void)state;
    here = pthread_self();
    sigaction(SIGUSR1, &a, &old);
    sigemptyset(&one);
    sigaddset(&one, SIGUSR1);
    for (int i = 0; i < 20; i++) {
        pthread_sigmask(SIG_BLOCK, &one, &before);
        fy_lookup *l = start("localhost");
        kill(getpid(), SIGUSR1); /* only the other thread could take it now */
        finish(l);
        fy_lookup_free(l);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    sigaction(SIGUSR1, &old, NULL);
    assert_int_equal(signals_here, 20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_answer_comes_when_it_is_there_and_stays),
        TEST(a_refusal_comes_with_its_reason),
        TEST(the_name_need_not_outlive_the_question),
        TEST(questions_dropped_at_any_time_leave_nothing),
        TEST(a_full_list_of_handles_gets_no_more),
        TEST(what_cannot_be_started_is_none_and_leaves_nothing),
        TEST(a_question_takes_no_signals),
    };
    before_all = open_descriptors();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
