/* test_cookies_txt.c - cookies as the text of Netscape's cookies.txt.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "policy/cookies_txt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define FIRST_LINES                                                                    \
    "# Netscape HTTP Cookie File\n"                                                    \
    "# Written by ferry. Whoever can read this can be you.\n\n"

enum { NOW = 1000000 };

static memory m;
static fy_jar jar;

static int set_up(void **state)
{
    (void)state;
    memory_init(&m);
    m.secret = "SECRET";
    fy_jar_init(&jar, &m.platform, 7);
    fy_cookies_fill(&jar.limits);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fy_jar_fini(&jar);
    return memory_is_clean(&m) ? 0 : -1;
}

static void set(const char *host, const char *field)
{
    const char *why;
    fy_cookie_peer peer = {fy_str(host), FY_S("/dir/x"), true, false};
    assert_int_equal(fy_cookies_take(&jar, &peer, fy_str(field), NOW, &why), FERRY_OK);
    assert_null(why);
}

static const char *text_of(ferry_cookie_kind kind)
{
    static char text[4000];
    fy_buf out;
    fy_buf_init(&out, &m.platform, SIZE_MAX / 4);
    fy_cookies_txt_put(&out, &jar, kind, NOW);
    memcpy(text, fy_buf_text(&out), out.len + 1);
    fy_wipe(out.ptr, out.cap);
    fy_buf_fini(&out);
    return text;
}

/* How many lines were dropped. */
static int64_t load(const char *text, ferry_cookie_kind kind)
{
    int64_t dropped = -1;
    size_t n = strlen(text);
    char *exact = memory_exact(text, n);
    assert_int_equal(
        fy_cookies_txt_read(&jar, (ferry_str){exact, n}, kind, NOW, &dropped),
        FERRY_OK);
    free(exact);
    return dropped;
}

static void empty(void)
{
    while (jar.order[FY_JAR_MADE].first)
        fy_jar_remove(&jar, jar.order[FY_JAR_MADE].first);
}

static void a_jar_is_written_the_oldest_first_and_read_again_as_it_was(void **state)
{
    static const char expected[] = FIRST_LINES
        "a.test\tFALSE\t/dir\tFALSE\t0\tn\tv\n"
        ".a.test\tTRUE\t/\tTRUE\t1000010\tm\tx y=\"z\"\n"
        "#HttpOnly_b.test\tFALSE\t/dir\tFALSE\t35560000\t\tnameless\n"
        "#HttpOnly_.b.test\tTRUE\t/dir\tFALSE\t0\tempty\t\n";
    (void)state;
    set("a.test", "n=v");
    set("x.a.test", "m=x y=\"z\"; Domain=a.test; Path=/; Secure; Max-Age=10");
    set("b.test", "nameless; HttpOnly; Max-Age=99999999999");
    set("b.test", "empty=; HttpOnly; Domain=b.test");
    assert_string_equal(text_of(FERRY_COOKIES_ALL), expected);
    empty();
    assert_int_equal(load(expected, FERRY_COOKIES_ALL), 0);
    assert_string_equal(text_of(FERRY_COOKIES_ALL), expected);
}

static void cookies_of_the_session_can_be_left_out_both_ways(void **state)
{
    static const char both[] = FIRST_LINES
        "a.test\tFALSE\t/dir\tFALSE\t0\ts\t1\n"
        "a.test\tFALSE\t/dir\tFALSE\t1000010\tp\t2\n";
    (void)state;
    set("a.test", "s=1");
    set("a.test", "p=2; Max-Age=10");
    assert_null(strstr(text_of(FERRY_COOKIES_PERSISTENT), "\ts\t"));
    assert_non_null(strstr(text_of(FERRY_COOKIES_PERSISTENT), "\tp\t"));
    assert_non_null(strstr(text_of(FERRY_COOKIES_SESSION), "\ts\t"));
    assert_null(strstr(text_of(FERRY_COOKIES_SESSION), "\tp\t"));
    empty();
    assert_int_equal(load(both, FERRY_COOKIES_PERSISTENT), 0);
    assert_int_equal(jar.n, 1);
    assert_string_equal(jar.order[FY_JAR_MADE].first->pub.name, "p");
}

static void what_curl_and_browsers_write_is_read(void **state)
{
    static const char *const lines[] = {
        "a.test\tFALSE\t/dir\tFALSE\t2000000\tn\tv\r\n",
        ".a.test\tFALSE\t/dir\tFALSE\t2000000\tn\tv",
        "A.Test\tfalse\t/dir\tFalse\t2000000.25\tn\tv\n",
        "# a comment\n\n\r\na.test\tFALSE\t/dir\tFALSE\t2000000\tn\tv\n#\n",
        "a.test\tFALSE\t/dir\tFALSE\t2000000.\tn\tv\n",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++) {
        assert_int_equal(load(lines[i], FERRY_COOKIES_ALL), 0);
        assert_string_equal(text_of(FERRY_COOKIES_ALL),
            FIRST_LINES "a.test\tFALSE\t/dir\tFALSE\t2000000\tn\tv\n");
        empty();
    }
    assert_int_equal(load("a.test\tTRUE\t/\tFALSE\t\tn\n", FERRY_COOKIES_ALL), 0);
    assert_string_equal(
        text_of(FERRY_COOKIES_ALL), FIRST_LINES ".a.test\tTRUE\t/\tFALSE\t0\tn\t\n");
    /* What has ended is no bad line. */
    assert_int_equal(load("a.test\tFALSE\t/\tFALSE\t5\tx\ty\n", FERRY_COOKIES_ALL), 0);
    assert_int_equal(jar.n, 1);
}

static void a_bad_line_is_dropped_whole_and_counted(void **state)
{
    static const char *const lines[] = {
        "a.test\n",
        "a.test\tFALSE\t/\tFALSE\t2000000\n",
        "a.test\tMAYBE\t/\tFALSE\t2000000\tn\tv\n",
        "a.test\tFALSE\t/\t\t2000000\tn\tv\n",
        "a.test\tFALSE\t/\tFALSE\t-1\tn\tv\n",
        "a.test\tFALSE\t/\tFALSE\t1x\tn\tv\n",
        "a.test\tFALSE\t/\tFALSE\t1.x\tn\tv\n",
        "a.test\tFALSE\t/\tFALSE\t99999999999999999999\tn\tv\n",
        "a.test\tFALSE\tdir\tFALSE\t2000000\tn\tv\n",
        "a.test\tFALSE\t\tFALSE\t2000000\tn\tv\n",
        "\tFALSE\t/\tFALSE\t2000000\tn\tv\n",
        ".\tTRUE\t/\tFALSE\t2000000\tn\tv\n",
        "..a.test\tTRUE\t/\tFALSE\t2000000\tn\tv\n",
        "test\tTRUE\t/\tFALSE\t2000000\tn\tv\n",
        "0.0.1\tTRUE\t/\tFALSE\t2000000\tn\tv\n",
        "[::1]\tTRUE\t/\tFALSE\t2000000\tn\tv\n",
        "a.test\tFALSE\t/\tFALSE\t2000000\tn\tv\tw\n",
        "a.test\tFALSE\t/\tFALSE\t2000000\tn\tv; evil=1\n",
        "a.test\tFALSE\t/\tFALSE\t2000000\tn=m\tv\n",
        "a.test\tFALSE\t/\tFALSE\t2000000\tn\tv\x01\n",
        "a.test\tFALSE\t/\tFALSE\t2000000\tn\tv\rw\n",
        "a.test\tFALSE\t/\tFALSE\t2000000\t n\tv\n",
        "a.test\tFALSE\t/\tFALSE\t2000000\t\t\n",
        "a.test\tFALSE\t/\tFALSE\t2000000\t__Secure-n\tv\n",
        "a.test\tTRUE\t/\tTRUE\t2000000\t__Host-n\tv\n",
        " a.test FALSE / FALSE 2000000 n v\n",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++) {
        if (load(lines[i], FERRY_COOKIES_ALL) != 1)
            fail_msg("line %zu is bad: %s", i, lines[i]);
        assert_int_equal(jar.n, 0);
    }
}

/* Nothing of such a line may become a line of its own (CVE-2016-8615). */
static void an_overlong_line_is_dropped_whole_and_the_next_is_read(void **state)
{
    static char text[40000];
    (void)state;
    sprintf(text,
        "a.test\tFALSE\t/\tFALSE\t2000000\tn\t%05000d\n"
        "a.test\tFALSE\t/%030000d\tFALSE\t2000000\tn\tv\n"
        "%02000d\tFALSE\t/\tFALSE\t2000000\tn\tv\n"
        "a.test\tFALSE\t/\tFALSE\t2000000\tnext\tv\n",
        1, 2, 3);
    assert_int_equal(load(text, FERRY_COOKIES_ALL), 3);
    assert_string_equal(text_of(FERRY_COOKIES_ALL),
        FIRST_LINES "a.test\tFALSE\t/\tFALSE\t2000000\tnext\tv\n");
}

static void what_the_format_cannot_say_is_left_out_and_counted(void **state)
{
    fy_buf out;
    (void)state;
    set("a.test", "n=a\tb");
    set("a.test", "n\tm=b");
    set("a.test", "n=b; Path=/a\tb");
    set("a.test", "plain=1");
    fy_buf_init(&out, &m.platform, SIZE_MAX / 4);
    assert_int_equal(fy_cookies_txt_put(&out, &jar, FERRY_COOKIES_ALL, NOW), 3);
    assert_string_equal(
        fy_buf_text(&out), FIRST_LINES "a.test\tFALSE\t/dir\tFALSE\t0\tplain\t1\n");
    fy_buf_fini(&out);
}

static void without_memory_reading_stops_and_keeps_what_it_has(void **state)
{
    static const char text[] = "a.test\tFALSE\t/\tFALSE\t2000000\tn\tSECRET\n"
                               "b.test\tFALSE\t/\tFALSE\t2000000\tn\tv\n";
    (void)state;
    for (int k = 1;; k++) {
        int64_t dropped;
        m.fail_at = m.calls + k;
        ferry_err e = fy_cookies_txt_read(
            &jar, fy_str(text), FERRY_COOKIES_ALL, NOW, &dropped);
        assert_int_equal(dropped, 0);
        if (!e)
            break;
        assert_int_equal(e, FERRY_ERR_NOMEM);
        assert_true(jar.n < 2);
        fy_jar_fini(&jar);
        fy_jar_init(&jar, &m.platform, 7);
        fy_cookies_fill(&jar.limits);
    }
    assert_int_equal(jar.n, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_jar_is_written_the_oldest_first_and_read_again_as_it_was),
        TEST(cookies_of_the_session_can_be_left_out_both_ways),
        TEST(what_curl_and_browsers_write_is_read),
        TEST(a_bad_line_is_dropped_whole_and_counted),
        TEST(an_overlong_line_is_dropped_whole_and_the_next_is_read),
        TEST(what_the_format_cannot_say_is_left_out_and_counted),
        TEST(without_memory_reading_stops_and_keeps_what_it_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
