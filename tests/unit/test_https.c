/* test_https.c - https there and back, over a server in memory: what is said, how it
 * ends, and what it costs. SPDX-License-Identifier: MIT */
#include "lib/https_set_mbedtls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define URL         "https://a.test/"

static https_set h;

static int set_up(void **state)
{
    (void)state;
    https_begin(&h);
    return h.s ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return https_end(&h);
}

static void expect_ok(ferry_err e)
{
    if (e)
        fail_msg("%s: %s", ferry_err_name(e), ferry_explain(h.s));
}

static void expect_error(ferry_err e, const char *line)
{
    if (!e || strcmp(ferry_explain(h.s), line) != 0)
        fail_msg(
            "%s: %s\n    instead of %s", ferry_err_name(e), ferry_explain(h.s), line);
}

/* --- there and back -------------------------------------------------------------- */

static void a_verified_peer_gets_the_request_and_answers(void **state)
{
    ferry_response *r = NULL;
    (void)state;
    expect_ok(ferry_get(h.s, "https://a.test/path?q", &r));
    assert_int_equal(r->status, 200);
    assert_string_equal(r->body.ptr, "ok");
    assert_string_equal(r->url, "https://a.test/path?q");
    assert_non_null(strstr(h.peer.request, "GET /path?q HTTP/1.1\r\nHost: a.test\r\n"));
    ferry_response_free(r);
}

static void a_stepped_request_takes_the_same_way(void **state)
{
    ferry_response *r = NULL;
    (void)state;
    h.peer.is_coy = true;
    expect_ok(ferry_begin(h.s, URL, &r));
    expect_ok(https_run(r));
    assert_string_equal(r->body.ptr, "ok");
    ferry_response_free(r);
}

static void a_connection_is_kept_and_used_again(void **state)
{
    ferry_response *r = NULL;
    (void)state;
    for (int i = 0; i < 5; i++) {
        expect_ok(ferry_get(h.s, URL, &r));
        assert_int_equal(r->reused, i > 0);
    }
    ferry_response_free(r);
    assert_int_equal(h.peer.dialled, 1);
    assert_int_equal(h.peer.handshakes, 1);
    assert_int_equal(h.peer.requests, 5);
}

static void a_warm_request_is_one_write_and_one_read_and_takes_no_memory(void **state)
{
    static char answer[4000];
    ferry_response *r = NULL;
    (void)state;
    snprintf(answer, sizeof answer,
        "HTTP/1.1 200 OK\r\nContent-Length: 3500\r\n\r\n%3500s", "x");
    h.peer.answer = answer;
    for (int i = 0; i < 3; i++)
        expect_ok(ferry_get(h.s, URL, &r));
    int calls = h.m.memory.calls, reads = h.peer.reads, writes = h.peer.writes;
    expect_ok(ferry_get(h.s, URL, &r));
    assert_int_equal(h.m.memory.calls, calls);
    assert_int_equal(h.peer.reads, reads + 1);
    assert_int_equal(h.peer.writes, writes + 1);
    ferry_response_free(r);
}

/* RFC 6066 3: no address, no port, no dot at the end. */
static void the_name_that_is_told_is_a_name(void **state)
{
    static const char *const cases[][2] = {{"https://a.test/", "a.test"},
        {"https://A.TEST:8443/", "a.test"}, {"https://a.test./", "a.test"},
        {"https://x.b.test/", "x.b.test"}, {"https://127.0.0.1/", ""},
        {"https://[::1]/", ""}, {"https://[::1%25lo]/", ""}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        expect_ok(ferry_get(h.s, cases[i][0], NULL));
        assert_string_equal(h.peer.sni, cases[i][1]);
    }
}

static void http_1_1_is_asked_for(void **state)
{
    (void)state;
    expect_ok(ferry_get(h.s, URL, NULL));
    assert_string_equal(h.peer.alpn, "http/1.1");
}

static void a_large_body_comes_whole_and_a_resting_connection_is_small(void **state)
{
    enum { LARGE = 600000 };
    char *answer = malloc(LARGE + 100);
    ferry_response *r = NULL;
    (void)state;
    int head = sprintf(
        answer, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", (int)LARGE);
    for (int i = 0; i < LARGE; i++)
        answer[head + i] = (char)(i * 7 ^ i >> 9);
    h.peer.answer = answer;
    h.peer.answer_len = (size_t)head + LARGE;
    for (int i = 0; i < 2; i++) {
        expect_ok(ferry_get(h.s, URL, &r));
        assert_int_equal(r->body.len, LARGE);
        assert_memory_equal(r->body.ptr, answer + head, LARGE);
    }
    assert_int_equal(h.peer.dialled, 1);
    ferry_response_free(r);
    free(answer);
}

/* The rest lies in records that have come, and in what was read ahead of them. */
static void a_stream_given_up_leaves_an_empty_connection(void **state)
{
    static const int lengths[] = {50000, 600000};
    ferry_response *r = NULL;
    ferry_str chunk;
    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        char *answer = calloc(1, (size_t)lengths[i] + 100);
        int head = sprintf(
            answer, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", lengths[i]);
        h.peer.answer = answer;
        h.peer.answer_len = (size_t)(head + lengths[i]);
        for (int turn = 0; turn < 3; turn++) {
            expect_ok(ferry_get(h.s, URL, &r, .stream = FERRY_ON));
            expect_ok(ferry_next(r, &chunk));
            assert_true(chunk.len > 0 && chunk.len < 50000);
            ferry_response_free(r);
            r = NULL;
        }
        /* A long one is closed each time; the first came on what the short ones left. */
        assert_int_equal(h.peer.dialled, i ? 3 : 1);
        free(answer);
    }
}

static void a_large_upload_goes_out_whole(void **state)
{
    enum { LARGE = 100000 };
    char *body = malloc(LARGE);
    (void)state;
    memset(body, 'x', LARGE);
    h.peer.is_coy = true;
    expect_ok(ferry_post(h.s, URL, NULL, .body = {body, LARGE}));
    free(body);
}

/* However the bytes come, and in records of any size. */
static void pieces_and_records_of_one_byte_give_the_same(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) {
        https_end(&h);
        https_begin(&h);
        h.peer.piece = i & 1;
        h.peer.record = i >> 1 & 1;
        expect_ok(https_get(&h, URL, i & 4));
        expect_ok(https_get(&h, URL, i & 4));
        assert_int_equal(h.peer.requests, 2);
    }
}

static void tls_goes_over_whatever_the_transport_is_and_not_twice(void **state)
{
    (void)state;
    expect_ok(ferry_get(h.s, URL, NULL));
    assert_int_equal(h.peer.handshakes, 1);
    h.peer.says_plain = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    ferry_dialer d = tls_peer_dialer(&h.peer);
    expect_ok(ferry_update(h.s, .transport = &d, .secure = FERRY_ON));
    expect_ok(ferry_get(h.s, URL, NULL));
    assert_int_equal(h.peer.handshakes, 1);
}

/* A plain connection is never taken for a protected one. */
static void http_and_https_never_share_a_connection(void **state)
{
    (void)state;
    h.peer.says_plain = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    expect_ok(ferry_get(h.s, "http://a.test:443/", NULL));
    h.peer.says_plain = NULL;
    expect_ok(ferry_get(h.s, "https://a.test:443/", NULL));
    assert_int_equal(h.peer.dialled, 2);
    assert_int_equal(h.peer.handshakes, 1);
}

static void a_connection_that_is_handed_over_stays_protected(void **state)
{
    ferry_response *r = NULL;
    ferry_transport *t = NULL;
    char got[10] = "";
    (void)state;
    h.peer.answer = "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n";
    expect_ok(ferry_get(h.s, URL, &r,
        .headers = FERRY_PAIRS({"Upgrade", "x"}, {"Connection", "upgrade"})));
    expect_ok(ferry_take(r, &t));
    ferry_response_free(r);
    ferry_session_free(h.s);
    h.s = NULL;
    h.peer.answer = "hello";
    assert_int_equal(t->calls->write(t, "\r\n\r\n", 4, 0), 4);
    assert_int_equal(t->calls->read(t, got, sizeof got, 0), 5);
    assert_string_equal(got, "hello");
    t->calls->close(t);
    assert_int_equal(h.peer.closes, 1);
}

/* --- the end --------------------------------------------------------------------- */

#define UNTIL_CLOSE "HTTP/1.1 200 OK\r\n\r\nall of it"
#define WITH_LENGTH "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nall of it"
#define CHUNKED                                                                        \
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nall of it\r\n0\r\n\r\n"
#define CUT_SHORT "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nall of it"

/* RFC 9112 9.8 */
static void an_end_without_close_notify_is_truncation_if_it_matters(void **state)
{
    static const struct {
        const char *answer;
        tls_end end;
        ferry_err e;
    } cases[] = {
        {UNTIL_CLOSE, TLS_SAYS_CLOSE, FERRY_OK},
        {UNTIL_CLOSE, TLS_JUST_ENDS, FERRY_ERR_TRUNCATED},
        {UNTIL_CLOSE, TLS_RESETS, FERRY_ERR_TRUNCATED},
        {WITH_LENGTH, TLS_SAYS_CLOSE, FERRY_OK},
        {WITH_LENGTH, TLS_JUST_ENDS, FERRY_OK},
        {WITH_LENGTH, TLS_RESETS, FERRY_OK},
        {CHUNKED, TLS_SAYS_CLOSE, FERRY_OK},
        {CHUNKED, TLS_JUST_ENDS, FERRY_OK},
        {CUT_SHORT, TLS_SAYS_CLOSE, FERRY_ERR_TRUNCATED},
        {CUT_SHORT, TLS_JUST_ENDS, FERRY_ERR_TRUNCATED},
        {"HTTP/1.1 200 OK\r\nX:", TLS_JUST_ENDS, FERRY_ERR_TRUNCATED},
        {"", TLS_JUST_ENDS, FERRY_ERR_CLOSED},
        {"", TLS_SAYS_CLOSE, FERRY_ERR_CLOSED},
    };
    (void)state;
    for (size_t i = 0; i < 2 * COUNT(cases); i++) {
        https_end(&h);
        https_begin(&h);
        h.peer.answer = cases[i / 2].answer;
        h.peer.end = cases[i / 2].end;
        ferry_err e = https_get(&h, URL, i % 2);
        if (e != cases[i / 2].e)
            fail_msg("row %d: %s", (int)(i / 2), ferry_explain(h.s));
    }
}

static void a_truncated_body_says_what_was_missing(void **state)
{
    (void)state;
    h.peer.answer = UNTIL_CLOSE;
    h.peer.end = TLS_JUST_ENDS;
    expect_error(ferry_get(h.s, URL, NULL),
        "a.test: the connection ended inside the response: the connection ended "
        "without the end of TLS");
}

static void a_kept_connection_that_died_is_replaced(void **state)
{
    (void)state;
    for (int end = TLS_SAYS_CLOSE; end <= TLS_RESETS; end++) {
        https_end(&h);
        https_begin(&h);
        h.peer.end = (tls_end)end;
        for (int i = 0; i < 3; i++)
            expect_ok(ferry_get(h.s, URL, NULL));
        assert_int_equal(h.peer.requests, 3);
    }
}

static void who_closes_says_so(void **state)
{
    (void)state;
    expect_ok(ferry_get(h.s, URL, NULL));
    ferry_close_idle(h.s);
    assert_int_equal(h.peer.closes, 1);
}

/* --- what goes wrong ------------------------------------------------------------- */

static void plain_http_on_the_port_is_recognised(void **state)
{
    (void)state;
    h.peer.says_plain = "HTTP/1.1 400 Bad Request\r\n\r\n";
    expect_error(ferry_get(h.s, URL, NULL),
        "a.test: TLS failed: the peer speaks HTTP without TLS on this port");
}

static void what_is_not_tls_is_an_error(void **state)
{
    (void)state;
    h.peer.says_plain = "SSH-2.0-OpenSSH_9.2\r\n";
    expect_error(ferry_get(h.s, URL, NULL),
        "a.test: TLS failed: what the peer sends is not TLS");
    h.peer.says_plain = "";
    h.peer.cut = TLS_JUST_ENDS;
    expect_error(ferry_get(h.s, URL, NULL),
        "a.test: TLS failed: the peer hung up during the handshake");
}

/* RFC 8996 */
static void tls_1_1_is_refused(void **state)
{
    /* A server's hello of TLS 1.1, with a suite of that time (RFC 4346, RFC 4492). */
    static const char hello[] = "\x16\x03\x02\x00\x2a\x02\x00\x00\x26\x03\x02"
                                "0123456789abcdef0123456789abcdef\x00\xc0\x09\x00";
    (void)state;
    h.peer.flood = hello;
    h.peer.flood_len = sizeof hello - 1;
    expect_error(ferry_get(h.s, URL, NULL),
        "a.test: TLS failed: the peer speaks another version of TLS");
}

/* Versions without a suite on the list are not offered, so that none is agreed on in
 * vain. */
static void tls_1_3_is_asked_for_where_there_is_one(void **state)
{
    const ferry_opts new_only[] = {{.tls_min = FERRY_TLS_1_3},
        {.tls_ciphers = "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"}};
    const ferry_opts both[] = {{.tls_max = FERRY_TLS_1_2}, {.tls_max = FERRY_TLS_1_3},
        {.tls_ciphers = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"}};
    bool has_it = mbedtls_ssl_get_ciphersuite_id("TLS1-3-AES-128-GCM-SHA256") != 0;
    (void)state;
    for (size_t i = 0; i < COUNT(both); i++) {
        ferry_opts o = both[i];
        o.size = sizeof o;
        expect_ok(ferry_send(h.s, "GET", URL, NULL, &o));
    }
    for (size_t i = 0; i < COUNT(new_only); i++) {
        ferry_opts o = new_only[i];
        o.size = sizeof o;
        ferry_err e = ferry_send(h.s, "GET", URL, NULL, &o);
        if (has_it)
            expect_ok(e);
        else
            assert_int_equal(e, FERRY_ERR_USAGE);
    }
    ferry_err e = ferry_get(h.s, URL, NULL, .tls_max = FERRY_TLS_1_2,
        .tls_ciphers = "TLS_AES_128_GCM_SHA256");
    assert_int_equal(e, FERRY_ERR_USAGE);
}

static void nothing_to_agree_on_is_an_error(void **state)
{
    (void)state;
    h.peer.ciphers[0] = mbedtls_ssl_get_ciphersuite_id(
        "TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256");
    expect_ok(ferry_get(h.s, URL, NULL,
        .tls_ciphers = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256:"
                       "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"));
    expect_error(ferry_get(h.s, URL, NULL,
                     .tls_ciphers = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
        "a.test: TLS failed: the peer found nothing to agree on (alert 40, "
        "handshake_failure)");
}

static void a_damaged_record_ends_the_connection(void **state)
{
    (void)state;
    expect_ok(ferry_get(h.s, URL, NULL));
    h.peer.damages = h.peer.sent + 20;
    expect_error(ferry_get(h.s, URL, NULL),
        "a.test: TLS failed: a record was damaged on the way");
    assert_int_equal(h.peer.live, 0);
}

static void count_retries(void *ctx, const ferry_event *e)
{
    *(int *)ctx += e->kind == FERRY_EVENT_RETRY;
}

/* requests.md 1.11, corrected: behind the handshake the peer may have acted. */
static void what_failed_in_tls_is_tried_again_as_far_as_it_is_safe(void **state)
{
    int retries = 0;
    (void)state;
    h.peer.says_plain = "SSH-2.0-OpenSSH_9.2\r\n";
    assert_int_equal(ferry_post(h.s, URL, NULL, .text = "x", .retry = {.other = 2},
                         .on_event = {count_retries, &retries}),
        FERRY_ERR_TLS);
    assert_int_equal(retries, 2);
    h.peer.says_plain = NULL;
    expect_ok(ferry_get(h.s, URL, NULL));
    h.peer.damages = h.peer.sent + 20;
    assert_int_equal(ferry_post(h.s, URL, NULL, .text = "x", .retry = {.total = 2},
                         .on_event = {count_retries, &retries}),
        FERRY_ERR_TLS);
    assert_int_equal(retries, 2);
    expect_ok(ferry_get(h.s, URL, NULL));
    h.peer.damages = h.peer.sent + 20;
    expect_ok(ferry_get(
        h.s, URL, NULL, .retry = {.total = 2}, .on_event = {count_retries, &retries}));
    assert_int_equal(retries, 3);
}

static void without_memory_https_is_an_error_at_every_call(void **state)
{
    (void)state;
    for (int at = 1;; at++) {
        https_end(&h);
        https_begin(&h);
        h.m.memory.fail_at = h.m.memory.calls + at;
        ferry_err e = ferry_get(h.s, URL, NULL);
        if (h.m.memory.calls < h.m.memory.fail_at)
            break;
        if (e && e != FERRY_ERR_NOMEM)
            fail_msg("call %d: %s", at, ferry_explain(h.s));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_verified_peer_gets_the_request_and_answers),
        TEST(a_stepped_request_takes_the_same_way),
        TEST(a_connection_is_kept_and_used_again),
        TEST(a_warm_request_is_one_write_and_one_read_and_takes_no_memory),
        TEST(the_name_that_is_told_is_a_name),
        TEST(http_1_1_is_asked_for),
        TEST(a_large_body_comes_whole_and_a_resting_connection_is_small),
        TEST(a_stream_given_up_leaves_an_empty_connection),
        TEST(a_large_upload_goes_out_whole),
        TEST(pieces_and_records_of_one_byte_give_the_same),
        TEST(tls_goes_over_whatever_the_transport_is_and_not_twice),
        TEST(http_and_https_never_share_a_connection),
        TEST(a_connection_that_is_handed_over_stays_protected),
        TEST(an_end_without_close_notify_is_truncation_if_it_matters),
        TEST(a_truncated_body_says_what_was_missing),
        TEST(a_kept_connection_that_died_is_replaced),
        TEST(who_closes_says_so),
        TEST(plain_http_on_the_port_is_recognised),
        TEST(what_is_not_tls_is_an_error),
        TEST(tls_1_1_is_refused),
        TEST(tls_1_3_is_asked_for_where_there_is_one),
        TEST(nothing_to_agree_on_is_an_error),
        TEST(a_damaged_record_ends_the_connection),
        TEST(what_failed_in_tls_is_tried_again_as_far_as_it_is_safe),
        TEST(without_memory_https_is_an_error_at_every_call),
    };
    return cmocka_run_group_tests_name(
        "https", tests, https_make_certs, https_free_certs);
}
