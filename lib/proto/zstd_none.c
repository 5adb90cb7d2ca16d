/* zstd_none.c - a build without zstd.
 * proto. Stands in for a decoder. SPDX-License-Identifier: MIT */
#include "proto/zstd.h"

static bool zstd_knows(ferry_str coding)
{
    (void)coding;
    return false;
}

const fy_codec_maker *fy_zstd_maker(void)
{
    static const fy_codec_maker maker = {"", zstd_knows, NULL};
    return &maker;
}
