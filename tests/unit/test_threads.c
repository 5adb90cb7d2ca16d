/* test_threads.c - different sessions share nothing: each thread may have its own. What
 * these tests find, they find when built with -fsanitize=thread.
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "ferry.h"
#include "lib/loopback.h"
#include "lib/machine.h"
#include "lib/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 6, ROUNDS = 20 };

/* What one thread says of its work: cmocka's own checks are not for threads. */
typedef struct worker {
    pthread_t thread;
    int number;
    const char *wrong; /* NULL: nothing */
    char url[64];
    ferry_session *session; /* where it is not of its own */
    int listener;           /* of a server */
} worker;

/* They start together: who comes one after the other cannot be seen to share. */
static pthread_barrier_t start;

static void run_all(void *(*work)(void *))
{
    worker w[THREADS] = {{.number = 0}};
    pthread_barrier_init(&start, NULL, THREADS);
    for (int i = 0; i < THREADS; i++) {
        w[i].number = i;
        assert_int_equal(pthread_create(&w[i].thread, NULL, work, &w[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(w[i].thread, NULL);
    pthread_barrier_destroy(&start);
    for (int i = 0; i < THREADS; i++)
        if (w[i].wrong)
            fail_msg("thread %d: %s", w[i].number, w[i].wrong);
}

/* --- in memory ------------------------------------------------------------------- */

#define OK_2 "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

/* Errors are recorded and explained, options merged, connections pooled and lost. */
static const char *use_a_session(ferry_session *s, const char *agent)
{
    ferry_auto_response r = NULL;
    if (ferry_update(s, .headers = FERRY_PAIRS({"User-Agent", agent})))
        return "update";
    if (ferry_get(s, "http://a.test/", &r, .params = FERRY_PAIRS({"q", agent})))
        return ferry_explain(s);
    if (strcmp(r->body.ptr, "ok") != 0 || !strstr(r->request.ptr, agent))
        return "another's answer";
    if (ferry_get(s, "http:///", &r) != FERRY_ERR_URL)
        return "no error for a bad URL";
    if (ferry_post(s, "http://a.test/", &r, .text = agent) != FERRY_ERR_TRUNCATED)
        return "no error for a short body";
    return strstr(ferry_explain(s), "a.test") ? NULL : "explained without a peer";
}

/* Let the others run: a sanitizer that looks for races remembers only what was lately
 * done. */
static void take_turns(void)
{
    const struct timespec pause = {.tv_nsec = 500000};
    nanosleep(&pause, NULL);
}

static void *work_in_memory(void *arg)
{
    static const peer_answer answers[] = {{OK_2, PEER_STAYS},
        {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", PEER_CLOSES}};
    worker *w = arg;
    char agent[32];
    snprintf(agent, sizeof agent, "agent-%d", w->number);
    pthread_barrier_wait(&start);
    for (int i = 0; i < ROUNDS && !w->wrong; i++) {
        take_turns();
        machine m;
        peer p = {.answers = answers, .n_answers = 2, .piece = (size_t)i % 4};
        machine_init(&m);
        ferry_dialer dialer = peer_dialer(&p);
        ferry_session *s = ferry_session_new(.platform = &m.memory.platform,
            .transport = &dialer);
        w->wrong = use_a_session(s, agent);
        ferry_session_free(s);
        if (!w->wrong && (p.live || !memory_is_clean(&m.memory)))
            w->wrong = "something is left";
    }
    return NULL;
}

static void sessions_of_many_threads_share_nothing(void **state)
{
    (void)state;
    run_all(work_in_memory);
}

/* --- over sockets ---------------------------------------------------------------- */

static bool read_head(int fd)
{
    char text[4096];
    size_t n = 0;
    while (n < sizeof text - 1 && loopback_is_readable(fd, 10000)) {
        ssize_t got = read(fd, text + n, sizeof text - 1 - n);
        if (got <= 0)
            return false;
        n += (size_t)got;
        text[n] = '\0';
        if (strstr(text, "\r\n\r\n"))
            return true;
    }
    return false;
}

/* Answers with its own number, on one connection after the other, until the listener is
 * shut down. */
static void *serve(void *arg)
{
    worker *w = arg;
    char answer[64];
    int fd, n = snprintf(answer, sizeof answer,
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d", w->number);
    while ((fd = loopback_accept(w->listener)) >= 0) {
        while (read_head(fd))
            if (write(fd, answer, (size_t)n) != n)
                w->wrong = "a short write";
        close(fd);
    }
    return NULL;
}

static const char *ask_over_sockets(const worker *w)
{
    ferry_auto_session s = ferry_session_new(.timeout = {.total_ms = 10000});
    ferry_auto_response r = NULL;
    for (int i = 0; i < ROUNDS; i++) {
        if (i % 5 == 4)
            ferry_close_idle(s);
        if (i % 2 ? ferry_get(s, w->url, &r)
                  : ferry_get(s, w->url, &r, .headers = FERRY_PAIRS({"X", "y"})))
            return "a request failed";
        if (r->body.len != 1 || r->body.ptr[0] - '0' != w->number)
            return "another's answer";
    }
    return NULL;
}

static void *work_over_sockets(void *arg)
{
    worker *w = arg, server = {.number = w->number};
    uint16_t port;
    server.listener = loopback_listen(FERRY_IPV4, 8, &port);
    snprintf(w->url, sizeof w->url, "http://127.0.0.1:%u/", port);
    if (server.listener < 0 || pthread_create(&server.thread, NULL, serve, &server))
        abort(); /* the others would wait for ever */
    pthread_barrier_wait(&start);
    w->wrong = ask_over_sockets(w);
    shutdown(server.listener, SHUT_RDWR); /* wakes its accept */
    pthread_join(server.thread, NULL);
    close(server.listener);
    if (!w->wrong)
        w->wrong = server.wrong;
    return NULL;
}

static void sessions_of_many_threads_have_their_own_connections(void **state)
{
    (void)state;
    run_all(work_over_sockets);
}

/* --- one session, several threads ------------------------------------------------ */

static void *use_the_given_session(void *arg)
{
    worker *w = arg;
    ferry_response *r = NULL;
    if (ferry_get(w->session, w->url, &r))
        w->wrong = "a request failed";
    else if (!r->reused != !w->number)
        w->wrong = "not the connection of the thread before";
    ferry_response_free(r);
    return NULL;
}

static void a_session_may_go_from_thread_to_thread(void **state)
{
    worker server = {.number = 1};
    uint16_t port;
    (void)state;
    server.listener = loopback_listen(FERRY_IPV4, 8, &port);
    assert_true(server.listener >= 0);
    assert_int_equal(pthread_create(&server.thread, NULL, serve, &server), 0);
    ferry_session *s = ferry_session_new();
    for (int i = 0; i < 3; i++) {
        worker w = {.number = i, .session = s};
        snprintf(w.url, sizeof w.url, "http://127.0.0.1:%u/", port);
        assert_int_equal(pthread_create(&w.thread, NULL, use_the_given_session, &w), 0);
        pthread_join(w.thread, NULL);
        assert_null(w.wrong);
    }
    ferry_session_free(s);
    shutdown(server.listener, SHUT_RDWR);
    pthread_join(server.thread, NULL);
    close(server.listener);
}

static void *wait_for_an_answer(void *arg)
{
    worker *w = arg;
    ferry_response *r = NULL;
    if (ferry_get(w->session, w->url, &r) != FERRY_ERR_ABORTED)
        w->wrong = "not interrupted";
    ferry_response_free(r);
    return NULL;
}

static void a_call_is_interrupted_from_another_thread(void **state)
{
    worker w = {.number = 0};
    uint16_t port;
    (void)state;
    w.listener = loopback_listen(FERRY_IPV4, 8, &port);
    assert_true(w.listener >= 0);
    snprintf(w.url, sizeof w.url, "http://127.0.0.1:%u/", port);
    w.session = ferry_session_new(.timeout = {.total_ms = 20000});
    int64_t from = loopback_now_ms();
    assert_int_equal(pthread_create(&w.thread, NULL, wait_for_an_answer, &w), 0);
    int fd = loopback_accept(w.listener);
    assert_true(fd >= 0 && read_head(fd));
    ferry_interrupt(w.session);
    pthread_join(w.thread, NULL);
    assert_null(w.wrong);
    assert_true(loopback_now_ms() - from < 10000);
    ferry_session_free(w.session);
    close(fd);
    close(w.listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_of_many_threads_share_nothing),
        cmocka_unit_test(sessions_of_many_threads_have_their_own_connections),
        cmocka_unit_test(a_session_may_go_from_thread_to_thread),
        cmocka_unit_test(a_call_is_interrupted_from_another_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
