/* test_chain.c - calls of several requests: what is kept from one to the next, how long
 * they wait, what they leave behind.
 * SPDX-License-Identifier: MIT */
#include "session/chain.h"

#include "lib/stage.h" /* its variables would shadow names of the headers before */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define OK          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define BUSY        "HTTP/1.1 503 Busy\r\nX-Try: again\r\nContent-Length: 4\r\n\r\nbusy"
#define MOVED       "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"
#define KEPT        "HTTP/1.1 307 Go\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"
#define AWAY        "HTTP/1.1 307 Go\r\nLocation: http://b.test/b\r\nContent-Length: 0\r\n\r\n"
#define URL         "http://a.test/"

enum { MOST = 1100 };

static peer_answer answers[MOST];

static int set_up(void **state)
{
    (void)state;
    int failed = stage_set(answers, COUNT(answers), OK);
    m.memory.secret = "s3cret";
    return failed;
}

/* To its end, with the clock moved as it wants. */
static ferry_err step_through(void)
{
    ferry_wait w;
    ferry_err e;
    while ((e = ferry_step(r, &w)) == FERRY_AGAIN)
        m.now_ms += w.timeout_ms > 0 ? w.timeout_ms : 0;
    return e;
}

/* --- what the caller said -------------------------------------------------------- */

/* Everything that a begun call could need later stood here, and is gone. */
typedef struct words {
    char method[8], target[8], header[20], value[20], key[20], url[40], listed[8];
    ferry_pair headers[3];
    int statuses[2], keep_post[2];
    const char *methods[2], *sensitive[2];
} words;

static words *words_new(void)
{
    words *w = malloc(sizeof *w);
    assert_non_null(w);
    *w = (words){.method = "PURGE",
        .target = "/t?x",
        .header = "X-Given",
        .value = "s3cret",
        .key = "X-Key",
        .url = URL,
        .listed = "PURGE",
        .statuses = {503},
        .keep_post = {302}};
    w->headers[0] = (ferry_pair){w->header, w->value};
    w->headers[1] = (ferry_pair){w->key, w->value};
    w->methods[0] = w->listed;
    w->sensitive[0] = w->key;
    return w;
}

static void words_forget(words *w)
{
    memset(w, 0xee, sizeof *w);
    free(w);
}

static void begin_with_words(const char *method, bool has_target)
{
    words *w = words_new();
    if (method)
        strcpy(w->method, method);
    expect_ok(ferry_begin(s, w->url, &r, .method = w->method,
        .target = has_target ? w->target : NULL, .headers = w->headers,
        .retry = {.total = 3, .statuses = w->statuses, .methods = w->methods},
        .keep_post = w->keep_post, .sensitive = w->sensitive));
    words_forget(w);
}

static void a_begun_call_needs_none_of_its_callers_words_to_be_tried_again(void **state)
{
    (void)state;
    answers[0].bytes = answers[1].bytes = BUSY;
    begin_with_words(NULL, true);
    expect_ok(step_through());
    assert_int_equal(r->status, 200);
    assert_int_equal(sent("PURGE /t?x HTTP/1.1\r\n"), 3);
    assert_int_equal(sent("\r\nX-Given: s3cret\r\nX-Key: s3cret\r\n"), 3);
}

static void nor_to_follow_redirects(void **state)
{
    (void)state;
    answers[0].bytes = KEPT;
    answers[1].bytes = AWAY;
    answers[2].bytes = BUSY;
    begin_with_words(NULL, true);
    expect_ok(step_through());
    assert_int_equal(sent("PURGE /t?x HTTP/1.1\r\n"), 1); /* of its first URL alone */
    assert_int_equal(sent("PURGE /b HTTP/1.1\r\nHost: a.test\r\n"), 1);
    assert_int_equal(sent("PURGE /b HTTP/1.1\r\nHost: b.test\r\n"), 2);
    assert_int_equal(sent("\r\nX-Given: s3cret\r\n"), 4);
    assert_int_equal(sent("\r\nX-Key: s3cret\r\n"), 2);
    assert_string_equal(r->history[0].method, "PURGE");
}

static void nor_to_keep_a_post(void **state)
{
    (void)state;
    answers[0].bytes = MOVED;
    begin_with_words("POST", false);
    expect_ok(step_through());
    assert_int_equal(sent("POST /b HTTP/1.1\r\n"), 1);
}

static void a_call_with_nothing_but_a_known_method_keeps_that(void **state)
{
    char method[] = "DELETE", url[] = URL;
    (void)state;
    answers[0].bytes = MOVED;
    expect_ok(ferry_begin(s, url, &r, .method = method));
    memset(method, 'x', sizeof method - 1);
    memset(url, 'x', sizeof url - 1);
    expect_ok(step_through());
    assert_int_equal(sent("DELETE /b HTTP/1.1\r\n"), 1);
}

/* --- the old response ------------------------------------------------------------ */

#define WITH_HEADERS                                                                   \
    "HTTP/1.1 200 OK\r\nETag: \"tag\"\r\nX-Next: http://a.test/next\r\n"               \
    "Content-Length: 5\r\n\r\nhello"

/* All that options point to but bodies; which of it a later request needs is not known. */
static void nothing_of_a_kept_wish_is_its_callers(void **state)
{
    char text[] = "text", pem[] = {'p', '\0', 'm'};
    const ferry_bytes bytes = {pem, sizeof pem};
    ferry_opts o = {.size = sizeof o,
        .ca_file = text,
        .pin_sha256 = text,
        .server_name = text,
        .preproxy = text,
        .local_address = text,
        .ca_pem = bytes,
        .cert_pem = bytes,
        .key_pem = bytes};
    fy_wish wish = {{text, 4}, &o, &o};
    fy_error x;
    (void)state;
    fy_chain *c = fy_chain_new(&m.memory.platform);
    assert_int_equal(fy_chain_keep(c, &wish, &x), FERRY_OK);
    memset(text, 'x', sizeof text - 1);
    memset(pem, 'x', sizeof pem);
    memset(&o, 0xee, sizeof o);
    const ferry_bytes pems[] = {
        wish.opts->ca_pem, wish.opts->cert_pem, wish.opts->key_pem};
    for (size_t i = 0; i < COUNT(pems); i++) {
        assert_int_equal(pems[i].len, 3);
        assert_memory_equal(pems[i].ptr, "p\0m", 3);
    }
    const char *const texts[] = {wish.opts->ca_file, wish.opts->pin_sha256,
        wish.opts->server_name, wish.opts->preproxy, wish.opts->local_address};
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_string_equal(texts[i], "text");
    assert_ptr_equal(wish.settings, wish.opts);
    assert_null(wish.opts->ca_dir);
    assert_memory_equal(wish.method.ptr, "text", 4);
    fy_chain_free(c);
}

static void words_may_lie_in_the_response_that_is_replaced(void **state)
{
    (void)state;
    answers[0].bytes = WITH_HEADERS;
    answers[1].bytes = KEPT;
    answers[2].bytes = BUSY;
    expect_ok(ferry_get(s, URL, &r));
    expect_ok(ferry_post(s, ferry_header(r, "X-Next"), &r,
        .headers = FERRY_PAIRS({"If-Match", ferry_header(r, "ETag")}),
        .text = r->body.ptr,
        .retry = {.statuses = FERRY_CODES(503), .methods = FERRY_NAMES("POST")}));
    assert_int_equal(sent("POST /next HTTP/1.1\r\n"), 1);
    assert_int_equal(sent("POST /b HTTP/1.1\r\n"), 2);
    assert_int_equal(sent("\r\nIf-Match: \"tag\"\r\n"), 3);
    assert_int_equal(sent("\r\n\r\nhello"), 3);
}

static void so_may_those_of_a_begun_call_but_for_bodies(void **state)
{
    (void)state;
    answers[0].bytes = WITH_HEADERS;
    answers[1].bytes = KEPT;
    answers[2].bytes = BUSY;
    expect_ok(ferry_get(s, URL, &r));
    expect_ok(ferry_begin(s, ferry_header(r, "X-Next"), &r,
        .headers = FERRY_PAIRS({"If-Match", ferry_header(r, "ETag")}),
        .retry = {.statuses = FERRY_CODES(503)}));
    expect_ok(step_through());
    assert_int_equal(sent("\r\nIf-Match: \"tag\"\r\n"), 3);
}

static void the_old_response_holds_no_connection_that_the_call_may_need(void **state)
{
    (void)state;
    expect_ok(ferry_update(s, .pool = {.open_per_key = 1}));
    expect_ok(ferry_get(s, URL, &r, .stream = FERRY_ON));
    answers[1].bytes = MOVED;
    expect_ok(ferry_get(s, URL, &r, .headers = FERRY_PAIRS({"A", "b"})));
    assert_int_equal(r->redirects, 1);
}

/* --- history --------------------------------------------------------------------- */

static void expect_hop(
    size_t i, ferry_hop_why why, int status, const char *url, const char *method)
{
    const ferry_hop *h = &r->history[i];
    assert_int_equal(h->why, why);
    assert_int_equal(h->status, status);
    assert_string_equal(h->url, url);
    assert_string_equal(h->method, method);
}

static void the_history_tells_of_each_request_the_oldest_first(void **state)
{
    (void)state;
    answers[0].bytes = BUSY;
    answers[1].bytes = MOVED;
    answers[2] = (peer_answer){"", PEER_CLOSES};
    p.piece = 3;
    expect_ok(ferry_post(s, URL "a#f", &r, .text = "x",
        .retry = {
            .statuses = FERRY_CODES(503), .methods = FERRY_NAMES("POST", "GET")}));
    /* the third died on a kept connection: that is no history, it is sent again */
    assert_int_equal(r->n_history, 2);
    expect_hop(0, FERRY_HOP_RETRY, 503, URL "a#f", "POST");
    expect_hop(1, FERRY_HOP_REDIRECT, 302, URL "a#f", "POST");
    assert_int_equal(r->history[0].headers.n, 2);
    assert_string_equal(r->history[0].headers.at[0].name.ptr, "X-Try");
    assert_string_equal(r->history[0].headers.at[0].value.ptr, "again");
    assert_string_equal(r->url, URL "b#f");
}

static void a_failure_is_in_the_history_with_its_error(void **state)
{
    (void)state;
    answers[0] = (peer_answer){"", PEER_CLOSES};
    answers[1] = (peer_answer){
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhe", PEER_CLOSES};
    expect_ok(ferry_get(s, URL, &r, .retry = {.total = 3}));
    assert_int_equal(r->n_history, 2);
    expect_hop(0, FERRY_HOP_RETRY, 0, URL, "GET");
    assert_int_equal(r->history[0].err, FERRY_ERR_CLOSED);
    assert_int_equal(r->history[0].headers.n, 0);
    expect_hop(1, FERRY_HOP_RETRY, 200, URL, "GET");
    assert_int_equal(r->history[1].err, FERRY_ERR_TRUNCATED);
    assert_string_equal(r->body.ptr, "hello");
}

static void forget_sent(void *user, const char *call)
{
    (void)user;
    if (strcmp(call, "write") == 0 && p.sent_len > 8000)
        peer_forget(&p);
}

static void the_history_ends_at_a_thousand_and_the_call_goes_on(void **state)
{
    (void)state;
    p.on_call = forget_sent;
    for (int i = 0; i < 1050; i++)
        answers[i].bytes = MOVED;
    expect_ok(ferry_get(s, URL, &r, .max_redirects = FERRY_UNLIMITED));
    assert_int_equal(r->redirects, 1050);
    assert_int_equal(r->n_history, 1000);
}

static void a_new_call_has_no_history(void **state)
{
    (void)state;
    answers[0].bytes = MOVED;
    expect_ok(ferry_get(s, URL, &r));
    assert_int_equal(r->n_history, 1);
    expect_ok(ferry_get(s, URL, &r));
    assert_int_equal(r->n_history, 0);
    assert_int_equal(r->redirects, 0);
    assert_null(r->next_url);
}

static void a_copy_has_no_history(void **state)
{
    (void)state;
    answers[0].bytes = MOVED;
    expect_ok(ferry_get(s, URL, &r));
    ferry_response *copy = ferry_detach(r);
    assert_non_null(copy);
    assert_int_equal(copy->n_history, 0);
    assert_int_equal(copy->redirects, 1);
    ferry_response_free(copy);
}

/* --- secrets of more than one origin --------------------------------------------- */

/* What a mount calls sensitive holds for the URL that it is for, and what that was given
 * stays there, whatever the mounts of the next one say. */
static void what_a_mount_calls_sensitive_stays_where_it_was_given(void **state)
{
    (void)state;
    expect_ok(ferry_mount(s, "http://a.test", .sensitive = FERRY_NAMES("X-Key")));
    answers[0].bytes = AWAY;
    expect_ok(ferry_get(s, URL, &r, .headers = FERRY_PAIRS({"X-Key", "s3cret"})));
    assert_int_equal(sent("s3cret"), 1);
    ferry_close_idle(s);
    peer_forget(&p);
    expect_ok(ferry_mount(s, "http://b.test", .sensitive = FERRY_NAMES("X-Other")));
    answers[p.next].bytes = AWAY;
    expect_ok(ferry_get(s, URL, &r, .headers = FERRY_PAIRS({"X-Key", "s3cret"})));
    assert_int_equal(sent("s3cret"), 1);
}

/* --- Idempotency-Key ------------------------------------------------------------- */

static void a_key_is_one_per_call_and_kept_over_its_tries(void **state)
{
    (void)state;
    answers[0].bytes = answers[1].bytes = BUSY;
    m.entropy = 0x5a;
    expect_ok(ferry_post(s, URL, &r, .text = "x", .idempotency_key = FERRY_ON,
        .retry = {.statuses = FERRY_CODES(503)}));
    assert_int_equal(
        sent("\r\nIdempotency-Key: \"5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a\"\r\n"), 3);
    peer_forget(&p);
    m.entropy = 0x0f;
    expect_ok(ferry_post(s, URL, &r, .text = "x", .idempotency_key = FERRY_ON));
    assert_int_equal(
        sent("\r\nIdempotency-Key: \"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f\"\r\n"), 1);
}

static void without_chance_there_is_no_key_and_no_request(void **state)
{
    (void)state;
    m.has_no_entropy = true;
    assert_int_equal(
        ferry_post(s, URL, &r, .idempotency_key = FERRY_ON), FERRY_ERR_USAGE);
    assert_int_equal(p.sent_len, 0);
    expect_ok(ferry_get(s, URL, &r));
}

/* --- time ------------------------------------------------------------------------ */

static void a_stepped_wait_says_why_and_how_long_and_never_blocks(void **state)
{
    ferry_wait w = {.n = 7};
    (void)state;
    answers[0].bytes = answers[1].bytes = BUSY;
    expect_ok(ferry_begin(
        s, URL, &r, .retry = {.backoff_ms = 1000, .statuses = FERRY_CODES(503)}));
    assert_int_equal(ferry_step(r, &w), FERRY_AGAIN); /* the first retry is at once */
    assert_int_equal(p.next, 2);
    assert_int_equal(w.why, FERRY_WAIT_RETRY);
    assert_int_equal(w.n, 0);
    assert_int_equal(w.timeout_ms, 2000);
    m.now_ms += 1999;
    assert_int_equal(ferry_step(r, &w), FERRY_AGAIN);
    assert_int_equal(w.timeout_ms, 1);
    assert_int_equal(w.why, FERRY_WAIT_RETRY);
    assert_int_equal(ferry_waiting(r, &w), FERRY_OK);
    assert_int_equal(w.timeout_ms, 1);
    assert_int_equal(r->n_history, 2); /* it can be seen meanwhile */
    m.now_ms += 1;
    expect_ok(ferry_step(r, &w));
    assert_int_equal(m.waits, 0);
    assert_int_equal(r->status, 200);
}

static void freeing_it_ends_a_wait(void **state)
{
    ferry_wait w;
    (void)state;
    answers[0].bytes = answers[1].bytes = BUSY;
    expect_ok(ferry_begin(
        s, URL, &r, .retry = {.backoff_ms = 1000, .statuses = FERRY_CODES(503)}));
    assert_int_equal(ferry_step(r, &w), FERRY_AGAIN);
    ferry_response_free(r);
    r = NULL;
    expect_ok(ferry_get(s, URL, &r));
}

static void so_does_an_interrupt_for_a_stepped_call(void **state)
{
    ferry_wait w;
    (void)state;
    answers[0].bytes = answers[1].bytes = BUSY;
    expect_ok(ferry_begin(
        s, URL, &r, .retry = {.backoff_ms = 1000, .statuses = FERRY_CODES(503)}));
    assert_int_equal(ferry_step(r, &w), FERRY_AGAIN);
    ferry_interrupt(s);
    assert_int_equal(ferry_step(r, &w), FERRY_ERR_ABORTED);
    assert_int_equal(ferry_step(r, &w), FERRY_ERR_ABORTED);
    expect_ok(ferry_get(s, URL, &r));
}

static void interrupt_third_wait(void *user, const char *call)
{
    (void)user;
    if (strcmp(call, "wait") == 0 && m.waits == 2)
        ferry_interrupt(s);
}

static void and_for_a_blocking_one_within_a_quarter_of_a_second(void **state)
{
    int64_t began = m.now_ms;
    (void)state;
    answers[0].bytes = answers[1].bytes = BUSY;
    m.on_call = interrupt_third_wait;
    assert_int_equal(ferry_get(s, URL, &r,
                         .retry = {.backoff_ms = 30000, .statuses = FERRY_CODES(503)}),
        FERRY_ERR_ABORTED);
    m.on_call = NULL;
    assert_int_equal(m.now_ms - began, 750);
    assert_int_equal(m.waited.why, FERRY_WAIT_RETRY);
    assert_null(r);
    expect_ok(ferry_get(s, URL, &r));
}

static void a_blocking_call_waits_as_long_as_the_policy_says(void **state)
{
    int64_t began = m.now_ms;
    (void)state;
    for (int i = 0; i < 4; i++)
        answers[i].bytes = BUSY;
    expect_ok(ferry_get(
        s, URL, &r, .retry = {.backoff_ms = 100, .statuses = FERRY_CODES(503)}));
    assert_int_equal(m.now_ms - began, 0 + 200 + 400 + 800);
    assert_int_equal(r->elapsed_ms, 1400);
    assert_int_equal(r->history[3].delay_ms, 800);
}

static void chance_decides_how_much_of_the_jitter_is_waited(void **state)
{
    static const struct {
        unsigned char entropy;
        ferry_switch is_full;
        int64_t jitter_ms, least_ms, most_ms;
    } cases[] = {
        {0, FERRY_OFF, 1000, 200, 200},
        {0x80, FERRY_OFF, 1000, 700, 703},
        {0xff, FERRY_OFF, 1000, 1199, 1200},
        {0, FERRY_ON, 0, 0, 0},
        {0x80, FERRY_ON, 0, 100, 101},
        {0xff, FERRY_ON, 0, 199, 200},
        {0x80, FERRY_OFF, 0, 200, 200},
    };
    (void)state;
    expect_ok(ferry_update(s, .retry_budget = FERRY_UNLIMITED));
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t began = m.now_ms;
        answers[p.next].bytes = answers[p.next + 1].bytes = BUSY;
        m.entropy = cases[i].entropy;
        expect_ok(ferry_get(s, URL, &r,
            .retry = {.backoff_ms = 100,
                .jitter_ms = cases[i].jitter_ms,
                .full_jitter = cases[i].is_full,
                .statuses = FERRY_CODES(503)}));
        assert_in_range(m.now_ms - began, cases[i].least_ms, cases[i].most_ms);
    }
}

static void waits_begin_anew_after_a_redirect(void **state)
{
    int64_t began = m.now_ms;
    (void)state;
    answers[0].bytes = answers[1].bytes = BUSY; /* 0 and 200 */
    answers[2].bytes = MOVED;
    answers[3].bytes = answers[4].bytes = BUSY; /* 0 and 200 */
    expect_ok(ferry_get(
        s, URL, &r, .retry = {.backoff_ms = 100, .statuses = FERRY_CODES(503)}));
    assert_int_equal(m.now_ms - began, 400);
}

static void the_whole_time_is_that_of_all_tries(void **state)
{
    int64_t began = m.now_ms;
    (void)state;
    answers[0].bytes = answers[1].bytes = BUSY;
    p.n_answers = 2; /* then silence */
    assert_int_equal(ferry_get(s, URL, &r, .timeout = {.total_ms = 1000},
                         .retry = {.backoff_ms = 100, .statuses = FERRY_CODES(503)}),
        FERRY_ERR_TOTAL_TIMEOUT);
    assert_int_equal(m.now_ms - began, 1000);
    assert_null(r);
}

static void a_wait_beyond_the_whole_time_gives_the_last_response_at_once(void **state)
{
    int64_t began = m.now_ms;
    (void)state;
    answers[0]
        .bytes = "HTTP/1.1 503 B\r\nRetry-After: 5\r\nContent-Length: 4\r\n\r\nbusy";
    assert_int_equal(ferry_get(s, URL, &r, .timeout = {.total_ms = 5000},
                         .retry = {.total = 3, .raise_on_status = FERRY_ON}),
        FERRY_ERR_RETRIES);
    assert_int_equal(m.now_ms, began);
    assert_int_equal(r->status, 503);
    assert_string_equal(r->body.ptr, "busy");
}

static void times_are_those_of_the_last_request_since_the_call_began(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        answers[i].bytes = BUSY;
    expect_ok(ferry_get(
        s, URL, &r, .retry = {.backoff_ms = 100, .statuses = FERRY_CODES(503)}));
    assert_int_equal(r->timings.lookup_ms, -1);
    assert_int_equal(r->timings.connect_ms, -1); /* it was used again */
    assert_int_equal(r->timings.tls_ms, -1);
    assert_int_equal(r->timings.sent_ms, 600);
    assert_int_equal(r->timings.first_ms, 600);
    assert_int_equal(r->timings.total_ms, 600);
    assert_true(r->reused);
}

static void times_of_one_request_are_in_their_order(void **state)
{
    (void)state;
    p.is_coy = true;
    p.open_waits = 2;
    m.step_ms = 10;
    expect_ok(ferry_get(s, URL, &r));
    const ferry_timings *t = &r->timings;
    assert_int_equal(t->lookup_ms, -1); /* names are the transport's affair */
    assert_true(t->connect_ms > 0 && t->connect_ms < t->sent_ms);
    assert_true(t->sent_ms <= t->first_ms && t->first_ms <= t->total_ms);
    assert_int_equal(t->first_ms, r->elapsed_ms);
}

/* --- the budget ------------------------------------------------------------------ */

static ferry_err get_from_a_sick_peer(void)
{
    return ferry_get(s, URL, &r, .retry = {.total = 3, .statuses = FERRY_CODES(503)});
}

static void an_outage_is_not_multiplied(void **state)
{
    (void)state;
    for (int i = 0; i < 30; i++)
        answers[i].bytes = BUSY;
    for (int i = 0; i < 3; i++)
        assert_int_equal(get_from_a_sick_peer(), FERRY_ERR_RETRIES);
    assert_int_equal(p.next, 12); /* nine retries are spent */
    assert_int_equal(get_from_a_sick_peer(), FERRY_ERR_RETRIES);
    assert_int_equal(p.next, 14);
    assert_int_equal(get_from_a_sick_peer(), FERRY_ERR_RETRIES);
    assert_int_equal(p.next, 15);
    assert_int_equal(r->status, 503);
}

static void ten_successes_give_one_retry_back(void **state)
{
    (void)state;
    expect_ok(ferry_update(s, .retry_budget = 1));
    answers[0].bytes = answers[1].bytes = BUSY;
    assert_int_equal(get_from_a_sick_peer(), FERRY_ERR_RETRIES);
    assert_int_equal(p.next, 2);
    for (int i = 0; i < 9; i++)
        expect_ok(ferry_get(s, URL, NULL));
    answers[p.next].bytes = BUSY;
    assert_int_equal(get_from_a_sick_peer(), FERRY_ERR_RETRIES);
    expect_ok(ferry_get(s, URL, NULL));
    answers[p.next].bytes = BUSY;
    expect_ok(get_from_a_sick_peer());
}

static void a_budget_may_be_none_or_endless(void **state)
{
    (void)state;
    expect_ok(ferry_update(s, .retry_budget = FERRY_NONE));
    answers[0].bytes = BUSY;
    assert_int_equal(get_from_a_sick_peer(), FERRY_ERR_RETRIES);
    assert_int_equal(p.next, 1);
    expect_ok(ferry_update(s, .retry_budget = FERRY_UNLIMITED));
    for (int i = 1; i < 33; i++)
        answers[i].bytes = BUSY;
    for (int i = 0; i < 8; i++)
        assert_int_equal(get_from_a_sick_peer(), FERRY_ERR_RETRIES);
    assert_int_equal(p.next, 33);
}

/* --- ends ------------------------------------------------------------------------ */

/* The error of the body is the error: no other request follows, whose answer would be
 * taken for the one that was refused. */
static void what_policy_has_ended_is_not_tried_again(void **state)
{
    (void)state;
    answers[0] = (peer_answer){
        "HTTP/1.1 302 F\r\nLocation: /b\r\nContent-Length: 9\r\n\r\nhe", PEER_CLOSES};
    assert_int_equal(
        ferry_get(s, URL, &r, .max_redirects = FERRY_NONE, .retry = {.total = 3}),
        FERRY_ERR_TRUNCATED);
    assert_int_equal(p.next, 1);
    assert_null(r);
}

static int rewind_never(void *ctx)
{
    (void)ctx;
    return -1;
}

static ptrdiff_t read_x(void *ctx, void *to, size_t n)
{
    bool *has_ended = ctx;
    if (*has_ended || n == 0)
        return 0;
    *(char *)to = 'x';
    *has_ended = true;
    return 1;
}

typedef struct ending {
    const char *what;
    peer_answer answers[3];
    ferry_opts opts;
    ferry_err e;
    int status; /* of the response that is there all the same; 0: none */
} ending;

static const int sick[] = {503, 0};
static bool has_ended;
static const ferry_source once = {&has_ended, read_x, NULL, 0},
                          stuck = {&has_ended, read_x, rewind_never, 0};

static const ending endings[] = {
    {"too many redirects", {{MOVED, PEER_STAYS}, {MOVED, PEER_STAYS}},
        {.max_redirects = 1}, FERRY_ERR_REDIRECTS, 302},
    {"redirects of the policy", {{MOVED, PEER_STAYS}, {MOVED, PEER_STAYS}},
        {.retry = {.redirect = 1}}, FERRY_ERR_REDIRECTS, 302},
    {"another scheme",
        {{"HTTP/1.1 302 F\r\nLocation: ftp://a/\r\nContent-Length: 2\r\n\r\nhi",
            PEER_STAYS}},
        {.size = 0}, FERRY_ERR_UNSUPPORTED, 302},
    {"no URL",
        {{"HTTP/1.1 302 F\r\nLocation: http://a b/\r\nContent-Length: 2\r\n\r\nhi",
            PEER_STAYS}},
        {.size = 0}, FERRY_ERR_URL, 302},
    {"a source without rewind", {{KEPT, PEER_STAYS}},
        {.method = "PUT", .source = &once}, FERRY_ERR_REWIND, 307},
    {"a source that refuses", {{KEPT, PEER_STAYS}}, {.method = "PUT", .source = &stuck},
        FERRY_ERR_REWIND, 0},
    {"statuses", {{BUSY, PEER_STAYS}, {BUSY, PEER_STAYS}},
        {.retry = {.total = 1, .statuses = sick}}, FERRY_ERR_RETRIES, 503},
    {"statuses, not raised", {{BUSY, PEER_STAYS}, {BUSY, PEER_STAYS}},
        {.retry = {.total = 1, .statuses = sick, .raise_on_status = FERRY_OFF}},
        FERRY_OK, 503},
    {"lost", {{"", PEER_CLOSES}, {"", PEER_RESETS}}, {.retry = {.total = 1}},
        FERRY_ERR_CLOSED, 0},
    {"nonsense", {{"nonsense\r\n\r\n", PEER_STAYS}, {"more\r\n\r\n", PEER_STAYS}},
        {.retry = {.total = 1}}, FERRY_ERR_PROTOCOL, 0},
    {"nonsense behind a redirect", {{MOVED, PEER_STAYS}, {"more\r\n\r\n", PEER_STAYS}},
        {.size = 0}, FERRY_ERR_PROTOCOL, 0},
    {"a bad body",
        {{BUSY, PEER_STAYS},
            {"HTTP/1.1 200 O\r\nTransfer-Encoding: chunked\r\n\r\nx", PEER_STAYS}},
        {.retry = {.total = 1, .statuses = sick}}, FERRY_ERR_PROTOCOL, 0},
    {"too long a body behind a redirect", {{MOVED, PEER_STAYS}, {OK, PEER_STAYS}},
        {.limits = {.body = 4}}, FERRY_ERR_LIMIT, 0},
};

static void expect_ending(const ending *g, bool is_begun)
{
    ferry_opts opts = g->opts;
    opts.size = sizeof opts;
    has_ended = false;
    int at = (int)p.next;
    for (int i = 0; i < 3; i++)
        answers[at + i] = g->answers[i].bytes ? g->answers[i]
                                              : (peer_answer){OK, PEER_STAYS};
    const char *method = opts.method ? opts.method : "GET";
    if (!is_begun)
        opts.method = NULL;
    ferry_err e = is_begun ? ferry_begin_with(s, URL, &r, &opts)
                           : ferry_send(s, method, URL, &r, &opts);
    if (is_begun && !e)
        e = step_through();
    bool is_shown = g->status || !is_begun; /* as far as it came */
    if (e != g->e || (is_shown && (r ? r->status : 0) != g->status))
        fail_msg("%s: %s, %d", g->what, ferry_err_name(e), r ? r->status : 0);
}

static void a_session_stays_usable_however_a_call_ends(void **state)
{
    (void)state;
    expect_ok(ferry_update(s, .retry_budget = FERRY_UNLIMITED));
    for (size_t i = 0; i < 2 * COUNT(endings); i++) {
        expect_ending(&endings[i / 2], i % 2);
        int live = p.live;
        answers[p.next] = answers[p.next + 1] = (peer_answer){OK, PEER_STAYS};
        expect_ok(ferry_get(s, URL, &r));
        assert_string_equal(r->body.ptr, "hello");
        assert_int_equal(r->n_history, 0);
        if (p.live > 1 || live > 1)
            fail_msg("%s: %d connections are open", endings[i / 2].what, p.live);
        ferry_close_idle(s);
    }
}

static void a_connection_that_is_refused_leaves_none(void **state)
{
    (void)state;
    p.dial_fails = true;
    assert_int_equal(
        ferry_post(s, URL, &r, .text = "x", .retry = {.total = 4}), FERRY_ERR_CONNECT);
    assert_int_equal(p.dialled, 5);
    assert_int_equal(p.live, 0);
    p.dial_fails = false;
    expect_ok(ferry_get(s, URL, &r));
}

/* Whatever is under way when the session goes, goes with it. */
static void a_session_may_go_while_its_calls_wait(void **state)
{
    ferry_wait w;
    (void)state;
    answers[0].bytes = MOVED;
    answers[1].bytes = answers[2].bytes = BUSY;
    expect_ok(
        ferry_begin(s, URL, &r, .headers = FERRY_PAIRS({"Authorization", "s3cret"}),
            .retry = {.backoff_ms = 1000, .statuses = FERRY_CODES(503)}));
    assert_int_equal(ferry_step(r, &w), FERRY_AGAIN);
    ferry_session_free(s);
    s = NULL;
    assert_int_equal(r->n_history, 3);
    assert_string_equal(r->history[0].url, URL);
}

static void secrets_are_wiped_behind_a_chain(void **state)
{
    (void)state;
    answers[0].bytes = BUSY;
    answers[1].bytes = KEPT;
    answers[2].bytes = AWAY;
    expect_ok(ferry_begin(s, URL, &r,
        .headers = FERRY_PAIRS({"Authorization", "s3cret"}, {"X-Given", "s3cret"}),
        .retry = {.statuses = FERRY_CODES(503)}));
    expect_ok(step_through());
    assert_int_equal(sent("Authorization"), 3);
    ferry_response_free(r);
    r = NULL;
    ferry_session_free(s);
    s = NULL;
    assert_false(m.memory.has_leaked);
}

int main(void)
{
#define CHAIN_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, stage_clear)
    const struct CMUnitTest tests[] = {
        CHAIN_TEST(a_begun_call_needs_none_of_its_callers_words_to_be_tried_again),
        CHAIN_TEST(nor_to_follow_redirects),
        CHAIN_TEST(nor_to_keep_a_post),
        CHAIN_TEST(a_call_with_nothing_but_a_known_method_keeps_that),
        CHAIN_TEST(nothing_of_a_kept_wish_is_its_callers),
        CHAIN_TEST(words_may_lie_in_the_response_that_is_replaced),
        CHAIN_TEST(so_may_those_of_a_begun_call_but_for_bodies),
        CHAIN_TEST(the_old_response_holds_no_connection_that_the_call_may_need),
        CHAIN_TEST(the_history_tells_of_each_request_the_oldest_first),
        CHAIN_TEST(a_failure_is_in_the_history_with_its_error),
        CHAIN_TEST(the_history_ends_at_a_thousand_and_the_call_goes_on),
        CHAIN_TEST(a_new_call_has_no_history),
        CHAIN_TEST(a_copy_has_no_history),
        CHAIN_TEST(what_a_mount_calls_sensitive_stays_where_it_was_given),
        CHAIN_TEST(a_key_is_one_per_call_and_kept_over_its_tries),
        CHAIN_TEST(without_chance_there_is_no_key_and_no_request),
        CHAIN_TEST(a_stepped_wait_says_why_and_how_long_and_never_blocks),
        CHAIN_TEST(freeing_it_ends_a_wait),
        CHAIN_TEST(so_does_an_interrupt_for_a_stepped_call),
        CHAIN_TEST(and_for_a_blocking_one_within_a_quarter_of_a_second),
        CHAIN_TEST(a_blocking_call_waits_as_long_as_the_policy_says),
        CHAIN_TEST(chance_decides_how_much_of_the_jitter_is_waited),
        CHAIN_TEST(waits_begin_anew_after_a_redirect),
        CHAIN_TEST(the_whole_time_is_that_of_all_tries),
        CHAIN_TEST(a_wait_beyond_the_whole_time_gives_the_last_response_at_once),
        CHAIN_TEST(times_are_those_of_the_last_request_since_the_call_began),
        CHAIN_TEST(times_of_one_request_are_in_their_order),
        CHAIN_TEST(an_outage_is_not_multiplied),
        CHAIN_TEST(ten_successes_give_one_retry_back),
        CHAIN_TEST(a_budget_may_be_none_or_endless),
        CHAIN_TEST(what_policy_has_ended_is_not_tried_again),
        CHAIN_TEST(a_session_stays_usable_however_a_call_ends),
        CHAIN_TEST(a_connection_that_is_refused_leaves_none),
        CHAIN_TEST(a_session_may_go_while_its_calls_wait),
        CHAIN_TEST(secrets_are_wiped_behind_a_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
