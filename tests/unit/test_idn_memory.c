/* test_idn_memory.c - host names beyond ASCII, where libidn2 has no memory: it asks
 * malloc(), and not the platform. SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "proto/idn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

enum { OUT_OF_MEMORY = -100 }; /* IDN2_MALLOC */

static bool was_asked;

/* In place of libidn2's, in a build that has it. */
int idn2_lookup_u8(const uint8_t *name, uint8_t **out, int flags);

int idn2_lookup_u8(const uint8_t *name, uint8_t **out, int flags)
{
    (void)name, (void)flags;
    was_asked = true;
    *out = NULL;
    return OUT_OF_MEMORY;
}

static void want_of_memory_is_no_fault_of_the_name(void **state)
{
    memory m;
    fy_buf out;
    fy_error x;
    (void)state;
    memory_init(&m);
    fy_buf_init(&out, &m.platform, 300);
    ferry_err e = fy_idn_to_ascii(&out, FY_S("b\xc3\xbc.test"), &x);
    assert_int_equal(e, was_asked ? FERRY_ERR_NOMEM : FERRY_ERR_UNSUPPORTED);
    assert_int_equal(x.code, e);
    assert_int_equal(out.len, 0);
    fy_buf_fini(&out);
    assert_true(memory_is_clean(&m));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(want_of_memory_is_no_fault_of_the_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
