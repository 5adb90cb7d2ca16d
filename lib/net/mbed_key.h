/* mbed_key.h - private keys read by mbedTLS 2.28 and 4, which need no chance for it.
 * net. mbed_key_chance.h is the other answer. SPDX-License-Identifier: MIT */
#ifndef FY_MBED_KEY_H
#define FY_MBED_KEY_H

static inline int fy_mbed_parse_key(
    mbedtls_pk_context *key, ferry_str text, ferry_str password, fy_mbed_chance *c)
{
    (void)c;
    return mbedtls_pk_parse_key(key, (const unsigned char *)text.ptr, text.len,
        (const unsigned char *)password.ptr, password.len);
}

static inline int fy_mbed_check_pair(const mbedtls_pk_context *public_key,
    const mbedtls_pk_context *key, fy_mbed_chance *c)
{
    (void)c;
    return mbedtls_pk_check_pair(public_key, key);
}

#endif
