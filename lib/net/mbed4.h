/* mbed4.h - what only mbedTLS 4 does in this way.
 * net. SPDX-License-Identifier: MIT */
#ifndef FY_MBED4_H
#define FY_MBED4_H

#include <mbedtls/platform.h>
#include <psa/crypto.h>
#include <string.h>

#include "base/error.h"

enum { FY_MBED_BAD_VERSION = MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION };

/* Chance is PSA's own in this version; the platform is not asked. */
typedef struct fy_mbed_chance {
    int unused;
} fy_mbed_chance;

/* 0, or an error of mbedTLS; to be ended in any case. */
static inline int fy_mbed_chance_init(fy_mbed_chance *c, ferry_platform *m)
{
    (void)c, (void)m;
    return psa_crypto_init(); /* calling it again is fine */
}

static inline int fy_mbed_chance_renew(fy_mbed_chance *c)
{
    (void)c;
    return 0;
}

static inline void fy_mbed_chance_fini(fy_mbed_chance *c)
{
    (void)c; /* other sessions may use it */
}

static inline void fy_mbed_use_chance(mbedtls_ssl_config *conf, fy_mbed_chance *c)
{
    (void)conf, (void)c;
}

#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
enum { FY_MBED_NEWEST = 0x304 };
#else
enum { FY_MBED_NEWEST = 0x303 };
#endif

/* Versions as on the wire, 0 for none said. False if this library has none of them. */
static inline bool fy_mbed_set_versions(mbedtls_ssl_config *conf, int least, int most)
{
    mbedtls_ssl_conf_min_tls_version(
        conf, least == 0x304 ? MBEDTLS_SSL_VERSION_TLS1_3 : MBEDTLS_SSL_VERSION_TLS1_2);
    if (most)
        mbedtls_ssl_conf_max_tls_version(conf,
            most == 0x303 ? MBEDTLS_SSL_VERSION_TLS1_2 : MBEDTLS_SSL_VERSION_TLS1_3);
    return least <= FY_MBED_NEWEST;
}

static inline int fy_mbed_parse_key(
    mbedtls_pk_context *key, ferry_str text, const char *password, fy_mbed_chance *c)
{
    (void)c;
    return mbedtls_pk_parse_key(key, (const unsigned char *)text.ptr, text.len,
        (const unsigned char *)password, password ? strlen(password) : 0);
}

static inline int fy_mbed_check_pair(const mbedtls_pk_context *public_key,
    const mbedtls_pk_context *key, fy_mbed_chance *c)
{
    (void)c;
    return mbedtls_pk_check_pair(public_key, key);
}

#if defined(MBEDTLS_FS_IO)
static inline int fy_mbed_parse_key_file(
    mbedtls_pk_context *key, const char *name, const char *password, fy_mbed_chance *c)
{
    (void)c;
    return mbedtls_pk_parse_keyfile(key, name, password);
}
#endif

/* What a fatal alert said, right after MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE. */
static inline int fy_mbed_alert(const mbedtls_ssl_context *ssl)
{
    return ssl->MBEDTLS_PRIVATE(in_msg) ? ssl->MBEDTLS_PRIVATE(in_msg)[1] : 0;
}

static inline bool fy_mbed_is_nomem(int answer)
{
    return answer == PSA_ERROR_INSUFFICIENT_MEMORY ||
           answer == MBEDTLS_ERR_SSL_ALLOC_FAILED ||
           answer == MBEDTLS_ERR_X509_ALLOC_FAILED;
}

/* Did a read bring a ticket instead of data? */
#if defined(MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)
static inline bool fy_mbed_is_ticket(int answer)
{
    return answer == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET;
}
#else
static inline bool fy_mbed_is_ticket(int answer)
{
    (void)answer;
    return false;
}
#endif

/* TLS 1.3: since 3.6.1 a client must ask to be told of tickets. */
#if defined(MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED)
static inline void fy_mbed_tell_tickets(mbedtls_ssl_config *conf)
{
    mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
        conf, MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
}
#else
static inline void fy_mbed_tell_tickets(mbedtls_ssl_config *conf)
{
    (void)conf; /* it tells by itself, or has none */
}
#endif

/* The peer's certificate is not needed to take a session up, and is the most of it. */
#if defined(MBEDTLS_SSL_KEEP_PEER_CERTIFICATE)
static inline void fy_mbed_slim(mbedtls_ssl_session *session)
{
    mbedtls_x509_crt *peer = session->MBEDTLS_PRIVATE(peer_cert);
    session->MBEDTLS_PRIVATE(peer_cert) = NULL;
    if (peer)
        mbedtls_x509_crt_free(peer);
    mbedtls_free(peer);
}
#else
static inline void fy_mbed_slim(mbedtls_ssl_session *session)
{
    (void)session; /* it is not in there */
}
#endif

#endif
