/* asking.h - what the tests of lookups share: a session, errands to names of resolver.h,
 * and the peers where these lead. SPDX-License-Identifier: MIT */
#ifndef TESTS_ASKING_H
#define TESTS_ASKING_H

#include "lib/actor.h"
#include "lib/errand.h"
#include "lib/resolver.h"

enum { ASKING_AT_ONCE = 4, ASKING_ERRANDS = 10 };

extern struct asking {
    actor friendly, silent;
    actor hole; /* nobody answers: at 127.0.0.9, and the friendly one's port */
    ferry_session *session;
    errand errands[ASKING_ERRANDS];
    char urls[ASKING_ERRANDS][64];
    bool is_stepped; /* errands that are run to their end */
    bool is_beside;  /* names are looked up in threads of their own */
} asking;

/* Set-up and tear-down of the group. */
int asking_open(void **state);
int asking_close(void **state);
/* Those of a test. */
int asking_set_up(void **state);
int asking_tear_down(void **state);

#define ASKING_TEST(test)                                                              \
    cmocka_unit_test_setup_teardown(test, asking_set_up, asking_tear_down)
/* What is run is stepped. */
#define ASKING_STEPPED(test)                                                           \
    cmocka_unit_test_prestate_setup_teardown(                                          \
        test, asking_set_up, asking_tear_down, &asking)

/* Errand `i` is to get something from this name. */
errand *asking_prepare(int i, const char *host, const actor *at);
/* The last of them goes there, to its end. */
errand *asking_run(const char *host, const actor *at, ferry_timeout timeout);
/* The first `n` ask for names that are held. Without threads the test is skipped. */
void asking_begin_held(int n);
/* The first `n` come back with success, one after the other. */
void asking_finish(int n);
void asking_finish_one(errand *g);

/* It took that long. */
void asking_assert_in_time(const errand *g, int64_t asked_ms);
/* It woke up for a reason, and no step waited. */
void asking_assert_calm(const errand *g);

#endif
