/* test_cut_downloads.c - downloads over real sockets from a server that breaks off, again
 * and again, in every way there is: what arrives is the file.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "ferry.h"
#include "lib/flaky.h"
#include "lib/loopback.h"

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
#include <unistd.h>

enum { CUTS = 200, BOUND_MS = 20000 };

/* How a connection ends where it is cut. */
typedef enum ending { IT_CLOSES, IT_RESETS, IT_STALLS } ending;

static struct {
    flaky f;
    uint32_t chance;
    bool has_moods; /* now and then it answers with a 503, or ends without a word */
    int n_stalls;   /* so many cuts are stalls */
    int seen[3];    /* endings */
    int refused;    /* answers that were none */
    int stalled[CUTS];
    int n_stalled;
    int listener;
    uint16_t port;
    pthread_t thread;
} peer;

static ferry_session *s;
static char folder[] = "/tmp/ferry-cuts-XXXXXX", path[64], url[64];

static uint32_t any(uint32_t n)
{
    peer.chance = peer.chance * 1664525u + 1013904223u;
    return (peer.chance >> 8) % n;
}

/* --- the server ------------------------------------------------------------------ */

static bool hear(int fd)
{
    size_t n = 0;
    do {
        ssize_t got = recv(fd, peer.f.asked + n, sizeof peer.f.asked - 1 - n, 0);
        if (got <= 0)
            return false;
        n += (size_t)got;
        peer.f.asked[n] = '\0';
    } while (!strstr(peer.f.asked, "\r\n\r\n"));
    return true;
}

static bool say(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        p += sent;
        n -= (size_t)sent;
    }
    return true;
}

static void break_off(int fd)
{
    ending how = peer.n_stalls && any(4) == 0 ? IT_STALLS : (ending)any(2);
    peer.seen[how]++;
    if (how == IT_STALLS) {
        peer.n_stalls--;
        peer.stalled[peer.n_stalled++] = fd;
    } else if (how == IT_RESETS) {
        loopback_reset(fd);
    } else {
        close(fd);
    }
}

/* True if it has not answered as it should, and may not speak any more. */
static bool is_moody(int fd)
{
    static const char
        busy[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy";
    uint32_t mood = peer.has_moods ? any(12) : 2;
    if (mood > 1)
        return false;
    peer.refused++;
    if (mood == 0)
        say(fd, busy, sizeof busy - 1);
    close(fd);
    return true;
}

/* True if another request may come. */
static bool serve(int fd, flaky_answer *a)
{
    if (!hear(fd)) {
        close(fd);
        return false;
    }
    if (is_moody(fd))
        return false;
    peer.f.cut = 1 + any(2000);
    flaky_answer_to(&peer.f, a);
    bool is_cut = a->end < a->len;
    if (say(fd, a->bytes, is_cut ? a->end : a->len) && !is_cut)
        return true;
    break_off(fd);
    return false;
}

static void *serve_all(void *unused)
{
    flaky_answer a = {NULL, 0, 0};
    for (int fd; (fd = accept(peer.listener, NULL, NULL)) >= 0;)
        while (serve(fd, &a))
            ;
    free(a.bytes);
    return unused;
}

/* --- tests ----------------------------------------------------------------------- */

static int set_up(void **state)
{
    (void)state;
    memset(&peer, 0, sizeof peer);
    peer.f.etag = "\"v1\"";
    peer.chance = 7;
    peer.listener = loopback_listen(FERRY_IPV4, 8, &peer.port);
    strcpy(folder + sizeof folder - 7, "XXXXXX");
    s = ferry_session_new(.trust_env = FERRY_OFF, .timeout = {.read_ms = 100},
        .retry_budget = FERRY_UNLIMITED);
    if (peer.listener < 0 || !mkdtemp(folder) || !s)
        return -1;
    sprintf(path, "%s/file", folder);
    sprintf(url, "http://127.0.0.1:%d/file", peer.port);
    return 0;
}

static void start(size_t len)
{
    flaky_be_file(&peer.f, len);
    peer.f.cuts_left = CUTS;
    assert_int_equal(pthread_create(&peer.thread, NULL, serve_all, NULL), 0);
}

/* Connections first, so that nobody is still being served. */
static void stop(void)
{
    ferry_close_idle(s);
    shutdown(peer.listener, SHUT_RDWR);
    pthread_join(peer.thread, NULL);
    close(peer.listener);
    for (int i = 0; i < peer.n_stalled; i++)
        close(peer.stalled[i]);
}

static int tear_down(void **state)
{
    (void)state;
    ferry_session_free(s);
    flaky_free(&peer.f);
    unlink(path);
    return rmdir(folder); /* nothing else is left there */
}

static void expect_whole(ferry_err e, int64_t began_ms)
{
    if (e)
        fail_msg("%s: %s", ferry_err_name(e), ferry_explain(s));
    assert_true(flaky_is_at(&peer.f, path));
    assert_int_equal(peer.f.cuts_left, 0);
    assert_int_equal(peer.f.requests, CUTS + 1);
    assert_int_equal(peer.f.parts, CUTS);
    assert_true(loopback_now_ms() - began_ms < BOUND_MS);
}

static void a_download_closed_or_reset_two_hundred_times_is_the_file(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        if (i) {
            tear_down(NULL);
            set_up(NULL);
        }
        peer.f.is_chunked = i == 1;
        start((size_t)CUTS * 2001);
        int64_t began_ms = loopback_now_ms();
        ferry_err e = ferry_download(s, url, path);
        stop();
        expect_whole(e, began_ms);
        assert_true(peer.seen[IT_CLOSES] > CUTS / 4 && peer.seen[IT_RESETS] > CUTS / 4);
    }
}

static void stalls_are_no_different(void **state)
{
    (void)state;
    peer.n_stalls = 10;
    start((size_t)CUTS * 2001);
    int64_t began_ms = loopback_now_ms();
    ferry_err e = ferry_download(s, url, path);
    stop();
    expect_whole(e, began_ms);
    assert_int_equal(peer.seen[IT_STALLS], 10);
}

/* What keeps a try from beginning is for .retry, what breaks it off for the download. */
static void answers_that_are_none_in_between_are_tried_again(void **state)
{
    (void)state;
    peer.has_moods = true;
    start((size_t)CUTS * 2001);
    int64_t began_ms = loopback_now_ms();
    ferry_err e = ferry_download(
        s, url, path, .retry = {.total = 10, .statuses = FERRY_CODES(503)});
    stop();
    expect_whole(e, began_ms);
    assert_true(peer.refused > CUTS / 20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_download_closed_or_reset_two_hundred_times_is_the_file),
        TEST(stalls_are_no_different),
        TEST(answers_that_are_none_in_between_are_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
