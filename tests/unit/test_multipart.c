/* test_multipart.c - multipart/form-data (RFC 7578): its bytes, its length, its pieces,
 * read back by a reader that knows nothing of the writer.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "lib/model_multipart.h"
#include "proto/multipart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define B           "000102030405060708090a0b0c0dfeff"
#define END         "\r\n--" B "--\r\n"

static const unsigned char chance[16] = {
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0xfe, 0xff};

static memory m;
static fy_multipart mp;
static fy_buf all;
static fy_error x;

static int set_up(void **state)
{
    (void)state;
    memory_init(&m);
    fy_multipart_init(&mp, &m.platform, chance);
    fy_buf_init(&all, &m.platform, SIZE_MAX / 4);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fy_multipart_fini(&mp);
    fy_buf_fini(&all);
    return memory_is_clean(&m) ? 0 : -1;
}

static void put(fy_part p)
{
    assert_int_equal(fy_multipart_put(&mp, &p, &x), FERRY_OK);
}

/* All of it, `piece` bytes at a time; -1 after a failure. */
static int gather(size_t piece)
{
    char room[4096];
    ptrdiff_t n;
    fy_buf_clear(&all);
    while ((n = fy_multipart_read(&mp, room, piece, &x)) > 0) {
        assert_true((size_t)n <= piece);
        fy_buf_put(&all, room, (size_t)n);
    }
    return (int)n;
}

static void expect_all(const char *text)
{
    assert_int_equal(fy_multipart_end(&mp, &x), FERRY_OK);
    for (size_t piece = 1; piece <= 4096; piece = piece < 80 ? piece + 1 : piece * 7) {
        assert_int_equal(gather(piece), 0);
        assert_string_equal(fy_buf_text(&all), text);
        assert_int_equal(fy_multipart_length(&mp), strlen(text));
        assert_true(fy_multipart_rewind(&mp));
    }
}

/* --- bytes ----------------------------------------------------------------------- */

static void a_field_and_a_file_are_written_as_requests_writes_them(void **state)
{
    const ferry_pair headers[] = {{"X-More", "1"}, {NULL, NULL}};
    (void)state;
    put((fy_part){.name = FY_S("user"), .bytes = FY_S("ada")});
    put((fy_part){.name = FY_S("photo"),
        .filename = FY_S("a.png"),
        .type = FY_S("image/png"),
        .headers = headers,
        .bytes = FY_S("\x89PNG")});
    expect_all("--" B "\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\nada\r\n"
               "--" B "\r\nContent-Disposition: form-data; name=\"photo\"; "
               "filename=\"a.png\"\r\nContent-Type: image/png\r\nX-More: 1\r\n\r\n"
               "\x89PNG" END);
}

static void no_parts_are_the_last_delimiter_alone(void **state)
{
    (void)state;
    expect_all("--" B "--\r\n");
}

static void a_copied_field_stands_among_the_others(void **state)
{
    char name[] = "a", value[] = "1";
    (void)state;
    assert_int_equal(
        fy_multipart_put_field(&mp, fy_str(name), fy_str(value), &x), FERRY_OK);
    name[0] = value[0] = '?';
    put((fy_part){.name = FY_S("b"), .bytes = FY_S("2")});
    expect_all("--" B "\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
               "--" B "\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n2" END);
}

static void names_are_escaped_as_browsers_do_it(void **state)
{
    static const struct {
        const char *name, *written;
    } cases[] = {
        {"plain", "plain"},
        {"", ""},
        {"a \"b\"", "a %22b%22"},
        {"a\r\nb", "a%0D%0Ab"},
        {"back\\slash", "back\\slash"},
        {"50%", "50%"},
        {"%22", "%22"},
        {"caf\xc3\xa9;x=y", "caf\xc3\xa9;x=y"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char line[200] = "--" B "\r\nContent-Disposition: form-data; name=\"";
        strcat(line, cases[i].written);
        strcat(line, "\"; filename=\"");
        strcat(line, cases[i].written);
        strcat(line, "\"\r\n\r\n" END);
        put((fy_part){
            .name = fy_str(cases[i].name), .filename = fy_str(cases[i].name)});
        expect_all(line);
        tear_down(NULL);
        set_up(NULL);
    }
}

static void fields_of_a_part_take_the_place_of_ours(void **state)
{
    const ferry_pair headers[] = {{"content-type", NULL},
        {"Content-Disposition", "form-data; name=\"other\""}, {NULL, NULL}};
    (void)state;
    put((fy_part){.name = FY_S("a"),
        .type = FY_S("text/plain"),
        .headers = headers,
        .bytes = FY_S("1")});
    expect_all(
        "--" B "\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n1" END);
}

static void what_could_end_a_line_of_the_head_is_misuse(void **state)
{
    static const ferry_pair bad_value[] = {{"A", "b\r\nC: d"}, {NULL, NULL}};
    static const ferry_pair bad_name[] = {{"A:", "b"}, {NULL, NULL}};
    const fy_part cases[] = {
        {.name = FY_S("a"), .type = FY_S("text/plain\r\nX: y")},
        {.name = FY_S("a"), .headers = bad_value},
        {.name = FY_S("a"), .headers = bad_name},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(fy_multipart_put(&mp, &cases[i], &x), FERRY_ERR_USAGE);
}

static void a_boundary_is_made_of_all_its_chance(void **state)
{
    (void)state;
    assert_string_equal(mp.boundary, B);
}

/* --- sources --------------------------------------------------------------------- */

typedef struct stream {
    const char *bytes;
    size_t at, most;
    int reads, rewinds;
    ptrdiff_t answer;
} stream;

static ptrdiff_t stream_read(void *ctx, void *p, size_t n)
{
    stream *s = ctx;
    size_t left = strlen(s->bytes + s->at);
    s->reads++;
    assert_true(n > 0);
    if (s->answer)
        return s->answer;
    n = n < left ? n : left;
    n = s->most && n > s->most ? s->most : n;
    memcpy(p, s->bytes + s->at, n);
    s->at += n;
    return (ptrdiff_t)n;
}

static int stream_rewind(void *ctx)
{
    stream *s = ctx;
    s->at = 0;
    s->rewinds++;
    return 0;
}

static fy_part part_of(stream *s, int64_t length)
{
    return (fy_part){
        .name = FY_S("f"), .source = {s, stream_read, stream_rewind, length}};
}

static void a_source_of_known_length_is_never_asked_behind_it(void **state)
{
    stream s = {.bytes = "hello and more", .most = 2};
    (void)state;
    put(part_of(&s, 5));
    put((fy_part){.name = FY_S("b"), .bytes = FY_S("2")});
    expect_all("--" B "\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nhello\r\n"
               "--" B "\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n2" END);
}

static void one_part_of_unknown_length_makes_the_length_unknown(void **state)
{
    stream s = {.bytes = "hello"};
    (void)state;
    put((fy_part){.name = FY_S("b"), .bytes = FY_S("2")});
    assert_true(fy_multipart_length(&mp) > 0);
    put(part_of(&s, -1));
    assert_int_equal(fy_multipart_length(&mp), -1);
    assert_int_equal(fy_multipart_end(&mp, &x), FERRY_OK);
    assert_int_equal(gather(4096), 0);
    assert_string_equal(fy_buf_text(&all),
        "--" B "\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n2\r\n--" B
        "\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nhello" END);
}

static void a_sum_that_does_not_fit_is_not_known(void **state)
{
    stream s = {.bytes = ""};
    (void)state;
    put(part_of(&s, INT64_MAX - 10));
    assert_int_equal(fy_multipart_length(&mp), -1);
}

/* What is here leaves before a source is asked a second time. */
static void a_source_that_has_more_is_asked_once_a_read(void **state)
{
    char room[4096];
    stream s = {.bytes = "hello", .most = 3};
    (void)state;
    put(part_of(&s, -1));
    assert_int_equal(fy_multipart_end(&mp, &x), FERRY_OK);
    assert_true(fy_multipart_read(&mp, room, sizeof room, &x) > 0);
    assert_int_equal(s.reads, 1);
}

static void a_source_that_breaks_its_word_is_an_error(void **state)
{
    static const struct {
        int64_t length;
        ptrdiff_t answer;
        ferry_err e;
        const char *what;
    } cases[] = {
        {6, 0, FERRY_ERR_BODY, "a part ended before its length was reached"},
        {-1, -1, FERRY_OK, NULL},
        {5, PTRDIFF_MIN, FERRY_OK, NULL},
        {4, 5, FERRY_ERR_BODY, "a part's source gave more than it was asked for"},
        {-1, PTRDIFF_MAX, FERRY_ERR_BODY,
            "a part's source gave more than it was asked for"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        stream s = {.bytes = "hello", .answer = cases[i].answer};
        put(part_of(&s, cases[i].length));
        assert_int_equal(fy_multipart_end(&mp, &x), FERRY_OK);
        assert_int_equal(gather(1000), -1);
        assert_int_equal(x.code, cases[i].e);
        if (cases[i].what)
            assert_string_equal(x.what, cases[i].what);
        tear_down(NULL);
        set_up(NULL);
    }
}

/* What stands before it leaves meanwhile; nothing is lost, nothing said twice. */
static void a_source_that_has_nothing_yet_is_asked_again(void **state)
{
    (void)state;
    for (int64_t length = -1; length <= 5; length += 6)
        for (size_t piece = 1; piece < 200; piece++) {
            stream s = {.bytes = "hello", .answer = FERRY_NOT_YET};
            fy_multipart_fini(&mp);
            fy_multipart_init(&mp, &m.platform, chance);
            put(part_of(&s, length));
            put((fy_part){.name = FY_S("b"), .bytes = FY_S("2")});
            assert_int_equal(fy_multipart_end(&mp, &x), FERRY_OK);
            assert_int_equal(gather(piece), FERRY_NOT_YET);
            assert_string_equal(fy_buf_text(&all),
                "--" B "\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n");
            assert_int_equal(gather(piece), FERRY_NOT_YET);
            assert_int_equal(all.len, 0);
            assert_true(fy_multipart_rewind(&mp));
            assert_int_equal(s.rewinds, 0);
            assert_int_equal(gather(piece), FERRY_NOT_YET);
            s.answer = 0;
            assert_int_equal(gather(piece), 0);
            assert_string_equal(fy_buf_text(&all),
                "hello\r\n--" B
                "\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n2" END);
        }
}

static void only_sources_that_were_asked_are_rewound(void **state)
{
    stream asked = {.bytes = "hello"}, untouched = {.bytes = "hello"};
    (void)state;
    put(part_of(&asked, -1));
    put(part_of(&untouched, -1));
    assert_int_equal(fy_multipart_end(&mp, &x), FERRY_OK);
    char room[100];
    fy_multipart_read(&mp, room, 100, &x);
    assert_int_equal(asked.reads, 1);
    assert_int_equal(untouched.reads, 0);
    assert_true(fy_multipart_may_rewind(&mp));
    assert_true(fy_multipart_rewind(&mp));
    assert_int_equal(asked.rewinds, 1);
    assert_int_equal(untouched.rewinds, 0);
}

static int refuse(void *ctx)
{
    (void)ctx;
    return -1;
}

static void a_source_that_refuses_to_rewind_ends_it(void **state)
{
    stream s = {.bytes = "hello"};
    fy_part p = part_of(&s, -1);
    (void)state;
    p.source.rewind = refuse;
    put(p);
    assert_int_equal(fy_multipart_end(&mp, &x), FERRY_OK);
    assert_true(fy_multipart_rewind(&mp)); /* it was not asked */
    assert_int_equal(gather(1000), 0);
    assert_false(fy_multipart_rewind(&mp));
}

static void one_source_without_rewind_is_enough_to_be_sent_once(void **state)
{
    stream s = {.bytes = "hello"};
    fy_part p = part_of(&s, -1);
    (void)state;
    put((fy_part){.name = FY_S("b"), .bytes = FY_S("2")});
    assert_true(fy_multipart_may_rewind(&mp));
    p.source.rewind = NULL;
    put(p);
    assert_false(fy_multipart_may_rewind(&mp));
}

/* --- read back ------------------------------------------------------------------- */

static void any_bytes_come_back_as_they_went(void **state)
{
    const ferry_str contents[] = {FY_S(""), FY_S("\r\n"), FY_S("--" B), FY_S("\r\n--"),
        FY_S("\0\r\n\r\n\0"), FY_S("--\r\n--\r\n")};
    model_multipart back;
    (void)state;
    for (size_t i = 0; i < COUNT(contents); i++)
        put((fy_part){.name = FY_S("a\"\r\nb"),
            .filename = FY_S("f\"\n"),
            .type = FY_S("x/y"),
            .bytes = contents[i]});
    assert_int_equal(fy_multipart_end(&mp, &x), FERRY_OK);
    assert_int_equal(gather(7), 0);
    const uint8_t *p = (const uint8_t *)all.ptr;
    assert_int_equal(model_read_multipart(&back, B, p, all.len), MODEL_FULL);
    assert_int_equal(back.n, COUNT(contents));
    for (size_t i = 0; i < back.n; i++) {
        assert_string_equal(back.at[i].name.ptr, "a\"\r\nb");
        assert_string_equal(back.at[i].filename.ptr, "f\"\n");
        assert_int_equal(back.at[i].content.len, contents[i].len);
        if (contents[i].len)
            assert_memory_equal(
                back.at[i].content.ptr, contents[i].ptr, contents[i].len);
    }
    model_multipart_free(&back);
}

static void without_memory_a_part_is_an_error_at_every_call(void **state)
{
    const fy_part p = {.name = FY_S("a"), .bytes = FY_S("1")};
    (void)state;
    for (int k = 1; k < 4; k++) {
        m.fail_at = m.calls + k;
        ferry_err e = fy_multipart_put(&mp, &p, &x);
        bool has_failed = m.calls >= m.fail_at;
        assert_int_equal(e, has_failed ? FERRY_ERR_NOMEM : FERRY_OK);
        m.fail_at = 0;
        fy_multipart_fini(&mp);
        fy_multipart_init(&mp, &m.platform, chance);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_field_and_a_file_are_written_as_requests_writes_them, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            no_parts_are_the_last_delimiter_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_copied_field_stands_among_the_others, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            names_are_escaped_as_browsers_do_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            fields_of_a_part_take_the_place_of_ours, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            what_could_end_a_line_of_the_head_is_misuse, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_boundary_is_made_of_all_its_chance, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_source_of_known_length_is_never_asked_behind_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            one_part_of_unknown_length_makes_the_length_unknown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_sum_that_does_not_fit_is_not_known, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_source_that_has_more_is_asked_once_a_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_source_that_breaks_its_word_is_an_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_source_that_has_nothing_yet_is_asked_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            only_sources_that_were_asked_are_rewound, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_source_that_refuses_to_rewind_ends_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            one_source_without_rewind_is_enough_to_be_sent_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            any_bytes_come_back_as_they_went, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            without_memory_a_part_is_an_error_at_every_call, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
