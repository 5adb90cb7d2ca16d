/* outcome.h - what came of one response, as the user of the library sees it.
 * SPDX-License-Identifier: MIT */
#ifndef CONFORM_OUTCOME_H
#define CONFORM_OUTCOME_H

#include "base/buf.h"
#include "ferry.h"

#include <cjson/cJSON.h>

typedef enum outcome_result {
    OUTCOME_OK,
    OUTCOME_ERROR,      /* refused: the protocol, or a limit */
    OUTCOME_TRUNCATED,  /* the connection ended too early */
    OUTCOME_INCOMPLETE, /* silence where more was needed */
    OUTCOME_OTHER       /* anything that no vector may lead to */
} outcome_result;

enum {
    OUTCOME_REASON,
    OUTCOME_HEADERS, /* lines "name: value" */
    OUTCOME_BODY,    /* as far as it came */
    OUTCOME_TRAILERS,
    OUTCOME_LEFTOVER, /* behind a 101: bytes of the new protocol */
    OUTCOME_SAID,     /* ferry_explain() */
    OUTCOME_TEXTS
};

typedef struct outcome {
    outcome_result result;
    ferry_err err;
    int status, minor, interim; /* status 0: no head came */
    const char *framing; /* how the end of the body was found, "" without a head */
    fy_buf text[OUTCOME_TEXTS];
    bool is_reused;   /* the next request found the connection fit */
    bool is_poisoned; /* the next request did not get its own answer */
    size_t given;     /* how many bytes the peer had said until then */
    size_t used;      /* how many of them are the response's: all, given one by one */
} outcome;

void outcome_init(outcome *o);
void outcome_fini(outcome *o);
void outcome_clear(outcome *o);

/* Equal in all that a user sees; `is_gathered`: what came before an error is not seen.
 */
bool outcome_same(const outcome *a, const outcome *b, bool is_gathered);

outcome_result outcome_of(ferry_err e);
void outcome_put(fy_buf *out, const outcome *o);

/* One outcome as vectors write it: {"result", "status", "framing", "body", ...}. What
 * it does not say is not looked at. "truncated" is met by "incomplete", too. */
bool outcome_meets(const outcome *o, const cJSON *wanted);
bool outcome_meets_members(const outcome *o, const cJSON *wanted); /* but the result */
bool outcome_meets_any(const outcome *o, const cJSON *list);
void outcome_put_wanted(fy_buf *out, const cJSON *wanted);
void outcome_put_list(fy_buf *out, const cJSON *list);

/* Append `s` as it may be printed: quoted, bytes beyond visible ASCII escaped. */
void outcome_put_quoted(fy_buf *out, ferry_str s);

#endif
