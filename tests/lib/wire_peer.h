/* wire_peer.h - the far end of one connection, as its script has it.
 * tests. Knows the script and the time it is told. Does not know what carries the
 * bytes: memory or sockets. SPDX-License-Identifier: MIT */
#ifndef TESTS_WIRE_PEER_H
#define TESTS_WIRE_PEER_H

#include "lib/wire_script.h"

typedef enum wire_fate {
    WIRE_IS_ALIVE,
    WIRE_HAS_ENDED,  /* says nothing more, and takes all */
    WIRE_HAS_CLOSED, /* says and takes nothing more */
    WIRE_HAS_RESET
} wire_fate;

typedef struct wire_peer {
    const wire_connection *script; /* NULL: nobody expected it, so it is reset */
    size_t at;                     /* the event it is at */
    size_t done;                   /* bytes of that one */
    int64_t until_ms;              /* the end of a pause; -1 while there is none */
    wire_fate fate;
    wire_text taken; /* what the client sent, as far as the script looked at it */
    int wrong_line;  /* where that differed from the script; -1: behind its end */
} wire_peer;

void wire_peer_init(wire_peer *p, const wire_connection *script);
void wire_peer_fini(wire_peer *p);

/* The event that it is at; a kind of its own at the end. */
wire_event_kind wire_peer_kind(const wire_peer *p);
/* Go over what needs no client: pauses that are over, ends. */
void wire_peer_run(wire_peer *p, int64_t now_ms);
/* When a running pause ends; INT64_MAX if none runs. */
int64_t wire_peer_due(const wire_peer *p);

/* How many bytes it would take now, and taking them. What differs from the script makes
 * it reset the connection. */
size_t wire_peer_room(const wire_peer *p);
void wire_peer_take(wire_peer *p, const char *bytes, size_t n);

/* What it has to give now, in pieces of at most `cut` bytes; and that so many went. */
ferry_str wire_peer_offer(const wire_peer *p, size_t cut);
void wire_peer_gave(wire_peer *p, size_t n);

/* The first line of expected bytes that never came in whole, or wrong_line; else 0. */
int wire_peer_unmet(const wire_peer *p);

#endif
