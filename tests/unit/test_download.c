/* test_download.c - a response into a file, whole or not at all, and on from where it
 * broke off (RFC 9110 14, 13.1.5). SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "ferry.h"
#include "lib/flaky.h"
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
#define URL         "http://a.test/file"

/* --- a server with one file, which breaks off ------------------------------------ */

typedef struct flaky_line {
    ferry_transport t;
    flaky *f;
    flaky_answer answer;
    size_t at;
} flaky_line;

static int flaky_open(ferry_transport *t)
{
    (void)t;
    return 1;
}

static ptrdiff_t flaky_read(ferry_transport *t, void *p, size_t n, int64_t wait_ms)
{
    flaky_line *line = (flaky_line *)(void *)t;
    const flaky_answer *a = &line->answer;
    size_t end = a->end < a->len ? a->end : a->len, left = end - line->at;
    (void)wait_ms;
    n = n < left ? n : left;
    if (n == 0)
        return a->end < a->len && !line->f->is_silent ? 0 : FERRY_WANT_READ;
    memcpy(p, a->bytes + line->at, n);
    line->at += n;
    return (ptrdiff_t)n;
}

static ptrdiff_t flaky_write(
    ferry_transport *t, const void *p, size_t n, int64_t wait_ms)
{
    flaky_line *line = (flaky_line *)(void *)t;
    flaky *f = line->f;
    (void)wait_ms;
    assert_true(n < sizeof f->asked);
    memcpy(f->asked, p, n);
    f->asked[n] = '\0';
    flaky_answer_to(f, &line->answer);
    line->at = 0;
    return (ptrdiff_t)n;
}

static void flaky_want(ferry_transport *t, ferry_wait *w)
{
    (void)t;
    (void)w;
}

static void flaky_close(ferry_transport *t)
{
    free(((flaky_line *)(void *)t)->answer.bytes);
    free(t);
}

static int flaky_dial(void *ctx, const char *host, uint16_t port,
    const ferry_addr *addr, ferry_transport **out, ferry_fault *fault)
{
    static const ferry_transport_calls calls = {
        flaky_open, flaky_read, flaky_write, flaky_want, flaky_close};
    flaky_line *line = calloc(1, sizeof *line);
    (void)host, (void)port, (void)addr, (void)fault;
    line->t.calls = &calls;
    line->f = ctx;
    *out = &line->t;
    return 0;
}

/* --- files ----------------------------------------------------------------------- */

static machine m;
static flaky peer;
static ferry_session *s;
static char folder[] = "/tmp/ferry-download-XXXXXX", path[64], part[80], tag[96];

static void put_file(const char *name, const char *bytes)
{
    FILE *f = fopen(name, "wb");
    assert_non_null(f);
    fputs(bytes, f);
    assert_int_equal(fclose(f), 0);
}

static bool is_there(const char *name)
{
    struct stat about;
    return lstat(name, &about) == 0;
}

static void expect_file(const char *name, const char *bytes, size_t len)
{
    FILE *f = fopen(name, "rb");
    assert_non_null(f);
    char *got = malloc(len + 1);
    assert_int_equal(fread(got, 1, len + 1, f), len);
    assert_memory_equal(got, bytes, len);
    free(got);
    fclose(f);
}

/* The whole file, and nothing beside it. */
static void expect_whole(void)
{
    assert_true(flaky_is_at(&peer, path));
    assert_false(is_there(part) || is_there(tag));
}

static void be_file(size_t len)
{
    flaky_be_file(&peer, len);
}

static int set_up(void **state)
{
    static const ferry_dialer dialer = {&peer, flaky_dial};
    (void)state;
    machine_init(&m);
    memset(&peer, 0, sizeof peer);
    peer.etag = "\"v1\"";
    be_file(10000);
    s = ferry_session_new(.platform = &m.memory.platform, .transport = &dialer);
    strcpy(folder + sizeof folder - 7, "XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    sprintf(path, "%s/file", folder);
    sprintf(part, "%s.part", path);
    sprintf(tag, "%s.tag", part);
    return s ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ferry_session_free(s);
    flaky_free(&peer);
    unlink(path);
    unlink(part);
    unlink(tag);
    return rmdir(folder) == 0 && memory_is_clean(&m.memory) ? 0 : -1;
}

static void expect_ok(ferry_err e)
{
    if (e)
        fail_msg("%s: %s", ferry_err_name(e), ferry_explain(s));
}

static void expect_error(ferry_err e, ferry_err want, const char *words)
{
    if (e != want || !strstr(ferry_explain(s), words))
        fail_msg("%s: %s", ferry_err_name(e), ferry_explain(s));
}

/* --- whole ----------------------------------------------------------------------- */

static void a_file_is_there_when_it_is_whole(void **state)
{
    static const size_t sizes[] = {0, 1, 10000, 3000000};
    (void)state;
    for (size_t i = 0; i < COUNT(sizes) * 2; i++) {
        be_file(sizes[i / 2]);
        peer.is_chunked = i % 2 && sizes[i / 2];
        expect_ok(ferry_download(s, URL, path));
        expect_whole();
    }
    assert_non_null(strstr(peer.asked, "\r\nAccept-Encoding: identity\r\n"));
    assert_null(strstr(peer.asked, "Range"));
}

static void what_was_there_stays_until_then(void **state)
{
    (void)state;
    put_file(path, "old");
    peer.etag = NULL;
    peer.cut = 5000;
    peer.cuts_left = 1;
    expect_error(ferry_download(s, URL, path), FERRY_ERR_TRUNCATED, "ended inside");
    expect_file(path, "old", 3);
    assert_false(is_there(part) || is_there(tag)); /* nobody could continue it */
    peer.instead = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno";
    expect_error(ferry_download(s, URL, path), FERRY_ERR_STATUS, "404 Not Found");
    expect_file(path, "old", 3);
    assert_false(is_there(part) || is_there(tag));
    peer.instead = "HTTP/1.1 416 Range Not Satisfiable\r\n"
                   "Content-Range: bytes */0\r\nContent-Length: 0\r\n\r\n";
    expect_error(ferry_download(s, URL, path), FERRY_ERR_STATUS, "416");
    peer.instead = NULL;
    expect_ok(ferry_download(s, URL, path));
    expect_whole();
}

static void coded_bodies_are_decoded_and_never_continued(void **state)
{
    (void)state;
    peer.fields = "Content-Encoding: gzip\r\n";
    free(peer.file);
    peer.len = 31;
    peer.file = malloc(peer.len);
    memcpy(peer.file,
        "\x1f\x8b\x08\0\0\0\0\0\x02\x03\xcbH\xcd\xc9\xc9W(\xcf/"
        "\xcaI\x01\0\x85\x11J\x0d\x0b\0"
        "\0\0",
        peer.len);
    ferry_err e = ferry_download(s, URL, path);
    if (e == FERRY_ERR_UNSUPPORTED)
        skip();
    expect_ok(e);
    expect_file(path, "hello world", 11);
    peer.cut = 25;
    peer.cuts_left = 1;
    expect_error(ferry_download(s, URL, path), FERRY_ERR_TRUNCATED, "");
    assert_false(is_there(part) || is_there(tag));
}

/* --- continued ------------------------------------------------------------------- */

static void a_download_cut_at_any_offset_two_hundred_times_is_whole(void **state)
{
    static const size_t pieces[] = {1, 7, 100, 4999};
    uint32_t chance = 1;
    (void)state;
    for (size_t i = 0; i < COUNT(pieces); i++)
        for (int way = 0; way < 3; way++) {
            be_file(200 * pieces[i] + 1);
            peer.requests = peer.parts = 0;
            peer.is_chunked = way == 1;
            peer.is_silent = way == 2;
            peer.cut = pieces[i];
            peer.cuts_left = 200;
            expect_ok(ferry_download(s, URL, path));
            expect_whole();
            assert_int_equal(peer.requests, 201);
            assert_int_equal(peer.parts, 200);
        }
    for (int round = 0; round < 200; round++) {
        be_file(20000);
        peer.is_chunked = peer.is_silent = false;
        chance = chance * 1664525u + 1013904223u;
        peer.cut = 1 + (chance >> 8) % 19999;
        peer.cuts_left = 1 + chance % 5;
        expect_ok(ferry_download(s, URL, path));
        expect_whole();
    }
}

static void the_next_call_goes_on_where_the_last_one_ended(void **state)
{
    (void)state;
    peer.cut = 6000;
    peer.cuts_left = 1;
    peer.instead = NULL;
    expect_ok(ferry_download(s, URL, path)); /* as it goes on by itself, end it: */
    unlink(path);
    peer.cuts_left = 2;
    peer.cut = 0; /* the second try gets nothing, and that ends it */
    put_file(part, "");
    expect_error(ferry_download(s, URL, path), FERRY_ERR_TRUNCATED, "");
    /* As a call that was killed leaves it. */
    FILE *f = fopen(part, "wb");
    fwrite(peer.file, 1, 6000, f);
    fclose(f);
    put_file(tag, URL "\n\"v1\"\n");
    peer.cuts_left = 0;
    expect_ok(ferry_download(s, URL, path));
    expect_whole();
    assert_non_null(strstr(peer.asked, "\r\nRange: bytes=6000-\r\n"));
    assert_non_null(strstr(peer.asked, "\r\nIf-Range: \"v1\"\r\n"));
}

/* All of it was there, but its name. */
static void a_part_that_is_whole_is_recognised(void **state)
{
    (void)state;
    FILE *f = fopen(part, "wb");
    fwrite(peer.file, 1, peer.len, f);
    fclose(f);
    put_file(tag, URL "\n\"v1\"\n");
    expect_ok(ferry_download(s, URL, path));
    expect_whole();
    assert_int_equal(peer.requests, 1);
}

static void a_part_of_something_else_is_thrown_away(void **state)
{
    static const char *const tags[] = {"", "nonsense", "http://b.test/\n\"v1\"\n",
        URL "\n\"v0\"\n", URL "\n\"v1\"", URL "\n\"v1\"\nmore\n", URL "\n\n"};
    (void)state;
    for (size_t i = 0; i < COUNT(tags); i++) {
        put_file(part, "something else");
        put_file(tag, tags[i]);
        expect_ok(ferry_download(s, URL, path));
        expect_whole();
    }
    put_file(part, "without a tag");
    expect_ok(ferry_download(s, URL, path));
    expect_whole();
    /* Longer than the file is. */
    FILE *f = fopen(part, "wb");
    fwrite(peer.file, 1, peer.len, f);
    fputs("x", f);
    fclose(f);
    put_file(tag, URL "\n\"v1\"\n");
    expect_ok(ferry_download(s, URL, path));
    expect_whole();
}

static void a_file_that_changes_on_the_way_is_fetched_anew(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        FILE *f = fopen(part, "wb");
        fwrite(peer.file, 1, 6000, f);
        fclose(f);
        put_file(tag, URL "\n\"v1\"\n");
        be_file(9000 + (size_t)i);
        if (i)
            peer.has_no_ranges = true;
        else
            peer.etag = "\"v2\"";
        expect_ok(ferry_download(s, URL, path));
        expect_whole();
    }
}

static void put_part(const char *of)
{
    char text[200];
    FILE *f = fopen(part, "wb");
    assert_non_null(f);
    fwrite(peer.file, 1, 6000, f);
    fclose(f);
    snprintf(text, sizeof text, "%s\n\"v1\"\n", of);
    put_file(tag, text);
}

/* RFC 9110 15.3.7: a server may send less than it was asked for. */
static void a_part_of_the_rest_is_followed_by_the_next_one(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        put_part(URL);
        peer.requests = peer.parts = 0;
        peer.is_chunked = i;
        peer.most = 900;
        expect_ok(ferry_download(s, URL, path));
        expect_whole();
        assert_int_equal(peer.requests, 5);
        assert_int_equal(peer.parts, 5);
    }
}

/* Not a byte behind what it says that it is: it would stand in the next part's place. */
static void a_part_that_is_longer_than_it_says_is_refused(void **state)
{
    (void)state;
    put_part(URL);
    peer.instead = "HTTP/1.1 206 Partial Content\r\n"
                   "Content-Range: bytes 6000-6002/10000\r\n"
                   "Transfer-Encoding: chunked\r\n\r\n9\r\nabcdef";
    peer.is_silent = true;
    expect_error(ferry_download(s, URL, path), FERRY_ERR_PROTOCOL, "more than");
    assert_true(is_there(part));
    struct stat about;
    assert_int_equal(stat(part, &about), 0);
    assert_int_equal(about.st_size, 6000);
}

/* Its last part could not be told from any other. */
static void what_has_no_known_length_is_not_continued(void **state)
{
    (void)state;
    put_part(URL);
    peer.hides_total = true;
    expect_ok(ferry_download(s, URL, path));
    expect_whole();
    assert_int_equal(peer.requests, 2);
    peer.cut = 5000; /* and that has an end */
    peer.cuts_left = SIZE_MAX;
    expect_error(ferry_download(s, URL, path), FERRY_ERR_TRUNCATED, "");
    assert_true(peer.requests < 10);
}

/* With the same validator, even: the parameters say which file it is. */
static void a_part_of_another_url_is_thrown_away(void **state)
{
    (void)state;
    put_part(URL "?id=1");
    expect_ok(ferry_download(s, URL, path, .params = FERRY_PAIRS({"id", "1"})));
    expect_whole();
    assert_int_equal(peer.requests, 1);
    be_file(10001);
    put_part(URL "?id=1");
    memset(peer.file, 'x', 6000);
    expect_ok(ferry_download(s, URL, path, .params = FERRY_PAIRS({"id", "2"})));
    expect_whole();
    assert_int_equal(peer.requests, 3);
}

/* Each try would begin anew, for ever. */
static void without_ranges_it_ends_when_no_try_comes_farther(void **state)
{
    (void)state;
    peer.has_no_ranges = true;
    peer.cut = 5000;
    peer.cuts_left = SIZE_MAX;
    expect_error(ferry_download(s, URL, path), FERRY_ERR_TRUNCATED, "");
    assert_true(peer.requests <= 2);
}

static void another_part_than_was_asked_for_is_refused(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        FILE *f = fopen(part, "wb");
        fwrite(peer.file, 1, 6000, f);
        fclose(f);
        put_file(tag, URL "\n\"v1\"\n");
        peer.shifts_range = true;
        if (i)
            peer.instead = "HTTP/1.1 206 Partial Content\r\nContent-Length: 0\r\n\r\n";
        expect_error(ferry_download(s, URL, path), FERRY_ERR_PROTOCOL, "asked for");
        assert_false(is_there(path));
        assert_true(is_there(part));
    }
    peer.shifts_range = false;
    peer.instead =
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 6000-9999/10000\r\n"
        "Content-Length: 3\r\n\r\nabc";
    expect_error(ferry_download(s, URL, path), FERRY_ERR_PROTOCOL, "promised");
    unlink(part);
    expect_error(ferry_download(s, URL, path), FERRY_ERR_PROTOCOL, "asked for");
}

/* --- progress -------------------------------------------------------------------- */

typedef struct watcher {
    int calls;
    int64_t stop_at;
    ferry_progress last;
} watcher;

static int watch(void *ctx, const ferry_progress *p)
{
    watcher *w = ctx;
    assert_true(p->done >= w->last.done);
    assert_int_equal(ferry_get(s, URL, NULL), FERRY_ERR_USAGE);
    w->calls++;
    w->last = *p;
    return w->stop_at && p->done >= w->stop_at;
}

static void progress_is_told_and_may_end_it(void **state)
{
    watcher w = {.calls = 0};
    (void)state;
    be_file(3000000);
    expect_ok(ferry_download(s, URL, path, .on_progress = {watch, &w}));
    assert_true(w.calls >= 2);
    assert_int_equal(w.last.done, 3000000);
    assert_int_equal(w.last.total, 3000000);
    assert_int_equal(w.last.received, 3000000);
    w = (watcher){.stop_at = 1};
    peer.cut = 1000;
    peer.cuts_left = 1;
    expect_error(ferry_download(s, URL, path, .on_progress = {watch, &w}),
        FERRY_ERR_ABORTED, ".on_progress");
    assert_true(is_there(part) && is_there(tag));
    expect_ok(ferry_download(s, URL, path));
    expect_whole();
    assert_int_equal(
        ferry_get(s, URL, NULL, .on_progress = {watch, &w}), FERRY_ERR_USAGE);
}

static void a_password_does_not_get_into_the_tag(void **state)
{
    watcher w = {.stop_at = 1};
    char text[300] = "";
    (void)state;
    peer.cut = 6000;
    peer.cuts_left = 1;
    expect_error(ferry_download(s, "http://ada:hunter2@a.test/file", path,
                     .params = FERRY_PAIRS({"id", "1"}), .on_progress = {watch, &w}),
        FERRY_ERR_ABORTED, "");
    FILE *f = fopen(tag, "rb");
    assert_non_null(f);
    assert_true(fread(text, 1, sizeof text - 1, f) > 0);
    fclose(f);
    assert_string_equal(text, URL "?id=1\n\"v1\"\n");
    expect_ok(ferry_download(s, "http://ada:lovelace@a.test/file", path,
        .params = FERRY_PAIRS({"id", "1"})));
    expect_whole();
}

/* --- errors ---------------------------------------------------------------------- */

static void what_cannot_be_done_is_said_before_anything_is_asked(void **state)
{
    char room[10], elsewhere[64];
    (void)state;
    expect_error(ferry_download(s, NULL, path), FERRY_ERR_USAGE, "without");
    expect_error(ferry_download(s, URL, NULL), FERRY_ERR_USAGE, "without");
    expect_error(ferry_download(s, URL, ""), FERRY_ERR_USAGE, "without");
    expect_error(
        ferry_download(s, URL, path, .method = "PUT"), FERRY_ERR_USAGE, "chooses");
    expect_error(
        ferry_download(s, URL, path, .into = {room, 10}), FERRY_ERR_USAGE, "chooses");
    expect_error(
        ferry_download(s, URL, path, .headers = FERRY_PAIRS({"range", "bytes=1-"})),
        FERRY_ERR_USAGE, "chooses");
    expect_error(ferry_download(s, URL, path, .headers = FERRY_NO_PAIRS),
        FERRY_ERR_USAGE, "FERRY_NO_PAIRS");
    expect_error(ferry_download(s, URL, folder), FERRY_ERR_FILE, "no regular file");
    expect_error(
        ferry_download(s, URL, "/nowhere/at/all"), FERRY_ERR_FILE, "cannot be opened");
    sprintf(elsewhere, "%s/elsewhere", folder);
    put_file(elsewhere, "mine");
    assert_int_equal(symlink(elsewhere, part), 0);
    expect_error(ferry_download(s, URL, path), FERRY_ERR_FILE, "cannot be opened");
    expect_file(elsewhere, "mine", 4);
    unlink(elsewhere);
    assert_int_equal(peer.requests, 0);
    assert_int_equal(ferry_download(NULL, URL, path), FERRY_ERR_NOMEM);
}

static void without_memory_it_says_so_and_leaves_what_was_there(void **state)
{
    ferry_err e = FERRY_ERR_NOMEM;
    (void)state;
    put_file(path, "old");
    for (int i = 1; e; i++) {
        m.memory.fail_at = m.memory.calls + i;
        peer.cut = 5000;
        peer.cuts_left = 1;
        e = ferry_download(s, URL, path, .headers = FERRY_PAIRS({"X", "1"}));
        m.memory.fail_at = 0;
        if (!e)
            break;
        assert_int_equal(e, FERRY_ERR_NOMEM);
        expect_file(path, "old", 3);
        unlink(part);
        unlink(tag);
        ferry_close_idle(s);
    }
    expect_whole();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_there_when_it_is_whole),
        TEST(what_was_there_stays_until_then),
        TEST(coded_bodies_are_decoded_and_never_continued),
        TEST(a_download_cut_at_any_offset_two_hundred_times_is_whole),
        TEST(the_next_call_goes_on_where_the_last_one_ended),
        TEST(a_part_that_is_whole_is_recognised),
        TEST(a_part_of_something_else_is_thrown_away),
        TEST(a_file_that_changes_on_the_way_is_fetched_anew),
        TEST(a_part_of_the_rest_is_followed_by_the_next_one),
        TEST(a_part_that_is_longer_than_it_says_is_refused),
        TEST(what_has_no_known_length_is_not_continued),
        TEST(a_part_of_another_url_is_thrown_away),
        TEST(without_ranges_it_ends_when_no_try_comes_farther),
        TEST(another_part_than_was_asked_for_is_refused),
        TEST(progress_is_told_and_may_end_it),
        TEST(a_password_does_not_get_into_the_tag),
        TEST(what_cannot_be_done_is_said_before_anything_is_asked),
        TEST(without_memory_it_says_so_and_leaves_what_was_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
