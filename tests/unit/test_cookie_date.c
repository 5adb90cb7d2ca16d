/* test_cookie_date.c - the dates of cookies (RFC 6265bis 5.1.1).
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "proto/cookie_date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

static void expect_date(const char *text, int64_t unix_time)
{
    int64_t out = -12345;
    size_t n = strlen(text);
    char *exact = memory_exact(text, n);
    if (!fy_cookie_date_parse((ferry_str){exact, n}, &out))
        fail_msg("\"%s\" is a date", text);
    assert_int_equal(out, unix_time);
    free(exact);
}

static void expect_no_date(const char *text)
{
    int64_t out = -12345;
    size_t n = strlen(text);
    char *exact = memory_exact(text, n);
    if (fy_cookie_date_parse((ferry_str){exact, n}, &out))
        fail_msg("\"%s\" is no date", text);
    assert_int_equal(out, -12345);
    free(exact);
}

static void the_parts_come_in_any_order_with_anything_between_them(void **state)
{
    static const char *const same[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        "08:49:37 6 nov 94", "1994 8:49:37 6 November", "  06;NOVEMBER;1994;08:49:37  ",
        "06 Nov 1994 08:49:37 +0100", "x 06 Nov 1994 y 08:49:37 z",
        "6th Nov 1994AD 08:49:37pm", "06 Nov 1994 08:49:37 07 Dec 1995 11:11:11"};
    (void)state;
    for (size_t i = 0; i < COUNT(same); i++)
        expect_date(same[i], 784111777);
}

static void years_of_two_digits_are_1970_to_2069(void **state)
{
    (void)state;
    expect_date("01 Jan 70 00:00:00", 0);
    expect_date("01 Jan 99 00:00:00", 915148800);
    expect_date("01 Jan 00 00:00:00", 946684800);
    expect_date("01 Jan 69 00:00:00", 3124224000);
    expect_date("01 Jan 1601 00:00:00", -11644473600);
    expect_date("31 Dec 9999 23:59:59", 253402300799);
}

static void what_is_no_moment_is_no_date(void **state)
{
    static const char *const texts[] = {"", " ", "1994", "06 Nov 1994",
        "Nov 1994 08:49:37", "06 Nov 08:49:37", "06 1994 08:49:37",
        "06 Nov 1600 08:49:37", "06 Nov 100 08:49:37", "00 Nov 1994 08:49:37",
        "32 Nov 1994 08:49:37", "31 Nov 1994 08:49:37", "29 Feb 1995 08:49:37",
        "06 Nov 1994 24:49:37", "06 Nov 1994 08:60:37", "06 Nov 1994 08:49:60",
        "06 Nov 1994 008:49:37", "06 Nov 1994 08:49", "06 Nov 1994 08:49:377",
        "06 Nov 19944 08:49:37", "006 Nov 19944 08:49:37", "06 No 1994 08:49:37",
        "06 Nov 1994 08.49.37", "06 Nov 1994 :49:37", "94 Nov 08:49:37 06",
        "06 Nov 1994 08::37"};
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        expect_no_date(texts[i]);
}

static void a_cut_off_date_is_never_read_behind_its_end(void **state)
{
    const char *text = "Sun, 06 Nov 1994 08:49:37";
    (void)state;
    for (size_t n = 0; n < strlen(text) - 1; n++) {
        char cut[40];
        strcpy(cut, text);
        cut[n] = '\0';
        expect_no_date(cut);
    }
    expect_date("Sun, 06 Nov 1994 08:49:3", 784111743);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_parts_come_in_any_order_with_anything_between_them),
        cmocka_unit_test(years_of_two_digits_are_1970_to_2069),
        cmocka_unit_test(what_is_no_moment_is_no_date),
        cmocka_unit_test(a_cut_off_date_is_never_read_behind_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
