/* fuzz_lines.c - lines out of any bytes: the same in every cut, and as a plain model has
 * them. The first two bytes choose the cuts. SPDX-License-Identifier: MIT */
#include "lib/fuzzing.h"
#include "proto/lines.h"

#include <stdlib.h>
#include <string.h>

/* The next line of all that is left, in one go. */
static bool lines_model(ferry_str *rest, ferry_str *line)
{
    if (!rest->len)
        return false;
    size_t n = 0;
    while (n < rest->len && rest->ptr[n] != '\n' && rest->ptr[n] != '\r')
        n++;
    *line = fy_str_upto(*rest, n);
    if (n + 1 < rest->len && rest->ptr[n] == '\r' && rest->ptr[n + 1] == '\n')
        n++;
    *rest = fy_str_from(*rest, n < rest->len ? n + 1 : n);
    return true;
}

static void lines_check(ferry_str line, ferry_str *rest)
{
    ferry_str wanted;
    FUZZ_CHECK(lines_model(rest, &wanted));
    FUZZ_CHECK(fuzz_is_same(line, wanted));
    FUZZ_CHECK(line.ptr[line.len] == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {data, size};
    fuzz_cuts cuts;
    memory m;
    fy_lines l;
    fy_error x;
    ferry_str line;
    uint8_t mode = fuzz_byte(&in), seed = fuzz_byte(&in);
    ferry_str rest = {(const char *)in.p, in.n};
    fuzz_cuts_init(&cuts, mode, seed);
    memory_init(&m);
    fy_lines_init(&l, &m.platform);
    fy_lines_begin(&l, SIZE_MAX / 4);
    while (in.n) {
        size_t n = fuzz_cut(&cuts, in.n);
        char *piece = memory_exact((const char *)in.p, n);
        fy_lines_feed(&l, (ferry_str){piece, n});
        ferry_err e;
        while ((e = fy_lines_next(&l, &line, &x)) == FERRY_OK)
            lines_check(line, &rest);
        FUZZ_CHECK(e == FERRY_AGAIN && !line.ptr);
        free(piece);
        in.p += n;
        in.n -= n;
    }
    fy_lines_last(&l, &line);
    if (line.ptr)
        lines_check(line, &rest);
    FUZZ_CHECK(rest.len == 0);
    fy_lines_fini(&l);
    FUZZ_CHECK(memory_is_clean(&m));
    return 0;
}
