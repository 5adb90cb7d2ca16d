/* test_buf.c - growing bytes under a ceiling, and the one way to memory.
 * SPDX-License-Identifier: MIT */
#include "base/buf.h"
#include "lib/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

static memory m;
static fy_buf b;

/* A buffer that may take `max` bytes; the k-th call for memory fails, from 1. */
static void begin(size_t max, int k)
{
    memory_init(&m);
    m.fail_at = k;
    fy_buf_init(&b, &m.platform, max);
}

static void end(void)
{
    fy_buf_fini(&b);
    assert_true(memory_is_clean(&m));
}

static void expect_text(const char *text)
{
    assert_string_equal(fy_buf_text(&b), text);
    assert_int_equal(b.len, strlen(text));
    assert_int_equal(fy_buf_error(&b), FERRY_OK);
}

/* --- memory ---------------------------------------------------------------------- */

static void nothing_made_into_nothing_asks_nobody(void **state)
{
    ferry_platform nobody = {.size = sizeof nobody};
    (void)state;
    assert_null(fy_resize(&nobody, NULL, 0, 0));
    fy_text_free(&nobody, NULL);
}

static void new_memory_is_all_zeros(void **state)
{
    static const char zeros[100];
    (void)state;
    begin(0, 0);
    char *p = fy_alloc_zero(&m.platform, sizeof zeros);
    assert_memory_equal(p, zeros, sizeof zeros);
    assert_null(fy_resize(&m.platform, p, sizeof zeros, 0));
    end();
}

static void without_memory_there_is_none(void **state)
{
    (void)state;
    begin(0, 1);
    assert_null(fy_alloc_zero(&m.platform, 8));
    m.fail_at = 2;
    assert_null(fy_text_copy(&m.platform, FY_S("abc")));
    end();
}

static void a_text_is_copied_with_a_nul_behind_it(void **state)
{
    (void)state;
    begin(0, 0);
    char *copy = fy_text_copy(&m.platform, (ferry_str){"abcdef", 3});
    assert_string_equal(copy, "abc");
    fy_text_free(&m.platform, copy);
    copy = fy_text_copy(&m.platform, FY_S(""));
    assert_string_equal(copy, "");
    fy_text_free(&m.platform, copy);
    end();
}

static void wiped_bytes_are_zeros(void **state)
{
    static const char zeros[8];
    char secret[] = "password";
    (void)state;
    fy_wipe(secret, 0);
    assert_string_equal(secret, "password");
    fy_wipe(secret, 8);
    assert_memory_equal(secret, zeros, 8);
}

static void a_list_starts_with_four_and_doubles(void **state)
{
    static const struct {
        size_t cap, need, becomes;
    } cases[] = {{0, 1, 4}, {0, 4, 4}, {0, 9, 9}, {8, 8, 8}, {8, 9, 16}, {8, 16, 16},
        {8, 17, 17}, {8, 1, 8}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        begin(0, 0);
        size_t cap = cases[i].cap;
        void *list = fy_resize(&m.platform, NULL, 0, cap * 4);
        assert_true(fy_list_grow(&m.platform, &list, &cap, cases[i].need, 4));
        assert_int_equal(cap, cases[i].becomes);
        fy_resize(&m.platform, list, cap * 4, 0);
        end();
    }
}

static void a_list_that_cannot_grow_stays_as_it_is(void **state)
{
    size_t cap = 0;
    void *list = NULL;
    (void)state;
    begin(0, 2);
    assert_true(fy_list_grow(&m.platform, &list, &cap, 1, 4));
    memcpy(list, "abcd", 4);
    void *before = list;
    assert_false(fy_list_grow(&m.platform, &list, &cap, 9, 4));
    assert_false(fy_list_grow(&m.platform, &list, &cap, SIZE_MAX / 8 + 1, 4));
    assert_false(fy_list_grow(&m.platform, &list, &cap, SIZE_MAX, 4));
    assert_ptr_equal(list, before);
    assert_int_equal(cap, 4);
    assert_memory_equal(list, "abcd", 4);
    fy_resize(&m.platform, list, cap * 4, 0);
    end();
}

/* --- growing --------------------------------------------------------------------- */

static void an_empty_buffer_is_an_empty_text(void **state)
{
    (void)state;
    begin(10, 1);
    expect_text("");
    assert_int_equal(fy_buf_view(&b).len, 0);
    assert_non_null(fy_buf_view(&b).ptr);
    fy_buf_put(&b, NULL, 0);
    fy_buf_puts(&b, FY_S(""));
    expect_text("");
    assert_int_equal(m.calls, 0);
    end();
}

static void what_is_put_stands_there_in_order(void **state)
{
    (void)state;
    begin(100, 0);
    fy_buf_put(&b, "abcdef", 3);
    fy_buf_putc(&b, ' ');
    fy_buf_puts(&b, FY_S("xyz"));
    expect_text("abc xyz");
    assert_int_equal(fy_buf_view(&b).len, 7);
    assert_ptr_equal(fy_buf_view(&b).ptr, b.ptr);
    end();
}

static void a_number_is_written_in_decimal(void **state)
{
    static const struct {
        int64_t n;
        const char *text;
    } cases[] = {{0, "0"}, {7, "7"}, {-1, "-1"}, {10, "10"}, {-65535, "-65535"},
        {INT64_MAX, "9223372036854775807"}, {INT64_MIN, "-9223372036854775808"}};
    (void)state;
    begin(100, 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        fy_buf_clear(&b);
        fy_buf_put_number(&b, cases[i].n);
        expect_text(cases[i].text);
    }
    end();
}

static void ten_thousand_bytes_cost_a_dozen_calls(void **state)
{
    (void)state;
    begin(10000, 0);
    for (int i = 0; i < 10000; i++)
        fy_buf_putc(&b, (char)('a' + i % 26));
    assert_int_equal(b.len, 10000);
    assert_true(m.calls <= 12);
    for (int i = 0; i < 10000; i++)
        assert_int_equal(b.ptr[i], 'a' + i % 26);
    end();
}

static void reserving_exactly_takes_no_more(void **state)
{
    (void)state;
    begin(1000, 0);
    assert_true(fy_buf_reserve_exact(&b, 100));
    assert_int_equal(b.cap, 100);
    assert_true(fy_buf_reserve_exact(&b, 100));
    assert_true(fy_buf_reserve(&b, 100));
    assert_int_equal(m.calls, 1);
    fy_buf_put(&b, "abc", 3);
    assert_true(fy_buf_reserve_exact(&b, 98));
    assert_int_equal(b.cap, 101);
    assert_true(fy_buf_reserve(&b, 300));
    assert_int_equal(b.cap, 303);
    expect_text("abc");
    end();
}

static void there_is_always_room_for_a_nul(void **state)
{
    (void)state;
    for (size_t n = 1; n < 300; n++) {
        begin(n, 0);
        for (size_t i = 0; i < n; i++)
            fy_buf_putc(&b, 'x');
        assert_int_equal(strlen(fy_buf_text(&b)), n);
        assert_true(b.cap <= n);
        end();
    }
}

static void a_cleared_buffer_keeps_its_memory(void **state)
{
    (void)state;
    begin(4, 0);
    fy_buf_puts(&b, FY_S("abcd"));
    fy_buf_putc(&b, 'e');
    assert_int_equal(fy_buf_error(&b), FERRY_ERR_LIMIT);
    fy_buf_clear(&b);
    expect_text("");
    fy_buf_puts(&b, FY_S("xyz"));
    expect_text("xyz");
    assert_int_equal(m.calls, 1);
    end();
}

static void a_freed_buffer_can_be_used_again(void **state)
{
    (void)state;
    begin(10, 0);
    fy_buf_puts(&b, FY_S("abc"));
    fy_buf_fini(&b);
    assert_int_equal(m.live, 0);
    fy_buf_fini(&b);
    fy_buf_puts(&b, FY_S("0123456789"));
    expect_text("0123456789");
    fy_buf_putc(&b, '!');
    assert_int_equal(fy_buf_error(&b), FERRY_ERR_LIMIT);
    end();
}

/* --- failing --------------------------------------------------------------------- */

static void the_ceiling_is_exact(void **state)
{
    (void)state;
    begin(70, 0);
    for (int i = 0; i < 70; i++)
        fy_buf_putc(&b, 'x');
    assert_int_equal(fy_buf_error(&b), FERRY_OK);
    fy_buf_putc(&b, 'y');
    assert_int_equal(fy_buf_error(&b), FERRY_ERR_LIMIT);
    assert_int_equal(b.len, 70);
    end();
}

static void after_a_failure_nothing_more_is_put(void **state)
{
    (void)state;
    begin(5, 0);
    fy_buf_puts(&b, FY_S("abc"));
    fy_buf_puts(&b, FY_S("defghi"));
    fy_buf_puts(&b, FY_S("j"));
    fy_buf_put_number(&b, 1);
    assert_int_equal(b.len, 3);
    assert_string_equal(fy_buf_text(&b), "abc");
    assert_int_equal(fy_buf_error(&b), FERRY_ERR_LIMIT);
    end();
}

static void lack_of_memory_is_told_from_the_ceiling(void **state)
{
    (void)state;
    begin(1000, 2);
    fy_buf_puts(&b, FY_S("abc"));
    assert_false(fy_buf_reserve(&b, 500));
    assert_int_equal(fy_buf_error(&b), FERRY_ERR_NOMEM);
    fy_buf_putc(&b, 'd');
    assert_string_equal(fy_buf_text(&b), "abc");
    fy_buf_clear(&b);
    fy_buf_puts(&b, FY_S("later"));
    expect_text("later");
    end();
}

static void a_buffer_that_never_got_memory_is_an_empty_text(void **state)
{
    (void)state;
    begin(1000, 1);
    fy_buf_puts(&b, FY_S("abc"));
    assert_int_equal(fy_buf_error(&b), FERRY_ERR_NOMEM);
    assert_string_equal(fy_buf_text(&b), "");
    assert_int_equal(fy_buf_view(&b).len, 0);
    end();
}

static void sizes_that_would_wrap_are_over_the_ceiling(void **state)
{
    static const size_t sizes[] = {
        SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 64, SIZE_MAX / 2 + 1, SIZE_MAX / 2};
    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        begin(SIZE_MAX, 0);
        fy_buf_putc(&b, 'x');
        assert_false(fy_buf_reserve(&b, sizes[i]));
        assert_int_equal(fy_buf_error(&b), FERRY_ERR_LIMIT);
        fy_buf_clear(&b);
        fy_buf_putc(&b, 'x');
        assert_false(fy_buf_reserve_exact(&b, sizes[i]));
        assert_int_equal(fy_buf_error(&b), FERRY_ERR_LIMIT);
        end();
    }
}

static void without_memory_an_exact_reserve_fails_too(void **state)
{
    (void)state;
    begin(100, 1);
    assert_false(fy_buf_reserve_exact(&b, 100));
    assert_int_equal(fy_buf_error(&b), FERRY_ERR_NOMEM);
    end();
}

/* The allocator of these tests moves every block that grows. */
static void a_secret_is_wiped_wherever_the_buffer_leaves_memory_behind(void **state)
{
    (void)state;
    m.secret = "hunter2";
    fy_buf_init(&b, &m.platform, 10000);
    b.is_secret = true;
    for (int i = 0; i < 200; i++)
        fy_buf_puts(&b, FY_S("hunter2"));
    assert_int_equal(b.len, 1400);
    fy_buf_wipe(&b);
    assert_int_equal(b.len, 0);
    for (size_t i = 0; i < b.cap; i++)
        assert_int_equal(b.ptr[i], 0);
    fy_buf_puts(&b, FY_S("hunter2"));
    fy_buf_fini(&b);
    assert_true(b.is_secret);
    assert_true(memory_is_clean(&m));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_made_into_nothing_asks_nobody),
        cmocka_unit_test(new_memory_is_all_zeros),
        cmocka_unit_test(without_memory_there_is_none),
        cmocka_unit_test(a_text_is_copied_with_a_nul_behind_it),
        cmocka_unit_test(wiped_bytes_are_zeros),
        cmocka_unit_test(a_list_starts_with_four_and_doubles),
        cmocka_unit_test(a_list_that_cannot_grow_stays_as_it_is),
        cmocka_unit_test(an_empty_buffer_is_an_empty_text),
        cmocka_unit_test(what_is_put_stands_there_in_order),
        cmocka_unit_test(a_number_is_written_in_decimal),
        cmocka_unit_test(ten_thousand_bytes_cost_a_dozen_calls),
        cmocka_unit_test(reserving_exactly_takes_no_more),
        cmocka_unit_test(there_is_always_room_for_a_nul),
        cmocka_unit_test(a_cleared_buffer_keeps_its_memory),
        cmocka_unit_test(a_freed_buffer_can_be_used_again),
        cmocka_unit_test(the_ceiling_is_exact),
        cmocka_unit_test(after_a_failure_nothing_more_is_put),
        cmocka_unit_test(lack_of_memory_is_told_from_the_ceiling),
        cmocka_unit_test(a_buffer_that_never_got_memory_is_an_empty_text),
        cmocka_unit_test(sizes_that_would_wrap_are_over_the_ceiling),
        cmocka_unit_test(without_memory_an_exact_reserve_fails_too),
        cmocka_unit_test(a_secret_is_wiped_wherever_the_buffer_leaves_memory_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
