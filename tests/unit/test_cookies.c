/* test_cookies.c - which cookies may come in, and what goes out (RFC 6265bis 5.7, 5.8).
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

#define COUNT(list) (sizeof(list) / sizeof *(list))

enum { NOW = 1000000 };

static memory m;
static fy_jar jar;

static bool is_on_no_list(void *ctx, const char *domain)
{
    (void)ctx;
    return strcmp(domain, "co.test") == 0;
}

static int set_up(void **state)
{
    (void)state;
    memory_init(&m);
    m.secret = "SECRET";
    fy_jar_init(&jar, &m.platform, 7);
    fy_cookies_fill(&jar.limits);
    jar.suffixes.is_public = is_on_no_list;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fy_jar_fini(&jar);
    return memory_is_clean(&m) ? 0 : -1;
}

/* "http://host/path" in normal form, without query. */
static fy_cookie_peer peer_of(const char *url)
{
    bool is_secure = strncmp(url, "https", 5) == 0;
    const char *host = strstr(url, "://") + 3, *path = strchr(host, '/');
    size_t n = (size_t)(path - host);
    return (fy_cookie_peer){{host, n}, fy_str(path), is_secure,
        host[0] == '[' || strspn(host, "0123456789.") == n};
}

/* NULL, or why not. */
static const char *set(const char *url, const char *field)
{
    const char *why;
    fy_cookie_peer peer = peer_of(url);
    assert_int_equal(fy_cookies_take(&jar, &peer, fy_str(field), NOW, &why), FERRY_OK);
    return why;
}

static const char *ask_with(const char *url, const ferry_pair *own, int64_t now)
{
    static char text[20000];
    fy_buf out;
    fy_cookie_peer peer = peer_of(url);
    fy_buf_init(&out, &m.platform, SIZE_MAX / 4);
    fy_cookies_put(&out, &jar,
        fy_jar_find(&jar, peer.host, peer.is_address, peer.path, peer.is_secure), own,
        now);
    memcpy(text, fy_buf_text(&out), out.len + 1);
    fy_wipe(out.ptr, out.cap);
    fy_buf_fini(&out);
    return text;
}

static const char *ask(const char *url)
{
    return ask_with(url, NULL, NOW);
}

typedef struct trade {
    const char *from, *field, *to, *sent;
} trade;

/* One cookie in an empty jar, and what another URL is sent of it. */
static void expect_trades(const trade *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        set(cases[i].from, cases[i].field);
        if (strcmp(ask(cases[i].to), cases[i].sent) != 0)
            fail_msg("\"%s\" from %s sends \"%s\" to %s", cases[i].field, cases[i].from,
                ask(cases[i].to), cases[i].to);
        fy_jar_fini(&jar);
        set_up(NULL);
    }
}

/* --- domains --------------------------------------------------------------------- */

static void a_cookie_without_domain_is_for_its_very_host(void **state)
{
    static const trade cases[] = {
        {"http://a.test/", "n=v", "http://a.test/", "n=v"},
        {"http://a.test/", "n=v", "http://x.a.test/", ""},
        {"http://x.a.test/", "n=v", "http://a.test/", ""},
        {"http://a.test/", "n=v; Domain=", "http://x.a.test/", ""},
        {"http://localhost/", "n=v", "http://localhost/", "n=v"},
    };
    (void)state;
    expect_trades(cases, COUNT(cases));
}

static void a_domain_must_match_at_a_dot(void **state)
{
    static const trade cases[] = {
        {"http://x.a.test/", "n=v; Domain=a.test", "http://a.test/", "n=v"},
        {"http://x.a.test/", "n=v; Domain=.A.TEST", "http://y.a.test/", "n=v"},
        {"http://x.a.test/", "n=v; Domain=a.test", "http://ya.test/", ""},
        {"http://xa.test/", "n=v; Domain=a.test", "http://a.test/", ""},
        {"http://a.test/", "n=v; Domain=x.a.test", "http://x.a.test/", ""},
        {"http://a.test/", "n=v; Domain=b.test", "http://b.test/", ""},
        {"http://a.test/", "n=v; Domain=.", "http://a.test/", "n=v"},
        {"http://a.test/", "n=v; Domain=..a.test", "http://a.test/", ""},
        {"http://a.test/", "n=v; Domain=.test", "http://b.test/", ""},
    };
    (void)state;
    expect_trades(cases, COUNT(cases));
}

static void addresses_match_as_a_whole_only(void **state)
{
    static const trade cases[] = {
        {"http://127.0.0.1/", "n=v", "http://127.0.0.1/", "n=v"},
        {"http://127.0.0.1/", "n=v; Domain=127.0.0.1", "http://127.0.0.1/", "n=v"},
        {"http://127.0.0.1/", "n=v; Domain=.127.0.0.1", "http://127.0.0.1/", "n=v"},
        {"http://127.0.0.1/", "n=v; Domain=0.0.1", "http://5.0.0.1/", ""},
        {"http://127.0.0.1/", "n=v; Domain=0.0.1", "http://127.0.0.1/", ""},
        {"http://[::1]/", "n=v; Domain=[::1]", "http://[::1]/", "n=v"},
        {"http://[::1]/", "n=v; Domain=1]", "http://[::1]/", ""},
        {"http://0.0.1.test/", "n=v; Domain=0.1.test", "http://127.0.0.1/", ""},
    };
    (void)state;
    expect_trades(cases, COUNT(cases));
}

static void public_suffixes_are_refused_in_any_case_and_with_any_dots(void **state)
{
    static const trade cases[] = {
        {"http://a.co.test/", "n=v; Domain=co.test", "http://b.co.test/", ""},
        {"http://a.co.test/", "n=v; Domain=CO.Test", "http://b.co.test/", ""},
        {"http://a.co.test/", "n=v; Domain=.co.test.", "http://b.co.test/", ""},
        {"http://a.co.test./", "n=v; Domain=co.test.", "http://b.co.test./", ""},
        {"http://a.test./", "n=v; Domain=test.", "http://b.test./", ""},
        {"http://a.test./", "n=v; Domain=TEST.", "http://b.test./", ""},
        {"http://a.test/", "n=v; Domain=Test", "http://b.test/", ""},
        {"http://co.test/", "n=v; Domain=co.test", "http://co.test/", "n=v"},
        {"http://co.test/", "n=v; Domain=co.test", "http://b.co.test/", ""},
        {"http://a.co.test/", "n=v; Domain=a.co.test", "http://x.a.co.test/", "n=v"},
    };
    (void)state;
    expect_trades(cases, COUNT(cases));
    assert_string_equal(set("http://a.co.test/", "n=v; Domain=co.test"),
        "the Domain attribute is a public suffix");
}

/* And never shown to the list in part. The host is two bytes longer, and may be too long
 * itself. */
static void a_domain_longer_than_any_in_the_dns_is_public(void **state)
{
    static const int sizes[] = {100, 251, 254, 255, 300};
    char url[400], field[400];
    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        int n = sizes[i] - (int)strlen(".test");
        snprintf(url, sizeof url, "http://a.%0*d.test/", n, 0);
        snprintf(field, sizeof field, "n=v; Domain=%0*d.test", n, 0);
        const char *why = set(url, field);
        if (sizes[i] > 253)
            assert_string_equal(why, "the Domain attribute is a public suffix");
        else
            assert_null(why);
    }
}

static void this_machine_is_known_by_name_and_address(void **state)
{
    static const struct {
        const char *host;
        bool is_loopback;
    } cases[] = {
        {"localhost", true},
        {"localhost.", true},
        {"a.localhost", true},
        {"127.0.0.1", true},
        {"127.9.9.9", true},
        {"[::1]", true},
        {"alocalhost", false},
        {"localhost.test", false},
        {"127.0.0.1.test", false},
        {"128.0.0.1", false},
        {"10.0.0.127", false},
        {"[::2]", false},
        {"", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (fy_cookies_is_loopback(fy_str(cases[i].host)) != cases[i].is_loopback)
            fail_msg("%s", cases[i].host);
}

static void a_host_with_a_dot_behind_it_is_another_host(void **state)
{
    static const trade cases[] = {
        {"http://a.test./", "n=v", "http://a.test./", "n=v"},
        {"http://a.test./", "n=v; Domain=a.test.", "http://x.a.test./", "n=v"},
        {"http://a.test./", "n=v; Domain=a.test", "http://a.test/", ""},
        {"http://a.test/", "n=v; Domain=a.test.", "http://a.test./", ""},
    };
    (void)state;
    expect_trades(cases, COUNT(cases));
}

/* --- paths ----------------------------------------------------------------------- */

static void a_path_matches_at_a_slash_and_no_further_than_it_is_long(void **state)
{
    static const trade cases[] = {
        {"http://a.test/", "n=v; Path=/p", "http://a.test/p", "n=v"},
        {"http://a.test/", "n=v; Path=/p", "http://a.test/p/", "n=v"},
        {"http://a.test/", "n=v; Path=/p", "http://a.test/p/q", "n=v"},
        {"http://a.test/", "n=v; Path=/p", "http://a.test/pq", ""},
        {"http://a.test/", "n=v; Path=/p", "http://a.test/", ""},
        {"http://a.test/", "n=v; Path=/p/", "http://a.test/p", ""},
        {"http://a.test/", "n=v; Path=/p/", "http://a.test/p/q", "n=v"},
        {"http://a.test/", "n=v; Path=/P", "http://a.test/p", ""},
        {"http://a.test/", "n=v; Path=/", "http://a.test/", "n=v"},
        {"http://a.test/p/q", "n=v; Path=/other", "http://a.test/other", "n=v"},
    };
    (void)state;
    expect_trades(cases, COUNT(cases));
}

static void the_default_path_is_that_of_the_folder(void **state)
{
    static const trade cases[] = {
        {"http://a.test/", "n=v", "http://a.test/x", "n=v"},
        {"http://a.test/p", "n=v", "http://a.test/x", "n=v"},
        {"http://a.test/p/", "n=v", "http://a.test/p", "n=v"},
        {"http://a.test/p/", "n=v", "http://a.test/x", ""},
        {"http://a.test/p/q", "n=v", "http://a.test/p/x", "n=v"},
        {"http://a.test/p/q", "n=v; Path=x", "http://a.test/p/x", "n=v"},
        {"http://a.test/p/q", "n=v; Path=", "http://a.test/", ""},
    };
    (void)state;
    expect_trades(cases, COUNT(cases));
}

/* --- who is secure --------------------------------------------------------------- */

static void a_secure_cookie_is_neither_set_nor_sent_without_tls(void **state)
{
    static const trade cases[] = {
        {"https://a.test/", "n=v; Secure", "https://a.test/", "n=v"},
        {"https://a.test/", "n=v; Secure", "http://a.test/", ""},
        {"http://a.test/", "n=v; Secure", "https://a.test/", ""},
        {"http://localhost/", "n=v; Secure", "http://localhost/", ""},
        {"https://a.test/", "n=v", "http://a.test/", "n=v"},
    };
    (void)state;
    expect_trades(cases, COUNT(cases));
}

static void http_cannot_replace_shadow_or_end_a_secure_cookie(void **state)
{
    static const char *const fields[] = {"n=evil", "n=evil; Path=/p/q",
        "n=evil; Domain=x.a.test", "n=evil; Domain=a.test", "n=; Max-Age=0"};
    (void)state;
    assert_null(set("https://x.a.test/", "n=v; Secure; Path=/p; Domain=x.a.test"));
    for (size_t i = 0; i < COUNT(fields); i++) {
        const char *why = set("http://x.a.test/p/q", fields[i]);
        if (!why)
            fail_msg("%s was taken", fields[i]);
    }
    assert_non_null(set("http://y.x.a.test/p/q", "n=evil"));
    assert_string_equal(ask("https://x.a.test/p/q"), "n=v");
    /* Elsewhere, or by another name, it may. */
    assert_null(set("http://x.a.test/", "n=other; Path=/"));
    assert_null(set("http://x.a.test/p/q", "N=other"));
    assert_null(set("http://a.test/p/q", "m=other"));
    assert_string_equal(ask("https://x.a.test/p/q"), "n=v; N=other; n=other");
    assert_null(set("https://x.a.test/p/q", "n=mine; Path=/p; Domain=x.a.test"));
    assert_string_equal(ask("http://x.a.test/p"), "n=mine; N=other; n=other");
}

static void prefixes_keep_their_promise_in_any_case(void **state)
{
    static const trade cases[] = {
        {"https://a.test/", "__Secure-n=v; Secure", "https://a.test/", "__Secure-n=v"},
        {"https://a.test/", "__secure-n=v", "https://a.test/", ""},
        {"https://a.test/", "__Host-n=v; Secure; Path=/", "https://a.test/",
            "__Host-n=v"},
        {"https://a.test/", "__HOST-n=v; Secure", "https://a.test/", ""},
        {"https://a.test/", "__Host-n=v; Secure; Path=/p", "https://a.test/p", ""},
        {"https://a.test/", "__Host-n=v; Path=/", "https://a.test/", ""},
        {"https://a.test/", "__Host-n=v; Secure; Path=/; Domain=a.test",
            "https://a.test/", ""},
        {"https://a.test/", "=__Host-n=v; Secure; Path=/", "https://a.test/", ""},
        {"https://a.test/", "__Secure-n; Secure", "https://a.test/", ""},
    };
    (void)state;
    expect_trades(cases, COUNT(cases));
}

static void same_site_none_wants_secure(void **state)
{
    (void)state;
    assert_non_null(set("https://a.test/", "n=v; SameSite=None"));
    assert_null(set("https://a.test/", "n=v; SameSite=None; Secure"));
    assert_int_equal(jar.order[FY_JAR_MADE].first->pub.same_site, FERRY_SAME_SITE_NONE);
}

/* --- what goes out --------------------------------------------------------------- */

static void longer_paths_go_first_then_older_cookies(void **state)
{
    (void)state;
    set("http://x.a.test/", "a=1; Path=/");
    set("http://x.a.test/", "b=2; Path=/p/q; Domain=a.test");
    set("http://x.a.test/", "c=3; Path=/p; Domain=a.test");
    set("http://x.a.test/", "d=4; Path=/p");
    set("http://x.a.test/", "e=5; Path=/; Domain=a.test");
    set("http://x.a.test/", "a=6; Path=/"); /* it keeps its age */
    set("http://x.a.test/", "=7; Path=/");
    assert_string_equal(ask("http://x.a.test/p/q"), "b=2; c=3; d=4; a=6; e=5; 7");
}

static void what_has_ended_is_neither_sent_nor_kept(void **state)
{
    (void)state;
    set("http://a.test/", "a=SECRET; Max-Age=10");
    set("http://a.test/", "b=2; Max-Age=20");
    set("http://a.test/", "c=3");
    assert_string_equal(
        ask_with("http://a.test/", NULL, NOW + 9), "a=SECRET; b=2; c=3");
    assert_string_equal(ask_with("http://a.test/", NULL, NOW + 10), "b=2; c=3");
    assert_int_equal(jar.n, 2);
    set("http://a.test/", "b=; Max-Age=0");
    set("http://a.test/", "c=; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    assert_int_equal(jar.n, 0);
    assert_null(set("http://a.test/", "never=was; Max-Age=0"));
    assert_int_equal(jar.n, 0);
}

static void a_request_s_own_cookies_stand_in_for_those_of_their_names(void **state)
{
    static const ferry_pair own[] = {
        {"a", "mine"}, {"new", ""}, {"c", NULL}, {NULL, NULL}};
    (void)state;
    set("http://a.test/", "a=1");
    set("http://a.test/", "a=2; Path=/p");
    set("http://a.test/", "b=3");
    set("http://a.test/", "c=4");
    assert_string_equal(ask_with("http://a.test/p", own, NOW), "a=mine; new=; b=3");
    assert_string_equal(ask("http://a.test/p"), "a=2; a=1; b=3; c=4");
}

static void a_pair_of_the_caller_s_must_fit_into_the_field(void **state)
{
    static const struct {
        const char *name, *value;
        bool is_good;
    } cases[] = {{"a", "b", true}, {"a", "", true}, {"a b", "c=d \"e\"", true},
        {"", "b", false}, {"a=", "b", false}, {"a;", "b", false}, {"a", "b;c", false},
        {"a\n", "b", false}, {"a", "b\r\nX: y", false}, {" a", "b", false},
        {"a", " b", false}, {"a", "b\x7f", false}, {"a", NULL, true}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const ferry_pair pairs[] = {
            {"fine", "1"}, {cases[i].name, cases[i].value}, {NULL, NULL}};
        assert_int_equal(!fy_cookies_check_pairs(pairs), cases[i].is_good);
    }
}

/* --- limits ---------------------------------------------------------------------- */

static void huge_cookies_cannot_make_later_requests_fail(void **state)
{
    char field[5000];
    size_t most = 0;
    (void)state;
    for (int i = 0; i < 20; i++) {
        sprintf(field, "n%02d=%04000d; Path=/%s", i, 1, i == 19 ? "p" : "");
        assert_null(set("http://a.test/", field));
    }
    const char *sent = ask("http://a.test/p");
    most = strlen("Cookie: ") + strlen(sent);
    assert_true(most <= 8190 && most > 8000);
    assert_memory_equal(sent, "n19=", 4); /* the longest path first */
    jar.limits.header = 20;
    assert_string_equal(ask("http://a.test/p"), "");
    assert_null(set("http://b.test/", "0123=5678901"));
    assert_string_equal(ask("http://b.test/"), "0123=5678901"); /* 20 bytes, just so */
    assert_null(set("http://b.test/", "0123=56789012"));
    assert_string_equal(ask("http://b.test/"), "");
}

static void without_memory_a_cookie_is_not_there_and_nothing_else_is_lost(void **state)
{
    (void)state;
    set("http://a.test/", "a=1");
    set("http://a.test/", "SECRET=2");
    for (int k = 1; k < 8; k++) {
        const char *why;
        fy_cookie_peer peer = peer_of("http://new.test/");
        m.fail_at = m.calls + k;
        ferry_err e = fy_cookies_take(&jar, &peer, FY_S("a=SECRET"), NOW, &why);
        if (!e)
            break;
        assert_int_equal(e, FERRY_ERR_NOMEM);
        assert_string_equal(ask("http://new.test/"), "");
        assert_string_equal(ask("http://a.test/"), "a=1; SECRET=2");
        assert_int_equal(jar.n, 2);
    }
    m.fail_at = 0;
    assert_string_equal(ask("http://new.test/"), "a=SECRET");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_cookie_without_domain_is_for_its_very_host),
        TEST(a_domain_must_match_at_a_dot),
        TEST(addresses_match_as_a_whole_only),
        TEST(public_suffixes_are_refused_in_any_case_and_with_any_dots),
        TEST(a_domain_longer_than_any_in_the_dns_is_public),
        TEST(this_machine_is_known_by_name_and_address),
        TEST(a_host_with_a_dot_behind_it_is_another_host),
        TEST(a_path_matches_at_a_slash_and_no_further_than_it_is_long),
        TEST(the_default_path_is_that_of_the_folder),
        TEST(a_secure_cookie_is_neither_set_nor_sent_without_tls),
        TEST(http_cannot_replace_shadow_or_end_a_secure_cookie),
        TEST(prefixes_keep_their_promise_in_any_case),
        TEST(same_site_none_wants_secure),
        TEST(longer_paths_go_first_then_older_cookies),
        TEST(what_has_ended_is_neither_sent_nor_kept),
        TEST(a_request_s_own_cookies_stand_in_for_those_of_their_names),
        TEST(a_pair_of_the_caller_s_must_fit_into_the_field),
        TEST(huge_cookies_cannot_make_later_requests_fail),
        TEST(without_memory_a_cookie_is_not_there_and_nothing_else_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
