/* test_hash.c - hash functions, or a build without. SPDX-License-Identifier: MIT */
#include "net/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* The digest of "abc": RFC 1321 A.5, FIPS 180-4. */
static const struct {
    const char *name, *digest;
} known[] = {
    {"SHA-512", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    {"SHA-256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"MD5", "900150983cd24fb0d6963f7d28e17f72"},
};

static void expect_digest(
    const fy_hash *h, const ferry_str *pieces, size_t n, const char *digest)
{
    unsigned char raw[FY_HASH_MAX];
    char text[2 * FY_HASH_MAX + 1] = "";
    assert_true(h->make(raw, pieces, n));
    for (size_t i = 0; i < h->size; i++)
        sprintf(text + 2 * i, "%02x", raw[i]);
    assert_string_equal(text, digest);
}

static void a_build_has_all_hashes_the_strongest_first_or_none(void **state)
{
    fy_hashes all = fy_hash_all();
    (void)state;
    assert_true(all.n == 0 || all.n == COUNT(known));
    for (size_t i = 0; i < all.n; i++) {
        assert_string_equal(all.at[i].name, known[i].name);
        assert_int_equal(all.at[i].size * 2, strlen(known[i].digest));
        assert_true(all.at[i].size <= FY_HASH_MAX);
    }
}

static void bytes_have_one_digest_in_whatever_pieces_they_come(void **state)
{
    fy_hashes all = fy_hash_all();
    (void)state;
    for (size_t i = 0; i < all.n; i++)
        for (size_t cut = 0; cut <= 3; cut++) {
            ferry_str bytes = FY_S("abc");
            ferry_str pieces[] = {
                fy_str_upto(bytes, cut), FY_S(""), fy_str_from(bytes, cut)};
            expect_digest(&all.at[i], pieces, COUNT(pieces), known[i].digest);
        }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_build_has_all_hashes_the_strongest_first_or_none),
        cmocka_unit_test(bytes_have_one_digest_in_whatever_pieces_they_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
