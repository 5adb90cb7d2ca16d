/* test_crowd.c - many threads, each with a session of its own, at their lookups, requests,
 * time-outs and interrupts all at once, and sessions that go with their questions open.
 * What this finds, it finds when built with -fsanitize=thread, or run under valgrind.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lib/actor.h"
#include "lib/errand.h"
#include "lib/resolver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>

/* In place of the system's; see resolver.h. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
    struct addrinfo **out)
{
    (void)service, (void)hints;
    return resolver_ask(node, out);
}

void freeaddrinfo(struct addrinfo *info)
{
    resolver_free(info);
}

enum { THREADS = 6, ROUNDS = 12, AT_ONCE = 6 };

static const act answers[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
    {.kind = ACT_AGAIN}};

static actor friendly;

/* What one thread does; cmocka's own checks are not for threads. */
typedef struct worker {
    pthread_t self;
    int number;
    ferry_session *session;
    const char *wrong; /* NULL: nothing */
    char said[300];
} worker;

static void expect(worker *w, bool is_so, const char *what)
{
    if (is_so || w->wrong)
        return;
    w->wrong = what;
    snprintf(w->said, sizeof w->said, "%s", ferry_explain(w->session));
}

static void name_url(char url[64], const char *kind, const worker *w, int i)
{
    snprintf(url, 64, "http://%s.%d.%d.test:%u/", kind, w->number, i, friendly.port);
}

/* Set before the threads begin. */
static bool is_beside;

/* --- what there is to do ------------------------------------------------------------ */

static void ask_and_get(worker *w, int round)
{
    static const char *const kinds[] = {"slow1", "slow5", "a", "no"};
    char url[64];
    name_url(url, kinds[round % 4], w, round / 8);
    ferry_err e = ferry_get(w->session, url, NULL);
    expect(w, e == (round % 4 == 3 ? FERRY_ERR_NAME : FERRY_OK), "a request");
}

static void run_out_of_time(worker *w, int round)
{
    char url[64];
    name_url(url, "slow300", w, round);
    ferry_err e = ferry_get(w->session, url, NULL, .timeout = {.connect_ms = 5});
    expect(w, e == FERRY_ERR_CONNECT_TIMEOUT || !is_beside, "a time-out");
}

static void *interrupt_soon(void *session)
{
    poll(NULL, 0, 3);
    ferry_interrupt(session);
    return NULL;
}

/* It may come while the name is looked up, during the request, or behind it. */
static void be_interrupted(worker *w, int round)
{
    pthread_t other;
    char url[64];
    name_url(url, "slow4", w, round);
    if (pthread_create(&other, NULL, interrupt_soon, w->session)) {
        expect(w, false, "a thread");
        return;
    }
    ferry_err e = ferry_get(w->session, url, NULL);
    pthread_join(other, NULL);
    ferry_err then = ferry_get(w->session, friendly.url, NULL);
    expect(
        w, (e == FERRY_ERR_ABORTED) + (then == FERRY_ERR_ABORTED) == 1, "an interrupt");
}

/* Some are dropped with their questions open. */
static void step_several(worker *w, int round)
{
    errand g[AT_ONCE];
    char urls[AT_ONCE][64];
    bool is_busy = true;
    for (int i = 0; i < AT_ONCE; i++) {
        name_url(urls[i], i % 3 ? "slow3" : "slow20", w, round * AT_ONCE + i);
        g[i] = (errand){.session = w->session, .url = urls[i]};
        errand_begin(&g[i]);
        if (i % 3 == 0)
            errand_end(&g[i]);
    }
    while (is_busy) {
        is_busy = false;
        for (int i = 0; i < AT_ONCE; i++)
            if (g[i].r && g[i].e == FERRY_AGAIN)
                is_busy |= errand_go_on(&g[i], 2) == FERRY_AGAIN;
    }
    for (int i = 0; i < AT_ONCE; i++) {
        expect(w, !g[i].r || g[i].e == FERRY_OK, "a stepped request");
        errand_end(&g[i]);
    }
}

static void leave(worker *w, int round)
{
    char url[64];
    ferry_response *r = NULL;
    name_url(url, "slow30", w, round);
    expect(w, ferry_begin(w->session, url, &r) == FERRY_OK, "a beginning");
    ferry_step(r, NULL);
    ferry_session_free(w->session);
    ferry_response_free(r);
    w->session = ferry_session_new_with(NULL);
}

static void *work(void *arg)
{
    static void (*const jobs[])(worker *, int) = {ask_and_get, step_several,
        ask_and_get, run_out_of_time, ask_and_get, be_interrupted, ask_and_get, leave};
    worker *w = arg;
    for (int round = 0; round < ROUNDS * 8; round++)
        jobs[(round + w->number) % 8](w, round);
    ferry_session_free(w->session);
    return NULL;
}

static void sessions_of_many_threads_do_not_meet(void **state)
{
    worker w[THREADS] = {{.number = 0}};
    (void)state;
    for (int i = 0; i < THREADS; i++) {
        w[i].number = i;
        w[i].session = ferry_session_new_with(NULL);
        assert_int_equal(pthread_create(&w[i].self, NULL, work, &w[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(w[i].self, NULL);
    for (int i = 0; i < THREADS; i++)
        if (w[i].wrong)
            fail_msg("%s: %s", w[i].wrong, w[i].said);
}

static int open_all(void **state)
{
    (void)state;
    friendly = (actor){.plays = {answers}};
    char url[64];
    if (!actor_open(&friendly))
        return -1;
    snprintf(url, sizeof url, "http://probe.test:%u/", friendly.port);
    is_beside = ferry_once(url, NULL) == FERRY_OK && !resolver_was_here();
    return 0;
}

/* Questions may outlive their sessions. */
static int close_all(void **state)
{
    (void)state;
    actor_close(&friendly);
    return resolver_has_inside(0) ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_of_many_threads_do_not_meet),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
