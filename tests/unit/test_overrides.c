/* test_overrides.c - addresses that the caller gives for a host and port.
 * SPDX-License-Identifier: MIT */
#include "policy/overrides.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define TEXT(literal)                                                                  \
    {                                                                                  \
        literal, sizeof(literal) - 1                                                   \
    }

static void an_override_names_host_and_port_and_gives_addresses(void **state)
{
    static const struct {
        const char *name, *value;
        bool is_good;
    } cases[] = {
        {"h.test:80", "127.0.0.1", true},
        {"h.test:80", "127.0.0.1,::1, [::2]", true},
        {"*:443", "10.0.0.1", true},
        {"[::1]:80", "::2", true},
        {"h.test:80", NULL, true},
        {"h.test:80", "", false},
        {"h.test:80", ",", false},
        {"h.test:80", "127.0.0.1,,::1", false},
        {"h.test:80", "other.test", false},
        {"h.test:80", "127.1", false},
        {"h.test:80", "fe80::1%eth0", false},
        {"h.test", "127.0.0.1", false},
        {":80", "127.0.0.1", false},
        {"", "127.0.0.1", false},
        {":", "127.0.0.1", false},
        {"h.test:", "127.0.0.1", false},
        {"h.test:65536", "127.0.0.1", false},
        {"::1:80", "127.0.0.1", false},
        {"[]:80", "127.0.0.1", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fy_error x;
        ferry_str value = {NULL, 0};
        if (cases[i].value)
            value = fy_str(cases[i].value);
        ferry_err e = fy_overrides_check(fy_str(cases[i].name), value, &x);
        if (e != (cases[i].is_good ? FERRY_OK : FERRY_ERR_USAGE))
            fail_msg("%s: %s", cases[i].name, cases[i].value);
    }
}

static const ferry_field entries[] = {
    {TEXT("*:80"), TEXT("10.0.0.9")},
    {TEXT("h.test:80"), TEXT("10.0.0.1, 10.0.0.2,[2001:db8::3]")},
    {TEXT("H2.test:80"), TEXT("10.0.0.4")},
    {TEXT("gone.test:81"), {NULL, 0}},
    {TEXT("[::1]:80"), TEXT("10.0.0.5")},
};

static void the_host_of_its_own_comes_before_any_host(void **state)
{
    static const struct {
        const char *host;
        uint16_t port;
        int n;
        uint8_t last_byte; /* of the first address */
    } cases[] = {
        {"h.test", 80, 3, 1},
        {"h2.test", 80, 1, 4},
        {"a.h.test", 80, 1, 9},
        {"::1", 80, 1, 5},
        {"h.test", 81, 0, 0},
        {"gone.test", 81, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ferry_addr out[8];
        memset(out, 0, sizeof out);
        ferry_fields list = {entries, sizeof entries / sizeof *entries};
        assert_int_equal(
            fy_overrides_find(list, fy_str(cases[i].host), cases[i].port, out, 8),
            cases[i].n);
        assert_int_equal(out[0].bytes[3], cases[i].last_byte);
    }
}

static void no_more_addresses_are_given_than_there_is_room_for(void **state)
{
    ferry_addr out[3];
    (void)state;
    memset(out, 0, sizeof out);
    ferry_fields list = {entries, 2};
    assert_int_equal(fy_overrides_find(list, FY_S("h.test"), 80, out, 2), 2);
    assert_int_equal(out[1].bytes[3], 2);
    assert_int_equal(out[2].family, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_override_names_host_and_port_and_gives_addresses),
        cmocka_unit_test(the_host_of_its_own_comes_before_any_host),
        cmocka_unit_test(no_more_addresses_are_given_than_there_is_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
