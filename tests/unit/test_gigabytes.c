/* test_gigabytes.c - bodies of five gigabytes, in and out, in less than a megabyte: their
 * lengths and offsets fit nowhere in 32 bits, on machines that have no more either. Only
 * the bytes that tell where they stand are really written.
 * SPDX-License-Identifier: MIT */
#define _FILE_OFFSET_BITS 64
#define _POSIX_C_SOURCE   200809L
#include "ferry.h"
#include "lib/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define URL         "http://a.test/"
#define LENGTH      ((int64_t)5 << 30)
#define LENGTH_TEXT "5368709120"
#define LENGTH_HEX  "140000000"

enum { MOST_HEAP = 1 << 20, APART = 1 << 16, STAMP = 8 };

/* --- bytes that tell where they stand --------------------------------------------- */

/* The first bytes of every 64 KiB are the offset; all others are whatever there was. */
static void put_stamps(char *p, int64_t from, size_t n)
{
    int64_t end = from + (int64_t)n;
    for (int64_t at = from - from % APART; at < end; at += APART)
        for (int i = 0; i < STAMP; i++)
            if (at + i >= from && at + i < end)
                p[at + i - from] = (char)(at >> 8 * i);
}

static bool has_stamps(const char *p, int64_t from, size_t n)
{
    int64_t end = from + (int64_t)n;
    for (int64_t at = from - from % APART; at < end; at += APART)
        for (int i = 0; i < STAMP; i++)
            if (at + i >= from && at + i < end &&
                p[at + i - from] != (char)(at >> 8 * i))
                return false;
    return true;
}

/* --- a peer ------------------------------------------------------------------------ */

typedef struct vast {
    const char *front, *back; /* what stands round the body that it sends */
    int64_t length;           /* of that */
    bool ends;                /* behind it, the connection */
    int64_t at;               /* of all of it */
    /* what it was sent */
    char head[2000];
    int64_t head_len, got; /* of the head, of its body */
} vast;

static vast peer;

static int vast_open(ferry_transport *t)
{
    (void)t;
    return 1;
}

/* Bytes of `from` that begin at `at` of it. */
static size_t vast_copy(void *p, size_t n, const char *from, int64_t at)
{
    size_t left = strlen(from + at);
    n = n < left ? n : left;
    memcpy(p, from + at, n);
    return n;
}

static ptrdiff_t vast_read(ferry_transport *t, void *p, size_t n, int64_t wait_ms)
{
    int64_t front = (int64_t)strlen(peer.front), at = peer.at - front;
    int64_t left = peer.length - at;
    (void)t, (void)wait_ms;
    if (!peer.head_len)
        return FERRY_WANT_READ;
    if (at < 0) {
        n = vast_copy(p, n, peer.front, peer.at);
    } else if (left > 0) {
        n = (int64_t)n < left ? n : (size_t)left;
        if (n < APART) /* it may be written somewhere */
            memset(p, 0, n);
        put_stamps(p, at, n);
    } else {
        n = vast_copy(p, n, peer.back, -left);
    }
    peer.at += (int64_t)n;
    return n ? (ptrdiff_t)n : peer.ends ? 0 : FERRY_WANT_READ;
}

/* A head comes whole, perhaps with a little of its body. */
static ptrdiff_t vast_write(
    ferry_transport *t, const void *p, size_t n, int64_t wait_ms)
{
    (void)t, (void)wait_ms;
    if (peer.head_len) {
        peer.got += (int64_t)n;
        return (ptrdiff_t)n;
    }
    assert_true(n < sizeof peer.head);
    memcpy(peer.head, p, n);
    peer.head[n] = '\0';
    peer.head_len = (int64_t)n;
    char *end = strstr(peer.head, "\r\n\r\n");
    assert_non_null(end);
    peer.got = peer.head + n - (end + 4);
    return (ptrdiff_t)n;
}

static void vast_want(ferry_transport *t, ferry_wait *w)
{
    (void)t, (void)w;
}

static void vast_close(ferry_transport *t)
{
    free(t);
}

static int vast_dial(void *ctx, const char *host, uint16_t port, const ferry_addr *addr,
    ferry_transport **out, ferry_fault *fault)
{
    static const ferry_transport_calls calls = {
        vast_open, vast_read, vast_write, vast_want, vast_close};
    (void)ctx, (void)host, (void)port, (void)addr, (void)fault;
    *out = calloc(1, sizeof **out);
    (*out)->calls = &calls;
    return 0;
}

/* --- memory that is counted -------------------------------------------------------- */

static machine m;
static ferry_session *s;
static ferry_response *r;
static size_t now, peak;
static void *(*uncounted)(void *ctx, void *p, size_t old_size, size_t new_size);

static void *counted(void *ctx, void *p, size_t old_size, size_t new_size)
{
    void *moved = uncounted(ctx, p, old_size, new_size);
    if (moved || !new_size)
        now = now - old_size + new_size;
    peak = now > peak ? now : peak;
    return moved;
}

static int set_up(void **state)
{
    static const ferry_dialer dialer = {NULL, vast_dial};
    (void)state;
    machine_init(&m);
    uncounted = m.memory.platform.resize;
    m.memory.platform.resize = counted;
    now = peak = 0;
    s = ferry_session_new(.platform = &m.memory.platform, .transport = &dialer);
    r = NULL;
    return s ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ferry_response_free(r);
    ferry_session_free(s);
    assert_true(peak < MOST_HEAP);
    return memory_is_clean(&m.memory) ? 0 : -1;
}

static void answer_with(const char *front, int64_t length, const char *back, bool ends)
{
    ferry_close_idle(s);
    peer = (vast){.front = front, .length = length, .back = back, .ends = ends};
}

static void expect_ok(ferry_err e)
{
    if (e)
        fail_msg("%s: %s", ferry_err_name(e), ferry_explain(s));
}

/* --- in ----------------------------------------------------------------------------- */

static const struct {
    const char *front, *back;
    bool ends;
} ways[] = {
    {"HTTP/1.1 200 OK\r\nContent-Length: " LENGTH_TEXT "\r\n\r\n", "", false},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" LENGTH_HEX "\r\n",
        "\r\n0\r\nLast: yes\r\n\r\n", false},
    {"HTTP/1.1 200 OK\r\n\r\n", "", true},
};

static void answer_way(size_t i)
{
    answer_with(ways[i].front, LENGTH, ways[i].back, ways[i].ends);
}

static int64_t read_stream(void)
{
    ferry_str chunk = {"", 1};
    int64_t got = 0;
    while (chunk.len) {
        ferry_err e = ferry_next(r, &chunk);
        if (e == FERRY_AGAIN) {
            chunk.len = 1;
            continue;
        }
        expect_ok(e);
        assert_true(has_stamps(chunk.ptr, got, chunk.len));
        got += (int64_t)chunk.len;
    }
    return got;
}

static void five_gigabytes_are_streamed_however_they_are_framed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ways); i++) {
        answer_way(i);
        expect_ok(ferry_get(s, URL, &r, .stream = FERRY_ON));
        assert_true(read_stream() == LENGTH);
        assert_int_equal(ferry_trailer(r, "Last") != NULL, i == 1);
    }
}

static void stepped_too(void **state)
{
    ferry_err e;
    (void)state;
    for (size_t i = 0; i < COUNT(ways); i++) {
        answer_way(i);
        expect_ok(ferry_begin(s, URL, &r, .stream = FERRY_ON));
        while ((e = ferry_step(r, NULL)) == FERRY_AGAIN)
            ;
        expect_ok(e);
        assert_true(read_stream() == LENGTH);
    }
}

static int take(void *ctx, const ferry_response *of, const void *p, size_t n)
{
    int64_t *got = ctx;
    if (of->status != 200 || !has_stamps(p, *got, n))
        return -1;
    *got += (int64_t)n;
    return 0;
}

static void a_sink_takes_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ways); i++) {
        int64_t got = 0;
        answer_way(i);
        expect_ok(ferry_get(s, URL, &r, .sink = &(ferry_sink){&got, take}));
        assert_true(got == LENGTH);
    }
}

static void they_are_discarded_where_that_is_allowed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ways); i++) {
        answer_way(i);
        expect_ok(ferry_get(s, URL, NULL, .limits = {.body = LENGTH}));
        assert_int_equal(peer.at > LENGTH, 1);
        answer_way(i);
        assert_int_equal(
            ferry_get(s, URL, NULL, .limits = {.body = LENGTH - 1}), FERRY_ERR_LIMIT);
        assert_int_equal(peer.at < APART, i == 0); /* told by its length, unread */
    }
}

static void a_chunk_that_no_number_holds_is_refused(void **state)
{
    (void)state;
    answer_with("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                "10000000000000005\r\nhello\r\n0\r\n\r\n",
        0, "", true);
    assert_int_equal(ferry_get(s, URL, &r), FERRY_ERR_PROTOCOL);
}

/* --- out ---------------------------------------------------------------------------- */

static ptrdiff_t give(void *ctx, void *p, size_t n)
{
    int64_t *left = ctx;
    (void)p; /* whatever is there */
    n = (int64_t)n < *left ? n : (size_t)*left;
    *left -= (int64_t)n;
    return (ptrdiff_t)n;
}

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static void a_source_of_five_gigabytes_is_sent_with_its_length(void **state)
{
    int64_t left = LENGTH;
    ferry_source source = {&left, give, NULL, LENGTH};
    (void)state;
    answer_with(OK, 0, "", false);
    expect_ok(
        ferry_put(s, URL, &r, .source = &source, .expect = {.above = FERRY_UNLIMITED}));
    assert_non_null(strstr(peer.head, "\r\nContent-Length: " LENGTH_TEXT "\r\n"));
    assert_true(peer.got == LENGTH);
    assert_true(left == 0);
}

static void without_one_it_is_sent_in_chunks(void **state)
{
    int64_t left = LENGTH;
    ferry_source source = {&left, give, NULL, 0};
    (void)state;
    answer_with(OK, 0, "", false);
    expect_ok(ferry_put(s, URL, &r, .source = &source));
    assert_non_null(strstr(peer.head, "\r\nTransfer-Encoding: chunked\r\n"));
    assert_true(left == 0);
    assert_true(peer.got > LENGTH && peer.got < LENGTH + LENGTH / 1000);
}

static void parts_of_a_form_add_up_beyond_32_bits(void **state)
{
    int64_t left = LENGTH / 2, more = LENGTH / 2;
    ferry_source first = {&left, give, NULL, LENGTH / 2},
                 second = {&more, give, NULL, LENGTH / 2};
    (void)state;
    answer_with(OK, 0, "", false);
    expect_ok(ferry_post(s, URL, &r, .expect = {.above = FERRY_UNLIMITED},
        .multipart = FERRY_PARTS(
            {.name = "a", .source = &first}, {.name = "b", .source = &second})));
    const char *length = strstr(peer.head, "\r\nContent-Length: ");
    assert_non_null(length);
    int64_t announced = strtoll(length + 18, NULL, 10);
    assert_true(announced > LENGTH && announced < LENGTH + 400);
    assert_true(peer.got == announced);
}

/* --- a file ------------------------------------------------------------------------- */

/* Sparse: nobody writes five gigabytes. */
static void a_download_goes_on_behind_four_gigabytes(void **state)
{
    enum { REST = 1000 };
    char folder[] = "/tmp/ferry-gigabytes-XXXXXX", path[64], part[80], tag[96];
    struct stat about;
    (void)state;
    if (!mkdtemp(folder))
        skip();
    sprintf(path, "%s/file", folder);
    sprintf(part, "%s.part", path);
    sprintf(tag, "%s.tag", part);
    FILE *f = fopen(part, "wb");
    assert_int_equal(ftruncate(fileno(f), LENGTH - REST), 0);
    fclose(f);
    f = fopen(tag, "wb");
    fputs(URL "\n\"v1\"\n", f);
    fclose(f);
    answer_with(
        "HTTP/1.1 206 Partial Content\r\nETag: \"v1\"\r\nContent-Length: 1000\r\n"
        "Content-Range: bytes 5368708120-5368709119/" LENGTH_TEXT "\r\n\r\n",
        REST, "", false);
    ferry_err e = ferry_download(s, URL, path);
    int missing = stat(path, &about);
    unlink(path);
    unlink(part);
    unlink(tag);
    rmdir(folder);
    expect_ok(e);
    assert_int_equal(missing, 0);
    assert_true(about.st_size == LENGTH);
    assert_non_null(strstr(peer.head, "\r\nRange: bytes=5368708120-\r\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(five_gigabytes_are_streamed_however_they_are_framed),
        TEST(stepped_too),
        TEST(a_sink_takes_them),
        TEST(they_are_discarded_where_that_is_allowed),
        TEST(a_chunk_that_no_number_holds_is_refused),
        TEST(a_source_of_five_gigabytes_is_sent_with_its_length),
        TEST(without_one_it_is_sent_in_chunks),
        TEST(parts_of_a_form_add_up_beyond_32_bits),
        TEST(a_download_goes_on_behind_four_gigabytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
