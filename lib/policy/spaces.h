/* spaces.h - what servers and proxies have asked for, and what is answered: one entry for
 * each of them and each user (RFC 9110 11.5).
 * policy. Knows keys and challenges. Does not know requests. SPDX-License-Identifier: MIT */
#ifndef FY_SPACES_H
#define FY_SPACES_H

#include "policy/auth.h"

enum { FY_SPACES_MAX = 16 };

/* Whose password it would be: nothing of one entry goes to anybody else. */
typedef struct fy_space_key {
    ferry_str origin, zone; /* "http://host:port", and of an IPv6 address its zone */
    uint32_t dialer_id;
    ferry_str user;
} fy_space_key;

typedef struct fy_space {
    fy_buf key;
    fy_digest digest; /* its hash is NULL if there was no such challenge */
    bool takes_basic; /* the best it asked for was Basic */
} fy_space;

typedef struct fy_spaces {
    const ferry_platform *platform;
    fy_space **at;
    size_t n, cap, next; /* the one to be replaced */
} fy_spaces;

fy_api void fy_spaces_init(fy_spaces *s, const ferry_platform *m);
fy_api void fy_spaces_fini(fy_spaces *s);

/* The entry, or NULL. */
fy_api fy_space *fy_spaces_find(const fy_spaces *s, const fy_space_key *key);
/* The entry, new if there is none, in place of the oldest if there is no room; NULL without
 * memory. */
fy_api fy_space *fy_spaces_make(fy_spaces *s, const fy_space_key *key);

/* Append an answer ahead of any question, if it is known what will be asked: a Digest, or
 * with `takes_basic` user and password as they are. `ask` needs no cnonce. FERRY_ERR_USAGE
 * without entropy, FERRY_ERR_UNSUPPORTED as fy_digest_put(). */
fy_api ferry_err fy_spaces_put(fy_buf *out, fy_spaces *s, const fy_space_key *key,
    bool takes_basic, fy_digest_ask ask, fy_error *x);

/* A refusal, and what it refused. */
typedef struct fy_spaces_refusal {
    ferry_fields fields;
    ferry_str name; /* of those that challenge */
    ferry_str said; /* in the request; empty: nothing */
    int schemes;    /* to choose from */
    bool can_hash_body;
} fy_spaces_refusal;

/* Remember what is asked for. *is_on: there is an answer to it that was not given yet, in
 * so many answers of this call. */
fy_api ferry_err fy_spaces_refused(fy_spaces *s, const fy_space_key *key,
    const fy_spaces_refusal *r, const fy_hashes *hashes, int *answers, bool *is_on,
    fy_error *x);

#endif
