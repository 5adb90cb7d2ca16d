/* peer.h - the other end of connections, in memory: it answers each request with the
 * next answer of its script, keeps what it was sent, and counts what is left open. What
 * begins as SOCKS is answered by itself, and kept apart.
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_PEER_H
#define TESTS_PEER_H

#include "ferry/platform.h"

#include <stdbool.h>

/* What follows the bytes of an answer. */
typedef enum peer_end { PEER_STAYS, PEER_CLOSES, PEER_RESETS } peer_end;

typedef struct peer_answer {
    const char *bytes;
    peer_end end;
} peer_answer;

typedef struct peer {
    const peer_answer *answers; /* over all connections; behind the last: silence */
    size_t n_answers, next;
    size_t piece;    /* most bytes of one read or write; 0: as many as there is room */
    bool is_coy;     /* every other read, and every other write, would wait */
    int open_waits;  /* that many times `open` is not ready yet */
    bool dial_fails; /* with "nobody there" */
    bool open_fails;
    size_t takes; /* bytes it reads of all that is sent, then it resets; 0: all */
    bool is_deaf; /* takes nothing at all, and waits */
    /* seen */
    int dialled, live; /* connections made, and those not closed */
    char host[300];    /* of the last one */
    uint16_t port;
    char sent[16384]; /* the bytes of all connections in their order, and a NUL */
    size_t sent_len;
    char socks[900]; /* of the last connection by SOCKS: "user:password@host:port" */
    /* told of every call: "dial", "open", "read", "write", "want", "close" */
    void (*on_call)(void *user, const char *call);
    void *user;
} peer;

/* `p` must stay where it is as long as the dialler is used. */
ferry_dialer peer_dialer(peer *p);
/* Begin again with nothing in `sent`. */
void peer_forget(peer *p);

#endif
