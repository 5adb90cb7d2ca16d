/* test_gate.c - who asks a proxy: challenges of proxies, and how they are answered.
 * SPDX-License-Identifier: MIT */
#include "ferry.h"
#include "lib/machine.h"
#include "lib/peer.h"
#include "net/hash.h"
#include "policy/spaces.h"

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
#define ASKS(more)                                                                     \
    "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"x\"\r\n"                    \
    "Proxy-Authenticate: Digest realm=\"x\", nonce=\"n1\", qop=\"auth\"" more          \
    "\r\nContent-Length: 0\r\n\r\n"
#define PROXY FERRY_PAIRS({"all", "http://ada:secret@p.test"})

static machine m;
static peer p;
static ferry_dialer dialer;
static ferry_session *s;
static ferry_response *r;
static peer_answer answers[60];

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
    r = NULL;
    s = ferry_session_new(.platform = &m.memory.platform, .transport = &dialer,
        .trust_env = FERRY_OFF, .headers = FERRY_NO_PAIRS, .proxies = PROXY,
        .proxy_auth = FERRY_PROXY_ANY);
    return s ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ferry_response_free(r);
    ferry_session_free(s);
    assert_int_equal(p.live, 0);
    return memory_is_clean(&m.memory) ? 0 : -1;
}

static void expect_ok(ferry_err e)
{
    if (e)
        fail_msg("%s", ferry_explain(s));
}

static void answers_with(size_t i, const char *bytes)
{
    answers[i] = (peer_answer){bytes, PEER_STAYS};
}

/* How often this was sent. */
static int sent(const char *text)
{
    int n = 0;
    for (const char *at = p.sent; (at = strstr(at, text)); at++)
        n++;
    return n;
}

static bool can_hash(void)
{
    if (fy_hash_all().n == 0)
        skip();
    return fy_hash_all().n > 0;
}

static void Digest_is_answered_where_a_proxy_asks_for_it(void **state)
{
    (void)state;
    if (!can_hash())
        return;
    answers_with(0, ASKS(""));
    expect_ok(ferry_get(s, "http://far.test/a?b", &r));
    assert_int_equal(r->status, 200);
    assert_int_equal((int)r->n_history, 1);
    assert_int_equal(r->history[0].status, 407);
    assert_int_equal(sent("Proxy-Authorization: Digest username=\"ada\""), 1);
    assert_int_equal(sent("uri=\"http://far.test/a?b\""), 1);
    assert_int_equal(sent("nc=00000001"), 1);
    assert_int_equal(sent("Basic"), 0);
    assert_int_equal(sent("secret"), 0);
    assert_int_equal(p.dialled, 1);
    /* The nonce is known now. */
    expect_ok(ferry_get(s, "http://near.test/", &r));
    assert_int_equal((int)r->n_history, 0);
    assert_int_equal(sent("nc=00000002"), 1);
}

static void note_challenge(void *ctx, const ferry_event *e)
{
    int *seen = ctx;
    assert_int_equal(e->kind == FERRY_EVENT_AUTH ? e->status : 407, 407);
    *seen += e->kind == FERRY_EVENT_AUTH;
}

/* Asked for the URL, or for a tunnel: it is told of, and has its place in the history. */
static void a_challenge_of_a_proxy_is_an_event_and_a_hop(void **state)
{
    (void)state;
    if (!can_hash())
        return;
    for (int way = 0; way < 2; way++) {
        int seen = 0;
        answers_with(p.next, ASKS("\r\nX-Way: by"));
        if (way)
            answers_with(p.next + 1, "HTTP/1.1 200 OK\r\n\r\n");
        expect_ok(
            ferry_get(s, "http://far.test/", &r, .on_event = {note_challenge, &seen},
                .proxies = way ? FERRY_PAIRS({"all", "http://u:p@q.test"}) : PROXY,
                .proxy_tunnel = way ? FERRY_ON : FERRY_OFF));
        assert_int_equal(r->status, 200);
        assert_int_equal(seen, 1);
        assert_int_equal((int)r->n_history, 1);
        const ferry_hop *hop = &r->history[0];
        assert_int_equal(hop->why, FERRY_HOP_AUTH);
        assert_int_equal(hop->status, 407);
        assert_int_equal((int)hop->headers.n, 4);
        assert_string_equal(hop->headers.at[2].name.ptr, "X-Way");
        assert_string_equal(hop->url, "http://far.test/");
    }
}

static void Digest_opens_a_tunnel_which_is_kept(void **state)
{
    (void)state;
    if (!can_hash())
        return;
    answers_with(0, ASKS(""));
    answers_with(1, "HTTP/1.1 200 OK\r\n\r\n");
    expect_ok(ferry_update(s, .proxy_tunnel = FERRY_ON));
    expect_ok(ferry_get(s, "http://far.test:8080/", &r));
    assert_string_equal(r->body.ptr, "ok");
    assert_int_equal((int)r->n_history, 1);
    assert_int_equal(sent("uri=\"far.test:8080\""), 1);
    assert_int_equal(sent("Proxy-Authorization: "), 1);
    expect_ok(ferry_get(s, "http://far.test:8080/", &r));
    assert_true(r->reused);
    assert_int_equal(sent("Proxy-Authorization: "), 1);
    assert_int_equal(sent("CONNECT "), 2);
}

static void a_refused_answer_is_not_given_again(void **state)
{
    (void)state;
    if (!can_hash())
        return;
    for (size_t i = 0; i < COUNT(answers); i++)
        answers_with(i, ASKS(""));
    expect_ok(ferry_get(s, "http://far.test/", &r));
    assert_int_equal(r->status, 407);
    assert_int_equal(sent("GET "), 2);
    assert_int_equal(ferry_get(s, "http://far.test/", &r, .proxy_tunnel = FERRY_ON),
        FERRY_ERR_PROXY);
    assert_int_equal(r->status, 407);
    assert_int_equal(sent("secret"), 0);
}

static void a_stale_nonce_is_answered_once_more(void **state)
{
    (void)state;
    if (!can_hash())
        return;
    answers_with(0, ASKS(""));
    answers_with(1, ASKS(", stale=true"));
    expect_ok(ferry_get(s, "http://far.test/", &r));
    assert_int_equal(r->status, 200);
    assert_int_equal((int)r->n_history, 2);
}

static void a_nonce_that_is_named_again_goes_on_being_counted(void **state)
{
    (void)state;
    if (!can_hash())
        return;
    answers_with(0, ASKS(""));
    expect_ok(ferry_get(s, "http://far.test/", &r));
    answers_with(p.next, ASKS(""));
    expect_ok(ferry_get(s, "http://far.test/", &r));
    assert_int_equal(r->status, 200);
    assert_int_equal(sent("nc=00000001"), 1);
    assert_int_equal(sent("nc=00000002"), 1);
    assert_int_equal(sent("nc=00000003"), 1);
}

/* curl's CVE-2026-7168: the answer for one proxy was sent to another. */
static void what_one_proxy_asked_for_is_not_told_another(void **state)
{
    (void)state;
    if (!can_hash())
        return;
    answers_with(0, ASKS(""));
    expect_ok(ferry_get(s, "http://far.test/", &r));
    int before = sent("Digest");
    expect_ok(ferry_get(s, "http://far.test/", &r,
        .proxies = FERRY_PAIRS({"all", "http://ada:secret@q.test"})));
    expect_ok(ferry_get(s, "http://far.test/", &r,
        .proxies = FERRY_PAIRS({"all", "http://bob:secret@p.test"})));
    expect_ok(ferry_get(
        s, "http://far.test/", &r, .proxies = FERRY_PAIRS({"all", "http://p.test"})));
    assert_int_equal(sent("Digest"), before);
}

static const char basic[] = "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic "
                            "realm=\"x\"\r\nContent-Length: 0\r\n\r\n";

/* Proxy and user, written one behind the other, may read as another proxy and another
 * user; and the zone of an address stands in neither. */
static void proxies_whose_names_run_into_those_of_users_are_told_apart(void **state)
{
    static const struct {
        const char *asks, *other;
    } rows[] = {
        {"http://1ada:secret@p.test:8", "http://ada:secret@p.test:81"},
        {"http://ingada:secret@p.test", "http://ada:secret@p.testing"},
        {"http://ada:secret@[fe80::1%25a]", "http://ada:secret@[fe80::1%25b]"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        answers_with(p.next, basic);
        expect_ok(ferry_get(
            s, "http://far.test/", &r, .proxies = FERRY_PAIRS({"all", rows[i].asks})));
        assert_int_equal((int)r->n_history, 1);
        int before = sent("Proxy-Authorization: ");
        expect_ok(ferry_get(
            s, "http://far.test/", &r, .proxies = FERRY_PAIRS({"all", rows[i].other})));
        assert_int_equal(sent("Proxy-Authorization: "), before);
    }
}

static void Basic_that_was_refused_is_not_said_again(void **state)
{
    (void)state;
    answers_with(0, basic);
    expect_ok(ferry_get(s, "http://far.test/", &r));
    assert_int_equal(sent("Proxy-Authorization: Basic"), 1);
    answers_with(p.next, basic); /* it has changed its mind */
    expect_ok(ferry_get(s, "http://far.test/", &r));
    assert_int_equal(r->status, 407);
    assert_int_equal((int)r->n_history, 0);
    assert_int_equal(sent("Proxy-Authorization: Basic"), 2);
}

static void Basic_is_an_answer_only_where_any_will_do(void **state)
{
    (void)state;
    answers_with(0, basic);
    expect_ok(ferry_get(s, "http://far.test/", &r, .proxy_auth = FERRY_PROXY_DIGEST));
    assert_int_equal(r->status, 407);
    assert_int_equal(sent("Proxy-Authorization"), 0);
    answers_with(1, basic);
    expect_ok(ferry_get(s, "http://far.test/", &r));
    assert_int_equal(r->status, 200);
    assert_int_equal(sent("Proxy-Authorization: Basic YWRhOnNlY3JldA=="), 1);
    expect_ok(ferry_get(s, "http://far.test/", &r));
    assert_int_equal((int)r->n_history, 0);
    assert_int_equal(
        ferry_get(s, "http://far.test/", &r, .proxy_auth = 9), FERRY_ERR_USAGE);
}

static void more_proxies_than_are_remembered_are_asked_anew(void **state)
{
    char url[40];
    (void)state;
    if (!can_hash())
        return;
    for (int i = 0; i <= FY_SPACES_MAX; i++) {
        answers_with(p.next, ASKS(""));
        snprintf(url, sizeof url, "http://a@p%d.test", i);
        expect_ok(
            ferry_get(s, "http://far.test/", &r, .proxies = FERRY_PAIRS({"all", url})));
        assert_int_equal((int)r->n_history, 1);
    }
    expect_ok(
        ferry_get(s, "http://far.test/", &r, .proxies = FERRY_PAIRS({"all", url})));
    assert_int_equal(sent("nc=00000002"), 1);
    answers_with(p.next, ASKS("")); /* the first was forgotten */
    expect_ok(ferry_get(s, "http://far.test/", &r,
        .proxies = FERRY_PAIRS({"all", "http://a@p0.test"})));
    assert_int_equal((int)r->n_history, 1);
    assert_int_equal(sent("nc=00000002"), 1);
}

static void without_memory_or_entropy_no_challenge_is_answered(void **state)
{
    ferry_err e = FERRY_ERR_NOMEM;
    (void)state;
    if (!can_hash())
        return;
    answers_with(0, ASKS(""));
    for (int k = 1; e == FERRY_ERR_NOMEM; k++) {
        assert_true(k < 200);
        ferry_session *one = ferry_session_new(.platform = &m.memory.platform,
            .transport = &dialer, .trust_env = FERRY_OFF, .proxies = PROXY,
            .proxy_auth = FERRY_PROXY_ANY);
        p.next = 0;
        m.memory.fail_at = m.memory.calls + k;
        e = ferry_get(one, "http://far.test/", &r);
        m.memory.fail_at = 0;
        assert_true(e == FERRY_ERR_NOMEM || (e == FERRY_OK && r->status == 200));
        ferry_response_free(r);
        r = NULL;
        ferry_session_free(one);
    }
    p.next = 0;
    m.has_no_entropy = true;
    assert_int_equal(ferry_get(s, "http://far.test/", &r), FERRY_ERR_USAGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(Digest_is_answered_where_a_proxy_asks_for_it),
        TEST(a_challenge_of_a_proxy_is_an_event_and_a_hop),
        TEST(Digest_opens_a_tunnel_which_is_kept),
        TEST(a_refused_answer_is_not_given_again),
        TEST(a_stale_nonce_is_answered_once_more),
        TEST(a_nonce_that_is_named_again_goes_on_being_counted),
        TEST(what_one_proxy_asked_for_is_not_told_another),
        TEST(proxies_whose_names_run_into_those_of_users_are_told_apart),
        TEST(Basic_that_was_refused_is_not_said_again),
        TEST(Basic_is_an_answer_only_where_any_will_do),
        TEST(without_memory_or_entropy_no_challenge_is_answered),
        TEST(more_proxies_than_are_remembered_are_asked_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
