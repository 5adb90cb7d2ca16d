/* test_secrets.c - chains of redirects and retries, made by chance, over hosts, ports,
 * schemes, mounts, proxies and secrets of every level: each request has the fields that a
 * model says it must have, takes the way that it must take, and has no secret that was not
 * given for where it goes; nor does any proxy hear one that is not its own. The seed is
 * printed when that fails; FERRY_SEED=n plays it again.
 * SPDX-License-Identifier: MIT */
#include "ferry.h"
#include "lib/memory.h"
#include "lib/socks_peer.h"
#include "proto/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

enum { CHAINS = 10000, STEPS = 10, MOUNTS = 4, TEXT = 600, TOKEN = 32, COOKIES = 64 };

/* The fields that secrets are put in; the last is none, and goes everywhere. */
enum {
    FIELD_AUTH,
    FIELD_COOKIE,
    FIELD_PROXY,
    FIELD_HOST,
    FIELD_KEY,
    FIELD_OPEN,
    FIELDS
};
static const char *const field_names[] = {
    "Authorization", "Cookie", "Proxy-Authorization", "Host", "X-Key", "X-Open"};

/* --- chance ---------------------------------------------------------------------- */

static uint64_t seed, chance;

static unsigned pick(unsigned n)
{
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return (unsigned)(chance >> 33) % n;
}

static bool one_in(unsigned n)
{
    return pick(n) == 0;
}

/* --- what a chain is made of ----------------------------------------------------- */

typedef struct place {
    bool is_https;
    const char *host;
    int port;
    const char *folder; /* "", "/m" or "/m/n" */
} place;

typedef struct step {
    place at;
    char path[40];
    enum { STEP_OK, STEP_REDIRECT, STEP_BUSY, STEP_DEAD } kind;
    char location[120];
    bool sets_cookie, cookie_is_secure;
} step;

/* One proxy of one level: others may have its name, and none its secrets. */
typedef struct proxy {
    const char *scheme; /* NULL: this is none at all */
    char host[20];      /* with its port */
    char user[TOKEN], password[TOKEN], basic[100];
    char url[120];
} proxy;

/* What one level says of ways. */
typedef struct ways {
    proxy of_http, of_b, first; /* for "http", for "http://b.test"; before either */
    bool says_http, says_b, says_first;
    char gate[TOKEN]; /* a field for proxies, or "" */
    ferry_switch tunnel;
    ferry_pair pairs[4], gates[2];
} ways;

/* What one level gives: a token for each field, "" if there is none. */
typedef struct level {
    ways ways;
    char tokens[FIELDS][TOKEN];
    char bearer[TOKEN]; /* of .auth: it goes before an Authorization by hand */
    ferry_pair pairs[FIELDS + 1];
    bool calls_key_sensitive, says_sensitive;
} level;

typedef struct mount {
    place prefix;
    bool is_for_scheme; /* "https://" alone */
    level level;
} mount;

typedef struct cookie {
    char token[TOKEN];
    const char *host;
    bool is_secure;
} cookie;

static struct world {
    /* of a session */
    memory memory;
    level session;
    mount mounts[MOUNTS];
    size_t n_mounts;
    cookie cookies[COOKIES];
    size_t n_cookies;
    /* of a chain */
    level request;
    char own_cookie[TOKEN];       /* of .cookies */
    char user[TOKEN], basic[100]; /* of the URL, and how it is said */
    bool has_host;
    step steps[STEPS];
    size_t n_steps, at;
    bool has_left, key_stays; /* as the model sees it */
    bool has_first, is_any; /* proxies before proxies; they ask before they are told */
    struct {
        int straight, forwarded, tunneled, by_socks, by_two, challenged;
    } seen; /* of all chains: requests, and challenges of proxies */
    unsigned serial;
    char complaint[1300];
} w;

static void complain(const char *what, const char *more)
{
    if (!w.complaint[0])
        snprintf(w.complaint, sizeof w.complaint, "step %d: %s: %.1000s", (int)w.at,
            what, more);
}

static bool is_same_origin(const place *a, const place *b)
{
    return a->is_https == b->is_https && !strcmp(a->host, b->host) &&
           a->port == b->port;
}

/* DESIGN's one exception: the same host from http on 80 to https on 443. */
static bool is_upgrade(const place *a, const place *b)
{
    return !a->is_https && b->is_https && !strcmp(a->host, b->host) && a->port == 80 &&
           b->port == 443;
}

/* --- the model ------------------------------------------------------------------- */

static bool is_under(const step *s, const mount *m)
{
    size_t n = strlen(m->prefix.folder);
    if (m->is_for_scheme)
        return s->at.is_https == m->prefix.is_https;
    return is_same_origin(&s->at, &m->prefix) &&
           strncmp(s->path, m->prefix.folder, n) == 0 && (!n || s->path[n] == '/');
}

static const level *mount_of(const step *s)
{
    const mount *best = NULL;
    for (size_t i = 0; i < w.n_mounts; i++) {
        const mount *m = &w.mounts[i];
        bool is_longer = !best || (best->is_for_scheme && !m->is_for_scheme) ||
                         (best->is_for_scheme == m->is_for_scheme &&
                             strlen(m->prefix.folder) > strlen(best->prefix.folder));
        if (is_under(s, m) && is_longer)
            best = m;
    }
    return best ? &best->level : NULL;
}

/* Is X-Key called sensitive for a request to this place? */
static bool key_is_sensitive(const step *s)
{
    const level *m = mount_of(s);
    const level *of = w.request.says_sensitive ? &w.request
                      : m && m->says_sensitive ? m
                                               : &w.session;
    return of->says_sensitive && of->calls_key_sensitive;
}

static bool may_go(int field)
{
    return !w.has_left || field == FIELD_OPEN || (field == FIELD_KEY && !w.key_stays);
}

/* What a level says of a field, or NULL. */
static const char *said_by(const level *l, int field)
{
    static char text[TOKEN + 10];
    if (!l || (!l->tokens[field][0] && (field != FIELD_AUTH || !l->bearer[0])))
        return NULL;
    if (field != FIELD_AUTH || !l->bearer[0])
        return l->tokens[field];
    snprintf(text, sizeof text, "Bearer %s", l->bearer);
    return text;
}

/* The value that this request must have in this field, or "": of the nearest level that
 * says one and is heard here; then of the URL. */
static const char *expected_token(const step *s, int field)
{
    const char *said = may_go(field) ? said_by(&w.request, field) : NULL;
    if (!said)
        said = said_by(mount_of(s), field);
    if (!said && may_go(field))
        said = said_by(&w.session, field);
    if (!said && field == FIELD_AUTH && may_go(field))
        said = w.basic;
    return said ? said : "";
}

/* Does the value of a field, the only one of that name, hold this? */
static void check_field(const char *head, const step *s, int field)
{
    char name[40];
    const char *token = expected_token(s, field);
    snprintf(name, sizeof name, "\r\n%s: ", field_names[field]);
    const char *at = strstr(head, name);
    if (at && strstr(at + 1, name))
        complain("a field is there twice", name + 2);
    if (token[0] && (!at || strncmp(at + strlen(name), token, strlen(token)) != 0))
        complain("a field is not as it should be", head);
    if (!token[0] && at && field != FIELD_HOST && field != FIELD_COOKIE)
        complain("a field should not be there", head);
}

/* --- the model of ways ----------------------------------------------------------- */

/* The way of one request: which proxies it takes, NULL: none. */
typedef struct way {
    const proxy *proxy, *first;
    bool tunnels;
    const char *gate;
} way;

static bool is_socks(const proxy *p)
{
    return p && p->scheme[0] == 's';
}

static bool is_forwarded(const way *v)
{
    return v->proxy && !is_socks(v->proxy) && !v->tunnels;
}

/* The nearest level that says it. */
static void join_ways(way *v, const ways *l, const place *at, bool *is_said)
{
    bool is_b = !strcmp(at->host, "b.test");
    if (is_b && l->says_b && !is_said[0])
        v->proxy = &l->of_b;
    is_said[0] |= is_b && l->says_b;
    if (l->says_http && !is_said[0] && !is_said[1])
        v->proxy = &l->of_http;
    is_said[1] |= l->says_http;
    if (l->says_first && !is_said[2])
        v->first = &l->first;
    is_said[2] |= l->says_first;
    if (!v->gate[0])
        v->gate = l->gate;
    if (l->tunnel && !is_said[3])
        v->tunnels = l->tunnel == FERRY_ON;
    is_said[3] |= l->tunnel != 0;
}

static way way_of(const step *s)
{
    const level *m = mount_of(s);
    const ways *levels[] = {&w.request.ways, m ? &m->ways : NULL, &w.session.ways};
    way v = {NULL, NULL, false, ""};
    bool is_said[4] = {false};
    for (size_t i = 0; i < COUNT(levels); i++)
        if (levels[i])
            join_ways(&v, levels[i], &s->at, is_said);
    if (s->at.is_https) { /* its transport is protected by itself: straight */
        v.proxy = v.first = NULL;
        return v;
    }
    bool is_none = v.proxy && !v.proxy->scheme;
    if (v.first && !v.first->scheme)
        v.first = NULL;
    if (!v.proxy) {
        v.proxy = v.first;
        v.first = NULL;
    }
    if (is_none)
        v.proxy = v.first = NULL;
    return v;
}

/* None of the secrets of `p` but where it hears them itself. */
static void check_proxy(const char *bytes, const proxy *p, const proxy *hears)
{
    if (!p->scheme || p == hears)
        return;
    if (strstr(bytes, p->user) || strstr(bytes, p->password) || strstr(bytes, p->basic))
        complain("credentials of a proxy have got elsewhere", bytes);
}

static void check_ways_of(
    const char *bytes, const ways *l, const proxy *hears, const char *gate)
{
    check_proxy(bytes, &l->of_http, hears);
    check_proxy(bytes, &l->of_b, hears);
    check_proxy(bytes, &l->first, hears);
    if (l->gate[0] && strstr(bytes, l->gate) && strcmp(l->gate, gate) != 0)
        complain("a field for proxies has got elsewhere", bytes);
}

/* `hears` is the http proxy that gets these bytes, or NULL. */
static void check_ways(const char *bytes, const proxy *hears, const char *gate)
{
    check_ways_of(bytes, &w.session.ways, hears, gate);
    check_ways_of(bytes, &w.request.ways, hears, gate);
    for (size_t i = 0; i < w.n_mounts; i++)
        check_ways_of(bytes, &w.mounts[i].level.ways, hears, gate);
}

/* What an http proxy must be told, in a CONNECT or with a request. */
static void check_told(const char *head, const way *v)
{
    char line[160];
    snprintf(line, sizeof line, "\r\nProxy-Authorization: %s\r\n", v->proxy->basic);
    if (!strstr(head, line) && !w.is_any)
        complain("a proxy is not told who asks", head);
    snprintf(line, sizeof line, "\r\nX-Gate: %s\r\n", v->gate);
    if (v->gate[0] ? !strstr(head, line) : strstr(head, "X-Gate") != NULL)
        complain("a field for proxies is not as it should be", head);
    check_ways(head, v->proxy, v->gate);
}

/* --- the model of requests ------------------------------------------------------- */

/* Every token of every level, wherever it might have got to. */
static void check_level(const char *head, const step *s, const level *l)
{
    for (int i = 0; i < FIELDS; i++)
        if (l->tokens[i][0] && strstr(head, l->tokens[i]) &&
            strcmp(expected_token(s, i), l->tokens[i]) != 0)
            complain("a secret has got to where it was not given for", head);
    if (l->bearer[0] && strstr(head, l->bearer) &&
        !strstr(expected_token(s, FIELD_AUTH), l->bearer))
        complain("credentials have got to where they were not given for", head);
}

static void check_cookies(const char *head, const step *s)
{
    for (size_t i = 0; i < w.n_cookies; i++) {
        const cookie *c = &w.cookies[i];
        bool is_for_it = !strcmp(c->host, s->at.host) &&
                         (!c->is_secure || s->at.is_https);
        if (strstr(head, c->token) && !is_for_it)
            complain("a cookie has got to another host", head);
    }
    if (w.own_cookie[0] && strstr(head, w.own_cookie) && w.has_left)
        complain("a cookie of the call has got elsewhere", head);
    if (w.own_cookie[0] && !strstr(head, w.own_cookie) && !w.has_left &&
        !expected_token(s, FIELD_COOKIE)[0])
        complain("a cookie of the call is not there", head);
}

static void check_target(const char *head, const step *s, const way *v)
{
    char origin[80] = "", target[160];
    if (is_forwarded(v))
        snprintf(origin, sizeof origin, s->at.port == 80 ? "http://%s" : "http://%s:%d",
            s->at.host, s->at.port);
    snprintf(target, sizeof target, " %s%s HTTP/1.1\r\n", origin, s->path);
    if (!strstr(head, target))
        complain("another target", head);
}

/* Who asks a proxy is for that proxy: what stands by hand in the request's own fields goes
 * to one that is told nothing else, or to the origin, and never into a tunnel. */
static void check_proxy_field(const char *head, const step *s, const way *v)
{
    if (v->proxy && !is_forwarded(v) && strstr(head, "Proxy-Authorization"))
        complain("a field for proxies is in a tunnel", head);
    if (!v->proxy)
        check_field(head, s, FIELD_PROXY);
}

static void check_request(const char *head, const place *reached)
{
    const step *s = &w.steps[w.at];
    if (w.at == w.n_steps || !is_same_origin(&s->at, reached)) {
        complain("a request too many, or to another place", head);
        return;
    }
    const way v = way_of(s);
    check_target(head, s, &v);
    for (int i = 0; i < FIELDS; i++)
        if (i != FIELD_PROXY)
            check_field(head, s, i);
    check_proxy_field(head, s, &v);
    if (is_forwarded(&v))
        check_told(head, &v);
    else
        check_ways(head, NULL, "");
    check_level(head, s, &w.session);
    check_level(head, s, &w.request);
    for (size_t i = 0; i < w.n_mounts; i++)
        check_level(head, s, &w.mounts[i].level);
    check_cookies(head, s);
}

/* CONNECT is for the proxy alone: nothing of the request stands in it. */
static void check_connect(const char *head)
{
    const level *levels[2 + MOUNTS] = {&w.session, &w.request};
    const step *s = &w.steps[w.at];
    const way v = way_of(s);
    char target[80];
    snprintf(
        target, sizeof target, "CONNECT %s:%d HTTP/1.1\r\n", s->at.host, s->at.port);
    if (strncmp(head, target, strlen(target)) != 0 || !v.tunnels || !v.proxy)
        complain("a tunnel that nobody wants", head);
    else
        check_told(head, &v);
    for (size_t i = 0; i < w.n_mounts; i++)
        levels[2 + i] = &w.mounts[i].level;
    for (size_t i = 0; i < 2 + w.n_mounts; i++)
        for (int f = 0; f < FIELDS; f++)
            if ((levels[i]->tokens[f][0] && strstr(head, levels[i]->tokens[f])) ||
                (levels[i]->bearer[0] && strstr(head, levels[i]->bearer)))
                complain("a secret is in CONNECT", head);
    for (size_t i = 0; i < w.n_cookies; i++)
        if (strstr(head, w.cookies[i].token))
            complain("a cookie is in CONNECT", head);
    if (strstr(head, "own") || (w.user[0] && strstr(head, w.basic)))
        complain("a secret of the call is in CONNECT", head);
}

/* The request is answered: the next one may be somewhere else. */
static void go_on(void)
{
    const step *s = &w.steps[w.at++];
    if (w.at == w.n_steps || w.has_left)
        return;
    const place *next = &w.steps[w.at].at;
    w.has_left = !is_same_origin(&s->at, next) && !is_upgrade(&s->at, next);
    w.key_stays = w.has_left && key_is_sensitive(s);
}

/* --- the peers ------------------------------------------------------------------- */

typedef struct wire {
    ferry_transport base;
    place at;         /* the origin; host NULL: not known yet */
    char dialled[40]; /* "host:port" */
    socks_peer socks;
    bool has_tunnel;
    const proxy *as; /* whom its credentials are of: SOCKS, or CONNECT */
    char heard[4000], says[TEXT];
    size_t n_heard, at_say, n_say;
    bool ends;
} wire;

static void set_cookie(const step *s, char out[120])
{
    out[0] = '\0';
    if (!s->sets_cookie || w.n_cookies == COOKIES)
        return;
    cookie *c = &w.cookies[w.n_cookies++];
    *c = (cookie){.host = s->at.host, .is_secure = s->cookie_is_secure};
    snprintf(c->token, sizeof c->token, "jar%u.", ++w.serial);
    snprintf(out, 120, "Set-Cookie: c%d=%s; Path=/%s\r\n", (int)w.n_cookies, c->token,
        c->is_secure ? "; Secure" : "");
}

static void answer(wire *c)
{
    static const int redirects[] = {301, 302, 303, 307, 308};
    const step *s = &w.steps[w.at];
    char cookie_line[120];
    c->at_say = c->n_say = c->n_heard = 0;
    c->ends = w.complaint[0] || s->kind == STEP_DEAD;
    if (w.complaint[0])
        return;
    if (c->ends) {
        go_on();
        return;
    }
    set_cookie(s, cookie_line);
    int status = s->kind == STEP_OK     ? 200
                 : s->kind == STEP_BUSY ? 503
                                        : redirects[pick(5)];
    c->n_say = (size_t)snprintf(c->says, sizeof c->says,
        "HTTP/1.1 %d X\r\n%s%s%s%sContent-Length: 1\r\n\r\nx", status, cookie_line,
        s->location[0] ? "Location: " : "", s->location, s->location[0] ? "\r\n" : "");
    go_on();
}

static int wire_open(ferry_transport *t)
{
    (void)t;
    return 1;
}

static place find_place(const char *authority)
{
    static const char *const hosts[] = {"a.test", "b.test", "www.a.test"};
    place at = {.host = "", .port = 80};
    size_t n = strcspn(authority, ":/ ");
    for (size_t i = 0; i < COUNT(hosts); i++)
        if (strlen(hosts[i]) == n && !strncmp(hosts[i], authority, n))
            at.host = hosts[i];
    if (authority[n] == ':')
        at.port = (int)strtol(authority + n + 1, NULL, 10);
    return at;
}

static void say(wire *c, const char *text)
{
    c->n_say = (size_t)snprintf(c->says, sizeof c->says, "%s", text);
    c->at_say = c->n_heard = 0;
}

/* An http proxy of sessions that wait to be asked does ask. */
static bool challenges(wire *c)
{
    const way v = way_of(&w.steps[w.at]);
    bool is_heard = strstr(c->heard, "\r\nProxy-Authorization: ") != NULL;
    if (!w.is_any || is_heard || !v.proxy)
        return false;
    w.seen.challenged++;
    say(c, "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"x\"\r\n"
           "Content-Length: 0\r\n\r\n");
    return true;
}

static void count_way(const way *v)
{
    w.seen.straight += !v->proxy;
    w.seen.forwarded += is_forwarded(v);
    w.seen.by_socks += is_socks(v->proxy);
    w.seen.tunneled += v->proxy && !is_socks(v->proxy) && v->tunnels;
    w.seen.by_two += v->first != NULL;
}

/* Is this the connection that the request of this step may be sent on? */
static void check_way(const wire *c, bool is_tunnel)
{
    const way v = way_of(&w.steps[w.at]);
    const proxy *nearest = v.first ? v.first : v.proxy;
    count_way(&v);
    char origin[40];
    snprintf(
        origin, sizeof origin, "%s:%d", w.steps[w.at].at.host, w.steps[w.at].at.port);
    if (strcmp(c->dialled, nearest ? nearest->host : origin) != 0)
        complain("another way", c->dialled);
    if (is_socks(nearest) != c->socks.is_socks)
        complain("SOCKS, or not", c->dialled);
    if (is_socks(nearest) &&
        (strcmp(c->socks.user, nearest->user) != 0 ||
            (nearest->scheme[5] == '5' &&
                strcmp(c->socks.password, nearest->password) != 0)))
        complain("a connection of somebody else", c->socks.user);
    if (is_socks(nearest) &&
        strcmp(c->socks.target, v.first ? v.proxy->host : origin) != 0)
        complain("SOCKS to another place", c->socks.target);
    if (is_tunnel != (v.proxy && !is_socks(v.proxy) && v.tunnels))
        complain("a tunnel, or not", c->dialled);
    if (is_tunnel && c->as != v.proxy)
        complain("a tunnel of somebody else", c->dialled);
}

/* A whole head and its body. */
static void hear(wire *c)
{
    const char *url = strstr(c->heard, " http://");
    if (w.at < w.n_steps && !strncmp(c->heard, "CONNECT ", 8)) {
        check_connect(c->heard);
        c->at = find_place(c->heard + 8);
        c->as = way_of(&w.steps[w.at]).proxy;
        if (!challenges(c)) {
            c->has_tunnel = true;
            say(c, "HTTP/1.1 200 Open\r\n\r\n");
        }
        return;
    }
    if (w.at < w.n_steps)
        check_way(c, c->has_tunnel);
    bool is_forward = url && url < strstr(c->heard, "\r\n");
    if (is_forward)
        c->at = find_place(url + 8);
    check_request(c->heard, &c->at);
    if (!is_forward || w.at == w.n_steps || !challenges(c))
        answer(c);
}

static ptrdiff_t wire_write(ferry_transport *t, const void *p, size_t n, int64_t ms)
{
    wire *c = (wire *)(void *)t;
    (void)ms;
    size_t taken = socks_peer_hear(&c->socks, p, n);
    if (taken) {
        if (c->socks.state == SOCKS_PEER_DONE)
            c->at = find_place(c->socks.target);
        return (ptrdiff_t)taken;
    }
    if (n > sizeof c->heard - 1 - c->n_heard) {
        complain("too long a request", "");
        return FERRY_FAILED;
    }
    memcpy(c->heard + c->n_heard, p, n);
    c->n_heard += n;
    c->heard[c->n_heard] = '\0';
    const char *end = strstr(c->heard, "\r\n\r\n");
    size_t body = strstr(c->heard, "\r\nContent-Length: 4\r\n") ? 4 : 0;
    if (end && c->n_heard == (size_t)(end - c->heard) + 4 + body)
        hear(c);
    return (ptrdiff_t)n;
}

static ptrdiff_t wire_read(ferry_transport *t, void *p, size_t n, int64_t ms)
{
    wire *c = (wire *)(void *)t;
    (void)ms;
    size_t said = socks_peer_say(&c->socks, p, n);
    if (said)
        return (ptrdiff_t)said;
    if (c->at_say == c->n_say)
        return c->ends ? 0 : FERRY_WANT_READ;
    if (n > c->n_say - c->at_say)
        n = c->n_say - c->at_say;
    memcpy(p, c->says + c->at_say, n);
    c->at_say += n;
    return (ptrdiff_t)n;
}

static void wire_want(ferry_transport *t, ferry_wait *wait)
{
    (void)t, (void)wait;
}

static void wire_close(ferry_transport *t)
{
    free(t);
}

/* Which scheme it is for stands in `ctx`. */
static int wire_dial(void *ctx, const char *host, uint16_t port, const ferry_addr *addr,
    ferry_transport **out, ferry_fault *fault)
{
    static const ferry_transport_calls calls = {
        wire_open, wire_read, wire_write, wire_want, wire_close};
    wire *c = calloc(1, sizeof *c);
    (void)addr, (void)fault;
    c->base.calls = &calls;
    snprintf(c->dialled, sizeof c->dialled, "%s:%d", host, port);
    c->at = find_place(c->dialled);
    c->at.is_https = ctx != NULL;
    *out = &c->base;
    return 0;
}

static const ferry_dialer plain = {NULL, wire_dial}, tls = {&seed, wire_dial};

/* --- by chance ------------------------------------------------------------------- */

static place any_place(void)
{
    static const char *const hosts[] = {"a.test", "a.test", "b.test", "www.a.test"};
    static const int ports[] = {0, 0, 0, 80, 443, 8080};
    place at = {.is_https = one_in(2), .host = hosts[pick(4)], .port = ports[pick(6)]};
    if (!at.port)
        at.port = at.is_https ? 443 : 80;
    return at;
}

/* "scheme://host[:port]", with a default port said or not. */
static void write_origin(char *out, size_t room, const place *at)
{
    bool is_default = at->port == (at->is_https ? 443 : 80);
    char port[8] = "";
    if (!is_default || one_in(4))
        snprintf(port, sizeof port, ":%d", at->port);
    snprintf(out, room, "%s://%s%s", at->is_https ? "https" : "http", at->host, port);
}

static void write_basic(char *out, size_t room, const char *user)
{
    fy_buf b;
    fy_buf_init(&b, &w.memory.platform, room);
    ferry_str text = fy_str(user);
    fy_base64_put(&b, &text, 1);
    snprintf(out, room, "Basic %s", fy_buf_text(&b));
    fy_buf_fini(&b);
}

/* Three names for all proxies: the same one is met with other credentials. */
static void choose_proxy(proxy *p, bool is_socks)
{
    static const char *const socks[] = {"socks5h", "socks4a"};
    char user[2 * TOKEN];
    memset(p, 0, sizeof *p);
    if (one_in(8))
        return;
    p->scheme = is_socks ? socks[pick(2)] : "http";
    snprintf(
        p->host, sizeof p->host, "p%d.test:%d", (int)pick(3), is_socks ? 1080 : 3128);
    snprintf(p->user, sizeof p->user, "who%u.", ++w.serial);
    snprintf(p->password, sizeof p->password, "pass%u.", ++w.serial);
    snprintf(user, sizeof user, "%s:%s", p->user, p->password);
    write_basic(p->basic, sizeof p->basic, user);
    snprintf(p->url, sizeof p->url, "%s://%s@%s", p->scheme, user, p->host);
}

/* SOCKS does not lead to SOCKS. */
static void choose_ways(ways *l, unsigned rarely)
{
    size_t n = 0, gates = 0;
    memset(l, 0, sizeof *l);
    l->says_http = one_in(rarely);
    l->says_b = one_in(rarely);
    l->says_first = w.has_first && one_in(rarely);
    if (l->says_http)
        choose_proxy(&l->of_http, !w.has_first && one_in(2));
    if (l->says_b)
        choose_proxy(&l->of_b, !w.has_first && one_in(2));
    if (l->says_first)
        choose_proxy(&l->first, true);
    if (one_in(rarely))
        snprintf(l->gate, sizeof l->gate, "gate%u.", ++w.serial);
    l->tunnel = one_in(rarely) ? (ferry_switch)(FERRY_ON + pick(2)) : FERRY_INHERIT;
    if (l->says_http)
        l->pairs[n++] = (ferry_pair){"http", l->of_http.url};
    if (l->says_b)
        l->pairs[n++] = (ferry_pair){"http://b.test", l->of_b.url};
    l->pairs[n] = (ferry_pair){"https", ""};
    if (l->gate[0])
        l->gates[gates] = (ferry_pair){"X-Gate", l->gate};
}

static void give_ways(ferry_opts *o, const ways *l)
{
    o->proxies = l->pairs;
    o->proxy_headers = l->gates;
    o->preproxy = l->says_first ? l->first.url : NULL;
    o->proxy_tunnel = l->tunnel;
}

static void choose_level(level *l, unsigned rarely, bool may_have_host)
{
    size_t n = 0;
    memset(l, 0, sizeof *l);
    choose_ways(&l->ways, rarely);
    for (int i = 0; i < FIELDS; i++) {
        if (!one_in(rarely) || (i == FIELD_HOST && !may_have_host))
            continue;
        snprintf(l->tokens[i], sizeof l->tokens[i], "tok%u.", ++w.serial);
        l->pairs[n++] = (ferry_pair){field_names[i], l->tokens[i]};
    }
    if (one_in(rarely))
        snprintf(l->bearer, sizeof l->bearer, "tok%u.", ++w.serial);
    l->says_sensitive = one_in(3);
    l->calls_key_sensitive = l->says_sensitive && !one_in(4);
}

static const char *const *sensitive_of(const level *l)
{
    static const char *const key[] = {"x-kEY", NULL}, *const none[] = {NULL};
    return !l->says_sensitive ? NULL : l->calls_key_sensitive ? key : none;
}

static ferry_auth auth_of(const level *l)
{
    return l->bearer[0] ? ferry_bearer(l->bearer)
                        : (ferry_auth){.kind = FERRY_AUTH_INHERIT};
}

static void choose_mount(ferry_session *s, bool is_https)
{
    static const char *const folders[] = {"", "", "/m", "/m/n"};
    mount *m = &w.mounts[w.n_mounts];
    char prefix[80];
    bool is_for_scheme = w.n_mounts == 0; /* https has its transport by a mount */
    *m = (mount){.prefix = any_place(), .is_for_scheme = is_for_scheme};
    m->prefix.is_https |= is_https;
    m->prefix.folder = folders[pick(4)];
    choose_level(&m->level, is_for_scheme ? 9 : 3, false);
    if (is_for_scheme)
        snprintf(prefix, sizeof prefix, "https://");
    else
        write_origin(prefix, sizeof prefix - 8, &m->prefix);
    if (!is_for_scheme)
        strcat(prefix, m->prefix.folder);
    for (size_t i = 0; i < w.n_mounts; i++)
        if (!w.mounts[i].is_for_scheme &&
            is_same_origin(&w.mounts[i].prefix, &m->prefix) &&
            !strcmp(w.mounts[i].prefix.folder, m->prefix.folder))
            return; /* it would replace the other one */
    ferry_opts o = {.size = sizeof o,
        .headers = m->level.pairs,
        .auth = auth_of(&m->level),
        .sensitive = sensitive_of(&m->level),
        .transport = m->prefix.is_https ? &tls : &plain,
        .secure = m->prefix.is_https ? FERRY_ON : FERRY_INHERIT};
    give_ways(&o, &m->level.ways);
    if (ferry_mount_with(s, prefix, &o))
        complain("a mount was refused", ferry_explain(s));
    w.n_mounts++;
}

static ferry_session *make_session(void)
{
    memory_init(&w.memory);
    w.n_mounts = w.n_cookies = 0;
    w.has_first = one_in(3);
    w.is_any = one_in(4);
    choose_level(&w.session, 3, false);
    ferry_opts o = {.size = sizeof o,
        .platform = &w.memory.platform,
        .transport = &plain,
        .headers = w.session.pairs,
        .auth = auth_of(&w.session),
        .sensitive = sensitive_of(&w.session),
        .retry_budget = FERRY_UNLIMITED,
        .proxy_auth = w.is_any ? FERRY_PROXY_ANY : FERRY_PROXY_INHERIT,
        .trust_env = FERRY_OFF};
    give_ways(&o, &w.session.ways);
    ferry_session *s = ferry_session_new_with(&o);
    choose_mount(s, true);
    for (unsigned i = pick(MOUNTS); i > 0; i--)
        choose_mount(s, false);
    return s;
}

static void write_location(step *s, const step *next)
{
    size_t n;
    if (is_same_origin(&s->at, &next->at) && one_in(2)) {
        snprintf(s->location, sizeof s->location, "%s", next->path);
        return;
    }
    char origin[80];
    write_origin(origin, sizeof origin, &next->at);
    const char *host = strstr(origin, "://") + 3;
    snprintf(s->location, sizeof s->location, "%.*s%s%s", (int)(host - origin), origin,
        one_in(6) ? "eve:tok0.@" : "", host);
    n = strlen(s->location);
    snprintf(s->location + n, sizeof s->location - n, "%s", next->path);
    if (s->at.is_https == next->at.is_https && one_in(3))
        memmove(s->location, strstr(s->location, "//"),
            strlen(strstr(s->location, "//")) + 1);
}

static void choose_steps(void)
{
    static const char *const folders[] = {"", "/m", "/m/n", "/mm"};
    w.n_steps = 1 + pick(STEPS);
    for (size_t i = 0; i < w.n_steps; i++) {
        step *s = &w.steps[i];
        *s = (step){.kind = one_in(5)   ? STEP_BUSY
                            : one_in(9) ? STEP_DEAD
                                        : STEP_REDIRECT,
            .sets_cookie = !w.has_host && one_in(4),
            .cookie_is_secure = one_in(3)};
        bool stays = i && (w.steps[i - 1].kind != STEP_REDIRECT || one_in(4));
        s->at = stays ? w.steps[i - 1].at : any_place();
        if (i && !stays && one_in(4)) /* back to where it began */
            s->at = w.steps[0].at;
        snprintf(s->path, sizeof s->path, "%s/%d", folders[pick(4)], (int)i);
        if (i && w.steps[i - 1].kind != STEP_REDIRECT)
            strcpy(s->path, w.steps[i - 1].path);
    }
    w.steps[w.n_steps - 1].kind = STEP_OK;
    for (size_t i = 0; i + 1 < w.n_steps; i++)
        if (w.steps[i].kind == STEP_REDIRECT)
            write_location(&w.steps[i], &w.steps[i + 1]);
}

static void choose_user(void)
{
    w.user[0] = w.basic[0] = '\0';
    if (!one_in(4))
        return;
    snprintf(w.user, sizeof w.user, "user%u:pass", ++w.serial);
    write_basic(w.basic, sizeof w.basic, w.user);
}

static void choose_chain(void)
{
    w.has_host = one_in(6);
    choose_level(&w.request, 3, w.has_host);
    w.own_cookie[0] = '\0';
    if (!w.has_host && one_in(4))
        snprintf(w.own_cookie, sizeof w.own_cookie, "own%u.", ++w.serial);
    choose_user();
    choose_steps();
    w.at = 0;
    w.has_left = w.key_stays = false;
}

/* --- playing it ------------------------------------------------------------------ */

static ferry_err step_through(
    ferry_session *s, const char *url, const ferry_opts *o, ferry_response **r)
{
    ferry_wait wait;
    ferry_err e = ferry_begin_with(s, url, r, o);
    for (int i = 0; !e && i < 1000; i++)
        if ((e = ferry_step(*r, &wait)) != FERRY_AGAIN)
            return e;
        else
            e = FERRY_OK;
    return e ? e : FERRY_AGAIN;
}

static void play(ferry_session *s)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "DELETE"};
    static const char *const any[] = {"*", NULL};
    static const int busy[] = {503, 0};
    ferry_response *r = NULL;
    char url[200];
    choose_chain();
    char origin[80];
    write_origin(origin, sizeof origin, &w.steps[0].at);
    const char *host = strstr(origin, "://") + 3;
    snprintf(url, sizeof url, "%.*s%s%s%s%s", (int)(host - origin), origin, w.user,
        w.user[0] ? "@" : "", host, w.steps[0].path);
    const ferry_pair cookies[] = {{"own", w.own_cookie}, {NULL, NULL}};
    ferry_opts o = {.size = sizeof o,
        .method = methods[pick(4)],
        .headers = w.request.pairs,
        .auth = auth_of(&w.request),
        .sensitive = sensitive_of(&w.request),
        .cookies = w.own_cookie[0] ? cookies : NULL,
        .follow = FERRY_ON,
        .jar = w.has_host ? FERRY_OFF : FERRY_INHERIT,
        .retry = {.total = 20, .statuses = busy, .methods = any}};
    give_ways(&o, &w.request.ways);
    o.text = one_in(2) ? "body" : NULL;
    const char *method = o.method;
    bool is_stepped = one_in(2);
    if (!is_stepped)
        o.method = NULL;
    ferry_err e = is_stepped ? step_through(s, url, &o, &r)
                             : ferry_send(s, method, url, &r, &o);
    if (e || !r || r->status != 200 || w.at != w.n_steps)
        complain("the chain did not come to its end", ferry_explain(s));
    ferry_response_free(r);
}

static void no_secret_reaches_a_place_that_it_was_not_given_for(void **state)
{
    (void)state;
    ferry_session *s = NULL;
    int left = 0, played = 0;
    while (played < CHAINS && !w.complaint[0]) {
        if (played % 8 == 0) {
            ferry_session_free(s);
            if (s && !memory_is_clean(&w.memory))
                complain("memory is left", "");
            s = make_session();
        }
        play(s);
        left += w.has_left;
        played++;
    }
    ferry_session_free(s);
    if (w.complaint[0])
        fail_msg("FERRY_SEED=%llu, chain %d, %s", (unsigned long long)seed, played,
            w.complaint);
    assert_true(memory_is_clean(&w.memory));
    assert_true(left > CHAINS / 4); /* chance did its work */
    assert_true(w.seen.straight > CHAINS / 2);
    assert_true(w.seen.forwarded > CHAINS / 10);
    assert_true(w.seen.tunneled > CHAINS / 10);
    assert_true(w.seen.by_socks > CHAINS / 10);
    assert_true(w.seen.by_two > CHAINS / 20);
    assert_true(w.seen.challenged > CHAINS / 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_secret_reaches_a_place_that_it_was_not_given_for),
    };
    const char *given = getenv("FERRY_SEED");
    seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) * 2654435761u;
    chance = seed ? seed : 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
