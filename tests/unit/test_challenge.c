/* test_challenge.c - lists of challenges, taken apart (RFC 9110 11.6.1).
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "policy/challenge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

static memory m;
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

/* What was read, as "scheme token68 {params}", one after the other. */
static const char *read_all(const char *field)
{
    size_t len = strlen(field);
    char *exact = memory_exact(field, len);
    ferry_str rest = {exact, len};
    fy_challenge c;
    fy_buf_clear(&out);
    while (fy_challenge_next(&rest, &c)) {
        fy_buf_puts(&out, out.len ? FY_S(" | ") : FY_S(""));
        fy_buf_puts(&out, c.scheme);
        fy_buf_puts(&out, c.token68.len ? FY_S(" ") : FY_S(""));
        fy_buf_puts(&out, c.token68);
        fy_buf_puts(&out, c.params.len ? FY_S(" {") : FY_S(""));
        fy_buf_puts(&out, c.params);
        fy_buf_puts(&out, c.params.len ? FY_S("}") : FY_S(""));
    }
    free(exact);
    return fy_buf_text(&out);
}

static void a_field_is_a_list_of_challenges(void **state)
{
    static const struct {
        const char *field, *read;
    } cases[] = {
        {"", ""},
        {" , ,", ""},
        {"Basic", "Basic"},
        {"Basic, NTLM ,Digest", "Basic | NTLM | Digest"},
        {"Basic realm=\"x\"", "Basic {realm=\"x\"}"},
        {"Basic realm=x", "Basic {realm=x}"},
        {"Basic   realm = \"x\"\t", "Basic {realm = \"x\"}"},
        {"Basic realm=\"x\",, charset=\"UTF-8\",",
            "Basic {realm=\"x\",, charset=\"UTF-8\"}"},
        {"Basic ,realm=x", "Basic {realm=x}"},
        /* RFC 9110 11.6.1 */
        {"Basic realm=\"simple\", Newauth realm=\"apps\", type=1, title=\"Login to "
         "\\\"apps\\\"\"",
            "Basic {realm=\"simple\"} | Newauth {realm=\"apps\", type=1, title=\"Login "
            "to \\\"apps\\\"\"}"},
        {"Negotiate YWJj==, Basic realm=x", "Negotiate YWJj== | Basic {realm=x}"},
        {"Negotiate a/b+c-d._~, x", "Negotiate a/b+c-d._~ | x"},
        {"Negotiate YWJj= , Basic", "Negotiate YWJj= | Basic"},
        /* commas and scheme names in quotes are text */
        {"Digest realm=\"a, Basic realm=b\", nonce=c",
            "Digest {realm=\"a, Basic realm=b\", nonce=c}"},
        /* more than a token without quotes, as some servers write it */
        {"Digest nonce=YWJj+/==, qop=auth", "Digest {nonce=YWJj+/==, qop=auth}"},
        {"Digest realm=a@b:c", "Digest {realm=a@b:c}"},
        {"Digest realm=\"\", nonce=\"\\\"\"", "Digest {realm=\"\", nonce=\"\\\"\"}"},
        {"Basic realm=\"caf\xc3\xa9\"", "Basic {realm=\"caf\xc3\xa9\"}"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(read_all(cases[i].field), cases[i].read);
}

static void what_is_no_challenge_ends_the_list_with_its_own_challenge(void **state)
{
    static const struct {
        const char *field, *read;
    } cases[] = {
        {"=", ""},
        {"\"Basic\"", ""},
        {"realm=x", ""},
        {"Basic realm=\"x", ""},
        {"Basic realm=\"x\\\"", ""},
        {"Basic realm=\"x\"y", ""},
        {"Basic realm==x", ""},
        {"Basic realm=x y", ""},
        {"Basic a b", ""},
        {"Basic\xc3 realm=x", ""},
        {"Basic;realm=x", ""},
        {"Basic realm=x, Digest realm=\"y", "Basic {realm=x}"},
        {"Basic realm=x, \"\", Digest realm=y", "Basic {realm=x}"},
        {"Basic realm=x, =y, Digest", "Basic {realm=x}"},
        /* could only come from a reader of fields that is broken */
        {"Digest realm=\"a\r\nX: y\", nonce=1", ""},
        {"Basic realm=x, Digest realm=\"\x7f\", nonce=1", "Basic {realm=x}"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(read_all(cases[i].field), cases[i].read);
}

static void expect_param(const char *field, const char *name, const char *plain)
{
    ferry_str rest = fy_str(field), raw;
    fy_challenge c;
    assert_true(fy_challenge_next(&rest, &c));
    fy_buf_clear(&out);
    bool is_there = fy_challenge_param(&c, fy_str(name), &raw);
    assert_true(is_there == (plain != NULL));
    if (!plain)
        return;
    fy_challenge_put_plain(&out, raw);
    assert_string_equal(fy_buf_text(&out), plain);
    assert_true(fy_challenge_says(raw, fy_str(plain)));
    assert_false(fy_challenge_says(raw, FY_S("something else")));
    if (*plain)
        assert_false(fy_challenge_says(raw, fy_str(plain + 1)));
}

static void a_parameter_is_found_by_name_and_means_its_text_without_quotes(void **state)
{
    (void)state;
    expect_param("Digest realm=\"a\", NONCE=b", "nonce", "b");
    expect_param("Digest realm=\"a\", nonce=b", "Realm", "a");
    expect_param("Digest realm=\"a\", nonce=b", "real", NULL);
    expect_param("Digest realm=\"a \\\"b\\\" \\c\\\\\"", "realm", "a \"b\" c\\");
    expect_param("Digest realm=\"\"", "realm", "");
    expect_param("Digest realm=a\\b", "realm", "a\\b");
    expect_param("Digest nonce=1, nonce=2", "nonce", "2");
    expect_param("Digest realm=\"nonce=x\", opaque=o", "nonce", NULL);
    expect_param("Negotiate abc==", "abc", NULL);
}

static void words_are_compared_ignoring_case(void **state)
{
    (void)state;
    assert_true(fy_challenge_says(FY_S("TRUE"), FY_S("true")));
    assert_true(fy_challenge_says(FY_S("\"t\\rue\""), FY_S("true")));
    assert_false(fy_challenge_says(FY_S("\"true \""), FY_S("true")));
    assert_false(fy_challenge_says(FY_S(""), FY_S("true")));
}

/* A head may be 64 KiB of them. */
static void very_many_challenges_are_read_in_one_go(void **state)
{
    enum { CHALLENGES_LEN = 60000 };
    char *field = malloc(CHALLENGES_LEN);
    ferry_str rest = {field, CHALLENGES_LEN};
    fy_challenge c;
    int n = 0;
    (void)state;
    assert_non_null(field);
    for (int i = 0; i < CHALLENGES_LEN; i++)
        field[i] = i % 2 ? ',' : 'A';
    while (fy_challenge_next(&rest, &c))
        n++;
    assert_int_equal(n, CHALLENGES_LEN / 2);
    free(field);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_field_is_a_list_of_challenges),
        TEST(what_is_no_challenge_ends_the_list_with_its_own_challenge),
        TEST(a_parameter_is_found_by_name_and_means_its_text_without_quotes),
        TEST(words_are_compared_ignoring_case),
        TEST(very_many_challenges_are_read_in_one_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
