/* retry.c - whether to try again, and after how long: urllib3's Retry.
 * policy. Knows counts, statuses and times. Does not know what is tried, or by whom.
 * SPDX-License-Identifier: MIT */
#include "policy/retry.h"

#include "policy/lists.h"
#include "proto/date.h"

#include <string.h>

/* The numbers stand side by side at the front, the switches behind them. */
enum {
    RETRY_NUMBERS = offsetof(ferry_retry, full_jitter) / sizeof(int64_t),
    RETRY_SWITCHES = (offsetof(ferry_retry, statuses) -
                         offsetof(ferry_retry, full_jitter)) /
                     sizeof(ferry_switch)
};

static const ferry_retry retry_defaults = {
    .total = 10,
    .connect = FERRY_UNLIMITED,
    .read = FERRY_UNLIMITED,
    .redirect = FERRY_UNLIMITED,
    .status = FERRY_UNLIMITED,
    .other = FERRY_UNLIMITED,
    .backoff_ms = FERRY_NONE,
    .backoff_max_ms = 120000,
    .jitter_ms = FERRY_NONE,
    .within_ms = FERRY_UNLIMITED,
    .retry_after_max_ms = 21600000,
    .full_jitter = FERRY_OFF,
    .respect_retry_after = FERRY_ON,
    .raise_on_redirect = FERRY_ON,
    .raise_on_status = FERRY_ON,
};

static int64_t *retry_numbers(ferry_retry *r)
{
    return &r->total;
}

static ferry_switch *retry_switches(ferry_retry *r)
{
    return &r->full_jitter;
}

/* --- levels ---------------------------------------------------------------------- */

bool fy_retry_is_given(const ferry_retry *given)
{
    ferry_retry r = *given;
    bool any = r.statuses || r.methods;
    for (size_t i = 0; i < RETRY_NUMBERS; i++)
        any |= retry_numbers(&r)[i] != 0;
    for (size_t i = 0; i < RETRY_SWITCHES; i++)
        any |= retry_switches(&r)[i] != FERRY_INHERIT;
    return any;
}

ferry_err fy_retry_check(const ferry_retry *given, fy_error *x)
{
    ferry_retry r = *given;
    for (size_t i = 0; i < RETRY_NUMBERS; i++)
        if (retry_numbers(&r)[i] < FERRY_UNLIMITED)
            return fy_fail(x, FERRY_ERR_USAGE, "negative number in .retry", FY_NOWHERE);
    for (size_t i = 0; i < RETRY_SWITCHES; i++)
        if ((unsigned)retry_switches(&r)[i] > FERRY_OFF)
            return fy_fail(x, FERRY_ERR_USAGE,
                "switch in .retry is neither FERRY_ON nor FERRY_OFF", FY_NOWHERE);
    return FERRY_OK;
}

void fy_retry_inherit(ferry_retry *r, const ferry_retry *base)
{
    ferry_retry below = *base;
    for (size_t i = 0; i < RETRY_NUMBERS; i++)
        if (!retry_numbers(r)[i])
            retry_numbers(r)[i] = retry_numbers(&below)[i];
    for (size_t i = 0; i < RETRY_SWITCHES; i++)
        if (!retry_switches(r)[i])
            retry_switches(r)[i] = retry_switches(&below)[i];
    if (!r->statuses)
        r->statuses = below.statuses;
    if (!r->methods)
        r->methods = below.methods;
}

void fy_retry_resolve(ferry_retry *r)
{
    fy_retry_inherit(r, &retry_defaults);
    for (size_t i = 0; i < RETRY_NUMBERS; i++) {
        int64_t *n = &retry_numbers(r)[i];
        if (*n < 0)
            *n = *n == FERRY_NONE ? 0 : INT64_MAX;
    }
}

ferry_err fy_retry_merge(ferry_retry *out, const ferry_platform *m,
    const ferry_retry *base, const ferry_retry *o, fy_error *x)
{
    *out = *o;
    if (base)
        fy_retry_inherit(out, base);
    const int *statuses = out->statuses;
    const char *const *methods = out->methods;
    out->statuses = statuses ? fy_codes_copy(m, statuses) : NULL;
    out->methods = methods ? fy_names_copy(m, methods) : NULL;
    if ((!statuses || out->statuses) && (!methods || out->methods))
        return FERRY_OK;
    fy_retry_fini(out, m);
    return fy_fail_nomem(x);
}

void fy_retry_fini(ferry_retry *r, const ferry_platform *m)
{
    fy_codes_free(m, r->statuses);
    fy_names_free(m, r->methods);
    r->statuses = NULL;
    r->methods = NULL;
}

/* --- deciding -------------------------------------------------------------------- */

bool fy_retry_has_method(const ferry_retry *r, ferry_str method)
{
    static const char *const idempotent[] = {
        "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", NULL};
    const char *const *list = r->methods ? r->methods : idempotent;
    return fy_names_has(list, FY_S("*")) || fy_names_has(list, method);
}

/* RFC 9110 10.2.3 names 503, 429 and 413 have it from their own sections. */
static bool retry_may_say_after(int status)
{
    return status == 413 || status == 429 || status == 503;
}

/* Without a limit in all, Retry-After alone is no reason: a peer could keep us for ever. */
static bool retry_has_left(const ferry_retry *r, const fy_retry_used *used)
{
    return r->total != INT64_MAX && r->total > used->total;
}

bool fy_retry_wants_status(
    const ferry_retry *r, const fy_retry_used *used, int status, bool has_retry_after)
{
    if (r->statuses && fy_codes_has(r->statuses, status))
        return true;
    return has_retry_after && r->respect_retry_after == FERRY_ON &&
           retry_may_say_after(status) && retry_has_left(r, used);
}

bool fy_retry_spend(const ferry_retry *r, fy_retry_used *used, fy_retry_kind kind)
{
    const int64_t most[] = {
        [FY_RETRY_CONNECT] = r->connect,
        [FY_RETRY_READ] = r->read,
        [FY_RETRY_REDIRECT] = r->redirect,
        [FY_RETRY_STATUS] = r->status,
        [FY_RETRY_OTHER] = r->other,
    };
    used->streak = kind == FY_RETRY_REDIRECT ? 0 : used->streak + 1;
    used->total++;
    used->of[kind]++;
    return used->total <= r->total && used->of[kind] <= most[kind];
}

static int64_t retry_part(int64_t ms, uint32_t chance)
{
    uint64_t n = (uint64_t)ms;
    return (int64_t)(n / UINT32_MAX * chance + n % UINT32_MAX * chance / UINT32_MAX);
}

/* factor * 2^(n-1) after n failures, nothing after the first, as urllib3 does. */
int64_t fy_retry_backoff_ms(
    const ferry_retry *r, const fy_retry_used *used, uint32_t chance)
{
    if (used->streak < 2)
        return 0;
    int64_t ms = r->backoff_ms, most = r->backoff_max_ms;
    for (int i = 1; i < used->streak && ms && ms < most; i++)
        ms = ms > most / 2 ? most : 2 * ms;
    ms = fy_due(ms, retry_part(r->jitter_ms, chance));
    if (ms > most)
        ms = most;
    return r->full_jitter == FERRY_ON ? retry_part(ms, chance) : ms;
}

/* --- Retry-After ----------------------------------------------------------------- */

/* An IMF-fixdate out of what mail programs write, which urllib3 takes, too: a day of one
 * digit, UTC for GMT. */
static ferry_str retry_tidy_date(ferry_str s, char out[32])
{
    size_t pad = s.len > 6 && s.ptr[6] == ' ' ? 1 : 0;
    if (s.len < 28 || s.len + pad > 31)
        return s;
    memcpy(out, s.ptr, 5);
    out[5] = '0';
    memcpy(out + 5 + pad, s.ptr + 5, s.len - 5);
    ferry_str tidy = {out, s.len + pad};
    if (memcmp(out + tidy.len - 3, "UTC", 3) == 0)
        memcpy(out + tidy.len - 3, "GMT", 3);
    return tidy;
}

static bool retry_is_number(ferry_str s)
{
    size_t i = 0;
    while (i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9')
        i++;
    return s.len && i == s.len;
}

bool fy_retry_after(ferry_str value, int64_t unix_now, int64_t most_ms, int64_t *ms)
{
    char tidy[32];
    int64_t date, most_s = most_ms / 1000;
    uint64_t seconds;
    value = fy_str_trim(value);
    if (retry_is_number(value)) {
        bool fits = fy_str_number(value, (uint64_t)most_s, &seconds);
        *ms = fits ? (int64_t)seconds * 1000 : most_ms;
        return true;
    }
    if (unix_now < 0 || !fy_date_parse(retry_tidy_date(value, tidy), unix_now, &date))
        return false;
    int64_t left = date > unix_now ? date - unix_now : 0;
    *ms = left <= most_s ? left * 1000 : most_ms;
    return true;
}
