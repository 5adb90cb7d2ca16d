/* buf.h - growing bytes under a ceiling, and the one way to memory.
 * base. Knows the platform's allocator. Does not know what the bytes mean.
 * SPDX-License-Identifier: MIT */
#ifndef FY_BUF_H
#define FY_BUF_H

#include "base/str.h"

/* A limit as a size: what no memory could hold is as much as one could. */
static inline size_t fy_size(uint64_t limit)
{
    return limit < SIZE_MAX / 4 ? (size_t)limit : SIZE_MAX / 4;
}

/* The allocator: NULL `p` makes, new 0 frees; NULL without memory, and p stays. */
fy_api void *fy_resize(const ferry_platform *m, void *p, size_t old, size_t new_size);
fy_api void *fy_alloc_zero(const ferry_platform *m, size_t size);
/* Make room for `need` of `size` bytes each in a list that has *cap of them, by
 * doubling. */
fy_api bool fy_list_grow(
    const ferry_platform *m, void **list, size_t *cap, size_t need, size_t size);
/* A copy with a NUL behind it, to be freed with fy_text_free(), which wipes it; NULL
 * without memory. */
fy_api char *fy_text_copy(const ferry_platform *m, ferry_str text);
fy_api void fy_text_free(const ferry_platform *m, char *text);
/* Fill with zeros in a way that no compiler leaves out: for secrets. */
fy_api void fy_wipe(void *p, size_t n);

/* `len` bytes in room for `cap`, never more than `max`; there is always one byte more
 * behind cap, for a NUL. Appending never fails on the spot: it latches `failed`, and
 * the one who built asks once at the end. */
typedef struct fy_buf {
    char *ptr;
    size_t len, cap, max;
    const ferry_platform *platform;
    bool failed;  /* something did not fit, or there was no memory */
    bool is_full; /* ... and it was the ceiling */
    /* Set after init: what it held is wiped wherever it leaves memory behind, growing
     * included. */
    bool is_secret;
} fy_buf;

fy_api void fy_buf_init(fy_buf *b, const ferry_platform *m, size_t max);
fy_api void fy_buf_fini(fy_buf *b);
fy_api void fy_buf_clear(fy_buf *b); /* empty and unfailed, memory kept */
fy_api void fy_buf_wipe(fy_buf *b);  /* the same, and what it held is gone */
/* Room for `n` more, or false and failed. `exact` takes no more than that. */
fy_api bool fy_buf_reserve(fy_buf *b, size_t n);
fy_api bool fy_buf_reserve_exact(fy_buf *b, size_t n);
fy_api void fy_buf_put(fy_buf *b, const void *p, size_t n);
fy_api void fy_buf_put_number(fy_buf *b, int64_t n);

static inline ferry_str fy_buf_view(const fy_buf *b)
{
    return b->ptr ? (ferry_str){b->ptr, b->len} : FY_S("");
}

/* Append `n` bytes, which the caller writes at once; NULL and failed without room. */
static inline char *fy_buf_extend(fy_buf *b, size_t n)
{
    if (b->failed || (n > b->cap - b->len && !fy_buf_reserve(b, n)))
        return NULL;
    b->len += n;
    return b->ptr + b->len - n;
}

static inline void fy_buf_puts(fy_buf *b, ferry_str s)
{
    if (s.len > b->cap - b->len || b->failed) {
        fy_buf_put(b, s.ptr, s.len);
    } else if (s.len) {
        memcpy(b->ptr + b->len, s.ptr, s.len);
        b->len += s.len;
    }
}

static inline void fy_buf_putc(fy_buf *b, char c)
{
    fy_buf_puts(b, (ferry_str){&c, 1});
}

/* The bytes as a C string; "" while there are none. */
fy_api const char *fy_buf_text(fy_buf *b);
/* FERRY_OK, or why it failed: FERRY_ERR_LIMIT or FERRY_ERR_NOMEM. */
fy_api ferry_err fy_buf_error(const fy_buf *b);

#endif
