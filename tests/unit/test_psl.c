/* test_psl.c - public suffixes, with and without a list.
 * SPDX-License-Identifier: MIT */
#include "policy/psl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static bool is_public(const char *host, const char *domain)
{
    return fy_psl_is_public(fy_str(host), fy_str(domain));
}

static void a_name_of_one_label_is_public_whatever_the_build(void **state)
{
    (void)state;
    assert_true(is_public("example.com", "com"));
    assert_true(is_public("example.com.", "com."));
    assert_true(is_public("localhost", "localhost"));
    assert_true(is_public("x.nowhere-on-the-list", "nowhere-on-the-list"));
    assert_true(is_public("x", ""));
    assert_true(is_public("x.", "."));
}

static void what_somebody_registered_is_not_public(void **state)
{
    (void)state;
    assert_false(is_public("example.com", "example.com"));
    assert_false(is_public("www.example.com", "example.com"));
    assert_false(is_public("www.example.com.", "example.com."));
    assert_false(is_public("www.example.com", "www.example.com"));
}

/* In a build with the list. */
static void the_list_knows_suffixes_of_several_labels_and_their_exceptions(void **state)
{
    (void)state;
    if (!is_public("example.co.uk", "co.uk"))
        skip();
    assert_true(is_public("example.co.uk.", "co.uk."));
    assert_false(is_public("example.co.uk", "example.co.uk"));
    assert_true(is_public("a.b.kobe.jp", "b.kobe.jp"));
    assert_true(is_public("a.b.kobe.jp", "kobe.jp"));
    assert_true(is_public("x.city.kobe.jp", "kobe.jp"));
    assert_false(is_public("x.city.kobe.jp", "city.kobe.jp"));
}

static void a_name_too_long_for_the_dns_is_never_read_into_too_little_room(void **state)
{
    char host[600];
    (void)state;
    for (int n = 240; n < 500; n++) {
        snprintf(host, sizeof host, "%0*d.example.com", n, 1);
        is_public(host, host + strlen(host) - strlen("example.com"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_of_one_label_is_public_whatever_the_build),
        cmocka_unit_test(what_somebody_registered_is_not_public),
        cmocka_unit_test(
            the_list_knows_suffixes_of_several_labels_and_their_exceptions),
        cmocka_unit_test(
            a_name_too_long_for_the_dns_is_never_read_into_too_little_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
