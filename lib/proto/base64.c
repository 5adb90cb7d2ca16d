/* base64.c - bytes as text of 64 characters (RFC 4648 4).
 * proto. Knows bytes. Does not know what they mean. SPDX-License-Identifier: MIT */
#include "proto/base64.h"

/* Of three bytes in one number the highest six bits, and so on. */
static char base64_digit(uint32_t group, unsigned shift)
{
    static const char
        digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return digits[group >> shift & 63];
}

static char *base64_put_group(char *to, uint32_t group)
{
    for (unsigned shift = 24; shift; *to++ = base64_digit(group, shift))
        shift -= 6;
    return to;
}

/* The last group has one byte or two, and "=" for each that it lacks. */
static char *base64_put_last(char *to, uint32_t group, unsigned have)
{
    to[0] = base64_digit(group, 18);
    to[1] = base64_digit(group, 12);
    to[2] = have == 2 ? base64_digit(group, 6) : '=';
    to[3] = '=';
    return to + 4;
}

/* Four characters for every three bytes, so that no sum can wrap. */
static bool base64_reserve(fy_buf *out, const ferry_str *pieces, size_t n)
{
    size_t total = 0;
    for (size_t i = 0; i < n; i++) {
        if (pieces[i].len > SIZE_MAX / 8 - total) {
            out->failed = out->is_full = true;
            return false;
        }
        total += pieces[i].len;
    }
    return !out->failed && fy_buf_reserve(out, (total + 2) / 3 * 4);
}

void fy_base64_put(fy_buf *out, const ferry_str *pieces, size_t n)
{
    if (!base64_reserve(out, pieces, n))
        return;
    char *to = out->ptr + out->len;
    uint32_t group = 0;
    unsigned have = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < pieces[i].len; j++) {
            group |= (uint32_t)(unsigned char)pieces[i].ptr[j] << (16 - 8 * have);
            if (++have < 3)
                continue;
            to = base64_put_group(to, group);
            group = 0;
            have = 0;
        }
    if (have)
        to = base64_put_last(to, group, have);
    out->len = (size_t)(to - out->ptr);
}
