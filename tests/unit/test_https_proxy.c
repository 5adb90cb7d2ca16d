/* test_https_proxy.c - https:// proxies: who is believed to be one, and what it is told,
 * over a server in memory. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lib/https_set_mbedtls.h"

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(an_https_proxy_is_trusted_by_its_own_settings),
        TEST(an_https_proxy_is_asked_for_http_URLs_over_TLS),
        TEST(a_valid_certificate_for_another_name_fails_for_an_https_proxy),
        TEST(each_layer_of_TLS_is_told_of),
        TEST(an_https_proxy_that_refuses_a_tunnel_says_so_over_TLS),
    };
    return cmocka_run_group_tests(tests, https_make_certs, https_free_certs);
}
