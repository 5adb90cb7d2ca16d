/* test_transfer.c - one request from its connection to its response: which connection it
 * gets, when it is tried again, how long it waits.
 * SPDX-License-Identifier: MIT */
#include "lib/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define OK          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define URL         "http://a.test/"

enum { SECOND = 1000 };

static peer_answer answers[50];
static int reads;

static void count_reads(void *user, const char *call)
{
    (void)user;
    reads += strcmp(call, "read") == 0;
}

static int set_up(void **state)
{
    (void)state;
    int failed = stage_set(answers, COUNT(answers), OK);
    p.on_call = count_reads;
    return failed;
}

static void expect_error(ferry_err e, ferry_err code, const char *line)
{
    assert_int_equal(e, code);
    assert_string_equal(ferry_explain(s), line);
    assert_null(r);
}

/* --- a kept connection ----------------------------------------------------------- */

static void a_kept_connection_is_used_again_without_a_look(void **state)
{
    (void)state;
    expect_ok(ferry_get(s, URL, &r));
    assert_false(r->reused);
    m.now_ms += SECOND - 1;
    reads = 0;
    expect_ok(ferry_get(s, URL, &r));
    assert_true(r->reused);
    assert_int_equal(p.dialled, 1);
    assert_int_equal(reads, 1);
}

static void one_that_idled_for_a_second_is_looked_at(void **state)
{
    (void)state;
    expect_ok(ferry_get(s, URL, &r));
    m.now_ms += SECOND;
    reads = 0;
    expect_ok(ferry_get(s, URL, &r));
    assert_true(r->reused);
    assert_int_equal(reads, 2);
}

static void so_is_every_one_for_a_request_that_may_not_be_repeated(void **state)
{
    (void)state;
    expect_ok(ferry_get(s, URL, &r));
    reads = 0;
    expect_ok(ferry_post(s, URL, &r));
    assert_true(r->reused);
    assert_int_equal(reads, 2);
}

static void one_that_was_closed_meanwhile_is_found_dead_and_replaced(void **state)
{
    (void)state;
    answers[0].end = PEER_CLOSES;
    expect_ok(ferry_get(s, URL, &r));
    expect_ok(ferry_post(s, URL, &r));
    assert_false(r->reused);
    assert_int_equal(p.dialled, 2);
}

/* RFC 9112 9.3: the rules of who may keep it. */
static void a_connection_is_kept_only_if_both_sides_let_it_be(void **state)
{
    static const struct {
        const char *answer, *header;
        bool is_kept;
    } cases[] = {
        {OK, "keep-alive", true},
        {OK, NULL, true},
        {OK, "close", false},
        {OK, "x, Close", false},
        {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", NULL,
            false},
        {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", NULL, false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nsurplus", NULL, false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nsurplus", NULL, false},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nx", NULL,
            false},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", NULL, true},
        {"HTTP/1.1 204 No Content\r\n\r\n", NULL, true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        answers[p.next].bytes = cases[i].answer;
        expect_ok(ferry_get(
            s, URL, NULL, .headers = FERRY_PAIRS({"Connection", cases[i].header})));
        if (p.live != cases[i].is_kept)
            fail_msg("case %d", (int)i);
        ferry_close_idle(s);
    }
}

static void what_the_peer_says_of_keeping_is_heeded(void **state)
{
    (void)state;
    answers[0].bytes =
        "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=8\r\nContent-Length: 0\r\n\r\n";
    expect_ok(ferry_get(s, URL, NULL));
    m.now_ms += 7 * SECOND;
    expect_ok(ferry_get(s, URL, NULL));
    assert_int_equal(p.dialled, 2);
}

/* --- once more ------------------------------------------------------------------- */

static void a_request_that_may_be_repeated_survives_a_dead_connection(void **state)
{
    static const char *const methods[] = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"};
    (void)state;
    for (size_t i = 0; i < COUNT(methods); i++) {
        answers[p.next].end = i % 2 ? PEER_RESETS : PEER_CLOSES;
        expect_ok(ferry_get(s, URL, NULL));
        int dialled = p.dialled;
        answers[p.next].bytes = "HTTP/1.1 204 No Content\r\n\r\n";
        expect_ok(ferry_request(s, methods[i], URL, &r));
        assert_int_equal(r->status, 204);
        assert_false(r->reused);
        assert_int_equal(p.dialled, dialled + 1);
        ferry_close_idle(s);
    }
}

static void it_is_repeated_once_and_no_more(void **state)
{
    (void)state;
    answers[0].end = PEER_CLOSES;
    answers[1] = (peer_answer){"", PEER_CLOSES};
    expect_ok(ferry_get(s, URL, NULL));
    expect_error(ferry_get(s, URL, &r), FERRY_ERR_CLOSED,
        "a.test: the connection ended before a response");
    assert_int_equal(p.dialled, 2);
    assert_int_equal(p.next, 2);
}

static void a_new_connection_that_dies_is_not_tried_again(void **state)
{
    (void)state;
    answers[0] = (peer_answer){"", PEER_CLOSES};
    expect_error(ferry_get(s, URL, &r), FERRY_ERR_CLOSED,
        "a.test: the connection ended before a response");
    assert_int_equal(p.dialled, 1);
}

static void after_a_byte_of_the_response_nothing_is_repeated(void **state)
{
    (void)state;
    expect_ok(ferry_get(s, URL, NULL));
    answers[1] = (peer_answer){"H", PEER_CLOSES};
    expect_error(ferry_get(s, URL, &r), FERRY_ERR_TRUNCATED,
        "a.test: the connection ended inside the response: inside the head");
    assert_int_equal(p.dialled, 1);
}

static void what_may_not_be_repeated_may_have_been_processed(void **state)
{
    (void)state;
    expect_ok(ferry_get(s, URL, NULL));
    answers[1] = (peer_answer){"", PEER_CLOSES};
    expect_error(ferry_post(s, URL, &r), FERRY_ERR_CLOSED,
        "a.test: the connection ended before a response: the request may have been "
        "processed");
    answers[2] = (peer_answer){"", PEER_CLOSES};
    expect_error(ferry_post(s, URL, &r), FERRY_ERR_CLOSED,
        "a.test: the connection ended before a response: the request may have been "
        "processed");
}

/* The first connection breaks at the first byte of its second request. */
static void break_at_write(void *user, const char *call)
{
    (void)user;
    if (!strcmp(call, "write") && p.dialled == 1) {
        answers[0].end = PEER_RESETS;
        p.takes = p.sent_len;
    }
    if (!strcmp(call, "dial"))
        p.takes = 0;
}

/* Nothing of it went out: it cannot have been processed. */
static void what_was_never_sent_may_be_sent_whatever_it_is(void **state)
{
    (void)state;
    expect_ok(ferry_get(s, URL, NULL));
    p.on_call = break_at_write;
    expect_ok(ferry_post(s, URL, &r));
    assert_int_equal(p.dialled, 2);
}

/* The connections that idled beside the dead one are likely to be dead, too. */
static void a_repetition_takes_a_new_connection(void **state)
{
    ferry_response *other = NULL;
    (void)state;
    expect_ok(ferry_get(s, URL, &r, .stream = FERRY_ON));
    answers[1].end = PEER_CLOSES;
    expect_ok(ferry_get(s, URL, &other));
    ferry_response_free(other);
    for (ferry_str chunk = {"", 1}; chunk.len;)
        expect_ok(ferry_next(r, &chunk));
    assert_int_equal(p.live, 2);
    answers[2] = (peer_answer){"", PEER_CLOSES};
    expect_ok(ferry_get(s, URL, &r));
    assert_int_equal(p.dialled, 3);
    assert_false(r->reused);
    assert_int_equal(p.live, 1);
}

/* --- the pool is empty ----------------------------------------------------------- */

static void a_blocking_call_does_not_wait_for_a_connection_nobody_gives(void **state)
{
    ferry_response *busy = NULL;
    (void)state;
    expect_ok(ferry_update(s, .pool = {.open_per_key = 1}));
    expect_ok(ferry_get(s, URL, &busy, .stream = FERRY_ON));
    expect_error(ferry_get(s, URL, &r), FERRY_ERR_POOL,
        "a.test: no free connection: all are in use by other responses");
    expect_ok(ferry_get(s, "http://b.test/", NULL));
    ferry_response_free(busy);
    expect_ok(ferry_get(s, URL, &r));
}

static void a_stepped_one_waits_for_its_turn(void **state)
{
    ferry_response *busy = NULL;
    ferry_wait w;
    (void)state;
    expect_ok(ferry_update(s, .pool = {.open_per_key = 1}));
    expect_ok(ferry_get(s, URL, &busy, .stream = FERRY_ON));
    expect_ok(ferry_begin(s, URL, &r, .timeout = {.pool_ms = 700}));
    m.now_ms += 100;
    assert_int_equal(ferry_step(r, &w), FERRY_AGAIN);
    assert_int_equal(w.why, FERRY_WAIT_POOL);
    assert_int_equal(w.n, 0);
    assert_int_equal(w.timeout_ms, 600);
    ferry_response_free(busy);
    expect_ok(ferry_step(r, &w));
    assert_int_equal(r->status, 200);
}

/* What it waited for may come back, and grow old, before it looks again. */
static void who_waited_takes_no_connection_that_expired_meanwhile(void **state)
{
    (void)state;
    expect_ok(ferry_update(s, .pool = {.open_per_key = 1, .idle_ms = 300}));
    for (int is_late = 0; is_late < 2; is_late++) {
        ferry_response *busy = NULL;
        ferry_str chunk = {"", 1};
        expect_ok(ferry_get(s, URL, &busy, .stream = FERRY_ON));
        expect_ok(ferry_begin(s, URL, &r));
        assert_int_equal(ferry_step(r, NULL), FERRY_AGAIN);
        m.now_ms += 200;
        while (chunk.len)
            expect_ok(ferry_next(busy, &chunk));
        m.now_ms += is_late ? 300 : 299;
        expect_ok(ferry_step(r, NULL));
        assert_int_equal(r->reused, !is_late);
        ferry_response_free(busy);
    }
}

static void it_does_not_wait_for_ever(void **state)
{
    static const struct {
        ferry_timeout timeout;
        ferry_err e;
    } cases[] = {
        {{.pool_ms = 500, .total_ms = 900}, FERRY_ERR_POOL},
        {{.pool_ms = 900, .total_ms = 500}, FERRY_ERR_TOTAL_TIMEOUT},
        {{.pool_ms = FERRY_UNLIMITED, .total_ms = 500}, FERRY_ERR_TOTAL_TIMEOUT},
    };
    ferry_response *busy = NULL;
    ferry_wait w;
    (void)state;
    expect_ok(ferry_update(s, .pool = {.open_per_key = 1}));
    expect_ok(ferry_get(s, URL, &busy, .stream = FERRY_ON));
    for (size_t i = 0; i < COUNT(cases); i++) {
        expect_ok(ferry_begin(s, URL, &r, .timeout = cases[i].timeout));
        assert_int_equal(ferry_step(r, &w), FERRY_AGAIN);
        assert_int_equal(w.timeout_ms, 500);
        m.now_ms += 499;
        assert_int_equal(ferry_step(r, &w), FERRY_AGAIN);
        m.now_ms += 1;
        assert_int_equal(ferry_step(r, &w), cases[i].e);
    }
    ferry_response_free(busy);
}

/* --- time ------------------------------------------------------------------------ */

static void every_phase_has_its_own_time_out(void **state)
{
    static const struct {
        bool is_closed, is_deaf;
        ferry_timeout timeout;
        ferry_err e;
        int64_t after_ms;
        const char *line;
    } cases[] = {
        {true, false, {.connect_ms = 700}, FERRY_ERR_CONNECT_TIMEOUT, 700,
            "a.test: connecting took too long"},
        {true, false, {.connect_ms = 700, .total_ms = 600}, FERRY_ERR_TOTAL_TIMEOUT,
            600, "a.test: the request took too long: while connecting"},
        {false, true, {.write_ms = 700}, FERRY_ERR_WRITE_TIMEOUT, 700,
            "a.test: the peer took nothing for too long"},
        {false, true, {.write_ms = 700, .total_ms = 600}, FERRY_ERR_TOTAL_TIMEOUT, 600,
            "a.test: the request took too long: no complete head yet"},
        {false, false, {.read_ms = 700}, FERRY_ERR_READ_TIMEOUT, 700,
            "a.test: the peer sent nothing for too long: no complete head yet"},
        {false, false, {.read_ms = 700, .total_ms = 600}, FERRY_ERR_TOTAL_TIMEOUT, 600,
            "a.test: the request took too long: no complete head yet"},
    };
    (void)state;
    p.n_answers = 0;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t start = m.now_ms;
        p.open_waits = cases[i].is_closed ? 1 << 30 : 0;
        p.is_deaf = cases[i].is_deaf;
        expect_error(ferry_get(s, URL, &r, .timeout = cases[i].timeout), cases[i].e,
            cases[i].line);
        assert_int_equal(m.now_ms - start, cases[i].after_ms);
        assert_int_equal(p.live, 0);
    }
}

static void a_silence_inside_the_body_says_so(void **state)
{
    (void)state;
    answers[0].bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello";
    answers[1] = answers[0];
    expect_error(ferry_get(s, URL, &r, .timeout = {.read_ms = 700}),
        FERRY_ERR_READ_TIMEOUT,
        "a.test: the peer sent nothing for too long: inside the body");
    expect_error(ferry_get(s, URL, &r, .timeout = {.total_ms = 700}),
        FERRY_ERR_TOTAL_TIMEOUT, "a.test: the request took too long: inside the body");
}

static void without_any_limit_the_wait_has_no_end(void **state)
{
    ferry_wait w;
    (void)state;
    p.n_answers = 0;
    expect_ok(ferry_begin(s, URL, &r,
        .timeout = {.read_ms = FERRY_UNLIMITED, .connect_ms = FERRY_UNLIMITED}));
    assert_int_equal(ferry_step(r, &w), FERRY_AGAIN);
    assert_int_equal(w.timeout_ms, -1);
    m.now_ms += INT64_MAX / 2;
    assert_int_equal(ferry_step(r, &w), FERRY_AGAIN);
}

static void no_time_at_all_is_a_time_out_at_the_first_wait(void **state)
{
    (void)state;
    expect_ok(ferry_get(s, URL, &r, .timeout = {.connect_ms = FERRY_NONE}));
    ferry_response_free(r);
    r = NULL;
    p.n_answers = p.next;
    assert_int_equal(ferry_get(s, URL, &r, .timeout = {.read_ms = FERRY_NONE}),
        FERRY_ERR_READ_TIMEOUT);
    assert_int_equal(m.waits, 0);
}

/* A peer that sends a byte now and then keeps its silence short, but not the whole. */
static void a_dripping_peer_does_not_outlive_the_total(void **state)
{
    (void)state;
    p.piece = 1;
    p.is_coy = true;
    m.step_ms = 20;
    int64_t start = m.now_ms;
    assert_int_equal(ferry_get(s, URL, &r, .timeout = {.read_ms = 50, .total_ms = 500}),
        FERRY_ERR_TOTAL_TIMEOUT);
    assert_int_equal(m.now_ms - start, 500);
}

/* --- memory ---------------------------------------------------------------------- */

static void a_warm_request_takes_no_memory(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        expect_ok(ferry_get(s, URL, &r));
    int calls = m.memory.calls;
    for (int i = 0; i < 20; i++)
        expect_ok(ferry_get(s, URL, &r));
    assert_int_equal(m.memory.calls, calls);
}

static void what_many_responses_took_is_mostly_given_back(void **state)
{
    ferry_response *many[20] = {NULL};
    (void)state;
    expect_ok(ferry_get(s, URL, NULL));
    for (size_t i = 0; i < COUNT(many); i++)
        expect_ok(ferry_get(s, URL, &many[i]));
    int live = m.memory.live;
    for (size_t i = 0; i < COUNT(many); i++)
        ferry_response_free(many[i]);
    assert_true(m.memory.live < live / 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, stage_clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_kept_connection_is_used_again_without_a_look),
        TEST(one_that_idled_for_a_second_is_looked_at),
        TEST(so_is_every_one_for_a_request_that_may_not_be_repeated),
        TEST(one_that_was_closed_meanwhile_is_found_dead_and_replaced),
        TEST(a_connection_is_kept_only_if_both_sides_let_it_be),
        TEST(what_the_peer_says_of_keeping_is_heeded),
        TEST(a_request_that_may_be_repeated_survives_a_dead_connection),
        TEST(it_is_repeated_once_and_no_more),
        TEST(a_new_connection_that_dies_is_not_tried_again),
        TEST(after_a_byte_of_the_response_nothing_is_repeated),
        TEST(what_may_not_be_repeated_may_have_been_processed),
        TEST(what_was_never_sent_may_be_sent_whatever_it_is),
        TEST(a_repetition_takes_a_new_connection),
        TEST(a_blocking_call_does_not_wait_for_a_connection_nobody_gives),
        TEST(a_stepped_one_waits_for_its_turn),
        TEST(who_waited_takes_no_connection_that_expired_meanwhile),
        TEST(it_does_not_wait_for_ever),
        TEST(every_phase_has_its_own_time_out),
        TEST(a_silence_inside_the_body_says_so),
        TEST(without_any_limit_the_wait_has_no_end),
        TEST(no_time_at_all_is_a_time_out_at_the_first_wait),
        TEST(a_dripping_peer_does_not_outlive_the_total),
        TEST(a_warm_request_takes_no_memory),
        TEST(what_many_responses_took_is_mostly_given_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
