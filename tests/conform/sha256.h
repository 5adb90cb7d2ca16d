/* sha256.h - FIPS 180-4, for vectors that give no more of a body than its hash.
 * SPDX-License-Identifier: MIT */
#ifndef CONFORM_SHA256_H
#define CONFORM_SHA256_H

#include "ferry/platform.h"

/* In small hexadecimal digits, and a NUL. */
void sha256_hex(ferry_str bytes, char out[65]);

#endif
