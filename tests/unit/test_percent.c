/* test_percent.c - which byte may stand where, and components in their normal form.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "proto/percent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/* Is `c` in `text`? NUL is in none. */
static bool is_one_of(const char *text, int c)
{
    return c != 0 && strchr(text, c) != NULL;
}

static bool is_letter_or_digit(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* The sets once more, as RFC 3986 appendix A writes them. */
static unsigned expected_sets(int c)
{
    bool is_unreserved = is_letter_or_digit(c) || is_one_of("-._~", c);
    bool is_pchar = is_unreserved || is_one_of("!$&'()*+,;=:@", c);
    unsigned sets = 0;
    if (is_unreserved)
        sets |= FY_PERCENT_UNRESERVED;
    if ((is_unreserved && !(c >= 'A' && c <= 'Z')) || is_one_of("!$&'()+,;=", c))
        sets |= FY_PERCENT_HOST;
    if (is_pchar && c != '@')
        sets |= FY_PERCENT_USERINFO;
    if (is_pchar || c == '/')
        sets |= FY_PERCENT_PATH;
    if (is_pchar || c == '/' || c == '?')
        sets |= FY_PERCENT_QUERY;
    if (c < 0x20 || c == 0x7f)
        sets |= FY_PERCENT_CONTROL;
    return sets;
}

static void every_byte_is_in_the_sets_of_rfc_3986(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++)
        for (unsigned set = 1; set <= FY_PERCENT_CONTROL; set *= 2) {
            char byte = (char)c;
            assert_int_equal(
                fy_percent_run((ferry_str){&byte, 1}, set), !!(expected_sets(c) & set));
        }
}

static void a_run_ends_at_the_first_byte_outside_whatever_its_place(void **state)
{
    (void)state;
    for (size_t n = 0; n < 13; n++)
        for (size_t odd = 0; odd <= n; odd++) {
            char text[13];
            memset(text, 'a', sizeof text);
            if (odd < n)
                text[odd] = '/';
            char *exact = memory_exact(text, n);
            assert_int_equal(
                fy_percent_run((ferry_str){exact, n}, FY_PERCENT_HOST), odd);
            free(exact);
        }
}

static void a_triplet_has_two_hexadecimal_digits(void **state)
{
    static const struct {
        const char *text;
        int value;
    } cases[] = {{"%00", 0}, {"%7e", 0x7e}, {"%Ff", 0xff}, {"%41rest", 0x41}, {"", -1},
        {"%", -1}, {"%4", -1}, {"%g1", -1}, {"%1g", -1}, {"%-1", -1}, {"%1 ", -1},
        {"41", -1}, {"a41", -1}, {"%%4", -1}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n = strlen(cases[i].text);
        char *exact = memory_exact(cases[i].text, n);
        assert_int_equal(fy_percent_value((ferry_str){exact, n}), cases[i].value);
        free(exact);
    }
}

static void expect_put(const char *in, unsigned set, const char *out)
{
    memory m;
    fy_buf b;
    size_t n = strlen(in);
    char *exact = memory_exact(in, n);
    memory_init(&m);
    fy_buf_init(&b, &m.platform, 1000);
    assert_int_equal(fy_percent_put(&b, (ferry_str){exact, n}, set), n);
    assert_string_equal(fy_buf_text(&b), out);
    fy_buf_fini(&b);
    free(exact);
    assert_true(memory_is_clean(&m));
}

static void a_component_gets_its_normal_form(void **state)
{
    (void)state;
    expect_put("", FY_PERCENT_PATH, "");
    expect_put("/a/b;c=1,2:@!$&'()*+", FY_PERCENT_PATH, "/a/b;c=1,2:@!$&'()*+");
    expect_put("%41%7e%2D%5f%2f%3a", FY_PERCENT_PATH, "A~-_%2F%3A");
    expect_put("a b?[\"<>\\^`{|}\xc3\xa9", FY_PERCENT_PATH,
        "a%20b%3F%5B%22%3C%3E%5C%5E%60%7B%7C%7D%C3%A9");
    expect_put("a?b/c#d", FY_PERCENT_QUERY, "a?b/c%23d");
    expect_put("us@er:pw/", FY_PERCENT_USERINFO, "us%40er:pw%2F");
    expect_put("%00%0a%7f", FY_PERCENT_PATH, "%00%0A%7F");
}

static void one_percent_that_begins_no_triplet_makes_none_of_them_begin_one(
    void **state)
{
    (void)state;
    expect_put("%zz", FY_PERCENT_QUERY, "%25zz");
    expect_put("%41%4", FY_PERCENT_QUERY, "%2541%254");
    expect_put("%41%", FY_PERCENT_QUERY, "%2541%25");
    expect_put("a%%41", FY_PERCENT_QUERY, "a%25%2541");
    expect_put("%25zz", FY_PERCENT_QUERY, "%25zz");
}

static void a_component_is_taken_up_to_the_first_control_byte(void **state)
{
    memory m;
    fy_buf b;
    (void)state;
    memory_init(&m);
    fy_buf_init(&b, &m.platform, 1000);
    assert_int_equal(fy_percent_put(&b, FY_S("a b\0c"), FY_PERCENT_PATH), 3);
    assert_int_equal(fy_percent_put(&b, FY_S("\x7f"), FY_PERCENT_PATH), 0);
    assert_int_equal(fy_percent_put(&b, FY_S("ok\n%41"), FY_PERCENT_PATH), 2);
    assert_string_equal(fy_buf_text(&b), "a%20bok");
    fy_buf_fini(&b);
}

static void decoding_leaves_what_is_no_triplet_and_never_grows(void **state)
{
    static const struct {
        ferry_str text, plain;
    } cases[] = {{{"", 0}, {"", 0}}, {{"a", 1}, {"a", 1}}, {{"%41", 3}, {"A", 1}},
        {{"%00%fF", 6}, {"\0\xff", 2}}, {{"%", 1}, {"%", 1}}, {{"%4", 2}, {"%4", 2}},
        {{"%4g%41", 6}, {"%4gA", 4}}, {{"%2541", 5}, {"%41", 3}},
        {{"a%20b%", 6}, {"a b%", 4}}};
    memory m;
    fy_buf b;
    (void)state;
    memory_init(&m);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ferry_str s = cases[i].text, plain = cases[i].plain;
        char *exact = memory_exact(s.ptr, s.len);
        fy_buf_init(&b, &m.platform, 6);
        fy_percent_put_decoded(&b, (ferry_str){exact, s.len});
        assert_int_equal(b.len, plain.len);
        assert_memory_equal(fy_buf_text(&b), plain.ptr, plain.len);
        assert_int_equal(
            fy_percent_decode(exact, (ferry_str){exact, s.len}), plain.len);
        assert_memory_equal(exact, plain.ptr, plain.len);
        fy_buf_fini(&b);
        free(exact);
    }
    fy_buf_init(&b, &m.platform, 2); /* the ceiling is that of the text as written */
    fy_percent_put_decoded(&b, FY_S("abc"));
    assert_true(b.failed);
    fy_buf_fini(&b);
    assert_true(memory_is_clean(&m));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_is_in_the_sets_of_rfc_3986),
        cmocka_unit_test(a_run_ends_at_the_first_byte_outside_whatever_its_place),
        cmocka_unit_test(a_triplet_has_two_hexadecimal_digits),
        cmocka_unit_test(a_component_gets_its_normal_form),
        cmocka_unit_test(
            one_percent_that_begins_no_triplet_makes_none_of_them_begin_one),
        cmocka_unit_test(decoding_leaves_what_is_no_triplet_and_never_grows),
        cmocka_unit_test(a_component_is_taken_up_to_the_first_control_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
