/* spaces.h - what servers have asked for, so that later requests answer ahead: one entry
 * for each origin and user (RFC 9110 11.5).
 * policy. Knows keys and challenges. Does not know requests. SPDX-License-Identifier: MIT */
#ifndef FY_SPACES_H
#define FY_SPACES_H

#include "policy/digest.h"

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
    fy_space *at[FY_SPACES_MAX];
    size_t n, next; /* the one to be replaced */
} fy_spaces;

fy_api void fy_spaces_init(fy_spaces *s, const ferry_platform *m);
fy_api void fy_spaces_fini(fy_spaces *s);

/* The entry, or NULL. */
fy_api fy_space *fy_spaces_find(const fy_spaces *s, const fy_space_key *key);
/* The entry, new if there is none, in place of the oldest if there is no room; NULL without
 * memory. */
fy_api fy_space *fy_spaces_make(fy_spaces *s, const fy_space_key *key);

#endif
