/* wire_memory.c - scripts played in memory: a dialler whose transports are the script,
 * a clock that moves only while somebody waits, and mishaps at any call of a transport.
 * tests. Knows the contract of a transport. SPDX-License-Identifier: MIT */
#include "lib/wire_world.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct memory_world memory_world;

typedef struct memory_pipe {
    ferry_transport base;
    memory_world *world;
    wire_peer *peer;
    int wants;       /* FERRY_READABLE, FERRY_WRITABLE: what would not go on */
    bool is_dialled; /* its first open() said "not yet" */
    bool is_open;    /* and a later one that it is done */
    bool is_closed;  /* by the client */
    bool is_dead;    /* a mishap: nothing works any more */
    bool is_over;    /* a mishap: the peer has gone in order */
    bool has_echoed; /* a write after the peer's close went into the void */
} memory_pipe;

struct memory_world {
    wire_world world;
    int64_t now_ms;
    memory_pipe pipes[WIRE_CONNECTIONS + 1];
    int n_pipes;
    wire_mishap mishap;
    int mishap_at, n_calls;
    bool is_spurious; /* a mishap said "not now": the next wait is over at once */
    long idle_waits;  /* in a row that neither took time nor moved a byte */
    const wire_connection *replacement;
    wire_peer spare; /* of the replacement */
};

enum { MEMORY_IDLE_WAITS = 100000 };

static memory_world *memory_of(wire_world *w)
{
    return (memory_world *)(void *)w;
}

static void memory_problem(memory_world *m, const memory_pipe *p, const char *what)
{
    wire_printf(
        &m->world.problem, "connection %d: %s\n", (int)(p - m->pipes) + 1, what);
}

/* --- mishaps --------------------------------------------------------------------- */

static wire_mishap memory_count_call(memory_world *m)
{
    return ++m->n_calls == m->mishap_at ? m->mishap : WIRE_NONE;
}

static int memory_fail(memory_pipe *p, int os, const char *what)
{
    p->base.fault = (ferry_fault){FERRY_OK, os, what};
    return FERRY_FAILED;
}

static int memory_again(memory_pipe *p, int event)
{
    p->wants |= event;
    return event == FERRY_READABLE ? FERRY_WANT_READ : FERRY_WANT_WRITE;
}

/* Before each call: 0, or what it answers because of a mishap, now or before. */
static int memory_meet(memory_pipe *p, wire_mishap mishap, int event)
{
    if (p->is_closed)
        memory_problem(p->world, p, "used after it was closed");
    if (mishap == WIRE_AGAIN) {
        p->world->is_spurious = true;
        return memory_again(p, event);
    }
    p->is_dead |= mishap == WIRE_FAILURE;
    p->is_over |= mishap == WIRE_EOF;
    return p->is_dead ? memory_fail(p, ECONNRESET, "connection reset by the peer") : 0;
}

/* --- the calls of a transport ---------------------------------------------------- */

static int memory_open(ferry_transport *t)
{
    memory_pipe *p = (memory_pipe *)(void *)t;
    int answer = memory_meet(p, memory_count_call(p->world), FERRY_WRITABLE);
    if (answer)
        return answer;
    wire_event_kind kind = wire_peer_kind(p->peer);
    if (kind == WIRE_REFUSE || p->is_over)
        return memory_fail(p, ECONNREFUSED, "connection refused");
    if (kind == WIRE_SILENCE || !p->is_dialled) {
        p->is_dialled = true;
        return memory_again(p, FERRY_WRITABLE);
    }
    p->wants = 0;
    p->is_open = true;
    return 1;
}

static ptrdiff_t memory_read(ferry_transport *t, void *to, size_t n, int64_t wait_ms)
{
    memory_pipe *p = (memory_pipe *)(void *)t;
    memory_world *m = p->world;
    wire_mishap mishap = memory_count_call(m);
    (void)wait_ms;
    /* Whoever asks for one byte looks whether there is any; "not now" would be a lie. */
    if (mishap == WIRE_AGAIN && n == 1)
        mishap = WIRE_NONE;
    int answer = memory_meet(p, mishap, FERRY_READABLE);
    if (answer || p->is_over)
        return answer;
    wire_peer_run(p->peer, m->now_ms);
    ferry_str offer = wire_peer_offer(
        p->peer, mishap == WIRE_SHORT ? 1 : m->world.run.cut);
    n = offer.len < n ? offer.len : n;
    if (n) {
        memcpy(to, offer.ptr, n);
        wire_peer_gave(p->peer, n);
        m->idle_waits = 0;
        p->wants &= ~FERRY_READABLE;
        return (ptrdiff_t)n;
    }
    if (p->peer->fate == WIRE_HAS_RESET)
        return memory_fail(p, ECONNRESET, "connection reset by the peer");
    return p->peer->fate == WIRE_IS_ALIVE ? memory_again(p, FERRY_READABLE) : 0;
}

/* As a system does it: what is first written after the peer's close goes nowhere, and
 * only its echo tells. */
static ptrdiff_t memory_write_late(memory_pipe *p, size_t n)
{
    if (p->peer->fate == WIRE_HAS_RESET || p->has_echoed)
        return memory_fail(p, EPIPE, "the peer has closed the connection");
    p->has_echoed = true;
    return (ptrdiff_t)n;
}

static ptrdiff_t memory_write(
    ferry_transport *t, const void *from, size_t n, int64_t wait_ms)
{
    memory_pipe *p = (memory_pipe *)(void *)t;
    memory_world *m = p->world;
    wire_mishap mishap = memory_count_call(m);
    (void)wait_ms;
    int answer = memory_meet(p, mishap, FERRY_WRITABLE);
    if (answer)
        return answer;
    wire_peer_run(p->peer, m->now_ms);
    if (p->is_over)
        return (ptrdiff_t)n;
    if (p->peer->fate == WIRE_HAS_CLOSED || p->peer->fate == WIRE_HAS_RESET)
        return memory_write_late(p, n);
    size_t most = mishap == WIRE_SHORT ? 1 : m->world.run.most_out,
           room = wire_peer_room(p->peer);
    n = n < most ? n : most;
    n = n < room ? n : room;
    if (n == 0)
        return memory_again(p, FERRY_WRITABLE);
    wire_peer_take(p->peer, from, n);
    wire_peer_run(p->peer, m->now_ms);
    m->idle_waits = 0;
    p->wants &= ~FERRY_WRITABLE;
    return (ptrdiff_t)n;
}

static void memory_want(ferry_transport *t, ferry_wait *w)
{
    memory_pipe *p = (memory_pipe *)(void *)t;
    if (w->n < FERRY_WAIT_HANDLES && p->wants)
        w->on[w->n++] = (ferry_handle){p - p->world->pipes, p->wants};
}

/* Kept until the world ends, so that a second close is seen and does no harm. */
static void memory_close(ferry_transport *t)
{
    memory_pipe *p = (memory_pipe *)(void *)t;
    if (p->is_closed)
        memory_problem(p->world, p, "closed twice");
    p->is_closed = true;
}

static int memory_dial(void *ctx, const char *host, uint16_t port,
    const ferry_addr *addr, ferry_transport **out, ferry_fault *fault)
{
    static const ferry_transport_calls calls = {
        memory_open, memory_read, memory_write, memory_want, memory_close};
    memory_world *m = ctx;
    (void)host, (void)port, (void)addr;
    wire_mishap mishap = memory_count_call(m);
    wire_peer *peer = m->replacement ? &m->spare : wire_world_dial(&m->world);
    bool is_too_much = !peer || m->n_pipes > WIRE_CONNECTIONS;
    if (is_too_much || mishap == WIRE_FAILURE || mishap == WIRE_EOF) {
        *fault = (ferry_fault){FERRY_OK, ECONNREFUSED, "connection refused"};
        return -1;
    }
    memory_pipe *p = &m->pipes[m->n_pipes++];
    *p = (memory_pipe){.base.calls = &calls, .world = m, .peer = peer};
    *out = &p->base;
    return 0;
}

/* --- time ------------------------------------------------------------------------ */

static int64_t memory_now(void *ctx)
{
    return ((memory_world *)ctx)->now_ms;
}

static bool memory_is_readable(const memory_pipe *p)
{
    return p->is_dead || p->is_over || p->peer->fate != WIRE_IS_ALIVE ||
           wire_peer_offer(p->peer, 1).len;
}

static bool memory_is_writable(const memory_pipe *p)
{
    if (wire_peer_kind(p->peer) == WIRE_SILENCE)
        return false;
    return !p->is_open || p->is_dead || p->is_over || p->peer->fate != WIRE_IS_ALIVE ||
           wire_peer_room(p->peer);
}

static bool memory_is_ready(memory_world *m, const ferry_wait *w)
{
    bool is_ready = m->is_spurious;
    m->is_spurious = false;
    for (int i = 0; i < m->n_pipes; i++)
        wire_peer_run(m->pipes[i].peer, m->now_ms);
    for (int i = 0; i < w->n; i++) {
        const memory_pipe *p = &m->pipes[w->on[i].id];
        is_ready |= (w->on[i].events & FERRY_READABLE) && memory_is_readable(p);
        is_ready |= (w->on[i].events & FERRY_WRITABLE) && memory_is_writable(p);
    }
    return is_ready;
}

static int64_t memory_next_due(const memory_world *m)
{
    int64_t next = INT64_MAX;
    for (int i = 0; i < m->n_pipes; i++) {
        int64_t due = wire_peer_due(m->pipes[i].peer);
        next = due < next ? due : next;
    }
    return next;
}

static bool memory_wait(wire_world *w, const ferry_wait *wait)
{
    memory_world *m = memory_of(w);
    int64_t due = wait->timeout_ms < 0 ? INT64_MAX : m->now_ms + wait->timeout_ms;
    while (!memory_is_ready(m, wait) && m->now_ms < due) {
        int64_t next = memory_next_due(m);
        if (next == INT64_MAX && due == INT64_MAX)
            return false;
        m->now_ms = next < due ? next : due;
        m->idle_waits = 0;
    }
    return ++m->idle_waits < MEMORY_IDLE_WAITS;
}

static int memory_platform_wait(void *ctx, const ferry_wait *wait)
{
    return memory_wait(ctx, wait) ? 0 : -1;
}

static void memory_sleep(wire_world *w, int64_t ms)
{
    memory_of(w)->is_spurious = false;
    memory_wait(w, &(ferry_wait){.timeout_ms = ms});
}

static int64_t memory_world_now(wire_world *w)
{
    return memory_of(w)->now_ms;
}

/* --- the world ------------------------------------------------------------------- */

static void memory_count(wire_world *w, int *dialled, int *open)
{
    memory_world *m = memory_of(w);
    *dialled = w->n_peers;
    *open = 0;
    for (int i = 0; i < m->n_pipes; i++)
        *open += !m->pipes[i].is_closed;
}

static void memory_stop(wire_world *w)
{
    (void)w;
}

static void memory_free(wire_world *w)
{
    wire_peer_fini(&memory_of(w)->spare);
    wire_world_fini(w);
    free(w);
}

wire_world *wire_memory_new(const wire_script *s, const wire_run *run)
{
    static const wire_world_calls calls = {memory_count, memory_wait, memory_sleep,
        memory_world_now, memory_stop, memory_free};
    memory_world *m = calloc(1, sizeof *m);
    if (!m)
        abort();
    wire_world_init(&m->world, s, run);
    m->world.calls = &calls;
    m->world.platform.ctx = m;
    m->world.platform.now_ms = memory_now;
    m->world.platform.wait = memory_platform_wait;
    m->world.dialer = (ferry_dialer){m, memory_dial};
    return &m->world;
}

void wire_memory_plan(wire_world *w, wire_mishap mishap, int at)
{
    memory_of(w)->mishap = mishap;
    memory_of(w)->mishap_at = at;
}

int wire_memory_calls(const wire_world *w)
{
    return ((const memory_world *)(const void *)w)->n_calls;
}

void wire_memory_replace(wire_world *w, const wire_connection *c)
{
    memory_world *m = memory_of(w);
    m->replacement = c;
    m->mishap = WIRE_NONE;
    wire_peer_init(&m->spare, c);
}
