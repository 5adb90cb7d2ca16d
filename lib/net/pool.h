/* pool.h - connections kept for the next request, by everything that decides who the
 * peer is. net. Knows connections, keys and counts. Does not know requests. Every call
 * is O(1). SPDX-License-Identifier: MIT */
#ifndef FY_POOL_H
#define FY_POOL_H

#include "ferry.h"
#include "net/conn.h"

/* All connections to one peer under the same settings. */
typedef struct fy_origin {
    struct fy_origin *next; /* of the same bucket */
    uint64_t hash;
    fy_conn *newest_idle, *oldest_idle;
    int64_t n_idle, n_open; /* open counts the idle ones too */
    int minor;              /* HTTP/1.x last seen, -1 before that */
    size_t key_len;
    char key[];
} fy_origin;

typedef struct fy_pool {
    const ferry_platform *platform;
    uint64_t seed;       /* so that nobody outside can make keys that collide */
    fy_origin **buckets; /* a power of two of them */
    size_t n_buckets, n_origins, sweep_at;
    fy_conn *newest, *oldest; /* of all the idle ones */
    int64_t n_idle;
} fy_pool;

fy_api ferry_err fy_pool_init(fy_pool *p, const ferry_platform *m, fy_error *x);
fy_api void fy_pool_fini(fy_pool *p); /* only idle connections may be left */

/* Find or make; NULL without memory. Lives while it has connections, and then at least
 * until the next fy_pool_origin(). */
fy_api fy_origin *fy_pool_origin(fy_pool *p, ferry_str key);

/* The connection that went idle last and has not expired, or NULL. */
fy_api fy_conn *fy_pool_take(fy_pool *p, fy_origin *o, int64_t now_ms);
/* A new one, to be connected; NULL without memory. The cap on open ones is the caller's
 * to look at. */
fy_api fy_conn *fy_pool_open(fy_pool *p, fy_origin *o, int64_t now_ms);
/* Back from an exchange, fit for another: keep it for as long as the caps and the peer
 * (`keep_ms`, INT64_MAX if it does not say) allow, and close what exceeds the caps. */
fy_api void fy_pool_give(
    fy_pool *p, fy_conn *c, const ferry_pool *caps, int64_t keep_ms, int64_t now_ms);
/* Close and forget. */
fy_api void fy_pool_drop(fy_pool *p, fy_conn *c);
fy_api void fy_pool_close_idle(fy_pool *p);

#endif
