/* lookup_posix.c - one question to the system's resolver, asked in a thread.
 * net. Knows threads and pipes. Does not know what the name is for.
 *
 * Theory: getaddrinfo can neither be waited for with poll nor be stopped, so it runs in
 * a detached thread that shares nothing with the session but this one block. Both sides
 * own it; whoever lets go last frees it, so a question may be dropped at any time and
 * its thread goes on alone. A byte in a pipe says that the answer is there. Memory is
 * the system's: the user's allocator need not be fit for threads.
 * SPDX-License-Identifier: MIT */
#include "net/posix.h"
#include "net/lookup.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/system.h"

enum { LOOKUP_STACK = 256 * 1024, LOOKUP_OWNERS = 2 };

struct fy_lookup {
    pthread_mutex_t lock; /* over what follows, but for the pipe and the host */
    int owners;
    bool is_answered;
    int n;
    ferry_fault fault;
    ferry_addr addrs[FY_LOOKUP_ADDRESSES];
    int pipe[2];
    char host[];
};

static void lookup_destroy(fy_lookup *l)
{
    for (int i = 0; i < 2; i++)
        if (l->pipe[i] >= 0)
            close(l->pipe[i]);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

static void lookup_let_go(fy_lookup *l)
{
    pthread_mutex_lock(&l->lock);
    bool is_last = --l->owners == 0;
    pthread_mutex_unlock(&l->lock);
    if (is_last)
        lookup_destroy(l);
}

static void *lookup_run(void *arg)
{
    fy_lookup *l = arg;
    ferry_addr addrs[FY_LOOKUP_ADDRESSES];
    ferry_fault fault = {FERRY_OK, 0, NULL};
    int n = fy_system_resolve(l->host, addrs, FY_LOOKUP_ADDRESSES, &fault);
    pthread_mutex_lock(&l->lock);
    l->n = n > 0 ? n : -1;
    l->fault = fault;
    if (n > 0)
        memcpy(l->addrs, addrs, (size_t)n * sizeof *addrs);
    l->is_answered = true;
    pthread_mutex_unlock(&l->lock);
    /* The pipe is empty, so this does not wait; and whoever reads has it open or is
     * gone. */
    ssize_t put = write(l->pipe[1], "", 1);
    (void)put;
    lookup_let_go(l);
    return NULL;
}

/* All signals stay with the threads that the program made. */
static bool lookup_spawn(fy_lookup *l)
{
    pthread_t thread;
    pthread_attr_t attr;
    sigset_t all, before;
    if (pthread_attr_init(&attr))
        return false;
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    /* The program's thread-local data lies in it, too; that is counted as the least. */
    long least = sysconf(_SC_THREAD_STACK_MIN);
    pthread_attr_setstacksize(&attr, LOOKUP_STACK + (size_t)(least > 0 ? least : 0));
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool is_running = pthread_create(&thread, &attr, lookup_run, l) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return is_running;
}

fy_lookup *fy_lookup_start(const ferry_platform *p, const char *host)
{
    (void)p;
    size_t size = strlen(host) + 1;
    fy_lookup *l = calloc(1, sizeof *l + size);
    if (!l)
        return NULL;
    memcpy(l->host, host, size);
    l->owners = LOOKUP_OWNERS;
    l->pipe[0] = l->pipe[1] = -1;
    pthread_mutex_init(&l->lock, NULL);
    if (pipe(l->pipe) || fcntl(l->pipe[0], F_SETFD, FD_CLOEXEC) ||
        fcntl(l->pipe[1], F_SETFD, FD_CLOEXEC) || !lookup_spawn(l)) {
        lookup_destroy(l);
        return NULL;
    }
    return l;
}

int fy_lookup_poll(
    fy_lookup *l, ferry_addr out[FY_LOOKUP_ADDRESSES], ferry_fault *fault)
{
    pthread_mutex_lock(&l->lock);
    int n = l->is_answered ? l->n : 0;
    if (n > 0)
        memcpy(out, l->addrs, (size_t)n * sizeof *out);
    *fault = l->fault;
    pthread_mutex_unlock(&l->lock);
    return n;
}

void fy_lookup_want(const fy_lookup *l, ferry_wait *w)
{
    if (w->n < FERRY_WAIT_HANDLES)
        w->on[w->n++] = (ferry_handle){l->pipe[0], FERRY_READABLE};
}

void fy_lookup_free(fy_lookup *l)
{
    lookup_let_go(l);
}
