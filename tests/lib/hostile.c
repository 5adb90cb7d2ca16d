/* hostile.c - a server in memory that follows a script of bytes.
 * SPDX-License-Identifier: MIT */
#include "lib/hostile.h"

#include "lib/model_request.h"

#include <stdio.h>
#include <string.h>

/* Calls without any bytes, time or command passing: somebody spins. */
enum { HOSTILE_IDLE_CALLS = 64 };

/* So many bytes of each side are cut as the script wants; more would take long and show
 * nothing new. */
enum { HOSTILE_SENT_CUT = 20000, HOSTILE_TAKEN_CUT = 2000 };

enum { HOSTILE_PATIENCE_MS = 250 };

#define HOSTILE_NEVER INT64_MAX

static hostile_conn *hostile_conn_of(ferry_transport *t)
{
    hostile_conn *c = (hostile_conn *)(void *)t;
    FUZZ_CHECK(!c->is_closed);
    FUZZ_CHECK(++c->world->idle_calls < HOSTILE_IDLE_CALLS);
    return c;
}

static int64_t hostile_steps_ms(uint8_t steps)
{
    return steps < 200 ? 2 * steps : 2000 * (steps - 199);
}

static ptrdiff_t hostile_fail(hostile_conn *c, ferry_fault fault)
{
    c->transport.fault = fault;
    return FERRY_FAILED;
}

/* --- the script ------------------------------------------------------------------ */

/* What the script does next. */
typedef enum hostile_move {
    HOSTILE_SEND,
    HOSTILE_END,
    HOSTILE_RESET,
    HOSTILE_FAIL,
    HOSTILE_AGAIN_READ,
    HOSTILE_AGAIN_WRITE,
    HOSTILE_LATER, /* at ready_ms */
    HOSTILE_SILENT /* not before the client does something */
} hostile_move;

static bool hostile_is_command(const hostile_conn *c)
{
    return c->script.n >= 2 && c->script.p[0] == 0xff && c->script.p[1] != 0xff;
}

static bool hostile_knows(uint8_t command)
{
    return command && strchr("NOWw>p|aARicrf", command);
}

static void hostile_drop_command(hostile_conn *c)
{
    fuzz_byte(&c->script);
    fuzz_byte(&c->script);
    c->world->idle_calls = 0;
}

static void hostile_start_run(hostile_conn *c)
{
    static const size_t sizes[] = {100, 1000, 4096, 17000, 70000, 300000, 1100000};
    uint8_t byte = fuzz_byte(&c->script);
    c->run = sizes[byte > 6 ? byte % 4 : byte];
    if (c->given.n > 2 << 20) /* enough is enough */
        c->run = 1;
}

/* Commands that act at once. False if the next one is none of these. */
static bool hostile_obey(hostile_conn *c)
{
    if (!hostile_is_command(c))
        return false;
    uint8_t command = c->script.p[1];
    if (!command || !strchr("OWwpRi", command))
        return false;
    hostile_drop_command(c);
    switch (command) {
    case 'O': fuzz_byte(&c->script); break; /* too late */
    case 'W':
        c->write_most = fuzz_byte(&c->script) & 15;
        c->write_busy = fuzz_byte(&c->script);
        break;
    case 'w': c->takes_nothing = true; break;
    case 'p': c->ready_ms += hostile_steps_ms(fuzz_byte(&c->script)); break;
    case 'R': hostile_start_run(c); break;
    default: c->world->interrupts++; ferry_interrupt(c->world->session);
    }
    return true;
}

/* A `>` is passed when its request is here. */
static bool hostile_pass_request(hostile_conn *c)
{
    if (!hostile_is_command(c) || c->script.p[1] != '>' || c->requests == c->asked)
        return false;
    hostile_drop_command(c);
    c->asked++;
    if (c->ready_ms < c->world->now_ms)
        c->ready_ms = c->world->now_ms;
    return true;
}

static hostile_move hostile_look_at_command(uint8_t command)
{
    switch (command) {
    case 'c': return HOSTILE_END;
    case 'r': return HOSTILE_RESET;
    case 'f': return HOSTILE_FAIL;
    case 'a': return HOSTILE_AGAIN_READ;
    case 'A': return HOSTILE_AGAIN_WRITE;
    case 'N':
    case '>': return HOSTILE_SILENT;
    default: return HOSTILE_SEND; /* no command after all */
    }
}

static hostile_move hostile_look(hostile_conn *c)
{
    for (;;) {
        if (c->world->now_ms < c->ready_ms)
            return HOSTILE_LATER;
        if (c->run)
            return HOSTILE_SEND;
        if (hostile_obey(c) || hostile_pass_request(c))
            continue;
        if (!hostile_is_command(c))
            return c->script.n ? HOSTILE_SEND : HOSTILE_SILENT;
        if (c->script.p[1] != '|')
            return hostile_look_at_command(c->script.p[1]);
        hostile_drop_command(c);
    }
}

/* The next byte sent, or -1 if something else comes first. */
static int hostile_next_byte(hostile_conn *c)
{
    if (c->script.n == 0 || (hostile_is_command(c) && hostile_knows(c->script.p[1])))
        return -1;
    if (c->script.n >= 2 && c->script.p[0] == 0xff && c->script.p[1] == 0xff)
        fuzz_byte(&c->script);
    return fuzz_byte(&c->script);
}

/* --- the transport --------------------------------------------------------------- */

static int hostile_open(ferry_transport *t)
{
    hostile_conn *c = hostile_conn_of(t);
    FUZZ_CHECK(!c->is_open);
    c->write_wants = FERRY_WRITABLE;
    if (c->world->now_ms < c->writable_ms)
        return FERRY_WANT_WRITE;
    c->write_wants = 0;
    if (c->is_over)
        return (int)hostile_fail(c, (ferry_fault){FERRY_OK, 111, "refused"});
    c->is_open = true;
    return 1;
}

static size_t hostile_send_run(hostile_conn *c, char *p, size_t n)
{
    size_t size = n < c->run ? n : c->run;
    memset(p, 'x', size);
    c->run -= size;
    return size;
}

static size_t hostile_send_script(hostile_conn *c, char *p, size_t n)
{
    size_t got = 0;
    for (int byte; got < n && (byte = hostile_next_byte(c)) >= 0;)
        p[got++] = (char)byte;
    return got;
}

static ptrdiff_t hostile_send(hostile_conn *c, char *p, size_t n)
{
    n = c->given.n < HOSTILE_SENT_CUT ? fuzz_cut(&c->cuts, n) : n;
    size_t got = c->run ? hostile_send_run(c, p, n) : hostile_send_script(c, p, n);
    FUZZ_CHECK(got > 0);
    fuzz_bytes_put(&c->given, p, got);
    c->world->idle_calls = 0;
    c->world->last = c;
    return (ptrdiff_t)got;
}

static ptrdiff_t hostile_want(hostile_conn *c, int events)
{
    c->read_wants = events;
    return events == FERRY_READABLE ? FERRY_WANT_READ : FERRY_WANT_WRITE;
}

/* A read that may wait does, for a quarter of a second at most, so that an interrupt is
 * noticed: until the script goes on, or in vain. */
static ptrdiff_t hostile_wait_to_read(hostile_conn *c, int64_t wait_ms)
{
    int64_t at = hostile_look(c) == HOSTILE_LATER ? c->ready_ms : HOSTILE_NEVER;
    int64_t now = c->world->now_ms;
    if (wait_ms <= 0)
        return hostile_want(c, FERRY_READABLE);
    if (wait_ms > HOSTILE_PATIENCE_MS)
        wait_ms = HOSTILE_PATIENCE_MS;
    c->world->idle_calls = 0;
    c->world->now_ms = at - now <= wait_ms ? at : now + wait_ms;
    return at - now <= wait_ms ? 0 : hostile_want(c, FERRY_READABLE);
}

static ptrdiff_t hostile_read(ferry_transport *t, void *p, size_t n, int64_t wait_ms)
{
    hostile_conn *c = hostile_conn_of(t);
    FUZZ_CHECK(c->is_open && n > 0);
    c->read_wants = 0;
    hostile_move move = hostile_look(c);
    if (move == HOSTILE_LATER || move == HOSTILE_SILENT) {
        ptrdiff_t answer = hostile_wait_to_read(c, wait_ms);
        if (answer)
            return answer;
        move = hostile_look(c);
    }
    switch (move) {
    case HOSTILE_SEND: return hostile_send(c, p, n);
    case HOSTILE_END: c->has_ended = true; return 0;
    case HOSTILE_RESET: return hostile_fail(c, (ferry_fault){FERRY_OK, 104, "reset"});
    case HOSTILE_FAIL: return hostile_fail(c, (ferry_fault){FERRY_OK, 0, NULL});
    case HOSTILE_AGAIN_READ:
        hostile_drop_command(c);
        return hostile_want(c, FERRY_READABLE);
    case HOSTILE_AGAIN_WRITE:
        hostile_drop_command(c);
        return hostile_want(c, FERRY_WRITABLE);
    default: return hostile_want(c, FERRY_READABLE);
    }
}

/* Count the requests that are whole. Only the framing matters here. */
static void hostile_see_requests(hostile_conn *c)
{
    while (c->request_at < c->got.n) {
        model_request r;
        if (c->need == 0) {
            model_read_request(&r, c->got.p + c->request_at, c->got.n - c->request_at);
            c->need = r.head_len ? r.head_len + r.length : 0;
            model_request_free(&r);
        }
        if (c->need == 0 || c->need > c->got.n - c->request_at)
            return;
        c->request_at += (size_t)c->need;
        c->need = 0;
        c->requests++;
    }
}

static ptrdiff_t hostile_write(
    ferry_transport *t, const void *p, size_t n, int64_t wait_ms)
{
    hostile_conn *c = hostile_conn_of(t);
    FUZZ_CHECK(c->is_open && n > 0 && wait_ms == 0);
    c->write_wants = 0;
    hostile_look(c); /* the script may have something to say about it */
    if (c->takes_nothing || (hostile_is_command(c) && c->script.p[1] == 'r')) {
        c->has_failed_write = true;
        return hostile_fail(c, (ferry_fault){FERRY_OK, 32, "broken pipe"});
    }
    if (c->world->now_ms < c->writable_ms) {
        c->write_wants = FERRY_WRITABLE;
        return FERRY_WANT_WRITE;
    }
    bool is_cut = c->write_most && c->got.n < HOSTILE_TAKEN_CUT;
    if (is_cut && n > c->write_most)
        n = c->write_most;
    if (is_cut)
        c->writable_ms = c->world->now_ms + hostile_steps_ms(c->write_busy);
    fuzz_bytes_put(&c->got, p, n);
    hostile_see_requests(c);
    c->world->idle_calls = 0;
    c->world->last = c;
    return (ptrdiff_t)n;
}

/* Who no longer writes does not want to hear that it could. */
static void hostile_add_want(ferry_transport *t, ferry_wait *w)
{
    hostile_conn *c = hostile_conn_of(t);
    int wants = c->read_wants | (w->why == FERRY_WAIT_READ ? 0 : c->write_wants);
    FUZZ_CHECK(w->n >= 0 && w->n < FERRY_WAIT_HANDLES);
    if (wants)
        w->on[w->n++] = (ferry_handle){c - c->world->conns, wants};
}

static void hostile_close(ferry_transport *t)
{
    hostile_conn *c = hostile_conn_of(t);
    c->is_closed = true;
    c->world->idle_calls = 0;
}

/* --- the platform ---------------------------------------------------------------- */

/* The scripts are told apart by ff N; a pair ff ff is no beginning of it. */
static fuzz_input hostile_next_script(hostile *h)
{
    fuzz_input script = h->scripts;
    while (h->scripts.n) {
        size_t pair = h->scripts.n >= 2 && h->scripts.p[0] == 0xff ? 2 : 1;
        bool is_end = pair == 2 && h->scripts.p[1] == 'N';
        size_t len = (size_t)(h->scripts.p - script.p);
        h->scripts.p += pair;
        h->scripts.n -= pair;
        if (is_end)
            return (fuzz_input){script.p, len};
    }
    return script;
}

static fuzz_input hostile_kind_script(void)
{
    static const char text[] = "\xff>HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine";
    return (fuzz_input){(const uint8_t *)text, sizeof text - 1};
}

static void hostile_read_opening(hostile_conn *c)
{
    if (!hostile_is_command(c) || c->script.p[1] != 'O')
        return;
    hostile_drop_command(c);
    uint8_t steps = fuzz_byte(&c->script);
    c->writable_ms += hostile_steps_ms(steps);
    c->is_over = steps == 254;
    if (steps == 255)
        c->writable_ms = HOSTILE_NEVER;
}

static int hostile_dial(void *ctx, const char *host, uint16_t port,
    const ferry_addr *addr, ferry_transport **out, ferry_fault *fault)
{
    static const ferry_transport_calls calls = {
        hostile_open, hostile_read, hostile_write, hostile_add_want, hostile_close};
    hostile *h = ctx;
    FUZZ_CHECK(host && *host && !addr == !h->n_addresses);
    *fault = (ferry_fault){FERRY_OK, 113, "no way there"};
    if (h->n_conns == (h->is_kind ? HOSTILE_CONNS : HOSTILE_CONNS - 2))
        return -1;
    hostile_conn *c = &h->conns[h->n_conns];
    *c = (hostile_conn){.transport.calls = &calls, .world = h};
    snprintf(c->host, sizeof c->host, "%s", host);
    c->port = port;
    c->script = h->is_kind ? hostile_kind_script() : hostile_next_script(h);
    if (hostile_is_command(c) && c->script.p[1] == 'D')
        return -1;
    c->ready_ms = c->writable_ms = h->now_ms;
    fuzz_cuts_init(&c->cuts, h->cut_mode, h->cut_seed);
    hostile_read_opening(c);
    h->n_conns++;
    h->idle_calls = 0;
    *out = &c->transport;
    return 0;
}

static int hostile_resolve(
    void *ctx, const char *host, ferry_addr *out, int max, ferry_fault *fault)
{
    hostile *h = ctx;
    FUZZ_CHECK(host && *host && max > 0);
    *fault = (ferry_fault){FERRY_OK, 2, "no such name"};
    for (int i = 0; i < h->n_addresses && i < max; i++)
        out[i] = (ferry_addr){i % 2 ? FERRY_IPV4 : FERRY_IPV6, {1, (uint8_t)i}, 0};
    return h->n_addresses;
}

static void *hostile_resize(void *ctx, void *p, size_t old_size, size_t new_size)
{
    hostile *h = ctx;
    return fuzz_memory_resize(&h->memory, p, old_size, new_size);
}

static int64_t hostile_now(void *ctx)
{
    return ((hostile *)ctx)->now_ms;
}

static int hostile_random(void *ctx, void *p, size_t n)
{
    (void)ctx;
    memset(p, 4, n);
    return 0;
}

/* --- time ------------------------------------------------------------------------ */

static int64_t hostile_readable_ms(hostile_conn *c)
{
    switch (hostile_look(c)) {
    case HOSTILE_LATER: return c->ready_ms;
    case HOSTILE_SILENT: return HOSTILE_NEVER;
    default: return c->world->now_ms;
    }
}

/* When what the handle stands for may be done. */
static int64_t hostile_event_ms(hostile *h, const ferry_handle *on)
{
    FUZZ_CHECK(on->id >= 0 && on->id < h->n_conns && on->events);
    hostile_conn *c = &h->conns[on->id];
    FUZZ_CHECK(!c->is_closed);
    int64_t at = on->events & FERRY_WRITABLE ? c->writable_ms : HOSTILE_NEVER;
    int64_t readable = on->events & FERRY_READABLE ? hostile_readable_ms(c) : at;
    return readable < at ? readable : at;
}

static int hostile_sleep(hostile *h, const ferry_handle *on, int n, int64_t timeout_ms)
{
    int64_t at = timeout_ms < 0 ? HOSTILE_NEVER : h->now_ms + timeout_ms;
    for (int i = 0; i < n; i++) {
        int64_t event = hostile_event_ms(h, &on[i]);
        if (event < at)
            at = event;
    }
    FUZZ_CHECK(++h->idle_calls < HOSTILE_IDLE_CALLS);
    if (at == HOSTILE_NEVER || (h->end_ms && at > h->end_ms))
        return -1;
    if (at > h->now_ms) {
        h->now_ms = at;
        h->idle_calls = 0;
    }
    return 0;
}

int hostile_wait(void *world, const ferry_wait *w)
{
    FUZZ_CHECK(w->n >= 0 && w->n <= FERRY_WAIT_HANDLES && w->timeout_ms >= -1);
    return hostile_sleep(world, w->on, w->n, w->timeout_ms);
}

int hostile_poll(hostile *h, const ferry_handle *on, int n, int timeout_ms)
{
    FUZZ_CHECK(n <= FERRY_WAIT_HANDLES && timeout_ms >= -1);
    return hostile_sleep(h, on, n, timeout_ms) ? -1 : n;
}

/* --- life ------------------------------------------------------------------------ */

/* What is found must not depend on where the fuzzer runs. */
static const char *hostile_getenv(void *ctx, const char *name)
{
    (void)ctx, (void)name;
    return NULL;
}

void hostile_init(hostile *h, fuzz_input scripts)
{
    memset(h, 0, sizeof *h);
    h->scripts = scripts;
    fuzz_memory_init(&h->memory);
    h->platform = (ferry_platform){.size = sizeof h->platform,
        .ctx = h,
        .resize = hostile_resize,
        .now_ms = hostile_now,
        .random = hostile_random,
        .dial = hostile_dial,
        .wait = hostile_wait,
        .getenv = hostile_getenv};
}

void hostile_mark(hostile *h)
{
    for (int i = 0; i < h->n_conns; i++) {
        h->conns[i].got_mark = h->conns[i].got.n;
        h->conns[i].given_mark = h->conns[i].given.n;
    }
    h->last = NULL;
    h->now_ms += h->now_ms & 1; /* time-outs are odd and steps even: never at once */
    h->platform.resolve = h->n_addresses ? hostile_resolve : NULL;
}

void hostile_reform(hostile *h)
{
    static const uint8_t end[] = {0xff, 'c'};
    h->is_kind = true;
    h->memory.memory.fail_at = 0;
    for (int i = 0; i < h->n_conns; i++) {
        h->conns[i].script = (fuzz_input){end, sizeof end};
        h->conns[i].ready_ms = h->conns[i].writable_ms = h->now_ms;
        h->conns[i].run = 0;
    }
}

void hostile_fini(hostile *h)
{
    FUZZ_CHECK(memory_is_clean(&h->memory.memory));
    for (int i = 0; i < h->n_conns; i++) {
        FUZZ_CHECK(h->conns[i].is_closed);
        fuzz_bytes_free(&h->conns[i].got);
        fuzz_bytes_free(&h->conns[i].given);
    }
}
