/* floor.c - the least that a client can do: one socket, a fixed request, write and read;
 * the length is looked for with strstr and believed.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "bench/client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { FLOOR_BUFFER = 64 * 1024 };

static struct sockaddr_in floor_peer;
static int floor_fd = -1;
static char floor_request[4096];
static size_t floor_request_len;
static char floor_buffer[FLOOR_BUFFER + 1];

/* What is here of a response. */
static size_t floor_got;  /* bytes in the buffer */
static size_t floor_head; /* of these the head */

static bool floor_connect(void)
{
    floor_fd = socket(AF_INET, SOCK_STREAM, 0);
    return floor_fd >= 0 &&
           !connect(floor_fd, (struct sockaddr *)&floor_peer, sizeof floor_peer);
}

/* The number behind the name of a field in the head. */
static uint64_t floor_number(const char *name)
{
    const char *at = strstr(floor_buffer, name);
    return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

static bool floor_ask(void)
{
    if (floor_request_len &&
        write(floor_fd, floor_request, floor_request_len) != (ssize_t)floor_request_len)
        return client_fail("floor: write");
    floor_got = 0;
    for (char *end = NULL; !end;) {
        ssize_t n = read(floor_fd, floor_buffer + floor_got, FLOOR_BUFFER - floor_got);
        if (n <= 0)
            return client_fail("floor: no head");
        floor_got += (size_t)n;
        floor_buffer[floor_got] = '\0';
        end = strstr(floor_buffer, "\r\n\r\n");
        floor_head = end ? (size_t)(end - floor_buffer) + 4 : 0;
    }
    body_begin();
    return true;
}

static const char *floor_behind_head(void)
{
    return floor_buffer + floor_head;
}

/* The rest of a body of `length`, piece after piece into the buffer. */
static bool floor_pass(uint64_t length)
{
    body_take(floor_behind_head(), floor_got - floor_head);
    while (client_body.at < length) {
        ssize_t n = read(floor_fd, floor_buffer, FLOOR_BUFFER);
        if (n <= 0)
            return client_fail("floor: no body");
        body_take(floor_buffer, (size_t)n);
    }
    return true;
}

static bool floor_get(void)
{
    return floor_ask() && floor_pass(floor_number("Content-Length: "));
}

/* A file as a body, piece after piece through the buffer; the file is $BENCH_FILE. */
static bool floor_upload(void)
{
    int file = open(getenv("BENCH_FILE"), O_RDONLY);
    struct stat about;
    if (file < 0 || fstat(file, &about))
        return client_fail("floor: no BENCH_FILE");
    floor_request_len = (size_t)snprintf(floor_request, sizeof floor_request,
        "PUT /drain HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %lld\r\n\r\n",
        (long long)about.st_size);
    if (write(floor_fd, floor_request, floor_request_len) < 0)
        return client_fail("floor: write");
    for (ssize_t n; (n = read(file, floor_buffer, FLOOR_BUFFER)) > 0;)
        for (ssize_t at = 0, done; at < n; at += done)
            if ((done = write(floor_fd, floor_buffer + at, (size_t)(n - at))) < 0)
                return client_fail("floor: write");
    close(file);
    floor_request_len = 0; /* it is out */
    return floor_get();
}

static bool floor_new_connection(void)
{
    bool ok = floor_connect() && floor_get();
    close(floor_fd);
    return ok;
}

/* Into one block that is allocated once and has the right size. */
static bool floor_gather(void)
{
    if (!floor_ask())
        return false;
    size_t length = (size_t)floor_number("Content-Length: ");
    size_t got = floor_got - floor_head;
    char *block = malloc(length + 1);
    memcpy(block, floor_behind_head(), got);
    while (got < length) {
        ssize_t n = read(floor_fd, block + got, length - got);
        if (n <= 0)
            return client_fail("floor: no body");
        got += (size_t)n;
    }
    body_take(block, got);
    free(block);
    return true;
}

/* A chunked body as it comes, framing and all: what decoding is measured against. The
 * server says how long it is on the wire; of its bytes only the last are looked at. */
static bool floor_raw(void)
{
    if (!floor_ask())
        return false;
    uint64_t left = floor_number("X-Wire-Length: ") - (floor_got - floor_head);
    size_t last = 0;
    while (left) {
        ssize_t n = read(floor_fd, floor_buffer, FLOOR_BUFFER);
        if (n <= 0 || (uint64_t)n > left)
            return client_fail("floor: no body of that length");
        left -= (uint64_t)n;
        last = (size_t)n;
    }
    if (last < 2 || memcmp(floor_buffer + last - 2, "\r\n", 2) != 0)
        return client_fail("floor: no end of the last chunk");
    client_body.at = client_body.length;
    return true;
}

/* Bytes of gzip that lie in the buffer; Z_STREAM_END, or another answer of zlib's. */
static int floor_inflate(z_stream *z, char *p, size_t n)
{
    static char out[FLOOR_BUFFER];
    int answer = Z_OK;
    z->next_in = (Bytef *)p;
    z->avail_in = (uInt)n;
    do {
        z->next_out = (Bytef *)out;
        z->avail_out = sizeof out;
        answer = inflate(z, Z_NO_FLUSH);
        if (z->avail_out < sizeof out)
            body_take(out, sizeof out - z->avail_out);
    } while (answer == Z_OK && z->avail_out == 0);
    return answer;
}

/* To the end of the coded data. */
static bool floor_coded(void)
{
    static z_stream z;
    if ((!z.state && inflateInit2(&z, 31) != Z_OK) || inflateReset(&z) != Z_OK ||
        !floor_ask())
        return client_fail("floor: zlib");
    int answer = floor_inflate(&z, floor_buffer + floor_head, floor_got - floor_head);
    while (answer == Z_OK || answer == Z_BUF_ERROR) {
        ssize_t n = read(floor_fd, floor_buffer, FLOOR_BUFFER);
        if (n <= 0)
            return client_fail("floor: no body");
        answer = floor_inflate(&z, floor_buffer, (size_t)n);
    }
    return answer == Z_STREAM_END || client_fail("floor: no gzip");
}

static bool floor_set_peer(const char *url, const char **path)
{
    unsigned port;
    int len = 0;
    if (sscanf(url, "http://127.0.0.1:%u%n", &port, &len) != 1 || url[len] != '/')
        return client_fail("floor: the URL is not http://127.0.0.1:PORT/...");
    floor_peer.sin_family = AF_INET;
    floor_peer.sin_port = htons((uint16_t)port);
    floor_peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *path = url + len;
    return true;
}

/* The head that the library writes, and behind it `number` bytes of body. */
static bool floor_write_request(const char *url, int number)
{
    const char *path = "";
    if (!floor_set_peer(url, &path))
        return false;
    char length[64] = "";
    if (number)
        snprintf(length, sizeof length, "Content-Length: %d\r\n", number);
    floor_request_len = (size_t)snprintf(floor_request, sizeof floor_request,
        "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUser-Agent: floor\r\n"
        "Accept-Encoding: identity\r\nAccept: */*\r\nConnection: keep-alive\r\n%s\r\n",
        number ? "POST" : "GET", path, (unsigned)ntohs(floor_peer.sin_port), length);
    for (int i = 0; i < number; i++)
        floor_request[floor_request_len++] = pattern_byte((uint64_t)i);
    return true;
}

static bool floor_begin(const char *url, int number)
{
    return floor_write_request(url, number) &&
           (floor_connect() || client_fail("floor: no connection"));
}

const client_mode client_modes[] = {
    {"get", floor_begin, floor_get, 0},
    {"post", floor_begin, floor_get, 1024},
    {"upload", floor_begin, floor_upload, 0},
    {"connect", floor_write_request, floor_new_connection, 0},
    {"gather", floor_begin, floor_gather, 0},
    {"pieces", floor_begin, floor_get, 0},
    {"raw", floor_begin, floor_raw, 0},
    {"coded", floor_begin, floor_coded, 0},
    {NULL, NULL, NULL, 0},
};
