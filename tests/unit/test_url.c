/* test_url.c - http and https URLs: parsed, normalised, resolved, compared.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "proto/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CASES(table) (sizeof(table) / sizeof *(table))

typedef struct fixture {
    memory m;
    fy_url u, base;
    fy_buf out;
    fy_error x;
} fixture;

static int set_up(void **state)
{
    static fixture f;
    memory_init(&f.m);
    fy_url_init(&f.u, &f.m.platform, 1000);
    fy_url_init(&f.base, &f.m.platform, 1000);
    fy_buf_init(&f.out, &f.m.platform, 1000);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    fy_url_fini(&f->u);
    fy_url_fini(&f->base);
    fy_buf_fini(&f->out);
    return memory_is_clean(&f->m) ? 0 : -1;
}

static const ferry_fields none = {NULL, 0};

static ferry_err parse(fixture *f, ferry_str text)
{
    char *exact = memory_exact(text.ptr, text.len);
    f->x = (fy_error){.code = FERRY_OK, .at = FY_NOWHERE};
    ferry_err e = fy_url_parse(&f->u, (ferry_str){exact, text.len}, none, &f->x);
    free(exact);
    assert_int_equal(f->x.code, e);
    return e;
}

static ferry_err resolve(fixture *f, const char *base, ferry_str reference)
{
    char *exact = memory_exact(reference.ptr, reference.len);
    f->x = (fy_error){.code = FERRY_OK, .at = FY_NOWHERE};
    assert_int_equal(fy_url_parse(&f->base, fy_str(base), none, &f->x), FERRY_OK);
    ferry_err e = fy_url_resolve(
        &f->u, &f->base, (ferry_str){exact, reference.len}, &f->x);
    free(exact);
    assert_int_equal(f->x.code, e);
    return e;
}

static void expect_view(ferry_str view, const char *text)
{
    assert_non_null(view.ptr);
    assert_int_equal(view.len, strlen(text));
    assert_memory_equal(view.ptr, text, view.len);
}

static void expect_text(const fixture *f, const char *input, const char *text)
{
    fy_buf b = f->u.text;
    if (strcmp(fy_buf_text(&b), text) != 0)
        fail_msg("\"%s\" became \"%s\"", input, fy_buf_text(&b));
}

static void expect_equal_views(ferry_str a, ferry_str b)
{
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.ptr, b.ptr, a.len);
}

/* Everything but user, password and zone, which the text does not hold. */
static void expect_equal_urls(const fy_url *a, const fy_url *b)
{
    expect_equal_views(fy_buf_view(&a->text), fy_buf_view(&b->text));
    expect_equal_views(a->scheme, b->scheme);
    expect_equal_views(a->authority, b->authority);
    expect_equal_views(a->host, b->host);
    expect_equal_views(a->path, b->path);
    expect_equal_views(a->query, b->query);
    expect_equal_views(a->fragment, b->fragment);
    assert_int_equal(a->has_query, b->has_query);
    assert_int_equal(a->has_fragment, b->has_fragment);
    assert_int_equal(a->port, b->port);
    assert_int_equal(a->addr.family, b->addr.family);
    assert_memory_equal(a->addr.bytes, b->addr.bytes, sizeof a->addr.bytes);
}

static void expect_clear(const fy_url *u)
{
    const ferry_str views[] = {u->scheme, u->authority, u->host, u->path, u->query,
        u->fragment, u->user, u->password, u->zone};
    for (size_t i = 0; i < CASES(views); i++)
        expect_view(views[i], "");
    assert_int_equal(u->text.len, 0);
    assert_int_equal(u->aside.len, 0);
    assert_int_equal(u->port, 0);
    assert_int_equal(u->addr.family, 0);
    assert_false(u->has_query || u->has_fragment);
    assert_false(u->has_userinfo || u->has_password);
}

typedef struct url_case {
    const char *input, *text;
} url_case;

/* Each input becomes its text, and the text stays itself. */
static void expect_normal(fixture *f, const url_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (parse(f, fy_str(cases[i].input)))
            fail_msg("\"%s\": %s", cases[i].input, f->x.what);
        expect_text(f, cases[i].input, cases[i].text);
        assert_int_equal(
            fy_url_parse(&f->base, fy_str(cases[i].text), none, &f->x), FERRY_OK);
        expect_equal_urls(&f->u, &f->base);
    }
}

/* --- parsing --------------------------------------------------------------------- */

static void a_url_is_taken_apart(void **state)
{
    fixture *f = *state;
    assert_int_equal(
        parse(f, FY_S("https://Ada:p%77@Example.COM:8443/a/b?q=1&r#top")), FERRY_OK);
    expect_text(f, "", "https://example.com:8443/a/b?q=1&r#top");
    expect_view(f->u.scheme, "https");
    expect_view(f->u.authority, "example.com:8443");
    expect_view(f->u.host, "example.com");
    expect_view(f->u.path, "/a/b");
    expect_view(f->u.query, "q=1&r");
    expect_view(f->u.fragment, "top");
    expect_view(f->u.user, "Ada");
    expect_view(f->u.password, "pw");
    expect_view(f->u.zone, "");
    assert_int_equal(f->u.port, 8443);
    assert_int_equal(f->u.addr.family, 0);
    assert_true(f->u.has_query && f->u.has_fragment);
    assert_true(f->u.has_userinfo && f->u.has_password);
}

static void what_is_not_there_is_empty_and_never_null(void **state)
{
    fixture *f = *state;
    fy_url fresh;
    fy_url_init(&fresh, &f->m.platform, 10);
    expect_clear(&fresh);
    assert_int_equal(parse(f, FY_S("http://h/")), FERRY_OK);
    expect_view(f->u.query, "");
    expect_view(f->u.fragment, "");
    expect_view(f->u.user, "");
    expect_view(f->u.password, "");
    expect_view(f->u.zone, "");
    assert_int_equal(f->u.port, 80);
    assert_false(f->u.has_query || f->u.has_fragment);
    assert_false(f->u.has_userinfo || f->u.has_password);
}

static void scheme_host_and_port_get_one_spelling(void **state)
{
    static const url_case cases[] = {
        {"HTTP://EXAMPLE.com/A", "http://example.com/A"},
        {"hTTps://h/", "https://h/"},
        {"http://h", "http://h/"},
        {"http://h:/", "http://h/"},
        {"http://h:80/", "http://h/"},
        {"http://h:0080", "http://h/"},
        {"https://h:443/", "https://h/"},
        {"https://h:80/", "https://h:80/"},
        {"http://h:443/", "http://h:443/"},
        {"http://h:00000000000000000000081/", "http://h:81/"},
        {"http://h:0/", "http://h:0/"},
        {"http://h:000/", "http://h:0/"},
        {"http://h./", "http://h./"},
        {"http://%48%6F%73%74/", "http://host/"},
        {"http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"},
        {"http://[2001:DB8::1]:8080/x", "http://[2001:db8::1]:8080/x"},
        {"http://[fe80::1%25Eth0]/", "http://[fe80::1]/"},
        {"http://[fe80::1%Eth0]", "http://[fe80::1]/"},
        {"http://user:pw@h/", "http://h/"},
        {"http://a:b@c:29/d", "http://c:29/d"},
    };
    expect_normal(*state, cases, CASES(cases));
}

static void the_path_loses_its_dot_segments_and_nothing_else(void **state)
{
    static const url_case cases[] = {
        {"http://h/a/../b", "http://h/b"},
        {"http://h/a/./b/.", "http://h/a/b/"},
        {"http://h/a/b/..", "http://h/a/"},
        {"http://h/..", "http://h/"},
        {"http://h/.", "http://h/"},
        {"http://h/../../a/../../b", "http://h/b"},
        {"http://h/%2e/a/%2E%2e/b/.%2e/c/%2E.", "http://h/"},
        {"http://h/a//..", "http://h/a/"},
        {"http://h/a//../..", "http://h/"},
        {"http://h////../..", "http://h//"},
        {"http://h//a//b", "http://h//a//b"},
        {"http://h/.a/..b/c./d../...", "http://h/.a/..b/c./d../..."},
        {"http://h/a.b/.c", "http://h/a.b/.c"},
        {"http://h/a;x/../b", "http://h/b"},
        {"http://h/a%2f../b", "http://h/a%2F../b"},
        {"http://h/x?/../y#/../z", "http://h/x?/../y#/../z"},
        {"http://h/%252e%252e/", "http://h/%252e%252e/"},
    };
    expect_normal(*state, cases, CASES(cases));
}

static void each_component_keeps_its_own_bytes_and_encodes_the_others(void **state)
{
    static const url_case cases[] = {
        {"http://h/%7Ea%41%2f%3a", "http://h/~aA%2F%3A"},
        {"http://h/a b?c d#e f", "http://h/a%20b?c%20d#e%20f"},
        {"http://h/a\"<>\\^`{|}[]", "http://h/a%22%3C%3E%5C%5E%60%7B%7C%7D%5B%5D"},
        {"http://h/!$&'()*+,;=:@", "http://h/!$&'()*+,;=:@"},
        {"http://h/?a?b/c:@[]", "http://h/?a?b/c:@%5B%5D"},
        {"http://h/#a?b/c#d", "http://h/#a?b/c%23d"},
        {"http://h/\u00e9?\u00e9#\u00e9", "http://h/%C3%A9?%C3%A9#%C3%A9"},
        {"http://h/\xff", "http://h/%FF"},
        {"http://h/%00%0d%0A", "http://h/%00%0D%0A"},
        {"http://h/%zz?%41#%42", "http://h/%25zz?A#B"},
        {"http://h/%41?%4&%41#%42", "http://h/A?%254&%2541#B"},
        {"http://h/%41?%41#%", "http://h/A?A#%25"},
        {"http://h/a\\..\\b", "http://h/a%5C..%5Cb"},
    };
    expect_normal(*state, cases, CASES(cases));
}

static void an_empty_query_or_fragment_stays(void **state)
{
    static const url_case cases[] = {
        {"http://h?", "http://h/?"},
        {"http://h/?", "http://h/?"},
        {"http://h/#", "http://h/#"},
        {"http://h/?#", "http://h/?#"},
        {"http://h#?", "http://h/#?"},
        {"http://h/a??", "http://h/a??"},
    };
    fixture *f = *state;
    expect_normal(f, cases, CASES(cases));
    assert_int_equal(parse(f, FY_S("http://h/?#")), FERRY_OK);
    assert_true(f->u.has_query && f->u.has_fragment);
    expect_view(f->u.query, "");
    expect_view(f->u.fragment, "");
}

static void blanks_before_a_url_go_and_those_behind_it_are_encoded(void **state)
{
    static const url_case cases[] = {
        {" \t\r\n\v\fhttp://h/", "http://h/"},
        {"http://h/ ", "http://h/%20"},
        {" http://h/a?b  ", "http://h/a?b%20%20"},
    };
    expect_normal(*state, cases, CASES(cases));
}

static void what_is_no_http_url_is_refused_at_its_byte(void **state)
{
    static const struct {
        const char *text;
        ferry_err code;
        int at;
        const char *what;
    } cases[] = {
        {"", FERRY_ERR_URL, 0, "no scheme such as http://"},
        {"  ", FERRY_ERR_URL, 0, "no scheme such as http://"},
        {"example.com/x", FERRY_ERR_URL, 0, "no scheme such as http://"},
        {"//h/", FERRY_ERR_URL, 0, "no scheme such as http://"},
        {"/a:b", FERRY_ERR_URL, 0, "no scheme such as http://"},
        {"://h/", FERRY_ERR_URL, 0, "no scheme such as http://"},
        {"1http://h/", FERRY_ERR_URL, 0, "no scheme such as http://"},
        {"ht tp://h/", FERRY_ERR_URL, 0, "no scheme such as http://"},
        {"http", FERRY_ERR_URL, 0, "no scheme such as http://"},
        {"http?://h/", FERRY_ERR_URL, 0, "no scheme such as http://"},
        {"ftp://h/", FERRY_ERR_UNSUPPORTED, 0, "the scheme is not http or https"},
        {" file:///", FERRY_ERR_UNSUPPORTED, 1, "the scheme is not http or https"},
        {"localhost:3128", FERRY_ERR_UNSUPPORTED, 0, "the scheme is not http or https"},
        {"httpss://h", FERRY_ERR_UNSUPPORTED, 0, "the scheme is not http or https"},
        {"htt+p-1.x:h", FERRY_ERR_UNSUPPORTED, 0, "the scheme is not http or https"},
        {"az:b", FERRY_ERR_UNSUPPORTED, 0, "the scheme is not http or https"},
        {"ZA09+-.:b", FERRY_ERR_UNSUPPORTED, 0, "the scheme is not http or https"},
        {"[a:b", FERRY_ERR_URL, 0, "no scheme such as http://"},
        {"a@b:c", FERRY_ERR_URL, 0, "no scheme such as http://"},
        {"http:", FERRY_ERR_URL, 5, "no // behind the scheme"},
        {"http:h/", FERRY_ERR_URL, 5, "no // behind the scheme"},
        {"http:/h/", FERRY_ERR_URL, 5, "no // behind the scheme"},
        {"http:\\\\h/", FERRY_ERR_URL, 5, "no // behind the scheme"},
        {"http://", FERRY_ERR_URL, 7, "no host"},
        {"http:///path", FERRY_ERR_URL, 7, "no host"},
        {"http://:80", FERRY_ERR_URL, 7, "no host"},
        {"http://?", FERRY_ERR_URL, 7, "no host"},
        {"https://#", FERRY_ERR_URL, 8, "no host"},
        {"  http://u@/", FERRY_ERR_URL, 11, "no host"},
        {"http://h:x/", FERRY_ERR_URL, 9, "a port is a number up to 65535"},
        {"http://a b/", FERRY_ERR_URL, 8, "byte that no host name may hold"},
        {"http://1/", FERRY_ERR_URL, 7,
            "a number that is no IPv4 address of four parts"},
        {"http://127.1/", FERRY_ERR_URL, 7,
            "a number that is no IPv4 address of four parts"},
        {"http://h/a\nb", FERRY_ERR_URL, 10, "control byte in the path"},
        {"http://h/%41\n", FERRY_ERR_URL, 12, "control byte in the path"},
        {"http://h/?\x7f", FERRY_ERR_URL, 10, "control byte in the query"},
        {"http://h/?a#b\r", FERRY_ERR_URL, 13, "control byte in the fragment"},
    };
    fixture *f = *state;
    for (size_t i = 0; i < CASES(cases); i++) {
        if (parse(f, fy_str(cases[i].text)) != cases[i].code)
            fail_msg("\"%s\": %d", cases[i].text, (int)f->x.code);
        assert_string_equal(f->x.what, cases[i].what);
        if (f->x.at != cases[i].at)
            fail_msg("\"%s\" at %d", cases[i].text, (int)f->x.at);
        expect_clear(&f->u);
    }
}

static void a_control_byte_is_refused_wherever_it_stands(void **state)
{
    static const char url[] = "http://us:pw@ho.st:81/pa/th?qu=ery#frag";
    fixture *f = *state;
    for (size_t at = 1; at < sizeof url; at++)
        for (int c = 0; c < 0x80; c++) {
            char text[sizeof url];
            memcpy(text, url, at);
            text[at] = (char)c;
            memcpy(text + at + 1, url + at, sizeof url - 1 - at);
            if (c < 0x20 || c == 0x7f)
                assert_int_not_equal(
                    parse(f, (ferry_str){text, sizeof text}), FERRY_OK);
        }
}

static void the_host_ends_at_the_first_slash_question_or_number_sign(void **state)
{
    static const struct {
        const char *text, *host, *user;
    } cases[] = {
        {"http://a/@b/", "a", ""},
        {"http://a?@b/", "a", ""},
        {"http://a#@b/", "a", ""},
        {"http://a:80/:pw@b/", "a", ""},
        {"http://a@b@c/", "c", "a%40b"},
        {"http://example.com:@evil.test/", "evil.test", "example.com"},
        {"http://a%2f@b/", "b", "a%2F"},
        {"http://a%40b@c/", "c", "a%40b"},
        {"http://www.@pple.com", "pple.com", "www."},
    };
    fixture *f = *state;
    for (size_t i = 0; i < CASES(cases); i++) {
        assert_int_equal(parse(f, fy_str(cases[i].text)), FERRY_OK);
        expect_view(f->u.host, cases[i].host);
        expect_view(f->u.user, cases[i].user);
    }
    assert_int_equal(parse(f, FY_S("http://a\\@b/")), FERRY_ERR_URL);
    assert_int_equal(parse(f, FY_S("http://a\\b/")), FERRY_ERR_URL);
}

static void user_and_password_are_told_from_none(void **state)
{
    static const struct {
        const char *text, *user, *password;
        bool has_userinfo, has_password;
    } cases[] = {
        {"http://h/", "", "", false, false},
        {"http://@h/", "", "", true, false},
        {"http://u@h/", "u", "", true, false},
        {"http://u:@h/", "u", "", true, true},
        {"http://:@h/", "", "", true, true},
        {"http://:p@h/", "", "p", true, true},
        {"http://u:p:q@h/", "u", "p:q", true, true},
    };
    fixture *f = *state;
    for (size_t i = 0; i < CASES(cases); i++) {
        assert_int_equal(parse(f, fy_str(cases[i].text)), FERRY_OK);
        expect_text(f, cases[i].text, "http://h/");
        expect_view(f->u.user, cases[i].user);
        expect_view(f->u.password, cases[i].password);
        assert_int_equal(f->u.has_userinfo, cases[i].has_userinfo);
        assert_int_equal(f->u.has_password, cases[i].has_password);
    }
}

static void a_password_is_nowhere_once_it_is_not_needed(void **state)
{
    fixture *f = *state;
    f->m.secret = "swordfish";
    assert_int_equal(
        parse(f, FY_S("http://a-rather-long-user-name-that-makes-room-grow-more-than-"
                      "once-as-it-is-longer-than-64-bytes:swordfish%20swordfish@[::1%"
                      "a-long-zone-id-that-comes-behind-it]/")),
        FERRY_OK);
    const char *aside = f->u.aside.ptr;
    size_t len = f->u.aside.len;
    assert_int_equal(parse(f, FY_S("http://h/")), FERRY_OK);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(aside[i], 0);
    assert_int_not_equal(parse(f, FY_S("http://u:swordfish@HOST/\n")), FERRY_OK);
    assert_int_equal(parse(f, FY_S("http://u:swordfish@h/")), FERRY_OK);
    assert_int_equal(resolve(f, "http://u:swordfish@h/", FY_S("x")), FERRY_OK);
    fy_url_fini(&f->u);
    fy_url_fini(&f->base);
    assert_true(memory_is_clean(&f->m));
}

static void an_address_is_given_as_bytes_and_its_zone_apart(void **state)
{
    fixture *f = *state;
    assert_int_equal(parse(f, FY_S("http://192.0.2.7/")), FERRY_OK);
    assert_int_equal(f->u.addr.family, FERRY_IPV4);
    assert_memory_equal(f->u.addr.bytes, "\xc0\x00\x02\x07", 4);
    assert_int_equal(parse(f, FY_S("http://u:p@[FE80::1%25Eth0]:81/")), FERRY_OK);
    assert_int_equal(f->u.addr.family, FERRY_IPV6);
    assert_memory_equal(f->u.addr.bytes, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x01", 16);
    expect_view(f->u.host, "[fe80::1]");
    expect_view(f->u.zone, "Eth0");
    expect_view(f->u.password, "p");
    assert_int_equal(parse(f, FY_S("http://h/")), FERRY_OK);
    assert_int_equal(f->u.addr.family, 0);
    expect_view(f->u.zone, "");
}

static void params_go_behind_the_query_and_before_the_fragment(void **state)
{
    static const ferry_field pairs[] = {
        {{"q", 1}, {"c library", 9}}, {{"\u00e9", 2}, {"", 0}}};
    static const url_case cases[] = {
        {"http://h", "http://h/?q=c+library&%C3%A9="},
        {"http://h/a", "http://h/a?q=c+library&%C3%A9="},
        {"http://h/a?", "http://h/a?q=c+library&%C3%A9="},
        {"http://h/a?b=1", "http://h/a?b=1&q=c+library&%C3%A9="},
        {"http://h/a?b=1&", "http://h/a?b=1&&q=c+library&%C3%A9="},
        {"http://h/a#f", "http://h/a?q=c+library&%C3%A9=#f"},
        {"http://h/a?b#f?g", "http://h/a?b&q=c+library&%C3%A9=#f?g"},
        {"http://h/a b?c d#f", "http://h/a%20b?c%20d&q=c+library&%C3%A9=#f"},
    };
    fixture *f = *state;
    for (size_t i = 0; i < CASES(cases); i++) {
        assert_int_equal(fy_url_parse(&f->u, fy_str(cases[i].input),
                             (ferry_fields){pairs, 2}, &f->x),
            FERRY_OK);
        expect_text(f, cases[i].input, cases[i].text);
        assert_true(f->u.has_query);
        assert_int_equal(parse(f, fy_str(cases[i].text)), FERRY_OK);
        expect_text(f, cases[i].text, cases[i].text);
    }
}

static void a_param_whose_value_was_removed_is_left_out(void **state)
{
    static const ferry_field pairs[] = {
        {{"a", 1}, {NULL, 0}}, {{"b", 1}, {"2", 1}}, {{"c", 1}, {NULL, 0}}};
    fixture *f = *state;
    assert_int_equal(
        fy_url_parse(&f->u, FY_S("http://h/"), (ferry_fields){pairs, 3}, &f->x),
        FERRY_OK);
    expect_text(f, "", "http://h/?b=2");
    assert_int_equal(
        fy_url_parse(&f->u, FY_S("http://h/x#f"), (ferry_fields){pairs, 1}, &f->x),
        FERRY_OK);
    expect_text(f, "", "http://h/x#f");
    assert_false(f->u.has_query);
}

/* --- memory and time ------------------------------------------------------------- */

static const char *const warm[] = {"http://127.0.0.1:8080/get?a=1#f",
    "http://us:pw@h/a/../b c?%41", "http://HOST/", "http://[::1%25eth0]/"};

/* What was parsed last may be asked for again; what it had besides its text does not
 * stay. */
static void nothing_of_the_last_url_stays_for_the_next(void **state)
{
    static const struct {
        const char *last, *next;
    } cases[] = {
        {"http://h/a?b#c", "http://h/a?b#c"},
        {"HTTP://H:80/b/../a", "http://h/a"},
        {"http://h/a", "HTTP://H/a"},
        {"http://h/a", "http://h/a?"},
        {"http://ada:pw@h/", "http://h/"},
        {"http://@h/", "http://h/"},
        {"http://[fe80::1%25eth0]/", "http://[fe80::1]/"},
        {"http://h/", "http://h"},
        {"http://h:port/", "http://h/"},
        {"http://", "http://h/"},
    };
    fixture *f = *state;
    for (size_t i = 0; i < CASES(cases); i++) {
        parse(f, fy_str(cases[i].last));
        assert_int_equal(parse(f, fy_str(cases[i].next)), FERRY_OK);
        fy_url_clear(&f->base);
        assert_int_equal(
            fy_url_parse(&f->base, fy_str(cases[i].next), none, &f->x), FERRY_OK);
        expect_equal_urls(&f->u, &f->base);
        assert_int_equal(f->u.aside.len, 0);
        assert_false(f->u.has_userinfo);
    }
}

static void a_url_used_again_allocates_nothing(void **state)
{
    fixture *f = *state;
    for (size_t i = 0; i < CASES(warm); i++)
        assert_int_equal(parse(f, fy_str(warm[i])), FERRY_OK);
    int calls = f->m.calls;
    for (size_t i = 0; i < CASES(warm); i++)
        assert_int_equal(parse(f, fy_str(warm[i])), FERRY_OK);
    assert_int_equal(f->m.calls, calls);
}

/* One URL parsed and one reference resolved, with the k-th allocation failing. */
static ferry_err parse_and_resolve(memory *m, const char *text)
{
    static const ferry_field pairs[] = {{{"name", 4}, {"value", 5}}};
    fy_url u, v;
    fy_error x;
    fy_url_init(&u, &m->platform, 1000);
    fy_url_init(&v, &m->platform, 1000);
    ferry_err e = fy_url_parse(&u, fy_str(text), (ferry_fields){pairs, 1}, &x);
    if (!e)
        e = fy_url_resolve(&v, &u, FY_S("../c d/./e?f#g"), &x);
    if (e)
        expect_clear(&v);
    fy_url_fini(&u);
    fy_url_fini(&v);
    return e;
}

static void every_allocation_may_fail(void **state)
{
    static const char *const texts[] = {"http://us:pw@HOST.example:81/a/b?c#d",
        "http://h/", "HTTP://[fe80::1%25eth0]/a", "http://u@\u00e9.fr:81/",
        "http://u:p@h/a-path-that-is-longer-than-a-first-block-of-memory-is/and/more"};
    (void)state;
    for (size_t i = 0; i < CASES(texts); i++) {
        memory m;
        bool has_failed = true;
        for (int k = 1; has_failed; k++) {
            memory_init(&m);
            m.fail_at = k;
            ferry_err e = parse_and_resolve(&m, texts[i]);
            assert_true(memory_is_clean(&m));
            has_failed = m.calls >= k;
            if (has_failed)
                assert_true(e == FERRY_ERR_NOMEM || e == FERRY_ERR_UNSUPPORTED);
            else
                assert_true(e == FERRY_OK || e == FERRY_ERR_UNSUPPORTED);
        }
        assert_true(m.calls > 1);
    }
}

static void a_url_may_be_as_long_as_the_limit_and_no_longer(void **state)
{
    static const char *const texts[] = {
        "http://h/a/b?c#d", "http://H/a/b?c#d", "http://user:pass@h/", "http://h/a b"};
    fixture *f = *state;
    for (size_t i = 0; i < CASES(texts); i++) {
        fy_url_fini(&f->u);
        fy_url_init(&f->u, &f->m.platform, 1000);
        assert_int_equal(parse(f, fy_str(texts[i])), FERRY_OK);
        size_t len = f->u.text.len;
        for (size_t max = 0; max <= len; max++) {
            fy_url_fini(&f->u);
            fy_url_init(&f->u, &f->m.platform, max);
            assert_int_equal(
                parse(f, fy_str(texts[i])), max < len ? FERRY_ERR_LIMIT : FERRY_OK);
        }
    }
}

/* A megabyte of what made others slow takes some milliseconds; squared it is hours. */
static void hostile_input_takes_linear_time(void **state)
{
    static const char *const parts[] = {"%", "%41", "@", ":", "/..", "/.", "//",
        "a/../", "?", "#", "[", "%zz", ".", "\\", " ", "A"};
    static const char *const heads[] = {
        "http://", "http://h/", "http://h/?", "http://h#"};
    enum { SIZE = 1 << 20 };
    fixture *f = *state;
    char *text = malloc(SIZE);
    clock_t start = clock();
    assert_non_null(text);
    fy_url_fini(&f->u);
    fy_url_init(&f->u, &f->m.platform, 4 * SIZE);
    for (size_t h = 0; h < CASES(heads); h++)
        for (size_t p = 0; p < CASES(parts); p++) {
            size_t head = strlen(heads[h]), part = strlen(parts[p]);
            memcpy(text, heads[h], head);
            for (size_t i = head; i < SIZE; i++)
                text[i] = parts[p][(i - head) % part];
            fy_url_parse(&f->u, (ferry_str){text, SIZE}, none, &f->x);
        }
    free(text);
    assert_true((clock() - start) / CLOCKS_PER_SEC < 60);
}

/* --- resolving ------------------------------------------------------------------- */

typedef struct resolve_case {
    const char *reference, *text;
} resolve_case;

static void expect_resolved(
    fixture *f, const char *base, const resolve_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (resolve(f, base, fy_str(cases[i].reference)))
            fail_msg("\"%s\": %s", cases[i].reference, f->x.what);
        expect_text(f, cases[i].reference, cases[i].text);
        assert_int_equal(
            fy_url_parse(&f->base, fy_str(cases[i].text), none, &f->x), FERRY_OK);
        expect_equal_urls(&f->u, &f->base);
    }
}

/* RFC 3986 5.4.1 and 5.4.2, but for those that lead out of http. */
static void the_examples_of_rfc_3986_resolve_as_it_says(void **state)
{
    static const resolve_case cases[] = {
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g/"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q#s"},
        {"g#s", "http://a/b/c/g#s"},
        {"g?y#s", "http://a/b/c/g?y#s"},
        {";x", "http://a/b/c/;x"},
        {"g;x", "http://a/b/c/g;x"},
        {"g;x?y#s", "http://a/b/c/g;x?y#s"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"../../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {".g", "http://a/b/c/.g"},
        {"g..", "http://a/b/c/g.."},
        {"..g", "http://a/b/c/..g"},
        {"./../g", "http://a/b/g"},
        {"./g/.", "http://a/b/c/g/"},
        {"g/./h", "http://a/b/c/g/h"},
        {"g/../h", "http://a/b/c/h"},
        {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
        {"g;x=1/../y", "http://a/b/c/y"},
        {"g?y/./x", "http://a/b/c/g?y/./x"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"g#s/./x", "http://a/b/c/g#s/./x"},
        {"g#s/../x", "http://a/b/c/g#s/../x"},
    };
    expect_resolved(*state, "http://a/b/c/d;p?q", cases, CASES(cases));
}

static void a_reference_says_what_it_says_and_takes_the_rest_from_the_base(void **state)
{
    static const resolve_case cases[] = {
        {"http://other", "http://other/"},
        {"HTTPS://Other:443/x", "https://other/x"},
        {"//Other:81/x?y", "https://other:81/x?y"},
        {"//other:443", "https://other/"},
        {"?", "https://h:8443/a//b?"},
        {"#", "https://h:8443/a//b?q=1#"},
        {"../x", "https://h:8443/a/x"},
        {"..//x", "https://h:8443/a//x"},
        {"%2e%2e/x", "https://h:8443/a/x"},
        {"x y", "https://h:8443/a//x%20y"},
        {"  x", "https://h:8443/a//x"},
        {"./x:y", "https://h:8443/a//x:y"},
        {":x", "https://h:8443/a//:x"},
        {"1:x", "https://h:8443/a//1:x"},
        {"\\\\evil\\x", "https://h:8443/a//%5C%5Cevil%5Cx"},
        {"/\\evil", "https://h:8443/%5Cevil"},
        {"\u4e2d", "https://h:8443/a//%E4%B8%AD"},
    };
    expect_resolved(*state, "https://h:8443/a//b?q=1#fragment", cases, CASES(cases));
}

static void user_and_zone_come_along_with_the_authority_only(void **state)
{
    static const char base[] = "http://u:p@[fe80::1%25eth0]:81/a/b";
    fixture *f = *state;
    assert_int_equal(resolve(f, base, FY_S("c")), FERRY_OK);
    expect_text(f, "c", "http://[fe80::1]:81/a/c");
    expect_view(f->u.user, "u");
    expect_view(f->u.password, "p");
    expect_view(f->u.zone, "eth0");
    assert_true(f->u.has_userinfo && f->u.has_password);
    assert_int_equal(f->u.port, 81);
    assert_int_equal(f->u.addr.family, FERRY_IPV6);
    assert_true(fy_url_same_origin(&f->u, &f->base));
    assert_int_equal(resolve(f, base, FY_S("//[fe80::1]:81/c")), FERRY_OK);
    expect_view(f->u.user, "");
    expect_view(f->u.zone, "");
    assert_false(f->u.has_userinfo || f->u.has_password);
    assert_false(fy_url_same_origin(&f->u, &f->base));
    assert_int_equal(resolve(f, base, FY_S("//v@h/c")), FERRY_OK);
    expect_view(f->u.user, "v");
    assert_false(f->u.has_password);
}

static void a_reference_that_leads_nowhere_is_refused_at_its_byte(void **state)
{
    static const struct {
        const char *reference;
        ferry_err code;
        int at;
    } cases[] = {
        {"g:h", FERRY_ERR_UNSUPPORTED, 0},
        {"file:///etc/passwd", FERRY_ERR_UNSUPPORTED, 0},
        {"javascript:alert(1)", FERRY_ERR_UNSUPPORTED, 0},
        {"http:g", FERRY_ERR_URL, 5},
        {"http:", FERRY_ERR_URL, 5},
        {"//", FERRY_ERR_URL, 2},
        {"///x", FERRY_ERR_URL, 2},
        {"//h:x/", FERRY_ERR_URL, 4},
        {" //a@b\\c/", FERRY_ERR_URL, 6},
        {"x\r\ny", FERRY_ERR_URL, 1},
        {"/x?\n", FERRY_ERR_URL, 3},
        {"#\x01", FERRY_ERR_URL, 1},
    };
    fixture *f = *state;
    for (size_t i = 0; i < CASES(cases); i++) {
        if (resolve(f, "http://u:p@h/a/b?c", fy_str(cases[i].reference)) !=
            cases[i].code)
            fail_msg("\"%s\": %d", cases[i].reference, (int)f->x.code);
        assert_int_equal(f->x.at, cases[i].at);
        expect_clear(&f->u);
    }
}

/* --- asking ---------------------------------------------------------------------- */

static void host_and_targets_are_what_goes_on_the_wire(void **state)
{
    static const struct {
        const char *url, *host, *target, *absolute;
    } cases[] = {
        {"http://u:p@Example.org#f", "example.org", "/", "http://example.org/"},
        {"http://h?x=1", "h", "/?x=1", "http://h/?x=1"},
        {"http://h/?", "h", "/?", "http://h/?"},
        {"http://h/a?b?c#d", "h", "/a?b?c", "http://h/a?b?c"},
        {"https://h:443/a", "h", "/a", "https://h/a"},
        {"http://h:443/a#", "h:443", "/a", "http://h:443/a"},
        {"http://h.:8080//a", "h.:8080", "//a", "http://h.:8080//a"},
        {"http://u@[fe80::1%25z]:81/", "[fe80::1]:81", "/", "http://[fe80::1]:81/"},
    };
    fixture *f = *state;
    for (size_t i = 0; i < CASES(cases); i++) {
        assert_int_equal(parse(f, fy_str(cases[i].url)), FERRY_OK);
        fy_buf_clear(&f->out);
        fy_url_put_host(&f->out, &f->u);
        assert_string_equal(fy_buf_text(&f->out), cases[i].host);
        fy_buf_clear(&f->out);
        fy_buf_puts(&f->out, fy_url_target(&f->u));
        assert_string_equal(fy_buf_text(&f->out), cases[i].target);
        fy_buf_clear(&f->out);
        fy_url_put_absolute(&f->out, &f->u);
        assert_string_equal(fy_buf_text(&f->out), cases[i].absolute);
    }
}

static void an_origin_is_scheme_host_port_and_zone(void **state)
{
    static const struct {
        const char *a, *b;
        bool is_same;
    } cases[] = {
        {"http://h/", "http://h/x?y#z", true},
        {"http://h/", "HTTP://H:80/", true},
        {"https://h/", "https://h:443/", true},
        {"http://u:p@h/", "http://h/", true},
        {"http://h/", "https://h/", false},
        {"http://h:443/", "https://h:443/", false},
        {"http://h/", "http://h:81/", false},
        {"http://h/", "http://h./", false},
        {"http://h/", "http://hh/", false},
        {"http://h:8/", "http://h:80/", false},
        {"http://127.0.0.1/", "http://localhost/", false},
        {"http://[fe80::1%25a]/", "http://[fe80::1%a]/", true},
        {"http://[fe80::1%25a]/", "http://[fe80::1%25b]/", false},
        {"http://[fe80::1%25a]/", "http://[fe80::1]/", false},
        {"http://u:p@[fe80::1%25a]/", "http://[fe80::1%25a]/", true},
    };
    fixture *f = *state;
    for (size_t i = 0; i < CASES(cases); i++) {
        assert_int_equal(parse(f, fy_str(cases[i].a)), FERRY_OK);
        assert_int_equal(
            fy_url_parse(&f->base, fy_str(cases[i].b), none, &f->x), FERRY_OK);
        if (fy_url_same_origin(&f->u, &f->base) != cases[i].is_same ||
            fy_url_same_origin(&f->base, &f->u) != cases[i].is_same)
            fail_msg("%s and %s", cases[i].a, cases[i].b);
    }
}

static void a_prefix_ends_where_a_host_port_or_segment_ends(void **state)
{
    static const struct {
        const char *prefix, *url;
        bool is_under;
    } cases[] = {
        {"http://", "http://any.host:81/x", true},
        {"HTTPS://", "https://h/", true},
        {"http://", "https://h/", false},
        {"https://example.com", "https://example.com/", true},
        {"https://example.com", "https://u:p@EXAMPLE.com:443/x?y", true},
        {"https://example.com", "https://example.com.evil/", false},
        {"https://example.com", "https://example.com@evil/", false},
        {"https://example.com", "https://www.example.com/", false},
        {"https://example.com", "https://example.com:8443/", false},
        {"https://example.com", "http://example.com/", false},
        {"http://h:8", "http://h:80/", false},
        {"http://h:8", "http://h:8/", true},
        {"http://h", "http://h:8/", false},
        {"http://h/v1", "http://h/v1", true},
        {"http://h/v1", "http://h/v1/x", true},
        {"http://h/v1", "http://h/v1?x", true},
        {"http://h/v1", "http://h/v1#x", true},
        {"http://h/v1", "http://h/v10", false},
        {"http://h/v1", "http://h/v", false},
        {"http://h/v1", "http://h/V1", false},
        {"http://h/v1", "http://h/x/v1", false},
        {"http://h/v1", "http://h/v1/../x", false},
        {"http://h/v1", "http://h/%76%31/x", true},
        {"http://h/v1/", "http://h/v1/x", true},
        {"http://h/v1/", "http://h/v1/", true},
        {"http://h/v1/", "http://h/v1", false},
        {"http://h/x/../v1", "http://h/v1", true},
        {"http://h/", "http://h/anything", true},
        {"http://[fe80::1%25a]/", "http://[fe80::1%25a]/x", true},
        {"http://[fe80::1%25a]/", "http://[fe80::1%25b]/x", false},
    };
    fixture *f = *state;
    for (size_t i = 0; i < CASES(cases); i++) {
        assert_int_equal(
            fy_url_parse_prefix(&f->base, fy_str(cases[i].prefix), &f->x), FERRY_OK);
        assert_int_equal(parse(f, fy_str(cases[i].url)), FERRY_OK);
        if (fy_url_under(&f->u, &f->base) != cases[i].is_under)
            fail_msg("%s and %s", cases[i].prefix, cases[i].url);
    }
}

static void a_longer_text_is_a_closer_prefix_and_equal_prefixes_are_one(void **state)
{
    static const char *const longer[] = {
        "http://", "http://h", "http://h/v1", "http://h/v1/", "http://h/v1/x"};
    static const char *const equal[] = {
        "http://h/v1", "HTTP://H:80/v1", "http://h:/x/../v1", "http://h/%761"};
    fixture *f = *state;
    for (size_t i = 1; i < CASES(longer); i++) {
        assert_int_equal(
            fy_url_parse_prefix(&f->base, fy_str(longer[i - 1]), &f->x), FERRY_OK);
        assert_int_equal(
            fy_url_parse_prefix(&f->u, fy_str(longer[i]), &f->x), FERRY_OK);
        assert_true(f->u.text.len > f->base.text.len);
    }
    for (size_t i = 0; i < CASES(equal); i++) {
        assert_int_equal(fy_url_parse_prefix(&f->u, fy_str(equal[i]), &f->x), FERRY_OK);
        expect_text(f, equal[i], "http://h/v1");
    }
}

static void a_prefix_is_a_scheme_or_a_plain_url(void **state)
{
    static const struct {
        const char *prefix;
        ferry_err code;
    } cases[] = {
        {"", FERRY_ERR_URL},
        {"http", FERRY_ERR_URL},
        {"http:", FERRY_ERR_URL},
        {"http:/", FERRY_ERR_URL},
        {"example.com", FERRY_ERR_URL},
        {"http:///", FERRY_ERR_URL},
        {"http:///v1", FERRY_ERR_URL},
        {"http://:80", FERRY_ERR_URL},
        {"http://?", FERRY_ERR_URL},
        {"http://#", FERRY_ERR_URL},
        {"http://u@h", FERRY_ERR_URL},
        {"http://@h", FERRY_ERR_URL},
        {"http://h?", FERRY_ERR_URL},
        {"http://h/v1?x", FERRY_ERR_URL},
        {"http://h/v1#", FERRY_ERR_URL},
        {"http://h/\n", FERRY_ERR_URL},
        {"ftp://", FERRY_ERR_UNSUPPORTED},
        {"*://", FERRY_ERR_URL},
    };
    fixture *f = *state;
    for (size_t i = 0; i < CASES(cases); i++) {
        if (fy_url_parse_prefix(&f->u, fy_str(cases[i].prefix), &f->x) != cases[i].code)
            fail_msg("\"%s\"", cases[i].prefix);
        assert_int_equal(f->x.code, cases[i].code);
        expect_clear(&f->u);
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE(a_url_is_taken_apart),
        CASE(what_is_not_there_is_empty_and_never_null),
        CASE(scheme_host_and_port_get_one_spelling),
        CASE(the_path_loses_its_dot_segments_and_nothing_else),
        CASE(each_component_keeps_its_own_bytes_and_encodes_the_others),
        CASE(an_empty_query_or_fragment_stays),
        CASE(blanks_before_a_url_go_and_those_behind_it_are_encoded),
        CASE(what_is_no_http_url_is_refused_at_its_byte),
        CASE(a_control_byte_is_refused_wherever_it_stands),
        CASE(the_host_ends_at_the_first_slash_question_or_number_sign),
        CASE(user_and_password_are_told_from_none),
        CASE(a_password_is_nowhere_once_it_is_not_needed),
        CASE(an_address_is_given_as_bytes_and_its_zone_apart),
        CASE(params_go_behind_the_query_and_before_the_fragment),
        CASE(a_param_whose_value_was_removed_is_left_out),
        CASE(nothing_of_the_last_url_stays_for_the_next),
        CASE(a_url_used_again_allocates_nothing),
        CASE(every_allocation_may_fail),
        CASE(a_url_may_be_as_long_as_the_limit_and_no_longer),
        CASE(hostile_input_takes_linear_time),
        CASE(the_examples_of_rfc_3986_resolve_as_it_says),
        CASE(a_reference_says_what_it_says_and_takes_the_rest_from_the_base),
        CASE(user_and_zone_come_along_with_the_authority_only),
        CASE(a_reference_that_leads_nowhere_is_refused_at_its_byte),
        CASE(host_and_targets_are_what_goes_on_the_wire),
        CASE(an_origin_is_scheme_host_port_and_zone),
        CASE(a_prefix_ends_where_a_host_port_or_segment_ends),
        CASE(a_longer_text_is_a_closer_prefix_and_equal_prefixes_are_one),
        CASE(a_prefix_is_a_scheme_or_a_plain_url),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
