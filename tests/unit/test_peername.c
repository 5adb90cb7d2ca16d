/* test_peername.c - names and addresses of certificates against the one asked for.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "policy/peername.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* In a block of its own, without a NUL, for a sanitizer to watch. */
static bool reads(fy_peername *out, ferry_str host)
{
    char *exact = memory_exact(host.ptr, host.len);
    bool answer = fy_peername_read(out, (ferry_str){exact, host.len});
    free(exact);
    return answer;
}

static bool is_dns(const char *host, ferry_str presented)
{
    fy_peername peer;
    char *exact = memory_exact(presented.ptr, presented.len);
    assert_true(reads(&peer, fy_str(host)));
    bool answer = fy_peername_is_dns(&peer, (ferry_str){exact, presented.len});
    free(exact);
    return answer;
}

typedef struct match {
    const char *host, *presented;
    bool is_match;
} match;

static void expect_matches(const match *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is_dns(at[i].host, fy_str(at[i].presented)) != at[i].is_match)
            fail_msg("%s by a certificate for %s is %s", at[i].host, at[i].presented,
                at[i].is_match ? "refused" : "accepted");
}

static void a_name_is_compared_whole_and_without_case(void **state)
{
    static const match cases[] = {
        {"a.test", "a.test", true},
        {"a.test", "A.TEST", true},
        {"A.Test", "a.test", true},
        {"a.test.", "a.test", true},
        {"localhost", "localhost", true},
        {"a.test", "a.test.", false},
        {"a.test", "b.test", false},
        {"a.test", "a.tes", false},
        {"a.test", "a.testt", false},
        {"a.test", "aa.test", false},
        {"a.test", "test", false},
        {"a.test", "", false},
        {"a.test", ".test", false},
        {"a.test", " a.test", false},
        {"xn--bcher-kva.test", "xn--bcher-kva.test", true},
    };
    (void)state;
    expect_matches(cases, COUNT(cases));
}

/* RFC 9525 6.3 */
static void a_wildcard_is_the_whole_leftmost_label_and_stands_for_one(void **state)
{
    static const match cases[] = {
        {"a.b.test", "*.b.test", true},
        {"a.B.test", "*.b.TEST", true},
        {"a.b.test.", "*.b.test", true},
        {"xn--bcher-kva.b.test", "*.b.test", true},
        {"b.test", "*.b.test", false},
        {"a.a.b.test", "*.b.test", false},
        {"a.b.test", "*", false},
        {"a.b.test", "*.*", false},
        {"a.b.test", "*.*.test", false},
        {"a.b.test", "*.test", false},
        {"b.test", "*.test", false},
        {"localhost", "*", false},
        {"a.b.test", "a*.b.test", false},
        {"ab.b.test", "a*.b.test", false},
        {"a.b.test", "*a.b.test", false},
        {"a.b.test", "a.*.test", false},
        {"a.b.test", "a.b.*", false},
        {"a.b.test", "**.b.test", false},
        {"xn--bcher-kva.b.test", "xn--*.b.test", false},
        {"a.b.test", "*.b.test.", false},
        {"a.b.test", "*..b.test", false},
    };
    (void)state;
    expect_matches(cases, COUNT(cases));
}

static void a_nul_in_a_certificate_ends_nothing(void **state)
{
    (void)state;
    assert_false(is_dns("a.test", FY_S("a.test\0.evil.test")));
    assert_false(is_dns("a.test", FY_S("a.test\0")));
    assert_false(is_dns("x.b.test", FY_S("*.b.test\0")));
}

static void an_address_is_compared_by_its_bytes(void **state)
{
    static const char v6[16] = {0x20, 1, 0xd, (char)0xb8, [15] = 1};
    const struct {
        const char *host;
        ferry_str presented;
        bool is_match;
    } cases[] = {
        {"127.0.0.1", FY_S("\x7f\0\0\1"), true},
        {"127.0.0.2", FY_S("\x7f\0\0\1"), false},
        {"127.0.0.1", FY_S("\x7f\0\0"), false},
        {"127.0.0.1", FY_S("\x7f\0\0\1\0"), false},
        {"127.0.0.1", FY_S("127.0.0.1"), false},
        {"127.0.0.1", FY_S(""), false},
        {"2001:db8::1", {v6, 16}, true},
        {"[2001:db8::1]", {v6, 16}, true},
        {"2001:DB8:0::1%eth0", {v6, 16}, true},
        {"2001:db8::2", {v6, 16}, false},
        {"2001:db8::1", {v6, 4}, false},
        {"a.test", FY_S("\x7f\0\0\1"), false},
        {"a.test", FY_S(""), false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        fy_peername peer;
        assert_true(reads(&peer, fy_str(cases[i].host)));
        if (fy_peername_is_address(&peer, cases[i].presented) != cases[i].is_match)
            fail_msg("row %d, %s", (int)i, cases[i].host);
    }
}

static void an_address_is_no_name(void **state)
{
    static const match cases[] = {
        {"127.0.0.1", "127.0.0.1", false},
        {"127.0.0.1", "*.0.0.1", false},
        {"::1", "::1", false},
        {"[::1]", "[::1]", false},
    };
    (void)state;
    expect_matches(cases, COUNT(cases));
}

static void what_is_neither_name_nor_address_is_nobody(void **state)
{
    const ferry_str cases[] = {FY_S(""), FY_S("."), FY_S(".."), FY_S(".a"),
        FY_S("a..b"), FY_S("a.."), FY_S("a b"), FY_S("a\0b"), FY_S("a\tb"),
        FY_S("a\xc3\xa4"), FY_S("a:1"), FY_S("127.1"), FY_S("0x7f000001"),
        FY_S("127.0.0.1."), FY_S("*.test"), FY_S("[::1"), FY_S("a%b:c")};
    fy_peername peer;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (reads(&peer, cases[i]) || peer.dns_len || peer.address_len)
            fail_msg(
                "row %d, %.*s, is somebody", (int)i, (int)cases[i].len, cases[i].ptr);
}

static void a_name_has_253_bytes_at_most(void **state)
{
    char name[300];
    fy_peername peer;
    (void)state;
    for (size_t i = 0; i < sizeof name; i++)
        name[i] = i % 10 == 9 ? '.' : 'x';
    name[252] = name[253] = 'x';
    assert_true(reads(&peer, (ferry_str){name, 253}));
    assert_int_equal(strlen(peer.dns), 253);
    assert_false(reads(&peer, (ferry_str){name, 254}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_compared_whole_and_without_case),
        cmocka_unit_test(a_wildcard_is_the_whole_leftmost_label_and_stands_for_one),
        cmocka_unit_test(a_nul_in_a_certificate_ends_nothing),
        cmocka_unit_test(an_address_is_compared_by_its_bytes),
        cmocka_unit_test(an_address_is_no_name),
        cmocka_unit_test(what_is_neither_name_nor_address_is_nobody),
        cmocka_unit_test(a_name_has_253_bytes_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
