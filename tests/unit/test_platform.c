/* test_platform.c - memory, time, chance and waiting from the system.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lib/loopback.h"
#include "net/system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static ferry_platform p;

static int set_up(void **state)
{
    (void)state;
    p = (ferry_platform){.size = sizeof p};
    fy_system_fill(&p);
    return 0;
}

/* --- filling --------------------------------------------------------------------- */

static void *own_resize(void *ctx, void *block, size_t old_size, size_t new_size)
{
    (void)ctx, (void)block, (void)old_size, (void)new_size;
    return NULL;
}

static int64_t own_now_ms(void *ctx)
{
    (void)ctx;
    return 42;
}

static int own_random(void *ctx, void *bytes, size_t n)
{
    (void)ctx, (void)bytes, (void)n;
    return 0;
}

static int own_wait(void *ctx, const ferry_wait *w)
{
    (void)ctx, (void)w;
    return 0;
}

static const char *own_getenv(void *ctx, const char *name)
{
    (void)ctx;
    return name;
}

static void what_the_user_brings_stays(void **state)
{
    ferry_platform own = {sizeof own, &p, own_resize, own_now_ms, own_random, NULL,
        NULL, own_wait, own_now_ms, own_getenv};
    ferry_platform filled = own;
    (void)state;
    fy_system_fill(&filled);
    assert_memory_equal(&filled, &own, sizeof own);
}

static void what_the_user_leaves_out_is_the_systems(void **state)
{
    (void)state;
    assert_non_null(p.resize);
    assert_non_null(p.now_ms);
    assert_non_null(p.random);
    assert_non_null(p.wait);
    assert_non_null(p.unix_time);
    assert_non_null(p.getenv);
    assert_null(p.resolve);
    assert_null(p.dial);
}

static void waiting_is_ours_unless_the_user_brings_it(void **state)
{
    ferry_platform own = {.wait = own_wait};
    (void)state;
    assert_true(fy_system_waits(&p));
    assert_false(fy_system_waits(&own));
}

/* --- memory, time, chance -------------------------------------------------------- */

static void memory_grows_keeps_its_bytes_and_goes(void **state)
{
    (void)state;
    char *block = p.resize(NULL, NULL, 0, 5);
    memcpy(block, "abcd", 5);
    block = p.resize(NULL, block, 5, 100000);
    assert_string_equal(block, "abcd");
    assert_null(p.resize(NULL, block, 100000, 0));
}

static void the_date_is_the_systems(void **state)
{
    (void)state;
    int64_t before = (int64_t)time(NULL), now = p.unix_time(NULL);
    assert_true(before <= now && now <= (int64_t)time(NULL));
}

static void the_environment_is_the_systems(void **state)
{
    (void)state;
    assert_int_equal(setenv("FERRY_TEST", "x y", 1), 0);
    assert_string_equal(p.getenv(NULL, "FERRY_TEST"), "x y");
    assert_int_equal(unsetenv("FERRY_TEST"), 0);
    assert_null(p.getenv(NULL, "FERRY_TEST"));
}

/* As a program does that belongs to root and may be called by all (setuid). */
static void the_environment_of_a_caller_with_fewer_rights_is_not_read(void **state)
{
    int status;
    (void)state;
    if (geteuid() != 0)
        skip(); /* only root has rights to lend */
    setenv("FERRY_TEST", "seen", 1);
    pid_t child = fork();
    if (child == 0) {
        bool was_read = p.getenv(NULL, "FERRY_TEST") != NULL;
        bool is_lent = setreuid(65534, (uid_t)-1) == 0 && geteuid() == 0;
        _exit(!was_read || !is_lent || p.getenv(NULL, "FERRY_TEST") != NULL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    unsetenv("FERRY_TEST");
}

static void the_clock_goes_on_and_never_back(void **state)
{
    int64_t last = p.now_ms(NULL), start = last;
    (void)state;
    while (last < start + 20) {
        int64_t now = p.now_ms(NULL);
        assert_true(now >= last);
        last = now;
    }
}

static void chance_fills_all_of_any_length_and_nothing_else(void **state)
{
    static unsigned char bytes[2000], zeros[2000];
    static const size_t lengths[] = {0, 1, 8, 255, 256, 257, 512, 1000};
    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        size_t n = lengths[i], zero = 0;
        memset(bytes, 0, sizeof bytes);
        assert_int_equal(p.random(NULL, bytes, n), 0);
        assert_memory_equal(bytes + n, zeros, sizeof bytes - n);
        for (size_t j = 0; j < n; j++)
            zero += bytes[j] == 0;
        assert_true(n < 100 || zero < n / 16); /* one of 256 would be usual */
    }
}

/* --- waiting --------------------------------------------------------------------- */

static int64_t waited_ms(ferry_wait w)
{
    int64_t start = loopback_now_ms();
    assert_int_equal(p.wait(NULL, &w), 0);
    return loopback_now_ms() - start;
}

static void a_wait_ends_when_its_time_is_over(void **state)
{
    (void)state;
    assert_true(waited_ms((ferry_wait){.timeout_ms = 0}) < 100);
    int64_t took = waited_ms((ferry_wait){.timeout_ms = 50});
    assert_true(took >= 49 && took < 1000);
}

static void a_wait_ends_when_its_handle_is_ready(void **state)
{
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    ferry_wait to_write = {.timeout_ms = -1, .n = 1, .on = {{ends[1], FERRY_WRITABLE}}};
    ferry_wait to_read = {.timeout_ms = INT64_MAX,
        .n = 2,
        .on = {{ends[0], FERRY_READABLE}, {ends[1], 0}}};
    ferry_wait in_vain = {.timeout_ms = 50, .n = 1, .on = {{ends[0], FERRY_READABLE}}};
    assert_true(waited_ms(to_write) < 1000);
    assert_true(waited_ms(in_vain) >= 49);
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_true(waited_ms(to_read) < 1000);
    close(ends[0]);
    close(ends[1]);
}

static void on_alarm(int number)
{
    (void)number;
}

static void a_signal_ends_a_wait_early_and_is_no_error(void **state)
{
    struct sigaction a = {.sa_handler = on_alarm};
    struct itimerval soon = {{0, 0}, {0, 30000}};
    (void)state;
    sigaction(SIGALRM, &a, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    assert_true(waited_ms((ferry_wait){.timeout_ms = 10000}) < 5000);
}

/* More than the limit of descriptors is the one thing that poll refuses here. */
static void a_wait_that_the_system_refuses_is_an_error(void **state)
{
    struct rlimit before, none;
    ferry_wait w = {.timeout_ms = 0, .n = 2, .on = {{0, 0}, {0, 0}}};
    (void)state;
    getrlimit(RLIMIT_NOFILE, &before);
    none = before;
    none.rlim_cur = 1;
    setrlimit(RLIMIT_NOFILE, &none);
    int answer = p.wait(NULL, &w);
    bool is_refused = poll((struct pollfd[2]){{.fd = 0}}, 2, 0) < 0;
    setrlimit(RLIMIT_NOFILE, &before);
    if (!is_refused)
        skip(); /* valgrind keeps the limit to itself */
    assert_int_equal(answer, -1);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_the_user_brings_stays),
        TEST(what_the_user_leaves_out_is_the_systems),
        TEST(waiting_is_ours_unless_the_user_brings_it),
        TEST(memory_grows_keeps_its_bytes_and_goes),
        TEST(the_date_is_the_systems),
        TEST(the_environment_is_the_systems),
        TEST(the_environment_of_a_caller_with_fewer_rights_is_not_read),
        TEST(the_clock_goes_on_and_never_back),
        TEST(chance_fills_all_of_any_length_and_nothing_else),
        TEST(a_wait_ends_when_its_time_is_over),
        TEST(a_wait_ends_when_its_handle_is_ready),
        TEST(a_signal_ends_a_wait_early_and_is_no_error),
        TEST(a_wait_that_the_system_refuses_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
