/* memory.c - an allocator for tests.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"

#include <stdlib.h>
#include <string.h>

/* In front of each block, as wide as the strictest alignment. */
typedef union memory_head {
    size_t size;
    long double align;
    void *pointer;
} memory_head;

/* What was never written may be searched for secrets; valgrind must be told so. */
#if defined(__has_include)
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#endif
#endif
#ifndef VALGRIND_MAKE_MEM_DEFINED
#define VALGRIND_MAKE_MEM_DEFINED(p, n) ((void)(p), (void)(n))
#endif

/* There in builds with MemorySanitizer only: it should take no filling for something that
 * was written, and let the search for secrets read what was not. */
extern void __msan_allocated_memory(const volatile void *p, size_t n)
    __attribute__((weak));
extern void __msan_unpoison(const volatile void *p, size_t n) __attribute__((weak));

static bool memory_holds(const char *p, size_t n, const char *secret)
{
    size_t len = strlen(secret);
    for (; n >= len; p++, n--)
        if (memcmp(p, secret, len) == 0)
            return true;
    return false;
}

static void memory_take_back(memory *m, void *p)
{
    memory_head *head = (memory_head *)p - 1;
    if (__msan_unpoison)
        __msan_unpoison(p, head->size);
    if (m->secret)
        (void)VALGRIND_MAKE_MEM_DEFINED(p, head->size);
    if (m->secret && memory_holds(p, head->size, m->secret))
        m->has_leaked = true;
    m->live--;
    memset(p, 0xdd, head->size);
    free(head);
}

static void *memory_resize(void *ctx, void *p, size_t old_size, size_t new_size)
{
    memory *m = ctx;
    size_t known = p ? ((memory_head *)p - 1)->size : 0;
    memory_head *head = NULL;
    if (old_size != known)
        m->is_wrong = true;
    if (new_size) {
        if (++m->calls == m->fail_at || !(head = malloc(sizeof *head + new_size)))
            return NULL;
        head->size = new_size;
        m->live++;
        memset(head + 1, 0xaa, new_size);
        if (__msan_allocated_memory)
            __msan_allocated_memory(head + 1, new_size);
        if (p)
            memcpy(head + 1, p, known < new_size ? known : new_size);
    }
    if (p)
        memory_take_back(m, p);
    return head ? head + 1 : NULL;
}

static const char *memory_getenv(void *ctx, const char *name)
{
    const memory *m = ctx;
    for (const ferry_pair *p = m->environ; p && p->name; p++)
        if (strcmp(p->name, name) == 0)
            return p->value;
    return NULL;
}

void memory_init(memory *m)
{
    *m = (memory){.platform = {.size = sizeof m->platform, .resize = memory_resize}};
    m->platform.getenv = memory_getenv;
    m->platform.ctx = m;
}

bool memory_is_clean(const memory *m)
{
    return m->live == 0 && !m->has_leaked && !m->is_wrong;
}

char *memory_exact(const char *p, size_t n)
{
    char *copy = malloc(n ? n : 1);
    if (copy && n)
        memcpy(copy, p, n);
    return copy;
}
