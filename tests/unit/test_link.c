/* test_link.c - links by relation type (RFC 8288), and the names of statuses.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "proto/link.h"
#include "proto/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* NULL: there is none. */
static void expect_link(const char *value, const char *rel, const char *target)
{
    ferry_str found = {"", 0};
    size_t n = strlen(value);
    char *exact = memory_exact(value, n);
    bool is_there = fy_link_find((ferry_str){exact, n}, fy_str(rel), &found);
    if (is_there != (target != NULL) || (target && !fy_str_eq(found, fy_str(target))))
        fail_msg("%s, %s: %.*s", value, rel, (int)found.len, found.ptr);
    free(exact);
}

static void a_link_is_found_by_its_relation_type(void **state)
{
    static const struct {
        const char *value, *rel, *target;
    } cases[] = {
        {"</b>; rel=\"next\"", "next", "/b"},
        {"</b>; rel=next", "next", "/b"},
        {"</b>;rel=NEXT", "next", "/b"},
        {" < /b > ; rel = \"next\" ", "next", "/b"},
        {"</a>; rel=\"prev\", </b>; rel=\"next\"", "next", "/b"},
        {"</a>; rel=\"prev next\"", "next", "/a"},
        {"</a>; rel=\"prev next\"", "last", NULL},
        {"</a>; title=\"a, b; c\"; rel=next", "next", "/a"},
        {"</a>; title=\"a \\\", <x>; rel=next\", </b>; rel=next", "next", "/b"},
        {"</a?x=1,2;3>; rel=next", "next", "/a?x=1,2;3"},
        {"<>; rel=self", "self", ""},
        {"</a>; rel=prev; rel=next", "next", NULL},
        {"</a>; anchor=\"#x\"; rel=next, </b>; rel=next", "next", "/b"},
        {"</a>; rel=next; anchor=\"#x\"", "next", NULL},
        {"</a>, </b>; rel=next", "next", "/b"},
        {"nonsense, </b>; rel=next", "next", "/b"},
        {"</a>;;; rel=next;", "next", "/a"},
        {"</a>; rel", "rel", NULL},
        {"</a>; rel=", "next", NULL},
        {"</a>; rel=\"next", "next", "/a"},
        {"</a; rel=next", "next", NULL},
        {"", "next", NULL},
        {",", "next", NULL},
        {"<", "next", NULL},
        {"<</a>; rel=next", "next", "/a"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_link(cases[i].value, cases[i].rel, cases[i].target);
}

static void statuses_have_names_and_names_have_statuses(void **state)
{
    static const struct {
        int code;
        const char *name;
    } cases[] = {{200, "OK"}, {404, "Not Found"}, {404, "not_found"},
        {404, "NOT-FOUND"}, {418, "i'm a teapot"}, {207, "multi status"},
        {511, "Network Authentication Required"}, {0, "no such thing"}, {0, ""},
        {0, "Not Foun"}, {0, "Not Found "}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(fy_status_code(fy_str(cases[i].name)), cases[i].code);
    assert_string_equal(fy_status_text(503), "Service Unavailable");
    assert_null(fy_status_text(299));
    for (int code = 0; code < 1000; code++)
        if (fy_status_text(code))
            assert_int_equal(fy_status_code(fy_str(fy_status_text(code))), code);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_is_found_by_its_relation_type),
        cmocka_unit_test(statuses_have_names_and_names_have_statuses),
    };
    return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
