/* actor.c - a peer on loopback that takes its time.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lib/actor.h"

#include "lib/loopback.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ACTOR_BLOCK = 65536 };

/* One connection. */
typedef struct player {
    actor *a;
    int fd;
    const act *play;
    size_t said, taken; /* bytes of bodies */
} player;

unsigned char actor_byte(size_t i)
{
    return (unsigned char)(i ^ i >> 8 ^ i >> 16);
}

/* --- acts: each is false if the connection or the play is over ------------------- */

/* Until `fd` is ready or `ms` have passed. False if the test ends, which all see. */
static bool player_wait(player *p, short events, int ms)
{
    struct pollfd fds[] = {
        {.fd = events ? p->fd : -1, .events = events}, {.fd = p->a->stop[0]}};
    poll(fds, 2, ms);
    return fds[1].revents == 0;
}

static void player_note(player *p, int64_t *from_ms, int64_t from, int64_t *by_ms)
{
    pthread_mutex_lock(&p->a->lock);
    p->a->moves++;
    *from_ms = from;
    *by_ms = loopback_now_ms();
    pthread_mutex_unlock(&p->a->lock);
}

static bool player_say(player *p, const char *bytes, size_t n)
{
    while (n) {
        if (!player_wait(p, POLLOUT, -1))
            return false;
        int64_t now = loopback_now_ms();
        ssize_t put = send(p->fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (put < 0 && errno != EAGAIN)
            return false;
        if (put < 0)
            continue;
        player_note(p, &p->a->said_from_ms, now, &p->a->said_by_ms);
        bytes += put;
        n -= (size_t)put;
    }
    return true;
}

static bool player_say_body(player *p, size_t n)
{
    char block[ACTOR_BLOCK];
    while (n) {
        size_t piece = n < sizeof block ? n : sizeof block;
        for (size_t i = 0; i < piece; i++)
            block[i] = (char)actor_byte(p->said + i);
        if (!player_say(p, block, piece))
            return false;
        p->said += piece;
        n -= piece;
    }
    return true;
}

static ssize_t player_read(player *p, char *block, size_t n)
{
    ssize_t got = -1;
    while (got < 0) {
        if (!player_wait(p, POLLIN, -1))
            return 0;
        got = recv(p->fd, block, n, MSG_DONTWAIT);
        if (got < 0 && errno != EAGAIN)
            return 0;
    }
    return got;
}

/* Not one byte further, so that the body's first is the next. */
static bool player_hear(player *p)
{
    const char *end = "\r\n\r\n", *at = end;
    char byte;
    while (*at) {
        if (player_read(p, &byte, 1) != 1)
            return false;
        at = byte == *at ? at + 1 : byte == '\r' ? end + 1 : end;
    }
    p->said = p->taken = 0;
    return true;
}

static bool player_take(player *p, size_t n)
{
    char block[ACTOR_BLOCK];
    int64_t began = loopback_now_ms();
    while (n) {
        ssize_t got = player_read(p, block, n < sizeof block ? n : sizeof block);
        if (got <= 0)
            return false;
        bool is_wrong = false;
        for (ssize_t i = 0; i < got; i++)
            is_wrong |= (unsigned char)block[i] != actor_byte(p->taken++);
        n -= (size_t)got;
        player_note(p, &p->a->took_from_ms, began, &p->a->took_by_ms);
        pthread_mutex_lock(&p->a->lock);
        p->a->taken += (size_t)got;
        p->a->is_wrong |= is_wrong;
        pthread_mutex_unlock(&p->a->lock);
    }
    return true;
}

/* Until the client or the test ends it. What comes stays unread, so that it stalls. */
static bool player_stay(player *p)
{
    player_wait(p, POLLRDHUP, -1);
    return false;
}

static bool player_end(player *p, act_kind kind)
{
    if (kind == ACT_RESET) {
        loopback_reset(p->fd);
        p->fd = -1;
    }
    return false;
}

static bool player_do(player *p, const act *part)
{
    switch (part->kind) {
    case ACT_HEAR: return player_hear(p);
    case ACT_TAKE: return player_take(p, part->n);
    case ACT_SAY:
        return part->text ? player_say(p, part->text, strlen(part->text))
                          : player_say_body(p, part->n);
    case ACT_HALF_CLOSE: return shutdown(p->fd, SHUT_WR) == 0;
    case ACT_CLOSE:
    case ACT_RESET: return player_end(p, part->kind);
    default: return player_stay(p);
    }
}

static bool player_act(player *p, const act *part)
{
    int times = part->times ? part->times : 1;
    for (int i = 0; times == ACT_FOR_EVER || i < times; i++)
        if ((part->pause_ms && !player_wait(p, 0, part->pause_ms)) ||
            !player_do(p, part))
            return false;
    return true;
}

/* --- threads --------------------------------------------------------------------- */

static void *player_run(void *arg)
{
    player *p = arg;
    actor *a = p->a;
    const act *part = p->play;
    while (part->kind == ACT_AGAIN || player_act(p, part))
        part = part->kind == ACT_AGAIN ? p->play : part + 1;
    if (p->fd >= 0)
        close(p->fd);
    free(p);
    pthread_mutex_lock(&a->lock);
    a->n_open--;
    a->n_players--;
    pthread_cond_broadcast(&a->changed);
    pthread_mutex_unlock(&a->lock);
    return NULL;
}

static const act *actor_play(const actor *a, int i)
{
    int last = ACTOR_MOST_PLAYS - 1;
    while (last > 0 && !a->plays[last])
        last--;
    return a->plays[i < last ? i : last];
}

static void actor_meet(actor *a, int fd)
{
    pthread_t thread;
    int on = 1;
    player *p = calloc(1, sizeof *p);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    pthread_mutex_lock(&a->lock);
    int i = a->n_met++;
    a->n_open++;
    a->n_players++;
    pthread_cond_broadcast(&a->changed);
    pthread_mutex_unlock(&a->lock);
    if (!p)
        abort();
    *p = (player){.a = a, .fd = fd, .play = actor_play(a, i)};
    if (pthread_create(&thread, NULL, player_run, p) || pthread_detach(thread))
        abort();
}

static void *actor_run(void *arg)
{
    actor *a = arg;
    struct pollfd fds[] = {{.fd = a->listener, .events = POLLIN}, {.fd = a->stop[0]}};
    while (poll(fds, 2, -1) < 0 || !fds[1].revents) {
        int fd = accept4(a->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            actor_meet(a, fd);
    }
    return NULL;
}

/* Signals are for the test, or for nobody. */
static void actor_spawn(actor *a)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&a->thread, NULL, actor_run, a))
        abort();
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* --- where ----------------------------------------------------------------------- */

typedef union actor_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} actor_address;

static socklen_t actor_find(const actor *a, actor_address *at)
{
    memset(at, 0, sizeof *at);
    if (a->is_ipv6) {
        at->v6.sin6_family = AF_INET6;
        at->v6.sin6_addr = in6addr_loopback;
        at->v6.sin6_port = htons(a->port);
        return sizeof at->v6;
    }
    at->v4.sin_family = AF_INET;
    at->v4.sin_addr.s_addr = htonl(0x7f000000u + (uint32_t)(a->last ? a->last : 1));
    at->v4.sin_port = htons(a->port);
    return sizeof at->v4;
}

/* One connection fills a queue of none. */
static bool actor_fill(actor *a, const actor_address *at, socklen_t len)
{
    if (a->kind != ACTOR_SILENT)
        return true;
    a->filler = socket(at->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return connect(a->filler, &at->any, len) == 0;
}

static bool actor_listen(actor *a)
{
    actor_address at;
    socklen_t len = actor_find(a, &at);
    int small = 4096, on = 1;
    a->listener = socket(at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* Little room for what nobody reads, so that a large upload stalls. */
    setsockopt(a->listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    setsockopt(a->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (a->listener < 0 || bind(a->listener, &at.any, len) ||
        getsockname(a->listener, &at.any, &len))
        return false;
    a->port = ntohs(a->is_ipv6 ? at.v6.sin6_port : at.v4.sin_port);
    if (a->kind == ACTOR_ABSENT)
        return true;
    return listen(a->listener, a->kind == ACTOR_SILENT ? 0 : 64) == 0 &&
           actor_fill(a, &at, len);
}

bool actor_open(actor *a)
{
    a->listener = a->filler = -1;
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->changed, NULL);
    if (!actor_listen(a)) {
        close(a->listener);
        close(a->filler);
        return false;
    }
    snprintf(a->url, sizeof a->url,
        a->is_ipv6 ? "http://[::%d]:%u/" : "http://127.0.0.%d:%u/",
        a->last ? a->last : 1, a->port);
    if (pipe(a->stop))
        abort();
    if (a->kind == ACTOR_PLAYS)
        actor_spawn(a);
    return true;
}

void actor_close(actor *a)
{
    close(a->stop[1]);
    if (a->kind == ACTOR_PLAYS)
        pthread_join(a->thread, NULL);
    pthread_mutex_lock(&a->lock);
    while (a->n_players)
        pthread_cond_wait(&a->changed, &a->lock);
    pthread_mutex_unlock(&a->lock);
    close(a->stop[0]);
    close(a->listener);
    close(a->filler);
    pthread_cond_destroy(&a->changed);
    pthread_mutex_destroy(&a->lock);
}

/* --- looking --------------------------------------------------------------------- */

int actor_met(actor *a)
{
    pthread_mutex_lock(&a->lock);
    int n = a->n_met;
    pthread_mutex_unlock(&a->lock);
    return n;
}

static bool actor_wait(actor *a, const int *count, int n)
{
    struct timespec until;
    int outcome = 0;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 10;
    pthread_mutex_lock(&a->lock);
    while (*count != n && !outcome)
        outcome = pthread_cond_timedwait(&a->changed, &a->lock, &until);
    bool is_so = *count == n;
    pthread_mutex_unlock(&a->lock);
    return is_so;
}

bool actor_has_met(actor *a, int n)
{
    return actor_wait(a, &a->n_met, n);
}

bool actor_has_open(actor *a, int n)
{
    return actor_wait(a, &a->n_open, n);
}
