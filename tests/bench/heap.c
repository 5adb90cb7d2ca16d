/* heap.c - counts the allocations of a program that is started with this preloaded, and
 * says at its end: how many there were, and how many bytes were the most and the last.
 * Bytes are those that the allocator really gave. To standard error, or the file
 * HEAP_REPORT. Linux and glibc. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void __libc_free(void *p);

static unsigned long heap_calls;
static size_t heap_live, heap_peak;

static void *heap_gain(void *p)
{
    heap_calls++;
    heap_live += malloc_usable_size(p);
    if (heap_live > heap_peak)
        heap_peak = heap_live;
    return p;
}

void *malloc(size_t n)
{
    return heap_gain(__libc_malloc(n));
}

void *calloc(size_t n, size_t size)
{
    return heap_gain(__libc_calloc(n, size));
}

void *realloc(void *p, size_t n)
{
    size_t old = malloc_usable_size(p);
    void *new_p = __libc_realloc(p, n);
    if (new_p || n == 0)
        heap_live -= old;
    return heap_gain(new_p);
}

void free(void *p)
{
    heap_live -= malloc_usable_size(p);
    __libc_free(p);
}

__attribute__((destructor)) static void heap_report(void)
{
    const char *name = getenv("HEAP_REPORT");
    int fd = name ? open(name, O_CREAT | O_TRUNC | O_WRONLY, 0600) : 2;
    char text[128];
    int n = snprintf(text, sizeof text, "calls %lu peak %zu left %zu\n", heap_calls,
        heap_peak, heap_live);
    if (fd < 0 || write(fd, text, (size_t)n) != n)
        abort();
}
