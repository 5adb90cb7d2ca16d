/* test_prepare.c - from the caller's words to the bytes that arrive: options of three
 * levels, mounts, targets, bodies, and who is dialled.
 * SPDX-License-Identifier: MIT */
#include "ferry.h"
#include "lib/machine.h"
#include "lib/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define OK          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static machine m;
static peer p, mounted;
static ferry_dialer d, mounted_d;
static ferry_session *s;
static peer_answer answers[300];
static int writes;

static void count_writes(void *user, const char *call)
{
    (void)user;
    writes += strcmp(call, "write") == 0;
}

static ferry_dialer begin_peer(peer *one)
{
    memset(one, 0, sizeof *one);
    one->answers = answers;
    one->n_answers = COUNT(answers);
    one->on_call = count_writes;
    return peer_dialer(one);
}

/* A session without any header of its own, to see what is added. */
static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++)
        answers[i] = (peer_answer){OK, PEER_STAYS};
    machine_init(&m);
    d = begin_peer(&p);
    mounted_d = begin_peer(&mounted);
    s = ferry_session_new(.platform = &m.memory.platform, .transport = &d,
        .headers = FERRY_NO_PAIRS);
    writes = 0;
    return s ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ferry_session_free(s);
    assert_int_equal(p.live + mounted.live, 0);
    return memory_is_clean(&m.memory) ? 0 : -1;
}

static void expect_ok(ferry_err e)
{
    if (e)
        fail_msg("%s", ferry_explain(s));
}

static void expect_error(ferry_err e, ferry_err code, const char *line)
{
    assert_int_equal(e, code);
    assert_string_equal(ferry_explain(s), line);
}

/* What has arrived since it was asked last. */
static void expect_arrived(const char *bytes)
{
    assert_string_equal(p.sent, bytes);
    peer_forget(&p);
}

/* --- headers over three levels --------------------------------------------------- */

static void a_request_lays_its_headers_over_those_of_mount_and_session(void **state)
{
    (void)state;
    expect_ok(
        ferry_update(s, .headers = FERRY_PAIRS({"A", "s"}, {"B", "s"}, {"C", "s"})));
    expect_ok(ferry_mount(s, "http://m.test",
        .headers = FERRY_PAIRS({"b", "m"}, {"C", NULL}, {"D", "m"})));
    expect_ok(ferry_get(s, "http://m.test/", NULL,
        .headers = FERRY_PAIRS({"a", "r"}, {"D", "r1"}, {"E", "r"}, {"d", "r2"})));
    expect_arrived("GET / HTTP/1.1\r\nHost: m.test\r\na: r\r\nb: m\r\nD: r1\r\nE: r\r\n"
                   "d: r2\r\n\r\n");
    expect_ok(ferry_get(s, "http://m.test/", NULL));
    expect_arrived("GET / HTTP/1.1\r\nHost: m.test\r\nA: s\r\nb: m\r\nD: m\r\n\r\n");
    expect_ok(ferry_get(s, "http://a.test/", NULL));
    expect_arrived("GET / HTTP/1.1\r\nHost: a.test\r\nA: s\r\nB: s\r\nC: s\r\n\r\n");
}

static void a_request_changes_and_removes_headers_of_the_session_in_their_place(
    void **state)
{
    static const char before[] = "GET / HTTP/1.1\r\nHost: a.test\r\n";
    static const struct {
        ferry_pair given[4];
        const char *then;
    } cases[] = {
        {{{"C", "3"}}, "A: 1\r\nB: 2\r\nC: 3\r\n\r\n"},
        {{{"b", "3"}}, "A: 1\r\nb: 3\r\n\r\n"},
        {{{"B", "3"}, {"B", "4"}}, "A: 1\r\nB: 3\r\nB: 4\r\n\r\n"},
        {{{"A", NULL}, {"C", "3"}}, "B: 2\r\nC: 3\r\n\r\n"},
        {{{"B", NULL}}, "A: 1\r\n\r\n"},
        {{{"C", NULL}}, "A: 1\r\nB: 2\r\n\r\n"},
    };
    (void)state;
    expect_ok(ferry_update(s, .headers = FERRY_PAIRS({"A", "1"}, {"B", "2"})));
    for (size_t i = 0; i < COUNT(cases); i++) {
        char want[200];
        expect_ok(ferry_get(s, "http://a.test/", NULL, .headers = cases[i].given));
        snprintf(want, sizeof want, "%s%s", before, cases[i].then);
        expect_arrived(want);
    }
}

/* requests would send its own User-Agent and Accept-Encoding instead. */
static void what_is_removed_is_absent(void **state)
{
    ferry_session *usual = ferry_session_new(.platform = &m.memory.platform,
        .transport = &d);
    (void)state;
    expect_ok(ferry_get(usual, "http://a.test/", NULL,
        .headers = FERRY_PAIRS({"user-agent", NULL}, {"accept-encoding", NULL},
            {"accept", NULL}, {"connection", NULL})));
    expect_arrived("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
    expect_ok(ferry_get(usual, "http://a.test/", NULL, .headers = FERRY_NO_PAIRS));
    expect_arrived("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
    expect_ok(ferry_update(usual, .headers = FERRY_PAIRS({"User-Agent", NULL})));
    expect_ok(ferry_get(
        usual, "http://a.test/", NULL, .headers = FERRY_PAIRS({"user-agent", "x"})));
    assert_non_null(strstr(p.sent, "\r\nuser-agent: x\r\n"));
    ferry_session_free(usual);
}

static void a_header_of_no_value_is_sent_as_one(void **state)
{
    (void)state;
    expect_ok(ferry_get(s, "http://a.test/", NULL, .headers = FERRY_PAIRS({"A", ""})));
    expect_arrived("GET / HTTP/1.1\r\nHost: a.test\r\nA: \r\n\r\n");
}

static void a_bad_header_is_misuse_and_nothing_is_sent(void **state)
{
    (void)state;
    expect_error(ferry_get(s, "http://a.test/", NULL,
                     .headers = FERRY_PAIRS({"A", "1\r\nB: 2"})),
        FERRY_ERR_USAGE,
        "wrong use of the library: control byte in a header value "
        "(byte 1)");
    expect_error(
        ferry_get(s, "http://a.test/", NULL, .headers = FERRY_PAIRS({"Host", NULL})),
        FERRY_ERR_USAGE, "wrong use of the library: Host cannot be removed");
    assert_int_equal(p.dialled, 0);
}

/* --- parameters ------------------------------------------------------------------ */

static void parameters_stand_behind_the_urls_own_query(void **state)
{
    (void)state;
    expect_ok(ferry_update(s, .params = FERRY_PAIRS({"a", "s"}, {"b", "s"})));
    expect_ok(ferry_mount(s, "http://m.test", .params = FERRY_PAIRS({"b", "m"})));
    expect_ok(ferry_get(s, "http://m.test/p?x=1#f", NULL,
        .params = FERRY_PAIRS({"A", "r &"}, {"a", "r"}, {"c", NULL})));
    expect_arrived("GET /p?x=1&a=r&b=m&A=r+%26 HTTP/1.1\r\nHost: m.test\r\n\r\n");
    expect_ok(ferry_get(
        s, "http://m.test/", NULL, .params = FERRY_PAIRS({"a", NULL}, {"b", NULL})));
    expect_arrived("GET / HTTP/1.1\r\nHost: m.test\r\n\r\n");
    expect_ok(ferry_get(s, "http://m.test/", NULL, .params = FERRY_NO_PAIRS));
    expect_arrived("GET / HTTP/1.1\r\nHost: m.test\r\n\r\n");
    expect_ok(ferry_get(s, "http://m.test/", NULL));
    expect_arrived("GET /?a=s&b=m HTTP/1.1\r\nHost: m.test\r\n\r\n");
}

/* --- the request line ------------------------------------------------------------ */

static void a_target_of_its_own_is_sent_as_it_is(void **state)
{
    (void)state;
    expect_ok(ferry_options(s, "http://a.test/p", NULL, .target = "*"));
    expect_arrived("OPTIONS * HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n");
    expect_ok(ferry_get(s, "http://a.test/p", NULL, .target = "/%zz/../x"));
    expect_arrived("GET /%zz/../x HTTP/1.1\r\nHost: a.test\r\n\r\n");
    expect_error(ferry_get(s, "http://a.test/", NULL, .target = "*"), FERRY_ERR_USAGE,
        "wrong use of the library: target * is for OPTIONS (byte 0)");
}

static void every_verb_is_sent_as_its_name(void **state)
{
    (void)state;
    expect_ok(ferry_get(s, "http://a.test/", NULL));
    expect_ok(ferry_options(s, "http://a.test/", NULL));
    expect_ok(ferry_post(s, "http://a.test/", NULL));
    expect_ok(ferry_put(s, "http://a.test/", NULL));
    expect_ok(ferry_patch(s, "http://a.test/", NULL));
    expect_ok(ferry_delete(s, "http://a.test/", NULL));
    expect_ok(ferry_request(s, "x-Purge", "http://a.test/", NULL));
#define SENT(method) method " / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n"
    expect_arrived("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n" SENT("OPTIONS") SENT("POST")
            SENT("PUT") SENT("PATCH") SENT("DELETE") SENT("x-Purge"));
}

static void head_has_no_body_in_either_direction(void **state)
{
    ferry_response *r = NULL;
    (void)state;
    answers[0].bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
    expect_ok(ferry_head(s, "http://a.test/", &r));
    assert_int_equal(r->body.len, 0);
    assert_string_equal(ferry_header(r, "content-length"), "2");
    expect_arrived("HEAD / HTTP/1.1\r\nHost: a.test\r\n\r\n");
    ferry_response_free(r);
    expect_ok(ferry_get(s, "http://a.test/", NULL));
    assert_int_equal(p.dialled, 1);
}

static void a_method_comes_from_one_place_and_is_a_token(void **state)
{
    ferry_response *r = NULL;
    (void)state;
    expect_error(ferry_get(s, "http://a.test/", NULL, .method = "PUT"), FERRY_ERR_USAGE,
        "wrong use of the library: the method is given twice");
    expect_error(ferry_request(s, "CONNECT", "http://a.test/", NULL), FERRY_ERR_USAGE,
        "wrong use of the library: CONNECT is for proxies");
    expect_error(ferry_request(s, NULL, "http://a.test/", NULL), FERRY_ERR_USAGE,
        "wrong use of the library: method is not a token (byte 0)");
    expect_ok(ferry_begin(s, "http://a.test/", &r, .method = "PUT"));
    ferry_response_free(r);
    assert_int_equal(p.dialled, 0);
}

static void a_bad_url_is_an_error_at_its_byte(void **state)
{
    (void)state;
    expect_error(ferry_get(s, NULL, NULL), FERRY_ERR_URL,
        "bad URL: no scheme such as http:// (byte 0)");
    assert_int_equal(ferry_get(s, "http://", NULL), FERRY_ERR_URL);
    assert_int_equal(ferry_get(s, "http://a b/", NULL), FERRY_ERR_URL);
    assert_int_equal(ferry_get(s, "ftp://a.test/", NULL), FERRY_ERR_UNSUPPORTED);
    assert_int_equal(p.dialled, 0);
}

/* --- bodies ---------------------------------------------------------------------- */

static void a_body_is_bytes_text_or_a_form(void **state)
{
    (void)state;
    expect_ok(ferry_post(s, "http://a.test/", NULL, .body = {"by\0tes", 2}));
    expect_arrived("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2\r\n\r\nby");
    expect_ok(ferry_post(s, "http://a.test/", NULL, .text = "caf\xc3\xa9"));
    expect_arrived("POST / HTTP/1.1\r\nHost: a.test\r\n"
                   "Content-Type: text/plain; charset=utf-8\r\n"
                   "Content-Length: 5\r\n\r\ncaf\xc3\xa9");
    expect_ok(ferry_put(s, "http://a.test/", NULL,
        .form = FERRY_PAIRS({"a", "1 2"}, {"drop", NULL}, {"a", "\xc3\xa9"})));
    expect_arrived("PUT / HTTP/1.1\r\nHost: a.test\r\n"
                   "Content-Type: application/x-www-form-urlencoded\r\n"
                   "Content-Length: 14\r\n\r\na=1+2&a=%C3%A9");
}

static void an_empty_body_is_a_body_all_the_same(void **state)
{
    (void)state;
    expect_ok(ferry_get(s, "http://a.test/", NULL, .body = {"", 0}));
    expect_arrived("GET / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n");
    expect_ok(ferry_post(s, "http://a.test/", NULL, .text = ""));
    expect_arrived("POST / HTTP/1.1\r\nHost: a.test\r\n"
                   "Content-Type: text/plain; charset=utf-8\r\n"
                   "Content-Length: 0\r\n\r\n");
    expect_ok(ferry_post(s, "http://a.test/", NULL, .form = FERRY_PAIRS({"a", NULL})));
    expect_arrived("POST / HTTP/1.1\r\nHost: a.test\r\n"
                   "Content-Type: application/x-www-form-urlencoded\r\n"
                   "Content-Length: 0\r\n\r\n");
    expect_ok(ferry_post(s, "http://a.test/", NULL, .form = FERRY_NO_PAIRS));
    expect_arrived("POST / HTTP/1.1\r\nHost: a.test\r\n"
                   "Content-Type: application/x-www-form-urlencoded\r\n"
                   "Content-Length: 0\r\n\r\n");
}

static void a_content_type_of_the_callers_stands(void **state)
{
    (void)state;
    expect_ok(ferry_post(s, "http://a.test/", NULL, .text = "{}",
        .headers = FERRY_PAIRS({"content-type", "application/json"})));
    expect_arrived("POST / HTTP/1.1\r\nHost: a.test\r\n"
                   "content-type: application/json\r\nContent-Length: 2\r\n\r\n{}");
}

static void head_and_small_body_leave_in_one_call_and_a_large_one_apart(void **state)
{
    static char large[8000];
    (void)state;
    memset(large, 'x', sizeof large);
    expect_ok(ferry_post(s, "http://a.test/", NULL, .text = "small"));
    assert_int_equal(writes, 1);
    expect_ok(ferry_post(s, "http://a.test/", NULL, .body = {large, sizeof large},
        .limits = {.buffer = 8000}));
    assert_int_equal(writes, 3);
    assert_memory_equal(p.sent + p.sent_len - sizeof large, large, sizeof large);
}

static void the_request_as_it_was_sent_can_be_read_without_its_body(void **state)
{
    ferry_response *r = NULL;
    (void)state;
    expect_ok(ferry_post(s, "http://a.test/x", &r, .text = "body"));
    assert_int_equal(r->request.len, strlen(p.sent) - 4);
    assert_memory_equal(r->request.ptr, p.sent, r->request.len);
    ferry_response_free(r);
}

/* --- who is dialled -------------------------------------------------------------- */

static void the_port_is_the_urls_or_the_schemes(void **state)
{
    static const struct {
        const char *url, *host;
        int port;
    } cases[] = {
        {"http://a.test/", "a.test", 80},
        {"http://A.Test:8080/", "a.test", 8080},
        {"https://a.test/", "a.test", 443},
        {"http://127.0.0.1/", "127.0.0.1", 80},
        {"http://[::1]:81/", "::1", 81},
        {"http://[fe80::1%25lo]:81/", "fe80::1%lo", 81},
    };
    (void)state;
    expect_ok(ferry_update(s, .transport = &d, .secure = FERRY_ON));
    for (size_t i = 0; i < COUNT(cases); i++) {
        expect_ok(ferry_get(s, cases[i].url, NULL));
        assert_string_equal(p.host, cases[i].host);
        assert_int_equal(p.port, cases[i].port);
        assert_int_equal(p.dialled, i + 1);
    }
}

/* In a build without TLS nobody is dialled; in any other the peer, which does not speak
 * it, gets the beginning of a handshake (RFC 8446 5.1). */
static void expect_protected(const char *url)
{
    enum { HANDSHAKE = 22 };
    peer_forget(&p);
    peer_forget(&mounted);
    assert_int_not_equal(ferry_get(s, url, NULL), FERRY_OK);
    assert_true(p.sent_len == 0 || p.sent[0] == HANDSHAKE);
    assert_true(mounted.sent_len == 0 || mounted.sent[0] == HANDSHAKE);
}

static void https_needs_tls_or_a_transport_that_is_secure(void **state)
{
    (void)state;
    expect_protected("https://a.test/");
    expect_error(ferry_mount(s, "https://", .secure = FERRY_ON), FERRY_ERR_USAGE,
        "wrong use of the library: .secure without .transport");
    expect_ok(ferry_mount(s, "https://", .transport = &mounted_d, .secure = FERRY_ON));
    expect_ok(ferry_get(s, "https://a.test/", NULL));
    assert_int_equal(mounted.dialled, 1);
}

/* What one transport says of itself does not hold for another. */
static void being_secure_is_of_one_transport(void **state)
{
    (void)state;
    expect_ok(ferry_update(s, .transport = &d, .secure = FERRY_ON));
    expect_ok(ferry_mount(s, "https://m.test", .transport = &mounted_d));
    expect_ok(ferry_get(s, "https://a.test/", NULL));
    expect_protected("https://m.test/");
    expect_ok(ferry_update(s, .transport = &d));
    expect_protected("https://a.test/");
}

static void a_mount_brings_its_own_dialler(void **state)
{
    (void)state;
    expect_ok(ferry_mount(s, "http://m.test/v1", .transport = &mounted_d));
    expect_ok(ferry_get(s, "http://m.test/", NULL));
    expect_ok(ferry_get(s, "http://m.test/v1/x", NULL));
    expect_ok(ferry_get(s, "http://m.test/v10", NULL));
    assert_int_equal(p.dialled, 1);
    assert_int_equal(mounted.dialled, 1);
    expect_ok(ferry_mount(s, "http://m.test/v1", .stream = FERRY_OFF));
    expect_ok(ferry_get(s, "http://m.test/v1/x", NULL));
    assert_int_equal(mounted.dialled, 1);
}

static void a_connection_made_by_another_dialler_is_not_used(void **state)
{
    (void)state;
    expect_ok(ferry_get(s, "http://a.test/", NULL));
    expect_ok(ferry_update(s, .transport = &mounted_d));
    expect_ok(ferry_get(s, "http://a.test/", NULL));
    assert_int_equal(mounted.dialled, 1);
    expect_ok(ferry_update(s, .transport = &d));
    expect_ok(ferry_get(s, "http://a.test/", NULL));
    assert_int_equal(p.dialled, 2);
}

/* --- what is forgotten, and what fails ------------------------------------------- */

static void nothing_given_to_one_request_survives_it(void **state)
{
    (void)state;
    answers[0].bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
    expect_ok(ferry_request(s, "HEAD", "http://a.test/x?y", NULL,
        .headers = FERRY_PAIRS({"A", "1"}, {"Connection", "Upgrade"}, {"Upgrade", "x"}),
        .params = FERRY_PAIRS({"p", "1"}), .target = "/t", .text = "body",
        .timeout = {.total_ms = 5}, .limits = {.body = FERRY_NONE}));
    peer_forget(&p);
    expect_ok(ferry_get(s, "http://a.test/", NULL));
    expect_arrived("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
}

static void what_is_passed_in_need_not_outlive_a_begun_call(void **state)
{
    char url[] = "http://a.test/p", name[] = "Name", value[] = "value",
         method[] = "PUT";
    ferry_pair pairs[] = {{name, value}, {NULL, NULL}};
    ferry_response *r = NULL;
    (void)state;
    expect_ok(ferry_begin(s, url, &r, .headers = pairs, .params = pairs, .form = pairs,
        .method = method));
    memset(url, 'z', strlen(url));
    memset(name, 'z', strlen(name));
    memset(value, 'z', strlen(value));
    memset(method, 'z', strlen(method));
    while (ferry_step(r, NULL) == FERRY_AGAIN)
        ;
    expect_arrived("PUT /p?Name=value HTTP/1.1\r\nHost: a.test\r\nName: value\r\n"
                   "Content-Type: application/x-www-form-urlencoded\r\n"
                   "Content-Length: 10\r\n\r\nName=value");
    ferry_response_free(r);
}

static ferry_err try_all(ferry_response **r)
{
    return ferry_post(s, "http://a.test/p", r, .headers = FERRY_PAIRS({"A", "1"}),
        .params = FERRY_PAIRS({"p", "1"}), .form = FERRY_PAIRS({"f", "1"}));
}

/* Each session is new, so that it has nothing to spare. */
static void without_memory_a_request_is_an_error_at_every_call(void **state)
{
    ferry_err e = FERRY_ERR_NOMEM;
    int k = 0;
    (void)state;
    while (e) {
        ferry_response *r = NULL;
        ferry_session_free(s);
        s = ferry_session_new(.platform = &m.memory.platform, .transport = &d);
        m.memory.fail_at = m.memory.calls + ++k;
        e = try_all(&r);
        m.memory.fail_at = 0;
        assert_true(e == FERRY_OK || e == FERRY_ERR_NOMEM);
        assert_true(e ? r == NULL : r != NULL);
        ferry_response_free(r);
        if (e)
            assert_non_null(strstr(ferry_explain(s), "out of memory"));
        expect_ok(try_all(NULL));
    }
    assert_true(k > 10);
}

static void what_is_far_too_long_is_over_a_limit(void **state)
{
    size_t n = 2000000;
    char *text = malloc(n + 1);
    (void)state;
    memset(text, 'x', n);
    text[n] = '\0';
    assert_int_equal(
        ferry_get(s, "http://a.test/", NULL, .params = FERRY_PAIRS({"a", text})),
        FERRY_ERR_LIMIT);
    assert_int_equal(
        ferry_get(s, "http://a.test/", NULL, .headers = FERRY_PAIRS({"a", text})),
        FERRY_ERR_LIMIT);
    memcpy(text, "http://a.test/", 14);
    assert_int_equal(ferry_get(s, text, NULL), FERRY_ERR_LIMIT);
    free(text);
    expect_ok(ferry_get(s, "http://a.test/", NULL));
}

static void too_many_headers_are_over_a_limit(void **state)
{
    static ferry_pair pairs[1100];
    (void)state;
    for (size_t i = 0; i < COUNT(pairs) - 1; i++)
        pairs[i] = (ferry_pair){"A", "1"};
    assert_int_equal(
        ferry_get(s, "http://a.test/", NULL, .headers = pairs), FERRY_ERR_LIMIT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_request_lays_its_headers_over_those_of_mount_and_session),
        TEST(a_request_changes_and_removes_headers_of_the_session_in_their_place),
        TEST(what_is_removed_is_absent),
        TEST(a_header_of_no_value_is_sent_as_one),
        TEST(a_bad_header_is_misuse_and_nothing_is_sent),
        TEST(parameters_stand_behind_the_urls_own_query),
        TEST(a_target_of_its_own_is_sent_as_it_is),
        TEST(every_verb_is_sent_as_its_name),
        TEST(head_has_no_body_in_either_direction),
        TEST(a_method_comes_from_one_place_and_is_a_token),
        TEST(a_bad_url_is_an_error_at_its_byte),
        TEST(a_body_is_bytes_text_or_a_form),
        TEST(an_empty_body_is_a_body_all_the_same),
        TEST(a_content_type_of_the_callers_stands),
        TEST(head_and_small_body_leave_in_one_call_and_a_large_one_apart),
        TEST(the_request_as_it_was_sent_can_be_read_without_its_body),
        TEST(the_port_is_the_urls_or_the_schemes),
        TEST(https_needs_tls_or_a_transport_that_is_secure),
        TEST(being_secure_is_of_one_transport),
        TEST(a_mount_brings_its_own_dialler),
        TEST(a_connection_made_by_another_dialler_is_not_used),
        TEST(nothing_given_to_one_request_survives_it),
        TEST(what_is_passed_in_need_not_outlive_a_begun_call),
        TEST(without_memory_a_request_is_an_error_at_every_call),
        TEST(what_is_far_too_long_is_over_a_limit),
        TEST(too_many_headers_are_over_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
