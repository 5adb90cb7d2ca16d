/* parts.h - a form of several parts: from the caller's list to bytes that can be read one
 * after the other, with no more than one of its files open. session. Knows files and
 * sources. Does not know requests. SPDX-License-Identifier: MIT */
#ifndef FY_PARTS_H
#define FY_PARTS_H

#include "net/file.h"
#include "proto/multipart.h"

struct fy_parts;

typedef struct fy_parts_file {
    struct fy_parts *parts;
    size_t path_at; /* in `paths` */
} fy_parts_file;

typedef struct fy_parts {
    const ferry_platform *platform;
    fy_multipart multipart;
    fy_buf type;  /* multipart/form-data with the boundary */
    fy_buf paths; /* each with a NUL */
    fy_parts_file *files;
    size_t n_files, most_files;
    const fy_parts_file *open; /* the one that `file` is */
    fy_file file;
    fy_error why; /* reading stopped; code FERRY_OK: a source did not say */
} fy_parts;

/* A pair is a field, and stands before all parts. NULL after an error. Bytes and sources
 * must stay; files are looked at now and opened when they are read. */
fy_api fy_parts *fy_parts_new(const ferry_platform *m, const ferry_pair *form,
    const ferry_part *parts, fy_error *x);
fy_api void fy_parts_free(fy_parts *p); /* NULL is fine */

/* All of it; length -1 if it is not known. */
fy_api ferry_source fy_parts_source(fy_parts *p);

#endif
