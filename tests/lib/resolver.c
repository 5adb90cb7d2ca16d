/* resolver.c - a resolver that does as names say. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lib/resolver.h"

#include "lib/loopback.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { RESOLVER_NAMES = 400, RESOLVER_DEEP = 64 * 1024 };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_holding;
    int asked, inside, most_inside;
    char names[RESOLVER_NAMES][40]; /* that were asked, in their order */
    pthread_t thread;               /* that asked last */
    sigset_t mask;                  /* of that one */
} resolver = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* --- the resolver ---------------------------------------------------------------- */

static void resolver_enter(const char *name)
{
    pthread_mutex_lock(&resolver.lock);
    if (resolver.asked < RESOLVER_NAMES)
        strncat(strcpy(resolver.names[resolver.asked++], ""), name, 39);
    resolver.thread = pthread_self();
    pthread_sigmask(SIG_SETMASK, NULL, &resolver.mask);
    if (++resolver.inside > resolver.most_inside)
        resolver.most_inside = resolver.inside;
    pthread_cond_broadcast(&resolver.changed);
    while (!strncmp(name, "held.", 5) && resolver.is_holding)
        pthread_cond_wait(&resolver.changed, &resolver.lock);
    pthread_mutex_unlock(&resolver.lock);
}

static void resolver_leave(void)
{
    pthread_mutex_lock(&resolver.lock);
    resolver.inside--;
    pthread_cond_broadcast(&resolver.changed);
    pthread_mutex_unlock(&resolver.lock);
}

/* As much stack as the modules of a real one may want. */
static int resolver_go_deep(void)
{
    volatile char deep[RESOLVER_DEEP];
    int sum = 0;
    for (size_t i = 0; i < sizeof deep; i += 512)
        deep[i] = (char)i;
    for (size_t i = 0; i < sizeof deep; i += 512)
        sum += deep[i] == (char)i;
    return sum;
}

static void resolver_take_time(const char *name)
{
    int ms = strncmp(name, "slow", 4) ? 0 : atoi(name + 4);
    int64_t until = loopback_now_ms() + ms;
    for (int64_t now; (now = loopback_now_ms()) < until;)
        poll(NULL, 0, (int)(until - now));
}

static struct addrinfo *resolver_answer(unsigned last)
{
    struct addrinfo *info = calloc(1, sizeof *info);
    struct sockaddr_in *at = calloc(1, sizeof *at);
    if (!info || !at)
        abort();
    at->sin_family = AF_INET;
    at->sin_addr.s_addr = htonl(0x7f000000u + last);
    info->ai_family = AF_INET;
    info->ai_addrlen = sizeof *at;
    info->ai_addr = (struct sockaddr *)at;
    return info;
}

int resolver_ask(const char *name, struct addrinfo **out)
{
    resolver_enter(name);
    resolver_take_time(name);
    bool is_refused = !strncmp(name, "no.", 3) || !resolver_go_deep();
    if (!is_refused)
        *out = resolver_answer(strstr(name, "hole.") ? 9 : 1);
    resolver_leave();
    return is_refused ? EAI_NONAME : 0;
}

void resolver_free(struct addrinfo *info)
{
    free(info->ai_addr);
    free(info);
}

/* --- for tests ------------------------------------------------------------------- */

void resolver_reset(void)
{
    pthread_mutex_lock(&resolver.lock);
    resolver.is_holding = true;
    resolver.asked = resolver.most_inside = 0;
    pthread_mutex_unlock(&resolver.lock);
}

void resolver_release(void)
{
    pthread_mutex_lock(&resolver.lock);
    resolver.is_holding = false;
    pthread_cond_broadcast(&resolver.changed);
    pthread_mutex_unlock(&resolver.lock);
}

int resolver_asked(const char *name)
{
    int n = 0;
    pthread_mutex_lock(&resolver.lock);
    for (int i = 0; i < resolver.asked && i < RESOLVER_NAMES; i++)
        n += !name || !strcmp(resolver.names[i], name);
    pthread_mutex_unlock(&resolver.lock);
    return n;
}

bool resolver_has_inside(int n)
{
    struct timespec until;
    int outcome = 0;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 10;
    pthread_mutex_lock(&resolver.lock);
    while (resolver.inside != n && !outcome)
        outcome = pthread_cond_timedwait(&resolver.changed, &resolver.lock, &until);
    bool is_so = resolver.inside == n;
    pthread_mutex_unlock(&resolver.lock);
    return is_so;
}

bool resolver_was_here(void)
{
    pthread_mutex_lock(&resolver.lock);
    bool was_here = resolver.asked && pthread_equal(resolver.thread, pthread_self());
    pthread_mutex_unlock(&resolver.lock);
    return was_here;
}

bool resolver_would_take(int signal)
{
    pthread_mutex_lock(&resolver.lock);
    bool would_take = !sigismember(&resolver.mask, signal);
    pthread_mutex_unlock(&resolver.lock);
    return would_take;
}

int resolver_most(void)
{
    pthread_mutex_lock(&resolver.lock);
    int most = resolver.most_inside;
    pthread_mutex_unlock(&resolver.lock);
    return most;
}
