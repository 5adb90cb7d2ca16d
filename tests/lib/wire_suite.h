/* wire_suite.h - all scripts of tests/wire/scripts, one after the other.
 * tests. SPDX-License-Identifier: MIT */
#ifndef TESTS_WIRE_SUITE_H
#define TESTS_WIRE_SUITE_H

#include "lib/wire_script.h"

/* `play` each script, or those that are named. Ends with a line "N passed, N failed";
 * returns what main should. `codings` is what this build says in Accept-Encoding. */
int wire_suite_run(
    int argc, char **argv, bool (*play)(const char *path, void *ctx), void *ctx);

/* What this build says in Accept-Encoding. Lives until the program ends. */
const char *wire_suite_codings(void);

#endif
