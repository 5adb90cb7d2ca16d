/* lines.h - lines out of pieces: LF, CRLF and CR end one, wherever the pieces end.
 * proto. Knows line ends. Does not know where the pieces come from.
 * SPDX-License-Identifier: MIT */
#ifndef FY_LINES_H
#define FY_LINES_H

#include "base/error.h"

typedef struct fy_lines {
    fy_buf line;    /* the one that is begun */
    ferry_str rest; /* of the last piece */
    bool skips_lf;  /* the last line ended in CR: an LF belongs to it */
    bool is_given;  /* `line` is whole and was given */
} fy_lines;

fy_api void fy_lines_init(fy_lines *l, const ferry_platform *m);
fy_api void fy_lines_fini(fy_lines *l);
/* Begin with no line; none may be longer than `max`. */
fy_api void fy_lines_begin(fy_lines *l, size_t max);

/* A piece, which must stay until it is eaten up. */
fy_api void fy_lines_feed(fy_lines *l, ferry_str piece);
/* The next line without its end, with a NUL behind it, good until the next call.
 * FERRY_AGAIN: another piece is needed. FERRY_ERR_LIMIT, FERRY_ERR_NOMEM. */
fy_api ferry_err fy_lines_next(fy_lines *l, ferry_str *line, fy_error *x);
/* There is no other piece: the last line if it had no end, or one with ptr NULL. */
fy_api void fy_lines_last(fy_lines *l, ferry_str *line);

#endif
