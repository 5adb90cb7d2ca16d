/* test_hex.c - bytes as hexadecimal digits.
 * SPDX-License-Identifier: MIT */
#include "base/hex.h"
#include "lib/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void every_byte_is_two_digits(void **state)
{
    (void)state;
    for (int i = 0; i < 256; i++) {
        unsigned char byte = (unsigned char)i;
        char out[3] = "??", expected[3];
        fy_hex(out, &byte, 1);
        snprintf(expected, sizeof expected, "%02x", (unsigned)i);
        assert_string_equal(out, expected);
    }
}

static void nothing_is_written_behind_the_digits(void **state)
{
    char out[8] = "???????";
    (void)state;
    fy_hex(out, (const unsigned char *)"\x00\xff\x5a", 3);
    assert_string_equal(out, "00ff5a?");
    fy_hex(out, (const unsigned char *)"", 0);
    assert_string_equal(out, "00ff5a?");
}

static void bytes_may_lie_in_the_second_half_of_their_digits(void **state)
{
    unsigned char bytes[32];
    char apart[65] = "", over[65] = "";
    (void)state;
    for (size_t n = 0; n <= sizeof bytes; n++) {
        for (size_t i = 0; i < n; i++)
            bytes[i] = (unsigned char)(i * 37 + n);
        memcpy(over + n, bytes, n);
        fy_hex(apart, bytes, n);
        fy_hex(over, (unsigned char *)over + n, n);
        assert_memory_equal(over, apart, 2 * n);
    }
}

static void chance_is_the_platforms_and_none_is_an_error(void **state)
{
    machine m;
    fy_error x;
    char first[16], second[16];
    (void)state;
    machine_init(&m);
    m.entropy = 0xa5;
    assert_int_equal(fy_hex_by_chance(&m.memory.platform, first, 8, &x), FERRY_OK);
    m.entropy = 0x0c;
    assert_int_equal(fy_hex_by_chance(&m.memory.platform, second, 8, &x), FERRY_OK);
    assert_memory_equal(first, "a5a5a5a5a5a5a5a5", sizeof first);
    assert_memory_equal(second, "0c0c0c0c0c0c0c0c", sizeof second);
    m.has_no_entropy = true;
    assert_int_equal(
        fy_hex_by_chance(&m.memory.platform, first, 8, &x), FERRY_ERR_USAGE);
    assert_string_equal(x.what, "the platform gives no entropy");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_is_two_digits),
        cmocka_unit_test(nothing_is_written_behind_the_digits),
        cmocka_unit_test(bytes_may_lie_in_the_second_half_of_their_digits),
        cmocka_unit_test(chance_is_the_platforms_and_none_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
