/* digest.h - the Digest scheme: what a server said, and how it is answered (RFC 7616).
 * policy. Knows challenges and hashes. Does not know where secrets come from, or chance.
 * SPDX-License-Identifier: MIT */
#ifndef FY_DIGEST_H
#define FY_DIGEST_H

#include "base/error.h"
#include "policy/challenge.h"

enum { FY_HASH_MAX = 64, FY_CNONCE_LEN = 32 };

/* One hash function. */
typedef struct fy_hash {
    const char *name; /* as RFC 7616 6.1 calls it */
    size_t size;      /* of its digest, up to FY_HASH_MAX */
    /* The digest of all the pieces in a row. False if that cannot be had. */
    bool (*make)(unsigned char *out, const ferry_str *pieces, size_t n);
} fy_hash;

/* Those of this build, the strongest first; n may be 0. */
typedef struct fy_hashes {
    const fy_hash *at;
    size_t n;
} fy_hashes;

/* What the last challenge of one server said. */
typedef struct fy_digest {
    fy_buf text; /* the next four, each with a NUL */
    ferry_str realm, nonce, opaque, algorithm;
    const fy_hash *hash;
    bool has_opaque;
    bool is_session; /* ...-sess: one key for many requests */
    bool has_qop, offers_auth, offers_auth_int;
    bool wants_user_hashed, is_utf8, is_stale;
    uint32_t count;             /* of answers with this nonce */
    char cnonce[FY_CNONCE_LEN]; /* of a session's key */
} fy_digest;

fy_api void fy_digest_init(fy_digest *d, const ferry_platform *m);
fy_api void fy_digest_fini(fy_digest *d);

/* How good an answer to this challenge would be: 0 if there is none, because of its
 * algorithm, its qop or what it lacks; more is stronger. `can_hash_body` says whether the
 * whole body of the request is at hand (qop=auth-int). */
fy_api int fy_digest_strength(
    const fy_challenge *c, const fy_hashes *hashes, bool can_hash_body);

/* Remember such a challenge. A nonce that is new is counted from 1. FERRY_ERR_NOMEM leaves it
 * empty: `hash` is NULL. */
fy_api ferry_err fy_digest_read(
    fy_digest *d, const fy_challenge *c, const fy_hashes *hashes, fy_error *x);

/* What is asked for, and by whom. */
typedef struct fy_digest_ask {
    ferry_str user, password;
    ferry_str method;
    ferry_str uri;  /* the request target as sent (RFC 7616 3.4) */
    ferry_str body; /* ptr NULL: not at hand */
    ferry_str cnonce;
} fy_digest_ask;

/* Append "Digest username=..." and count it. FERRY_ERR_UNSUPPORTED if the body is needed
 * and not at hand, or the hash fails. */
fy_api ferry_err fy_digest_put(
    fy_buf *out, fy_digest *d, const fy_digest_ask *ask, fy_error *x);

#endif
