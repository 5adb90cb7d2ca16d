/* test_lists.c - the lists of options, and texts and lists copied into one block.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "policy/lists.h"
#include "session/block.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

static memory m;

static int set_up(void **state)
{
    (void)state;
    memory_init(&m);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return memory_is_clean(&m) ? 0 : -1;
}

/* --- lists ----------------------------------------------------------------------- */

static void a_list_of_numbers_is_copied_to_its_end(void **state)
{
    static const int lists[][4] = {{0}, {500, 0}, {1, 2, 3, 0}};
    (void)state;
    for (size_t i = 0; i < COUNT(lists); i++) {
        size_t n = 0;
        int *copy = fy_codes_copy(&m.platform, lists[i]);
        assert_non_null(copy);
        for (; lists[i][n]; n++)
            assert_true(fy_codes_has(copy, lists[i][n]));
        assert_int_equal(copy[n], 0);
        assert_false(fy_codes_has(copy, 0));
        assert_false(fy_codes_has(copy, 404));
        fy_codes_free(&m.platform, copy);
    }
}

static void a_list_of_names_is_one_block_with_texts_of_its_own(void **state)
{
    char name[] = "GET";
    const char *list[] = {name, "", "Post", NULL};
    (void)state;
    const char *const *copy = fy_names_copy(&m.platform, list);
    assert_non_null(copy);
    assert_int_equal(m.live, 1);
    name[0] = 'X';
    assert_true(fy_names_has(copy, FY_S("GET")));
    assert_true(fy_names_has(copy, FY_S("")));
    assert_false(fy_names_has(copy, FY_S("POST")));
    assert_true(fy_names_has_nocase(copy, FY_S("POST")));
    assert_false(fy_names_has_nocase(copy, FY_S("POS")));
    assert_null(copy[3]);
    fy_names_free(&m.platform, copy);
}

static void an_empty_list_of_names_has_none(void **state)
{
    static const char *const none[] = {NULL};
    (void)state;
    const char *const *copy = fy_names_copy(&m.platform, none);
    assert_false(fy_names_has(copy, FY_S("")));
    assert_false(fy_names_has_nocase(copy, FY_S("")));
    fy_names_free(&m.platform, copy);
}

static void without_memory_there_is_no_copy_and_nothing_to_free(void **state)
{
    static const int codes[] = {1, 0};
    static const char *const names[] = {"a", NULL};
    (void)state;
    m.fail_at = 1;
    assert_null(fy_codes_copy(&m.platform, codes));
    m.fail_at = 2;
    assert_null(fy_names_copy(&m.platform, names));
    fy_codes_free(&m.platform, NULL);
    fy_names_free(&m.platform, NULL);
}

/* --- blocks ---------------------------------------------------------------------- */

typedef struct contents {
    ferry_str str;
    const char *text, *no_text;
    ferry_fields fields, no_fields;
    const ferry_pair *pairs, *no_pairs, *forgets;
    const int *codes, *no_codes;
    const char *const *names, *const *no_names;
} contents;

static contents walk(fy_block *b, const contents *c)
{
    contents copy;
    copy.fields = fy_block_fields(b, c->fields);
    copy.str = fy_block_str(b, c->str);
    copy.text = fy_block_text(b, c->text);
    copy.no_text = fy_block_text(b, c->no_text);
    copy.pairs = fy_block_pairs(b, c->pairs);
    copy.no_fields = fy_block_fields(b, c->no_fields);
    copy.codes = fy_block_codes(b, c->codes);
    copy.names = fy_block_names(b, c->names);
    copy.no_pairs = fy_block_pairs(b, c->no_pairs);
    copy.forgets = fy_block_pairs(b, c->forgets);
    copy.no_codes = fy_block_codes(b, c->no_codes);
    copy.no_names = fy_block_names(b, c->no_names);
    return copy;
}

static bool lies_inside(const void *p, const fy_block *b)
{
    const char *at = p;
    return at >= b->at && at < b->at + b->len;
}

static bool may_stand_there(const void *p)
{
    return (uintptr_t)p % sizeof(void *) == 0;
}

static void a_walk_that_measures_takes_what_the_walk_that_copies_needs(void **state)
{
    static const ferry_field fields[] = {
        {{"Name", 4}, {"value", 5}}, {{"Empty", 5}, {"", 0}}};
    static const ferry_pair pairs[] = {{"A", "1"}, {"B", NULL}, {NULL, NULL}};
    static const int codes[] = {301, 302, 0};
    static const char *const names[] = {"X", "", "Yz", NULL};
    const contents given = {.str = FY_S("odd"),
        .text = "text",
        .fields = {fields, 2},
        .no_fields = {NULL, 0},
        .pairs = pairs,
        .forgets = ferry_no_pairs(),
        .codes = codes,
        .names = names};
    fy_block measure = {NULL, 0};
    (void)state;
    contents seen = walk(&measure, &given);
    assert_ptr_equal(seen.text, given.text);
    void *room = fy_resize(&m.platform, NULL, 0, measure.len);
    fy_block b = {room, 0};
    contents copy = walk(&b, &given);
    assert_int_equal(b.len, measure.len);
    assert_memory_equal(copy.str.ptr, "odd", 4);
    assert_string_equal(copy.text, "text");
    assert_null(copy.no_text);
    assert_int_equal(copy.fields.n, 2);
    assert_string_equal(copy.fields.at[0].name.ptr, "Name");
    assert_string_equal(copy.fields.at[0].value.ptr, "value");
    assert_int_equal(copy.fields.at[1].value.len, 0);
    assert_int_equal(copy.no_fields.n, 0);
    assert_string_equal(copy.pairs[0].value, "1");
    assert_string_equal(copy.pairs[1].name, "B");
    assert_null(copy.pairs[1].value);
    assert_null(copy.pairs[2].name);
    assert_null(copy.no_pairs);
    assert_ptr_equal(copy.forgets, ferry_no_pairs());
    assert_memory_equal(copy.codes, codes, sizeof codes);
    assert_null(copy.no_codes);
    assert_string_equal(copy.names[2], "Yz");
    assert_null(copy.names[3]);
    assert_null(copy.no_names);
    assert_true(lies_inside(copy.text, &b) && lies_inside(copy.str.ptr, &b));
    assert_true(lies_inside(copy.pairs, &b) && lies_inside(copy.pairs[0].name, &b));
    assert_true(lies_inside(copy.codes, &b) && lies_inside(copy.names[0], &b));
    assert_true(may_stand_there(copy.fields.at) && may_stand_there(copy.pairs));
    assert_true(may_stand_there(copy.codes) && may_stand_there(copy.names));
    fy_resize(&m.platform, room, measure.len, 0);
}

int main(void)
{
#define LISTS_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        LISTS_TEST(a_list_of_numbers_is_copied_to_its_end),
        LISTS_TEST(a_list_of_names_is_one_block_with_texts_of_its_own),
        LISTS_TEST(an_empty_list_of_names_has_none),
        LISTS_TEST(without_memory_there_is_no_copy_and_nothing_to_free),
        LISTS_TEST(a_walk_that_measures_takes_what_the_walk_that_copies_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
