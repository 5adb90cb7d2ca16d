/* test_jar.c - cookies: kept, found and thrown out.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "policy/cookies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static memory m;
static fy_jar jar;

static int set_up(void **state)
{
    (void)state;
    memory_init(&m);
    fy_jar_init(&jar, &m.platform, 7);
    fy_cookies_fill(&jar.limits);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fy_jar_fini(&jar);
    return memory_is_clean(&m) ? 0 : -1;
}

static void put(const char *domain, const char *name, bool is_secure, int64_t expires)
{
    fy_cookie_spec spec = {.name = fy_str(name),
        .value = FY_S("v"),
        .domain = fy_str(domain),
        .path = FY_S("/"),
        .expires = expires,
        .is_secure = is_secure};
    assert_true(fy_jar_put(&jar, &spec, 0));
}

/* The names of all, the oldest first. */
static const char *all(void)
{
    static char text[2000];
    text[0] = '\0';
    for (fy_cookie *c = jar.order[FY_JAR_MADE].first; c;
         c = c->order[FY_JAR_MADE].after)
        sprintf(text + strlen(text), "%s%s", text[0] ? " " : "", c->pub.name);
    return text;
}

static size_t find(const char *host)
{
    return fy_jar_find(&jar, fy_str(host), false, FY_S("/"), true);
}

static void use(const char *host)
{
    size_t n = find(host);
    for (size_t i = 0; i < n; i++)
        fy_jar_use(&jar, jar.found[i]);
}

static void a_crowded_domain_gives_up_first_what_is_not_secure(void **state)
{
    (void)state;
    jar.limits.per_domain = 3;
    put("a.test", "s1", true, 0);
    put("a.test", "n1", false, 0);
    put("b.test", "other", false, 0);
    put("a.test", "n2", false, 0);
    put("a.test", "n3", false, 0);
    assert_string_equal(all(), "s1 other n2 n3");
    put("a.test", "s2", true, 0);
    assert_string_equal(all(), "s1 other n3 s2");
    put("a.test", "s3", true, 0);
    put("a.test", "n4", false, 0); /* it is the one to go itself */
    assert_string_equal(all(), "s1 other s2 s3");
    put("a.test", "s4", true, 0);
    assert_string_equal(all(), "other s2 s3 s4");
}

static void a_full_jar_gives_up_what_has_ended_then_the_longest_unused(void **state)
{
    (void)state;
    jar.limits.total = 3;
    put("a.test", "a", false, 0);
    put("b.test", "b", true, 0);
    put("c.test", "c", false, 10);
    use("a.test");
    put("d.test", "d", false, 0);
    assert_string_equal(all(), "a c d");
    fy_cookie_spec spec = {.name = FY_S("e"),
        .value = FY_S(""),
        .domain = FY_S("e.test"),
        .path = FY_S("/")};
    assert_true(fy_jar_put(&jar, &spec, 10));
    assert_string_equal(all(), "a d e");
    put("f.test", "f", false, 0);
    assert_string_equal(all(), "d e f");
    jar.limits.total = 0;
    put("g.test", "g", false, 0);
    assert_string_equal(all(), "");
}

static void a_replaced_cookie_keeps_its_age_and_its_place(void **state)
{
    (void)state;
    put("a.test", "a", false, 0);
    put("a.test", "b", true, 0);
    put("a.test", "c", false, 0);
    put("a.test", "a", true, 5);
    put("a.test", "b", false, 0);
    assert_string_equal(all(), "a b c");
    assert_int_equal(find("a.test"), 3);
    assert_string_equal(jar.found[0]->pub.name, "a");
    assert_true(fy_jar_has_secure(&jar, FY_S("a"), FY_S("a.test"), FY_S("/")));
    assert_false(fy_jar_has_secure(&jar, FY_S("b"), FY_S("a.test"), FY_S("/")));
    put("a.test", "c", false, -1);
    put("a.test", "none", false, -1);
    assert_string_equal(all(), "a b");
}

static void what_has_ended_is_thrown_out_and_its_domain_with_it(void **state)
{
    (void)state;
    put("a.test", "a", false, 10);
    put("a.test", "b", true, 10);
    put("b.test", "c", false, 10);
    fy_jar_purge(&jar, 9);
    assert_int_equal(find("x.a.test"), 2);
    put("a.test", "a", false, 20);
    fy_jar_purge(&jar, 10);
    assert_string_equal(all(), "a");
    assert_int_equal(jar.n_sites, 1);
    fy_jar_purge(&jar, 20);
    assert_int_equal(jar.n_sites, 0);
    assert_int_equal(jar.soonest, INT64_MAX);
    assert_int_equal(find("a.test"), 0);
}

static void thousands_of_domains_are_found_again(void **state)
{
    char name[40], domain[40];
    (void)state;
    for (int i = 0; i < 3000; i++) {
        sprintf(domain, "d%d.test", i % 1000);
        sprintf(name, "n%d", i);
        put(domain, name, i % 2, 0);
    }
    assert_int_equal(jar.n, 3000);
    assert_int_equal(jar.n_sites, 1000);
    for (int i = 0; i < 1000; i++) {
        sprintf(domain, "d%d.test", i);
        sprintf(name, "n%d", i + 1000);
        assert_int_equal(find(domain), 3);
        assert_string_equal(jar.found[1]->pub.name, name);
    }
    put("one.more.test", "x", false, 0);
    assert_int_equal(jar.n, 3000);
}

static void asking_takes_no_memory(void **state)
{
    char name[40];
    (void)state;
    for (int i = 0; i < 180; i++) {
        sprintf(name, "n%d", i);
        put("a.test", name, false, 0);
    }
    int calls = m.calls;
    assert_int_equal(find("a.test"), 180);
    assert_int_equal(find("x.a.test"), 180);
    assert_int_equal(m.calls, calls);
}

static void a_jar_never_used_holds_no_memory(void **state)
{
    (void)state;
    assert_int_equal(find("a.test"), 0);
    assert_false(fy_jar_has_secure(&jar, FY_S("a"), FY_S("a.test"), FY_S("/")));
    assert_int_equal(m.calls, 0);
}

static void more_buckets_that_there_is_no_memory_for_are_done_without(void **state)
{
    char domain[40];
    (void)state;
    for (int i = 0; i < 40; i++) {
        sprintf(domain, "d%d.test", i);
        for (int k = 1; k < 5; k++) {
            fy_cookie_spec spec = {.name = FY_S("n"),
                .value = FY_S("v"),
                .domain = fy_str(domain),
                .path = FY_S("/"),
                .is_secure = true};
            m.fail_at = m.calls + k;
            size_t before = jar.n;
            bool done = fy_jar_put(&jar, &spec, 0);
            assert_int_equal(jar.n, before + done);
            if (done)
                break;
        }
        m.fail_at = 0;
    }
    assert_int_equal(jar.n, 40);
    for (int i = 0; i < 40; i++) {
        sprintf(domain, "d%d.test", i);
        assert_int_equal(find(domain), 1);
        assert_true(
            fy_jar_has_secure(&jar, FY_S("n"), fy_str(domain), FY_S("/anywhere")));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_crowded_domain_gives_up_first_what_is_not_secure),
        TEST(a_full_jar_gives_up_what_has_ended_then_the_longest_unused),
        TEST(a_replaced_cookie_keeps_its_age_and_its_place),
        TEST(what_has_ended_is_thrown_out_and_its_domain_with_it),
        TEST(thousands_of_domains_are_found_again),
        TEST(asking_takes_no_memory),
        TEST(a_jar_never_used_holds_no_memory),
        TEST(more_buckets_that_there_is_no_memory_for_are_done_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
