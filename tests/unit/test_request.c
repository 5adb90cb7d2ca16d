/* test_request.c - the head of a request, checked and written (RFC 9112 3).
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "proto/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define BYTES(literal)                                                                 \
    {                                                                                  \
        "" literal, sizeof(literal) - 1                                                \
    }

static memory m;
static fy_url url;
static fy_buf out;
static fy_fields fields;
static fy_error x;

static int set_up(void **state)
{
    (void)state;
    memory_init(&m);
    fy_url_init(&url, &m.platform, 1000);
    fy_buf_init(&out, &m.platform, 1000);
    fy_fields_init(&fields, &m.platform, 20);
    return (int)fy_url_parse(
        &url, FY_S("http://host.test:81/p/q?a=b#f"), (ferry_fields){NULL, 0}, &x);
}

static int tear_down(void **state)
{
    (void)state;
    fy_url_fini(&url);
    fy_buf_fini(&out);
    fy_fields_fini(&fields);
    return memory_is_clean(&m) ? 0 : -1;
}

/* "name: value" lines, each ended by LF; "name" alone takes it away. */
static ferry_fields list(const char *lines)
{
    ferry_str rest = fy_str(lines), line, name;
    fields.n = 0;
    while (fy_str_cut(&rest, '\n', &line)) {
        bool has_value = memchr(line.ptr, ':', line.len) != NULL;
        fy_str_cut(&line, ':', &name);
        ferry_str value = has_value ? fy_str_trim(line) : (ferry_str){NULL, 0};
        assert_int_equal(fy_fields_add(&fields, name, value, &x), FERRY_OK);
    }
    return fy_fields_view(&fields);
}

static ferry_err put(fy_request r)
{
    r.url = &url;
    fy_buf_clear(&out);
    x = (fy_error){.code = FERRY_OK, .at = 77};
    ferry_err e = fy_request_put(&out, &r, &x);
    assert_int_equal(x.code, e);
    return e;
}

static void expect_head(fy_request r, const char *head)
{
    if (put(r))
        fail_msg("%s", x.what);
    assert_string_equal(fy_buf_text(&out), head);
}

static void expect_misuse(fy_request r, const char *what, int64_t at)
{
    assert_int_equal(put(r), FERRY_ERR_USAGE);
    assert_string_equal(x.what, what);
    assert_int_equal(x.at, at);
}

/* --- fields ---------------------------------------------------------------------- */

static void a_field_that_may_be_sent_passes(void **state)
{
    static const struct {
        const char *name, *value;
    } cases[] = {{"A", "b"}, {"x-y", ""}, {"!#$%&'*+-.^_`|~", "x"}, {"a", "b c\td"},
        {"a", "trailing blank "}, {"a", "caf\xc3\xa9 \xff"}, {"a", NULL}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        ferry_str value = cases[i].value ? fy_str(cases[i].value)
                                         : (ferry_str){NULL, 0};
        assert_int_equal(
            fy_request_check_field(fy_str(cases[i].name), value, &x), FERRY_OK);
    }
}

static void a_field_that_could_end_its_line_early_is_misuse(void **state)
{
    static const struct {
        ferry_str name, value;
        const char *what;
        int at;
    } cases[] = {
        {BYTES(""), BYTES("x"), "header name is not a token", 0},
        {BYTES(""), {NULL, 0}, "header name is not a token", 0},
        {BYTES("a b"), BYTES("x"), "header name is not a token", 1},
        {BYTES("a:"), BYTES("x"), "header name is not a token", 1},
        {BYTES("a\r\nb"), BYTES("x"), "header name is not a token", 1},
        {BYTES("ab\0"), BYTES("x"), "header name is not a token", 2},
        {BYTES("caf\xc3\xa9"), BYTES("x"), "header name is not a token", 3},
        {BYTES("a"), BYTES(" x"), "header value begins with a blank", 0},
        {BYTES("a"), BYTES("\tx"), "header value begins with a blank", 0},
        {BYTES("a"), BYTES(" "), "header value begins with a blank", 0},
        {BYTES("a"), BYTES("x\r\nb: c"), "control byte in a header value", 1},
        {BYTES("a"), BYTES("xy\n"), "control byte in a header value", 2},
        {BYTES("a"), BYTES("x\r\n folded"), "control byte in a header value", 1},
        {BYTES("a"), BYTES("x\0"), "control byte in a header value", 1},
        {BYTES("a"), BYTES("\x7f"), "control byte in a header value", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(
            fy_request_check_field(cases[i].name, cases[i].value, &x), FERRY_ERR_USAGE);
        assert_string_equal(x.what, cases[i].what);
        assert_int_equal(x.at, cases[i].at);
    }
}

/* --- the request line ------------------------------------------------------------ */

static void a_head_is_line_host_fields_and_an_empty_line(void **state)
{
    (void)state;
    expect_head((fy_request){.method = FY_S("GET")},
        "GET /p/q?a=b HTTP/1.1\r\nHost: host.test:81\r\n\r\n");
    expect_head(
        (fy_request){.method = FY_S("get"), .fields = list("B: 2\nA: 1\nB: 3\n")},
        "get /p/q?a=b HTTP/1.1\r\nHost: host.test:81\r\n"
        "B: 2\r\nA: 1\r\nB: 3\r\nContent-Length: 0\r\n\r\n");
}

static void a_target_may_stand_for_path_and_query(void **state)
{
    (void)state;
    expect_head((fy_request){.method = FY_S("GET"), .target = FY_S("/a//../%zz?\"<>")},
        "GET /a//../%zz?\"<> HTTP/1.1\r\nHost: host.test:81\r\n\r\n");
    expect_head((fy_request){.method = FY_S("OPTIONS"), .target = FY_S("*")},
        "OPTIONS * HTTP/1.1\r\nHost: host.test:81\r\nContent-Length: 0\r\n\r\n");
}

static void a_method_is_a_token_but_not_connect(void **state)
{
    static const struct {
        ferry_str method;
        const char *what;
        int at;
    } cases[] = {
        {BYTES(""), "method is not a token", 0},
        {BYTES("GET "), "method is not a token", 3},
        {BYTES("GE\r\nT"), "method is not a token", 2},
        {BYTES("GET\0"), "method is not a token", 3},
        {BYTES("G\xc3\xa9T"), "method is not a token", 1},
        {BYTES("CONNECT"), "CONNECT is for proxies", FY_NOWHERE},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_misuse(
            (fy_request){.method = cases[i].method}, cases[i].what, cases[i].at);
}

static void a_target_that_is_no_path_is_misuse(void **state)
{
    static const struct {
        ferry_str method, target;
        const char *what;
        int at;
    } cases[] = {
        {BYTES("GET"), BYTES("*"), "target * is for OPTIONS", 0},
        {BYTES("OPTIONS"), BYTES("**"), "target does not begin with /", 0},
        {BYTES("GET"), BYTES(""), "target does not begin with /", 0},
        {BYTES("GET"), BYTES("a"), "target does not begin with /", 0},
        {BYTES("GET"), BYTES("http://x/"), "target does not begin with /", 0},
        {BYTES("GET"), BYTES("/a b"), "target holds a byte that is no visible ASCII",
            2},
        {BYTES("GET"), BYTES("/\r\nX: y"),
            "target holds a byte that is no visible ASCII", 1},
        {BYTES("GET"), BYTES("/a\0"), "target holds a byte that is no visible ASCII",
            2},
        {BYTES("GET"), BYTES("/a\x7f"), "target holds a byte that is no visible ASCII",
            2},
        {BYTES("GET"), BYTES("/\xc3\xa9"),
            "target holds a byte that is no visible ASCII", 1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_misuse(
            (fy_request){.method = cases[i].method, .target = cases[i].target},
            cases[i].what, cases[i].at);
}

/* --- what ferry writes by itself ------------------------------------------------- */

/* RFC 9112 3.2: one Host, and it comes first. */
static void there_is_one_host_and_it_may_be_replaced(void **state)
{
    (void)state;
    expect_head(
        (fy_request){.method = FY_S("GET"), .fields = list("A: 1\nhOST: other:8\n")},
        "GET /p/q?a=b HTTP/1.1\r\nHost: other:8\r\nA: 1\r\n\r\n");
    expect_head((fy_request){.method = FY_S("GET"), .fields = list("Host:\n")},
        "GET /p/q?a=b HTTP/1.1\r\nHost: \r\n\r\n");
    expect_misuse(
        (fy_request){.method = FY_S("GET"), .fields = list("Host: a\nHost: a\n")},
        "more than one Host", FY_NOWHERE);
    expect_misuse((fy_request){.method = FY_S("GET"), .fields = list("host\n")},
        "Host cannot be removed", FY_NOWHERE);
}

/* RFC 9110 8.6 */
static void a_length_stands_where_a_body_is_or_would_be_expected(void **state)
{
    static const struct {
        const char *method;
        bool has_body;
        uint64_t len;
        const char *line;
    } cases[] = {
        {"GET", false, 0, ""},
        {"HEAD", false, 0, ""},
        {"TRACE", false, 0, ""},
        {"POST", false, 0, "Content-Length: 0\r\n"},
        {"DELETE", false, 0, "Content-Length: 0\r\n"},
        {"OPTIONS", false, 0, "Content-Length: 0\r\n"},
        {"PURGE", false, 0, "Content-Length: 0\r\n"},
        {"GET", true, 0, "Content-Length: 0\r\n"},
        {"GET", true, 5, "Content-Length: 5\r\n"},
        {"HEAD", true, 5, "Content-Length: 5\r\n"},
        {"PUT", true, INT64_MAX, "Content-Length: 9223372036854775807\r\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char head[200];
        strcpy(head, cases[i].method);
        strcat(head, " /p/q?a=b HTTP/1.1\r\nHost: host.test:81\r\n");
        strcat(head, cases[i].line);
        strcat(head, "\r\n");
        expect_head((fy_request){.method = fy_str(cases[i].method),
                        .has_body = cases[i].has_body,
                        .body_len = cases[i].len},
            head);
    }
}

static void a_length_of_the_callers_must_be_the_right_one(void **state)
{
    fy_request r = {.method = FY_S("POST"), .has_body = true, .body_len = 5};
    static const char *const bad[] = {"Content-Length: 4\n", "Content-Length: 55\n",
        "Content-Length:\n", "Content-Length: 5a\n", "Content-Length: 5, 5\n",
        "content-length: 5\nContent-Length: 6\n"};
    (void)state;
    r.fields = list("content-length: 5\nA: 1\nContent-Length: 05\n");
    expect_head(r, "POST /p/q?a=b HTTP/1.1\r\nHost: host.test:81\r\nA: 1\r\n"
                   "Content-Length: 5\r\n\r\n");
    for (size_t i = 0; i < COUNT(bad); i++) {
        r.fields = list(bad[i]);
        expect_misuse(r, "Content-Length is not that of the body", FY_NOWHERE);
    }
    r.fields = list("Content-Length\n");
    expect_misuse(r, "Content-Length cannot be removed", FY_NOWHERE);
}

static void the_transfer_coding_is_not_the_callers(void **state)
{
    (void)state;
    expect_misuse((fy_request){.method = FY_S("POST"),
                      .fields = list("transfer-encoding: chunked\n")},
        "Transfer-Encoding is not the caller's to set", FY_NOWHERE);
    expect_head(
        (fy_request){.method = FY_S("GET"), .fields = list("Transfer-Encoding\n")},
        "GET /p/q?a=b HTTP/1.1\r\nHost: host.test:81\r\n\r\n");
}

#define POST_HEAD "POST /p/q?a=b HTTP/1.1\r\nHost: host.test:81\r\n"

static void a_body_in_chunks_says_so_and_names_its_trailers(void **state)
{
    const ferry_pair two[] = {{"Digest", NULL}, {"Sum", "1"}, {NULL, NULL}};
    const ferry_pair none[] = {{NULL, NULL}};
    fy_request r = {.method = FY_S("POST"), .has_body = true, .is_chunked = true};
    (void)state;
    expect_head(r, POST_HEAD "Transfer-Encoding: chunked\r\n\r\n");
    r.trailers = none;
    expect_head(r, POST_HEAD "Transfer-Encoding: chunked\r\n\r\n");
    r.trailers = two;
    expect_head(
        r, POST_HEAD "Trailer: Digest, Sum\r\nTransfer-Encoding: chunked\r\n\r\n");
    r.fields = list("Content-Length: 0\n");
    expect_misuse(r, "Content-Length of a body that is sent in chunks", FY_NOWHERE);
}

static void what_must_be_known_before_the_body_is_no_trailer(void **state)
{
    static const char *const never[] = {"Transfer-Encoding", "content-length", "HOST",
        "Trailer", "Connection", "TE", "Expect", "Content-Type", "Content-Encoding",
        "Content-Range", "Authorization", "Cookie", "If-Match", "Cache-Control"};
    (void)state;
    for (size_t i = 0; i < COUNT(never); i++) {
        ferry_err e = fy_request_check_trailer(fy_str(never[i]), FY_S("x"), &x);
        assert_int_equal(e, FERRY_ERR_USAGE);
    }
    assert_int_equal(fy_request_check_trailer(FY_S("Digest"), FY_S("x"), &x), FERRY_OK);
    assert_int_equal(
        fy_request_check_trailer(FY_S("A b"), FY_S("x"), &x), FERRY_ERR_USAGE);
    assert_int_equal(
        fy_request_check_trailer(FY_S("A"), FY_S("x\r"), &x), FERRY_ERR_USAGE);
}

/* RFC 9110 10.1.1 */
static void an_expectation_is_ours_or_the_callers_and_never_of_nothing(void **state)
{
    static const struct {
        const char *fields;
        uint64_t length;
        bool by_options, may, expects;
        const char *lines;
    } cases[] = {
        {"", 5, true, true, true, "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"},
        {"", 5, false, true, false, "Content-Length: 5\r\n\r\n"},
        {"", 0, true, true, false, "Content-Length: 0\r\n\r\n"},
        {"expect: 100-Continue\n", 5, false, true, true,
            "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"},
        {"Expect: 100-continue\n", 5, false, false, false, "Content-Length: 5\r\n\r\n"},
        {"Expect: 100-continue\n", 0, false, true, false, "Content-Length: 0\r\n\r\n"},
        {"Expect\n", 5, true, true, false, "Content-Length: 5\r\n\r\n"},
        {"Expect: x=y\n", 5, true, true, false,
            "Expect: x=y\r\nContent-Length: 5\r\n\r\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        fy_request r = {.method = FY_S("POST"),
            .url = &url,
            .has_body = true,
            .body_len = cases[i].length,
            .expects = cases[i].by_options,
            .may_expect = cases[i].may,
            .fields = list(cases[i].fields)};
        fy_buf_clear(&out);
        assert_int_equal(fy_request_put(&out, &r, &x), FERRY_OK);
        assert_int_equal(r.expects, cases[i].expects);
        assert_string_equal(fy_buf_text(&out) + strlen(POST_HEAD), cases[i].lines);
    }
}

static void a_fixed_type_is_written_unless_the_caller_has_another(void **state)
{
    fy_request r = {.method = FY_S("POST"),
        .has_body = true,
        .body_type = "multipart/x",
        .is_type_fixed = true};
    (void)state;
    expect_head(r, POST_HEAD "Content-Type: multipart/x\r\nContent-Length: 0\r\n\r\n");
    r.fields = list("content-type\n");
    expect_head(r, POST_HEAD "Content-Type: multipart/x\r\nContent-Length: 0\r\n\r\n");
    r.fields = list("content-type: multipart/x\n");
    expect_misuse(r, "Content-Type beside .multipart, which has its own", FY_NOWHERE);
}

static void a_body_has_a_type_unless_the_caller_gives_or_removes_it(void **state)
{
    static const struct {
        const char *fields, *lines;
    } cases[] = {
        {"A: 1\n", "A: 1\r\nContent-Type: text/x\r\nContent-Length: 5\r\n\r\n"},
        {"content-type: y\n", "content-type: y\r\nContent-Length: 5\r\n\r\n"},
        {"content-type\n", "Content-Length: 5\r\n\r\n"},
        {"Content-Typ: y\n",
            "Content-Typ: y\r\nContent-Type: text/x\r\nContent-Length: 5\r\n\r\n"},
    };
    fy_request r = {
        .method = FY_S("POST"), .has_body = true, .body_len = 5, .body_type = "text/x"};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char head[200] = "POST /p/q?a=b HTTP/1.1\r\nHost: host.test:81\r\n";
        r.fields = list(cases[i].fields);
        expect_head(r, strcat(head, cases[i].lines));
    }
}

/* RFC 9110 9.3.8 */
static void trace_has_no_body(void **state)
{
    (void)state;
    expect_misuse((fy_request){.method = FY_S("TRACE"), .has_body = true},
        "TRACE has no body", FY_NOWHERE);
}

static void a_removed_field_is_absent(void **state)
{
    (void)state;
    expect_head(
        (fy_request){.method = FY_S("GET"), .fields = list("A: 1\nB\nC:\nD: 4\n")},
        "GET /p/q?a=b HTTP/1.1\r\nHost: host.test:81\r\nA: 1\r\nC: \r\nD: 4\r\n\r\n");
}

/* --- written ahead --------------------------------------------------------------- */

static void what_the_fields_say_about_the_connection_is_told(void **state)
{
    static const struct {
        const char *fields;
        bool says_close, asks_upgrade;
    } cases[] = {
        {"", false, false},
        {"Connection: close\n", true, false},
        {"connection: keep-alive, CLOSE\n", true, false},
        {"Connection: keep-alive\nConnection: close\n", true, false},
        {"Connection: closed\n", false, false},
        {"Connection\n", false, false},
        {"Upgrade: x\n", false, true},
        {"Upgrade\n", false, false},
        {"Connection: upgrade\nupgrade: x\n", false, true},
        {"Upgrader: x\nUpgradf: x\nConnectiom: close\n", false, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (int is_ahead = 0; is_ahead < 2; is_ahead++) {
            fy_request_ahead ahead;
            fy_request r = {.method = FY_S("GET"), .url = &url};
            r.fields = list(cases[i].fields);
            assert_true(fy_request_write_ahead(&ahead, &m.platform, r.fields));
            r.ahead = is_ahead ? &ahead : NULL;
            fy_buf_clear(&out);
            assert_int_equal(fy_request_put(&out, &r, &x), FERRY_OK);
            assert_int_equal(r.says_close, cases[i].says_close);
            assert_int_equal(r.asks_upgrade, cases[i].asks_upgrade);
            fy_buf_fini(&ahead.lines);
        }
}

static void fields_written_ahead_are_the_same_bytes(void **state)
{
    fy_request_ahead ahead;
    fy_request r = {
        .method = FY_S("POST"), .has_body = true, .body_len = 5, .body_type = "text/x"};
    (void)state;
    r.fields = list("A: 1\nB\nC:\ncontent-type: y\nA: 2\n");
    assert_true(fy_request_write_ahead(&ahead, &m.platform, r.fields));
    r.ahead = &ahead;
    expect_head(r, "POST /p/q?a=b HTTP/1.1\r\nHost: host.test:81\r\nA: 1\r\nC: \r\n"
                   "content-type: y\r\nA: 2\r\nContent-Length: 5\r\n\r\n");
    fy_buf_fini(&ahead.lines);
}

/* As if "A: 1" and "B: 2" were a session's, and the rest this request's. */
static void fields_behind_those_written_ahead_are_written_too(void **state)
{
    fy_request_ahead ahead;
    fy_request r = {.method = FY_S("GET")};
    (void)state;
    r.fields = list("A: 1\nConnection: close\n");
    assert_true(fy_request_write_ahead(&ahead, &m.platform, r.fields));
    r.ahead = &ahead;
    r.fields = list("A: 1\nConnection: close\nC: 3\nA: 4\nHost: other\nD\n");
    expect_head(r, "GET /p/q?a=b HTTP/1.1\r\nHost: other\r\nA: 1\r\nConnection: "
                   "close\r\nC: 3\r\nA: 4\r\n\r\n");
    r.url = &url;
    r.fields = list("A: 1\nConnection: close\nUpgrade: x\n");
    assert_int_equal(fy_request_put(&out, &r, &x), FERRY_OK);
    assert_true(r.says_close && r.asks_upgrade);
    r.fields = list("A: 1\nConnection: close\nTransfer-Encoding: chunked\n");
    assert_int_equal(fy_request_put(&out, &r, &x), FERRY_ERR_USAGE);
    fy_buf_fini(&ahead.lines);
}

static void fields_that_depend_on_the_request_are_not_written_ahead(void **state)
{
    static const char *const bad[] = {"A: 1\nHost: x\n", "host\n",
        "Content-Length: 5\n", "content-length: 0\n", "Content-Length\n",
        "Transfer-Encoding: chunked\n", "transfer-encoding\n"};
    fy_request_ahead ahead;
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(fy_request_write_ahead(&ahead, &m.platform, list(bad[i])));
}

static void without_memory_nothing_is_written_ahead(void **state)
{
    fy_request_ahead ahead;
    ferry_fields fields_now = list(
        "Name: a value that is longer than the first block of a buffer is\n"
        "Name: and so it takes more than one call, unless that block is larger\n");
    int k = 0;
    (void)state;
    do
        m.fail_at = m.calls + ++k;
    while (!fy_request_write_ahead(&ahead, &m.platform, fields_now));
    assert_true(k > 1);
    fy_buf_fini(&ahead.lines);
}

/* --- room ------------------------------------------------------------------------ */

static void a_head_that_does_not_fit_is_an_error_whatever_the_room(void **state)
{
    fy_request r = {.method = FY_S("POST"),
        .fields = list("A: 1\n"),
        .has_body = true,
        .body_len = 5,
        .body_type = "x"};
    (void)state;
    assert_int_equal(put(r), FERRY_OK);
    for (size_t max = 0, whole = out.len; max <= whole; max++) {
        fy_buf_fini(&out);
        out.max = max;
        assert_int_equal(put(r), max < whole ? FERRY_ERR_LIMIT : FERRY_OK);
        if (max < whole)
            assert_string_equal(x.what, "request head too long");
    }
}

static void a_head_without_memory_is_an_error_at_every_call(void **state)
{
    fy_request r = {.method = FY_S("POST"), .fields = list("A: 1\n"), .has_body = true};
    int k = 0;
    ferry_err e;
    (void)state;
    do {
        fy_buf_fini(&out);
        m.fail_at = m.calls + ++k;
        e = put(r);
        assert_true(e == FERRY_OK || e == FERRY_ERR_NOMEM);
    } while (e);
    assert_true(k > 1);
}

/* RFC 9110 9.2.2; a method that nobody knows is not taken for harmless. */
static void idempotent_methods_may_be_sent_again(void **state)
{
    static const char *const yes[] = {
        "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"};
    static const char *const no[] = {
        "POST", "PATCH", "CONNECT", "PURGE", "get", "", "GETS", "GE"};
    (void)state;
    for (size_t i = 0; i < COUNT(yes); i++)
        assert_true(fy_request_is_idempotent(fy_str(yes[i])));
    for (size_t i = 0; i < COUNT(no); i++)
        assert_false(fy_request_is_idempotent(fy_str(no[i])));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_field_that_may_be_sent_passes),
        TEST(a_field_that_could_end_its_line_early_is_misuse),
        TEST(a_head_is_line_host_fields_and_an_empty_line),
        TEST(a_target_may_stand_for_path_and_query),
        TEST(a_method_is_a_token_but_not_connect),
        TEST(a_target_that_is_no_path_is_misuse),
        TEST(there_is_one_host_and_it_may_be_replaced),
        TEST(a_length_stands_where_a_body_is_or_would_be_expected),
        TEST(a_length_of_the_callers_must_be_the_right_one),
        TEST(the_transfer_coding_is_not_the_callers),
        TEST(a_body_in_chunks_says_so_and_names_its_trailers),
        TEST(what_must_be_known_before_the_body_is_no_trailer),
        TEST(an_expectation_is_ours_or_the_callers_and_never_of_nothing),
        TEST(a_fixed_type_is_written_unless_the_caller_has_another),
        TEST(a_body_has_a_type_unless_the_caller_gives_or_removes_it),
        TEST(trace_has_no_body),
        TEST(a_removed_field_is_absent),
        TEST(what_the_fields_say_about_the_connection_is_told),
        TEST(fields_written_ahead_are_the_same_bytes),
        TEST(fields_behind_those_written_ahead_are_written_too),
        TEST(fields_that_depend_on_the_request_are_not_written_ahead),
        TEST(without_memory_nothing_is_written_ahead),
        TEST(a_head_that_does_not_fit_is_an_error_whatever_the_room),
        TEST(a_head_without_memory_is_an_error_at_every_call),
        TEST(idempotent_methods_may_be_sent_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
