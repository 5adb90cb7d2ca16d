/* test_parts.c - a form of several parts, from the caller's list to its bytes.
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "lib/machine.h"
#include "lib/model_multipart.h"
#include "session/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define HELLO       "tests/wire/files/hello"
#define EMPTY       "tests/wire/files/empty"

static machine m;
static fy_parts *parts;
static ferry_source source;
static fy_buf all;
static fy_error x;

static int set_up(void **state)
{
    (void)state;
    machine_init(&m);
    parts = NULL;
    fy_buf_init(&all, &m.memory.platform, SIZE_MAX / 4);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fy_parts_free(parts);
    fy_buf_fini(&all);
    return memory_is_clean(&m.memory) ? 0 : -1;
}

static ferry_err make(const ferry_pair *form, const ferry_part *list)
{
    fy_parts_free(parts);
    x.code = FERRY_OK;
    parts = fy_parts_new(&m.memory.platform, form, list, &x);
    assert_int_equal(parts == NULL, x.code != FERRY_OK);
    if (parts)
        source = fy_parts_source(parts);
    return x.code;
}

static int gather(void)
{
    char room[100];
    ptrdiff_t n;
    fy_buf_clear(&all);
    while ((n = source.read(source.ctx, room, sizeof room)) > 0)
        fy_buf_put(&all, room, (size_t)n);
    return (int)n;
}

static void read_back(model_multipart *back)
{
    const char *boundary = parts->multipart.boundary;
    const uint8_t *p = (const uint8_t *)all.ptr;
    assert_int_equal(model_read_multipart(back, boundary, p, all.len), MODEL_FULL);
}

static ptrdiff_t give_nothing(void *ctx, void *p, size_t n)
{
    (void)ctx, (void)p, (void)n;
    return 0;
}

static const ferry_source nothing = {NULL, give_nothing, NULL, 0},
                          no_bytes = {NULL, give_nothing, NULL, FERRY_NONE},
                          no_read = {NULL, NULL, NULL, 0},
                          negative = {NULL, give_nothing, NULL, FERRY_UNLIMITED};

/* --- what becomes of a list ------------------------------------------------------ */

static void a_name_of_a_file_is_the_last_part_of_its_path(void **state)
{
    static const struct {
        ferry_part part;
        const char *filename; /* NULL: none */
    } cases[] = {
        {{.name = "f", .file = HELLO}, "hello"},
        {{.name = "f", .file = HELLO, .filename = "a b.txt"}, "a b.txt"},
        {{.name = "f", .file = HELLO, .filename = ""}, NULL},
        {{.name = "f", .text = "x"}, NULL},
        {{.name = "f", .text = "x", .filename = "x.txt"}, "x.txt"},
        {{.name = "f", .source = &nothing}, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const ferry_part list[] = {cases[i].part, {.name = NULL}};
        model_multipart back;
        assert_int_equal(make(NULL, list), FERRY_OK);
        assert_int_equal(gather(), 0);
        read_back(&back);
        assert_int_equal(back.n, 1);
        assert_int_equal(back.at[0].has_filename, cases[i].filename != NULL);
        if (cases[i].filename)
            assert_string_equal(back.at[0].filename.ptr, cases[i].filename);
        model_multipart_free(&back);
    }
}

static void parts_come_in_order_behind_the_pairs(void **state)
{
    const ferry_pair form[] = {{"1", "a"}, {"gone", NULL}, {"1", "b"}, {NULL, NULL}};
    const ferry_part list[] = {{.name = "2", .file = HELLO, .type = "text/plain"},
        {.name = "gone"}, {.name = "3", .body = {"\0c", 2}, .type = ""},
        {.name = "4", .file = EMPTY}, {.name = "5", .source = &no_bytes},
        {.name = NULL}};
    static const struct {
        const char *name;
        ferry_str content;
        size_t fields;
    } expected[] = {{"1", {"a", 1}, 1}, {"1", {"b", 1}, 1}, {"2", {"hello", 5}, 2},
        {"3", {"\0c", 2}, 1}, {"4", {"", 0}, 1}, {"5", {"", 0}, 1}};
    model_multipart back;
    (void)state;
    assert_int_equal(make(form, list), FERRY_OK);
    assert_int_equal(gather(), 0);
    assert_int_equal(source.length, all.len);
    assert_string_equal(parts->type.ptr,
        "multipart/form-data; boundary=00000000000000000000000000000000");
    read_back(&back);
    assert_int_equal(back.n, COUNT(expected));
    for (size_t i = 0; i < back.n; i++) {
        assert_string_equal(back.at[i].name.ptr, expected[i].name);
        assert_int_equal(back.at[i].content.len, expected[i].content.len);
        if (expected[i].content.len)
            assert_memory_equal(back.at[i].content.ptr, expected[i].content.ptr,
                expected[i].content.len);
        assert_int_equal(back.at[i].fields.n, expected[i].fields);
    }
    model_multipart_free(&back);
}

static void what_is_no_part_is_misuse(void **state)
{
    static const ferry_pair bad[] = {{"A", "b\r\n"}, {NULL, NULL}};
    static const struct {
        ferry_part part;
        const char *what;
    } cases[] = {
        {{.name = "a", .text = "x", .file = HELLO}, "a part has more than one content"},
        {{.name = "a", .body = {"x", 1}, .source = &nothing},
            "a part has more than one content"},
        {{.name = "a", .body = {NULL, 1}}, "a part's body has a length and no bytes"},
        {{.name = "a", .source = &no_read}, "a part's source without read"},
        {{.name = "a", .source = &negative}, "negative length of a part's source"},
        {{.name = "a", .text = "x", .headers = bad}, "control byte in a header value"},
        {{.name = "a", .text = "x", .type = "a\nb"}, "control byte in a header value"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const ferry_part list[] = {cases[i].part, {.name = NULL}};
        assert_int_equal(make(NULL, list), FERRY_ERR_USAGE);
        assert_string_equal(x.what, cases[i].what);
    }
}

static void without_entropy_there_is_no_boundary(void **state)
{
    const ferry_part list[] = {{.name = "a", .text = "x"}, {.name = NULL}};
    (void)state;
    m.has_no_entropy = true;
    assert_int_equal(make(NULL, list), FERRY_ERR_USAGE);
    assert_string_equal(x.what, "no entropy for a boundary");
}

/* --- files ----------------------------------------------------------------------- */

static int open_files(void)
{
    int n = 0;
    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

static void no_more_than_one_file_is_open(void **state)
{
    ferry_part list[101];
    char room[100];
    int before = open_files(), most = 0;
    (void)state;
    for (size_t i = 0; i < 100; i++)
        list[i] = (ferry_part){.name = "f", .file = HELLO};
    list[100] = (ferry_part){.name = NULL};
    assert_int_equal(make(NULL, list), FERRY_OK);
    assert_int_equal(open_files(), before);
    while (source.read(source.ctx, room, sizeof room) > 0)
        most = open_files() > most ? open_files() : most;
    assert_int_equal(most, before + 1);
    assert_int_equal(source.rewind(source.ctx), 0);
    assert_int_equal(gather(), 0);
    assert_int_equal(all.len, source.length);
    fy_parts_free(parts);
    parts = NULL;
    assert_int_equal(open_files(), before);
}

static void a_file_that_is_not_there_is_known_before_anything_is_sent(void **state)
{
    const ferry_part list[] = {{.name = "a", .text = "x"},
        {.name = "f", .file = "tests/wire/files/none"}, {.name = NULL}};
    const ferry_part folder[] = {
        {.name = "f", .file = "tests/wire/files"}, {.name = NULL}};
    (void)state;
    assert_int_equal(make(NULL, list), FERRY_ERR_FILE);
    assert_string_equal(x.what, "it cannot be opened");
    assert_int_equal(make(NULL, folder), FERRY_ERR_FILE);
    assert_string_equal(x.what, "it is a folder");
}

static void a_file_that_goes_before_its_turn_ends_the_reading(void **state)
{
    char path[] = "/tmp/ferry-parts-XXXXXX";
    int fd = mkstemp(path);
    const ferry_part list[] = {{.name = "f", .file = path}, {.name = NULL}};
    (void)state;
    assert_true(fd >= 0 && write(fd, "hello", 5) == 5);
    close(fd);
    assert_int_equal(make(NULL, list), FERRY_OK);
    unlink(path);
    assert_int_equal(gather(), -1);
    assert_int_equal(parts->why.code, FERRY_ERR_FILE);
}

static void a_pipe_makes_the_form_one_of_unknown_length_for_once(void **state)
{
    int ends[2];
    char path[32];
    model_multipart back;
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "hello", 5), 5);
    close(ends[1]);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    const ferry_part list[] = {{.name = "f", .file = path}, {.name = NULL}};
    assert_int_equal(make(NULL, list), FERRY_OK);
    assert_int_equal(source.length, -1);
    assert_null(source.rewind);
    assert_int_equal(gather(), 0);
    read_back(&back);
    assert_string_equal(back.at[0].content.ptr, "hello");
    model_multipart_free(&back);
    close(ends[0]);
}

static void without_memory_there_are_no_parts_at_every_call(void **state)
{
    const ferry_pair form[] = {{"1", "a"}, {NULL, NULL}};
    const ferry_part list[] = {{.name = "f", .file = HELLO},
        {.name = "g", .file = HELLO}, {.name = "a", .text = "x"}, {.name = NULL}};
    int k = 1;
    (void)state;
    for (;; k++) {
        m.memory.calls = 0;
        m.memory.fail_at = k;
        ferry_err e = make(form, list);
        if (m.memory.calls < k)
            break;
        assert_int_equal(e, FERRY_ERR_NOMEM);
    }
    m.memory.fail_at = 0;
    assert_true(k > 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_name_of_a_file_is_the_last_part_of_its_path),
        TEST(parts_come_in_order_behind_the_pairs),
        TEST(what_is_no_part_is_misuse),
        TEST(without_entropy_there_is_no_boundary),
        TEST(no_more_than_one_file_is_open),
        TEST(a_file_that_is_not_there_is_known_before_anything_is_sent),
        TEST(a_file_that_goes_before_its_turn_ends_the_reading),
        TEST(a_pipe_makes_the_form_one_of_unknown_length_for_once),
        TEST(without_memory_there_are_no_parts_at_every_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
