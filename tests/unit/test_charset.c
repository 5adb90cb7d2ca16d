/* test_charset.c - charsets that the system knows, or none.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "net/charset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

static memory m;
static fy_buf out;
static fy_error x;

static int set_up(void **state)
{
    (void)state;
    memory_init(&m);
    fy_buf_init(&out, &m.platform, 100000);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fy_buf_fini(&out);
    return memory_is_clean(&m) ? 0 : -1;
}

static bool has_iconv(void)
{
    return fy_charset_put(&out, FY_S("utf-32le"), FY_S(""), &x) == FERRY_OK;
}

static void other_charsets_are_read_where_the_system_knows_them(void **state)
{
    static const struct {
        ferry_str name, bytes;
        const char *text;
    } cases[] = {
        {{"koi8-r", 6}, {"\xd0\xd2\xc9", 3}, "\xd0\xbf\xd1\x80\xd0\xb8"},
        {{"windows-1252", 12}, {"\x80 5", 3}, "\xe2\x82\xac 5"},
        {{"UTF-32LE", 8}, {"a\0\0\0\xac\x20\0\0", 8}, "a\xe2\x82\xac"},
        {{"shift_jis", 9}, {"\x82\xa0", 2}, "\xe3\x81\x82"},
        {{"shift_jis", 9}, {"a\x82", 2}, "a\xef\xbf\xbd"},
        {{"utf-32le", 8},
            {"\xff\xff\xff\xff"
             "a\0\0\0",
                8},
            NULL},
    };
    (void)state;
    if (!has_iconv())
        skip();
    for (size_t i = 0; i < COUNT(cases); i++) {
        fy_buf_clear(&out);
        assert_int_equal(
            fy_charset_put(&out, cases[i].name, cases[i].bytes, &x), FERRY_OK);
        if (cases[i].text)
            assert_string_equal(fy_buf_text(&out), cases[i].text);
        else
            assert_memory_equal(out.ptr, "\xef\xbf\xbd", 3);
    }
}

static void long_texts_are_read_whole(void **state)
{
    char bytes[5000];
    (void)state;
    if (!has_iconv())
        skip();
    memset(bytes, 0x80, sizeof bytes);
    assert_int_equal(fy_charset_put(&out, FY_S("windows-1252"),
                         (ferry_str){bytes, sizeof bytes}, &x),
        FERRY_OK);
    assert_int_equal(out.len, 15000);
    fy_buf_fini(&out);
    out.max = 14999;
    assert_int_equal(fy_charset_put(&out, FY_S("windows-1252"),
                         (ferry_str){bytes, sizeof bytes}, &x),
        FERRY_ERR_LIMIT);
}

static void what_is_no_charset_is_not_supported(void **state)
{
    static const char *const names[] = {"", "no-such-charset", "utf-32//IGNORE",
        "../../etc/passwd", "a b", "\xff",
        "a-name-that-is-longer-than-the-name-of-any-charset"};
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        assert_int_equal(fy_charset_put(&out, fy_str(names[i]), FY_S("a"), &x),
            FERRY_ERR_UNSUPPORTED);
    assert_int_equal(out.len, 0);
}

static void without_memory_it_says_so(void **state)
{
    (void)state;
    if (!has_iconv())
        skip();
    m.fail_at = m.calls + 1;
    assert_int_equal(
        fy_charset_put(&out, FY_S("koi8-r"), FY_S("a"), &x), FERRY_ERR_NOMEM);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(other_charsets_are_read_where_the_system_knows_them),
        TEST(long_texts_are_read_whole),
        TEST(what_is_no_charset_is_not_supported),
        TEST(without_memory_it_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
