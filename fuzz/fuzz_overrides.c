/* fuzz_overrides.c - addresses given for host and port, out of any bytes: what passes the
 * check is found under its own name, and what is found had passed.
 * Up to the first NUL the name, from there the value. SPDX-License-Identifier: MIT */
#include "lib/fuzzing.h"
#include "policy/overrides.h"

#include <stdlib.h>
#include <string.h>

enum { OVERRIDES_MOST = 8 };

static size_t overrides_commas(ferry_str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += s.ptr[i] == ',';
    return n;
}

/* The host and the port that the name says, taken apart from behind. */
static void overrides_check_found(ferry_str name, ferry_str value)
{
    size_t at = name.len;
    unsigned port = 0;
    while (name.ptr[at - 1] != ':')
        at--;
    for (size_t i = at; i < name.len; i++)
        port = port * 10 + (unsigned)(name.ptr[i] - '0');
    ferry_str host = fy_str_upto(name, at - 1);
    if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
        host = (ferry_str){host.ptr + 1, host.len - 2};
    ferry_field entry = {name, value};
    ferry_addr out[OVERRIDES_MOST];
    int n = fy_overrides_find(
        (ferry_fields){&entry, 1}, host, (uint16_t)port, out, OVERRIDES_MOST);
    FUZZ_CHECK(n > 0 && n <= OVERRIDES_MOST);
    FUZZ_CHECK((size_t)n <= overrides_commas(value) + 1);
    for (int i = 0; i < n; i++)
        FUZZ_CHECK(out[i].family == FERRY_IPV4 || out[i].family == FERRY_IPV6);
    FUZZ_CHECK(!fy_overrides_find(
        (ferry_fields){&entry, 1}, host, (uint16_t)(port + 1), out, OVERRIDES_MOST));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, 0, size) : NULL;
    size_t n = end ? (size_t)(end - data) : size;
    char *name = memory_exact((const char *)data, n);
    size_t value_len = end ? size - n - 1 : 0;
    char *value = memory_exact(end ? (const char *)end + 1 : "", value_len);
    fy_error x = {.code = FERRY_OK};
    ferry_err e = fy_overrides_check(
        (ferry_str){name, n}, (ferry_str){value, value_len}, &x);
    FUZZ_CHECK(e == FERRY_OK || (e == FERRY_ERR_USAGE && x.code == e));
    if (e == FERRY_OK)
        overrides_check_found((ferry_str){name, n}, (ferry_str){value, value_len});
    free(name);
    free(value);
    return 0;
}
