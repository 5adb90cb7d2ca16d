/* mbed.h - mbedTLS, whichever of its versions the build has: 2.28, 3 or 4.
 * net. Each way in which they truly differ is a header of its own, with two answers.
 * SPDX-License-Identifier: MIT */
#ifndef FY_MBED_H
#define FY_MBED_H

#include "base/error.h"

#include <mbedtls/base64.h>
#include <mbedtls/md.h>
#include <mbedtls/pk.h>
#include <mbedtls/platform.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>
#include <string.h>

enum { FY_MBED_SHA256 = 32, FY_MBED_RANDOM = 32 };

/* Takes a secret that mbedTLS tells, with its name in a key log (NSS) and the random of
 * the client's hello. Embed it as the first member of your own struct. */
typedef struct fy_mbed_listener {
    void (*take)(struct fy_mbed_listener *l, const char *label,
        const unsigned char random[FY_MBED_RANDOM], ferry_str secret);
} fy_mbed_listener;

#if MBEDTLS_VERSION_MAJOR < 3
#include "net/mbed_old.h"
#else
#include "net/mbed_new.h"
#endif

#if MBEDTLS_VERSION_MAJOR < 4
#include "net/mbed_drbg.h"
#else
#include "net/mbed_psa.h"
#endif

#if MBEDTLS_VERSION_MAJOR == 3
#include "net/mbed_key_chance.h"
#else
#include "net/mbed_key.h"
#endif

/* 0, or an error of mbedTLS. */
static inline int fy_mbed_sha256(ferry_str in, unsigned char out[FY_MBED_SHA256])
{
    const mbedtls_md_info_t *info = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
    return mbedtls_md(info, (const unsigned char *)in.ptr, in.len, out);
}

/* What a fatal alert said, right after MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE. */
static inline int fy_mbed_alert(const mbedtls_ssl_context *ssl)
{
    return ssl->FY_MBED_PRIVATE(in_msg) ? ssl->FY_MBED_PRIVATE(in_msg)[1] : 0;
}

/* Did a read bring a ticket instead of data? Before TLS 1.3 they come with the
 * handshake. */
#if defined(MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)
static inline bool fy_mbed_is_ticket(int answer)
{
    return answer == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET;
}
#else
static inline bool fy_mbed_is_ticket(int answer)
{
    (void)answer;
    return false;
}
#endif

/* Since 3.6.1 a client must ask to be told of them. */
#if defined(MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED)
static inline void fy_mbed_tell_tickets(mbedtls_ssl_config *conf)
{
    mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
        conf, MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
}
#else
static inline void fy_mbed_tell_tickets(mbedtls_ssl_config *conf)
{
    (void)conf; /* it tells by itself, or has none */
}
#endif

/* The peer's certificate is not needed to take a session up, and is the most of it. */
#if defined(MBEDTLS_SSL_KEEP_PEER_CERTIFICATE)
static inline void fy_mbed_slim(mbedtls_ssl_session *session)
{
    mbedtls_x509_crt *peer = session->FY_MBED_PRIVATE(peer_cert);
    session->FY_MBED_PRIVATE(peer_cert) = NULL;
    if (peer)
        mbedtls_x509_crt_free(peer);
    mbedtls_free(peer);
}
#else
static inline void fy_mbed_slim(mbedtls_ssl_session *session)
{
    (void)session; /* it is not in there */
}
#endif

/* A session of TLS 1.3 has its peer's name, which mbedTLS reads back from bytes without a
 * look for its end. We keep sessions without it, and put it back for a connection. */
#if defined(MBEDTLS_SSL_PROTO_TLS1_3) && defined(MBEDTLS_SSL_SESSION_TICKETS) &&       \
    defined(MBEDTLS_SSL_SERVER_NAME_INDICATION)
static inline void fy_mbed_unname(mbedtls_ssl_session *session)
{
    mbedtls_free(session->FY_MBED_PRIVATE(hostname));
    session->FY_MBED_PRIVATE(hostname) = NULL;
}

/* After mbedtls_ssl_set_session(); `name` is what mbedtls_ssl_set_hostname() was given. */
static inline int fy_mbed_name_session(mbedtls_ssl_context *ssl, const char *name)
{
    mbedtls_ssl_session *session = ssl->FY_MBED_PRIVATE(session_negotiate);
    if (!name || session->FY_MBED_PRIVATE(tls_version) != MBEDTLS_SSL_VERSION_TLS1_3)
        return 0;
    char *copy = mbedtls_calloc(1, strlen(name) + 1);
    if (!copy)
        return MBEDTLS_ERR_SSL_ALLOC_FAILED;
    memcpy(copy, name, strlen(name));
    fy_mbed_unname(session);
    session->FY_MBED_PRIVATE(hostname) = copy;
    return 0;
}
#else
static inline void fy_mbed_unname(mbedtls_ssl_session *session)
{
    (void)session; /* it has none */
}

static inline int fy_mbed_name_session(mbedtls_ssl_context *ssl, const char *name)
{
    (void)ssl, (void)name;
    return 0;
}
#endif

#endif
