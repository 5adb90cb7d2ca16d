/* wire_play.h - what the caller does in a script, done through ferry.h.
 * tests. Knows the public interface. Does not know where the bytes go, or what should
 * have come of it: that is for the judge. SPDX-License-Identifier: MIT */
#ifndef TESTS_WIRE_PLAY_H
#define TESTS_WIRE_PLAY_H

#include "lib/wire_world.h"

enum { WIRE_HELD = 32 };

/* What came of one command. */
typedef struct wire_outcome {
    ferry_err err;
    const ferry_response *response; /* NULL if there is none */
    ferry_str body;                 /* gathered, or its pieces joined */
    int dialled, open;              /* connections so far, and left */
    int64_t took_ms;
    const char *said; /* ferry_explain() */
} wire_outcome;

typedef struct wire_play wire_play;
/* Goes on if it answers true. */
typedef bool wire_judge(wire_play *p, const wire_command *c, const wire_outcome *o);

struct wire_play {
    wire_world *world;
    const wire_terms *terms;
    wire_judge *judge;
    void *ctx; /* the judge's */
    ferry_session *session;
    ferry_response *last;            /* of the last call, unless it holds */
    ferry_response *held[WIRE_HELD]; /* by the number of the call */
    int64_t n_calls;
    const wire_source *source; /* of the last call, or NULL */
    wire_text body;
    bool is_stuck; /* it waited for what can never come */
    bool is_traced;
    wire_text trace; /* all that must be the same in every run */
};

/* `world`, `terms`, `judge` and perhaps `is_traced` are set, the rest is 0. */
void wire_play_script(wire_play *p);
/* Free what is left, and the session. */
void wire_play_end(wire_play *p);

/* wire_check.c: a judge that holds an outcome against the script, and complains on
 * standard output. */
bool wire_check(wire_play *p, const wire_command *c, const wire_outcome *o);
/* As wire_check(), without words. `of_message`: only what was answered counts, not over
 * which connection. */
bool wire_is_met(
    const wire_play *p, const wire_command *c, const wire_outcome *o, bool of_message);
/* "path:line: memory, stepped, ..." and two lines. */
void wire_complain(const wire_script *s, int line, const wire_run *run,
    ferry_str expected, ferry_str got);
/* After wire_play_end(): is everything closed once, and all memory given back? */
bool wire_check_clean(const wire_play *p);
/* And were all expected bytes sent? */
bool wire_check_end(const wire_play *p);

#endif
