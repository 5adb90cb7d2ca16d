/* test_mounts.c - options by URL prefix: put, replaced, found.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "policy/mounts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

static memory m;
static fy_mounts mounts;
static fy_error x;

static int set_up(void **state)
{
    (void)state;
    memory_init(&m);
    fy_mounts_init(&mounts, &m.platform);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fy_mounts_fini(&mounts);
    return memory_is_clean(&m) ? 0 : -1;
}

/* A mount that can be told by its number. */
static ferry_err put(const char *prefix, int64_t number)
{
    static const ferry_pair headers[] = {{"Name", "value"}, {NULL, NULL}};
    ferry_opts o = {
        .size = sizeof o, .headers = headers, .timeout = {.total_ms = number}};
    return fy_mounts_put(&mounts, fy_str(prefix), &o, 0, &x);
}

/* The number of the mount that applies, 0 if none does. */
static int64_t find(const char *url)
{
    fy_url u;
    fy_url_init(&u, &m.platform, 1000);
    assert_int_equal(
        fy_url_parse(&u, fy_str(url), (ferry_fields){NULL, 0}, &x), FERRY_OK);
    const fy_layer *layer = fy_mounts_find(&mounts, &u);
    fy_url_fini(&u);
    return layer ? layer->values.timeout.total_ms : 0;
}

static void the_longest_prefix_applies_whatever_the_order(void **state)
{
    static const struct {
        const char *url;
        int64_t number;
    } cases[] = {
        {"http://a.test/", 2},
        {"http://A.TEST:80/x", 2},
        {"http://a.test/v1", 3},
        {"http://a.test/v1/x?y", 3},
        {"http://a.test/v10", 2},
        {"http://a.test/v1/deep/er", 4},
        {"http://a.test:81/v1", 5},
        {"http://a.test.evil/v1", 1},
        {"http://b.test/v1", 1},
        {"http://a.test@b.test/v1", 1},
        {"https://a.test/v1", 0},
        {"http://[::1]/", 6},
        {"http://[::1%25lo]/", 7},
        {"http://[::1%25eth0]/", 1},
    };
    (void)state;
    assert_int_equal(put("http://a.test/v1", 3), FERRY_OK);
    assert_int_equal(put("http://", 1), FERRY_OK);
    assert_int_equal(put("http://a.test/v1/deep/", 4), FERRY_OK);
    assert_int_equal(put("http://[::1]", 6), FERRY_OK);
    assert_int_equal(put("http://[::1%25lo]", 7), FERRY_OK);
    assert_int_equal(put("http://a.test", 2), FERRY_OK);
    assert_int_equal(put("http://a.test:81", 5), FERRY_OK);
    for (size_t i = 0; i < COUNT(cases); i++)
        if (find(cases[i].url) != cases[i].number)
            fail_msg("%s: %d", cases[i].url, (int)find(cases[i].url));
}

static void the_same_prefix_again_replaces_the_mount(void **state)
{
    (void)state;
    assert_int_equal(put("http://a.test", 1), FERRY_OK);
    assert_int_equal(put("HTTP://A.Test:80", 2), FERRY_OK);
    assert_int_equal(mounts.n, 1);
    assert_int_equal(find("http://a.test/"), 2);
    assert_int_equal(put("http://[::1%25lo]", 3), FERRY_OK);
    assert_int_equal(put("http://[::1]", 4), FERRY_OK);
    assert_int_equal(mounts.n, 3);
}

static void without_a_mount_none_applies(void **state)
{
    (void)state;
    assert_int_equal(find("http://a.test/"), 0);
}

static void a_bad_prefix_or_option_changes_nothing(void **state)
{
    static const ferry_pair bad[] = {{"not ok", "1"}, {NULL, NULL}};
    ferry_opts o = {.size = sizeof o, .headers = bad};
    (void)state;
    assert_int_equal(put("http://a.test", 1), FERRY_OK);
    assert_int_equal(put("", 2), FERRY_ERR_URL);
    assert_int_equal(put("http://a.test?q", 2), FERRY_ERR_URL);
    assert_int_equal(put("ftp://a.test", 2), FERRY_ERR_UNSUPPORTED);
    assert_int_equal(
        fy_mounts_put(&mounts, FY_S("http://a.test"), &o, 0, &x), FERRY_ERR_USAGE);
    assert_int_equal(mounts.n, 1);
    assert_int_equal(find("http://a.test/"), 1);
}

/* Put until it works, with one call for memory more each time; until then the URL finds
 * what it found before. */
static void put_at_last(const char *prefix, int64_t before, int64_t number)
{
    ferry_err e = FERRY_ERR_NOMEM;
    for (int k = 1; e; k++) {
        size_t n = mounts.n;
        m.fail_at = m.calls + k;
        e = put(prefix, number);
        m.fail_at = 0;
        assert_true(e == FERRY_OK || e == FERRY_ERR_NOMEM);
        if (e)
            assert_int_equal(mounts.n, n);
        assert_int_equal(find(prefix), e ? before : number);
    }
}

/* The ninth needs a larger list. */
static void without_memory_nothing_changes_at_every_call(void **state)
{
    char prefix[] = "http://a.test/0";
    (void)state;
    for (; prefix[14] < '9'; prefix[14]++)
        put_at_last(prefix, 0, prefix[14]);
    put_at_last("http://a.test/8", '8', 99);
    assert_int_equal(mounts.n, 9);
    assert_int_equal(find("http://a.test/0"), '0');
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_longest_prefix_applies_whatever_the_order),
        TEST(the_same_prefix_again_replaces_the_mount),
        TEST(without_a_mount_none_applies),
        TEST(a_bad_prefix_or_option_changes_nothing),
        TEST(without_memory_nothing_changes_at_every_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
