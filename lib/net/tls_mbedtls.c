/* tls_mbedtls.c - the transport that protects another one, by mbedTLS (RFC 5246, 8446).
 * net. Knows records of TLS and the transport below. Does not know HTTP, or what is
 * below that transport: TLS in TLS is two of these.
 *
 * Theory: mbedTLS asks for the head of a record and then for the rest of it. So that
 * this is one system call and not two, and with many records fewer still, what is below
 * is read ahead into a buffer: least during the handshake, when mbedTLS needs most of its
 * own; small then, large while a large body comes, and small again once the connection
 * rests. SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/hex.h"
#include "net/alert.h"
#include "net/profile.h"

enum {
    TLS_AHEAD_LEAST = 512,      /* a session taken up is one read */
    TLS_AHEAD = 4096,           /* a small response is one read */
    TLS_AHEAD_MOST = 64 * 1024, /* four full records */
    TLS_MANY = 64 * 1024,       /* bytes of one response, from which on it is large */
    TLS_PATIENCE = 1024 * 1024, /* bytes of records that bring nothing */
    TLS_WANTS_NOTHING = 0
};

typedef struct tls_line {
    ferry_transport base;
    ferry_transport *below;
    fy_tls_profile *profile;
    fy_verify verify;
    unsigned char key[FY_MBED_SHA256]; /* of sessions to take up */
    bool has_offered;                  /* one of them */
    bool is_open, is_broken;
    int64_t verified_ms; /* when the peer showed its certificate, perhaps to another */
    int wants;           /* what `below` said in this call, or TLS_WANTS_NOTHING */
    bool below_failed;   /* see below->fault */
    int64_t wait_ms;     /* how long the next read below may block */
    char *ahead;         /* read below, and not yet taken by mbedTLS */
    size_t ahead_at, ahead_len, ahead_cap;
    size_t got;   /* bytes of the response */
    size_t quiet; /* bytes of records since the last that brought something */
    char first[5];
    size_t n_first;
    mbedtls_ssl_context ssl;
} tls_line;

static tls_line *tls_of(ferry_transport *t)
{
    return (tls_line *)(void *)t;
}

/* --- below ----------------------------------------------------------------------- */

/* What `below` answered, for mbedTLS; what it was is kept here. */
static int tls_below_answer(tls_line *t, ptrdiff_t n)
{
    if (n >= 0)
        return (int)n;
    t->below_failed = n == FERRY_FAILED;
    t->wants = n == FERRY_WANT_WRITE ? FERRY_WANT_WRITE : FERRY_WANT_READ;
    return t->below_failed ? MBEDTLS_ERR_SSL_INTERNAL_ERROR : MBEDTLS_ERR_SSL_WANT_READ;
}

static int tls_send(void *ctx, const unsigned char *p, size_t n)
{
    tls_line *t = ctx;
    return tls_below_answer(t, t->below->calls->write(t->below, p, n, 0));
}

static ptrdiff_t tls_read_below(tls_line *t, void *p, size_t n)
{
    int64_t wait_ms = t->wait_ms;
    t->wait_ms = 0; /* the clock is looked at before another wait */
    ptrdiff_t got = t->below->calls->read(t->below, p, n, wait_ms);
    if (got > 0)
        t->quiet += (size_t)got;
    return got;
}

/* What a peer says first tells one that does not speak TLS. */
static void tls_note_first(tls_line *t, const void *p, size_t n)
{
    size_t room = sizeof t->first - t->n_first;
    n = n < room ? n : room;
    memcpy(t->first + t->n_first, p, n);
    t->n_first += n;
}

static int tls_take_ahead(tls_line *t, unsigned char *p, size_t n)
{
    size_t left = t->ahead_len - t->ahead_at;
    n = n < left ? n : left;
    memcpy(p, t->ahead + t->ahead_at, n);
    t->ahead_at += n;
    return (int)n;
}

static int tls_receive(void *ctx, unsigned char *p, size_t n)
{
    tls_line *t = ctx;
    if (t->ahead_at < t->ahead_len)
        return tls_take_ahead(t, p, n);
    if (t->quiet > TLS_PATIENCE)
        return MBEDTLS_ERR_SSL_INVALID_RECORD;
    if (n >= t->ahead_cap)
        return tls_below_answer(t, tls_read_below(t, p, n));
    ptrdiff_t got = tls_read_below(t, t->ahead, t->ahead_cap);
    if (got <= 0)
        return tls_below_answer(t, got);
    t->ahead_at = 0;
    t->ahead_len = (size_t)got;
    tls_note_first(t, t->ahead, t->ahead_len);
    return tls_take_ahead(t, p, n);
}

/* Without memory, or with more in it than that, it stays as it is. */
static void tls_resize_ahead(tls_line *t, size_t cap)
{
    char *p = t->ahead_len > cap || cap == t->ahead_cap
                  ? NULL
                  : fy_resize(&t->profile->tls->platform, t->ahead, t->ahead_cap, cap);
    if (!p)
        return;
    t->ahead = p;
    t->ahead_cap = cap;
}

/* --- errors ---------------------------------------------------------------------- */

static bool tls_speaks_http(const tls_line *t)
{
    return t->n_first == 5 && memcmp(t->first, "HTTP/", 5) == 0;
}

/* "text -0x7780)" in the room that the session has for it. */
static const char *tls_say_number(tls_line *t, const char *text, int number)
{
    char *to = t->profile->tls->said;
    size_t n = strlen(text);
    unsigned rest = (unsigned)-number;
    const unsigned char bytes[2] = {(unsigned char)(rest >> 8), (unsigned char)rest};
    memcpy(to, text, n);
    fy_hex(to + n, bytes, sizeof bytes);
    to[n + 4] = ')';
    to[n + 5] = '\0';
    return to;
}

static const char *tls_text(tls_line *t, int answer)
{
    static const struct {
        int answer;
        const char *text;
    } rows[] = {
        {MBEDTLS_ERR_SSL_CONN_EOF, "the peer hung up during the handshake"},
        {MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY, "the peer hung up during the handshake"},
        {MBEDTLS_ERR_SSL_INVALID_RECORD, "what the peer sends is not TLS"},
        {MBEDTLS_ERR_SSL_INVALID_MAC, "a record was damaged on the way"},
    };
    const char *text = NULL;
    if (!t->is_open && tls_speaks_http(t))
        return "the peer speaks HTTP without TLS on this port";
    if (answer == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE) {
        int alert = fy_mbed_alert(&t->ssl);
        text = fy_alert_text(alert);
        return text ? text : tls_say_number(t, "the peer ended it (alert 0x", -alert);
    }
    if (answer == FY_MBED_BAD_VERSION)
        return "the peer speaks another version of TLS";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].answer == answer)
            return rows[i].text;
    return tls_say_number(t, "mbedTLS gave up (-0x", answer);
}

static const char *tls_refusal(const tls_line *t)
{
    uint32_t flags = mbedtls_ssl_get_verify_result(&t->ssl);
    const char *text = fy_verify_text(&t->verify, t->verify.flags);
    if (!text && flags != UINT32_MAX && t->verify.checks_chain)
        text = fy_verify_text(&t->verify, flags);
    return text;
}

static ferry_fault tls_why(tls_line *t, int answer)
{
    const char *refusal = t->is_open ? NULL : tls_refusal(t);
    if (t->below_failed) {
        ferry_fault fault = t->below->fault;
        if (!fault.code && !t->is_open)
            fault.code = FERRY_ERR_CONNECT;
        return fault;
    }
    if (fy_mbed_is_nomem(answer))
        return (ferry_fault){FERRY_ERR_NOMEM, 0, NULL};
    if (refusal)
        return (ferry_fault){FERRY_ERR_CERTIFICATE, 0, refusal};
    /* Whoever knows how long the body is may find it whole. */
    if (t->is_open && answer == MBEDTLS_ERR_SSL_CONN_EOF)
        return (ferry_fault){
            FERRY_OK, 0, "the connection ended without the end of TLS"};
    return (ferry_fault){FERRY_ERR_TLS, 0, tls_text(t, answer)};
}

/* After an error of mbedTLS nothing more is done with it. */
static int tls_fail(tls_line *t, int answer)
{
    t->base.fault = tls_why(t, answer);
    t->is_broken = true;
    if (!t->is_open && t->has_offered)
        fy_resume_drop(&t->profile->tls->resume, t->key);
    return FERRY_FAILED;
}

static bool tls_would_wait(int answer)
{
    return answer == MBEDTLS_ERR_SSL_WANT_READ || answer == MBEDTLS_ERR_SSL_WANT_WRITE;
}

static int tls_again_or_fail(tls_line *t, int answer)
{
    return tls_would_wait(answer) ? t->wants : tls_fail(t, answer);
}

/* --- the transport --------------------------------------------------------------- */

static void tls_keep_session(tls_line *t)
{
    if (t->profile->may_resume)
        fy_resume_keep(&t->profile->tls->resume, t->key, &t->ssl, t->verified_ms);
}

/* Whether to call mbedTLS again at once: it took a ticket, or it would wait although
 * nobody below said so, as it does before it looks at a ticket. */
static bool tls_has_more(tls_line *t, int answer)
{
    bool is_ticket = fy_mbed_is_ticket(answer);
    if (is_ticket)
        tls_keep_session(t);
    return is_ticket || (tls_would_wait(answer) && t->wants == TLS_WANTS_NOTHING);
}

/* Whoever asked for a log must not believe that it is whole. */
static int tls_fail_log(tls_line *t)
{
    fy_error *e = &t->profile->tls->keylog.error;
    t->base.fault = (ferry_fault){e->code, e->os, e->what};
    t->is_broken = true;
    e->code = FERRY_OK;
    return FERRY_FAILED;
}

/* Without a certificate it must be a session taken up, of a peer that was verified. */
static int tls_opened(tls_line *t)
{
    if (!t->verify.was_asked && !t->has_offered)
        return tls_fail(t, MBEDTLS_ERR_SSL_INTERNAL_ERROR);
    if (t->profile->tls->keylog.error.code)
        return tls_fail_log(t);
    t->is_open = true;
    t->quiet = 0;
    tls_resize_ahead(t, TLS_AHEAD);
    if (t->verify.was_asked)
        t->verified_ms = fy_resume_now(&t->profile->tls->resume);
    if (t->verify.was_asked && !fy_mbed_waits_for_ticket(&t->ssl))
        tls_keep_session(t);
    return 1;
}

static int tls_open(ferry_transport *base)
{
    tls_line *t = tls_of(base);
    if (t->is_broken)
        return FERRY_FAILED;
    int answer;
    do {
        t->wants = TLS_WANTS_NOTHING;
        answer = t->is_open ? 0 : mbedtls_ssl_handshake(&t->ssl);
    } while (tls_has_more(t, answer));
    if (answer)
        return tls_again_or_fail(t, answer);
    return t->is_open ? 1 : tls_opened(t);
}

static ptrdiff_t tls_got(tls_line *t, int n)
{
    t->quiet = 0;
    t->got += (size_t)n;
    if (t->got >= TLS_MANY && t->ahead_cap < TLS_AHEAD_MOST)
        tls_resize_ahead(t, TLS_AHEAD_MOST);
    return n;
}

static ptrdiff_t tls_read(ferry_transport *base, void *p, size_t n, int64_t wait_ms)
{
    tls_line *t = tls_of(base);
    int answer;
    if (t->is_broken)
        return FERRY_FAILED;
    t->wait_ms = wait_ms;
    do {
        t->wants = TLS_WANTS_NOTHING;
        answer = mbedtls_ssl_read(&t->ssl, p, n);
    } while (tls_has_more(t, answer));
    t->wait_ms = 0;
    if (answer > 0)
        return tls_got(t, answer);
    if (answer == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
        return 0;
    /* 0 is the end of what is below, without a word of TLS. */
    return tls_again_or_fail(t, answer ? answer : MBEDTLS_ERR_SSL_CONN_EOF);
}

static ptrdiff_t tls_write(
    ferry_transport *base, const void *p, size_t n, int64_t wait_ms)
{
    tls_line *t = tls_of(base);
    (void)wait_ms;
    if (t->is_broken)
        return FERRY_FAILED;
    t->got = 0;
    int answer;
    do {
        t->wants = TLS_WANTS_NOTHING;
        answer = mbedtls_ssl_write(&t->ssl, p, n);
    } while (tls_has_more(t, answer));
    return answer > 0 ? answer : tls_again_or_fail(t, answer);
}

/* What we wait for below need not be what is waited for above. */
static void tls_want(ferry_transport *base, ferry_wait *w)
{
    tls_line *t = tls_of(base);
    ferry_why why = w->why;
    if (why == FERRY_WAIT_CONNECT || t->wants == FERRY_WANT_WRITE)
        w->why = t->wants == FERRY_WANT_WRITE ? FERRY_WAIT_WRITE : FERRY_WAIT_READ;
    t->below->calls->want(t->below, w);
    w->why = why;
}

static void tls_free(tls_line *t)
{
    fy_tls_profile *profile = t->profile;
    const ferry_platform *m = &profile->tls->platform;
    mbedtls_ssl_free(&t->ssl);
    fy_resize(m, t->ahead, t->ahead_cap, 0);
    fy_resize(m, t, sizeof *t, 0);
    fy_tls_release(profile);
}

/* Tell the peer that this is the end, if it takes the word at once (RFC 5246 7.2.1). */
static void tls_close(ferry_transport *base)
{
    tls_line *t = tls_of(base);
    ferry_transport *below = t->below;
    if (t->is_open && !t->is_broken)
        mbedtls_ssl_close_notify(&t->ssl);
    tls_free(t);
    below->calls->close(below);
}

void fy_tls_rest(ferry_transport *base)
{
    tls_line *t = tls_of(base);
    if (t->ahead_at == t->ahead_len)
        t->ahead_at = t->ahead_len = 0;
    if (t->ahead_cap > TLS_AHEAD)
        tls_resize_ahead(t, TLS_AHEAD);
}

/* --- making one ------------------------------------------------------------------ */

/* TLS sessions are taken up only by connections that are alike in all that matters. */
static int tls_make_key(tls_line *t, ferry_str key)
{
    unsigned char both[2 * FY_MBED_SHA256];
    int answer = fy_mbed_sha256(key, both);
    if (!answer)
        answer = fy_mbed_sha256(
            fy_buf_view(&t->profile->settings), both + FY_MBED_SHA256);
    if (!answer)
        answer = fy_mbed_sha256((ferry_str){(const char *)both, sizeof both}, t->key);
    return answer;
}

/* RFC 6066 3: an address is not sent as a name. */
static const char *tls_name(const tls_line *t)
{
    return t->verify.peer.dns_len ? t->verify.peer.dns : NULL;
}

static int tls_set_peer(tls_line *t, ferry_str host)
{
    fy_verify *v = &t->verify;
    const fy_tls_profile *p = t->profile;
    if (!fy_peername_read(&v->peer, p->server_name.ptr ? p->server_name : host) &&
        p->checks_name)
        return MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
    v->checks_chain = p->checks_chain;
    v->checks_name = p->checks_name;
    v->pins = p->pins;
    v->said = p->tls->said;
    mbedtls_ssl_set_verify(&t->ssl, fy_verify_callback, v);
    return mbedtls_ssl_set_hostname(&t->ssl, tls_name(t));
}

static int tls_set_up(tls_line *t, const char *host, ferry_str key)
{
    fy_tls *session = t->profile->tls;
    t->ahead = fy_resize(&session->platform, NULL, 0, TLS_AHEAD_LEAST);
    if (!t->ahead)
        return MBEDTLS_ERR_SSL_ALLOC_FAILED;
    t->ahead_cap = TLS_AHEAD_LEAST;
    int answer = fy_mbed_chance_renew(&session->chance);
    if (!answer)
        answer = mbedtls_ssl_setup(&t->ssl, &t->profile->conf);
    if (!answer)
        answer = tls_set_peer(t, fy_str(host));
    if (!answer)
        answer = tls_make_key(t, key);
    if (answer)
        return answer;
    fy_keylog_attach(&session->keylog, &t->profile->conf, &t->ssl);
    mbedtls_ssl_set_bio(&t->ssl, t, tls_send, tls_receive, NULL);
    t->has_offered = t->profile->may_resume &&
                     fy_resume_offer(&session->resume, t->key, &t->ssl, tls_name(t),
                         &t->verified_ms);
    return 0;
}

int fy_tls_wrap(fy_tls_profile *p, const char *host, ferry_str key,
    ferry_transport **inout, ferry_fault *fault)
{
    static const ferry_transport_calls calls = {
        tls_open, tls_read, tls_write, tls_want, tls_close};
    tls_line *t = fy_alloc_zero(&p->tls->platform, sizeof *t);
    if (!t) {
        *fault = (ferry_fault){FERRY_ERR_NOMEM, 0, NULL};
        return -1;
    }
    t->base.calls = &calls;
    t->below = *inout;
    t->profile = p;
    p->refs++;
    mbedtls_ssl_init(&t->ssl);
    int answer = tls_set_up(t, host, key);
    if (answer == 0) {
        *inout = &t->base;
        return 0;
    }
    *fault = fy_mbed_is_nomem(answer)
                 ? (ferry_fault){FERRY_ERR_NOMEM, 0, NULL}
                 : (ferry_fault){FERRY_ERR_TLS, 0,
                       answer == MBEDTLS_ERR_SSL_BAD_INPUT_DATA
                           ? "a certificate cannot be for such a host"
                           : tls_say_number(t, "mbedTLS gave up (-0x", answer)};
    tls_free(t);
    return -1;
}
