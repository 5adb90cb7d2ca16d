/* test_live_upload.c - five gigabytes out of a sparse file, as a body and as a part of a
 * form, to a server of our own on loopback: every byte arrives, and the session never holds
 * a megabyte.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "ferry.h"
#include "lib/counted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LENGTH ((int64_t)5 << 30)

enum { MOST_HEAP = 1 << 20, PIECE = 1 << 18 };

/* --- a server that looks at what it is sent --------------------------------------- */

/* What stands where in the file; all else is zeros. */
static const struct {
    int64_t at;
    char byte;
} marks[] = {{0, 'a'}, {((int64_t)1 << 32) - 1, 'b'}, {(int64_t)1 << 32, 'c'},
    {LENGTH - 1, 'd'}};

enum { MARKS = sizeof marks / sizeof *marks };

typedef struct drain {
    int listening;
    int64_t skip; /* bytes of a body before the file, and */
    int64_t tail; /* behind it */
    int64_t got, length;
    int n_marks;
    bool has_noise; /* other bytes than the file's */
    char *piece;
} drain;

static bool is_zeros(const char *p, size_t n)
{
    return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

/* Bytes of the body: those of the file are zeros but for the marks. */
static void drain_look(drain *d, char *p, size_t n)
{
    int64_t from = d->got - d->skip, to = from + (int64_t)n;
    d->got += (int64_t)n;
    for (int i = 0; i < MARKS; i++)
        if (marks[i].at >= from && marks[i].at < to) {
            d->n_marks += p[marks[i].at - from] == marks[i].byte;
            p[marks[i].at - from] = 0;
        }
    int64_t first = from < 0 ? -from : 0,
            last = to > LENGTH ? LENGTH - from : to - from;
    if (first < last)
        d->has_noise |= !is_zeros(p + first, (size_t)(last - first));
}

/* The head up to its empty line; what came behind it is looked at. */
static bool drain_head(drain *d, int fd)
{
    size_t len = 0;
    char *end = NULL;
    while (!end) {
        ssize_t n = recv(fd, d->piece + len, PIECE - 1 - len, 0);
        if (n <= 0)
            return false;
        len += (size_t)n;
        d->piece[len] = '\0';
        end = strstr(d->piece, "\r\n\r\n");
    }
    const char *length = strstr(d->piece, "Content-Length: ");
    d->length = length ? strtoll(length + 16, NULL, 10) : -1;
    if (strstr(d->piece, "Expect: 100-continue"))
        send(fd, "HTTP/1.1 100 Continue\r\n\r\n", 25, MSG_NOSIGNAL);
    drain_look(d, end + 4, len - (size_t)(end + 4 - d->piece));
    return true;
}

static void *drain_run(void *ctx)
{
    static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    drain *d = ctx;
    int fd = accept(d->listening, NULL, NULL);
    ssize_t n = 1;
    if (fd < 0 || !drain_head(d, fd))
        return NULL;
    while (d->got < d->length && (n = recv(fd, d->piece, PIECE, 0)) > 0)
        drain_look(d, d->piece, (size_t)n);
    send(fd, ok, sizeof ok - 1, MSG_NOSIGNAL);
    shutdown(fd, SHUT_WR);
    while (recv(fd, d->piece, PIECE, 0) > 0)
        d->has_noise = true;
    close(fd);
    return NULL;
}

static unsigned drain_listen(drain *d)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    d->listening = socket(AF_INET, SOCK_STREAM, 0);
    assert_return_code(bind(d->listening, (struct sockaddr *)&at, sizeof at), 0);
    assert_return_code(listen(d->listening, 4), 0);
    assert_return_code(getsockname(d->listening, (struct sockaddr *)&at, &len), 0);
    return ntohs(at.sin_port);
}

/* --- the file --------------------------------------------------------------------- */

static char path[] = "/tmp/ferry-upload-XXXXXX";

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    assert_return_code(fd, 0);
    assert_return_code(ftruncate(fd, LENGTH), 0);
    for (int i = 0; i < MARKS; i++)
        assert_int_equal(pwrite(fd, &marks[i].byte, 1, marks[i].at), 1);
    close(fd);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

static void expect_all(drain *d, const ferry_opts *o)
{
    counted h = {0, 0};
    ferry_platform m = counted_platform(&h);
    ferry_session *s = ferry_session_new(.platform = &m);
    ferry_response *r = NULL;
    pthread_t thread;
    char url[64];
    d->piece = malloc(PIECE);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/up", drain_listen(d));
    assert_int_equal(pthread_create(&thread, NULL, drain_run, d), 0);
    ferry_err e = ferry_send(s, "PUT", url, &r, o);
    if (e)
        fail_msg("%s", ferry_explain(s));
    assert_string_equal(r->body.ptr, "ok");
    ferry_response_free(r);
    ferry_session_free(s);
    pthread_join(thread, NULL);
    close(d->listening);
    free(d->piece);
    assert_int_equal(d->length, d->skip + LENGTH + d->tail);
    assert_int_equal(d->got, d->length);
    assert_int_equal(d->n_marks, MARKS);
    assert_false(d->has_noise);
    printf("%zu bytes of heap at most\n", h.peak);
    assert_true(h.peak <= MOST_HEAP);
    assert_int_equal(h.now, 0);
}

static void five_gigabytes_of_a_file_arrive(void **state)
{
    drain d = {.skip = 0};
    (void)state;
    expect_all(&d, FERRY_OPTS(.file = path));
}

static void five_gigabytes_arrive_as_a_part_of_a_form(void **state)
{
    /* Two delimiters of 2 + 32 bytes, and what stands round them. */
    drain d = {.skip = 34 + 2 + 61 + 4, .tail = 2 + 34 + 4};
    (void)state;
    expect_all(
        &d, FERRY_OPTS(.multipart = FERRY_PARTS(
                           {.name = "f", .file = path, .filename = "five.bin"})));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_gigabytes_of_a_file_arrive),
        cmocka_unit_test(five_gigabytes_arrive_as_a_part_of_a_form),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
