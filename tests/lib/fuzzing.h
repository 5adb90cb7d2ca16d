/* fuzzing.h - what the fuzz targets share: claims that end the process when they fail,
 * input taken in pieces, and cuts. SPDX-License-Identifier: MIT */
#ifndef TESTS_FUZZING_H
#define TESTS_FUZZING_H

#include "ferry.h"
#include "lib/memory.h"
#include "lib/model_message.h"

/* What libFuzzer calls, and fuzz/replay.c too. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A claim about the code under test. Unlike assert it is never compiled out. */
#define FUZZ_CHECK(claim) ((claim) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #claim))
void fuzz_fail(const char *file, int line, const char *claim);

/* The input, eaten from the front. */
typedef struct fuzz_input {
    const uint8_t *p;
    size_t n;
} fuzz_input;

uint8_t fuzz_byte(fuzz_input *in); /* 0 behind the end */

/* Bytes that grow. */
typedef struct fuzz_bytes {
    uint8_t *p;
    size_t n, cap;
} fuzz_bytes;

void fuzz_bytes_put(fuzz_bytes *b, const void *p, size_t n);
void fuzz_bytes_free(fuzz_bytes *b);

/* How a stream is cut: the whole, 1, 2 or 7 bytes, or pieces of every size that two
 * bytes of the input choose. */
typedef struct fuzz_cuts {
    uint8_t mode;
    uint32_t state;
} fuzz_cuts;

void fuzz_cuts_init(fuzz_cuts *c, uint8_t mode, uint8_t seed);
/* The size of the next piece of `left` > 0 bytes, from 1 to `left`. */
size_t fuzz_cut(fuzz_cuts *c, size_t left);

/* True if `inner` and the byte behind it lie in p[0..n). */
bool fuzz_is_inside(ferry_str inner, const char *p, size_t n);
bool fuzz_is_same(ferry_str a, ferry_str b);
/* A name and a value as they must leave the parser: a token, text without blanks round
 * it, a NUL behind both, all of it in p[0..n). */
void fuzz_check_field(const ferry_field *f, const char *p, size_t n);
/* The same fields. Where lines were folded, runs of blanks count as one. */
void fuzz_check_fields(ferry_fields f, const model_section *model);

/* An allocator that also refuses what no test should ask for. Ends as memory does. */
typedef struct fuzz_memory {
    memory memory;
    size_t most; /* the largest block given */
} fuzz_memory;

void fuzz_memory_init(fuzz_memory *m);
void *fuzz_memory_resize(fuzz_memory *m, void *p, size_t old_size, size_t new_size);

/* ferry_explain(): one line of text that says what `e` means. */
void fuzz_check_explain(const ferry_session *s, ferry_err e);

#endif
