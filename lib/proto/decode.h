/* decode.h - content codings undone (RFC 9110 8.4): bytes in, bytes out, in steps that
 * are bounded by the room given.
 * proto. Knows lists of codings and how far a body may grow. Does not know where bodies
 * come from, or go. SPDX-License-Identifier: MIT */
#ifndef FY_DECODE_H
#define FY_DECODE_H

#include "ferry.h"
#include "proto/codec.h"

enum { FY_DECODE_LINKS = 5 };

/* One coding of several; what it gives waits here for the next. */
typedef struct fy_decode_link {
    fy_codec *codec;
    uint64_t made; /* bytes that came out so far */
    bool is_full;  /* more may come out with nothing going in */
    fy_buf room;
    ferry_str ready;
} fy_decode_link;

typedef struct fy_decode {
    const ferry_platform *platform;
    fy_decode_link links[FY_DECODE_LINKS]; /* the one to be undone first is first */
    int n;
    int64_t ratio;  /* how many bytes one byte may become */
    uint64_t eaten; /* bytes that went in so far */
    fy_buf out;     /* for whoever lends what comes out */
} fy_decode;

/* What this build decodes, as Accept-Encoding says it: "gzip, deflate", or "identity". */
fy_api void fy_decode_put_codings(fy_buf *out);

fy_api void fy_decode_init(fy_decode *d, const ferry_platform *m);
fy_api void fy_decode_fini(fy_decode *d);

/* Those that no body uses now, with the memory they have grown: a few are kept. */
enum { FY_DECODERS_KEPT = 2 };

typedef struct fy_decoders {
    const ferry_platform *platform;
    fy_decode *kept[FY_DECODERS_KEPT];
    int n;
} fy_decoders;

fy_api fy_decode *fy_decoders_take(fy_decoders *s); /* NULL: no memory */
fy_api void fy_decoders_give(fy_decoders *s, fy_decode *d);
fy_api void fy_decoders_free(fy_decoders *s);

/* Does a Content-Encoding field say anything but identity? */
fy_api bool fy_decode_is_coded(ferry_fields headers);

/* Begin a body that all Content-Encoding fields together tell of. FERRY_ERR_UNSUPPORTED
 * for a coding that is not known, FERRY_ERR_LIMIT for too many, FERRY_ERR_NOMEM. Decoders
 * of the body before serve again. */
fy_api ferry_err fy_decode_begin(
    fy_decode *d, ferry_fields headers, int64_t ratio, fy_error *x);

/* Decode from the front of `in` to the front of `out`. FERRY_OK: `in` is empty, or `out`
 * is full; then more may come out before more goes in. FERRY_ERR_DECODE, FERRY_ERR_LIMIT
 * (it grows beyond the ratio) or FERRY_ERR_NOMEM. */
fy_api ferry_err fy_decode_step(fy_decode *d, ferry_str *in, fy_room *out, fy_error *x);

/* The body is over and all of it was decoded: FERRY_OK, or FERRY_ERR_DECODE if something
 * is missing. */
fy_api ferry_err fy_decode_end(const fy_decode *d, fy_error *x);

#endif
