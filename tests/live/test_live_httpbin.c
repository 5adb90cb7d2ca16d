/* test_live_httpbin.c - the library against httpbin: what a session says, as a server
 * in another language understood it. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "ferry.h"
#include "lib/servers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static server httpbin;

static const char *at(const char *path)
{
    static char url[512];
    snprintf(url, sizeof url, "%s%s", httpbin.url, path);
    return url;
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
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

/* Whether the JSON text stands in the body; blanks and line ends do not count in
 * either, as versions of httpbin differ in them. */
static bool says(const ferry_response *r, const char *json)
{
    char *body = malloc(r->body.len + 1), *end = body;
    if (!body)
        return false;
    for (size_t i = 0; i < r->body.len; i++)
        if (!strchr(" \r\n", r->body.ptr[i]))
            *end++ = r->body.ptr[i];
    *end = '\0';
    bool found = strstr(body, json) != NULL;
    free(body);
    return found;
}

static void expect_says(const ferry_response *r, const char *json)
{
    if (!says(r, json))
        fail_msg("no %s in %s", json, r->body.ptr);
}

/* --- requests -------------------------------------------------------------------- */

static void default_headers_arrive_and_null_takes_them_away(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new(.headers = FERRY_PAIRS(
                                                 {"X-Team", "harbour"},
                                                 {"Accept", "application/json"}));
    ferry_auto_response r = NULL;
    char agent[64];
    snprintf(agent, sizeof agent, "\"User-Agent\":\"ferry/%s\"", ferry_version());
    expect_ok(ferry_get(s, at("/headers"), &r), s);
    expect_says(r, agent);
    expect_says(r, "\"X-Team\":\"harbour\"");
    expect_says(r, "\"Accept\":\"application/json\"");
    expect_ok(ferry_get(s, at("/headers"), &r,
                  .headers = FERRY_PAIRS({"user-agent", NULL}, {"X-TEAM", "night"})),
        s);
    assert_false(says(r, "User-Agent"));
    expect_says(r, "\"X-Team\":\"night\"");
    expect_ok(ferry_get(s, at("/headers"), &r), s);
    expect_says(r, agent);
    expect_says(r, "\"X-Team\":\"harbour\"");
}

static void parameters_of_url_session_and_request_arrive_decoded(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new(.params = FERRY_PAIRS({"lang", "en"}));
    ferry_auto_response r = NULL;
    expect_ok(ferry_get(s, at("/get?z=0#part"), &r,
                  .params = FERRY_PAIRS({"q", "a&b=c+d/ü"}, {"empty", ""})),
        s);
    expect_says(r, "\"args\":{\"empty\":\"\",\"lang\":\"en\",\"q\":\"a&b=c+d/"
                   "\\u00fc\",\"z\":\"0\"}");
}

static void each_verb_arrives_as_itself(void **state)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        char want[32];
        snprintf(want, sizeof want, "\"method\":\"%s\"", methods[i]);
        expect_ok(ferry_request(s, methods[i], at("/anything"), &r), s);
        expect_says(r, want);
        assert_int_equal(r->reused, i > 0);
    }
    expect_ok(ferry_post(s, at("/post"), &r), s);
    assert_int_equal(r->status, 200);
    expect_ok(ferry_put(s, at("/put"), &r), s);
    assert_int_equal(r->status, 200);
    expect_ok(ferry_patch(s, at("/patch"), &r), s);
    assert_int_equal(r->status, 200);
    expect_ok(ferry_delete(s, at("/delete"), &r), s);
    assert_int_equal(r->status, 200);
}

static void options_and_head_answer_without_a_body(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    expect_ok(ferry_options(s, at("/get"), &r), s);
    assert_non_null(strstr(ferry_header(r, "Allow"), "GET"));
    expect_ok(ferry_head(s, at("/get"), &r), s);
    assert_int_equal(r->status, 200);
    assert_int_equal(r->body.len, 0);
    assert_true(r->reused);
}

static void a_form_arrives_field_by_field(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    expect_ok(ferry_post(s, at("/post"), &r,
                  .form = FERRY_PAIRS({"user", "ada"}, {"note", "50% & more=\r\n"})),
        s);
    expect_says(r, "\"form\":{\"note\":\"50%&more=\\r\\n\",\"user\":\"ada\"}");
}

static void text_and_bytes_arrive_as_they_are(void **state)
{
    static const char bytes[] = "\x00\xff\x10";
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    expect_ok(ferry_put(s, at("/put"), &r, .text = "plain"), s);
    expect_says(r, "\"data\":\"plain\"");
    expect_says(r, "\"Content-Type\":\"text/plain;charset=utf-8\"");
    expect_ok(ferry_put(s, at("/put"), &r, .body = {bytes, 3}), s);
    expect_says(r, "\"data\":\"data:application/octet-stream;base64,AP8Q\"");
    expect_says(r, "\"Content-Length\":\"3\"");
    assert_false(says(r, "\"Content-Type\""));
}

static void a_large_body_arrives_whole(void **state)
{
    (void)state;
    enum { SIZE = 3 << 20 };
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    char *large = malloc(SIZE);
    assert_non_null(large);
    for (size_t i = 0; i < SIZE; i++)
        large[i] = (char)('a' + i % 23);
    ferry_err e = ferry_post(s, at("/anything"), &r, .body = {large, SIZE});
    const char *data = e ? NULL : strstr(r->body.ptr, "abcdefghijk");
    bool same = data && !memcmp(data, large, SIZE);
    free(large);
    expect_ok(e, s);
    assert_true(same);
}

/* --- responses ------------------------------------------------------------------- */

static void a_status_comes_with_its_reason(void **state)
{
    static const struct {
        const char *path, *reason;
        int status;
    } rows[] = {
        {"/status/200", "OK", 200},
        {"/status/204", "NO CONTENT", 204},
        {"/status/404", "NOT FOUND", 404},
        {"/status/418", "I'M A TEAPOT", 418},
        {"/status/503", "SERVICE UNAVAILABLE", 503},
    };
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        expect_ok(ferry_get(s, at(rows[i].path), &r), s);
        assert_int_equal(r->status, rows[i].status);
        assert_string_equal(r->reason, rows[i].reason);
    }
    expect_error(ferry_check(r), FERRY_ERR_STATUS);
    assert_non_null(strstr(ferry_explain(s), "503"));
}

static void repeated_response_headers_stay_apart(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    expect_ok(ferry_get(s, at("/response-headers?X-One=a&X-One=b&x-two=c%20d"), &r), s);
    assert_string_equal(ferry_header(r, "x-one"), "a");
    assert_string_equal(ferry_header_nth(r, "X-ONE", 1), "b");
    assert_null(ferry_header_nth(r, "X-One", 2));
    assert_string_equal(ferry_header(r, "X-Two"), "c d");
}

static void cookies_that_httpbin_sets_are_sent_back(void **state)
{
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    (void)state;
    expect_ok(ferry_get(s, at("/cookies/set?one=1&two=2"), NULL), s);
    expect_ok(ferry_get(s, at("/cookies"), &r), s);
    expect_says(r, "\"one\":\"1\"");
    expect_says(r, "\"two\":\"2\"");
    expect_ok(ferry_get(s, at("/cookies/delete?one"), NULL), s);
    expect_ok(ferry_get(s, at("/cookies"), &r,
                  .cookies = FERRY_PAIRS({"two", NULL}, {"own", "3"})),
        s);
    expect_says(r, "{\"cookies\":{\"own\":\"3\"}}");
    expect_ok(ferry_get(s, at("/cookies"), &r, .jar = FERRY_OFF), s);
    expect_says(r, "{\"cookies\":{}}");
}

static void a_redirect_is_a_response_where_none_is_followed(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    expect_ok(ferry_get(s, at("/redirect-to?url=/get"), &r, .follow = FERRY_OFF), s);
    assert_int_equal(r->status, 302);
    assert_string_equal(ferry_header(r, "Location"), "/get");
    assert_true(ferry_ok(r));
}

static void chunked_lines_are_streamed_to_the_last(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    ferry_str chunk;
    int lines = 0;
    ferry_err e = ferry_get(s, at("/stream/20"), &r, .stream = FERRY_ON);
    expect_ok(e, s);
    assert_string_equal(ferry_header(r, "Transfer-Encoding"), "chunked");
    while (!(e = ferry_next(r, &chunk)) && chunk.len)
        for (size_t i = 0; i < chunk.len; i++)
            lines += chunk.ptr[i] == '\n';
    expect_ok(e, s);
    assert_int_equal(lines, 20);
    expect_ok(ferry_get(s, at("/bytes/77777?seed=1"), &r), s);
    assert_int_equal(r->body.len, 77777);
    assert_true(r->reused);
}

static void a_detached_response_outlives_its_session(void **state)
{
    (void)state;
    ferry_session *s = ferry_session_new();
    ferry_response *r = NULL;
    expect_ok(ferry_get(s, at("/user-agent"), &r), s);
    ferry_response *kept = ferry_detach(r);
    ferry_response_free(r);
    ferry_session_free(s);
    assert_non_null(kept);
    expect_says(kept, "\"user-agent\":\"ferry/");
    assert_string_equal(ferry_header(kept, "Content-Type"), "application/json");
    assert_string_equal(kept->url, at("/user-agent"));
    ferry_response_free(kept);
}

static void one_call_without_a_session_is_enough(void **state)
{
    (void)state;
    ferry_auto_response r = NULL;
    expect_ok(ferry_once(at("/anything"), &r, .method = "PUT", .text = "t"), NULL);
    expect_says(r, "\"method\":\"PUT\"");
}

/* --- more than one request ------------------------------------------------------- */

static void redirects_are_followed_and_remembered(void **state)
{
    static const char *const paths[] = {"/redirect/3", "/absolute-redirect/3"};
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    for (int i = 0; i < 2; i++) {
        expect_ok(ferry_get(s, at(paths[i]), &r), s);
        assert_int_equal(r->status, 200);
        assert_int_equal(r->redirects, 3);
        assert_int_equal(r->n_history, 3);
        assert_int_equal(r->history[0].status, 302);
        assert_string_equal(r->history[0].url, at(paths[i]));
        assert_string_equal(r->url, at("/get"));
        assert_true(r->reused);
    }
    expect_error(
        ferry_get(s, at("/redirect/3"), &r, .max_redirects = 2), FERRY_ERR_REDIRECTS);
    assert_int_equal(r->status, 302);
    expect_ok(ferry_get(s, at("/redirect/1"), &r, .follow = FERRY_OFF), s);
    assert_string_equal(r->next_url, at("/get"));
}

static void a_post_becomes_a_get_or_stays_one(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    expect_ok(ferry_post(s, at("/redirect-to?url=/anything&status_code=302"), &r,
                  .text = "hello"),
        s);
    expect_says(r, "\"method\":\"GET\"");
    expect_says(r, "\"data\":\"\"");
    expect_ok(ferry_post(s, at("/redirect-to?url=/anything&status_code=307"), &r,
                  .text = "hello"),
        s);
    expect_says(r, "\"method\":\"POST\"");
    expect_says(r, "\"data\":\"hello\"");
}

static void a_status_that_stays_is_tried_as_often_as_allowed(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new(.retry = {.total = 2,
                                                 .backoff_ms = 10,
                                                 .statuses = FERRY_CODES(503)});
    ferry_auto_response r = NULL;
    expect_error(ferry_get(s, at("/status/503"), &r), FERRY_ERR_RETRIES);
    assert_int_equal(r->status, 503);
    assert_int_equal(r->n_history, 2);
    assert_int_equal(r->history[1].delay_ms, 20);
    expect_ok(ferry_get(s, at("/status/200"), &r), s);
}

/* --- time ------------------------------------------------------------------------ */

static void silence_ends_in_a_read_time_out(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    int64_t start = now_ms();
    expect_error(ferry_get(s, at("/delay/5"), &r, .timeout = {.read_ms = 400}),
        FERRY_ERR_READ_TIMEOUT);
    assert_true(now_ms() - start >= 400);
    assert_true(now_ms() - start < 1500);
    assert_null(r);
    expect_ok(ferry_get(s, at("/get"), &r), s);
    assert_false(r->reused);
}

static void a_dripping_body_is_no_silence(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new(.timeout = {.read_ms = 900});
    ferry_auto_response r = NULL;
    expect_ok(ferry_get(s, at("/drip?duration=2&numbytes=8&delay=0"), &r), s);
    assert_string_equal(r->body.ptr, "********");
    expect_error(ferry_get(s, at("/drip?duration=4&numbytes=8&delay=0"), &r,
                     .timeout = {.total_ms = 1000}),
        FERRY_ERR_TOTAL_TIMEOUT);
}

/* --- who asks -------------------------------------------------------------------- */

static void user_and_password_are_let_in_and_others_are_not(void **state)
{
    char url[600];
    (void)state;
    ferry_auto_session s = ferry_session_new(.auth = ferry_basic("ada", "love: lace"));
    ferry_auto_response r = NULL;
    expect_ok(ferry_get(s, at("/basic-auth/ada/love:%20lace"), &r), s);
    assert_int_equal(r->status, 200);
    expect_says(r, "\"user\":\"ada\"");
    expect_ok(ferry_get(s, at("/basic-auth/ada/other"), &r), s);
    assert_int_equal(r->status, 401);
    snprintf(url, sizeof url, "http://u%%40:p@%s", at("/basic-auth/u@/p") + 7);
    ferry_auto_session plain = ferry_session_new();
    expect_ok(ferry_get(plain, url, &r), plain);
    assert_int_equal(r->status, 200);
    expect_ok(ferry_get(plain, at("/hidden-basic-auth/u/p"), &r,
                  .auth = ferry_basic("u", "p")),
        plain);
    assert_int_equal(r->status, 200);
}

static void a_token_is_let_in(void **state)
{
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    expect_ok(ferry_get(s, at("/bearer"), &r, .auth = ferry_bearer("t0ken")), s);
    assert_int_equal(r->status, 200);
    expect_says(r, "\"token\":\"t0ken\"");
    expect_ok(ferry_get(s, at("/bearer"), &r), s);
    assert_int_equal(r->status, 401);
}

/* Its nonces are good once or for a while; it sets cookies with its challenge and wants
 * them back, so that each session here gives the first answer's own. */
static void digests_are_let_in_with_every_hash_and_qop(void **state)
{
    static const char *const algorithms[] = {"MD5", "SHA-256", "SHA-512"};
    static const char *const qops[] = {"auth", "auth-int"};
    (void)state;
    for (int i = 0; i < 6; i++) {
        char path[128];
        snprintf(path, sizeof path, "/digest-auth/%s/ada/lovelace/%s", qops[i % 2],
            algorithms[i / 2]);
        ferry_auto_session s = ferry_session_new(.auth = ferry_digest(
                                                     "ada", "lovelace"));
        ferry_auto_response r = NULL;
        expect_ok(ferry_get(s, at(path), &r), s);
        if (r->status != 200)
            fail_msg("%s: %d %s", path, r->status, r->request.ptr);
        assert_int_equal(r->n_history, 1);
        expect_ok(ferry_get(s, at(path), &r), s);
        assert_int_equal(r->status, 200);
        expect_ok(ferry_get(s, at(path), &r, .auth = ferry_digest("ada", "wrong")), s);
        assert_int_equal(r->status, 401);
    }
}

static void coded_bodies_are_decoded(void **state)
{
    static const char *const paths[] = {"/gzip", "/deflate"};
    static const char *const says_so[] = {"\"gzipped\":true", "\"deflated\":true"};
    (void)state;
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;
    for (int i = 0; i < 2; i++) {
        ferry_str chunk, whole;
        expect_ok(ferry_get(s, at(paths[i]), &r), s);
        expect_says(r, says_so[i]);
        assert_string_equal(ferry_header(r, "Content-Encoding"), paths[i] + 1);
        expect_ok(ferry_get(s, at(paths[i]), &r, .stream = FERRY_ON), s);
        expect_ok(ferry_next(r, &whole), s);
        assert_true(r->reused && whole.len > 0 && whole.ptr[0] == '{');
        expect_ok(ferry_next(r, &chunk), s);
        assert_int_equal(chunk.len, 0);
        expect_ok(ferry_get(s, at(paths[i]), &r, .decode = FERRY_OFF), s);
        assert_true(r->body.ptr[0] != '{');
    }
    expect_ok(ferry_get(s, at("/headers"), &r), s);
    assert_true(says(r, "\"Accept-Encoding\":\"gzip,deflate"));
}

/* --- the group ------------------------------------------------------------------- */

static int set_up(void **state)
{
    (void)state;
    return server_start_httpbin(&httpbin);
}

static int tear_down(void **state)
{
    (void)state;
    return server_stop(&httpbin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(default_headers_arrive_and_null_takes_them_away),
        cmocka_unit_test(parameters_of_url_session_and_request_arrive_decoded),
        cmocka_unit_test(each_verb_arrives_as_itself),
        cmocka_unit_test(options_and_head_answer_without_a_body),
        cmocka_unit_test(a_form_arrives_field_by_field),
        cmocka_unit_test(text_and_bytes_arrive_as_they_are),
        cmocka_unit_test(a_large_body_arrives_whole),
        cmocka_unit_test(a_status_comes_with_its_reason),
        cmocka_unit_test(repeated_response_headers_stay_apart),
        cmocka_unit_test(cookies_that_httpbin_sets_are_sent_back),
        cmocka_unit_test(a_redirect_is_a_response_where_none_is_followed),
        cmocka_unit_test(user_and_password_are_let_in_and_others_are_not),
        cmocka_unit_test(a_token_is_let_in),
        cmocka_unit_test(digests_are_let_in_with_every_hash_and_qop),
        cmocka_unit_test(chunked_lines_are_streamed_to_the_last),
        cmocka_unit_test(coded_bodies_are_decoded),
        cmocka_unit_test(a_detached_response_outlives_its_session),
        cmocka_unit_test(one_call_without_a_session_is_enough),
        cmocka_unit_test(redirects_are_followed_and_remembered),
        cmocka_unit_test(a_post_becomes_a_get_or_stays_one),
        cmocka_unit_test(a_status_that_stays_is_tried_as_often_as_allowed),
        cmocka_unit_test(silence_ends_in_a_read_time_out),
        cmocka_unit_test(a_dripping_body_is_no_silence),
    };
    return cmocka_run_group_tests_name("httpbin", tests, set_up, tear_down);
}
