/* peer.c - the other end of connections, in memory.
 * SPDX-License-Identifier: MIT */
#include "lib/peer.h"

#include "lib/socks_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct peer_conn {
    ferry_transport base;
    peer *peer;
    socks_peer socks;
    const peer_answer *answer; /* being read; NULL: no request yet */
    size_t at;                 /* in it */
    int matched;               /* bytes of the empty line that ends a head */
    int requests;              /* whole heads that are not answered yet */
    int waits;
    bool has_put_off_read, has_put_off_write; /* the call before this one */
} peer_conn;

static peer_conn *peer_called(ferry_transport *t, const char *call)
{
    peer_conn *c = (peer_conn *)(void *)t;
    if (c->peer->on_call)
        c->peer->on_call(c->peer->user, call);
    return c;
}

static int peer_fail(peer_conn *c, const char *what)
{
    c->base.fault = (ferry_fault){FERRY_OK, 104, what};
    return FERRY_FAILED;
}

/* True every other time. */
static bool peer_puts_off(const peer *p, bool *has_put_off)
{
    *has_put_off = p->is_coy && !*has_put_off;
    return *has_put_off;
}

static size_t peer_share(const peer *p, size_t n)
{
    return p->piece && n > p->piece ? p->piece : n;
}

static int peer_open(ferry_transport *t)
{
    peer_conn *c = peer_called(t, "open");
    if (c->peer->open_fails)
        return peer_fail(c, "refused");
    return c->waits-- > 0 ? FERRY_WANT_WRITE : 1;
}

/* Has the last request been answered, and may another one come? */
static bool peer_is_idle(const peer_conn *c)
{
    return !c->answer ||
           (c->answer->end == PEER_STAYS && c->answer->bytes[c->at] == '\0');
}

/* Find the ends of request heads in what is sent. */
static void peer_look_for_requests(peer_conn *c, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == "\r\n\r\n"[c->matched])
            c->matched++;
        else
            c->matched = bytes[i] == '\r';
        c->requests += c->matched == 4;
        c->matched %= 4;
    }
}

/* A request is answered once its head is there and the one before it was answered. */
static void peer_answer_next(peer_conn *c)
{
    peer *p = c->peer;
    if (!peer_is_idle(c) || !c->requests || p->next == p->n_answers)
        return;
    c->answer = &p->answers[p->next++];
    c->at = 0;
    c->requests--;
}

static size_t peer_hear_socks(peer_conn *c, const void *bytes, size_t n)
{
    const socks_peer *s = &c->socks;
    size_t taken = socks_peer_hear(&c->socks, bytes, n);
    if (taken)
        snprintf(c->peer->socks, sizeof c->peer->socks, "%s:%s@%s", s->user,
            s->password, s->target);
    return taken;
}

static ptrdiff_t peer_write(ferry_transport *t, const void *bytes, size_t n, int64_t ms)
{
    peer_conn *c = peer_called(t, "write");
    peer *p = c->peer;
    (void)ms;
    if (p->is_deaf || peer_puts_off(p, &c->has_put_off_write))
        return FERRY_WANT_WRITE;
    n = peer_share(p, n);
    if (p->takes && n > p->takes - p->sent_len)
        n = p->takes - p->sent_len;
    if (n == 0)
        return peer_fail(c, "it takes no more");
    size_t taken = peer_hear_socks(c, bytes, n);
    if (taken)
        return (ptrdiff_t)taken;
    if (n > sizeof p->sent - 1 - p->sent_len)
        return peer_fail(c, "too much for the test");
    memcpy(p->sent + p->sent_len, bytes, n);
    p->sent_len += n;
    p->sent[p->sent_len] = '\0';
    peer_look_for_requests(c, bytes, n);
    peer_answer_next(c);
    return (ptrdiff_t)n;
}

static ptrdiff_t peer_end_of_answer(peer_conn *c)
{
    switch (c->answer->end) {
    case PEER_CLOSES: return 0;
    case PEER_RESETS: return peer_fail(c, "reset");
    default: return FERRY_WANT_READ;
    }
}

/* Bytes of the answer that are left, at most `n`: long ones are not measured at every
 * read. */
static size_t peer_left(const peer_conn *c, size_t n)
{
    const char *from = c->answer->bytes + c->at, *end = memchr(from, '\0', n);
    return end ? (size_t)(end - from) : n;
}

static ptrdiff_t peer_read(ferry_transport *t, void *bytes, size_t n, int64_t ms)
{
    peer_conn *c = peer_called(t, "read");
    (void)ms;
    if (peer_puts_off(c->peer, &c->has_put_off_read))
        return FERRY_WANT_READ;
    size_t said = socks_peer_say(&c->socks, bytes, peer_share(c->peer, n));
    if (said)
        return (ptrdiff_t)said;
    if (!c->answer)
        return FERRY_WANT_READ;
    n = peer_left(c, peer_share(c->peer, n));
    if (n == 0)
        return peer_end_of_answer(c);
    memcpy(bytes, c->answer->bytes + c->at, n);
    c->at += n;
    return (ptrdiff_t)n;
}

static void peer_want(ferry_transport *t, ferry_wait *w)
{
    peer_conn *c = peer_called(t, "want");
    w->on[w->n++] = (ferry_handle){(intptr_t)c, FERRY_READABLE};
}

static void peer_close(ferry_transport *t)
{
    peer_conn *c = peer_called(t, "close");
    c->peer->live--;
    free(c);
}

static int peer_dial(void *ctx, const char *host, uint16_t port, const ferry_addr *addr,
    ferry_transport **out, ferry_fault *fault)
{
    static const ferry_transport_calls calls = {
        peer_open, peer_read, peer_write, peer_want, peer_close};
    peer *p = ctx;
    (void)addr;
    if (p->on_call)
        p->on_call(p->user, "dial");
    p->dialled++;
    strncpy(p->host, host, sizeof p->host - 1);
    p->port = port;
    peer_conn *c = p->dial_fails ? NULL : calloc(1, sizeof *c);
    if (!c) {
        *fault = (ferry_fault){FERRY_OK, 0, "nobody there"};
        return -1;
    }
    c->base.calls = &calls;
    c->peer = p;
    c->waits = p->open_waits;
    p->live++;
    *out = &c->base;
    return 0;
}

ferry_dialer peer_dialer(peer *p)
{
    return (ferry_dialer){p, peer_dial};
}

void peer_forget(peer *p)
{
    p->sent_len = 0;
    p->sent[0] = '\0';
}
