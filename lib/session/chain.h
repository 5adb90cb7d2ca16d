/* chain.h - what a call remembers over several requests: what the caller asked for,
 * what came before, and what is used up. session. Made when first needed.
 * SPDX-License-Identifier: MIT */
#ifndef FY_CHAIN_H
#define FY_CHAIN_H

#include "policy/retry.h"
#include "proto/url.h"
#include "session/block.h"

/* What the caller wants, as views. `opts` was read and checked. */
typedef struct fy_wish {
    ferry_str method;
    const ferry_opts *opts;
    const ferry_opts *settings; /* opts, or fy_options_none() if it sets none */
} fy_wish;

enum { FY_CHAIN_HOPS = 1000, FY_CHAIN_KEY = 34 };

typedef struct fy_chain {
    const ferry_platform *platform;
    fy_buf kept;              /* a wish that must outlive its caller's words */
    ferry_opts opts;          /* the same: what points there */
    fy_url next;              /* where a redirect leads */
    fy_url link;              /* where a Link leads that was asked for */
    const char *const *bound; /* fields that stay with the first origin; or NULL */
    ferry_hop *hops;          /* each with its texts in a block of its own */
    size_t n, cap;
    fy_retry_used used;
    char key[FY_CHAIN_KEY + 1]; /* Idempotency-Key; "" while there is none */
    fy_buf edits, signs;        /* of hooks and of an .auth; see hooks.c */
} fy_chain;

fy_api fy_chain *fy_chain_new(const ferry_platform *m);
/* Forget the call, keep what memory serves the next one. */
fy_api void fy_chain_clear(fy_chain *c);
fy_api void fy_chain_free(fy_chain *c);

/* Copy all that the wish points to but bodies, and point it there. */
fy_api ferry_err fy_chain_keep(fy_chain *c, fy_wish *wish, fy_error *x);

/* The chain leaves its first origin, and these do not go along (NULL: none of the caller's);
 * they are copied. */
fy_api ferry_err fy_chain_bind(fy_chain *c, const char *const *names, fy_error *x);

/* Remember a request that another one follows; its texts are copied. Beyond
 * FY_CHAIN_HOPS it is forgotten. */
fy_api ferry_err fy_chain_add(fy_chain *c, const ferry_hop *hop, fy_error *x);

/* The call's own key, made by chance the first time (draft-ietf-httpapi-idempotency-key:
 * a string in quotes). */
fy_api ferry_err fy_chain_make_key(fy_chain *c, fy_error *x);

#endif
