/* wire_suite.c - all scripts of tests/wire/scripts, one after the other.
 * tests. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lib/wire_suite.h"

#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SUITE_SECONDS = 120 }; /* for one script, where each should take a fraction */

static const char *volatile suite_path;

static void suite_late(int signal)
{
    static const char what[] = ": no end in sight\n";
    (void)signal;
    if (write(1, suite_path, strlen(suite_path)) < 0 ||
        write(1, what, sizeof what - 1) < 0)
        _exit(2);
    _exit(1);
}

int wire_suite_run(
    int argc, char **argv, bool (*play)(const char *path, void *ctx), void *ctx)
{
    glob_t found = {.gl_pathc = 0};
    char **paths = argv + 1;
    size_t n = (size_t)argc - 1;
    int n_passed = 0, n_failed = 0;
    if (n == 0 && glob("tests/wire/scripts/*.wire", 0, NULL, &found) == 0) {
        paths = found.gl_pathv;
        n = found.gl_pathc;
    }
    signal(SIGALRM, suite_late);
    for (size_t i = 0; i < n; i++) {
        suite_path = paths[i];
        alarm(SUITE_SECONDS);
        bool is_good = play(paths[i], ctx);
        n_passed += is_good;
        n_failed += !is_good;
        fflush(stdout);
    }
    alarm(0);
    globfree(&found);
    printf("%d passed, %d failed\n", n_passed, n_failed);
    return n_failed || !n_passed;
}

static int suite_dial(void *ctx, const char *host, uint16_t port,
    const ferry_addr *addr, ferry_transport **out, ferry_fault *fault)
{
    (void)ctx, (void)host, (void)port, (void)addr, (void)out, (void)fault;
    return -1;
}

const char *wire_suite_codings(void)
{
    static char codings[128];
    ferry_dialer nowhere = {NULL, suite_dial};
    ferry_session *s = ferry_session_new(.transport = &nowhere);
    ferry_response *r = NULL;
    if (ferry_begin(s, "http://h.test/", &r) == FERRY_OK) {
        const char *name = "\r\nAccept-Encoding: ", *at = strstr(r->request.ptr, name);
        if (at)
            snprintf(codings, sizeof codings, "%.*s",
                (int)strcspn(at + strlen(name), "\r"), at + strlen(name));
    }
    ferry_response_free(r);
    ferry_session_free(s);
    return codings;
}
