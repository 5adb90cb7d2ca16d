/* client.c - what the measured programs have in common; see client.h.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "bench/client.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum {
    CLIENT_SMALL = 128 * 1024,       /* bodies that are always compared whole */
    CLIENT_HUGE = 100 * 1000 * 1000, /* asked for only once before it counts */
    CLIENT_WARM_UP = 20,
    CLIENT_WINDOW = 64
};

body client_body;

/* Any PATTERN_STEP bytes of a body lie here in one piece. */
static char client_pattern[PATTERN_PERIOD + PATTERN_STEP];

bool client_fail(const char *why)
{
    fprintf(stderr, "%s\n", why);
    return false;
}

/* --- the body ------------------------------------------------------------------------
 */

void body_compare(const char *p, size_t n)
{
    body *b = &client_body;
    uint64_t end = b->at + n;
    while (b->look < end) {
        uint64_t step = b->look - b->look % PATTERN_STEP;
        uint64_t until = step + b->window < end ? step + b->window : end;
        const char *want = b->text ? b->text + b->look
                                   : client_pattern +
                                         (b->is_zeros ? 0 : b->look % PATTERN_PERIOD);
        size_t len = (size_t)(until - b->look);
        b->is_wrong |= memcmp(p + (b->look - b->at), want, len) != 0;
        b->look = until == step + b->window ? step + PATTERN_STEP : until;
    }
}

static bool body_set(const char *length)
{
    body *b = &client_body;
    char *end;
    b->length = strtoull(length, &end, 10);
    b->is_zeros = strcmp(end, "x0") == 0;
    if (strcmp(end, "t") == 0) {
        b->text = malloc(b->length + PATTERN_STEP); /* what is too long is told later */
        pattern_put_text(b->text, b->length + PATTERN_STEP);
    }
    for (size_t i = 0; i < sizeof client_pattern && !b->is_zeros; i++)
        client_pattern[i] = pattern_byte(i);
    return end != length && (b->is_zeros || b->text || *end == '\0');
}

/* One request, and the look at what came of it. */
static bool client_ask(const client_mode *mode)
{
    if (!mode->request())
        return false;
    if (client_body.is_wrong)
        return client_fail("a byte of the body is wrong");
    if (client_body.at != client_body.length)
        return client_fail("the body is too short or too long");
    return true;
}

static bool client_repeat(const client_mode *mode, long n, uint64_t window)
{
    client_body.window = window;
    while (n-- > 0)
        if (!client_ask(mode))
            return false;
    return true;
}

/* --- the clock -----------------------------------------------------------------------
 */

static double client_wall_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double client_cpu_us(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static bool client_run(const client_mode *mode, const char *url, long n)
{
    bool is_small = client_body.length <= CLIENT_SMALL;
    long warm_up = client_body.length > CLIENT_HUGE ? 1 : CLIENT_WARM_UP;
    if (!mode->begin(url, mode->number) || !client_repeat(mode, warm_up, PATTERN_STEP))
        return false;
    double wall = client_wall_us(), cpu = client_cpu_us();
    if (!client_repeat(mode, n, is_small ? PATTERN_STEP : CLIENT_WINDOW))
        return false;
    wall = client_wall_us() - wall;
    cpu = client_cpu_us() - cpu;
    if (n > 0)
        printf("%.4f %.4f\n", cpu / (double)n, wall / (double)n);
    return true;
}

/* --- the command line ----------------------------------------------------------------
 */

static bool client_pin(const char *cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(strtoul(cpu, NULL, 10), &set);
    return sched_setaffinity(0, sizeof set, &set) == 0;
}

static const client_mode *client_find(const char *name)
{
    for (const client_mode *m = client_modes; m->name; m++)
        if (strcmp(m->name, name) == 0)
            return m;
    return NULL;
}

int main(int argc, char **argv)
{
    const client_mode *mode = argc > 1 ? client_find(argv[1]) : NULL;
    if (argc < 5 || argc > 6 || !mode || !body_set(argv[3])) {
        fprintf(stderr, "usage: %s MODE URL LENGTH[x0|t] COUNT [CPU], with MODE one of",
            argv[0]);
        for (const client_mode *m = client_modes; m->name; m++)
            fprintf(stderr, " %s", m->name);
        fputc('\n', stderr);
        return 2;
    }
    setvbuf(stdout, NULL, _IONBF, 0); /* its buffer would count as the program's */
    if (argc == 6 && !client_pin(argv[5]))
        return client_fail("cannot run on that CPU"), 1;
    return !client_run(mode, argv[2], strtol(argv[4], NULL, 10));
}
