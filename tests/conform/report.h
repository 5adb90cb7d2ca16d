/* report.h - verdicts: counted, and printed where somebody must read them.
 * SPDX-License-Identifier: MIT */
#ifndef CONFORM_REPORT_H
#define CONFORM_REPORT_H

#include "base/buf.h"

#include <cjson/cJSON.h>

enum { REPORT_REASONS = 8, REPORT_SUITES = 64 };

typedef struct report {
    int passed, failed, skipped, tolerated;
    struct {
        const char *why; /* static text */
        int n;
    } reasons[REPORT_REASONS];   /* of skipping */
    char *absent[REPORT_SUITES]; /* suites of features that are not there */
    int n_absent;
} report;

/* Exactly one of these for each row. */
void report_pass(report *r);
/* Passed, but by what is only put up with. */
void report_tolerate(report *r);
void report_skip(report *r, const char *why);
void report_fail(report *r, const cJSON *row, const char *expected, ferry_str got);

/* Pass or fail, for rows whose verdict is a plain one. */
void report_judge(
    report *r, const cJSON *row, bool is_met, const char *expected, ferry_str got);

/* A whole suite that nothing here can run. */
void report_absent(report *r, const char *suite);

/* The tally; true if something ran and nothing failed. */
bool report_end(report *r);

#endif
