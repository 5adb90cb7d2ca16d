/* test_spaces.c - what servers have asked for, by origin and user.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "policy/spaces.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

static memory m;
static fy_spaces s;

static int set_up(void **state)
{
    (void)state;
    memory_init(&m);
    fy_spaces_init(&s, &m.platform);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fy_spaces_fini(&s);
    return memory_is_clean(&m) ? 0 : -1;
}

static const fy_space_key base = {{"http://a.test", 13}, {"", 0}, 0, {"ada", 3}};

static void an_entry_is_for_exactly_one_peer_and_one_user(void **state)
{
    fy_space_key others[6];
    (void)state;
    for (size_t i = 0; i < COUNT(others); i++)
        others[i] = base;
    others[0].origin = FY_S("https://a.test");
    others[1].origin = FY_S("http://a.test:81");
    others[2].zone = FY_S("1");
    others[3].dialer_id = 1;
    others[4].user = FY_S("ad");
    others[5].user = FY_S("");
    fy_space *space = fy_spaces_make(&s, &base);
    assert_non_null(space);
    assert_ptr_equal(fy_spaces_find(&s, &base), space);
    assert_ptr_equal(fy_spaces_make(&s, &base), space);
    for (size_t i = 0; i < COUNT(others); i++)
        assert_null(fy_spaces_find(&s, &others[i]));
    for (size_t i = 0; i < COUNT(others); i++)
        assert_ptr_not_equal(fy_spaces_make(&s, &others[i]), space);
    for (size_t i = 0; i < COUNT(others); i++)
        assert_non_null(fy_spaces_find(&s, &others[i]));
    assert_int_equal(s.n, 1 + COUNT(others));
}

static fy_space *make_numbered(int i)
{
    char user[20];
    fy_space_key key = base;
    sprintf(user, "user %d", i);
    key.user = fy_str(user);
    return fy_spaces_make(&s, &key);
}

static void there_is_room_for_so_many_and_the_oldest_goes(void **state)
{
    (void)state;
    fy_space *first = make_numbered(0);
    first->takes_basic = true;
    for (int i = 1; i < FY_SPACES_MAX; i++)
        assert_ptr_not_equal(make_numbered(i), first);
    fy_space *next = make_numbered(FY_SPACES_MAX);
    assert_ptr_equal(next, first);
    assert_false(next->takes_basic);
    assert_int_equal(s.n, FY_SPACES_MAX);
    assert_ptr_equal(make_numbered(0), s.at[1]);
    for (int i = 0; i < 100; i++)
        assert_non_null(make_numbered(1000 + i));
}

static void without_memory_there_is_no_entry_at_any_call(void **state)
{
    fy_space *space = NULL;
    int k = 0;
    (void)state;
    m.secret = "ada"; /* a user's name is nobody's business */
    while (!space) {
        m.fail_at = m.calls + ++k;
        space = fy_spaces_make(&s, &base);
    }
    assert_true(k > 1);
    assert_ptr_equal(fy_spaces_find(&s, &base), space);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(an_entry_is_for_exactly_one_peer_and_one_user),
        TEST(there_is_room_for_so_many_and_the_oldest_goes),
        TEST(without_memory_there_is_no_entry_at_any_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
