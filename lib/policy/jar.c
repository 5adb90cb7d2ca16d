/* jar.c - cookies: kept, found and thrown out.
 * policy. Knows which cookies there are, and the order in which they go out and are
 * given up. Does not know which may come in, nor what time it is.
 *
 * Theory: a hash table of domains, each with its cookies in the order of the Cookie field.
 * A host's cookies are those of its own domain and of its parents, so a request looks up
 * as many domains as its host has labels, whatever else is in the jar: the hash is taken
 * from the end of a name, so that those of the parents come on the way. Two lists hold all
 * cookies, by age and by last use; the head of the second is who must go next. The table's
 * buckets also chain the Secure cookies by name, for the one question that is asked across
 * domains. Nothing but fy_jar_purge() walks the jar, and only when something has ended.
 * SPDX-License-Identifier: MIT */
#include "policy/jar.h"

#include <string.h>

typedef struct fy_jar_bucket {
    fy_site *site;
    fy_cookie *secure;
} fy_jar_bucket;

enum { JAR_BUCKETS = 16 };

void fy_jar_init(fy_jar *j, const ferry_platform *m, uint64_t seed)
{
    *j = (fy_jar){.platform = m, .seed = seed, .soonest = INT64_MAX};
}

/* --- names and paths ------------------------------------------------------------- */

bool fy_jar_is_under(ferry_str host, ferry_str domain)
{
    if (host.len <= domain.len)
        return fy_str_eq(host, domain);
    size_t at = host.len - domain.len;
    return host.ptr[at - 1] == '.' && fy_str_eq(fy_str_from(host, at), domain);
}

bool fy_jar_path_matches(ferry_str path, ferry_str cookie_path)
{
    size_t n = cookie_path.len;
    if (n == 1 && path.len) /* most are "/" */
        return path.ptr[0] == cookie_path.ptr[0];
    if (path.len < n || memcmp(path.ptr, cookie_path.ptr, n) != 0)
        return false;
    return path.len == n || (n && cookie_path.ptr[n - 1] == '/') || path.ptr[n] == '/';
}

/* --- hashes ---------------------------------------------------------------------- */

static uint64_t jar_hash_add(uint64_t h, char c)
{
    return (h ^ (unsigned char)c) * 0x9e3779b97f4a7c15u;
}

/* Bring down to the bits that choose a bucket what the multiplications moved up. */
static uint64_t jar_hash_end(uint64_t h)
{
    h = (h ^ h >> 32) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 29;
}

static uint64_t jar_hash(const fy_jar *j, ferry_str s)
{
    uint64_t h = j->seed;
    while (s.len)
        h = jar_hash_add(h, s.ptr[--s.len]);
    return jar_hash_end(h);
}

static fy_jar_bucket *jar_bucket(const fy_jar *j, uint64_t hash)
{
    return &j->buckets[hash & (j->n_buckets - 1)];
}

static fy_site *jar_site(const fy_jar *j, uint64_t hash, ferry_str domain)
{
    fy_site *s = jar_bucket(j, hash)->site;
    while (s && (s->hash != hash || !fy_str_eq((ferry_str){s->domain, s->len}, domain)))
        s = s->next;
    return s;
}

static fy_cookie **jar_secure(const fy_jar *j, ferry_str name)
{
    return &jar_bucket(j, jar_hash(j, name))->secure;
}

static void jar_move_bucket(fy_jar *j, const fy_jar_bucket *from)
{
    for (fy_site *s = from->site, *next; s; s = next) {
        fy_jar_bucket *to = jar_bucket(j, s->hash);
        next = s->next;
        s->next = to->site;
        to->site = s;
    }
    for (fy_cookie *c = from->secure, *next; c; c = next) {
        fy_cookie **to = jar_secure(j, fy_cookie_name(c));
        next = c->next_secure;
        c->next_secure = *to;
        *to = c;
    }
}

/* The first buckets, or twice as many. Without memory for more the old ones serve. */
static bool jar_spread(fy_jar *j)
{
    fy_jar_bucket *old = j->buckets;
    size_t n_old = j->n_buckets;
    if (old && j->n_sites < n_old)
        return true;
    size_t n = old ? n_old * 2 : JAR_BUCKETS;
    fy_jar_bucket *wide = fy_alloc_zero(j->platform, n * sizeof *wide);
    if (!wide)
        return old != NULL;
    j->buckets = wide;
    j->n_buckets = n;
    for (size_t i = 0; old && i < n_old; i++)
        jar_move_bucket(j, &old[i]);
    fy_resize(j->platform, old, n_old * sizeof *old, 0);
    return true;
}

/* --- the orders ------------------------------------------------------------------ */

static void jar_unlink(fy_jar *j, fy_cookie *c, fy_jar_order k)
{
    fy_cookie *before = c->order[k].before, *after = c->order[k].after;
    *(before ? &before->order[k].after : &j->order[k].first) = after;
    *(after ? &after->order[k].before : &j->order[k].last) = before;
}

/* Behind `before`; NULL is the front. */
static void jar_link(fy_jar *j, fy_cookie *c, fy_jar_order k, fy_cookie *before)
{
    fy_cookie **after = before ? &before->order[k].after : &j->order[k].first;
    c->order[k].before = before;
    c->order[k].after = *after;
    *(*after ? &(*after)->order[k].before : &j->order[k].last) = c;
    *after = c;
}

void fy_jar_use(fy_jar *j, fy_cookie *c)
{
    c->used = ++j->ticks;
    if (j->order[FY_JAR_USED].last == c)
        return;
    jar_unlink(j, c, FY_JAR_USED);
    jar_link(j, c, FY_JAR_USED, j->order[FY_JAR_USED].last);
}

/* Longer paths first, then older cookies (RFC 6265bis 5.8.3). */
static bool jar_goes_before(const fy_cookie *a, const fy_cookie *b)
{
    return a->path_len != b->path_len ? a->path_len > b->path_len : a->made < b->made;
}

static void jar_enter(fy_jar *j, fy_cookie *c, fy_cookie *made_before)
{
    fy_cookie **at = &c->site->first;
    while (*at && !jar_goes_before(c, *at))
        at = &(*at)->next;
    c->next = *at;
    *at = c;
    c->site->n++;
    j->n++;
    jar_link(j, c, FY_JAR_MADE, made_before);
    jar_link(j, c, FY_JAR_USED, j->order[FY_JAR_USED].last);
    if (c->pub.secure) {
        at = jar_secure(j, fy_cookie_name(c));
        c->next_secure = *at;
        *at = c;
    }
    if (c->pub.expires && c->pub.expires < j->soonest)
        j->soonest = c->pub.expires;
}

/* --- memory ---------------------------------------------------------------------- */

static size_t jar_cookie_size(const fy_cookie *c)
{
    return sizeof *c + c->name_len + c->value_len + c->path_len + 3;
}

static char *jar_put_text(char *to, ferry_str s, const char **where)
{
    memcpy(to, s.ptr, s.len);
    to[s.len] = '\0';
    *where = to;
    return to + s.len + 1;
}

static fy_cookie *jar_new_cookie(
    const ferry_platform *m, const fy_cookie_spec *spec, fy_site *site)
{
    fy_cookie sizes = {.name_len = spec->name.len,
        .value_len = spec->value.len,
        .path_len = spec->path.len};
    fy_cookie *c = fy_resize(m, NULL, 0, jar_cookie_size(&sizes));
    if (!c)
        return NULL;
    *c = sizes;
    char *to = jar_put_text((char *)(c + 1), spec->name, &c->pub.name);
    to = jar_put_text(to, spec->value, &c->pub.value);
    jar_put_text(to, spec->path, &c->pub.path);
    c->site = site;
    c->pub.domain = site->domain;
    c->pub.expires = spec->expires;
    c->pub.host_only = spec->is_host_only;
    c->pub.secure = spec->is_secure;
    c->pub.http_only = spec->is_http_only;
    c->pub.same_site = spec->same_site;
    return c;
}

/* A cookie is a secret: nothing of it stays in memory. */
static void jar_free_cookie(fy_jar *j, fy_cookie *c)
{
    size_t size = jar_cookie_size(c);
    fy_wipe(c, size);
    fy_resize(j->platform, c, size, 0);
}

static size_t jar_site_size(size_t domain_len)
{
    return sizeof(fy_site) + domain_len + 1;
}

static fy_site *jar_new_site(fy_jar *j, ferry_str domain, uint64_t hash)
{
    fy_site *s = fy_alloc_zero(j->platform, jar_site_size(domain.len));
    if (!s)
        return NULL;
    s->hash = hash;
    s->len = domain.len;
    memcpy(s->domain, domain.ptr, domain.len);
    fy_jar_bucket *b = jar_bucket(j, hash);
    s->next = b->site;
    b->site = s;
    j->n_sites++;
    return s;
}

/* A site without cookies is forgotten. */
static void jar_leave_site(fy_jar *j, fy_site *s)
{
    if (s->n)
        return;
    fy_site **at = &jar_bucket(j, s->hash)->site;
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    j->n_sites--;
    fy_resize(j->platform, s, jar_site_size(s->len), 0);
}

/* Take the cookie out of everything but its site's being there. */
static void jar_drop(fy_jar *j, fy_cookie *c)
{
    fy_cookie **at = &c->site->first;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    c->site->n--;
    j->n--;
    jar_unlink(j, c, FY_JAR_MADE);
    jar_unlink(j, c, FY_JAR_USED);
    if (c->pub.secure) {
        at = jar_secure(j, fy_cookie_name(c));
        while (*at != c)
            at = &(*at)->next_secure;
        *at = c->next_secure;
    }
    jar_free_cookie(j, c);
}

void fy_jar_remove(fy_jar *j, fy_cookie *c)
{
    fy_site *s = c->site;
    jar_drop(j, c);
    jar_leave_site(j, s);
}

void fy_jar_fini(fy_jar *j)
{
    while (j->order[FY_JAR_MADE].first)
        fy_jar_remove(j, j->order[FY_JAR_MADE].first);
    fy_resize(j->platform, j->buckets, j->n_buckets * sizeof *j->buckets, 0);
    fy_resize(j->platform, j->found, j->found_cap * sizeof(fy_cookie *), 0);
    j->buckets = NULL;
    j->found = NULL;
    j->n_buckets = j->found_cap = 0;
}

/* --- throwing out ---------------------------------------------------------------- */

void fy_jar_purge(fy_jar *j, int64_t now)
{
    if (now < j->soonest)
        return;
    j->soonest = INT64_MAX;
    for (fy_cookie *c = j->order[FY_JAR_MADE].first, *after; c; c = after) {
        after = c->order[FY_JAR_MADE].after;
        if (fy_cookie_has_ended(c, now))
            fy_jar_remove(j, c);
        else if (c->pub.expires && c->pub.expires < j->soonest)
            j->soonest = c->pub.expires;
    }
}

/* Of one site: first those that are not Secure, and of them the one not used for the
 * longest (RFC 6265bis 5.7). */
static fy_cookie *jar_weakest(const fy_site *s)
{
    fy_cookie *weakest = s->first;
    for (fy_cookie *c = s->first; c; c = c->next)
        if (c->pub.secure != weakest->pub.secure ? weakest->pub.secure
                                                 : c->used < weakest->used)
            weakest = c;
    return weakest;
}

static bool jar_is_beyond(size_t n, int64_t limit)
{
    return (uint64_t)n > (uint64_t)limit;
}

static void jar_shrink(fy_jar *j, fy_site *s)
{
    while (s->n && jar_is_beyond(s->n, j->limits.per_domain))
        jar_drop(j, jar_weakest(s));
    jar_leave_site(j, s);
    while (j->n && jar_is_beyond(j->n, j->limits.total))
        fy_jar_remove(j, j->order[FY_JAR_USED].first);
}

/* --- in and out ------------------------------------------------------------------ */

static fy_cookie *jar_twin(const fy_site *s, const fy_cookie_spec *spec)
{
    fy_cookie *c = s->first;
    while (c && (c->pub.host_only != spec->is_host_only ||
                    !fy_str_eq(fy_cookie_name(c), spec->name) ||
                    !fy_str_eq(fy_cookie_path(c), spec->path)))
        c = c->next;
    return c;
}

/* The new cookie takes over the age of its twin. */
static void jar_replace(fy_jar *j, fy_cookie *c, fy_cookie *twin)
{
    fy_cookie *made_before = j->order[FY_JAR_MADE].last;
    c->used = c->made = ++j->ticks;
    if (twin) {
        c->made = twin->made;
        made_before = twin->order[FY_JAR_MADE].before;
        jar_drop(j, twin);
    }
    jar_enter(j, c, made_before);
}

/* However many there are, fy_jar_find() can hold them. */
static bool jar_make_room_to_find(fy_jar *j)
{
    void *list = j->found;
    bool has_room = fy_list_grow(
        j->platform, &list, &j->found_cap, j->n + 1, sizeof(fy_cookie *));
    j->found = list;
    return has_room;
}

bool fy_jar_put(fy_jar *j, const fy_cookie_spec *spec, int64_t now)
{
    if (!jar_spread(j) || !jar_make_room_to_find(j))
        return false;
    fy_jar_purge(j, now);
    uint64_t hash = jar_hash(j, spec->domain);
    fy_site *s = jar_site(j, hash, spec->domain);
    fy_cookie *twin = s ? jar_twin(s, spec) : NULL;
    if (spec->expires && spec->expires <= now) {
        if (twin)
            fy_jar_remove(j, twin);
        return true;
    }
    if (!s && !(s = jar_new_site(j, spec->domain, hash)))
        return false;
    fy_cookie *c = jar_new_cookie(j->platform, spec, s);
    if (!c) {
        jar_leave_site(j, s);
        return false;
    }
    jar_replace(j, c, twin);
    jar_shrink(j, s);
    return true;
}

bool fy_jar_has_secure(
    const fy_jar *j, ferry_str name, ferry_str domain, ferry_str path)
{
    if (!j->buckets)
        return false;
    for (fy_cookie *c = *jar_secure(j, name); c; c = c->next_secure) {
        ferry_str other = fy_cookie_domain(c);
        if (fy_str_eq(fy_cookie_name(c), name) &&
            (fy_jar_is_under(other, domain) || fy_jar_is_under(domain, other)) &&
            fy_jar_path_matches(path, fy_cookie_path(c)))
            return true;
    }
    return false;
}

/* Insert at the right place among the `n` found: what comes from one site is in order. */
static void jar_add_found(fy_jar *j, size_t n, fy_cookie *c)
{
    for (; n && jar_goes_before(c, j->found[n - 1]); n--)
        j->found[n] = j->found[n - 1];
    j->found[n] = c;
}

typedef struct jar_query {
    ferry_str path;
    bool is_secure, is_host; /* the site is the host itself, not a parent */
} jar_query;

/* How many are found now, if there were `n` before. */
static size_t jar_find_at(fy_jar *j, size_t n, const fy_site *s, const jar_query *q)
{
    for (fy_cookie *c = s->first; c; c = c->next)
        if ((q->is_host || !c->pub.host_only) && (q->is_secure || !c->pub.secure) &&
            fy_jar_path_matches(q->path, fy_cookie_path(c)))
            jar_add_found(j, n++, c);
    return n;
}

/* Hash host[*at..len) on, back to the next dot, or to the first byte. */
static uint64_t jar_hash_label(uint64_t h, ferry_str host, size_t *at, bool is_address)
{
    size_t i = *at;
    do
        h = jar_hash_add(h, host.ptr[--i]);
    while (i && (is_address || host.ptr[i - 1] != '.'));
    *at = i;
    return h;
}

size_t fy_jar_find(
    fy_jar *j, ferry_str host, bool is_address, ferry_str path, bool is_secure)
{
    jar_query q = {path, is_secure, false};
    uint64_t h = j->seed;
    size_t n = 0;
    for (size_t at = j->n ? host.len : 0; at;) {
        h = jar_hash_label(h, host, &at, is_address);
        q.is_host = at == 0;
        const fy_site *s = jar_site(j, jar_hash_end(h), fy_str_from(host, at));
        if (s)
            n = jar_find_at(j, n, s, &q);
    }
    return n;
}
