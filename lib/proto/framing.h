/* framing.h - where a body starts, how long it is, when it ends (RFC 9112 6, 7, 9.3).
 * proto. Knows bytes and lengths. Does not know sockets, time, or who asked.
 * SPDX-License-Identifier: MIT */
#ifndef FY_FRAMING_H
#define FY_FRAMING_H

#include "proto/response.h"

typedef enum fy_framing_kind {
    FY_FRAMING_NONE,
    FY_FRAMING_LENGTH,
    FY_FRAMING_CHUNKED,
    FY_FRAMING_CLOSE
} fy_framing_kind;

typedef struct fy_framing {
    fy_framing_kind kind;
    int state;             /* of the chunked decoder */
    bool is_done;          /* the last byte of the message was seen */
    bool may_persist;      /* the message leaves the connection fit for another */
    bool has_coding;       /* there is a Content-Encoding; seen in passing, as is */
    bool sets_cookies;     /* a Set-Cookie */
    int64_t keep_alive_ms; /* the peer will keep it; INT64_MAX: it does not say */
    uint64_t left;         /* bytes to come: of the body, or of this chunk */
    uint64_t seen;         /* bytes eaten, framing and all */
    size_t line_len;       /* of the chunk-size line so far */
    fy_buf trailer_text;   /* copied: chunk data may be overwritten, these must not */
    fy_fields trailers;
} fy_framing;

/* `max_trailer` bytes and `max_fields` fields of trailers. */
fy_api void fy_framing_init(
    fy_framing *f, const ferry_platform *m, size_t max_trailer, size_t max_fields);
fy_api void fy_framing_fini(fy_framing *f);

/* Decide from the head (RFC 9112 6.3). `is_bodyless`: it answers HEAD, or is a 101. */
fy_api ferry_err fy_framing_begin(
    fy_framing *f, const fy_head *head, bool is_bodyless, fy_error *x);

/* Behind the end of a chunk: eat the chunks that are here as a whole, of at most
 * `longest` bytes each, and move their bytes to `to`, which must not stand behind
 * them. How many bytes; 0 if there are none, or nothing so plain. */
fy_api size_t fy_framing_join(fy_framing *f, ferry_str *raw, char *to, size_t longest);

/* Eat from the front of `raw` up to the end of the next run of body bytes, which
 * becomes `slice`, a view into raw. FERRY_OK with an empty slice: the body is complete
 * and `raw` begins behind it. FERRY_AGAIN: raw is eaten up and more is needed. */
fy_api ferry_err fy_framing_next(
    fy_framing *f, ferry_str *raw, ferry_str *slice, fy_error *x);

/* The connection ended in order: FERRY_OK if that ends the body (RFC 9112 8). */
fy_api ferry_err fy_framing_end(fy_framing *f, fy_error *x);

#endif
