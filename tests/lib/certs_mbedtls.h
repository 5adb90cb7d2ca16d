/* certs_mbedtls.h - certificates and keys, made when a test runs.
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_CERTS_MBEDTLS_H
#define TESTS_CERTS_MBEDTLS_H

#include "net/mbed.h"

#include <mbedtls/ssl_ticket.h>
#include <stdbool.h>

typedef struct cert {
    mbedtls_x509_crt crt;
    mbedtls_pk_context key;
    char pem[4096], key_pem[4096];
    unsigned char der[4096];
    size_t der_len;
    char pin[45]; /* as .pin_sha256 */
} cert;

/* What it should say; what is not said is the usual. */
typedef struct cert_wish {
    const cert *issuer;      /* NULL: itself */
    const char *common_name; /* "test" */
    const char *dns[4];
    ferry_str raw_dns; /* one more, perhaps with a NUL in it */
    const unsigned char *ipv4, *ipv6;
    bool is_ca;
    const char *from, *until; /* "20200101000000": it was valid then */
    int rsa_bits;             /* 0: an elliptic curve */
    bool is_for_clients;      /* and for nobody else */
} cert_wish;

/* Exits with a word on standard error if it cannot be made. */
void cert_make(cert *out, const cert_wish *wish);
void cert_free(cert *c);

/* Chance for tests, the same in each run. */
int cert_random(void *ctx, unsigned char *p, size_t n);

#if MBEDTLS_VERSION_MAJOR < 4
#include "lib/mbed_rng.h"
#else
#include "lib/mbed_own.h"
#endif

#endif
