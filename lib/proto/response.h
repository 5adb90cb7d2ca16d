/* response.h - the head of a response: status line and fields (RFC 9112 2.2, 4).
 * proto. Knows a head as bytes. Does not know bodies, sockets or time.
 * SPDX-License-Identifier: MIT */
#ifndef FY_RESPONSE_H
#define FY_RESPONSE_H

#include "proto/fields.h"

typedef struct fy_head {
    int status, minor;
    ferry_str reason;
    fy_fields fields;
} fy_head;

/* Is there a whole head at the front of `bytes`? FERRY_OK: it has *end bytes, with its
 * empty line. FERRY_AGAIN: not yet; call again with the same *cursor, 0 at first, and
 * more bytes behind. FERRY_ERR_PROTOCOL: it cannot become one. */
fy_api ferry_err fy_response_find_end(
    ferry_str bytes, size_t *cursor, size_t *end, fy_error *x);

/* Parse a whole head in place: views into p[0..n), separators become NUL. */
fy_api ferry_err fy_response_parse(fy_head *h, char *p, size_t n, fy_error *x);

#endif
