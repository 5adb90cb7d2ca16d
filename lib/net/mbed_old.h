/* mbed_old.h - mbedTLS 2.28: TLS 1.2 is the newest; secrets are told through the
 * configuration. net. mbed_new.h is the other answer. SPDX-License-Identifier: MIT */
#ifndef FY_MBED_OLD_H
#define FY_MBED_OLD_H

#define FY_MBED_PRIVATE(member) member

enum { FY_MBED_BAD_VERSION = MBEDTLS_ERR_SSL_BAD_HS_PROTOCOL_VERSION };

/* What must be ready before anything else; 0, or an error of mbedTLS. */
static inline int fy_mbed_start(void)
{
    return 0;
}

/* Versions as on the wire, 0 for none said. False if this library has none of them. */
static inline bool fy_mbed_set_versions(mbedtls_ssl_config *conf, int least, int most)
{
    (void)most; /* it has nothing above */
    mbedtls_ssl_conf_min_version(
        conf, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
    return least <= 0x303;
}

/* Does what takes a session up come only after the handshake? */
static inline bool fy_mbed_waits_for_ticket(const mbedtls_ssl_context *ssl)
{
    (void)ssl;
    return false;
}

/* Tell `l` the secrets of this connection, if this library can. */
#if defined(MBEDTLS_SSL_EXPORT_KEYS)
enum { FY_MBED_TELLS = true };

static inline int fy_mbed_hear(void *ctx, const unsigned char *master,
    const unsigned char *block, size_t mac, size_t key, size_t iv,
    const unsigned char client[32], const unsigned char server[32],
    mbedtls_tls_prf_types prf)
{
    enum { FY_MBED_MASTER = 48 };
    fy_mbed_listener *l = ctx;
    (void)block, (void)mac, (void)key, (void)iv, (void)server, (void)prf;
    l->take(
        l, "CLIENT_RANDOM", client, (ferry_str){(const char *)master, FY_MBED_MASTER});
    return 0;
}

static inline void fy_mbed_listen(
    mbedtls_ssl_config *conf, mbedtls_ssl_context *ssl, fy_mbed_listener *l)
{
    (void)ssl;
    mbedtls_ssl_conf_export_keys_ext_cb(conf, fy_mbed_hear, l);
}
#else
enum { FY_MBED_TELLS = false };

static inline void fy_mbed_listen(
    mbedtls_ssl_config *conf, mbedtls_ssl_context *ssl, fy_mbed_listener *l)
{
    (void)conf, (void)ssl, (void)l;
}
#endif

#endif
