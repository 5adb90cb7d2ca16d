/* test_coded.c - coded bodies of any size through a session: whole, gathered or lent, in
 * memory that is bounded and used again. SPDX-License-Identifier: MIT */
#include "ferry.h"
#include "lib/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { KIB = 1024, MIB = 1024 * 1024 };

/* --- a server that says the same whatever it is asked ---------------------------- */

typedef struct server {
    char *bytes;
    size_t len, at, piece;
} server;

typedef struct server_line {
    ferry_transport t;
    server *s;
} server_line;

static int line_open(ferry_transport *t)
{
    (void)t;
    return 1;
}

static ptrdiff_t line_read(ferry_transport *t, void *p, size_t n, int64_t wait_ms)
{
    server *s = ((server_line *)(void *)t)->s;
    size_t left = s->len - s->at;
    (void)wait_ms;
    n = n < left ? n : left;
    n = s->piece && s->piece < n ? s->piece : n;
    memcpy(p, s->bytes + s->at, n);
    s->at += n;
    return n ? (ptrdiff_t)n : FERRY_WANT_READ;
}

static ptrdiff_t line_write(
    ferry_transport *t, const void *p, size_t n, int64_t wait_ms)
{
    (void)p;
    (void)wait_ms;
    ((server_line *)(void *)t)->s->at = 0;
    return (ptrdiff_t)n;
}

static void line_want(ferry_transport *t, ferry_wait *w)
{
    (void)t;
    (void)w;
}

static void line_close(ferry_transport *t)
{
    free(t);
}

static int server_dial(void *ctx, const char *host, uint16_t port,
    const ferry_addr *addr, ferry_transport **out, ferry_fault *fault)
{
    static const ferry_transport_calls calls = {
        line_open, line_read, line_write, line_want, line_close};
    server_line *line = calloc(1, sizeof *line);
    (void)host, (void)port, (void)addr, (void)fault;
    line->t.calls = &calls;
    line->s = ctx;
    *out = &line->t;
    return 0;
}

/* --- bodies ---------------------------------------------------------------------- */

static machine m;
static server peer;
static ferry_session *s;
static ferry_response *r;
static size_t now, most; /* bytes of memory */

static void *(*unseen)(void *ctx, void *p, size_t old_size, size_t new_size);

static void *seen(void *ctx, void *p, size_t old_size, size_t new_size)
{
    /* While a block moves there are two. */
    if (now + new_size > most)
        most = now + new_size;
    void *moved = unseen(ctx, p, old_size, new_size);
    if (moved || !new_size)
        now = now - old_size + new_size;
    return moved;
}

static int set_up(void **state)
{
    static const ferry_dialer dialer = {&peer, server_dial};
    (void)state;
    machine_init(&m);
    unseen = m.memory.platform.resize;
    m.memory.platform.resize = seen;
    now = most = 0;
    memset(&peer, 0, sizeof peer);
    s = ferry_session_new(.platform = &m.memory.platform, .transport = &dialer);
    r = NULL;
    return s ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ferry_response_free(r);
    ferry_session_free(s);
    free(peer.bytes);
    return memory_is_clean(&m.memory) && now == 0 ? 0 : -1;
}

/* A byte of a text that can be packed to about a third. */
static char expected(size_t i)
{
    uint32_t mixed = (uint32_t)i * 2654435761u;
    mixed = (mixed ^ mixed >> 15) * 2246822519u;
    return (char)('a' + (mixed >> 13 & 7) + i / 100 % 3);
}

static char *text_of(size_t n, bool is_zeros)
{
    char *text = calloc(1, n + 1);
    for (size_t i = 0; !is_zeros && i < n; i++)
        text[i] = expected(i);
    return text;
}

static void answer_with(size_t n, bool is_zeros)
{
    z_stream z = {.zalloc = NULL};
    char *text = text_of(n, is_zeros);
    size_t room = n + n / 100 + 1000;
    char *packed = malloc(room);
    peer.bytes = malloc(room + 200);
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, 0), Z_OK);
    z.next_in = (Bytef *)text;
    z.avail_in = (uInt)n;
    z.next_out = (Bytef *)packed;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    int head = sprintf(peer.bytes,
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %lu\r\n\r\n",
        z.total_out);
    memcpy(peer.bytes + head, packed, z.total_out);
    peer.len = (size_t)head + z.total_out;
    deflateEnd(&z);
    free(packed);
    free(text);
}

static void expect_body(const char *ptr, size_t len, size_t at)
{
    for (size_t i = 0; i < len; i++)
        if (ptr[i] != expected(at + i))
            fail_msg("byte %u is another", (unsigned)(at + i));
}

/* To its end; how long it was. The largest piece into `widest`. */
static ferry_err stream(size_t *n, size_t *widest)
{
    ferry_str chunk = {"", 1};
    *n = *widest = 0;
    while (chunk.len) {
        ferry_err e = ferry_next(r, &chunk);
        if (e == FERRY_AGAIN)
            continue;
        if (e)
            return e;
        expect_body(chunk.ptr, chunk.len, *n);
        *n += chunk.len;
        *widest = chunk.len > *widest ? chunk.len : *widest;
    }
    return FERRY_OK;
}

static bool knows_gzip(void)
{
    answer_with(100, false);
    ferry_err e = ferry_get(s, "http://a.test/", &r);
    free(peer.bytes);
    peer.bytes = NULL;
    ferry_close_idle(s);
    return e != FERRY_ERR_UNSUPPORTED;
}

/* --- tests ----------------------------------------------------------------------- */

static void a_large_coded_body_is_gathered_whole(void **state)
{
    static const size_t sizes[] = {1, 300, 16 * KIB, 100 * KIB, 5 * MIB},
                        pieces[] = {0, 1000};
    (void)state;
    if (!knows_gzip())
        skip();
    for (size_t i = 0; i < 10; i++) {
        answer_with(sizes[i / 2], false);
        peer.piece = pieces[i % 2];
        assert_int_equal(ferry_get(s, "http://a.test/", &r), FERRY_OK);
        assert_int_equal(r->body.len, sizes[i / 2]);
        assert_int_equal(r->body.ptr[r->body.len], '\0');
        expect_body(r->body.ptr, r->body.len, 0);
        ferry_close_idle(s);
        free(peer.bytes);
    }
    answer_with(3 * MIB, false);
    assert_int_equal(
        ferry_get(s, "http://a.test/", &r, .limits = {.buffer = 256, .body = 3 * MIB}),
        FERRY_OK);
    expect_body(r->body.ptr, r->body.len, 0);
    ferry_close_idle(s);
    assert_int_equal(
        ferry_get(s, "http://a.test/", &r, .limits = {.body = 3 * MIB - 1}),
        FERRY_ERR_LIMIT);
}

static void a_large_coded_body_is_lent_in_bounded_pieces(void **state)
{
    size_t n, widest;
    (void)state;
    if (!knows_gzip())
        skip();
    answer_with(5 * MIB, false);
    assert_int_equal(ferry_get(s, "http://a.test/", &r, .stream = FERRY_ON), FERRY_OK);
    assert_int_equal(stream(&n, &widest), FERRY_OK);
    assert_int_equal(n, 5 * MIB);
    assert_int_equal(widest, 64 * KIB);
    assert_int_equal(ferry_get(s, "http://a.test/", &r, .stream = FERRY_ON,
                         .limits = {.buffer = 256, .buffer_max = 300}),
        FERRY_OK);
    assert_int_equal(stream(&n, &widest), FERRY_OK);
    assert_int_equal(n, 5 * MIB);
    assert_true(widest <= KIB);
    ferry_response_free(r);
    r = NULL;
    assert_int_equal(
        ferry_begin(s, "http://a.test/", &r, .stream = FERRY_ON), FERRY_OK);
    while (ferry_step(r, NULL) == FERRY_AGAIN)
        ;
    assert_int_equal(stream(&n, &widest), FERRY_OK);
    assert_int_equal(n, 5 * MIB);
}

static void a_warm_stream_is_decoded_without_new_memory(void **state)
{
    size_t n, widest;
    (void)state;
    if (!knows_gzip())
        skip();
    answer_with(500 * KIB, false);
    for (int i = 0; i < 5; i++) {
        int calls = m.memory.calls;
        assert_int_equal(
            ferry_get(s, "http://a.test/", &r, .stream = FERRY_ON), FERRY_OK);
        assert_int_equal(stream(&n, &widest), FERRY_OK);
        if (i >= 2)
            assert_int_equal(m.memory.calls, calls);
    }
}

static void streams_at_once_each_have_a_decoder(void **state)
{
    ferry_response *many[6] = {NULL};
    size_t n, widest;
    (void)state;
    if (!knows_gzip())
        skip();
    answer_with(500 * KIB, false);
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < 6; i++) {
            ferry_str chunk;
            assert_int_equal(
                ferry_get(s, "http://a.test/", &many[i], .stream = FERRY_ON), FERRY_OK);
            assert_int_equal(ferry_next(many[i], &chunk), FERRY_OK);
            expect_body(chunk.ptr, chunk.len, 0);
        }
    for (size_t i = 0; i < 6; i++) /* in the middle of their bodies */
        ferry_response_free(many[i]);
    assert_int_equal(ferry_get(s, "http://a.test/", &r, .stream = FERRY_ON), FERRY_OK);
    assert_int_equal(stream(&n, &widest), FERRY_OK);
}

/* What was received and not yet decoded counts as little as what was not received. */
static void a_coded_stream_given_up_half_way_leaves_an_empty_connection(void **state)
{
    ferry_str chunk;
    (void)state;
    if (!knows_gzip())
        skip();
    answer_with(100 * KIB, false);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(
            ferry_get(s, "http://a.test/", &r, .stream = FERRY_ON), FERRY_OK);
        assert_int_equal(r->reused, i > 0);
        assert_int_equal(ferry_next(r, &chunk), FERRY_OK);
        assert_true(chunk.len < 100 * KIB);
    }
}

static void a_bomb_is_refused_before_it_costs_much_memory(void **state)
{
    ferry_str chunk = {"", 1};
    ferry_err e = FERRY_OK;
    (void)state;
    if (!knows_gzip())
        skip();
    answer_with(100 * MIB, true);
    assert_int_equal(ferry_get(s, "http://a.test/", &r), FERRY_ERR_LIMIT);
    assert_non_null(strstr(ferry_explain(s), ".decode_ratio"));
    assert_true(most < 16 * MIB);
    most = 0;
    assert_int_equal(ferry_get(s, "http://a.test/", &r, .stream = FERRY_ON), FERRY_OK);
    while (!e && chunk.len)
        e = ferry_next(r, &chunk);
    assert_int_equal(e, FERRY_ERR_LIMIT);
    assert_true(most < MIB);
    assert_int_equal(ferry_get(s, "http://a.test/", &r, .stream = FERRY_ON,
                         .decode_ratio = FERRY_UNLIMITED),
        FERRY_OK);
    size_t n = 0;
    for (chunk.len = 1, e = FERRY_OK; !e && chunk.len; n += chunk.len)
        e = ferry_next(r, &chunk);
    assert_int_equal(e, FERRY_OK);
    assert_int_equal(n, 100 * MIB);
    assert_true(most < MIB);
}

/* Half a gigabyte is promised, and some bytes of it come. */
static void memory_grows_with_what_comes_and_not_with_what_is_promised(void **state)
{
    (void)state;
    if (!knows_gzip())
        skip();
    answer_with(100 * KIB, false);
    const char *body = strstr(peer.bytes, "\r\n\r\n") + 4;
    size_t len = peer.len - (size_t)(body - peer.bytes);
    char *bytes = malloc(len + 200);
    int head = sprintf(bytes, "HTTP/1.1 200 OK\r\nContent-Encoding: "
                              "gzip\r\nContent-Length: 500000000\r\n\r\n");
    memcpy(bytes + head, body, len - 100);
    free(peer.bytes);
    peer.bytes = bytes;
    peer.len = (size_t)head + len - 100;
    size_t before = now;
    most = 0;
    assert_int_equal(ferry_get(s, "http://a.test/", &r, .timeout = {.read_ms = 10},
                         .limits = {.body = FERRY_UNLIMITED}),
        FERRY_ERR_READ_TIMEOUT);
    assert_true(most - before < MIB + 300 * KIB);
}

static void a_session_may_end_before_its_coded_streams(void **state)
{
    ferry_str chunk;
    (void)state;
    if (!knows_gzip())
        skip();
    answer_with(500 * KIB, false);
    assert_int_equal(ferry_get(s, "http://a.test/", &r, .stream = FERRY_ON), FERRY_OK);
    assert_int_equal(ferry_next(r, &chunk), FERRY_OK);
    ferry_session_free(s);
    s = NULL;
    assert_int_equal(ferry_next(r, &chunk), FERRY_ERR_ABORTED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_large_coded_body_is_gathered_whole),
        TEST(a_large_coded_body_is_lent_in_bounded_pieces),
        TEST(a_warm_stream_is_decoded_without_new_memory),
        TEST(streams_at_once_each_have_a_decoder),
        TEST(a_coded_stream_given_up_half_way_leaves_an_empty_connection),
        TEST(a_bomb_is_refused_before_it_costs_much_memory),
        TEST(memory_grows_with_what_comes_and_not_with_what_is_promised),
        TEST(a_session_may_end_before_its_coded_streams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
