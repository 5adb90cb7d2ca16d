/* test_base64.c - bytes as text of 64 characters. SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "proto/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* RFC 4648 10, and the two characters that are neither letters nor digits. */
static void the_examples_of_the_rfc_come_out_in_whatever_pieces_they_come(void **state)
{
    static const struct {
        ferry_str bytes;
        const char *text;
    } cases[] = {
        {{"", 0}, ""},
        {{"f", 1}, "Zg=="},
        {{"fo", 2}, "Zm8="},
        {{"foo", 3}, "Zm9v"},
        {{"foob", 4}, "Zm9vYg=="},
        {{"fooba", 5}, "Zm9vYmE="},
        {{"foobar", 6}, "Zm9vYmFy"},
        {{"\xfb\xef\xff", 3}, "++//"},
        {{"\0\0\0\0", 4}, "AAAAAA=="},
    };
    memory m;
    fy_buf b;
    (void)state;
    memory_init(&m);
    fy_buf_init(&b, &m.platform, 100);
    for (size_t i = 0; i < COUNT(cases); i++)
        for (size_t cut = 0; cut <= cases[i].bytes.len; cut++) {
            ferry_str pieces[] = {fy_str_upto(cases[i].bytes, cut), FY_S(""),
                fy_str_from(cases[i].bytes, cut)};
            fy_buf_clear(&b);
            fy_base64_put(&b, pieces, COUNT(pieces));
            assert_string_equal(fy_buf_text(&b), cases[i].text);
        }
    fy_buf_fini(&b);
    assert_true(memory_is_clean(&m));
}

static void what_does_not_fit_is_latched_in_the_buffer(void **state)
{
    memory m;
    fy_buf b;
    (void)state;
    memory_init(&m);
    fy_buf_init(&b, &m.platform, 7);
    const ferry_str bytes = FY_S("four");
    fy_base64_put(&b, &bytes, 1);
    assert_int_equal(fy_buf_error(&b), FERRY_ERR_LIMIT);
    fy_buf_clear(&b);
    const ferry_str three = FY_S("foo");
    fy_base64_put(&b, &three, 1);
    assert_string_equal(fy_buf_text(&b), "Zm9v");
    fy_buf_clear(&b);
    const ferry_str huge[] = {{"", SIZE_MAX / 8}, {"", SIZE_MAX / 8}};
    fy_base64_put(&b, huge, 2);
    assert_int_equal(fy_buf_error(&b), FERRY_ERR_LIMIT);
    fy_buf_fini(&b);
    assert_true(memory_is_clean(&m));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_rfc_come_out_in_whatever_pieces_they_come),
        cmocka_unit_test(what_does_not_fit_is_latched_in_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
