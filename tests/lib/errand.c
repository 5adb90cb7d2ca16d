/* errand.c - one request, waited for or stepped. SPDX-License-Identifier: MIT */
#include "lib/errand.h"

#include "lib/loopback.h"

#include <poll.h>

void errand_wait(const ferry_wait *w, int64_t most_ms)
{
    struct pollfd fds[FERRY_WAIT_HANDLES];
    int64_t ms = w->timeout_ms < 0 || w->timeout_ms > most_ms ? most_ms : w->timeout_ms;
    for (int i = 0; i < w->n; i++)
        fds[i] = (struct pollfd){.fd = (int)w->on[i].id,
            .events = (short)((w->on[i].events & FERRY_READABLE ? POLLIN : 0) |
                              (w->on[i].events & FERRY_WRITABLE ? POLLOUT : 0))};
    poll(fds, (nfds_t)w->n, (int)ms);
}

/* One call: a step or, behind the head of a stream, its next piece. True if the next one
 * may follow at once. */
static bool errand_call(errand *g)
{
    int64_t start = loopback_now_ms();
    ferry_str chunk = {NULL, 0};
    bool is_stream = g->opts.stream == FERRY_ON, is_body = is_stream && g->r->status;
    g->e = is_body ? ferry_next(g->r, &chunk) : ferry_step(g->r, NULL);
    int64_t took = loopback_now_ms() - start;
    if (took > g->longest_ms)
        g->longest_ms = took;
    g->streamed += chunk.len;
    return !g->e && is_stream && (!is_body || chunk.len);
}

/* One time awake. */
static ferry_err errand_step(errand *g)
{
    while (errand_call(g))
        ;
    g->steps++;
    if (g->e == FERRY_AGAIN)
        ferry_waiting(g->r, &g->waited);
    g->ended_ms = loopback_now_ms();
    return g->e;
}

ferry_err errand_begin(errand *g)
{
    g->opts.size = sizeof g->opts;
    g->began_ms = loopback_now_ms();
    g->e = ferry_begin_with(g->session, g->url, &g->r, &g->opts);
    return g->e ? g->e : errand_step(g);
}

ferry_err errand_go_on(errand *g, int64_t most_ms)
{
    ferry_waiting(g->r, &g->waited); /* other transfers may have changed it */
    errand_wait(&g->waited, most_ms);
    return errand_step(g);
}

static void errand_block(errand *g)
{
    ferry_opts o = g->opts;
    ferry_str chunk = {NULL, 0};
    o.size = sizeof o;
    o.method = NULL;
    g->began_ms = loopback_now_ms();
    g->e = ferry_send(
        g->session, g->opts.method ? g->opts.method : "GET", g->url, &g->r, &o);
    while (!g->e && o.stream == FERRY_ON) {
        g->e = ferry_next(g->r, &chunk);
        g->streamed += chunk.len;
        if (!chunk.len)
            break;
    }
    g->ended_ms = loopback_now_ms();
}

void errand_run(errand *g)
{
    enum { ERRAND_PATIENCE_MS = 60 * 1000 };
    if (!g->is_stepped) {
        errand_block(g);
        return;
    }
    errand_begin(g);
    while (g->e == FERRY_AGAIN)
        errand_go_on(g, ERRAND_PATIENCE_MS);
}

void errand_end(errand *g)
{
    ferry_response_free(g->r);
    g->r = NULL;
}
