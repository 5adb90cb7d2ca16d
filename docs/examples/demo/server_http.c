/* server_http.c - what the tour's server answers. It believes what the tour sends.
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "server.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

typedef struct route {
    const char *path; /* what the request's target begins with */
    void (*answer)(peer *p, const char *rest, size_t request_len);
} route;

static void http_put(peer *p, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int n = vsnprintf(p->out + p->out_len, PEER_OUT - p->out_len, format, list);
    va_end(list);
    p->out_len += (size_t)n;
}

static void http_put_head(peer *p, int status, uint64_t length)
{
    http_put(p, "HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\n", status,
        status < 400 ? "Fine" : "Not Here");
    if (p->is_chunked)
        http_put(p, "Transfer-Encoding: chunked\r\n\r\n");
    else
        http_put(p, "Content-Length: %llu\r\n\r\n", (unsigned long long)length);
}

static uint64_t http_number(const char *text)
{
    uint64_t n = 0;
    while (*text >= '0' && *text <= '9')
        n = n * 10 + (uint64_t)(*text++ - '0');
    return n;
}

static void http_echo(peer *p, const char *rest, size_t request_len)
{
    (void)rest;
    http_put_head(p, 200, request_len);
    memcpy(p->out + p->out_len, p->in, request_len);
    p->out_len += request_len;
}

static void http_login(peer *p, const char *rest, size_t request_len)
{
    (void)rest;
    (void)request_len;
    http_put(p, "HTTP/1.1 200 Fine\r\n"
                "Set-Cookie: session=berth-7; Path=/echo; HttpOnly\r\n"
                "Set-Cookie: lang=en; Path=/; Max-Age=3600\r\n"
                "Content-Length: 0\r\n\r\n");
}

static void http_bytes(peer *p, const char *rest, size_t request_len)
{
    (void)request_len;
    p->end = http_number(rest);
    http_put_head(p, 200, p->end);
}

static void http_chunked(peer *p, const char *rest, size_t request_len)
{
    p->is_chunked = true;
    http_bytes(p, rest, request_len);
}

static void http_status(peer *p, const char *rest, size_t request_len)
{
    (void)request_len;
    http_put_head(p, (int)(http_number(rest) % 1000), 0);
}

static void http_redirect(peer *p, const char *rest, size_t request_len)
{
    uint64_t n = http_number(rest);
    (void)request_len;
    http_put(p, "HTTP/1.1 302 Over There\r\nContent-Length: 0\r\nLocation: ");
    if (n > 1)
        http_put(p, "/redirect/%llu\r\n\r\n", (unsigned long long)n - 1);
    else
        http_put(p, "/echo\r\n\r\n");
}

static void http_busy(peer *p, const char *rest, size_t request_len)
{
    static uint64_t turned_away;
    (void)request_len;
    if (turned_away++ < http_number(rest)) {
        http_put_head(p, 503, 0);
        return;
    }
    turned_away = 0;
    http_put_head(p, 200, 0);
}

static void http_silence(peer *p, const char *rest, size_t request_len)
{
    (void)rest;
    (void)request_len;
    p->is_answering = false;
}

static void http_broken(peer *p, const char *rest, size_t request_len)
{
    (void)rest;
    (void)request_len;
    p->closes = true;
    p->end = 500;
    http_put_head(p, 200, 1000);
}

/* Let in, or ask who is there. */
static void http_guard(peer *p, bool is_known, const char *challenge)
{
    static const char welcome[] = "welcome, ada\n";
    const char *body = is_known ? welcome : "";
    http_put(p, "HTTP/1.1 %s\r\nContent-Type: text/plain\r\n",
        is_known ? "200 Fine" : "401 Who Is There");
    http_put(p, "%s: %s\r\n", is_known ? "Was-Asked" : "WWW-Authenticate", challenge);
    http_put(p, "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
}

/* Does the request hold that text? */
static bool http_says(const peer *p, size_t request_len, const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i + n <= request_len; i++)
        if (memcmp(p->in + i, text, n) == 0)
            return true;
    return false;
}

static void http_private(peer *p, const char *rest, size_t request_len)
{
    (void)rest;
    http_guard(p,
        http_says(p, request_len, "Authorization: Basic YWRhOmxvdmVsYWNl\r\n"),
        "Basic realm=\"harbour\"");
}

/* Nonce and paths are always the same, and so is what the hash must be. */
static void http_digest(peer *p, const char *rest, size_t request_len)
{
    static const char *const responses[] = {
        "cf5334059ba8e0354b8d900c9b09fd35ca9411f12c846fdbd445440b0de6ace9",
        "a6adbe5c7b6c685cb3644a10647309ce32c9b1228f9a81943c4ffbc49fd8efee"};
    http_guard(p, http_says(p, request_len, responses[*rest == '2']),
        "Digest realm=\"harbour\", nonce=\"demo-nonce\", algorithm=SHA-256");
}

static void http_missing(peer *p, const char *rest, size_t request_len)
{
    (void)rest;
    (void)request_len;
    http_put_head(p, 404, 0);
}

static const route http_routes[] = {
    {"/echo", http_echo},
    {"/login", http_login},
    {"/bytes/", http_bytes},
    {"/chunked/", http_chunked},
    {"/status/", http_status},
    {"/private", http_private},
    {"/digest/", http_digest},
    {"/redirect/", http_redirect},
    {"/busy/", http_busy},
    {"/silence", http_silence},
    {"/broken", http_broken},
    {"", http_missing},
};

/* Where the value of that field begins, in a head that ends in a NUL; or NULL. */
static const char *http_field(const char *head, const char *name)
{
    for (const char *line = head; (line = strstr(line, "\r\n")) != NULL;) {
        line += 2;
        if (!strncasecmp(line, name, strlen(name)))
            return line + strlen(name);
    }
    return NULL;
}

/* How long the first request is, head and body; 0 while it is not all here. */
static size_t http_request_len(peer *p)
{
    char head[PEER_IN + 1];
    memcpy(head, p->in, p->in_len);
    head[p->in_len] = '\0';
    char *end = strstr(head, "\r\n\r\n");
    if (!end)
        return 0;
    end[2] = '\0';
    const char *length = http_field(head, "Content-Length: ");
    const char *connection = http_field(head, "Connection: ");
    p->closes = connection && !strncasecmp(connection, "close", 5);
    uint64_t all = (uint64_t)(end - head) + 4 + (length ? http_number(length) : 0);
    return all <= p->in_len ? (size_t)all : 0;
}

bool peer_answer(peer *p)
{
    size_t n = http_request_len(p);
    if (n == 0)
        return p->in_len < PEER_IN;
    const char *target = memchr(p->in, ' ', n);
    if (!target++)
        return false;
    p->at = p->end = 0;
    p->is_answering = true;
    p->is_chunked = false;
    for (const route *r = http_routes;; r++) {
        size_t len = strlen(r->path);
        if (!strncmp(target, r->path, len)) {
            r->answer(p, target + len, n);
            break;
        }
    }
    p->in_len -= n;
    memmove(p->in, p->in + n, p->in_len);
    if (p->is_answering)
        peer_fill(p); /* head and body leave together, or Nagle holds the body back */
    return true;
}

bool peer_fill(peer *p)
{
    enum { PIECE = PEER_OUT - 512 }; /* a head may stand before it */
    bool was_chunked = p->is_chunked;
    size_t n = p->end - p->at < PIECE ? (size_t)(p->end - p->at) : PIECE;
    if (n == 0) {
        p->is_chunked = false;
        if (was_chunked)
            http_put(p, "0\r\nPattern: ends\r\n\r\n");
        return was_chunked;
    }
    if (was_chunked)
        http_put(p, "%zx\r\n", n);
    for (size_t i = 0; i < n; i++)
        p->out[p->out_len++] = (char)server_byte(p->at + i);
    p->at += n;
    if (was_chunked)
        http_put(p, "\r\n");
    return true;
}
