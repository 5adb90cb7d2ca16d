/* test_https_trust.c - whom https believes: chains, dates, names, pins, switches, CA
 * sources, and who we are to the peer. SPDX-License-Identifier: MIT */
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
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define URL         "https://a.test/"
#define PEM(cert)                                                                      \
    {                                                                                  \
        (cert).pem, strlen((cert).pem)                                                 \
    }

static https_set h;
static cert other_ca, client;
static char dir[] = "/tmp/ferry-trust-XXXXXX";

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

static void expect_ok(ferry_err e)
{
    if (e)
        fail_msg("%s: %s", ferry_err_name(e), ferry_explain(h.s));
}

static void expect_error(ferry_err e, ferry_err code, const char *line)
{
    if (e != code || strcmp(ferry_explain(h.s), line) != 0)
        fail_msg("%s: %s\n    instead of %s: %s", ferry_err_name(e), ferry_explain(h.s),
            ferry_err_name(code), line);
}

#define REFUSED "a.test: the peer's certificate was not accepted: "

/* --- files ----------------------------------------------------------------------- */

static const char *in_dir(const char *name)
{
    static char path[64][100];
    static int next;
    char *to = path[next++ % 64];
    snprintf(to, sizeof path[0], "%s/%s", dir, name);
    return to;
}

static void put_file(const char *name, const void *p, size_t n)
{
    FILE *f = fopen(in_dir(name), "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    fclose(f);
}

static int make_all(void **state)
{
    char both[8192];
    https_make_certs(state);
    cert_make(&other_ca, &(cert_wish){.common_name = "Other CA", .is_ca = true});
    cert_make(&client,
        &(cert_wish){
            .issuer = &https_ca, .common_name = "client", .is_for_clients = true});
    if (!mkdtemp(dir))
        return -1;
    mkdir(in_dir("ca"), 0700);
    mkdir(in_dir("none"), 0700);
    put_file("ca.pem", https_ca.pem, strlen(https_ca.pem));
    put_file("ca.der", https_ca.der, https_ca.der_len);
    put_file("ca/one.pem", https_ca.pem, strlen(https_ca.pem));
    put_file("ca/README", "no certificate\n", 15);
    put_file("other.pem", other_ca.pem, strlen(other_ca.pem));
    put_file("empty.pem", "", 0);
    put_file("text.pem", "hello\n", 6);
    put_file("client.pem", client.pem, strlen(client.pem));
    put_file("client.key", client.key_pem, strlen(client.key_pem));
    int n = snprintf(both, sizeof both, "%s%s", client.key_pem, client.pem);
    put_file("client.both", both, (size_t)n);
    return 0;
}

static int free_all(void **state)
{
    static const char *const names[] = {"ca.pem", "ca.der", "ca/one.pem", "ca/README",
        "other.pem", "empty.pem", "text.pem", "client.pem", "client.key", "client.both",
        "ca", "none"};
    for (size_t i = 0; i < COUNT(names); i++)
        remove(in_dir(names[i]));
    rmdir(dir);
    cert_free(&other_ca);
    cert_free(&client);
    return https_free_certs(state);
}

/* --- chains and names ------------------------------------------------------------ */

typedef struct shown {
    cert_wish wish;
    const char *url;
    const char *refusal; /* NULL: accepted */
} shown;

static void show(const shown *one, int i)
{
    cert own;
    cert_wish wish = one->wish;
    wish.issuer = wish.issuer == &other_ca ? NULL
                  : wish.issuer            ? wish.issuer
                                           : &https_ca;
    cert_make(&own, &wish);
    https_end(&h);
    https_begin(&h);
    h.peer.own = &own;
    ferry_err e = https_get(&h, one->url ? one->url : URL, i % 2);
    const char *said = strstr(ferry_explain(h.s), "accepted: ");
    if (one->refusal &&
        (e != FERRY_ERR_CERTIFICATE || !said || strcmp(said + 10, one->refusal) != 0))
        fail_msg("row %d: %s: %s", i, ferry_err_name(e), ferry_explain(h.s));
    if (!one->refusal && e)
        fail_msg("row %d: %s: %s", i, ferry_err_name(e), ferry_explain(h.s));
    assert_int_equal(h.peer.requests, e == FERRY_OK);
    https_end(&h);
    https_begin(&h);
    cert_free(&own);
}

static void a_certificate_must_hold(void **state)
{
    static const shown cases[] = {
        {{.dns = {"a.test"}}, NULL, NULL},
        {{.dns = {"a.test"}, .until = "20210101000000"}, NULL, "it has expired"},
        {{.dns = {"a.test"}, .from = "20980101000000"}, NULL,
            "it is not valid yet: is the clock right?"},
        {{.issuer = &other_ca, .dns = {"a.test"}}, NULL, "no trusted CA has signed it"},
        {{.dns = {"a.test"}, .rsa_bits = 1024}, NULL,
            "its key or signature is too weak"},
        {{.dns = {"a.test"}, .rsa_bits = 2048}, NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        show(&cases[i], (int)i);
}

static void a_certificate_must_be_the_peers(void **state)
{
    static const unsigned char v4[] = {127, 0, 0, 1}, v6[16] = {[15] = 1};
    const shown cases[] = {
        {{.dns = {"b.test"}}, NULL, "it is for b.test"},
        {{.dns = {"b.test", "*.c.test"}, .ipv4 = v4}, NULL,
            "it is for b.test, *.c.test, 127.0.0.1"},
        {{.dns = {"x.test", "a.test"}}, NULL, NULL},
        {{.dns = {"A.TEST"}}, NULL, NULL},
        /* RFC 9525 6.3: a wildcard is one whole label, the leftmost */
        {{.dns = {"*.b.test"}}, "https://x.b.test/", NULL},
        {{.dns = {"*.b.test"}}, "https://b.test/", "it is for *.b.test"},
        {{.dns = {"*.b.test"}}, "https://x.y.b.test/", "it is for *.b.test"},
        {{.dns = {"*.test"}}, NULL, "it is for *.test"},
        {{.dns = {"x*.b.test"}}, "https://xy.b.test/", "it is for x*.b.test"},
        {{.dns = {"y.*.test"}}, "https://y.b.test/", "it is for y.*.test"},
        /* the common name says nothing */
        {{.common_name = "a.test"}, NULL, "it names nobody in subjectAltName"},
        {{.common_name = "a.test", .dns = {"b.test"}}, NULL, "it is for b.test"},
        {{.common_name = "127.0.0.1"}, "https://127.0.0.1/",
            "it names nobody in subjectAltName"},
        /* an address is an iPAddress */
        {{.ipv4 = v4}, "https://127.0.0.1/", NULL},
        {{.ipv4 = v4}, "https://127.0.0.2/", "it is for 127.0.0.1"},
        {{.dns = {"127.0.0.1"}}, "https://127.0.0.1/", "it is for 127.0.0.1"},
        {{.ipv6 = v6}, "https://[::1]/", NULL},
        {{.ipv6 = v6}, "https://[::1%25lo]/", NULL},
        {{.ipv6 = v6}, "https://[::2]/", "it is for an IPv6 address"},
        {{.ipv4 = v4}, NULL, "it is for 127.0.0.1"},
        /* dots and letters */
        {{.dns = {"a.test"}}, "https://A.Test./", NULL},
        {{.dns = {"a.test."}}, NULL, "it is for a.test."},
        /* a NUL ends nothing */
        {{.raw_dns = FY_S("a.test\0.evil.test")}, NULL, "it is for a.test?.evil.test"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        show(&cases[i], (int)i);
}

static void what_stands_between_it_and_the_ca_must_be_shown(void **state)
{
    cert between, own;
    (void)state;
    cert_make(&between,
        &(cert_wish){.issuer = &https_ca, .common_name = "Between", .is_ca = true});
    cert_make(&own, &(cert_wish){.issuer = &between, .dns = {"a.test"}});
    h.peer.own = &own;
    expect_error(ferry_get(h.s, URL, NULL), FERRY_ERR_CERTIFICATE,
        REFUSED "no trusted CA has signed it");
    assert_int_equal(
        mbedtls_x509_crt_parse_der(&own.crt, between.der, between.der_len), 0);
    expect_ok(ferry_get(h.s, URL, NULL));
    https_end(&h);
    https_begin(&h);
    cert_free(&own);
    cert_free(&between);
}

/* Whoever may only be a server signs for nobody. */
static void who_is_no_ca_signs_for_nobody(void **state)
{
    cert own;
    (void)state;
    cert_make(&own, &(cert_wish){.issuer = &https_own, .dns = {"a.test"}});
    assert_int_equal(
        mbedtls_x509_crt_parse_der(&own.crt, https_own.der, https_own.der_len), 0);
    h.peer.own = &own;
    assert_int_equal(ferry_get(h.s, URL, NULL), FERRY_ERR_CERTIFICATE);
    https_end(&h);
    https_begin(&h);
    cert_free(&own);
}

static void server_name_is_who_it_must_be(void **state)
{
    (void)state;
    expect_ok(ferry_get(h.s, "https://other.test/", NULL, .server_name = "a.test"));
    assert_string_equal(h.peer.sni, "a.test");
    assert_non_null(strstr(h.peer.request, "Host: other.test\r\n"));
    assert_int_equal(
        ferry_get(h.s, URL, NULL, .server_name = "other.test"), FERRY_ERR_CERTIFICATE);
    expect_ok(ferry_get(h.s, URL, NULL, .server_name = "127.0.0.1"));
    assert_string_equal(h.peer.sni, "");
    expect_error(ferry_get(h.s, URL, NULL, .server_name = "0x7f.1"), FERRY_ERR_TLS,
        "a.test: TLS failed: a certificate cannot be for such a host");
}

/* --- switches and pins ----------------------------------------------------------- */

static void chain_and_name_are_switched_apart(void **state)
{
    static const struct {
        ferry_switch all, chain, name;
        bool accepts_stranger, accepts_wrong_name;
    } cases[] = {
        {FERRY_INHERIT, FERRY_INHERIT, FERRY_INHERIT, false, false},
        {FERRY_ON, FERRY_INHERIT, FERRY_INHERIT, false, false},
        {FERRY_OFF, FERRY_INHERIT, FERRY_INHERIT, true, true},
        {FERRY_INHERIT, FERRY_OFF, FERRY_INHERIT, true, false},
        {FERRY_INHERIT, FERRY_INHERIT, FERRY_OFF, false, true},
        {FERRY_OFF, FERRY_ON, FERRY_INHERIT, false, true},
        {FERRY_OFF, FERRY_INHERIT, FERRY_ON, true, false},
        {FERRY_OFF, FERRY_ON, FERRY_ON, false, false},
    };
    cert stranger;
    (void)state;
    cert_make(&stranger, &(cert_wish){.dns = {"a.test"}});
    for (size_t i = 0; i < COUNT(cases); i++)
        for (int strange = 0; strange < 2; strange++) {
            https_end(&h);
            https_begin(&h);
            h.peer.own = strange ? &stranger : &https_own;
            ferry_err e = ferry_get(h.s, strange ? URL : "https://no.test/", NULL,
                .verify = cases[i].all, .verify_chain = cases[i].chain,
                .verify_name = cases[i].name);
            bool accepts = strange ? cases[i].accepts_stranger
                                   : cases[i].accepts_wrong_name;
            if (e != (accepts ? FERRY_OK : FERRY_ERR_CERTIFICATE))
                fail_msg("row %d.%d: %s", (int)i, strange, ferry_explain(h.s));
            assert_int_equal(h.peer.requests, accepts);
        }
    https_end(&h);
    https_begin(&h);
    cert_free(&stranger);
}

static void a_pin_holds_with_verify_off_too(void **state)
{
    char list[200], wrong[45];
    (void)state;
    memcpy(wrong, https_own.pin, sizeof wrong);
    wrong[3] = wrong[3] == 'A' ? 'B' : 'A';
    for (int verify = FERRY_ON; verify <= FERRY_OFF; verify++) {
        ferry_bytes ca = PEM(https_ca);
        expect_ok(ferry_get(h.s, URL, NULL, .ca_pem = ca,
            .verify = (ferry_switch)verify, .pin_sha256 = https_own.pin));
        expect_error(ferry_get(h.s, URL, NULL, .ca_pem = ca,
                         .verify = (ferry_switch)verify, .pin_sha256 = wrong),
            FERRY_ERR_CERTIFICATE, REFUSED "its key is none of .pin_sha256");
        snprintf(list, sizeof list, "sha256//%s; sha256//%s", wrong, https_own.pin);
        expect_ok(ferry_get(h.s, URL, NULL, .ca_pem = ca,
            .verify = (ferry_switch)verify, .pin_sha256 = list));
    }
    assert_int_equal(h.peer.requests, 4);
}

static void a_pin_is_base64_of_32_bytes(void **state)
{
    static const char *const bad[] = {"x", "sha256//", ";",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
        "!AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="};
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        expect_error(
            ferry_get(h.s, URL, NULL, .verify = FERRY_OFF, .pin_sha256 = bad[i]),
            FERRY_ERR_USAGE,
            "wrong use of the library: .pin_sha256 is not Base64 of the SHA-256 of a "
            "key");
    assert_int_equal(h.peer.dialled, 0);
}

/* requests' CVE-2024-35195, curl's CVE-2021-22924 and its like: a connection made under
 * other settings is never used. */
static void other_settings_never_share_a_connection(void **state)
{
    ferry_bytes ca = PEM(https_ca), der = {https_ca.der, https_ca.der_len};
    const ferry_opts cases[] = {
        {.size = sizeof(ferry_opts)},
        {.verify = FERRY_OFF},
        {.verify_chain = FERRY_OFF},
        {.verify_name = FERRY_OFF},
        {.ca_pem = der},
        {.ca_file = in_dir("ca.pem")},
        {.ca_dir = in_dir("ca")},
        {.ca_pem = ca, .pin_sha256 = https_own.pin},
        {.tls_min = FERRY_TLS_1_2},
        {.tls_max = FERRY_TLS_1_2},
        {.tls_ciphers = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
        {.server_name = "x.b.test"},
        {.cert = in_dir("client.pem"), .key = in_dir("client.key")},
        {.cert = in_dir("client.both")},
        {.cert_pem = PEM(client), .key_pem = {client.key_pem, strlen(client.key_pem)}},
        {.tls_resume = FERRY_OFF},
    };
    (void)state;
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < COUNT(cases); i++) {
            ferry_response *r = NULL;
            ferry_opts o = cases[i];
            o.size = sizeof o;
            expect_ok(ferry_send(h.s, "GET", URL, &r, &o));
            if (r->reused != (round == 1))
                fail_msg("row %d, round %d", (int)i, round);
            ferry_response_free(r);
        }
    assert_int_equal(h.peer.dialled, COUNT(cases));
}

/* --- where trust comes from ------------------------------------------------------ */

static void trust_comes_from_a_file_a_folder_or_memory(void **state)
{
    const ferry_opts good[] = {{.ca_file = in_dir("ca.pem")},
        {.ca_file = in_dir("ca.der")}, {.ca_dir = in_dir("ca")},
        {.ca_pem = PEM(https_ca)}, {.ca_pem = {https_ca.der, https_ca.der_len}}};
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        ferry_opts o = good[i];
        o.size = sizeof o;
        expect_ok(ferry_send(h.s, "GET", URL, NULL, &o));
    }
    expect_error(ferry_get(h.s, URL, NULL, .ca_file = in_dir("other.pem")),
        FERRY_ERR_CERTIFICATE, REFUSED "no trusted CA has signed it");
}

/* With a caller's CA nobody else is trusted, the system neither. */
static void a_source_of_no_use_is_an_error_before_connecting(void **state)
{
    const struct {
        ferry_opts o;
        const char *what;
    } bad[] = {
        {{.ca_file = in_dir("missing")},
            ".ca_file is no file of certificates (os error 2)"},
        {{.ca_file = in_dir("empty.pem")}, ".ca_file is no file of certificates"},
        {{.ca_file = in_dir("text.pem")}, ".ca_file is no file of certificates"},
        {{.ca_file = in_dir("none")}, ".ca_file is no file of certificates"},
        {{.ca_dir = in_dir("missing")}, ".ca_dir is no folder of certificates"},
        {{.ca_dir = in_dir("none")}, ".ca_dir is no folder of certificates"},
        {{.ca_pem = {"x", 1}}, ".ca_pem holds no certificate"},
        {{.ca_pem = {https_ca.pem, 100}}, ".ca_pem holds no certificate"},
        {{.ca_pem = {https_ca.der, 100}}, ".ca_pem holds no certificate"},
        {{.cert = in_dir("missing")}, ".cert cannot be read (os error 2)"},
        {{.cert = in_dir("empty.pem")}, ".cert is no certificate"},
        {{.cert = in_dir("none")}, ".cert is a folder, and no file"},
        {{.cert = in_dir("client.pem"), .key = in_dir("none")},
            ".key is a folder, and no file"},
        {{.cert = in_dir("client.pem"), .key = in_dir("missing")},
            ".key cannot be read (os error 2)"},
        {{.cert = in_dir("client.pem"), .key = "/dev/zero"}, ".key cannot be read"},
        {{.cert = in_dir("client.pem")},
            ".key is no private key that mbedTLS can read"},
        {{.cert = in_dir("client.pem"), .key = in_dir("ca.pem")},
            ".key is no private key that mbedTLS can read"},
        {{.cert = in_dir("ca.pem"), .key = in_dir("client.key")},
            ".key is not that of .cert"},
        {{.tls_ciphers = "NONSENSE"},
            ".tls_ciphers names one that this mbedTLS does not have"},
        {{.tls_ciphers = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256:TLS_NO_SUCH"},
            ".tls_ciphers names one that this mbedTLS does not have"},
        {{.tls_ciphers = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
             .tls_min = FERRY_TLS_1_3},
            ".tls_ciphers has none for .tls_min and .tls_max"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        char line[200];
        ferry_opts o = bad[i].o;
        o.size = sizeof o;
        snprintf(line, sizeof line, "wrong use of the library: %s", bad[i].what);
        expect_error(ferry_send(h.s, "GET", URL, NULL, &o), FERRY_ERR_USAGE, line);
    }
    assert_int_equal(h.peer.dialled, 0);
    expect_ok(ferry_get(h.s, URL, NULL));
}

/* --- the environment ------------------------------------------------------------- */

static const char *variables[10][2];

static const char *get_variable(void *ctx, const char *name)
{
    (void)ctx;
    for (size_t i = 0; i < COUNT(variables) && variables[i][0]; i++)
        if (strcmp(variables[i][0], name) == 0)
            return variables[i][1];
    return NULL;
}

static ferry_err get_under(
    const char *name, const char *value, ferry_switch trust_env, const ferry_opts *o)
{
    https_end(&h);
    https_begin(&h);
    variables[0][0] = name;
    variables[0][1] = value;
    ferry_session_free(h.s);
    h.m.memory.platform.getenv = get_variable;
    h.s = ferry_session_new(.platform = &h.m.memory.platform, .transport = &h.dialer,
        .trust_env = trust_env);
    return ferry_send(h.s, "GET", URL, NULL, o);
}

static void the_environment_says_whom_to_trust_where_the_caller_does_not(void **state)
{
    const struct {
        const char *name, *value;
        ferry_switch trust_env;
        ferry_opts o;
        ferry_err e;
    } cases[] = {
        {"SSL_CERT_FILE", in_dir("ca.pem"), FERRY_ON, {0}, FERRY_OK},
        {"SSL_CERT_FILE", in_dir("ca.pem"), FERRY_OFF, {0}, FERRY_ERR_CERTIFICATE},
        {"SSL_CERT_FILE", "", FERRY_ON, {0}, FERRY_ERR_CERTIFICATE},
        {"SSL_CERT_FILE", "/missing", FERRY_ON, {0}, FERRY_ERR_USAGE},
        {"SSL_CERT_FILE", "/missing", FERRY_ON, {.ca_pem = PEM(https_ca)}, FERRY_OK},
        {"SSL_CERT_FILE", "/missing", FERRY_ON, {.verify = FERRY_OFF}, FERRY_OK},
        {"SSL_CERT_FILE", "/missing", FERRY_ON, {.ca_file = "/proc"}, FERRY_ERR_USAGE},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        ferry_opts o = cases[i].o;
        o.size = sizeof o;
        ferry_err e = get_under(cases[i].name, cases[i].value, cases[i].trust_env, &o);
        /* A system without any CA says so instead. */
        if (e != cases[i].e &&
            !(e == FERRY_ERR_TLS && cases[i].e == FERRY_ERR_CERTIFICATE))
            fail_msg("row %d: %s", (int)i, ferry_explain(h.s));
    }
}

static void each_variable_counts(void **state)
{
    static const char *const names[] = {
        "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"};
    ferry_opts o = {.size = sizeof o};
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        const char *at = in_dir(i == 1 ? "ca" : "ca.pem");
        expect_ok(get_under(names[i], at, FERRY_ON, &o));
        assert_int_not_equal(get_under(names[i], "/missing", FERRY_ON, &o), FERRY_OK);
    }
    expect_ok(get_under("REQUESTS_CA_BUNDLE", in_dir("ca"), FERRY_ON, &o));
}

/* --- who we are ------------------------------------------------------------------ */

static void a_peer_that_asks_is_shown_our_certificate(void **state)
{
    const ferry_opts ways[] = {
        {.cert = in_dir("client.pem"), .key = in_dir("client.key")},
        {.cert = in_dir("client.both")},
        {.cert_pem = PEM(client), .key_pem = {client.key_pem, strlen(client.key_pem)}},
        {.cert_pem = {client.der, client.der_len}, .key = in_dir("client.key")},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(ways); i++) {
        https_end(&h);
        https_begin(&h);
        h.peer.client_ca = &https_ca;
        ferry_opts o = ways[i];
        o.size = sizeof o;
        expect_ok(ferry_send(h.s, "GET", URL, NULL, &o));
        assert_string_equal(h.peer.client, "CN=client");
    }
}

static void a_peer_that_asks_in_vain_refuses(void **state)
{
    (void)state;
    h.peer.client_ca = &https_ca;
    ferry_err e = ferry_get(h.s, URL, NULL);
    assert_true(e == FERRY_ERR_TLS || e == FERRY_ERR_CLOSED);
    assert_int_equal(h.peer.requests, 0);
    https_end(&h);
    https_begin(&h);
    h.peer.client_ca = &other_ca;
    assert_int_not_equal(
        ferry_get(h.s, URL, NULL, .cert = in_dir("client.both")), FERRY_OK);
    assert_int_equal(h.peer.requests, 0);
}

/* Who we are is nobody's business but the peer's that was verified. */
static void who_is_not_verified_does_not_learn_who_we_are(void **state)
{
    cert stranger;
    (void)state;
    cert_make(&stranger, &(cert_wish){.dns = {"a.test"}});
    h.peer.own = &stranger;
    h.peer.client_ca = &https_ca;
    assert_int_equal(ferry_get(h.s, URL, NULL, .cert = in_dir("client.both")),
        FERRY_ERR_CERTIFICATE);
    assert_int_equal(h.peer.handshakes, 0);
    https_end(&h);
    https_begin(&h);
    cert_free(&stranger);
}

#define ELSEWHERE                                                                      \
    "HTTP/1.1 302 Found\r\nLocation: https://x.b.test/\r\nContent-Length: 0\r\n\r\n"

/* curl's CVE-2022-27774 and its like: who we are was said of the first origin. */
static void a_redirect_elsewhere_takes_no_certificate_along(void **state)
{
    const char *both = in_dir("client.both");
    (void)state;
    h.peer.client_ca = &https_ca;
    h.peer.is_easy = true;
    h.peer.answer = ELSEWHERE;
    for (int begun = 0; begun < 2; begun++) {
        ferry_response *r = NULL;
        if (begun && !ferry_begin(h.s, URL, &r, .cert = both, .max_redirects = 1,
                         .server_name = "a.test"))
            https_run(r);
        else
            ferry_get(h.s, URL, &r, .cert = both, .max_redirects = 1,
                .server_name = "a.test");
        ferry_response_free(r);
        assert_string_equal(h.peer.sni, "x.b.test");
        assert_string_equal(h.peer.client, "");
    }
    ferry_close_idle(h.s);
    expect_ok(ferry_update(h.s, .cert = both));
    ferry_get(h.s, URL, NULL, .max_redirects = 1);
    assert_string_equal(h.peer.sni, "x.b.test");
    assert_string_equal(h.peer.client, "");
    expect_ok(ferry_mount(h.s, "https://x.b.test", .cert = both));
    ferry_get(h.s, URL, NULL, .max_redirects = 1);
    assert_string_equal(h.peer.client, "CN=client");
}

/* --- levels ---------------------------------------------------------------------- */

static void a_mount_and_a_request_have_settings_of_their_own(void **state)
{
    ferry_bytes ca = PEM(https_ca), other = PEM(other_ca);
    (void)state;
    expect_ok(ferry_update(h.s, .ca_pem = other));
    assert_int_equal(ferry_get(h.s, URL, NULL), FERRY_ERR_CERTIFICATE);
    expect_ok(ferry_mount(h.s, URL, .ca_pem = ca));
    expect_ok(ferry_get(h.s, URL, NULL));
    assert_int_equal(ferry_get(h.s, "https://x.b.test/", NULL), FERRY_ERR_CERTIFICATE);
    assert_int_equal(ferry_get(h.s, URL, NULL, .ca_pem = other), FERRY_ERR_CERTIFICATE);
    expect_ok(ferry_get(h.s, "https://x.b.test/", NULL, .ca_pem = ca));
}

static void what_was_given_need_not_stay(void **state)
{
    char *pem = strdup(https_ca.pem);
    (void)state;
    expect_ok(ferry_update(h.s, .ca_pem = {pem, strlen(pem)}));
    memset(pem, 'x', strlen(pem));
    free(pem);
    expect_ok(ferry_get(h.s, URL, NULL));
}

static void http_takes_no_notice(void **state)
{
    (void)state;
    h.peer.says_plain = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    expect_ok(ferry_get(
        h.s, "http://a.test/", NULL, .ca_file = "/missing", .tls_ciphers = "NONSENSE"));
}

static void many_settings_do_not_pile_up(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        char name[32];
        snprintf(name, sizeof name, "x%d.b.test", i);
        expect_ok(ferry_update(h.s, .pool = {.idle = FERRY_NONE}));
        ferry_get(h.s, URL, NULL, .server_name = name, .tls_ciphers = "NONSENSE");
    }
    expect_ok(ferry_get(h.s, URL, NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_certificate_must_hold),
        TEST(a_certificate_must_be_the_peers),
        TEST(what_stands_between_it_and_the_ca_must_be_shown),
        TEST(who_is_no_ca_signs_for_nobody),
        TEST(server_name_is_who_it_must_be),
        TEST(chain_and_name_are_switched_apart),
        TEST(a_pin_holds_with_verify_off_too),
        TEST(a_pin_is_base64_of_32_bytes),
        TEST(other_settings_never_share_a_connection),
        TEST(trust_comes_from_a_file_a_folder_or_memory),
        TEST(a_source_of_no_use_is_an_error_before_connecting),
        TEST(the_environment_says_whom_to_trust_where_the_caller_does_not),
        TEST(each_variable_counts),
        TEST(a_peer_that_asks_is_shown_our_certificate),
        TEST(a_peer_that_asks_in_vain_refuses),
        TEST(who_is_not_verified_does_not_learn_who_we_are),
        TEST(a_redirect_elsewhere_takes_no_certificate_along),
        TEST(a_mount_and_a_request_have_settings_of_their_own),
        TEST(what_was_given_need_not_stay),
        TEST(http_takes_no_notice),
        TEST(many_settings_do_not_pile_up),
    };
    return cmocka_run_group_tests_name("https, trust", tests, make_all, free_all);
}
