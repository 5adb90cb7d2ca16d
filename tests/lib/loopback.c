/* loopback.c - sockets on this machine for tests.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lib/loopback.h"

#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef union loopback_name {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} loopback_name;

int loopback_listen(int family, int backlog, uint16_t *port)
{
    bool is_v4 = family == FERRY_IPV4;
    loopback_name name;
    socklen_t len = is_v4 ? sizeof name.v4 : sizeof name.v6;
    memset(&name, 0, sizeof name);
    if (is_v4)
        name.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else
        name.v6.sin6_addr = in6addr_loopback;
    name.any.sa_family = is_v4 ? AF_INET : AF_INET6;
    int fd = socket(name.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, &name.any, len) || listen(fd, backlog) ||
        getsockname(fd, &name.any, &len)) {
        close(fd);
        return -1;
    }
    *port = ntohs(is_v4 ? name.v4.sin_port : name.v6.sin6_port);
    return fd;
}

ferry_addr loopback_address(int family)
{
    if (family == FERRY_IPV4)
        return (ferry_addr){.family = family, .bytes = {127, 0, 0, 1}};
    return (ferry_addr){.family = family, .bytes = {[15] = 1}};
}

static bool loopback_poll(int fd, short events, int ms)
{
    struct pollfd p = {.fd = fd, .events = events};
    return poll(&p, 1, ms) == 1;
}

bool loopback_is_readable(int fd, int ms)
{
    return loopback_poll(fd, POLLIN, ms);
}

bool loopback_is_writable(int fd, int ms)
{
    return loopback_poll(fd, POLLOUT, ms);
}

int loopback_accept(int listener)
{
    return loopback_is_readable(listener, 10000)
               ? accept4(listener, NULL, NULL, SOCK_CLOEXEC)
               : -1;
}

void loopback_reset(int fd)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
}

int64_t loopback_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
