/* wire_expect.h - one expectation of a script, held against an outcome.
 * tests. SPDX-License-Identifier: MIT */
#ifndef TESTS_WIRE_EXPECT_H
#define TESTS_WIRE_EXPECT_H

#include "lib/wire_play.h"

typedef struct wire_place {
    const wire_play *play;
    const wire_command *command;
    const wire_outcome *outcome;
    const wire_expectation *expected;
    ferry_str value; /* of the expectation */
    wire_text *got;  /* what there is instead, for people */
} wire_place;

typedef struct wire_rule {
    const char *key;
    bool (*is_met)(const wire_place *p);
    bool is_of_message; /* not of the connections or the time */
} wire_rule;

/* What a key means; one that is not known is taken for a status. */
const wire_rule *wire_rule_of(ferry_str key);

#endif
