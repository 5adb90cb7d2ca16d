/* dates.c - HTTP dates (RFC 9110 5.6.7). SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "outcome.h"
#include "peer.h"
#include "proto/date.h"
#include "suites.h"

/* "either" leaves the choice, "reject" and "date" do not. */
static bool dates_meets(const cJSON *row, bool is_date, int64_t seconds)
{
    const char *expected = json_text(row, "expected");
    const cJSON *unix_time = json_get(row, "expected_unix");
    if (!expected)
        return false;
    if (strcmp(expected, "date") == 0)
        return is_date && unix_time && (int64_t)unix_time->valuedouble == seconds;
    return strcmp(expected, "either") == 0 ||
           (strcmp(expected, "reject") == 0 && !is_date);
}

static void dates_judge(report *r, const cJSON *row, ferry_str input, int64_t now)
{
    int64_t seconds = 0;
    char expected[64], got[32] = "no date";
    bool is_date = fy_date_parse(input, now, &seconds);
    const cJSON *unix_time = json_get(row, "expected_unix");
    const char *what = json_text(row, "expected");
    snprintf(expected, sizeof expected, "%s %.0f", what ? what : "a verdict",
        unix_time ? unix_time->valuedouble : 0);
    if (is_date)
        snprintf(got, sizeof got, "%lld", (long long)seconds);
    report_judge(r, row, dates_meets(row, is_date, seconds), expected, fy_str(got));
}

void suite_date(report *r, const cJSON *row)
{
    fy_buf input;
    int64_t now;
    fy_buf_init(&input, &peer_libc, SIZE_MAX / 4);
    if (json_put_bytes(&input, json_get(row, "input")) &&
        json_read_time(json_text(row, "now"), &now))
        dates_judge(r, row, fy_buf_view(&input), now);
    else
        report_fail(r, row, "bytes and a time", FY_S("something else"));
    fy_buf_fini(&input);
}
