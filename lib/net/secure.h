/* secure.h - protection for https (RFC 9110 4.2.2).
 * net. One interface; profile_mbedtls.c and tls_mbedtls.c answer it, tls_none.c stands
 * in.
 * SPDX-License-Identifier: MIT */
#ifndef FY_SECURE_H
#define FY_SECURE_H

#include "base/error.h"
#include "policy/environ.h"

/* What a session knows of TLS: trusted CAs, identities, TLS sessions to take up. NULL
 * until it is needed. */
typedef struct fy_tls fy_tls;
/* One set of settings, loaded and ready to protect connections. */
typedef struct fy_tls_profile fy_tls_profile;

/* FERRY_OK if this build can protect a connection, else FERRY_ERR_UNSUPPORTED. */
fy_api ferry_err fy_tls_check(fy_error *x);

/* Find or load the profile of these settings (tlsopts.h); `environ` says whom to trust
 * if they do not. To be let go with fy_tls_release(). Errors: FERRY_ERR_USAGE,
 * FERRY_ERR_TLS (the system trusts nobody), FERRY_ERR_NOMEM, FERRY_ERR_UNSUPPORTED. */
fy_api ferry_err fy_tls_use(fy_tls **tls, const ferry_platform *m, ferry_str settings,
    const fy_fields *environ, fy_tls_profile **out, fy_error *x);
fy_api void fy_tls_release(fy_tls_profile *p); /* NULL is fine */
/* Never 0, and never given to other settings of the same session. */
fy_api uint32_t fy_tls_id(const fy_tls_profile *p);
/* See ferry_opts.key_log. After an error nothing has changed; FERRY_ERR_UNSUPPORTED
 * without TLS. */
fy_api ferry_err fy_tls_log_keys(
    fy_tls **tls, const ferry_platform *m, const char *path, fy_error *x);
/* Load anew whatever is asked for from now on. NULL is fine. */
fy_api void fy_tls_forget(fy_tls *tls);
/* Let go; connections that live on keep what they need. NULL is fine. */
fy_api void fy_tls_fini(fy_tls *tls);

/* See ferry_tls_export() and ferry_tls_import(); `tls` may be NULL. */
fy_api ferry_err fy_tls_export(
    fy_tls *tls, void *out, size_t room, size_t *len, fy_error *x);
fy_api ferry_err fy_tls_import(
    fy_tls **tls, const ferry_platform *m, ferry_str blob, fy_error *x);

/* Put TLS over the open transport *t, for a peer that must be `host` (unless the
 * settings name another). `key` says which connections may take up each other's TLS
 * sessions. 0, and *t is the protected one, to be opened as any other; or -1 and
 * *fault, with *t as it was. */
fy_api int fy_tls_wrap(fy_tls_profile *p, const char *host, ferry_str key,
    ferry_transport **t, ferry_fault *fault);
/* Nothing is under way on this transport of ours: give back what it does not need. */
fy_api void fy_tls_rest(ferry_transport *t);

#endif
