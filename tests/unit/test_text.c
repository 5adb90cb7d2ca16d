/* test_text.c - bodies as text: which charset, and in UTF-8 (RFC 9110 8.3, RFC 3629).
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "proto/text.h"

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
#define FFFD "\xef\xbf\xbd"

static memory m;
static fy_buf out;

static int set_up(void **state)
{
    (void)state;
    memory_init(&m);
    fy_buf_init(&out, &m.platform, SIZE_MAX / 4);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fy_buf_fini(&out);
    return memory_is_clean(&m) ? 0 : -1;
}

/* --- which charset --------------------------------------------------------------- */

typedef struct found {
    const char *given, *content_type;
    ferry_str body;
    fy_charset charset;
    size_t skipped;
} found;

static void expect_found(const found *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        fy_text t;
        fy_text_find(
            &t, fy_str(cases[i].given), fy_str(cases[i].content_type), cases[i].body);
        if (t.charset != cases[i].charset ||
            t.bytes.len != cases[i].body.len - cases[i].skipped)
            fail_msg("case %d: charset %d, %d bytes", (int)i, (int)t.charset,
                (int)t.bytes.len);
    }
}

static void the_charset_parameter_says_it(void **state)
{
    static const found cases[] = {
        {"", "text/html; charset=utf-8", BYTES("a"), FY_CHARSET_UTF8, 0},
        {"", "text/html;CHARSET=\"UTF-8\"", BYTES("a"), FY_CHARSET_UTF8, 0},
        {"", "text/html; charset='utf8'", BYTES("a"), FY_CHARSET_UTF8, 0},
        {"", "text/html; a=\"; charset=utf-16\"; charset = Latin1 ", BYTES("a"),
            FY_CHARSET_LATIN1, 0},
        {"", "text/html; a=\"\\\"; charset=utf-16\"; charset=utf-8", BYTES("a"),
            FY_CHARSET_UTF8, 0},
        {"", "application/json; charset=ISO-8859-1", BYTES("a"), FY_CHARSET_LATIN1, 0},
        {"", "text/plain; charset=us-ascii", BYTES("a"), FY_CHARSET_UTF8, 0},
        {"", "text/plain; charset=utf-16", BYTES("a"), FY_CHARSET_UTF16LE, 0},
        {"", "text/plain; charset=UTF-16BE", BYTES("a"), FY_CHARSET_UTF16BE, 0},
        {"", "text/plain; charset=koi8-r", BYTES("a"), FY_CHARSET_OTHER, 0},
        {"", "text/plain; charset=; charset=utf-8", BYTES("a"), FY_CHARSET_UTF8, 0},
    };
    (void)state;
    expect_found(cases, COUNT(cases));
}

/* As requests has it, but that it guesses where nothing is known. */
static void without_one_text_is_latin_1_and_all_else_is_utf_8(void **state)
{
    static const found cases[] = {
        {"", "text/html", BYTES("a"), FY_CHARSET_LATIN1, 0},
        {"", "TEXT/plain; charset", BYTES("a"), FY_CHARSET_LATIN1, 0},
        {"", "text/plain; charset=\"\"", BYTES("a"), FY_CHARSET_LATIN1, 0},
        {"", "text/plain; xcharset=utf-8", BYTES("a"), FY_CHARSET_LATIN1, 0},
        {"", "application/json", BYTES("a"), FY_CHARSET_UTF8, 0},
        {"", "image/png", BYTES("a"), FY_CHARSET_UTF8, 0},
        {"", "", BYTES("a"), FY_CHARSET_UTF8, 0},
        {"", ";;;", BYTES(""), FY_CHARSET_UTF8, 0},
        {"", "text/plain; \"", BYTES("a"), FY_CHARSET_LATIN1, 0},
    };
    (void)state;
    expect_found(cases, COUNT(cases));
}

static void a_byte_order_mark_is_believed_and_taken_away(void **state)
{
    static const found cases[] = {
        {"", "text/html",
            BYTES("\xef\xbb\xbf"
                  "a"),
            FY_CHARSET_UTF8, 3},
        {"", "text/html; charset=latin1",
            BYTES("\xef\xbb\xbf"
                  "a"),
            FY_CHARSET_UTF8, 3},
        {"", "",
            BYTES("\xff\xfe"
                  "a\0"),
            FY_CHARSET_UTF16LE, 2},
        {"", "", BYTES("\xfe\xff\0a"), FY_CHARSET_UTF16BE, 2},
        {"", "; charset=utf-8", BYTES("\xfe\xff\0a"), FY_CHARSET_UTF16BE, 2},
        {"", "", BYTES("\xff\xfe\0\0a\0\0\0"), FY_CHARSET_UTF32LE, 4},
        {"", "", BYTES("\0\0\xfe\xff\0\0\0a"), FY_CHARSET_UTF32BE, 4},
        {"", "application/json", BYTES("\xfe\xff\0{\0}"), FY_CHARSET_UTF16BE, 2},
        {"", "application/json", BYTES("\xff\xfe{\0}\0"), FY_CHARSET_UTF16LE, 2},
        {"json", "", BYTES("\xef\xbb\xbf{}"), FY_CHARSET_UTF8, 3},
        {"", "", BYTES("\xef\xbb"), FY_CHARSET_UTF8, 0},
    };
    (void)state;
    expect_found(cases, COUNT(cases));
}

static void what_the_caller_says_counts_more(void **state)
{
    static const found cases[] = {
        {"latin1", "text/html; charset=utf-8",
            BYTES("\xef\xbb\xbf"
                  "a"),
            FY_CHARSET_LATIN1, 0},
        {"utf-8", "text/html",
            BYTES("\xef\xbb\xbf"
                  "a"),
            FY_CHARSET_UTF8, 3},
        {"utf-16", "", BYTES("\xfe\xff\0a"), FY_CHARSET_UTF16BE, 2},
        {"utf-16le", "", BYTES("\xfe\xff\0a"), FY_CHARSET_UTF16LE, 0},
        {"utf-16", "", BYTES("\xff\xfe\0\0"), FY_CHARSET_UTF16LE, 2},
        {"utf-32", "", BYTES("\xff\xfe\0\0"), FY_CHARSET_UTF32LE, 4},
        {"UTF32", "", BYTES("\0\0\xfe\xff"), FY_CHARSET_UTF32BE, 4},
        {"utf-32be", "", BYTES("\xff\xfe\0\0"), FY_CHARSET_UTF32BE, 0},
        {"utf-32le", "", BYTES("\xff\xfe\0\0"), FY_CHARSET_UTF32LE, 4},
        {"UTF-16BE", "", BYTES("\xfe\xff\0a"), FY_CHARSET_UTF16BE, 2},
        {"big5", "text/html; charset=utf-8", BYTES("a"), FY_CHARSET_OTHER, 0},
    };
    (void)state;
    expect_found(cases, COUNT(cases));
}

/* RFC 8259 8.1, RFC 4627 3; requests' guess_json_utf, and what it cannot tell. */
static void json_is_in_what_it_begins_like(void **state)
{
    static const ferry_str bodies[] = {BYTES("\0\0\0{\0\0\0}"), BYTES("{\0\0\0}\0\0\0"),
        BYTES("\0{\0}"), BYTES("{\0}\0"), BYTES("\0001"), BYTES("1\0"),
        BYTES("\0\"\x4e\x2d"), BYTES("\"\0\x2d\x4e"), BYTES("{}"), BYTES("1"),
        BYTES(""), BYTES("\0"), BYTES("\0\0\0"), BYTES("{\"a\": 1}")};
    static const fy_charset charsets[] = {FY_CHARSET_UTF32BE, FY_CHARSET_UTF32LE,
        FY_CHARSET_UTF16BE, FY_CHARSET_UTF16LE, FY_CHARSET_UTF16BE, FY_CHARSET_UTF16LE,
        FY_CHARSET_UTF16BE, FY_CHARSET_UTF16LE, FY_CHARSET_UTF8, FY_CHARSET_UTF8,
        FY_CHARSET_UTF8, FY_CHARSET_UTF8, FY_CHARSET_UTF16BE, FY_CHARSET_UTF8};
    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        const found cases[] = {
            {"", "application/json", bodies[i], charsets[i], 0},
            {"", "Application/JSON; version=1", bodies[i], charsets[i], 0},
            {"", "application/problem+json", bodies[i], charsets[i], 0},
            {"json", "", bodies[i], charsets[i], 0},
            {"JSON", "text/plain", bodies[i], charsets[i], 0},
            /* nobody asked */
            {"", "", bodies[i], FY_CHARSET_UTF8, 0},
            {"", "text/json", bodies[i], FY_CHARSET_LATIN1, 0},
            {"", "+json", bodies[i], FY_CHARSET_UTF8, 0},
            {"", "application/jsonp", bodies[i], FY_CHARSET_UTF8, 0},
            /* it is said */
            {"", "application/json; charset=latin1", bodies[i], FY_CHARSET_LATIN1, 0},
            {"json", "text/plain; charset=latin1", bodies[i], FY_CHARSET_LATIN1, 0},
            {"utf-8", "application/json", bodies[i], FY_CHARSET_UTF8, 0},
        };
        expect_found(cases, COUNT(cases));
    }
}

/* --- in UTF-8 -------------------------------------------------------------------- */

typedef struct written {
    fy_charset charset;
    ferry_str bytes;
    const char *text;
} written;

static void expect_written(const written *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *exact = memory_exact(cases[i].bytes.ptr, cases[i].bytes.len);
        fy_text t = {.charset = cases[i].charset, .bytes = {exact, cases[i].bytes.len}};
        fy_buf_clear(&out);
        fy_text_put(&out, &t);
        bool was_good = fy_text_is_utf8(t.bytes);
        free(exact);
        if (strcmp(fy_buf_text(&out), cases[i].text) != 0)
            fail_msg("case %d: %s", (int)i, fy_buf_text(&out));
        assert_true(fy_text_is_utf8(fy_buf_view(&out)));
        if (cases[i].charset == FY_CHARSET_UTF8)
            assert_int_equal(was_good, strstr(cases[i].text, FFFD) == NULL);
    }
}

static void utf_8_stays_and_what_is_malformed_is_replaced(void **state)
{
    static const written cases[] = {
        {FY_CHARSET_UTF8, BYTES(""), ""},
        {FY_CHARSET_UTF8, BYTES("\xc3\xa4\xe2\x82\xac\xf0\x9f\x9a\xa2 z"),
            "\xc3\xa4\xe2\x82\xac\xf0\x9f\x9a\xa2 z"},
        {FY_CHARSET_UTF8,
            BYTES("a\x80"
                  "b"),
            "a" FFFD "b"},
        {FY_CHARSET_UTF8, BYTES("\xc3"), FFFD},
        {FY_CHARSET_UTF8,
            BYTES("\xc3("
                  "\xe2\x82(\xf0\x9f\x9a"),
            FFFD "(" FFFD "(" FFFD},
        {FY_CHARSET_UTF8, BYTES("\xc0\xaf"), FFFD FFFD},
        {FY_CHARSET_UTF8, BYTES("\xe0\x80\xaf"), FFFD FFFD FFFD},
        {FY_CHARSET_UTF8, BYTES("\xed\xa0\x80"), FFFD FFFD FFFD},
        {FY_CHARSET_UTF8, BYTES("\xed\x9f\xbf\xee\x80\x80"),
            "\xed\x9f\xbf\xee\x80\x80"},
        {FY_CHARSET_UTF8, BYTES("\xf4\x8f\xbf\xbf"), "\xf4\x8f\xbf\xbf"},
        {FY_CHARSET_UTF8, BYTES("\xf4\x90\x80\x80"), FFFD FFFD FFFD FFFD},
        {FY_CHARSET_UTF8, BYTES("\xf8\x88\x80\x80\x80"), FFFD FFFD FFFD FFFD FFFD},
        {FY_CHARSET_UTF8,
            BYTES("\xff\xfe"
                  "a"),
            FFFD FFFD "a"},
        {FY_CHARSET_UTF8,
            BYTES("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf"
                  "A"),
            FFFD FFFD FFFD FFFD "A"},
    };
    (void)state;
    expect_written(cases, COUNT(cases));
}

static void latin_1_utf_16_and_utf_32_become_utf_8(void **state)
{
    static const written cases[] = {
        {FY_CHARSET_LATIN1, BYTES("caf\xe9 \x80\xff"), "caf\xc3\xa9 \xc2\x80\xc3\xbf"},
        {FY_CHARSET_UTF16LE, BYTES("a\0\xac\x20"), "a\xe2\x82\xac"},
        {FY_CHARSET_UTF16BE, BYTES("\0a\x20\xac"), "a\xe2\x82\xac"},
        {FY_CHARSET_UTF16BE, BYTES("\xd8\x3d\xde\xa2\0z"), "\xf0\x9f\x9a\xa2z"},
        {FY_CHARSET_UTF16LE, BYTES("\x3d\xd8\xa2\xde"), "\xf0\x9f\x9a\xa2"},
        {FY_CHARSET_UTF16BE, BYTES("\xd8\x3d\0z"), FFFD "z"},
        {FY_CHARSET_UTF16BE, BYTES("\xde\xa2\0z"), FFFD "z"},
        {FY_CHARSET_UTF16BE, BYTES("\0z\xd8\x3d"), "z" FFFD},
        {FY_CHARSET_UTF16BE, BYTES("\0z\xd8"), "z" FFFD},
        {FY_CHARSET_UTF16LE, BYTES("z"), FFFD},
        {FY_CHARSET_UTF32BE, BYTES("\0\0\0z\0\0\x20\xac\0\1\xf6\xa2"),
            "z\xe2\x82\xac\xf0\x9f\x9a\xa2"},
        {FY_CHARSET_UTF32LE, BYTES("z\0\0\0\xac\x20\0\0\xa2\xf6\1\0"),
            "z\xe2\x82\xac\xf0\x9f\x9a\xa2"},
        {FY_CHARSET_UTF32BE, BYTES("\0\0\xd8\0\0\0\xdf\xff\0\x11\0\0\xff\xff\xff\xff"),
            FFFD FFFD FFFD FFFD},
        {FY_CHARSET_UTF32BE, BYTES("\0\0\xd7\xff\0\0\xe0\0\0\x10\xff\xff"),
            "\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"},
        {FY_CHARSET_UTF32LE, BYTES("z\0\0\0z\0\0"), "z" FFFD},
    };
    (void)state;
    expect_written(cases, COUNT(cases));
}

static void without_memory_the_buffer_says_so(void **state)
{
    static const fy_charset charsets[] = {
        FY_CHARSET_UTF8, FY_CHARSET_LATIN1, FY_CHARSET_UTF16BE, FY_CHARSET_UTF32BE};
    (void)state;
    for (size_t i = 0; i < COUNT(charsets); i++) {
        fy_text t = {.charset = charsets[i],
            .bytes = FY_S("\xe9"
                          "a\xe9"
                          "b")};
        fy_buf_fini(&out);
        m.fail_at = m.calls + 1;
        fy_text_put(&out, &t);
        assert_int_equal(fy_buf_error(&out), FERRY_ERR_NOMEM);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_charset_parameter_says_it),
        TEST(without_one_text_is_latin_1_and_all_else_is_utf_8),
        TEST(a_byte_order_mark_is_believed_and_taken_away),
        TEST(what_the_caller_says_counts_more),
        TEST(json_is_in_what_it_begins_like),
        TEST(utf_8_stays_and_what_is_malformed_is_replaced),
        TEST(latin_1_utf_16_and_utf_32_become_utf_8),
        TEST(without_memory_the_buffer_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
