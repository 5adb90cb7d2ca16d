/* test_proxy.c - which proxy a request goes through, and what its URL says.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "policy/proxy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(literal)                                                                  \
    {                                                                                  \
        literal, sizeof(literal) - 1                                                   \
    }

static const ferry_fields no_params = {NULL, 0};

/* --- the URL of a proxy ---------------------------------------------------------- */

static void the_URL_of_a_proxy_says_what_it_is_and_who_asks(void **state)
{
    static const struct {
        const char *url;
        fy_proxy_kind kind;
        const char *text;
        uint16_t port;
        const char *user, *password; /* NULL: none */
    } cases[] = {
        {"http://p.test:3128", FY_PROXY_HTTP, "http://p.test:3128", 3128, NULL, NULL},
        {"p.test:3128", FY_PROXY_HTTP, "http://p.test:3128", 3128, NULL, NULL},
        {" P.Test ", FY_PROXY_HTTP, "http://p.test", 80, NULL, NULL},
        {"HTTPS://p.test/", FY_PROXY_HTTPS, "https://p.test", 443, NULL, NULL},
        {"socks4://p.test", FY_PROXY_SOCKS4, "socks4://p.test", 1080, NULL, NULL},
        {"socks4a://p.test", FY_PROXY_SOCKS4A, "socks4a://p.test", 1080, NULL, NULL},
        {"socks5://127.0.0.1:9", FY_PROXY_SOCKS5, "socks5://127.0.0.1:9", 9, NULL,
            NULL},
        {"socks5h://[::1]:9/x?y#z", FY_PROXY_SOCKS5H, "socks5h://[::1]:9", 9, NULL,
            NULL},
        {"http://u:p@p.test/", FY_PROXY_HTTP, "http://p.test", 80, "u", "p"},
        {"u%40:p%3a%2f%25@p.test", FY_PROXY_HTTP, "http://p.test", 80, "u@", "p:/%"},
        {"http://u@p.test/", FY_PROXY_HTTP, "http://p.test", 80, "u", ""},
        {"http://u:@p.test/", FY_PROXY_HTTP, "http://p.test", 80, "u", ""},
        {"http://:p@p.test/", FY_PROXY_HTTP, "http://p.test", 80, "", "p"},
        {"http://@p.test/", FY_PROXY_HTTP, "http://p.test", 80, NULL, NULL},
        {"http://u:p@q@p.test/", FY_PROXY_HTTP, "http://p.test", 80, "u", "p@q"},
        {"http://u:100%@p.test/", FY_PROXY_HTTP, "http://p.test", 80, "u", "100%"},
    };
    memory m;
    fy_proxy p;
    fy_error x;
    (void)state;
    memory_init(&m);
    fy_proxy_init(&p, &m.platform);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(fy_proxy_parse(&p, fy_str(cases[i].url), &x), FERRY_OK);
        assert_int_equal(p.kind, cases[i].kind);
        assert_string_equal(fy_buf_text(&p.text), cases[i].text);
        assert_int_equal(p.port, cases[i].port);
        assert_int_equal(p.has_user, cases[i].user != NULL);
        assert_true(fy_str_eq(p.user, fy_str(cases[i].user)));
        assert_true(fy_str_eq(p.password, fy_str(cases[i].password)));
        assert_int_equal(
            fy_proxy_is_socks(&p), strncmp(cases[i].text, "socks", 5) == 0);
    }
    fy_proxy_fini(&p);
    assert_true(memory_is_clean(&m));
}

static void an_address_and_a_zone_of_a_proxy_are_kept_apart(void **state)
{
    memory m;
    fy_proxy p;
    fy_error x;
    (void)state;
    memory_init(&m);
    fy_proxy_init(&p, &m.platform);
    assert_int_equal(
        fy_proxy_parse(&p, FY_S("http://u:p@[fe80::1%25eth0]:3128"), &x), FERRY_OK);
    assert_int_equal(p.addr.family, FERRY_IPV6);
    assert_true(fy_str_eq(p.zone, FY_S("eth0")));
    assert_true(fy_str_eq(p.host, FY_S("[fe80::1]")));
    assert_string_equal(fy_buf_text(&p.text), "http://[fe80::1]:3128");
    fy_proxy_fini(&p);
    assert_true(memory_is_clean(&m));
}

static void a_URL_of_a_proxy_that_cannot_be_used_is_refused(void **state)
{
    static const struct {
        const char *url;
        ferry_err e;
    } cases[] = {
        {"", FERRY_ERR_URL},
        {"http://", FERRY_ERR_URL},
        {"http:///x", FERRY_ERR_URL},
        {"http://p.test:99999", FERRY_ERR_URL},
        {"http://p.test:x", FERRY_ERR_URL},
        {"http://p.test:0", FERRY_ERR_URL},
        {"http://p q.test", FERRY_ERR_URL},
        {"http://p.test\r\nX: y", FERRY_ERR_URL},
        {"http://[::1", FERRY_ERR_URL},
        {"http://u\r:p@h.test", FERRY_ERR_URL},
        {"ftp://p.test", FERRY_ERR_UNSUPPORTED},
        {"socks://p.test", FERRY_ERR_UNSUPPORTED},
        {"://p.test", FERRY_ERR_UNSUPPORTED},
    };
    memory m;
    fy_proxy p;
    fy_error x;
    (void)state;
    memory_init(&m);
    fy_proxy_init(&p, &m.platform);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (fy_proxy_parse(&p, fy_str(cases[i].url), &x) != cases[i].e)
            fail_msg("%s", cases[i].url);
        assert_int_equal(p.kind, FY_PROXY_NONE);
        assert_int_equal(p.host.len, 0);
    }
    m.fail_at = m.calls + 1;
    fy_proxy_fini(&p);
    assert_int_equal(fy_proxy_parse(&p, FY_S("http://p.test"), &x), FERRY_ERR_NOMEM);
    fy_proxy_fini(&p);
    assert_true(memory_is_clean(&m));
}

static void a_password_of_a_proxy_is_wiped_when_it_goes(void **state)
{
    memory m;
    fy_proxy p;
    fy_error x;
    (void)state;
    memory_init(&m);
    fy_proxy_init(&p, &m.platform);
    assert_int_equal(fy_proxy_parse(&p, FY_S("http://u:hunter2@p.test"), &x), FERRY_OK);
    const char *password = p.password.ptr;
    assert_memory_equal(password, "hunter2", 7);
    fy_proxy_clear(&p);
    assert_memory_equal(password, "\0\0\0\0\0\0\0", 7);
    fy_proxy_fini(&p);
}

static void names_and_schemes_of_proxies_are_checked_when_they_are_given(void **state)
{
    static const struct {
        const char *name, *value;
        ferry_err e;
    } cases[] = {
        {"http", "http://p.test", FERRY_OK},
        {"HTTPS", "p.test:1", FERRY_OK},
        {"all", "", FERRY_OK},
        {"all", NULL, FERRY_OK},
        {"all://h.test", "socks5h://p.test", FERRY_OK},
        {"https://[::1]", "socks4://p.test", FERRY_OK},
        {"http://h.test:80", "http://p.test", FERRY_ERR_USAGE},
        {"http://h.test/", "http://p.test", FERRY_ERR_USAGE},
        {"http://u@h.test", "http://p.test", FERRY_ERR_USAGE},
        {"http://::1", "http://p.test", FERRY_ERR_USAGE},
        {"http://[::1]:80", "http://p.test", FERRY_ERR_USAGE},
        {"http://b\xc3\xbc.test", "http://p.test", FERRY_ERR_USAGE},
        {"http://h .test", "http://p.test", FERRY_ERR_USAGE},
        {"http://%68.test", "http://p.test", FERRY_ERR_USAGE},
        {"ftp", "http://p.test", FERRY_ERR_USAGE},
        {"", "http://p.test", FERRY_ERR_USAGE},
        {"http://", "http://p.test", FERRY_ERR_USAGE},
        {"h.test", "http://p.test", FERRY_ERR_USAGE},
        {"no_proxy", "h.test", FERRY_ERR_USAGE},
        {"http", "ftp://p.test", FERRY_ERR_UNSUPPORTED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fy_error x;
        ferry_str value = {NULL, 0};
        if (cases[i].value)
            value = fy_str(cases[i].value);
        assert_int_equal(fy_proxy_check(fy_str(cases[i].name), value, &x), cases[i].e);
    }
}

/* --- which of them --------------------------------------------------------------- */

static const ferry_field given[] = {
    {TEXT("all"), TEXT("d")},
    {TEXT("all://H.test"), TEXT("c")},
    {TEXT("http"), TEXT("b")},
    {TEXT("http://some.test"), TEXT("a")},
    {TEXT("http://direct.test"), TEXT("")},
    {TEXT("https://gone.test"), {NULL, 0}},
};

static const fy_proxy_environ silent = {.n = 0};

/* Of `given` so many, from the first on. */
static void expect_choice_with(const char *first, size_t from, size_t n,
    const char *no_proxy, const fy_proxy_environ *environ, const char *url,
    const char *expected)
{
    memory m;
    fy_url u;
    fy_error x;
    ferry_str list = {NULL, 0};
    if (no_proxy)
        list = fy_str(no_proxy);
    memory_init(&m);
    fy_url_init(&u, &m.platform, 1000);
    assert_int_equal(fy_url_parse(&u, fy_str(url), no_params, &x), FERRY_OK);
    ferry_str chosen = fy_proxy_choose(
        (ferry_fields){given + from, n}, list, fy_str(first), environ, &u);
    if (!fy_str_eq(chosen, fy_str(expected)))
        fail_msg("%s goes through %s and not %s", url, chosen.ptr, expected);
    fy_url_fini(&u);
    assert_true(memory_is_clean(&m));
}

static void expect_choice(size_t from, size_t n, const char *no_proxy,
    const fy_proxy_environ *environ, const char *url, const char *expected)
{
    expect_choice_with(NULL, from, n, no_proxy, environ, url, expected);
}

static void scheme_and_host_come_before_scheme_and_that_before_all(void **state)
{
    static const struct {
        const char *url, *proxy;
    } cases[] = {
        {"http://some.test/", "a"},
        {"http://SOME.test:81/", "a"},
        {"http://other.test/", "b"},
        {"http://h.test/", "b"},
        {"https://h.test/", "c"},
        {"https://some.test/", "d"},
        {"http://direct.test/", NULL},
        {"https://gone.test/", "d"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_choice(0, 6, NULL, &silent, cases[i].url, cases[i].proxy);
}

static void the_first_proxy_is_the_only_one_where_none_was_said(void **state)
{
    static const fy_proxy_environ away = {.n = 0, .no_proxy = TEXT("other.test")};
    (void)state;
    expect_choice_with("s", 0, 6, NULL, &silent, "http://some.test/", "a");
    expect_choice_with("s", 0, 6, NULL, &silent, "http://direct.test/", NULL);
    expect_choice_with("s", 3, 1, NULL, &silent, "http://other.test/", "s");
    expect_choice_with("s", 3, 1, "other.test", &silent, "http://other.test/", NULL);
    /* The environment's list is for the environment's own. */
    expect_choice_with("s", 3, 1, NULL, &away, "http://other.test/", "s");
    expect_choice_with(" ", 3, 1, NULL, &silent, "http://other.test/", NULL);
}

static void the_first_proxy_speaks_SOCKS(void **state)
{
    static const struct {
        const char *text;
        ferry_err e;
    } cases[] = {{"", FERRY_OK}, {" ", FERRY_OK}, {"socks4://p", FERRY_OK},
        {"socks4a://p:1", FERRY_OK}, {"SOCKS5://u:p@p", FERRY_OK},
        {" socks5h://p ", FERRY_OK}, {"p.test", FERRY_ERR_USAGE},
        {"http://p.test", FERRY_ERR_USAGE}, {"https://p.test", FERRY_ERR_USAGE},
        {"socks6://p.test", FERRY_ERR_UNSUPPORTED}, {"://p", FERRY_ERR_UNSUPPORTED}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fy_error x;
        assert_int_equal(fy_proxy_check_first(fy_str(cases[i].text), &x), cases[i].e);
    }
}

/* --- the environment ------------------------------------------------------------- */

static fy_proxy_environ read_environ(
    memory *m, fy_fields *out, const char *const *pairs)
{
    fy_error x;
    fy_proxy_environ environ;
    memory_init(m);
    fy_fields_init(out, &m->platform, 20);
    for (; *pairs; pairs += 2)
        assert_int_equal(
            fy_fields_add(out, fy_str(pairs[0]), fy_str(pairs[1]), &x), FERRY_OK);
    fy_proxy_environ_read(&environ, out);
    return environ;
}

static void the_environment_speaks_where_the_caller_does_not(void **state)
{
    static const char *const variables[] = {
        "http_proxy", "e", "https_proxy", "f", "no_proxy", ".away", NULL};
    memory m;
    fy_fields fields;
    (void)state;
    fy_proxy_environ environ = read_environ(&m, &fields, variables);
    expect_choice(3, 2, NULL, &environ, "http://some.test/", "a");
    expect_choice(3, 2, NULL, &environ, "http://direct.test/", NULL);
    expect_choice(3, 2, NULL, &environ, "http://other.test/", "e");
    expect_choice(3, 2, NULL, &environ, "https://some.test/", "f");
    expect_choice(3, 2, NULL, &environ, "https://h.away/", NULL);
    expect_choice(3, 2, NULL, &silent, "https://some.test/", NULL);
    fy_fields_fini(&fields);
}

static void no_proxy_governs_all_and_the_variable_only_the_environment(void **state)
{
    static const char *const variables[] = {
        "http_proxy", "e", "NO_PROXY", ".test", NULL};
    memory m;
    fy_fields fields;
    (void)state;
    fy_proxy_environ environ = read_environ(&m, &fields, variables);
    expect_choice(3, 1, NULL, &environ, "http://some.test/", "a");
    expect_choice(3, 1, NULL, &environ, "http://other.test/", NULL);
    expect_choice(3, 1, "some.test", &environ, "http://some.test/", NULL);
    expect_choice(3, 1, "some.test", &environ, "http://other.test/", "e");
    expect_choice(3, 1, "", &environ, "http://some.test/", "a");
    expect_choice(3, 1, "", &environ, "http://other.test/", "e");
    fy_fields_fini(&fields);
}

static void expect_environ(
    const char *const *variables, const char *expected, const char *no_proxy)
{
    memory m;
    fy_fields fields;
    fy_buf said;
    fy_proxy_environ environ = read_environ(&m, &fields, variables);
    fy_buf_init(&said, &m.platform, 1000);
    for (size_t i = 0; i < environ.n; i++) {
        fy_buf_puts(&said, environ.at[i].name);
        fy_buf_putc(&said, '=');
        fy_buf_puts(&said, environ.at[i].value);
        fy_buf_putc(&said, ' ');
    }
    assert_string_equal(fy_buf_text(&said), expected);
    assert_int_equal(environ.no_proxy.ptr != NULL, no_proxy != NULL);
    if (no_proxy)
        assert_true(fy_str_eq(environ.no_proxy, fy_str(no_proxy)));
    fy_buf_fini(&said);
    fy_fields_fini(&fields);
    assert_true(memory_is_clean(&m));
}

static void lower_case_variables_come_first_even_empty_ones(void **state)
{
    static const char *const both[] = {"http_proxy", "a", "HTTP_PROXY", "b",
        "https_proxy", "", "HTTPS_PROXY", "c", "ALL_PROXY", "d", "no_proxy", "e",
        "NO_PROXY", "f", NULL};
    static const char *const upper[] = {
        "HTTP_PROXY", "b", "HTTPS_PROXY", "c", "NO_PROXY", "f", NULL};
    static const char *const none[] = {NULL};
    static const char *const silenced[] = {"no_proxy", "", "NO_PROXY", "f", NULL};
    (void)state;
    expect_environ(both, "http=a all=d ", "e");
    expect_environ(upper, "http=b https=c ", "f");
    expect_environ(none, "", NULL);
    expect_environ(silenced, "", "");
}

static void in_a_CGI_program_upper_case_HTTP_PROXY_is_ignored(void **state)
{
    static const char *const cgi[] = {
        "REQUEST_METHOD", "GET", "HTTP_PROXY", "evil", "HTTPS_PROXY", "c", NULL};
    static const char *const lower[] = {
        "REQUEST_METHOD", "", "http_proxy", "a", "HTTP_PROXY", "evil", NULL};
    (void)state;
    expect_environ(cgi, "https=c ", NULL);
    expect_environ(lower, "http=a ", NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_URL_of_a_proxy_says_what_it_is_and_who_asks),
        cmocka_unit_test(an_address_and_a_zone_of_a_proxy_are_kept_apart),
        cmocka_unit_test(a_URL_of_a_proxy_that_cannot_be_used_is_refused),
        cmocka_unit_test(a_password_of_a_proxy_is_wiped_when_it_goes),
        cmocka_unit_test(names_and_schemes_of_proxies_are_checked_when_they_are_given),
        cmocka_unit_test(scheme_and_host_come_before_scheme_and_that_before_all),
        cmocka_unit_test(the_first_proxy_is_the_only_one_where_none_was_said),
        cmocka_unit_test(the_first_proxy_speaks_SOCKS),
        cmocka_unit_test(the_environment_speaks_where_the_caller_does_not),
        cmocka_unit_test(no_proxy_governs_all_and_the_variable_only_the_environment),
        cmocka_unit_test(lower_case_variables_come_first_even_empty_ones),
        cmocka_unit_test(in_a_CGI_program_upper_case_HTTP_PROXY_is_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
