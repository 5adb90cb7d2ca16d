/* counted.h - the system's memory, and how much of it is taken at most.
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_COUNTED_H
#define TESTS_COUNTED_H

#include "ferry/platform.h"

typedef struct counted {
    size_t now, peak;
} counted;

/* `c` must outlive the sessions that are made with it. */
ferry_platform counted_platform(counted *c);

#endif
