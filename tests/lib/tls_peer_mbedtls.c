/* tls_peer_mbedtls.c - a server in memory that speaks TLS.
 * SPDX-License-Identifier: MIT */
#include "lib/tls_peer_mbedtls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUEUE = 1 << 20 };

typedef struct queue {
    unsigned char bytes[QUEUE];
    size_t at, len;
} queue;

/* One connection: the client's transport, and the server behind it. */
typedef struct line {
    ferry_transport base;
    tls_peer *peer;
    queue up, down; /* to the server, to the client */
    size_t sent;
    bool is_over; /* the server has hung up */
    bool is_reset;
    bool is_open, was_coy;
    char request[8192];
    size_t request_len;
    size_t answer_at;
    bool is_answering;
    size_t flooded;
    mbedtls_ssl_context ssl;
} line;

static line *line_of(ferry_transport *t)
{
    return (line *)(void *)t;
}

/* --- the server ------------------------------------------------------------------ */

static void hang_up(line *l, tls_end how)
{
    l->is_over = true;
    l->is_reset = how == TLS_RESETS;
}

static int server_send(void *ctx, const unsigned char *p, size_t n)
{
    line *l = ctx;
    tls_peer *peer = l->peer;
    for (size_t i = 0; i < n; i++) {
        if (l->is_over)
            return (int)n;
        if (l->down.len == QUEUE) {
            memmove(l->down.bytes, l->down.bytes + l->down.at, QUEUE - l->down.at);
            l->down.len -= l->down.at;
            l->down.at = 0;
        }
        if (l->down.len == QUEUE)
            return i ? (int)i : MBEDTLS_ERR_SSL_WANT_WRITE;
        l->sent++;
        l->down.bytes[l->down.len++] = (unsigned char)(l->sent == peer->damages
                                                           ? p[i] ^ 0x40
                                                           : p[i]);
        peer->sent = l->sent;
        if (l->sent == peer->cut_at)
            hang_up(l, peer->cut);
    }
    return (int)n;
}

static int server_receive(void *ctx, unsigned char *p, size_t n)
{
    line *l = ctx;
    size_t left = l->up.len - l->up.at;
    if (!left)
        return MBEDTLS_ERR_SSL_WANT_READ;
    n = n < left ? n : left;
    memcpy(p, l->up.bytes + l->up.at, n);
    l->up.at += n;
    if (l->up.at == l->up.len)
        l->up.at = l->up.len = 0;
    return (int)n;
}

static void note_opened(line *l)
{
    tls_peer *p = l->peer;
    const mbedtls_x509_crt *client = mbedtls_ssl_get_peer_cert(&l->ssl);
    const char *alpn = mbedtls_ssl_get_alpn_protocol(&l->ssl);
    p->handshakes++;
    snprintf(p->alpn, sizeof p->alpn, "%s", alpn ? alpn : "");
    p->client[0] = '\0';
    if (client)
        mbedtls_x509_dn_gets(p->client, sizeof p->client, &client->subject);
    l->is_open = true;
}

static void end_answer(line *l)
{
    l->is_answering = false;
    l->request_len = 0;
    if (l->peer->end == TLS_SAYS_CLOSE)
        mbedtls_ssl_close_notify(&l->ssl);
    if (l->peer->end != TLS_STAYS)
        hang_up(l, l->peer->end);
}

/* False if it can do no more for now. */
static bool answer(line *l)
{
    tls_peer *p = l->peer;
    size_t len = p->answer_len ? p->answer_len : strlen(p->answer);
    while (l->answer_at < len) {
        size_t n = len - l->answer_at;
        if (p->record && n > p->record)
            n = p->record;
        int put = mbedtls_ssl_write(
            &l->ssl, (const unsigned char *)p->answer + l->answer_at, n);
        if (put <= 0)
            return false;
        l->answer_at += (size_t)put;
    }
    end_answer(l);
    return true;
}

static bool read_request(line *l)
{
    int got = mbedtls_ssl_read(&l->ssl, (unsigned char *)l->request + l->request_len,
        sizeof l->request - 1 - l->request_len);
    if (got == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
        l->peer->closes++;
        hang_up(l, TLS_JUST_ENDS);
    }
    if (got <= 0)
        return false;
    l->request_len += (size_t)got;
    l->request[l->request_len] = '\0';
    if (strstr(l->request, "\r\n\r\n")) {
        memcpy(l->peer->request, l->request, l->request_len + 1);
        l->peer->requests++;
        l->is_answering = true;
        l->answer_at = 0;
    }
    return true;
}

static bool open_up(line *l)
{
    int e = mbedtls_ssl_handshake(&l->ssl);
    if (e == 0)
        note_opened(l);
    else if (e != MBEDTLS_ERR_SSL_WANT_READ && e != MBEDTLS_ERR_SSL_WANT_WRITE)
        hang_up(l, TLS_JUST_ENDS);
    return e == 0;
}

bool tls_peer_is_busy;

static void flood(line *l)
{
    enum { AT_ONCE = 65536 };
    const tls_peer *p = l->peer;
    size_t left = p->flood_len - l->flooded, n = left < AT_ONCE ? left : AT_ONCE;
    if (l->down.at < l->down.len)
        return;
    server_send(l, (const unsigned char *)p->flood + l->flooded, n);
    l->flooded += n;
}

/* Let the server do what it can. */
static void serve_now(line *l)
{
    if (l->peer->flood) {
        flood(l);
        return;
    }
    const char *plain = l->peer->says_plain;
    if (plain) {
        if (l->up.len && !l->is_over) {
            server_send(l, (const unsigned char *)plain, strlen(plain));
            hang_up(l, TLS_JUST_ENDS);
        }
        return;
    }
    bool goes_on = true;
    while (goes_on && !l->is_over)
        goes_on = !l->is_open       ? open_up(l)
                  : l->is_answering ? answer(l)
                                    : read_request(l);
}

static void serve(line *l)
{
    tls_peer_is_busy = true;
    serve_now(l);
    tls_peer_is_busy = false;
}

/* --- the client's transport ------------------------------------------------------ */

static bool is_coy_now(line *l)
{
    l->was_coy = l->peer->is_coy && !l->was_coy;
    return l->was_coy;
}

static size_t piece_of(const line *l, size_t n)
{
    return l->peer->piece && n > l->peer->piece ? l->peer->piece : n;
}

static int fail_reset(line *l)
{
    l->base.fault = (ferry_fault){FERRY_OK, 104, "connection reset by the peer"};
    return FERRY_FAILED;
}

static int line_open(ferry_transport *t)
{
    (void)t;
    return 1;
}

static ptrdiff_t line_read(ferry_transport *t, void *p, size_t n, int64_t wait_ms)
{
    line *l = line_of(t);
    (void)wait_ms;
    l->peer->reads++;
    serve(l);
    size_t left = l->down.len - l->down.at;
    if (!left && l->is_over)
        return l->is_reset ? fail_reset(l) : 0;
    if (!left || is_coy_now(l))
        return FERRY_WANT_READ;
    n = piece_of(l, n < left ? n : left);
    memcpy(p, l->down.bytes + l->down.at, n);
    l->down.at += n;
    if (l->down.at == l->down.len)
        l->down.at = l->down.len = 0;
    return (ptrdiff_t)n;
}

static ptrdiff_t line_write(
    ferry_transport *t, const void *p, size_t n, int64_t wait_ms)
{
    line *l = line_of(t);
    (void)wait_ms;
    l->peer->writes++;
    if (l->is_over && l->is_reset)
        return fail_reset(l);
    if (is_coy_now(l))
        return FERRY_WANT_WRITE;
    n = piece_of(l, n < QUEUE - l->up.len ? n : QUEUE - l->up.len);
    memcpy(l->up.bytes + l->up.len, p, n);
    l->up.len += n;
    return (ptrdiff_t)n;
}

static void line_want(ferry_transport *t, ferry_wait *w)
{
    (void)t;
    w->on[w->n++] = (ferry_handle){
        7, w->why == FERRY_WAIT_WRITE ? FERRY_WRITABLE : FERRY_READABLE};
}

static void line_close(ferry_transport *t)
{
    line *l = line_of(t);
    if (!l->is_over && l->is_open)
        serve(l);
    l->peer->live--;
    mbedtls_ssl_free(&l->ssl);
    free(l);
}

/* --- making it ------------------------------------------------------------------- */

static void must(int e, const char *what)
{
    if (e) {
        fprintf(stderr, "tls_peer: %s: -0x%04x\n", what, (unsigned)-e);
        exit(1);
    }
}

static int note_sni(
    void *ctx, mbedtls_ssl_context *ssl, const unsigned char *name, size_t len)
{
    tls_peer *p = ctx;
    (void)ssl;
    snprintf(p->sni, sizeof p->sni, "%.*s", (int)len, (const char *)name);
    return 0;
}

/* A ticket that is understood is a session taken up. */
static int parse_ticket(
    void *ctx, mbedtls_ssl_session *session, unsigned char *p, size_t n)
{
    tls_peer *peer = ctx;
    int e = mbedtls_ssl_ticket_parse(&peer->tickets, session, p, n);
    peer->resumed += e == 0;
    return e;
}

static int write_ticket(void *ctx, const mbedtls_ssl_session *session, unsigned char *p,
    const unsigned char *end, size_t *len, uint32_t *lifetime)
{
    tls_peer *peer = ctx;
    return mbedtls_ssl_ticket_write(&peer->tickets, session, p, end, len, lifetime);
}

void tls_peer_init(tls_peer *p)
{
    memset(p, 0, sizeof *p);
    p->answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    mbedtls_ssl_config_init(&p->conf);
    mbedtls_ssl_ticket_init(&p->tickets);
    must(mbedtls_ssl_config_defaults(&p->conf, MBEDTLS_SSL_IS_SERVER,
             MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT),
        "defaults");
    must(mbed_set_up_tickets(&p->tickets), "tickets");
}

static void get_ready(tls_peer *p)
{
    static const char *alpn[] = {"http/1.1", NULL};
    if (p->is_ready)
        return;
    p->is_ready = true;
    mbed_set_chance(&p->conf);
    must(mbedtls_ssl_conf_own_cert(&p->conf, (mbedtls_x509_crt *)&p->own->crt,
             (mbedtls_pk_context *)&p->own->key),
        "certificate");
    must(mbedtls_ssl_conf_alpn_protocols(&p->conf, alpn), "ALPN");
    mbedtls_ssl_conf_sni(&p->conf, note_sni, p);
    if (p->client_ca) {
        mbedtls_ssl_conf_ca_chain(
            &p->conf, (mbedtls_x509_crt *)&p->client_ca->crt, NULL);
        mbedtls_ssl_conf_authmode(&p->conf,
            p->is_easy ? MBEDTLS_SSL_VERIFY_OPTIONAL : MBEDTLS_SSL_VERIFY_REQUIRED);
    }
    if (p->ciphers[0])
        mbedtls_ssl_conf_ciphersuites(&p->conf, p->ciphers);
    if (p->has_tickets)
        mbedtls_ssl_conf_session_tickets_cb(&p->conf, write_ticket, parse_ticket, p);
}

void tls_peer_free(tls_peer *p)
{
    mbedtls_ssl_config_free(&p->conf);
    mbedtls_ssl_ticket_free(&p->tickets);
}

static int dial(void *ctx, const char *host, uint16_t port, const ferry_addr *addr,
    ferry_transport **out, ferry_fault *fault)
{
    static const ferry_transport_calls calls = {
        line_open, line_read, line_write, line_want, line_close};
    tls_peer *p = ctx;
    (void)host, (void)port, (void)addr, (void)fault;
    tls_peer_is_busy = true;
    get_ready(p);
    line *l = calloc(1, sizeof *l);
    l->base.calls = &calls;
    l->peer = p;
    mbedtls_ssl_init(&l->ssl);
    must(mbedtls_ssl_setup(&l->ssl, &p->conf), "connection");
    mbedtls_ssl_set_bio(&l->ssl, l, server_send, server_receive, NULL);
    if (p->listener)
        fy_mbed_listen(&p->conf, &l->ssl, p->listener);
    tls_peer_is_busy = false;
    p->dialled++;
    p->live++;
    p->sni[0] = '\0';
    *out = &l->base;
    return 0;
}

ferry_dialer tls_peer_dialer(tls_peer *p)
{
    return (ferry_dialer){p, dial};
}
