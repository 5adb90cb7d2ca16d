/* wire_parts.h - the parts of a form in a script: "part name=text", "part-file name=path",
 * "part-source name=bytes" (whose length is not known).
 * tests. Knows ferry_part. SPDX-License-Identifier: MIT */
#ifndef TESTS_WIRE_PARTS_H
#define TESTS_WIRE_PARTS_H

#include "lib/wire_source.h"

/* A list that ends with a NULL name; all that it points to belongs to it. */
typedef struct wire_parts {
    ferry_part *at;
    size_t n;
} wire_parts;

typedef enum wire_part_kind {
    WIRE_PART_TEXT,
    WIRE_PART_FILE,
    WIRE_PART_SOURCE
} wire_part_kind;

void wire_parts_add(wire_parts *p, wire_part_kind kind, const wire_text *line);
/* Another call is going to use them; NULL is fine. */
void wire_parts_restart(const ferry_part *list);
void wire_parts_free(wire_parts *p);

#endif
