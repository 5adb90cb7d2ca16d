/* codec.h - what a decoder of one content coding is, whichever library it is made of
 * (RFC 9110 8.4.1), and memory for such libraries.
 * proto. Knows bytes. Does not know the codings. SPDX-License-Identifier: MIT */
#ifndef FY_CODEC_H
#define FY_CODEC_H

#include "base/error.h"

/* Where to write, from the front. */
typedef struct fy_room {
    char *ptr;
    size_t left;
} fy_room;

typedef struct fy_codec fy_codec;

typedef struct fy_codec_calls {
    /* Decode from the front of `in` to the front of `out`. FERRY_OK: `in` is empty, or
     * `out` is full; then more may come out before more goes in. */
    ferry_err (*step)(fy_codec *c, ferry_str *in, fy_room *out, fy_error *x);
    /* Nothing more comes: FERRY_OK if the coded data may end here. */
    ferry_err (*end)(const fy_codec *c, fy_error *x);
    /* Begin anew with `coding`; false if another decoder is needed. */
    bool (*reset)(fy_codec *c, ferry_str coding);
    void (*free)(fy_codec *c);
} fy_codec_calls;

/* The head of every decoder. */
struct fy_codec {
    const fy_codec_calls *calls;
    const ferry_platform *platform;
};

/* What one file of the list can decode. */
typedef struct fy_codec_maker {
    const char *codings; /* as in Accept-Encoding; "" for none */
    bool (*knows)(ferry_str coding);
    fy_codec *(*make)(const ferry_platform *m, ferry_str coding); /* NULL: no memory */
} fy_codec_maker;

/* Memory for libraries that do not say how much they give back: NULL without memory;
 * `p` may be NULL. */
fy_api void *fy_codec_alloc(const ferry_platform *m, size_t size);
fy_api void fy_codec_free(const ferry_platform *m, void *p);

#endif
