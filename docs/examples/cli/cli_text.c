/* cli_text.c - growing text for the `ferry` command.
 * SPDX-License-Identifier: MIT */
#include "cli.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A command may end itself; a library must not, and ferry never does. */
static void *text_or_exit(void *p)
{
    if (p)
        return p;
    fputs("ferry: out of memory\n", stderr);
    exit(CLI_NOMEM);
}

void *cli_alloc(size_t n, size_t size)
{
    return text_or_exit(calloc(n, size));
}

static void text_reserve(cli_text *t, size_t n)
{
    size_t half = SIZE_MAX / 2;
    if (t->room - t->len > n) /* and one more for the NUL */
        return;
    if (n >= half || t->len >= half - n)
        text_or_exit(NULL);
    t->room = (t->len + n + 1) * 2;
    t->ptr = text_or_exit(realloc(t->ptr, t->room));
}

void cli_text_add(cli_text *t, const void *p, size_t n)
{
    text_reserve(t, n);
    if (n)
        memcpy(t->ptr + t->len, p, n);
    t->len += n;
    t->ptr[t->len] = '\0';
}

void cli_text_puts(cli_text *t, const char *s)
{
    cli_text_add(t, s, strlen(s));
}

bool cli_text_add_file(cli_text *t, FILE *f)
{
    size_t n;
    do {
        text_reserve(t, 16384);
        n = fread(t->ptr + t->len, 1, 16384, f);
        t->len += n;
    } while (n);
    t->ptr[t->len] = '\0';
    return !ferror(f);
}

void cli_text_free(cli_text *t)
{
    free(t->ptr);
    *t = (cli_text){0};
}
