/* test_examples.c - the header's promises in the words of its users: keyword calls,
 * objects that free themselves, streams, loops, firmware. Each of these is how somebody
 * would write it; that they compile is half of the test.
 * SPDX-License-Identifier: MIT */
#include "ferry.h"
#include "lib/memory.h"
#include "lib/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define HELLO       "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define URL         "http://device.test"

/* --- a board: its memory, clock, entropy and modem ------------------------------- */

enum { BOARD_MEMORY = 64 * 1024, SMALL_BOARD = 16 * 1024 };

static struct {
    memory memory; /* counts blocks */
    size_t limit, used;
    int64_t ms;
} board_state;

static peer modem;

/* A board has so much memory and no more. */
static void *arena_resize(void *ctx, void *p, size_t old_size, size_t new_size)
{
    (void)ctx;
    if (board_state.used - old_size + new_size > board_state.limit)
        return NULL;
    memory *m = &board_state.memory;
    void *block = m->platform.resize(m, p, old_size, new_size);
    if (block || !new_size)
        board_state.used += new_size - old_size;
    return block;
}

static int64_t tick_ms(void *ctx)
{
    (void)ctx;
    return board_state.ms++;
}

static int trng(void *ctx, void *p, size_t n)
{
    (void)ctx;
    memset(p, 4, n);
    return 0;
}

static int modem_dial(void *ctx, const char *host, uint16_t port,
    const ferry_addr *addr, ferry_transport **out, ferry_fault *fault)
{
    ferry_dialer d = peer_dialer(&modem);
    (void)ctx;
    return d.dial(d.ctx, host, port, addr, out, fault);
}

static int modem_wait(void *ctx, const ferry_wait *w)
{
    (void)ctx;
    board_state.ms += w->timeout_ms;
    return 0;
}

static const ferry_platform board = {.size = sizeof board,
    .resize = arena_resize,
    .now_ms = tick_ms,
    .random = trng,
    .dial = modem_dial,
    .wait = modem_wait};

static peer_answer answers[20];

static int set_up(void **state)
{
    (void)state;
    memset(&board_state, 0, sizeof board_state);
    memory_init(&board_state.memory);
    board_state.limit = BOARD_MEMORY;
    memset(&modem, 0, sizeof modem);
    for (size_t i = 0; i < COUNT(answers); i++)
        answers[i] = (peer_answer){HELLO, PEER_STAYS};
    modem.answers = answers;
    modem.n_answers = COUNT(answers);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return memory_is_clean(&board_state.memory) && !modem.live ? 0 : -1;
}

static bool was_sent(const char *text)
{
    return strstr(modem.sent, text) != NULL;
}

/* --- the examples ---------------------------------------------------------------- */

/* What main() would return. */
static int get_with_parameters(void)
{
    ferry_auto_session s = ferry_session_new(.platform = &board,
        .headers = FERRY_PAIRS(
            {"User-Agent", "probe/1.0"}, {"Accept", "application/json"}),
        .timeout = {.connect_ms = 3000, .read_ms = 10000, .total_ms = 30000});
    ferry_auto_response r = NULL; /* both freed on every return, r before s */

    if (ferry_get(s, URL "/get", &r, .params = FERRY_PAIRS({"q", "c library"})))
        return fprintf(stderr, "%s\n", ferry_explain(s)), 1;
    return r->status != 200 || strcmp(r->body.ptr, "hello");
}

static void a_get_with_parameters(void **state)
{
    (void)state;
    assert_int_equal(get_with_parameters(), 0);
    assert_true(was_sent("GET /get?q=c+library HTTP/1.1\r\nHost: device.test\r\n"
                         "User-Agent: probe/1.0\r\nAccept-Encoding: "));
    assert_true(was_sent("\r\nAccept: application/json\r\n"));
}

static void a_failure_returns_early_and_frees_all_the_same(void **state)
{
    (void)state;
    modem.dial_fails = true;
    assert_int_equal(get_with_parameters(), 1);
}

static void a_form_is_posted_and_the_old_response_freed_by_the_next_call(void **state)
{
    ferry_auto_session s = ferry_session_new(.platform = &board);
    ferry_auto_response r = NULL;
    const char *pw = "pa&ss";
    (void)state;

    ferry_post(
        s, URL "/login", NULL, .form = FERRY_PAIRS({"user", "ada"}, {"pass", pw}));
    ferry_get(s, URL "/me", &r);
    ferry_get(s, URL "/me", &r);

    assert_string_equal(r->body.ptr, "hello");
    assert_true(was_sent("\r\n\r\nuser=ada&pass=pa%26ssGET /me HTTP/1.1\r\n"));
    assert_true(r->reused);
}

static void options_change_for_all_for_some_and_for_one(void **state)
{
    ferry_auto_session s = ferry_session_new(.platform = &board);
    ferry_auto_response r = NULL;
    (void)state;

    assert_int_equal(ferry_update(s, .headers = FERRY_PAIRS({"Token", "t"})), FERRY_OK);
    assert_int_equal(ferry_mount(s, URL "/v2", .headers = FERRY_PAIRS({"Version", "2"}),
                         .timeout = {.read_ms = 100}),
        FERRY_OK);
    assert_int_equal(ferry_get(s, URL "/v2/x", &r,
                         .headers = FERRY_PAIRS({"Token", NULL}, {"One", "1"})),
        FERRY_OK);

    assert_true(was_sent("\r\nVersion: 2\r\nOne: 1\r\n"));
    assert_false(was_sent("Token"));
}

static void a_stream_ends_with_an_empty_piece(void **state)
{
    ferry_auto_session s = ferry_session_new(.platform = &board);
    ferry_auto_response r = NULL;
    ferry_str chunk;
    char f[10] = "";
    (void)state;
    modem.piece = 40;

    ferry_err e = ferry_get(s, URL, &r, .stream = FERRY_ON);
    while (!e && !(e = ferry_next(r, &chunk)) && chunk.len)
        strncat(f, chunk.ptr, chunk.len);

    assert_int_equal(e, FERRY_OK);
    assert_string_equal(f, "hello");
}

static void poll_on(const ferry_handle *on, int n, int64_t timeout_ms)
{
    assert_true(n == 1 && on[0].events && timeout_ms > 0);
}

static void the_same_machine_is_stepped_by_a_loop(void **state)
{
    ferry_auto_session s = ferry_session_new(.platform = &board);
    ferry_auto_response r = NULL;
    ferry_wait w;
    ferry_err e;
    (void)state;
    modem.is_coy = true;

    if (!(e = ferry_begin(s, URL, &r)))
        while ((e = ferry_step(r, &w)) == FERRY_AGAIN)
            poll_on(w.on, w.n, w.timeout_ms);

    assert_int_equal(e, FERRY_OK);
    assert_string_equal(r->body.ptr, "hello");
}

static void one_call_needs_no_session(void **state)
{
    ferry_auto_response r = NULL;
    (void)state;

    ferry_err e = ferry_once(URL, &r, .platform = &board);

    assert_int_equal(e, FERRY_OK);
    assert_true(ferry_ok(r));
}

static void a_404_is_a_success_until_it_is_checked(void **state)
{
    ferry_auto_session s = ferry_session_new(.platform = &board);
    ferry_auto_response r = NULL;
    (void)state;
    answers[0].bytes = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

    assert_int_equal(ferry_get(s, URL, &r), FERRY_OK);
    assert_false(ferry_ok(r));
    assert_int_equal(ferry_check(r), FERRY_ERR_STATUS);
    assert_string_equal(
        ferry_explain(s), "device.test: the status is an error: 404 Not Found");
}

static void firmware_lives_in_a_few_kilobytes(void **state)
{
    (void)state;
    board_state.limit = SMALL_BOARD;
    {
        ferry_auto_session s = ferry_session_new(.platform = &board,
            .limits = {.head = 2048, .fields = 24, .buffer = 2048});
        ferry_auto_response r = NULL;
        for (int i = 0; i < 10; i++) {
            assert_int_equal(ferry_get(s, URL, &r), FERRY_OK);
            assert_string_equal(r->body.ptr, "hello");
        }
    }
    assert_int_equal(board_state.used, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_get_with_parameters),
        TEST(a_failure_returns_early_and_frees_all_the_same),
        TEST(a_form_is_posted_and_the_old_response_freed_by_the_next_call),
        TEST(options_change_for_all_for_some_and_for_one),
        TEST(a_stream_ends_with_an_empty_piece),
        TEST(the_same_machine_is_stepped_by_a_loop),
        TEST(one_call_needs_no_session),
        TEST(a_404_is_a_success_until_it_is_checked),
        TEST(firmware_lives_in_a_few_kilobytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
