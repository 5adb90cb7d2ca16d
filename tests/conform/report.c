/* report.c - verdicts: counted, and printed where somebody must read them. Knows
 * nothing of what was judged. SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

void report_pass(report *r)
{
    r->passed++;
}

void report_tolerate(report *r)
{
    r->passed++;
    r->tolerated++;
}

void report_skip(report *r, const char *why)
{
    int i = 0;
    r->skipped++;
    while (i < REPORT_REASONS - 1 && r->reasons[i].why &&
           strcmp(r->reasons[i].why, why) != 0)
        i++;
    r->reasons[i].why = why;
    r->reasons[i].n++;
}

void report_fail(report *r, const cJSON *row, const char *expected, ferry_str got)
{
    const char *id = json_text(row, "id");
    r->failed++;
    printf("FAILED %s: expected %s, got %.*s\n", id ? id : "(no id)", expected,
        (int)got.len, got.ptr);
}

void report_judge(
    report *r, const cJSON *row, bool is_met, const char *expected, ferry_str got)
{
    if (is_met)
        report_pass(r);
    else
        report_fail(r, row, expected, got);
}

void report_absent(report *r, const char *suite)
{
    for (int i = 0; i < r->n_absent; i++)
        if (strcmp(r->absent[i], suite) == 0)
            return;
    if (r->n_absent < REPORT_SUITES)
        r->absent[r->n_absent++] = strdup(suite);
}

static void report_print_absent(report *r)
{
    if (r->n_absent)
        printf("not part of this build:");
    for (int i = 0; i < r->n_absent; i++) {
        printf("%s %s", i ? "," : "", r->absent[i]);
        free(r->absent[i]);
    }
    if (r->n_absent)
        printf("\n");
    r->n_absent = 0;
}

bool report_end(report *r)
{
    report_print_absent(r);
    for (int i = 0; i < REPORT_REASONS && r->reasons[i].why; i++)
        printf("skipped %d: %s\n", r->reasons[i].n, r->reasons[i].why);
    if (r->tolerated)
        printf("of those that passed, %d did what is tolerated, not what is asked\n",
            r->tolerated);
    printf("%d passed, %d failed, %d skipped\n", r->passed, r->failed, r->skipped);
    return r->failed == 0 && r->passed > 0;
}
