/* test_lines.c - lines out of pieces: the same wherever the pieces end.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "proto/lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

static memory m;
static fy_lines l;
static fy_buf out;
static fy_error x;

static int set_up(void **state)
{
    (void)state;
    memory_init(&m);
    fy_lines_init(&l, &m.platform);
    fy_buf_init(&out, &m.platform, SIZE_MAX / 4);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fy_lines_fini(&l);
    fy_buf_fini(&out);
    return memory_is_clean(&m) ? 0 : -1;
}

/* Each line in brackets. */
static void put(ferry_str line)
{
    assert_int_equal(line.ptr[line.len], '\0');
    fy_buf_putc(&out, '[');
    fy_buf_puts(&out, line);
    fy_buf_putc(&out, ']');
}

static ferry_err read_lines(ferry_str text, size_t cut, size_t max)
{
    ferry_str line;
    fy_buf_clear(&out);
    fy_lines_begin(&l, max);
    while (text.len) {
        size_t n = cut < text.len ? cut : text.len;
        char *piece = memory_exact(text.ptr, n);
        fy_lines_feed(&l, (ferry_str){piece, n});
        ferry_err e;
        while (!(e = fy_lines_next(&l, &line, &x)))
            put(line);
        free(piece);
        if (e != FERRY_AGAIN)
            return e;
        text = fy_str_from(text, n);
    }
    fy_lines_last(&l, &line);
    if (line.ptr)
        put(line);
    return FERRY_OK;
}

static void lines_end_with_LF_CRLF_or_CR_wherever_it_is_cut(void **state)
{
    static const struct {
        const char *text, *lines;
    } cases[] = {
        {"", ""},
        {"a", "[a]"},
        {"a\n", "[a]"},
        {"a\nb", "[a][b]"},
        {"a\r\nb\r\n", "[a][b]"},
        {"a\rb\r", "[a][b]"},
        {"\n", "[]"},
        {"\r\n", "[]"},
        {"\r\r\n\n", "[][][]"},
        {"\n\n\r\n\r\r", "[][][][][]"},
        {"a\n\rb", "[a][][b]"},
        {"one\r\n\r\ntwo\nthree\rfour", "[one][][two][three][four]"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (size_t cut = 1; cut < 25; cut++) {
            assert_int_equal(read_lines(fy_str(cases[i].text), cut, 100), FERRY_OK);
            assert_string_equal(fy_buf_text(&out), cases[i].lines);
        }
}

static void a_NUL_is_a_byte_like_any_other(void **state)
{
    ferry_str line;
    (void)state;
    fy_lines_begin(&l, 100);
    fy_lines_feed(&l, FY_S("a\0b\nc"));
    assert_int_equal(fy_lines_next(&l, &line, &x), FERRY_OK);
    assert_int_equal(line.len, 3);
    assert_memory_equal(line.ptr, "a\0b", 4);
}

/* An LF that may or may not come is not waited for. */
static void a_CR_ends_its_line_at_once(void **state)
{
    ferry_str line;
    (void)state;
    fy_lines_begin(&l, 100);
    fy_lines_feed(&l, FY_S("a\r"));
    assert_int_equal(fy_lines_next(&l, &line, &x), FERRY_OK);
    assert_string_equal(line.ptr, "a");
    assert_int_equal(fy_lines_next(&l, &line, &x), FERRY_AGAIN);
    assert_null(line.ptr);
}

static void a_line_has_a_limit(void **state)
{
    (void)state;
    for (size_t cut = 1; cut < 20; cut++) {
        assert_int_equal(read_lines(FY_S("12345\n12345\n"), cut, 5), FERRY_OK);
        assert_int_equal(read_lines(FY_S("1234\n123456\n"), cut, 5), FERRY_ERR_LIMIT);
    }
}

static void without_memory_a_line_is_an_error(void **state)
{
    ferry_str line;
    (void)state;
    m.fail_at = m.calls + 1;
    fy_lines_begin(&l, 100);
    fy_lines_feed(&l, FY_S("a\n"));
    assert_int_equal(fy_lines_next(&l, &line, &x), FERRY_ERR_NOMEM);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lines_end_with_LF_CRLF_or_CR_wherever_it_is_cut),
        TEST(a_NUL_is_a_byte_like_any_other),
        TEST(a_CR_ends_its_line_at_once),
        TEST(a_line_has_a_limit),
        TEST(without_memory_a_line_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
