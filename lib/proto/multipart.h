/* multipart.h - multipart/form-data (RFC 7578, RFC 2046 5.1), written while it is read.
 * proto. Knows parts as bytes and sources. Does not know files, or who sends it.
 * SPDX-License-Identifier: MIT */
#ifndef FY_MULTIPART_H
#define FY_MULTIPART_H

#include "proto/request.h"

enum { FY_BOUNDARY_LEN = 32 };

/* One part. Its strings are copied; its bytes and its source must stay. */
typedef struct fy_part {
    ferry_str name, filename, type; /* ptr NULL: has none; the name is always there */
    const ferry_pair *headers;      /* more fields of its head, or NULL */
    ferry_str bytes;                /* unless source.read is set */
    ferry_source source;            /* length: bytes, or -1 if not known */
} fy_part;

/* A content, and where the text before it ends. */
typedef struct fy_multipart_piece {
    size_t text_end;
    ferry_str bytes;
    ferry_source source;
    bool is_touched; /* the source has given something, or ended */
} fy_multipart_piece;

/* The heads of all parts in one text, and the contents that stand between. */
typedef struct fy_multipart {
    const ferry_platform *platform;
    char boundary[FY_BOUNDARY_LEN + 1];
    fy_buf text;
    fy_multipart_piece *pieces;
    size_t n, cap;
    /* reading */
    size_t text_at, piece; /* the next byte of text, the next content */
    uint64_t given;        /* bytes of that content */
} fy_multipart;

/* The boundary is made of 16 bytes that nobody can guess. */
fy_api void fy_multipart_init(
    fy_multipart *m, const ferry_platform *platform, const unsigned char chance[16]);
fy_api void fy_multipart_fini(fy_multipart *m);

/* One part more; FERRY_ERR_USAGE if a field of its head could end its line early. */
fy_api ferry_err fy_multipart_put(fy_multipart *m, const fy_part *p, fy_error *x);
/* A field whose value is copied. */
fy_api ferry_err fy_multipart_put_field(
    fy_multipart *m, ferry_str name, ferry_str value, fy_error *x);
/* No part more: the last delimiter. */
fy_api ferry_err fy_multipart_end(fy_multipart *m, fy_error *x);

/* Bytes in all, or -1 if a part's length is not known. */
fy_api int64_t fy_multipart_length(const fy_multipart *m);

/* Up to `n` > 0 bytes of it into `p`; 0 at the end; FERRY_NOT_YET; -1: `x` says why, or
 * its code is FERRY_OK if a source failed without a word. */
fy_api ptrdiff_t fy_multipart_read(fy_multipart *m, void *p, size_t n, fy_error *x);

/* Have all sources a rewind? */
fy_api bool fy_multipart_may_rewind(const fy_multipart *m);
fy_api bool fy_multipart_rewind(fy_multipart *m);

#endif
