/* wire_source.h - a body that a script's caller gives piece by piece.
 * tests. Knows ferry_source. SPDX-License-Identifier: MIT */
#ifndef TESTS_WIRE_SOURCE_H
#define TESTS_WIRE_SOURCE_H

#include "ferry.h"
#include "lib/wire_text.h"

typedef struct wire_source {
    ferry_source pub;
    wire_text bytes;
    size_t at, said; /* so often in a row it said that it has nothing yet */
    int64_t piece;   /* most bytes at once; 0: as many as asked for */
    int64_t fails;   /* reading fails behind so many bytes, from 1; 0: never */
    int64_t late;    /* before each piece it has nothing yet so often */
    int64_t dries;   /* behind so many bytes, from 1, it never has more; 0: it does */
    bool is_once;    /* no rewind */
    bool is_stuck;   /* rewind fails */
} wire_source;

/* "length 5", "piece 2", "fails 3", "late 1", "dries 4", "once", "stuck". */
bool wire_source_option(wire_source *s, ferry_str name, ferry_str value);
/* What goes into ferry_opts, or NULL; `s` must stay where it is. */
const ferry_source *wire_source_finish(wire_source *s);
/* Has it nothing, however often it is asked? */
bool wire_source_is_dry(const wire_source *s);
/* Another call is going to use it. */
void wire_source_restart(const ferry_source *s);

#endif
