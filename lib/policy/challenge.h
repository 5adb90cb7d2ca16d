/* challenge.h - how a server or a proxy wants to be told who asks: the value of
 * WWW-Authenticate and Proxy-Authenticate (RFC 9110 11.3, 11.6.1, 11.7.1).
 * policy. Knows schemes and parameters as text. Does not know any scheme.
 * SPDX-License-Identifier: MIT */
#ifndef FY_CHALLENGE_H
#define FY_CHALLENGE_H

#include "base/buf.h"

/* One challenge, as views into the field. */
typedef struct fy_challenge {
    ferry_str scheme;  /* a token, in any case */
    ferry_str token68; /* empty if there is none */
    ferry_str params;  /* the list of them, well-formed; see fy_challenge_param() */
} fy_challenge;

/* Eat the next challenge from the front of a field's value. False at the end, and at
 * what is no challenge: whatever stands behind that is not believed. */
fy_api bool fy_challenge_next(ferry_str *value, fy_challenge *out);

/* Find a parameter, ignoring the case of its name; of several the last. `raw` is a token,
 * or a quoted-string with its quotes (RFC 9110 5.6.4). */
fy_api bool fy_challenge_param(const fy_challenge *c, ferry_str name, ferry_str *raw);

/* Append what a raw value means: without quotes and escapes. */
fy_api void fy_challenge_put_plain(fy_buf *out, ferry_str raw);

/* Is this what a raw value means, ignoring case? */
fy_api bool fy_challenge_says(ferry_str raw, ferry_str word);

#endif
