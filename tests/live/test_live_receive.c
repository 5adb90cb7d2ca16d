/* test_live_receive.c - five gigabytes from a server of our own on loopback, streamed, into
 * a sink, and decoded: every byte arrives at its place, and the session never holds a
 * megabyte.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "ferry.h"
#include "lib/counted.h"
#include "lib/loopback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#define LENGTH ((int64_t)5 << 30)

enum { MOST_HEAP = 1 << 20, BLOCK = 1 << 18, CODED = 1 << 24, BOUND_MS = 120000 };

/* --- what is sent ----------------------------------------------------------------- */

/* The bytes of a block, without those of its number. */
static char pattern[BLOCK];

static void set_number(char *block, int64_t number)
{
    for (int i = 0; i < 8; i++)
        block[i] = (char)(number >> 8 * i);
}

static bool say(int fd, const void *bytes, size_t n)
{
    for (const char *p = bytes; n;) {
        ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        p += sent;
        n -= (size_t)sent;
    }
    return true;
}

static void say_blocks(int fd, bool is_chunked)
{
    char *block = malloc(BLOCK), line[32];
    memcpy(block, pattern, BLOCK);
    int len = snprintf(line, sizeof line, "%x\r\n", BLOCK);
    bool is_good = true;
    for (int64_t i = 0; is_good && i < LENGTH / BLOCK; i++) {
        set_number(block, i);
        is_good = (!is_chunked || say(fd, line, (size_t)len)) &&
                  say(fd, block, BLOCK) && (!is_chunked || say(fd, "\r\n", 2));
    }
    if (is_good && is_chunked)
        say(fd, "0\r\n\r\n", 5);
    free(block);
}

static void say_with_length(int fd)
{
    char head[100];
    int len = snprintf(head, sizeof head,
        "HTTP/1.1 200 OK\r\nContent-Length: %lld\r\n\r\n", (long long)LENGTH);
    if (say(fd, head, (size_t)len))
        say_blocks(fd, false);
}

static void say_in_chunks(int fd)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    if (say(fd, head, sizeof head - 1))
        say_blocks(fd, true);
}

/* Zeros: one run of them is deflated, and said as often as it takes. */
static void say_coded(int fd)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n";
    static const unsigned char start[] = {0x78, 0x9c}, end[] = {3, 0};
    z_stream z = {.zalloc = NULL};
    Bytef *zeros = calloc(1, CODED), *coded = malloc(CODED);
    uLong one = adler32(1, zeros, CODED), sum = 1;
    deflateInit2(&z, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
    z.next_in = zeros;
    z.avail_in = CODED;
    z.next_out = coded;
    z.avail_out = CODED;
    deflate(&z, Z_FULL_FLUSH);
    bool is_good = say(fd, head, sizeof head - 1) && say(fd, start, sizeof start);
    for (int64_t i = 0; is_good && i < LENGTH / CODED; i++) {
        is_good = say(fd, coded, CODED - z.avail_out);
        sum = adler32_combine(sum, one, CODED);
    }
    const unsigned char check[] = {(unsigned char)(sum >> 24),
        (unsigned char)(sum >> 16), (unsigned char)(sum >> 8), (unsigned char)sum};
    if (is_good && say(fd, end, sizeof end))
        say(fd, check, sizeof check);
    deflateEnd(&z);
    free(zeros);
    free(coded);
}

typedef struct server {
    int listener;
    uint16_t port;
    void (*say)(int fd);
    pthread_t thread;
} server;

static void *server_run(void *ctx)
{
    server *of = ctx;
    char asked[4096];
    int fd = loopback_accept(of->listener);
    if (fd >= 0 && recv(fd, asked, sizeof asked, 0) > 0)
        of->say(fd);
    close(fd);
    return NULL;
}

/* --- what arrives ----------------------------------------------------------------- */

typedef struct taker {
    int64_t got;
    bool is_zeros, has_noise;
    char expected[BLOCK];
} taker;

/* Up to the end of a block at a time. */
static int take(void *ctx, const ferry_response *of, const void *bytes, size_t n)
{
    taker *t = ctx;
    (void)of;
    for (const char *p = bytes; n;) {
        size_t at = (size_t)(t->got % BLOCK), left = BLOCK - at;
        size_t len = n < left ? n : left;
        if (!t->is_zeros)
            set_number(t->expected, t->got / BLOCK);
        t->has_noise |= memcmp(p, t->expected + at, len) != 0;
        t->got += (int64_t)len;
        p += len;
        n -= len;
    }
    return t->has_noise;
}

static ferry_err stream(ferry_session *s, const char *url, taker *t)
{
    ferry_response *r = NULL;
    ferry_str chunk;
    ferry_err e = ferry_get(
        s, url, &r, .stream = FERRY_ON, .decode_ratio = FERRY_UNLIMITED);
    while (!e && !(e = ferry_next(r, &chunk)) && chunk.len)
        take(t, r, chunk.ptr, chunk.len);
    ferry_response_free(r);
    return e;
}

static ferry_err sink(ferry_session *s, const char *url, taker *t)
{
    ferry_response *r = NULL;
    ferry_err e = ferry_get(
        s, url, &r, .sink = &(ferry_sink){t, take}, .decode_ratio = FERRY_UNLIMITED);
    ferry_response_free(r);
    return e;
}

static void expect_all(void (*how)(int fd),
    ferry_err (*fetch)(ferry_session *s, const char *url, taker *t), bool is_zeros)
{
    counted h = {0, 0};
    ferry_platform m = counted_platform(&h);
    ferry_session *s = ferry_session_new(.platform = &m, .trust_env = FERRY_OFF);
    server of = {.say = how};
    taker *t = calloc(1, sizeof *t);
    char url[64];
    int64_t began_ms = loopback_now_ms();
    t->is_zeros = is_zeros;
    if (!is_zeros)
        memcpy(t->expected, pattern, BLOCK);
    of.listener = loopback_listen(FERRY_IPV4, 4, &of.port);
    assert_true(of.listener >= 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", of.port);
    assert_int_equal(pthread_create(&of.thread, NULL, server_run, &of), 0);
    ferry_err e = fetch(s, url, t);
    if (e)
        fail_msg("%s after %lld bytes", ferry_explain(s), (long long)t->got);
    ferry_session_free(s);
    pthread_join(of.thread, NULL);
    close(of.listener);
    assert_true(t->got == LENGTH);
    assert_false(t->has_noise);
    free(t);
    int64_t took_ms = loopback_now_ms() - began_ms;
    printf("%zu bytes of heap at most, %d ms\n", h.peak, (int)took_ms);
    assert_true(h.peak <= MOST_HEAP);
    assert_int_equal(h.now, 0);
    assert_true(took_ms < BOUND_MS);
}

static void five_gigabytes_are_streamed(void **state)
{
    (void)state;
    expect_all(say_with_length, stream, false);
}

static void five_gigabytes_in_chunks_go_into_a_sink(void **state)
{
    (void)state;
    expect_all(say_in_chunks, sink, false);
}

static void five_gigabytes_are_decoded(void **state)
{
    (void)state;
    expect_all(say_coded, stream, true);
}

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < BLOCK; i++)
        pattern[i] = (char)(i * 2654435761u >> 11);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_gigabytes_are_streamed),
        cmocka_unit_test(five_gigabytes_in_chunks_go_into_a_sink),
        cmocka_unit_test(five_gigabytes_are_decoded),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
