/* test_pairs.c - lists of names and values that join over the levels.
 * SPDX-License-Identifier: MIT */
#include "ferry.h"
#include "lib/memory.h"
#include "policy/pairs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

static memory m;
static fy_fields list;
static fy_error x;

static int set_up(void **state)
{
    (void)state;
    memory_init(&m);
    fy_fields_init(&list, &m.platform, FY_PAIRS_MAX);
    x = (fy_error){.code = FERRY_OK, .at = 77};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fy_fields_fini(&list);
    return memory_is_clean(&m) ? 0 : -1;
}

/* Pairs from "a=1 b=2 c": c is taken away. The texts lie in `room`. */
static const ferry_pair *pairs_from(
    const char *text, char room[100], ferry_pair out[10])
{
    size_t n = 0;
    strcpy(room, text);
    for (char *word = strtok(room, " "); word; word = strtok(NULL, " ")) {
        char *value = strchr(word, '=');
        if (value)
            *value++ = '\0';
        out[n++] = (ferry_pair){word, value};
    }
    out[n] = (ferry_pair){NULL, NULL};
    return out;
}

/* The list once more as such a text; a name that stays away has a "-". */
static const char *seen(void)
{
    static char text[300];
    text[0] = '\0';
    for (size_t i = 0; i < list.n; i++) {
        ferry_field f = list.at[i];
        sprintf(text + strlen(text), "%s%.*s%s%.*s", i ? " " : "", (int)f.name.len,
            f.name.ptr, f.value.ptr ? "=" : "-", (int)f.value.len,
            f.value.ptr ? f.value.ptr : "");
    }
    return text;
}

static ferry_err lay(fy_pairs_kind kind, const char *text, char room[100])
{
    ferry_pair pairs[10];
    return fy_pairs_overlay_given(&list, kind, pairs_from(text, room, pairs), NULL, &x);
}

typedef struct joining {
    const char *below, *above, *joined;
} joining;

static void expect_joined(fy_pairs_kind kind, const joining *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char below[100], above[100];
        list.n = 0;
        assert_int_equal(lay(kind, cases[i].below, below), FERRY_OK);
        assert_int_equal(lay(kind, cases[i].above, above), FERRY_OK);
        assert_string_equal(seen(), cases[i].joined);
    }
}

static void headers_join_by_name_whatever_its_case_and_keep_their_place(void **state)
{
    static const joining cases[] = {
        {"", "", ""},
        {"A=1 B=2", "", "A=1 B=2"},
        {"", "A=1 B=2", "A=1 B=2"},
        {"A=1 B=2", "C=3", "A=1 B=2 C=3"},
        {"A=1 B=2 C=3", "b=9", "A=1 b=9 C=3"},
        {"A=1 B=2", "b=9 a=8 c=7", "a=8 b=9 c=7"},
        {"A=1 AB=2", "a=", "a= AB=2"},
    };
    (void)state;
    expect_joined(FY_PAIRS_HEADERS, cases, COUNT(cases));
}

static void a_header_without_value_stays_known_as_removed(void **state)
{
    static const joining cases[] = {
        {"A=1 B=2", "a", "a- B=2"},
        {"A=1", "B", "A=1 B-"},
        {"A", "a=1", "a=1"},
        {"A", "a", "a-"},
        {"A=1 B=2 A=3", "A", "A- B=2"},
    };
    (void)state;
    expect_joined(FY_PAIRS_HEADERS, cases, COUNT(cases));
}

static void a_name_given_twice_at_one_level_is_there_twice(void **state)
{
    static const joining cases[] = {
        {"", "A=1 A=2", "A=1 A=2"},
        {"A=1 B=2", "A=3 a=4", "A=3 B=2 a=4"},
        {"A=1 A=2 B=3 A=4", "a=5", "a=5 B=3"},
        {"A=1 B=2 A=3", "a=5 A=6 a=7", "a=5 B=2 A=6 a=7"},
        {"", "A=1 A A=2", "A=1 A=2"},
        {"A=0", "A A=1", "A- A=1"},
    };
    (void)state;
    expect_joined(FY_PAIRS_HEADERS, cases, COUNT(cases));
}

static void parameters_join_by_their_exact_name(void **state)
{
    static const joining cases[] = {
        {"a=1 b=2", "A=3", "a=1 b=2 A=3"},
        {"a=1 b=2", "a=3", "a=3 b=2"},
        {"a=1 b=2", "a", "a- b=2"},
        {"a=1 b=2", "c", "a=1 b=2 c-"},
        {"a=1 b=2 a=3", "a", "a- b=2"},
        {"a=1", "a=2 a=3", "a=2 a=3"},
        {"a=1", "a a=2", "a- a=2"},
        {"a=1", "a= =x", "a= =x"},
    };
    (void)state;
    expect_joined(FY_PAIRS_PARAMS, cases, COUNT(cases));
}

static void no_pairs_forgets_what_is_below(void **state)
{
    char room[100];
    (void)state;
    assert_int_equal(lay(FY_PAIRS_HEADERS, "A=1 B=2", room), FERRY_OK);
    assert_int_equal(
        fy_pairs_overlay_given(&list, FY_PAIRS_HEADERS, NULL, NULL, &x), FERRY_OK);
    assert_string_equal(seen(), "A=1 B=2");
    assert_int_equal(
        fy_pairs_overlay_given(&list, FY_PAIRS_HEADERS, FERRY_NO_PAIRS, NULL, &x),
        FERRY_OK);
    assert_string_equal(seen(), "");
}

static void a_level_of_fields_lies_over_another_as_pairs_do(void **state)
{
    static const ferry_field above[] = {
        {{"b", 1}, {"9", 1}}, {{"a", 1}, {NULL, 0}}, {{"d", 1}, {"8", 1}}};
    char room[100];
    (void)state;
    assert_int_equal(lay(FY_PAIRS_HEADERS, "A=1 B=2 C=3", room), FERRY_OK);
    assert_int_equal(fy_pairs_overlay(&list, FY_PAIRS_HEADERS,
                         (ferry_fields){above, COUNT(above)}, &x),
        FERRY_OK);
    assert_string_equal(seen(), "a- b=9 C=3 d=8");
}

static void a_header_that_may_not_be_sent_is_misuse_and_a_parameter_may(void **state)
{
    static const ferry_pair bad[] = {{"good", "1"}, {"a b", "x\ny"}, {NULL, NULL}};
    (void)state;
    assert_int_equal(fy_pairs_overlay_given(&list, FY_PAIRS_HEADERS, bad, NULL, &x),
        FERRY_ERR_USAGE);
    assert_string_equal(x.what, "header name is not a token");
    list.n = 0;
    assert_int_equal(
        fy_pairs_overlay_given(&list, FY_PAIRS_PARAMS, bad, NULL, &x), FERRY_OK);
    assert_int_equal(list.n, 2);
}

/* --- owning ---------------------------------------------------------------------- */

static void an_owned_list_outlives_the_texts_it_came_from(void **state)
{
    char room[100];
    (void)state;
    assert_int_equal(lay(FY_PAIRS_HEADERS, "A=1 B C= Name=value", room), FERRY_OK);
    assert_int_equal(fy_pairs_own(&list, &x), FERRY_OK);
    memset(room, 'x', sizeof room);
    assert_string_equal(seen(), "A=1 B- C= Name=value");
    assert_string_equal(list.at[3].name.ptr, "Name");
    assert_string_equal(list.at[3].value.ptr, "value");
    fy_pairs_disown(&list);
    assert_int_equal(list.n, 0);
}

static void owning_without_memory_leaves_an_empty_list_at_every_call(void **state)
{
    char room[100];
    (void)state;
    for (int k = 1; k <= 4; k++) {
        assert_int_equal(lay(FY_PAIRS_HEADERS, "A=1 B C= D=4", room), FERRY_OK);
        m.fail_at = m.calls + k;
        assert_int_equal(fy_pairs_own(&list, &x), FERRY_ERR_NOMEM);
        assert_int_equal(x.code, FERRY_ERR_NOMEM);
        assert_int_equal(list.n, 0);
        assert_int_equal(m.live, 0);
    }
}

static void joining_without_memory_is_an_error(void **state)
{
    static const ferry_field one[] = {{{"b", 1}, {"9", 1}}};
    char room[100];
    (void)state;
    m.fail_at = 1;
    assert_int_equal(lay(FY_PAIRS_HEADERS, "A=1", room), FERRY_ERR_NOMEM);
    m.fail_at = 2;
    assert_int_equal(
        fy_pairs_overlay(&list, FY_PAIRS_PARAMS, (ferry_fields){one, 1}, &x),
        FERRY_ERR_NOMEM);
}

static void a_list_has_an_end(void **state)
{
    char room[100];
    (void)state;
    list.max = 2;
    assert_int_equal(lay(FY_PAIRS_PARAMS, "a=1 b=2", room), FERRY_OK);
    assert_int_equal(lay(FY_PAIRS_PARAMS, "c=3", room), FERRY_ERR_LIMIT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(headers_join_by_name_whatever_its_case_and_keep_their_place),
        TEST(a_header_without_value_stays_known_as_removed),
        TEST(a_name_given_twice_at_one_level_is_there_twice),
        TEST(parameters_join_by_their_exact_name),
        TEST(no_pairs_forgets_what_is_below),
        TEST(a_level_of_fields_lies_over_another_as_pairs_do),
        TEST(a_header_that_may_not_be_sent_is_misuse_and_a_parameter_may),
        TEST(an_owned_list_outlives_the_texts_it_came_from),
        TEST(owning_without_memory_leaves_an_empty_list_at_every_call),
        TEST(joining_without_memory_is_an_error),
        TEST(a_list_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
