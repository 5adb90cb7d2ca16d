/* test_resolve.c - names to addresses by the system's resolver. Only what needs no
 * network: literal addresses, the hosts file, names that cannot be.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "net/system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

static ferry_addr addrs[8];
static ferry_fault fault;

static int set_up(void **state)
{
    (void)state;
    memset(addrs, 0xff, sizeof addrs);
    fault = (ferry_fault){FERRY_OK, 0, NULL};
    return 0;
}

static bool is_loopback(const ferry_addr *a)
{
    static const uint8_t v6[16] = {[15] = 1};
    if (a->family == FERRY_IPV4)
        return a->bytes[0] == 127;
    return a->family == FERRY_IPV6 && !memcmp(a->bytes, v6, 16);
}

static void the_hosts_file_is_asked(void **state)
{
    int n = fy_system_resolve("localhost", addrs, 8, &fault);
    (void)state;
    assert_true(n >= 1);
    for (int i = 0; i < n; i++)
        assert_true(is_loopback(&addrs[i]));
}

static void an_address_of_either_family_is_taken_apart(void **state)
{
    static const uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 7};
    (void)state;
    assert_int_equal(fy_system_resolve("127.1.2.3", addrs, 8, &fault), 1);
    assert_int_equal(addrs[0].family, FERRY_IPV4);
    assert_memory_equal(addrs[0].bytes, "\x7f\1\2\3\0\0\0\0\0\0\0\0\0\0\0", 16);
    assert_int_equal(addrs[0].zone, 0);
    assert_int_equal(fy_system_resolve("2001:db8::7", addrs, 8, &fault), 1);
    assert_int_equal(addrs[0].family, FERRY_IPV6);
    assert_memory_equal(addrs[0].bytes, v6, 16);
}

static void no_more_is_written_than_there_is_room_for(void **state)
{
    ferry_addr before = addrs[0];
    (void)state;
    assert_int_equal(fy_system_resolve("localhost", addrs, 0, &fault), 0);
    assert_memory_equal(&addrs[0], &before, sizeof before);
    before = addrs[1];
    assert_int_equal(fy_system_resolve("localhost", addrs, 1, &fault), 1);
    assert_memory_equal(&addrs[1], &before, sizeof before);
}

static void a_name_that_cannot_be_is_an_error_with_a_text(void **state)
{
    static const char *const bad[] = {"no such name", "a..b",
        "0123456789012345678901234567890123456789012345678901234567890123456789"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fault = (ferry_fault){FERRY_OK, 0, NULL};
        assert_int_equal(fy_system_resolve(bad[i], addrs, 8, &fault), -1);
        assert_int_equal(fault.code, FERRY_ERR_NAME);
        assert_true(strlen(fault.what) > 5);
    }
}

/* RFC 4007 11.2 */
static void a_zone_is_a_number_or_the_name_of_an_interface(void **state)
{
    char name[IF_NAMESIZE];
    (void)state;
    assert_int_equal(fy_system_zone("0"), 0);
    assert_int_equal(fy_system_zone("7"), 7);
    assert_true(fy_system_zone("4294967295") == UINT32_MAX);
    assert_int_equal(fy_system_zone("4294967296"), 0);
    assert_int_equal(fy_system_zone("-1"), 0);
    assert_int_equal(fy_system_zone("no such interface"), 0);
    if (if_indextoname(1, name))
        assert_int_equal(fy_system_zone(name), 1);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_hosts_file_is_asked),
        TEST(an_address_of_either_family_is_taken_apart),
        TEST(no_more_is_written_than_there_is_room_for),
        TEST(a_name_that_cannot_be_is_an_error_with_a_text),
        TEST(a_zone_is_a_number_or_the_name_of_an_interface),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
