/* test_callbacks.c - calls from inside a callback: refused on the same session, fine on
 * another, wherever the callback comes from.
 * SPDX-License-Identifier: MIT */
#include "ferry.h"
#include "lib/machine.h"
#include "lib/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define OK          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define CLOSING     "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"
#define URL         "http://a.test/"

static machine m;
static peer p;
static ferry_session *s;
static ferry_response *held, *streamed; /* of that session, from before */
static peer_answer answers[100];

/* The platform's dial is given the machine; the peer has to be found beside it. */
static int dial(void *ctx, const char *host, uint16_t port, const ferry_addr *addr,
    ferry_transport **out, ferry_fault *fault)
{
    ferry_dialer d = peer_dialer(&p);
    (void)ctx;
    return d.dial(d.ctx, host, port, addr, out, fault);
}

static int set_up(void **state)
{
    (void)state;
    machine_init(&m);
    machine_knows(&m, "a.test");
    machine_add_address(&m, FERRY_IPV4, 1);
    m.memory.platform.dial = dial;
    memset(&p, 0, sizeof p);
    for (size_t i = 0; i < COUNT(answers); i++)
        answers[i] = (peer_answer){OK, PEER_STAYS};
    p.answers = answers;
    p.n_answers = COUNT(answers);
    p.is_coy = true; /* so that there is waiting */
    s = ferry_session_new(.platform = &m.memory.platform);
    held = streamed = NULL;
    return s && !ferry_get(s, URL, &held) &&
                   !ferry_get(s, URL, &streamed, .stream = FERRY_ON)
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ferry_response_free(held);
    ferry_response_free(streamed);
    ferry_session_free(s);
    assert_int_equal(p.live, 0);
    return memory_is_clean(&m.memory) ? 0 : -1;
}

/* --- a callback that calls back -------------------------------------------------- */

static struct {
    const char *call; /* from inside of this one */
    int seen, wrong;
    const char *what; /* the first thing that was not refused */
    bool is_inside;
} probe;

static void expect_refused(bool is_refused, const char *what)
{
    if (is_refused)
        return;
    probe.wrong++;
    if (!probe.what)
        probe.what = what;
}

/* Nothing here may change anything, or end in an assertion: ferry is below us. */
static void call_everything(void)
{
    ferry_response *r = NULL;
    ferry_transport *t = NULL;
    ferry_wait w;
    ferry_str chunk;
    expect_refused(ferry_get(s, URL, &r) == FERRY_ERR_USAGE, "ferry_get");
    expect_refused(!strcmp(ferry_explain(s), "wrong use of the library: called from "
                                             "inside a callback of the same session"),
        "ferry_explain");
    expect_refused(ferry_begin(s, URL, &r) == FERRY_ERR_USAGE, "ferry_begin");
    expect_refused(!r, "out");
    expect_refused(
        ferry_update(s, .stream = FERRY_OFF) == FERRY_ERR_USAGE, "ferry_update");
    expect_refused(ferry_mount(s, "http://", .stream = FERRY_OFF) == FERRY_ERR_USAGE,
        "ferry_mount");
    expect_refused(ferry_step(held, &w) == FERRY_ERR_USAGE, "ferry_step");
    expect_refused(ferry_waiting(held, &w) == FERRY_ERR_USAGE, "ferry_waiting");
    expect_refused(ferry_next(streamed, &chunk) == FERRY_ERR_USAGE, "ferry_next");
    expect_refused(ferry_take(held, &t) == FERRY_ERR_USAGE, "ferry_take");
    expect_refused(!ferry_detach(held), "ferry_detach");
    ferry_close_idle(s);
    ferry_response_free(held);
    ferry_session_free(s);
}

static void call_back(void *user, const char *call)
{
    (void)user;
    if (probe.is_inside || strcmp(call, probe.call))
        return;
    probe.is_inside = true;
    probe.seen++;
    call_everything();
    probe.is_inside = false;
}

static void listen_for(const char *call)
{
    memset(&probe, 0, sizeof probe);
    probe.call = call;
    m.on_call = p.on_call = call_back;
}

static void expect_all_refused(const char *during)
{
    m.on_call = p.on_call = NULL;
    if (probe.wrong)
        fail_msg("%s inside %s during %s was not refused (%d times)", probe.what,
            probe.call, during, probe.wrong);
}

/* --- refused --------------------------------------------------------------------- */

static void inside_a_request_all_calls_are_refused(void **state)
{
    static const char *const calls[] = {"resolve", "dial", "open", "write", "read",
        "want", "wait", "now_ms", "resize", "close"};
    (void)state;
    for (size_t i = 0; i < COUNT(calls); i++) {
        ferry_close_idle(s);
        m.now_ms += 100000; /* names are forgotten */
        answers[p.next].bytes = CLOSING;
        p.open_waits = 1;
        listen_for(calls[i]);
        ferry_err e = ferry_post(s, URL, NULL, .params = FERRY_PAIRS({"p", "1"}),
            .headers = FERRY_PAIRS({"A", "1"}), .form = FERRY_PAIRS({"f", "1"}));
        expect_all_refused("ferry_post");
        assert_int_equal(e, FERRY_OK);
        if (probe.seen == 0)
            fail_msg("%s is not called", calls[i]);
    }
}

static void inside_a_step_all_calls_are_refused(void **state)
{
    static const char *const calls[] = {
        "resolve", "dial", "open", "write", "read", "want", "now_ms", "resize"};
    (void)state;
    for (size_t i = 0; i < COUNT(calls); i++) {
        ferry_response *r = NULL;
        ferry_close_idle(s);
        m.now_ms += 100000;
        p.open_waits = 1;
        listen_for(calls[i]);
        ferry_err e = ferry_begin(s, URL, &r, .params = FERRY_PAIRS({"p", "1"}));
        for (ferry_wait w; !e && (e = ferry_step(r, &w)) == FERRY_AGAIN;)
            e = FERRY_OK;
        expect_all_refused("ferry_begin and ferry_step");
        ferry_response_free(r);
    }
}

static void inside_the_other_calls_all_calls_are_refused(void **state)
{
    ferry_response *r = NULL;
    (void)state;
    assert_int_equal(ferry_get(s, URL, &r), FERRY_OK);
    listen_for("resize");
    ferry_update(s, .headers = FERRY_PAIRS({"A", "1"}));
    expect_all_refused("ferry_update");
    listen_for("resize");
    ferry_mount(s, "http://m.test", .headers = FERRY_PAIRS({"A", "1"}));
    expect_all_refused("ferry_mount");
    listen_for("resize");
    ferry_response *copy = ferry_detach(r);
    expect_all_refused("ferry_detach");
    ferry_response_free(copy);
    listen_for("close");
    ferry_close_idle(s);
    expect_all_refused("ferry_close_idle");
    listen_for("now_ms");
    ferry_str chunk;
    assert_int_equal(ferry_next(r, &chunk), FERRY_OK);
    expect_all_refused("ferry_next");
    ferry_response_free(r);
}

static void inside_a_free_all_calls_are_refused(void **state)
{
    static const char *const calls[] = {"close", "resize"};
    (void)state;
    for (size_t i = 0; i < COUNT(calls); i++) {
        ferry_response *r = NULL;
        assert_int_equal(ferry_get(s, URL, &r, .stream = FERRY_ON), FERRY_OK);
        listen_for(calls[i]);
        ferry_response_free(r);
        expect_all_refused("ferry_response_free");
    }
}

static void inside_the_end_of_a_session_all_calls_are_refused(void **state)
{
    static const char *const calls[] = {"close", "resize"};
    (void)state;
    for (size_t i = 0; i < COUNT(calls); i++) {
        if (!s)
            assert_int_equal(set_up(state), 0);
        listen_for(calls[i]);
        ferry_session_free(s);
        expect_all_refused("ferry_session_free");
        ferry_response_free(held);
        ferry_response_free(streamed);
        s = NULL;
        held = streamed = NULL;
    }
}

/* --- fine ------------------------------------------------------------------------ */

static machine other_m;
static peer other_p;
static ferry_session *other;
static int nested;

static void use_the_other(void *user, const char *call)
{
    ferry_auto_response r = NULL;
    (void)user;
    if (strcmp(call, "read") && strcmp(call, "wait"))
        return;
    nested++;
    expect_refused(!ferry_get(other, URL, &r), "another session's ferry_get");
    expect_refused(r && !strcmp(r->body.ptr, "hello"), "another session's body");
}

static void another_session_may_be_used_inside_a_callback(void **state)
{
    ferry_response *r = NULL;
    ferry_dialer d = peer_dialer(&other_p);
    (void)state;
    machine_init(&other_m);
    other_p.answers = answers;
    other_p.n_answers = COUNT(answers);
    other = ferry_session_new(.platform = &other_m.memory.platform, .transport = &d);
    memset(&probe, 0, sizeof probe);
    nested = 0;
    m.on_call = p.on_call = use_the_other;
    assert_int_equal(ferry_get(s, URL, &r), FERRY_OK);
    m.on_call = p.on_call = NULL;
    assert_string_equal(r->body.ptr, "hello");
    assert_true(nested > 1);
    assert_int_equal(probe.wrong, 0);
    ferry_response_free(r);
    ferry_session_free(other);
    assert_true(memory_is_clean(&other_m.memory));
}

static void look_and_interrupt(void *user, const char *call)
{
    (void)user;
    if (strcmp(call, "read"))
        return;
    nested++;
    expect_refused(!strcmp(ferry_header(held, "content-length"), "5"), "ferry_header");
    expect_refused(ferry_ok(held), "ferry_ok");
    expect_refused(ferry_explain(s) != NULL, "ferry_explain");
    ferry_interrupt(s);
}

static void looking_at_responses_and_interrupting_are_fine(void **state)
{
    ferry_response *r = NULL;
    (void)state;
    memset(&probe, 0, sizeof probe);
    nested = 0;
    p.on_call = look_and_interrupt;
    assert_int_equal(ferry_get(s, URL, &r), FERRY_ERR_ABORTED);
    p.on_call = NULL;
    assert_true(nested > 0);
    assert_int_equal(probe.wrong, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(inside_a_request_all_calls_are_refused),
        TEST(inside_a_step_all_calls_are_refused),
        TEST(inside_the_other_calls_all_calls_are_refused),
        TEST(inside_a_free_all_calls_are_refused),
        TEST(inside_the_end_of_a_session_all_calls_are_refused),
        TEST(another_session_may_be_used_inside_a_callback),
        TEST(looking_at_responses_and_interrupting_are_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
