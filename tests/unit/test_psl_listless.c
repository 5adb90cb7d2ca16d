/* test_psl_listless.c - public suffixes with a libpsl that was built without its list, as
 * some are. SPDX-License-Identifier: MIT */
#include "policy/psl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* In place of libpsl's, in a build that has it. */
const void *psl_builtin(void);

const void *psl_builtin(void)
{
    return NULL;
}

static bool is_public(const char *host, const char *domain)
{
    return fy_psl_is_public(fy_str(host), fy_str(domain));
}

static void without_a_list_names_of_one_label_are_public_and_no_others(void **state)
{
    (void)state;
    assert_true(is_public("example.com", "com"));
    assert_true(is_public("localhost", "localhost"));
    assert_false(is_public("example.co.uk", "co.uk"));
    assert_false(is_public("example.co.uk", "example.co.uk"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_list_names_of_one_label_are_public_and_no_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
