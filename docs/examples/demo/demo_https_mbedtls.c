/* demo_https_mbedtls.c - a stop of the tour: https, against a small server of mbedTLS
 * whose certificate is signed by a CA that is made on the spot.
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "demo.h"

#include <arpa/inet.h>
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/oid.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/x509_crt.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HTTPS_PEM = 2048 };

/* A certificate for 127.0.0.1, signed by itself: it is its own CA. */
typedef struct https_own {
    mbedtls_entropy_context entropy;
    mbedtls_ctr_drbg_context chance;
    mbedtls_pk_context key;
    mbedtls_x509_crt crt;
    char pem[HTTPS_PEM];
    int port, listener;
    pid_t server;
} https_own;

static bool https_make_key(https_own *h)
{
    mbedtls_entropy_init(&h->entropy);
    mbedtls_ctr_drbg_init(&h->chance);
    mbedtls_pk_init(&h->key);
    mbedtls_x509_crt_init(&h->crt);
    return !mbedtls_ctr_drbg_seed(
               &h->chance, mbedtls_entropy_func, &h->entropy, NULL, 0) &&
           !mbedtls_pk_setup(
               &h->key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)) &&
           !mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(h->key),
               mbedtls_ctr_drbg_random, &h->chance);
}

static bool https_sign(https_own *h, mbedtls_x509write_cert *to, mbedtls_mpi *serial)
{
    /* subjectAltName, in DER: a list with one iPAddress */
    static const unsigned char names[] = {0x30, 6, 0x87, 4, 127, 0, 0, 1};
    mbedtls_x509write_crt_set_version(to, MBEDTLS_X509_CRT_VERSION_3);
    mbedtls_x509write_crt_set_md_alg(to, MBEDTLS_MD_SHA256);
    mbedtls_x509write_crt_set_subject_key(to, &h->key);
    mbedtls_x509write_crt_set_issuer_key(to, &h->key);
    return !mbedtls_mpi_lset(serial, 1) &&
           !mbedtls_x509write_crt_set_serial(to, serial) &&
           !mbedtls_x509write_crt_set_subject_name(to, "CN=tour") &&
           !mbedtls_x509write_crt_set_issuer_name(to, "CN=tour") &&
           !mbedtls_x509write_crt_set_validity(
               to, "20200101000000", "20991231235959") &&
           !mbedtls_x509write_crt_set_basic_constraints(to, 1, -1) &&
           !mbedtls_x509write_crt_set_extension(to, MBEDTLS_OID_SUBJECT_ALT_NAME,
               MBEDTLS_OID_SIZE(MBEDTLS_OID_SUBJECT_ALT_NAME), 0, names,
               sizeof names) &&
           !mbedtls_x509write_crt_pem(to, (unsigned char *)h->pem, sizeof h->pem,
               mbedtls_ctr_drbg_random, &h->chance);
}

static bool https_make(https_own *h)
{
    mbedtls_x509write_cert to;
    mbedtls_mpi serial;
    mbedtls_x509write_crt_init(&to);
    mbedtls_mpi_init(&serial);
    bool ok = https_make_key(h) && https_sign(h, &to, &serial) &&
              !mbedtls_x509_crt_parse(
                  &h->crt, (unsigned char *)h->pem, strlen(h->pem) + 1);
    mbedtls_mpi_free(&serial);
    mbedtls_x509write_crt_free(&to);
    return ok;
}

/* --- the server ------------------------------------------------------------------ */

/* One request, one answer, the end. */
static void https_serve_one(mbedtls_ssl_config *conf, int fd)
{
    static const char answer[] =
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n";
    unsigned char request[4096];
    mbedtls_net_context net = {fd};
    mbedtls_ssl_context ssl;
    mbedtls_ssl_init(&ssl);
    mbedtls_ssl_setup(&ssl, conf);
    mbedtls_ssl_set_bio(&ssl, &net, mbedtls_net_send, mbedtls_net_recv, NULL);
    if (!mbedtls_ssl_handshake(&ssl) &&
        mbedtls_ssl_read(&ssl, request, sizeof request) > 0) {
        mbedtls_ssl_write(&ssl, (const unsigned char *)answer, sizeof answer - 1);
        mbedtls_ssl_close_notify(&ssl);
    }
    mbedtls_ssl_free(&ssl);
    mbedtls_net_free(&net);
}

static void https_serve(https_own *h)
{
    static mbedtls_ssl_config conf;
    static mbedtls_ssl_ticket_context tickets;
    mbedtls_ssl_config_init(&conf);
    mbedtls_ssl_ticket_init(&tickets);
    mbedtls_ssl_config_defaults(&conf, MBEDTLS_SSL_IS_SERVER,
        MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
    mbedtls_ssl_conf_rng(&conf, mbedtls_ctr_drbg_random, &h->chance);
    mbedtls_ssl_conf_own_cert(&conf, &h->crt, &h->key);
    mbedtls_ssl_ticket_setup(&tickets, mbedtls_ctr_drbg_random, &h->chance,
        MBEDTLS_CIPHER_AES_256_GCM, 3600);
    mbedtls_ssl_conf_session_tickets_cb(
        &conf, mbedtls_ssl_ticket_write, mbedtls_ssl_ticket_parse, &tickets);
    for (int fd; (fd = accept(h->listener, NULL, NULL)) >= 0;)
        https_serve_one(&conf, fd);
}

/* A child, which ends when it is told to. */
static bool https_start(https_own *h)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    h->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (h->listener < 0 || bind(h->listener, (struct sockaddr *)&at, len) ||
        getsockname(h->listener, (struct sockaddr *)&at, &len) ||
        listen(h->listener, 8))
        return false;
    h->port = ntohs(at.sin_port);
    h->server = fork();
    if (h->server == 0) {
        signal(SIGPIPE, SIG_IGN);
        https_serve(h);
        _exit(0);
    }
    close(h->listener);
    return h->server > 0;
}

static void https_end(https_own *h)
{
    if (h->server > 0) {
        kill(h->server, SIGTERM);
        waitpid(h->server, NULL, 0);
    }
    mbedtls_x509_crt_free(&h->crt);
    mbedtls_pk_free(&h->key);
    mbedtls_ctr_drbg_free(&h->chance);
    mbedtls_entropy_free(&h->entropy);
}

/* --- the stop -------------------------------------------------------------------- */

static void https_refuse(demo *d, const https_own *h, const char *url)
{
    char elsewhere[64];
    ferry_auto_session s = ferry_session_new(.trust_env = FERRY_OFF);
    ferry_err e = ferry_get(s, url, NULL);
    demo_check(d, e == FERRY_ERR_CERTIFICATE || e == FERRY_ERR_TLS,
        "a peer that nobody vouches for is refused");
    demo_note(d, "%s", ferry_explain(s));
    snprintf(elsewhere, sizeof elsewhere, "https://localhost:%d/", h->port);
    e = ferry_get(s, elsewhere, NULL, .ca_pem = {h->pem, strlen(h->pem)});
    demo_check(
        d, e == FERRY_ERR_CERTIFICATE, "and one whose certificate is for another");
    demo_note(d, "%s", ferry_explain(s));
}

/* The same eight times; seconds. */
static double https_eight(demo *d, ferry_session *s, const char *url, ferry_switch resume)
{
    double began = demo_now();
    for (int i = 0; i < 8; i++)
        if (!demo_went_well(d, ferry_get(s, url, NULL, .tls_resume = resume), s))
            break;
    return demo_now() - began;
}

static void https_accept(demo *d, const https_own *h, const char *url)
{
    ferry_auto_session s = ferry_session_new(
        .trust_env = FERRY_OFF, .ca_pem = {h->pem, strlen(h->pem)});
    ferry_auto_response r = NULL;
    if (!demo_went_well(d, ferry_get(s, url, &r), s))
        return;
    demo_check(d, !strcmp(r->body.ptr, "hello\n"),
        "with .ca_pem the same peer is verified, and answers");
    double full = https_eight(d, s, url, FERRY_OFF);
    double again = https_eight(d, s, url, FERRY_ON);
    demo_check(d, again < full, "a new connection takes the session of TLS up again");
    demo_note(d, "8 connections: %.1f ms with full handshakes, %.1f ms without",
        full * 1000, again * 1000);
}

void demo_https(demo *d)
{
    char url[64];
    https_own h = {.listener = -1};
    bool ok = https_make(&h) && https_start(&h);
    demo_check(d, ok, "a CA and a certificate for 127.0.0.1 are made");
    snprintf(url, sizeof url, "https://127.0.0.1:%d/", h.port);
    if (ok) {
        https_refuse(d, &h, url);
        https_accept(d, &h, url);
    }
    https_end(&h);
}
