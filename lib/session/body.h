/* body.h - the body of a request: where its bytes come from, how long it is, and how it
 * is framed (RFC 9112 6, 7.1). session. Knows memory, files and sources. Does not know
 * connections, or what the body means. SPDX-License-Identifier: MIT */
#ifndef FY_BODY_H
#define FY_BODY_H

#include "ferry.h"
#include "policy/options.h"
#include "session/parts.h"

typedef enum fy_body_state {
    FY_BODY_AT_START,
    FY_BODY_INSIDE,
    FY_BODY_ENDED
} fy_body_state;

/* Bytes that lie somewhere, or that a source gives piece by piece. What is not framed
 * in chunks has a length. */
typedef struct fy_body {
    const ferry_platform *platform;
    bool exists;         /* also if it is empty */
    const char *type;    /* Content-Type by default, or NULL */
    ferry_str bytes;     /* all of it, unless source.read is set */
    ferry_source source; /* length: bytes, or -1 if not known */
    bool is_chunked;
    bool expects;  /* the options say that it waits for a 100 (RFC 9110 10.1.1) */
    bool was_417;  /* the peer does not do that */
    bool is_ahead; /* its bytes stand behind the head already */
    const ferry_pair *trailers; /* the caller's; read when the body has ended */
    fy_buf form;                /* encoded pairs */
    fy_file file;
    fy_parts *parts;     /* or NULL */
    fy_error why;        /* what stopped a source of our own */
    int64_t first, most; /* bytes asked for at once, to begin with and later */

    fy_body_state state;
    bool is_touched; /* the source has given something, or ended */
    uint64_t given;  /* bytes so far */
    fy_buf block;    /* what was pulled last, framed */
} fy_body;

fy_api void fy_body_init(fy_body *b, const ferry_platform *m);
/* No body, nothing left open, and no memory. */
fy_api void fy_body_clear(fy_body *b);

static inline void fy_body_fini(fy_body *b)
{
    if (b->exists) /* most requests have none */
        fy_body_clear(b);
}

/* What the caller gives, where there was none: bytes, text, JSON, pairs, parts, a file or
 * a source. Bytes, sources and trailers must stay until the end. */
fy_api ferry_err fy_body_choose(
    fy_body *b, const ferry_opts *o, const fy_settings *settings, fy_error *x);

/* Tell the head of it. */
fy_api void fy_body_describe(const fy_body *b, fy_request *r);

/* Could it be sent again from its first byte, or for the first time? */
fy_api bool fy_body_may_rewind(const fy_body *b);
/* Back to the first byte; FERRY_ERR_REWIND if that cannot be. FERRY_OK, and nothing to
 * do, if none was taken yet. To be called before it is sent again, whatever it is. */
fy_api ferry_err fy_body_rewind(fy_body *b, fy_error *x);

/* The next bytes to write, framed; empty at the end. They live until the next call. A
 * source is asked once, at most. FERRY_AGAIN: it has none yet. */
fy_api ferry_err fy_body_next(fy_body *b, ferry_str *piece, fy_error *x);

#endif
