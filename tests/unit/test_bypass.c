/* test_bypass.c - which hosts are asked without a proxy.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "policy/bypass.h"
#include "proto/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

typedef struct row {
    const char *list, *url;
    bool is_bypassed;
} row;

static void expect_rows(const row *rows, size_t n)
{
    const ferry_fields none = {NULL, 0};
    memory m;
    fy_url u;
    fy_error x;
    memory_init(&m);
    fy_url_init(&u, &m.platform, 1000);
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(rows[i].list);
        char *list = memory_exact(rows[i].list, len);
        assert_int_equal(fy_url_parse(&u, fy_str(rows[i].url), none, &x), FERRY_OK);
        if (fy_bypass_has((ferry_str){list, len}, u.host, &u.addr, u.port) !=
            rows[i].is_bypassed)
            fail_msg("\"%s\" is %sto have %s", rows[i].list,
                rows[i].is_bypassed ? "" : "not ", rows[i].url);
        free(list);
    }
    fy_url_fini(&u);
    assert_true(memory_is_clean(&m));
}

#define EXPECT(rows) expect_rows(rows, sizeof rows / sizeof *rows)

static void NO_PROXY_suffixes_match_only_on_dot_boundaries(void **state)
{
    static const row rows[] = {
        {"h.test", "http://h.test/", true},
        {"h.test", "http://H.TEST/", true},
        {"H.Test", "http://a.h.test/", true},
        {".h.test", "http://a.h.test/", true},
        {".h.test", "http://h.test/", true},
        {"*.h.test", "http://a.h.test/", true},
        {"h.test.", "http://h.test/", true},
        {"h.test", "http://h.test./", true},
        {"localhost", "http://prelocalhost/", false},
        {"h.test", "http://ah.test/", false},
        {"h.test", "http://h.test.evil/", false},
        {"a.h.test", "http://h.test/", false},
        {"*h.test", "http://ah.test/", false},
        {"test", "http://h.test/", true},
    };
    (void)state;
    EXPECT(rows);
}

static void entries_stand_between_commas_or_blanks(void **state)
{
    static const row rows[] = {
        {"", "http://h.test/", false},
        {",, ,\t,", "http://h.test/", false},
        {"a.test,h.test", "http://h.test/", true},
        {" a.test ,\th.test ", "http://h.test/", true},
        {"a.test h.test", "http://h.test/", true},
        {"*", "http://h.test/", true},
        {" * ", "http://[::1]/", true},
        {"a.test,*", "http://h.test/", true},
        {".", "http://h.test/", false},
        {"..", "http://h.test/", false},
        {"*.", "http://h.test/", false},
    };
    (void)state;
    EXPECT(rows);
}

static void an_entry_with_a_port_is_for_that_port(void **state)
{
    static const row rows[] = {
        {"h.test:80", "http://h.test/", true},
        {"h.test:443", "https://a.h.test/", true},
        {"h.test:8080", "http://h.test/", false},
        {"h.test:8080", "http://h.test:8080/", true},
        {"h.test:", "http://h.test/", false},
        {"h.test:x", "http://h.test/", false},
        {"h.test:99999", "http://h.test:34463/", false},
        {":80", "http://h.test/", false},
        {"10.0.0.1:80", "http://10.0.0.1/", true},
        {"10.0.0.1:81", "http://10.0.0.1/", false},
        {"[::1]:80", "http://[::1]/", true},
        {"[::1]:81", "http://[::1]/", false},
    };
    (void)state;
    EXPECT(rows);
}

static void addresses_match_as_numbers_and_blocks(void **state)
{
    static const row rows[] = {
        {"10.0.0.1", "http://10.0.0.1/", true},
        {"0.0.1", "http://10.0.0.1/", false},
        {"10.0.0.1", "http://110.0.0.1/", false},
        {"::1", "http://[::1]:8080/", true},
        {"[::1]", "http://[0:0:0:0:0:0:0:1]/", true},
        {"::1", "http://[::2]/", false},
        {"10.0.0.0/8", "http://10.255.0.1/", true},
        {"10.0.0.0/8", "http://11.0.0.1/", false},
        {"192.168.1.64/26", "http://192.168.1.127/", true},
        {"192.168.1.64/26", "http://192.168.1.128/", false},
        {"192.168.1.7/32", "http://192.168.1.7/", true},
        {"192.168.1.7/31", "http://192.168.1.6/", true},
        {"192.168.1.7/32", "http://192.168.1.6/", false},
        {"0.0.0.0/0", "http://8.8.8.8/", true},
        {"0.0.0.0/0", "http://[::1]/", false},
        {"::/0", "http://8.8.8.8/", false},
        {"0.0.0.0/0", "http://h.test/", false},
        {"10.0.0.0/33", "http://10.0.0.0/", false},
        {"10.0.0.0/", "http://10.0.0.0/", false},
        {"10.0.0.0/8/8", "http://10.0.0.0/", false},
        {"2001:db8::/32", "http://[2001:db8:1::5]/", true},
        {"2001:db8::/33", "http://[2001:db8:8000::5]/", false},
        {"[2001:db8::]/32", "http://[2001:db8:1::5]/", true},
        {"fe80::/10", "http://[febf::1%25eth0]/", true},
        {"fe80::/129", "http://[fe80::1]/", false},
        {"h.test/8", "http://h.test/", false},
    };
    (void)state;
    EXPECT(rows);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(NO_PROXY_suffixes_match_only_on_dot_boundaries),
        cmocka_unit_test(entries_stand_between_commas_or_blanks),
        cmocka_unit_test(an_entry_with_a_port_is_for_that_port),
        cmocka_unit_test(addresses_match_as_numbers_and_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
