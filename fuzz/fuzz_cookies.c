/* fuzz_cookies.c - any Set-Cookie fields from any of a few hosts, and any file. The jar is
 * held against a slow model of RFC 6265bis; no cookie is offered to a foreign host, nor
 * without TLS if it is Secure; the field stays within its limit; saved and loaded again
 * the jar answers the same.
 *
 * The input is a list of lines. The first two bytes say from whom and what; a line whose
 * second byte is "F" goes to the reader of files. SPDX-License-Identifier: MIT */
#include "lib/fuzzing.h"
#include "lib/model_cookies.h"
#include "policy/cookies_txt.h"
#include "proto/cookie_date.h"

#include <stdlib.h>
#include <string.h>

enum { COOKIES_HEADER = 60, COOKIES_LINE = 200 };

static const model_asker cookies_askers[] = {{"a.test", "/", false, false},
    {"a.test", "/p/q", true, false}, {"x.a.test", "/p", false, false},
    {"y.x.a.test", "/", true, false}, {"xa.test", "/", false, false},
    {"pub.test", "/", true, false}, {"z.pub.test", "/p/", false, false},
    {"127.0.0.1", "/", false, true}, {"[::1]", "/", true, true},
    {"a.test.", "/", false, false}, {"localhost", "/", true, false}};

enum { COOKIES_ASKERS = sizeof cookies_askers / sizeof *cookies_askers };

typedef struct cookies_world {
    fuzz_memory memory;
    fy_jar jar;
    model_jar model;
    int64_t now;
} cookies_world;

static bool cookies_pub_test(void *ctx, const char *domain)
{
    (void)ctx;
    FUZZ_CHECK(domain[0] && domain[strlen(domain) - 1] != '.');
    return strcmp(domain, "pub.test") == 0;
}

static void cookies_init_jar(fy_jar *j, const ferry_platform *m)
{
    fy_jar_init(j, m, 5);
    j->limits = (ferry_cookie_limits){.per_domain = 6,
        .total = 14,
        .per_response = 50,
        .pair = 24,
        .attribute = 30,
        .header = INT64_MAX};
    j->suffixes.is_public = cookies_pub_test;
}

static fy_cookie_peer cookies_peer(const model_asker *who)
{
    return (fy_cookie_peer){
        fy_str(who->host), fy_str(who->path), who->is_secure, who->is_address};
}

/* What goes out is for this host, path and security, whatever the jar's index says. */
static void cookies_check_found(cookies_world *w, const model_asker *who)
{
    size_t host = strlen(who->host);
    fy_jar_purge(&w->jar, w->now);
    size_t n = fy_jar_find(
        &w->jar, fy_str(who->host), who->is_address, fy_str(who->path), who->is_secure);
    for (size_t i = 0; i < n; i++) {
        const ferry_cookie *c = &w->jar.found[i]->pub;
        size_t domain = strlen(c->domain), path = strlen(c->path);
        FUZZ_CHECK(domain <= host);
        FUZZ_CHECK(strcmp(who->host + host - domain, c->domain) == 0);
        FUZZ_CHECK(domain == host || (!c->host_only && !who->is_address &&
                                         who->host[host - domain - 1] == '.' &&
                                         !model_is_public(c->domain)));
        FUZZ_CHECK(who->is_secure || !c->secure);
        FUZZ_CHECK(strncmp(who->path, c->path, path) == 0);
        FUZZ_CHECK(!c->expires || c->expires > w->now);
        FUZZ_CHECK(!c->expires || c->expires <= w->now + 400 * 24 * 60 * 60);
    }
}

static void cookies_ask(fy_jar *j, const model_asker *who, int64_t now, fy_buf *out)
{
    fy_cookie_peer peer = cookies_peer(who);
    fy_buf_clear(out);
    fy_cookies_put(out, j,
        fy_jar_find(j, peer.host, peer.is_address, peer.path, peer.is_secure), NULL,
        now);
    FUZZ_CHECK(!out->failed);
}

static void cookies_check_answers(cookies_world *w)
{
    char expected[MODEL_COOKIE_LINE];
    fy_buf out;
    fy_buf_init(&out, w->jar.platform, SIZE_MAX / 4);
    for (size_t i = 0; i < COOKIES_ASKERS; i++) {
        cookies_check_found(w, &cookies_askers[i]);
        model_jar_ask(&w->model, &cookies_askers[i], w->now, expected);
        cookies_ask(&w->jar, &cookies_askers[i], w->now, &out);
        FUZZ_CHECK(strcmp(fy_buf_text(&out), expected) == 0);
        w->jar.limits.header = COOKIES_HEADER;
        cookies_ask(&w->jar, &cookies_askers[i], w->now, &out);
        w->jar.limits.header = INT64_MAX;
        FUZZ_CHECK(strlen("Cookie: ") + out.len <= COOKIES_HEADER);
        FUZZ_CHECK(memcmp(fy_buf_text(&out), expected, out.len) == 0);
    }
    fy_buf_fini(&out);
}

static void cookies_set(
    cookies_world *w, const model_asker *who, const char *p, size_t n)
{
    const char *why;
    fy_cookie_peer peer = cookies_peer(who);
    char *exact = memory_exact(p, n);
    int64_t date;
    fy_cookie_date_parse((ferry_str){exact, n}, &date);
    FUZZ_CHECK(fy_cookies_take(&w->jar, &peer, (ferry_str){exact, n}, w->now, &why) ==
               FERRY_OK);
    free(exact);
    FUZZ_CHECK(model_jar_set(&w->model, who, p, n, w->now) == !why);
}

/* A file's lines are not the model's affair; what it gives is judged by itself. */
static void cookies_load(cookies_world *w, const char *p, size_t n)
{
    cookies_world other = {.now = w->now};
    int64_t dropped;
    char *exact = memory_exact(p, n);
    cookies_init_jar(&other.jar, w->jar.platform);
    FUZZ_CHECK(fy_cookies_txt_read(&other.jar, (ferry_str){exact, n}, FERRY_COOKIES_ALL,
                   w->now, &dropped) == FERRY_OK);
    FUZZ_CHECK(dropped >= 0 && (size_t)dropped <= n);
    for (size_t i = 0; i < COOKIES_ASKERS; i++)
        cookies_check_found(&other, &cookies_askers[i]);
    fy_jar_fini(&other.jar);
    free(exact);
}

static void cookies_check_round_trip(cookies_world *w)
{
    fy_jar again;
    fy_buf text, one, two;
    int64_t dropped;
    cookies_init_jar(&again, w->jar.platform);
    fy_buf_init(&text, w->jar.platform, SIZE_MAX / 4);
    fy_buf_init(&one, w->jar.platform, SIZE_MAX / 4);
    fy_buf_init(&two, w->jar.platform, SIZE_MAX / 4);
    size_t left_out = fy_cookies_txt_put(&text, &w->jar, FERRY_COOKIES_ALL, w->now);
    FUZZ_CHECK(fy_cookies_txt_read(&again, fy_buf_view(&text), FERRY_COOKIES_ALL,
                   w->now, &dropped) == FERRY_OK);
    FUZZ_CHECK(dropped == 0 && again.n == w->jar.n - left_out);
    for (size_t i = 0; i < COOKIES_ASKERS && !left_out; i++) {
        cookies_ask(&w->jar, &cookies_askers[i], w->now, &one);
        cookies_ask(&again, &cookies_askers[i], w->now, &two);
        FUZZ_CHECK(fuzz_is_same(fy_buf_view(&one), fy_buf_view(&two)));
    }
    fy_jar_fini(&again);
    fy_buf_fini(&text);
    fy_buf_fini(&one);
    fy_buf_fini(&two);
}

static void cookies_do(cookies_world *w, const char *p, size_t n)
{
    const model_asker *who = &cookies_askers[(unsigned char)p[0] % COOKIES_ASKERS];
    if (n < 2)
        return;
    if (p[1] == 'F')
        cookies_load(w, p + 2, n - 2);
    else if (n < COOKIES_LINE)
        cookies_set(w, who, p + 2, n - 2);
    w->now += p[1] == 'T';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cookies_world w = {.now = 1000};
    const char *p = (const char *)data, *end = p + size;
    fuzz_memory_init(&w.memory);
    cookies_init_jar(&w.jar, &w.memory.memory.platform);
    w.model = (model_jar){.per_domain = 6, .total = 14, .pair = 24, .attribute = 30};
    while (p < end) {
        const char *line = memchr(p, '\n', (size_t)(end - p));
        size_t n = (size_t)((line ? line : end) - p);
        if (n)
            cookies_do(&w, p, n);
        p += n + 1;
    }
    cookies_check_answers(&w);
    cookies_check_round_trip(&w);
    fy_jar_fini(&w.jar);
    FUZZ_CHECK(memory_is_clean(&w.memory.memory));
    return 0;
}
