/* test_traces.c - what .on_event is told of a request that goes by proxies: each step once,
 * in its order, with the name of the proxy and no secret.
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
#define OPEN        "HTTP/1.1 200 Open\r\n\r\n"
#define ASKS                                                                           \
    "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"x\"\r\n"                    \
    "Content-Length: 0\r\n\r\n"

static machine m;
static peer p;
static ferry_dialer dialer;
static ferry_session *s;
static ferry_response *r;
static peer_answer answers[8];
static char seen[2000];

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++)
        answers[i] = (peer_answer){OK, PEER_STAYS};
    machine_init(&m);
    memset(&p, 0, sizeof p);
    p.answers = answers;
    p.n_answers = COUNT(answers);
    dialer = peer_dialer(&p);
    s = NULL;
    r = NULL;
    seen[0] = '\0';
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ferry_response_free(r);
    ferry_session_free(s);
    assert_int_equal(p.live, 0);
    return memory_is_clean(&m.memory) ? 0 : -1;
}

static void note(void *ctx, const ferry_event *e)
{
    static const char *const names[] = {"?", "start", "reused", "lookup", "connect",
        "tls", "sent", "head", "redirect", "retry", "done", "failed", "auth", "proxy",
        "proxy-tls", "tunnel", "tunneled"};
    size_t n = strlen(seen);
    (void)ctx;
    assert_in_range(e->kind, 1, COUNT(names) - 1);
    bool is_of_proxy = e->kind >= FERRY_EVENT_PROXY;
    n += (size_t)snprintf(seen + n, sizeof seen - n, "%s", names[e->kind]);
    if (e->status)
        n += (size_t)snprintf(seen + n, sizeof seen - n, " %d", e->status);
    if (is_of_proxy)
        n += (size_t)snprintf(seen + n, sizeof seen - n, " %s", e->url);
    else
        assert_string_equal(e->url, "http://far.test/");
    snprintf(seen + n, sizeof seen - n, ", ");
}

/* A session whose peer is asked in pieces, or not. */
static void begin(bool is_coy)
{
    p.is_coy = is_coy;
    p.piece = is_coy ? 3 : 0;
    m.step_ms = is_coy ? 1 : 0;
    s = ferry_session_new(.platform = &m.memory.platform, .transport = &dialer,
        .trust_env = FERRY_OFF, .headers = FERRY_NO_PAIRS, .on_event = {note, NULL});
    assert_non_null(s);
}

static void answers_with(size_t i, const char *bytes)
{
    answers[i] = (peer_answer){bytes, PEER_STAYS};
}

/* Once all at once, once with waiting everywhere: what is told must be the same. */
static void expect_trace(const ferry_opts *o, ferry_err expected, const char *trace)
{
    for (int way = 0; way < 2; way++) {
        p.next = 0;
        seen[0] = '\0';
        begin(way == 1);
        ferry_opts of_call = *o;
        of_call.size = sizeof of_call;
        assert_int_equal(
            ferry_send(s, "GET", "http://far.test/", NULL, &of_call), expected);
        assert_string_equal(seen, trace);
        ferry_session_free(s);
        s = NULL;
    }
}

#define EXPECT_TRACE(expected, trace, ...)                                             \
    expect_trace(FERRY_OPTS(__VA_ARGS__), expected, trace)

static void a_request_without_a_proxy_tells_of_none(void **state)
{
    (void)state;
    EXPECT_TRACE(FERRY_OK, "start, connect, sent, head 200, done, ", .method = NULL);
}

static void a_proxy_that_is_asked_for_the_URL_is_told_of(void **state)
{
    (void)state;
    EXPECT_TRACE(FERRY_OK,
        "start, proxy http://p.test:3128, connect, sent, head 200, done, ",
        .proxies = FERRY_PAIRS({"http", "http://ada:secret@p.test:3128"}));
    /* ... by each request, though the connection is there. */
    begin(false);
    p.next = 0;
    for (int i = 0; i < 2; i++) {
        seen[0] = '\0';
        assert_int_equal(ferry_get(s, "http://far.test/", &r,
                             .proxies = FERRY_PAIRS({"http", "p.test"})),
            FERRY_OK);
    }
    assert_string_equal(
        seen, "start, proxy http://p.test, reused, sent, head 200, done, ");
}

static void a_tunnel_is_asked_for_and_answered(void **state)
{
    (void)state;
    answers_with(0, OPEN);
    EXPECT_TRACE(FERRY_OK,
        "start, proxy http://p.test, connect, tunnel http://p.test, "
        "tunneled 200 http://p.test, sent, head 200, done, ",
        .proxies = FERRY_PAIRS({"http", "http://ada:secret@p.test"}),
        .proxy_tunnel = FERRY_ON);
}

static void a_challenge_to_CONNECT_begins_anew(void **state)
{
    (void)state;
    answers_with(0, ASKS);
    answers_with(1, OPEN);
    EXPECT_TRACE(FERRY_OK,
        "start, proxy http://p.test, connect, tunnel http://p.test, "
        "tunneled 407 http://p.test, auth 407, "
        "start, proxy http://p.test, connect, tunnel http://p.test, "
        "tunneled 200 http://p.test, sent, head 200, done, ",
        .proxies = FERRY_PAIRS({"http", "http://ada:secret@p.test"}),
        .proxy_tunnel = FERRY_ON, .proxy_auth = FERRY_PROXY_ANY);
    answers_with(1, ASKS);
    EXPECT_TRACE(FERRY_ERR_PROXY,
        "start, proxy http://p.test, connect, tunnel http://p.test, "
        "tunneled 407 http://p.test, failed 407, ",
        .proxies = FERRY_PAIRS({"http", "http://p.test"}), .proxy_tunnel = FERRY_ON);
}

static void a_challenge_to_a_request_is_answered_on_the_same_connection(void **state)
{
    (void)state;
    answers_with(0, ASKS);
    EXPECT_TRACE(FERRY_OK,
        "start, proxy http://p.test, connect, sent, head 407, auth 407, "
        "start, proxy http://p.test, reused, sent, head 200, done, ",
        .proxies = FERRY_PAIRS({"http", "http://ada:secret@p.test"}),
        .proxy_auth = FERRY_PROXY_ANY);
}

static void SOCKS_leads_on_without_a_status(void **state)
{
    (void)state;
    EXPECT_TRACE(FERRY_OK,
        "start, proxy socks5h://p.test, connect, tunnel socks5h://p.test, "
        "tunneled socks5h://p.test, sent, head 200, done, ",
        .proxies = FERRY_PAIRS({"all", "socks5h://ada:secret@p.test:1080"}));
    EXPECT_TRACE(FERRY_OK,
        "start, proxy socks4a://p.test, connect, tunnel socks4a://p.test, "
        "tunneled socks4a://p.test, sent, head 200, done, ",
        .proxies = FERRY_PAIRS({"all", "socks4a://p.test:1080"}));
}

static void the_nearest_proxy_comes_first(void **state)
{
    (void)state;
    answers_with(0, OPEN);
    EXPECT_TRACE(FERRY_OK,
        "start, proxy socks5h://s.test, proxy http://p.test, connect, "
        "tunnel socks5h://s.test, tunneled socks5h://s.test, "
        "tunnel http://p.test, tunneled 200 http://p.test, sent, head 200, done, ",
        .preproxy = "socks5h://u:secret@s.test",
        .proxies = FERRY_PAIRS({"http", "http://ada:secret@p.test"}),
        .proxy_tunnel = FERRY_ON);
}

static void what_fails_on_the_way_tells_how_far_it_came(void **state)
{
    (void)state;
    p.dial_fails = true;
    EXPECT_TRACE(FERRY_ERR_CONNECT, "start, proxy http://p.test, failed, ",
        .proxies = FERRY_PAIRS({"http", "p.test"}));
    p.dial_fails = false;
    answers[0] = (peer_answer){"", PEER_CLOSES};
    EXPECT_TRACE(FERRY_ERR_PROXY,
        "start, proxy http://p.test, connect, tunnel http://p.test, failed, ",
        .proxies = FERRY_PAIRS({"http", "p.test"}), .proxy_tunnel = FERRY_ON);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_request_without_a_proxy_tells_of_none),
        TEST(a_proxy_that_is_asked_for_the_URL_is_told_of),
        TEST(a_tunnel_is_asked_for_and_answered),
        TEST(a_challenge_to_CONNECT_begins_anew),
        TEST(a_challenge_to_a_request_is_answered_on_the_same_connection),
        TEST(SOCKS_leads_on_without_a_status),
        TEST(the_nearest_proxy_comes_first),
        TEST(what_fails_on_the_way_tells_how_far_it_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
