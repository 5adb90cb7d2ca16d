/* test_socks.c - asking a SOCKS proxy for a connection.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "proto/socks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/* One handshake: what we say, what the proxy says to it, in turns. */
typedef struct talk {
    memory memory;
    fy_buf out;
    fy_socks socks;
    fy_error error;
} talk;

static void talk_init(talk *t)
{
    memset(t, 0, sizeof *t);
    memory_init(&t->memory);
    fy_buf_init(&t->out, &t->memory.platform, 2000);
}

static void talk_fini(talk *t)
{
    fy_buf_fini(&t->out);
    assert_true(memory_is_clean(&t->memory));
}

static void talk_begin(talk *t, const fy_socks_wish *w, ferry_str says)
{
    assert_int_equal(fy_socks_begin(&t->socks, w, &t->out, &t->error), FERRY_OK);
    assert_int_equal(t->out.len, says.len);
    assert_memory_equal(t->out.ptr, says.ptr, says.len);
    fy_buf_clear(&t->out);
}

/* All of `hears` in pieces of at most `cut`. */
static ferry_err talk_hear(talk *t, ferry_str hears, size_t cut)
{
    ferry_err e = FERRY_AGAIN;
    while (hears.len && e == FERRY_AGAIN) {
        size_t n = hears.len < cut ? hears.len : cut;
        assert_true(t->socks.wants > 0);
        n = n < t->socks.wants ? n : t->socks.wants;
        e = fy_socks_take(&t->socks, fy_str_upto(hears, n), &t->out, &t->error);
        hears = fy_str_from(hears, n);
    }
    assert_int_equal(hears.len, 0);
    return e;
}

static void talk_says(talk *t, ferry_str says)
{
    assert_int_equal(t->out.len, says.len);
    assert_memory_equal(t->out.ptr, says.ptr, says.len);
    fy_buf_clear(&t->out);
}

static const ferry_addr v4 = {.family = FERRY_IPV4, .bytes = {192, 0, 2, 7}};
static const ferry_addr v6 = {
    .family = FERRY_IPV6, .bytes = {0x20, 1, 0xd, 0xb8, [15] = 1}};
static const size_t cuts[] = {1, 2, 3, 7, 1000};

enum { CUTS = sizeof cuts / sizeof *cuts };

/* --- SOCKS4 ---------------------------------------------------------------------- */

static void socks4_asks_by_address_and_user(void **state)
{
    const fy_socks_wish w = {.is_v4 = true,
        .addr = v4,
        .port = 0x1f90,
        .has_user = true,
        .user = FY_S("ada")};
    (void)state;
    for (size_t i = 0; i < CUTS; i++) {
        talk t;
        talk_init(&t);
        talk_begin(&t, &w,
            FY_S("\x04\x01\x1f\x90\xc0\x00\x02\x07"
                 "ada\0"));
        assert_int_equal(talk_hear(&t, FY_S("\0\x5a??????"), cuts[i]), FERRY_OK);
        assert_int_equal(t.socks.wants, 0);
        talk_fini(&t);
    }
}

static void socks4a_puts_the_name_behind_an_address_that_is_none(void **state)
{
    const fy_socks_wish w = {.is_v4 = true, .host = FY_S("h.test"), .port = 80};
    talk t;
    (void)state;
    talk_init(&t);
    talk_begin(&t, &w, FY_S("\x04\x01\0\x50\0\0\0\x01\0h.test\0"));
    assert_int_equal(talk_hear(&t, FY_S("\0\x5a\0\0\0\0\0\0"), 1), FERRY_OK);
    talk_fini(&t);
}

static void socks4_says_why_it_was_refused(void **state)
{
    static const struct {
        const char *reply, *what;
    } cases[] = {
        {"\0\x5b------", "the SOCKS4 proxy refused or failed"},
        {"\0\x5c------", "the SOCKS4 proxy could not ask who the user is"},
        {"\0\x5d------", "the SOCKS4 proxy heard of another user"},
        {"\0\x00------", "the SOCKS4 proxy answered with an unknown code"},
        {"\x04\x5a------", "not the answer of a SOCKS4 proxy"},
        {"HTTP/1.1", "not the answer of a SOCKS4 proxy"},
    };
    const fy_socks_wish w = {.is_v4 = true, .addr = v4, .port = 80};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        talk t;
        talk_init(&t);
        talk_begin(&t, &w, FY_S("\x04\x01\0\x50\xc0\0\x02\x07\0"));
        ferry_str reply = {cases[i].reply, 8};
        assert_int_equal(talk_hear(&t, reply, 3), FERRY_ERR_PROXY);
        assert_string_equal(t.error.what, cases[i].what);
        talk_fini(&t);
    }
}

/* --- SOCKS5 ---------------------------------------------------------------------- */

static void socks5_without_user_offers_one_method(void **state)
{
    const fy_socks_wish w = {.host = FY_S("h.test"), .port = 443};
    (void)state;
    for (size_t i = 0; i < CUTS; i++) {
        talk t;
        talk_init(&t);
        talk_begin(&t, &w, FY_S("\x05\x01\0"));
        assert_int_equal(talk_hear(&t, FY_S("\x05\0"), cuts[i]), FERRY_AGAIN);
        talk_says(&t, FY_S("\x05\x01\0\x03\x06h.test\x01\xbb"));
        assert_int_equal(
            talk_hear(&t, FY_S("\x05\0\0\x01\x7f\0\0\x01\x04\x38"), cuts[i]), FERRY_OK);
        talk_fini(&t);
    }
}

static void socks5_says_user_and_password_where_they_are_wanted(void **state)
{
    const fy_socks_wish w = {.addr = v6,
        .port = 80,
        .has_user = true,
        .user = FY_S("ada"),
        .password = FY_S("p w")};
    (void)state;
    for (size_t i = 0; i < CUTS; i++) {
        talk t;
        talk_init(&t);
        talk_begin(&t, &w, FY_S("\x05\x02\0\x02"));
        assert_int_equal(talk_hear(&t, FY_S("\x05\x02"), cuts[i]), FERRY_AGAIN);
        talk_says(&t, FY_S("\x01\x03"
                           "ada\x03p w"));
        assert_int_equal(talk_hear(&t, FY_S("\x01\0"), cuts[i]), FERRY_AGAIN);
        talk_says(
            &t, FY_S("\x05\x01\0\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\0\x50"));
        assert_int_equal(talk_hear(&t,
                             FY_S("\x05\0\0\x04"
                                  "0123456789abcdef"
                                  "\0\x50"),
                             cuts[i]),
            FERRY_OK);
        talk_fini(&t);
    }
}

static void socks5_does_not_say_a_password_that_nobody_asks_for(void **state)
{
    const fy_socks_wish w = {.addr = v4,
        .port = 80,
        .has_user = true,
        .user = FY_S("a"),
        .password = FY_S("b")};
    talk t;
    (void)state;
    talk_init(&t);
    talk_begin(&t, &w, FY_S("\x05\x02\0\x02"));
    assert_int_equal(talk_hear(&t, FY_S("\x05\0"), 9), FERRY_AGAIN);
    talk_says(&t, FY_S("\x05\x01\0\x01\xc0\0\x02\x07\0\x50"));
    talk_fini(&t);
}

/* The name that a proxy bound to has any length, and not one byte more is wanted. */
static void socks5_takes_replies_with_names_of_any_length(void **state)
{
    static const size_t lens[] = {0, 1, 2, 255};
    const fy_socks_wish w = {.host = FY_S("h.test"), .port = 80};
    (void)state;
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        char reply[5 + 255 + 2] = "\x05\0\0\x03";
        talk t;
        talk_init(&t);
        talk_begin(&t, &w, FY_S("\x05\x01\0"));
        assert_int_equal(talk_hear(&t, FY_S("\x05\0"), 2), FERRY_AGAIN);
        reply[4] = (char)lens[i];
        ferry_str all = {reply, 5 + lens[i] + 2};
        assert_int_equal(talk_hear(&t, fy_str_upto(all, all.len - 1), 7), FERRY_AGAIN);
        assert_int_equal(t.socks.wants, 1);
        assert_int_equal(talk_hear(&t, fy_str_from(all, all.len - 1), 7), FERRY_OK);
        talk_fini(&t);
    }
}

static void socks5_says_why_it_was_refused(void **state)
{
    static const struct {
        const char *method, *reply, *what;
        size_t n;
    } cases[] = {
        {"HT", "", "not the answer of a SOCKS5 proxy", 0},
        {"\x05\xff", "", "the SOCKS5 proxy wants to know who asks", 0},
        {"\x05\x02", "", "the SOCKS5 proxy chose what was not offered", 0},
        {"\x05\x01", "", "the SOCKS5 proxy chose what was not offered", 0},
        {"\x05\0", "\x04\0", "not the reply of a SOCKS5 proxy", 2},
        {"\x05\0", "\x05\x01", "the SOCKS5 proxy failed", 2},
        {"\x05\0", "\x05\x02", "the SOCKS5 proxy does not allow this connection", 2},
        {"\x05\0", "\x05\x03", "the SOCKS5 proxy found the network unreachable", 2},
        {"\x05\0", "\x05\x04", "the SOCKS5 proxy found the host unreachable", 2},
        {"\x05\0", "\x05\x05", "the SOCKS5 proxy was refused by the host", 2},
        {"\x05\0", "\x05\x06", "the SOCKS5 proxy ran out of hops", 2},
        {"\x05\0", "\x05\x07", "the SOCKS5 proxy does not connect", 2},
        {"\x05\0", "\x05\x08", "the SOCKS5 proxy does not know this kind of address",
            2},
        {"\x05\0", "\x05\x09", "the SOCKS5 proxy answered with an unknown code", 2},
        {"\x05\0", "\x05\0\0\x02.", "the SOCKS5 proxy names an unknown kind of address",
            5},
    };
    const fy_socks_wish w = {.host = FY_S("h.test"), .port = 80};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        talk t;
        talk_init(&t);
        talk_begin(&t, &w, FY_S("\x05\x01\0"));
        ferry_err e = talk_hear(&t, (ferry_str){cases[i].method, 2}, 1);
        fy_buf_clear(&t.out);
        if (cases[i].n)
            e = talk_hear(&t, (ferry_str){cases[i].reply, cases[i].n}, 1);
        assert_int_equal(e, FERRY_ERR_PROXY);
        assert_string_equal(t.error.what, cases[i].what);
        talk_fini(&t);
    }
}

static void socks5_tells_a_wrong_password_from_none_wanted(void **state)
{
    const fy_socks_wish w = {.addr = v4,
        .port = 80,
        .has_user = true,
        .user = FY_S("a"),
        .password = FY_S("")};
    talk t;
    (void)state;
    talk_init(&t);
    talk_begin(&t, &w, FY_S("\x05\x02\0\x02"));
    assert_int_equal(talk_hear(&t, FY_S("\x05\xff"), 2), FERRY_ERR_PROXY);
    assert_string_equal(t.error.what, "the SOCKS5 proxy takes no user and password");
    talk_begin(&t, &w, FY_S("\x05\x02\0\x02"));
    assert_int_equal(talk_hear(&t, FY_S("\x05\x02"), 2), FERRY_AGAIN);
    talk_says(&t, FY_S("\x01\x01"
                       "a\0"));
    assert_int_equal(talk_hear(&t, FY_S("\x01\x01"), 2), FERRY_ERR_PROXY);
    assert_string_equal(t.error.what, "the SOCKS5 proxy refused user and password");
    talk_begin(&t, &w, FY_S("\x05\x02\0\x02"));
    assert_int_equal(talk_hear(&t, FY_S("\x05\x02"), 2), FERRY_AGAIN);
    fy_buf_clear(&t.out);
    assert_int_equal(talk_hear(&t, FY_S("\x05\0"), 2), FERRY_ERR_PROXY);
    talk_fini(&t);
}

/* --- what cannot be said --------------------------------------------------------- */

static void a_SOCKS_name_of_more_than_255_bytes_is_an_error(void **state)
{
    char text[256];
    talk t;
    (void)state;
    memset(text, 'a', sizeof text);
    const ferry_str longest = {text, 255}, longer = {text, 256}, user = FY_S("u");
    const struct {
        fy_socks_wish wish;
        ferry_err e;
    } cases[] = {
        {{.host = longest, .port = 80}, FERRY_OK},
        {{.host = longer, .port = 80}, FERRY_ERR_PROXY},
        {{.is_v4 = true, .host = longest, .port = 80}, FERRY_OK},
        {{.is_v4 = true, .host = longer, .port = 80}, FERRY_ERR_PROXY},
        {{.addr = v4, .has_user = true, .user = longest, .password = longest},
            FERRY_OK},
        {{.addr = v4, .has_user = true, .user = longer}, FERRY_ERR_PROXY},
        {{.addr = v4, .has_user = true, .user = user, .password = longer},
            FERRY_ERR_PROXY},
        {{.addr = v4, .has_user = true, .user = FY_S("")}, FERRY_ERR_PROXY},
        {{.is_v4 = true, .addr = v4, .has_user = true, .user = longer},
            FERRY_ERR_PROXY},
        {{.is_v4 = true, .addr = v4, .has_user = true, .user = FY_S("a\0b")},
            FERRY_ERR_PROXY},
        {{.is_v4 = true, .addr = v6}, FERRY_ERR_PROXY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        talk_init(&t);
        assert_int_equal(
            fy_socks_begin(&t.socks, &cases[i].wish, &t.out, &t.error), cases[i].e);
        assert_true(cases[i].e == FERRY_OK || t.out.len == 0);
        talk_fini(&t);
    }
}

static void socks_without_memory_says_so(void **state)
{
    const fy_socks_wish w = {.addr = v4, .port = 80};
    talk t;
    (void)state;
    talk_init(&t);
    t.memory.fail_at = 1;
    assert_int_equal(fy_socks_begin(&t.socks, &w, &t.out, &t.error), FERRY_ERR_NOMEM);
    talk_fini(&t);
}

static void what_is_said_to_SOCKS_has_a_ceiling(void **state)
{
    const fy_socks_wish w = {.addr = v4, .port = 80};
    talk t;
    (void)state;
    talk_init(&t);
    t.out.max = 5; /* the greeting fits, the request does not */
    talk_begin(&t, &w, FY_S("\x05\x01\0"));
    assert_int_equal(talk_hear(&t, FY_S("\x05\0"), 2), FERRY_ERR_LIMIT);
    talk_fini(&t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(socks4_asks_by_address_and_user),
        cmocka_unit_test(socks4a_puts_the_name_behind_an_address_that_is_none),
        cmocka_unit_test(socks4_says_why_it_was_refused),
        cmocka_unit_test(socks5_without_user_offers_one_method),
        cmocka_unit_test(socks5_says_user_and_password_where_they_are_wanted),
        cmocka_unit_test(socks5_does_not_say_a_password_that_nobody_asks_for),
        cmocka_unit_test(socks5_takes_replies_with_names_of_any_length),
        cmocka_unit_test(socks5_says_why_it_was_refused),
        cmocka_unit_test(socks5_tells_a_wrong_password_from_none_wanted),
        cmocka_unit_test(a_SOCKS_name_of_more_than_255_bytes_is_an_error),
        cmocka_unit_test(socks_without_memory_says_so),
        cmocka_unit_test(what_is_said_to_SOCKS_has_a_ceiling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
