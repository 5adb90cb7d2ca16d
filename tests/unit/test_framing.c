/* test_framing.c - where a body starts, how long it is, when it ends (RFC 9112 6,
 * 7, 9.3). SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "proto/framing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define BYTES(literal)                                                                 \
    {                                                                                  \
        "" literal, sizeof(literal) - 1                                                \
    }

enum { TRAILER_MAX = 60, FIELDS_MAX = 3 };

static memory m;
static fy_framing f;
static fy_head head;
static fy_error x;

static int set_up(void **state)
{
    (void)state;
    memory_init(&m);
    memset(&head, 0, sizeof head);
    fy_fields_init(&head.fields, &m.platform, 100);
    fy_framing_init(&f, &m.platform, TRAILER_MAX, FIELDS_MAX);
    x = (fy_error){.code = FERRY_OK, .at = 77};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fy_fields_fini(&head.fields);
    fy_framing_fini(&f);
    return memory_is_clean(&m) ? 0 : -1;
}

/* A head with the field lines of `fields`, which end in LF here. */
static ferry_err begin(int minor, int status, const char *fields, bool is_bodyless)
{
    ferry_str rest = fy_str(fields), line, name;
    head.fields.n = 0;
    head.minor = minor;
    head.status = status;
    while (fy_str_cut(&rest, '\n', &line)) {
        assert_true(fy_str_cut(&line, ':', &name));
        assert_int_equal(
            fy_fields_add(&head.fields, name, fy_str_trim(line), &x), FERRY_OK);
    }
    return fy_framing_begin(&f, &head, is_bodyless, &x);
}

/* --- which framing --------------------------------------------------------------- */

typedef struct choice {
    int minor, status;
    const char *fields;
    bool is_bodyless;
    fy_framing_kind kind;
    uint64_t length;
    bool persists;
} choice;

static void expect_choices(const choice *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const choice *c = &cases[i];
        if (begin(c->minor, c->status, c->fields, c->is_bodyless))
            fail_msg("case %d: %s", (int)i, x.what);
        if (f.kind != c->kind || f.may_persist != c->persists)
            fail_msg("case %d: kind %d, persists %d", (int)i, f.kind, f.may_persist);
        assert_int_equal(f.left, c->length);
        assert_int_equal(f.is_done,
            c->kind == FY_FRAMING_NONE || (c->kind == FY_FRAMING_LENGTH && !c->length));
    }
}

/* RFC 9112 6.3 rule 1 */
static void some_responses_end_at_the_empty_line_whatever_they_claim(void **state)
{
    static const choice cases[] = {
        {1, 200, "", true, FY_FRAMING_NONE, 0, true},
        {1, 200, "Content-Length: 5\n", true, FY_FRAMING_NONE, 0, true},
        {1, 200, "Transfer-Encoding: gzip\n", true, FY_FRAMING_NONE, 0, true},
        {1, 100, "Content-Length: 5\n", false, FY_FRAMING_NONE, 0, true},
        {1, 199, "", false, FY_FRAMING_NONE, 0, true},
        {1, 204, "Transfer-Encoding: chunked\n", false, FY_FRAMING_NONE, 0, true},
        {1, 304, "Content-Length: 5\n", false, FY_FRAMING_NONE, 0, true},
        {1, 204, "Connection: close\n", false, FY_FRAMING_NONE, 0, false},
        {0, 204, "", false, FY_FRAMING_NONE, 0, false},
    };
    (void)state;
    expect_choices(cases, COUNT(cases));
}

static void a_length_is_digits_said_once_or_alike(void **state)
{
    static const choice cases[] = {
        {1, 200, "Content-Length: 0\n", false, FY_FRAMING_LENGTH, 0, true},
        {1, 200, "content-length: 5\n", false, FY_FRAMING_LENGTH, 5, true},
        {1, 404, "Content-Length: 005\n", false, FY_FRAMING_LENGTH, 5, true},
        {1, 200, "Content-Length: 5, 5\n", false, FY_FRAMING_LENGTH, 5, true},
        {1, 200, "Content-Length: 5\nContent-Length: 5\n", false, FY_FRAMING_LENGTH, 5,
            true},
        {1, 200, "Content-Length: 9223372036854775807\n", false, FY_FRAMING_LENGTH,
            INT64_MAX, true},
        {0, 200, "Content-Length: 5\n", false, FY_FRAMING_LENGTH, 5, false},
    };
    (void)state;
    expect_choices(cases, COUNT(cases));
}

static void chunked_stands_alone(void **state)
{
    static const choice cases[] = {
        {1, 200, "Transfer-Encoding: chunked\n", false, FY_FRAMING_CHUNKED, 0, true},
        {1, 200, "transfer-encoding: CHUNKED\n", false, FY_FRAMING_CHUNKED, 0, true},
        {1, 200, "Transfer-Encoding: chunked\nContent-Length: 5\n", false,
            FY_FRAMING_CHUNKED, 0, false},
        {1, 200, "Content-Length: 5\nTransfer-Encoding: chunked\n", false,
            FY_FRAMING_CHUNKED, 0, false},
        {0, 200, "Transfer-Encoding: chunked\nConnection: keep-alive\n", false,
            FY_FRAMING_CHUNKED, 0, false},
    };
    (void)state;
    expect_choices(cases, COUNT(cases));
}

static void without_either_the_body_lasts_until_the_close(void **state)
{
    static const choice cases[] = {
        {1, 200, "", false, FY_FRAMING_CLOSE, 0, false},
        {0, 200, "Connection: keep-alive\n", false, FY_FRAMING_CLOSE, 0, false},
        {1, 205, "X-Content-Length: 5\nContent-Lengts: 5\nTransfer-Encodinx: chunked\n",
            false, FY_FRAMING_CLOSE, 0, false},
    };
    (void)state;
    expect_choices(cases, COUNT(cases));
}

/* RFC 9112 9.3 */
static void a_connection_persists_unless_somebody_says_close(void **state)
{
#define SIZED(minor, fields, persists)                                                 \
    {                                                                                  \
        minor, 200, "Content-Length: 5\n" fields, false, FY_FRAMING_LENGTH, 5,         \
            persists                                                                   \
    }
    static const choice cases[] = {
        SIZED(1, "Connection: close\n", false),
        SIZED(1, "Connection: Keep-Alive, CLOSE\n", false),
        SIZED(1, "Connection: x\nConnection: close\n", false),
        SIZED(1, "Connection: keep-alive\nConnection: close\n", false),
        SIZED(1, "Connection: closed\n", true),
        SIZED(1, "Connection:\n", true),
        SIZED(1, "Konnection: close\n", true),
        SIZED(0, "Connection: keep-alive\n", true),
        SIZED(0, "Connection: Keep-Alive\n", true),
        SIZED(0, "Connection: x\n", false),
        SIZED(0, "Connection: keep-alive, close\n", false),
        SIZED(9, "", true),
    };
    (void)state;
    expect_choices(cases, COUNT(cases));
}

static void a_length_that_can_be_read_in_two_ways_is_refused(void **state)
{
    static const char *const bad[] = {"Content-Length:\n", "Content-Length: ,\n",
        "Content-Length: 5,\n", "Content-Length: ,5\n", "Content-Length: 5,,5\n",
        "Content-Length: 5, 6\n", "Content-Length: 5\nContent-Length: 6\n",
        "Content-Length: 5\nContent-Length:\n", "Content-Length: +5\n",
        "Content-Length: -5\n", "Content-Length: 5 5\n", "Content-Length: 0x5\n",
        "Content-Length: 5_0\n", "Content-Length: 5.0\n", "Content-Length: \"5\"\n",
        "Content-Length: five\n", "Content-Length: 9223372036854775808\n",
        "Content-Length: 18446744073709551621\n", "Content-Length: 5;a=b\n",
        "Transfer-Encoding: chunked\nContent-Length: x\n"};
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (begin(1, 200, bad[i], false) != FERRY_ERR_PROTOCOL)
            fail_msg("%s", bad[i]);
}

static void any_transfer_coding_but_one_chunked_is_refused(void **state)
{
    static const char *const bad[] = {"", "gzip", "chunked, gzip", "gzip, chunked",
        "chunked, chunked", "chunked,", ", chunked", "identity", "xchunked",
        "chunked x", "chunked;a=b", "\"chunked\"",
        "chunked\nTransfer-Encoding: chunked", "chunked\nTransfer-Encoding: identity"};
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        char fields[100];
        sprintf(fields, "Transfer-Encoding: %s\n", bad[i]);
        if (begin(1, 200, fields, false) != FERRY_ERR_PROTOCOL)
            fail_msg("%s", fields);
    }
}

static void an_idle_connection_is_kept_for_most_of_what_the_peer_says(void **state)
{
    static const struct {
        const char *fields;
        int64_t ms;
    } cases[] = {
        {"", INT64_MAX},
        {"Keep-Alive: timeout=8\n", 7000},
        {"keep-alive: max=100, Timeout=16\n", 14000},
        {"Keep-Alive: timeout=0\n", 0},
        {"Keep-Alive: timeout=\n", INT64_MAX},
        {"Keep-Alive: timeout=-8\n", INT64_MAX},
        {"Keep-Alive: timeout\n", INT64_MAX},
        {"Keep-Alive: 8\n", INT64_MAX},
        {"Keep-Alive: timeout=99999999999\n", INT64_MAX},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(begin(1, 200, cases[i].fields, false), FERRY_OK);
        if (f.keep_alive_ms != cases[i].ms)
            fail_msg("%s: %d", cases[i].fields, (int)f.keep_alive_ms);
    }
}

/* --- decoding -------------------------------------------------------------------- */

typedef struct decoded {
    ferry_err e;
    char body[100], trailers[100];
    size_t rest; /* bytes behind the message */
} decoded;

/* How long chunks may be that are moved up to the one before them. */
static size_t longest;

/* Feed what is there; false once it is done or an error. */
static bool feed(decoded *d, const char *p, size_t n)
{
    char *exact = memory_exact(p, n);
    ferry_str raw = {exact, n}, slice;
    while ((d->e = fy_framing_next(&f, &raw, &slice, &x)) == FERRY_OK && slice.len) {
        assert_true(slice.ptr >= exact && slice.ptr + slice.len <= exact + n);
        char *end = exact + (slice.ptr - exact) + slice.len;
        slice.len += fy_framing_join(&f, &raw, end, longest);
        strncat(d->body, slice.ptr, slice.len);
    }
    assert_true(d->e != FERRY_AGAIN || raw.len == 0);
    d->rest = raw.len;
    free(exact);
    return d->e == FERRY_AGAIN;
}

/* In pieces: the first of `first` bytes, the others of `step`. */
static decoded decode(ferry_str in, size_t first, size_t step)
{
    decoded d = {.e = FERRY_AGAIN};
    size_t at = 0, n = first;
    do {
        n = n < in.len - at ? n : in.len - at;
        bool goes_on = feed(&d, in.ptr + at, n);
        at += n;
        n = step;
        if (!goes_on)
            break;
    } while (at < in.len);
    d.rest += in.len - at;
    for (size_t i = 0; d.e == FERRY_OK && i < f.trailers.n; i++)
        sprintf(d.trailers + strlen(d.trailers), "%s=%s|", f.trailers.at[i].name.ptr,
            f.trailers.at[i].value.ptr);
    return d;
}

static void begin_chunked(void)
{
    assert_int_equal(begin(1, 200, "Transfer-Encoding: chunked\n", false), FERRY_OK);
}

static void expect_decoded(
    ferry_str in, size_t first, size_t step, const char *body, const char *trailers)
{
    begin_chunked();
    decoded d = decode(in, first, step);
    if (d.e)
        fail_msg("%s: %s at %d", in.ptr, x.what, (int)x.at);
    assert_string_equal(d.body, body);
    assert_string_equal(d.trailers, trailers);
    assert_int_equal(f.seen + d.rest, in.len);
    assert_true(f.is_done);
}

static void chunks_are_joined_in_any_cut(void **state)
{
    static const struct {
        const char *in, *body, *trailers;
    } cases[] = {
        {"0\r\n\r\n", "", ""},
        {"5\r\nhello\r\n0\r\n\r\n", "hello", ""},
        {"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nHTTP/1.1", "hello world", ""},
        {"a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789", ""},
        {"00000000000000000005\r\nhello\r\n000\r\n\r\n", "hello", ""},
        {"2\r\n\r\n\r\n0\r\n\r\n", "\r\n", ""},
        {"1\r\na\r\n0000002\r\nbc\r\n00000001\r\nd\r\n000000001\r\ne\r\n0\r\n\r\n",
            "abcde", ""},
        {"1\r\na\r\n1;x\r\nb\r\n1 ;y\r\nc\r\n0000000000\r\n\r\n", "abc", ""},
        {"5;x\r\nhello\r\n0;y=\"z\"\r\n\r\n", "hello", ""},
        {"5 \t; a = b ;c\r\nhello\r\n0\r\n\r\n", "hello", ""},
        {"5;\r\nhello\r\n0;;\r\n\r\n", "hello", ""},
        {"5;a=\";\\\"\\\\b\";c=\\\r\nhello\r\n0\r\n\r\n", "hello", ""},
        {"5;a=\"\"\"\"\r\nhello\r\n0\r\n\r\n", "hello", ""},
        {"5\r\nhello\r\n0\r\na: b\r\n\r\n", "hello", "a=b|"},
        {"0\r\nSum: 1\r\n 2\r\nend:\r\n\r\nmore", "", "Sum=1 2|end=|"},
        {"1\r\na\r\n02\r\nbc\r\n003\r\ndef\r\n0004\r\nghij\r\n00005\r\nklmno\r\n6\r\n"
         "pqrstu\r\n1;x\r\n!\r\n000a\r\n0123456789\r\n1\r\n.\r\n0\r\n\r\n",
            "abcdefghijklmnopqrstu!0123456789.", ""},
    };
    static const size_t most[] = {0, 1, 5, SIZE_MAX};
    (void)state;
    for (size_t i = 0; i < COUNT(cases) * COUNT(most); i++) {
        size_t c = i / COUNT(most);
        ferry_str in = fy_str(cases[c].in);
        longest = most[i % COUNT(most)];
        for (size_t first = 0; first <= in.len; first++)
            expect_decoded(in, first, in.len, cases[c].body, cases[c].trailers);
        for (size_t step = 1; step < 8; step++)
            expect_decoded(in, step, step, cases[c].body, cases[c].trailers);
    }
}

/* What could be an error, or the end, is left to fy_framing_next(). */
static void only_whole_chunks_in_plain_form_are_moved(void **state)
{
    static const struct {
        const char *in;
        size_t longest;
        const char *moved, *left;
    } cases[] = {
        {"1\r\nx\r\n5\r\nhello\r\n0\r\n\r\n", 5, "hello", "\r\n0\r\n\r\n"},
        {"1\r\nx\r\n5\r\nhello\r\n0\r\n\r\n", 4, "", "\r\n5\r\nhello\r\n0\r\n\r\n"},
        {"1\r\nx\r\n5\r\nhello\r\n", 5, "hello", "\r\n"},
        {"1\r\nx\r\n7\r\nhello, ", 7, "hello, ", ""},
        {"1\r\nx\r\n5\r\nhello", 5, "", "\r\n5\r\nhello"},
        {"1\r\nx\r\n5\r\nhell", 5, "", "\r\n5\r\nhell"},
        {"1\r\nx\r\n2\r\nab\r\n3;x\r\nabcdef", 5, "ab", "\r\n3;x\r\nabcdef"},
        {"1\r\nx\r\n000000002\r\nab", 5, "", "\r\n000000002\r\nab"},
        {"1\r\nx\r\nffffffff\r\nab", SIZE_MAX, "", "\r\nffffffff\r\nab"},
        {"1\r\nx\r\n\r\nabcdefghij", 5, "", "\r\n\r\nabcdefghij"},
        {"1\r\nx\n2\r\nabcdefghij", 5, "", "\n2\r\nabcdefghij"},
        {"1\r\nx\rx2\r\nabcdefghij", 5, "", "\rx2\r\nabcdefghij"},
        {"1\r\nx\r\n2\nabcdefghij", 5, "", "\r\n2\nabcdefghij"},
        {"1\r\nx\r\n2\rabcdefghij", 5, "", "\r\n2\rabcdefghij"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *in = memory_exact(cases[i].in, strlen(cases[i].in));
        ferry_str raw = {in, strlen(cases[i].in)}, slice;
        begin_chunked();
        assert_int_equal(fy_framing_next(&f, &raw, &slice, &x), FERRY_OK);
        size_t n = fy_framing_join(&f, &raw, in, cases[i].longest);
        assert_true(fy_str_eq((ferry_str){in, n}, fy_str(cases[i].moved)));
        assert_true(fy_str_eq(raw, fy_str(cases[i].left)));
        assert_int_equal(f.seen, strlen(cases[i].in) - raw.len);
        free(in);
    }
}

static void nothing_is_moved_inside_a_chunk_or_a_body_of_known_length(void **state)
{
    ferry_str raw = FY_S("8\r\nab"), slice;
    char to[8];
    (void)state;
    begin_chunked();
    assert_int_equal(fy_framing_next(&f, &raw, &slice, &x), FERRY_OK);
    raw = FY_S("\r\n2\r\nab");
    assert_int_equal(fy_framing_join(&f, &raw, to, SIZE_MAX), 0);
    assert_int_equal(begin(1, 200, "Content-Length: 9\n", false), FERRY_OK);
    assert_int_equal(fy_framing_join(&f, &raw, to, SIZE_MAX), 0);
    assert_int_equal(raw.len, 7);
}

static void broken_chunks_are_an_error_at_their_byte_in_any_cut(void **state)
{
    static const struct {
        ferry_str in;
        int at;
    } cases[] = {
        {BYTES("\r\n"), 0},
        {BYTES(" 5\r\n"), 0},
        {BYTES("+5\r\n"), 0},
        {BYTES("-5\r\n"), 0},
        {BYTES("g\r\n"), 0},
        {BYTES("\0"), 0},
        {BYTES(";x\r\n"), 0},
        {BYTES("5\n"), 1},
        {BYTES("5\rx"), 2},
        {BYTES("5x\r\n"), 1},
        {BYTES("0x5\r\n"), 1},
        {BYTES("5_0\r\n"), 1},
        {BYTES("5 \r\n"), 2},
        {BYTES("5 5\r\n"), 2},
        {BYTES("5;x\n"), 3},
        {BYTES("5;x\0y\r\n"), 3},
        {BYTES("5;x\ry"), 4},
        {BYTES("5;a=\"x\r\n"), 6},
        {BYTES("5;a=\"x\\\"\r\n"), 8},
        {BYTES("5;a=\"x\\\r\n"), 7},
        {BYTES("5\r\nhelloworld"), 8},
        {BYTES("5\r\nhello\n"), 8},
        {BYTES("5\r\nhello\rx"), 9},
        {BYTES("5\r\nhello\rx234567890123"), 9},
        {BYTES("5\r\nhello\r\n5\rx34567890123"), 12},
        {BYTES("5\r\nhello\r\n5\nhello\r\n0\r\n"), 11},
        {BYTES("5\r\nhello\r\nx\r\nhello\r\n0\r\n"), 10},
        {BYTES("8000000000000000\r\n"), 15},
        {BYTES("10000000000000000\r\n"), 16},
        {BYTES("0\r\n\rx"), 4},
        {BYTES("0\r\na\r\n\r\n"), 4},
        {BYTES("0\r\n a: b\r\n\r\n"), 3},
        {BYTES("0\r\na: b\n\r\n"), 7},
        {BYTES("5\r\nhello\r\n0\r\nok: 1\r\na: \0\r\n\r\n"), 23},
    };
    (void)state;
    longest = SIZE_MAX;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (size_t step = 1; step <= cases[i].in.len; step++) {
            begin_chunked();
            decoded d = decode(cases[i].in, step, step);
            if (d.e != FERRY_ERR_PROTOCOL || x.at != cases[i].at)
                fail_msg(
                    "case %d, step %d: %d at %d", (int)i, (int)step, d.e, (int)x.at);
        }
}

static void the_largest_chunk_size_is_one_that_can_be_counted(void **state)
{
    ferry_str raw = FY_S("7fffffffffffffff\r\nx"), slice;
    (void)state;
    begin_chunked();
    assert_int_equal(fy_framing_next(&f, &raw, &slice, &x), FERRY_OK);
    assert_int_equal(slice.len, 1);
    assert_int_equal(f.left, (uint64_t)INT64_MAX - 1);
}

static void an_unfinished_message_wants_more_wherever_it_is_cut(void **state)
{
    ferry_str whole = FY_S("5;a=b\r\nhello\r\n0\r\nc: d\r\n\r\n");
    (void)state;
    for (size_t n = 0; n < whole.len; n++) {
        begin_chunked();
        assert_int_equal(decode(fy_str_upto(whole, n), n, 1).e, FERRY_AGAIN);
        assert_false(f.is_done);
        assert_int_equal(f.seen, n);
        assert_int_equal(fy_framing_end(&f, &x), FERRY_ERR_TRUNCATED);
        assert_int_equal(x.at, n);
    }
}

static void a_body_of_known_length_ends_after_it(void **state)
{
    (void)state;
    for (size_t step = 1; step < 12; step++) {
        assert_int_equal(begin(1, 200, "Content-Length: 5\n", false), FERRY_OK);
        decoded d = decode(FY_S("hello world"), step, step);
        assert_int_equal(d.e, FERRY_OK);
        assert_string_equal(d.body, "hello");
        assert_int_equal(d.rest, 6);
    }
    assert_int_equal(begin(1, 200, "Content-Length: 5\n", false), FERRY_OK);
    assert_int_equal(decode(FY_S("hell"), 4, 4).e, FERRY_AGAIN);
    assert_int_equal(fy_framing_end(&f, &x), FERRY_ERR_TRUNCATED);
    assert_int_equal(x.at, 4);
}

static void an_empty_body_takes_nothing(void **state)
{
    (void)state;
    assert_int_equal(begin(1, 204, "", false), FERRY_OK);
    assert_int_equal(decode(FY_S("next"), 4, 4).rest, 4);
    assert_int_equal(begin(1, 200, "Content-Length: 0\n", false), FERRY_OK);
    assert_int_equal(decode(FY_S("next"), 4, 4).rest, 4);
}

static void a_body_until_the_close_ends_only_there(void **state)
{
    (void)state;
    assert_int_equal(begin(1, 200, "", false), FERRY_OK);
    decoded d = decode(FY_S("0\r\n\r\nall of it"), 3, 3);
    assert_int_equal(d.e, FERRY_AGAIN);
    assert_string_equal(d.body, "0\r\n\r\nall of it");
    assert_false(f.is_done);
    assert_int_equal(fy_framing_end(&f, &x), FERRY_OK);
    assert_true(f.is_done);
}

/* --- limits and memory ----------------------------------------------------------- */

/* Feed `text`, then `more` again and again; how many bytes until an error. */
static size_t feed_until_error(const char *text, const char *more, ferry_err *e)
{
    decoded d = {.e = FERRY_AGAIN};
    begin_chunked();
    feed(&d, text, strlen(text));
    for (int i = 0; i < 10000 && d.e == FERRY_AGAIN; i++) {
        d.body[0] = '\0';
        feed(&d, more, strlen(more));
    }
    *e = d.e;
    return (size_t)f.seen;
}

static void a_line_that_never_ends_is_over_the_limit(void **state)
{
    static const struct {
        const char *text, *more;
    } cases[] = {{"5;", "x"}, {"5 ;", "xyz"}, {"0\r\na: ", "x"}, {"5", " "},
        {"5", "\t "}, {"0", "0"}, {"", "000"}};
    ferry_err e;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t n = feed_until_error(cases[i].text, cases[i].more, &e);
        if (e != FERRY_ERR_LIMIT || n > TRAILER_MAX + 20)
            fail_msg("case %d: %d after %d bytes", (int)i, e, (int)n);
    }
}

/* RFC 9112 7.1.1: unknown extensions are ignored, and a server may add one to each. */
static void an_extension_of_every_chunk_is_no_reason_to_end(void **state)
{
    ferry_err e;
    (void)state;
    feed_until_error("", "1;signature=0123456789abcdef\r\nx\r\n", &e);
    assert_int_equal(e, FERRY_AGAIN);
}

static void trailers_have_limits_in_bytes_and_in_lines(void **state)
{
    (void)state;
    begin_chunked();
    assert_int_equal(decode(FY_S("0\r\na:1\r\nb:2\r\nc:3\r\n\r\n"), 9, 9).e, FERRY_OK);
    begin_chunked();
    assert_int_equal(
        decode(FY_S("0\r\na:1\r\nb:2\r\nc:3\r\nd:4\r\n\r\n"), 9, 9).e, FERRY_ERR_LIMIT);
    begin_chunked();
    assert_int_equal(decode(FY_S("0\r\nlong: 012345678901234567890123456789"
                                 "01234567890123456789012\r\n\r\n"),
                         9, 9)
                         .e,
        FERRY_ERR_LIMIT);
    assert_string_equal(x.what, "trailers too long");
}

static void trailers_without_memory_are_an_error_at_every_call(void **state)
{
    int k = 0;
    ferry_err e;
    (void)state;
    do {
        fy_framing_fini(&f);
        begin_chunked();
        m.fail_at = m.calls + ++k;
        e = decode(FY_S("0\r\na: 1\r\nb: 2\r\n\r\n"), 100, 100).e;
        assert_true(e == FERRY_OK || e == FERRY_ERR_NOMEM);
    } while (e);
    assert_true(k > 2);
}

static void a_second_message_starts_afresh(void **state)
{
    (void)state;
    begin_chunked();
    assert_int_equal(decode(FY_S("0\r\na: 1\r\n\r\n"), 100, 100).e, FERRY_OK);
    assert_int_equal(f.trailers.n, 1);
    begin_chunked();
    assert_int_equal(f.trailers.n, 0);
    assert_int_equal(decode(FY_S("3;x"), 100, 100).e, FERRY_AGAIN);
    begin_chunked();
    decoded d = decode(FY_S("2\r\nab\r\n0\r\n\r\n"), 100, 100);
    assert_string_equal(d.body, "ab");
    assert_string_equal(d.trailers, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(some_responses_end_at_the_empty_line_whatever_they_claim),
        TEST(a_length_is_digits_said_once_or_alike),
        TEST(chunked_stands_alone),
        TEST(without_either_the_body_lasts_until_the_close),
        TEST(a_connection_persists_unless_somebody_says_close),
        TEST(a_length_that_can_be_read_in_two_ways_is_refused),
        TEST(any_transfer_coding_but_one_chunked_is_refused),
        TEST(an_idle_connection_is_kept_for_most_of_what_the_peer_says),
        TEST(chunks_are_joined_in_any_cut),
        TEST(only_whole_chunks_in_plain_form_are_moved),
        TEST(nothing_is_moved_inside_a_chunk_or_a_body_of_known_length),
        TEST(broken_chunks_are_an_error_at_their_byte_in_any_cut),
        TEST(the_largest_chunk_size_is_one_that_can_be_counted),
        TEST(an_unfinished_message_wants_more_wherever_it_is_cut),
        TEST(a_body_of_known_length_ends_after_it),
        TEST(an_empty_body_takes_nothing),
        TEST(a_body_until_the_close_ends_only_there),
        TEST(a_line_that_never_ends_is_over_the_limit),
        TEST(an_extension_of_every_chunk_is_no_reason_to_end),
        TEST(trailers_have_limits_in_bytes_and_in_lines),
        TEST(trailers_without_memory_are_an_error_at_every_call),
        TEST(a_second_message_starts_afresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
