/* test_https_hostile.c - a server that hangs up at every byte, damages any of them, or
 * never ends: each time an error, nothing believed, nothing left open.
 * SPDX-License-Identifier: MIT */
#include "lib/https_set_mbedtls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define URL "https://a.test/"

static https_set h;

static int set_up(void **state)
{
    (void)state;
    https_begin(&h);
    return h.s ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return https_end(&h);
}

/* A new set, and what the server sends for one exchange in it. */
static void begin_anew(void)
{
    assert_int_equal(https_end(&h), 0);
    https_begin(&h);
    h.peer.has_tickets = true;
}

/* Signatures differ in length by a few bytes, and TLS 1.3 pads them to 16, so the last
 * ones may not come. */
static size_t bytes_of_one_exchange(void)
{
    enum { MARGIN = 24 };
    begin_anew();
    assert_int_equal(ferry_get(h.s, URL, NULL), FERRY_OK);
    size_t sent = h.peer.sent;
    assert_true(sent > 500);
    return sent - MARGIN;
}

static bool is_expected(ferry_err e)
{
    return e == FERRY_ERR_TLS || e == FERRY_ERR_CONNECT || e == FERRY_ERR_CLOSED ||
           e == FERRY_ERR_TRUNCATED;
}

static void hanging_up_at_any_byte_is_an_error(void **state)
{
    size_t most = bytes_of_one_exchange();
    (void)state;
    for (size_t at = 1; at < most; at++) {
        begin_anew();
        h.peer.cut_at = at;
        h.peer.cut = at % 2 ? TLS_JUST_ENDS : TLS_RESETS;
        ferry_err e = https_get(&h, URL, at % 3 == 0);
        if (!is_expected(e))
            fail_msg(
                "cut at %d of %d: %s", (int)at, (int)h.peer.sent, ferry_explain(h.s));
        assert_int_equal(h.peer.live, 0);
        assert_int_equal(h.peer.dialled, 1);
    }
}

/* Where a session is taken up, too: and the next connection makes everything anew. */
static void hanging_up_while_a_session_is_taken_up_is_an_error(void **state)
{
    (void)state;
    begin_anew();
    for (size_t at = 1; at < 200; at++) {
        h.peer.cut_at = 0;
        assert_int_equal(ferry_get(h.s, URL, NULL), FERRY_OK);
        ferry_close_idle(h.s);
        h.peer.cut_at = at;
        h.peer.cut = at % 2 ? TLS_JUST_ENDS : TLS_RESETS;
        ferry_err e = https_get(&h, URL, at % 3 == 0);
        if (!is_expected(e))
            fail_msg(
                "cut at %d of %d: %s", (int)at, (int)h.peer.sent, ferry_explain(h.s));
        assert_int_equal(h.peer.live, 0);
    }
    assert_true(h.peer.resumed > 100);
}

/* A byte of the length can make the peer seem silent. */
static void damage_of_any_byte_is_noticed(void **state)
{
    size_t most = bytes_of_one_exchange();
    (void)state;
    for (size_t at = 1; at <= most; at += at < 60 ? 1 : 29) {
        begin_anew();
        h.peer.damages = at;
        ferry_err e = ferry_get(h.s, URL, NULL);
        if (!is_expected(e) && e != FERRY_ERR_CERTIFICATE &&
            e != FERRY_ERR_CONNECT_TIMEOUT && e != FERRY_ERR_READ_TIMEOUT)
            fail_msg("byte %d: %s", (int)at, ferry_explain(h.s));
        assert_int_equal(h.peer.live, 0);
    }
}

/* Records of one byte, read byte by byte, and half of the calls would wait. */
static void the_smallest_pieces_give_the_whole(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        begin_anew();
        h.peer.piece = h.peer.record = 1;
        h.peer.is_coy = i & 1;
        h.m.step_ms = 1;
        assert_int_equal(https_get(&h, URL, i & 2), FERRY_OK);
    }
}

/* What a server may send before anything else has an end (curl's CVE-2023-38039 is of
 * that kind). */
static void a_handshake_without_an_end_ends(void **state)
{
    enum { ALERTS = 300000, ALERT = 7 };
    static const char warning[ALERT] = {21, 3, 3, 0, 2, 1, 90}; /* user_canceled */
    char *flood = malloc((size_t)ALERTS * ALERT);
    (void)state;
    begin_anew();
    for (size_t i = 0; i < ALERTS; i++)
        memcpy(flood + i * ALERT, warning, ALERT);
    h.peer.flood = flood;
    h.peer.flood_len = (size_t)ALERTS * ALERT;
    ferry_err e = ferry_get(h.s, URL, NULL);
    if (e != FERRY_ERR_TLS)
        fail_msg("%s", ferry_explain(h.s));
    free(flood);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(hanging_up_at_any_byte_is_an_error),
        TEST(hanging_up_while_a_session_is_taken_up_is_an_error),
        TEST(damage_of_any_byte_is_noticed),
        TEST(the_smallest_pieces_give_the_whole),
        TEST(a_handshake_without_an_end_ends),
    };
    return cmocka_run_group_tests_name(
        "https, hostile", tests, https_make_certs, https_free_certs);
}
