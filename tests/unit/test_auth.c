/* test_auth.c - who asks, as a request says it, and which challenge is answered.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "policy/auth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

static memory m;
static fy_error x;
static fy_buf out;

static int set_up(void **state)
{
    (void)state;
    memory_init(&m);
    fy_buf_init(&out, &m.platform, 4096);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fy_buf_fini(&out);
    return memory_is_clean(&m) ? 0 : -1;
}

/* RFC 7617 2 and 2.1, and texts beyond ASCII as UTF-8. */
static void user_and_password_go_as_Basic(void **state)
{
    static const struct {
        const char *user, *password, *value;
    } cases[] = {
        {"Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
        {"test", "123\xc2\xa3", "Basic dGVzdDoxMjPCow=="},
        {"", "", "Basic Og=="},
        {"u", "", "Basic dTo="},
        {"", "p", "Basic OnA="},
        {"u", "a:b", "Basic dTphOmI="},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        fy_buf_clear(&out);
        fy_auth_put_basic(&out, fy_str(cases[i].user), fy_str(cases[i].password));
        assert_string_equal(fy_buf_text(&out), cases[i].value);
    }
}

static void a_token_goes_as_Bearer(void **state)
{
    (void)state;
    fy_auth_put_bearer(&out, FY_S("mF_9.B5f-4.1JqM"));
    assert_string_equal(fy_buf_text(&out), "Bearer mF_9.B5f-4.1JqM");
}

static void what_cannot_be_sent_safely_is_misuse(void **state)
{
    (void)state;
    assert_int_equal(
        fy_auth_check_user(FY_S("u \xc3\xa4"), FY_S("p:\xff"), &x), FERRY_OK);
    assert_int_equal(fy_auth_check_user(FY_S(""), FY_S(""), &x), FERRY_OK);
    for (int c = 0; c < 256; c++) {
        char byte = (char)c;
        ferry_str s = {&byte, 1};
        bool is_control = c < 32 || c == 127, is_visible = c > 32 && c < 127;
        assert_int_equal(fy_auth_check_user(s, FY_S("p"), &x),
            is_control || c == ':' ? FERRY_ERR_USAGE : FERRY_OK);
        assert_int_equal(fy_auth_check_user(FY_S("u"), s, &x),
            is_control ? FERRY_ERR_USAGE : FERRY_OK);
        assert_int_equal(
            fy_auth_check_token(s, &x), is_visible ? FERRY_OK : FERRY_ERR_USAGE);
    }
    assert_int_equal(fy_auth_check_token(FY_S(""), &x), FERRY_ERR_USAGE);
}

static void what_callers_give_is_checked_by_its_kind(void **state)
{
    const struct {
        ferry_auth auth;
        const char *what; /* NULL: fine */
    } cases[] = {
        {{.kind = FERRY_AUTH_INHERIT}, NULL},
        {ferry_no_auth(), NULL},
        {ferry_basic("u", "p"), NULL},
        {ferry_basic("u", NULL), NULL},
        {ferry_basic(NULL, NULL), NULL},
        {ferry_digest("u", "p"), NULL},
        {ferry_any_auth("u", "p"), NULL},
        {ferry_bearer("t"), NULL},
        {ferry_basic(NULL, "p"), "a password without a user"},
        {ferry_digest("a:b", "p"), "colon in a user"},
        {ferry_any_auth("u", "\n"), "control byte in a user or password"},
        {ferry_bearer(NULL), "an empty token"},
        {ferry_bearer("a b"), "a token holds a byte that is no visible ASCII"},
        {ferry_auth_custom(NULL, NULL), ".auth without its function"},
        {{.kind = (ferry_auth_kind)7}, ".auth is of no kind"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        ferry_err e = fy_auth_check(&cases[i].auth, &x);
        assert_int_equal(e, cases[i].what ? FERRY_ERR_USAGE : FERRY_OK);
        if (e)
            assert_string_equal(x.what, cases[i].what);
    }
}

static void a_copy_owns_its_texts_and_wipes_them(void **state)
{
    char user[] = "hunter2", password[] = "hunter2";
    const ferry_auth from = ferry_digest(user, password);
    ferry_auth copy;
    ferry_err e = FERRY_ERR_NOMEM;
    int k = 0;
    (void)state;
    m.secret = "hunter2";
    while (e) {
        m.fail_at = m.calls + ++k;
        e = fy_auth_copy(&copy, &m.platform, &from, &x);
        assert_true(e == FERRY_OK || e == FERRY_ERR_NOMEM);
        assert_true(!e || copy.kind == FERRY_AUTH_INHERIT);
    }
    assert_int_equal(k, 3);
    memset(user, 'z', strlen(user));
    memset(password, 'z', strlen(password));
    assert_int_equal(copy.kind, FERRY_AUTH_DIGEST);
    assert_string_equal(copy.user, "hunter2");
    assert_string_equal(copy.password, "hunter2");
    fy_auth_free(&copy, &m.platform);
    assert_null(copy.user);
}

static bool toy_make(unsigned char *digest, const ferry_str *pieces, size_t n)
{
    (void)pieces, (void)n;
    *digest = 0;
    return true;
}

static void the_strongest_of_all_challenges_is_answered(void **state)
{
    enum { BOTH = FY_AUTH_BASIC | FY_AUTH_DIGEST };
    static const fy_hash toys[] = {{"SHA-256", 1, toy_make}, {"MD5", 1, toy_make}};
    static const struct {
        const char *first, *second;
        int schemes;
        const char *chosen; /* how its parameters begin; NULL: none */
    } cases[] = {
        {"Basic realm=b", "", BOTH, "realm=b"},
        {"Basic realm=b", "", FY_AUTH_DIGEST, NULL},
        {"Basic", "", FY_AUTH_BASIC, ""},
        {"Digest realm=d, nonce=n", "", BOTH, "realm=d"},
        {"Digest realm=d, nonce=n", "", FY_AUTH_BASIC, NULL},
        {"Basic realm=b, Digest realm=d, nonce=n", "", BOTH, "realm=d"},
        {"Digest realm=d, nonce=n", "Basic realm=b", BOTH, "realm=d"},
        {"Digest realm=d, nonce=n, algorithm=SHA-512-256", "Basic realm=b", BOTH,
            "realm=b"},
        {"Digest realm=1, nonce=n", "Digest realm=2, nonce=n, algorithm=SHA-256", BOTH,
            "realm=2"},
        {"Digest realm=1, nonce=n, algorithm=SHA-256, Digest realm=2, nonce=n", "",
            BOTH, "realm=1"},
        {"Digest realm=1, nonce=n, Digest realm=2, nonce=n", "", BOTH, "realm=1"},
        {"Digest realm=\"1, nonce=n", "Digest realm=2, nonce=n", BOTH, "realm=2"},
        {"Bearer realm=x", "NTLM", BOTH, NULL},
        {"", "", BOTH, NULL},
    };
    const fy_hashes hashes = {toys, COUNT(toys)};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const ferry_field fields[] = {
            {FY_S("Proxy-Authenticate"), FY_S("Digest realm=p, nonce=p")},
            {FY_S("WWW-AUTHENTICATE"), fy_str(cases[i].first)},
            {FY_S("www-authenticate"), fy_str(cases[i].second)}};
        fy_challenge c;
        bool is_there = fy_auth_choose(&c, (ferry_fields){fields, COUNT(fields)},
            FY_S("WWW-Authenticate"), cases[i].schemes, &hashes, true);
        assert_true(is_there == (cases[i].chosen != NULL));
        if (is_there)
            assert_true(fy_str_starts_nocase(c.params, fy_str(cases[i].chosen)));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(user_and_password_go_as_Basic),
        TEST(a_token_goes_as_Bearer),
        TEST(what_cannot_be_sent_safely_is_misuse),
        TEST(what_callers_give_is_checked_by_its_kind),
        TEST(a_copy_owns_its_texts_and_wipes_them),
        TEST(the_strongest_of_all_challenges_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
