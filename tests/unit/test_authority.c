/* test_authority.c - user, host and port taken apart, and where an error stands.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "proto/authority.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

typedef struct fixture {
    memory m;
    fy_buf text, aside;
    fy_authority a;
    fy_error x;
} fixture;

static int set_up(void **state)
{
    static fixture f;
    memory_init(&f.m);
    fy_buf_init(&f.text, &f.m.platform, 1000);
    fy_buf_init(&f.aside, &f.m.platform, 1000);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    fy_buf_fini(&f->text);
    fy_buf_fini(&f->aside);
    return memory_is_clean(&f->m) ? 0 : -1;
}

static ferry_err put(fixture *f, ferry_str raw)
{
    char *exact = memory_exact(raw.ptr, raw.len);
    fy_buf_clear(&f->text);
    fy_buf_clear(&f->aside);
    ferry_err e = fy_authority_put(
        &f->a, &f->text, &f->aside, (ferry_str){exact, raw.len}, 80, &f->x);
    free(exact);
    return e;
}

static void what_all_may_see_goes_into_the_text_and_the_rest_aside(void **state)
{
    static const struct {
        const char *raw, *text, *aside;
        fy_authority a;
    } cases[] = {
        {"h", "h", "", {.host_len = 1, .port = 80}},
        {"HOST.Example", "host.example", "", {.host_len = 12, .port = 80}},
        {"h:", "h", "", {.host_len = 1, .port = 80}},
        {"h:80", "h", "", {.host_len = 1, .port = 80}},
        {"h:00081", "h:81", "", {.host_len = 1, .port = 81}},
        {"h:0", "h:0", "", {.host_len = 1, .port = 0}},
        {"h:65535", "h:65535", "", {.host_len = 1, .port = 65535}},
        {"@h", "h", "", {.host_len = 1, .port = 80, .has_userinfo = true}},
        {"u@h", "h", "u",
            {.host_len = 1, .port = 80, .user_len = 1, .has_userinfo = true}},
        {":@h", "h", "",
            {.host_len = 1, .port = 80, .has_userinfo = true, .has_password = true}},
        {"u:pw@h:8", "h:8", "upw",
            {.host_len = 1,
                .port = 8,
                .user_len = 1,
                .password_len = 2,
                .has_userinfo = true,
                .has_password = true}},
        {"u:p@w:x@h", "h", "up%40w:x",
            {.host_len = 1,
                .port = 80,
                .user_len = 1,
                .password_len = 7,
                .has_userinfo = true,
                .has_password = true}},
        {"u%41 \xff:%zz@h", "h", "uA%20%FF%25zz",
            {.host_len = 1,
                .port = 80,
                .user_len = 8,
                .password_len = 5,
                .has_userinfo = true,
                .has_password = true}},
        {"1.2.3.4:5", "1.2.3.4:5", "",
            {.host_len = 7, .port = 5, .addr = {FERRY_IPV4, {1, 2, 3, 4}, 0}}},
        {"%31.2.3.%34", "1.2.3.4", "",
            {.host_len = 7, .port = 80, .addr = {FERRY_IPV4, {1, 2, 3, 4}, 0}}},
        {"[AB::]:5", "[ab::]:5", "",
            {.host_len = 6, .port = 5, .addr = {FERRY_IPV6, {0, 0xab}, 0}}},
        {"u@[1::%25eth0]", "[1::]", "ueth0",
            {.host_len = 5,
                .port = 80,
                .user_len = 1,
                .zone_len = 4,
                .has_userinfo = true,
                .addr = {FERRY_IPV6, {0, 1}, 0}}},
        {"[1::%En-1._~]", "[1::]", "En-1._~",
            {.host_len = 5,
                .port = 80,
                .zone_len = 7,
                .addr = {FERRY_IPV6, {0, 1}, 0}}},
        {"%68%7e%2D", "h~-", "", {.host_len = 3, .port = 80}},
        {"a_b.-c.!$&'()+,;=", "a_b.-c.!$&'()+,;=", "", {.host_len = 17, .port = 80}},
        {".", ".", "", {.host_len = 1, .port = 80}},
        {"h.", "h.", "", {.host_len = 2, .port = 80}},
    };
    fixture *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const fy_authority *a = &cases[i].a;
        if (put(f, fy_str(cases[i].raw)))
            fail_msg("\"%s\": %s", cases[i].raw, f->x.what);
        assert_string_equal(fy_buf_text(&f->text), cases[i].text);
        assert_string_equal(fy_buf_text(&f->aside), cases[i].aside);
        assert_int_equal(f->a.host_len, a->host_len);
        assert_int_equal(f->a.user_len, a->user_len);
        assert_int_equal(f->a.password_len, a->password_len);
        assert_int_equal(f->a.zone_len, a->zone_len);
        assert_int_equal(f->a.port, a->port);
        assert_int_equal(f->a.has_userinfo, a->has_userinfo);
        assert_int_equal(f->a.has_password, a->has_password);
        assert_int_equal(f->a.addr.family, a->addr.family);
        assert_memory_equal(f->a.addr.bytes, a->addr.bytes, 16);
    }
}

static void what_is_no_authority_is_refused_at_its_byte(void **state)
{
    static const struct {
        const char *raw;
        int at;
        const char *what;
    } cases[] = {
        {"", 0, "no host"},
        {":80", 0, "no host"},
        {"u:p@", 4, "no host"},
        {"u@:80", 2, "no host"},
        {"h:65536", 2, "a port is a number up to 65535"},
        {"h:18446744073709551696", 2, "a port is a number up to 65535"},
        {"h:-80", 2, "a port is a number up to 65535"},
        {"h:+80", 2, "a port is a number up to 65535"},
        {"h: 80", 2, "a port is a number up to 65535"},
        {"h:80:80", 2, "a port is a number up to 65535"},
        {"::1", 0, "no host"},
        {"a::2", 2, "a port is a number up to 65535"},
        {"[::1", 0, "[ without ]"},
        {"[::1]x", 5, "something between host and port"},
        {"[::1]80", 5, "something between host and port"},
        {"[]", 1, "not an IPv6 address"},
        {"[1.2.3.4]", 1, "not an IPv6 address"},
        {"[v1.x]", 1, "not an IPv6 address"},
        {"[::1]@h:x", 8, "a port is a number up to 65535"},
        {"[::1%]", 4, "not a zone id"},
        {"[::1%25]", 4, "not a zone id"},
        {"[::1%31]", 4, "not a zone id"},
        {"[::1%00]", 4, "not a zone id"},
        {"[::1%25%41]", 4, "not a zone id"},
        {"[::1%2]", -1, NULL},
        {"[::1%250a]", -1, NULL},
        {"[::1%a/]", 4, "not a zone id"},
        {"[::1%a\n]", 4, "not a zone id"},
        {"a b", 1, "byte that no host name may hold"},
        {"a\n", 1, "byte that no host name may hold"},
        {"a\x7f", 1, "byte that no host name may hold"},
        {"a\\b", 1, "byte that no host name may hold"},
        {"*.h", 0, "byte that no host name may hold"},
        {"a<", 1, "byte that no host name may hold"},
        {"a]", 1, "byte that no host name may hold"},
        {"a[b]", 1, "byte that no host name may hold"},
        {"ab%", 2, "byte that no host name may hold"},
        {"ab%4", 2, "byte that no host name may hold"},
        {"ab%zz", 2, "byte that no host name may hold"},
        {"u@%00", 2, "byte that no host name may hold"},
        {"a%2fb", 1, "byte that no host name may hold"},
        {"a%40b", 1, "byte that no host name may hold"},
        {"a%3ab", 1, "byte that no host name may hold"},
        {"127.1", 0, "a number that is no IPv4 address of four parts"},
        {"u@0x7f000001", 2, "a number that is no IPv4 address of four parts"},
        {"%32130706433", 0, "a number that is no IPv4 address of four parts"},
        {"1.2.3.4.", 0, "a number that is no IPv4 address of four parts"},
        {"1.2.3.04", 0, "a number that is no IPv4 address of four parts"},
        {"foo.0x1F", 0, "a number that is no IPv4 address of four parts"},
        {"a\\@h", 1, "backslash in user or password"},
        {"u:p\\w@h", 3, "backslash in user or password"},
        {"u\t@h", 1, "control byte in user or password"},
        {"u:p\n@h", 3, "control byte in user or password"},
    };
    fixture *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ferry_err e = put(f, fy_str(cases[i].raw));
        if (e != (cases[i].what ? FERRY_ERR_URL : FERRY_OK))
            fail_msg("\"%s\": %d", cases[i].raw, (int)e);
        if (!e)
            continue;
        assert_string_equal(f->x.what, cases[i].what);
        if (f->x.at != cases[i].at)
            fail_msg("\"%s\" at %d", cases[i].raw, (int)f->x.at);
    }
}

/* Only an unreserved byte, or part of UTF-8, may be written as a triplet. */
static void an_encoded_delimiter_in_a_host_is_refused(void **state)
{
    fixture *f = *state;
    for (int c = 0; c < 0x80; c++) {
        char raw[] = "a%00b";
        bool is_unreserved = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                             (c >= 'a' && c <= 'z') || (c && strchr("-._~", c));
        raw[2] = "0123456789abcdef"[c >> 4];
        raw[3] = "0123456789ABCDEF"[c & 15];
        assert_int_equal(put(f, fy_str(raw)), is_unreserved ? FERRY_OK : FERRY_ERR_URL);
    }
}

static void a_name_beyond_ascii_is_a_matter_of_idn(void **state)
{
    static const char *const same[] = {
        "\u00e9.FR", "%c3%A9.fr", "\u00c9.fr", "u@\u00e9.fr:80"};
    fixture *f = *state;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        ferry_err e = put(f, fy_str(same[i]));
        if (e == FERRY_ERR_UNSUPPORTED) {
            assert_int_equal(f->x.at, same[i][0] == 'u' ? 2 : 0);
            continue;
        }
        assert_int_equal(e, FERRY_OK);
        assert_string_equal(fy_buf_text(&f->text), "xn--9ca.fr");
        assert_string_equal(fy_buf_text(&f->aside), same[i][0] == 'u' ? "u" : "");
    }
}

static void a_name_that_idn_leaves_empty_or_makes_a_number_is_refused(void **state)
{
    static const char *const bad[] = {"\u00ad", "\uff11\uff12\uff17.1", "\u00e9.1",
        "\u00e9_", "\u00e9%2f", "\u2100.de"};
    fixture *f = *state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ferry_err e = put(f, fy_str(bad[i]));
        assert_true(e == FERRY_ERR_URL || e == FERRY_ERR_UNSUPPORTED);
    }
    ferry_err e = put(f, fy_str("\uff11\u3002\uff12.3.4")); /* full width, but whole */
    assert_true(e == FERRY_OK || e == FERRY_ERR_UNSUPPORTED);
    assert_int_equal(f->a.addr.family, e ? 0 : FERRY_IPV4);
}

static void without_memory_no_byte_is_to_blame(void **state)
{
    fixture *f = *state;
    for (int k = 1; k <= 2; k++) {
        fy_buf_fini(&f->text);
        fy_buf_fini(&f->aside);
        f->m.fail_at = f->m.calls + k;
        f->x.at = FY_NOWHERE;
        ferry_err e = put(f, FY_S("\u00e9.fr"));
        if (e == FERRY_ERR_UNSUPPORTED)
            continue; /* without IDN nothing is asked of the text's memory */
        assert_true(e == FERRY_OK || e == FERRY_ERR_NOMEM);
        assert_int_equal(f->x.at, FY_NOWHERE);
        assert_true(e || fy_buf_error(&f->aside) == FERRY_ERR_NOMEM);
    }
}

static void what_does_not_fit_is_left_to_the_buffers(void **state)
{
    fixture *f = *state;
    f->text.max = f->aside.max = 3;
    assert_int_equal(put(f, FY_S("user@host:81")), FERRY_OK);
    assert_int_equal(fy_buf_error(&f->text), FERRY_ERR_LIMIT);
    assert_int_equal(fy_buf_error(&f->aside), FERRY_ERR_LIMIT);
    f->text.max = 1000;
    assert_int_equal(put(f, FY_S("HOST:81")), FERRY_OK);
    assert_int_equal(fy_buf_error(&f->text), FERRY_OK);
    assert_int_equal(fy_buf_error(&f->aside), FERRY_ERR_LIMIT);
}

/* The quick look and the thorough one must agree on what is normal. */
static void a_normal_authority_is_known_at_a_look(void **state)
{
    static const char *const normal[] = {"h", "h:8080", "h:1", "h:65535", "a.b-c_d~",
        "127.0.0.1", "127.0.0.1:8080", "h.", "!$&'()+,;="};
    static const char *const other[] = {"", "H", "h:", "h:0", "h:080", "h:80",
        "h:65536", "h:99999", "h:100000", "h:1x", ":1", "@h", "%68", "[::1]", "*",
        "127.1", "1", "1.2.3.4.", "\u00e9", " h"};
    fixture *f = *state;
    for (size_t i = 0; i < sizeof normal / sizeof *normal; i++) {
        fy_authority quick;
        size_t n = strlen(normal[i]);
        char *exact = memory_exact(normal[i], n);
        assert_int_equal(fy_authority_scan(&quick, (ferry_str){exact, n}, 80), n);
        free(exact);
        assert_int_equal(put(f, fy_str(normal[i])), FERRY_OK);
        assert_string_equal(fy_buf_text(&f->text), normal[i]);
        assert_int_equal(quick.host_len, f->a.host_len);
        assert_int_equal(quick.port, f->a.port);
        assert_int_equal(quick.addr.family, f->a.addr.family);
        assert_memory_equal(quick.addr.bytes, f->a.addr.bytes, 16);
    }
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        fy_authority quick;
        size_t n = fy_authority_scan(&quick, fy_str(other[i]), 80);
        if (n > 0 && n == strlen(other[i]))
            fail_msg("\"%s\" is not normal", other[i]);
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE(what_all_may_see_goes_into_the_text_and_the_rest_aside),
        CASE(what_is_no_authority_is_refused_at_its_byte),
        CASE(an_encoded_delimiter_in_a_host_is_refused),
        CASE(a_name_beyond_ascii_is_a_matter_of_idn),
        CASE(a_name_that_idn_leaves_empty_or_makes_a_number_is_refused),
        CASE(without_memory_no_byte_is_to_blame),
        CASE(what_does_not_fit_is_left_to_the_buffers),
        CASE(a_normal_authority_is_known_at_a_look),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
