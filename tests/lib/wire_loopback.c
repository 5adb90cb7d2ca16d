/* wire_loopback.c - scripts played over real sockets, with the library's own transport
 * and, in blocking calls, its own way to wait. tests. Knows sockets.
 *
 * The client resolves its host names here: they lead to the server of this run, to an
 * address where nobody listens, or to one whose listener is full and stays silent.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lib/wire_world.h"
#include "lib/wire_server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Last bytes of 127.0.0.x. */
enum { LOOPBACK_SERVER = 1, LOOPBACK_NOBODY = 2, LOOPBACK_SILENT = 3 };

/* Where new descriptors of this small program are found. */
enum { LOOPBACK_DESCRIPTORS = 64 };
/* Ends of pipes that a server has. */
enum { LOOPBACK_PIPES = 4 };

static int loopback_listener = -1, loopback_silent = -1, loopback_filler = -1;

typedef struct loopback_world {
    wire_world world;
    wire_server server;
    int n_before;  /* descriptors that were open when it began */
    int n_nowhere; /* connections that the server does not see */
    bool is_stopped;
} loopback_world;

static loopback_world *loopback_of(wire_world *w)
{
    return (loopback_world *)(void *)w;
}

/* --- listening ------------------------------------------------------------------- */

static struct sockaddr_in loopback_address(int last, uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    a.sin_addr.s_addr = htonl(0x7f000000u + (uint32_t)last);
    return a;
}

/* With little room for what nobody reads, so that a large upload stalls. */
static int loopback_bind(int last, uint16_t port, int backlog)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0), small = 4096;
    struct sockaddr_in a = loopback_address(last, port);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) || listen(fd, backlog)) {
        close(fd);
        return -1;
    }
    return fd;
}

unsigned wire_loopback_listen(void)
{
    struct sockaddr_in a;
    socklen_t n = sizeof a;
    loopback_listener = loopback_bind(LOOPBACK_SERVER, 0, WIRE_CONNECTIONS);
    if (loopback_listener < 0 ||
        getsockname(loopback_listener, (struct sockaddr *)&a, &n))
        return 0;
    unsigned port = ntohs(a.sin_port);
    /* One connection fills a backlog of none: those after it get no answer. */
    a = loopback_address(LOOPBACK_SILENT, (uint16_t)port);
    loopback_silent = loopback_bind(LOOPBACK_SILENT, (uint16_t)port, 0);
    loopback_filler = socket(AF_INET, SOCK_STREAM, 0);
    if (loopback_silent < 0 ||
        connect(loopback_filler, (struct sockaddr *)&a, sizeof a))
        return 0;
    return port;
}

void wire_loopback_close(void)
{
    close(loopback_listener);
    close(loopback_silent);
    close(loopback_filler);
}

/* --- the client's side ----------------------------------------------------------- */

static int loopback_n_descriptors(void)
{
    int n = 0;
    for (int fd = 0; fd < LOOPBACK_DESCRIPTORS; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

/* Names are remembered by their session, so those that lead nowhere are for one
 * connection each. */
static int loopback_resolve(
    void *ctx, const char *host, ferry_addr *out, int max, ferry_fault *fault)
{
    loopback_world *l = ctx;
    (void)max, (void)fault;
    int last = strcmp(host, "refused.test") == 0  ? LOOPBACK_NOBODY
               : strcmp(host, "silent.test") == 0 ? LOOPBACK_SILENT
                                                  : LOOPBACK_SERVER;
    l->n_nowhere += last != LOOPBACK_SERVER;
    *out = (ferry_addr){.family = FERRY_IPV4, .bytes = {127, 0, 0, (uint8_t)last}};
    return 1;
}

/* What the process has open, less what it had before and what is the server's. */
static void loopback_count(wire_world *w, int *dialled, int *open)
{
    loopback_world *l = loopback_of(w);
    int n_server = l->is_stopped ? 0 : wire_server_settle(&l->server);
    w->n_peers = l->server.n_accepted + l->n_nowhere;
    *dialled = w->n_peers;
    *open = loopback_n_descriptors() - l->n_before - n_server;
    if (!l->is_stopped)
        wire_server_go_on(&l->server);
}

static bool loopback_wait(wire_world *w, const ferry_wait *wait)
{
    struct pollfd fds[FERRY_WAIT_HANDLES];
    (void)w;
    for (int i = 0; i < wait->n; i++)
        fds[i] = (struct pollfd){.fd = (int)wait->on[i].id,
            .events = (short)((wait->on[i].events & FERRY_READABLE ? POLLIN : 0) |
                              (wait->on[i].events & FERRY_WRITABLE ? POLLOUT : 0))};
    if (wait->n == 0 && wait->timeout_ms < 0)
        return false;
    poll(fds, (nfds_t)wait->n, (int)wait->timeout_ms);
    return true;
}

static void loopback_sleep(wire_world *w, int64_t ms)
{
    loopback_wait(w, &(ferry_wait){.timeout_ms = ms});
}

static int64_t loopback_now(wire_world *w)
{
    (void)w;
    return wire_clock_ms();
}

static void loopback_stop(wire_world *w)
{
    loopback_world *l = loopback_of(w);
    if (l->is_stopped)
        return;
    wire_server_stop(&l->server);
    l->is_stopped = true;
    l->n_before -= LOOPBACK_PIPES;
}

static void loopback_free(wire_world *w)
{
    loopback_stop(w);
    wire_world_fini(w);
    free(w);
}

wire_world *wire_loopback_new(const wire_script *s, const wire_run *run)
{
    static const wire_world_calls calls = {loopback_count, loopback_wait,
        loopback_sleep, loopback_now, loopback_stop, loopback_free};
    loopback_world *l = calloc(1, sizeof *l);
    if (!l)
        abort();
    wire_world_init(&l->world, s, run);
    l->world.calls = &calls;
    l->world.platform.ctx = l;
    l->world.platform.resolve = loopback_resolve;
    for (int i = 0; i < WIRE_CONNECTIONS; i++)
        wire_world_dial(&l->world);
    l->world.n_peers = 0; /* of them, so far */
    l->server.peers = l->world.peers;
    l->server.cut = run->cut;
    l->server.listener = loopback_listener;
    l->n_before = loopback_n_descriptors() + LOOPBACK_PIPES;
    wire_server_start(&l->server);
    return &l->world;
}
