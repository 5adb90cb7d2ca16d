/* fuzz_range.c - any bytes as a Content-Range: what is accepted is sound, and written
 * again it is the same. SPDX-License-Identifier: MIT */
#include "lib/fuzzing.h"
#include "proto/range.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fy_range r, again;
    char *exact = memory_exact((const char *)data, size), text[100];
    if (fy_range_parse(&r, (ferry_str){exact, size})) {
        FUZZ_CHECK(r.first <= r.last && r.first >= -1 && r.total >= -1);
        FUZZ_CHECK((r.first < 0) == (r.last < 0) && (r.first >= 0 || r.total >= 0));
        FUZZ_CHECK(r.total < 0 || r.last < r.total);
        char bounds[50] = "*", total[25] = "*";
        if (r.first >= 0)
            snprintf(bounds, sizeof bounds, "%lld-%lld", (long long)r.first,
                (long long)r.last);
        if (r.total >= 0)
            snprintf(total, sizeof total, "%lld", (long long)r.total);
        snprintf(text, sizeof text, "bytes %s/%s", bounds, total);
        FUZZ_CHECK(fy_range_parse(&again, fy_str(text)));
        FUZZ_CHECK(memcmp(&r, &again, sizeof r) == 0);
    }
    free(exact);
    return 0;
}
