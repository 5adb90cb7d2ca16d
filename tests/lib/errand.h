/* errand.h - one request, waited for or stepped through a loop of the test's own, and
 * what can be seen of its time. SPDX-License-Identifier: MIT */
#ifndef TESTS_ERRAND_H
#define TESTS_ERRAND_H

#include "ferry.h"

typedef struct errand {
    ferry_session *session;
    const char *url;
    ferry_opts opts; /* `size` need not be set */
    bool is_stepped;
    /* told */
    ferry_response *r; /* as far as it came; see errand_end() */
    ferry_err e;
    int64_t began_ms, ended_ms;
    size_t streamed; /* bytes, with .stream */
    /* of a stepped one */
    int steps;
    int64_t longest_ms; /* the longest step */
    ferry_wait waited;  /* for what it waited last */
} errand;

/* To the end, a stream included. */
void errand_run(errand *g);
/* The same in pieces: begin and take one step (only if stepped); wait as it wants, for
 * at most so long, and take one more. */
ferry_err errand_begin(errand *g);
ferry_err errand_go_on(errand *g, int64_t most_ms);
/* Free the response. */
void errand_end(errand *g);

/* Wait as a caller's loop would, for at most so long. */
void errand_wait(const ferry_wait *w, int64_t most_ms);

#endif
