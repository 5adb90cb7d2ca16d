/* buf.c - growing bytes under a ceiling, and the one way to memory.
 * base. Knows the platform's allocator. Does not know what the bytes mean.
 * SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <string.h>

void *fy_resize(const ferry_platform *m, void *p, size_t old, size_t new_size)
{
    if (!p && !new_size)
        return NULL;
    return m->resize(m->ctx, p, old, new_size);
}

void *fy_alloc_zero(const ferry_platform *m, size_t size)
{
    void *p = fy_resize(m, NULL, 0, size);
    if (p)
        memset(p, 0, size);
    return p;
}

bool fy_list_grow(
    const ferry_platform *m, void **list, size_t *cap, size_t need, size_t size)
{
    if (need <= *cap)
        return true;
    size_t want = *cap ? *cap * 2 : 4;
    if (want < need)
        want = need;
    if (want > SIZE_MAX / 2 / size)
        return false;
    void *p = fy_resize(m, *list, *cap * size, want * size);
    if (!p)
        return false;
    *list = p;
    *cap = want;
    return true;
}

char *fy_text_copy(const ferry_platform *m, ferry_str text)
{
    char *p = fy_resize(m, NULL, 0, text.len + 1);
    if (p) {
        memcpy(p, text.ptr, text.len);
        p[text.len] = '\0';
    }
    return p;
}

#if defined(__GNUC__)
void fy_wipe(void *p, size_t n)
{
    if (n)
        memset(p, 0, n);
    __asm__ volatile("" : : "r"(p) : "memory"); /* who knows what reads it now */
}
#else
void fy_wipe(void *p, size_t n)
{
    volatile char *v = p;
    while (n--)
        *v++ = 0;
}
#endif

void fy_text_free(const ferry_platform *m, char *text)
{
    size_t size = text ? strlen(text) + 1 : 0;
    fy_wipe(text, size);
    if (text)
        fy_resize(m, text, size, 0);
}

void fy_buf_init(fy_buf *b, const ferry_platform *m, size_t max)
{
    *b = (fy_buf){.max = max, .platform = m};
}

void fy_buf_fini(fy_buf *b)
{
    if (b->ptr && b->is_secret)
        fy_wipe(b->ptr, b->cap);
    if (b->ptr)
        fy_resize(b->platform, b->ptr, b->cap + 1, 0);
    *b = (fy_buf){.max = b->max, .platform = b->platform, .is_secret = b->is_secret};
}

void fy_buf_clear(fy_buf *b)
{
    b->len = 0;
    b->failed = b->is_full = false;
}

void fy_buf_wipe(fy_buf *b)
{
    if (b->len)
        fy_wipe(b->ptr, b->cap);
    fy_buf_clear(b);
}

/* The allocator may move a block that grows, and would leave the old one as it is. */
static char *buf_move(fy_buf *b, size_t cap)
{
    char *p = fy_resize(b->platform, NULL, 0, cap + 1);
    if (p) {
        memcpy(p, b->ptr, b->len);
        fy_wipe(b->ptr, b->cap);
        fy_resize(b->platform, b->ptr, b->cap + 1, 0);
    }
    return p;
}

static bool buf_resize(fy_buf *b, size_t cap)
{
    char *p = b->ptr && b->is_secret
                  ? buf_move(b, cap)
                  : fy_resize(b->platform, b->ptr, b->ptr ? b->cap + 1 : 0, cap + 1);
    if (!p) {
        b->failed = true;
        return false;
    }
    b->ptr = p;
    b->cap = cap;
    return true;
}

static bool buf_fits(fy_buf *b, size_t n)
{
    size_t ceiling = b->max < SIZE_MAX / 2 ? b->max : SIZE_MAX / 2;
    if (n <= ceiling - b->len)
        return true;
    b->failed = b->is_full = true;
    return false;
}

bool fy_buf_reserve(fy_buf *b, size_t n)
{
    if (n <= b->cap - b->len)
        return true;
    if (!buf_fits(b, n))
        return false;
    size_t cap = b->cap < 32 ? 64 : b->cap * 2;
    if (cap < b->len + n)
        cap = b->len + n;
    return buf_resize(b, cap < b->max ? cap : b->max);
}

bool fy_buf_reserve_exact(fy_buf *b, size_t n)
{
    if (n <= b->cap - b->len)
        return true;
    return buf_fits(b, n) && buf_resize(b, b->len + n);
}

void fy_buf_put(fy_buf *b, const void *p, size_t n)
{
    if (n == 0 || b->failed || !fy_buf_reserve(b, n))
        return;
    memcpy(b->ptr + b->len, p, n);
    b->len += n;
}

void fy_buf_put_number(fy_buf *b, int64_t n)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (n < 0)
        fy_buf_putc(b, '-');
    fy_buf_put(b, digits + at, sizeof digits - at);
}

const char *fy_buf_text(fy_buf *b)
{
    if (!b->ptr)
        return "";
    b->ptr[b->len] = '\0';
    return b->ptr;
}

ferry_err fy_buf_error(const fy_buf *b)
{
    if (!b->failed)
        return FERRY_OK;
    return b->is_full ? FERRY_ERR_LIMIT : FERRY_ERR_NOMEM;
}
