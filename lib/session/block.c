/* block.c - texts and lists copied into one block of memory.
 * session. Knows sizes. Does not know what the texts say. SPDX-License-Identifier: MIT */
#include "session/block.h"

#include <string.h>

void *fy_block_room(fy_block *b, size_t size)
{
    enum { BLOCK_ALIGNMENT = sizeof(int64_t) };
    b->len += (BLOCK_ALIGNMENT - b->len % BLOCK_ALIGNMENT) % BLOCK_ALIGNMENT;
    char *room = b->at ? b->at + b->len : NULL;
    b->len += size;
    return room;
}

ferry_str fy_block_str(fy_block *b, ferry_str s)
{
    char *to = b->at ? b->at + b->len : NULL;
    b->len += s.len + 1;
    if (!to)
        return s;
    memcpy(to, s.ptr, s.len);
    to[s.len] = '\0';
    return (ferry_str){to, s.len};
}

const char *fy_block_text(fy_block *b, const char *text)
{
    return text ? fy_block_str(b, fy_str(text)).ptr : NULL;
}

ferry_fields fy_block_fields(fy_block *b, ferry_fields f)
{
    ferry_field *copy = fy_block_room(b, f.n * sizeof *copy);
    for (size_t i = 0; i < f.n; i++) {
        ferry_str name = fy_block_str(b, f.at[i].name);
        ferry_str value = fy_block_str(b, f.at[i].value);
        if (copy)
            copy[i] = (ferry_field){name, value};
    }
    return (ferry_fields){copy, f.n};
}

const ferry_pair *fy_block_pairs(fy_block *b, const ferry_pair *pairs)
{
    size_t n = 0;
    if (!pairs || pairs == ferry_no_pairs() || pairs == ferry_direct())
        return pairs;
    while (pairs[n].name)
        n++;
    ferry_pair *copy = fy_block_room(b, (n + 1) * sizeof *copy);
    for (size_t i = 0; i <= n; i++) {
        ferry_pair p = {
            fy_block_text(b, pairs[i].name), fy_block_text(b, pairs[i].value)};
        if (copy)
            copy[i] = p;
    }
    return copy;
}

const int *fy_block_codes(fy_block *b, const int *codes)
{
    size_t n = 0;
    if (!codes)
        return NULL;
    while (codes[n])
        n++;
    int *copy = fy_block_room(b, (n + 1) * sizeof *copy);
    if (copy)
        memcpy(copy, codes, (n + 1) * sizeof *copy);
    return copy;
}

const char *const *fy_block_names(fy_block *b, const char *const *names)
{
    size_t n = 0;
    if (!names)
        return NULL;
    while (names[n])
        n++;
    const char **copy = fy_block_room(b, (n + 1) * sizeof *copy);
    for (size_t i = 0; i <= n; i++) {
        const char *name = fy_block_text(b, names[i]);
        if (copy)
            copy[i] = name;
    }
    return copy;
}
