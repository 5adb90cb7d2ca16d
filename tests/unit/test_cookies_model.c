/* test_cookies_model.c - the jar against a slow, plain model of RFC 6265bis, over many
 * chosen-at-random histories with small limits.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "lib/model_cookies.h"
#include "policy/cookies_txt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static uint32_t chance;

static uint32_t draw(uint32_t n)
{
    chance = chance * 1664525u + 1013904223u;
    return (chance >> 8) % n;
}

static const char *one_of(const char *const *texts, uint32_t n)
{
    return texts[draw(n)];
}

#define ONE_OF(...)                                                                    \
    one_of((const char *const[]){__VA_ARGS__},                                         \
        sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static model_asker draw_asker(void)
{
    model_asker who = {
        .host = ONE_OF("a.test", "x.a.test", "y.x.a.test", "xa.test", "pub.test",
            "z.pub.test", "localhost", "127.0.0.1", "a.test.", "7.0.0.1.test", "[::1]"),
        .path = ONE_OF("/", "/p", "/p/", "/p/q", "/p/q/r", "/pq"),
        .is_secure = draw(2)};
    who.is_address = who.host[0] == '[' || strcmp(who.host, "127.0.0.1") == 0;
    return who;
}

static void draw_attribute(char *to)
{
    switch (draw(9)) {
    case 0:
        sprintf(to, "; Domain=%s",
            ONE_OF("a.test", ".a.test", "A.Test", "x.a.test", "test", "pub.test", "",
                "a.test.", ".", "0.0.1", "127.0.0.1", "[::1]", ":1]", "..a.test"));
        break;
    case 1: sprintf(to, ";path=%s", ONE_OF("/", "/p", "/p/", "/p/q", "p", "")); break;
    case 2: strcpy(to, "; Secure"); break;
    case 3: strcpy(to, ";HttpOnly;"); break;
    case 4:
        sprintf(to, "; Max-Age=%s",
            ONE_OF("0", "1", "5", "-1", "99999999999999999999", "x", "", "-", "1.5",
                "007"));
        break;
    case 6:
        sprintf(to, "; Expires=%s",
            ONE_OF("01 Jan 1970 00:16:41", "01 Jan 1970 00:16:45", "never", "",
                "Thu, 01 Jan 1970 00:00:00 GMT", "31 Dec 9999 23:59:59"));
        break;
    case 5:
        sprintf(to, "; SameSite = %s", ONE_OF("None", "lax", "Strict", "", "Other"));
        break;
    default: *to = '\0';
    }
}

/* A Set-Cookie field that means something, more or less. */
static void draw_line(char line[512], unsigned serial)
{
    sprintf(line, "%s%s%u",
        ONE_OF("a", "b", "c", "", "a", "b", "__Secure-a", "__host-b", "A", " b\t"),
        draw(20) ? "=" : "", serial);
    for (uint32_t n = draw(5); n; n--)
        draw_attribute(line + strlen(line));
    if (draw(40) == 0)
        line[draw((uint32_t)strlen(line))] = '\x01';
    if (draw(60) == 0)
        strcpy(
            line, ONE_OF("", "=", ";", "=;=", "__Secure-x", "=__Host-x=1", "==", " "));
}

static fy_cookie_peer peer_of(const model_asker *who)
{
    return (fy_cookie_peer){
        fy_str(who->host), fy_str(who->path), who->is_secure, who->is_address};
}

static bool pub_test(void *ctx, const char *domain)
{
    (void)ctx;
    return strcmp(domain, "pub.test") == 0;
}

static void expect_same(
    fy_jar *j, model_jar *model, const model_asker *who, int64_t now)
{
    char expected[MODEL_COOKIE_LINE];
    fy_buf got;
    fy_cookie_peer peer = peer_of(who);
    fy_buf_init(&got, j->platform, SIZE_MAX / 4);
    fy_cookies_put(&got, j,
        fy_jar_find(j, peer.host, peer.is_address, peer.path, peer.is_secure), NULL,
        now);
    model_jar_ask(model, who, now, expected);
    assert_string_equal(fy_buf_text(&got), expected);
    fy_buf_fini(&got);
}

/* Saved and loaded again a jar answers the same, unless a tab was in the way. */
static void expect_kept(fy_jar *j, model_jar *model, int64_t now)
{
    fy_jar again;
    fy_buf text;
    int64_t dropped;
    model_jar copy = *model;
    fy_buf_init(&text, j->platform, SIZE_MAX / 4);
    fy_jar_init(&again, j->platform, 99);
    again.limits = j->limits;
    again.suffixes = j->suffixes;
    size_t left_out = fy_cookies_txt_put(&text, j, FERRY_COOKIES_ALL, now);
    assert_int_equal(fy_cookies_txt_read(
                         &again, fy_buf_view(&text), FERRY_COOKIES_ALL, now, &dropped),
        FERRY_OK);
    assert_int_equal(dropped, 0);
    assert_int_equal(again.n, j->n - left_out);
    for (int i = 0; i < 10 && !left_out; i++) {
        model_asker who = draw_asker();
        expect_same(&again, &copy, &who, now);
    }
    fy_jar_fini(&again);
    fy_buf_fini(&text);
}

static void live(memory *m, uint32_t seed)
{
    fy_jar j;
    model_jar model = {.per_domain = 4, .total = 9, .pair = 20, .attribute = 30};
    int64_t now = 1000;
    chance = seed;
    fy_jar_init(&j, &m->platform, seed);
    fy_cookies_fill(&j.limits);
    j.limits.per_domain = 4;
    j.limits.total = 9;
    j.limits.pair = 20;
    j.limits.attribute = 30;
    j.suffixes.is_public = pub_test;
    for (unsigned i = 0; i < 60; i++) {
        char line[512];
        const char *why;
        model_asker who = draw_asker();
        fy_cookie_peer peer = peer_of(&who);
        now += draw(8) == 0 ? draw(4) : 0;
        draw_line(line, i);
        assert_int_equal(fy_cookies_take(&j, &peer, fy_str(line), now, &why), FERRY_OK);
        if (model_jar_set(&model, &who, line, strlen(line), now) != !why)
            fail_msg("seed %u: \"%s\" from %s: %s", seed, line, who.host,
                why ? why : "was taken");
        who = draw_asker();
        expect_same(&j, &model, &who, now);
    }
    expect_kept(&j, &model, now);
    fy_jar_fini(&j);
}

static void the_jar_answers_as_a_plain_list_does(void **state)
{
    memory m;
    (void)state;
    memory_init(&m);
    for (uint32_t seed = 1; seed <= 3000; seed++)
        live(&m, seed);
    assert_true(memory_is_clean(&m));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_jar_answers_as_a_plain_list_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
