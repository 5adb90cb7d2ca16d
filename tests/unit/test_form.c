/* test_form.c - application/x-www-form-urlencoded as requests writes it.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "proto/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static void a_pair_is_encoded_byte_by_byte(void **state)
{
    static const struct {
        const char *name, *value, *form;
    } cases[] = {
        {"a", "1", "a=1"},
        {"", "", "="},
        {"a", "", "a="},
        {"", "1", "=1"},
        {"a b", " c ", "a+b=+c+"},
        {"a+b", "1+1", "a%2Bb=1%2B1"},
        {"AZaz09", "_.-~", "AZaz09=_.-~"},
        {"a&b=c", "d;e#f?g/h", "a%26b%3Dc=d%3Be%23f%3Fg%2Fh"},
        {"100%", "%41", "100%25=%2541"},
        {"caf\xc3\xa9", "\xff", "caf%C3%A9=%FF"},
        {"line", "a\r\nb\t\x7f", "line=a%0D%0Ab%09%7F"},
        {"!$'()*,:@", "[]{}|\\^`\"<>",
            "%21%24%27%28%29%2A%2C%3A%40=%5B%5D%7B%7D%7C%5C%5E%60%22%3C%3E"},
    };
    memory m;
    fy_buf b;
    (void)state;
    memory_init(&m);
    fy_buf_init(&b, &m.platform, 1000);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fy_buf_clear(&b);
        fy_form_put(&b, 0, fy_str(cases[i].name), fy_str(cases[i].value));
        assert_string_equal(fy_buf_text(&b), cases[i].form);
    }
    fy_buf_fini(&b);
    assert_true(memory_is_clean(&m));
}

static void a_nul_in_a_value_is_a_byte_like_others(void **state)
{
    memory m;
    fy_buf b;
    (void)state;
    memory_init(&m);
    fy_buf_init(&b, &m.platform, 1000);
    fy_form_put(&b, 0, FY_S("n\0m"), FY_S("\0"));
    assert_string_equal(fy_buf_text(&b), "n%00m=%00");
    fy_buf_fini(&b);
}

static void an_ampersand_stands_between_pairs_and_never_before_the_first(void **state)
{
    memory m;
    fy_buf b;
    (void)state;
    memory_init(&m);
    fy_buf_init(&b, &m.platform, 1000);
    fy_buf_puts(&b, FY_S("/path?"));
    fy_form_put(&b, 6, FY_S("a"), FY_S("1"));
    fy_form_put(&b, 6, FY_S("a"), FY_S("2"));
    fy_form_put(&b, 6, FY_S("b"), FY_S(""));
    assert_string_equal(fy_buf_text(&b), "/path?a=1&a=2&b=");
    fy_buf_fini(&b);
}

static void a_form_that_does_not_fit_is_latched_in_the_buffer(void **state)
{
    memory m;
    fy_buf b;
    (void)state;
    memory_init(&m);
    fy_buf_init(&b, &m.platform, 7);
    fy_form_put(&b, 0, FY_S("a"), FY_S("12345"));
    assert_int_equal(fy_buf_error(&b), FERRY_OK);
    fy_form_put(&b, 0, FY_S("b"), FY_S("1"));
    assert_int_equal(fy_buf_error(&b), FERRY_ERR_LIMIT);
    fy_buf_fini(&b);
    assert_true(memory_is_clean(&m));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pair_is_encoded_byte_by_byte),
        cmocka_unit_test(a_nul_in_a_value_is_a_byte_like_others),
        cmocka_unit_test(an_ampersand_stands_between_pairs_and_never_before_the_first),
        cmocka_unit_test(a_form_that_does_not_fit_is_latched_in_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
