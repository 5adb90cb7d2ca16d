/* socks_peer.h - a SOCKS proxy of tests, for one connection, as bytes: it opens whatever it
 * is asked for, and notes who asked for what.
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_SOCKS_PEER_H
#define TESTS_SOCKS_PEER_H

#include <stdbool.h>
#include <stddef.h>

typedef enum socks_peer_state {
    SOCKS_PEER_NEW,
    SOCKS_PEER_LOGIN,
    SOCKS_PEER_REQUEST,
    SOCKS_PEER_DONE
} socks_peer_state;

typedef struct socks_peer {
    socks_peer_state state;
    unsigned char heard[800]; /* of this message */
    size_t n_heard;
    unsigned char says[40];
    size_t n_says, said;
    bool is_socks;
    char user[256], password[256];
    char target[300]; /* "host:port"; IPv6 in brackets, as 32 digits */
} socks_peer;

/* All zero is one that has heard nothing. Hear `n` bytes; returns how many of them were for
 * it: none if they do not begin as SOCKS does. */
size_t socks_peer_hear(socks_peer *s, const void *p, size_t n);

/* Say up to `n` bytes. */
size_t socks_peer_say(socks_peer *s, void *p, size_t n);

#endif
