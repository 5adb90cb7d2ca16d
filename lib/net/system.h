/* system.h - what this build takes from the operating system, or does not.
 * net. One interface; *_posix.c answers it, *_none.c stands in. The callbacks of a
 * user's ferry_platform come first everywhere. SPDX-License-Identifier: MIT */
#ifndef FY_SYSTEM_H
#define FY_SYSTEM_H

#include "base/error.h"

/* Fill the members that are NULL with the system's, where it has them. */
fy_api void fy_system_fill(ferry_platform *p);

/* Is waiting left to us, so that a read may block instead? */
fy_api bool fy_system_waits(const ferry_platform *p);

/* Addresses of a name, as ferry_platform.resolve. */
fy_api int fy_system_resolve(
    const char *host, ferry_addr *out, int max, ferry_fault *fault);

/* The scope id of an interface's name or number; 0 if there is none (RFC 4007 11). */
fy_api uint32_t fy_system_zone(const char *name);

/* How a connection is made, where the caller says so; all zero: as usual. */
typedef struct fy_dialing {
    const char *interface; /* by name, or NULL */
    ferry_addr local;      /* family 0: whichever */
    bool is_prompt;        /* every write leaves at once */
    int64_t keepalive_ms;  /* of silence, then the peer is asked; 0: never */
} fy_dialing;

/* Start a TCP connection, as ferry_platform.dial; memory comes from `p`. */
fy_api int fy_system_dial(const ferry_platform *p, const ferry_addr *addr,
    uint16_t port, const fy_dialing *how, ferry_transport **out, ferry_fault *fault);

/* Connect to a unix socket: a path, or an abstract name behind "@". */
fy_api int fy_system_dial_unix(const ferry_platform *p, const char *path,
    ferry_transport **out, ferry_fault *fault);

#endif
