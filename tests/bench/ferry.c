/* ferry.c - the library as its users call it.
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "bench/client.h"
#include "ferry.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ASK_BODY = 1024, ASK_IDLE_MOST = 4096 };

static const char *ask_url;
static ferry_session *ask_session;
static char ask_body[ASK_BODY];

static bool ask_fail(void)
{
    return client_fail(ferry_explain(ask_session));
}

static bool ask_has(const char *url, ferry_session *s)
{
    ask_url = url;
    ask_session = s;
    return s != NULL;
}

static bool ask_begin(const char *url, int number)
{
    (void)number;
    return ask_has(url, ferry_session_new(.timeout.read_ms = 5000));
}

/* Who asks is named, and what fails would be tried again. */
static bool ask_begin_session(const char *url, int number)
{
    (void)number;
    return ask_has(url, ferry_session_new(.timeout.read_ms = 5000,
                            .auth = ferry_basic("ada", "lovelace"),
                            .retry = {.total = 3,
                                .backoff_ms = 100,
                                .statuses = FERRY_CODES(500, 502, 503, 504)}));
}

/* The bundled server plays the proxy, too. */
static bool ask_begin_by(const char *url, ferry_switch tunnels)
{
    char proxy[200];
    const char *path = strchr(strstr(url, "://") + 3, '/');
    snprintf(proxy, sizeof proxy, "%.*s", (int)(path - url), url);
    return ask_has(url, ferry_session_new(.proxies = FERRY_PAIRS({"http", proxy}),
                            .proxy_tunnel = tunnels, .timeout.read_ms = 5000));
}

static bool ask_begin_forward(const char *url, int number)
{
    (void)number;
    return ask_begin_by(url, FERRY_OFF);
}

static bool ask_begin_tunnel(const char *url, int number)
{
    (void)number;
    return ask_begin_by(url, FERRY_ON);
}

static bool ask_begin_unix(const char *url, int number)
{
    char name[60];
    (void)number;
    snprintf(
        name, sizeof name, "@ferry-bench-%ld", strtol(strrchr(url, ':') + 1, NULL, 10));
    return ask_has(
        url, ferry_session_new(.unix_socket = name, .timeout.read_ms = 5000));
}

/* Limits as firmware would set them. */
static bool ask_begin_small(const char *url, int number)
{
    (void)number;
    return ask_has(
        url, ferry_session_new(.limits = {.head = 512, .fields = 16, .buffer = 1280},
                 .pool = {.idle = 1}));
}

static bool ask_begin_without_pool(const char *url, int number)
{
    (void)number;
    return ask_has(url, ferry_session_new(.pool = {.idle = FERRY_NONE}));
}

static bool ask_begin_full(const char *url, int number)
{
    (void)number;
    return ask_has(
        url, ferry_session_new(.pool = {.idle = FERRY_NONE}, .tls_resume = FERRY_OFF));
}

/* --- whole responses -----------------------------------------------------------------
 */

/* Look at what came, and give it back. */
static bool ask_take(ferry_response *r)
{
    body_begin();
    body_take(r->body.ptr, r->body.len);
    ferry_response_free(r);
    return true;
}

static bool ask_get(void)
{
    ferry_response *r = NULL;
    return ferry_get(ask_session, ask_url, &r) ? ask_fail() : ask_take(r);
}

static bool ask_headers(void)
{
    ferry_response *r = NULL;
    if (ferry_get(ask_session, ask_url, &r,
            .headers = FERRY_PAIRS({"X-Request-Id", "7f3c2a90"},
                {"Accept-Language", "en"}, {"Cache-Control", "no-cache"},
                {"X-Client-Name", "bench"}, {"Referer", "http://127.0.0.1/from"})))
        return ask_fail();
    return ask_take(r);
}

static bool ask_post(void)
{
    ferry_response *r = NULL;
    if (ferry_post(ask_session, ask_url, &r, .body = {ask_body, sizeof ask_body}))
        return ask_fail();
    return ask_take(r);
}

static bool ask_upload(void)
{
    ferry_response *r = NULL;
    if (ferry_put(ask_session, ask_url, &r, .file = getenv("BENCH_FILE"),
            .expect = {.above = FERRY_UNLIMITED}))
        return ask_fail();
    return ask_take(r);
}

static bool ask_begin_post(const char *url, int number)
{
    for (size_t i = 0; i < sizeof ask_body; i++)
        ask_body[i] = pattern_byte(i);
    return ask_begin(url, number);
}

/* --- in pieces -----------------------------------------------------------------------
 */

static bool ask_pieces(void)
{
    ferry_response *r = NULL;
    ferry_str piece;
    ferry_err e = ferry_get(ask_session, ask_url, &r, .stream = FERRY_ON);
    body_begin();
    while (!e && !(e = ferry_next(r, &piece)) && piece.len)
        body_take(piece.ptr, piece.len);
    ferry_response_free(r);
    return e ? ask_fail() : true;
}

/* --- stepped -------------------------------------------------------------------------
 */

static void ask_wait(const ferry_wait *w)
{
    struct pollfd on[FERRY_WAIT_HANDLES];
    for (int i = 0; i < w->n; i++)
        on[i] = (struct pollfd){.fd = (int)w->on[i].id,
            .events = (short)((w->on[i].events & FERRY_READABLE ? POLLIN : 0) |
                              (w->on[i].events & FERRY_WRITABLE ? POLLOUT : 0))};
    poll(on, (nfds_t)w->n, (int)w->timeout_ms);
}

static bool ask_drive(ferry_response *r)
{
    ferry_wait w;
    ferry_err e;
    while ((e = ferry_step(r, &w)) == FERRY_AGAIN)
        ask_wait(&w);
    return e ? ask_fail() : true;
}

static bool ask_stepped(void)
{
    ferry_response *r = NULL;
    if (ferry_begin(ask_session, ask_url, &r))
        return ask_fail();
    return ask_drive(r) && ask_take(r);
}

/* --- among idle connections ----------------------------------------------------------
 */

static ferry_response *ask_idle[ASK_IDLE_MOST];

static bool ask_begin_wide(const char *url)
{
    return ask_has(url, ferry_session_new(.pool = {.idle = ASK_IDLE_MOST,
                                              .idle_per_key = ASK_IDLE_MOST,
                                              .open_per_key = ASK_IDLE_MOST}));
}

/* So many transfers to one peer at once leave as many connections. */
static bool ask_begin_idle(const char *url, int number)
{
    bool ok = ask_begin_wide(url);
    for (int i = 0; i < number && ok; i++)
        ok = !ferry_begin(ask_session, url, &ask_idle[i]) &&
             ferry_step(ask_idle[i], NULL) <= FERRY_AGAIN;
    for (int i = 0; i < number && ok; i++)
        ok = ask_drive(ask_idle[i]);
    for (int i = 0; i < number; i++)
        ferry_response_free(ask_idle[i]);
    return ok || ask_fail();
}

/* One connection to each of so many peers; *.localhost is this machine. */
static bool ask_begin_origins(const char *url, int number)
{
    const char *port = strrchr(url, ':');
    bool ok = ask_begin_wide(url) && port;
    for (int i = 0; i < number && ok; i++) {
        char other[200];
        snprintf(other, sizeof other, "http://peer%d.localhost%s", i, port);
        ok = !ferry_get(ask_session, other, NULL);
    }
    return ok || ask_fail();
}

/* --- with a jar ----------------------------------------------------------------------
 */

/* So many cookies, ten or three for each domain. */
static bool ask_fill_jar(const char *url, int number, int domains)
{
    bool ok = ask_begin(url, 0);
    for (int i = 0; i < number && ok; i++) {
        char other[60], field[80];
        snprintf(
            other, sizeof other, "http://www%d.shop%d.test/", i % domains, i % domains);
        snprintf(
            field, sizeof field, "name%d=value-of-cookie-%d; Max-Age=100000", i, i);
        ok = !ferry_cookie_set(ask_session, other, field);
    }
    return ok;
}

static bool ask_begin_jar(const char *url, int number)
{
    return ask_fill_jar(url, number, 100) || ask_fail();
}

static bool ask_begin_wide_jar(const char *url, int number)
{
    return ask_fill_jar(url, number, 1000) || ask_fail();
}

/* Ten of them are for the peer. */
static bool ask_begin_own_jar(const char *url, int number)
{
    bool ok = ask_fill_jar(url, number - 10, 99);
    for (int i = 0; i < 10 && ok; i++) {
        char field[80];
        snprintf(field, sizeof field,
            "name%d=value-of-cookie-%d; Path=/; Max-Age=100000", i, i);
        ok = !ferry_cookie_set(ask_session, url, field);
    }
    return ok || ask_fail();
}

const client_mode client_modes[] = {
    {"get", ask_begin, ask_get, 0},
    {"headers", ask_begin, ask_headers, 0},
    {"post", ask_begin_post, ask_post, 0},
    {"session", ask_begin_session, ask_get, 0},
    {"upload", ask_begin, ask_upload, 0},
    {"forward", ask_begin_forward, ask_get, 0},
    {"tunnel", ask_begin_tunnel, ask_get, 0},
    {"unix", ask_begin_unix, ask_get, 0},
    {"small", ask_begin_small, ask_get, 0},
    {"connect", ask_begin_without_pool, ask_get, 0},
    {"full", ask_begin_full, ask_get, 0},
    {"gather", ask_begin, ask_get, 0},
    {"pieces", ask_begin, ask_pieces, 0},
    {"stepped", ask_begin, ask_stepped, 0},
    {"jar-10", ask_begin_own_jar, ask_get, 1000},
    {"jar-0", ask_begin_jar, ask_get, 1000},
    {"jar-wide", ask_begin_wide_jar, ask_get, 3000},
    {"idle-1", ask_begin_idle, ask_get, 1},
    {"idle-100", ask_begin_idle, ask_get, 100},
    {"idle-200", ask_begin_idle, ask_get, 200},
    {"idle-2000", ask_begin_idle, ask_get, 2000},
    {"origins-2000", ask_begin_origins, ask_get, 2000},
    {NULL, NULL, NULL, 0},
};
