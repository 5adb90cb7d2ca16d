/* anchors.h - whom to trust: CA certificates from a file, a folder, memory or the system.
 * net. Knows sources. Does not know connections. SPDX-License-Identifier: MIT */
#ifndef FY_ANCHORS_H
#define FY_ANCHORS_H

#include "net/mbed.h"
#include "policy/environ.h"

/* The CA certificates of one source, parsed once. */
typedef struct fy_anchors {
    struct fy_anchors *next;
    int refs;
    mbedtls_x509_crt chain;
    size_t source_len;
    char source[]; /* what kind it is, and its name or bytes */
} fy_anchors;

/* Find in `list`, or load, what the settings (tlsopts.h) or the environment name, or the
 * system's. FERRY_ERR_USAGE if the named one is of no use, FERRY_ERR_TLS if the system
 * has none, FERRY_ERR_NOMEM. */
fy_api ferry_err fy_anchors_use(fy_anchors **list, const ferry_platform *m,
    ferry_str settings, const fy_fields *environ, fy_anchors **out, fy_error *x);
fy_api void fy_anchors_release(
    fy_anchors **list, const ferry_platform *m, fy_anchors *t);

/* Certificates as PEM or DER, with a NUL behind; 0 or an error of mbedTLS. */
fy_api int fy_anchors_parse(mbedtls_x509_crt *chain, ferry_str bytes);
/* From a file; MBEDTLS_ERR_X509_FILE_IO_ERROR and `x` if it cannot be read. */
fy_api int fy_anchors_parse_file(
    const ferry_platform *m, mbedtls_x509_crt *chain, const char *name, fy_error *x);
/* Read a file of certificates or keys into `out`, which is empty; a NUL stands behind. */
fy_api ferry_err fy_anchors_read(fy_buf *out, const char *name, fy_error *x);
/* The bytes as mbedTLS wants them: PEM with its NUL, DER without. */
fy_api ferry_str fy_anchors_encoded(ferry_str bytes);

#endif
