/* machine.h - a platform for tests: memory that can fail (see memory.h), a clock that
 * moves only while somebody waits, names that are known, and a look at every call.
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_MACHINE_H
#define TESTS_MACHINE_H

#include "lib/memory.h"

typedef struct machine {
    memory memory; /* first; memory.platform is the platform to give away */
    int64_t now_ms;
    int64_t step_ms; /* how far one wait moves the clock at most; 0: as far as told */
    int wait_answer;
    bool has_no_entropy;
    unsigned char entropy; /* all the bytes of it */
    /* names: not asked unless machine_knows_names() was called */
    const char *name; /* the only one that is known */
    ferry_addr addrs[16];
    int n_addrs;
    /* seen */
    int waits, lookups;
    ferry_wait waited; /* the last one */
    /* told of every call: "resize", "now_ms", "random", "wait", "resolve" */
    void (*on_call)(void *user, const char *call);
    void *user;
    /* its own */
    void *(*resize)(void *ctx, void *p, size_t old_size, size_t new_size);
} machine;

/* `m` must stay where it is. */
void machine_init(machine *m);
/* Let it resolve `name`, to no address yet. */
void machine_knows(machine *m, const char *name);
/* One address more for that name: IPv4 127.0.0.`last`, or IPv6 ::`last`. */
void machine_add_address(machine *m, int family, unsigned char last);

#endif
