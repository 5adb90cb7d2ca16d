/* test_fields.c - field sections: found, listed, parsed in place (RFC 9112 5).
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "proto/fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define BYTES(literal)                                                                 \
    {                                                                                  \
        "" literal, sizeof(literal) - 1                                                \
    }

static memory m;
static fy_fields f;
static fy_error x;

static int set_up(void **state)
{
    (void)state;
    memory_init(&m);
    fy_fields_init(&f, &m.platform, 100);
    x = (fy_error){.code = FERRY_OK, .at = 77};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fy_fields_fini(&f);
    return memory_is_clean(&m) ? 0 : -1;
}

/* --- lists ----------------------------------------------------------------------- */

static void a_list_holds_as_many_fields_as_it_may(void **state)
{
    (void)state;
    f.max = 20;
    for (int i = 0; i < 20; i++)
        assert_int_equal(fy_fields_add(&f, FY_S("n"), FY_S("v"), &x), FERRY_OK);
    assert_int_equal(fy_fields_add(&f, FY_S("n"), FY_S("v"), &x), FERRY_ERR_LIMIT);
    assert_string_equal(x.what, "too many fields");
    assert_int_equal(f.n, 20);
}

static void a_list_that_gets_no_memory_keeps_what_it_has(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++)
        assert_int_equal(fy_fields_add(&f, FY_S("n"), FY_S("v"), &x), FERRY_OK);
    m.fail_at = m.calls + 1;
    assert_int_equal(fy_fields_add(&f, FY_S("late"), FY_S("v"), &x), FERRY_ERR_NOMEM);
    assert_int_equal(f.n, 8);
    assert_int_equal(fy_fields_add(&f, FY_S("late"), FY_S("v"), &x), FERRY_OK);
    assert_true(fy_str_eq(f.at[0].name, FY_S("n")));
    assert_true(fy_str_eq(f.at[8].name, FY_S("late")));
}

static void a_freed_list_is_empty_and_may_be_used_again(void **state)
{
    (void)state;
    assert_int_equal(fy_fields_add(&f, FY_S("a"), FY_S("1"), &x), FERRY_OK);
    fy_fields_fini(&f);
    assert_int_equal(f.n, 0);
    assert_int_equal(f.max, 100);
    assert_int_equal(fy_fields_add(&f, FY_S("b"), FY_S("2"), &x), FERRY_OK);
    assert_int_equal(f.n, 1);
}

static void a_field_is_found_by_name_and_number_whatever_its_case(void **state)
{
    static const ferry_field at[] = {
        {{"Vary", 4}, {"a", 1}},
        {{"Via", 3}, {"b", 1}},
        {{"vary", 4}, {"c", 1}},
        {{"VARY", 4}, {"d", 1}},
    };
    static const struct {
        const char *name;
        size_t nth;
        const char *value;
    } cases[] = {{"vary", 0, "a"}, {"Vary", 1, "c"}, {"vARY", 2, "d"},
        {"vary", 3, NULL}, {"via", 0, "b"}, {"via", 1, NULL}, {"va", 0, NULL},
        {"variant", 0, NULL}, {"", 0, NULL}};
    ferry_fields list = {at, COUNT(at)};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const ferry_field *found = fy_fields_find(
            list, fy_str(cases[i].name), cases[i].nth);
        assert_int_equal(found != NULL, cases[i].value != NULL);
        if (found)
            assert_string_equal(found->value.ptr, cases[i].value);
    }
    assert_null(fy_fields_find((ferry_fields){NULL, 0}, FY_S("vary"), 0));
}

static void a_token_is_found_in_a_list_as_a_whole(void **state)
{
    static const struct {
        const char *list;
        bool has_close;
    } cases[] = {{"close", true}, {"Close", true}, {"keep-alive, close", true},
        {"close,x", true}, {"a ,\tCLOSE\t, b", true}, {",,close", true}, {"", false},
        {",", false}, {"closed", false}, {"not-close", false}, {"clos", false},
        {"close close", false}, {"close;q=1", false}, {"\"close\"", false}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (fy_list_has_token(fy_str(cases[i].list), FY_S("close")) !=
            cases[i].has_close)
            fail_msg("\"%s\"", cases[i].list);
}

/* --- parsing --------------------------------------------------------------------- */

/* In a block of its own, so that a byte read or written outside of it shows. */
static ferry_err parse(char *text, size_t n, int64_t base)
{
    f.n = 0;
    return fy_fields_parse(&f, text, n, base, &x);
}

/* "name=value|name=value|" */
static void expect_fields(const char *section, const char *expected)
{
    char seen[200] = "";
    size_t n = strlen(section);
    char *text = memory_exact(section, n);
    if (parse(text, n, 0))
        fail_msg("%s: %s at %d", section, x.what, (int)x.at);
    for (size_t i = 0; i < f.n; i++) {
        const ferry_field *at = &f.at[i];
        assert_int_equal(strlen(at->name.ptr), at->name.len);
        assert_int_equal(strlen(at->value.ptr), at->value.len);
        assert_true(at->name.ptr >= text && at->value.ptr + at->value.len < text + n);
        sprintf(seen + strlen(seen), "%s=%s|", at->name.ptr, at->value.ptr);
    }
    assert_string_equal(seen, expected);
    free(text);
}

static void fields_are_taken_apart(void **state)
{
    static const struct {
        const char *section, *fields;
    } cases[] = {
        {"", ""},
        {"a:b\r\n", "a=b|"},
        {"A: b\r\n", "A=b|"},
        {"a: b\r\nA: c\r\n", "a=b|A=c|"},
        {"a:\r\n", "a=|"},
        {"a: \t \r\n", "a=|"},
        {"a: \tb c\t \r\n", "a=b c|"},
        {"a: b: c\r\n", "a=b: c|"},
        {"a::\r\n", "a=:|"},
        {"a: \"b\"\r\n", "a=\"b\"|"},
        {"!#$%&'*+-.^_`|~09azAZ: x\r\n", "!#$%&'*+-.^_`|~09azAZ=x|"},
        {"a: caf\xc3\xa9\xff\x80\r\n", "a=caf\xc3\xa9\xff\x80|"},
        {"a: b\tc\r\n", "a=b\tc|"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_fields(cases[i].section, cases[i].fields);
}

/* RFC 9112 5.2: obs-fold = OWS CRLF RWS. */
static void a_folded_line_is_joined_with_one_space(void **state)
{
    static const struct {
        const char *section, *fields;
    } cases[] = {
        {"a: b\r\n c\r\n", "a=b c|"},
        {"a: b\r\n\tc\r\n", "a=b c|"},
        {"a: b\r\n   \t c  \r\n", "a=b c|"},
        {"a: b\r\n c\r\n\td\r\ne: f\r\n", "a=b c d|e=f|"},
        {"a:\r\n b\r\n", "a=b|"},
        {"a: b\r\n \r\n", "a=b|"},
        {"a: b \t\r\n c\r\n", "a=b c|"},
        {"a: b\r\n\t\t\t\t\t\t\tccccccccccccccccccc\r\n", "a=b ccccccccccccccccccc|"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_fields(cases[i].section, cases[i].fields);
}

static void a_bad_line_is_an_error_at_its_byte(void **state)
{
    static const struct {
        ferry_str section;
        int at;
    } cases[] = {
        {BYTES("\r\n"), 0},
        {BYTES(" a: b\r\n"), 0},
        {BYTES("\ta: b\r\n"), 0},
        {BYTES(": b\r\n"), 0},
        {BYTES("a\r\n"), 1},
        {BYTES("a"), 1},
        {BYTES("a b: c\r\n"), 1},
        {BYTES("a : b\r\n"), 1},
        {BYTES("a\t: b\r\n"), 1},
        {BYTES("a\0: b\r\n"), 1},
        {BYTES("a(b): c\r\n"), 1},
        {BYTES("caf\xc3\xa9: c\r\n"), 3},
        {BYTES("ok: 1\r\nno\r\n"), 9},
        {BYTES("a: b\0c\r\n"), 4},
        {BYTES("a: b\x01\r\n"), 4},
        {BYTES("a: b\x7f\r\n"), 4},
        {BYTES("a: b\rc\r\n"), 4},
        {BYTES("a: b\nc: d\r\n"), 4},
        {BYTES("a: b\r\r\n"), 4},
        {BYTES("a: b\n"), 4},
        {BYTES("a: b\r"), 4},
        {BYTES("a: b"), 4},
        {BYTES("a:"), 2},
        {BYTES("a: b\r\n c\n"), 8},
        {BYTES("a: b\r\n c\0\r\n"), 8},
        {BYTES("a: b\r\n c"), 8},
        {BYTES("a: b\r\n\tc\rd\r\n"), 8},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text = memory_exact(cases[i].section.ptr, cases[i].section.len);
        if (parse(text, cases[i].section.len, 1000) != FERRY_ERR_PROTOCOL)
            fail_msg("case %d is no error", (int)i);
        if (x.at != 1000 + cases[i].at)
            fail_msg("case %d is at %d", (int)i, (int)x.at - 1000);
        free(text);
    }
}

/* RFC 9110 5.5, RFC 9112 2.2: wherever it stands, before a line end and instead of one. */
static void no_control_byte_but_a_tab_may_stand_in_a_line(void **state)
{
    static const char *const lines[] = {"a: ?b\r\n", "a: b?c\r\n", "a: b?\r\n",
        "a: b?\n", "a: b\r?", "a: b\r\n c?\n", "a: b\r\n c?d\r\n"};
    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++)
        for (int c = 0; c < 0x80; c++) {
            size_t n = strlen(lines[i]);
            char *section = memory_exact(lines[i], n);
            char *at = memchr(section, '?', n);
            bool is_end = (c == '\r' && at + 1 < section + n && at[1] == '\n') ||
                          (c == '\n' && at[-1] == '\r');
            *at = (char)c;
            bool is_bad = (c < 0x20 && c != '\t' && !is_end) || c == 0x7f;
            if (is_bad && parse(section, n, 0) != FERRY_ERR_PROTOCOL)
                fail_msg("line %d with byte %d", (int)i, c);
            free(section);
        }
}

static void parsing_adds_to_what_is_there(void **state)
{
    char text[] = "b: 2\r\n";
    (void)state;
    assert_int_equal(fy_fields_add(&f, FY_S("a"), FY_S("1"), &x), FERRY_OK);
    assert_int_equal(fy_fields_parse(&f, text, strlen(text), 0, &x), FERRY_OK);
    ferry_fields view = fy_fields_view(&f);
    assert_int_equal(view.n, 2);
    assert_string_equal(view.at[1].value.ptr, "2");
}

static void too_many_lines_are_over_the_limit(void **state)
{
    char text[] = "a: 1\r\nb: 2\r\nc: 3\r\n";
    (void)state;
    f.max = 2;
    assert_int_equal(parse(text, strlen(text), 0), FERRY_ERR_LIMIT);
}

static void parsing_without_memory_says_so_at_every_call(void **state)
{
    (void)state;
    for (int k = 1; k <= 3; k++) {
        char text[20 * 6 + 1] = "";
        for (int i = 0; i < 20; i++)
            strcat(text, "a: b\r\n");
        fy_fields_fini(&f);
        m.fail_at = m.calls + k;
        assert_int_equal(parse(text, strlen(text), 0), FERRY_ERR_NOMEM);
        assert_int_equal(x.code, FERRY_ERR_NOMEM);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void a_list_of_the_caller_s_has_a_name_or_has_not(void **state)
{
    static const ferry_pair list[] = {{"Accept", "a"}, {"range", NULL}, {NULL, NULL}};
    (void)state;
    assert_true(fy_fields_are_given(list, FY_S("ACCEPT")));
    assert_true(fy_fields_are_given(list, FY_S("Range"))); /* taken away */
    assert_false(fy_fields_are_given(list, FY_S("Rang")));
    assert_false(fy_fields_are_given(list, FY_S("")));
    assert_false(fy_fields_are_given(&list[2], FY_S("Accept")));
    assert_false(fy_fields_are_given(NULL, FY_S("Accept")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_list_holds_as_many_fields_as_it_may),
        TEST(a_list_that_gets_no_memory_keeps_what_it_has),
        TEST(a_freed_list_is_empty_and_may_be_used_again),
        TEST(a_field_is_found_by_name_and_number_whatever_its_case),
        TEST(a_token_is_found_in_a_list_as_a_whole),
        TEST(fields_are_taken_apart),
        TEST(a_list_of_the_caller_s_has_a_name_or_has_not),
        TEST(a_folded_line_is_joined_with_one_space),
        TEST(a_bad_line_is_an_error_at_its_byte),
        TEST(no_control_byte_but_a_tab_may_stand_in_a_line),
        TEST(parsing_adds_to_what_is_there),
        TEST(too_many_lines_are_over_the_limit),
        TEST(parsing_without_memory_says_so_at_every_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
