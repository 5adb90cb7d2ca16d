/* flaky.h - a server of one file that answers ranges and breaks off, without the way its
 * bytes go. tests. SPDX-License-Identifier: MIT */
#ifndef TESTS_FLAKY_H
#define TESTS_FLAKY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct flaky {
    char *file;
    size_t len;
    const char *etag;    /* NULL: none */
    const char *fields;  /* more of the head */
    bool has_no_ranges;  /* whatever is asked for, all of it is sent */
    bool is_chunked;     /* nothing tells the length */
    bool is_silent;      /* it breaks off by saying nothing more */
    bool shifts_range;   /* it sends another part than was asked for */
    bool hides_total;    /* a part does not say of how much */
    size_t most;         /* bytes of one part; 0: as many as were asked for */
    const char *instead; /* an answer in place of all that */
    size_t cut;          /* bytes of a body, then it breaks off */
    size_t cuts_left;    /* as often */
    /* seen */
    char asked[4096]; /* the last request */
    size_t requests, parts;
} flaky;

/* Bytes of an answer; it breaks off behind `end` of them, if that is less than `len`. */
typedef struct flaky_answer {
    char *bytes; /* to be freed */
    size_t len, end;
} flaky_answer;

/* Have another file, of `len` bytes. */
void flaky_be_file(flaky *f, size_t len);
/* What it says to the request in `asked`; `a` is all zeros, or an answer to be replaced. */
void flaky_answer_to(flaky *f, flaky_answer *a);
/* Is the file at `path` this one, byte for byte? */
bool flaky_is_at(const flaky *f, const char *path);
void flaky_free(flaky *f);

#endif
