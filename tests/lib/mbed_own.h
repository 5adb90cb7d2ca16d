/* mbed_own.h - how mbedTLS 4 makes keys, certificates and tickets: with chance of its
 * own, through PSA. mbed_rng.h is the other answer. SPDX-License-Identifier: MIT */
#ifndef TESTS_MBED_OWN_H
#define TESTS_MBED_OWN_H

#include <psa/crypto.h>

static inline int mbed_make_key(mbedtls_pk_context *key, int rsa_bits)
{
    mbedtls_svc_key_id_t id = MBEDTLS_SVC_KEY_ID_INIT;
    psa_key_attributes_t a = PSA_KEY_ATTRIBUTES_INIT;
    if (psa_crypto_init())
        return MBEDTLS_ERR_SSL_HW_ACCEL_FAILED;
    psa_set_key_usage_flags(&a, PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_EXPORT);
    psa_set_key_algorithm(&a, rsa_bits ? PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_ANY_HASH)
                                       : PSA_ALG_ECDSA(PSA_ALG_ANY_HASH));
    psa_set_key_type(&a, rsa_bits ? PSA_KEY_TYPE_RSA_KEY_PAIR
                                  : PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&a, rsa_bits ? (size_t)rsa_bits : 256);
    int e = psa_generate_key(&a, &id);
    if (!e)
        e = mbedtls_pk_copy_from_psa(id, key);
    psa_destroy_key(id);
    return e;
}

static inline int mbed_set_serial(mbedtls_x509write_cert *to)
{
    unsigned char serial[8];
    cert_random(NULL, serial, sizeof serial);
    serial[0] = 1; /* positive, and of this length */
    return mbedtls_x509write_crt_set_serial_raw(to, serial, sizeof serial);
}

static inline int mbed_write_crt(mbedtls_x509write_cert *to, void *p, size_t n)
{
    return mbedtls_x509write_crt_pem(to, p, n);
}

static inline void mbed_set_chance(mbedtls_ssl_config *conf)
{
    (void)conf;
}

static inline int mbed_set_up_tickets(mbedtls_ssl_ticket_context *tickets)
{
    return mbedtls_ssl_ticket_setup(tickets, PSA_ALG_GCM, PSA_KEY_TYPE_AES, 256, 3600);
}

#endif
