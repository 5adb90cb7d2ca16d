/* test_live_nginx.c - the library against nginx: keep-alive, a gigabyte, chunks,
 * ranges, HEAD, slowness, idle connections that end, uploads, statuses.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "ferry.h"
#include "lib/servers.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static server nginx;
/* "0\n1\n...": a body whose every part is different. */
static char *numbers;
static size_t numbers_len;

enum { GIGABYTE = 1 << 30 };

static const char *at(const char *path)
{
    static char url[256];
    snprintf(url, sizeof url, "%s%s", nginx.url, path);
    return url;
}

static const char *at_hasty(const char *path)
{
    static char url[256];
    snprintf(url, sizeof url, "%s%s", nginx.hasty, path);
    return url;
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void pause_ms(int ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000L}, NULL);
}

static void expect_ok(ferry_err e, const ferry_session *s)
{
    if (e)
        fail_msg("%s: %s", ferry_err_name(e), ferry_explain(s));
}

static void expect_error(ferry_err e, ferry_err want)
{
    if (e != want)
        fail_msg("%s instead of %s", ferry_err_name(e), ferry_err_name(want));
}

static void expect_body(const ferry_response *r, const char *want)
{
    assert_string_equal(r->body.ptr, want);
    assert_int_equal(r->body.len, strlen(want));
}

/* --- connections ----------------------------------------------------------------- */

static void a_connection_serves_one_request_after_the_other(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    char first[32] = "";
    for (int i = 1; i <= 5; i++) {
        int connection, nth;
        char here[32];
        expect_ok(ferry_get(s, at("/connection"), &r), s);
        assert_int_equal(sscanf(r->body.ptr, "%d %d", &connection, &nth), 2);
        snprintf(here, sizeof here, "%d", connection);
        if (i == 1)
            memcpy(first, here, sizeof first);
        assert_string_equal(here, first);
        assert_int_equal(nth, i);
        assert_int_equal(r->reused, i > 1);
    }
}

static void a_connection_that_the_server_closes_is_not_used_again(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    for (int i = 0; i < 3; i++) {
        expect_ok(ferry_get(s, at("/close/small.txt"), &r), s);
        assert_string_equal(ferry_header(r, "connection"), "close");
        expect_body(r, "hello\n");
        assert_false(r->reused);
    }
}

static void without_a_pool_each_request_connects(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new(.pool = {.idle = FERRY_NONE});
    ferry_auto_response r = NULL;
    for (int i = 0; i < 3; i++) {
        expect_ok(ferry_get(s, at("/small.txt"), &r), s);
        assert_false(r->reused);
    }
}

static void an_idle_connection_that_the_server_closed_is_replaced(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    expect_ok(ferry_get(s, at_hasty("/small.txt"), &r), s);
    expect_ok(ferry_get(s, at_hasty("/small.txt"), &r), s);
    assert_true(r->reused);
    pause_ms(1600);
    expect_ok(ferry_get(s, at_hasty("/small.txt"), &r), s);
    expect_body(r, "hello\n");
    assert_false(r->reused);
}

/* RFC 9110 9.2.2: a POST must not be sent twice, so its connection is looked at first.
 */
static void a_post_finds_a_live_connection_too(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    expect_ok(ferry_get(s, at_hasty("/small.txt"), &r), s);
    pause_ms(1600);
    expect_ok(ferry_post(s, at_hasty("/small.txt"), &r, .text = "once"), s);
    assert_int_equal(r->status, 405);
    assert_false(r->reused);
}

static void every_address_of_a_name_is_tried(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    char url[64];
    snprintf(url, sizeof url, "http://localhost%s/small.txt", strrchr(nginx.url, ':'));
    expect_ok(ferry_get(s, url, &r), s);
    expect_body(r, "hello\n");
}

static void where_nobody_listens_the_error_says_so(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    char url[64], peer[32];
    snprintf(peer, sizeof peer, "127.0.0.1:%u", server_free_port());
    snprintf(url, sizeof url, "http://user:secret@%s/", peer);
    expect_error(ferry_get(s, url, &r), FERRY_ERR_CONNECT);
    assert_null(r);
    assert_non_null(strstr(ferry_explain(s), peer));
    assert_null(strstr(ferry_explain(s), "secret"));
}

/* --- large ----------------------------------------------------------------------- */

typedef struct memory {
    size_t now, most;
} memory;

static void *memory_resize(void *ctx, void *p, size_t old_size, size_t new_size)
{
    memory *m = ctx;
    void *moved = NULL;
    if (new_size == 0)
        free(p);
    else if (!(moved = realloc(p, new_size)))
        return NULL;
    m->now = m->now - old_size + new_size;
    if (m->now > m->most)
        m->most = m->now;
    return moved;
}

/* What a stream gives, compared with `want` if that is there, else with zeros. */
static uint64_t drain(ferry_session *s, ferry_response *r, const char *want)
{
    static const char zeros[1 << 20];
    ferry_str chunk = {"", 0};
    uint64_t n = 0;
    ferry_err e;
    while (!(e = ferry_next(r, &chunk)) && chunk.len) {
        assert_true(chunk.len <= sizeof zeros);
        assert_memory_equal(chunk.ptr, want ? want + n : zeros, chunk.len);
        n += chunk.len;
    }
    expect_ok(e, s);
    return n;
}

static void a_gigabyte_streams_through_less_than_a_megabyte(void **state)
{
    (void)state;
    memory m = {0, 0};
    ferry_platform p = {.size = sizeof p, .ctx = &m, .resize = memory_resize};
    ferry_session *s = ferry_session_new(.platform = &p);
    ferry_response *r = NULL;
    expect_ok(ferry_get(s, at("/gigabyte"), &r, .stream = FERRY_ON), s);
    assert_string_equal(ferry_header(r, "Content-Length"), "1073741824");
    assert_int_equal(r->body.len, 0);
    assert_int_equal(drain(s, r, NULL), GIGABYTE);
    assert_true(m.most < 1 << 20);

    expect_ok(ferry_get(s, at("/small.txt"), &r), s);
    assert_true(r->reused);
    ferry_response_free(r);
    ferry_session_free(s);
    assert_int_equal(m.now, 0);
}

static void a_stream_may_be_left_in_the_middle(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    ferry_str chunk;
    expect_ok(ferry_get(s, at("/gigabyte"), &r, .stream = FERRY_ON), s);
    expect_ok(ferry_next(r, &chunk), s);
    assert_true(chunk.len > 0);
    expect_ok(ferry_get(s, at("/small.txt"), &r), s);
    expect_body(r, "hello\n");
    assert_false(r->reused);
}

static void a_body_over_the_limit_is_an_error_before_it_fills_memory(void **state)
{
    (void)state;
    memory m = {0, 0};
    ferry_platform p = {.size = sizeof p, .ctx = &m, .resize = memory_resize};
    ferry_session *s = ferry_session_new(.platform = &p);
    ferry_response *r = NULL;
    expect_error(ferry_get(s, at("/gigabyte"), &r), FERRY_ERR_LIMIT);
    assert_null(r);
    assert_true(m.most < 1 << 20);
    expect_error(ferry_get(s, at("/chunked/numbers.txt"), &r, .limits = {.body = 9999}),
        FERRY_ERR_LIMIT);
    ferry_session_free(s);
}

static void a_gathered_body_is_the_file(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    expect_ok(ferry_get(s, at("/numbers.txt"), &r), s);
    assert_int_equal(r->body.len, numbers_len);
    assert_memory_equal(r->body.ptr, numbers, numbers_len + 1);
}

static void discarding_a_body_keeps_the_connection(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    expect_ok(ferry_get(s, at("/numbers.txt"), NULL), s);
    expect_ok(ferry_get(s, at("/connection"), &r), s);
    assert_true(r->reused);
}

/* --- chunks ---------------------------------------------------------------------- */

static void chunks_are_joined_and_the_trailer_stands_apart(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    for (int i = 0; i < 2; i++) {
        expect_ok(ferry_get(s, at("/chunked/numbers.txt"), &r), s);
        assert_string_equal(ferry_header(r, "Transfer-Encoding"), "chunked");
        assert_int_equal(r->body.len, numbers_len);
        assert_memory_equal(r->body.ptr, numbers, numbers_len + 1);
        assert_string_equal(ferry_trailer(r, "x-trailer"), "of /chunked/numbers.txt");
        assert_null(ferry_header(r, "X-Trailer"));
        assert_int_equal(r->reused, i);
    }
}

static void chunks_stream_without_their_framing(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    expect_ok(ferry_get(s, at("/chunked/numbers.txt"), &r, .stream = FERRY_ON), s);
    assert_int_equal(drain(s, r, numbers), numbers_len);
    assert_string_equal(ferry_trailer(r, "X-Trailer"), "of /chunked/numbers.txt");
    expect_ok(ferry_get(s, at("/chunked/empty.txt"), &r), s);
    expect_body(r, "");
    assert_true(r->reused);
}

/* --- parts and heads ------------------------------------------------------------- */

static void a_range_is_206_and_those_bytes(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    expect_ok(ferry_get(s, at("/small.txt"), &r,
                  .headers = FERRY_PAIRS({"Range", "bytes=1-3"})),
        s);
    assert_int_equal(r->status, 206);
    assert_string_equal(ferry_header(r, "Content-Range"), "bytes 1-3/6");
    expect_body(r, "ell");
    expect_ok(ferry_get(s, at("/small.txt"), &r,
                  .headers = FERRY_PAIRS({"Range", "bytes=100-"})),
        s);
    assert_int_equal(r->status, 416);
}

static void head_tells_the_length_and_sends_no_body(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    expect_ok(ferry_head(s, at("/gigabyte"), &r), s);
    assert_string_equal(ferry_header(r, "Content-Length"), "1073741824");
    expect_body(r, "");
    expect_ok(ferry_head(s, at("/chunked/numbers.txt"), &r), s);
    expect_body(r, "");
    expect_ok(ferry_get(s, at("/small.txt"), &r), s);
    expect_body(r, "hello\n");
    assert_true(r->reused);
}

static void not_modified_and_no_content_have_no_body(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    char etag[64];
    expect_ok(ferry_get(s, at("/small.txt"), &r), s);
    snprintf(etag, sizeof etag, "%s", ferry_header(r, "ETag"));
    expect_ok(ferry_get(s, at("/small.txt"), &r,
                  .headers = FERRY_PAIRS({"If-None-Match", etag})),
        s);
    assert_int_equal(r->status, 304);
    expect_body(r, "");
    expect_ok(ferry_get(s, at("/nothing"), &r), s);
    assert_int_equal(r->status, 204);
    expect_body(r, "");
    assert_true(r->reused);
    expect_ok(ferry_get(s, at("/small.txt"), &r), s);
    assert_true(r->reused);
}

static void a_large_head_fits_or_is_an_error(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new(.limits = {.buffer = 256});
    ferry_auto_response r = NULL;
    expect_ok(ferry_get(s, at("/large-head"), &r), s);
    assert_int_equal(strlen(ferry_header(r, "X-Large")), 4096);
    expect_body(r, "below a large head\n");
    expect_error(
        ferry_get(s, at("/large-head"), &r, .limits = {.head = 2048}), FERRY_ERR_LIMIT);
    expect_ok(ferry_get(s, at("/small.txt"), &r, .limits = {.head = 2048}), s);
}

static void what_session_and_request_say_arrives(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new(.headers = FERRY_PAIRS(
                                                 {"User-Agent", "live/1"},
                                                 {"X-Test", "session"}),
        .params = FERRY_PAIRS({"a", "1"}));
    ferry_auto_response r = NULL;
    expect_ok(ferry_get(s, at("/echo-head"), &r), s);
    expect_body(r, "GET /echo-head?a=1 HTTP/1.1|live/1|session||\n");
    expect_ok(ferry_post(s, at("/echo-head"), &r,
                  .headers = FERRY_PAIRS({"x-test", "request"}, {"User-Agent", NULL}),
                  .form = FERRY_PAIRS({"k", "v"})),
        s);
    expect_body(r, "POST /echo-head?a=1 HTTP/1.1||request|3|"
                   "application/x-www-form-urlencoded\n");
}

/* --- statuses -------------------------------------------------------------------- */

static void a_status_is_a_success_until_it_is_checked(void **state)
{
    static const struct {
        const char *path;
        int status;
        ferry_err check;
    } rows[] = {
        {"/small.txt", 200, FERRY_OK},
        {"/moved", 301, FERRY_OK},
        {"/missing", 404, FERRY_ERR_STATUS},
        {"/teapot", 418, FERRY_ERR_STATUS},
    };
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        expect_ok(ferry_get(s, at(rows[i].path), &r, .follow = FERRY_OFF), s);
        assert_int_equal(r->status, rows[i].status);
        expect_error(ferry_check(r), rows[i].check);
        assert_int_equal(ferry_ok(r), rows[i].check == FERRY_OK);
    }
}

/* --- uploads --------------------------------------------------------------------- */

static void what_was_put_can_be_got(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    expect_ok(
        ferry_put(s, at("/uploads/a/b.txt"), &r, .body = {numbers, numbers_len}), s);
    assert_int_equal(r->status, 201);
    expect_ok(ferry_get(s, at("/uploads/a/b.txt"), &r), s);
    assert_int_equal(r->body.len, numbers_len);
    assert_memory_equal(r->body.ptr, numbers, numbers_len);
    expect_ok(ferry_delete(s, at("/uploads/a/b.txt"), &r), s);
    assert_int_equal(r->status, 204);
    expect_ok(ferry_get(s, at("/uploads/a/b.txt"), &r), s);
    assert_int_equal(r->status, 404);
    assert_true(r->reused);
}

/* RFC 9112 9.6: nginx answers 413 and closes while the body is still under way. */
static void an_answer_before_the_body_is_all_sent_arrives(void **state)
{
    (void)state;
    enum { SIZE = 32 << 20 };
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    char *large = calloc(1, SIZE);
    ferry_err e = ferry_put(s, at("/small-uploads"), &r, .body = {large, SIZE});
    free(large);
    expect_ok(e, s);
    assert_int_equal(r->status, 413);
    expect_ok(ferry_get(s, at("/small.txt"), &r), s);
    assert_false(r->reused);
}

/* --- time ------------------------------------------------------------------------ */

static void a_slow_body_is_waited_for(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new(.timeout = {.read_ms = 3000});
    ferry_auto_response r = NULL;
    int64_t start = now_ms();
    expect_ok(ferry_get(s, at("/slow/40k"), &r), s);
    assert_int_equal(r->body.len, 40000);
    assert_true(now_ms() - start >= 900);
}

static void the_total_time_out_ends_a_body_that_drips(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    int64_t start = now_ms();
    expect_error(
        ferry_get(s, at("/slow/numbers.txt"), &r, .timeout = {.total_ms = 700}),
        FERRY_ERR_TOTAL_TIMEOUT);
    assert_true(now_ms() - start >= 700);
    assert_true(now_ms() - start < 1500);
    assert_null(r);
    expect_ok(ferry_get(s, at("/small.txt"), &r), s);
}

/* Poll what all of them wait for, at most until the first one's time is up. */
static void poll_all(ferry_response **r, int n)
{
    struct pollfd on[FERRY_WAIT_HANDLES * 16];
    nfds_t handles = 0;
    int64_t timeout = 5000;
    for (int i = 0; i < n; i++) {
        ferry_wait w;
        if (!r[i] || ferry_waiting(r[i], &w))
            continue;
        for (int k = 0; k < w.n; k++)
            on[handles++] = (struct pollfd){.fd = (int)w.on[k].id,
                .events = (short)((w.on[k].events & FERRY_READABLE ? POLLIN : 0) |
                                  (w.on[k].events & FERRY_WRITABLE ? POLLOUT : 0))};
        if (w.timeout_ms >= 0 && w.timeout_ms < timeout)
            timeout = w.timeout_ms;
    }
    poll(on, handles, (int)timeout);
}

static void stepped_transfers_are_slow_together_not_one_by_one(void **state)
{
    (void)state;
    enum { COUNT = 12 };
    ferry_auto_session s = ferry_session_new();
    ferry_response *r[COUNT] = {NULL};
    int running = COUNT;
    int64_t start = now_ms();
    for (int i = 0; i < COUNT; i++)
        expect_ok(ferry_begin(s, at("/slow/40k"), &r[i]), s);
    while (running) {
        for (int i = 0; i < COUNT; i++) {
            ferry_err e = r[i] ? ferry_step(r[i], NULL) : FERRY_AGAIN;
            if (e == FERRY_AGAIN)
                continue;
            expect_ok(e, s);
            assert_int_equal(r[i]->body.len, 40000);
            ferry_response_free(r[i]);
            r[i] = NULL;
            running--;
        }
        if (running)
            poll_all(r, COUNT);
    }
    assert_true(now_ms() - start < 6000);
}

/* --- codings --------------------------------------------------------------------- */

static void what_was_packed_before_is_unpacked(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    expect_ok(ferry_get(s, at("/static/small.txt"), &r), s);
    assert_string_equal(ferry_header(r, "Content-Encoding"), "gzip");
    assert_string_equal(r->body.ptr, "hello world");
    expect_ok(ferry_get(s, at("/static/small.txt"), &r,
                  .headers = FERRY_PAIRS({"Accept-Encoding", NULL})),
        s);
    assert_null(ferry_header(r, "Content-Encoding"));
    assert_string_equal(r->body.ptr, "hello\n");
    expect_ok(ferry_head(s, at("/static/small.txt"), &r), s);
    assert_string_equal(ferry_header(r, "Content-Encoding"), "gzip");
    assert_int_equal(r->body.len, 0);
    assert_true(r->reused);
}

/* nginx does not know its length: chunked gzip. */
static void what_is_packed_on_the_way_is_unpacked(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    expect_ok(ferry_get(s, at("/packed/numbers.txt"), &r), s);
    assert_string_equal(ferry_header(r, "Transfer-Encoding"), "chunked");
    assert_int_equal(r->body.len, numbers_len);
    assert_memory_equal(r->body.ptr, numbers, numbers_len);
    size_t n = 0;
    ferry_str chunk;
    expect_ok(ferry_get(s, at("/packed/numbers.txt"), &r, .stream = FERRY_ON), s);
    do {
        expect_ok(ferry_next(r, &chunk), s);
        assert_memory_equal(chunk.ptr, numbers + n, chunk.len);
        n += chunk.len;
    } while (chunk.len);
    assert_int_equal(n, numbers_len);
    assert_true(r->reused);
}

/* --- the group ------------------------------------------------------------------- */

/* "hello world", so that it can be told from the file beside it. */
static const char small_gz[] =
    "\x1f\x8b\x08\0\0\0\0\0\x02\x03\xcbH\xcd\xc9\xc9W(\xcf/\xcaI\x01\0\x85\x11J"
    "\x0d\x0b\0\0\0";

static int set_up(void **state)
{
    (void)state;
    if (server_start_nginx(&nginx))
        return -1;
    numbers = malloc(700000);
    if (!numbers)
        return -1;
    for (int i = 0; i < 100000; i++)
        numbers_len += (size_t)sprintf(numbers + numbers_len, "%d\n", i);
    return server_put_file(&nginx, "www/numbers.txt", numbers, numbers_len) &&
                   server_put_file(&nginx, "www/small.txt", "hello\n", 6) &&
                   server_put_file(
                       &nginx, "www/small.txt.gz", small_gz, sizeof small_gz - 1) &&
                   server_put_file(&nginx, "www/empty.txt", "", 0) &&
                   server_put_file(&nginx, "www/40k", NULL, 40000) &&
                   server_put_file(&nginx, "www/gigabyte", NULL, GIGABYTE)
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    free(numbers);
    return server_stop(&nginx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_serves_one_request_after_the_other),
        cmocka_unit_test(a_connection_that_the_server_closes_is_not_used_again),
        cmocka_unit_test(without_a_pool_each_request_connects),
        cmocka_unit_test(an_idle_connection_that_the_server_closed_is_replaced),
        cmocka_unit_test(a_post_finds_a_live_connection_too),
        cmocka_unit_test(every_address_of_a_name_is_tried),
        cmocka_unit_test(where_nobody_listens_the_error_says_so),
        cmocka_unit_test(a_gigabyte_streams_through_less_than_a_megabyte),
        cmocka_unit_test(a_stream_may_be_left_in_the_middle),
        cmocka_unit_test(a_body_over_the_limit_is_an_error_before_it_fills_memory),
        cmocka_unit_test(a_gathered_body_is_the_file),
        cmocka_unit_test(discarding_a_body_keeps_the_connection),
        cmocka_unit_test(chunks_are_joined_and_the_trailer_stands_apart),
        cmocka_unit_test(chunks_stream_without_their_framing),
        cmocka_unit_test(a_range_is_206_and_those_bytes),
        cmocka_unit_test(head_tells_the_length_and_sends_no_body),
        cmocka_unit_test(not_modified_and_no_content_have_no_body),
        cmocka_unit_test(a_large_head_fits_or_is_an_error),
        cmocka_unit_test(what_session_and_request_say_arrives),
        cmocka_unit_test(a_status_is_a_success_until_it_is_checked),
        cmocka_unit_test(what_was_put_can_be_got),
        cmocka_unit_test(an_answer_before_the_body_is_all_sent_arrives),
        cmocka_unit_test(what_was_packed_before_is_unpacked),
        cmocka_unit_test(what_is_packed_on_the_way_is_unpacked),
        cmocka_unit_test(a_slow_body_is_waited_for),
        cmocka_unit_test(the_total_time_out_ends_a_body_that_drips),
        cmocka_unit_test(stepped_transfers_are_slow_together_not_one_by_one),
    };
    return cmocka_run_group_tests_name("nginx", tests, set_up, tear_down);
}
