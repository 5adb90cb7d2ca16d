/* mbed_key_chance.h - private keys read by mbedTLS 3, which blinds what it computes.
 * net. mbed_key.h is the other answer. SPDX-License-Identifier: MIT */
#ifndef FY_MBED_KEY_CHANCE_H
#define FY_MBED_KEY_CHANCE_H

static inline int fy_mbed_parse_key(
    mbedtls_pk_context *key, ferry_str text, ferry_str password, fy_mbed_chance *c)
{
    return mbedtls_pk_parse_key(key, (const unsigned char *)text.ptr, text.len,
        (const unsigned char *)password.ptr, password.len, mbedtls_ctr_drbg_random,
        &c->drbg);
}

static inline int fy_mbed_check_pair(const mbedtls_pk_context *public_key,
    const mbedtls_pk_context *key, fy_mbed_chance *c)
{
    return mbedtls_pk_check_pair(public_key, key, mbedtls_ctr_drbg_random, &c->drbg);
}

#endif
