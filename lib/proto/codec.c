/* codec.c - memory for libraries that do not say how much they give back.
 * proto. Knows bytes. Does not know the codings. SPDX-License-Identifier: MIT */
#include "proto/codec.h"

/* Stands in front of each block, as wide as the strictest alignment. */
typedef union codec_block {
    size_t size;
    long double number;
    void *pointer;
    int64_t word;
} codec_block;

void *fy_codec_alloc(const ferry_platform *m, size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    size += sizeof(codec_block);
    codec_block *block = fy_resize(m, NULL, 0, size);
    if (!block)
        return NULL;
    block->size = size;
    return block + 1;
}

void fy_codec_free(const ferry_platform *m, void *p)
{
    codec_block *block = p;
    if (block)
        fy_resize(m, block - 1, block[-1].size, 0);
}
