/* test_cookie_field.c - the Cookie field of a request, the Set-Cookie fields of a
 * response, beside what the wire scripts hold. SPDX-License-Identifier: MIT */
#include "ferry.h"
#include "lib/machine.h"
#include "lib/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define PLAIN       "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static machine m;
static peer p;
static ferry_dialer d;
static ferry_session *s;
static peer_answer answers[20];
static int64_t unix_now;

static int64_t clock_of_ours(void *ctx)
{
    (void)ctx;
    return unix_now;
}

/* From now on; what was given before, the peer still looks at. */
static void answer(const char *text)
{
    for (size_t i = p.next; i < COUNT(answers); i++)
        answers[i] = (peer_answer){text, PEER_STAYS};
}

static int set_up(void **state)
{
    (void)state;
    machine_init(&m);
    m.memory.secret = "SECRET";
    m.memory.platform.unix_time = clock_of_ours;
    unix_now = 1000000;
    memset(&p, 0, sizeof p);
    answer(PLAIN);
    p.answers = answers;
    p.n_answers = COUNT(answers);
    d = peer_dialer(&p);
    s = ferry_session_new(.platform = &m.memory.platform, .transport = &d);
    return s ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ferry_session_free(s);
    return memory_is_clean(&m.memory) ? 0 : -1;
}

/* What a GET sends as Cookie; "" if there is no such field. */
static const char *cookie_of(const char *url)
{
    static char text[9000];
    peer_forget(&p);
    if (ferry_get(s, url, NULL))
        fail_msg("%s", ferry_explain(s));
    const char *field = strstr(p.sent, "\r\nCookie: ");
    snprintf(text, sizeof text, "%.*s", field ? (int)strcspn(field + 10, "\r") : 0,
        field ? field + 10 : "");
    return text;
}

/* --- cookies of a response ------------------------------------------------------- */

#define SETS                                                                           \
    "HTTP/1.1 200 OK\r\nSet-Cookie: =\r\nX: y\r\n"                                     \
    "set-cookie: n = v ; Path=/p; Domain=.A.test; Max-Age=60; Secure; HttpOnly; "      \
    "SameSite=Strict\r\nSet-Cookie: alone\r\nContent-Length: 0\r\n\r\n"

static void expect_cookies(ferry_response *r)
{
    ferry_cookie c;
    assert_true(ferry_response_cookie(r, 0, &c));
    assert_string_equal(c.name, "n");
    assert_string_equal(c.value, "v");
    assert_string_equal(c.domain, "a.test");
    assert_string_equal(c.path, "/p");
    assert_int_equal(c.expires, 1000060);
    assert_true(c.secure && c.http_only && !c.host_only);
    assert_int_equal(c.same_site, FERRY_SAME_SITE_STRICT);
    assert_true(ferry_response_cookie(r, 1, &c));
    assert_string_equal(c.name, "");
    assert_string_equal(c.value, "alone");
    assert_string_equal(c.domain, "www.a.test");
    assert_string_equal(c.path, "/dir");
    assert_true(c.host_only && !c.expires && !c.secure);
    assert_false(ferry_response_cookie(r, 2, &c));
}

static void a_response_tells_the_cookies_that_it_sets_and_so_does_its_copy(void **state)
{
    ferry_response *r = NULL;
    (void)state;
    answer(SETS);
    assert_int_equal(ferry_get(s, "http://www.A.test:8080/dir/x?q#f", &r), FERRY_OK);
    expect_cookies(r);
    ferry_response *copy = ferry_detach(r);
    ferry_response_free(r);
    expect_cookies(copy);
    ferry_response_free(copy);
    assert_int_equal(ferry_cookie_count(s), 1); /* the other one was Secure */
}

static void a_response_without_memory_or_cookies_tells_none(void **state)
{
    ferry_response *r = NULL;
    ferry_cookie c;
    (void)state;
    assert_false(ferry_response_cookie(NULL, 0, &c));
    assert_int_equal(ferry_get(s, "http://a.test/", &r), FERRY_OK);
    assert_false(ferry_response_cookie(r, 0, &c));
    assert_false(ferry_response_cookie(r, 0, NULL));
    answer(SETS);
    assert_int_equal(ferry_get(s, "http://[::1]:80/", &r), FERRY_OK);
    m.memory.fail_at = m.memory.calls + 1;
    assert_false(ferry_response_cookie(r, 1, &c));
    assert_true(ferry_response_cookie(r, 1, &c));
    assert_string_equal(c.domain, "[::1]");
    assert_string_equal(c.path, "/");
    ferry_response_free(r);
}

/* --- time, hooks, options -------------------------------------------------------- */

static void cookies_end_by_the_platform_s_date(void **state)
{
    (void)state;
    answer("HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Max-Age=10\r\nSet-Cookie: b=2\r\n"
           "Content-Length: 0\r\n\r\n");
    assert_string_equal(cookie_of("http://a.test/"), "");
    answer(PLAIN);
    unix_now += 9;
    assert_string_equal(cookie_of("http://a.test/"), "a=1; b=2");
    unix_now += 1;
    assert_string_equal(cookie_of("http://a.test/"), "b=2");
}

static int asked;

static bool is_public(void *ctx, const char *domain)
{
    (void)ctx;
    asked++;
    assert_int_equal(ferry_cookie_count(s), 0); /* not from in here */
    assert_int_equal(ferry_cookies_clear(s, FERRY_COOKIES_ALL, NULL), FERRY_ERR_USAGE);
    return strcmp(domain, "host.test") == 0;
}

static void the_hook_for_public_suffixes_is_asked_and_may_not_call_back(void **state)
{
    (void)state;
    assert_int_equal(ferry_update(s, .suffixes = {NULL, is_public}), FERRY_OK);
    answer("HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Domain=host.test\r\n"
           "Set-Cookie: b=2; Domain=me.host.test\r\nContent-Length: 0\r\n\r\n");
    cookie_of("http://x.me.host.test/");
    assert_int_equal(asked, 2);
    assert_string_equal(cookie_of("http://me.host.test/"), "b=2");
}

static void limits_are_options_of_the_session(void **state)
{
    (void)state;
    assert_int_equal(
        ferry_update(s, .cookie_limits = {.per_domain = 1, .pair = 4}), FERRY_OK);
    assert_int_equal(ferry_cookie_set(s, "http://a.test/", "n=long"), FERRY_ERR_USAGE);
    assert_int_equal(ferry_cookie_set(s, "http://a.test/", "n=1"), FERRY_OK);
    assert_int_equal(ferry_cookie_set(s, "http://a.test/", "m=2"), FERRY_OK);
    assert_int_equal(ferry_cookie_set(s, "http://b.test/", "o=3"), FERRY_OK);
    assert_int_equal(ferry_cookie_count(s), 2);
    assert_string_equal(cookie_of("http://a.test/"), "m=2");
    assert_int_equal(
        ferry_update(s, .cookie_limits = {.header = FERRY_NONE}), FERRY_OK);
    assert_string_equal(cookie_of("http://a.test/"), "");
    assert_int_equal(ferry_update(s, .cookie_limits = {.header = FERRY_UNLIMITED,
                                         .total = FERRY_NONE}),
        FERRY_OK);
    assert_string_equal(cookie_of("http://a.test/"), "m=2");
    assert_int_equal(ferry_cookie_set(s, "http://a.test/", "n=1"), FERRY_OK);
    assert_int_equal(ferry_cookie_count(s), 0);
    assert_int_equal(ferry_update(s, .cookie_limits = {.header = -3}), FERRY_ERR_USAGE);
}

static void options_of_the_jar_have_their_levels(void **state)
{
    ferry_response *r = NULL;
    (void)state;
    assert_int_equal(ferry_get(s, "http://a.test/", &r, .cookie_limits = {.total = 1}),
        FERRY_ERR_USAGE);
    assert_non_null(strstr(ferry_explain(s), ".cookie_limits"));
    assert_int_equal(ferry_get(s, "http://a.test/", &r, .trust_loopback = FERRY_ON),
        FERRY_ERR_USAGE);
    assert_int_equal(ferry_get(s, "http://a.test/", &r, .suffixes = {NULL, is_public}),
        FERRY_ERR_USAGE);
    assert_int_equal(
        ferry_update(s, .cookies = FERRY_PAIRS({"a", "b"})), FERRY_ERR_USAGE);
    assert_non_null(strstr(ferry_explain(s), ".cookies"));
    assert_int_equal(ferry_update(s, .jar = (ferry_switch)3), FERRY_ERR_USAGE);
}

static void cookies_of_a_begun_call_outlive_what_they_were_given_in(void **state)
{
    char name[] = "own", value[] = "1";
    const ferry_pair pairs[] = {{name, value}, {NULL, NULL}};
    ferry_response *r = NULL;
    ferry_err e;
    (void)state;
    answers[0]
        .bytes = "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n";
    assert_int_equal(ferry_begin(s, "http://a.test/a", &r, .cookies = pairs), FERRY_OK);
    memset(name, 'x', sizeof name);
    memset(value, 'x', sizeof value);
    while ((e = ferry_step(r, NULL)) == FERRY_AGAIN)
        continue;
    assert_int_equal(e, FERRY_OK);
    assert_int_equal(r->redirects, 1);
    assert_non_null(strstr(r->request.ptr, "GET /b "));
    assert_non_null(strstr(r->request.ptr, "\r\nCookie: own=1\r\n"));
    ferry_response_free(r);
}

/* --- what it costs --------------------------------------------------------------- */

static void a_jar_full_of_cookies_takes_no_memory_when_asked(void **state)
{
    char url[60], field[60];
    (void)state;
    for (int i = 0; i < 1000; i++) {
        snprintf(url, sizeof url, "http://d%d.test/", i % 100);
        snprintf(field, sizeof field, "name%d=value%d; Max-Age=1000", i, i);
        assert_int_equal(ferry_cookie_set(s, url, field), FERRY_OK);
    }
    assert_int_equal(ferry_cookie_count(s), 1000);
    assert_string_equal(cookie_of("http://none.test/"), "");
    cookie_of("http://d7.test/");
    cookie_of("http://d7.test/");
    int calls = m.memory.calls;
    ferry_response *r = NULL;
    peer_forget(&p);
    assert_int_equal(ferry_get(s, "http://d7.test/", NULL), FERRY_OK);
    assert_int_equal(m.memory.calls, calls);
    assert_non_null(strstr(p.sent, "Cookie: name7=value7; name107=value107; "));
    ferry_response_free(r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_response_tells_the_cookies_that_it_sets_and_so_does_its_copy),
        TEST(a_response_without_memory_or_cookies_tells_none),
        TEST(cookies_end_by_the_platform_s_date),
        TEST(the_hook_for_public_suffixes_is_asked_and_may_not_call_back),
        TEST(limits_are_options_of_the_session),
        TEST(options_of_the_jar_have_their_levels),
        TEST(cookies_of_a_begun_call_outlive_what_they_were_given_in),
        TEST(a_jar_full_of_cookies_takes_no_memory_when_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
