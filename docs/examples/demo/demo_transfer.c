/* demo_transfer.c - the tour, second half: connections, streams, errors.
 * SPDX-License-Identifier: MIT */
#include "demo.h"

#include <stdlib.h>

/* True if these are the bytes of the server's pattern from there on. */
static bool transfer_is_pattern(ferry_str s, uint64_t at)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] != server_byte(at + i))
            return false;
    return true;
}

/* --- the pool -------------------------------------------------------------------- */

enum { TRANSFER_COUNT = 2000, TRANSFER_SIZE = 1024 };

/* Microseconds for one of many small requests; negative if one of them was wrong. */
static double transfer_time(demo *d, ferry_session *s, int *reused)
{
    ferry_auto_response r = NULL;
    double start = demo_now();
    for (int i = 0; i < TRANSFER_COUNT; i++) {
        if (!demo_went_well(d, ferry_get(s, demo_url(d, "/bytes/1024"), &r), s))
            return -1;
        if (r->body.len != TRANSFER_SIZE || !transfer_is_pattern(r->body, 0))
            return -1;
        *reused += r->reused;
    }
    return (demo_now() - start) * 1e6 / TRANSFER_COUNT;
}

void demo_pool(demo *d)
{
    ferry_auto_session pooled = ferry_session_new();
    ferry_auto_session bare = ferry_session_new(.pool = {.idle = FERRY_NONE});
    int reused = 0, reused_bare = 0;

    demo_note(d, "%d requests for %d bytes each, every body verified", TRANSFER_COUNT,
        TRANSFER_SIZE);
    double without = transfer_time(d, bare, &reused_bare);
    double with = transfer_time(d, pooled, &reused);
    demo_check(d, without > 0 && reused_bare == 0,
        "%6.1f us a request with a connection for each", without);
    demo_check(d, with > 0 && reused == TRANSFER_COUNT - 1,
        "%6.1f us a request over one kept connection", with);
    if (with > 0)
        demo_note(d,
            "%.1f times as fast, here on loopback; a real network adds a round trip",
            without / with);
}

/* --- a stream -------------------------------------------------------------------- */

/* The session's allocator, which also counts. */
typedef struct transfer_memory {
    size_t now, most;
} transfer_memory;

static void *transfer_resize(void *ctx, void *p, size_t old_size, size_t new_size)
{
    transfer_memory *m = ctx;
    void *moved = NULL;
    if (new_size == 0)
        free(p);
    else if (!(moved = realloc(p, new_size)))
        return NULL;
    m->now = m->now - old_size + new_size;
    if (m->now > m->most)
        m->most = m->now;
    return moved;
}

static void transfer_stream(demo *d, ferry_session *s, const char *path, uint64_t want)
{
    ferry_auto_response r = NULL;
    ferry_str chunk = {"", 0};
    uint64_t at = 0;
    bool is_right = true;
    double start = demo_now();

    ferry_err e = ferry_get(s, demo_url(d, path), &r, .stream = FERRY_ON);
    while (!e && !(e = ferry_next(r, &chunk)) && chunk.len) {
        is_right = is_right && transfer_is_pattern(chunk, at);
        at += chunk.len;
    }
    if (!demo_went_well(d, e, s))
        return;
    demo_check(d, is_right && at == want, "%-20s %llu bytes in %.2f s, each verified",
        path, (unsigned long long)at, demo_now() - start);
    if (!strncmp(path, "/chunked", 8)) {
        const char *trailer = ferry_trailer(r, "Pattern");
        demo_check(d, trailer && !strcmp(trailer, "ends"), "and the trailer behind");
    }
}

void demo_stream(demo *d)
{
    transfer_memory memory = {0, 0};
    ferry_platform platform = {
        .size = sizeof platform,
        .ctx = &memory,
        .resize = transfer_resize};
    ferry_session *s = ferry_session_new(.platform = &platform);

    transfer_stream(d, s, "/bytes/268435456", 268435456);
    transfer_stream(d, s, "/chunked/67108864", 67108864);
    demo_check(d, memory.most < 1 << 20,
        "ferry held %zu bytes of memory at most, all in all", memory.most);
    ferry_session_free(s);
    demo_check(d, memory.now == 0, "and gave back every one");
}

/* --- errors ---------------------------------------------------------------------- */

static void transfer_expect(demo *d, const ferry_session *s, ferry_err e,
    ferry_err want, const ferry_response *r)
{
    demo_check(d, e == want && r == NULL, "%s (%d)", ferry_err_name(e), (int)e);
    demo_note(d, "%s", ferry_explain(s));
}

void demo_errors(demo *d)
{
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    ferry_err e;

    e = ferry_get(s, demo_url(d, "/silence"), &r,
        .timeout = {.read_ms = 200});
    transfer_expect(d, s, e, FERRY_ERR_READ_TIMEOUT, r);
    e = ferry_get(s, demo_url(d, "/broken"), &r);
    transfer_expect(d, s, e, FERRY_ERR_TRUNCATED, r);
    e = ferry_get(s, demo_url(d, "/echo"), &r,
        .headers = FERRY_PAIRS({"X-Evil", "a\r\nX-Injected: b"}));
    transfer_expect(d, s, e, FERRY_ERR_USAGE, r);

    e = ferry_get(s, demo_url(d, "/status/404"), &r);
    demo_check(d, e == FERRY_OK && r->status == 404, "a 404 is a response like others");
    e = ferry_check(r);
    demo_check(d, e == FERRY_ERR_STATUS, "until you ask: ferry_check(r) is %s",
        ferry_err_name(e));
    demo_note(d, "%s", ferry_explain(s));
    e = ferry_get(s, demo_url(d, "/echo"), &r);
    demo_check(d, e == FERRY_OK && ferry_ok(r), "after all of it the session works");
}
