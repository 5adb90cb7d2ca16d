/* model_multipart.h - an independent, slow reader of multipart/form-data, as a strict
 * server should read it (RFC 2046 5.1.1, RFC 7578). Nothing of lib/ is used.
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_MODEL_MULTIPART_H
#define TESTS_MODEL_MULTIPART_H

#include "lib/model_message.h"

typedef struct model_part {
    model_section fields;
    bool has_name, has_filename; /* from Content-Disposition: form-data */
    model_text name, filename;   /* %22, %0D and %0A decoded, as browsers mean them */
    model_text content;
} model_part;

typedef struct model_multipart {
    model_part *at;
    size_t n;
} model_multipart;

/* All of p[0..n): no preamble, no epilogue. MODEL_FULL or MODEL_BAD. */
model_step model_read_multipart(
    model_multipart *m, const char *boundary, const uint8_t *p, size_t n);
void model_multipart_free(model_multipart *m);

#endif
