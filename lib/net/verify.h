/* verify.h - is the certificate the peer's, and does it hold? The verdict, and its
 * reasons in words. net. Knows certificates. Does not know connections.
 * SPDX-License-Identifier: MIT */
#ifndef FY_VERIFY_H
#define FY_VERIFY_H

#include "net/mbed.h"
#include "policy/peername.h"

enum { FY_VERIFY_SAID = 256 };

/* One handshake's. mbedTLS checks signatures and dates; whose it is, we do. */
typedef struct fy_verify {
    fy_peername peer;
    bool checks_chain, checks_name;
    ferry_str pins; /* see ferry_opts.pin_sha256; empty: none */
    bool was_asked; /* the peer showed a certificate */
    uint32_t flags; /* MBEDTLS_X509_BADCERT_*, of all its certificates */
    char *said;     /* FY_VERIFY_SAID bytes for what the certificate says it is */
} fy_verify;

/* For mbedtls_ssl_set_verify(), with a fy_verify. */
fy_api int fy_verify_callback(
    void *ctx, mbedtls_x509_crt *crt, int depth, uint32_t *flags);

/* Why it was refused, of the flags of mbedTLS; NULL if these say nothing. */
fy_api const char *fy_verify_text(const fy_verify *v, uint32_t flags);

/* Each of the pins must be Base64 of 32 bytes. */
fy_api bool fy_verify_are_pins(ferry_str pins);

#endif
