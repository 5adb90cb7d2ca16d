/* test_body.c - request bodies that are pulled: from sources, from files, framed in chunks
 * or counted, and sent again.
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "lib/memory.h"
#include "session/body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

static memory m;
static fy_body b;
static fy_buf all;
static fy_error x;
static fy_settings settings;

static int set_up(void **state)
{
    (void)state;
    memory_init(&m);
    fy_body_init(&b, &m.platform);
    fy_buf_init(&all, &m.platform, SIZE_MAX / 4);
    settings = (fy_settings){
        .limits = {.buffer = 256, .buffer_max = 1024}, .expect = {.above = 1 << 20}};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fy_body_fini(&b);
    fy_buf_fini(&all);
    return memory_is_clean(&m) ? 0 : -1;
}

static ferry_err choose(ferry_opts o)
{
    o.size = sizeof o;
    fy_body_fini(&b);
    return fy_body_choose(&b, &o, &settings, &x);
}

/* All pieces in one, to the end or the first error. */
static ferry_err gather(void)
{
    ferry_str piece;
    ferry_err e;
    fy_buf_clear(&all);
    while (!(e = fy_body_next(&b, &piece, &x)) && piece.len)
        fy_buf_puts(&all, piece);
    return e;
}

static void expect_all(const char *text)
{
    assert_int_equal(gather(), FERRY_OK);
    assert_string_equal(fy_buf_text(&all), text);
}

/* --- a source that notes how it is used ------------------------------------------ */

typedef struct noted {
    const char *bytes;
    size_t at, most_asked;
    int reads, rewinds, rewind_answer;
    ptrdiff_t answer; /* instead of bytes, if it is not 0 */
} noted;

static ptrdiff_t noted_read(void *ctx, void *p, size_t n)
{
    noted *s = ctx;
    size_t left = strlen(s->bytes + s->at);
    s->reads++;
    s->most_asked = n > s->most_asked ? n : s->most_asked;
    if (s->answer)
        return s->answer;
    n = n < left ? n : left;
    memcpy(p, s->bytes + s->at, n);
    s->at += n;
    return (ptrdiff_t)n;
}

static int noted_rewind(void *ctx)
{
    noted *s = ctx;
    s->at = 0;
    s->rewinds++;
    return s->rewind_answer;
}

static ferry_err choose_source(noted *s, int64_t length)
{
    ferry_source source = {s, noted_read, noted_rewind, length};
    return choose((ferry_opts){.source = &source}); /* copied */
}

static void a_known_length_is_never_exceeded(void **state)
{
    noted s = {.bytes = "hello and more"};
    fy_request r = {.has_body = false};
    (void)state;
    assert_int_equal(choose_source(&s, 5), FERRY_OK);
    fy_body_describe(&b, &r);
    assert_true(r.has_body && !r.is_chunked && r.body_len == 5 && !r.body_type);
    expect_all("hello");
    assert_int_equal(s.reads, 1);
    assert_int_equal(s.most_asked, 5);
    expect_all(""); /* the end stays the end */
}

static void a_source_of_no_bytes_is_not_asked(void **state)
{
    noted s = {.bytes = "x"};
    (void)state;
    assert_int_equal(choose_source(&s, FERRY_NONE), FERRY_OK);
    expect_all("");
    assert_int_equal(s.reads, 0);
}

static void an_unknown_length_is_framed_in_chunks(void **state)
{
    noted s = {.bytes = "hello, chunked wor"};
    fy_request r = {.has_body = false};
    (void)state;
    assert_int_equal(choose_source(&s, 0), FERRY_OK);
    fy_body_describe(&b, &r);
    assert_true(r.has_body && r.is_chunked);
    expect_all("12\r\nhello, chunked wor\r\n0\r\n\r\n");
    assert_int_equal(s.reads, 2); /* the second one found the end */
}

static void pieces_get_larger_once_a_body_proves_long(void **state)
{
    char *bytes = calloc(1, (2 << 20) + 1);
    noted s = {.bytes = bytes};
    (void)state;
    memset(bytes, 'x', 2 << 20);
    assert_int_equal(choose_source(&s, 2 << 20), FERRY_OK);
    assert_int_equal(gather(), FERRY_OK);
    assert_int_equal(all.len, 2 << 20);
    assert_int_equal(s.most_asked, 1024);
    assert_int_equal(s.reads, (1 << 20) / 256 + (1 << 20) / 1024);
    free(bytes);
}

static void a_source_that_breaks_its_word_is_an_error(void **state)
{
    static const struct {
        int64_t length;
        ptrdiff_t answer;
        ferry_err e;
        const char *what;
        int64_t at;
    } cases[] = {
        {5, 0, FERRY_ERR_BODY, "it ended before its length was reached", 3},
        {0, -1, FERRY_ERR_ABORTED, "the body's source failed", FY_NOWHERE},
        {0, PTRDIFF_MIN, FERRY_ERR_ABORTED, "the body's source failed", FY_NOWHERE},
        {0, 257, FERRY_ERR_BODY, "its source gave more than it was asked for", 0},
        {4, 5, FERRY_ERR_BODY, "its source gave more than it was asked for", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        noted s = {.bytes = "abc", .answer = cases[i].answer};
        assert_int_equal(choose_source(&s, cases[i].length), FERRY_OK);
        assert_int_equal(gather(), cases[i].e);
        assert_int_equal(x.code, cases[i].e);
        assert_string_equal(x.what, cases[i].what);
        assert_int_equal(x.at, cases[i].at);
    }
}

static void what_is_no_source_is_misuse(void **state)
{
    static const struct {
        ferry_source source;
        const char *what;
    } cases[] = {
        {{NULL, NULL, noted_rewind, 5}, ".source without read"},
        {{NULL, noted_read, NULL, FERRY_UNLIMITED}, "negative length of a source"},
        {{NULL, noted_read, NULL, INT64_MIN}, "negative length of a source"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(
            choose((ferry_opts){.source = &cases[i].source}), FERRY_ERR_USAGE);
        assert_string_equal(x.what, cases[i].what);
    }
}

/* --- again ----------------------------------------------------------------------- */

static void a_body_is_sent_again_from_its_first_byte(void **state)
{
    noted s = {.bytes = "hello"};
    const ferry_pair form[] = {{"a", "1"}, {NULL, NULL}};
    const ferry_pair trailers[] = {{"T", "1"}, {NULL, NULL}};
    ferry_source source = {&s, noted_read, noted_rewind, 0};
    const struct {
        ferry_opts o;
        const char *text;
    } cases[] = {
        {{.text = "hello"}, "hello"},
        {{.json = "{}"}, "{}"},
        {{.body = {"hello", 4}}, "hell"},
        {{.form = form}, "a=1"},
        {{.source = &source}, "5\r\nhello\r\n0\r\n\r\n"},
        {{.file = "tests/wire/files/hello"}, "hello"},
        {{.file = "tests/wire/files/empty"}, ""},
        {{.text = "hello", .trailers = trailers}, "5\r\nhello\r\n0\r\nT: 1\r\n\r\n"},
        {{.size = 0}, ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (int times = 0; times < 3; times++) {
            if (!times)
                assert_int_equal(choose(cases[i].o), FERRY_OK);
            assert_true(fy_body_may_rewind(&b));
            assert_int_equal(fy_body_rewind(&b, &x), FERRY_OK);
            expect_all(cases[i].text);
        }
    assert_int_equal(s.rewinds, 2);
}

static void a_source_that_was_never_asked_needs_no_rewind(void **state)
{
    noted s = {.bytes = "hello", .rewind_answer = -1};
    (void)state;
    assert_int_equal(choose_source(&s, 0), FERRY_OK);
    assert_int_equal(fy_body_rewind(&b, &x), FERRY_OK);
    assert_int_equal(s.rewinds, 0);
    assert_int_equal(gather(), FERRY_OK);
    assert_true(fy_body_may_rewind(&b)); /* it might */
    assert_int_equal(fy_body_rewind(&b, &x), FERRY_ERR_REWIND);
    assert_string_equal(x.what, "its source refused");
}

static void a_source_that_has_nothing_yet_is_asked_again(void **state)
{
    noted s = {.bytes = "hello", .answer = FERRY_NOT_YET};
    (void)state;
    for (int64_t length = 0; length <= 5; length += 5) {
        s.at = 0;
        s.answer = FERRY_NOT_YET;
        assert_int_equal(choose_source(&s, length), FERRY_OK);
        for (s.reads = 0; s.reads < 3;)
            assert_int_equal(gather(), FERRY_AGAIN);
        s.answer = 0;
        expect_all(length ? "hello" : "5\r\nhello\r\n0\r\n\r\n");
    }
}

/* It gave nothing, so it is where it was. */
static void and_until_then_needs_no_rewind(void **state)
{
    noted s = {.bytes = "hello", .answer = FERRY_NOT_YET};
    ferry_source source = {&s, noted_read, NULL, 0};
    (void)state;
    assert_int_equal(choose((ferry_opts){.source = &source}), FERRY_OK);
    assert_int_equal(gather(), FERRY_AGAIN);
    assert_true(fy_body_may_rewind(&b));
    assert_int_equal(fy_body_rewind(&b, &x), FERRY_OK);
    s.answer = 0;
    expect_all("5\r\nhello\r\n0\r\n\r\n");
    assert_false(fy_body_may_rewind(&b));
}

static void a_source_without_rewind_is_sent_once(void **state)
{
    noted s = {.bytes = "hello"};
    ferry_source source = {&s, noted_read, NULL, 0};
    (void)state;
    assert_int_equal(choose((ferry_opts){.source = &source}), FERRY_OK);
    assert_true(fy_body_may_rewind(&b));
    assert_int_equal(gather(), FERRY_OK);
    assert_false(fy_body_may_rewind(&b));
    assert_int_equal(fy_body_rewind(&b, &x), FERRY_ERR_REWIND);
    assert_string_equal(x.what, "its source has no rewind");
}

/* --- waiting for a 100 ------------------------------------------------------------ */

static void a_body_waits_if_it_is_longer_than_that(void **state)
{
    static const struct {
        int64_t above, length;
        bool expects;
    } cases[] = {
        {5, 5, false},
        {5, 6, true},
        {0, 1, true},
        {0, FERRY_NONE, false},
        {0, 0, true}, /* of unknown length */
        {1, 0, false},
        {INT64_MAX, 1 << 20, false},
        {INT64_MAX, 0, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        noted s = {.bytes = ""};
        fy_request r = {.has_body = false};
        settings.expect.above = cases[i].above;
        assert_int_equal(choose_source(&s, cases[i].length), FERRY_OK);
        fy_body_describe(&b, &r);
        assert_int_equal(r.expects, cases[i].expects);
        assert_true(r.may_expect);
        b.was_417 = true;
        fy_body_describe(&b, &r);
        assert_false(r.expects || r.may_expect);
        fy_body_fini(&b);
        assert_false(b.was_417);
    }
}

/* --- trailers -------------------------------------------------------------------- */

static char digest[8];

static ptrdiff_t read_and_digest(void *ctx, void *p, size_t n)
{
    ptrdiff_t got = noted_read(ctx, p, n);
    snprintf(digest, sizeof digest, "%d", (int)((noted *)ctx)->at);
    return got;
}

static void a_trailer_may_be_made_of_the_body(void **state)
{
    noted s = {.bytes = "hello"};
    ferry_source source = {&s, read_and_digest, NULL, 5};
    const ferry_pair trailers[] = {{"Count", digest}, {"None", NULL}, {NULL, NULL}};
    (void)state;
    assert_int_equal(
        choose((ferry_opts){.source = &source, .trailers = trailers}), FERRY_OK);
    digest[0] = '\0';
    expect_all("5\r\nhello\r\n0\r\nCount: 5\r\n\r\n");
}

static void a_list_of_no_trailers_is_a_chunked_body(void **state)
{
    const ferry_pair none[] = {{NULL, NULL}};
    (void)state;
    assert_int_equal(choose((ferry_opts){.text = "", .trailers = none}), FERRY_OK);
    expect_all("0\r\n\r\n");
}

static void trailers_have_a_limit(void **state)
{
    size_t n = (1 << 20) + 1;
    char *value = malloc(n + 1);
    const ferry_pair trailers[] = {{"A", value}, {NULL, NULL}};
    (void)state;
    memset(value, 'x', n);
    value[n] = '\0';
    assert_int_equal(choose((ferry_opts){.text = "", .trailers = trailers}), FERRY_OK);
    assert_int_equal(gather(), FERRY_ERR_LIMIT);
    assert_string_equal(x.what, "trailers too long");
    free(value);
}

/* --- files ----------------------------------------------------------------------- */

static void a_file_that_shrinks_fails_and_one_that_grows_is_cut(void **state)
{
    char path[] = "/tmp/ferry-body-XXXXXX";
    int fd = mkstemp(path);
    (void)state;
    assert_true(fd >= 0 && write(fd, "hello", 5) == 5);
    assert_int_equal(choose((ferry_opts){.file = path}), FERRY_OK);
    assert_int_equal(write(fd, " and more", 9), 9);
    expect_all("hello");
    assert_int_equal(choose((ferry_opts){.file = path}), FERRY_OK);
    assert_int_equal(ftruncate(fd, 4), 0);
    assert_int_equal(gather(), FERRY_ERR_BODY);
    assert_int_equal(x.at, 4);
    close(fd);
    unlink(path);
}

/* A pipe by its name: of unknown length, and what was read from it is gone. */
static void what_is_no_regular_file_is_sent_in_chunks_once(void **state)
{
    int ends[2];
    char path[32];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "hello", 5), 5);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    assert_int_equal(choose((ferry_opts){.file = path}), FERRY_OK);
    close(ends[1]);
    expect_all("5\r\nhello\r\n0\r\n\r\n");
    assert_false(fy_body_may_rewind(&b));
    close(ends[0]);
}

static void a_file_that_cannot_be_read_says_so(void **state)
{
    (void)state;
    int unreadable = open("/dev/null", O_WRONLY);
    assert_int_equal(choose((ferry_opts){.file = "Makefile"}), FERRY_OK);
    assert_int_equal(dup2(unreadable, b.file.handle), b.file.handle);
    close(unreadable);
    assert_int_equal(gather(), FERRY_ERR_FILE);
    assert_int_equal(x.code, FERRY_ERR_FILE);
    assert_string_equal(x.what, "it cannot be read");
    assert_true(x.os != 0);
}

static void a_file_is_closed_with_the_body(void **state)
{
    (void)state;
    assert_int_equal(choose((ferry_opts){.file = "tests/wire/files/hello"}), FERRY_OK);
    int handle = b.file.handle;
    struct stat about;
    assert_int_equal(fstat(handle, &about), 0);
    fy_body_fini(&b);
    assert_int_equal(fstat(handle, &about), -1);
}

/* --- memory ---------------------------------------------------------------------- */

static void without_memory_for_a_piece_nothing_is_asked(void **state)
{
    noted s = {.bytes = "hello"};
    (void)state;
    assert_int_equal(choose_source(&s, 0), FERRY_OK);
    m.fail_at = m.calls + 1;
    assert_int_equal(gather(), FERRY_ERR_NOMEM);
    assert_int_equal(s.reads, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_known_length_is_never_exceeded),
        TEST(a_source_of_no_bytes_is_not_asked),
        TEST(an_unknown_length_is_framed_in_chunks),
        TEST(pieces_get_larger_once_a_body_proves_long),
        TEST(a_source_that_breaks_its_word_is_an_error),
        TEST(what_is_no_source_is_misuse),
        TEST(a_body_is_sent_again_from_its_first_byte),
        TEST(a_source_that_was_never_asked_needs_no_rewind),
        TEST(a_source_that_has_nothing_yet_is_asked_again),
        TEST(and_until_then_needs_no_rewind),
        TEST(a_source_without_rewind_is_sent_once),
        TEST(a_body_waits_if_it_is_longer_than_that),
        TEST(a_trailer_may_be_made_of_the_body),
        TEST(a_list_of_no_trailers_is_a_chunked_body),
        TEST(trailers_have_a_limit),
        TEST(a_file_that_shrinks_fails_and_one_that_grows_is_cut),
        TEST(what_is_no_regular_file_is_sent_in_chunks_once),
        TEST(a_file_that_cannot_be_read_says_so),
        TEST(a_file_is_closed_with_the_body),
        TEST(without_memory_for_a_piece_nothing_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
