/* response.c - what other clients' test suites expect of responses, message by message,
 * or by the project's policy where a row says `allowed`. SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "json.h"
#include "play.h"
#include "suites.h"

/* One row under way. */
typedef struct response_row {
    report *report;
    const cJSON *row;
    scene scene;
    outcome outcome;
    fy_buf difference; /* between the cuts */
} response_row;

static void response_fail(response_row *t, const cJSON *wanted)
{
    fy_buf expected, got;
    fy_buf_init(&expected, &peer_libc, SIZE_MAX / 4);
    fy_buf_init(&got, &peer_libc, SIZE_MAX / 4);
    if (cJSON_IsArray(wanted))
        outcome_put_list(&expected, wanted);
    else
        outcome_put_wanted(&expected, wanted);
    outcome_put(&got, &t->outcome);
    if (t->difference.len) {
        fy_buf_puts(&got, FY_S("; but "));
        fy_buf_puts(&got, fy_buf_view(&t->difference));
    }
    report_fail(t->report, t->row, fy_buf_text(&expected), fy_buf_view(&got));
    fy_buf_fini(&expected);
    fy_buf_fini(&got);
}

/* Whatever a row is about: every cut the same, and no connection used again after an
 * error. */
static bool response_play(response_row *t)
{
    outcome_clear(&t->outcome);
    fy_buf_clear(&t->difference);
    bool is_same = play_all(&t->scene, &t->outcome, &t->difference);
    return is_same && !t->outcome.is_poisoned &&
           (t->outcome.result == OUTCOME_OK || !t->outcome.is_reused);
}

/* --- by messages ----------------------------------------------------------------- */

static int response_status(const cJSON *message)
{
    const cJSON *status = json_get(message, "status");
    return status ? status->valueint : 0;
}

static bool response_is_interim(const cJSON *message)
{
    int status = response_status(message);
    return status / 100 == 1 && status != 101;
}

static bool response_meets_version(const outcome *o, const cJSON *message)
{
    char version[] = {'1', '.', (char)('0' + o->minor), '\0'};
    const char *wanted = json_text(message, "version");
    return !wanted || strcmp(wanted, version) == 0;
}

/* A message without `complete` may be either: suites that look at heads only. */
static bool response_meets_end(const outcome *o, const cJSON *message)
{
    const cJSON *complete = json_get(message, "complete");
    if (o->result != OUTCOME_OK && o->result != OUTCOME_INCOMPLETE)
        return false;
    return !complete || cJSON_IsTrue(complete) == (o->result == OUTCOME_OK);
}

static bool response_meets_message(const outcome *o, const cJSON *message)
{
    const cJSON *head = json_get(message, "headers_complete");
    if (head && cJSON_IsFalse(head))
        return o->result == OUTCOME_INCOMPLETE && o->status == 0;
    return response_meets_end(o, message) && response_status(message) == o->status &&
           response_meets_version(o, message) && outcome_meets_members(o, message);
}

/* The interim ones before the `i`-th message, which is then the final one. */
static int response_skip_interim(const cJSON *messages, int *i)
{
    int n = 0;
    for (; response_is_interim(cJSON_GetArrayItem(messages, *i)); n++)
        (*i)++;
    return n;
}

/* If the row says that the connection stays open behind the last message, then the next
 * request must find it so. */
static bool response_meets_reuse(const response_row *t)
{
    const outcome *o = &t->outcome;
    bool is_last = o->used == stream_len(&t->scene.says);
    return !json_is_true(t->row, "rfc_keep_alive_after_last") || !is_last ||
           o->result != OUTCOME_OK || o->is_reused;
}

/* Each final message by itself: what stands behind one is played as the answer to a
 * request of its own. */
static void response_judge_messages(response_row *t, const cJSON *messages)
{
    int i = 0;
    do {
        bool is_sound = response_play(t);
        int interim = response_skip_interim(messages, &i);
        const cJSON *message = cJSON_GetArrayItem(messages, i++);
        if (!is_sound || interim != t->outcome.interim ||
            !response_meets_message(&t->outcome, message) || !response_meets_reuse(t)) {
            response_fail(t, message);
            return;
        }
        t->scene.says.prefix = fy_str_from(t->scene.says.prefix, t->outcome.used);
    } while (i < cJSON_GetArraySize(messages));
    report_pass(t->report);
}

/* --- by outcomes ----------------------------------------------------------------- */

static void response_judge_allowed(response_row *t, const cJSON *allowed)
{
    bool is_sound = response_play(t);
    if (is_sound && outcome_meets_any(&t->outcome, allowed))
        report_pass(t->report);
    else
        response_fail(t, allowed);
}

/* "error", "incomplete", "truncated"; or "upgrade": a 101, and what is behind it. */
static void response_judge_result(response_row *t, const cJSON *expected)
{
    bool is_sound = response_play(t);
    bool is_upgrade = t->scene.asks_upgrade && t->outcome.status == 101;
    fy_buf leftover;
    fy_buf_init(&leftover, &peer_libc, SIZE_MAX / 4);
    json_put_bytes(&leftover, json_get(expected, "leftover"));
    if (is_upgrade)
        is_sound = is_sound && fy_str_eq(fy_buf_view(&leftover),
                                   fy_buf_view(&t->outcome.text[OUTCOME_LEFTOVER]));
    fy_buf_fini(&leftover);
    if (is_sound && (is_upgrade || outcome_meets(&t->outcome, expected)))
        report_pass(t->report);
    else
        response_fail(t, expected);
}

static void response_run(response_row *t)
{
    const cJSON *allowed = json_get(t->row, "allowed");
    const cJSON *expected = json_get(t->row, "expected");
    const char *result = json_text(expected, "result");
    t->scene.asks_upgrade = result && strcmp(result, "upgrade") == 0;
    if (allowed)
        response_judge_allowed(t, allowed);
    else if (result && strcmp(result, "ok") == 0)
        response_judge_messages(t, json_get(expected, "messages"));
    else
        response_judge_result(t, expected);
}

void suite_response(report *r, const cJSON *row)
{
    response_row t = {.report = r, .row = row};
    const char *method = json_text(row, "request_method");
    fy_buf input;
    fy_buf_init(&input, &peer_libc, SIZE_MAX / 4);
    fy_buf_init(&t.difference, &peer_libc, SIZE_MAX / 4);
    outcome_init(&t.outcome);
    if (method && json_put_bytes(&input, json_get(row, "input"))) {
        t.scene = (scene){.method = method,
            .says = {.prefix = fy_buf_view(&input)},
            .ends = json_is_true(row, "eof")};
        response_run(&t);
    } else {
        report_fail(r, row, "a method and bytes", FY_S("something else"));
    }
    outcome_fini(&t.outcome);
    fy_buf_fini(&t.difference);
    fy_buf_fini(&input);
}
