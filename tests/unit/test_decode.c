/* test_decode.c - content codings undone (RFC 9110 8.4, RFC 1950 to 1952).
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "proto/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define BYTES(literal)                                                                 \
    {                                                                                  \
        "" literal, sizeof(literal) - 1                                                \
    }

#define HELLO     "hello world"
#define GZIP_HEAD "\x1f\x8b\x08\0\0\0\0\0\x02\x03"
#define GZIP_HELLO                                                                     \
    GZIP_HEAD "\xcbH\xcd\xc9\xc9W(\xcf/\xcaI\x01\0\x85\x11J\x0d\x0b\0\0\0"
#define GZIP_EMPTY GZIP_HEAD "\x03\0\0\0\0\0\0\0\0\0"
#define GZIP_AGAIN GZIP_HEAD "SHLO\xcc\xcc\x03\0t\x08\xed\xe3\x06\0\0\0"
#define ZLIB_HELLO "x\xda\xcbH\xcd\xc9\xc9W(\xcf/\xcaI\x01\0\x1a\x0b\x04]"
#define RAW_HELLO  "\xcbH\xcd\xc9\xc9W(\xcf/\xcaI\x01\0"
#define ZLIB_IN_GZIP                                                                   \
    GZIP_HEAD                                                                          \
    "\xab\xb8u\xda\xe3\xec\xc9\x93\xe1\x1a\xe7\xf5Oy22Hq\xb3\xc4\x02\0<\xc4\xb8\x11"   \
    "\x13\0\0\0"
#define GZIP_5                                                                         \
    GZIP_HEAD                                                                          \
    "\x93\xef\xe6`\0\x01&\xe6\xc9\xef\x9f%00\xaa=;\xf9~\xbe\xaa\x81\xc1*[\xeb\x9fu"    \
    "\xfbV5\x1e\xd4\xba}\xd7\xea\xf2\xfd\x9b\xdf\xed\xef\x97~\xb9\xbe\xfe\xc1\xc9WU"   \
    "6\xd5\xfa\x37\x8e\xb9\x99n7\x97\xbbr\xf7\xb5\xd6\xf6\xa6\xfe\x87\xb7\x1fy[\xb2"   \
    "9\xcc\x65xX\x93\xc0\xea\x04\x34\x0c\0L,\x04\xf3U\0\0\0"
#define BR_HELLO   "\x0f\x05\x80hello world\x03"
#define ZSTD_HELLO "(\xb5/\xfd\x04XY\0\0hello worldhi\x1e\xb2"

static memory m;
static fy_decode d;
static fy_buf out;
static fy_error x;

static int set_up(void **state)
{
    (void)state;
    memory_init(&m);
    fy_decode_init(&d, &m.platform);
    fy_buf_init(&out, &m.platform, SIZE_MAX / 4);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fy_decode_fini(&d);
    fy_buf_fini(&out);
    return memory_is_clean(&m) ? 0 : -1;
}

static bool builds_with(const char *coding)
{
    fy_buf b;
    fy_buf_init(&b, &m.platform, 100);
    fy_decode_put_codings(&b);
    bool has = strstr(fy_buf_text(&b), coding) != NULL;
    fy_buf_fini(&b);
    return has;
}

/* Content-Encoding fields, one a line. */
static ferry_err begin(const char *codings, int64_t ratio)
{
    ferry_field fields[10];
    ferry_str rest = fy_str(codings), line;
    ferry_fields headers = {fields, 0};
    while (fy_str_cut(&rest, '\n', &line))
        fields[headers.n++] = (ferry_field){FY_S("content-encoding"), line};
    return fy_decode_begin(&d, headers, ratio, &x);
}

/* All of `in`, into pieces of at most `room` bytes, each in a block of its own. */
static ferry_err decode_piece(ferry_str in, size_t room)
{
    bool is_full = true;
    while (in.len || is_full) {
        char *block = malloc(room);
        fy_room to = {block, room};
        ferry_err e = fy_decode_step(&d, &in, &to, &x);
        assert_true(to.ptr == block + (room - to.left));
        fy_buf_put(&out, block, room - to.left);
        free(block);
        is_full = to.left == 0;
        if (e)
            return e;
        assert_true(in.len == 0 || is_full);
    }
    return FERRY_OK;
}

static ferry_err decode(const char *codings, ferry_str body, size_t cut, size_t room)
{
    fy_buf_clear(&out);
    TRY(begin(codings, 200));
    while (body.len) {
        size_t n = cut < body.len ? cut : body.len;
        char *piece = memory_exact(body.ptr, n);
        ferry_err e = decode_piece((ferry_str){piece, n}, room);
        free(piece);
        if (e)
            return e;
        body = fy_str_from(body, n);
    }
    return fy_decode_end(&d, &x);
}

static const size_t cuts[] = {1, 2, 7, SIZE_MAX}, rooms[] = {1, 3, 4096};

typedef struct example {
    const char *codings;
    ferry_str body;
    const char *decoded; /* NULL: an error */
} example;

/* In every cut, with rooms of every size. */
static void expect(const example *c)
{
    for (size_t i = 0; i < COUNT(cuts) * COUNT(rooms); i++) {
        ferry_err e = decode(
            c->codings, c->body, cuts[i / COUNT(rooms)], rooms[i % COUNT(rooms)]);
        if (c->decoded) {
            assert_int_equal(e, FERRY_OK);
            assert_string_equal(fy_buf_text(&out), c->decoded);
        } else {
            assert_int_equal(e, FERRY_ERR_DECODE);
            assert_non_null(x.what);
            assert_in_range(x.at, 0, c->body.len);
        }
    }
}

static void expect_all(const example *cases, size_t n)
{
    if (!builds_with("gzip"))
        skip();
    for (size_t i = 0; i < n; i++)
        expect(&cases[i]);
}

/* --- what is decoded ------------------------------------------------------------- */

static void a_body_is_the_same_in_every_cut_and_into_every_room(void **state)
{
    static const example cases[] = {
        {"gzip", BYTES(GZIP_HELLO), HELLO},
        {"x-gzip", BYTES(GZIP_HELLO), HELLO},
        {"GZip", BYTES(GZIP_HELLO), HELLO},
        {"gzip", BYTES(GZIP_EMPTY), ""},
        {"deflate", BYTES(ZLIB_HELLO), HELLO},
        {"gzip", BYTES(""), ""},
        {"deflate", BYTES(""), ""},
    };
    (void)state;
    expect_all(cases, COUNT(cases));
}

/* RFC 9110 8.4.1.2: some senders leave the zlib format out. */
static void deflate_may_come_without_its_header(void **state)
{
    static const example cases[] = {
        {"deflate", BYTES(RAW_HELLO), HELLO},
        {"deflate", BYTES("\x03\0"), ""},
        {"deflate", BYTES("\x01\x01\0\xfe\xff!"), "!"},
    };
    (void)state;
    expect_all(cases, COUNT(cases));
}

/* RFC 1952 2.2 */
static void members_of_gzip_are_joined(void **state)
{
    static const example cases[] = {
        {"gzip", BYTES(GZIP_HELLO GZIP_AGAIN), HELLO " again"},
        {"gzip", BYTES(GZIP_EMPTY GZIP_HELLO GZIP_EMPTY GZIP_AGAIN), HELLO " again"},
    };
    (void)state;
    expect_all(cases, COUNT(cases));
}

static void what_stands_behind_the_data_is_ignored(void **state)
{
    static const example cases[] = {
        {"gzip", BYTES(GZIP_HELLO "garbage"), HELLO},
        {"gzip", BYTES(GZIP_HELLO "\0\0\0\0\0\0\0\0\0\0"), HELLO},
        {"gzip", BYTES(GZIP_HELLO "\x1f"), HELLO},
        {"gzip", BYTES(GZIP_HELLO "\x1fgarbage"), HELLO},
        {"gzip", BYTES(GZIP_HELLO "g" GZIP_AGAIN), HELLO},
        {"deflate", BYTES(ZLIB_HELLO "garbage"), HELLO},
        {"deflate", BYTES(ZLIB_HELLO ZLIB_HELLO), HELLO},
        {"deflate", BYTES(RAW_HELLO "garbage"), HELLO},
    };
    (void)state;
    expect_all(cases, COUNT(cases));
}

/* RFC 9110 8.4: the last coding of the list was applied last. */
static void a_list_is_undone_from_its_end(void **state)
{
    static const example cases[] = {
        {"deflate, gzip", BYTES(ZLIB_IN_GZIP), HELLO},
        {"deflate\ngzip", BYTES(ZLIB_IN_GZIP), HELLO},
        {" identity ,deflate,,\n,gzip, Identity", BYTES(ZLIB_IN_GZIP), HELLO},
        {"gzip,gzip,gzip\ngzip,gzip", BYTES(GZIP_5), HELLO},
    };
    (void)state;
    expect_all(cases, COUNT(cases));
}

static void br_and_zstd_are_decoded_where_they_are_built_in(void **state)
{
    static const example br[] = {
        {"br", BYTES(BR_HELLO), HELLO},
        {"BR", BYTES(BR_HELLO "garbage"), HELLO},
        {"br", BYTES(""), ""},
        {"br", BYTES("\x0f\x05\x80hello"), NULL},
        {"br", BYTES("hello world"), NULL},
    };
    static const example zstd[] = {
        {"zstd", BYTES(ZSTD_HELLO), HELLO},
        {"zstd", BYTES(ZSTD_HELLO ZSTD_HELLO), HELLO HELLO},
        {"zstd", BYTES(""), ""},
        {"zstd", BYTES("(\xb5/\xfd\x04XY\0\0hello worldhi\x1e\xb3"), NULL},
        {"zstd", BYTES("(\xb5/\xfd\x04XY\0\0hello"), NULL},
        {"zstd", BYTES("hello world"), NULL},
    };
    (void)state;
    if (builds_with("br"))
        for (size_t i = 0; i < COUNT(br); i++)
            expect(&br[i]);
    else
        assert_int_equal(begin("br", 200), FERRY_ERR_UNSUPPORTED);
    if (builds_with("zstd"))
        for (size_t i = 0; i < COUNT(zstd); i++)
            expect(&zstd[i]);
    else
        assert_int_equal(begin("zstd", 200), FERRY_ERR_UNSUPPORTED);
}

/* RFC 9659 3: 8 MiB are enough for anybody, and all that a client must have. */
static void a_zstd_window_of_more_than_8_MiB_is_refused(void **state)
{
    static const char head[] = "\x28\xb5\x2f\xfd\x00\x70\x01\0\0"; /* 16 MiB */
    (void)state;
    if (builds_with("zstd"))
        assert_int_equal(decode("zstd", (ferry_str){head, sizeof head - 1}, 1, 100),
            FERRY_ERR_LIMIT);
}

static void only_codings_other_than_identity_make_a_body_coded(void **state)
{
    static const struct {
        const char *value;
        bool is_coded;
    } cases[] = {{"", false}, {"identity", false}, {" , IDENTITY,", false},
        {"gzip", true}, {"x-foo", true}, {"identity, br", true}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        ferry_field f = {FY_S("Content-Encoding"), fy_str(cases[i].value)};
        assert_int_equal(fy_decode_is_coded((ferry_fields){&f, 1}), cases[i].is_coded);
    }
    assert_false(fy_decode_is_coded((ferry_fields){NULL, 0}));
}

/* RFC 9110 12.5.3: an empty Accept-Encoding would say something else. */
static void a_build_asks_for_exactly_what_it_decodes(void **state)
{
    static const char *const codings[] = {"gzip", "deflate", "br", "zstd"};
    (void)state;
    for (size_t i = 0; i < COUNT(codings); i++)
        assert_int_equal(begin(codings[i], 200) == FERRY_OK, builds_with(codings[i]));
    fy_decode_put_codings(&out);
    assert_true(out.len > 0);
    assert_int_equal(builds_with("identity"), strchr(fy_buf_text(&out), 'g') == NULL);
}

/* --- what is not ----------------------------------------------------------------- */

static void damaged_data_are_an_error(void **state)
{
    static const example cases[] = {
        {"gzip", BYTES("hello world"), NULL},
        {"gzip", BYTES(ZLIB_HELLO), NULL},
        {"gzip", BYTES("\x1f\x8b\x07\0\0\0\0\0\0\x03"), NULL},
        {"gzip", BYTES("\x1f\x8b\x08\xe0\0\0\0\0\0\x03"), NULL},
        {"gzip", BYTES(GZIP_HEAD "\x07\0\0\0\0\0\0\0\0\0"), NULL},
        {"gzip",
            BYTES(
                GZIP_HEAD "\xcbH\xcd\xc9\xc9W(\xcf/\xcaI\x01\0\x86\x11J\x0d\x0b\0\0\0"),
            NULL},
        {"gzip",
            BYTES(
                GZIP_HEAD "\xcbH\xcd\xc9\xc9W(\xcf/\xcaI\x01\0\x85\x11J\x0d\x0c\0\0\0"),
            NULL},
        {"gzip", BYTES(GZIP_HELLO "\x1f\x8b\x08\xff\0\0\0\0\0\x03"), NULL},
        {"deflate", BYTES("hello world"), NULL},
        /* Headers of a dictionary, of a window of 64 KiB, and without their check. */
        {"deflate", BYTES("x\xbb\0\0\0\1\xcbH\xcd\xc9"), NULL},
        {"deflate", BYTES("\x88\x1c\xcbH\xcd\xc9\xc9\x07\0"), NULL},
        {"deflate", BYTES("x\xdb\xcbH\xcd\xc9\xc9\x07\0"), NULL},
        {"deflate", BYTES("x\xda\xcbH\xcd\xc9\xc9W(\xcf/\xcaI\x01\0\x1a\x0b\x04^"),
            NULL},
        {"deflate, gzip", BYTES(GZIP_HELLO), NULL},
        {"gzip, gzip", BYTES(ZLIB_IN_GZIP), NULL},
    };
    (void)state;
    expect_all(cases, COUNT(cases));
}

static void expect_no_prefix(const char *codings, ferry_str body)
{
    for (size_t n = 1; n < body.len; n++)
        for (size_t i = 0; i < COUNT(cuts); i++)
            if (decode(codings, fy_str_upto(body, n), cuts[i], 5) != FERRY_ERR_DECODE)
                fail_msg("%s cut off at %d", codings, (int)n);
}

static void data_cut_off_anywhere_are_an_error(void **state)
{
    (void)state;
    if (!builds_with("gzip"))
        skip();
    expect_no_prefix("gzip", FY_S(GZIP_HELLO));
    expect_no_prefix("deflate", FY_S(ZLIB_HELLO));
    expect_no_prefix("deflate", FY_S(RAW_HELLO));
    expect_no_prefix("deflate, gzip", FY_S(ZLIB_IN_GZIP));
    /* The second member's first byte alone is garbage. */
    for (size_t n = 2; n < sizeof GZIP_AGAIN - 1; n++) {
        ferry_str body = FY_S(GZIP_HELLO GZIP_AGAIN);
        body.len = sizeof GZIP_HELLO - 1 + n;
        assert_int_equal(decode("gzip", body, 3, 4), FERRY_ERR_DECODE);
        assert_true(out.len >= sizeof HELLO - 1);
    }
}

static void an_unknown_coding_is_not_supported(void **state)
{
    static const char *const cases[] = {"x-foo", "gzip, x-foo", "x-foo, gzip",
        "gzip;q=1", "gzip deflate", "compress", "gzi", "\"gzip\""};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(begin(cases[i], 200), FERRY_ERR_UNSUPPORTED);
}

static void more_than_five_codings_in_all_fields_are_refused(void **state)
{
    (void)state;
    assert_int_equal(begin("gzip,gzip,gzip,gzip,gzip,gzip", 200), FERRY_ERR_LIMIT);
    assert_int_equal(begin("gzip\ngzip\ngzip\ngzip\ngzip\ngzip", 200), FERRY_ERR_LIMIT);
    assert_int_equal(begin("gzip,gzip\nidentity\ngzip,,gzip\ngzip", 200),
        builds_with("gzip") ? FERRY_OK : FERRY_ERR_UNSUPPORTED);
}

/* --- growth ---------------------------------------------------------------------- */

/* `n` bytes as gzip, zeros but for what they begin with: some 1,030 times smaller. */
static ferry_str zeros_in_gzip(size_t n, ferry_str prefix, char **block)
{
    z_stream z = {.zalloc = NULL};
    size_t room = n / 500 + 1000;
    char *zeros = calloc(1, n);
    memcpy(zeros, prefix.ptr, prefix.len);
    *block = malloc(room);
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 9, 0), Z_OK);
    z.next_in = (Bytef *)zeros;
    z.avail_in = (uInt)n;
    z.next_out = (Bytef *)*block;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    ferry_str s = {*block, z.total_out};
    deflateEnd(&z);
    free(zeros);
    return s;
}

/* Decode and count, keeping nothing. */
static ferry_err count(ferry_str in, uint64_t *n)
{
    static char block[10000];
    for (bool is_full = true; in.len || is_full;) {
        fy_room to = {block, sizeof block};
        ferry_err e = fy_decode_step(&d, &in, &to, &x);
        is_full = to.left == 0;
        *n += sizeof block - to.left;
        if (e)
            return e;
    }
    return fy_decode_end(&d, &x);
}

static void a_body_may_not_grow_beyond_all_proportion(void **state)
{
    enum { MIB = 1 << 20 };
    static const struct {
        size_t size;
        int64_t ratio;
        ferry_err e;
    } cases[] = {
        {4 * MIB, 1, FERRY_OK},
        {5 * MIB, 200, FERRY_ERR_LIMIT},
        {5 * MIB, FERRY_NONE, FERRY_ERR_LIMIT},
        {5 * MIB, 2000, FERRY_OK},
        {50 * MIB, INT64_MAX, FERRY_OK},
        {50 * MIB, 200, FERRY_ERR_LIMIT},
    };
    (void)state;
    if (!builds_with("gzip"))
        skip();
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *block;
        uint64_t n = 0;
        ferry_str body = zeros_in_gzip(cases[i].size, FY_S(""), &block);
        assert_int_equal(begin("gzip", cases[i].ratio), FERRY_OK);
        assert_int_equal(count(body, &n), cases[i].e);
        if (cases[i].e)
            assert_in_range(n, 4 * MIB - 10000, 4 * MIB + 10000);
        else
            assert_int_equal(n, cases[i].size);
        free(block);
    }
}

/* The outer coding is the bomb; the inner one sees garbage behind its end, and makes
 * nothing of it. */
static void a_body_that_grows_between_two_codings_is_refused_too(void **state)
{
    char *block;
    uint64_t n = 0;
    (void)state;
    if (!builds_with("gzip"))
        skip();
    ferry_str bomb = zeros_in_gzip(20 << 20, FY_S(GZIP_HELLO), &block);
    assert_int_equal(begin("gzip, gzip", 200), FERRY_OK);
    assert_int_equal(count(bomb, &n), FERRY_ERR_LIMIT);
    assert_int_equal(n, sizeof HELLO - 1);
    free(block);
}

/* --- memory ---------------------------------------------------------------------- */

static void decoders_serve_again(void **state)
{
    static const char *const codings[] = {"gzip", "deflate", "x-gzip", "gzip"};
    static const ferry_str bodies[] = {BYTES(GZIP_HELLO), BYTES(ZLIB_HELLO),
        BYTES(GZIP_HELLO GZIP_AGAIN), BYTES(GZIP_AGAIN)};
    (void)state;
    if (!builds_with("gzip"))
        skip();
    assert_int_equal(decode("gzip", FY_S(GZIP_HELLO), 1, 4096), FERRY_OK);
    fy_buf_reserve(&out, 1000);
    int calls = m.calls;
    for (size_t i = 0; i < COUNT(codings); i++) {
        assert_int_equal(decode(codings[i], bodies[i], 7, 4096), FERRY_OK);
        assert_int_equal(m.calls, calls);
    }
    /* After an error, too. */
    assert_int_equal(decode("gzip", FY_S("nonsense"), 7, 4096), FERRY_ERR_DECODE);
    assert_int_equal(decode("gzip", FY_S(GZIP_HELLO), 7, 4096), FERRY_OK);
    assert_int_equal(m.calls, calls);
}

/* Whatever was decoded before in the same place. */
static void decoders_of_different_codings_follow_one_another(void **state)
{
    static const struct {
        const char *coding;
        ferry_str body;
    } cases[] = {{"gzip", BYTES(GZIP_HELLO)}, {"br", BYTES(BR_HELLO)},
        {"zstd", BYTES(ZSTD_HELLO)}, {"deflate", BYTES(ZLIB_HELLO)}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases) * COUNT(cases); i++)
        for (size_t j = 0; j < 2; j++) {
            size_t at = j ? i % COUNT(cases) : i / COUNT(cases);
            if (!builds_with(cases[at].coding))
                continue;
            assert_int_equal(decode(cases[at].coding, cases[at].body, 5, 7), FERRY_OK);
            assert_string_equal(fy_buf_text(&out), HELLO);
        }
}

static void expect_any_failure_in(const char *codings, ferry_str body, size_t cut)
{
    ferry_err e = FERRY_ERR_NOMEM;
    for (int i = 1; e == FERRY_ERR_NOMEM; i++) {
        fy_decode_fini(&d);
        fy_decode_init(&d, &m.platform);
        fy_buf_fini(&out);
        fy_buf_reserve(&out, 1000);
        m.calls = 0;
        m.fail_at = i;
        e = decode(codings, body, cut, 4096);
    }
    m.fail_at = 0;
    assert_int_equal(e, FERRY_OK);
    assert_true(m.calls > 0);
}

static void expect_any_failure(const char *codings, ferry_str body)
{
    expect_any_failure_in(codings, body, SIZE_MAX);
    expect_any_failure_in(codings, body, 1);
}

static void no_library_gets_more_memory_than_there_can_be(void **state)
{
    (void)state;
    assert_null(fy_codec_alloc(&m.platform, SIZE_MAX));
    assert_int_equal(m.calls, 0);
    fy_codec_free(&m.platform, NULL);
}

static void without_memory_each_step_says_so(void **state)
{
    (void)state;
    if (builds_with("gzip")) {
        expect_any_failure("gzip", FY_S(GZIP_HELLO));
        expect_any_failure("deflate, gzip", FY_S(ZLIB_IN_GZIP));
    }
    if (builds_with("br"))
        expect_any_failure("br", FY_S(BR_HELLO));
    if (builds_with("zstd"))
        expect_any_failure("zstd", FY_S(ZSTD_HELLO));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_body_is_the_same_in_every_cut_and_into_every_room),
        TEST(deflate_may_come_without_its_header),
        TEST(members_of_gzip_are_joined),
        TEST(what_stands_behind_the_data_is_ignored),
        TEST(a_list_is_undone_from_its_end),
        TEST(br_and_zstd_are_decoded_where_they_are_built_in),
        TEST(a_zstd_window_of_more_than_8_MiB_is_refused),
        TEST(only_codings_other_than_identity_make_a_body_coded),
        TEST(a_build_asks_for_exactly_what_it_decodes),
        TEST(damaged_data_are_an_error),
        TEST(data_cut_off_anywhere_are_an_error),
        TEST(an_unknown_coding_is_not_supported),
        TEST(more_than_five_codings_in_all_fields_are_refused),
        TEST(a_body_may_not_grow_beyond_all_proportion),
        TEST(a_body_that_grows_between_two_codings_is_refused_too),
        TEST(decoders_serve_again),
        TEST(decoders_of_different_codings_follow_one_another),
        TEST(without_memory_each_step_says_so),
        TEST(no_library_gets_more_memory_than_there_can_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
