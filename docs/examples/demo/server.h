/* server.h - the small HTTP server that the tour talks to.
 * One process with one poll loop, on 127.0.0.1 at a port the kernel picks. It ends when
 * the tour does, however that ends. Good for a tour and nothing else.
 *
 *     /echo...      the request as it came, as text
 *     /bytes/N      N bytes of the pattern, with a Content-Length
 *     /chunked/N    the same in chunks, and a trailer Pattern: ends
 *     /status/NNN   that status
 *     /private      a welcome for ada with the password lovelace, as Basic
 *     /digest/1     the same as a Digest; and /digest/2
 *     /redirect/N   a 302 to /redirect/N-1, that of 1 to /echo
 *     /busy/N       503 for N times, then 200, then from the start
 *     /silence      no answer, ever
 *     /broken       half a body, then the end of the connection
 * SPDX-License-Identifier: MIT */
#ifndef DEMO_SERVER_H
#define DEMO_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct server {
    pid_t pid;
    int lifeline; /* the server lives while this end of a pipe is open */
    uint16_t port;
} server;

bool server_start(server *s); /* false: see errno */
bool server_stop(server *s);  /* false: it did not end in order */

/* The byte of every body at that place. */
enum { SERVER_PERIOD = 251 };
static inline unsigned char server_byte(uint64_t at)
{
    return (unsigned char)(at % SERVER_PERIOD);
}

/* --- between server.c and server_http.c ------------------------------------------ */

enum { PEER_IN = 16384, PEER_OUT = 65536 };

/* One connection. */
typedef struct peer {
    int fd;
    char in[PEER_IN]; /* requests as they come */
    size_t in_len;
    char out[PEER_OUT]; /* the piece of the answer that is on its way */
    size_t out_len, out_sent;
    uint64_t at, end; /* the part of the pattern that is still to be sent */
    bool is_answering, is_chunked, closes;
} peer;

/* Answer the first request in `in`, if it is there as a whole. False: hang up. */
bool peer_answer(peer *p);
/* Put the next piece of the answer into `out`. False: the answer is over. */
bool peer_fill(peer *p);

#endif
