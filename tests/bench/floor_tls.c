/* floor_tls.c - the least that a client of mbedTLS can do: one socket, one connection, a
 * fixed request, its own answers to mbedTLS; what to trust is read once.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "bench/client.h"

#include <arpa/inet.h>
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FLOOR_BUFFER = 64 * 1024 };

static struct sockaddr_in floor_peer;
static int floor_fd = -1;
static char floor_host[64], floor_request[1024], floor_buffer[FLOOR_BUFFER + 1];
static size_t floor_request_len;
static mbedtls_entropy_context floor_entropy;
static mbedtls_ctr_drbg_context floor_chance;
static mbedtls_x509_crt floor_trust;
static mbedtls_ssl_config floor_conf;
static mbedtls_ssl_context floor_ssl;
static mbedtls_ssl_session floor_session;
static bool floor_resumes, floor_has_session;

static int floor_send(void *ctx, const unsigned char *p, size_t n)
{
    (void)ctx;
    ssize_t put = send(floor_fd, p, n, MSG_NOSIGNAL);
    return put < 0 ? MBEDTLS_ERR_NET_SEND_FAILED : (int)put;
}

static int floor_receive(void *ctx, unsigned char *p, size_t n)
{
    (void)ctx;
    ssize_t got = recv(floor_fd, p, n, 0);
    return got < 0 ? MBEDTLS_ERR_NET_RECV_FAILED : (int)got;
}

/* The name is checked as mbedTLS 2.28 can: not for an address. */
static bool floor_connect(void)
{
    floor_fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(floor_fd, (struct sockaddr *)&floor_peer, sizeof floor_peer))
        return client_fail("floor: connect");
    mbedtls_ssl_init(&floor_ssl);
    if (mbedtls_ssl_setup(&floor_ssl, &floor_conf))
        return client_fail("floor: setup");
    mbedtls_ssl_set_bio(&floor_ssl, NULL, floor_send, floor_receive, NULL);
    if (floor_has_session)
        mbedtls_ssl_set_session(&floor_ssl, &floor_session);
    if (mbedtls_ssl_handshake(&floor_ssl))
        return client_fail("floor: handshake");
    if (floor_resumes && !floor_has_session)
        floor_has_session = !mbedtls_ssl_get_session(&floor_ssl, &floor_session);
    return true;
}

static void floor_close(void)
{
    mbedtls_ssl_close_notify(&floor_ssl);
    mbedtls_ssl_free(&floor_ssl);
    close(floor_fd);
}

static bool floor_get(void)
{
    size_t got = 0;
    char *end = NULL;
    if (mbedtls_ssl_write(&floor_ssl, (unsigned char *)floor_request,
            floor_request_len) != (int)floor_request_len)
        return client_fail("floor: write");
    while (!end) {
        int n = mbedtls_ssl_read(
            &floor_ssl, (unsigned char *)floor_buffer + got, FLOOR_BUFFER - got);
        if (n <= 0)
            return client_fail("floor: no head");
        got += (size_t)n;
        floor_buffer[got] = '\0';
        end = strstr(floor_buffer, "\r\n\r\n");
    }
    body_begin();
    char *length = strstr(floor_buffer, "Content-Length: ");
    uint64_t left = length ? strtoull(length + 16, NULL, 10) : 0;
    body_take(end + 4, got - (size_t)(end + 4 - floor_buffer));
    while (client_body.at < left) {
        int n = mbedtls_ssl_read(
            &floor_ssl, (unsigned char *)floor_buffer, FLOOR_BUFFER);
        if (n <= 0)
            return client_fail("floor: no body");
        body_take(floor_buffer, (size_t)n);
    }
    return true;
}

static bool floor_get_anew(void)
{
    bool ok = floor_connect() && floor_get();
    floor_close();
    return ok;
}

static bool floor_begin(const char *url, int number)
{
    unsigned port;
    char path[256];
    const char *ca = getenv("SSL_CERT_FILE");
    if (!ca || sscanf(url, "https://%63[^:]:%u%255s", floor_host, &port, path) != 3)
        return client_fail("floor: no https URL with a port, or no SSL_CERT_FILE");
    floor_peer = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, floor_host, &floor_peer.sin_addr);
    floor_request_len = (size_t)snprintf(floor_request, sizeof floor_request,
        "GET %s HTTP/1.1\r\nHost: %s:%u\r\nUser-Agent: floor\r\nAccept: */*\r\n\r\n",
        path, floor_host, port);
    mbedtls_entropy_init(&floor_entropy);
    mbedtls_ctr_drbg_init(&floor_chance);
    mbedtls_x509_crt_init(&floor_trust);
    mbedtls_ssl_config_init(&floor_conf);
    mbedtls_ssl_session_init(&floor_session);
    mbedtls_ctr_drbg_seed(&floor_chance, mbedtls_entropy_func, &floor_entropy, NULL, 0);
    mbedtls_ssl_config_defaults(&floor_conf, MBEDTLS_SSL_IS_CLIENT,
        MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
    mbedtls_ssl_conf_rng(&floor_conf, mbedtls_ctr_drbg_random, &floor_chance);
    if (mbedtls_x509_crt_parse_file(&floor_trust, ca))
        return client_fail("floor: nobody to trust");
    mbedtls_ssl_conf_ca_chain(&floor_conf, &floor_trust, NULL);
    floor_resumes = number == 2;
    return number > 0 || floor_connect();
}

const client_mode client_modes[] = {
    {"get", floor_begin, floor_get, 0},
    {"full", floor_begin, floor_get_anew, 1},
    {"connect", floor_begin, floor_get_anew, 2},
    {NULL, NULL, NULL, 0},
};
