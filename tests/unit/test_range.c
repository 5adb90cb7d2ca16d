/* test_range.c - Content-Range, and validators of parts (RFC 9110 14.4, 13.1.5).
 * SPDX-License-Identifier: MIT */
#include "proto/range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

static void a_range_says_which_bytes_of_how_many(void **state)
{
    static const struct {
        const char *value;
        fy_range range;
    } cases[] = {
        {"bytes 0-0/1", {0, 0, 1}},
        {"bytes 10-19/100", {10, 19, 100}},
        {"Bytes 10-19/*", {10, 19, -1}},
        {"bytes */47", {-1, -1, 47}},
        {"bytes */0", {-1, -1, 0}},
        {"bytes 9223372036854775806-9223372036854775806/9223372036854775807",
            {INT64_MAX - 1, INT64_MAX - 1, INT64_MAX}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        fy_range r;
        assert_true(fy_range_parse(&r, fy_str(cases[i].value)));
        assert_int_equal(r.first, cases[i].range.first);
        assert_int_equal(r.last, cases[i].range.last);
        assert_int_equal(r.total, cases[i].range.total);
    }
}

static void a_range_that_contradicts_itself_is_none(void **state)
{
    static const char *const values[] = {"", "bytes", "bytes ", "bytes 1-2", "1-2/3",
        "lines 1-2/3", "bytes 2-1/3", "bytes 1-3/3", "bytes 1-2/", "bytes /3",
        "bytes -2/3", "bytes 1-/3", "bytes */*", "bytes 1-2/3 ", "bytes  1-2/3",
        "bytes 1-2/3/4", "bytes +1-2/3", "bytes 1-9223372036854775808/*", "bytes=1-2/3",
        "bytes 1-2-3/4"};
    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        fy_range r;
        if (fy_range_parse(&r, fy_str(values[i])))
            fail_msg("%s", values[i]);
    }
}

#define MODIFIED "Thu, 01 Jan 2026 00:00:00 GMT"

static void expect_validator(const char *etag, const char *date, const char *expected)
{
    ferry_field fields[3] = {{FY_S("date"), FY_S("Thu, 01 Jan 2026 00:00:01 GMT")}};
    ferry_fields headers = {fields, 1};
    if (date)
        fields[headers.n++] = (ferry_field){FY_S("last-modified"), fy_str(date)};
    if (etag)
        fields[headers.n++] = (ferry_field){FY_S("ETAG"), fy_str(etag)};
    ferry_str v = fy_range_validator(headers);
    assert_int_equal(v.len, strlen(expected));
    assert_memory_equal(v.ptr, expected, v.len);
}

/* RFC 9110 13.1.5: a weak one does not tell bytes apart. */
static void a_strong_tag_counts_most_and_a_weak_one_not_at_all(void **state)
{
    (void)state;
    expect_validator("\"abc\"", MODIFIED, "\"abc\"");
    expect_validator("\"\"", NULL, "\"\"");
    expect_validator("W/\"abc\"", MODIFIED, MODIFIED);
    expect_validator("W/\"abc\"", NULL, "");
    expect_validator("abc", NULL, "");
    expect_validator(NULL, MODIFIED, MODIFIED);
    expect_validator(NULL, NULL, "");
}

/* RFC 9110 8.8.2.2: else the file may have changed once more within that second. */
static void a_date_counts_if_the_response_was_made_later(void **state)
{
    static const struct {
        const char *date, *modified;
        bool counts;
    } cases[] = {
        {"Thu, 01 Jan 2026 00:00:01 GMT", MODIFIED, true},
        {"Friday, 02-Jan-26 00:00:00 GMT", "Thursday, 01-Jan-26 00:00:00 GMT", true},
        {MODIFIED, MODIFIED, false},
        {"Wed, 31 Dec 2025 23:59:59 GMT", MODIFIED, false},
        {"yesterday", MODIFIED, false},
        {"Thu, 01 Jan 2026 00:00:01 GMT", "Mon", false},
        {NULL, MODIFIED, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const ferry_field fields[] = {
            {FY_S("Last-Modified"), fy_str(cases[i].modified)},
            {FY_S("Date"), fy_str(cases[i].date)}};
        ferry_str v = fy_range_validator((ferry_fields){fields, 1u + !!cases[i].date});
        assert_int_equal(v.len > 0, cases[i].counts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_range_says_which_bytes_of_how_many),
        cmocka_unit_test(a_range_that_contradicts_itself_is_none),
        cmocka_unit_test(a_strong_tag_counts_most_and_a_weak_one_not_at_all),
        cmocka_unit_test(a_date_counts_if_the_response_was_made_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
