/* hash.h - hash functions, for the Digest scheme.
 * net. Two answers to it: *_mbedtls.c has them, *_none.c has none.
 * SPDX-License-Identifier: MIT */
#ifndef FY_HASH_H
#define FY_HASH_H

#include "policy/digest.h"

/* Those of this build, the strongest first. */
fy_api fy_hashes fy_hash_all(void);

#endif
