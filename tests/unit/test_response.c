/* test_response.c - the head of a response: its end found in any cut, its status line
 * (RFC 9112 2.2, 4).
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "proto/response.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define BYTES(literal)                                                                 \
    {                                                                                  \
        "" literal, sizeof(literal) - 1                                                \
    }

static memory m;
static fy_head head;
static fy_error x;

static int set_up(void **state)
{
    (void)state;
    memory_init(&m);
    memset(&head, 0, sizeof head);
    fy_fields_init(&head.fields, &m.platform, 100);
    x = (fy_error){.code = FERRY_OK, .at = 77};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fy_fields_fini(&head.fields);
    return memory_is_clean(&m) ? 0 : -1;
}

/* --- where a head ends ----------------------------------------------------------- */

/* What has come so far, in a block without a byte behind it. */
static ferry_err find_end_in(const char *text, size_t n, size_t *cursor, size_t *end)
{
    char *exact = memory_exact(text, n);
    ferry_err e = fy_response_find_end((ferry_str){exact, n}, cursor, end, &x);
    free(exact);
    return e;
}

static void the_end_of_a_head_is_found_in_any_cut(void **state)
{
    static const char *const heads[] = {
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\na: b\r\n\r\n",
        "HTTP/1.0 404 No\r\na: b\r\nc: d\r\n e\r\n\r\n",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(heads); i++)
        for (size_t step = 1; step <= strlen(heads[i]); step++) {
            size_t cursor = 0, end = 0, whole = strlen(heads[i]);
            for (size_t n = step; n < whole; n += step)
                assert_int_equal(find_end_in(heads[i], n, &cursor, &end), FERRY_AGAIN);
            assert_int_equal(find_end_in(heads[i], whole, &cursor, &end), FERRY_OK);
            assert_int_equal(end, whole);
        }
}

static void what_follows_a_head_is_not_part_of_it(void **state)
{
    const char *text = "HTTP/1.1 200 OK\r\n\r\n\r\n\r\nHTTP/1.1 200 OK\r\n\r\n";
    size_t cursor = 0, end = 0;
    (void)state;
    assert_int_equal(find_end_in(text, strlen(text), &cursor, &end), FERRY_OK);
    assert_int_equal(end, 19);
}

static void no_byte_is_searched_twice(void **state)
{
    const char *text = "HTTP/1.1 200 OK\r\nname: value\r\n";
    size_t cursor = 0, end = 0;
    (void)state;
    assert_int_equal(find_end_in(text, 10, &cursor, &end), FERRY_AGAIN);
    assert_int_equal(cursor, 10);
    assert_int_equal(find_end_in(text, 17, &cursor, &end), FERRY_AGAIN);
    assert_int_equal(cursor, 17);
    assert_int_equal(find_end_in(text, 19, &cursor, &end), FERRY_AGAIN);
    assert_int_equal(cursor, 19);
}

static void nothing_at_all_is_no_head_yet(void **state)
{
    size_t cursor = 0, end = 0;
    (void)state;
    assert_int_equal(fy_response_find_end(FY_S(""), &cursor, &end, &x), FERRY_AGAIN);
    assert_int_equal(cursor, 0);
}

static void what_is_no_http_is_refused_at_its_first_wrong_byte(void **state)
{
    const char *start = "HTTP/1.";
    (void)state;
    for (size_t i = 0; i < strlen(start); i++) {
        size_t cursor = 0, end = 0;
        char text[8];
        memcpy(text, start, 8);
        text[i] = '\n';
        assert_int_equal(find_end_in(text, i, &cursor, &end), FERRY_AGAIN);
        cursor = 0;
        assert_int_equal(find_end_in(text, i + 1, &cursor, &end), FERRY_ERR_PROTOCOL);
        assert_int_equal(x.at, i);
    }
}

static void a_line_may_not_end_in_a_bare_lf(void **state)
{
    static const struct {
        const char *text;
        int at;
    } cases[] = {
        {"HTTP/1.1 200 OK\n\n", 15},
        {"HTTP/1.1 200 OK\n\r\n", 15},
        {"HTTP/1.1 200 OK\r\n\n", 17},
        {"HTTP/1.1 200 OK\r\na: b\n\r\n", 21},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t cursor = 0, end = 0;
        assert_int_equal(
            find_end_in(cases[i].text, strlen(cases[i].text), &cursor, &end),
            FERRY_ERR_PROTOCOL);
        assert_int_equal(x.at, cases[i].at);
    }
}

/* --- the status line ------------------------------------------------------------- */

static ferry_err parse(ferry_str text)
{
    char *exact = memory_exact(text.ptr, text.len);
    ferry_err e = fy_response_parse(&head, exact, text.len, &x);
    head.reason = FY_S(""); /* it lay in the block */
    free(exact);
    return e;
}

static void a_status_line_is_taken_apart(void **state)
{
    static const struct {
        const char *text;
        int minor, status;
        const char *reason;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\n\r\n", 1, 200, "OK"},
        {"HTTP/1.0 404 Not Found\r\n\r\n", 0, 404, "Not Found"},
        {"HTTP/1.9 100 \r\n\r\n", 9, 100, ""},
        {"HTTP/1.1 999\r\n\r\n", 1, 999, ""},
        {"HTTP/1.1 200  two  blanks \r\n\r\n", 1, 200, " two  blanks "},
        {"HTTP/1.1 200 \t\r\n\r\n", 1, 200, "\t"},
        {"HTTP/1.1 200 \xc3\xa9\xff\r\n\r\n", 1, 200, "\xc3\xa9\xff"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t n = strlen(cases[i].text);
        char *exact = memory_exact(cases[i].text, n);
        assert_int_equal(fy_response_parse(&head, exact, n, &x), FERRY_OK);
        assert_int_equal(head.minor, cases[i].minor);
        assert_int_equal(head.status, cases[i].status);
        assert_string_equal(head.reason.ptr, cases[i].reason);
        assert_int_equal(head.reason.len, strlen(cases[i].reason));
        assert_int_equal(head.fields.n, 0);
        free(exact);
    }
}

static void a_malformed_status_line_is_refused(void **state)
{
    static const struct {
        ferry_str text;
        int at;
    } cases[] = {
        {BYTES("\r\n"), 0},
        {BYTES("HTTP/1.\r\n\r\n"), 0},
        {BYTES("HTTP/1.1\r\n\r\n"), 0},
        {BYTES("HTTP/1.1 \r\n\r\n"), 0},
        {BYTES("HTTP/1.1 20\r\n\r\n"), 0},
        {BYTES("HTTP/1.1 2000\r\n\r\n"), 0},
        {BYTES("HTTP/1.1 200OK\r\n\r\n"), 0},
        {BYTES("HTTP/1.1 200\tOK\r\n\r\n"), 0},
        {BYTES("HTTP/1.1  200 OK\r\n\r\n"), 0},
        {BYTES("HTTP/1.1\t200 OK\r\n\r\n"), 0},
        {BYTES("HTTP/1.10 200 OK\r\n\r\n"), 0},
        {BYTES("HTTP/1.x 200 OK\r\n\r\n"), 0},
        {BYTES("HTTP/1.1 099 OK\r\n\r\n"), 0},
        {BYTES("HTTP/1.1 2 0 OK\r\n\r\n"), 0},
        {BYTES("HTTP/1.1 +20 OK\r\n\r\n"), 0},
        {BYTES("HTTP/1.1 200 O\0K\r\n\r\n"), 14},
        {BYTES("HTTP/1.1 200 O\rK\r\n\r\n"), 14},
        {BYTES("HTTP/1.1 200 OK\x7f\r\n\r\n"), 15},
        {BYTES("HTTP/1.1 200\r\r\n\r\n"), 12},
        {BYTES("HTTP/1.1 200 OK\r\n"), 15},
        {BYTES("HTTP/1.1 200 O\r\r\n"), 14},
        {BYTES("http/1.1 200 OK\r\n\r\n"), 0},
        {BYTES("HTTP/2.0 200 OK\r\n\r\n"), 5},
        {BYTES("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), 19},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (parse(cases[i].text) != FERRY_ERR_PROTOCOL)
            fail_msg("case %d is no error", (int)i);
        if (x.at != cases[i].at)
            fail_msg("case %d is at %d: %s", (int)i, (int)x.at, x.what);
    }
}

static void a_head_is_parsed_anew_each_time(void **state)
{
    char first[] = "HTTP/1.1 100 Continue\r\na: 1\r\nb: 2\r\n\r\n";
    char second[] = "HTTP/1.0 200 OK\r\nc: 3\r\n\r\n";
    (void)state;
    assert_int_equal(fy_response_parse(&head, first, sizeof first - 1, &x), FERRY_OK);
    assert_int_equal(head.fields.n, 2);
    assert_int_equal(fy_response_parse(&head, second, sizeof second - 1, &x), FERRY_OK);
    assert_int_equal(head.fields.n, 1);
    assert_string_equal(head.fields.at[0].name.ptr, "c");
    assert_int_equal(head.status, 200);
}

static void a_head_without_memory_for_its_fields_is_an_error(void **state)
{
    (void)state;
    m.fail_at = 1;
    assert_int_equal(parse(FY_S("HTTP/1.1 200 OK\r\na: 1\r\n\r\n")), FERRY_ERR_NOMEM);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_end_of_a_head_is_found_in_any_cut),
        TEST(what_follows_a_head_is_not_part_of_it),
        TEST(no_byte_is_searched_twice),
        TEST(nothing_at_all_is_no_head_yet),
        TEST(what_is_no_http_is_refused_at_its_first_wrong_byte),
        TEST(a_line_may_not_end_in_a_bare_lf),
        TEST(a_status_line_is_taken_apart),
        TEST(a_malformed_status_line_is_refused),
        TEST(a_head_is_parsed_anew_each_time),
        TEST(a_head_without_memory_for_its_fields_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
