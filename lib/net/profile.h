/* profile.h - one set of TLS settings, loaded: whom to trust, who we are, what to offer.
 * net. Knows settings. Does not know connections. SPDX-License-Identifier: MIT */
#ifndef FY_PROFILE_H
#define FY_PROFILE_H

#include "net/keylog.h"
#include "net/resume.h"
#include "net/secure.h"
#include "net/anchors.h"
#include "net/verify.h"

/* The session's, and its profiles'; the last to let go frees it. */
struct fy_tls {
    ferry_platform platform;
    int refs;
    fy_mbed_chance chance;
    fy_anchors *trusts;
    fy_tls_profile *profiles; /* that may be used again, the newest first */
    uint32_t n_ids;
    fy_resume resume;
    fy_keylog keylog;
    char said[FY_VERIFY_SAID]; /* about the last failure */
};

/* Who we are. */
typedef struct fy_tls_identity {
    mbedtls_x509_crt chain;
    mbedtls_pk_context key;
} fy_tls_identity;

struct fy_tls_profile {
    fy_tls *tls;
    fy_tls_profile *next;
    int refs; /* the list's, too */
    uint32_t id;
    fy_buf settings;      /* see tlsopts.h */
    fy_anchors *trust;    /* NULL: the chain is not looked at */
    fy_tls_identity *own; /* NULL: nobody asks, or nobody is told */
    int *ciphers;         /* ends in 0; NULL: mbedTLS's own choice */
    size_t n_ciphers;
    mbedtls_ssl_config conf;
    bool checks_chain, checks_name, may_resume;
    ferry_str pins, server_name;
};

#endif
