/* test_https_memory.c - mbedTLS without memory, at any of its calls: linked with its
 * static libraries, so that calloc() can be made to fail for it alone. An error, nothing
 * lost, and the session goes on. SPDX-License-Identifier: MIT */
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

/* The linker calls this instead of calloc(), and that by its __real_ name. What is lost
 * is found by the sanitizer. */
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);

static long calls, fail_at;
static bool is_watched;

void *__wrap_calloc(size_t n, size_t size)
{
    bool counts = is_watched && !tls_peer_is_busy;
    if (counts && ++calls == fail_at)
        return NULL;
    return __real_calloc(n, size);
}

static https_set h;

/* A GET in which the k-th call fails, if there are so many; else false. */
static bool fails_at(long k)
{
    calls = 0;
    fail_at = k;
    is_watched = true;
    ferry_err e = https_get(&h, URL, k % 2);
    is_watched = false;
    if (calls < k)
        return false;
    if (e && e != FERRY_ERR_NOMEM && e != FERRY_ERR_TLS && e != FERRY_ERR_CERTIFICATE &&
        e != FERRY_ERR_USAGE)
        fail_msg("call %ld: %s", k, ferry_explain(h.s));
    return true;
}

static void every_call_in_turn(void **state)
{
    long k;
    (void)state;
    https_begin(&h);
    h.peer.has_tickets = true;
    h.peer.end = TLS_SAYS_CLOSE;
    for (k = 1; fails_at(k); k += k < 300 ? 1 : 97) {
        ferry_session_free(h.s);
        h.s = ferry_session_new(.platform = &h.m.memory.platform,
            .transport = &h.dialer, .trust_env = FERRY_OFF,
            .ca_pem = {https_ca.pem, strlen(https_ca.pem)});
    }
    assert_true(k > 500);
    assert_int_equal(https_get(&h, URL, false), FERRY_OK);
    assert_int_equal(https_end(&h), 0);
}

/* The same where a session is taken up: there are few calls, and none is left out. */
static void every_call_while_a_session_is_taken_up(void **state)
{
    long k;
    (void)state;
    https_begin(&h);
    h.peer.has_tickets = true;
    h.peer.end = TLS_SAYS_CLOSE;
    assert_int_equal(https_get(&h, URL, false), FERRY_OK);
    for (k = 1; fails_at(k) && k < 2000; k++)
        assert_int_equal(https_get(&h, URL, false), FERRY_OK);
    assert_true(k > 8);
    assert_int_equal(https_end(&h), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_in_turn),
        cmocka_unit_test(every_call_while_a_session_is_taken_up),
    };
    return cmocka_run_group_tests_name(
        "https, memory", tests, https_make_certs, https_free_certs);
}
