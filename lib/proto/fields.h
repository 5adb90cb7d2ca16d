/* fields.h - field sections: lists of names and values (RFC 9110 5, RFC 9112 5).
 * proto. Knows field lines as bytes. Does not know what a field means, but for lists.
 * SPDX-License-Identifier: MIT */
#ifndef FY_FIELDS_H
#define FY_FIELDS_H

#include "base/error.h"
#include "ferry.h"

/* A list that grows up to `max` and keeps its memory when cleared. */
typedef struct fy_fields {
    ferry_field *at;
    size_t n, cap, max;
    const ferry_platform *platform;
} fy_fields;

fy_api void fy_fields_init(fy_fields *f, const ferry_platform *m, size_t max);
fy_api void fy_fields_fini(fy_fields *f);
fy_api ferry_err fy_fields_add_slowly(
    fy_fields *f, ferry_str name, ferry_str value, fy_error *x);

static inline ferry_err fy_fields_add(
    fy_fields *f, ferry_str name, ferry_str value, fy_error *x)
{
    if (f->n >= f->cap || f->n >= f->max)
        return fy_fields_add_slowly(f, name, value, x);
    f->at[f->n++] = (ferry_field){name, value};
    return FERRY_OK;
}

fy_api ferry_fields fy_fields_view(const fy_fields *f);

/* The `nth` entry of that name, ignoring case, or NULL. */
fy_api const ferry_field *fy_fields_find(ferry_fields f, ferry_str name, size_t nth);
/* Does a list of the caller's (or NULL) have that name, ignoring case? A NULL value counts:
 * something was said of it. */
fy_api bool fy_fields_are_given(const ferry_pair *list, ferry_str name);
/* Does a list-valued field hold `token`, ignoring case (RFC 9110 5.6.1)? */
fy_api bool fy_list_has_token(ferry_str list, ferry_str token);

/* Add the field lines in p[0..n), each ended by CRLF, as views into them: separators
 * become NUL, a folded line is joined with one space. `base` is where p stands in the
 * message, for the error's offset. */
fy_api ferry_err fy_fields_parse(
    fy_fields *f, char *p, size_t n, int64_t base, fy_error *x);

#endif
