/* server.c - the server of what nginx does not do: answers that are written out before
 * anybody asks, so that it costs next to nothing beside the client.
 *
 *     server PORT [CPU]
 *
 *     /get               1,024 bytes of the pattern
 *     /fields            the same behind 100 fields, 5.9 KB of them
 *     /chunked/N         10,000,000 bytes in chunks of N: 16384, 1024 or 16
 *     /gzip              10,000,000 bytes of the text, as gzip
 *     /wrong, /short     as /get, but for one byte
 *     /echo              the body that came
 *     /drain             as /get, once a body of any length has come and is forgotten
 *     /late/...          any of these after 5 ms
 *
 * It is also asked for them in absolute form and through a CONNECT to anywhere, as if it
 * were a proxy; and at the abstract unix socket "ferry-bench-PORT".
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "bench/pattern.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

enum {
    SERVER_PEERS = 64,
    SERVER_IN = 8192,
    SERVER_SMALL = 1024,
    SERVER_LARGE = 10000000
};

typedef struct answer {
    const char *path;
    char *ptr;
    size_t len;
} answer;

/* One connection: what came, and what is still to go. */
typedef struct peer {
    char in[SERVER_IN + 1];
    size_t in_len;
    uint64_t left; /* of a body that is forgotten */
    const char *out;
    size_t out_len;
    char echo[SERVER_IN + 256];
} peer;

/* Each peer's socket has its place in `on`; the first and the last are those that listen:
 * TCP, and unix. */
static struct pollfd server_on[1 + SERVER_PEERS + 1];
static peer server_peers[1 + SERVER_PEERS];

/* --- answers -------------------------------------------------------------------------
 */

static void answer_print(answer *a, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    a->len += (size_t)vsprintf(a->ptr + a->len, format, list);
    va_end(list);
}

static void answer_put_pattern(answer *a, uint64_t at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        a->ptr[a->len++] = pattern_byte(at + i);
}

static void answer_put_date(answer *a)
{
    answer_print(a, "HTTP/1.1 200 OK\r\nServer: bench\r\n"
                    "Date: Fri, 21 Nov 2025 12:00:00 GMT\r\n"
                    "Content-Type: application/octet-stream\r\n");
}

static void answer_make(answer *a, const char *path, size_t room)
{
    *a = (answer){.path = path, .ptr = malloc(room)};
    answer_put_date(a);
}

/* A body of 1,024 bytes, of which `wrong` of the last are missing, behind `n` more
 * fields of about 50 bytes. */
static void answer_make_small(answer *a, const char *path, int n, size_t missing)
{
    answer_make(a, path, 16384);
    for (int i = 0; i < n; i++)
        answer_print(a, "X-Field-Number-%03d: a value of some length, %016llx\r\n", i,
            (unsigned long long)i * 0x9e3779b97f4a7c15u);
    answer_print(a, "Content-Length: %d\r\nConnection: keep-alive\r\n\r\n",
        SERVER_SMALL - (int)missing);
    answer_put_pattern(a, 0, SERVER_SMALL - missing);
}

/* How many bytes the chunked coding makes of it. */
static size_t answer_wire_length(size_t chunk)
{
    char line[32];
    size_t whole = SERVER_LARGE / chunk, rest = SERVER_LARGE % chunk;
    size_t n = whole * ((size_t)sprintf(line, "%zx\r\n\r\n", chunk) + chunk);
    if (rest)
        n += (size_t)sprintf(line, "%zx\r\n\r\n", rest) + rest;
    return n + strlen("0\r\n\r\n");
}

static void answer_make_chunked(answer *a, const char *path)
{
    size_t chunk = strtoul(strrchr(path, '/') + 1, NULL, 10);
    size_t wire = answer_wire_length(chunk);
    answer_make(a, path, wire + 1024);
    answer_print(a, "X-Wire-Length: %zu\r\nTransfer-Encoding: chunked\r\n\r\n", wire);
    for (size_t at = 0, n; at < SERVER_LARGE; at += n) {
        n = SERVER_LARGE - at < chunk ? SERVER_LARGE - at : chunk;
        answer_print(a, "%zx\r\n", n);
        answer_put_pattern(a, at, n);
        answer_print(a, "\r\n");
    }
    answer_print(a, "0\r\n\r\n");
}

static void answer_make_coded(answer *a, const char *path)
{
    z_stream z = {.zalloc = NULL};
    char *text = malloc(SERVER_LARGE), *packed = malloc(SERVER_LARGE);
    pattern_put_text(text, SERVER_LARGE);
    if (deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        exit(1);
    z.next_in = (Bytef *)text;
    z.avail_in = SERVER_LARGE;
    z.next_out = (Bytef *)packed;
    z.avail_out = SERVER_LARGE;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END)
        exit(1);
    answer_make(a, path, z.total_out + 1024);
    answer_print(
        a, "Content-Encoding: gzip\r\nContent-Length: %lu\r\n\r\n", z.total_out);
    memcpy(a->ptr + a->len, packed, z.total_out);
    a->len += z.total_out;
    deflateEnd(&z);
    free(text);
    free(packed);
}

static answer server_answers[8];

static void server_make_answers(void)
{
    answer *a = server_answers;
    answer_make_small(a++, "/get", 0, 0);
    answer_make_small(a++, "/fields", 95, 0);
    answer_make_small(a, "/wrong", 0, 0);
    a->ptr[a->len - 100] ^= 1;
    a++;
    answer_make_small(a++, "/short", 0, 1);
    answer_make_chunked(a++, "/chunked/16384");
    answer_make_chunked(a++, "/chunked/1024");
    answer_make_chunked(a++, "/chunked/16");
    answer_make_coded(a++, "/gzip");
}

/* --- requests ------------------------------------------------------------------------
 */

static void server_echo(peer *p, const char *body, size_t len)
{
    answer a = {.ptr = p->echo};
    answer_put_date(&a);
    answer_print(&a, "Content-Length: %zu\r\n\r\n", len);
    memcpy(p->echo + a.len, body, len);
    p->out = p->echo;
    p->out_len = a.len + len;
}

static bool server_is_path(const char *target, const char *path)
{
    size_t len = strlen(path);
    return strncmp(target, path, len) == 0 && target[len] == ' ';
}

/* From the path on, if it is in absolute form. */
static const char *server_path(const char *target)
{
    static const char scheme[] = "http://";
    size_t n = strlen(scheme);
    return strncmp(target, scheme, n) == 0 ? target + n + strcspn(target + n, "/ ")
                                           : target;
}

/* Choose what answers `target`. False: nothing does. */
static bool server_choose(peer *p, const char *target, const char *body, size_t len)
{
    static const char late[] = "/late";
    target = server_path(target);
    if (strncmp(target, late, strlen(late)) == 0) {
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
        target += strlen(late);
    }
    for (size_t i = 0; i < sizeof server_answers / sizeof *server_answers; i++)
        if (server_is_path(target, server_answers[i].path)) {
            p->out = server_answers[i].ptr;
            p->out_len = server_answers[i].len;
            return true;
        }
    if (server_is_path(target, "/echo"))
        server_echo(p, body, len);
    return p->out != NULL;
}

/* Answer the request that is here as a whole; one at a time is all that is asked. */
static bool server_answer(peer *p)
{
    p->in[p->in_len] = '\0';
    const char *end = strstr(p->in, "\r\n\r\n"), *target = strchr(p->in, ' ');
    if (!end || !target)
        return p->in_len < SERVER_IN;
    const char *length = strstr(p->in, "Content-Length: ");
    size_t len = length ? strtoul(length + 16, NULL, 10) : 0;
    size_t head = (size_t)(end - p->in) + 4;
    if (p->in_len < head + len)
        return p->in_len < SERVER_IN;
    p->in_len = 0;
    if (strncmp(p->in, "CONNECT ", 8) == 0) {
        p->out = "HTTP/1.1 200 Open\r\n\r\n";
        p->out_len = strlen(p->out);
        return true;
    }
    return server_choose(p, target + 1, p->in + head, len);
}

/* The head of an upload is here, perhaps with some of its body. */
static bool server_is_upload(peer *p)
{
    p->in[p->in_len] = '\0';
    const char *end = strstr(p->in, "\r\n\r\n"), *target = strchr(p->in, ' ');
    const char *length = end ? strstr(p->in, "Content-Length: ") : NULL;
    if (!length || !server_is_path(target + 1, "/drain"))
        return false;
    uint64_t len = strtoull(length + 16, NULL, 10);
    p->left = len - (p->in_len - (size_t)(end + 4 - p->in));
    p->in_len = 0;
    return true;
}

/* --- the loop ------------------------------------------------------------------------
 */

static bool server_send(peer *p, struct pollfd *on)
{
    while (p->out_len) {
        ssize_t n = send(on->fd, p->out, p->out_len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0) {
            on->events = POLLOUT;
            return errno == EAGAIN || errno == EINTR;
        }
        p->out += n;
        p->out_len -= (size_t)n;
    }
    p->out = NULL;
    on->events = POLLIN;
    return true;
}

static bool server_receive(peer *p, struct pollfd *on)
{
    ssize_t n = recv(on->fd, p->in + p->in_len, SERVER_IN - p->in_len, MSG_DONTWAIT);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    p->in_len += (size_t)n;
    if (n > 0 && server_is_upload(p))
        return p->left || (server_choose(p, "/get ", NULL, 0) && server_send(p, on));
    return n > 0 && server_answer(p) && server_send(p, on);
}

/* Not even copied. */
static bool server_forget(peer *p, struct pollfd *on)
{
    size_t most = p->left < SERVER_LARGE ? (size_t)p->left : SERVER_LARGE;
    ssize_t n = recv(on->fd, NULL, most, MSG_DONTWAIT | MSG_TRUNC);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    p->left -= (uint64_t)n;
    return n > 0 &&
           (p->left || (server_choose(p, "/get ", NULL, 0) && server_send(p, on)));
}

static void server_accept(int listener)
{
    int fd = accept(listener, NULL, NULL), prompt = 1;
    if (fd < 0)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &prompt, sizeof prompt);
    for (int i = 1; i <= SERVER_PEERS; i++)
        if (server_on[i].fd < 0) {
            server_on[i] = (struct pollfd){.fd = fd, .events = POLLIN};
            server_peers[i].in_len = server_peers[i].out_len = 0;
            server_peers[i].left = 0;
            server_peers[i].out = NULL;
            return;
        }
    close(fd);
}

static void server_serve(int i)
{
    struct pollfd *on = &server_on[i];
    peer *p = &server_peers[i];
    if (on->fd < 0 || !on->revents)
        return;
    bool is_good = p->left      ? server_forget(p, on)
                   : p->out_len ? server_send(p, on)
                                : server_receive(p, on);
    if (!is_good) {
        close(on->fd);
        on->fd = -1;
    }
}

static int server_listen(unsigned port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, SERVER_PEERS))
        return -1;
    return fd;
}

static int server_listen_unix(const char *port)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    int n = snprintf(at.sun_path + 1, sizeof at.sun_path - 1, "ferry-bench-%s", port);
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
    if (bind(fd, (struct sockaddr *)&at, len) || listen(fd, SERVER_PEERS))
        return -1;
    return fd;
}

int main(int argc, char **argv)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (argc > 2)
        CPU_SET(strtoul(argv[2], NULL, 10), &set);
    if (argc < 2 || (argc > 2 && sched_setaffinity(0, sizeof set, &set))) {
        fputs("usage: server PORT [CPU]\n", stderr);
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    server_make_answers();
    for (int i = 1; i <= SERVER_PEERS; i++)
        server_on[i].fd = -1;
    server_on[0] = (struct pollfd){
        .fd = server_listen((unsigned)strtoul(argv[1], NULL, 10)), .events = POLLIN};
    struct pollfd *last = &server_on[1 + SERVER_PEERS];
    *last = (struct pollfd){.fd = server_listen_unix(argv[1]), .events = POLLIN};
    if (server_on[0].fd < 0 || last->fd < 0)
        return perror("server"), 1;
    for (;;) {
        if (poll(server_on, 1 + SERVER_PEERS + 1, -1) < 0)
            continue;
        for (int i = 1; i <= SERVER_PEERS; i++)
            server_serve(i);
        if (server_on[0].revents)
            server_accept(server_on[0].fd);
        if (last->revents)
            server_accept(last->fd);
    }
}
