/* tcp_posix.c - the transport over a TCP socket, or a unix one.
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
#include <sys/un.h>
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
    case ENOENT: return "no such socket";
    case ENAMETOOLONG: return "the path of a unix socket is too long";
    case EACCES:
    case EPERM: return "not allowed";
    case EAGAIN: return "the listener has no room";
    case ENODEV: return "no such interface";
    case ENOPROTOOPT: return "this system cannot choose an interface";
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

/* The address as the system wants it; how long that is. */
static socklen_t tcp_put_address(tcp_address *a, const ferry_addr *addr, uint16_t port)
{
    if (addr->family == FERRY_IPV4) {
        a->v4.sin_family = AF_INET;
        a->v4.sin_port = htons(port);
        memcpy(&a->v4.sin_addr, addr->bytes, 4);
        return sizeof a->v4;
    }
    a->v6.sin6_family = AF_INET6;
    a->v6.sin6_port = htons(port);
    a->v6.sin6_scope_id = addr->zone;
    memcpy(&a->v6.sin6_addr, addr->bytes, 16);
    return sizeof a->v6;
}

/* --- as the caller says ---------------------------------------------------------- */

#ifdef SO_BINDTODEVICE
static int tcp_bind_interface(tcp *t, const char *name)
{
    return setsockopt(
        t->fd, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t)strlen(name));
}
#else
static int tcp_bind_interface(tcp *t, const char *name)
{
    (void)t, (void)name;
    errno = ENOPROTOOPT;
    return -1;
}
#endif

#ifdef TCP_KEEPIDLE
static void tcp_set_patience(tcp *t, int seconds)
{
    setsockopt(t->fd, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof seconds);
    setsockopt(t->fd, IPPROTO_TCP, TCP_KEEPINTVL, &seconds, sizeof seconds);
}
#elif defined(TCP_KEEPALIVE)
static void tcp_set_patience(tcp *t, int seconds)
{
    setsockopt(t->fd, IPPROTO_TCP, TCP_KEEPALIVE, &seconds, sizeof seconds);
}
#else
static void tcp_set_patience(tcp *t, int seconds)
{
    (void)t, (void)seconds; /* the system's own two hours */
}
#endif

static void tcp_keep_alive(tcp *t, int64_t ms)
{
    enum { TCP_LONGEST = 32767 }; /* seconds that every system takes */
    int on = 1;
    int64_t seconds = ms / 1000 + (ms % 1000 != 0);
    setsockopt(t->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    tcp_set_patience(t, seconds < TCP_LONGEST ? (int)seconds : TCP_LONGEST);
}

static int tcp_bind_address(tcp *t, const ferry_addr *local)
{
    tcp_address a;
    memset(&a, 0, sizeof a);
    socklen_t len = tcp_put_address(&a, local, 0);
    return bind(t->fd, &a.any, len);
}

/* Before it connects. What the caller wants and cannot have ends it. */
static int tcp_dial_as(tcp *t, const fy_dialing *how)
{
    if (how->interface && tcp_bind_interface(t, how->interface))
        return -1;
    if (how->local.family && tcp_bind_address(t, &how->local))
        return -1;
    if (how->keepalive_ms)
        tcp_keep_alive(t, how->keepalive_ms);
    if (how->is_prompt) {
        int on = 1;
        setsockopt(t->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        t->is_prompt = true;
    }
    return 0;
}

/* --- starting -------------------------------------------------------------------- */

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

static tcp *tcp_new(const ferry_platform *p, ferry_fault *fault)
{
    static const ferry_transport_calls calls = {
        tcp_open, tcp_read, tcp_write, tcp_want, tcp_close};
    tcp *t = fy_alloc_zero(p, sizeof *t);
    if (!t) {
        *fault = (ferry_fault){FERRY_ERR_NOMEM, 0, NULL};
        return NULL;
    }
    t->base.calls = &calls;
    t->platform = *p;
    t->fd = -1;
    return t;
}

/* `answer` is what the start came to. */
static int tcp_start(tcp *t, int answer, ferry_transport **out, ferry_fault *fault)
{
    if (answer == FERRY_FAILED) {
        *fault = t->base.fault;
        tcp_close(&t->base);
        return -1;
    }
    *out = &t->base;
    return 0;
}

int fy_system_dial(const ferry_platform *p, const ferry_addr *addr, uint16_t port,
    const fy_dialing *how, ferry_transport **out, ferry_fault *fault)
{
    tcp *t = tcp_new(p, fault);
    if (!t)
        return -1;
    t->address_len = tcp_put_address(&t->address, addr, port);
    t->fd = tcp_socket(t->address.any.sa_family);
    bool is_good = t->fd >= 0 && tcp_dial_as(t, how) == 0;
    return tcp_start(t, is_good ? tcp_open(&t->base) : tcp_fail(t), out, fault);
}

/* Such a connect never waits: it is made, or the listener has no room. */
static int tcp_connect_unix(tcp *t, const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    size_t n = strlen(path), head = offsetof(struct sockaddr_un, sun_path);
    bool is_abstract = path[0] == '@';
    if (n >= sizeof a.sun_path) {
        errno = ENAMETOOLONG;
        return tcp_fail(t);
    }
    memcpy(a.sun_path, path, n);
    if (is_abstract)
        a.sun_path[0] = '\0';
    socklen_t len = (socklen_t)(head + n + !is_abstract);
    if (connect(t->fd, (struct sockaddr *)(void *)&a, len) || fcntl(t->fd, F_SETFL, 0))
        return tcp_fail(t);
    return 1;
}

static int tcp_open_unix(ferry_transport *base)
{
    (void)base;
    return 1; /* it was, when it was dialled */
}

int fy_system_dial_unix(const ferry_platform *p, const char *path,
    ferry_transport **out, ferry_fault *fault)
{
    static const ferry_transport_calls calls = {
        tcp_open_unix, tcp_read, tcp_write, tcp_want, tcp_close};
    tcp *t = tcp_new(p, fault);
    if (!t)
        return -1;
    t->base.calls = &calls;
    t->is_prompt = t->is_bounded = true; /* options of TCP */
    t->fd = tcp_socket(AF_UNIX);
    return tcp_start(
        t, t->fd < 0 ? tcp_fail(t) : tcp_connect_unix(t, path), out, fault);
}
