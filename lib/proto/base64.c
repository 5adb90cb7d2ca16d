/* base64.c - bytes as text of 64 characters (RFC 4648 4).
 * proto. Knows bytes. Does not know what they mean. SPDX-License-Identifier: MIT */
#include "proto/base64.h"

/* Three bytes, of which `n` are there, as four characters. */
static void base64_put_group(fy_buf *out, const unsigned char in[3], size_t n)
{
    static const char
        digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char text[4] = {digits[in[0] >> 2], digits[(in[0] & 3) << 4 | in[1] >> 4],
        n > 1 ? digits[(in[1] & 15) << 2 | in[2] >> 6] : '=',
        n > 2 ? digits[in[2] & 63] : '='};
    fy_buf_put(out, text, sizeof text);
}

void fy_base64_put(fy_buf *out, const ferry_str *pieces, size_t n)
{
    unsigned char group[3] = {0, 0, 0};
    size_t have = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < pieces[i].len; j++) {
            group[have++] = (unsigned char)pieces[i].ptr[j];
            if (have < sizeof group)
                continue;
            base64_put_group(out, group, have);
            memset(group, 0, sizeof group);
            have = 0;
        }
    if (have)
        base64_put_group(out, group, have);
    fy_wipe(group, sizeof group); /* a password may have gone by */
}
