/* platform_posix.c - memory, time, chance and waiting from a POSIX system.
 * net. Knows libc. Does not know sockets' protocols. SPDX-License-Identifier: MIT */
#include "net/posix.h"
#include "net/system.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void *platform_resize(void *ctx, void *p, size_t old_size, size_t new_size)
{
    (void)ctx, (void)old_size;
    if (new_size)
        return realloc(p, new_size);
    free(p);
    return NULL;
}

static int64_t platform_now_ms(void *ctx)
{
    (void)ctx;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int platform_random(void *ctx, void *p, size_t n)
{
    (void)ctx;
    enum { PLATFORM_MOST = 256 }; /* that getentropy gives at once */
    for (char *at = p; n;) {
        size_t piece = n < PLATFORM_MOST ? n : PLATFORM_MOST;
        if (getentropy(at, piece))
            return -1;
        at += piece;
        n -= piece;
    }
    return 0;
}

/* poll counts in int; a longer wait comes back early and is asked for again. */
static int platform_poll_ms(int64_t ms)
{
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

static int platform_wait(void *ctx, const ferry_wait *w)
{
    (void)ctx;
    struct pollfd fds[FERRY_WAIT_HANDLES];
    for (int i = 0; i < w->n; i++) {
        int events = w->on[i].events;
        fds[i] = (struct pollfd){.fd = (int)w->on[i].id,
            .events = (short)((events & FERRY_READABLE ? POLLIN : 0) |
                              (events & FERRY_WRITABLE ? POLLOUT : 0))};
    }
    int ready = poll(fds, (nfds_t)w->n, platform_poll_ms(w->timeout_ms));
    /* A signal is no reason to end: the transfer looks at the clock and asks again. */
    return ready < 0 && errno != EINTR ? -1 : 0;
}

static int64_t platform_unix_time(void *ctx)
{
    (void)ctx;
    return (int64_t)time(NULL);
}

/* A program with rights that its caller lacks is not told by that caller whom to trust,
 * whom to go through, or where to write keys. */
static bool platform_is_lent_rights(void)
{
    return getuid() != geteuid() || getgid() != getegid();
}

static const char *platform_getenv(void *ctx, const char *name)
{
    (void)ctx;
    return platform_is_lent_rights() ? NULL : getenv(name);
}

void fy_system_fill(ferry_platform *p)
{
    if (!p->resize)
        p->resize = platform_resize;
    if (!p->now_ms)
        p->now_ms = platform_now_ms;
    if (!p->random)
        p->random = platform_random;
    if (!p->wait)
        p->wait = platform_wait;
    if (!p->unix_time)
        p->unix_time = platform_unix_time;
    if (!p->getenv)
        p->getenv = platform_getenv;
}

bool fy_system_waits(const ferry_platform *p)
{
    return p->wait == platform_wait;
}
