/* mbed3.h - what only mbedTLS 3 does in this way.
 * net. SPDX-License-Identifier: MIT */
#ifndef FY_MBED3_H
#define FY_MBED3_H

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/platform.h>
#include <psa/crypto.h>
#include <string.h>

#include "base/error.h"

enum { FY_MBED_BAD_VERSION = MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION };

/* Chance: the platform's entropy, stretched by mbedTLS. */
typedef struct fy_mbed_chance {
    mbedtls_ctr_drbg_context drbg;
    ferry_platform *platform;
} fy_mbed_chance;

static inline int fy_mbed_entropy(void *ctx, unsigned char *p, size_t n)
{
    const ferry_platform *m = ctx;
    return m->random(m->ctx, p, n) ? MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED : 0;
}

/* `m` must outlive it. 0, or an error of mbedTLS; to be ended in any case. */
static inline int fy_mbed_chance_init(fy_mbed_chance *c, ferry_platform *m)
{
    static const unsigned char purpose[] = {'f', 'e', 'r', 'r', 'y'};
    c->platform = m;
    mbedtls_ctr_drbg_init(&c->drbg);
    if (psa_crypto_init()) /* for TLS 1.3; calling it again is fine */
        return MBEDTLS_ERR_SSL_HW_ACCEL_FAILED;
    return mbedtls_ctr_drbg_seed(&c->drbg, fy_mbed_entropy, m, purpose, sizeof purpose);
}

/* New entropy: after a fork two processes must not have the same secrets. */
static inline int fy_mbed_chance_renew(fy_mbed_chance *c)
{
    return mbedtls_ctr_drbg_reseed(&c->drbg, NULL, 0);
}

static inline void fy_mbed_chance_fini(fy_mbed_chance *c)
{
    mbedtls_ctr_drbg_free(&c->drbg);
}

static inline void fy_mbed_use_chance(mbedtls_ssl_config *conf, fy_mbed_chance *c)
{
    mbedtls_ssl_conf_rng(conf, mbedtls_ctr_drbg_random, &c->drbg);
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
    return mbedtls_pk_parse_key(key, (const unsigned char *)text.ptr, text.len,
        (const unsigned char *)password, password ? strlen(password) : 0,
        mbedtls_ctr_drbg_random, &c->drbg);
}

static inline int fy_mbed_check_pair(const mbedtls_pk_context *public_key,
    const mbedtls_pk_context *key, fy_mbed_chance *c)
{
    return mbedtls_pk_check_pair(public_key, key, mbedtls_ctr_drbg_random, &c->drbg);
}

#if defined(MBEDTLS_FS_IO)
static inline int fy_mbed_parse_key_file(
    mbedtls_pk_context *key, const char *name, const char *password, fy_mbed_chance *c)
{
    return mbedtls_pk_parse_keyfile(
        key, name, password, mbedtls_ctr_drbg_random, &c->drbg);
}
#endif

/* What a fatal alert said, right after MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE. */
static inline int fy_mbed_alert(const mbedtls_ssl_context *ssl)
{
    return ssl->MBEDTLS_PRIVATE(in_msg) ? ssl->MBEDTLS_PRIVATE(in_msg)[1] : 0;
}

/* mbedTLS adds the code of a lower layer to its own. */
static inline bool fy_mbed_is_nomem(int answer)
{
    static const int high[] = {0x1180, 0x2880, 0x3F80, 0x4D80, 0x5180, 0x6180, 0x7F00};
    int low_part = -answer & 0x7F, high_part = -answer & 0xFF80;
    bool is_one = low_part == 0x10 || low_part == 0x6A; /* of numbers, of ASN.1 */
    for (size_t i = 0; i < sizeof high / sizeof *high; i++)
        is_one = is_one || high_part == high[i];
    return answer < 0 && is_one;
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
