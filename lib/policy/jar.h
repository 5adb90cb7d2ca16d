/* jar.h - cookies: kept, found and thrown out.
 * policy. Knows which cookies there are, and the order in which they go out and are
 * given up. Does not know which may come in, nor what time it is.
 * SPDX-License-Identifier: MIT */
#ifndef FY_JAR_H
#define FY_JAR_H

#include "base/buf.h"
#include "ferry.h"

/* The orders in which all cookies stand. */
typedef enum fy_jar_order { FY_JAR_MADE, FY_JAR_USED, FY_JAR_ORDERS } fy_jar_order;

/* All cookies of one domain. */
typedef struct fy_site {
    struct fy_site *next; /* in its bucket */
    uint64_t hash;
    struct fy_cookie *first; /* those to be sent first, first */
    size_t n, len;
    char domain[]; /* with a NUL behind it */
} fy_site;

/* A cookie, its texts behind it in the same block. */
typedef struct fy_cookie {
    ferry_cookie pub;
    size_t name_len, value_len, path_len;
    fy_site *site;
    struct fy_cookie *next;        /* in its site */
    struct fy_cookie *next_secure; /* in its bucket, by name */
    struct {
        struct fy_cookie *before, *after;
    } order[FY_JAR_ORDERS];
    uint64_t made, used; /* on the jar's own clock, which ticks with each use */
} fy_cookie;

/* What a cookie is made from: views. */
typedef struct fy_cookie_spec {
    ferry_str name, value, domain, path;
    int64_t expires; /* 0: with the session */
    bool is_host_only, is_secure, is_http_only;
    ferry_same_site same_site;
} fy_cookie_spec;

typedef struct fy_jar {
    const ferry_platform *platform;
    ferry_cookie_limits limits; /* comparable: INT64_MAX is none */
    ferry_suffixes suffixes;
    bool trusts_loopback;          /* http to this machine counts as secure */
    struct fy_jar_bucket *buckets; /* NULL as long as there was no cookie */
    size_t n_buckets, n_sites;
    size_t n; /* cookies */
    struct {
        fy_cookie *first, *last;
    } order[FY_JAR_ORDERS];
    fy_cookie **found; /* room for all there are: asking takes no memory */
    size_t found_cap;
    uint64_t seed, ticks;
    int64_t soonest; /* no cookie expires before */
} fy_jar;

/* Takes no memory. `seed` is not to be guessed by whoever chooses domains. */
fy_api void fy_jar_init(fy_jar *j, const ferry_platform *m, uint64_t seed);
fy_api void fy_jar_fini(fy_jar *j);

/* Keep a cookie, in the place of the one with the same name, domain, host_only and path,
 * and throw out what is beyond the limits (RFC 6265bis 5.7). One that has ended by `now`
 * only takes the place. False without memory: then nothing has changed. */
fy_api bool fy_jar_put(fy_jar *j, const fy_cookie_spec *spec, int64_t now);
fy_api void fy_jar_remove(fy_jar *j, fy_cookie *c);
/* Throw out what has ended. */
fy_api void fy_jar_purge(fy_jar *j, int64_t now);

/* The cookies for a host and a path in the order of RFC 6265bis 5.8.3, in j->found; how
 * many, those among them that have ended too. To a peer that is not `is_secure`, none
 * that is Secure. `is_address`: the host has no parents. */
fy_api size_t fy_jar_find(
    fy_jar *j, ferry_str host, bool is_address, ferry_str path, bool is_secure);
/* This one is used: the others are given up before it. */
fy_api void fy_jar_use(fy_jar *j, fy_cookie *c);

/* A Secure cookie that a new one, from a peer that is not, would lie over
 * (RFC 6265bis 5.7 step 16). */
fy_api bool fy_jar_has_secure(
    const fy_jar *j, ferry_str name, ferry_str domain, ferry_str path);

/* One is the other, or ends in it behind a dot (RFC 6265bis 5.1.3); case counts. */
fy_api bool fy_jar_is_under(ferry_str host, ferry_str domain);
/* RFC 6265bis 5.1.4 */
fy_api bool fy_jar_path_matches(ferry_str path, ferry_str cookie_path);

static inline ferry_str fy_cookie_name(const fy_cookie *c)
{
    return (ferry_str){c->pub.name, c->name_len};
}

static inline ferry_str fy_cookie_value(const fy_cookie *c)
{
    return (ferry_str){c->pub.value, c->value_len};
}

static inline ferry_str fy_cookie_path(const fy_cookie *c)
{
    return (ferry_str){c->pub.path, c->path_len};
}

static inline ferry_str fy_cookie_domain(const fy_cookie *c)
{
    return (ferry_str){c->pub.domain, c->site->len};
}

static inline bool fy_cookie_has_ended(const fy_cookie *c, int64_t now)
{
    return c->pub.expires && c->pub.expires <= now;
}

#endif
