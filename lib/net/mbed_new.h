/* mbed_new.h - mbedTLS 3 and 4: perhaps with TLS 1.3; members have other names; secrets
 * are told of each connection. net. mbed_old.h is the other answer.
 * SPDX-License-Identifier: MIT */
#ifndef FY_MBED_NEW_H
#define FY_MBED_NEW_H

#include <psa/crypto.h>

#define FY_MBED_PRIVATE(member) MBEDTLS_PRIVATE(member)

enum { FY_MBED_BAD_VERSION = MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION };

/* What must be ready before anything else; 0, or an error of mbedTLS. */
#if defined(MBEDTLS_PSA_CRYPTO_C)
static inline int fy_mbed_start(void)
{
    /* Calling it again is fine. */
    switch (psa_crypto_init()) {
    case PSA_SUCCESS: return 0;
    case PSA_ERROR_INSUFFICIENT_MEMORY: return MBEDTLS_ERR_SSL_ALLOC_FAILED;
    default: return MBEDTLS_ERR_SSL_HW_ACCEL_FAILED;
    }
}
#else
static inline int fy_mbed_start(void)
{
    return 0;
}
#endif

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

/* Does what takes a session up come only after the handshake? */
static inline bool fy_mbed_waits_for_ticket(const mbedtls_ssl_context *ssl)
{
    return mbedtls_ssl_get_version_number(ssl) > MBEDTLS_SSL_VERSION_TLS1_2;
}

/* The names of secrets in a key log (NSS). */
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
#define FY_MBED_LABELS_1_3                                                             \
    {MBEDTLS_SSL_KEY_EXPORT_TLS1_3_CLIENT_EARLY_SECRET,                                \
        "CLIENT_EARLY_TRAFFIC_SECRET"},                                                \
        {MBEDTLS_SSL_KEY_EXPORT_TLS1_3_EARLY_EXPORTER_SECRET,                          \
            "EARLY_EXPORTER_SECRET"},                                                  \
        {MBEDTLS_SSL_KEY_EXPORT_TLS1_3_CLIENT_HANDSHAKE_TRAFFIC_SECRET,                \
            "CLIENT_HANDSHAKE_TRAFFIC_SECRET"},                                        \
        {MBEDTLS_SSL_KEY_EXPORT_TLS1_3_SERVER_HANDSHAKE_TRAFFIC_SECRET,                \
            "SERVER_HANDSHAKE_TRAFFIC_SECRET"},                                        \
        {MBEDTLS_SSL_KEY_EXPORT_TLS1_3_CLIENT_APPLICATION_TRAFFIC_SECRET,              \
            "CLIENT_TRAFFIC_SECRET_0"},                                                \
        {MBEDTLS_SSL_KEY_EXPORT_TLS1_3_SERVER_APPLICATION_TRAFFIC_SECRET,              \
            "SERVER_TRAFFIC_SECRET_0"},
#else
#define FY_MBED_LABELS_1_3
#endif

/* NULL if it is of no use there. */
static inline const char *fy_mbed_label(mbedtls_ssl_key_export_type type)
{
    static const struct {
        mbedtls_ssl_key_export_type type;
        const char *label;
    } rows[] = {FY_MBED_LABELS_1_3{
        MBEDTLS_SSL_KEY_EXPORT_TLS12_MASTER_SECRET, "CLIENT_RANDOM"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].type == type)
            return rows[i].label;
    return NULL;
}

static inline void fy_mbed_hear(void *ctx, mbedtls_ssl_key_export_type type,
    const unsigned char *secret, size_t len, const unsigned char client[32],
    const unsigned char server[32], mbedtls_tls_prf_types prf)
{
    fy_mbed_listener *l = ctx;
    const char *label = fy_mbed_label(type);
    (void)server, (void)prf;
    if (label)
        l->take(l, label, client, (ferry_str){(const char *)secret, len});
}

enum { FY_MBED_TELLS = true };

/* Tell `l` the secrets of this connection. */
static inline void fy_mbed_listen(
    mbedtls_ssl_config *conf, mbedtls_ssl_context *ssl, fy_mbed_listener *l)
{
    (void)conf;
    mbedtls_ssl_set_export_keys_cb(ssl, fy_mbed_hear, l);
}

#endif
