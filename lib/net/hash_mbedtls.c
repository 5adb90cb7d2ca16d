/* hash_mbedtls.c - hash functions, for the Digest scheme.
 * net. Knows mbedTLS. Does not know what is hashed. SHA-512/256 is not among them:
 * mbedTLS cannot start one. SPDX-License-Identifier: MIT */
#include "net/hash.h"

#include <mbedtls/md.h>

/* What mbedTLS has no memory for, or was built without, cannot be hashed. */
static bool hash_by(
    mbedtls_md_type_t type, unsigned char *out, const ferry_str *pieces, size_t n)
{
    mbedtls_md_context_t c;
    mbedtls_md_init(&c);
    int failed = mbedtls_md_setup(&c, mbedtls_md_info_from_type(type), 0);
    if (!failed)
        failed = mbedtls_md_starts(&c);
    for (size_t i = 0; i < n && !failed; i++)
        failed = mbedtls_md_update(
            &c, (const unsigned char *)pieces[i].ptr, pieces[i].len);
    if (!failed)
        failed = mbedtls_md_finish(&c, out);
    mbedtls_md_free(&c);
    return !failed;
}

static bool hash_md5(unsigned char *out, const ferry_str *pieces, size_t n)
{
    return hash_by(MBEDTLS_MD_MD5, out, pieces, n);
}

static bool hash_sha256(unsigned char *out, const ferry_str *pieces, size_t n)
{
    return hash_by(MBEDTLS_MD_SHA256, out, pieces, n);
}

static bool hash_sha512(unsigned char *out, const ferry_str *pieces, size_t n)
{
    return hash_by(MBEDTLS_MD_SHA512, out, pieces, n);
}

fy_hashes fy_hash_all(void)
{
    static const fy_hash all[] = {{"SHA-512", 64, hash_sha512},
        {"SHA-256", 32, hash_sha256}, {"MD5", 16, hash_md5}};
    return (fy_hashes){all, sizeof all / sizeof *all};
}
