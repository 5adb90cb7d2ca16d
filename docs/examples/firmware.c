/* firmware.c - all memory from one fixed block, and limits to match. A board gives its
 * own .now_ms, .random, .dial and .wait in the same struct.
 * usage: firmware URL
 * SPDX-License-Identifier: MIT */
#include <ferry.h>
#include <stdio.h>
#include <string.h>

enum { PAGE = 64, PAGES = 512 }; /* 32 KB */

static union { long double aligned; unsigned char bytes[PAGES * PAGE]; } arena;
static unsigned char used[PAGES];
static size_t most;

static size_t pages(size_t size) { return size / PAGE + (size % PAGE != 0); }

static void *arena_take(size_t n)
{
    for (size_t at = 0, run = 0; at < PAGES; at++) {
        run = used[at] ? 0 : run + 1;
        if (run < n)
            continue;
        memset(used + at + 1 - n, 1, n);
        most = at + 1 > most ? at + 1 : most;
        return arena.bytes + (at + 1 - n) * PAGE;
    }
    return NULL;
}

static void *arena_resize(void *ctx, void *p, size_t old_size, size_t new_size)
{
    (void)ctx;
    size_t had = p ? pages(old_size) : 0;
    if (p && pages(new_size) == had)
        return p;
    void *moved = new_size ? arena_take(pages(new_size)) : NULL;
    if (moved && p)
        memcpy(moved, p, old_size < new_size ? old_size : new_size);
    if (p && (moved || !new_size)) /* without room, p stays */
        memset(used + ((unsigned char *)p - arena.bytes) / PAGE, 0, had);
    return moved;
}

int main(int argc, char **argv)
{
    static const ferry_platform board = {.size = sizeof board, .resize = arena_resize};
    ferry_auto_session s = ferry_session_new(
        .platform = &board,
        .limits = {.head = 2048, .fields = 24, .body = 8192,
                   .buffer = 1024, .buffer_max = 4096},
        .pool = {.idle = 1});
    ferry_auto_response r = NULL;

    if (argc != 2 || ferry_get(s, argv[1], &r))
        return fprintf(stderr, "firmware: %s\n", ferry_explain(s)), 1;
    printf("%d, %zu bytes of body, %zu of %d bytes of memory\n", r->status, r->body.len,
        most * PAGE, PAGES * PAGE);
    return 0;
}
