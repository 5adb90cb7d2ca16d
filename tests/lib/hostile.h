/* hostile.h - a server in memory that follows a script of bytes, however mad, under a
 * clock of its own: the peer of fuzz_session. It keeps books of what both sides did and
 * ends the process when a transport is misused. SPDX-License-Identifier: MIT
 *
 * A script is what the server sends, with commands in it; each is the byte 0xff, one
 * letter, and for some one or two bytes (a, b) more:
 *
 *   ff        the byte 0xff
 *   N         here begins the script of the next connection
 *   D         at its beginning: dialling fails
 *   O a       at its beginning: it opens after a steps; 255 steps: never, 254: it fails
 *   W a b     from now on it takes 1 to 16 bytes at once, unless a is 0, and is busy
 * for b steps after each of these w         from now on it takes nothing more, and says
 * so >         wait for one more whole request p a       wait for a steps |         a
 * cut: what was sent is read before more is a A       say once that reading must wait,
 * for reading or for writing R a       send a run of "x", of a size from a table i the
 * user interrupts the session c         end the connection in order r f       reset it;
 * fail without saying why
 *
 * The end of a script is silence. A step is 2 ms, and 2 s each from the 200th on. */
#ifndef TESTS_HOSTILE_H
#define TESTS_HOSTILE_H

#include "lib/fuzzing.h"

enum { HOSTILE_CONNS = 16 };

typedef struct hostile_conn {
    ferry_transport transport; /* first */
    struct hostile *world;
    char host[300]; /* as dialled, cut if it is longer */
    uint16_t port;
    fuzz_input script;
    fuzz_cuts cuts;
    int64_t ready_ms;    /* when the script may go on */
    int64_t writable_ms; /* when it takes more; before it is open, when it opens */
    bool is_open, is_closed, is_over;
    bool takes_nothing;    /* writing fails */
    bool has_failed_write; /* ... and did */
    bool has_ended;        /* the client was told of an orderly end */
    uint8_t write_most, write_busy;
    int read_wants, write_wants; /* FERRY_READABLE or _WRITABLE, as each said last */
    size_t run;                  /* bytes of a run still to be sent */
    size_t asked;                /* requests that the script has waited for */
    size_t requests;             /* whole requests that came */
    size_t request_at;           /* where in `got` the next one begins */
    uint64_t need;               /* its size, 0 if not known yet */
    fuzz_bytes got, given;
    size_t got_mark, given_mark; /* where they were at the last hostile_mark() */
    bool is_fit;                 /* for another request, as its user judges */
} hostile_conn;

typedef struct hostile {
    ferry_platform platform; /* for the session; `wait` is set */
    fuzz_memory memory;
    ferry_session *session; /* whom to interrupt */
    int64_t now_ms, end_ms; /* when the user loses patience; 0: never */
    bool is_kind; /* from now on: silence on old connections, a good answer on new ones
                   */
    int n_addresses; /* of every name; 0: names are dialled as they are */
    fuzz_input scripts;
    uint8_t cut_mode, cut_seed;
    hostile_conn conns[HOSTILE_CONNS];
    int n_conns;
    hostile_conn *last; /* written to, or answering, last */
    int interrupts;     /* asked for */
    int idle_calls;     /* in a row, in which nothing moved */
} hostile;

/* `h` must stay where it is, until hostile_fini() has checked that everything was
 * closed and given back. */
void hostile_init(hostile *h, fuzz_input scripts);
void hostile_fini(hostile *h);

/* Let time pass until `w` is met. -1 if it never will be, or the user has had enough. */
int hostile_wait(void *world, const ferry_wait *w);
/* poll() in terms of the same handles, for a session that does its own waiting. */
int hostile_poll(hostile *h, const ferry_handle *on, int n, int timeout_ms);
/* A new request begins: the books of all connections turn a page. */
void hostile_mark(hostile *h);
/* Be kind from here on, with memory enough. */
void hostile_reform(hostile *h);

#endif
