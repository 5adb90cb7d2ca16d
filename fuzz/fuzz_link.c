/* fuzz_link.c - any bytes as a Link field. What is found lies inside the field, holds no
 * ">", and is found again in a field that begins with the link alone.
 * SPDX-License-Identifier: MIT */
#include "proto/link.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ferry_str value = {(const char *)data, size}, found, again;
    if (!fy_link_find(value, FY_S("next"), &found))
        return 0;
    must(found.ptr >= value.ptr && found.ptr + found.len < value.ptr + size);
    must(found.len == 0 || !memchr(found.ptr, '>', found.len));
    const char *start = found.ptr;
    while (*start != '<')
        start--;
    must(start >= value.ptr);
    ferry_str rest = {start, (size_t)(value.ptr + size - start)};
    must(fy_link_find(rest, FY_S("NEXT"), &again));
    must(again.ptr == found.ptr && again.len == found.len);
    return 0;
}
