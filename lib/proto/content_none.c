/* content_none.c - a build without gzip and deflate.
 * proto. Stands in for a decoder. SPDX-License-Identifier: MIT */
#include "proto/content.h"

static bool content_knows(ferry_str coding)
{
    (void)coding;
    return false;
}

const fy_codec_maker *fy_content_maker(void)
{
    static const fy_codec_maker maker = {"", content_knows, NULL};
    return &maker;
}
