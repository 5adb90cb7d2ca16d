/* percent.h - percent-encoding: which byte may stand where in a URL, and the writing of
 * one component in its normal form (RFC 3986 2, 6.2.2).
 * proto. Knows bytes. Does not know which component it is given.
 * SPDX-License-Identifier: MIT */
#ifndef FY_PERCENT_H
#define FY_PERCENT_H

#include "base/buf.h"

/* Sets of bytes that stand for themselves, to be joined with |. */
enum {
    FY_PERCENT_UNRESERVED = 1, /* ALPHA DIGIT - . _ ~ */
    FY_PERCENT_HOST = 2,       /* reg-name, but no upper case and no "*" */
    FY_PERCENT_USERINFO = 4,
    FY_PERCENT_PATH = 8,
    FY_PERCENT_QUERY = 16, /* and fragment */
    FY_PERCENT_CONTROL = 32
};

/* How many bytes at the front of `s` are in `set`. */
fy_api size_t fy_percent_run(ferry_str s, unsigned set);

/* What the triplet at the front of `s` stands for, or -1 if there is none. */
fy_api int fy_percent_value(ferry_str s);

/* Write what `s` says with its triplets decoded, any bytes; what begins no triplet stays as
 * it is. `out` has room for s.len bytes, and may be s.ptr. Returns how many it wrote. */
fy_api size_t fy_percent_decode(char *out, ferry_str s);
/* Append that. */
fy_api void fy_percent_put_decoded(fy_buf *b, ferry_str s);

/* Append %XX in upper case. */
fy_api void fy_percent_put_byte(fy_buf *b, char c);

/* Append the component `s`: triplets of unreserved bytes decoded, others in upper case,
 * bytes outside `set` encoded. If one % of it begins no triplet, none does and every %
 * is encoded, as requests does. Stops at a control byte.
 * Returns how many bytes of `s` it took: s.len, or where the control byte is. */
fy_api size_t fy_percent_put(fy_buf *b, ferry_str s, unsigned set);

#endif
