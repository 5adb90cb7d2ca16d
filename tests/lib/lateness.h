/* lateness.h - how late this machine is just now. A thread sleeps a little, over and
 * over, and notes by how much it overslept; so bounds of time can be narrow where there
 * is time, and need not be wide where there is none. SPDX-License-Identifier: MIT */
#ifndef TESTS_LATENESS_H
#define TESTS_LATENESS_H

#include <stdint.h>

void lateness_start(void);
void lateness_stop(void);

/* The worst since `from_ms` of loopback_now_ms(), in milliseconds. */
int64_t lateness_since(int64_t from_ms);

/* By how much something that was asked for in `asked_ms` may come late: a tenth of that
 * or 50 ms, whichever is more, and twice what the machine was late by since `from_ms`:
 * the peer may have been late, too. */
int64_t lateness_allows(int64_t asked_ms, int64_t from_ms);

#endif
