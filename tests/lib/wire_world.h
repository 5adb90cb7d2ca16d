/* wire_world.h - where a script is played: in memory under a clock of its own, or over
 * loopback sockets. tests. SPDX-License-Identifier: MIT */
#ifndef TESTS_WIRE_WORLD_H
#define TESTS_WIRE_WORLD_H

#include "lib/memory.h"
#include "lib/wire_peer.h"

enum { WIRE_WHOLE = 1 << 30 };

/* How one script is played once. */
typedef struct wire_run {
    bool is_loopback, is_stepped;
    size_t cut;      /* most bytes of one read */
    size_t most_out; /* most bytes of one write; memory only */
} wire_run;

/* What happens to one call of a transport; memory only. */
typedef enum wire_mishap {
    WIRE_NONE,
    WIRE_SHORT, /* one byte goes */
    WIRE_AGAIN, /* not now, but at the next try */
    WIRE_FAILURE /* reset by the peer */,
    WIRE_EOF /* the peer is gone, in order */
} wire_mishap;

typedef struct wire_world wire_world;

typedef struct wire_world_calls {
    /* Of the client: connections it began, and those it has not closed. */
    void (*count)(wire_world *w, int *dialled, int *open);
    /* Until `wait` is met; false if that can never be. */
    bool (*wait)(wire_world *w, const ferry_wait *wait);
    void (*sleep)(wire_world *w, int64_t ms);
    int64_t (*now_ms)(wire_world *w);
    /* No more will come: the peers may be looked at. */
    void (*stop)(wire_world *w);
    void (*free)(wire_world *w);
} wire_world_calls;

struct wire_world {
    memory memory; /* first: it is the context of the platform's calls */
    const wire_world_calls *calls;
    ferry_platform platform;
    ferry_dialer dialer; /* `dial` NULL: connections are the system's */
    const wire_script *script;
    wire_run run;
    wire_peer peers[WIRE_CONNECTIONS];
    int n_peers;       /* connections begun */
    wire_text problem; /* what no script may lead to: a transport closed twice */
};

void wire_world_init(wire_world *w, const wire_script *s, const wire_run *run);
void wire_world_fini(wire_world *w);
/* The next connection begins; NULL: there were too many. */
wire_peer *wire_world_dial(wire_world *w);

/* In memory. The `at`-th call of a transport (from 1; 0: none) meets with a mishap. */
wire_world *wire_memory_new(const wire_script *s, const wire_run *run);
void wire_memory_plan(wire_world *w, wire_mishap mishap, int at);
/* Calls of transports so far, dialling too. */
int wire_memory_calls(const wire_world *w);
/* From now on `c` is who answers, and no mishap comes any more. */
void wire_memory_replace(wire_world *w, const wire_connection *c);

/* Over sockets. The port, once for the program: 0 if there is none to be had. */
unsigned wire_loopback_listen(void);
void wire_loopback_close(void);
wire_world *wire_loopback_new(const wire_script *s, const wire_run *run);

#endif
