/* trial.c - tests that mostly wait, many at once. SPDX-License-Identifier: MIT */
#include "lib/trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { TRIAL_AT_ONCE = 24 };

typedef struct trial_list {
    trial *const *at;
    size_t n, next;
    pthread_mutex_t lock;
} trial_list;

void trial_complain(trial *t, const char *format, ...)
{
    va_list args;
    if (t->complaint[0])
        return;
    va_start(args, format);
    vsnprintf(t->complaint, sizeof t->complaint, format, args);
    va_end(args);
}

static void *trial_work(void *arg)
{
    trial_list *list = arg;
    for (;;) {
        pthread_mutex_lock(&list->lock);
        trial *t = list->next < list->n ? list->at[list->next++] : NULL;
        pthread_mutex_unlock(&list->lock);
        if (!t)
            return NULL;
        t->run(t);
    }
}

static void trial_run_parallel(trial *const *trials, size_t n)
{
    trial_list list = {trials, n, 0, PTHREAD_MUTEX_INITIALIZER};
    pthread_t threads[TRIAL_AT_ONCE];
    for (int i = 0; i < TRIAL_AT_ONCE; i++)
        if (pthread_create(&threads[i], NULL, trial_work, &list))
            abort();
    for (int i = 0; i < TRIAL_AT_ONCE; i++)
        pthread_join(threads[i], NULL);
}

static void trial_holds(void **state)
{
    trial *t = *state;
    if (t->complaint[0] && !t->is_final) {
        print_message("once more, as %s\n", t->complaint);
        t->complaint[0] = '\0';
        t->run(t);
    }
    if (t->complaint[0])
        fail_msg("%s", t->complaint);
}

int trial_run_all(trial *const *trials, size_t n)
{
    struct CMUnitTest *tests = calloc(n, sizeof *tests);
    if (!tests)
        abort();
    for (size_t i = 0; i < n; i++)
        tests[i] = (struct CMUnitTest){
            trials[i]->name, trial_holds, NULL, NULL, trials[i]};
    trial_run_parallel(trials, n);
    int n_failed = _cmocka_run_group_tests("trials", tests, n, NULL, NULL);
    free(tests);
    return n_failed;
}
