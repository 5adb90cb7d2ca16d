/* hash_mbedtls.c - hash functions, for the Digest scheme.
 * net. Knows Mbed TLS 2.28 and 3. Does not know what is hashed. SHA-512/256 is not among
 * them: Mbed TLS cannot start one. SPDX-License-Identifier: MIT */
#include "net/hash.h"

#include <mbedtls/md5.h>
#include <mbedtls/sha256.h>
#include <mbedtls/sha512.h>
#include <mbedtls/version.h>

/* Calls that can fail had another name before version 3. */
#if MBEDTLS_VERSION_NUMBER < 0x03000000
#define HASH_CALL(name) name##_ret
#else
#define HASH_CALL(name) name
#endif

static const unsigned char *hash_bytes(ferry_str s)
{
    return (const unsigned char *)s.ptr;
}

static bool hash_md5(unsigned char *out, const ferry_str *pieces, size_t n)
{
    mbedtls_md5_context c;
    mbedtls_md5_init(&c);
    int failed = HASH_CALL(mbedtls_md5_starts)(&c);
    for (size_t i = 0; i < n && !failed; i++)
        failed = HASH_CALL(mbedtls_md5_update)(
            &c, hash_bytes(pieces[i]), pieces[i].len);
    if (!failed)
        failed = HASH_CALL(mbedtls_md5_finish)(&c, out);
    mbedtls_md5_free(&c);
    return !failed;
}

static bool hash_sha256(unsigned char *out, const ferry_str *pieces, size_t n)
{
    mbedtls_sha256_context c;
    mbedtls_sha256_init(&c);
    int failed = HASH_CALL(mbedtls_sha256_starts)(&c, 0);
    for (size_t i = 0; i < n && !failed; i++)
        failed = HASH_CALL(mbedtls_sha256_update)(
            &c, hash_bytes(pieces[i]), pieces[i].len);
    if (!failed)
        failed = HASH_CALL(mbedtls_sha256_finish)(&c, out);
    mbedtls_sha256_free(&c);
    return !failed;
}

static bool hash_sha512(unsigned char *out, const ferry_str *pieces, size_t n)
{
    mbedtls_sha512_context c;
    mbedtls_sha512_init(&c);
    int failed = HASH_CALL(mbedtls_sha512_starts)(&c, 0);
    for (size_t i = 0; i < n && !failed; i++)
        failed = HASH_CALL(mbedtls_sha512_update)(
            &c, hash_bytes(pieces[i]), pieces[i].len);
    if (!failed)
        failed = HASH_CALL(mbedtls_sha512_finish)(&c, out);
    mbedtls_sha512_free(&c);
    return !failed;
}

fy_hashes fy_hash_all(void)
{
    static const fy_hash all[] = {{"SHA-512", 64, hash_sha512},
        {"SHA-256", 32, hash_sha256}, {"MD5", 16, hash_md5}};
    return (fy_hashes){all, sizeof all / sizeof *all};
}
