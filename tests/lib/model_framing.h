/* model_framing.h - an independent, slow model of one HTTP/1.1 response: where its body
 * begins and ends, and whether the connection may serve again (RFC 9112 4, 6, 7, 9).
 * Written from the RFCs alone. SPDX-License-Identifier: MIT */
#ifndef TESTS_MODEL_FRAMING_H
#define TESTS_MODEL_FRAMING_H

#include "lib/model_message.h"

typedef enum model_verdict {
    MODEL_COMPLETE,
    MODEL_INCOMPLETE, /* more bytes are needed, and may come */
    MODEL_TRUNCATED,  /* more bytes are needed, and the connection has ended */
    MODEL_ERROR
} model_verdict;

/* Where the RFC lets a recipient choose: with any of these in the input, refusing it is
 * as good as the verdict given. */
enum {
    MODEL_DOUBT_NO_SPACE = 1 << 0,    /* none behind a code without reason (4) */
    MODEL_DOUBT_LENGTH_LIST = 1 << 1, /* equal lengths, several times (6.3 rule 5) */
    MODEL_DOUBT_LENGTH_FORM = 1 << 2, /* ... written in different ways */
    MODEL_DOUBT_EMPTY = 1 << 3,       /* empty list elements (RFC 9110 5.6.1.2) */
    MODEL_DOUBT_BOTH = 1 << 4,        /* length and chunked (6.3 rule 3) */
    MODEL_DOUBT_OLD_CHUNKED = 1 << 5, /* chunked in HTTP/1.0 (6.1) */
    MODEL_DOUBT_BODYLESS = 1 << 6, /* bad framing where no body can be (6.3 rule 1) */
    MODEL_DOUBT_HUGE = 1 << 7,     /* beyond what 63 bits hold */
    MODEL_DOUBT_EXTENSION = 1 << 8 /* malformed chunk extension (7.1.1) */
};

typedef enum model_reuse {
    MODEL_REUSE_NO,
    MODEL_REUSE_YES,
    MODEL_REUSE_ANY
} model_reuse;

typedef struct model_response {
    model_verdict verdict;
    unsigned doubts;
    /* After MODEL_ERROR: with so many bytes of input it must be noticed; SIZE_MAX: not
     * yet. A head or a trailer section may be looked at only when it is whole. */
    size_t due;
    int status, minor;
    bool has_head;
    size_t head_len;
    model_text reason;
    model_section fields, trailers;
    bool is_chunked, is_until_close;
    model_text body;   /* so far */
    size_t extensions; /* bytes of chunk extensions */
    size_t end;        /* bytes of the message, once it is complete */
    model_reuse reuse; /* once it is complete, if nothing follows it */
} model_response;

/* Read one response from p[0..n). `is_eof`: the connection ended in order behind it.
 * `is_bodyless`: it answers HEAD, or is a 101 that was asked for. */
void model_read_response(
    model_response *m, const uint8_t *p, size_t n, bool is_eof, bool is_bodyless);
void model_response_free(model_response *m);

#endif
