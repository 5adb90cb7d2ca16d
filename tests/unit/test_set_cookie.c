/* test_set_cookie.c - what a Set-Cookie field says (RFC 6265bis 5.6).
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "proto/set_cookie.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

enum { NOW = 1000000 };

static char *exact; /* the last field read; freed with the next */

static const char *parse(fy_set_cookie *c, const char *field, size_t n)
{
    free(exact);
    exact = memory_exact(field, n);
    return fy_set_cookie_parse(c, (ferry_str){exact, n}, NOW, 4096, 1024);
}

static int tear_down(void **state)
{
    (void)state;
    free(exact);
    exact = NULL;
    return 0;
}

/* All that was read, as one text. */
static const char *said(const char *field)
{
    static char text[400];
    fy_set_cookie c;
    const char *why = parse(&c, field, strlen(field));
    if (why)
        return why;
    snprintf(text, sizeof text, "[%.*s][%.*s] d=%.*s p=%.*s%s%s%s s%d", (int)c.name.len,
        c.name.ptr, (int)c.value.len, c.value.ptr, (int)c.domain.len, c.domain.ptr,
        (int)c.path.len, c.path.ptr, c.has_path ? "!" : "", c.is_secure ? " S" : "",
        c.is_http_only ? " H" : "", (int)c.same_site);
    if (c.is_persistent)
        sprintf(text + strlen(text), " +%lld",
            (long long)(c.expires == INT64_MIN ? -1 : c.expires - NOW));
    return text;
}

typedef struct saying {
    const char *field, *said;
} saying;

static void expect_said(const saying *cases, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_string_equal(said(cases[i].field), cases[i].said);
}

static void name_and_value_are_cut_at_the_first_equals_sign(void **state)
{
    static const saying cases[] = {
        {"a=b", "[a][b] d= p= s0"},
        {" a\t= b c \t;", "[a][b c] d= p= s0"},
        {"a=b=c", "[a][b=c] d= p= s0"},
        {"a=", "[a][] d= p= s0"},
        {"=b", "[][b] d= p= s0"},
        {"b", "[][b] d= p= s0"},
        {"==", "[][=] d= p= s0"},
        {"a=\"b;c\"", "[a][\"b] d= p= s0"},
        {"a b=\x80\xff", "[a b][\x80\xff] d= p= s0"},
    };
    (void)state;
    expect_said(cases, COUNT(cases));
}

static void the_last_attribute_of_a_name_counts_in_any_case(void **state)
{
    static const saying cases[] = {
        {"a=b;Domain=.X.test; PATH = /y ;secure;HttpOnly=no;SameSite=LAX",
            "[a][b] d=X.test p=/y! S H s2"},
        {"a=b; path=/x; path=/y", "[a][b] d= p=/y! s0"},
        {"a=b; path=/x; path=y", "[a][b] d= p=! s0"},
        {"a=b; domain=x; domain=", "[a][b] d= p= s0"},
        {"a=b; domain=..x", "[a][b] d=.x p= s0"},
        {"a=b; samesite=none; samesite=strict", "[a][b] d= p= s3"},
        {"a=b; samesite=none; samesite=other", "[a][b] d= p= s0"},
        {"a=b; unknown=1; ;;=; secured", "[a][b] d= p= s0"},
    };
    (void)state;
    expect_said(cases, COUNT(cases));
}

static void max_age_is_stronger_than_expires_wherever_it_stands(void **state)
{
    static const saying cases[] = {
        {"a=b; Max-Age=10; Expires=Fri, 01 Jan 2100 00:00:00 GMT",
            "[a][b] d= p= s0 +10"},
        {"a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=10",
            "[a][b] d= p= s0 +10"},
        {"a=b; Max-Age=x; Expires=Thu, 01 Jan 1970 00:00:09 GMT",
            "[a][b] d= p= s0 +-999991"},
        {"a=b; Max-Age=1; Max-Age=2; Max-Age=-; Max-Age=3x; Max-Age=",
            "[a][b] d= p= s0 +2"},
        {"a=b; Max-Age=0", "[a][b] d= p= s0 +-1"},
        {"a=b; Max-Age=-000", "[a][b] d= p= s0 +-1"},
        {"a=b; Max-Age=-99999999999999999999999", "[a][b] d= p= s0 +-1"},
        {"a=b; Max-Age=000000000000000000000000007", "[a][b] d= p= s0 +7"},
        {"a=b; Expires=yesterday", "[a][b] d= p= s0"},
    };
    (void)state;
    expect_said(cases, COUNT(cases));
}

static void no_cookie_lives_longer_than_400_days(void **state)
{
    static const saying cases[] = {
        {"a=b; Max-Age=34560000", "[a][b] d= p= s0 +34560000"},
        {"a=b; Max-Age=34560001", "[a][b] d= p= s0 +34560000"},
        {"a=b; Max-Age=99999999999999999999999", "[a][b] d= p= s0 +34560000"},
        {"a=b; Expires=Fri, 31 Dec 9999 23:59:59 GMT", "[a][b] d= p= s0 +34560000"},
    };
    (void)state;
    expect_said(cases, COUNT(cases));
}

static void a_control_byte_anywhere_refuses_the_whole_field(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        char field[] = "a=b; x=y";
        fy_set_cookie c;
        for (size_t at = 0; at < strlen("a=b; x=y"); at++) {
            memcpy(field, "a=b; x=y", sizeof field);
            field[at] = (char)byte;
            const char *why = parse(&c, field, strlen("a=b; x=y"));
            bool is_control = (byte < 0x20 && byte != '\t') || byte == 0x7f;
            assert_int_equal(
                why && strcmp(why, "a control character in a Set-Cookie field") == 0,
                is_control);
        }
    }
}

static void sizes_are_bounded(void **state)
{
    static char field[8000];
    fy_set_cookie c;
    (void)state;
    sprintf(field, "name=%04092d", 1);
    assert_null(parse(&c, field, strlen(field)));
    sprintf(field, "name=%04093d", 1);
    assert_string_equal(parse(&c, field, strlen(field)), "the cookie is too long");
    sprintf(field, "%04097d=", 1);
    assert_string_equal(parse(&c, field, strlen(field)), "the cookie is too long");
    sprintf(field, "a=b; path=/%01023d", 1);
    assert_null(parse(&c, field, strlen(field)));
    assert_int_equal(c.path.len, 1024);
    sprintf(field, "a=b; path=/x; path=/%01024d", 1);
    assert_null(parse(&c, field, strlen(field)));
    assert_int_equal(c.path.len, 2);
    assert_string_equal(said(""), "a cookie without name and value");
    assert_string_equal(said(" = ; secure"), "a cookie without name and value");
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(name_and_value_are_cut_at_the_first_equals_sign),
        TEST(the_last_attribute_of_a_name_counts_in_any_case),
        TEST(max_age_is_stronger_than_expires_wherever_it_stands),
        TEST(no_cookie_lives_longer_than_400_days),
        TEST(a_control_byte_anywhere_refuses_the_whole_field),
        TEST(sizes_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
