/* resume.h - TLS sessions that a later connection may take up (RFC 5077, 8446 2.2).
 * net. Knows keys and ages. Does not know who the peers are.
 * SPDX-License-Identifier: MIT */
#ifndef FY_RESUME_H
#define FY_RESUME_H

#include "net/mbed.h"

/* One peer under one set of settings; the newest first. */
typedef struct fy_resume_entry {
    struct fy_resume_entry *next;
    unsigned char key[FY_MBED_SHA256];
    int64_t born_ms;
    mbedtls_ssl_session session;
} fy_resume_entry;

typedef struct fy_resume {
    const ferry_platform *platform;
    fy_resume_entry *newest;
} fy_resume;

fy_api void fy_resume_fini(fy_resume *r);

/* What time it is, for what is kept. */
fy_api int64_t fy_resume_now(const fy_resume *r);
/* Offer what is kept under `key`, if it is not too old, to a connection not begun yet,
 * whose peer is told that it is `name` (or nothing, if NULL). True if there was something,
 * and when its peer was verified. */
fy_api bool fy_resume_offer(fy_resume *r, const unsigned char key[FY_MBED_SHA256],
    mbedtls_ssl_context *ssl, const char *name, int64_t *verified_ms);
/* Keep the session of a connection whose peer was verified then. A ticket of a session
 * taken up is no younger than that, or a peer would never be verified again. */
fy_api void fy_resume_keep(fy_resume *r, const unsigned char key[FY_MBED_SHA256],
    const mbedtls_ssl_context *ssl, int64_t verified_ms);
fy_api void fy_resume_drop(fy_resume *r, const unsigned char key[FY_MBED_SHA256]);

/* All of them as bytes, for another process: *len of them, if `room` is enough. 0, or
 * an error of mbedTLS, MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL among them. */
fy_api int fy_resume_export(fy_resume *r, unsigned char *out, size_t room, size_t *len);
/* 0; or an error of mbedTLS, and then there is nothing more than before. */
fy_api int fy_resume_import(fy_resume *r, ferry_str blob);

#endif
