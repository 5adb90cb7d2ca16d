/* brotli_none.c - a build without brotli.
 * proto. Stands in for a decoder. SPDX-License-Identifier: MIT */
#include "proto/brotli.h"

static bool brotli_knows(ferry_str coding)
{
    (void)coding;
    return false;
}

const fy_codec_maker *fy_brotli_maker(void)
{
    static const fy_codec_maker maker = {"", brotli_knows, NULL};
    return &maker;
}
