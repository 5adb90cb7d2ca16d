/* test_redirect.c - what becomes of a request when the answer sends it elsewhere.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "policy/redirect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* RFC 9110 15.4: 300 leaves the choice to people, 304 is no redirect, 305 and 306 are not
 * to be followed. */
static void five_statuses_are_redirects(void **state)
{
    (void)state;
    for (int status = 100; status < 1000; status++) {
        bool is_one = status == 301 || status == 302 || status == 303 ||
                      status == 307 || status == 308;
        if (fy_redirect_is_one(status) != is_one)
            fail_msg("%d", status);
    }
}

static void all_but_HEAD_are_followed_unless_told_otherwise(void **state)
{
    static const struct {
        ferry_switch follow;
        const char *method;
        bool may;
    } cases[] = {
        {FERRY_INHERIT, "GET", true},
        {FERRY_INHERIT, "POST", true},
        {FERRY_INHERIT, "HEAD", false},
        {FERRY_INHERIT, "head", true},
        {FERRY_ON, "HEAD", true},
        {FERRY_ON, "DELETE", true},
        {FERRY_OFF, "GET", false},
        {FERRY_OFF, "HEAD", false},
        {FERRY_SAFE_ONLY, "GET", true},
        {FERRY_SAFE_ONLY, "HEAD", true},
        {FERRY_SAFE_ONLY, "OPTIONS", true},
        {FERRY_SAFE_ONLY, "TRACE", true},
        {FERRY_SAFE_ONLY, "POST", false},
        {FERRY_SAFE_ONLY, "PUT", false},
        {FERRY_SAFE_ONLY, "DELETE", false},
        {FERRY_SAFE_ONLY, "PATCH", false},
        {FERRY_SAFE_ONLY, "get", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (fy_redirect_may_follow(cases[i].follow, fy_str(cases[i].method)) !=
            cases[i].may)
            fail_msg("case %d", (int)i);
}

static void a_post_becomes_a_get_where_browsers_do_it(void **state)
{
    static const int all[] = {301, 302, 303, 0}, one[] = {302, 0}, none[] = {0};
    static const struct {
        int status;
        const char *method;
        const int *keep_post;
        const char *then;
    } cases[] = {
        {301, "GET", NULL, "GET"},
        {301, "HEAD", NULL, "HEAD"},
        {301, "POST", NULL, "GET"},
        {301, "PUT", NULL, "PUT"},
        {301, "post", NULL, "post"},
        {302, "POST", NULL, "GET"},
        {302, "DELETE", NULL, "DELETE"},
        {302, "PATCH", NULL, "PATCH"},
        {303, "GET", NULL, "GET"},
        {303, "HEAD", NULL, "HEAD"},
        {303, "POST", NULL, "GET"},
        {303, "PUT", NULL, "GET"},
        {303, "PURGE", NULL, "GET"},
        {307, "POST", NULL, "POST"},
        {308, "POST", NULL, "POST"},
        {307, "PUT", NULL, "PUT"},
        {301, "POST", all, "POST"},
        {302, "POST", all, "POST"},
        {303, "POST", all, "POST"},
        {303, "PUT", all, "GET"}, /* it is about POST */
        {301, "POST", one, "GET"},
        {302, "POST", one, "POST"},
        {302, "POST", none, "GET"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        ferry_str method = fy_str(cases[i].method);
        ferry_str then = fy_redirect_method(
            cases[i].status, method, cases[i].keep_post);
        if (!fy_str_eq(then, fy_str(cases[i].then)))
            fail_msg("case %d: %s", (int)i, then.ptr);
    }
}

/* --- secrets --------------------------------------------------------------------- */

static bool keeps(const char *from, const char *to)
{
    const ferry_fields no_params = {NULL, 0};
    memory m;
    fy_url a, b;
    fy_error x;
    memory_init(&m);
    fy_url_init(&a, &m.platform, 4096);
    fy_url_init(&b, &m.platform, 4096);
    if (fy_url_parse(&a, fy_str(from), no_params, &x) ||
        fy_url_parse(&b, fy_str(to), no_params, &x))
        fail_msg("%s or %s is no URL", from, to);
    bool answer = fy_redirect_keeps_secrets(&a, &b);
    fy_url_fini(&a);
    fy_url_fini(&b);
    assert_true(memory_is_clean(&m));
    return answer;
}

static void secrets_stay_with_scheme_host_and_port(void **state)
{
    static const struct {
        const char *from, *to;
        bool keeps;
    } cases[] = {
        {"http://h/a", "http://h/b?c#d", true},
        {"http://h/", "http://H:80/", true},
        {"https://h/", "https://h:443/", true},
        {"http://h:8080/", "http://h:8080/", true},
        {"http://u:p@h/", "http://h/", true},
        {"http://h/", "http://g/", false},
        {"http://h/", "http://www.h/", false},
        {"http://www.h/", "http://h/", false},
        {"http://h/", "http://h./", false},
        {"http://h/", "http://h:81/", false},
        {"http://h:81/", "http://h/", false},
        {"http://localhost/", "http://127.0.0.1/", false},
        {"http://[::1]/", "http://[::1]:80/", true},
        {"http://[::1]/", "http://[::2]/", false},
        /* The one exception: the same host, from 80 to 443. */
        {"http://h/", "https://h/", true},
        {"http://h:80/", "https://h:443/", true},
        {"https://h/", "http://h/", false},
        {"http://h/", "https://g/", false},
        {"http://h/", "https://h:8443/", false},
        {"http://h:8080/", "https://h/", false},
        {"http://h:443/", "https://h/", false},
        {"http://h/", "https://h:80/", false},
        {"https://h:80/", "http://h/", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (keeps(cases[i].from, cases[i].to) != cases[i].keeps)
            fail_msg("%s to %s", cases[i].from, cases[i].to);
}

static void a_zone_is_part_of_an_origin(void **state)
{
    (void)state;
    assert_true(keeps("http://[fe80::1%251]/", "http://[fe80::1%251]/b"));
    assert_false(keeps("http://[fe80::1%251]/", "http://[fe80::1%252]/"));
    assert_false(keeps("http://[fe80::1%251]/", "https://[fe80::1%252]/"));
    assert_true(keeps("http://[fe80::1%251]/", "https://[fe80::1%251]/"));
}

/* CVE-2018-25091: whatever the letters. */
static void the_fields_that_stay_are_known_in_any_letters(void **state)
{
    static const char *const more[] = {"X-Api-Key", "x-token", NULL};
    static const struct {
        const char *name;
        bool always, listed;
    } cases[] = {
        {"Authorization", true, true},
        {"aUtHoRiZaTiOn", true, true},
        {"cookie", true, true},
        {"HOST", true, true},
        {"Proxy-Authorization", true, true},
        {"X-API-KEY", false, true},
        {"X-Token", false, true},
        {"X-Api-Key2", false, false},
        {"X-Api-Ke", false, false},
        {"Accept", false, false},
        {"Cookie2", false, false},
        {"", false, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        ferry_str name = fy_str(cases[i].name);
        if (fy_redirect_is_bound(name, &(fy_bound){NULL}) != cases[i].always ||
            fy_redirect_is_bound(name, &(fy_bound){more}) != cases[i].listed)
            fail_msg("%s", cases[i].name);
    }
}

static void what_speaks_of_the_content_is_known(void **state)
{
    static const char *const of_content[] = {"Content-Encoding", "content-language",
        "Content-Location", "CONTENT-TYPE", "Content-Length", "Transfer-Encoding",
        "Digest", "Content-Digest", "Repr-Digest", "Last-Modified", "Expect",
        "Trailer"};
    static const char *const others[] = {"Accept", "Content", "Content-Security-Policy",
        "Authorization", "If-Match", "Accept-Encoding"};
    (void)state;
    for (size_t i = 0; i < COUNT(of_content); i++)
        assert_true(fy_redirect_is_of_content(fy_str(of_content[i])));
    for (size_t i = 0; i < COUNT(others); i++)
        assert_false(fy_redirect_is_of_content(fy_str(others[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_statuses_are_redirects),
        cmocka_unit_test(all_but_HEAD_are_followed_unless_told_otherwise),
        cmocka_unit_test(a_post_becomes_a_get_where_browsers_do_it),
        cmocka_unit_test(secrets_stay_with_scheme_host_and_port),
        cmocka_unit_test(a_zone_is_part_of_an_origin),
        cmocka_unit_test(the_fields_that_stay_are_known_in_any_letters),
        cmocka_unit_test(what_speaks_of_the_content_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
