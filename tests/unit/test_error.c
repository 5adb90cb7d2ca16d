/* test_error.c - the error list, and the record of one failure.
 * SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "ferry.h"
#include "lib/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* Written out once more: programs compiled against an older header rely on them. */
static const struct {
    ferry_err code;
    int number;
    const char *name;
} errors[] = {
    {FERRY_OK, 0, "FERRY_OK"},
    {FERRY_AGAIN, 1, "FERRY_AGAIN"},
    {FERRY_ERR_USAGE, 10, "FERRY_ERR_USAGE"},
    {FERRY_ERR_URL, 11, "FERRY_ERR_URL"},
    {FERRY_ERR_UNSUPPORTED, 12, "FERRY_ERR_UNSUPPORTED"},
    {FERRY_ERR_NAME, 20, "FERRY_ERR_NAME"},
    {FERRY_ERR_CONNECT, 21, "FERRY_ERR_CONNECT"},
    {FERRY_ERR_PROXY, 22, "FERRY_ERR_PROXY"},
    {FERRY_ERR_TLS, 23, "FERRY_ERR_TLS"},
    {FERRY_ERR_CERTIFICATE, 24, "FERRY_ERR_CERTIFICATE"},
    {FERRY_ERR_CONNECT_TIMEOUT, 30, "FERRY_ERR_CONNECT_TIMEOUT"},
    {FERRY_ERR_READ_TIMEOUT, 31, "FERRY_ERR_READ_TIMEOUT"},
    {FERRY_ERR_WRITE_TIMEOUT, 32, "FERRY_ERR_WRITE_TIMEOUT"},
    {FERRY_ERR_POOL, 33, "FERRY_ERR_POOL"},
    {FERRY_ERR_TOTAL_TIMEOUT, 34, "FERRY_ERR_TOTAL_TIMEOUT"},
    {FERRY_ERR_PROTOCOL, 40, "FERRY_ERR_PROTOCOL"},
    {FERRY_ERR_TRUNCATED, 41, "FERRY_ERR_TRUNCATED"},
    {FERRY_ERR_CLOSED, 42, "FERRY_ERR_CLOSED"},
    {FERRY_ERR_STATUS, 50, "FERRY_ERR_STATUS"},
    {FERRY_ERR_REWIND, 55, "FERRY_ERR_REWIND"},
    {FERRY_ERR_NOMEM, 60, "FERRY_ERR_NOMEM"},
    {FERRY_ERR_LIMIT, 61, "FERRY_ERR_LIMIT"},
    {FERRY_ERR_ABORTED, 70, "FERRY_ERR_ABORTED"},
    {FERRY_ERR_BODY, 71, "FERRY_ERR_BODY"},
    {FERRY_ERR_FILE, 72, "FERRY_ERR_FILE"},
};

static void errors_keep_their_numbers_and_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(errors); i++) {
        assert_int_equal(errors[i].code, errors[i].number);
        assert_string_equal(ferry_err_name(errors[i].code), errors[i].name);
    }
}

static void every_error_has_a_text_of_its_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(errors); i++) {
        const char *text = ferry_err_text(errors[i].code);
        assert_true(strlen(text) > 5);
        assert_true(text[strlen(text) - 1] != '.');
        assert_string_not_equal(text, ferry_err_text((ferry_err)99));
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(text, ferry_err_text(errors[j].code));
    }
}

static void a_number_that_is_no_error_has_a_text_too(void **state)
{
    (void)state;
    assert_string_equal(ferry_err_text((ferry_err)99), "unknown error");
    assert_string_equal(ferry_err_name((ferry_err)99), "FERRY_ERR_?");
}

static void a_failure_is_recorded_whole_and_returned(void **state)
{
    fy_error x = {FERRY_ERR_URL, 1, 2, "old", 3};
    (void)state;
    assert_int_equal(fy_fail(&x, FERRY_ERR_PROTOCOL, "new", 12), FERRY_ERR_PROTOCOL);
    assert_int_equal(x.code, FERRY_ERR_PROTOCOL);
    assert_string_equal(x.what, "new");
    assert_int_equal(x.at, 12);
    assert_int_equal(x.os, 0);
    assert_int_equal(x.status, 0);
    assert_int_equal(fy_fail_os(&x, FERRY_ERR_CONNECT, "os", 111), FERRY_ERR_CONNECT);
    assert_int_equal(x.os, 111);
    assert_int_equal(x.at, FY_NOWHERE);
    assert_int_equal(fy_fail_nomem(&x), FERRY_ERR_NOMEM);
    assert_int_equal(x.code, FERRY_ERR_NOMEM);
    assert_null(x.what);
    assert_int_equal(x.os, 0);
}

static void a_silent_fault_leaves_the_defaults(void **state)
{
    static const struct {
        ferry_fault fault;
        ferry_err code;
        const char *what;
    } cases[] = {
        {{FERRY_OK, 0, NULL}, FERRY_ERR_CONNECT, "default"},
        {{FERRY_OK, 5, NULL}, FERRY_ERR_CONNECT, "default"},
        {{FERRY_ERR_NAME, 0, NULL}, FERRY_ERR_NAME, "default"},
        {{FERRY_OK, 0, "said"}, FERRY_ERR_CONNECT, "said"},
        {{FERRY_ERR_NOMEM, 12, "said"}, FERRY_ERR_NOMEM, "said"},
    };
    fy_error x;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(
            fy_fail_fault(&x, &cases[i].fault, FERRY_ERR_CONNECT, "default"),
            cases[i].code);
        assert_int_equal(x.code, cases[i].code);
        assert_string_equal(x.what, cases[i].what);
        assert_int_equal(x.os, cases[i].fault.os);
        assert_int_equal(x.at, FY_NOWHERE);
    }
}

static void what_a_buffer_latched_is_passed_on(void **state)
{
    memory m;
    fy_buf b;
    fy_error x = {.code = FERRY_OK};
    (void)state;
    memory_init(&m);
    fy_buf_init(&b, &m.platform, 3);
    assert_int_equal(fy_fail_buf(&x, &b, "thing too long"), FERRY_OK);
    assert_int_equal(x.code, FERRY_OK);
    fy_buf_puts(&b, FY_S("abcd"));
    assert_int_equal(fy_fail_buf(&x, &b, "thing too long"), FERRY_ERR_LIMIT);
    assert_string_equal(x.what, "thing too long");
    fy_buf_clear(&b);
    m.fail_at = 1;
    fy_buf_puts(&b, FY_S("ab"));
    assert_int_equal(fy_fail_buf(&x, &b, "thing too long"), FERRY_ERR_NOMEM);
    assert_null(x.what);
    fy_buf_fini(&b);
    assert_true(memory_is_clean(&m));
}

static void an_error_reads_as_one_line(void **state)
{
    static const struct {
        fy_error x;
        const char *line;
    } cases[] = {
        {{FERRY_ERR_NOMEM, 0, 0, NULL, FY_NOWHERE}, "out of memory"},
        {{FERRY_ERR_URL, 0, 0, "no host", 7}, "bad URL: no host (byte 7)"},
        {{FERRY_ERR_URL, 0, 0, NULL, 0}, "bad URL (byte 0)"},
        {{FERRY_ERR_CONNECT, 111, 0, "connection refused", FY_NOWHERE},
            "connection could not be made: connection refused (os error 111)"},
        {{FERRY_ERR_STATUS, 0, 404, "Not Found", FY_NOWHERE},
            "the status is an error: 404 Not Found"},
        {{FERRY_ERR_PROTOCOL, 5, 200, "all of it", 9},
            "the peer broke the protocol: 200 all of it (byte 9) (os error 5)"},
    };
    memory m;
    fy_buf b;
    (void)state;
    memory_init(&m);
    fy_buf_init(&b, &m.platform, 200);
    for (size_t i = 0; i < COUNT(cases); i++) {
        fy_buf_clear(&b);
        fy_error_put(&b, &cases[i].x);
        assert_string_equal(fy_buf_text(&b), cases[i].line);
    }
    fy_buf_fini(&b);
}

static void a_status_without_a_reason_leaves_no_blank_behind_it(void **state)
{
    static const fy_error silent[] = {{FERRY_ERR_STATUS, 0, 404, NULL, FY_NOWHERE},
        {FERRY_ERR_STATUS, 0, 404, "", FY_NOWHERE}};
    memory m;
    fy_buf b;
    (void)state;
    memory_init(&m);
    fy_buf_init(&b, &m.platform, 200);
    for (size_t i = 0; i < COUNT(silent); i++) {
        fy_buf_clear(&b);
        fy_error_put(&b, &silent[i]);
        assert_string_equal(fy_buf_text(&b), "the status is an error: 404");
    }
    fy_buf_fini(&b);
}

static ferry_err leaves_early(ferry_err e, bool *is_late)
{
    *is_late = false;
    TRY(e);
    *is_late = true;
    return FERRY_OK;
}

static void try_leaves_with_the_error_and_with_again(void **state)
{
    bool is_late;
    (void)state;
    assert_int_equal(leaves_early(FERRY_ERR_URL, &is_late), FERRY_ERR_URL);
    assert_false(is_late);
    assert_int_equal(leaves_early(FERRY_AGAIN, &is_late), FERRY_AGAIN);
    assert_false(is_late);
    assert_int_equal(leaves_early(FERRY_OK, &is_late), FERRY_OK);
    assert_true(is_late);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_keep_their_numbers_and_names),
        cmocka_unit_test(every_error_has_a_text_of_its_own),
        cmocka_unit_test(a_number_that_is_no_error_has_a_text_too),
        cmocka_unit_test(a_failure_is_recorded_whole_and_returned),
        cmocka_unit_test(a_silent_fault_leaves_the_defaults),
        cmocka_unit_test(what_a_buffer_latched_is_passed_on),
        cmocka_unit_test(an_error_reads_as_one_line),
        cmocka_unit_test(a_status_without_a_reason_leaves_no_blank_behind_it),
        cmocka_unit_test(try_leaves_with_the_error_and_with_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
