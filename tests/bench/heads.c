/* heads.c - what parsing a head costs, with what its fields mean for the framing, beside
 * the least that finds its lines: one memchr for each LF and each colon.
 *
 *     heads [CPU]
 *
 * prints "floor NS" for one of 256 different heads in turn, as one head again and again
 * is learnt by the branch predictor; "parsed RATIO" for parsing a complete head; "found
 * RATIO" with the search for its end before; and "bytewise RATIO", how much more a byte
 * costs in a head of 64 KiB than in one of 4 KiB if they come one by one.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "proto/framing.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    HEADS = 256,
    HEADS_FIELDS = 17,
    HEADS_ROOM = 2048,
    HEADS_ROUNDS = 201,
    HEADS_LONG = 65536
};

static char heads_text[HEADS][HEADS_ROOM]; /* as it comes */
static char heads_work[HEADS][HEADS_ROOM]; /* parsed in place */
static size_t heads_len[HEADS];

/* --- the heads -----------------------------------------------------------------------
 */

static uint32_t heads_chance(uint32_t below)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32) % below;
}

static const char *const heads_names[] = {"Date", "Server", "Content-Type", "ETag",
    "Last-Modified", "Accept-Ranges", "Vary", "Cache-Control", "Expires", "Age", "Via",
    "X-Cache", "X-Request-Id", "Strict-Transport-Security", "X-Content-Type-Options",
    "X-Frame-Options", "Set-Cookie", "Link", "Content-Language", "Referrer-Policy",
    "Access-Control-Allow-Origin", "Content-Security-Policy", "Alt-Svc", "X-Served-By",
    "X-Timer", "Server-Timing", "Report-To", "NEL", "P3P", "Pragma", "x-amz-id-2",
    "X-Powered-By", "Content-Disposition", "Retry-After", "X-RateLimit-Remaining"};

static void heads_put(size_t i, const char *text)
{
    size_t n = strlen(text);
    memcpy(heads_text[i] + heads_len[i], text, n + 1);
    heads_len[i] += n;
}

static void heads_put_value(size_t i)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789-_=;,/. :\"";
    uint32_t n = 4 + heads_chance(57);
    while (n--)
        heads_text[i][heads_len[i]++] = letters[heads_chance(sizeof letters - 1)];
    heads_text[i][heads_len[i]++] = 'x'; /* no blank at the end */
}

static void heads_put_field(size_t i)
{
    heads_put(i, heads_names[heads_chance(sizeof heads_names / sizeof *heads_names)]);
    heads_put(i, ": ");
    heads_put_value(i);
    heads_put(i, "\r\n");
}

/* Fifteen fields of all kinds, and two that mean something among them. */
static void heads_make(size_t i)
{
    uint32_t length = heads_chance(HEADS_FIELDS),
             connection = heads_chance(HEADS_FIELDS);
    heads_put(i, "HTTP/1.1 200 OK\r\n");
    if (connection == length)
        connection = (connection + 1) % HEADS_FIELDS;
    for (uint32_t k = 0; k < HEADS_FIELDS; k++)
        if (k == length)
            heads_put(i, "Content-Length: 1024\r\n");
        else if (k == connection)
            heads_put(i, "Connection: keep-alive\r\n");
        else
            heads_put_field(i);
    heads_put(i, "\r\n");
}

/* --- what is measured ----------------------------------------------------------------
 */

static size_t heads_floor(char *p, size_t n)
{
    size_t found = 0;
    for (char *end = p + n, *lf; (lf = memchr(p, '\n', (size_t)(end - p)));) {
        found += memchr(p, ':', (size_t)(lf - p)) != NULL;
        p = lf + 1;
    }
    return found;
}

static fy_head heads_head;
static fy_framing heads_framing;

static size_t heads_parse(char *p, size_t n)
{
    fy_error x;
    if (fy_response_parse(&heads_head, p, n, &x) ||
        fy_framing_begin(&heads_framing, &heads_head, false, &x) ||
        heads_framing.left != 1024)
        abort();
    return heads_head.fields.n;
}

static size_t heads_find(char *p, size_t n)
{
    size_t cursor = 0, end = 0;
    fy_error x;
    if (fy_response_find_end((ferry_str){p, n}, &cursor, &end, &x))
        abort();
    return heads_parse(p, end);
}

static void *heads_resize(void *ctx, void *p, size_t old_size, size_t new_size)
{
    (void)ctx, (void)old_size;
    if (new_size)
        return realloc(p, new_size);
    free(p);
    return NULL;
}

static double heads_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int heads_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double heads_median(double *list, size_t n)
{
    qsort(list, n, sizeof *list, heads_compare);
    return list[n / 2];
}

/* Nanoseconds a head, over all of them as they come from the wire. */
static double heads_pass(size_t (*parse)(char *, size_t))
{
    size_t found = 0;
    memcpy(heads_work, heads_text, sizeof heads_work);
    double start = heads_now_ns();
    for (size_t i = 0; i < HEADS; i++)
        found += parse(heads_work[i], heads_len[i]);
    double ns = (heads_now_ns() - start) / HEADS;
    if (found != HEADS * HEADS_FIELDS)
        abort(); /* each must see each field */
    return ns;
}

static void heads_in_turn(void)
{
    static double floor_ns[HEADS_ROUNDS], parsed[HEADS_ROUNDS], found[HEADS_ROUNDS];
    for (int r = 0; r < HEADS_ROUNDS; r++) {
        floor_ns[r] = heads_pass(heads_floor);
        parsed[r] = heads_pass(heads_parse) / floor_ns[r];
        found[r] = heads_pass(heads_find) / floor_ns[r];
    }
    printf("floor %.1f\nparsed %.3f\nfound %.3f\n",
        heads_median(floor_ns, HEADS_ROUNDS), heads_median(parsed, HEADS_ROUNDS),
        heads_median(found, HEADS_ROUNDS));
}

/* --- byte by byte --------------------------------------------------------------------
 */

/* Nanoseconds a byte to find the end of a head of `n` bytes. */
static double heads_feed(char *p, size_t n)
{
    static double ns[25];
    size_t rounds = sizeof ns / sizeof *ns;
    for (size_t r = 0; r < rounds; r++) {
        size_t cursor = 0, end = 0;
        fy_error x;
        double start = heads_now_ns();
        for (size_t i = 1; i < n; i++)
            if (fy_response_find_end((ferry_str){p, i}, &cursor, &end, &x) !=
                FERRY_AGAIN)
                abort();
        ns[r] = (heads_now_ns() - start) / (double)n;
    }
    return heads_median(ns, rounds);
}

static void heads_bytewise(void)
{
    static char p[HEADS_LONG];
    strcpy(p, "HTTP/1.1 200 OK\r\n");
    for (size_t at = strlen(p), i = 0; at < HEADS_LONG; at++, i++)
        p[at] = "X-Field: a value of some length and then its end\r\n"[i % 50];
    printf("bytewise %.3f\n", heads_feed(p, HEADS_LONG) / heads_feed(p, 4096));
}

int main(int argc, char **argv)
{
    const ferry_platform platform = {.size = sizeof platform, .resize = heads_resize};
    cpu_set_t set;
    CPU_ZERO(&set);
    if (argc > 1) {
        CPU_SET(strtoul(argv[1], NULL, 10), &set);
        sched_setaffinity(0, sizeof set, &set);
    }
    fy_fields_init(&heads_head.fields, &platform, 128);
    fy_framing_init(&heads_framing, &platform, 65536, 128);
    for (size_t i = 0; i < HEADS; i++)
        heads_make(i);
    heads_in_turn();
    heads_bytewise();
    return 0;
}
