/* test_uploads.c - bodies that are pulled, through a whole session: what they cost when
 * warm, what a source may do, and what is left of their secrets.
 * SPDX-License-Identifier: MIT */
#include "ferry.h"
#include "lib/machine.h"
#include "lib/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define URL         "http://a.test/"

static machine m;
static peer p;
static ferry_session *s;
static ferry_response *r;
static peer_answer answers[20];

static int set_up(void **state)
{
    (void)state;
    machine_init(&m);
    memset(&p, 0, sizeof p);
    for (size_t i = 0; i < COUNT(answers); i++)
        answers[i] = (peer_answer){
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", PEER_STAYS};
    p.answers = answers;
    p.n_answers = COUNT(answers);
    ferry_dialer d = peer_dialer(&p);
    s = ferry_session_new(.platform = &m.memory.platform, .transport = &d);
    r = NULL;
    return s ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ferry_response_free(r);
    ferry_session_free(s);
    return memory_is_clean(&m.memory) ? 0 : -1;
}

static void expect_ok(ferry_err e)
{
    if (e)
        fail_msg("%s", ferry_explain(s));
}

typedef struct once {
    const char *left;
    ferry_session *other; /* asked from inside; or NULL */
    ferry_err inside;
} once;

static ptrdiff_t once_read(void *ctx, void *to, size_t n)
{
    once *o = ctx;
    size_t len = strlen(o->left);
    n = n < len ? n : len;
    memcpy(to, o->left, n);
    o->left += n;
    if (o->other)
        o->inside = ferry_get(o->other, URL, NULL);
    return (ptrdiff_t)n;
}

static int allocations(const ferry_opts *opts)
{
    int before = m.memory.calls;
    assert_int_equal(ferry_send(s, "PUT", URL, &r, opts), FERRY_OK);
    return m.memory.calls - before;
}

static void a_warm_upload_takes_no_memory(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++) {
        once o = {.left = "hello"};
        ferry_source source = {&o, once_read, NULL, i % 2 ? 5 : 0};
        int n = allocations(FERRY_OPTS(.source = &source));
        assert_true(i < 3 || n == 0);
    }
    for (int i = 0; i < 3; i++)
        assert_int_equal(allocations(FERRY_OPTS(.file = "tests/wire/files/hello")), 0);
}

static void a_source_may_ask_another_session_but_not_its_own(void **state)
{
    ferry_dialer d = peer_dialer(&p);
    ferry_session *another = ferry_session_new(.platform = &m.memory.platform,
        .transport = &d);
    ferry_session *const asked[] = {s, another};
    const ferry_err expected[] = {FERRY_ERR_USAGE, FERRY_OK};
    (void)state;
    for (size_t i = 0; i < COUNT(asked); i++) {
        once o = {.left = "hello", .other = asked[i]};
        ferry_source source = {&o, once_read, NULL, 5};
        assert_int_equal(ferry_put(s, URL, &r, .source = &source), FERRY_OK);
        assert_int_equal(o.inside, expected[i]);
    }
    ferry_session_free(another);
}

static ptrdiff_t interrupt_and_give(void *ctx, void *to, size_t n)
{
    (void)n;
    ++*(int *)ctx;
    ferry_interrupt(s);
    *(char *)to = 'x';
    return 1;
}

/* What it gave may be out; nothing more is. */
static void a_source_that_interrupts_is_not_asked_again(void **state)
{
    int asked = 0;
    ferry_source source = {&asked, interrupt_and_give, NULL, 1000};
    (void)state;
    assert_int_equal(ferry_put(s, URL, &r, .source = &source), FERRY_ERR_ABORTED);
    assert_string_equal(ferry_explain(s), "a.test: ended by the caller: interrupted");
    assert_int_equal(asked, 1);
    assert_null(r);
    expect_ok(ferry_get(s, URL, &r));
}

static void fields_of_forms_are_wiped(void **state)
{
    m.memory.secret = "hunter2hunter2"; /* to the end of the session */
    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(
            ferry_post(s, URL, &r, .form = FERRY_PAIRS({"pw", "hunter2hunter2"}),
                .multipart = i % 2 ? FERRY_PARTS({.name = "a", .text = "b"}) : NULL,
                .limits = {.buffer = i < 2 ? 256 : 16384}),
            FERRY_OK);
}

/* --- a peer that takes all there is, and answered long ago ------------------------- */

typedef struct greedy {
    ferry_transport base;
    size_t taken;
    const char *answer; /* what it has not said yet */
} greedy;

static int greedy_open(ferry_transport *t)
{
    (void)t;
    return 1;
}

static ptrdiff_t greedy_read(ferry_transport *t, void *to, size_t n, int64_t wait_ms)
{
    greedy *g = (greedy *)(void *)t;
    size_t len = strlen(g->answer);
    (void)wait_ms;
    n = n < len ? n : len;
    memcpy(to, g->answer, n);
    g->answer += n;
    return n ? (ptrdiff_t)n : FERRY_WANT_READ;
}

static ptrdiff_t greedy_write(
    ferry_transport *t, const void *from, size_t n, int64_t wait_ms)
{
    (void)from, (void)wait_ms;
    ((greedy *)(void *)t)->taken += n;
    return (ptrdiff_t)n;
}

static void greedy_want(ferry_transport *t, ferry_wait *w)
{
    (void)t, (void)w;
}

static void greedy_close(ferry_transport *t)
{
    (void)t;
}

static int greedy_dial(void *ctx, const char *host, uint16_t port,
    const ferry_addr *addr, ferry_transport **out, ferry_fault *fault)
{
    (void)host, (void)port, (void)addr, (void)fault;
    *out = &((greedy *)ctx)->base;
    return 0;
}

static ptrdiff_t endless_read(void *ctx, void *to, size_t n)
{
    (void)ctx;
    memset(to, 'x', n);
    return (ptrdiff_t)n;
}

/* Once a megabyte is out the answer is looked for, however much more the peer takes. */
static void an_endless_upload_ends_at_its_refusal(void **state)
{
    static const ferry_transport_calls calls = {
        greedy_open, greedy_read, greedy_write, greedy_want, greedy_close};
    greedy g = {
        {.calls = &calls}, 0, "HTTP/1.1 413 Too Much\r\nContent-Length: 2\r\n\r\nno"};
    const ferry_dialer dialer = {&g, greedy_dial};
    const ferry_source source = {NULL, endless_read, NULL, (int64_t)64 << 20};
    (void)state;
    expect_ok(ferry_mount(s, "http://b.test", .transport = &dialer));
    expect_ok(ferry_put(s, "http://b.test/", &r, .source = &source,
        .expect = {.above = FERRY_UNLIMITED}));
    assert_int_equal(r->status, 413);
    assert_in_range(g.taken, 1 << 20, 3 << 20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_warm_upload_takes_no_memory),
        TEST(a_source_may_ask_another_session_but_not_its_own),
        TEST(a_source_that_interrupts_is_not_asked_again),
        TEST(fields_of_forms_are_wiped),
        TEST(an_endless_upload_ends_at_its_refusal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
