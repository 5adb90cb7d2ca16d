/* in_memory.c - a transport of your own, mounted for one URL prefix. This one has its
 * peer in memory; a modem, a serial line or a TLS of your own has the same five calls.
 * SPDX-License-Identifier: MIT */
#include <ferry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct memory {
    ferry_transport head; /* first: ferry knows this much of it */
    const char *answer;   /* what is left to be read */
} memory;

static int memory_open(ferry_transport *t) { return (void)t, 1; }
static void memory_want(ferry_transport *t, ferry_wait *w) { (void)t, (void)w; }
static void memory_close(ferry_transport *t) { free(t); }

static ptrdiff_t memory_write(ferry_transport *t, const void *p, size_t n, int64_t ms)
{
    (void)t, (void)ms;
    return (ptrdiff_t)fwrite(p, 1, n, stdout);
}

static ptrdiff_t memory_read(ferry_transport *t, void *p, size_t n, int64_t ms)
{
    memory *m = (memory *)t;
    size_t left = strlen(m->answer);
    (void)ms;
    n = n < left ? n : left;
    memcpy(p, m->answer, n);
    m->answer += n;
    return n ? (ptrdiff_t)n : FERRY_WANT_READ;
}

static int memory_dial(void *ctx, const char *host, uint16_t port,
    const ferry_addr *addr, ferry_transport **out, ferry_fault *fault)
{
    static const ferry_transport_calls calls = {
        memory_open, memory_read, memory_write, memory_want, memory_close};
    memory *m = calloc(1, sizeof *m);
    (void)host, (void)port, (void)addr;
    if (!m)
        return fault->code = FERRY_ERR_NOMEM, -1;
    *m = (memory){.head.calls = &calls, .answer = ctx};
    return *out = &m->head, 0;
}

int main(void)
{
    ferry_dialer device = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", memory_dial};
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    if (ferry_mount(s, "http://device.test", .transport = &device) ||
        ferry_get(s, "http://device.test/status", &r))
        return fprintf(stderr, "%s\n", ferry_explain(s)), 1;
    return printf("%d %s\n", r->status, r->body.ptr) < 0;
}
