/* test_digest.c - the Digest scheme (RFC 7616), with hashes that show what they were
 * given. What real ones make of it is held by the vectors in tests/conform/digest.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "policy/digest.h"

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
static fy_digest d;
static fy_buf out;
static char hashed[4096]; /* what the hashes were given, one line each */
static int hash_fails_at; /* the call that fails, from 1; 0: none */

/* The digest is the number of this call. */
static bool toy_make(unsigned char *digest, const ferry_str *pieces, size_t n)
{
    static unsigned char calls;
    if (hash_fails_at && --hash_fails_at == 0)
        return false;
    if (!*hashed)
        calls = 0;
    *digest = ++calls;
    for (size_t i = 0; i < n; i++)
        strncat(hashed, pieces[i].ptr, pieces[i].len);
    strcat(hashed, "\n");
    return true;
}

static const fy_hash toys[] = {{"SHA-256", 1, toy_make}, {"MD5", 1, toy_make}};
static const fy_hashes hashes = {toys, COUNT(toys)}, no_hashes = {NULL, 0};

static int set_up(void **state)
{
    (void)state;
    memory_init(&m);
    fy_digest_init(&d, &m.platform);
    fy_buf_init(&out, &m.platform, 4096);
    *hashed = '\0';
    hash_fails_at = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fy_digest_fini(&d);
    fy_buf_fini(&out);
    return memory_is_clean(&m) ? 0 : -1;
}

static fy_challenge challenge(const char *field)
{
    ferry_str rest = fy_str(field);
    fy_challenge c;
    assert_true(fy_challenge_next(&rest, &c));
    assert_int_equal(rest.len, 0);
    return c;
}

static void read_field(const char *field)
{
    fy_challenge c = challenge(field);
    assert_int_equal(fy_digest_read(&d, &c, &hashes, &x), FERRY_OK);
}

static const fy_digest_ask plain = {
    .user = {"u", 1},
    .password = {"p", 1},
    .method = {"GET", 3},
    .uri = {"/x?y", 4},
    .body = {"", 0},
    .cnonce = {"c", 1},
};

static const char *answer(const fy_digest_ask *ask)
{
    *hashed = '\0';
    fy_buf_clear(&out);
    assert_int_equal(fy_digest_put(&out, &d, ask, &x), FERRY_OK);
    return fy_buf_text(&out);
}

/* --- which challenges ------------------------------------------------------------ */

static int strength(const char *field, bool can_hash_body)
{
    fy_challenge c = challenge(field);
    return fy_digest_strength(&c, &hashes, can_hash_body);
}

static void stronger_hashes_make_stronger_answers(void **state)
{
    (void)state;
    assert_int_equal(strength("Digest realm=r, nonce=n", true), 1);
    assert_int_equal(strength("digest realm=r, nonce=n, algorithm=md5", true), 1);
    assert_int_equal(
        strength("Digest realm=r, nonce=n, algorithm=\"MD5-sess\"", true), 1);
    assert_int_equal(strength("Digest realm=r, nonce=n, algorithm=SHA-256", true), 2);
    assert_int_equal(
        strength("Digest realm=r, nonce=n, algorithm=sha-256-SESS", true), 2);
}

static void what_cannot_be_answered_has_no_strength(void **state)
{
    static const char *const fields[] = {
        "Digest",
        "Digest realm=r",
        "Digest nonce=n",
        "Basic realm=r, nonce=n",
        "Digest realm=r, nonce=n, algorithm=SHA-512-256",
        "Digest realm=r, nonce=n, algorithm=SHA-256-session",
        "Digest realm=r, nonce=n, algorithm=\"\"",
        "Digest realm=r, nonce=n, qop=token",
        "Digest realm=r, nonce=n, qop=\"auth-intx\"",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(fields); i++)
        assert_int_equal(strength(fields[i], true), 0);
    fy_challenge c = challenge("Digest realm=r, nonce=n");
    assert_int_equal(fy_digest_strength(&c, &no_hashes, true), 0);
}

static void auth_int_needs_the_body_at_hand(void **state)
{
    (void)state;
    assert_int_equal(strength("Digest realm=r, nonce=n, qop=auth-int", true), 1);
    assert_int_equal(strength("Digest realm=r, nonce=n, qop=auth-int", false), 0);
    assert_int_equal(
        strength("Digest realm=r, nonce=n, qop=\"auth-int, auth\"", false), 1);
    assert_int_equal(strength("Digest realm=r, nonce=n, qop=\" , \"", false), 1);
}

/* --- answers --------------------------------------------------------------------- */

static void without_a_qop_the_answer_is_that_of_RFC_2069(void **state)
{
    (void)state;
    read_field("Digest realm=\"r\", nonce=n");
    assert_string_equal(answer(&plain), "Digest username=\"u\", realm=\"r\", "
                                        "nonce=\"n\", uri=\"/x?y\", response=\"03\"");
    assert_string_equal(hashed, "u:r:p\nGET:/x?y\n01:n:02\n");
    read_field("Digest realm=\"r\", nonce=n, qop=\"\"");
    assert_null(strstr(answer(&plain), "qop"));
}

static void with_a_qop_answers_are_counted_from_1_for_each_nonce(void **state)
{
    (void)state;
    read_field("Digest realm=r, nonce=n, opaque=\"\", qop=\"auth,auth-int\"");
    assert_string_equal(answer(&plain),
        "Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"/x?y\", "
        "response=\"03\", opaque=\"\", qop=auth, nc=00000001, cnonce=\"c\"");
    assert_string_equal(hashed, "u:r:p\nGET:/x?y\n01:n:00000001:c:auth:02\n");
    assert_non_null(strstr(answer(&plain), "nc=00000002,"));
    d.count = 0xabcdef0e;
    assert_non_null(strstr(answer(&plain), "nc=abcdef0f,"));
    read_field("Digest realm=r, nonce=m, qop=auth");
    assert_non_null(strstr(answer(&plain), "nc=00000001,"));
}

static void the_body_is_hashed_only_where_nothing_less_is_offered(void **state)
{
    fy_digest_ask ask = plain;
    (void)state;
    ask.body = FY_S("a=1");
    read_field("Digest realm=r, nonce=n, qop=auth-int");
    assert_non_null(strstr(answer(&ask), "qop=auth-int,"));
    assert_string_equal(
        hashed, "u:r:p\na=1\nGET:/x?y:02\n01:n:00000001:c:auth-int:03\n");
    ask.body = (ferry_str){NULL, 0};
    assert_int_equal(fy_digest_put(&out, &d, &ask, &x), FERRY_ERR_UNSUPPORTED);
    assert_string_equal(x.what, "Digest with qop=auth-int needs a body in memory");
}

/* RFC 7616 3.4.2: the key is made once for each nonce, whoever keeps it. */
static void a_session_keeps_its_first_cnonce_for_as_long_as_its_nonce(void **state)
{
    fy_digest_ask ask = plain;
    (void)state;
    ask.cnonce = FY_S("0123456789abcdef0123456789abcdef");
    read_field("Digest realm=r, nonce=n, qop=auth, algorithm=MD5-sess");
    assert_non_null(
        strstr(answer(&ask), "cnonce=\"0123456789abcdef0123456789abcdef\""));
    assert_non_null(strstr(hashed, "\n01:n:0123456789abcdef0123456789abcdef\n"));
    ask.cnonce = FY_S("ffffffffffffffffffffffffffffffff");
    assert_non_null(
        strstr(answer(&ask), "cnonce=\"0123456789abcdef0123456789abcdef\""));
    read_field("Digest realm=r, nonce=m, algorithm=MD5-sess");
    assert_non_null(
        strstr(answer(&ask), "cnonce=\"ffffffffffffffffffffffffffffffff\""));
}

static void texts_are_hashed_as_they_are_meant_and_sent_with_their_escapes(void **state)
{
    fy_digest_ask ask = plain;
    (void)state;
    ask.user = FY_S("a\"b\\c");
    ask.uri = FY_S("/\"");
    read_field("Digest realm=\"x \\\"y\\\"\", nonce=\"\\n\", opaque=\"o\\\\\"");
    assert_string_equal(answer(&ask),
        "Digest username=\"a\\\"b\\\\c\", realm=\"x \\\"y\\\"\", nonce=\"n\", "
        "uri=\"/\\\"\", response=\"03\", opaque=\"o\\\\\"");
    assert_non_null(strstr(hashed, "a\"b\\c:x \"y\":p\n"));
}

static void the_algorithm_is_said_as_the_server_said_it(void **state)
{
    (void)state;
    read_field("Digest realm=r, nonce=n, algorithm=\"sha-256\"");
    assert_non_null(strstr(answer(&plain), ", algorithm=sha-256"));
    read_field("Digest realm=r, nonce=n");
    assert_null(strstr(answer(&plain), "algorithm"));
}

static void a_user_is_hashed_or_encoded_if_the_server_asks_for_it(void **state)
{
    fy_digest_ask ask = plain;
    (void)state;
    ask.user = FY_S("J\xc3\xa4 s~1");
    read_field("Digest realm=r, nonce=n, userhash=true, charset=UTF-8");
    assert_non_null(strstr(answer(&ask), "username=\"04\""));
    assert_non_null(strstr(fy_buf_text(&out), ", userhash=true"));
    assert_non_null(strstr(hashed, "\nJ\xc3\xa4 s~1:r\n"));
    read_field("Digest realm=r, nonce=n, userhash=false, charset=utf-8");
    assert_non_null(strstr(answer(&ask), "Digest username*=UTF-8''J%C3%A4%20s~1, "));
    read_field("Digest realm=r, nonce=n");
    assert_non_null(strstr(answer(&ask), "Digest username=\"J\xc3\xa4 s~1\", "));
    read_field("Digest realm=r, nonce=n, charset=UTF-8");
    assert_non_null(strstr(answer(&plain), "Digest username=\"u\", "));
}

static void stale_is_seen(void **state)
{
    (void)state;
    read_field("Digest realm=r, nonce=n, stale=TRUE");
    assert_true(d.is_stale);
    read_field("Digest realm=r, nonce=n, stale=false");
    assert_false(d.is_stale);
    read_field("Digest realm=r, nonce=n");
    assert_false(d.is_stale);
}

/* --- failing --------------------------------------------------------------------- */

static void a_hash_that_fails_at_any_call_is_an_error(void **state)
{
    static const struct {
        const char *field;
        int calls; /* of the hash, for one answer */
    } cases[] = {
        {"Digest realm=r, nonce=n", 3},
        {"Digest realm=r, nonce=n, qop=auth", 3},
        {"Digest realm=r, nonce=n, qop=auth, algorithm=MD5-sess", 4},
        {"Digest realm=r, nonce=n, qop=auth-int", 4},
        {"Digest realm=r, nonce=n, qop=auth, userhash=true", 4},
        {"Digest realm=r, nonce=n, qop=auth-int, userhash=true, algorithm=MD5-sess", 6},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        read_field(cases[i].field);
        for (int k = 1; k <= cases[i].calls; k++) {
            hash_fails_at = k;
            assert_int_equal(
                fy_digest_put(&out, &d, &plain, &x), FERRY_ERR_UNSUPPORTED);
            assert_string_equal(x.what, "the hash cannot be made");
        }
        hash_fails_at = cases[i].calls + 1;
        answer(&plain);
        assert_int_equal(hash_fails_at, 1);
        hash_fails_at = 0;
    }
}

static void without_memory_nothing_is_remembered_at_any_call(void **state)
{
    char field[600] = "Digest realm=\"";
    ferry_err e = FERRY_ERR_NOMEM;
    int k = 0;
    (void)state;
    memset(field + strlen(field), 'r', 500);
    strcat(field, "\", nonce=n");
    fy_challenge c = challenge(field);
    while (e) {
        m.fail_at = m.calls + ++k;
        e = fy_digest_read(&d, &c, &hashes, &x);
        assert_true(e == FERRY_OK || e == FERRY_ERR_NOMEM);
        assert_true((e == FERRY_OK) == (d.hash != NULL));
    }
    assert_true(k > 1);
    m.fail_at = m.calls + 1;
    assert_int_equal(fy_digest_put(&out, &d, &plain, &x), FERRY_ERR_NOMEM);
}

/* A count that starts anew for a nonce that was used is an answer that a server has seen
 * before (RFC 7616 5.3). */
static void a_nonce_that_cannot_be_compared_is_not_taken_for_a_new_one(void **state)
{
    (void)state;
    static const char field[] =
        "Digest realm=r, nonce=\"0123456789012345678901234567890123456789\", qop=auth";
    read_field(field);
    assert_non_null(strstr(answer(&plain), "nc=00000001,"));
    fy_challenge c = challenge(field);
    m.fail_at = m.calls + 1;
    assert_int_equal(fy_digest_read(&d, &c, &hashes, &x), FERRY_ERR_NOMEM);
    assert_null(d.hash);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(stronger_hashes_make_stronger_answers),
        TEST(what_cannot_be_answered_has_no_strength),
        TEST(auth_int_needs_the_body_at_hand),
        TEST(without_a_qop_the_answer_is_that_of_RFC_2069),
        TEST(with_a_qop_answers_are_counted_from_1_for_each_nonce),
        TEST(the_body_is_hashed_only_where_nothing_less_is_offered),
        TEST(a_session_keeps_its_first_cnonce_for_as_long_as_its_nonce),
        TEST(texts_are_hashed_as_they_are_meant_and_sent_with_their_escapes),
        TEST(the_algorithm_is_said_as_the_server_said_it),
        TEST(a_user_is_hashed_or_encoded_if_the_server_asks_for_it),
        TEST(stale_is_seen),
        TEST(a_hash_that_fails_at_any_call_is_an_error),
        TEST(without_memory_nothing_is_remembered_at_any_call),
        TEST(a_nonce_that_cannot_be_compared_is_not_taken_for_a_new_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
