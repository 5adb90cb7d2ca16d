/* test_content.c - the content codings of this build (RFC 9110 8.4).
 * SPDX-License-Identifier: MIT */
#include "base/str.h"
#include "proto/content.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static bool is_coding(ferry_str s)
{
    return fy_str_eq(s, FY_S("identity")) || fy_str_eq(s, FY_S("gzip")) ||
           fy_str_eq(s, FY_S("deflate"));
}

/* RFC 9110 12.5.3: an empty Accept-Encoding would say something else. */
static void a_build_asks_for_the_codings_it_knows_or_for_none(void **state)
{
    ferry_str rest = fy_str(fy_content_codings());
    (void)state;
    assert_true(rest.len > 0);
    for (ferry_str coding; fy_str_cut(&rest, ',', &coding);)
        assert_true(is_coding(fy_str_trim(coding)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_build_asks_for_the_codings_it_knows_or_for_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
