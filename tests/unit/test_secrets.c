/* test_secrets.c - chains of redirects and retries, made by chance, over hosts, ports,
 * schemes, mounts and secrets of every level: each request has the fields that a model
 * says it must have, and no secret that was not given for where it goes. The seed is
 * printed when that fails; FERRY_SEED=n plays it again.
 * SPDX-License-Identifier: MIT */
#include "ferry.h"
#include "lib/memory.h"
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

/* What one level gives: a token for each field, "" if there is none. */
typedef struct level {
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

static void check_request(const char *head, const place *reached)
{
    char target[60];
    const step *s = &w.steps[w.at];
    if (w.at == w.n_steps || !is_same_origin(&s->at, reached)) {
        complain("a request too many, or to another place", head);
        return;
    }
    snprintf(target, sizeof target, " %s HTTP/1.1\r\n", s->path);
    if (!strstr(head, target))
        complain("another target", head);
    for (int i = 0; i < FIELDS; i++)
        check_field(head, s, i);
    check_level(head, s, &w.session);
    check_level(head, s, &w.request);
    for (size_t i = 0; i < w.n_mounts; i++)
        check_level(head, s, &w.mounts[i].level);
    check_cookies(head, s);
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
    place at;
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

static ptrdiff_t wire_write(ferry_transport *t, const void *p, size_t n, int64_t ms)
{
    wire *c = (wire *)(void *)t;
    (void)ms;
    if (n > sizeof c->heard - 1 - c->n_heard) {
        complain("too long a request", "");
        return FERRY_FAILED;
    }
    memcpy(c->heard + c->n_heard, p, n);
    c->n_heard += n;
    c->heard[c->n_heard] = '\0';
    const char *end = strstr(c->heard, "\r\n\r\n");
    size_t body = strstr(c->heard, "\r\nContent-Length: 4\r\n") ? 4 : 0;
    if (end && c->n_heard == (size_t)(end - c->heard) + 4 + body) {
        check_request(c->heard, &c->at);
        answer(c);
    }
    return (ptrdiff_t)n;
}

static ptrdiff_t wire_read(ferry_transport *t, void *p, size_t n, int64_t ms)
{
    wire *c = (wire *)(void *)t;
    (void)ms;
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
    static const char *const hosts[] = {"a.test", "b.test", "www.a.test"};
    wire *c = calloc(1, sizeof *c);
    (void)addr, (void)fault;
    c->base.calls = &calls;
    c->at = (place){.is_https = ctx != NULL, .port = port};
    for (size_t i = 0; i < COUNT(hosts); i++)
        if (!strcmp(hosts[i], host))
            c->at.host = hosts[i];
    *out = &c->base;
    return c->at.host ? 0 : -1;
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

static void choose_level(level *l, unsigned rarely, bool may_have_host)
{
    size_t n = 0;
    memset(l, 0, sizeof *l);
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
    if (ferry_mount_with(s, prefix, &o))
        complain("a mount was refused", ferry_explain(s));
    w.n_mounts++;
}

static ferry_session *make_session(void)
{
    memory_init(&w.memory);
    w.n_mounts = w.n_cookies = 0;
    choose_level(&w.session, 3, false);
    ferry_opts o = {.size = sizeof o,
        .platform = &w.memory.platform,
        .transport = &plain,
        .headers = w.session.pairs,
        .auth = auth_of(&w.session),
        .sensitive = sensitive_of(&w.session),
        .retry_budget = FERRY_UNLIMITED,
        .trust_env = FERRY_OFF};
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
    fy_buf b;
    w.user[0] = w.basic[0] = '\0';
    if (!one_in(4))
        return;
    snprintf(w.user, sizeof w.user, "user%u:pass", ++w.serial);
    fy_buf_init(&b, &w.memory.platform, sizeof w.basic);
    ferry_str user = fy_str(w.user);
    fy_base64_put(&b, &user, 1);
    snprintf(w.basic, sizeof w.basic, "Basic %s", fy_buf_text(&b));
    fy_buf_fini(&b);
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
