/* peer.h - a server in memory that says given bytes in given pieces, and a machine with
 * a virtual clock to talk to it from. SPDX-License-Identifier: MIT */
#ifndef CONFORM_PEER_H
#define CONFORM_PEER_H

#include "base/buf.h"
#include "ferry.h"

/* Bytes to say: prefix, then `count` times repeat, then suffix. */
typedef struct stream {
    ferry_str prefix, repeat, suffix;
    size_t count;
} stream;

size_t stream_len(const stream *s);
void stream_copy(const stream *s, size_t at, char *to, size_t n);

/* How the bytes come: at most `every` at once, and none across the offset `at`. */
typedef struct split {
    size_t every, at;
} split;

#define CUT_NONE SIZE_MAX

/* The first connection says `says` and ends or falls silent; asked again, it and every
 * later connection answer PEER_SECOND. */
#define PEER_SECOND "second"

typedef struct peer {
    stream says;
    split cut;
    bool ends;      /* closes behind the last byte */
    bool pauses;    /* before each piece there is nothing to read for a moment */
    size_t held;    /* this many bytes are kept back until the first request is over */
    bool is_second; /* the first request is over */

    size_t given;  /* of `says` */
    bool has_eof;  /* the end was shown */
    bool is_empty; /* the last read found nothing, and nothing is to come */
    int64_t now_ms;
    int dials, open;      /* connections ever, and now */
    fy_buf heard;         /* the first request, as it came */
    char host[256];       /* of the last dial */
    uint16_t port;        /* of the last dial */
    ferry_platform board; /* the machine */
    ferry_dialer dialer;
} peer;

/* The platform that takes memory from libc, for whatever needs no clock. */
extern const ferry_platform peer_libc;

void peer_init(peer *p);
void peer_fini(peer *p);

/* Wait as the platform does: time passes only if nothing is to come before. */
int peer_wait(void *ctx, const ferry_wait *w);

#endif
