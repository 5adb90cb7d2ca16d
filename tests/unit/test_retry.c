/* test_retry.c - whether to try again, and after how long.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "policy/lists.h"
#include "policy/retry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

static const int of_500[] = {500, 503, 0}, none[] = {0};
static const char *const posts[] = {"POST", NULL}, *const any[] = {"*", NULL};
static const char *const nothing[] = {NULL};

static ferry_retry resolved(ferry_retry r)
{
    fy_retry_resolve(&r);
    return r;
}

/* --- levels ---------------------------------------------------------------------- */

static void a_policy_is_given_by_any_of_its_members(void **state)
{
    static const ferry_retry given[] = {{.total = 3}, {.total = FERRY_NONE},
        {.connect = 1}, {.read = 1}, {.redirect = 1}, {.status = 1}, {.other = 1},
        {.backoff_ms = 1}, {.backoff_max_ms = 1}, {.jitter_ms = 1},
        {.retry_after_max_ms = 1}, {.full_jitter = FERRY_OFF},
        {.respect_retry_after = FERRY_ON}, {.raise_on_redirect = FERRY_OFF},
        {.raise_on_status = FERRY_OFF}, {.statuses = none}, {.methods = nothing}};
    const ferry_retry not_given = {.total = 0};
    (void)state;
    assert_false(fy_retry_is_given(&not_given));
    for (size_t i = 0; i < COUNT(given); i++)
        if (!fy_retry_is_given(&given[i]))
            fail_msg("member %d", (int)i);
}

static void the_rest_of_a_policy_is_that_of_urllib3(void **state)
{
    ferry_retry r = resolved((ferry_retry){.total = 0});
    (void)state;
    assert_int_equal(r.total, 10);
    assert_true(r.connect == INT64_MAX && r.read == INT64_MAX);
    assert_true(r.redirect == INT64_MAX && r.status == INT64_MAX);
    assert_true(r.other == INT64_MAX);
    assert_int_equal(r.backoff_ms, 0);
    assert_int_equal(r.backoff_max_ms, 120000);
    assert_int_equal(r.jitter_ms, 0);
    assert_int_equal(r.retry_after_max_ms, 6 * 3600 * 1000);
    assert_int_equal(r.full_jitter, FERRY_OFF);
    assert_int_equal(r.respect_retry_after, FERRY_ON);
    assert_int_equal(r.raise_on_redirect, FERRY_ON);
    assert_int_equal(r.raise_on_status, FERRY_ON);
}

static void none_is_zero_and_unlimited_is_no_limit(void **state)
{
    ferry_retry r = resolved((ferry_retry){
        .total = FERRY_UNLIMITED, .read = FERRY_NONE, .backoff_max_ms = FERRY_NONE});
    (void)state;
    assert_true(r.total == INT64_MAX);
    assert_int_equal(r.read, 0);
    assert_int_equal(r.backoff_max_ms, 0);
}

static void numbers_and_switches_that_are_none_are_refused(void **state)
{
    static const ferry_retry bad[] = {{.total = -3}, {.connect = INT64_MIN},
        {.jitter_ms = -3}, {.retry_after_max_ms = -3}, {.full_jitter = FERRY_SAFE_ONLY},
        {.raise_on_status = (ferry_switch)7}};
    static const ferry_retry good[] = {{.total = 0}, {.total = FERRY_UNLIMITED},
        {.backoff_ms = FERRY_NONE}, {.full_jitter = FERRY_OFF}, {.read = INT64_MAX}};
    fy_error x;
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (fy_retry_check(&bad[i], &x) != FERRY_ERR_USAGE)
            fail_msg("case %d", (int)i);
    for (size_t i = 0; i < COUNT(good); i++)
        assert_int_equal(fy_retry_check(&good[i], &x), FERRY_OK);
}

static void a_level_gives_what_the_one_above_leaves_open(void **state)
{
    ferry_retry below = {.total = 3,
        .read = 7,
        .backoff_ms = 50,
        .raise_on_status = FERRY_OFF,
        .statuses = of_500,
        .methods = posts};
    ferry_retry r = {.total = FERRY_NONE, .raise_on_status = FERRY_ON, .methods = any};
    (void)state;
    fy_retry_inherit(&r, &below);
    assert_int_equal(r.total, FERRY_NONE);
    assert_int_equal(r.read, 7);
    assert_int_equal(r.backoff_ms, 50);
    assert_int_equal(r.raise_on_status, FERRY_ON);
    assert_ptr_equal(r.statuses, of_500);
    assert_ptr_equal(r.methods, any);
}

static void a_level_of_its_own_holds_copies_of_its_lists(void **state)
{
    int codes[] = {502, 0};
    char name[] = "PURGE";
    const char *names[] = {name, NULL};
    memory m;
    ferry_retry base, r;
    fy_error x;
    (void)state;
    memory_init(&m);
    ferry_retry o = {.total = 4, .statuses = codes, .methods = names};
    assert_int_equal(fy_retry_merge(&base, &m.platform, NULL, &o, &x), FERRY_OK);
    codes[0] = 1;
    name[0] = 'X';
    assert_true(fy_codes_has(base.statuses, 502));
    assert_true(fy_names_has(base.methods, FY_S("PURGE")));
    o = (ferry_retry){.total = 5, .statuses = none};
    assert_int_equal(fy_retry_merge(&r, &m.platform, &base, &o, &x), FERRY_OK);
    fy_retry_fini(&base, &m.platform);
    assert_int_equal(r.total, 5);
    assert_false(fy_codes_has(r.statuses, 502));
    assert_true(fy_names_has(r.methods, FY_S("PURGE")));
    fy_retry_fini(&r, &m.platform);
    assert_true(memory_is_clean(&m));
}

static void without_memory_a_level_is_not_made_and_nothing_is_left(void **state)
{
    const ferry_retry o = {.statuses = of_500, .methods = posts};
    (void)state;
    for (int fail_at = 1; fail_at <= 2; fail_at++) {
        memory m;
        ferry_retry r;
        fy_error x;
        memory_init(&m);
        m.fail_at = fail_at;
        assert_int_equal(
            fy_retry_merge(&r, &m.platform, NULL, &o, &x), FERRY_ERR_NOMEM);
        assert_int_equal(x.code, FERRY_ERR_NOMEM);
        assert_true(memory_is_clean(&m));
    }
}

/* --- which ----------------------------------------------------------------------- */

/* RFC 9110 9.2.2 */
static void the_idempotent_methods_may_be_repeated_unless_told_otherwise(void **state)
{
    static const struct {
        const char *const *methods;
        const char *method;
        bool may;
    } cases[] = {
        {NULL, "GET", true},
        {NULL, "HEAD", true},
        {NULL, "PUT", true},
        {NULL, "DELETE", true},
        {NULL, "OPTIONS", true},
        {NULL, "TRACE", true},
        {NULL, "POST", false},
        {NULL, "PATCH", false},
        {NULL, "get", false},
        {posts, "POST", true},
        {posts, "GET", false},
        {any, "POST", true},
        {any, "ANYTHING", true},
        {nothing, "GET", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        ferry_retry r = resolved((ferry_retry){.methods = cases[i].methods});
        if (fy_retry_has_method(&r, fy_str(cases[i].method)) != cases[i].may)
            fail_msg("case %d", (int)i);
    }
}

static void a_status_is_tried_again_if_listed_or_if_the_peer_says_when(void **state)
{
    static const struct {
        ferry_retry retry;
        int status;
        bool has_retry_after, wants;
        int64_t used;
    } cases[] = {
        {{.statuses = of_500}, 500, false, true, 0},
        {{.statuses = of_500}, 500, false, true, 99},
        {{.statuses = of_500}, 502, false, false, 0},
        {{.total = 1}, 503, false, false, 0},
        {{.total = 1}, 503, true, true, 0},
        {{.total = 1}, 429, true, true, 0},
        {{.total = 1}, 413, true, true, 0},
        {{.total = 1}, 500, true, false, 0},
        {{.total = 1}, 301, true, false, 0},
        /* the last one is simply the response */
        {{.total = 1}, 503, true, false, 1},
        {{.total = FERRY_NONE}, 503, true, false, 0},
        {{.total = FERRY_UNLIMITED}, 503, true, false, 0},
        {{.respect_retry_after = FERRY_OFF}, 503, true, false, 0},
        {{.respect_retry_after = FERRY_OFF, .statuses = of_500}, 503, true, true, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        ferry_retry r = resolved(cases[i].retry);
        fy_retry_used used = {.total = cases[i].used};
        if (fy_retry_wants_status(
                &r, &used, cases[i].status, cases[i].has_retry_after) != cases[i].wants)
            fail_msg("case %d", (int)i);
    }
}

/* --- how often ------------------------------------------------------------------- */

static void each_failure_counts_by_its_kind_and_in_all(void **state)
{
    static const struct {
        ferry_retry retry;
        fy_retry_kind kind;
        int most;
    } cases[] = {
        {{.total = 3}, FY_RETRY_CONNECT, 3},
        {{.total = 3}, FY_RETRY_OTHER, 3},
        {{.total = FERRY_NONE}, FY_RETRY_READ, 0},
        {{.connect = 2}, FY_RETRY_CONNECT, 2},
        {{.connect = 2}, FY_RETRY_READ, 10},
        {{.read = 2}, FY_RETRY_READ, 2},
        {{.redirect = 2}, FY_RETRY_REDIRECT, 2},
        {{.status = 2}, FY_RETRY_STATUS, 2},
        {{.other = 2}, FY_RETRY_OTHER, 2},
        {{.total = 1, .status = 2}, FY_RETRY_STATUS, 1},
        {{.read = FERRY_NONE}, FY_RETRY_READ, 0},
        {{.total = FERRY_UNLIMITED, .other = 40}, FY_RETRY_OTHER, 40},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        ferry_retry r = resolved(cases[i].retry);
        fy_retry_used used = {.total = 0};
        int n = 0;
        while (n < 1000 && fy_retry_spend(&r, &used, cases[i].kind))
            n++;
        if (n != cases[i].most)
            fail_msg("case %d: %d times", (int)i, n);
    }
}

static void kinds_share_the_total(void **state)
{
    ferry_retry r = resolved((ferry_retry){.total = 3, .read = 2, .connect = 2});
    fy_retry_used used = {.total = 0};
    (void)state;
    assert_true(fy_retry_spend(&r, &used, FY_RETRY_READ));
    assert_true(fy_retry_spend(&r, &used, FY_RETRY_CONNECT));
    assert_true(fy_retry_spend(&r, &used, FY_RETRY_STATUS));
    assert_false(fy_retry_spend(&r, &used, FY_RETRY_CONNECT));
}

/* --- how long -------------------------------------------------------------------- */

static int64_t after(const ferry_retry *r, int streak, uint32_t chance)
{
    fy_retry_used used = {.streak = streak};
    return fy_retry_backoff_ms(r, &used, chance);
}

static void waits_double_from_the_second_failure_on_up_to_their_maximum(void **state)
{
    static const int64_t most = INT64_MAX;
    static const struct {
        int64_t factor, most;
        int streak;
        int64_t ms;
    } cases[] = {
        {100, 0, 0, 0},
        {100, 0, 1, 0},
        {100, 0, 2, 200},
        {100, 0, 3, 400},
        {100, 0, 4, 800},
        {100, 0, 11, 102400},
        {100, 0, 12, 120000},
        {100, 0, 1000, 120000},
        {100, 0, INT32_MAX, 120000},
        {100, 350, 2, 200},
        {100, 350, 3, 350},
        {100, 50, 2, 50},
        {100, FERRY_NONE, 9, 0},
        {0, 0, 9, 0},
        {1, FERRY_UNLIMITED, 63, INT64_C(1) << 62},
        {1, FERRY_UNLIMITED, 64, INT64_MAX},
        {1, FERRY_UNLIMITED, INT32_MAX, INT64_MAX},
        {INT64_MAX, FERRY_UNLIMITED, 2, INT64_MAX},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        ferry_retry r = resolved((ferry_retry){
            .backoff_ms = cases[i].factor, .backoff_max_ms = cases[i].most});
        int64_t ms = after(&r, cases[i].streak, UINT32_MAX);
        if (ms != cases[i].ms || ms > most)
            fail_msg("case %d: %lld", (int)i, (long long)ms);
    }
}

static void jitter_adds_any_part_of_itself_below_the_maximum(void **state)
{
    ferry_retry r = resolved(
        (ferry_retry){.backoff_ms = 100, .jitter_ms = 1000, .backoff_max_ms = 1000});
    (void)state;
    assert_int_equal(after(&r, 1, UINT32_MAX), 0); /* never before the first retry */
    assert_int_equal(after(&r, 2, 0), 200);
    assert_in_range(after(&r, 2, UINT32_MAX / 2), 698, 700);
    assert_int_equal(after(&r, 2, UINT32_MAX), 1000);
}

static void full_jitter_takes_any_part_of_the_wait(void **state)
{
    ferry_retry r = resolved((ferry_retry){.backoff_ms = 500, .full_jitter = FERRY_ON});
    (void)state;
    assert_int_equal(after(&r, 2, 0), 0);
    assert_in_range(after(&r, 2, UINT32_MAX / 4), 249, 250);
    assert_int_equal(after(&r, 2, UINT32_MAX), 1000);
}

static void the_largest_jitter_overflows_nothing(void **state)
{
    ferry_retry r = resolved((ferry_retry){.backoff_ms = INT64_MAX,
        .jitter_ms = INT64_MAX,
        .backoff_max_ms = FERRY_UNLIMITED,
        .full_jitter = FERRY_ON});
    (void)state;
    assert_true(after(&r, 5, UINT32_MAX) == INT64_MAX);
    assert_int_equal(after(&r, 5, 0), 0);
    assert_true(after(&r, 5, 1) > 0 && after(&r, 5, 1) < INT64_MAX / 1000000);
}

static void waits_begin_anew_behind_a_redirect(void **state)
{
    ferry_retry r = resolved((ferry_retry){.backoff_ms = 100});
    fy_retry_used used = {.total = 0};
    (void)state;
    fy_retry_spend(&r, &used, FY_RETRY_STATUS);
    fy_retry_spend(&r, &used, FY_RETRY_STATUS);
    assert_int_equal(fy_retry_backoff_ms(&r, &used, 0), 200);
    fy_retry_spend(&r, &used, FY_RETRY_REDIRECT);
    assert_int_equal(fy_retry_backoff_ms(&r, &used, 0), 0);
    fy_retry_spend(&r, &used, FY_RETRY_READ);
    assert_int_equal(fy_retry_backoff_ms(&r, &used, 0), 0);
    assert_int_equal(used.total, 4);
}

/* --- Retry-After ----------------------------------------------------------------- */

enum { NOW = 1559559600, /* Mon, 03 Jun 2019 11:00:00 GMT */ MOST = 21600000 };

/* RFC 9110 10.2.3: a date or a number of seconds. */
static void retry_after_is_a_number_or_a_date(void **state)
{
    static const struct {
        const char *value;
        int64_t ms; /* -1: it is neither */
    } cases[] = {
        {"0", 0},
        {"1", 1000},
        {" 7\t", 7000},
        {"007", 7000},
        {"21600", MOST},
        {"21601", MOST},
        {"99999999999999999999999999999999", MOST},
        {"Mon, 03 Jun 2019 11:30:12 GMT", 1812000},
        {"Mon, 03 Jun 2019 10:59:59 GMT", 0},
        {"Mon, 03 Jun 2019 11:00:00 GMT", 0},
        {"Mon, 3 Jun 2019 11:30:12 UTC", 1812000},
        {"Mon Jun  3 11:30:12 2019", 1812000},
        {"Monday, 03-Jun-19 11:30:12 GMT", 1812000},
        {"Mon, 03 Jun 2119 11:00:00 GMT", MOST},
        {"", -1},
        {" ", -1},
        {"-1", -1},
        {"+1", -1},
        {"1.5", -1},
        {"1, 2", -1},
        {"0x10", -1},
        {"1 0", -1},
        {"soon", -1},
        {"Mon, 03 Jun 2019", -1},
        {"Mon, 33 Jun 2019 11:30:12 GMT", -1},
        {"Mon, 03 Jun 2019 11:30:12 XYZ", -1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t ms = -7;
        bool is_one = fy_retry_after(fy_str(cases[i].value), NOW, MOST, &ms);
        if (is_one != (cases[i].ms >= 0) || (is_one && ms != cases[i].ms))
            fail_msg("%s: %lld", cases[i].value, (long long)ms);
    }
}

static void a_clock_that_does_not_know_the_day_believes_no_date(void **state)
{
    int64_t ms;
    (void)state;
    assert_false(fy_retry_after(FY_S("Mon, 03 Jun 2019 11:30:12 GMT"), -1, MOST, &ms));
    assert_true(fy_retry_after(FY_S("3"), -1, MOST, &ms));
    assert_int_equal(ms, 3000);
}

static void retry_after_counts_as_no_more_than_its_cap(void **state)
{
    static const struct {
        const char *value;
        int64_t most_ms, ms;
    } cases[] = {
        {"5", 0, 0},
        {"0", 500, 0},
        {"5", 500, 500},
        {"1", 1500, 1000},
        {"2", 1500, 1500},
        {"Mon, 03 Jun 2019 10:00:00 GMT", 500, 0},
        {"Mon, 03 Jun 2019 11:00:01 GMT", 500, 500},
        {"Mon, 03 Jun 2019 11:00:01 GMT", 1500, 1000},
        {"Mon, 03 Jun 2019 11:00:02 GMT", 1500, 1500},
        {"99999999999999999999", INT64_MAX, INT64_MAX},
        {"9223372036854775", INT64_MAX, INT64_C(9223372036854775000)},
        {"9223372036854776", INT64_MAX, INT64_MAX},
        {"Fri, 31 Dec 9999 23:59:59 GMT", INT64_MAX, INT64_C(251842741199000)},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t ms = -7;
        bool is_one = fy_retry_after(
            fy_str(cases[i].value), NOW, cases[i].most_ms, &ms);
        if (!is_one || ms != cases[i].ms)
            fail_msg("case %d: %lld", (int)i, (long long)ms);
    }
}

static void the_field_is_read_to_its_end_and_no_further(void **state)
{
    static const char date[] = "Mon, 03 Jun 2019 11:30:12 GMT and so on";
    int64_t ms;
    (void)state;
    for (size_t n = 0; n < sizeof date; n++) {
        char *copy = memory_exact(date, n);
        bool is_one = fy_retry_after((ferry_str){copy, n}, NOW, MOST, &ms);
        assert_int_equal(is_one, n == 29 || n == 30);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_is_given_by_any_of_its_members),
        cmocka_unit_test(the_rest_of_a_policy_is_that_of_urllib3),
        cmocka_unit_test(none_is_zero_and_unlimited_is_no_limit),
        cmocka_unit_test(numbers_and_switches_that_are_none_are_refused),
        cmocka_unit_test(a_level_gives_what_the_one_above_leaves_open),
        cmocka_unit_test(a_level_of_its_own_holds_copies_of_its_lists),
        cmocka_unit_test(without_memory_a_level_is_not_made_and_nothing_is_left),
        cmocka_unit_test(the_idempotent_methods_may_be_repeated_unless_told_otherwise),
        cmocka_unit_test(a_status_is_tried_again_if_listed_or_if_the_peer_says_when),
        cmocka_unit_test(each_failure_counts_by_its_kind_and_in_all),
        cmocka_unit_test(kinds_share_the_total),
        cmocka_unit_test(waits_double_from_the_second_failure_on_up_to_their_maximum),
        cmocka_unit_test(jitter_adds_any_part_of_itself_below_the_maximum),
        cmocka_unit_test(full_jitter_takes_any_part_of_the_wait),
        cmocka_unit_test(the_largest_jitter_overflows_nothing),
        cmocka_unit_test(waits_begin_anew_behind_a_redirect),
        cmocka_unit_test(retry_after_is_a_number_or_a_date),
        cmocka_unit_test(a_clock_that_does_not_know_the_day_believes_no_date),
        cmocka_unit_test(retry_after_counts_as_no_more_than_its_cap),
        cmocka_unit_test(the_field_is_read_to_its_end_and_no_further),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
