/* test_str.c - views: comparing, cutting, numbers, the character classes of RFC 9110.
 * SPDX-License-Identifier: MIT */
#include "base/str.h"
#include "lib/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

static void expect_view(ferry_str s, const char *text)
{
    assert_int_equal(s.len, strlen(text));
    assert_memory_equal(s.ptr, text, s.len);
}

/* --- making and comparing -------------------------------------------------------- */

static void no_text_is_an_empty_view_that_may_be_read(void **state)
{
    (void)state;
    expect_view(fy_str(NULL), "");
    assert_non_null(fy_str(NULL).ptr);
    expect_view(fy_str(""), "");
    expect_view(fy_str("abc"), "abc");
}

static void a_literal_keeps_the_nul_inside_it(void **state)
{
    (void)state;
    assert_int_equal(FY_S("a\0b").len, 3);
    assert_int_equal(FY_S("").len, 0);
}

static void two_views_are_equal_byte_by_byte(void **state)
{
    static const struct {
        ferry_str a, b;
        bool is_same, is_same_nocase;
    } cases[] = {
        {{"", 0}, {"", 0}, true, true},
        {{"a", 1}, {"", 0}, false, false},
        {{"", 0}, {"a", 1}, false, false},
        {{"abc", 3}, {"abc", 3}, true, true},
        {{"abc", 3}, {"abd", 3}, false, false},
        {{"abc", 3}, {"xbc", 3}, false, false},
        {{"abc", 3}, {"ab", 2}, false, false},
        {{"ab", 2}, {"abc", 3}, false, false},
        {{"Host", 4}, {"hOST", 4}, false, true},
        {{"a\0b", 3}, {"a\0b", 3}, true, true},
        {{"a\0b", 3}, {"a\0c", 3}, false, false},
        {{"\xc3\xa9", 2}, {"\xc3\x89", 2}, false, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(fy_str_eq(cases[i].a, cases[i].b), cases[i].is_same);
        assert_int_equal(
            fy_str_eq_nocase(cases[i].a, cases[i].b), cases[i].is_same_nocase);
    }
}

static int lower_by_the_table(int c)
{
    const char *upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", *at = strchr(upper, c);
    return c && at ? "abcdefghijklmnopqrstuvwxyz"[at - upper] : c;
}

static void only_ascii_letters_have_two_cases(void **state)
{
    (void)state;
    for (int a = 0; a < 256; a++)
        for (int b = 0; b < 256; b++) {
            char x = (char)a, y = (char)b;
            assert_int_equal(fy_str_eq_nocase((ferry_str){&x, 1}, (ferry_str){&y, 1}),
                lower_by_the_table(a) == lower_by_the_table(b));
        }
}

static void a_prefix_is_found_whatever_its_case(void **state)
{
    static const struct {
        const char *text, *prefix;
        bool starts;
    } cases[] = {
        {"", "", true},
        {"x", "", true},
        {"", "x", false},
        {"Chunked, gzip", "chunked", true},
        {"chunked", "CHUNKED", true},
        {"chunke", "chunked", false},
        {"xchunked", "chunked", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(
            fy_str_starts_nocase(fy_str(cases[i].text), fy_str(cases[i].prefix)),
            cases[i].starts);
}

/* --- eating from the front ------------------------------------------------------- */

static void a_view_is_parted_at_any_place(void **state)
{
    ferry_str s = FY_S("hello");
    (void)state;
    for (size_t i = 0; i <= s.len; i++) {
        ferry_str front = fy_str_upto(s, i), rest = fy_str_from(s, i);
        assert_ptr_equal(front.ptr, s.ptr);
        assert_int_equal(front.len, i);
        assert_ptr_equal(rest.ptr, s.ptr + i);
        assert_int_equal(rest.len, s.len - i);
    }
}

static void cutting_gives_what_stands_between_the_marks(void **state)
{
    static const struct {
        const char *text, *pieces; /* each with a | behind it */
    } cases[] = {
        {"", ""},
        {"a", "a|"},
        {",", "|"},
        {"a,", "a|"},
        {",a", "|a|"},
        {"a,b", "a|b|"},
        {"a,,b", "a||b|"},
        {"one, two ,three", "one| two |three|"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char seen[64] = "";
        char *exact = memory_exact(cases[i].text, strlen(cases[i].text));
        ferry_str rest = {exact, strlen(cases[i].text)};
        for (ferry_str piece; fy_str_cut(&rest, ',', &piece);)
            sprintf(seen + strlen(seen), "%.*s|", (int)piece.len, piece.ptr);
        assert_string_equal(seen, cases[i].pieces);
        assert_int_equal(rest.len, 0);
        free(exact);
    }
}

static void trimming_takes_blanks_and_tabs_off_both_ends_only(void **state)
{
    static const struct {
        const char *text, *trimmed;
    } cases[] = {
        {"", ""},
        {" ", ""},
        {"\t \t", ""},
        {"a", "a"},
        {" a", "a"},
        {"a ", "a"},
        {"\t a\t b \t", "a\t b"},
        {"\na\r", "\na\r"},
        {"\x0b"
         "a\xa0",
            "\x0b"
            "a\xa0"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *exact = memory_exact(cases[i].text, strlen(cases[i].text));
        expect_view(
            fy_str_trim((ferry_str){exact, strlen(cases[i].text)}), cases[i].trimmed);
        free(exact);
    }
}

/* --- numbers --------------------------------------------------------------------- */

static void a_number_is_digits_up_to_its_greatest(void **state)
{
    static const struct {
        const char *text;
        uint64_t max, number;
    } good[] = {
        {"0", 0, 0},
        {"0", UINT64_MAX, 0},
        {"007", 7, 7},
        {"9", 9, 9},
        {"65535", 65535, 65535},
        {"9223372036854775807", INT64_MAX, INT64_MAX},
        {"18446744073709551615", UINT64_MAX, UINT64_MAX},
        {"00000000000000000000000000000001", UINT64_MAX, 1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        uint64_t n = 77;
        assert_true(fy_str_number(fy_str(good[i].text), good[i].max, &n));
        assert_int_equal(n, good[i].number);
    }
}

static void anything_else_is_no_number(void **state)
{
    static const struct {
        const char *text;
        uint64_t max;
    } bad[] = {
        {"", UINT64_MAX}, {"1", 0}, {"8", 7}, {"10", 9}, {"65536", 65535}, {"100", 65},
        {"9223372036854775808", INT64_MAX}, {"18446744073709551616", UINT64_MAX},
        {"18446744073709551620", UINT64_MAX}, {"184467440737095516150", UINT64_MAX},
        {"+1", 9}, {"-1", 9}, {" 1", 9}, {"1 ", 9}, {"1_0", 99}, {"0x1", 9},
        {"1e1", 99}, {"/", 99}, {":", 99}, {"\xd9\xa1", 99}, /* a digit in Arabic */
    };
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        uint64_t n = 77;
        if (fy_str_number(fy_str(bad[i].text), bad[i].max, &n))
            fail_msg("\"%s\" is no number", bad[i].text);
    }
}

static void a_nul_is_no_digit(void **state)
{
    uint64_t n;
    (void)state;
    assert_false(fy_str_number(FY_S("1\0"), 99, &n));
    assert_false(fy_str_number(FY_S(""), 99, &n));
}

/* --- classes of bytes ------------------------------------------------------------ */

static const char digits[] = "0123456789";
static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static bool is_one_of(const char *set, int c)
{
    return c && strchr(set, c);
}

/* RFC 9110 5.6.2 */
static bool is_tchar(int c)
{
    return is_one_of("!#$%&'*+-.^_`|~", c) || is_one_of(digits, c) ||
           is_one_of(letters, c);
}

static void a_token_ends_at_the_first_byte_that_is_no_tchar(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++)
        for (size_t at = 0; at < 40; at++)
            for (size_t n = at + 1; n <= 40; n += 13) {
                char text[41] = "Content-Security-Policy-Report-Only-zzAZ";
                text[at] = (char)c;
                assert_int_equal(
                    fy_str_token_end((ferry_str){text, n}), is_tchar(c) ? n : at);
                assert_int_equal(fy_str_is_token((ferry_str){text, n}), is_tchar(c));
            }
    assert_int_equal(fy_str_token_end(FY_S("")), 0);
    assert_false(fy_str_is_token(FY_S("")));
}

/* RFC 9110 5.5: VCHAR, obs-text, SP and HTAB. */
static bool may_stand_in_a_value(int c)
{
    return c == '\t' || (c >= 0x20 && c != 0x7f);
}

/* Every byte at every place of every length: words of eight are looked at together. */
static void a_value_ends_at_the_first_control_byte(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 20; n++)
        for (size_t at = 0; at < n; at++)
            for (int c = 0; c < 256; c++) {
                char text[20];
                memset(text, 0xff, sizeof text);
                text[at] = (char)c;
                assert_int_equal(fy_str_value_end((ferry_str){text, n}),
                    may_stand_in_a_value(c) ? n : at);
            }
}

static void the_first_of_many_control_bytes_ends_a_value(void **state)
{
    static const char pattern[] = "\t\t ab\t\x80\xff\tcd\t \t\tefghijkl";
    size_t n = sizeof pattern - 1;
    (void)state;
    for (size_t first = 0; first < n; first++)
        for (size_t second = first + 1; second < n; second++) {
            char *text = memory_exact(pattern, n);
            text[first] = '\r';
            text[second] = '\0';
            assert_int_equal(fy_str_value_end((ferry_str){text, n}), first);
            free(text);
        }
}

static void nothing_behind_a_view_is_read(void **state)
{
    (void)state;
    for (size_t n = 0; n < 40; n++) {
        char *text = memory_exact("a value of forty bytes, none of them bad", n);
        assert_int_equal(fy_str_value_end((ferry_str){text, n}), n);
        assert_true(fy_str_starts_nocase((ferry_str){text, n}, (ferry_str){text, n}));
        free(text);
    }
}

static void a_byte_is_lowered_a_digit_or_a_hexadecimal_digit(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) {
        const char *hex = "0123456789abcdef";
        const char *at = is_one_of(hex, lower_by_the_table(c))
                             ? strchr(hex, lower_by_the_table(c))
                             : NULL;
        assert_int_equal((unsigned char)fy_lower((char)c), lower_by_the_table(c));
        assert_int_equal(fy_is_digit((char)c), is_one_of(digits, c));
        assert_int_equal(fy_hex_value((char)c), at ? at - hex : -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_text_is_an_empty_view_that_may_be_read),
        cmocka_unit_test(a_literal_keeps_the_nul_inside_it),
        cmocka_unit_test(two_views_are_equal_byte_by_byte),
        cmocka_unit_test(only_ascii_letters_have_two_cases),
        cmocka_unit_test(a_prefix_is_found_whatever_its_case),
        cmocka_unit_test(a_view_is_parted_at_any_place),
        cmocka_unit_test(cutting_gives_what_stands_between_the_marks),
        cmocka_unit_test(trimming_takes_blanks_and_tabs_off_both_ends_only),
        cmocka_unit_test(a_number_is_digits_up_to_its_greatest),
        cmocka_unit_test(anything_else_is_no_number),
        cmocka_unit_test(a_nul_is_no_digit),
        cmocka_unit_test(a_token_ends_at_the_first_byte_that_is_no_tchar),
        cmocka_unit_test(a_value_ends_at_the_first_control_byte),
        cmocka_unit_test(the_first_of_many_control_bytes_ends_a_value),
        cmocka_unit_test(nothing_behind_a_view_is_read),
        cmocka_unit_test(a_byte_is_lowered_a_digit_or_a_hexadecimal_digit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
