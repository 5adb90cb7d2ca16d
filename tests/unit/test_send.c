/* test_send.c - requests: waited for, stepped, streamed, interrupted, misused.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lib/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define OK          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define CHUNKED                                                                        \
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"                            \
    "3\r\nabc\r\n4\r\ndefg\r\n0\r\nSum: 7\r\n\r\n"
#define URL "http://a.test/"

static peer_answer answers[10];

static int set_up(void **state)
{
    (void)state;
    return stage_set(answers, COUNT(answers), OK);
}

static void expect_misuse(ferry_err e, const char *what)
{
    assert_int_equal(e, FERRY_ERR_USAGE);
    assert_non_null(strstr(ferry_explain(s), what));
}

static void expect_hello(void)
{
    assert_int_equal(r->status, 200);
    assert_int_equal(r->body.len, 5);
    assert_string_equal(r->body.ptr, "hello");
}

/* --- waited for ------------------------------------------------------------------ */

static void a_blocking_call_waits_with_the_platforms_wait(void **state)
{
    (void)state;
    p.is_coy = true;
    p.open_waits = 2;
    expect_ok(ferry_get(s, URL, &r));
    expect_hello();
    assert_true(m.waits > 1);
}

static void an_out_of_null_discards_the_body_and_keeps_the_connection(void **state)
{
    (void)state;
    expect_ok(ferry_get(s, URL, NULL));
    expect_ok(ferry_get(s, URL, NULL));
    assert_int_equal(p.dialled, 1);
}

static void an_old_response_is_freed_first_and_may_give_url_and_options(void **state)
{
    (void)state;
    answers[0].bytes = "HTTP/1.1 200 OK\r\nNext: http://a.test/next\r\nName: value\r\n"
                       "Content-Length: 0\r\n\r\n";
    expect_ok(ferry_get(s, URL, &r));
    const char *next = ferry_header(r, "next"), *name = ferry_header(r, "name");
    expect_ok(ferry_get(s, next, &r, .headers = FERRY_PAIRS({"X", name})));
    expect_hello();
    assert_string_equal(r->url, "http://a.test/next");
    assert_non_null(strstr(p.sent, "\r\nX: value\r\n"));
}

static void after_an_error_there_is_no_response(void **state)
{
    (void)state;
    expect_ok(ferry_get(s, URL, &r));
    assert_int_equal(ferry_get(s, "nowhere", &r), FERRY_ERR_URL);
    assert_null(r);
    expect_ok(ferry_get(s, URL, &r));
    assert_int_equal(
        ferry_get(s, URL, &r, .timeout = {.read_ms = -9}), FERRY_ERR_USAGE);
    assert_null(r);
    expect_ok(ferry_get(s, URL, &r));
    ferry_close_idle(s);
    p.dial_fails = true;
    assert_int_equal(ferry_get(s, URL, &r), FERRY_ERR_CONNECT);
    assert_null(r);
    assert_int_equal(ferry_begin(s, "nowhere", &r), FERRY_ERR_URL);
    assert_null(r);
}

/* As if the old one had been freed by hand. */
static void a_session_that_cannot_send_frees_the_old_response_too(void **state)
{
    ferry_session *broken = ferry_session_new(.platform = &m.memory.platform,
        .method = "GET");
    (void)state;
    expect_ok(ferry_get(s, URL, &r));
    assert_int_equal(ferry_get(NULL, URL, &r), FERRY_ERR_NOMEM);
    assert_null(r);
    expect_ok(ferry_get(s, URL, &r));
    assert_int_equal(ferry_get(broken, URL, &r), FERRY_ERR_USAGE);
    assert_null(r);
    expect_ok(ferry_begin(s, URL, &r));
    assert_int_equal(ferry_begin(NULL, URL, &r), FERRY_ERR_NOMEM);
    assert_null(r);
    ferry_session_free(broken);
}

static void a_wait_that_fails_ends_the_transfer(void **state)
{
    (void)state;
    p.n_answers = 0;
    m.wait_answer = 7;
    assert_int_equal(ferry_get(s, URL, &r), FERRY_ERR_ABORTED);
    assert_string_equal(
        ferry_explain(s), "a.test: ended by the caller: the platform's wait ended it");
    assert_int_equal(p.live, 0);
}

/* --- stepped --------------------------------------------------------------------- */

static ferry_err step_to_the_end(int *steps)
{
    ferry_wait w;
    ferry_err e;
    for (*steps = 1; (e = ferry_step(r, &w)) == FERRY_AGAIN; ++*steps)
        assert_true(w.n > 0 || w.why == FERRY_WAIT_NOTHING);
    return e;
}

static void a_begun_transfer_is_carried_on_step_by_step(void **state)
{
    int steps;
    (void)state;
    p.is_coy = true;
    p.piece = 7;
    p.open_waits = 3;
    expect_ok(ferry_begin(s, URL, &r));
    assert_int_equal(r->status, 0);
    assert_int_equal(p.dialled, 0);
    expect_ok(step_to_the_end(&steps));
    expect_hello();
    assert_true(steps > 8);
    assert_int_equal(m.waits, 0);
    expect_ok(ferry_step(r, NULL));
    expect_hello();
}

static void a_step_says_what_it_waits_for_and_so_does_waiting(void **state)
{
    ferry_wait w, again;
    (void)state;
    p.open_waits = 1;
    p.n_answers = 0;
    expect_ok(ferry_begin(s, URL, &r, .timeout = {.connect_ms = 70, .read_ms = 90}));
    assert_int_equal(ferry_step(r, &w), FERRY_AGAIN);
    assert_int_equal(w.why, FERRY_WAIT_CONNECT);
    assert_int_equal(w.timeout_ms, 70);
    assert_int_equal(w.n, 1);
    expect_ok(ferry_waiting(r, &again));
    assert_int_equal(again.why, w.why);
    assert_int_equal(again.timeout_ms, w.timeout_ms);
    assert_int_equal(again.on[0].id, w.on[0].id);
    m.now_ms += 50;
    assert_int_equal(ferry_step(r, &w), FERRY_AGAIN);
    assert_int_equal(w.why, FERRY_WAIT_READ);
    assert_int_equal(w.timeout_ms, 90);
}

static void an_error_stays_the_answer_of_every_step(void **state)
{
    int steps;
    (void)state;
    answers[0].bytes = "nonsense";
    expect_ok(ferry_begin(s, URL, &r));
    assert_int_equal(step_to_the_end(&steps), FERRY_ERR_PROTOCOL);
    assert_int_equal(ferry_step(r, NULL), FERRY_ERR_PROTOCOL);
    assert_int_equal(r->status, 0);
    assert_int_equal(p.live, 0);
}

static void a_transfer_that_is_over_waits_for_nothing(void **state)
{
    ferry_wait w = {.n = 3, .why = FERRY_WAIT_READ};
    int steps;
    (void)state;
    expect_ok(ferry_begin(s, URL, &r));
    expect_ok(step_to_the_end(&steps));
    expect_ok(ferry_waiting(r, &w));
    assert_int_equal(w.n, 0);
    assert_int_equal(w.why, FERRY_WAIT_NOTHING);
    assert_int_equal(w.timeout_ms, 0);
}

static void freeing_a_begun_response_cancels_it(void **state)
{
    (void)state;
    p.n_answers = 0;
    expect_ok(ferry_begin(s, URL, &r));
    assert_int_equal(ferry_step(r, NULL), FERRY_AGAIN);
    assert_int_equal(p.live, 1);
    ferry_response_free(r);
    r = NULL;
    assert_int_equal(p.live, 0);
}

static void many_transfers_of_one_session_are_stepped_side_by_side(void **state)
{
    ferry_response *many[8] = {NULL};
    int done = 0;
    (void)state;
    p.piece = 1;
    p.is_coy = true;
    for (size_t i = 0; i < COUNT(many); i++)
        expect_ok(ferry_begin(s, URL, &many[i]));
    while (done < 8) {
        done = 0;
        for (size_t i = 0; i < COUNT(many); i++)
            done += ferry_step(many[i], NULL) == FERRY_OK;
    }
    for (size_t i = 0; i < COUNT(many); i++) {
        assert_string_equal(many[i]->body.ptr, "hello");
        ferry_response_free(many[i]);
    }
    assert_int_equal(p.dialled, 8);
}

/* --- a source that has nothing yet ----------------------------------------------- */

typedef struct spring {
    const char *bytes; /* NULL: none yet */
    int asked;
} spring;

static ptrdiff_t spring_read(void *ctx, void *to, size_t n)
{
    spring *from = ctx;
    from->asked++;
    if (!from->bytes)
        return FERRY_NOT_YET;
    n = strlen(from->bytes);
    memcpy(to, from->bytes, n);
    from->bytes = n ? "" : from->bytes;
    return (ptrdiff_t)n;
}

static void a_step_that_waits_for_a_source_says_so(void **state)
{
    spring from = {NULL, 0};
    ferry_source source = {&from, spring_read, NULL, 0};
    ferry_wait w;
    (void)state;
    p.n_answers = 0;
    expect_ok(ferry_begin(s, URL, &r, .method = "POST", .source = &source,
        .timeout = {.write_ms = 500, .read_ms = 100}));
    for (int i = 0; i < 5; i++, m.now_ms += 100) {
        assert_int_equal(ferry_step(r, &w), FERRY_AGAIN);
        assert_int_equal(w.why, FERRY_WAIT_SOURCE);
        assert_int_equal(w.n, 1); /* an answer would end it */
        assert_int_equal(w.on[0].events, FERRY_READABLE);
        assert_int_equal(w.timeout_ms, 500 - 100 * i);
        assert_int_equal(from.asked, i + 1);
    }
    assert_int_equal(ferry_step(r, &w), FERRY_ERR_WRITE_TIMEOUT);
    assert_non_null(strstr(ferry_explain(s), "the body's source had nothing to give"));
    assert_int_equal(p.live, 0);
}

static void what_it_gives_then_is_sent_and_its_time_begins_anew(void **state)
{
    spring from = {NULL, 0};
    ferry_source source = {&from, spring_read, NULL, 0};
    ferry_wait w;
    (void)state;
    expect_ok(ferry_begin(
        s, URL, &r, .method = "POST", .source = &source, .timeout = {.write_ms = 500}));
    /* The peer has answered already, and is not listened to any more. */
    assert_int_equal(ferry_step(r, &w), FERRY_AGAIN);
    assert_int_equal(r->status, 200);
    assert_int_equal(w.why, FERRY_WAIT_SOURCE);
    assert_int_equal(w.n, 0);
    expect_ok(ferry_waiting(r, &w));
    assert_int_equal(w.why, FERRY_WAIT_SOURCE);
    m.now_ms += 400;
    from.bytes = "hello";
    expect_ok(ferry_step(r, &w));
    expect_hello();
    assert_non_null(strstr(p.sent, "\r\n\r\n5\r\nhello\r\n0\r\n\r\n"));
    assert_int_equal(p.live, 1);
}

static void fill_spring(void *user, const char *call)
{
    spring *from = user;
    if (strcmp(call, "wait") != 0 || from->asked < 7)
        return;
    from->bytes = "hello";
    p.n_answers = 1;
}

static void a_call_that_waits_asks_a_source_every_ten_milliseconds(void **state)
{
    spring from = {NULL, 0};
    ferry_source source = {&from, spring_read, NULL, 0};
    int64_t began_ms = m.now_ms;
    (void)state;
    m.on_call = fill_spring;
    m.user = &from;
    p.n_answers = 0;
    expect_ok(ferry_post(s, URL, &r, .source = &source));
    expect_hello();
    assert_int_equal(m.waited.why, FERRY_WAIT_SOURCE);
    assert_int_equal(from.asked, 9); /* then it gives, and then it ends */
    assert_int_equal(m.now_ms - began_ms, 70);
}

static void an_interrupt_ends_a_call_that_waits_for_a_source(void **state)
{
    spring from = {NULL, 0};
    ferry_source source = {&from, spring_read, NULL, 0};
    ferry_wait w;
    (void)state;
    expect_ok(ferry_begin(s, URL, &r, .method = "POST", .source = &source));
    assert_int_equal(ferry_step(r, &w), FERRY_AGAIN);
    ferry_interrupt(s);
    assert_int_equal(ferry_step(r, &w), FERRY_ERR_ABORTED);
}

/* --- streamed -------------------------------------------------------------------- */

static void a_streamed_body_comes_in_pieces_and_ends_with_an_empty_one(void **state)
{
    char seen[20] = "";
    ferry_str chunk;
    ferry_err e;
    (void)state;
    answers[0].bytes = CHUNKED;
    p.piece = 5;
    expect_ok(ferry_get(s, URL, &r, .stream = FERRY_ON));
    assert_int_equal(r->status, 200);
    assert_int_equal(r->body.len, 0);
    assert_string_equal(r->body.ptr, "");
    while (!(e = ferry_next(r, &chunk)) && chunk.len)
        strncat(seen, chunk.ptr, chunk.len);
    expect_ok(e);
    assert_string_equal(seen, "abcdefg");
    assert_string_equal(ferry_trailer(r, "sum"), "7");
    expect_ok(ferry_next(r, &chunk));
    assert_int_equal(chunk.len, 0);
    assert_string_equal(chunk.ptr, "");
}

static void a_begun_stream_may_not_be_ready_for_the_next_piece(void **state)
{
    char seen[20] = "";
    ferry_str chunk = {"", 1};
    ferry_err e = FERRY_OK;
    ferry_wait w;
    int steps, again = 0;
    (void)state;
    answers[0].bytes = CHUNKED;
    p.piece = 2;
    p.is_coy = true;
    expect_ok(ferry_begin(s, URL, &r, .stream = FERRY_ON));
    expect_ok(step_to_the_end(&steps));
    assert_int_equal(r->status, 200);
    while (chunk.len || e == FERRY_AGAIN) {
        e = ferry_next(r, &chunk);
        assert_true(e == FERRY_OK || (e == FERRY_AGAIN && chunk.len == 0));
        if (e == FERRY_AGAIN) {
            expect_ok(ferry_waiting(r, &w));
            assert_int_equal(w.why, FERRY_WAIT_READ);
            again++;
        }
        strncat(seen, chunk.ptr, chunk.len);
    }
    assert_string_equal(seen, "abcdefg");
    assert_true(again > 3);
}

static void a_gathered_body_comes_as_one_piece(void **state)
{
    ferry_str chunk;
    (void)state;
    expect_ok(ferry_get(s, URL, &r));
    expect_ok(ferry_next(r, &chunk));
    assert_int_equal(chunk.len, 5);
    assert_string_equal(chunk.ptr, "hello");
    expect_ok(ferry_next(r, &chunk));
    assert_int_equal(chunk.len, 0);
}

static void a_stream_that_breaks_says_so_again_and_again(void **state)
{
    ferry_str chunk;
    (void)state;
    answers[0] = (peer_answer){
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", PEER_CLOSES};
    expect_ok(ferry_get(s, URL, &r, .stream = FERRY_ON));
    expect_ok(ferry_next(r, &chunk));
    assert_int_equal(chunk.len, 3);
    assert_int_equal(ferry_next(r, &chunk), FERRY_ERR_TRUNCATED);
    assert_int_equal(chunk.len, 0);
    assert_int_equal(ferry_next(r, &chunk), FERRY_ERR_TRUNCATED);
    assert_int_equal(p.live, 0);
}

static void a_stream_without_a_body_is_complete_at_once(void **state)
{
    ferry_str chunk;
    (void)state;
    answers[0].bytes = "HTTP/1.1 204 No Content\r\n\r\n";
    expect_ok(ferry_get(s, URL, &r, .stream = FERRY_ON));
    expect_ok(ferry_next(r, &chunk));
    assert_int_equal(chunk.len, 0);
    expect_ok(ferry_get(s, URL, &r));
    assert_true(r->reused);
}

static void a_stream_that_nobody_wants_is_discarded_whole(void **state)
{
    (void)state;
    answers[0].bytes = CHUNKED;
    expect_ok(ferry_get(s, URL, NULL, .stream = FERRY_ON));
    expect_ok(ferry_get(s, URL, &r));
    assert_true(r->reused);
}

static void a_switch_leaves_nothing_to_stream(void **state)
{
    ferry_str chunk;
    (void)state;
    answers[0].bytes = "HTTP/1.1 101 Switching Protocols\r\n\r\nsurplus";
    expect_ok(ferry_get(
        s, URL, &r, .stream = FERRY_ON, .headers = FERRY_PAIRS({"Upgrade", "x"})));
    assert_int_equal(r->status, 101);
    expect_ok(ferry_next(r, &chunk));
    assert_string_equal(chunk.ptr, "surplus");
}

/* --- interrupted ----------------------------------------------------------------- */

static void interrupt_on_wait(void *user, const char *call)
{
    if (!strcmp(call, "wait"))
        ferry_interrupt(user);
}

static void an_interrupt_ends_the_call_under_way(void **state)
{
    (void)state;
    p.n_answers = 0;
    m.on_call = interrupt_on_wait;
    m.user = s;
    assert_int_equal(ferry_get(s, URL, &r), FERRY_ERR_ABORTED);
    assert_string_equal(ferry_explain(s), "a.test: ended by the caller: interrupted");
    assert_int_equal(m.waits, 1);
    m.on_call = NULL;
    p.n_answers = COUNT(answers);
    expect_ok(ferry_get(s, URL, &r));
}

static void an_interrupt_between_calls_ends_the_next_one_only(void **state)
{
    ferry_str chunk;
    (void)state;
    ferry_interrupt(s);
    ferry_interrupt(s);
    assert_int_equal(ferry_get(s, URL, &r), FERRY_ERR_ABORTED);
    expect_ok(ferry_begin(s, URL, &r));
    ferry_interrupt(s);
    assert_int_equal(ferry_step(r, NULL), FERRY_ERR_ABORTED);
    assert_int_equal(ferry_step(r, NULL), FERRY_ERR_ABORTED);
    answers[0].bytes = CHUNKED;
    p.next = 0;
    expect_ok(ferry_get(s, URL, &r, .stream = FERRY_ON));
    ferry_interrupt(s);
    assert_int_equal(ferry_next(r, &chunk), FERRY_ERR_ABORTED);
    expect_ok(ferry_get(s, URL, &r));
}

static void nobody_can_interrupt_no_session(void **state)
{
    (void)state;
    ferry_interrupt(NULL);
}

/* --- once ------------------------------------------------------------------------ */

static void one_call_needs_no_session_and_leaves_no_connection(void **state)
{
    (void)state;
    expect_ok(ferry_once("http://a.test/x", &r, .platform = &m.memory.platform,
        .transport = &d, .method = "PUT", .text = "body",
        .headers = FERRY_PAIRS({"A", "1"}), .params = FERRY_PAIRS({"p", "1"})));
    expect_hello();
    assert_int_equal(p.live, 0);
    assert_memory_equal(
        p.sent, "PUT /x?p=1 HTTP/1.1\r\nHost: a.test\r\nUser-Agent: ", 46);
    expect_ok(ferry_once(URL, &r, .platform = &m.memory.platform, .transport = &d));
    expect_hello();
    expect_ok(ferry_once(URL, NULL, .platform = &m.memory.platform, .transport = &d,
        .target = "/t", .form = FERRY_PAIRS({"a", "b"})));
    assert_non_null(strstr(p.sent, "GET /t HTTP/1.1"));
}

static int keep_piece(void *ctx, const ferry_response *of, const void *piece, size_t n)
{
    (void)of;
    memcpy(ctx, piece, n);
    return 0;
}

static int no_progress(void *ctx, const ferry_progress *of)
{
    (void)ctx;
    (void)of;
    return 0;
}

static void one_call_may_say_where_its_answer_goes(void **state)
{
    char taken[8] = "", room[8] = "";
    const ferry_sink sink = {taken, keep_piece};
    (void)state;
    expect_ok(ferry_once(URL, &r, .platform = &m.memory.platform, .transport = &d,
        .sink = &sink, .cookies = FERRY_PAIRS({"a", "b"})));
    assert_string_equal(taken, "hello");
    assert_non_null(strstr(p.sent, "\r\nCookie: a=b\r\n"));
    expect_ok(ferry_once(URL, &r, .platform = &m.memory.platform, .transport = &d,
        .into = {room, sizeof room}));
    assert_string_equal(room, "hello");
    assert_int_equal(
        ferry_once(URL, &r, .on_progress = {.call = no_progress}), FERRY_ERR_USAGE);
}

static void one_call_answers_with_its_error(void **state)
{
    ferry_opts bad = {.size = sizeof bad + 1};
    (void)state;
    assert_int_equal(ferry_once("nowhere", &r), FERRY_ERR_URL);
    assert_int_equal(ferry_once(URL, &r, .stream = FERRY_ON), FERRY_ERR_USAGE);
    assert_int_equal(ferry_once(URL, &r, .method = "CONNECT"), FERRY_ERR_USAGE);
    assert_int_equal(ferry_once(URL, &r, .timeout = {.read_ms = -5}), FERRY_ERR_USAGE);
    assert_int_equal(ferry_once_with(URL, &r, &bad), FERRY_ERR_USAGE);
    assert_int_equal(ferry_once_with("nowhere", &r, NULL), FERRY_ERR_URL);
    m.memory.fail_at = m.memory.calls + 1;
    assert_int_equal(
        ferry_once(URL, &r, .platform = &m.memory.platform), FERRY_ERR_NOMEM);
    assert_null(r);
}

static void one_call_frees_the_old_response_even_if_it_fails(void **state)
{
    (void)state;
    expect_ok(ferry_get(s, URL, &r));
    assert_int_equal(ferry_once(URL, &r, .stream = FERRY_ON), FERRY_ERR_USAGE);
    assert_null(r);
}

/* A struct of an older header ends where that header ended. */
static void one_call_reads_a_shorter_struct_as_far_as_it_goes(void **state)
{
    ferry_opts o = {.platform = &m.memory.platform,
        .transport = &d,
        .method = "PUT",
        .netrc = "/never/seen"};
    (void)state;
    o.size = offsetof(ferry_opts, netrc);
    expect_ok(ferry_once_with(URL, &r, &o));
    assert_memory_equal(p.sent, "PUT / HTTP/1.1\r\n", 16);
}

/* --- misused --------------------------------------------------------------------- */

static void only_begun_transfers_are_stepped_and_waited_for(void **state)
{
    ferry_wait w;
    (void)state;
    expect_ok(ferry_get(s, URL, &r));
    expect_misuse(ferry_step(r, &w), "ferry_step is for begun transfers");
    expect_misuse(ferry_waiting(r, &w), "ferry_waiting is for begun transfers");
    expect_ok(ferry_begin(s, URL, &r));
    expect_misuse(ferry_waiting(r, NULL), "ferry_waiting");
    expect_misuse(ferry_begin(s, URL, NULL), "ferry_begin without an out");
}

static void a_piece_needs_a_place_and_a_head_before_it(void **state)
{
    ferry_str chunk;
    (void)state;
    expect_ok(ferry_begin(s, URL, &r, .stream = FERRY_ON));
    expect_misuse(ferry_next(r, &chunk), "ferry_next before the head is here");
    assert_string_equal(chunk.ptr, "");
    expect_ok(ferry_get(s, URL, &r));
    expect_misuse(ferry_next(r, NULL), "ferry_next without a place for the chunk");
}

static void nothing_can_be_done_with_no_response(void **state)
{
    ferry_wait w;
    ferry_str chunk;
    (void)state;
    assert_int_equal(ferry_step(NULL, &w), FERRY_ERR_USAGE);
    assert_int_equal(ferry_waiting(NULL, &w), FERRY_ERR_USAGE);
    assert_int_equal(ferry_next(NULL, &chunk), FERRY_ERR_USAGE);
    ferry_response_free(NULL);
}

static void a_copy_is_not_carried_on(void **state)
{
    ferry_wait w;
    ferry_str chunk;
    (void)state;
    expect_ok(ferry_get(s, URL, &r));
    ferry_response *copy = ferry_detach(r);
    assert_int_equal(ferry_step(copy, &w), FERRY_ERR_USAGE);
    assert_int_equal(ferry_waiting(copy, &w), FERRY_ERR_USAGE);
    assert_int_equal(ferry_next(copy, &chunk), FERRY_ERR_USAGE);
    ferry_response_free(copy);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, stage_clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_blocking_call_waits_with_the_platforms_wait),
        TEST(an_out_of_null_discards_the_body_and_keeps_the_connection),
        TEST(an_old_response_is_freed_first_and_may_give_url_and_options),
        TEST(after_an_error_there_is_no_response),
        TEST(a_session_that_cannot_send_frees_the_old_response_too),
        TEST(a_wait_that_fails_ends_the_transfer),
        TEST(a_begun_transfer_is_carried_on_step_by_step),
        TEST(a_step_says_what_it_waits_for_and_so_does_waiting),
        TEST(an_error_stays_the_answer_of_every_step),
        TEST(a_transfer_that_is_over_waits_for_nothing),
        TEST(freeing_a_begun_response_cancels_it),
        TEST(many_transfers_of_one_session_are_stepped_side_by_side),
        TEST(a_step_that_waits_for_a_source_says_so),
        TEST(what_it_gives_then_is_sent_and_its_time_begins_anew),
        TEST(a_call_that_waits_asks_a_source_every_ten_milliseconds),
        TEST(an_interrupt_ends_a_call_that_waits_for_a_source),
        TEST(a_streamed_body_comes_in_pieces_and_ends_with_an_empty_one),
        TEST(a_begun_stream_may_not_be_ready_for_the_next_piece),
        TEST(a_gathered_body_comes_as_one_piece),
        TEST(a_stream_that_breaks_says_so_again_and_again),
        TEST(a_stream_without_a_body_is_complete_at_once),
        TEST(a_stream_that_nobody_wants_is_discarded_whole),
        TEST(a_switch_leaves_nothing_to_stream),
        TEST(an_interrupt_ends_the_call_under_way),
        TEST(an_interrupt_between_calls_ends_the_next_one_only),
        TEST(nobody_can_interrupt_no_session),
        TEST(one_call_needs_no_session_and_leaves_no_connection),
        TEST(one_call_may_say_where_its_answer_goes),
        TEST(one_call_answers_with_its_error),
        TEST(one_call_frees_the_old_response_even_if_it_fails),
        TEST(one_call_reads_a_shorter_struct_as_far_as_it_goes),
        TEST(only_begun_transfers_are_stepped_and_waited_for),
        TEST(a_piece_needs_a_place_and_a_head_before_it),
        TEST(nothing_can_be_done_with_no_response),
        TEST(a_copy_is_not_carried_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
