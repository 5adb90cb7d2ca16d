/* test_session.c - sessions: made, broken, changed, mounted on, explained, freed.
 * SPDX-License-Identifier: MIT */
#include "ferry.h"
#include "lib/machine.h"
#include "lib/peer.h"
#include "session/core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define OK          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static machine m;
static peer p;
static ferry_dialer d;

/* Enough answers for any test here. */
static peer_answer answers[200];

static int set_up(void **state)
{
    (void)state;
    machine_init(&m);
    memset(&p, 0, sizeof p);
    for (size_t i = 0; i < COUNT(answers); i++)
        answers[i] = (peer_answer){OK, PEER_STAYS};
    p.answers = answers;
    p.n_answers = COUNT(answers);
    d = peer_dialer(&p);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    assert_int_equal(p.live, 0);
    return memory_is_clean(&m.memory) ? 0 : -1;
}

static ferry_session *new_session(void)
{
    ferry_session *s = ferry_session_new(.platform = &m.memory.platform,
        .transport = &d);
    assert_non_null(s);
    return s;
}

/* The head of a GET, as it arrives. */
static const char *head_of_get(ferry_session *s)
{
    peer_forget(&p);
    if (ferry_get(s, "http://a.test/", NULL))
        fail_msg("%s", ferry_explain(s));
    return p.sent;
}

/* `head` with the codings of this build for its %s. */
static void expect_head(const char *got, const char *head)
{
    static char expected[400];
    memory aside;
    fy_buf codings;
    memory_init(&aside);
    fy_buf_init(&codings, &aside.platform, 100);
    fy_decode_put_codings(&codings);
    snprintf(expected, sizeof expected, head, fy_buf_text(&codings));
    fy_buf_fini(&codings);
    assert_string_equal(got, expected);
}

static const char defaults[] = "GET / HTTP/1.1\r\nHost: a.test\r\n"
                               "User-Agent: ferry/" FERRY_VERSION "\r\n"
                               "Accept-Encoding: %s\r\nAccept: */*\r\n"
                               "Connection: keep-alive\r\n\r\n";

/* --- made ------------------------------------------------------------------------ */

static void the_library_tells_the_version_of_its_header(void **state)
{
    (void)state;
    assert_string_equal(ferry_version(), FERRY_VERSION);
}

static void a_session_starts_with_the_headers_of_requests(void **state)
{
    ferry_session *s = new_session();
    (void)state;
    expect_head(head_of_get(s), defaults);
    assert_string_equal(ferry_explain(s), "no error");
    ferry_session_free(s);
}

static void without_memory_there_is_no_session_at_any_call(void **state)
{
    static const ferry_pair pairs[] = {{"A", "1"}, {NULL, NULL}};
    ferry_session *s = NULL;
    int k = 0;
    (void)state;
    while (!s) {
        m.memory.fail_at = m.memory.calls + ++k;
        s = ferry_session_new(.platform = &m.memory.platform, .headers = pairs,
            .params = pairs, .transport = &d);
        assert_true(s || m.memory.live == 0);
    }
    assert_true(k > 5);
    ferry_session_free(s);
}

/* A platform from an older header is shorter. */
static void a_shorter_platform_is_filled_up_by_the_systems(void **state)
{
    ferry_platform older = m.memory.platform;
    (void)state;
    older.size = offsetof(ferry_platform, resolve);
    older.dial = NULL;
    ferry_session *s = ferry_session_new(.platform = &older, .transport = &d);
    expect_head(head_of_get(s), defaults);
    assert_true(m.memory.live > 0);
    ferry_session_free(s);
    older.size = offsetof(ferry_platform, resize);
    int calls = m.memory.calls;
    s = ferry_session_new(.platform = &older, .transport = &d);
    expect_head(head_of_get(s), defaults);
    assert_int_equal(m.memory.calls, calls);
    ferry_session_free(s);
}

/* requests' trust_env: what the environment says is read once, or never. */
static void the_environment_is_read_when_a_session_is_made_unless_it_may_not(
    void **state)
{
    const ferry_pair variables[] = {{"NETRC", "/a"}, {"OTHER", "b"}, {NULL, NULL}};
    (void)state;
    m.memory.environ = variables;
    ferry_session *s = new_session();
    assert_string_equal(fy_environ_get(&s->environ, FY_S("NETRC")).ptr, "/a");
    m.memory.environ = NULL;
    assert_int_equal(ferry_update(s, .headers = FERRY_NO_PAIRS), FERRY_OK);
    assert_string_equal(fy_environ_get(&s->environ, FY_S("NETRC")).ptr, "/a");
    assert_int_equal(ferry_update(s, .trust_env = FERRY_OFF), FERRY_OK);
    assert_int_equal(s->environ.n, 0);
    m.memory.environ = variables;
    assert_int_equal(ferry_update(s, .trust_env = FERRY_ON), FERRY_OK);
    assert_int_equal(s->environ.n, 1);
    ferry_session_free(s);
    s = ferry_session_new(.platform = &m.memory.platform, .trust_env = FERRY_OFF);
    assert_int_equal(s->environ.n, 0);
    ferry_session_free(s);
}

static void the_options_of_a_session_need_not_outlive_the_call(void **state)
{
    char name[] = "X-Name", value[] = "value";
    ferry_pair pairs[] = {{name, value}, {NULL, NULL}};
    ferry_platform platform = m.memory.platform;
    ferry_dialer dialer = d;
    ferry_session *s = ferry_session_new(.platform = &platform, .transport = &dialer,
        .headers = pairs, .params = pairs);
    (void)state;
    memset(name, 'z', strlen(name));
    memset(value, 'z', strlen(value));
    memset(&platform, 0xff, sizeof platform);
    memset(&dialer, 0xff, sizeof dialer);
    const char *head = head_of_get(s);
    assert_non_null(strstr(head, "GET /?X-Name=value HTTP/1.1\r\n"));
    assert_non_null(strstr(head, "\r\nX-Name: value\r\n"));
    ferry_session_free(s);
}

/* --- broken ---------------------------------------------------------------------- */

/* All calls that answer with an error. */
static void expect_from_every_call(ferry_session *s, ferry_err e, const char *line)
{
    ferry_response *r = NULL;
    assert_int_equal(ferry_get(s, "http://a.test/", &r), e);
    assert_null(r);
    assert_string_equal(ferry_explain(s), line);
    assert_int_equal(ferry_get(s, "http://a.test/", NULL), e);
    assert_int_equal(ferry_begin(s, "http://a.test/", &r), e);
    assert_null(r);
    assert_int_equal(ferry_update(s, .stream = FERRY_OFF), e);
    assert_int_equal(ferry_update_with(s, NULL), e);
    assert_int_equal(ferry_mount(s, "http://", .stream = FERRY_OFF), e);
    assert_string_equal(ferry_explain(s), line);
    ferry_close_idle(s);
    ferry_interrupt(s);
}

static void no_session_is_one_without_memory(void **state)
{
    (void)state;
    expect_from_every_call(NULL, FERRY_ERR_NOMEM, "out of memory");
    ferry_session_free(NULL);
}

static void a_bad_option_is_said_by_every_call(void **state)
{
    static const ferry_pair bad[] = {{"not ok", "1"}, {NULL, NULL}};
    static const ferry_dialer empty = {NULL, NULL};
    const struct {
        ferry_opts o;
        const char *line;
    } cases[] = {
        {{.method = "GET"},
            "wrong use of the library: .method is an option of a request"},
        {{.timeout = {.read_ms = -7}},
            "wrong use of the library: negative count, size or time"},
        {{.headers = bad},
            "wrong use of the library: header name is not a token (byte 3)"},
        {{.transport = &empty}, "wrong use of the library: .transport without dial"},
        {{.stream = (ferry_switch)9},
            "wrong use of the library: switch is neither FERRY_ON nor FERRY_OFF"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        ferry_opts o = cases[i].o;
        o.size = sizeof o;
        o.platform = &m.memory.platform;
        ferry_session *s = ferry_session_new_with(&o);
        assert_string_equal(ferry_explain(s), cases[i].line);
        expect_from_every_call(s, FERRY_ERR_USAGE, cases[i].line);
        ferry_session_free(s);
    }
}

static void options_of_an_impossible_size_break_a_session(void **state)
{
    static const size_t bad[] = {0, sizeof(size_t), sizeof(ferry_opts) + 1};
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        ferry_opts o = {.size = bad[i]};
        ferry_session *s = ferry_session_new_with(&o);
        expect_from_every_call(s, FERRY_ERR_USAGE,
            "wrong use of the library: ferry_opts.size is not that of this library's "
            "header");
        ferry_session_free(s);
    }
}

static void a_platform_of_an_impossible_size_breaks_a_session(void **state)
{
    static const size_t bad[] = {0, sizeof(size_t), sizeof(ferry_platform) + 1};
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        ferry_platform platform = m.memory.platform;
        platform.size = bad[i];
        ferry_session *s = ferry_session_new(.platform = &platform);
        expect_from_every_call(s, FERRY_ERR_USAGE,
            "wrong use of the library: ferry_platform.size is not that of this "
            "library's header");
        ferry_session_free(s);
    }
}

static void a_platform_without_entropy_breaks_a_session(void **state)
{
    (void)state;
    m.has_no_entropy = true;
    ferry_session *s = new_session();
    expect_from_every_call(
        s, FERRY_ERR_USAGE, "wrong use of the library: the platform gives no entropy");
    ferry_session_free(s);
}

/* --- changed --------------------------------------------------------------------- */

static void an_update_changes_what_it_names_and_no_more(void **state)
{
    ferry_session *s = new_session();
    (void)state;
    assert_int_equal(
        ferry_update(s, .headers = FERRY_PAIRS({"accept", "a/b"}, {"X", "1"}),
            .params = FERRY_PAIRS({"p", "1"}, {"q", "2"})),
        FERRY_OK);
    assert_int_equal(
        ferry_update(s, .headers = FERRY_PAIRS({"USER-AGENT", NULL}, {"Y", "2"}),
            .params = FERRY_PAIRS({"p", NULL})),
        FERRY_OK);
    assert_int_equal(ferry_update(s, .stream = FERRY_OFF), FERRY_OK);
    assert_int_equal(ferry_update_with(s, NULL), FERRY_OK);
    expect_head(head_of_get(s),
        "GET /?q=2 HTTP/1.1\r\nHost: a.test\r\nAccept-Encoding: %s\r\n"
        "accept: a/b\r\nConnection: keep-alive\r\nX: 1\r\nY: 2\r\n\r\n");
    ferry_session_free(s);
}

static void an_update_may_forget_all_headers(void **state)
{
    ferry_session *s = new_session();
    (void)state;
    assert_int_equal(ferry_update(s, .headers = FERRY_NO_PAIRS), FERRY_OK);
    assert_string_equal(head_of_get(s), "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
    ferry_session_free(s);
}

static void a_bad_update_or_mount_changes_nothing_and_says_why(void **state)
{
    ferry_session *s = new_session();
    (void)state;
    assert_int_equal(ferry_update(s, .headers = FERRY_PAIRS({"X", "1"}), .text = "x"),
        FERRY_ERR_USAGE);
    assert_string_equal(
        ferry_explain(s), "wrong use of the library: .text is an option of a request");
    assert_int_equal(ferry_update(s, .headers = FERRY_PAIRS({"X", "1"}, {"Y", "a\nb"})),
        FERRY_ERR_USAGE);
    assert_int_equal(ferry_update(s, .platform = &m.memory.platform), FERRY_ERR_USAGE);
    assert_string_equal(ferry_explain(s),
        "wrong use of the library: .platform is given when the session is made");
    assert_int_equal(ferry_mount(s, "http://", .pool = {.idle = 1}), FERRY_ERR_USAGE);
    assert_int_equal(ferry_mount(s, "http://", .headers = FERRY_PAIRS({"X", " 1"})),
        FERRY_ERR_USAGE);
    assert_int_equal(ferry_mount(s, "http://?", .stream = FERRY_ON), FERRY_ERR_URL);
    assert_int_equal(ferry_mount(s, NULL, .stream = FERRY_ON), FERRY_ERR_URL);
    expect_head(head_of_get(s), defaults);
    ferry_session_free(s);
}

static void without_memory_an_update_changes_nothing_at_any_call(void **state)
{
    ferry_session *s = new_session();
    ferry_err e = FERRY_ERR_NOMEM;
    int k = 0;
    (void)state;
    head_of_get(s);
    while (e) {
        m.memory.fail_at = m.memory.calls + ++k;
        e = ferry_update(s, .headers = FERRY_PAIRS({"Accept", "x"}, {"X", "1"}),
            .params = FERRY_PAIRS({"p", "1"}));
        m.memory.fail_at = 0;
        assert_true(e == FERRY_OK || e == FERRY_ERR_NOMEM);
        if (e) {
            assert_string_equal(ferry_explain(s), "out of memory");
            expect_head(head_of_get(s), defaults);
        }
    }
    assert_true(k > 7);
    assert_non_null(strstr(head_of_get(s), "GET /?p=1 HTTP/1.1\r\n"));
    ferry_session_free(s);
}

static void without_memory_a_mount_changes_nothing_at_any_call(void **state)
{
    ferry_session *s = new_session();
    ferry_err e = FERRY_ERR_NOMEM;
    int k = 0;
    (void)state;
    head_of_get(s);
    while (e) {
        m.memory.fail_at = m.memory.calls + ++k;
        e = ferry_mount(s, "http://a.test", .headers = FERRY_PAIRS({"X", "1"}),
            .params = FERRY_PAIRS({"p", "1"}));
        m.memory.fail_at = 0;
        assert_true(e == FERRY_OK || e == FERRY_ERR_NOMEM);
        if (e)
            expect_head(head_of_get(s), defaults);
    }
    assert_true(k > 4);
    assert_non_null(strstr(head_of_get(s), "GET /?p=1 HTTP/1.1\r\n"));
    ferry_session_free(s);
}

/* --- explained ------------------------------------------------------------------- */

static void the_last_error_names_its_peer_and_no_secret(void **state)
{
    ferry_session *s = new_session();
    (void)state;
    p.dial_fails = true;
    assert_int_equal(ferry_get(s, "http://user:secret@a.test:81/secret?secret", NULL),
        FERRY_ERR_CONNECT);
    assert_string_equal(
        ferry_explain(s), "a.test:81: connection could not be made: nobody there");
    assert_int_equal(ferry_get(s, "http://user:secret@/", NULL), FERRY_ERR_URL);
    assert_null(strstr(ferry_explain(s), "secret"));
    ferry_session_free(s);
}

static void an_error_is_explained_whatever_the_length_of_the_host(void **state)
{
    char url[2000] = "http://";
    ferry_session *s = new_session();
    (void)state;
    for (int i = 0; i < 30; i++)
        strcat(url, "a-label-of-twenty-bytes.");
    strcat(url, "test/");
    p.dial_fails = true;
    assert_int_not_equal(ferry_get(s, url, NULL), FERRY_OK);
    assert_true(strlen(ferry_explain(s)) > 10);
    ferry_session_free(s);
}

static void a_success_does_not_unsay_the_last_error(void **state)
{
    ferry_session *s = new_session();
    (void)state;
    assert_int_equal(ferry_update(s, .text = "x"), FERRY_ERR_USAGE);
    head_of_get(s);
    assert_string_equal(
        ferry_explain(s), "wrong use of the library: .text is an option of a request");
    ferry_session_free(s);
}

/* --- the end --------------------------------------------------------------------- */

static void idle_connections_are_closed_on_demand(void **state)
{
    ferry_session *s = new_session();
    (void)state;
    head_of_get(s);
    head_of_get(s);
    assert_int_equal(p.dialled, 1);
    assert_int_equal(p.live, 1);
    ferry_close_idle(s);
    assert_int_equal(p.live, 0);
    head_of_get(s);
    assert_int_equal(p.dialled, 2);
    ferry_session_free(s);
}

static void two_sessions_share_nothing(void **state)
{
    ferry_session *s = new_session(), *other = new_session();
    (void)state;
    assert_int_equal(ferry_update(s, .headers = FERRY_NO_PAIRS), FERRY_OK);
    head_of_get(s);
    expect_head(head_of_get(other), defaults);
    assert_int_equal(p.dialled, 2);
    ferry_session_free(s);
    assert_int_equal(p.live, 1);
    expect_head(head_of_get(other), defaults);
    ferry_session_free(other);
}

static void a_session_frees_itself_at_the_end_of_its_block(void **state)
{
    (void)state;
    {
        ferry_auto_session s = new_session();
        ferry_auto_response r = NULL;
        assert_int_equal(ferry_get(s, "http://a.test/", &r), FERRY_OK);
    }
    assert_int_equal(m.memory.live, 0);
    {
        ferry_auto_session s = NULL;
        ferry_auto_response r = NULL;
        (void)s, (void)r;
    }
}

/* Each build says at once that it cannot: without TLS, without that folder. */
static void a_key_log_that_cannot_be_is_an_error_at_once(void **state)
{
    fy_error x;
    ferry_err want = fy_tls_check(&x) ? FERRY_ERR_UNSUPPORTED : FERRY_ERR_FILE;
    ferry_session *s = new_session();
    (void)state;
    assert_int_equal(ferry_update(s, .key_log = ""), FERRY_OK);
    assert_int_equal(ferry_update(s, .key_log = "/no/such/folder/keys"), want);
    assert_int_equal(ferry_get(s, "http://a.test/", NULL), FERRY_OK);
    ferry_session_free(s);
    s = ferry_session_new(.platform = &m.memory.platform, .transport = &d,
        .key_log = "/no/such/folder/keys");
    assert_int_equal(ferry_get(s, "http://a.test/", NULL), want);
    ferry_session_free(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_library_tells_the_version_of_its_header),
        TEST(a_session_starts_with_the_headers_of_requests),
        TEST(without_memory_there_is_no_session_at_any_call),
        TEST(a_shorter_platform_is_filled_up_by_the_systems),
        TEST(the_environment_is_read_when_a_session_is_made_unless_it_may_not),
        TEST(the_options_of_a_session_need_not_outlive_the_call),
        TEST(no_session_is_one_without_memory),
        TEST(a_bad_option_is_said_by_every_call),
        TEST(options_of_an_impossible_size_break_a_session),
        TEST(a_platform_of_an_impossible_size_breaks_a_session),
        TEST(a_platform_without_entropy_breaks_a_session),
        TEST(an_update_changes_what_it_names_and_no_more),
        TEST(an_update_may_forget_all_headers),
        TEST(a_bad_update_or_mount_changes_nothing_and_says_why),
        TEST(without_memory_an_update_changes_nothing_at_any_call),
        TEST(without_memory_a_mount_changes_nothing_at_any_call),
        TEST(the_last_error_names_its_peer_and_no_secret),
        TEST(an_error_is_explained_whatever_the_length_of_the_host),
        TEST(a_success_does_not_unsay_the_last_error),
        TEST(idle_connections_are_closed_on_demand),
        TEST(two_sessions_share_nothing),
        TEST(a_key_log_that_cannot_be_is_an_error_at_once),
        TEST(a_session_frees_itself_at_the_end_of_its_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
