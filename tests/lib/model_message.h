/* model_message.h - an independent, slow reader of what all HTTP/1.1 messages share:
 * lines, tokens and field sections (RFC 9112 2, 5; RFC 9110 5). Written from the RFCs
 * alone, one byte after the other, for tests that hold the library against it. Nothing
 * of lib/ is used. SPDX-License-Identifier: MIT */
#ifndef TESTS_MODEL_MESSAGE_H
#define TESTS_MODEL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What reading a thing came to: it is whole, it may become whole with more bytes, or it
 * never can. */
typedef enum model_step { MODEL_FULL, MODEL_SHORT, MODEL_BAD } model_step;

/* The input, and the next byte of it. After MODEL_BAD `at` is the byte to blame. */
typedef struct model_in {
    const uint8_t *p;
    size_t n, at;
} model_in;

/* Bytes in a block of their own, with a NUL behind them. */
typedef struct model_text {
    char *ptr;
    size_t len;
} model_text;

typedef struct model_field {
    model_text name, value;
    bool is_folded; /* the value came over several lines (RFC 9112 5.2) */
} model_field;

typedef struct model_section {
    model_field *at;
    size_t n;
} model_section;

void model_text_put(model_text *t, int byte);
void model_text_free(model_text *t);
bool model_text_is(const model_text *t, const char *word); /* ignoring case */
void model_section_free(model_section *s);

/* Character classes of RFC 9110 5.6.2 and 5.5. */
bool model_is_tchar(int byte);
bool model_is_digit(int byte);
bool model_is_text(int byte); /* HTAB, SP, VCHAR, obs-text: all that lines may hold */

/* The next byte, or -1 at the end of the input. */
int model_peek(const model_in *in);
/* One given byte, or CR LF. */
model_step model_take(model_in *in, int byte);
model_step model_take_crlf(model_in *in);
/* 1*tchar, appended to `out`. */
model_step model_take_token(model_in *in, model_text *out);

/* `n` bytes, appended to `out` as far as they are there. */
model_step model_take_bytes(model_in *in, uint64_t n, model_text *out);

/* Field lines up to and with the empty line. Folded lines are joined with one space if
 * the message may have them: a response may, a request may not (RFC 9112 5.2). */
model_step model_take_section(model_in *in, bool may_fold, model_section *out);

/* The elements of a list: the values of all fields of that name, joined and cut at
 * commas, without the blanks round them (RFC 9110 5.3, 5.6.1). Empty elements do not
 * count; their number is added to *empty. False once there is no `nth`. */
bool model_list_nth(const model_section *s, const char *name, size_t nth,
    model_text *out, size_t *empty);
size_t model_count(const model_section *s, const char *name);

#endif
