/* mbed_drbg.h - chance and errors of mbedTLS 2.28 and 3: the platform's entropy,
 * stretched by mbedTLS; numbers of two layers added up.
 * net. mbed_psa.h is the other answer. SPDX-License-Identifier: MIT */
#ifndef FY_MBED_DRBG_H
#define FY_MBED_DRBG_H

#include <mbedtls/ctr_drbg.h>

typedef struct fy_mbed_chance {
    mbedtls_ctr_drbg_context drbg;
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
    mbedtls_ctr_drbg_init(&c->drbg);
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

#endif
