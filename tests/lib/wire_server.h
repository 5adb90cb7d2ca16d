/* wire_server.h - one thread that is every peer of a conversation over sockets.
 * tests. SPDX-License-Identifier: MIT */
#ifndef TESTS_WIRE_SERVER_H
#define TESTS_WIRE_SERVER_H

#include "lib/wire_peer.h"

#include <pthread.h>

typedef struct wire_server {
    wire_peer *peers; /* WIRE_CONNECTIONS of them, in the order of the client */
    size_t cut;
    int listener;
    pthread_t thread;
    int orders[2], answers[2];          /* pipes to and from the thread */
    int fds[WIRE_CONNECTIONS];          /* -1: not connected, or not any more */
    bool is_accepted[WIRE_CONNECTIONS]; /* it was, once */
    int n_accepted;
} wire_server;

int64_t wire_clock_ms(void);

/* `peers`, `cut` and `listener` are set. */
void wire_server_start(wire_server *s);
/* Wait until nothing moves, as far as that depends on the server. How many of its
 * connections are left then; none of them changes before it is told to go on. */
int wire_server_settle(wire_server *s);
void wire_server_go_on(wire_server *s);
void wire_server_stop(wire_server *s);

#endif
