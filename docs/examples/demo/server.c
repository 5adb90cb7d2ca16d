/* server.c - the poll loop of the tour's server, and its life as a child process.
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SERVER_PEERS = 32, SERVER_FIXED = 2 /* the lifeline and the listener */ };

static peer server_peers[SERVER_PEERS]; /* fd 0 marks a free one */

static void server_accept(int listener)
{
    int fd = accept(listener, NULL, NULL), on = 1;
    if (fd < 0)
        return;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    for (int i = 0; i < SERVER_PEERS; i++)
        if (server_peers[i].fd == 0) {
            server_peers[i].in_len = server_peers[i].out_len = 0;
            server_peers[i].is_answering = server_peers[i].closes = false;
            server_peers[i].fd = fd;
            return;
        }
    close(fd);
}

static void server_drop(peer *p)
{
    close(p->fd);
    p->fd = 0;
}

/* Send until the answer is over, and answer what came behind it, or until the socket
 * takes no more. False: hang up. */
static bool server_send(peer *p)
{
    for (;;) {
        while (p->out_sent < p->out_len) {
            size_t n = p->out_len - p->out_sent;
            ssize_t sent = send(p->fd, p->out + p->out_sent, n, MSG_NOSIGNAL);
            if (sent < 0)
                return errno == EAGAIN || errno == EINTR;
            p->out_sent += (size_t)sent;
        }
        p->out_len = p->out_sent = 0;
        if (p->is_answering && peer_fill(p))
            continue;
        if (p->is_answering && p->closes)
            return false;
        p->is_answering = false;
        if (!peer_answer(p))
            return false;
        if (!p->is_answering)
            return true;
    }
}

static bool server_receive(peer *p)
{
    ssize_t n = recv(p->fd, p->in + p->in_len, PEER_IN - p->in_len, 0);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    p->in_len += (size_t)n;
    return n > 0 && (p->is_answering || server_send(p));
}

static void server_loop(int lifeline, int listener)
{
    struct pollfd on[SERVER_FIXED + SERVER_PEERS] = {
        {.fd = lifeline, .events = POLLIN}, {.fd = listener, .events = POLLIN}};
    for (;;) {
        for (int i = 0; i < SERVER_PEERS; i++) {
            peer *p = &server_peers[i];
            bool has_room = p->in_len < PEER_IN;
            on[SERVER_FIXED + i].fd = p->fd ? p->fd : -1;
            on[SERVER_FIXED + i].events = p->out_len ? POLLOUT : has_room ? POLLIN : 0;
        }
        if (poll(on, SERVER_FIXED + SERVER_PEERS, -1) < 0)
            continue;
        if (on[0].revents)
            return;
        for (int i = 0; i < SERVER_PEERS; i++) {
            peer *p = &server_peers[i];
            short now = on[SERVER_FIXED + i].revents;
            if (p->fd && now && !(now & POLLOUT ? server_send(p) : server_receive(p)))
                server_drop(p);
        }
        if (on[1].revents)
            server_accept(listener);
    }
}

static int server_listen(uint16_t *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    struct sockaddr *any = (struct sockaddr *)&at;
    socklen_t len = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        return -1;
    if (bind(fd, any, len) || listen(fd, SERVER_PEERS) || getsockname(fd, any, &len)) {
        close(fd);
        return -1;
    }
    *port = ntohs(at.sin_port);
    return fd;
}

bool server_start(server *s)
{
    int line[2], listener = server_listen(&s->port);
    if (listener < 0)
        return false;
    if (pipe(line)) {
        close(listener);
        return false;
    }
    s->pid = fork();
    if (s->pid == 0) {
        close(line[1]);
        server_loop(line[0], listener);
        _exit(0);
    }
    close(line[0]);
    close(listener);
    s->lifeline = line[1];
    return s->pid > 0;
}

bool server_stop(server *s)
{
    int status = -1;
    close(s->lifeline);
    return waitpid(s->pid, &status, 0) == s->pid && status == 0;
}
