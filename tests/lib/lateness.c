/* lateness.c - a thread that notes by how much it oversleeps.
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "lib/lateness.h"

#include "lib/loopback.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

enum { LATENESS_NAP_MS = 4, LATENESS_KEPT = 8192 };

static struct {
    pthread_mutex_t lock;
    pthread_t thread;
    bool is_over;
    int64_t due_ms[LATENESS_KEPT], late_ms[LATENESS_KEPT];
    size_t n; /* naps so far; the next one has its place already */
} lateness = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Go to sleep: until it is over the nap counts as late by what has passed. */
static bool lateness_lie_down(void)
{
    pthread_mutex_lock(&lateness.lock);
    size_t i = lateness.n % LATENESS_KEPT;
    lateness.due_ms[i] = loopback_now_ms() + LATENESS_NAP_MS;
    lateness.late_ms[i] = -1;
    bool is_over = lateness.is_over;
    pthread_mutex_unlock(&lateness.lock);
    return !is_over;
}

static void lateness_get_up(void)
{
    pthread_mutex_lock(&lateness.lock);
    size_t i = lateness.n++ % LATENESS_KEPT;
    int64_t late = loopback_now_ms() - lateness.due_ms[i];
    lateness.late_ms[i] = late > 0 ? late : 0;
    pthread_mutex_unlock(&lateness.lock);
}

static void *lateness_run(void *unused)
{
    (void)unused;
    while (lateness_lie_down()) {
        poll(NULL, 0, LATENESS_NAP_MS);
        lateness_get_up();
    }
    return NULL;
}

/* Signals are for the test. */
void lateness_start(void)
{
    sigset_t all, before;
    lateness.is_over = false;
    lateness.n = 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&lateness.thread, NULL, lateness_run, NULL))
        abort();
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void lateness_stop(void)
{
    pthread_mutex_lock(&lateness.lock);
    lateness.is_over = true;
    pthread_mutex_unlock(&lateness.lock);
    pthread_join(lateness.thread, NULL);
}

/* Under tools that slow down everything so much more is forgiven always. */
static int64_t lateness_granted(void)
{
    const char *ms = getenv("LATENESS_MS");
    return ms ? strtol(ms, NULL, 10) : 0;
}

int64_t lateness_since(int64_t from_ms)
{
    int64_t worst = 0, now = loopback_now_ms();
    pthread_mutex_lock(&lateness.lock);
    for (size_t i = 0; i <= lateness.n && i < LATENESS_KEPT; i++) {
        int64_t due = lateness.due_ms[i], late = lateness.late_ms[i];
        if (late < 0)
            late = now - due;
        if (due + late >= from_ms && late > worst)
            worst = late;
    }
    pthread_mutex_unlock(&lateness.lock);
    return worst + lateness_granted();
}

int64_t lateness_allows(int64_t asked_ms, int64_t from_ms)
{
    int64_t tenth = asked_ms / 10;
    return (tenth > 50 ? tenth : 50) + 2 * lateness_since(from_ms);
}
