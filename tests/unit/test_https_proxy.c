/* test_https_proxy.c - https:// proxies: who is believed to be one, and what it is told,
 * over a server in memory. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lib/https_set_mbedtls.h"
#include "lib/socks_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROXY FERRY_PAIRS({"all", "https://u:p@a.test:8443"})

static https_set h;
static char ca[64];

static int set_up(void **state)
{
    (void)state;
    strcpy(ca, "/tmp/ferry-ca-XXXXXX");
    int fd = mkstemp(ca);
    size_t n = strlen(https_ca.pem);
    if (fd < 0 || write(fd, https_ca.pem, n) != (ssize_t)n || close(fd))
        return -1;
    https_begin(&h);
    return h.s ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(ca);
    return https_end(&h);
}

static void expect_ok(ferry_err e)
{
    if (e)
        fail_msg("%s: %s", ferry_err_name(e), ferry_explain(h.s));
}

/* Neither the CAs nor the trust of the hosts are the proxy's. */
static void an_https_proxy_is_trusted_by_its_own_settings(void **state)
{
    (void)state;
    assert_int_not_equal(ferry_get(h.s, "http://x.test/", NULL, .proxies = PROXY), 0);
    assert_int_not_equal(
        ferry_get(h.s, "http://x.test/", NULL, .proxies = PROXY, .verify = FERRY_OFF),
        0);
    assert_int_equal(h.peer.requests, 0);
    expect_ok(ferry_get(
        h.s, "http://x.test/", NULL, .proxies = PROXY, .proxy_tls = {.ca_file = ca}));
    expect_ok(ferry_get(h.s, "http://x.test/", NULL, .proxies = PROXY,
        .proxy_tls = {.verify = FERRY_OFF}));
    assert_int_equal(h.peer.requests, 2);
}

static void an_https_proxy_is_asked_for_http_URLs_over_TLS(void **state)
{
    ferry_response *r = NULL;
    (void)state;
    expect_ok(ferry_update(h.s, .proxies = PROXY, .proxy_tls = {.ca_file = ca}));
    expect_ok(ferry_get(h.s, "http://x.test/a", &r));
    assert_non_null(
        strstr(h.peer.request, "GET http://x.test/a HTTP/1.1\r\nHost: x.test\r\n"));
    assert_non_null(strstr(h.peer.request, "\r\nProxy-Authorization: Basic dTpw\r\n"));
    assert_string_equal(h.peer.sni, "a.test");
    expect_ok(ferry_get(h.s, "http://y.test/", &r));
    assert_true(r->reused);
    ferry_response_free(r);
    assert_int_equal(h.peer.dialled, 1);
}

/* urllib3's CVE-2021-28363. */
static void a_valid_certificate_for_another_name_fails_for_an_https_proxy(void **state)
{
    (void)state;
    assert_int_equal(
        ferry_get(h.s, "http://x.test/", NULL, .proxy_tls = {.ca_file = ca},
            .proxies = FERRY_PAIRS({"all", "https://other.test:8443"})),
        FERRY_ERR_CERTIFICATE);
    assert_int_equal(h.peer.requests, 0);
}

static void an_https_proxy_that_refuses_a_tunnel_says_so_over_TLS(void **state)
{
    ferry_response *r = NULL;
    (void)state;
    h.peer.answer = "HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n";
    assert_int_equal(ferry_get(h.s, "https://x.test/", &r, .proxies = PROXY,
                         .proxy_tls = {.ca_file = ca}),
        FERRY_ERR_PROXY);
    assert_int_equal(r->status, 407);
    ferry_response_free(r);
    assert_non_null(
        strstr(h.peer.request, "CONNECT x.test:443 HTTP/1.1\r\nHost: x.test:443\r\n"));
    /* What is not TLS behind a tunnel is an error of TLS, not of the proxy. */
    h.peer.answer = "HTTP/1.1 200 OK\r\n\r\nnot TLS at all";
    assert_int_equal(ferry_get(h.s, "https://x.test/", NULL, .proxies = PROXY,
                         .proxy_tls = {.ca_file = ca}),
        FERRY_ERR_TLS);
}

static void note(void *ctx, const ferry_event *e)
{
    char *seen = ctx;
    sprintf(seen + strlen(seen),
        e->kind >= FERRY_EVENT_PROXY ? "%d %d %s, " : "%d %d, ", e->kind, e->status,
        e->url);
}

static void each_layer_of_TLS_is_told_of(void **state)
{
    char seen[500] = "", expected[500];
    (void)state;
    expect_ok(ferry_update(
        h.s, .proxies = PROXY, .proxy_tls = {.ca_file = ca}, .on_event = {note, seen}));
    expect_ok(ferry_get(h.s, "http://x.test/", NULL));
    snprintf(expected, sizeof expected,
        "%d 0, %d 0 https://a.test:8443, %d 0, %d 0 https://a.test:8443, %d 0, %d 200, "
        "%d 0, ",
        FERRY_EVENT_START, FERRY_EVENT_PROXY, FERRY_EVENT_CONNECT,
        FERRY_EVENT_PROXY_TLS, FERRY_EVENT_SENT, FERRY_EVENT_HEAD, FERRY_EVENT_DONE);
    assert_string_equal(seen, expected);
    seen[0] = '\0';
    h.peer.answer = "HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n";
    assert_int_equal(ferry_get(h.s, "https://x.test/", NULL), FERRY_ERR_PROXY);
    snprintf(expected, sizeof expected,
        "%d 0, %d 0 https://a.test:8443, %d 0, %d 0 https://a.test:8443, "
        "%d 0 https://a.test:8443, %d 407 https://a.test:8443, %d 407, ",
        FERRY_EVENT_START, FERRY_EVENT_PROXY, FERRY_EVENT_CONNECT,
        FERRY_EVENT_PROXY_TLS, FERRY_EVENT_TUNNEL, FERRY_EVENT_TUNNELED,
        FERRY_EVENT_FAILED);
    assert_string_equal(seen, expected);
}

/* --- what lies in a tunnel --------------------------------------------------------- */

/* Proxies in clear before the server: SOCKS, if that is spoken, and CONNECT. */
typedef struct front {
    ferry_transport base;
    ferry_transport *behind; /* once it is open */
    socks_peer socks;
    char heard[2000];
    size_t n_heard;
    const char *says;
} front;

/* All that any of them heard. */
static struct {
    char connects[4000], socks[900];
    bool asks;
} heard;

static int front_open(ferry_transport *t)
{
    front *f = (front *)(void *)t;
    return f->behind->calls->open(f->behind);
}

static ptrdiff_t front_write(ferry_transport *t, const void *p, size_t n, int64_t ms)
{
    front *f = (front *)(void *)t;
    size_t taken = socks_peer_hear(&f->socks, p, n);
    if (taken) {
        snprintf(heard.socks, sizeof heard.socks, "%s:%s@%s", f->socks.user,
            f->socks.password, f->socks.target);
        return (ptrdiff_t)taken;
    }
    if (!f->says && n && ((const char *)p)[0] == 0x16)
        f->says = ""; /* TLS: an https proxy, or nobody is asked for a tunnel */
    if (f->says)      /* the way is open */
        return f->behind->calls->write(f->behind, p, n, ms);
    assert_true(n < sizeof f->heard - f->n_heard);
    memcpy(f->heard + f->n_heard, p, n);
    f->n_heard += n;
    if (!strstr(f->heard, "\r\n\r\n"))
        return (ptrdiff_t)n;
    strcat(heard.connects, f->heard);
    bool is_told = strstr(f->heard, "\r\nProxy-Authorization: Basic ") != NULL;
    f->says = heard.asks && !is_told
                  ? "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n"
                  : "HTTP/1.1 200 Open\r\n\r\n";
    return (ptrdiff_t)n;
}

static ptrdiff_t front_read(ferry_transport *t, void *p, size_t n, int64_t ms)
{
    front *f = (front *)(void *)t;
    size_t said = socks_peer_say(&f->socks, p, n);
    if (said)
        return (ptrdiff_t)said;
    if (!f->says)
        return FERRY_WANT_READ;
    size_t left = strlen(f->says);
    if (!left)
        return f->behind->calls->read(f->behind, p, n, ms);
    n = n < left ? n : left;
    memcpy(p, f->says, n);
    f->says += n;
    return (ptrdiff_t)n;
}

static void front_want(ferry_transport *t, ferry_wait *wait)
{
    front *f = (front *)(void *)t;
    f->behind->calls->want(f->behind, wait);
}

static void front_close(ferry_transport *t)
{
    front *f = (front *)(void *)t;
    f->behind->calls->close(f->behind);
    free(f);
}

static int front_dial(void *ctx, const char *host, uint16_t port,
    const ferry_addr *addr, ferry_transport **out, ferry_fault *fault)
{
    static const ferry_transport_calls calls = {
        front_open, front_read, front_write, front_want, front_close};
    ferry_dialer behind = tls_peer_dialer(ctx);
    front *f = calloc(1, sizeof *f);
    f->base.calls = &calls;
    *out = &f->base;
    return behind.dial(behind.ctx, host, port, addr, &f->behind, fault);
}

static void expect_apart(const char *name, const char *head, const char *alien)
{
    if (strstr(head, alien))
        fail_msg("%s is in what the %s heard: %s", alien, name, head);
}

/* The proxies hear what is for each of them, the peer its request, and none the other's. */
static void secrets_of_an_https_request_lie_in_its_tunnel_alone(void **state)
{
    static const char *const inside[] = {
        "Basic b3JpZ2luOm93bg==", "crumb", "jar7", "key7", "path7", "query7", "agent7"};
    static const char *const outside[] = {"gate7", "Proxy-", "bWFpbjpwYXNz", "X-Gate"};
    ferry_dialer fronts = {&h.peer, front_dial};
    (void)state;
    expect_ok(ferry_update(h.s, .transport = &fronts,
        .headers = FERRY_PAIRS({"X-Key", "key7"}, {"User-Agent", "agent7"}),
        .proxy_headers = FERRY_PAIRS({"X-Gate", "gate7"}),
        .proxies = FERRY_PAIRS({"all", "http://main:pass@p.test"}),
        .preproxy = "socks5h://first:word@s.test"));
    h.peer.answer = "HTTP/1.1 200 OK\r\nSet-Cookie: jar=jar7; Secure\r\n"
                    "Content-Length: 2\r\n\r\nok";
    for (int round = 0; round < 4; round++) {
        memset(&heard, 0, sizeof heard);
        heard.asks = round % 2;
        ferry_close_idle(h.s);
        expect_ok(ferry_get(h.s, "https://origin:own@a.test/path7?query7", NULL,
            .cookies = FERRY_PAIRS({"own", "crumb"}),
            .proxy_auth = round % 2 ? FERRY_PROXY_ANY : FERRY_PROXY_BASIC));
        assert_string_equal(heard.socks, "first:word@p.test:80");
        assert_non_null(strstr(heard.connects, "CONNECT a.test:443 HTTP/1.1\r\n"));
        assert_non_null(strstr(heard.connects, "\r\nX-Gate: gate7\r\n"));
        assert_non_null(
            strstr(heard.connects, "\r\nProxy-Authorization: Basic bWFpbjpwYXNz\r\n"));
        for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
            expect_apart("proxy", heard.connects, inside[i]);
            if (round && !strstr(h.peer.request, inside[i]))
                fail_msg("%s is not in %s", inside[i], h.peer.request);
        }
        for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
            expect_apart("peer", h.peer.request, outside[i]);
        expect_apart("proxy", heard.connects, "word");
        expect_apart("peer", h.peer.request, "word");
    }
}

/* Who reaches it otherwise, or as somebody else, takes up nobody's session. */
static void TLS_sessions_with_a_proxy_are_for_one_way_to_it(void **state)
{
    static const struct {
        const char *proxy, *first;
        int resumed;
    } rows[] = {
        {"https://u:p@a.test:8443", "", 0},
        {"https://u:p@a.test:8443", "", 1},
        {"https://u:q@a.test:8443", "", 1},
        {"https://a.test:8443", "", 1},
        {"https://u:p@a.test:8443", "socks5h://s.test", 1},
        {"https://u:p@a.test:8443", "socks5h://s.test", 2},
        {"https://u:p@a.test:8443", "socks5h://me:me@s.test", 2},
        {"https://u:p@a.test:8443", "", 3},
    };
    ferry_dialer fronts = {&h.peer, front_dial};
    (void)state;
    h.peer.has_tickets = true;
    expect_ok(ferry_update(h.s, .transport = &fronts, .proxy_tls = {.ca_file = ca}));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ferry_close_idle(h.s);
        expect_ok(ferry_get(h.s, "http://x.test/", NULL, .preproxy = rows[i].first,
            .proxies = FERRY_PAIRS({"http", rows[i].proxy})));
        assert_int_equal(h.peer.dialled, (int)i + 1);
        if (h.peer.resumed != rows[i].resumed)
            fail_msg("row %d: %d", (int)i, h.peer.resumed);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(an_https_proxy_is_trusted_by_its_own_settings),
        TEST(an_https_proxy_is_asked_for_http_URLs_over_TLS),
        TEST(a_valid_certificate_for_another_name_fails_for_an_https_proxy),
        TEST(secrets_of_an_https_request_lie_in_its_tunnel_alone),
        TEST(TLS_sessions_with_a_proxy_are_for_one_way_to_it),
        TEST(each_layer_of_TLS_is_told_of),
        TEST(an_https_proxy_that_refuses_a_tunnel_says_so_over_TLS),
    };
    return cmocka_run_group_tests(tests, https_make_certs, https_free_certs);
}
