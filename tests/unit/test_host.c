/* test_host.c - addresses written as text.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "proto/host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static void expect_ipv4(const char *text, bool is_one, const uint8_t expected[4])
{
    uint8_t out[4] = {9, 9, 9, 9};
    size_t n = strlen(text);
    char *exact = memory_exact(text, n);
    if (fy_host_ipv4((ferry_str){exact, n}, out) != is_one)
        fail_msg("\"%s\" is %san IPv4 address", text, is_one ? "" : "not ");
    assert_memory_equal(out, expected, 4);
    free(exact);
}

static void an_ipv4_address_is_four_numbers_up_to_255(void **state)
{
    (void)state;
    expect_ipv4("127.0.0.1", true, (const uint8_t[]){127, 0, 0, 1});
    expect_ipv4("0.0.0.0", true, (const uint8_t[]){0, 0, 0, 0});
    expect_ipv4("255.255.255.255", true, (const uint8_t[]){255, 255, 255, 255});
    expect_ipv4("1.20.199.249", true, (const uint8_t[]){1, 20, 199, 249});
}

static void other_spellings_of_ipv4_are_refused_and_write_nothing(void **state)
{
    static const char *const bad[] = {"", ".", "1", "127.1", "1.2.3", "1.2.3.",
        "1.2.3.4.", ".1.2.3.4", "1.2.3.4.5", "1..3.4", "256.0.0.1", "1.2.3.256",
        "1.2.3.999", "1.2.3.1000", "01.2.3.4", "1.2.3.00", "1.2.3.04", "0x7f.0.0.1",
        "2130706433", "1.2.3.4 ", " 1.2.3.4", "1.2.3.-4", "+1.2.3.4", "1,2,3,4",
        "1.2.3.a", "a.2.3.4", "1.2.3.4x", "1.2.3.4\n"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect_ipv4(bad[i], false, (const uint8_t[]){9, 9, 9, 9});
}

/* `groups` is the address as 32 hexadecimal digits, or NULL. */
static void expect_ipv6(const char *text, const char *groups)
{
    uint8_t out[16];
    char digits[33] = "";
    size_t n = strlen(text);
    char *exact = memory_exact(text, n);
    memset(out, 0x99, sizeof out);
    if (fy_host_ipv6((ferry_str){exact, n}, out) != (groups != NULL))
        fail_msg("\"%s\" is %san IPv6 address", text, groups ? "" : "not ");
    for (size_t i = 0; i < 32; i++)
        digits[i] = "0123456789abcdef"[(i % 2 ? out[i / 2] : out[i / 2] >> 4) & 15];
    assert_string_equal(digits, groups ? groups : "99999999999999999999999999999999");
    free(exact);
}

static void an_ipv6_address_is_eight_groups_with_one_gap_at_most(void **state)
{
    (void)state;
    expect_ipv6("::", "00000000000000000000000000000000");
    expect_ipv6("::1", "00000000000000000000000000000001");
    expect_ipv6("1::", "00010000000000000000000000000000");
    expect_ipv6("2001:DB8::a:1", "20010db80000000000000000000a0001");
    expect_ipv6("1:2:3:4:5:6:7:8", "00010002000300040005000600070008");
    expect_ipv6("::2:3:4:5:6:7:8", "00000002000300040005000600070008");
    expect_ipv6("1:2:3:4:5:6:7::", "00010002000300040005000600070000");
    expect_ipv6("1:2:3::5:6:7:8", "00010002000300000005000600070008");
    expect_ipv6("ffff:0fff:00ff:000f:0:0:0:0", "ffff0fff00ff000f0000000000000000");
}

static void an_ipv6_address_may_end_in_ipv4(void **state)
{
    (void)state;
    expect_ipv6("::ffff:192.0.2.1", "00000000000000000000ffffc0000201");
    expect_ipv6("::127.0.0.1", "0000000000000000000000007f000001");
    expect_ipv6("1:2:3:4:5:6:1.2.3.4", "00010002000300040005000601020304");
    expect_ipv6("1:2:3:4:5::1.2.3.4", "00010002000300040005000001020304");
    expect_ipv6("64:ff9b::1.2.3.4", "0064ff9b000000000000000001020304");
}

static void what_is_almost_an_ipv6_address_is_refused_and_writes_nothing(void **state)
{
    static const char *const bad[] = {"", ":", ":::", "1", "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8",
        "1:2:3:4::5:6:7:8", "1::2::3", "::1::", ":1::", "::1:", "1:", ":1",
        "1:2:3:4:5:6:7:", ":2:3:4:5:6:7:8", "12345::", "::12345", "g::", "::g",
        "1:2:3:4:5:6:7:1.2.3.4", "1.2.3.4::", "1.2.3.4:1:2:3:4:5:6", "::1.2.3.4:1",
        "::1.2.3", "::1.2.3.4.", "::1.2.3.256", "::01.2.3.4", "::.1", "1.2.3.4",
        "1:2:3:4:5:6::1.2.3.4", "::1%1", "[::1]", " ::1", "::1 ", "::-1", "::0x1",
        "0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect_ipv6(bad[i], NULL);
}

static bool is_numeric(const char *text)
{
    size_t n = strlen(text);
    char *exact = memory_exact(text, n);
    bool answer = fy_host_is_numeric((ferry_str){exact, n});
    free(exact);
    return answer;
}

static void a_host_whose_last_label_is_a_number_is_numeric(void **state)
{
    static const char *const numeric[] = {"1", "127.1", "1.2.3.4", "1.2.3.4.",
        "2130706433", "0x7f000001", "0X7F.1", "0x", "a.0x", "0xFf.", "foo.09", "foo.1.",
        "a..1", "1.", "1.2.3.256", "0xabcdef", "00"};
    static const char *const names[] = {"", ".", "..", "a", "example.com",
        "1.2.3.4.example", "1..", "foo.09..", "1a", "0xg", "0x7g", "x1", "1-2",
        "0x.0x.a", "256.com", "1_000"};
    (void)state;
    for (size_t i = 0; i < sizeof numeric / sizeof *numeric; i++)
        if (!is_numeric(numeric[i]))
            fail_msg("\"%s\" is numeric", numeric[i]);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is_numeric(names[i]))
            fail_msg("\"%s\" is not numeric", names[i]);
}

static void a_bare_host_is_what_stands_between_brackets(void **state)
{
    static const struct {
        const char *host, *bare;
    } cases[] = {{"[::1]", "::1"}, {"[]", ""}, {"a.test", "a.test"}, {"", ""},
        {"[", "["}, {"]", "]"}, {"[::1", "[::1"}, {"::1]", "::1]"}, {"[[a]]", "[a]"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n = strlen(cases[i].host);
        char *exact = memory_exact(cases[i].host, n);
        ferry_str bare = fy_host_bare((ferry_str){exact, n});
        if (!fy_str_eq(bare, fy_str(cases[i].bare)))
            fail_msg("%s: %.*s", cases[i].host, (int)bare.len, bare.ptr);
        free(exact);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ipv4_address_is_four_numbers_up_to_255),
        cmocka_unit_test(other_spellings_of_ipv4_are_refused_and_write_nothing),
        cmocka_unit_test(an_ipv6_address_is_eight_groups_with_one_gap_at_most),
        cmocka_unit_test(an_ipv6_address_may_end_in_ipv4),
        cmocka_unit_test(what_is_almost_an_ipv6_address_is_refused_and_writes_nothing),
        cmocka_unit_test(a_bare_host_is_what_stands_between_brackets),
        cmocka_unit_test(a_host_whose_last_label_is_a_number_is_numeric),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
