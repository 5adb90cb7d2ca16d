/* test_environ.c - what a session remembers of the environment.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "policy/environ.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static memory m;
static fy_error x;

static int set_up(void **state)
{
    (void)state;
    memory_init(&m);
    x = (fy_error){.code = FERRY_OK};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return memory_is_clean(&m) ? 0 : -1;
}

static void variables_are_copied_and_names_compared_exactly(void **state)
{
    char value[] = "http://secret@proxy.test:3128";
    const ferry_pair set[] = {
        {"http_proxy", value}, {"NO_PROXY", ""}, {"UNKNOWN", "x"}, {NULL, NULL}};
    fy_fields e;
    (void)state;
    m.environ = set;
    m.secret = "secret";
    assert_int_equal(fy_environ_read(&e, &m.platform, &x), FERRY_OK);
    memset(value, 'z', strlen(value));
    assert_int_equal(e.n, 2);
    assert_string_equal(
        fy_environ_get(&e, FY_S("http_proxy")).ptr, "http://secret@proxy.test:3128");
    assert_string_equal(fy_environ_get(&e, FY_S("NO_PROXY")).ptr, "");
    assert_null(fy_environ_get(&e, FY_S("HTTP_PROXY")).ptr);
    assert_null(fy_environ_get(&e, FY_S("UNKNOWN")).ptr);
    fy_pairs_disown(&e); /* and wiped: see tear_down() */
}

static void an_empty_environment_says_nothing(void **state)
{
    fy_fields e;
    (void)state;
    m.environ = NULL;
    assert_int_equal(fy_environ_read(&e, &m.platform, &x), FERRY_OK);
    assert_int_equal(e.n, 0);
    assert_null(fy_environ_get(&e, FY_S("HOME")).ptr);
    fy_pairs_disown(&e);
}

static void without_memory_it_is_an_error_at_every_call(void **state)
{
    const ferry_pair set[] = {{"HOME", "/h"}, {"NETRC", "/n"}, {NULL, NULL}};
    ferry_err e = FERRY_ERR_NOMEM;
    fy_fields f;
    int k = 0;
    (void)state;
    m.environ = set;
    while (e) {
        m.fail_at = m.calls + ++k;
        e = fy_environ_read(&f, &m.platform, &x);
        assert_true(e == FERRY_OK || e == FERRY_ERR_NOMEM);
        assert_int_equal(f.n, e ? 0 : 2);
    }
    assert_true(k > 2);
    fy_pairs_disown(&f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(variables_are_copied_and_names_compared_exactly),
        TEST(an_empty_environment_says_nothing),
        TEST(without_memory_it_is_an_error_at_every_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
