/* wire_text.h - text that grows, and the escapes and terms of wire scripts.
 * tests. Knows bytes. Does not know what a script says. SPDX-License-Identifier: MIT */
#ifndef TESTS_WIRE_TEXT_H
#define TESTS_WIRE_TEXT_H

#include "ferry/platform.h"

#include <stdbool.h>

/* Always with a NUL behind it once something was put. Without memory the test ends. */
typedef struct wire_text {
    char *ptr;
    size_t len, cap;
} wire_text;

void wire_put(wire_text *t, const void *p, size_t n);
void wire_puts(wire_text *t, const char *text);
void wire_printf(wire_text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* For people: "\r\n" and "\x00", and no more than about 400 bytes. */
void wire_put_shown(wire_text *t, ferry_str bytes);
ferry_str wire_view(const wire_text *t);
void wire_clear(wire_text *t);
void wire_free(wire_text *t);

/* A list with one more element of `size` zero bytes; its address. */
void *wire_add(void **list, size_t *n, size_t size);

ferry_str wire_str(const char *text);
bool wire_same(ferry_str a, ferry_str b);
/* Eat up to `mark`, or all ("" is nowhere); the mark goes too. False once nothing is
 * left. */
bool wire_cut(ferry_str *rest, const char *mark, ferry_str *piece);
/* 1*DIGIT and nothing else. */
bool wire_number(ferry_str s, int64_t *n);

/* What a script leaves open. */
typedef struct wire_terms {
    const char *port;    /* behind a host's name: "", or ":40001" */
    int64_t scale;       /* times are divided by this */
    const char *codings; /* what Accept-Encoding says in this build */
} wire_terms;

/* Append `text` with its escapes and {terms} resolved; false: there is a wrong one. */
bool wire_expand(wire_text *out, ferry_str text, const wire_terms *terms);

#endif
