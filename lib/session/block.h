/* block.h - texts and lists copied into one block of memory.
 * session. Knows sizes. Does not know what the texts say.
 *
 * The same walk is made twice: with `at` NULL it measures, with a block of that size it
 * copies. Lists first, as they want their alignment, then texts.
 * SPDX-License-Identifier: MIT */
#ifndef FY_BLOCK_H
#define FY_BLOCK_H

#include "ferry.h"

#include "base/buf.h"

typedef struct fy_block {
    char *at;   /* or NULL: only count */
    size_t len; /* so far */
} fy_block;

/* Room for `size` bytes where a pointer or a number may stand; NULL while measuring. */
fy_api void *fy_block_room(fy_block *b, size_t size);
/* The text with a NUL behind it. While measuring, these give back what they were given. */
fy_api ferry_str fy_block_str(fy_block *b, ferry_str s);
fy_api const char *fy_block_text(fy_block *b, const char *text); /* NULL stays NULL */
fy_api ferry_fields fy_block_fields(fy_block *b, ferry_fields f);
fy_api const ferry_pair *fy_block_pairs(fy_block *b, const ferry_pair *pairs);
fy_api const int *fy_block_codes(fy_block *b, const int *codes);
fy_api const char *const *fy_block_names(fy_block *b, const char *const *names);

#endif
