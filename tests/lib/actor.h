/* actor.h - a peer on loopback that takes its time: on each connection it acts out a
 * short play, in a thread of that connection's own, and notes when it did what.
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_ACTOR_H
#define TESTS_ACTOR_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum act_kind {
    ACT_STAY, /* the end of every play: leave the connection as it is, and watch it */
    ACT_HEAR, /* a head, to its empty line */
    ACT_TAKE, /* `n` bytes of a body, which must be those of actor_byte() */
    ACT_SAY,  /* `text`, or `n` bytes of actor_byte() */
    ACT_HALF_CLOSE,
    ACT_CLOSE,
    ACT_RESET,
    ACT_AGAIN /* from the beginning */
} act_kind;

enum { ACT_FOR_EVER = -1 };

typedef struct act {
    act_kind kind;
    const char *text;
    size_t n;
    int times;    /* 0: once */
    int pause_ms; /* before each time */
} act;

typedef enum actor_kind {
    ACTOR_PLAYS,
    ACTOR_DEAF,   /* the system takes connections and a few bytes; nobody reads */
    ACTOR_SILENT, /* its queue is full: connecting is not even answered */
    ACTOR_ABSENT  /* connecting is refused */
} actor_kind;

enum { ACTOR_MOST_PLAYS = 4 };

typedef struct actor {
    actor_kind kind;
    const act *plays[ACTOR_MOST_PLAYS]; /* of the connections in their order; those
                                           behind the last play it, too */
    bool is_ipv6;                       /* at ::1 */
    int last;                           /* at 127.0.0.last; 0: 1 */
    uint16_t port;                      /* 0: any; actor_open() sets it */
    char url[40];                       /* "http://127.0.0.1:port/" */

    pthread_mutex_t lock; /* over what follows; no need for it once it is closed */
    int n_met, n_open;    /* connections so far, and those not ended by either side */
    int moves;            /* calls that sent or received something */
    /* what it noted, over all connections */
    int64_t said_from_ms, said_by_ms; /* before and after it said something last */
    int64_t took_from_ms, took_by_ms; /* the same of the last ACT_TAKE */
    size_t taken;
    bool is_wrong; /* a byte that it took was not the right one */

    /* its own */
    int listener, filler, stop[2];
    int n_players;
    pthread_cond_t changed;
    pthread_t thread;
} actor;

/* Byte `i` of every body. */
unsigned char actor_byte(size_t i);

/* Kind, plays and address are set, and the rest is 0. False if there is no such address
 * or port here. */
bool actor_open(actor *a);
/* End its connections, and wait until nobody plays any more. */
void actor_close(actor *a);

/* How many connections so far. */
int actor_met(actor *a);
/* Wait until so many connections were met (or are open), for ten seconds at most. */
bool actor_has_met(actor *a, int n);
bool actor_has_open(actor *a, int n);

#endif
