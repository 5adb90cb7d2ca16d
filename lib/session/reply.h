/* reply.h - where the body of a response goes: decoded, then gathered or lent piece by
 * piece; or dropped. session. Knows memory and limits. Does not know connections.
 * SPDX-License-Identifier: MIT */
#ifndef FY_REPLY_H
#define FY_REPLY_H

#include "proto/decode.h"
#include "session/exchange.h"

typedef struct fy_reply {
    fy_decoders *decoders; /* of the session */
    fy_decode *decode;     /* from the first byte of a coded body to its end */
    fy_buf decoded;        /* a coded body, gathered */
    ferry_str coded;       /* received and not yet decoded */
    bool is_coded;
    bool is_full;     /* more may come out of what was decoded already */
    bool is_over;     /* all of a coded body was received */
    ferry_err late;   /* to be said once what was decoded before it was lent */
    fy_buf block;     /* a body that does not fit behind its head */
    char *at;         /* gathered here: behind the head, or in the block */
    size_t len, cap;  /* one byte more is there, for a NUL */
    uint64_t passed;  /* bytes of the body so far */
    uint64_t drained; /* bytes of the message that nobody wanted */
} fy_reply;

fy_api void fy_reply_init(fy_reply *r, const ferry_platform *m, fy_decoders *decoders);
fy_api void fy_reply_fini(fy_reply *r);

/* The head is there: start behind it. */
fy_api void fy_reply_begin(fy_reply *r, const fy_exchange *x);

/* FERRY_OK: the whole body is at r->at, r->len bytes and a NUL. */
fy_api ferry_err fy_reply_gather(fy_reply *r, fy_exchange *x, fy_wake *w);

/* FERRY_OK: the next piece, or an empty one at the end. */
fy_api ferry_err fy_reply_next(
    fy_reply *r, fy_exchange *x, fy_wake *w, ferry_str *piece);

/* FERRY_OK: all of it has come and was dropped. Nothing is decoded. */
fy_api ferry_err fy_reply_drop(fy_reply *r, fy_exchange *x, fy_wake *w);

/* FERRY_OK: what is left of the message was dropped. FERRY_ERR_LIMIT: it is more than
 * `most` bytes. */
fy_api ferry_err fy_reply_drain(fy_reply *r, fy_exchange *x, fy_wake *w, uint64_t most);

#endif
