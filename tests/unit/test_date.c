/* test_date.c - the three forms of HTTP-date (RFC 9110 5.6.7).
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "proto/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

enum { DAY = 86400 };

/* 1 January of these years, 00:00:00. */
static const int64_t in_2026 = 1767225600, in_2000 = 946684800, in_2051 = 2556144000;

static void expect_date(const char *text, int64_t now, int64_t unix_time)
{
    int64_t out = -12345;
    size_t n = strlen(text);
    char *exact = memory_exact(text, n);
    if (!fy_date_parse((ferry_str){exact, n}, now, &out))
        fail_msg("\"%s\" is a date", text);
    assert_int_equal(out, unix_time);
    free(exact);
}

static void expect_no_date(const char *text, size_t n)
{
    int64_t out = -12345;
    char *exact = memory_exact(text, n);
    if (fy_date_parse((ferry_str){exact, n}, in_2026, &out))
        fail_msg("\"%s\" is no date", text);
    assert_int_equal(out, -12345);
    free(exact);
}

static void the_three_forms_of_one_moment_are_one_time(void **state)
{
    (void)state;
    expect_date("Sun, 06 Nov 1994 08:49:37 GMT", in_2026, 784111777);
    expect_date("Sunday, 06-Nov-94 08:49:37 GMT", in_2026, 784111777);
    expect_date("Sun Nov  6 08:49:37 1994", in_2026, 784111777);
    expect_date("Sun Nov 06 08:49:37 1994", in_2026, 784111777);
}

static void every_day_and_month_has_its_name(void **state)
{
    (void)state;
    expect_date("Mon, 01 Jan 1973 00:00:00 GMT", 0, 1096 * DAY);
    expect_date("Tue, 01 Feb 1972 00:00:00 GMT", 0, 761 * DAY);
    expect_date("Wed, 01 Mar 1972 00:00:00 GMT", 0, 790 * DAY);
    expect_date("Thu, 01 Apr 1971 00:00:00 GMT", 0, 455 * DAY);
    expect_date("Fri, 01 May 1970 00:00:00 GMT", 0, 120 * DAY);
    expect_date("Sat, 01 Jun 1970 00:00:00 GMT", 0, 151 * DAY);
    expect_date("Monday, 01-Jul-70 00:00:00 GMT", 0, 181 * DAY);
    expect_date("Tuesday, 01-Aug-70 00:00:00 GMT", 0, 212 * DAY);
    expect_date("Wednesday, 01-Sep-70 00:00:00 GMT", 0, 243 * DAY);
    expect_date("Thursday, 01-Oct-70 00:00:00 GMT", 0, 273 * DAY);
    expect_date("Friday, 01-Nov-70 00:00:00 GMT", 0, 304 * DAY);
    expect_date("Saturday, 01-Dec-70 00:00:00 GMT", 0, 334 * DAY);
}

static void names_may_be_written_in_any_case(void **state)
{
    (void)state;
    expect_date("sUN, 06 nOV 1994 08:49:37 gmt", in_2026, 784111777);
    expect_date("SUNDAY, 06-NOV-94 08:49:37 GMT", in_2026, 784111777);
}

static void the_calendar_holds_from_year_0_to_9999(void **state)
{
    (void)state;
    expect_date("Thu, 01 Jan 1970 00:00:00 GMT", in_2026, 0);
    expect_date("Wed, 31 Dec 1969 23:59:59 GMT", in_2026, -1);
    expect_date("Tue, 29 Feb 2000 00:00:00 GMT", in_2026, 951782400);
    expect_date("Sat, 29 Feb 2020 12:00:00 GMT", in_2026, 1582977600);
    expect_date("Tue, 19 Jan 2038 03:14:08 GMT", in_2026, 2147483648);
    expect_date("Sun, 07 Feb 2106 06:28:16 GMT", in_2026, 4294967296);
    expect_date("Fri, 31 Dec 9999 23:59:59 GMT", in_2026, 253402300799);
    expect_date("Sat, 01 Jan 0000 00:00:00 GMT", in_2026, -62167219200);
    expect_date("Sun, 31 Dec 0000 00:00:00 GMT", in_2026, -62135683200);
    expect_date("Mon, 01 Jan 0001 00:00:00 GMT", in_2026, -62135596800);
}

static void second_60_is_the_first_of_the_next_minute(void **state)
{
    (void)state;
    expect_date("Sat, 31 Dec 2016 23:59:60 GMT", in_2026, 1483228800);
}

static void a_year_of_two_digits_is_at_most_50_years_ahead(void **state)
{
    (void)state;
    expect_date("Friday, 01-Jan-27 00:00:00 GMT", in_2026, 1798761600);
    expect_date("Saturday, 01-Jan-00 00:00:00 GMT", in_2026, in_2000);
    expect_date("Wednesday, 01-Jan-76 00:00:00 GMT", in_2026, 3345062400);
    expect_date("Thursday, 01-Jan-76 00:00:01 GMT", in_2026, 189302401);
    expect_date("Friday, 01-Jan-99 00:00:00 GMT", in_2026, 915148800);
    /* The next century may be nearer. */
    expect_date("Friday, 01-Jan-00 00:00:00 GMT", in_2051, 4102444800);
    expect_date("Saturday, 01-Jan-01 00:00:00 GMT", in_2051, 4133980800);
    expect_date("Saturday, 01-Jan-01 00:00:01 GMT", in_2051, 978307201);
    expect_date("Thursday, 01-Jan-50 00:00:00 GMT", in_2051, 2524608000);
}

static void a_leap_day_of_two_digits_is_one_in_the_year_it_means(void **state)
{
    (void)state;
    expect_date("Saturday, 29-Feb-76 00:00:00 GMT", in_2026 + 60 * DAY, 3350160000);
    expect_date("Sunday, 29-Feb-76 00:00:00 GMT", in_2026, 194400000);
    expect_no_date(FY_S("Sunday, 29-Feb-27 00:00:00 GMT").ptr, 30);
}

static void a_clock_that_is_off_still_gives_some_century(void **state)
{
    (void)state;
    expect_date("Thursday, 01-Jan-70 00:00:00 GMT", INT64_MIN, 0);
    expect_date("Saturday, 01-Jan-00 00:00:00 GMT", INT64_MAX, 253370764800 + 31536000);
}

static void days_hours_minutes_and_seconds_have_their_bounds(void **state)
{
    static const char *const bad[] = {"Sun, 00 Jan 1995 08:49:37 GMT",
        "Sun, 32 Jan 1995 08:49:37 GMT", "Sun, 30 Feb 2020 08:49:37 GMT",
        "Sun, 29 Feb 2019 08:49:37 GMT", "Thu, 29 Feb 1900 00:00:00 GMT",
        "Sun, 31 Apr 1995 08:49:37 GMT", "Sun, 31 Jun 1995 08:49:37 GMT",
        "Sun, 31 Sep 1995 08:49:37 GMT", "Sun, 31 Nov 1995 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT", "Sun Nov  0 08:49:37 1994"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect_no_date(bad[i], strlen(bad[i]));
}

static void what_is_only_like_a_date_is_refused(void **state)
{
    static const char *const bad[] = {"", "0", "-1", "never", "784111777", "Sun",
        "Sun,", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 +0100",
        "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 GMT ",
        " Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun,  6 Nov 1994 08:49:37 GMT",
        "Sun 06 Nov 1994 08:49:37 GMT", "Sun, 06  Nov 1994 08:49:37 GMT",
        "Sun, 06 November 1994 08:49:37 GMT", "Sunday, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, 06 Nov 1994 08.49.37 GMT",
        "Sun, +6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:3x GMT",
        "Sun, 06  1994 08:49:37 GMT", ", 06 Nov 1994 08:49:37 GMT",
        ", 06-Nov-94 08:49:37 GMT", " Nov  6 08:49:37 1994",
        "Sun, 06 Xyz 1994 08:49:37 GMT", "Xyz, 06 Nov 1994 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994", "Sun Nov  6 08:49:37 94", "Sun Nov  6 08:49:37",
        "Sun Nov  6 08:49:37 1994 GMT", "Sun Nov   6 08:49:37 1994",
        "1994-11-06T08:49:37Z"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect_no_date(bad[i], strlen(bad[i]));
}

static void a_date_cut_off_anywhere_or_with_a_nul_inside_is_refused(void **state)
{
    static const char *const dates[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"};
    (void)state;
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++)
        for (size_t at = 0; at < strlen(dates[i]); at++) {
            char text[40];
            strcpy(text, dates[i]);
            expect_no_date(text, at);
            text[at] = '\0';
            expect_no_date(text, strlen(dates[i]));
        }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_three_forms_of_one_moment_are_one_time),
        cmocka_unit_test(every_day_and_month_has_its_name),
        cmocka_unit_test(names_may_be_written_in_any_case),
        cmocka_unit_test(the_calendar_holds_from_year_0_to_9999),
        cmocka_unit_test(second_60_is_the_first_of_the_next_minute),
        cmocka_unit_test(a_year_of_two_digits_is_at_most_50_years_ahead),
        cmocka_unit_test(a_leap_day_of_two_digits_is_one_in_the_year_it_means),
        cmocka_unit_test(a_clock_that_is_off_still_gives_some_century),
        cmocka_unit_test(days_hours_minutes_and_seconds_have_their_bounds),
        cmocka_unit_test(what_is_only_like_a_date_is_refused),
        cmocka_unit_test(a_date_cut_off_anywhere_or_with_a_nul_inside_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
