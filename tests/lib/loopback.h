/* loopback.h - sockets on this machine for tests: somebody who listens, and who
 * accepts. SPDX-License-Identifier: MIT */
#ifndef TESTS_LOOPBACK_H
#define TESTS_LOOPBACK_H

#include "ferry/platform.h"

#include <stdbool.h>

/* A socket that listens at 127.0.0.1 or ::1, and its port; -1 if there is no such
 * family here. `backlog` as for listen(). */
int loopback_listen(int family, int backlog, uint16_t *port);
ferry_addr loopback_address(int family);
/* The next connection, within ten seconds; -1 without one. */
int loopback_accept(int listener);
/* Close so that the other end sees a reset. */
void loopback_reset(int fd);
/* True if `fd` becomes readable (or writable) within so many milliseconds. */
bool loopback_is_readable(int fd, int ms);
bool loopback_is_writable(int fd, int ms);

int64_t loopback_now_ms(void);

#endif
