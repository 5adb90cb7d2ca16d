/* test_cost.c - what a warm request over a kept connection costs, counted and not timed:
 * two system calls and no memory when it is waited for, four when it is stepped.
 * The server answers after five milliseconds, so that reading at once finds nothing:
 * that is what real peers do.
 *
 * This program runs itself again below strace, as the client. Two runs with different
 * counts of requests differ by what requests cost; what starting costs falls out.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "ferry.h"
#include "lib/loopback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BODY = 1024, ANSWER_MS = 5, WARM = 3, FEW = 10, MANY = 60, ATTEMPTS = 8 };

/* --- the client ------------------------------------------------------------------ */

static long resizes;

static void *count_resize(void *ctx, void *p, size_t old_size, size_t new_size)
{
    (void)ctx, (void)old_size;
    resizes++;
    if (new_size)
        return realloc(p, new_size);
    free(p);
    return NULL;
}

static ferry_err send_blocking(
    ferry_session *s, const char *method, const char *url, ferry_response **r)
{
    return ferry_request(s, method, url, r);
}

/* As somebody's own loop would: one poll for each FERRY_AGAIN. */
static ferry_err send_stepped(
    ferry_session *s, const char *method, const char *url, ferry_response **r)
{
    ferry_wait w;
    ferry_err e = ferry_begin(s, url, r, .method = method);
    while (!e && (e = ferry_step(*r, &w)) == FERRY_AGAIN) {
        struct pollfd p = {.fd = (int)w.on[0].id,
            .events = w.on[0].events == FERRY_READABLE ? POLLIN : POLLOUT};
        poll(&p, 1, (int)w.timeout_ms);
        e = FERRY_OK;
    }
    return e;
}

typedef ferry_err send_fn(
    ferry_session *s, const char *method, const char *url, ferry_response **r);

static bool send_many(
    ferry_session *s, send_fn *send, const char *method, const char *url, int n)
{
    ferry_auto_response r = NULL;
    for (int i = 0; i < n; i++)
        if (send(s, method, url, &r) || r->body.len != BODY)
            return fprintf(stderr, "%s\n", ferry_explain(s)), false;
    return true;
}

enum { CLIENT_FAILED = 100, CLIENT_ALLOCATED = 101 };

/* program --client blocking|stepped METHOD URL COUNT */
static int run_client(char **args)
{
    send_fn *send = strcmp(args[2], "stepped") ? send_blocking : send_stepped;
    ferry_platform platform = {.size = sizeof platform, .resize = count_resize};
    ferry_auto_session s = ferry_session_new(.platform = &platform);
    if (!send_many(s, send, args[3], args[4], WARM))
        return CLIENT_FAILED;
    resizes = 0;
    if (!send_many(s, send, args[3], args[4], atoi(args[5])))
        return CLIENT_FAILED;
    /* The one response that is left is freed behind the last request. */
    return resizes ? CLIENT_ALLOCATED : 0;
}

/* --- the server ------------------------------------------------------------------ */

static int listener;
static char url[64];

/* One request after the other, until the client leaves. */
static void serve(int fd)
{
    char request[4096], answer[200 + BODY];
    int head = sprintf(answer, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", BODY);
    memset(answer + head, 'x', BODY);
    while (recv(fd, request, sizeof request, 0) > 0) {
        nanosleep(&(struct timespec){.tv_nsec = ANSWER_MS * 1000000L}, NULL);
        send(fd, answer, (size_t)head + BODY, MSG_NOSIGNAL);
    }
    close(fd);
}

static void *run_server(void *arg)
{
    (void)arg;
    for (int fd; (fd = accept(listener, NULL, NULL)) >= 0;)
        serve(fd);
    return NULL;
}

static pthread_t server;

static int start_server(void **state)
{
    uint16_t port;
    (void)state;
    listener = loopback_listen(FERRY_IPV4, 10, &port);
    sprintf(url, "http://127.0.0.1:%d/", port);
    return listener < 0 || pthread_create(&server, NULL, run_server, NULL) ? -1 : 0;
}

static int stop_server(void **state)
{
    (void)state;
    shutdown(listener, SHUT_RDWR);
    pthread_join(server, NULL);
    return close(listener);
}

/* --- counting -------------------------------------------------------------------- */

static char program[4096], trace[] = "/tmp/ferry-cost-XXXXXX";

/* Exit status of a command; 127 if it cannot be run. */
static int run(char *const *command)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        /* The leak checker traces, too, and there can be one only. */
        setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
        execvp(command[0], command);
        _exit(127);
    }
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return 127;
    return WEXITSTATUS(status);
}

static bool can_trace(void)
{
    char *command[] = {"strace", "-o", "/dev/null", "true", NULL};
    return run(command) == 0;
}

/* Lines of the trace that are calls of its first process or thread: the client. */
static int count_calls(void)
{
    char line[1000];
    int n = 0;
    long pid = 0;
    FILE *f = fopen(trace, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        char *rest;
        long who = strtol(line, &rest, 10);
        pid = pid ? pid : who;
        rest += strspn(rest, " ");
        n += who == pid && *rest != '-' && *rest != '+' && !strstr(rest, " resumed>");
    }
    fclose(f);
    return n;
}

static int calls_for(const char *how, const char *method, int requests)
{
    char count[16];
    sprintf(count, "%d", requests);
    char *command[] = {"strace", "-f", "-o", trace, program, "--client", (char *)how,
        (char *)method, url, count, NULL};
    int status = run(command);
    if (status == CLIENT_ALLOCATED)
        fail_msg("a warm %s request takes or gives back memory", how);
    assert_int_equal(status, 0);
    return count_calls();
}

/* On a busy machine an answer may be late, so that there is more to wait for, or here
 * before it is asked for, which saves the wait. So the nearest of some attempts counts,
 * and only more than wanted is a failure. */
static void expect_cost(const char *how, const char *method, int calls)
{
    int wanted = calls * (MANY - FEW), nearest = INT32_MAX;
    if (!can_trace()) {
        print_message("strace is not here, or may not trace\n");
        skip();
    }
    for (int i = 0; i < ATTEMPTS && nearest != wanted; i++) {
        int cost = calls_for(how, method, MANY) - calls_for(how, method, FEW);
        nearest = abs(cost - wanted) < abs(nearest - wanted) ? cost : nearest;
    }
    if (nearest > wanted)
        fail_msg("%d requests cost %d calls", MANY - FEW, nearest);
}

static void a_warm_get_costs_two_system_calls_and_no_memory(void **state)
{
    (void)state;
    expect_cost("blocking", "GET", 2);
}

static void a_warm_stepped_get_costs_four_and_no_memory(void **state)
{
    (void)state;
    expect_cost("stepped", "GET", 4);
}

/* One look whether the connection is still there: it may not be repeated. */
static void a_warm_post_costs_one_more(void **state)
{
    (void)state;
    expect_cost("blocking", "POST", 3);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_warm_get_costs_two_system_calls_and_no_memory),
        cmocka_unit_test(a_warm_stepped_get_costs_four_and_no_memory),
        cmocka_unit_test(a_warm_post_costs_one_more),
    };
    if (argc == 6 && !strcmp(argv[1], "--client"))
        return run_client(argv);
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    int fd = mkstemp(trace);
    if (n < 0 || fd < 0)
        return 1;
    close(fd);
    int failed = cmocka_run_group_tests(tests, start_server, stop_server);
    unlink(trace);
    return failed;
}
