/* test_https_resume.c - TLS sessions taken up again: when, under which settings, and
 * over a restart. SPDX-License-Identifier: MIT */
#include "lib/https_set_mbedtls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define URL         "https://a.test/"
#define CA                                                                             \
    {                                                                                  \
        https_ca.pem, strlen(https_ca.pem)                                             \
    }

static https_set h;

static int set_up(void **state)
{
    (void)state;
    https_begin(&h);
    h.peer.has_tickets = true;
    h.peer.end = TLS_SAYS_CLOSE; /* each request has a connection of its own */
    return h.s ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return https_end(&h);
}

static void expect_ok(ferry_err e)
{
    if (e)
        fail_msg("%s: %s", ferry_err_name(e), ferry_explain(h.s));
}

static void a_second_connection_takes_the_session_up(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        expect_ok(https_get(&h, URL, i % 2));
        assert_int_equal(h.peer.dialled, i + 1);
        assert_int_equal(h.peer.resumed, i);
    }
}

static void it_can_be_switched_off(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        expect_ok(ferry_get(h.s, URL, NULL, .tls_resume = FERRY_OFF));
    assert_int_equal(h.peer.resumed, 0);
}

/* curl's CVE-2017-7468, -2021-22890 and -22924: all that decides who the peer is, and
 * who we are to it, decides which session is taken up. */
static void other_settings_take_up_nothing(void **state)
{
    ferry_bytes ca = CA;
    const ferry_opts cases[] = {
        {.verify = FERRY_OFF},
        {.verify_name = FERRY_OFF},
        {.ca_pem = {https_ca.der, https_ca.der_len}},
        {.ca_pem = ca, .pin_sha256 = https_own.pin},
        {.tls_ciphers = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
        {.server_name = "x.b.test"},
        {.cert_pem = {https_own.pem, strlen(https_own.pem)},
            .key_pem = {https_own.key_pem, strlen(https_own.key_pem)}},
    };
    (void)state;
    expect_ok(ferry_get(h.s, URL, NULL));
    for (size_t i = 0; i < COUNT(cases); i++) {
        ferry_opts o = cases[i];
        o.size = sizeof o;
        expect_ok(ferry_send(h.s, "GET", URL, NULL, &o));
        if (h.peer.resumed)
            fail_msg("row %d", (int)i);
    }
    expect_ok(ferry_get(h.s, "https://a.test:444/", NULL));
    expect_ok(ferry_get(h.s, "https://x.b.test/", NULL));
    assert_int_equal(h.peer.resumed, 0);
    expect_ok(ferry_get(h.s, URL, NULL));
    assert_int_equal(h.peer.resumed, 1);
}

/* What was made without looking is not taken up by whoever looks. */
static void a_failed_verification_leaves_nothing_behind(void **state)
{
    (void)state;
    assert_int_equal(ferry_get(h.s, "https://no.test/", NULL), FERRY_ERR_CERTIFICATE);
    expect_ok(ferry_get(h.s, "https://no.test/", NULL, .verify = FERRY_OFF));
    assert_int_equal(ferry_get(h.s, "https://no.test/", NULL), FERRY_ERR_CERTIFICATE);
    assert_int_equal(h.peer.resumed, 0);
}

static void a_session_of_yesterday_is_forgotten(void **state)
{
    (void)state;
    expect_ok(ferry_get(h.s, URL, NULL));
    h.m.now_ms += 24 * 3600000 - 1;
    expect_ok(ferry_get(h.s, URL, NULL));
    assert_int_equal(h.peer.resumed, 1);
    h.m.now_ms += 1000;
    expect_ok(ferry_get(h.s, URL, NULL));
    assert_int_equal(h.peer.resumed, 1);
}

static void a_peer_that_forgot_is_met_anew(void **state)
{
    (void)state;
    expect_ok(ferry_get(h.s, URL, NULL));
    mbedtls_ssl_ticket_free(&h.peer.tickets);
    mbedtls_ssl_ticket_init(&h.peer.tickets);
    assert_int_equal(mbed_set_up_tickets(&h.peer.tickets), 0);
    expect_ok(ferry_get(h.s, URL, NULL));
    assert_int_equal(h.peer.resumed, 0);
    expect_ok(ferry_get(h.s, URL, NULL));
    assert_int_equal(h.peer.resumed, 1);
}

static void of_many_peers_the_last_are_remembered(void **state)
{
    char url[64];
    (void)state;
    for (int i = 0; i < 70; i++) {
        snprintf(url, sizeof url, "https://x%d.b.test/", i);
        expect_ok(ferry_get(h.s, url, NULL));
    }
    expect_ok(ferry_get(h.s, url, NULL));
    assert_int_equal(h.peer.resumed, 1);
    expect_ok(ferry_get(h.s, "https://x0.b.test/", NULL));
    assert_int_equal(h.peer.resumed, 1);
}

/* --- over a restart -------------------------------------------------------------- */

/* The session is gone, and another one has what it had. */
static char *restart(size_t *len)
{
    assert_int_equal(ferry_tls_export(h.s, NULL, 0, len), FERRY_OK);
    char *blob = malloc(*len ? *len : 1);
    assert_int_equal(ferry_tls_export(h.s, blob, *len, len), FERRY_OK);
    ferry_session_free(h.s);
    ferry_bytes ca = CA;
    h.s = ferry_session_new(.platform = &h.m.memory.platform, .transport = &h.dialer,
        .trust_env = FERRY_OFF, .ca_pem = ca);
    return blob;
}

static void sessions_outlive_a_restart(void **state)
{
    size_t len;
    (void)state;
    expect_ok(ferry_get(h.s, URL, NULL));
    expect_ok(ferry_get(h.s, "https://x.b.test/", NULL));
    char *blob = restart(&len);
    expect_ok(ferry_tls_import(h.s, blob, len));
    expect_ok(ferry_get(h.s, URL, NULL));
    expect_ok(ferry_get(h.s, "https://x.b.test/", NULL));
    assert_int_equal(h.peer.resumed, 2);
    free(blob);
}

static void what_was_verified_otherwise_is_not_taken_up_after_a_restart(void **state)
{
    size_t len;
    (void)state;
    expect_ok(ferry_get(h.s, "https://no.test/", NULL, .verify = FERRY_OFF));
    char *blob = restart(&len);
    expect_ok(ferry_tls_import(h.s, blob, len));
    assert_int_equal(ferry_get(h.s, "https://no.test/", NULL), FERRY_ERR_CERTIFICATE);
    assert_int_equal(h.peer.resumed, 0);
    free(blob);
}

static void with_nothing_to_export_there_is_little(void **state)
{
    size_t len;
    (void)state;
    char *blob = restart(&len);
    expect_ok(ferry_tls_import(h.s, blob, len));
    expect_ok(ferry_get(h.s, URL, NULL));
    assert_int_equal(h.peer.resumed, 0);
    free(blob);
}

static void too_little_room_is_told(void **state)
{
    char room[64];
    size_t len, need;
    (void)state;
    expect_ok(ferry_get(h.s, URL, NULL));
    expect_ok(ferry_tls_export(h.s, NULL, 0, &need));
    assert_true(need > sizeof room);
    assert_int_equal(ferry_tls_export(h.s, room, sizeof room, &len), FERRY_ERR_LIMIT);
    assert_int_equal(len, need);
    assert_int_equal(ferry_tls_export(h.s, room, sizeof room, NULL), FERRY_ERR_USAGE);
    assert_int_equal(ferry_tls_import(h.s, NULL, 1), FERRY_ERR_USAGE);
    assert_int_equal(ferry_tls_export(NULL, NULL, 0, &len), FERRY_ERR_NOMEM);
    assert_int_equal(ferry_tls_import(NULL, room, 1), FERRY_ERR_NOMEM);
}

/* A damaged or cut blob is refused whole. */
static void what_is_no_export_is_refused(void **state)
{
    size_t len;
    (void)state;
    expect_ok(ferry_get(h.s, URL, NULL));
    char *blob = restart(&len);
    for (size_t n = 0; n < len; n++) {
        char *cut = malloc(n ? n : 1);
        memcpy(cut, blob, n);
        assert_int_equal(ferry_tls_import(h.s, cut, n), FERRY_ERR_USAGE);
        free(cut);
    }
    for (size_t i = 0; i < len; i++) {
        blob[i] = (char)(blob[i] ^ 1);
        assert_int_equal(ferry_tls_import(h.s, blob, len), FERRY_ERR_USAGE);
        blob[i] = (char)(blob[i] ^ 1);
    }
    expect_ok(ferry_get(h.s, URL, NULL));
    assert_int_equal(h.peer.resumed, 0);
    free(blob);
}

static void without_memory_an_import_is_an_error_and_imports_nothing(void **state)
{
    size_t len;
    (void)state;
    expect_ok(ferry_get(h.s, URL, NULL));
    char *blob = restart(&len);
    h.m.memory.fail_at = h.m.memory.calls + 2;
    assert_int_equal(ferry_tls_import(h.s, blob, len), FERRY_ERR_NOMEM);
    h.m.memory.fail_at = 0;
    expect_ok(ferry_get(h.s, URL, NULL));
    assert_int_equal(h.peer.resumed, 0);
    free(blob);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_second_connection_takes_the_session_up),
        TEST(it_can_be_switched_off),
        TEST(other_settings_take_up_nothing),
        TEST(a_failed_verification_leaves_nothing_behind),
        TEST(a_session_of_yesterday_is_forgotten),
        TEST(a_peer_that_forgot_is_met_anew),
        TEST(of_many_peers_the_last_are_remembered),
        TEST(sessions_outlive_a_restart),
        TEST(what_was_verified_otherwise_is_not_taken_up_after_a_restart),
        TEST(with_nothing_to_export_there_is_little),
        TEST(too_little_room_is_told),
        TEST(what_is_no_export_is_refused),
        TEST(without_memory_an_import_is_an_error_and_imports_nothing),
    };
    return cmocka_run_group_tests_name(
        "https, sessions", tests, https_make_certs, https_free_certs);
}
