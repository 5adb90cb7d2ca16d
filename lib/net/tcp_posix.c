/* tcp_posix.c - the transport over a TCP socket.
 * net. Knows sockets. Does not know HTTP.
 *
 * Theory: once connected the socket is in blocking mode. Sends never block
 * (MSG_DONTWAIT); a read blocks only when told how long it may, by SO_RCVTIMEO. So a
 * request over a kept connection is one send and one recv, as with a bare socket.
 * SPDX-License-Identifier: MIT */
#include "net/posix.h"
#include "net/system.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

/* As large as the largest that is used; a sockaddr_storage takes 100 bytes more. */
typedef union tcp_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} tcp_address;

typedef struct tcp {
    ferry_transport base;
    ferry_platform platform;
    tcp_address address;
    socklen_t address_len;
    int fd;
    int wants;        /* FERRY_READABLE, FERRY_WRITABLE: what would not go on */
    bool is_patient;  /* SO_RCVTIMEO is set */
    bool is_prompt;   /* TCP_NODELAY is set */
    bool is_bounded;  /* TCP_NOTSENT_LOWAT is set */
    bool has_written; /* since the last read */
    size_t written;   /* bytes, ever; looked at until is_bounded */
} tcp;

enum {
    TCP_SEGMENT = 1220,      /* fits one segment on any path (RFC 8200 5) */
    TCP_PATIENCE_MS = 250,   /* one blocking read */
    TCP_UNSENT = 128 * 1024, /* bytes that may wait in the kernel */
    TCP_MOST = 0x40000000    /* bytes for one call */
};

static tcp *tcp_of(ferry_transport *t)
{
    return (tcp *)(void *)t;
}

static const char *tcp_text(int os)
{
    switch (os) {
    case ECONNREFUSED: return "connection refused";
    case ECONNRESET: return "connection reset by the peer";
    case EPIPE: return "the peer has closed the connection";
    case ETIMEDOUT: return "the network gave up";
    case ENETUNREACH: return "network unreachable";
    case EHOSTUNREACH: return "host unreachable";
    case EADDRNOTAVAIL: return "no free local port or address";
    case EMFILE:
    case ENFILE: return "too many open files";
    default: return "socket error";
    }
}

static int tcp_fail(tcp *t)
{
    t->base.fault = (ferry_fault){FERRY_OK, errno, tcp_text(errno)};
    return FERRY_FAILED;
}

/* After a call that would not go on: -1 or -2. A signal counts too: the one who drives
 * us looks at the clock before the next try. */
static ptrdiff_t tcp_again(tcp *t, int event)
{
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
        return tcp_fail(t);
    t->wants |= event;
    return event == FERRY_READABLE ? FERRY_WANT_READ : FERRY_WANT_WRITE;
}

/* A second connect tells how the first one went, without asking poll. */
static int tcp_open(ferry_transport *base)
{
    tcp *t = tcp_of(base);
    if (connect(t->fd, &t->address.any, t->address_len) && errno != EISCONN) {
        if (errno != EINPROGRESS && errno != EALREADY && errno != EINTR)
            return tcp_fail(t);
        t->wants = FERRY_WRITABLE;
        return FERRY_WANT_WRITE;
    }
    t->wants = 0;
    return fcntl(t->fd, F_SETFL, 0) ? tcp_fail(t) : 1;
}

/* May a read block that has this long? SO_RCVTIMEO can fire late by an eighth. */
static bool tcp_may_block(tcp *t, int64_t wait_ms)
{
    struct timeval v = {.tv_usec = TCP_PATIENCE_MS * 1000L};
    if (wait_ms < TCP_PATIENCE_MS + TCP_PATIENCE_MS / 4)
        return false;
    if (!t->is_patient)
        t->is_patient = setsockopt(t->fd, SOL_SOCKET, SO_RCVTIMEO, &v, sizeof v) == 0;
    return t->is_patient;
}

static ptrdiff_t tcp_read(ferry_transport *base, void *p, size_t n, int64_t wait_ms)
{
    tcp *t = tcp_of(base);
    int flags = wait_ms > 0 && tcp_may_block(t, wait_ms) ? 0 : MSG_DONTWAIT;
    ssize_t got = recv(t->fd, p, n < TCP_MOST ? n : TCP_MOST, flags);
    if (got < 0)
        return tcp_again(t, FERRY_READABLE);
    t->wants &= ~FERRY_READABLE;
    t->has_written = false;
    return got;
}

/* Let the kernel take no more than it will soon send. What moves into its buffer is not
 * taken by the peer, and a stalled peer would be noticed twice too late. */
#ifdef TCP_NOTSENT_LOWAT
static void tcp_bound_unsent(tcp *t)
{
    int bytes = TCP_UNSENT;
    setsockopt(t->fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes);
}
#else
static void tcp_bound_unsent(tcp *t)
{
    (void)t;
}
#endif

/* Nagle's algorithm holds a small last segment back until what went before it is
 * acknowledged. One small write needs no more than itself; anything else switches it
 * off. */
static void tcp_prepare_write(tcp *t, size_t n)
{
    if (!t->is_prompt && (t->has_written || n > TCP_SEGMENT)) {
        int on = 1;
        setsockopt(t->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        t->is_prompt = true;
    }
    if (!t->is_bounded && n > TCP_UNSENT - t->written) {
        tcp_bound_unsent(t);
        t->is_bounded = true;
    }
    t->written += n;
    t->has_written = true;
}

static ptrdiff_t tcp_write(
    ferry_transport *base, const void *p, size_t n, int64_t wait_ms)
{
    tcp *t = tcp_of(base);
    (void)wait_ms; /* a response may come while the request goes out: never blocks */
    tcp_prepare_write(t, n);
    ssize_t put = send(
        t->fd, p, n < TCP_MOST ? n : TCP_MOST, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (put < 0)
        return tcp_again(t, FERRY_WRITABLE);
    t->wants &= ~FERRY_WRITABLE;
    return put;
}

static void tcp_want(ferry_transport *base, ferry_wait *w)
{
    tcp *t = tcp_of(base);
    /* Whoever only reads has given up writing. */
    int events = w->why == FERRY_WAIT_READ ? t->wants & FERRY_READABLE : t->wants;
    if (w->n < FERRY_WAIT_HANDLES && events)
        w->on[w->n++] = (ferry_handle){t->fd, events};
}

static void tcp_close(ferry_transport *base)
{
    tcp *t = tcp_of(base);
    ferry_platform platform = t->platform;
    if (t->fd >= 0)
        close(t->fd);
    fy_resize(&platform, t, sizeof *t, 0);
}

static void tcp_set_address(tcp *t, const ferry_addr *addr, uint16_t port)
{
    if (addr->family == FERRY_IPV4) {
        t->address.v4.sin_family = AF_INET;
        t->address.v4.sin_port = htons(port);
        memcpy(&t->address.v4.sin_addr, addr->bytes, 4);
        t->address_len = sizeof t->address.v4;
    } else {
        t->address.v6.sin6_family = AF_INET6;
        t->address.v6.sin6_port = htons(port);
        t->address.v6.sin6_scope_id = addr->zone;
        memcpy(&t->address.v6.sin6_addr, addr->bytes, 16);
        t->address_len = sizeof t->address.v6;
    }
}

/* A socket that an exec'd child does not inherit and that does not block while it
 * connects; it raises no signal where send has no flag for that. */
#ifdef SOCK_CLOEXEC
static int tcp_socket(int family)
{
    return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}
#else
static int tcp_socket(int family)
{
    int fd = socket(family, SOCK_STREAM, 0), on = 1;
    if (fd >= 0) {
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        fcntl(fd, F_SETFL, O_NONBLOCK);
        setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
    }
    return fd;
}
#endif

int fy_system_dial(const ferry_platform *p, const ferry_addr *addr, uint16_t port,
    ferry_transport **out, ferry_fault *fault)
{
    static const ferry_transport_calls calls = {
        tcp_open, tcp_read, tcp_write, tcp_want, tcp_close};
    tcp *t = fy_alloc_zero(p, sizeof *t);
    if (!t) {
        *fault = (ferry_fault){FERRY_ERR_NOMEM, 0, NULL};
        return -1;
    }
    t->base.calls = &calls;
    t->platform = *p;
    tcp_set_address(t, addr, port);
    t->fd = tcp_socket(t->address.any.sa_family);
    if ((t->fd < 0 ? tcp_fail(t) : tcp_open(&t->base)) == FERRY_FAILED) {
        *fault = t->base.fault;
        tcp_close(&t->base);
        return -1;
    }
    *out = &t->base;
    return 0;
}
