/* test_reply.c - where the body of a response goes: every shape and size of it arrives
 * whole, under its limits, with memory that grows with what really came.
 * SPDX-License-Identifier: MIT */
#include "lib/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define URL         "http://a.test/"

enum { KIB = 1024, MIB = 1024 * 1024 };

static peer_answer answer;

static int set_up(void **state)
{
    (void)state;
    return stage_set(&answer, 1, NULL);
}

/* --- answers --------------------------------------------------------------------- */

static char expected(size_t i)
{
    return (char)('a' + (i + i / 26) % 26);
}

/* Bytes of a body from `at` on, as they should be. */
static void put_bytes(char *to, size_t at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = expected(at + i);
}

typedef enum shape { WITH_LENGTH, IN_CHUNKS, UNTIL_CLOSE } shape;

/* A kept connection would go on where the old answer ended. */
static void answer_again(void)
{
    ferry_close_idle(s);
    peer_forget(&p);
    p.next = 0;
}

/* The next answer has a body of `n` bytes, if need be in chunks of `chunk`. */
static void answer_with(shape how, size_t n, size_t chunk)
{
    char *text = malloc(200 + n + (n / chunk + 2) * 12), *to = text;
    to += sprintf(to, "HTTP/1.1 200 OK\r\n");
    if (how == WITH_LENGTH)
        to += sprintf(to, "Content-Length: %u\r\n\r\n", (unsigned)n);
    else if (how == UNTIL_CLOSE)
        to += sprintf(to, "\r\n");
    else
        to += sprintf(to, "Transfer-Encoding: chunked\r\n\r\n");
    for (size_t at = 0, piece; at < n; at += piece) {
        piece = how == IN_CHUNKS && n - at > chunk ? chunk : n - at;
        if (how == IN_CHUNKS)
            to += sprintf(to, "%x\r\n", (unsigned)piece);
        put_bytes(to, at, piece);
        to += piece;
        if (how == IN_CHUNKS)
            to += sprintf(to, "\r\n");
    }
    strcpy(to, how == IN_CHUNKS ? "0\r\n\r\n" : "");
    answer = (peer_answer){text, how == UNTIL_CLOSE ? PEER_CLOSES : PEER_STAYS};
    answer_again();
}

static void forget_answer(void)
{
    answer_again();
    free((char *)answer.bytes);
}

static void expect_body(const char *ptr, size_t len, size_t at)
{
    for (size_t i = 0; i < len; i++)
        if (ptr[i] != expected(at + i))
            fail_msg("byte %u is another", (unsigned)(at + i));
}

/* --- gathered -------------------------------------------------------------------- */

static const size_t sizes[] = {0, 1, 200, 256, 257, 4 * KIB, 16 * KIB - 60, 16 * KIB,
    16 * KIB + 1, 100 * KIB, MIB - 1, MIB, MIB + 1, 3 * MIB};
static const shape shapes[] = {WITH_LENGTH, IN_CHUNKS, UNTIL_CLOSE};

static void a_body_of_any_shape_and_size_is_gathered_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++)
        for (size_t j = 0; j < COUNT(shapes); j++) {
            answer_with(shapes[j], sizes[i], 5000);
            expect_ok(ferry_get(s, URL, &r));
            assert_int_equal(r->body.len, sizes[i]);
            expect_body(r->body.ptr, sizes[i], 0);
            assert_int_equal(r->body.ptr[sizes[i]], '\0');
            forget_answer();
        }
}

static void it_is_gathered_whole_from_small_reads_and_chunks_too(void **state)
{
    static const size_t pieces[] = {1, 7, 100, 1000};
    (void)state;
    for (size_t i = 0; i < COUNT(pieces); i++)
        for (size_t j = 0; j < COUNT(shapes); j++) {
            answer_with(shapes[j], 30000, pieces[i]);
            p.piece = pieces[i];
            expect_ok(
                ferry_get(s, URL, &r, .limits = {.buffer = 256, .buffer_max = 1000}));
            assert_int_equal(r->body.len, 30000);
            expect_body(r->body.ptr, 30000, 0);
            forget_answer();
        }
}

/* Nothing is left of the buffer then, to read the body into. */
static void a_head_may_fill_its_buffer_to_the_last_byte(void **state)
{
    static const char *const bodies[] = {"Content-Length: 9\r\n", "ok it is\n",
        "Transfer-Encoding: chunked\r\n", "9\r\nok it is\n\r\n0\r\n\r\n", "Age: 1\r\n",
        "ok it is\n"};
    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i += 2)
        for (size_t head = 60; head < 1100; head++) {
            char text[1200];
            int n = sprintf(text, "HTTP/1.1 200 OK\r\n%sPad: ", bodies[i]);
            memset(text + n, 'x', head - (size_t)n);
            sprintf(text + head - 4, "\r\n\r\n%s", bodies[i + 1]);
            answer = (peer_answer){text, i == 4 ? PEER_CLOSES : PEER_STAYS};
            answer_again();
            p.piece = head;
            expect_ok(ferry_get(s, URL, &r, .limits = {.buffer = 256}));
            assert_string_equal(r->body.ptr, "ok it is\n");
        }
}

static void a_body_just_as_large_as_it_may_be_is_gathered(void **state)
{
    static const size_t limits[] = {0, 1, 300, 16 * KIB, 100 * KIB};
    (void)state;
    for (size_t i = 0; i < COUNT(limits); i++)
        for (size_t j = 0; j < COUNT(shapes); j++)
            for (size_t over = 0; over < 2; over++) {
                int64_t limit = limits[i] ? (int64_t)limits[i] : FERRY_NONE;
                answer_with(shapes[j], limits[i] + over, 5000);
                ferry_err e = ferry_get(s, URL, &r, .limits = {.body = limit});
                if (e != (over ? FERRY_ERR_LIMIT : FERRY_OK))
                    fail_msg("shape %d of %d: %s", (int)j, (int)limits[i],
                        ferry_err_name(e));
                forget_answer();
            }
    assert_non_null(strstr(ferry_explain(s), "body too long"));
}

static void a_discarded_body_is_under_the_same_limit(void **state)
{
    (void)state;
    for (size_t j = 0; j < COUNT(shapes); j++)
        for (size_t over = 0; over < 2; over++) {
            answer_with(shapes[j], 100 * KIB + over, 5000);
            assert_int_equal(ferry_get(s, URL, NULL, .limits = {.body = 100 * KIB}),
                over ? FERRY_ERR_LIMIT : FERRY_OK);
            forget_answer();
        }
}

static size_t largest_block;
static void *(*inner_resize)(void *ctx, void *block, size_t old_size, size_t new_size);

static void *note_largest(void *ctx, void *block, size_t old_size, size_t new_size)
{
    largest_block = new_size > largest_block ? new_size : largest_block;
    return inner_resize(ctx, block, old_size, new_size);
}

static void memory_grows_with_what_came_not_with_what_was_promised(void **state)
{
    ferry_platform platform = m.memory.platform;
    (void)state;
    inner_resize = platform.resize;
    platform.resize = note_largest;
    largest_block = 0;
    ferry_session_free(s);
    s = ferry_session_new(.platform = &platform, .transport = &d);
    answer = (peer_answer){
        "HTTP/1.1 200 OK\r\nContent-Length: 60000000\r\n\r\nfew", PEER_CLOSES};
    answer_again();
    assert_int_equal(ferry_get(s, URL, &r), FERRY_ERR_TRUNCATED);
    assert_true(largest_block <= MIB + 1);
}

static void without_memory_a_large_body_is_an_error_at_every_call(void **state)
{
    (void)state;
    for (size_t j = 0; j < COUNT(shapes); j++) {
        ferry_err e = FERRY_ERR_NOMEM;
        answer_with(shapes[j], 100 * KIB, 5000);
        expect_ok(ferry_get(s, URL, NULL));
        for (int k = 1; e; k++) {
            answer_again();
            m.memory.fail_at = m.memory.calls + k;
            e = ferry_get(s, URL, &r, .limits = {.buffer = 256});
            m.memory.fail_at = 0;
            assert_true(e == FERRY_OK || e == FERRY_ERR_NOMEM);
        }
        expect_body(r->body.ptr, 100 * KIB, 0);
        forget_answer();
    }
}

/* --- streamed -------------------------------------------------------------------- */

/* Everything that comes, however it is cut; the largest piece. */
static size_t stream(size_t n)
{
    ferry_str chunk = {"", 1};
    size_t at = 0, largest = 0;
    while (chunk.len) {
        expect_ok(ferry_next(r, &chunk));
        expect_body(chunk.ptr, chunk.len, at);
        at += chunk.len;
        largest = chunk.len > largest ? chunk.len : largest;
    }
    assert_int_equal(at, n);
    return largest;
}

static void a_stream_of_any_shape_and_size_arrives_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++)
        for (size_t j = 0; j < COUNT(shapes); j++) {
            answer_with(shapes[j], sizes[i], 5000);
            expect_ok(ferry_get(s, URL, &r, .stream = FERRY_ON));
            stream(sizes[i]);
            forget_answer();
        }
}

static void pieces_of_a_long_stream_get_wide_but_no_wider_than_allowed(void **state)
{
    (void)state;
    answer_with(WITH_LENGTH, 3 * MIB, 1);
    expect_ok(ferry_get(s, URL, &r, .stream = FERRY_ON));
    assert_int_equal(stream(3 * MIB), 256 * KIB);
    answer_again();
    expect_ok(
        ferry_get(s, URL, &r, .stream = FERRY_ON, .limits = {.buffer_max = 20 * KIB}));
    assert_int_equal(stream(3 * MIB), 20 * KIB);
    answer_again();
    expect_ok(
        ferry_get(s, URL, &r, .stream = FERRY_ON, .limits = {.buffer_max = 1000}));
    /* what came with the head may be more */
    assert_true(stream(3 * MIB) <= 16 * KIB);
    forget_answer();
}

/* A head that fills the buffer leaves no room for pieces behind it. */
static void a_large_head_does_not_make_small_pieces(void **state)
{
    char *text = malloc(40000);
    (void)state;
    strcpy(text, "HTTP/1.1 200 OK\r\nLong: ");
    memset(text + strlen(text), 'x', 15000);
    strcpy(text + 15023, "\r\n\r\n");
    put_bytes(text + 15027, 0, 20000);
    text[35027] = '\0';
    answer = (peer_answer){text, PEER_CLOSES};
    expect_ok(ferry_get(s, URL, &r, .stream = FERRY_ON));
    assert_true(stream(20000) >= 16 * KIB);
    forget_answer();
}

/* The head comes first and alone, so that every piece is a read of its own. */
static void no_read_of_a_body_asks_for_more_than_it_may(void **state)
{
    ferry_str chunk = {"", 1};
    (void)state;
    answer_with(WITH_LENGTH, 100 * KIB, 1);
    p.piece = strlen("HTTP/1.1 200 OK\r\nContent-Length: 102400\r\n\r\n");
    expect_ok(
        ferry_begin(s, URL, &r, .stream = FERRY_ON, .limits = {.buffer_max = 1000}));
    while (ferry_step(r, NULL) == FERRY_AGAIN)
        ;
    p.piece = 0;
    for (size_t at = 0; chunk.len; at += chunk.len) {
        expect_ok(ferry_next(r, &chunk));
        assert_true(chunk.len <= 1000);
        expect_body(chunk.ptr, chunk.len, at);
    }
    forget_answer();
}

/* `.limits.body` is for what is gathered. */
/* With 32 bits, too, where the number's lower half is nothing. */
static void a_read_may_ask_for_more_than_there_could_be(void **state)
{
    const int64_t most = (int64_t)1 << 32;
    (void)state;
    for (shape how = WITH_LENGTH; how <= UNTIL_CLOSE; how++) {
        p.piece = 100;
        answer_with(how, 5000, 700);
        expect_ok(ferry_get(s, URL, &r, .limits = {.buffer_max = most}));
        expect_body(r->body.ptr, r->body.len, 0);
        assert_int_equal(r->body.len, 5000);
        forget_answer();
    }
}

static void a_stream_has_no_limit(void **state)
{
    (void)state;
    answer_with(WITH_LENGTH, 100000, 1);
    expect_ok(ferry_get(s, URL, &r, .stream = FERRY_ON, .limits = {.body = 1}));
    stream(100000);
    forget_answer();
}

static void without_memory_for_wide_pieces_a_stream_is_an_error(void **state)
{
    ferry_str chunk = {"", 1};
    ferry_err e = FERRY_OK;
    (void)state;
    answer_with(WITH_LENGTH, 2 * MIB, 1);
    expect_ok(ferry_get(s, URL, &r, .stream = FERRY_ON));
    m.memory.fail_at = m.memory.calls + 1;
    while (!e && chunk.len)
        e = ferry_next(r, &chunk);
    assert_int_equal(e, FERRY_ERR_NOMEM);
    assert_int_equal(ferry_next(r, &chunk), FERRY_ERR_NOMEM);
    forget_answer();
}

/* --- heads ----------------------------------------------------------------------- */

static void a_head_may_be_as_long_as_its_limit(void **state)
{
    char text[3000];
    (void)state;
    for (size_t n = 900; n < 1100; n++) {
        strcpy(text, "HTTP/1.1 204 No Content\r\nA: ");
        size_t prefix = strlen(text);
        memset(text + prefix, 'x', n);
        strcpy(text + prefix + n, "\r\n\r\n");
        answer = (peer_answer){text, PEER_STAYS};
        answer_again();
        ferry_err e = ferry_get(
            s, URL, &r, .limits = {.head = 1024, .buffer = n % 2 ? 256 : 4096});
        if (e != (strlen(text) <= 1024 ? FERRY_OK : FERRY_ERR_LIMIT))
            fail_msg("%d bytes: %s", (int)strlen(text), ferry_err_name(e));
    }
}

static void a_head_has_no_more_fields_than_its_limit(void **state)
{
    (void)state;
    answer = (peer_answer){
        "HTTP/1.1 204 No Content\r\na: 1\r\nb: 2\r\nc: 3\r\n\r\n", PEER_STAYS};
    expect_ok(ferry_get(s, URL, &r, .limits = {.fields = 3}));
    answer_again();
    assert_int_equal(ferry_get(s, URL, &r, .limits = {.fields = 2}), FERRY_ERR_LIMIT);
}

static void interim_responses_have_a_limit(void **state)
{
    (void)state;
    answer = (peer_answer){
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n"
        "HTTP/1.1 204 No Content\r\n\r\n",
        PEER_STAYS};
    expect_ok(ferry_get(s, URL, &r, .limits = {.interim = 2}));
    assert_int_equal(r->interim, 2);
    answer_again();
    assert_int_equal(ferry_get(s, URL, &r, .limits = {.interim = 1}), FERRY_ERR_LIMIT);
}

static void a_switch_that_was_not_asked_for_is_refused(void **state)
{
    (void)state;
    answer = (peer_answer){"HTTP/1.1 101 Switching Protocols\r\n\r\n", PEER_STAYS};
    assert_int_equal(ferry_get(s, URL, &r), FERRY_ERR_PROTOCOL);
    assert_non_null(strstr(ferry_explain(s), "a 101 that was not asked for"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, stage_clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_body_of_any_shape_and_size_is_gathered_whole),
        TEST(it_is_gathered_whole_from_small_reads_and_chunks_too),
        TEST(a_head_may_fill_its_buffer_to_the_last_byte),
        TEST(a_body_just_as_large_as_it_may_be_is_gathered),
        TEST(a_discarded_body_is_under_the_same_limit),
        TEST(memory_grows_with_what_came_not_with_what_was_promised),
        TEST(without_memory_a_large_body_is_an_error_at_every_call),
        TEST(a_stream_of_any_shape_and_size_arrives_whole),
        TEST(pieces_of_a_long_stream_get_wide_but_no_wider_than_allowed),
        TEST(a_large_head_does_not_make_small_pieces),
        TEST(no_read_of_a_body_asks_for_more_than_it_may),
        TEST(a_read_may_ask_for_more_than_there_could_be),
        TEST(a_stream_has_no_limit),
        TEST(without_memory_for_wide_pieces_a_stream_is_an_error),
        TEST(a_head_may_be_as_long_as_its_limit),
        TEST(a_head_has_no_more_fields_than_its_limit),
        TEST(interim_responses_have_a_limit),
        TEST(a_switch_that_was_not_asked_for_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
