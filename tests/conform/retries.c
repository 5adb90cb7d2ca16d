/* retries.c - what is tried again, how often and after how long: rows of retry. Policies
 * are asked; what RFC 9110 9.2.2 lets a client repeat, and times, are played to a session.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "json.h"
#include "lib/machine.h"
#include "lib/peer.h"
#include "policy/retry.h"
#include "suites.h"

enum { RETRIES_LIST = 200 };

/* --- policies -------------------------------------------------------------------- */

typedef struct retry_policy {
    ferry_retry retry;
    int statuses[RETRIES_LIST];
    const char *methods[RETRIES_LIST];
} retry_policy;

/* A count as urllib3 has it: null is no limit, and what is not there is its default. */
static int64_t retry_count(const cJSON *options, const char *name)
{
    const cJSON *n = cJSON_GetObjectItem(options, name);
    if (!n)
        return 0;
    if (cJSON_IsNull(n))
        return FERRY_UNLIMITED;
    return !cJSON_IsNumber(n) || n->valueint <= 0 ? FERRY_NONE : n->valueint;
}

/* Seconds. */
static int64_t retry_ms(const cJSON *options, const char *name)
{
    const cJSON *n = json_get(options, name);
    if (!n)
        return 0;
    return n->valuedouble > 0 ? (int64_t)(n->valuedouble * 1000 + 0.5) : FERRY_NONE;
}

static void retry_read_lists(retry_policy *p, const cJSON *options)
{
    const cJSON *item, *methods = cJSON_GetObjectItem(options, "allowed_methods");
    size_t n = 0;
    cJSON_ArrayForEach(item, json_get(options, "status_forcelist"))
    {
        if (n < RETRIES_LIST - 1)
            p->statuses[n++] = item->valueint;
    }
    p->retry.statuses = p->statuses;
    n = 0;
    cJSON_ArrayForEach(item, methods)
    {
        if (n < RETRIES_LIST - 1)
            p->methods[n++] = cJSON_GetStringValue(item);
    }
    if (methods && n == 0)
        p->methods[0] = "*";
    p->retry.methods = methods ? p->methods : NULL;
}

static void retry_read_policy(retry_policy *p, const cJSON *options)
{
    memset(p, 0, sizeof *p);
    p->retry = (ferry_retry){.total = retry_count(options, "total"),
        .connect = retry_count(options, "connect"),
        .read = retry_count(options, "read"),
        .redirect = retry_count(options, "redirect"),
        .status = retry_count(options, "status"),
        .other = retry_count(options, "other"),
        .backoff_ms = retry_ms(options, "backoff_factor"),
        .backoff_max_ms = retry_ms(options, "backoff_max"),
        .retry_after_max_ms = retry_ms(options, "retry_after_max")};
    retry_read_lists(p, options);
    fy_retry_resolve(&p->retry);
}

static bool retry_read_kind(const char *event, fy_retry_kind *kind)
{
    static const struct {
        const char *event;
        fy_retry_kind kind;
    } kinds[] = {{"connect-timeout", FY_RETRY_CONNECT}, {"read-timeout", FY_RETRY_READ},
        {"protocol-error", FY_RETRY_READ}, {"redirect", FY_RETRY_REDIRECT},
        {"status", FY_RETRY_STATUS}, {"other-error", FY_RETRY_OTHER},
        {"unspecified", FY_RETRY_OTHER}};
    for (size_t i = 0; event && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].event, event) == 0) {
            *kind = kinds[i].kind;
            return true;
        }
    return false;
}

/* What is left of a count; null is no limit. */
static bool retry_has_left(
    const cJSON *expected, const char *name, int64_t most, int64_t used)
{
    const cJSON *n = json_get(expected, name);
    return n ? most - used == n->valueint : most == INT64_MAX;
}

static bool retry_counts_are(
    const cJSON *expected, const ferry_retry *r, const fy_retry_used *used)
{
    return retry_has_left(expected, "total", r->total, used->total) &&
           retry_has_left(
               expected, "connect", r->connect, used->of[FY_RETRY_CONNECT]) &&
           retry_has_left(expected, "read", r->read, used->of[FY_RETRY_READ]) &&
           retry_has_left(
               expected, "redirect", r->redirect, used->of[FY_RETRY_REDIRECT]) &&
           retry_has_left(expected, "status", r->status, used->of[FY_RETRY_STATUS]) &&
           retry_has_left(expected, "other", r->other, used->of[FY_RETRY_OTHER]) &&
           fy_retry_backoff_ms(r, used, 0) ==
               (int64_t)(json_get(expected, "backoff")->valuedouble * 1000 + 0.5);
}

/* What becomes of one event. */
static bool retry_event_is_met(const cJSON *event, const cJSON *expected,
    const ferry_retry *r, fy_retry_used *used)
{
    fy_retry_kind kind;
    const char *result = json_text(expected, "result");
    const char *method = json_text(event, "method");
    if (!result || !method || !retry_read_kind(json_text(event, "event"), &kind))
        return false;
    if (kind == FY_RETRY_READ && !fy_retry_has_method(r, fy_str(method)))
        return strcmp(result, "error-passed-on") == 0;
    if (!fy_retry_spend(r, used, kind))
        return strcmp(result, "give-up") == 0;
    return strcmp(result, "retry") == 0 && retry_counts_are(expected, r, used);
}

static void retry_judge_sequence(report *r, const cJSON *row)
{
    retry_policy p;
    fy_retry_used used = {.total = 0};
    const cJSON *event, *expected = json_get(row, "expected")->child;
    bool is_met = true;
    retry_read_policy(&p, json_get(row, "options"));
    cJSON_ArrayForEach(event, json_get(row, "events"))
    {
        is_met = is_met && expected &&
                 retry_event_is_met(event, expected, &p.retry, &used);
        expected = expected ? expected->next : NULL;
    }
    report_judge(r, row, is_met && !expected, "its sequence", FY_S("another"));
}

static void retry_judge_decision(report *r, const cJSON *row)
{
    retry_policy p;
    const fy_retry_used used = {.total = 0};
    const char *method = json_text(row, "method");
    retry_read_policy(&p, json_get(row, "options"));
    bool is_one = method && fy_retry_has_method(&p.retry, fy_str(method)) &&
                  fy_retry_wants_status(&p.retry, &used,
                      json_get(row, "status")->valueint,
                      json_is_true(row, "has_retry_after"));
    report_judge(r, row, method && is_one == json_is_true(row, "expected"),
        is_one ? "no retry" : "a retry", is_one ? FY_S("a retry") : FY_S("no retry"));
}

static void retry_judge_after(report *r, const cJSON *row)
{
    retry_policy p;
    memory m;
    fy_buf value;
    int64_t now = 0, ms = 0;
    const cJSON *seconds = json_get(row, "expected_seconds");
    memory_init(&m);
    fy_buf_init(&value, &m.platform, SIZE_MAX / 4);
    retry_read_policy(&p, json_get(row, "options"));
    bool is_row = json_put_bytes(&value, json_get(row, "retry_after")) &&
                  json_read_time(json_text(row, "now"), &now);
    bool is_valid = fy_retry_after(
        fy_buf_view(&value), now, p.retry.retry_after_max_ms, &ms);
    report_judge(r, row,
        is_row && is_valid == json_is_true(row, "valid") &&
            (!seconds || ms == (int64_t)(seconds->valuedouble * 1000)),
        "its seconds", is_valid ? FY_S("others") : FY_S("none"));
    fy_buf_fini(&value);
}

/* --- times ----------------------------------------------------------------------- */

typedef struct retry_play {
    machine machine;
    peer peer;
    peer_answer answers[3];
    ferry_session *session;
    ferry_response *response;
    ferry_err error;
} retry_play;

static void retry_open(retry_play *p)
{
    memset(p, 0, sizeof *p);
    machine_init(&p->machine);
    p->peer.answers = p->answers;
    ferry_dialer d = peer_dialer(&p->peer);
    p->session = ferry_session_new_with(&(ferry_opts){.size = sizeof(ferry_opts),
        .platform = &p->machine.memory.platform,
        .transport = &d});
}

static void retry_close(retry_play *p)
{
    ferry_response_free(p->response);
    ferry_session_free(p->session);
}

/* How long the next step would wait, -1 for ever; 0 once it has failed. */
static int64_t retry_wait_ms(retry_play *p)
{
    ferry_wait w;
    p->error = p->error == FERRY_AGAIN ? ferry_step(p->response, &w) : p->error;
    return p->error == FERRY_AGAIN ? w.timeout_ms : 0;
}

/* urllib3 has no limit where nothing is given. */
static int64_t retry_limit(const cJSON *options, const char *name)
{
    return json_get(options, name) ? retry_ms(options, name) : FERRY_UNLIMITED;
}

static bool retry_is_in_force(const cJSON *row, const char *name, int64_t ms)
{
    return ms == (json_get(row, name)
                         ? retry_ms(row, name) == FERRY_NONE ? 0 : retry_ms(row, name)
                         : -1);
}

/* It connects for so long, and then it is silent. */
static void retry_judge_times(report *r, const cJSON *row)
{
    retry_play p;
    const cJSON *options = json_get(row, "options"),
                *took = json_get(row, "connect_took");
    const ferry_opts opts = {.size = sizeof opts,
        .timeout = {.connect_ms = retry_limit(options, "connect"),
            .read_ms = retry_limit(options, "read"),
            .write_ms = FERRY_UNLIMITED,
            .total_ms = retry_limit(options, "total")}};
    retry_open(&p);
    p.peer.open_waits = 1;
    p.error = ferry_begin_with(p.session, "http://h.test/", &p.response, &opts);
    p.error = p.error ? p.error : FERRY_AGAIN;
    int64_t connect_ms = retry_wait_ms(&p);
    p.machine.now_ms += took ? (int64_t)(took->valuedouble * 1000 + 0.5) : 0;
    int64_t read_ms = retry_wait_ms(&p);
    report_judge(r, row,
        retry_is_in_force(row, "connect_timeout", connect_ms) &&
            retry_is_in_force(row, "read_timeout", read_ms),
        "its times", FY_S("others"));
    retry_close(&p);
}

/* --- what may be repeated -------------------------------------------------------- */

static const struct {
    const char *situation; /* how it begins */
    peer_answer answer;
    bool is_refused;
} retry_situations[] = {
    {"connection closed before any", {"", PEER_CLOSES}, false},
    {"connect failed", {NULL, PEER_STAYS}, true},
    {"connection closed inside the response body",
        {"HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\nhe", PEER_CLOSES}, false},
    {"connection closed inside the response header",
        {"HTTP/1.1 200 X\r\nContent-Le", PEER_CLOSES}, false},
    {"408",
        {"HTTP/1.1 408 X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
            PEER_CLOSES},
        false},
    {"421", {"HTTP/1.1 421 X\r\nContent-Length: 0\r\n\r\n", PEER_STAYS}, false},
    {"425", {"HTTP/1.1 425 X\r\nContent-Length: 0\r\n\r\n", PEER_STAYS}, false},
};

/* The statuses are listed, as nobody repeats them unasked; the methods are not. */
static size_t retry_play_situation(retry_play *p, const cJSON *row, size_t i)
{
    static const int statuses[] = {408, 421, 425, 0};
    static const char ok[] = "HTTP/1.1 204 X\r\n\r\n";
    const ferry_opts opts = {.size = sizeof opts,
        .retry = {.total = 1, .statuses = statuses, .raise_on_status = FERRY_OFF}};
    if (json_is_true(row, "connection_reused")) {
        p->answers[p->peer.n_answers++] = (peer_answer){ok, PEER_STAYS};
        ferry_send(p->session, "GET", "http://h.test/", NULL, NULL);
    }
    size_t before = p->peer.next;
    p->peer.dial_fails = retry_situations[i].is_refused;
    int dialled = p->peer.dialled;
    p->answers[p->peer.n_answers++] = retry_situations[i].answer;
    p->answers[p->peer.n_answers++] = (peer_answer){ok, PEER_STAYS};
    p->error = ferry_send(
        p->session, json_text(row, "method"), "http://h.test/", &p->response, &opts);
    return retry_situations[i].is_refused ? (size_t)(p->peer.dialled - dialled)
                                          : p->peer.next - before;
}

/* "may-retry" leaves the choice, so a POST whose status is listed need not be; but what
 * is repeated must have an answer, and what is not must say what it was. */
static void retry_judge_safety(report *r, const cJSON *row)
{
    retry_play p;
    const char *situation = json_text(row, "situation");
    const char *expected = json_text(row, "expected");
    size_t i = 0, n = sizeof retry_situations / sizeof *retry_situations;
    if (situation && strncmp(situation, "417", 3) == 0) {
        report_skip(r, "bodies of this size go without Expect");
        return;
    }
    while (i < n && situation &&
           strncmp(situation, retry_situations[i].situation,
               strlen(retry_situations[i].situation)) != 0)
        i++;
    if (!situation || !expected || i == n) {
        report_fail(r, row, "a situation that is known", FY_S("another"));
        return;
    }
    retry_open(&p);
    size_t requests = retry_play_situation(&p, row, i);
    bool may = strncmp(expected, "may-retry", 9) == 0;
    bool has_answer = p.response && p.response->status;
    report_judge(r, row,
        requests >= 1 && requests <= (may ? 2 : 1) &&
            (has_answer || p.error != FERRY_OK),
        expected, requests > 1 ? FY_S("a repetition") : FY_S("nothing said"));
    retry_close(&p);
}

void suite_retry(report *r, const cJSON *row)
{
    const cJSON *took = json_get(row, "connect_took");
    const cJSON *connect = json_get(row, "connect_timeout");
    if (json_get(row, "events"))
        retry_judge_sequence(r, row);
    else if (cJSON_HasObjectItem(row, "has_retry_after"))
        retry_judge_decision(r, row);
    else if (cJSON_HasObjectItem(row, "retry_after"))
        retry_judge_after(r, row);
    else if (cJSON_HasObjectItem(row, "situation"))
        retry_judge_safety(r, row);
    else if (!cJSON_HasObjectItem(row, "connect_took"))
        report_fail(r, row, "a row of this suite", FY_S("something else"));
    else if (!json_is_true(row, "valid"))
        report_skip(r, "-1 is FERRY_NONE in ferry, and no error");
    else if (took && connect && took->valuedouble > connect->valuedouble &&
             retry_ms(row, "read_timeout") != FERRY_NONE)
        report_skip(r, "connecting has timed out before that");
    else
        retry_judge_times(r, row);
}
