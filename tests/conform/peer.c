/* peer.c - a server in memory that says given bytes in given pieces, and a machine with
 * a virtual clock to talk to it from. Knows transports. Does not know HTTP, but for its
 * answer to the second request. SPDX-License-Identifier: MIT */
#include "peer.h"

#include <stdlib.h>
#include <string.h>

typedef struct peer_conn {
    ferry_transport head;
    peer *peer;
    bool is_first;  /* says what is to be said */
    bool is_asked;  /* for the second response */
    bool is_paused; /* has just found nothing */
    size_t given;   /* of the second response */
} peer_conn;

static const char
    peer_second[] = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n" PEER_SECOND;

/* --- what is said ---------------------------------------------------------------- */

size_t stream_len(const stream *s)
{
    return s->prefix.len + s->repeat.len * s->count + s->suffix.len;
}

/* The run of bytes that begins at `at`. */
static ferry_str stream_run(const stream *s, size_t at)
{
    size_t middle = s->repeat.len * s->count;
    if (at < s->prefix.len)
        return fy_str_from(s->prefix, at);
    at -= s->prefix.len;
    return at < middle ? fy_str_from(s->repeat, at % s->repeat.len)
                       : fy_str_from(s->suffix, at - middle);
}

void stream_copy(const stream *s, size_t at, char *to, size_t n)
{
    for (size_t done = 0; done < n;) {
        ferry_str run = stream_run(s, at + done);
        if (run.len > n - done)
            run.len = n - done;
        memcpy(to + done, run.ptr, run.len);
        done += run.len;
    }
}

/* --- the transport --------------------------------------------------------------- */

static int peer_open(ferry_transport *t)
{
    (void)t;
    return 1;
}

/* How much of `says` may be read now. */
static size_t peer_ready(const peer *p)
{
    size_t end = stream_len(&p->says) - (p->is_second ? 0 : p->held);
    return end - p->given;
}

/* As much of `n` as lies in the piece that `given` stands in. */
static size_t peer_piece(const peer *p, size_t n)
{
    if (n > p->cut.every)
        n = p->cut.every;
    return p->cut.at > p->given && n > p->cut.at - p->given ? p->cut.at - p->given : n;
}

static ptrdiff_t peer_say(peer *p, char *to, size_t n)
{
    size_t ready = peer_ready(p);
    n = peer_piece(p, n < ready ? n : ready);
    stream_copy(&p->says, p->given, to, n);
    p->given += n;
    return (ptrdiff_t)n;
}

static ptrdiff_t peer_say_second(peer_conn *c, char *to, size_t n)
{
    size_t left = sizeof peer_second - 1 - c->given;
    if (n > left)
        n = left;
    memcpy(to, peer_second + c->given, n);
    c->given += n;
    return (ptrdiff_t)n;
}

static bool peer_has_ended(const peer *p)
{
    return p->ends && p->given == stream_len(&p->says);
}

static ptrdiff_t peer_read(ferry_transport *t, void *to, size_t n, int64_t wait_ms)
{
    peer_conn *c = (peer_conn *)(void *)t;
    peer *p = c->peer;
    (void)wait_ms;
    bool says = c->is_first && (peer_ready(p) || peer_has_ended(p));
    bool answers = c->is_asked && c->given < sizeof peer_second - 1;
    p->is_empty = !says && !answers;
    c->is_paused = p->pauses && !c->is_paused;
    if (p->is_empty || c->is_paused)
        return FERRY_WANT_READ;
    if (!says)
        return peer_say_second(c, to, n);
    p->has_eof |= !peer_ready(p);
    return peer_ready(p) ? peer_say(p, to, n) : 0;
}

static ptrdiff_t peer_write(
    ferry_transport *t, const void *from, size_t n, int64_t wait_ms)
{
    peer_conn *c = (peer_conn *)(void *)t;
    (void)wait_ms;
    if (c->peer->is_second || !c->is_first)
        c->is_asked = true;
    else
        fy_buf_put(&c->peer->heard, from, n);
    return (ptrdiff_t)n;
}

static void peer_want(ferry_transport *t, ferry_wait *w)
{
    (void)t, (void)w;
}

static void peer_close(ferry_transport *t)
{
    ((peer_conn *)(void *)t)->peer->open--;
    free(t);
}

static int peer_dial(void *ctx, const char *host, uint16_t port, const ferry_addr *addr,
    ferry_transport **out, ferry_fault *fault)
{
    static const ferry_transport_calls calls = {
        peer_open, peer_read, peer_write, peer_want, peer_close};
    peer *p = ctx;
    peer_conn *c = calloc(1, sizeof *c);
    (void)addr;
    if (!c || strlen(host) >= sizeof p->host) {
        free(c);
        fault->code = FERRY_ERR_NOMEM;
        return -1;
    }
    memcpy(p->host, host, strlen(host) + 1);
    p->port = port;
    *c = (peer_conn){.head.calls = &calls, .peer = p, .is_first = p->dials == 0};
    p->dials++;
    p->open++;
    *out = &c->head;
    return 0;
}

/* --- the machine ----------------------------------------------------------------- */

static void *peer_resize(void *ctx, void *block, size_t old_size, size_t new_size)
{
    (void)ctx, (void)old_size;
    if (new_size)
        return realloc(block, new_size);
    free(block);
    return NULL;
}

static int64_t peer_now(void *ctx)
{
    return ((peer *)ctx)->now_ms;
}

static int peer_random(void *ctx, void *to, size_t n)
{
    (void)ctx;
    memset(to, 0x5a, n);
    return 0;
}

int peer_wait(void *ctx, const ferry_wait *w)
{
    peer *p = ctx;
    if (!p->is_empty)
        return 0;
    p->now_ms += w->timeout_ms;
    return w->timeout_ms < 0; /* it would last for ever */
}

const ferry_platform peer_libc = {
    .size = sizeof(ferry_platform), .resize = peer_resize};

void peer_init(peer *p)
{
    *p = (peer){.cut = {CUT_NONE, CUT_NONE}};
    p->board = (ferry_platform){.size = sizeof(ferry_platform),
        .ctx = p,
        .resize = peer_resize,
        .now_ms = peer_now,
        .random = peer_random,
        .wait = peer_wait};
    p->dialer = (ferry_dialer){.ctx = p, .dial = peer_dial};
    fy_buf_init(&p->heard, &peer_libc, SIZE_MAX / 4);
}

void peer_fini(peer *p)
{
    fy_buf_fini(&p->heard);
}
