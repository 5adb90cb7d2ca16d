/* model_request.h - an independent, slow reader of HTTP/1.1 requests as an origin
 * server should read them, and stricter: nothing that two servers could read in two
 * ways passes (RFC 9112 2, 3, 5, 6). Written from the RFCs alone.
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_MODEL_REQUEST_H
#define TESTS_MODEL_REQUEST_H

#include "lib/model_message.h"

typedef struct model_request {
    const char *wrong; /* NULL, or what is wrong with it at `end` */
    model_text method, target;
    model_section fields;
    size_t head_len; /* once the fields are read */
    bool has_length;
    uint64_t length; /* of the body, as declared */
    model_text body; /* so far */
    size_t end;      /* bytes of the request */
} model_request;

/* Read one request from the front of p[0..n). MODEL_SHORT: it is not all there. */
model_step model_read_request(model_request *r, const uint8_t *p, size_t n);
void model_request_free(model_request *r);

#endif
