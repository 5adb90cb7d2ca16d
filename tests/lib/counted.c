/* counted.c - the system's memory, and how much of it is taken at most; see counted.h.
 * SPDX-License-Identifier: MIT */
#include "lib/counted.h"

#include <stdlib.h>

static void *counted_resize(void *ctx, void *p, size_t old_size, size_t new_size)
{
    counted *c = ctx;
    c->now += new_size - old_size;
    c->peak = c->now > c->peak ? c->now : c->peak;
    if (new_size)
        return realloc(p, new_size);
    free(p);
    return NULL;
}

ferry_platform counted_platform(counted *c)
{
    return (ferry_platform){
        .size = sizeof(ferry_platform), .ctx = c, .resize = counted_resize};
}
