/* mbed_psa.h - chance and errors of mbedTLS 4: both are PSA's.
 * net. mbed_drbg.h is the other answer. SPDX-License-Identifier: MIT */
#ifndef FY_MBED_PSA_H
#define FY_MBED_PSA_H

/* PSA has its own; the platform is not asked, and other sessions may use it. */
typedef struct fy_mbed_chance {
    int unused;
} fy_mbed_chance;

/* 0, or an error of mbedTLS; to be ended in any case. */
static inline int fy_mbed_chance_init(fy_mbed_chance *c, ferry_platform *m)
{
    (void)c, (void)m;
    return 0;
}

static inline int fy_mbed_chance_renew(fy_mbed_chance *c)
{
    (void)c;
    return 0;
}

static inline void fy_mbed_chance_fini(fy_mbed_chance *c)
{
    (void)c;
}

static inline void fy_mbed_use_chance(mbedtls_ssl_config *conf, fy_mbed_chance *c)
{
    (void)conf, (void)c;
}

static inline bool fy_mbed_is_nomem(int answer)
{
    return answer == PSA_ERROR_INSUFFICIENT_MEMORY ||
           answer == MBEDTLS_ERR_SSL_ALLOC_FAILED ||
           answer == MBEDTLS_ERR_X509_ALLOC_FAILED;
}

#endif
