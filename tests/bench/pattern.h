/* pattern.h - the bytes of every body. Their period is a prime, so that a piece which is
 * moved, lost or doubled shows. SPDX-License-Identifier: MIT */
#ifndef BENCH_PATTERN_H
#define BENCH_PATTERN_H

#include <stddef.h>
#include <stdint.h>

enum { PATTERN_PERIOD = 4099, PATTERN_STEP = 4096 };

/* The byte of the body at that place. */
static inline char pattern_byte(uint64_t at)
{
    uint32_t i = (uint32_t)(at % PATTERN_PERIOD) + 1;
    return (char)(i * 2654435761u >> 24);
}

/* Words of a small language, which pack to a third like others do. */
static inline void pattern_put_text(char *to, size_t n)
{
    uint32_t state = 1;
    for (size_t at = 0; at < n;) {
        state = state * 1664525u + 1013904223u;
        uint32_t word = (state >> 8) % 5000, len = 3 + word % 7;
        word = word * 2654435761u;
        for (uint32_t i = 0; i < len && at < n; i++, word = word / 26 + word * 31)
            to[at++] = (char)('a' + word % 26);
        if (at < n)
            to[at++] = state >> 28 ? ' ' : '\n';
    }
}

#endif
