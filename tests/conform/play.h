/* play.h - one exchange with a peer that says given bytes, played in every cut.
 * SPDX-License-Identifier: MIT */
#ifndef CONFORM_PLAY_H
#define CONFORM_PLAY_H

#include "outcome.h"
#include "peer.h"

typedef struct scene {
    const char *method;
    stream says;       /* what the server sends */
    size_t idle_from;  /* what follows comes when no request is outstanding; 0: none */
    bool ends;         /* the server closes behind it */
    bool asks_upgrade; /* the request offers to switch protocols */
} scene;

/* Play it whole, in pieces of several sizes and cut in two at every point, blocking,
 * stepped and gathered, each time with a second request behind it. `o` is what came of
 * the whole. True if all came to the same; else `difference` says which did not, and
 * what it was.
 */
bool play_all(const scene *s, outcome *o, fy_buf *difference);

/* The next cut of `n` bytes after `c`, which is the whole at first: in pieces of a
 * size, then in two. False behind the last. Bytes that were generated repeat
 * themselves: their front is cut in two at every point, the rest at some 40. */
bool play_next_cut(split *c, size_t n, bool is_generated);

#endif
