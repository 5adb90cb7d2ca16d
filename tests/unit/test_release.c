/* test_release.c - a connection whose response is given up: read empty and kept where
 * that costs nothing, closed where it would, and never waited for.
 * SPDX-License-Identifier: MIT */
#include "lib/stage.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define OK          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define TEN         "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
#define CHUNKED     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define TRAILERS    "4\r\ndefg\r\n0\r\nSum: 7\r\n\r\n"
#define URL         "http://a.test/"

static peer_answer answers[10];
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

static void give_up(void)
{
    ferry_response_free(r);
    r = NULL;
}

static void open_stream(const char *answer, size_t piece)
{
    answers[p.next].bytes = answer;
    p.piece = piece;
    expect_ok(ferry_get(s, URL, &r, .stream = FERRY_ON));
}

/* --- kept ------------------------------------------------------------------------ */

static void a_stream_that_is_freed_half_way_leaves_an_empty_connection(void **state)
{
    ferry_str chunk;
    (void)state;
    open_stream(CHUNKED "3\r\nabc\r\n" TRAILERS, 20);
    expect_ok(ferry_next(r, &chunk));
    assert_int_equal(m.waits, 0);
    give_up();
    assert_int_equal(p.live, 1);
    assert_int_equal(m.waits, 0);
    expect_ok(ferry_get(s, URL, &r));
    assert_true(r->reused);
    assert_int_equal(r->body.len, 5);
}

/* The usual end of who knows how much there is. */
static void so_does_one_that_was_read_but_not_to_its_empty_piece(void **state)
{
    ferry_str chunk;
    (void)state;
    open_stream(TEN "0123456789", 0);
    expect_ok(ferry_next(r, &chunk));
    assert_int_equal(chunk.len, 10);
    reads = 0;
    give_up();
    assert_int_equal(reads, 0);
    assert_int_equal(p.live, 1);
}

static void the_next_call_into_the_same_place_uses_it(void **state)
{
    (void)state;
    open_stream(TEN "0123456789", 0);
    expect_ok(ferry_get(s, URL, &r));
    assert_true(r->reused);
    open_stream(TEN "0123456789", 0);
    assert_true(r->reused);
    /* Its URL may lie in the old response, which lives on meanwhile. */
    expect_ok(ferry_post(s, r->url, &r, .text = "x"));
    assert_true(r->reused);
    assert_int_equal(p.dialled, 1);
}

static void so_does_the_next_begun_one(void **state)
{
    ferry_wait w;
    (void)state;
    open_stream(TEN "0123456789", 0);
    expect_ok(ferry_begin(s, URL, &r));
    expect_ok(ferry_step(r, &w));
    assert_true(r->reused);
}

static void a_begun_transfer_is_cancelled_in_its_body_and_leaves_one(void **state)
{
    ferry_wait w;
    (void)state;
    p.is_coy = true; /* it waits between two pieces, and not when it is freed */
    p.piece = 60;
    answers[0].bytes = CHUNKED "3\r\nabc\r\n" TRAILERS;
    expect_ok(ferry_begin(s, URL, &r));
    while (!r->status)
        assert_int_equal(ferry_step(r, &w), FERRY_AGAIN);
    p.is_coy = false;
    give_up();
    assert_int_equal(p.live, 1);
}

/* A redirect's body is dropped at leisure; who gives up meanwhile does so at once. */
static void so_is_one_that_drops_the_body_of_a_redirect(void **state)
{
    ferry_wait w;
    (void)state;
    p.is_coy = true;
    p.piece = 60;
    answers[0]
        .bytes = "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 30\r\n\r\n"
                 "012345678901234567890123456789";
    expect_ok(ferry_begin(s, URL, &r));
    while (!r->status)
        assert_int_equal(ferry_step(r, &w), FERRY_AGAIN);
    assert_int_equal(r->status, 302);
    p.is_coy = false;
    give_up();
    assert_int_equal(p.live, 1);
}

/* --- closed ---------------------------------------------------------------------- */

static void what_has_not_arrived_is_not_waited_for(void **state)
{
    static const char *const answer[] = {
        TEN "01234", CHUNKED "3\r\nabc\r\n", CHUNKED "3\r\nabc\r\n0\r\nSum: 7\r\n"};
    (void)state;
    for (size_t i = 0; i < COUNT(answer); i++) {
        open_stream(answer[i], 0);
        assert_int_equal(p.live, 1);
        give_up();
        assert_int_equal(p.live, 0);
        assert_int_equal(m.waits, 0);
    }
}

static void a_long_rest_is_not_even_looked_at(void **state)
{
    (void)state;
    open_stream("HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n01234", 0);
    reads = 0;
    give_up();
    assert_int_equal(reads, 0);
    assert_int_equal(p.live, 0);
}

/* Bytes that frame are bytes, too: nobody can keep a free busy with them. */
static void an_endless_rest_is_left_at_the_limit(void **state)
{
    enum { ROOM = 1 << 20 };
    char *answer = malloc(ROOM + 1), *to = answer;
    (void)state;
    to += strlen(strcpy(to, CHUNKED));
    for (; to < answer + ROOM - 400; to += strlen(to)) {
        strcpy(to, "1;");
        memset(to + 2, 'x', 300);
        strcpy(to + 302, "\r\ny\r\n");
    }
    open_stream(answer, 1000);
    reads = 0;
    give_up();
    assert_in_range(reads, 60, 66);
    assert_int_equal(p.live, 0);
    free(answer);
}

static void a_transfer_given_up_before_its_head_closes(void **state)
{
    ferry_wait w;
    (void)state;
    p.open_waits = 1;
    expect_ok(ferry_begin(s, URL, &r));
    assert_int_equal(ferry_step(r, &w), FERRY_AGAIN); /* connecting */
    give_up();
    assert_int_equal(p.live, 0);
    p.open_waits = 0;
    p.piece = 20; /* inside the head */
    p.is_coy = true;
    expect_ok(ferry_begin(s, URL, &r));
    for (reads = 0; reads < 3;)
        assert_int_equal(ferry_step(r, &w), FERRY_AGAIN);
    assert_int_equal(r->status, 0);
    p.is_coy = false;
    give_up();
    assert_int_equal(p.live, 0);
}

static void a_peer_that_breaks_off_meanwhile_costs_its_connection_alone(void **state)
{
    static const peer_end ends[] = {PEER_CLOSES, PEER_RESETS};
    (void)state;
    for (size_t i = 0; i < COUNT(ends); i++) {
        answers[p.next].end = ends[i];
        open_stream(TEN "01234", 0);
        give_up();
        assert_int_equal(p.live, 0);
        expect_ok(ferry_get(s, URL, NULL));
        ferry_close_idle(s);
    }
}

static void so_does_a_rest_that_breaks_the_protocol(void **state)
{
    (void)state;
    open_stream(CHUNKED "3\r\nabc\r\nx\r\n", 0);
    give_up();
    assert_int_equal(p.live, 0);
    assert_string_equal(ferry_explain(s), "no error");
}

static void a_call_whose_time_is_over_reads_no_more(void **state)
{
    (void)state;
    answers[0].bytes = TEN "0123456789";
    p.piece = strlen(TEN);
    expect_ok(ferry_get(s, URL, &r, .stream = FERRY_ON, .timeout = {.total_ms = 1000}));
    m.now_ms += 1000;
    reads = 0;
    give_up();
    assert_int_equal(reads, 0);
    assert_int_equal(p.live, 0);
}

static void a_session_that_ends_reads_nothing(void **state)
{
    (void)state;
    open_stream(TEN "0123456789", strlen(TEN));
    reads = 0;
    ferry_session_free(s);
    s = NULL;
    assert_int_equal(reads, 0);
    assert_int_equal(p.live, 0);
}

static void without_memory_for_the_rest_it_closes(void **state)
{
    (void)state;
    open_stream(CHUNKED "3\r\nabc\r\n0\r\nSum: 7\r\n\r\n", strlen(CHUNKED));
    m.memory.fail_at = m.memory.calls + 1;
    give_up();
    assert_true(m.memory.calls >= m.memory.fail_at);
    assert_int_equal(p.live, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, stage_clear)
    const struct CMUnitTest tests[] = {
        TEST(a_stream_that_is_freed_half_way_leaves_an_empty_connection),
        TEST(so_does_one_that_was_read_but_not_to_its_empty_piece),
        TEST(the_next_call_into_the_same_place_uses_it),
        TEST(so_does_the_next_begun_one),
        TEST(a_begun_transfer_is_cancelled_in_its_body_and_leaves_one),
        TEST(so_is_one_that_drops_the_body_of_a_redirect),
        TEST(what_has_not_arrived_is_not_waited_for),
        TEST(a_long_rest_is_not_even_looked_at),
        TEST(an_endless_rest_is_left_at_the_limit),
        TEST(a_transfer_given_up_before_its_head_closes),
        TEST(a_peer_that_breaks_off_meanwhile_costs_its_connection_alone),
        TEST(so_does_a_rest_that_breaks_the_protocol),
        TEST(a_call_whose_time_is_over_reads_no_more),
        TEST(a_session_that_ends_reads_nothing),
        TEST(without_memory_for_the_rest_it_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
