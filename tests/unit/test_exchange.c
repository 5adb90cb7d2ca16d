/* test_exchange.c - one request and its response over transports that are not as polite
 * as a peer's: they fail in every phase with all, some or no reason, and want to write
 * when asked to read, as TLS may.
 * SPDX-License-Identifier: MIT */
#include "ferry.h"
#include "lib/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define URL         "http://a.test/"

/* One answer of `read` or `write`, in their order: bytes, or another answer. */
typedef struct turn {
    const char *bytes;
    ptrdiff_t answer;
    ferry_fault fault;
    bool goes_on; /* there is a turn behind it; else it is given for ever */
} turn;

static struct {
    const turn *reads, *writes;
    int wanted; /* so often `want` was asked */
    int live;
} rude;

static ptrdiff_t take_turn(ferry_transport *t, const turn **turns)
{
    const turn *now = *turns;
    *turns += now->goes_on;
    t->fault = now->fault;
    return now->answer;
}

static int rude_open(ferry_transport *t)
{
    (void)t;
    return 1;
}

static ptrdiff_t rude_read(ferry_transport *t, void *p, size_t n, int64_t wait_ms)
{
    const char *bytes = rude.reads->bytes;
    (void)wait_ms;
    if (!bytes)
        return take_turn(t, &rude.reads);
    assert_true(strlen(bytes) <= n);
    memcpy(p, bytes, strlen(bytes));
    take_turn(t, &rude.reads);
    return (ptrdiff_t)strlen(bytes);
}

static ptrdiff_t rude_write(
    ferry_transport *t, const void *p, size_t n, int64_t wait_ms)
{
    (void)p, (void)wait_ms;
    return rude.writes ? take_turn(t, &rude.writes) : (ptrdiff_t)n;
}

static void rude_want(ferry_transport *t, ferry_wait *w)
{
    (void)t;
    rude.wanted++;
    w->on[w->n++] = (ferry_handle){7, FERRY_WRITABLE};
}

static void rude_close(ferry_transport *t)
{
    rude.live--;
    free(t);
}

static int rude_dial(void *ctx, const char *host, uint16_t port, const ferry_addr *addr,
    ferry_transport **out, ferry_fault *fault)
{
    static const ferry_transport_calls calls = {
        rude_open, rude_read, rude_write, rude_want, rude_close};
    (void)ctx, (void)host, (void)port, (void)addr, (void)fault;
    *out = calloc(1, sizeof **out);
    (*out)->calls = &calls;
    rude.live++;
    return 0;
}

static machine m;
static ferry_session *s;
static ferry_response *r;

static int set_up(void **state)
{
    static const ferry_dialer d = {NULL, rude_dial};
    (void)state;
    machine_init(&m);
    memset(&rude, 0, sizeof rude);
    s = ferry_session_new(.platform = &m.memory.platform, .transport = &d);
    r = NULL;
    return s ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ferry_response_free(r);
    ferry_session_free(s);
    assert_int_equal(rude.live, 0);
    return memory_is_clean(&m.memory) ? 0 : -1;
}

static void expect_error(
    const turn *reads, const turn *writes, ferry_err e, const char *line)
{
    rude.reads = reads;
    rude.writes = writes;
    ferry_err got = ferry_get(s, URL, &r);
    if (got != e)
        fail_msg("%s: %s", ferry_err_name(got), ferry_explain(s));
    assert_string_equal(ferry_explain(s), line);
    assert_int_equal(rude.live, 0);
}

#define HEAD "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"

/* --- failures -------------------------------------------------------------------- */

static const ferry_fault all = {FERRY_ERR_UNSUPPORTED, 7, "said why"},
                         code = {FERRY_ERR_UNSUPPORTED, 0, NULL},
                         os = {FERRY_OK, 7, NULL}, what = {FERRY_OK, 0, "said why"},
                         none = {FERRY_OK, 0, NULL};

static void a_failure_before_a_response_says_what_it_can(void **state)
{
    const struct {
        ferry_fault fault;
        ferry_err e;
        const char *line;
    } cases[] = {
        {all, FERRY_ERR_UNSUPPORTED,
            "a.test: not supported by this build: said why (os error 7)"},
        {what, FERRY_ERR_CLOSED,
            "a.test: the connection ended before a response: said why"},
        {os, FERRY_ERR_CLOSED,
            "a.test: the connection ended before a response (os error 7)"},
        {code, FERRY_ERR_UNSUPPORTED, "a.test: not supported by this build"},
        {none, FERRY_ERR_CLOSED,
            "a.test: the connection ended before a response: the transport failed"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        turn reads[] = {{NULL, FERRY_FAILED, cases[i].fault, false}};
        expect_error(reads, NULL, cases[i].e, cases[i].line);
    }
}

static void a_failure_inside_the_head_says_what_it_can(void **state)
{
    const struct {
        ferry_fault fault;
        ferry_err e;
        const char *line;
    } cases[] = {
        {all, FERRY_ERR_UNSUPPORTED,
            "a.test: not supported by this build: said why (os error 7)"},
        {os, FERRY_ERR_TRUNCATED,
            "a.test: the connection ended inside the response: inside the head "
            "(os error 7)"},
        {none, FERRY_ERR_TRUNCATED,
            "a.test: the connection ended inside the response: the transport failed"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        turn reads[] = {
            {"HTTP/1.1", 0, none, true}, {NULL, FERRY_FAILED, cases[i].fault, false}};
        expect_error(reads, NULL, cases[i].e, cases[i].line);
    }
}

/* Whatever the framing: a reset is no orderly end (RFC 9112 9.8). */
static void a_failure_inside_a_body_is_never_its_end(void **state)
{
    static const char *const heads[] = {HEAD "hel",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        "HTTP/1.1 200 OK\r\n\r\nhel"};
    const ferry_fault faults[] = {all, code, os, what, none};
    (void)state;
    for (size_t i = 0; i < COUNT(heads); i++)
        for (size_t j = 0; j < COUNT(faults); j++) {
            turn reads[] = {
                {heads[i], 0, none, true}, {NULL, FERRY_FAILED, faults[j], false}};
            rude.reads = reads;
            assert_int_equal(ferry_get(s, URL, &r),
                faults[j].code ? FERRY_ERR_UNSUPPORTED : FERRY_ERR_TRUNCATED);
        }
}

static void a_failure_while_sending_is_told_if_nothing_was_received(void **state)
{
    const turn broken = {NULL, FERRY_FAILED, all, false};
    const turn end = {NULL, 0, none, false};
    const turn silent = {NULL, FERRY_WANT_READ, none, false};
    const turn answer[] = {{HEAD "hello", 0, none, true}, {NULL, 0, none, false}};
    (void)state;
    expect_error(&end, &broken, FERRY_ERR_UNSUPPORTED,
        "a.test: not supported by this build: said why (os error 7)");
    expect_error(&silent, &broken, FERRY_ERR_READ_TIMEOUT,
        "a.test: the peer sent nothing for too long: no complete head yet");
    rude.reads = answer;
    rude.writes = &broken;
    assert_int_equal(ferry_get(s, URL, &r), FERRY_OK);
    assert_string_equal(r->body.ptr, "hello");
    assert_int_equal(rude.live, 0);
}

/* --- wants ----------------------------------------------------------------------- */

static void reading_may_want_to_write_first(void **state)
{
    const turn reads[] = {{NULL, FERRY_WANT_WRITE, none, true}, {HEAD, 0, none, true},
        {NULL, FERRY_WANT_WRITE, none, true}, {"hello", 0, none, true},
        {NULL, 0, none, false}};
    (void)state;
    rude.reads = reads;
    assert_int_equal(ferry_get(s, URL, &r), FERRY_OK);
    assert_string_equal(r->body.ptr, "hello");
    assert_int_equal(rude.wanted, 2);
}

static void writing_that_only_wants_is_a_time_out_of_writing(void **state)
{
    const turn silent = {NULL, FERRY_WANT_READ, none, false};
    (void)state;
    expect_error(&silent, &silent, FERRY_ERR_WRITE_TIMEOUT,
        "a.test: the peer took nothing for too long");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_failure_before_a_response_says_what_it_can),
        TEST(a_failure_inside_the_head_says_what_it_can),
        TEST(a_failure_inside_a_body_is_never_its_end),
        TEST(a_failure_while_sending_is_told_if_nothing_was_received),
        TEST(reading_may_want_to_write_first),
        TEST(writing_that_only_wants_is_a_time_out_of_writing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
