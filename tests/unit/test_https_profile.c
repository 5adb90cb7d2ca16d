/* test_https_profile.c - sets of TLS settings: what they cannot be made of, how many are
 * kept, and what is refused where sessions are read back. SPDX-License-Identifier: MIT */
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

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define URL         "https://a.test/"

static https_set h;
static ferry_response *r;
static char dir[] = "/tmp/ferry-profile-XXXXXX", ca_path[64], cert_path[64],
            key_path[64], log_path[64];

static int set_up(void **state)
{
    (void)state;
    r = NULL;
    https_begin(&h);
    return h.s ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ferry_response_free(r);
    return https_end(&h);
}

static void put_file(char path[64], const char *name, const char *text)
{
    snprintf(path, 64, "%s/%s", dir, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    fclose(f);
}

static int make_all(void **state)
{
    https_make_certs(state);
    if (!mkdtemp(dir))
        return -1;
    put_file(ca_path, "ca.pem", https_ca.pem);
    put_file(cert_path, "own.pem", https_own.pem);
    put_file(key_path, "own.key", https_own.key_pem);
    put_file(log_path, "keys.log", "");
    return 0;
}

static int free_all(void **state)
{
    const char *const paths[] = {ca_path, cert_path, key_path, log_path};
    for (size_t i = 0; i < COUNT(paths); i++)
        unlink(paths[i]);
    rmdir(dir);
    return https_free_certs(state);
}

static void expect_failure(ferry_err e, ferry_err code, const char *text)
{
    if (e != code || !strstr(ferry_explain(h.s), text))
        fail_msg("%s: %s", ferry_err_name(e), ferry_explain(h.s));
}

/* --- what they cannot be made of ------------------------------------------------- */

/* Of some other certificate; what opens it is "open". */
static const char
    locked[] = "-----BEGIN EC PRIVATE KEY-----\n"
               "Proc-Type: 4,ENCRYPTED\n"
               "DEK-Info: AES-128-CBC,48801955CF3BDAA02F04D9AB78391037\n"
               "\n"
               "eUmCJ1A/GPM4fzZAzyyK1cIS3hTZ6bQGcffXMcbdUwmkfc4HxddbX+SSeTzwKie9\n"
               "OzlMKV4/S+viQWvplQ5529arJjNSp+oMpnC326BiizYOusFDrvSAa+kPKEj+UYXW\n"
               "DAShH4wEnvHpgi+DkQGEO5ECfuK5xRhHgTDa1A2qdLI=\n"
               "-----END EC PRIVATE KEY-----\n";

static void a_locked_key_needs_its_password(void **state)
{
    static const struct {
        const char *password, *what;
    } cases[] = {
        {NULL, ".key is encrypted and needs .key_password"},
        {"shut", ".key_password does not open .key"},
        {"open", ".key is not that of .cert"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_failure(
            ferry_get(h.s, URL, &r, .cert_pem = {https_own.pem, strlen(https_own.pem)},
                .key_pem = {locked, strlen(locked)}, .key_password = cases[i].password),
            FERRY_ERR_USAGE, cases[i].what);
}

/* With mbedTLS 4 chance is its own, and the platform is not asked. */
static void without_entropy_there_is_no_tls(void **state)
{
    enum { IS_ASKED = MBEDTLS_VERSION_MAJOR < 4 };
    (void)state;
    h.m.has_no_entropy = IS_ASKED;
    if (IS_ASKED) {
        const char *what = "no entropy for TLS";
        expect_failure(ferry_get(h.s, URL, &r), FERRY_ERR_TLS, what);
        expect_failure(ferry_tls_import(h.s, "x", 1), FERRY_ERR_TLS, what);
        expect_failure(ferry_update(h.s, .key_log = log_path), FERRY_ERR_TLS, what);
        assert_null(r);
        assert_int_equal(h.peer.live, 0);
    }
    h.m.has_no_entropy = false;
    assert_int_equal(ferry_get(h.s, URL, &r), FERRY_OK);
}

/* Each session is new, so that it has nothing to spare. What is only for speed may lack. */
static void without_memory_there_are_no_settings_at_any_call(void **state)
{
    int k = 0, failed = 0;
    (void)state;
    for (bool is_beyond = false; !is_beyond;) {
        ferry_session_free(h.s);
        h.s = ferry_session_new(.platform = &h.m.memory.platform,
            .transport = &h.dialer, .trust_env = FERRY_OFF);
        h.m.memory.fail_at = h.m.memory.calls + ++k;
        ferry_err e = ferry_begin(h.s, URL, &r, .ca_file = ca_path, .cert = cert_path,
            .key = key_path, .tls_ciphers = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            .tls_max = FERRY_TLS_1_2);
        is_beyond = h.m.memory.calls < h.m.memory.fail_at;
        h.m.memory.fail_at = 0;
        failed += e != FERRY_OK;
        if (e)
            expect_failure(e, FERRY_ERR_NOMEM, "out of memory");
        else
            assert_int_equal(https_run(r), FERRY_OK);
        ferry_response_free(r);
        r = NULL;
    }
    assert_true(failed > 12);
}

/* --- how many -------------------------------------------------------------------- */

static void begin_with(int number)
{
    static char pem[sizeof https_ca.pem + 20];
    int len = snprintf(pem, sizeof pem, "number %d\n%s", number, https_ca.pem);
    if (ferry_begin(h.s, URL, &r, .ca_pem = {pem, (size_t)len}))
        fail_msg("%s", ferry_explain(h.s));
}

/* And with each of them what it trusts; but whoever has one under way keeps it. */
static void sixty_four_sets_are_kept_and_the_oldest_goes(void **state)
{
    int live = 0;
    (void)state;
    begin_with(0);
    ferry_response *first = r;
    r = NULL;
    for (int i = 1; i < 200; i++) {
        begin_with(i);
        ferry_response_free(r);
        r = NULL;
        if (i == 100)
            live = h.m.memory.live;
    }
    assert_int_equal(h.m.memory.live, live);
    assert_int_equal(https_run(first), FERRY_OK);
    assert_int_equal(first->status, 200);
    ferry_response_free(first);
}

/* --- sessions that are read back ------------------------------------------------- */

static void behind_a_right_hash_lengths_and_ages_are_still_looked_at(void **state)
{
    enum { MARK = 8, HASH = 32, HEAD = HASH + 16, MOST = 100 };
    static const struct {
        size_t len;
        unsigned char age_high, n_low, n_high; /* bytes of the two numbers */
        bool is_good;
    } cases[] = {
        {0, 0, 0, 0, true},
        {1, 0, 0, 0, false},
        {HEAD - 1, 0, 0, 0, false},
        {HEAD, 0, 0, 0, false},
        {HEAD, 0, 1, 0, false},
        {HEAD + 10, 0, 11, 0, false},
        {HEAD + 10, 0, 10, 0x80, false},
        {HEAD + 10, 0x80, 10, 0, false},
        {HEAD + 10, 0, 10, 0, false},
    };
    unsigned char blob[MARK + MOST + HASH] = {0};
    size_t len;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        unsigned char *head = blob + MARK;
        assert_int_equal(ferry_tls_export(h.s, blob, sizeof blob, &len), FERRY_OK);
        assert_int_equal(len, MARK + HASH);
        memset(head, 0, MOST);
        head[HASH + 7] = cases[i].age_high;
        head[HASH + 8] = cases[i].n_low;
        head[HASH + 15] = cases[i].n_high;
        len = MARK + cases[i].len;
        assert_int_equal(
            fy_mbed_sha256((ferry_str){(const char *)blob, len}, blob + len), 0);
        ferry_err e = ferry_tls_import(h.s, blob, len + HASH);
        if (e != (cases[i].is_good ? FERRY_OK : FERRY_ERR_USAGE))
            fail_msg("case %d: %s", (int)i, ferry_err_name(e));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_locked_key_needs_its_password),
        TEST(without_entropy_there_is_no_tls),
        TEST(without_memory_there_are_no_settings_at_any_call),
        TEST(sixty_four_sets_are_kept_and_the_oldest_goes),
        TEST(behind_a_right_hash_lengths_and_ages_are_still_looked_at),
    };
    return cmocka_run_group_tests(tests, make_all, free_all);
}
