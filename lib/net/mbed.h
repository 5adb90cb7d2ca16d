/* mbed.h - mbedTLS, whichever of its versions the build has.
 * net. Only what truly differs between versions stands in mbed2.h, mbed3.h and mbed4.h,
 * of which one is used. SPDX-License-Identifier: MIT */
#ifndef FY_MBED_H
#define FY_MBED_H

#include "base/error.h"

#include <mbedtls/base64.h>
#include <mbedtls/md.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>

enum { FY_MBED_SHA256 = 32 };

#if MBEDTLS_VERSION_MAJOR < 3
#include "net/mbed2.h"
#elif MBEDTLS_VERSION_MAJOR < 4
#include "net/mbed3.h"
#else
#include "net/mbed4.h"
#endif

/* 0, or an error of mbedTLS. */
static inline int fy_mbed_sha256(ferry_str in, unsigned char out[FY_MBED_SHA256])
{
    const mbedtls_md_info_t *info = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
    return mbedtls_md(info, (const unsigned char *)in.ptr, in.len, out);
}

#endif
