/* fuzz_retry.c - any bytes as Retry-After, and any numbers as a policy: what is read is
 * what a plain second reading makes of it, and no wait is longer than it may be.
 * SPDX-License-Identifier: MIT */
#include "lib/fuzzing.h"
#include "policy/retry.h"
#include "proto/date.h"

#include <stdlib.h>
#include <string.h>

enum { RETRY_HEAD = 40 };

static int64_t retry_number(fuzz_input *in)
{
    static const int64_t ends[] = {0, FERRY_NONE, FERRY_UNLIMITED, INT64_MAX, 1, 999};
    uint64_t n = 0;
    uint8_t kind = fuzz_byte(in);
    if (kind < sizeof ends / sizeof *ends)
        return ends[kind];
    for (int i = 0; i < 3; i++)
        n = n << 8 | fuzz_byte(in);
    return (int64_t)(n << (kind & 31));
}

/* --- Retry-After ----------------------------------------------------------------- */

/* Digits alone, with blanks round them; digit by digit, and never beyond the cap. */
static bool retry_is_seconds(ferry_str s, int64_t most_s, int64_t *seconds)
{
    *seconds = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
        if (*seconds <= most_s)
            *seconds = *seconds > (INT64_MAX - 9) / 10 ? INT64_MAX
                                                       : *seconds * 10 + s.ptr[i] - '0';
    }
    return s.len > 0;
}

static void retry_check_after(ferry_str value, int64_t now, int64_t most_ms)
{
    int64_t ms = -1, seconds, date;
    bool is_one = fy_retry_after(value, now, most_ms, &ms);
    ferry_str bare = fy_str_trim(value);
    FUZZ_CHECK(is_one == (ms >= 0) && ms <= most_ms);
    if (retry_is_seconds(bare, most_ms / 1000, &seconds)) {
        FUZZ_CHECK(is_one);
        FUZZ_CHECK(ms == (seconds <= most_ms / 1000 ? seconds * 1000 : most_ms));
    } else if (now >= 0 && fy_date_parse(bare, now, &date)) {
        int64_t left = date > now ? date - now : 0;
        FUZZ_CHECK(is_one);
        FUZZ_CHECK(ms == (left <= most_ms / 1000 ? left * 1000 : most_ms));
    } else {
        FUZZ_CHECK(!is_one || (now >= 0 && bare.len >= 28 && bare.len <= 31));
    }
}

/* --- policies -------------------------------------------------------------------- */

static void retry_check_policy(fuzz_input *in)
{
    ferry_retry r = {.total = retry_number(in),
        .read = retry_number(in),
        .backoff_ms = retry_number(in),
        .backoff_max_ms = retry_number(in),
        .jitter_ms = retry_number(in)};
    fy_retry_used used = {.total = 0};
    fy_error x;
    int64_t last_ms = 0;
    uint8_t how = fuzz_byte(in);
    r.full_jitter = how & 1 ? FERRY_ON : FERRY_INHERIT;
    if (fy_retry_check(&r, &x))
        return;
    fy_retry_resolve(&r);
    uint32_t chance = how * 0x01010101u;
    for (int i = 0; i < 100; i++) {
        fy_retry_kind kind = how & 2 ? FY_RETRY_READ : FY_RETRY_OTHER;
        bool is_on = fy_retry_spend(&r, &used, kind);
        bool is_within = i < r.total && (kind != FY_RETRY_READ || i < r.read);
        int64_t ms = fy_retry_backoff_ms(&r, &used, chance);
        FUZZ_CHECK(is_on == is_within);
        FUZZ_CHECK(ms >= last_ms && ms <= r.backoff_max_ms); /* it only grows */
        last_ms = ms;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {data, size};
    fuzz_input head = {data, size < RETRY_HEAD ? size : RETRY_HEAD};
    retry_check_policy(&head);
    int64_t most_ms = retry_number(&in);
    int64_t now = (int64_t)fuzz_byte(&in) * 16000000 - 1;
    ferry_str value = {(const char *)in.p, in.n};
    char *copy = memory_exact(value.ptr, value.len);
    retry_check_after(
        (ferry_str){copy, value.len}, now, most_ms < 0 ? INT64_MAX : most_ms);
    free(copy);
    return 0;
}
