/* form.h - application/x-www-form-urlencoded, as requests writes it.
 * proto. Knows pairs of bytes. Does not know whether they go into a query or a body.
 * SPDX-License-Identifier: MIT */
#ifndef FY_FORM_H
#define FY_FORM_H

#include "base/buf.h"

/* Append "name=value" to the form that begins at `start` in `b`, after a "&" if
 * something stands there already. ALPHA DIGIT - . _ ~ stay, a space becomes "+",
 * everything else %XX, byte by byte. */
fy_api void fy_form_put(fy_buf *b, size_t start, ferry_str name, ferry_str value);

#endif
