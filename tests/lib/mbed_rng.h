/* mbed_rng.h - how mbedTLS 2.28 and 3 make keys, certificates and tickets: with a
 * generator of chance that they are given. mbed_own.h is the other answer.
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_MBED_RNG_H
#define TESTS_MBED_RNG_H

#include <mbedtls/rsa.h>

static inline int mbed_make_key(mbedtls_pk_context *key, int rsa_bits)
{
    mbedtls_pk_type_t type = rsa_bits ? MBEDTLS_PK_RSA : MBEDTLS_PK_ECKEY;
    int e = mbedtls_pk_setup(key, mbedtls_pk_info_from_type(type));
    if (e)
        return e;
    return rsa_bits ? mbedtls_rsa_gen_key(mbedtls_pk_rsa(*key), cert_random, NULL,
                          (unsigned)rsa_bits, 65537)
                    : mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(*key),
                          cert_random, NULL);
}

static inline int mbed_set_serial(mbedtls_x509write_cert *to)
{
    mbedtls_mpi serial;
    mbedtls_mpi_init(&serial);
    int e = mbedtls_mpi_fill_random(&serial, 8, cert_random, NULL);
    if (!e)
        e = mbedtls_x509write_crt_set_serial(to, &serial);
    mbedtls_mpi_free(&serial);
    return e;
}

static inline int mbed_write_crt(mbedtls_x509write_cert *to, void *p, size_t n)
{
    return mbedtls_x509write_crt_pem(to, p, n, cert_random, NULL);
}

static inline void mbed_set_chance(mbedtls_ssl_config *conf)
{
    mbedtls_ssl_conf_rng(conf, cert_random, NULL);
}

static inline int mbed_set_up_tickets(mbedtls_ssl_ticket_context *tickets)
{
    return mbedtls_ssl_ticket_setup(
        tickets, cert_random, NULL, MBEDTLS_CIPHER_AES_256_GCM, 3600);
}

#endif
