/* hex.h - bytes as hexadecimal digits, in small letters.
 * base. Knows bytes. Does not know what they mean. SPDX-License-Identifier: MIT */
#ifndef FY_HEX_H
#define FY_HEX_H

#include "base/error.h"

/* Write the 2 * n digits of `n` bytes, and nothing behind them. `p` may be out + n. */
fy_api void fy_hex(char *out, const unsigned char *p, size_t n);

/* Write 2 * n digits that nobody can guess. FERRY_ERR_USAGE: the platform has no entropy. */
fy_api ferry_err fy_hex_by_chance(
    const ferry_platform *m, char *out, size_t n, fy_error *x);

#endif
