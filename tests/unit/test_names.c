/* test_names.c - host names remembered, forgotten, and asked for beside the work.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lib/machine.h"
#include "net/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { MINUTE = 60 * 1000, REFUSED = 5 * 1000 };

static machine m;
static fy_names names;
static ferry_addr addrs[FY_LOOKUP_ADDRESSES];
static ferry_fault fault;

static int set_up(void **state)
{
    (void)state;
    machine_init(&m);
    fy_names_init(&names, &m.memory.platform);
    fault = (ferry_fault){FERRY_OK, 77, "not written"};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fy_names_fini(&names);
    return memory_is_clean(&m.memory) ? 0 : -1;
}

static int ask(const char *host, int64_t now_ms)
{
    memset(addrs, 0, sizeof addrs);
    return fy_names_ask(&names, host, now_ms, addrs, &fault);
}

/* --- the platform's resolver ----------------------------------------------------- */

static void a_name_is_remembered_for_a_minute(void **state)
{
    (void)state;
    machine_knows(&m, "a.test");
    machine_add_address(&m, FERRY_IPV4, 1);
    machine_add_address(&m, FERRY_IPV6, 2);
    for (int64_t now = 0; now < MINUTE; now += 10001) {
        assert_int_equal(ask("a.test", now), 2);
        assert_int_equal(addrs[0].bytes[3], 1);
        assert_int_equal(addrs[1].bytes[15], 2);
        assert_int_equal(m.lookups, 1);
    }
    m.addrs[0].bytes[3] = 9;
    assert_int_equal(ask("a.test", MINUTE - 1), 2);
    assert_int_equal(addrs[0].bytes[3], 1);
    assert_int_equal(ask("a.test", MINUTE), 2);
    assert_int_equal(addrs[0].bytes[3], 9);
    assert_int_equal(m.lookups, 2);
}

static void a_refusal_is_remembered_for_five_seconds_with_its_reason(void **state)
{
    (void)state;
    machine_knows(&m, "a.test");
    for (int64_t now = 0; now < REFUSED; now += 1000) {
        assert_int_equal(ask("b.test", now), -1);
        assert_int_equal(fault.code, FERRY_ERR_NAME);
        assert_string_equal(fault.what, "nobody knows this name");
        assert_int_equal(m.lookups, 1);
    }
    m.name = "b.test";
    machine_add_address(&m, FERRY_IPV4, 1);
    assert_int_equal(ask("b.test", REFUSED), 1);
    assert_int_equal(m.lookups, 2);
    assert_int_equal(fault.code, FERRY_OK);
}

static void no_address_is_a_refusal_without_a_reason(void **state)
{
    (void)state;
    machine_knows(&m, "a.test");
    assert_int_equal(ask("a.test", 0), -1);
    assert_int_equal(fault.code, FERRY_OK);
    assert_null(fault.what);
    assert_int_equal(ask("a.test", 1), -1);
    assert_int_equal(m.lookups, 1);
}

static void more_addresses_than_there_is_room_for_are_left_out(void **state)
{
    (void)state;
    machine_knows(&m, "a.test");
    for (unsigned char i = 1; i <= 12; i++)
        machine_add_address(&m, FERRY_IPV4, i);
    assert_int_equal(ask("a.test", 0), FY_LOOKUP_ADDRESSES);
    assert_int_equal(addrs[FY_LOOKUP_ADDRESSES - 1].bytes[3], FY_LOOKUP_ADDRESSES);
}

static int claim_too_many(
    void *ctx, const char *host, ferry_addr *out, int max, ferry_fault *why)
{
    (void)ctx, (void)host, (void)why;
    memset(out, 0, (size_t)max * sizeof *out);
    return max + 1000;
}

static void a_resolver_that_claims_more_than_it_was_let_is_cut_down(void **state)
{
    (void)state;
    m.memory.platform.resolve = claim_too_many;
    assert_int_equal(ask("a.test", 0), FY_LOOKUP_ADDRESSES);
}

/* Which of so many names are still known can be told by who is asked again. */
static void sixty_four_names_are_kept_and_the_first_to_expire_goes(void **state)
{
    char name[16];
    (void)state;
    machine_knows(&m, "none");
    for (int i = 0; i < 64; i++) {
        sprintf(name, "%d.test", i);
        ask(name, i);
    }
    int live = m.memory.live;
    ask("one.more", 64);
    assert_int_equal(m.memory.live, live);
    m.lookups = 0;
    ask("1.test", 65);
    ask("63.test", 65);
    ask("one.more", 65);
    assert_int_equal(m.lookups, 0);
    ask("0.test", 65);
    assert_int_equal(m.lookups, 1);
}

static void without_memory_a_name_is_unknown_at_every_call(void **state)
{
    int n;
    (void)state;
    machine_knows(&m, "a.test");
    machine_add_address(&m, FERRY_IPV4, 1);
    for (int k = 1; k < 10; k++) {
        fy_names_fini(&names);
        m.memory.fail_at = m.memory.calls + k;
        if ((n = ask("a.test", 0)) > 0)
            break;
        assert_int_equal(n, -1);
        assert_int_equal(fault.code, FERRY_ERR_NOMEM);
        m.memory.fail_at = 0;
        assert_int_equal(ask("a.test", 0), 1);
    }
    assert_int_equal(n, 1);
}

/* --- the system's resolver, in a thread if the build has them -------------------- */

/* Wait as a caller's loop would. */
static int ask_until_answered(const char *host)
{
    int n;
    while ((n = ask(host, 0)) == 0) {
        ferry_wait w = {.n = 0};
        fy_names_want(&names, host, &w);
        assert_true(w.n > 0);
        struct pollfd p = {.fd = (int)w.on[0].id, .events = POLLIN};
        assert_int_equal(w.on[0].events, FERRY_READABLE);
        assert_int_equal(poll(&p, 1, 10000), 1);
    }
    return n;
}

static void the_system_is_asked_where_the_platform_has_no_resolver(void **state)
{
    (void)state;
    assert_int_equal(ask_until_answered("127.0.0.3"), 1);
    assert_int_equal(addrs[0].family, FERRY_IPV4);
    assert_int_equal(addrs[0].bytes[3], 3);
    assert_int_equal(ask("127.0.0.3", MINUTE - 1), 1);
}

static void the_systems_refusal_has_a_reason(void **state)
{
    (void)state;
    assert_int_equal(ask_until_answered("no such name"), -1);
    assert_int_equal(fault.code, FERRY_ERR_NAME);
    assert_non_null(fault.what);
}

/* No descriptor for a pipe to a thread, and no memory for an answer without one. */
static void a_question_that_cannot_be_asked_is_a_refusal(void **state)
{
    struct rlimit before, none;
    (void)state;
    getrlimit(RLIMIT_NOFILE, &before);
    none = before;
    none.rlim_cur = 3;
    setrlimit(RLIMIT_NOFILE, &none);
    m.memory.fail_at = m.memory.calls + 3;
    int n = ask("127.0.0.1", 0);
    setrlimit(RLIMIT_NOFILE, &before);
    m.memory.fail_at = 0;
    assert_int_equal(n, -1);
    assert_int_equal(fault.code, FERRY_ERR_NAME);
    assert_string_equal(fault.what, "no thread or memory to look it up");
    assert_int_equal(ask("127.0.0.1", REFUSED - 1), -1);
    while ((n = ask("127.0.0.1", REFUSED)) == 0)
        poll(NULL, 0, 1);
    assert_int_equal(n, 1);
}

static void many_questions_at_once_are_all_answered(void **state)
{
    char name[16];
    (void)state;
    for (int i = 1; i <= 20; i++) {
        sprintf(name, "127.0.0.%d", i);
        ask(name, 0);
    }
    for (int i = 1; i <= 20; i++) {
        sprintf(name, "127.0.0.%d", i);
        assert_int_equal(ask_until_answered(name), 1);
        assert_int_equal(addrs[0].bytes[3], i);
    }
}

static void no_more_than_four_questions_are_open_at_once(void **state)
{
    char name[16];
    size_t most = 0;
    (void)state;
    for (int i = 1; i <= 60; i++) {
        sprintf(name, "127.0.0.%d", i);
        ask(name, 0);
        size_t open = 0;
        for (size_t j = 0; j < names.n; j++)
            open += names.at[j].lookup != NULL;
        most = open > most ? open : most;
    }
    assert_true(most <= 4); /* a quick resolver leaves fewer open */
}

/* Nothing is left behind, which the tear-down and the leak checker see. */
static void questions_under_way_may_be_dropped(void **state)
{
    (void)state;
    ask("127.0.0.1", 0);
    ask("127.0.0.2", 0);
    fy_names_fini(&names);
    poll(NULL, 0, 50);
    assert_int_equal(m.memory.live, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_name_is_remembered_for_a_minute),
        TEST(a_refusal_is_remembered_for_five_seconds_with_its_reason),
        TEST(no_address_is_a_refusal_without_a_reason),
        TEST(more_addresses_than_there_is_room_for_are_left_out),
        TEST(a_resolver_that_claims_more_than_it_was_let_is_cut_down),
        TEST(sixty_four_names_are_kept_and_the_first_to_expire_goes),
        TEST(without_memory_a_name_is_unknown_at_every_call),
        TEST(the_system_is_asked_where_the_platform_has_no_resolver),
        TEST(the_systems_refusal_has_a_reason),
        TEST(a_question_that_cannot_be_asked_is_a_refusal),
        TEST(many_questions_at_once_are_all_answered),
        TEST(no_more_than_four_questions_are_open_at_once),
        TEST(questions_under_way_may_be_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
