/* test_reading.c - bodies as text and line by line, and bodies that go to a sink or into
 * a buffer of the caller's. SPDX-License-Identifier: MIT */
#include "lib/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define URL         "http://a.test/"

static peer_answer answer;

static int set_up(void **state)
{
    (void)state;
    return stage_set(&answer, 1, NULL);
}

static void answer_with(const char *bytes)
{
    ferry_close_idle(s);
    peer_forget(&p);
    answer = (peer_answer){bytes, PEER_CLOSES};
    p.next = 0;
}

#define ANSWER(type, body) "HTTP/1.1 200 OK\r\nContent-Type: " type "\r\n\r\n" body

/* --- text ------------------------------------------------------------------------ */

static void a_body_is_text_in_utf_8_whatever_its_charset(void **state)
{
    static const struct {
        const char *answer, *charset, *text;
    } cases[] = {
        {ANSWER("text/html; charset=utf-8", "\xc3\xa4 ok"), NULL, "\xc3\xa4 ok"},
        {ANSWER("text/html", "\xe4 ok"), NULL, "\xc3\xa4 ok"},
        {ANSWER("text/html", "\xc3\xa4 ok"), "utf-8", "\xc3\xa4 ok"},
        {ANSWER("application/json", "{\"a\": \"\xc3\xa4\"}"), NULL,
            "{\"a\": \"\xc3\xa4\"}"},
        {ANSWER("text/html; charset=latin1", "\xef\xbb\xbfok"), NULL, "ok"},
        {ANSWER("application/json", "\xff!"), NULL, "\xef\xbf\xbd!"},
        {ANSWER("text/plain", ""), NULL, ""},
        {"HTTP/1.1 200 OK\r\n\r\nok", "", "ok"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        answer_with(cases[i].answer);
        assert_int_equal(ferry_get(s, URL, &r), FERRY_OK);
        ferry_str text = ferry_text_as(r, cases[i].charset);
        assert_string_equal(text.ptr, cases[i].text);
        assert_int_equal(text.len, strlen(cases[i].text));
        ferry_response *copy = ferry_detach(r);
        assert_string_equal(ferry_text_as(copy, cases[i].charset).ptr, cases[i].text);
        ferry_response_free(copy);
    }
}

/* Nothing is copied then. */
static void a_body_that_is_utf_8_is_its_own_text(void **state)
{
    (void)state;
    answer_with(ANSWER("text/html; charset=utf-8", "\xc3\xa4 ok"));
    assert_int_equal(ferry_get(s, URL, &r), FERRY_OK);
    int calls = m.memory.calls;
    assert_ptr_equal(ferry_text(r).ptr, r->body.ptr);
    assert_int_equal(m.memory.calls, calls);
}

/* A NUL follows it all the same. */
static void a_body_that_fills_a_buffer_is_copied_for_its_text(void **state)
{
    char room[6] = "......";
    (void)state;
    for (size_t n = 5; n <= 6; n++) {
        answer_with(ANSWER("text/html; charset=utf-8", "\xc3\xa4 ok"));
        assert_int_equal(ferry_get(s, URL, &r, .into = {room, n}), FERRY_OK);
        ferry_str text = ferry_text(r);
        assert_int_equal(text.ptr == room, n == 6);
        assert_int_equal(text.len, 5);
        assert_string_equal(text.ptr, "\xc3\xa4 ok");
    }
}

static void text_that_cannot_be_had_is_explained(void **state)
{
    (void)state;
    assert_null(ferry_text(NULL).ptr);
    answer_with(ANSWER("text/html; charset=no-such", "\xc3\xa4 ok"));
    assert_int_equal(ferry_get(s, URL, &r), FERRY_OK);
    assert_null(ferry_text(r).ptr);
    assert_non_null(strstr(ferry_explain(s), "charset"));
    assert_string_equal(ferry_text_as(r, "utf-8").ptr, "\xc3\xa4 ok");
    m.memory.fail_at = m.memory.calls + 1;
    assert_null(ferry_text_as(r, "latin1").ptr);
    assert_string_equal(ferry_explain(s), "a.test: out of memory");
    m.memory.fail_at = 0;
    answer_with(ANSWER("text/html", "ok"));
    assert_int_equal(ferry_get(s, URL, &r, .stream = FERRY_ON), FERRY_OK);
    assert_null(ferry_text(r).ptr);
    assert_non_null(strstr(ferry_explain(s), "not all in r->body"));
}

/* --- lines ----------------------------------------------------------------------- */

static void expect_lines(const char *const *lines, size_t n)
{
    ferry_str line;
    for (size_t i = 0; i < n; i++) {
        ferry_err e = ferry_line(r, &line);
        while (e == FERRY_AGAIN)
            e = ferry_line(r, &line);
        assert_int_equal(e, FERRY_OK);
        assert_string_equal(line.ptr, lines[i]);
    }
    ferry_err e = ferry_line(r, &line);
    while (e == FERRY_AGAIN)
        e = ferry_line(r, &line);
    assert_int_equal(e, FERRY_OK);
    assert_null(line.ptr);
    assert_int_equal(ferry_line(r, &line), FERRY_OK);
    assert_null(line.ptr);
}

static void lines_are_the_same_streamed_gathered_and_in_any_pieces(void **state)
{
    static const char *const lines[] = {"one", "", "two", "three", "four"};
    (void)state;
    for (int i = 0; i < 16; i++) {
        bool is_streamed = i & 1, is_begun = i & 2;
        answer_with(ANSWER("text/plain", "one\r\n\r\ntwo\nthree\rfour"));
        p.piece = (size_t)(i / 4);
        p.is_coy = is_begun;
        ferry_switch stream = is_streamed ? FERRY_ON : FERRY_OFF;
        if (is_begun) {
            assert_int_equal(ferry_begin(s, URL, &r, .stream = stream), FERRY_OK);
            while (ferry_step(r, NULL) == FERRY_AGAIN)
                ;
        } else {
            assert_int_equal(ferry_get(s, URL, &r, .stream = stream), FERRY_OK);
        }
        expect_lines(lines, COUNT(lines));
        ferry_response_free(r);
        r = NULL;
    }
}

static void lines_end_with_the_errors_of_their_body(void **state)
{
    ferry_str line;
    (void)state;
    assert_int_equal(ferry_line(NULL, &line), FERRY_ERR_USAGE);
    answer_with("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\none\ntwo");
    assert_int_equal(ferry_get(s, URL, &r, .stream = FERRY_ON), FERRY_OK);
    assert_int_equal(ferry_line(r, NULL), FERRY_ERR_USAGE);
    assert_int_equal(ferry_line(r, &line), FERRY_OK);
    assert_string_equal(line.ptr, "one");
    assert_int_equal(ferry_line(r, &line), FERRY_ERR_TRUNCATED);
    answer_with(ANSWER("text/plain", "12345\n123456\n"));
    assert_int_equal(
        ferry_get(s, URL, &r, .stream = FERRY_ON, .limits = {.body = 5}), FERRY_OK);
    assert_int_equal(ferry_line(r, &line), FERRY_OK);
    assert_int_equal(ferry_line(r, &line), FERRY_ERR_LIMIT);
    assert_non_null(strstr(ferry_explain(s), "line too long"));
    answer_with(ANSWER("text/plain", "a\n"));
    assert_int_equal(ferry_get(s, URL, &r, .stream = FERRY_ON), FERRY_OK);
    m.memory.fail_at = m.memory.calls + 1;
    assert_int_equal(ferry_line(r, &line), FERRY_ERR_NOMEM);
}

/* --- sinks and buffers ----------------------------------------------------------- */

typedef struct taker {
    char got[100];
    size_t n, most;
    int status;
    bool calls_back;
} taker;

static int take(void *ctx, const ferry_response *of, const void *bytes, size_t n)
{
    taker *t = ctx;
    if (n > t->most - t->n)
        return -1;
    memcpy(t->got + t->n, bytes, n);
    t->n += n;
    t->status = of->status;
    if (t->calls_back)
        assert_int_equal(ferry_get(s, URL, NULL), FERRY_ERR_USAGE);
    return 0;
}

static void a_sink_takes_the_body_as_it_comes(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) {
        taker t = {.most = sizeof t.got, .calls_back = true};
        ferry_sink sink = {&t, take};
        answer_with("HTTP/1.1 404 Not Found\r\nContent-Length: 11\r\n\r\nhello world");
        p.piece = (size_t)(i / 2);
        if (i % 2) {
            assert_int_equal(ferry_begin(s, URL, &r, .sink = &sink), FERRY_OK);
            sink.put = NULL; /* it was copied */
            while (ferry_step(r, NULL) == FERRY_AGAIN)
                ;
            assert_int_equal(ferry_step(r, NULL), FERRY_OK);
        } else {
            assert_int_equal(ferry_update(s, .stream = FERRY_ON), FERRY_OK);
            assert_int_equal(ferry_get(s, URL, &r, .sink = &sink), FERRY_OK);
        }
        assert_int_equal(t.n, 11);
        assert_memory_equal(t.got, "hello world", 11);
        assert_int_equal(t.status, 404);
        assert_int_equal(r->body.len, 0);
        assert_null(ferry_text(r).ptr);
    }
}

static void a_sink_may_end_it(void **state)
{
    taker t = {.most = 5};
    ferry_sink sink = {&t, take};
    (void)state;
    answer_with(ANSWER("text/plain", "hello world"));
    assert_int_equal(ferry_get(s, URL, &r, .sink = &sink), FERRY_ERR_ABORTED);
    assert_non_null(strstr(ferry_explain(s), "the sink ended it"));
    assert_null(r);
}

static void a_body_goes_into_a_buffer_of_the_callers(void **state)
{
    char room[12];
    (void)state;
    for (size_t size = 10; size <= sizeof room; size++) {
        memset(room, 'x', sizeof room);
        answer_with(ANSWER("text/plain", "hello world"));
        p.piece = size - 9;
        ferry_err e = ferry_get(s, URL, &r, .into = {room, size});
        assert_int_equal(e, size < 11 ? FERRY_ERR_LIMIT : FERRY_OK);
        if (e)
            continue;
        assert_ptr_equal(r->body.ptr, room);
        assert_int_equal(r->body.len, 11);
        assert_memory_equal(room, "hello world", 11);
        assert_int_equal(room[11], size > 11 ? '\0' : 'x');
    }
    answer_with(ANSWER("text/plain", ""));
    assert_int_equal(ferry_get(s, URL, &r, .into = {room, 1}), FERRY_OK);
    assert_int_equal(r->body.len, 0);
    assert_non_null(r->body.ptr);
}

static void only_one_way_to_take_a_body_may_be_given(void **state)
{
    char room[5];
    taker t = {.most = 0};
    ferry_sink sink = {&t, take}, none = {&t, NULL};
    (void)state;
    answer_with(ANSWER("text/plain", "ok"));
    assert_int_equal(
        ferry_get(s, URL, &r, .sink = &sink, .into = {room, 5}), FERRY_ERR_USAGE);
    assert_int_equal(
        ferry_get(s, URL, &r, .sink = &sink, .stream = FERRY_ON), FERRY_ERR_USAGE);
    assert_int_equal(
        ferry_get(s, URL, &r, .into = {room, 5}, .stream = FERRY_ON), FERRY_ERR_USAGE);
    assert_int_equal(ferry_get(s, URL, &r, .sink = &none), FERRY_ERR_USAGE);
    assert_int_equal(ferry_get(s, URL, &r, .into = {NULL, 5}), FERRY_ERR_USAGE);
    assert_int_equal(ferry_update(s, .sink = &sink), FERRY_ERR_USAGE);
    assert_int_equal(ferry_update(s, .into = {room, 5}), FERRY_ERR_USAGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, stage_clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_body_is_text_in_utf_8_whatever_its_charset),
        TEST(a_body_that_is_utf_8_is_its_own_text),
        TEST(a_body_that_fills_a_buffer_is_copied_for_its_text),
        TEST(text_that_cannot_be_had_is_explained),
        TEST(lines_are_the_same_streamed_gathered_and_in_any_pieces),
        TEST(lines_end_with_the_errors_of_their_body),
        TEST(a_sink_takes_the_body_as_it_comes),
        TEST(a_sink_may_end_it),
        TEST(a_body_goes_into_a_buffer_of_the_callers),
        TEST(only_one_way_to_take_a_body_may_be_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
