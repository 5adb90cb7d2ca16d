/* trial.h - tests that mostly wait, many at once. Each is run in a thread; what it has
 * to complain of becomes a test of cmocka's. As machines can be late, one that fails
 * gets a second chance, alone. SPDX-License-Identifier: MIT */
#ifndef TESTS_TRIAL_H
#define TESTS_TRIAL_H

#include <stdbool.h>
#include <stddef.h>

/* The first member of a test's own. */
typedef struct trial {
    char name[160]; /* the sentence */
    void (*run)(struct trial *t);
    char complaint[400]; /* empty: it holds */
    bool is_final;       /* no second chance */
} trial;

/* Say what is wrong, as printf; the first thing said stays. */
void trial_complain(trial *t, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;

/* Run them all, then tell of each. How many failed. */
int trial_run_all(trial *const *trials, size_t n);

#endif
