/* wire_server.c - one thread that is every peer of a conversation over sockets.
 * tests. Knows sockets. Does not know what is said. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* POLLRDHUP */
#include "lib/wire_server.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef POLLRDHUP
#define POLLRDHUP 0
#endif

/* What poll looks at: the orders, the listener, the connections. */
enum { SERVER_FIRST = 2, SERVER_POLLED = SERVER_FIRST + WIRE_CONNECTIONS };

int64_t wire_clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void server_hang_up(wire_server *s, int i)
{
    close(s->fds[i]);
    s->fds[i] = -1;
}

/* --- moving bytes ---------------------------------------------------------------- */

/* The next peer that can have been reached. */
static int server_next(const wire_server *s)
{
    int i = 0;
    while (i < WIRE_CONNECTIONS - 1 &&
           (s->is_accepted[i] || wire_peer_kind(&s->peers[i]) == WIRE_REFUSE ||
               wire_peer_kind(&s->peers[i]) == WIRE_SILENCE))
        i++;
    return i;
}

/* Piece by piece, as much as goes. */
static bool server_give(wire_server *s, int i)
{
    wire_peer *p = &s->peers[i];
    bool has_moved = false;
    for (ferry_str piece; (piece = wire_peer_offer(p, s->cut)).len; has_moved = true) {
        ssize_t n = send(s->fds[i], piece.ptr, piece.len, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN)
            server_hang_up(s, i);
        if (n < 0)
            break;
        wire_peer_gave(p, (size_t)n);
    }
    return has_moved;
}

static bool server_take(wire_server *s, int i)
{
    char block[65536];
    wire_peer *p = &s->peers[i];
    size_t room = wire_peer_room(p);
    if (room == 0 || s->fds[i] < 0)
        return false;
    ssize_t n = recv(s->fds[i], block, room < sizeof block ? room : sizeof block, 0);
    if (n > 0)
        wire_peer_take(p, block, (size_t)n);
    else if (n == 0 || errno != EAGAIN)
        server_hang_up(s, i);
    return n > 0;
}

/* Do to the socket what the script did to the peer. */
static void server_follow(wire_server *s, int i, wire_fate before)
{
    wire_fate fate = s->peers[i].fate;
    struct linger at_once = {.l_onoff = 1};
    if (fate == before || s->fds[i] < 0)
        return;
    if (fate == WIRE_HAS_ENDED)
        shutdown(s->fds[i], SHUT_WR);
    if (fate == WIRE_HAS_RESET)
        setsockopt(s->fds[i], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    if (fate == WIRE_HAS_RESET || fate == WIRE_HAS_CLOSED)
        server_hang_up(s, i);
}

static bool server_accept(wire_server *s)
{
    int fd = accept(s->listener, NULL, NULL), on = 1, i = server_next(s);
    if (fd < 0)
        return false;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    s->fds[i] = fd;
    s->is_accepted[i] = true;
    s->n_accepted++;
    server_follow(s, i, WIRE_IS_ALIVE);
    return true;
}

/* True if something moved. */
static bool server_move(wire_server *s, int i)
{
    wire_peer *p = &s->peers[i];
    wire_fate before = p->fate;
    size_t at = p->at;
    if (s->fds[i] < 0)
        return false;
    wire_peer_run(p, wire_clock_ms());
    bool has_moved = server_give(s, i) || server_take(s, i);
    wire_peer_run(p, wire_clock_ms());
    server_follow(s, i, before);
    return has_moved || p->at != at || p->fate != before;
}

static void server_move_all(wire_server *s)
{
    bool has_moved = true;
    while (has_moved) {
        has_moved = server_accept(s);
        for (int i = 0; i < WIRE_CONNECTIONS; i++)
            has_moved |= server_move(s, i);
    }
}

/* --- the thread ------------------------------------------------------------------ */

/* What to watch. For how long is the answer. */
static int server_watch(wire_server *s, struct pollfd *fds)
{
    int64_t due = INT64_MAX, now = wire_clock_ms();
    fds[0] = (struct pollfd){.fd = s->orders[0], .events = POLLIN};
    fds[1] = (struct pollfd){.fd = s->listener, .events = POLLIN};
    for (int i = 0; i < WIRE_CONNECTIONS; i++) {
        const wire_peer *p = &s->peers[i];
        bool takes = s->fds[i] >= 0 && wire_peer_room(p);
        bool gives = s->fds[i] >= 0 && wire_peer_offer(p, 1).len;
        fds[SERVER_FIRST + i] = (struct pollfd){.fd = s->fds[i],
            .events = (short)(POLLRDHUP | (takes ? POLLIN : 0) |
                              (gives ? POLLOUT : 0))};
        if (s->fds[i] >= 0 && wire_peer_due(p) < due)
            due = wire_peer_due(p);
    }
    return due == INT64_MAX ? -1 : due > now ? (int)(due - now) : 0;
}

/* The client has gone, and the script does not read where it would be noticed. */
static void server_notice_ends(wire_server *s, const struct pollfd *fds)
{
    for (int i = 0; i < WIRE_CONNECTIONS; i++) {
        int seen = fds[SERVER_FIRST + i].revents;
        if (s->fds[i] >= 0 && seen & (POLLRDHUP | POLLHUP | POLLERR) &&
            !(seen & POLLIN))
            server_hang_up(s, i);
    }
}

static int server_count(const wire_server *s)
{
    int n = 0;
    for (int i = 0; i < WIRE_CONNECTIONS; i++)
        n += s->fds[i] >= 0;
    return n;
}

/* One round: move what moves, then wait; without waiting while `order` is 's'. False if
 * nothing happened. */
static bool server_round(wire_server *s, struct pollfd *fds, char order)
{
    server_move_all(s);
    int timeout_ms = server_watch(s, fds);
    int n = poll(fds, SERVER_POLLED, order == 's' ? 0 : timeout_ms);
    server_notice_ends(s, fds);
    return n > (fds[0].revents != 0);
}

/* Say how many connections are left, and do nothing before the next order. */
static char server_answer(wire_server *s)
{
    int n = server_count(s);
    char order = 'q';
    if (write(s->answers[1], &n, sizeof n) != sizeof n ||
        read(s->orders[0], &order, 1) != 1)
        return 'q';
    return order == 'c' ? 0 : order;
}

/* Orders: 's' asks how many connections are left once nothing moves, 'c' goes on after
 * the answer, 'q' ends. */
static void *server_run(void *p)
{
    wire_server *s = p;
    struct pollfd fds[SERVER_POLLED];
    char order = 0;
    while (order != 'q') {
        bool has_moved = server_round(s, fds, order);
        if (order == 's' && !has_moved)
            order = server_answer(s);
        else if (!order && fds[0].revents && read(s->orders[0], &order, 1) != 1)
            order = 'q';
    }
    return NULL;
}

/* --- from outside ---------------------------------------------------------------- */

void wire_server_start(wire_server *s)
{
    for (int i = 0; i < WIRE_CONNECTIONS; i++) {
        s->fds[i] = -1;
        s->is_accepted[i] = false;
    }
    s->n_accepted = 0;
    if (pipe(s->orders) || pipe(s->answers) ||
        pthread_create(&s->thread, NULL, server_run, s))
        abort();
}

static void server_order(wire_server *s, char order)
{
    if (write(s->orders[1], &order, 1) != 1)
        abort();
}

int wire_server_settle(wire_server *s)
{
    int n;
    server_order(s, 's');
    if (read(s->answers[0], &n, sizeof n) != sizeof n)
        abort();
    return n;
}

void wire_server_go_on(wire_server *s)
{
    server_order(s, 'c');
}

void wire_server_stop(wire_server *s)
{
    wire_server_settle(s);
    server_order(s, 'q');
    pthread_join(s->thread, NULL);
    for (int i = 0; i < WIRE_CONNECTIONS; i++)
        if (s->fds[i] >= 0)
            close(s->fds[i]);
    for (int i = 0; i < 2; i++) {
        close(s->orders[i]);
        close(s->answers[i]);
    }
}
