/* memory.h - an allocator for tests: it checks what it is told, moves every block that
 * grows, fails when asked to, and looks for secrets in what it gets back. Its environment
 * is what the test says, and not the machine's.
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_MEMORY_H
#define TESTS_MEMORY_H

#include "ferry.h"

#include <stdbool.h>

typedef struct memory {
    ferry_platform platform; /* give this away; resize and getenv alone are set */
    int calls;               /* that asked for memory */
    int fail_at;             /* which of these fails, from 1; 0: none */
    int live;                /* blocks not given back */
    const char *secret;      /* not to be found in any block given back; or NULL */
    bool has_leaked;         /* it was found */
    bool is_wrong;           /* a size given was not the block's */
    const ferry_pair
        *environ; /* variables that are set, ended by a NULL name; or NULL */
} memory;

/* `m` must stay where it is: the platform points to it. */
void memory_init(memory *m);
/* True if everything was given back, with the right sizes and without the secret. */
bool memory_is_clean(const memory *m);

/* A copy in a block of exactly its size, without a NUL, so that a sanitizer sees the
 * first byte read behind it. To be freed with free(). */
char *memory_exact(const char *p, size_t n);

#endif
