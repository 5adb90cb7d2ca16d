/* hex.c - bytes as hexadecimal digits, in small letters.
 * base. Knows bytes. Does not know what they mean. SPDX-License-Identifier: MIT */
#include "base/hex.h"

void fy_hex(char *out, const unsigned char *p, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        unsigned char byte = p[i]; /* may lie where its digits go */
        out[2 * i] = digits[byte >> 4];
        out[2 * i + 1] = digits[byte & 15];
    }
}

ferry_err fy_hex_by_chance(const ferry_platform *m, char *out, size_t n, fy_error *x)
{
    unsigned char *chance = (unsigned char *)out + n;
    if (m->random(m->ctx, chance, n))
        return fy_fail(x, FERRY_ERR_USAGE, "the platform gives no entropy", FY_NOWHERE);
    fy_hex(out, chance, n);
    return FERRY_OK;
}
