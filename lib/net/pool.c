/* pool.c - connections kept for the next request, by everything that decides who the
 * peer is. net. Knows connections, keys and counts. Does not know requests.
 *
 * Theory: a hash table of origins; each has its idle connections in a list, last in
 * first out, and all idle ones stand in a second list by age. Taking, giving and
 * evicting unlink from both, so nothing here walks connections.
 * SPDX-License-Identifier: MIT */
#include "net/pool.h"

#include <string.h>

enum { POOL_BUCKETS = 16, POOL_ORIGINS_KEPT = 256 };

ferry_err fy_pool_init(fy_pool *p, const ferry_platform *m, fy_error *x)
{
    *p = (fy_pool){
        .platform = m, .n_buckets = POOL_BUCKETS, .sweep_at = POOL_ORIGINS_KEPT};
    if (m->random(m->ctx, &p->seed, sizeof p->seed))
        return fy_fail(x, FERRY_ERR_USAGE, "the platform gives no entropy", FY_NOWHERE);
    p->buckets = fy_alloc_zero(m, POOL_BUCKETS * sizeof *p->buckets);
    return p->buckets ? FERRY_OK : fy_fail_nomem(x);
}

/* Eight bytes at a time, in the machine's order: it stays in this process. The end
 * mixes what the multiplications moved up back down to the bits that
 * choose a bucket. */
static uint64_t pool_hash(const fy_pool *p, ferry_str key)
{
    const uint64_t odd = 0x9e3779b97f4a7c15u;
    uint64_t h = p->seed ^ key.len, word;
    for (; key.len >= sizeof word; key = fy_str_from(key, sizeof word)) {
        memcpy(&word, key.ptr, sizeof word);
        h = (h ^ word) * odd;
        h ^= h >> 32;
    }
    for (; key.len; key = fy_str_from(key, 1))
        h = (h ^ (unsigned char)key.ptr[0]) * odd;
    h = (h ^ h >> 32) * odd;
    h = (h ^ h >> 29) * odd;
    return h ^ h >> 32;
}

static fy_origin **pool_bucket(const fy_pool *p, uint64_t hash)
{
    return &p->buckets[hash & (p->n_buckets - 1)];
}

/* Double the buckets. Without memory they stay, and the lists in them grow. */
static void pool_spread(fy_pool *p)
{
    fy_origin **old = p->buckets;
    size_t n_old = p->n_buckets;
    fy_origin **wide = fy_alloc_zero(p->platform, 2 * n_old * sizeof *wide);
    if (!wide)
        return;
    p->buckets = wide;
    p->n_buckets = 2 * n_old;
    for (size_t i = 0; i < n_old; i++)
        for (fy_origin *o = old[i], *next; o; o = next) {
            next = o->next;
            fy_origin **to = pool_bucket(p, o->hash);
            o->next = *to;
            *to = o;
        }
    fy_resize(p->platform, old, n_old * sizeof *old, 0);
}

static void pool_free_origin(fy_pool *p, fy_origin **at)
{
    fy_origin *o = *at;
    *at = o->next;
    p->n_origins--;
    fy_wipe(o->key, o->key_len); /* a password of a proxy may be in it */
    fy_resize(p->platform, o, sizeof *o + o->key_len, 0);
}

/* Forget the origins that have no connection. They are let gather first, for what they
 * know, so that this costs each new one only its share. */
static void pool_sweep(fy_pool *p)
{
    for (size_t i = 0; i < p->n_buckets; i++)
        for (fy_origin **at = &p->buckets[i]; *at;)
            if ((*at)->n_open)
                at = &(*at)->next;
            else
                pool_free_origin(p, at);
    p->sweep_at = p->n_origins * 2 > POOL_ORIGINS_KEPT ? p->n_origins * 2
                                                       : POOL_ORIGINS_KEPT;
}

static fy_origin *pool_new_origin(fy_pool *p, ferry_str key, uint64_t hash)
{
    if (p->n_origins >= p->sweep_at)
        pool_sweep(p);
    if (p->n_origins >= p->n_buckets)
        pool_spread(p);
    fy_origin *o = fy_alloc_zero(p->platform, sizeof *o + key.len);
    if (!o)
        return NULL;
    fy_origin **bucket = pool_bucket(p, hash);
    o->next = *bucket;
    o->hash = hash;
    o->minor = -1;
    o->key_len = key.len;
    memcpy(o->key, key.ptr, key.len);
    p->n_origins++;
    return *bucket = o;
}

fy_origin *fy_pool_origin(fy_pool *p, ferry_str key)
{
    uint64_t hash = pool_hash(p, key);
    for (fy_origin *o = *pool_bucket(p, hash); o; o = o->next)
        if (o->hash == hash && fy_str_eq((ferry_str){o->key, o->key_len}, key))
            return o;
    return pool_new_origin(p, key, hash);
}

static void pool_unlink(fy_pool *p, fy_conn *c)
{
    fy_origin *o = c->origin;
    *(c->above ? &c->above->below : &o->newest_idle) = c->below;
    *(c->below ? &c->below->above : &o->oldest_idle) = c->above;
    *(c->newer ? &c->newer->older : &p->newest) = c->older;
    *(c->older ? &c->older->newer : &p->oldest) = c->newer;
    c->above = c->below = c->newer = c->older = NULL;
    o->n_idle--;
    p->n_idle--;
}

static void pool_link(fy_pool *p, fy_conn *c)
{
    fy_origin *o = c->origin;
    c->below = o->newest_idle;
    *(c->below ? &c->below->above : &o->oldest_idle) = c;
    o->newest_idle = c;
    c->older = p->newest;
    *(c->older ? &c->older->newer : &p->oldest) = c;
    p->newest = c;
    o->n_idle++;
    p->n_idle++;
}

static void pool_drop_idle(fy_pool *p, fy_conn *c)
{
    pool_unlink(p, c);
    fy_pool_drop(p, c);
}

fy_conn *fy_pool_take(fy_pool *p, fy_origin *o, int64_t now_ms)
{
    fy_conn *c;
    while ((c = o->newest_idle) && c->expires_ms <= now_ms)
        pool_drop_idle(p, c);
    if (c)
        pool_unlink(p, c);
    return c;
}

fy_conn *fy_pool_open(fy_pool *p, fy_origin *o, int64_t now_ms)
{
    fy_conn *c = fy_alloc_zero(p->platform, sizeof *c);
    if (c) {
        c->origin = o;
        c->born_ms = now_ms;
        o->n_open++;
    }
    return c;
}

void fy_pool_drop(fy_pool *p, fy_conn *c)
{
    fy_conn_close(c);
    c->origin->n_open--;
    fy_resize(p->platform, c, sizeof *c, 0);
}

static int64_t pool_expiry(
    const fy_conn *c, const ferry_pool *caps, int64_t keep_ms, int64_t now_ms)
{
    int64_t idle = fy_due(now_ms, keep_ms < caps->idle_ms ? keep_ms : caps->idle_ms);
    int64_t age = fy_due(c->born_ms, caps->age_ms);
    return idle < age ? idle : age;
}

/* Those of one origin that expired go when it is asked for; so that the others do not
 * stay for ever, each one given back takes up to two expired ones from the old end with
 * it. */
static void pool_expire_oldest(fy_pool *p, int64_t now_ms)
{
    for (int i = 0; i < 2 && p->oldest && p->oldest->expires_ms <= now_ms; i++)
        pool_drop_idle(p, p->oldest);
}

void fy_pool_give(
    fy_pool *p, fy_conn *c, const ferry_pool *caps, int64_t keep_ms, int64_t now_ms)
{
    fy_origin *o = c->origin;
    c->idle_since_ms = now_ms;
    c->expires_ms = pool_expiry(c, caps, keep_ms, now_ms);
    c->served++;
    pool_expire_oldest(p, now_ms);
    if (c->expires_ms <= now_ms) {
        fy_pool_drop(p, c);
        return;
    }
    fy_conn_rest(c);
    pool_link(p, c);
    if (o->n_idle > caps->idle_per_key)
        pool_drop_idle(p, o->oldest_idle);
    if (p->n_idle > caps->idle)
        pool_drop_idle(p, p->oldest);
}

void fy_pool_close_idle(fy_pool *p)
{
    while (p->oldest)
        pool_drop_idle(p, p->oldest);
}

void fy_pool_fini(fy_pool *p)
{
    fy_pool_close_idle(p);
    for (size_t i = 0; p->buckets && i < p->n_buckets; i++)
        while (p->buckets[i])
            pool_free_origin(p, &p->buckets[i]);
    fy_resize(p->platform, p->buckets, p->n_buckets * sizeof *p->buckets, 0);
    p->buckets = NULL;
}
