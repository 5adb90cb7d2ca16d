/* test_https_live.c - https against nginx and openssl s_server, with certificates made
 * on the spot. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "ferry.h"
#include "lib/https_set_mbedtls.h"
#include "lib/servers.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
#define NEWEST "TLSv1.3"
#else
#define NEWEST "TLSv1.2"
#endif

static server nginx, openssl;
static cert client;
static ferry_session *s;
static ferry_response *r;
static char *large;
enum { LARGE = 10000000 };

static const char *at(const char *base, const char *path)
{
    static char url[256];
    snprintf(url, sizeof url, "%s%s", base, path);
    return url;
}

static void expect_ok(ferry_err e)
{
    if (e)
        fail_msg("%s: %s", ferry_err_name(e), ferry_explain(s));
}

static void expect_error(ferry_err e, ferry_err want)
{
    if (e != want)
        fail_msg("%s: %s", ferry_err_name(e), ferry_explain(s));
}

static bool fill(const server *one)
{
    return server_put_file(one, "own.pem", https_own.pem, strlen(https_own.pem)) &&
           server_put_file(
               one, "own.key", https_own.key_pem, strlen(https_own.key_pem)) &&
           server_put_file(one, "ca.pem", https_ca.pem, strlen(https_ca.pem));
}

static int start_all(void **state)
{
    https_make_certs(state);
    cert_make(&client,
        &(cert_wish){
            .issuer = &https_ca, .common_name = "client", .is_for_clients = true});
    if (server_start_nginx_tls(&nginx, fill))
        return -1;
    large = malloc(LARGE);
    for (int i = 0; i < LARGE; i++)
        large[i] = (char)(i * 31 ^ i >> 11);
    return server_put_file(&nginx, "www/large", large, LARGE) &&
                   server_put_file(&nginx, "www/small", "hello\n", 6)
               ? 0
               : -1;
}

static int stop_all(void **state)
{
    free(large);
    cert_free(&client);
    https_free_certs(state);
    return server_stop(&nginx);
}

static int set_up(void **state)
{
    (void)state;
    r = NULL;
    s = ferry_session_new(.trust_env = FERRY_OFF,
        .ca_pem = {https_ca.pem, strlen(https_ca.pem)});
    return s ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ferry_response_free(r);
    ferry_session_free(s);
    return 0;
}

/* As somebody's own loop would. */
static ferry_err run(ferry_response *begun)
{
    ferry_wait w;
    ferry_err e;
    while ((e = ferry_step(begun, &w)) == FERRY_AGAIN) {
        struct pollfd p[FERRY_WAIT_HANDLES];
        for (int i = 0; i < w.n; i++)
            p[i] = (struct pollfd){.fd = (int)w.on[i].id,
                .events = (short)((w.on[i].events & FERRY_READABLE ? POLLIN : 0) |
                                  (w.on[i].events & FERRY_WRITABLE ? POLLOUT : 0))};
        assert_true(poll(p, (nfds_t)w.n, (int)w.timeout_ms) || w.timeout_ms < 20000);
    }
    return e;
}

/* --- nginx ----------------------------------------------------------------------- */

static void nginx_answers_over_one_connection(void **state)
{
    (void)state;
    expect_ok(ferry_get(s, at(nginx.url, "/tls"), &r));
    assert_string_equal(r->body.ptr, "1 . " NEWEST " []\n");
    expect_ok(ferry_get(s, at(nginx.url, "/tls"), &r));
    assert_string_equal(r->body.ptr, "2 . " NEWEST " []\n");
    expect_ok(ferry_begin(s, at(nginx.url, "/tls"), &r));
    expect_ok(run(r));
    assert_string_equal(r->body.ptr, "3 . " NEWEST " []\n");
}

static void nginx_takes_a_session_up(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        if (i % 2 == 0)
            expect_ok(ferry_get(s, at(nginx.url, "/close"), &r));
        else if (!ferry_begin(s, at(nginx.url, "/close"), &r))
            expect_ok(run(r));
        assert_string_equal(r->body.ptr, i ? "r\n" : ".\n");
    }
    expect_ok(ferry_get(s, at(nginx.url, "/close"), &r, .verify = FERRY_OFF));
    assert_string_equal(r->body.ptr, ".\n");
}

static void nginx_takes_a_session_up_after_a_restart(void **state)
{
    char blob[4096];
    size_t len;
    (void)state;
    expect_ok(ferry_get(s, at(nginx.url, "/close"), &r));
    expect_ok(ferry_tls_export(s, blob, sizeof blob, &len));
    tear_down(state);
    set_up(state);
    expect_ok(ferry_tls_import(s, blob, len));
    expect_ok(ferry_get(s, at(nginx.url, "/close"), &r));
    assert_string_equal(r->body.ptr, "r\n");
}

static void nginx_sends_ten_megabytes(void **state)
{
    (void)state;
    expect_ok(ferry_get(s, at(nginx.url, "/large"), &r));
    assert_int_equal(r->body.len, LARGE);
    assert_memory_equal(r->body.ptr, large, LARGE);
    expect_ok(ferry_begin(s, at(nginx.url, "/large"), &r));
    expect_ok(run(r));
    assert_memory_equal(r->body.ptr, large, LARGE);
    assert_true(r->reused);
}

static void nginx_takes_ten_megabytes(void **state)
{
    (void)state;
    expect_ok(ferry_put(s, at(nginx.url, "/uploads/x"), &r, .body = {large, LARGE}));
    assert_int_equal(r->status, 201);
    expect_ok(ferry_begin(
        s, at(nginx.url, "/uploads/x"), &r, .method = "PUT", .body = {large, LARGE}));
    expect_ok(run(r));
    assert_int_equal(r->status, 204);
}

static void nginx_learns_who_we_are_if_it_asks(void **state)
{
    ferry_bytes cert_pem = {client.pem, strlen(client.pem)};
    ferry_bytes key_pem = {client.key_pem, strlen(client.key_pem)};
    (void)state;
    expect_ok(ferry_get(s, at(nginx.hasty, "/who"), &r));
    assert_int_equal(r->status, 400);
    expect_ok(ferry_get(s, at(nginx.hasty, "/who"), &r, .cert_pem = cert_pem,
        .key_pem = key_pem, .headers = FERRY_PAIRS({"Connection", "close"})));
    assert_string_equal(r->body.ptr, ". CN=client\n");
    expect_ok(ferry_get(
        s, at(nginx.hasty, "/who"), &r, .cert_pem = cert_pem, .key_pem = key_pem));
    assert_string_equal(r->body.ptr, "r CN=client\n");
}

static void nginx_is_not_believed_by_those_who_do_not_know_its_ca(void **state)
{
    char pem[sizeof client.pem];
    (void)state;
    snprintf(pem, sizeof pem, "%s", client.pem);
    expect_error(
        ferry_get(s, at(nginx.url, "/small"), &r, .ca_pem = {pem, strlen(pem)}),
        FERRY_ERR_CERTIFICATE);
    expect_ok(ferry_get(s, at(nginx.url, "/small"), &r));
}

static void a_name_is_told_and_checked(void **state)
{
    char url[64];
    (void)state;
    snprintf(url, sizeof url, "https://localhost%s/tls", strrchr(nginx.url, ':'));
    expect_error(ferry_get(s, url, &r), FERRY_ERR_CERTIFICATE);
    assert_non_null(strstr(ferry_explain(s), "it is for a.test, *.b.test, 127.0.0.1"));
    expect_ok(ferry_get(s, url, &r, .server_name = "a.test"));
    assert_string_equal(r->body.ptr, "1 . " NEWEST " [a.test]\n");
}

static void plain_http_to_the_port_of_https_is_told(void **state)
{
    char url[160];
    (void)state;
    snprintf(url, sizeof url, "http%s/small", nginx.url + 5);
    expect_ok(ferry_get(s, url, &r));
    assert_int_equal(r->status, 400);
}

/* RFC 5280 4.2.1.12: whoever may only be a client. */
static bool fill_with_clients(const server *one)
{
    return server_put_file(one, "own.pem", client.pem, strlen(client.pem)) &&
           server_put_file(one, "own.key", client.key_pem, strlen(client.key_pem));
}

/* --- openssl s_server ------------------------------------------------------------ */

static void with_openssl(const char *const *options)
{
    assert_int_equal(server_start_openssl(&openssl, fill, options), 0);
}

static void openssl_takes_a_session_up_in(const char *option, const char *version)
{
    const char *const options[] = {option, NULL};
    with_openssl(options);
    for (int i = 0; i < 4; i++) {
        char want[40];
        snprintf(want, sizeof want, "%s, %s", i ? "Reused" : "New", version);
        expect_ok(ferry_get(s, at(openssl.url, "/"), &r));
        assert_int_equal(r->status, 200);
        assert_non_null(strstr(r->body.ptr, want));
        assert_non_null(strstr(r->body.ptr, "</HTML>"));
    }
    assert_int_equal(server_stop(&openssl), 0);
}

static void openssl_answers_until_it_closes(void **state)
{
    (void)state;
    openssl_takes_a_session_up_in("-tls1_2", "TLSv1.2");
    openssl_takes_a_session_up_in(
        strcmp(NEWEST, "TLSv1.2") ? "-tls1_3" : "-tls1_2", NEWEST);
}

static void each_cipher_can_be_asked_for(void **state)
{
    static const char *const names[][2] = {
        {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"},
        {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"},
        {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "ECDHE-ECDSA-CHACHA20-POLY1305"},
        {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA"}};
    const char *const options[] = {"-tls1_2", NULL};
    (void)state;
    with_openssl(options);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char want[80];
        expect_ok(ferry_get(s, at(openssl.url, "/"), &r, .tls_ciphers = names[i][0]));
        snprintf(want, sizeof want, "New, TLSv1.2, Cipher is %s\n", names[i][1]);
        if (strstr(names[i][0], "CBC"))
            snprintf(want, sizeof want, "Cipher is %s\n", names[i][1]);
        assert_non_null(strstr(r->body.ptr, want));
    }
    assert_int_equal(server_stop(&openssl), 0);
}

static void a_certificate_for_clients_is_no_servers(void **state)
{
    const char *const options[] = {"-tls1_2", NULL};
    (void)state;
    assert_int_equal(server_start_openssl(&openssl, fill_with_clients, options), 0);
    expect_error(ferry_get(s, at(openssl.url, "/"), &r, .verify_name = FERRY_OFF,
                     .verify_chain = FERRY_ON),
        FERRY_ERR_CERTIFICATE);
    assert_non_null(strstr(ferry_explain(s), "it is not for servers"));
    assert_int_equal(server_stop(&openssl), 0);
}

/* mbedTLS 2.28 has no TLS 1.3, and nobody should have 1.1. */
static void versions_without_overlap_are_an_error(void **state)
{
    const char *const options[][4] = {
        {"-tls1_1", "-cipher", "ALL:@SECLEVEL=0", NULL}, {"-tls1_3", NULL}};
    (void)state;
    for (int i = 0; i < 1 + (MBEDTLS_VERSION_MAJOR < 3); i++) {
        with_openssl(options[i]);
        expect_error(ferry_get(s, at(openssl.url, "/"), &r), FERRY_ERR_TLS);
        assert_non_null(strstr(ferry_explain(s), "version"));
        assert_int_equal(server_stop(&openssl), 0);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nginx_answers_over_one_connection),
        TEST(nginx_takes_a_session_up),
        TEST(nginx_takes_a_session_up_after_a_restart),
        TEST(nginx_sends_ten_megabytes),
        TEST(nginx_takes_ten_megabytes),
        TEST(nginx_learns_who_we_are_if_it_asks),
        TEST(nginx_is_not_believed_by_those_who_do_not_know_its_ca),
        TEST(a_name_is_told_and_checked),
        TEST(plain_http_to_the_port_of_https_is_told),
        TEST(openssl_answers_until_it_closes),
        TEST(each_cipher_can_be_asked_for),
        TEST(a_certificate_for_clients_is_no_servers),
        TEST(versions_without_overlap_are_an_error),
    };
    return cmocka_run_group_tests_name("live https", tests, start_all, stop_all);
}
