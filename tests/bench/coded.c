/* coded.c - what it costs to decode 10 MB of gzip, beside zlib alone: the same bytes come
 * out of memory, once through a session that streams them and once through inflate().
 *
 *     coded CPU
 *
 * prints "floor N" and "coded N": microseconds of CPU, and the median of the ratios of
 * rounds in which each goes first in turn. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "bench/pattern.h"
#include "ferry.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

enum { CODED_LENGTH = 10000000, CODED_ROUNDS = 15, CODED_ROOM = 64 * 1024 };

static char *coded_bytes; /* head and body */
static size_t coded_len, coded_head, coded_at;
static unsigned long coded_sum; /* of what came out */

static double coded_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void coded_make(void)
{
    z_stream z = {.zalloc = NULL};
    char *text = malloc(CODED_LENGTH);
    pattern_put_text(text, CODED_LENGTH);
    coded_bytes = malloc(CODED_LENGTH);
    if (deflateInit2(&z, 6, Z_DEFLATED, 31, 8, 0) != Z_OK)
        exit(1);
    char *packed = malloc(CODED_LENGTH);
    z.next_in = (Bytef *)text;
    z.avail_in = CODED_LENGTH;
    z.next_out = (Bytef *)packed;
    z.avail_out = CODED_LENGTH;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END)
        exit(1);
    coded_head = (size_t)sprintf(coded_bytes,
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %lu\r\n\r\n",
        z.total_out);
    memcpy(coded_bytes + coded_head, packed, z.total_out);
    coded_len = coded_head + z.total_out;
    deflateEnd(&z);
    free(packed);
    free(text);
}

static void coded_take(const char *p, size_t n)
{
    coded_sum += n + (unsigned char)p[n / 2];
}

/* --- zlib alone ------------------------------------------------------------------ */

/* What a socket would have to copy, too. */
static size_t coded_read(void *p, size_t n)
{
    size_t left = coded_len - coded_at;
    n = n < left ? n : left;
    memcpy(p, coded_bytes + coded_at, n);
    coded_at += n;
    return n;
}

static void coded_floor(void)
{
    static z_stream z;
    static char in[CODED_ROOM], out[CODED_ROOM];
    if (!z.state && inflateInit2(&z, 31) != Z_OK)
        exit(1);
    inflateReset(&z);
    coded_at = coded_head;
    int answer = Z_OK;
    while (answer == Z_OK) {
        z.avail_in = (uInt)coded_read(in, sizeof in);
        z.next_in = (Bytef *)in;
        do {
            z.next_out = (Bytef *)out;
            z.avail_out = sizeof out;
            answer = inflate(&z, Z_NO_FLUSH);
            if (z.avail_out < sizeof out)
                coded_take(out, sizeof out - z.avail_out);
        } while (z.avail_out == 0);
    }
    if (answer != Z_STREAM_END)
        exit(1);
}

/* --- a session ------------------------------------------------------------------- */

static int coded_open(ferry_transport *t)
{
    (void)t;
    return 1;
}

static ptrdiff_t coded_receive(ferry_transport *t, void *p, size_t n, int64_t wait_ms)
{
    (void)t;
    (void)wait_ms;
    n = coded_read(p, n);
    return n ? (ptrdiff_t)n : FERRY_WANT_READ;
}

static ptrdiff_t coded_send(
    ferry_transport *t, const void *p, size_t n, int64_t wait_ms)
{
    (void)t;
    (void)p;
    (void)wait_ms;
    coded_at = 0;
    return (ptrdiff_t)n;
}

static void coded_want(ferry_transport *t, ferry_wait *w)
{
    (void)t;
    (void)w;
}

static void coded_close(ferry_transport *t)
{
    (void)t;
}

static int coded_dial(void *ctx, const char *host, uint16_t port,
    const ferry_addr *addr, ferry_transport **out, ferry_fault *fault)
{
    static const ferry_transport_calls calls = {
        coded_open, coded_receive, coded_send, coded_want, coded_close};
    static ferry_transport line = {.calls = &calls};
    (void)ctx, (void)host, (void)port, (void)addr, (void)fault;
    *out = &line;
    return 0;
}

static void coded_session(void)
{
    static const ferry_dialer dialer = {NULL, coded_dial};
    static ferry_session *s;
    ferry_response *r = NULL;
    ferry_str piece;
    if (!s)
        s = ferry_session_new(.transport = &dialer);
    ferry_err e = ferry_get(s, "http://a.test/", &r, .stream = FERRY_ON);
    while (!e && !(e = ferry_next(r, &piece)) && piece.len)
        coded_take(piece.ptr, piece.len);
    if (e) {
        fprintf(stderr, "coded: %s\n", ferry_explain(s));
        exit(1);
    }
    ferry_response_free(r);
}

/* --- both ------------------------------------------------------------------------ */

static double coded_time(void (*run)(void))
{
    double start = coded_now();
    run();
    return coded_now() - start;
}

static int coded_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
    double floors[CODED_ROUNDS], ratios[CODED_ROUNDS];
    cpu_set_t cpu;
    CPU_ZERO(&cpu);
    CPU_SET(argc > 1 ? (size_t)atoi(argv[1]) : 0, &cpu);
    if (argc > 1 && sched_setaffinity(0, sizeof cpu, &cpu))
        return 1;
    coded_make();
    coded_floor();
    coded_session();
    for (int i = 0; i < CODED_ROUNDS; i++) {
        double session = i % 2 ? coded_time(coded_session) : 0;
        floors[i] = coded_time(coded_floor);
        session = i % 2 ? session : coded_time(coded_session);
        ratios[i] = session / floors[i];
    }
    qsort(floors, CODED_ROUNDS, sizeof *floors, coded_compare);
    qsort(ratios, CODED_ROUNDS, sizeof *ratios, coded_compare);
    printf(
        "floor %.0f\ncoded %.3f\n", floors[CODED_ROUNDS / 2], ratios[CODED_ROUNDS / 2]);
    return coded_sum == 0;
}
