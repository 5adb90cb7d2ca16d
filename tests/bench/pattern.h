/* pattern.h - the bytes of every body. Their period is a prime, so that a piece which is
 * moved, lost or doubled shows. SPDX-License-Identifier: MIT */
#ifndef BENCH_PATTERN_H
#define BENCH_PATTERN_H

#include <stdint.h>

enum { PATTERN_PERIOD = 4099, PATTERN_STEP = 4096 };

/* The byte of the body at that place. */
static inline char pattern_byte(uint64_t at)
{
    uint32_t i = (uint32_t)(at % PATTERN_PERIOD) + 1;
    return (char)(i * 2654435761u >> 24);
}

#endif
