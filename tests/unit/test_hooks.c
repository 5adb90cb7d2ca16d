/* test_hooks.c - the caller's hooks: what they see, what they may change, and what
 * follows from what they answer.
 * SPDX-License-Identifier: MIT */
#include "lib/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define OK          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define BUSY        "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
#define MOVED       "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"
#define AWAY                                                                           \
    "HTTP/1.1 302 Found\r\nLocation: http://b.test/b?q#f\r\nContent-Length: 0\r\n\r\n"
#define URL "http://a.test/"

enum { MOST = 40 };

static peer_answer answers[MOST];

static int set_up(void **state)
{
    (void)state;
    return stage_set(answers, COUNT(answers), OK);
}

/* --- on_request ------------------------------------------------------------------ */

typedef struct editor {
    const char *name, *value;
    bool ignores;       /* what ferry_draft_set() says */
    int answer, called; /* after that: the ferry_err of the last edit */
    ferry_err e;
    char seen[300]; /* method, URL and the header of each draft */
} editor;

static int edit(void *ctx, ferry_draft *draft)
{
    editor *by = ctx;
    const char *before = ferry_draft_header(draft, by->name);
    by->called++;
    snprintf(by->seen + strlen(by->seen), sizeof by->seen - strlen(by->seen),
        "%s %s %s\n", ferry_draft_method(draft), ferry_draft_url(draft),
        before ? before : "-");
    by->e = ferry_draft_set(draft, by->name, by->value);
    const char *after = ferry_draft_header(draft, by->name);
    if (!by->e && (by->value ? !after || strcmp(after, by->value) : after != NULL))
        return -7; /* it must see its own edit */
    return by->answer;
}

static ferry_on_request by(editor *e)
{
    return (ferry_on_request){edit, e};
}

static void an_edit_replaces_adds_or_removes(void **state)
{
    static const struct {
        const char *name, *value, *there, *gone;
    } cases[] = {
        {"X-New", "1", "\r\nX-New: 1\r\n", NULL},
        {"x-given", "mine", "\r\nx-given: mine\r\n", "yours"},
        {"X-Given", NULL, NULL, "X-Given"},
        {"User-Agent", "me", "\r\nUser-Agent: me\r\n", "ferry/"},
        {"Accept", NULL, NULL, "\r\nAccept:"},
        {"X-Never", NULL, NULL, "X-Never"},
        {"Host", "other.test", "\r\nHost: other.test\r\n", "a.test"},
        {"X-Empty", "", "\r\nX-Empty: \r\n", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        editor e = {.name = cases[i].name, .value = cases[i].value};
        peer_forget(&p);
        expect_ok(ferry_get(s, URL, NULL, .headers = FERRY_PAIRS({"X-Given", "yours"}),
            .on_request = by(&e)));
        if ((cases[i].there && sent(cases[i].there) != 1) ||
            (cases[i].gone && sent(cases[i].gone)))
            fail_msg("%s: %s", cases[i].name, p.sent);
    }
}

static void a_name_that_was_there_twice_is_replaced_as_one(void **state)
{
    editor e = {.name = "X-Two", .value = "one"};
    (void)state;
    expect_ok(ferry_get(s, URL, NULL,
        .headers = FERRY_PAIRS({"X-Two", "1"}, {"X-Two", "2"}), .on_request = by(&e)));
    assert_int_equal(sent("X-Two"), 1);
    assert_int_equal(sent("X-Two: one"), 1);
}

/* Edits are checked as headers are, and nothing is sent; the session goes on. */
static void a_bad_edit_ends_the_call_before_a_byte_is_sent(void **state)
{
    static const struct {
        const char *name, *value;
    } cases[] = {
        {"X-A", "a\r\nX-B: b"},
        {"X-A", "a\nb"},
        {"X-A", " a"},
        {"X-A", "a\x01"},
        {"X A", "a"},
        {"X-A:", "a"},
        {"", "a"},
        {"Host", NULL},
        {"Transfer-Encoding", "chunked"},
        {"Content-Length", "7"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        editor e = {.name = cases[i].name, .value = cases[i].value};
        ferry_err answer = ferry_get(s, URL, &r, .on_request = by(&e));
        if (answer != FERRY_ERR_USAGE || r || p.sent_len)
            fail_msg("case %d: %s", (int)i, ferry_err_name(answer));
        expect_ok(ferry_get(s, URL, NULL));
        ferry_close_idle(s);
        peer_forget(&p);
    }
}

static int edit_twice(void *ctx, ferry_draft *draft)
{
    (void)ctx;
    if (ferry_draft_set(draft, "bad name", "x") != FERRY_ERR_USAGE ||
        ferry_draft_set(draft, "Good", "x") != FERRY_ERR_USAGE)
        return 1;
    return 0;
}

static void an_edit_that_failed_is_not_forgotten(void **state)
{
    (void)state;
    assert_int_equal(
        ferry_get(s, URL, &r, .on_request = {edit_twice, NULL}), FERRY_ERR_USAGE);
    assert_int_equal(p.sent_len, 0);
}

static void anything_but_zero_ends_the_call(void **state)
{
    editor e = {.name = "A", .value = "b", .answer = 3};
    (void)state;
    assert_int_equal(ferry_get(s, URL, &r, .on_request = by(&e)), FERRY_ERR_ABORTED);
    assert_string_equal(ferry_explain(s), "ended by the caller: .on_request ended it");
    assert_int_equal(p.sent_len, 0);
}

static void each_request_of_a_call_is_shown_and_edits_are_made_anew(void **state)
{
    editor e = {.name = "X-Hop", .value = "1"};
    (void)state;
    answers[0].bytes = MOVED;
    answers[1].bytes = BUSY;
    answers[2].bytes = AWAY;
    expect_ok(ferry_post(s, URL, &r, .text = "x", .on_request = by(&e),
        .retry = {.statuses = FERRY_CODES(503)}));
    assert_int_equal(e.called, 4);
    assert_string_equal(e.seen, "POST http://a.test/ -\nGET http://a.test/b -\n"
                                "GET http://a.test/b -\nGET http://b.test/b?q#f -\n");
    assert_int_equal(sent("X-Hop: 1\r\n"), 4);
}

static void what_a_hook_adds_is_no_secret_of_the_one_before(void **state)
{
    editor e = {.name = "Authorization", .value = "Bearer each"};
    (void)state;
    answers[0].bytes = AWAY;
    expect_ok(ferry_get(s, URL, &r, .on_request = by(&e)));
    assert_int_equal(sent("Authorization: Bearer each"), 2);
}

static void a_body_keeps_its_framing_under_edits(void **state)
{
    editor e = {.name = "Content-Type", .value = "text/x"};
    (void)state;
    expect_ok(ferry_post(s, URL, &r, .text = "abc", .on_request = by(&e)));
    assert_int_equal(sent("Content-Type: text/x\r\n"), 1);
    assert_int_equal(sent("text/plain"), 0);
    assert_int_equal(sent("Content-Length: 3\r\n"), 1);
    e = (editor){.name = "Content-Length", .value = "3"};
    expect_ok(ferry_post(s, URL, &r, .text = "abc", .on_request = by(&e)));
}

static void drafts_of_nothing_are_harmless(void **state)
{
    (void)state;
    assert_string_equal(ferry_draft_method(NULL), "");
    assert_string_equal(ferry_draft_url(NULL), "");
    assert_null(ferry_draft_header(NULL, "A"));
    assert_int_equal(ferry_draft_set(NULL, "A", "b"), FERRY_ERR_USAGE);
    assert_int_equal(ferry_draft_head(NULL).len, 0);
    assert_null(ferry_draft_body(NULL).ptr);
}

static int look(void *ctx, ferry_draft *draft)
{
    *(ferry_bytes *)ctx = ferry_draft_body(draft);
    assert_int_equal(ferry_draft_head(draft).len, 0);
    return 0;
}

static ptrdiff_t give_nothing(void *ctx, void *to, size_t n)
{
    (void)ctx, (void)to, (void)n;
    return 0;
}

static void a_draft_shows_a_body_that_lies_in_memory_and_no_other(void **state)
{
    static const ferry_source source = {NULL, give_nothing, NULL, 0};
    ferry_bytes body = {NULL, 0};
    const ferry_on_request looks = {look, &body};
    (void)state;
    expect_ok(ferry_post(s, URL, &r, .text = "abc", .on_request = looks));
    assert_int_equal(body.len, 3);
    assert_memory_equal(body.ptr, "abc", 3);
    expect_ok(ferry_get(s, URL, &r, .on_request = looks));
    assert_null(body.ptr);
    body.ptr = "";
    expect_ok(ferry_post(s, URL, &r, .source = &source, .on_request = looks));
    assert_null(body.ptr);
}

/* Each session is new, so that it has nothing to spare. */
static void without_memory_to_edit_in_nothing_is_sent_at_any_call(void **state)
{
    ferry_err e = FERRY_ERR_NOMEM;
    (void)state;
    for (int k = 1; e; k++) {
        editor by_hook = {.name = "X-Hop", .value = "1"};
        ferry_session_free(s);
        peer_forget(&p);
        s = ferry_session_new(.platform = &m.memory.platform, .transport = &d);
        m.memory.fail_at = m.memory.calls + k;
        e = ferry_get(s, URL, NULL, .on_request = by(&by_hook));
        m.memory.fail_at = 0;
        assert_true(e == FERRY_OK || e == FERRY_ERR_NOMEM);
        assert_int_equal(sent("X-Hop: 1\r\n"), sent("GET"));
    }
}

static int set_nothing(void *ctx, ferry_draft *draft)
{
    *(ferry_err *)ctx = ferry_draft_set(draft, NULL, "x");
    return ferry_draft_header(draft, NULL) != NULL;
}

static void an_edit_without_a_name_is_none(void **state)
{
    ferry_err e = FERRY_OK;
    (void)state;
    expect_ok(ferry_get(s, URL, NULL, .on_request = {set_nothing, &e}));
    assert_int_equal(e, FERRY_ERR_USAGE);
}

/* Name and value of 32 KiB, 40 times: more than a request head may be. */
static int edit_much(void *ctx, ferry_draft *draft)
{
    ferry_err e = FERRY_OK;
    char name[20];
    for (int i = 0; i < 40 && !e; i++) {
        snprintf(name, sizeof name, "X-%d", i);
        e = ferry_draft_set(draft, name, ctx);
    }
    return 0;
}

static void edits_have_a_limit(void **state)
{
    char *value = calloc(1, 32769);
    (void)state;
    memset(value, 'v', 32768);
    assert_int_equal(
        ferry_get(s, URL, &r, .on_request = {edit_much, value}), FERRY_ERR_LIMIT);
    free(value);
    expect_ok(ferry_get(s, URL, &r));
}

/* --- on_response ----------------------------------------------------------------- */

typedef struct judge {
    int answers[8], called;
    char seen[200];
} judge;

static int judge_one(void *ctx, const ferry_response *response)
{
    judge *j = ctx;
    snprintf(j->seen + strlen(j->seen), sizeof j->seen - strlen(j->seen), "%d %s %d%s ",
        response->status, response->url, response->redirects,
        response->body.len ? " with a body" : "");
    return j->answers[j->called++];
}

static ferry_on_response of(judge *j)
{
    return (ferry_on_response){judge_one, j};
}

static void a_verdict_of_go_on_changes_nothing(void **state)
{
    judge j = {.called = 0};
    (void)state;
    answers[0].bytes = AWAY;
    expect_ok(ferry_get(s, URL, &r, .on_response = of(&j)));
    assert_int_equal(r->status, 200);
    assert_string_equal(j.seen, "302 http://a.test/ 0 200 http://b.test/b?q#f 1 ");
}

static void a_final_redirect_is_the_response_and_says_where_it_leads(void **state)
{
    judge j = {.answers = {FERRY_FINAL}};
    (void)state;
    answers[0].bytes = AWAY;
    expect_ok(ferry_get(s, URL, &r, .on_response = of(&j)));
    assert_int_equal(r->status, 302);
    assert_int_equal(r->redirects, 0);
    assert_int_equal(p.next, 1);
    assert_non_null(r->next_url);
    assert_string_equal(r->next_url, "http://b.test/b?q#f");
}

static void a_final_status_is_not_tried_again(void **state)
{
    judge j = {.answers = {FERRY_FINAL}};
    (void)state;
    answers[0].bytes = BUSY;
    expect_ok(ferry_get(
        s, URL, &r, .on_response = of(&j), .retry = {.statuses = FERRY_CODES(503)}));
    assert_int_equal(r->status, 503);
    assert_int_equal(p.next, 1);
}

static void try_again_repeats_any_status_and_any_method(void **state)
{
    judge j = {.answers = {FERRY_TRY_AGAIN, FERRY_TRY_AGAIN}};
    (void)state;
    expect_ok(ferry_post(
        s, URL, &r, .text = "x", .on_response = of(&j), .retry = {.backoff_ms = 100}));
    assert_int_equal(r->status, 200);
    assert_int_equal(j.called, 3);
    assert_int_equal(r->n_history, 2);
    assert_int_equal(r->history[0].why, FERRY_HOP_RETRY);
    assert_int_equal(r->history[0].delay_ms, 0);
    assert_int_equal(r->history[1].delay_ms, 200);
}

static void try_again_needs_no_policy_and_stops_where_the_default_one_does(void **state)
{
    judge j = {.answers = {FERRY_TRY_AGAIN}};
    (void)state;
    expect_ok(ferry_get(s, URL, &r, .on_response = of(&j)));
    assert_int_equal(p.next, 2);
}

static int always_again(void *ctx, const ferry_response *response)
{
    (void)ctx, (void)response;
    return FERRY_TRY_AGAIN;
}

static void try_again_for_ever_ends_with_the_last_response(void **state)
{
    (void)state;
    expect_ok(ferry_update(s, .retry_budget = FERRY_UNLIMITED));
    assert_int_equal(
        ferry_get(s, URL, &r, .on_response = {always_again, NULL}), FERRY_ERR_RETRIES);
    assert_int_equal(p.next, 11);
    assert_non_null(r);
    assert_int_equal(r->status, 200);
    assert_string_equal(r->body.ptr, "hello");
}

static void any_other_verdict_ends_the_call(void **state)
{
    static const int verdicts[] = {-1, 3, 99};
    (void)state;
    for (size_t i = 0; i < COUNT(verdicts); i++) {
        judge j = {.answers = {verdicts[i]}};
        assert_int_equal(
            ferry_get(s, URL, &r, .on_response = of(&j)), FERRY_ERR_ABORTED);
        assert_null(r);
        assert_string_equal(
            ferry_explain(s), "a.test: ended by the caller: .on_response ended it");
        assert_int_equal(p.live, 0);
    }
}

/* --- levels ---------------------------------------------------------------------- */

static void count_event(void *ctx, const ferry_event *e)
{
    (void)e;
    ++*(int *)ctx;
}

static void the_hook_of_the_nearest_level_is_asked(void **state)
{
    judge of_session = {.called = 0}, of_mount = {.called = 0}, of_call = {.called = 0};
    (void)state;
    expect_ok(ferry_update(s, .on_response = of(&of_session)));
    expect_ok(ferry_mount(s, "http://b.test", .on_response = of(&of_mount)));
    answers[0].bytes = AWAY;
    expect_ok(ferry_get(s, URL, NULL));
    assert_int_equal(of_session.called, 1);
    assert_int_equal(of_mount.called, 1);
    expect_ok(ferry_get(s, "http://b.test/", NULL, .on_response = of(&of_call)));
    assert_int_equal(of_call.called, 1);
    assert_int_equal(of_mount.called, 1);
}

static void so_are_edits_and_what_is_told_of_events(void **state)
{
    editor of_session = {.name = "X-By", .value = "session"},
           of_mount = {.name = "X-By", .value = "mount"},
           of_call = {.name = "X-By", .value = "call"};
    int told[3] = {0, 0, 0};
    (void)state;
    expect_ok(ferry_update(
        s, .on_request = by(&of_session), .on_event = {count_event, &told[0]}));
    expect_ok(ferry_mount(s, "http://b.test", .on_request = by(&of_mount),
        .on_event = {count_event, &told[1]}));
    expect_ok(ferry_get(s, URL, NULL));
    assert_int_equal(sent("X-By: session\r\n"), 1);
    assert_true(told[0] > 2);
    int before = told[0];
    expect_ok(ferry_get(s, "http://b.test/", NULL));
    assert_int_equal(sent("X-By: mount\r\n"), 1);
    assert_int_equal(told[1], before);
    expect_ok(ferry_get(s, "http://b.test/", NULL, .on_request = by(&of_call),
        .on_event = {count_event, &told[2]}));
    assert_int_equal(sent("X-By: call\r\n"), 1);
    assert_int_equal(told[0], before);
    assert_int_equal(told[1], before);
    assert_true(told[2] > 2);
    assert_int_equal(sent("X-By"), 3);
}

/* --- on_event -------------------------------------------------------------------- */

typedef struct diary {
    char text[2000];
    int64_t last_ms;
    bool is_backwards;
} diary;

static void note(void *ctx, const ferry_event *e)
{
    static const char *const names[] = {"?", "start", "reused", "lookup", "connect",
        "tls", "sent", "head", "redirect", "retry", "done", "failed"};
    diary *into = ctx;
    size_t n = strlen(into->text);
    into->is_backwards |= e->at_ms < into->last_ms;
    into->last_ms = e->at_ms;
    snprintf(into->text + n, sizeof into->text - n, "%d %s %s %s %d %s %d\n",
        (int)e->at_ms, names[e->kind], e->method, e->url, e->status,
        e->err ? ferry_err_name(e->err) : "-", (int)e->delay_ms);
}

static void expect_diary(const diary *seen, const char *text)
{
    assert_string_equal(seen->text, text);
    assert_false(seen->is_backwards);
}

static void pass_time(void *user, const char *call)
{
    (void)user;
    m.now_ms += strcmp(call, "dial") == 0 ? 1 : strcmp(call, "write") == 0 ? 10 : 0;
}

static void events_come_in_order_with_their_times(void **state)
{
    diary seen = {.last_ms = 0};
    (void)state;
    answers[0].bytes = BUSY;
    answers[1].bytes = BUSY;
    answers[2].bytes = MOVED;
    p.is_coy = true; /* so that there is waiting, and the clock is read */
    p.on_call = pass_time;
    m.step_ms = 5;
    expect_ok(ferry_get(s, URL, &r, .on_event = {note, &seen},
        .retry = {.backoff_ms = 100, .statuses = FERRY_CODES(503)}));
    assert_false(seen.is_backwards);
    /* kinds alone, as how often the peer is asked is no promise */
    char kinds[400] = "";
    for (char *line = strtok(seen.text, "\n"); line; line = strtok(NULL, "\n")) {
        char kind[20], method[20], url[50], err[30];
        int at, status, delay;
        assert_int_equal(sscanf(line, "%d %19s %19s %49s %d %29s %d", &at, kind, method,
                             url, &status, err, &delay),
            7);
        sprintf(kinds + strlen(kinds), "%s %d %d, ", kind, status, delay);
    }
    assert_string_equal(kinds,
        "start 0 0, connect 0 0, sent 0 0, head 503 0, retry 503 0, "
        "start 0 0, reused 0 0, sent 0 0, head 503 0, retry 503 200, "
        "start 0 0, reused 0 0, sent 0 0, head 302 0, redirect 302 0, "
        "start 0 0, reused 0 0, sent 0 0, head 200 0, done 0 0, ");
}

static void a_redirect_event_says_where_to(void **state)
{
    diary seen = {.last_ms = 0};
    (void)state;
    answers[0].bytes = AWAY;
    expect_ok(ferry_get(s, URL, &r, .on_event = {note, &seen}));
    assert_non_null(strstr(seen.text, " redirect GET http://b.test/b?q#f 302 - 0\n"));
}

static void a_failure_says_when_and_by_what(void **state)
{
    diary seen = {.last_ms = 0};
    (void)state;
    answers[0] = (peer_answer){"", PEER_CLOSES};
    p.dial_fails = true;
    assert_int_equal(
        ferry_get(s, URL, &r, .on_event = {note, &seen}), FERRY_ERR_CONNECT);
    expect_diary(&seen, "0 start GET http://a.test/ 0 - 0\n"
                        "0 failed GET http://a.test/ 0 FERRY_ERR_CONNECT 0\n");
}

static void a_time_out_is_noted_at_its_time(void **state)
{
    diary seen = {.last_ms = 0};
    (void)state;
    p.n_answers = 0;
    assert_int_equal(
        ferry_get(s, URL, &r, .on_event = {note, &seen}, .timeout = {.read_ms = 700}),
        FERRY_ERR_READ_TIMEOUT);
    expect_diary(&seen,
        "0 start GET http://a.test/ 0 - 0\n0 connect GET http://a.test/ 0 - 0\n"
        "700 failed GET http://a.test/ 0 FERRY_ERR_READ_TIMEOUT 0\n");
}

/* The response is here, and the call fails all the same. */
static void a_call_that_policy_ends_has_failed(void **state)
{
    diary seen = {.last_ms = 0};
    (void)state;
    answers[0].bytes = MOVED;
    assert_int_equal(
        ferry_get(s, URL, &r, .on_event = {note, &seen}, .max_redirects = FERRY_NONE),
        FERRY_ERR_REDIRECTS);
    const char *done = strstr(seen.text, " done ");
    assert_non_null(done);
    assert_non_null(strstr(done, " failed GET http://a.test/ 302 FERRY_ERR_REDIRECTS"));
    assert_int_equal(r->status, 302);
}

/* ... nor is it a success that gives retries back. */
static void a_stepped_call_that_policy_ended_is_told_of_once(void **state)
{
    diary seen = {.last_ms = 0};
    ferry_wait w;
    ferry_err e;
    (void)state;
    answers[0].bytes = MOVED;
    expect_ok(ferry_begin(
        s, URL, &r, .on_event = {note, &seen}, .max_redirects = FERRY_NONE));
    while ((e = ferry_step(r, &w)) == FERRY_AGAIN)
        m.now_ms += w.timeout_ms > 0 ? w.timeout_ms : 0;
    assert_int_equal(e, FERRY_ERR_REDIRECTS);
    assert_int_equal(ferry_step(r, &w), FERRY_ERR_REDIRECTS);
    const char *failed = strstr(seen.text, " failed ");
    assert_non_null(failed);
    assert_null(strstr(failed + 1, " failed "));
}

static void no_event_tells_a_secret(void **state)
{
    diary seen = {.last_ms = 0};
    (void)state;
    answers[0]
        .bytes = "HTTP/1.1 302 Found\r\nSet-Cookie: a=secret\r\n"
                 "Location: http://you:secret@b.test/\r\nContent-Length: 0\r\n\r\n";
    answers[1].bytes = BUSY;
    answers[2] = answers[3] = (peer_answer){"", PEER_RESETS};
    assert_int_not_equal(
        ferry_post(s, "http://me:secret@a.test/", &r, .on_event = {note, &seen},
            .headers = FERRY_PAIRS({"Authorization", "secret"}, {"Cookie", "secret"}),
            .text = "secret", .retry = {.total = 1, .statuses = FERRY_CODES(503)}),
        FERRY_OK);
    assert_non_null(strstr(seen.text, "failed"));
    assert_null(strstr(seen.text, "secret"));
    assert_null(strstr(seen.text, "you"));
    assert_null(strstr(ferry_explain(s), "secret"));
}

int main(void)
{
#define HOOKS_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, stage_clear)
    const struct CMUnitTest tests[] = {
        HOOKS_TEST(an_edit_replaces_adds_or_removes),
        HOOKS_TEST(a_name_that_was_there_twice_is_replaced_as_one),
        HOOKS_TEST(a_bad_edit_ends_the_call_before_a_byte_is_sent),
        HOOKS_TEST(an_edit_that_failed_is_not_forgotten),
        HOOKS_TEST(anything_but_zero_ends_the_call),
        HOOKS_TEST(each_request_of_a_call_is_shown_and_edits_are_made_anew),
        HOOKS_TEST(what_a_hook_adds_is_no_secret_of_the_one_before),
        HOOKS_TEST(a_body_keeps_its_framing_under_edits),
        HOOKS_TEST(drafts_of_nothing_are_harmless),
        HOOKS_TEST(a_draft_shows_a_body_that_lies_in_memory_and_no_other),
        HOOKS_TEST(without_memory_to_edit_in_nothing_is_sent_at_any_call),
        HOOKS_TEST(an_edit_without_a_name_is_none),
        HOOKS_TEST(edits_have_a_limit),
        HOOKS_TEST(a_verdict_of_go_on_changes_nothing),
        HOOKS_TEST(a_final_redirect_is_the_response_and_says_where_it_leads),
        HOOKS_TEST(a_final_status_is_not_tried_again),
        HOOKS_TEST(try_again_repeats_any_status_and_any_method),
        HOOKS_TEST(try_again_needs_no_policy_and_stops_where_the_default_one_does),
        HOOKS_TEST(try_again_for_ever_ends_with_the_last_response),
        HOOKS_TEST(any_other_verdict_ends_the_call),
        HOOKS_TEST(the_hook_of_the_nearest_level_is_asked),
        HOOKS_TEST(so_are_edits_and_what_is_told_of_events),
        HOOKS_TEST(events_come_in_order_with_their_times),
        HOOKS_TEST(a_redirect_event_says_where_to),
        HOOKS_TEST(a_failure_says_when_and_by_what),
        HOOKS_TEST(a_time_out_is_noted_at_its_time),
        HOOKS_TEST(a_call_that_policy_ends_has_failed),
        HOOKS_TEST(a_stepped_call_that_policy_ended_is_told_of_once),
        HOOKS_TEST(no_event_tells_a_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
