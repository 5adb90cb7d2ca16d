/* client.h - what the measured programs have in common: the job, the clock, and the
 * check of every body. Each program is client.c and one file with a table of modes.
 *
 *     PROGRAM MODE URL LENGTH COUNT [CPU]
 *
 * asks COUNT times for URL, whose body must be LENGTH bytes of the pattern (of zeros if
 * an "x0" follows, of its text if a "t" does), and prints the microseconds of one request: CPU and wall. A wrong
 * body ends it with 1. With CPU it runs there and nowhere else.
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include "bench/pattern.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One way of asking. A session is never freed: the process ends, and the allocation
 * counter sees until then what a session holds. */
typedef struct client_mode {
    const char *name;
    bool (*begin)(const char *url, int number); /* before the warm-up */
    bool (*request)(void); /* body_begin(), body_take() ...; false: it failed */
    int number;            /* what `begin` wants to know, if anything */
} client_mode;

/* Of the program; the last one has no name. */
extern const client_mode client_modes[];

/* Say on standard error why a request failed; false. */
bool client_fail(const char *why);

/* The body under way. In the warm-up, and if it is small, each byte is compared; else
 * 64 of each 4,096, so that the check costs little of what is measured. */
typedef struct body {
    uint64_t at;     /* bytes so far */
    uint64_t look;   /* the next one to compare */
    uint64_t length; /* as it must be */
    uint64_t window; /* bytes to compare of each PATTERN_STEP */
    bool is_zeros, is_wrong;
    char *text; /* or NULL */
} body;

extern body client_body;

void body_compare(const char *p, size_t n);

static inline void body_begin(void)
{
    client_body.at = client_body.look = 0;
    client_body.is_wrong = false;
}

static inline void body_take(const void *p, size_t n)
{
    if (n > client_body.look - client_body.at)
        body_compare(p, n);
    client_body.at += n;
}

#endif
