/* lookup.h - one question to the system's resolver, asked beside the caller's work.
 * net. Two answers to it: *_posix.c asks in a thread, *_none.c blocks.
 * SPDX-License-Identifier: MIT */
#ifndef FY_LOOKUP_H
#define FY_LOOKUP_H

#include "base/error.h"

enum { FY_LOOKUP_ADDRESSES = 8 };

typedef struct fy_lookup fy_lookup;

/* Start; NULL if that cannot be done. `p` is for a build without threads. */
fy_api fy_lookup *fy_lookup_start(const ferry_platform *p, const char *host);

/* So many addresses, -1 and `*fault`, or 0: not yet. */
fy_api int fy_lookup_poll(
    fy_lookup *l, ferry_addr out[FY_LOOKUP_ADDRESSES], ferry_fault *fault);

/* What it waits for. */
fy_api void fy_lookup_want(const fy_lookup *l, ferry_wait *w);

/* Done with it, whether it is answered or not. Never waits. */
fy_api void fy_lookup_free(fy_lookup *l);

#endif
