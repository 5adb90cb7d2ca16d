/* test_accessors.c - what can be asked of a response, its copy, and its life beyond the
 * session.
 * SPDX-License-Identifier: MIT */
#include "lib/stage.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define URL         "http://user:secret@a.test/p?q#f"
#define RICH                                                                           \
    "HTTP/1.1 200 All is well\r\nVary: a\r\nName: first\r\nvary: b\r\nEmpty:\r\n"      \
    "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nSum: 7\r\nvary: t\r\n\r\n"
#define SWITCHED                                                                       \
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: "                   \
    "upgrade\r\n\r\nsurplus"

static peer_answer answers[10];

static int set_up(void **state)
{
    (void)state;
    return stage_set(answers, COUNT(answers), RICH);
}

static void free_session(void)
{
    ferry_session_free(s);
    s = NULL;
}

static void get(const char *answer)
{
    answers[p.next].bytes = answer;
    if (ferry_get(s, URL, &r))
        fail_msg("%s", ferry_explain(s));
}

/* --- fields ---------------------------------------------------------------------- */

static void a_header_is_found_whatever_its_case_and_number(void **state)
{
    (void)state;
    get(RICH);
    assert_string_equal(ferry_header(r, "name"), "first");
    assert_string_equal(ferry_header(r, "VARY"), "a");
    assert_string_equal(ferry_header_nth(r, "vary", 0), "a");
    assert_string_equal(ferry_header_nth(r, "vary", 1), "b");
    assert_null(ferry_header_nth(r, "vary", 2));
    assert_string_equal(ferry_header(r, "empty"), "");
    assert_null(ferry_header(r, "nam"));
    assert_null(ferry_header(r, "sum"));
    assert_string_equal(ferry_trailer(r, "sum"), "7");
    assert_string_equal(ferry_trailer(r, "Vary"), "t");
    assert_null(ferry_trailer(r, "name"));
}

static void fields_can_be_walked_in_their_order(void **state)
{
    static const char *const names[] = {
        "Vary", "Name", "vary", "Empty", "Transfer-Encoding"};
    (void)state;
    get(RICH);
    assert_int_equal(r->headers.n, COUNT(names));
    for (size_t i = 0; i < COUNT(names); i++)
        assert_string_equal(r->headers.at[i].name.ptr, names[i]);
    assert_int_equal(r->trailers.n, 2);
}

static void asking_for_nothing_finds_nothing(void **state)
{
    (void)state;
    get(RICH);
    assert_null(ferry_header(NULL, "name"));
    assert_null(ferry_header(r, NULL));
    assert_null(ferry_header_nth(NULL, "name", 0));
    assert_null(ferry_header_nth(r, NULL, 0));
    assert_null(ferry_trailer(NULL, "sum"));
    assert_null(ferry_trailer(r, NULL));
}

static void the_members_tell_the_rest(void **state)
{
    (void)state;
    m.now_ms = 5000;
    get("HTTP/1.1 103 Early Hints\r\n\r\n" RICH);
    assert_int_equal(r->status, 200);
    assert_int_equal(r->minor, 1);
    assert_string_equal(r->reason, "All is well");
    assert_string_equal(r->url, "http://a.test/p?q#f");
    assert_string_equal(r->body.ptr, "hello");
    assert_int_equal(r->interim, 1);
    assert_false(r->reused);
    answers[1].end = PEER_CLOSES;
    get("HTTP/1.0 404 \r\n\r\n");
    assert_int_equal(r->minor, 0);
    assert_string_equal(r->reason, "");
    assert_true(r->reused);
}

static void a_response_that_is_not_there_yet_has_empty_members(void **state)
{
    (void)state;
    assert_int_equal(ferry_begin(s, URL, &r), FERRY_OK);
    assert_int_equal(r->status, 0);
    assert_string_equal(r->reason, "");
    assert_string_equal(r->url, "http://a.test/p?q#f");
    assert_string_equal(r->body.ptr, "");
    assert_int_equal(r->headers.n, 0);
    assert_null(ferry_header(r, "name"));
    assert_false(ferry_ok(r));
}

/* --- good or bad ----------------------------------------------------------------- */

static void a_status_below_400_is_good(void **state)
{
    static const struct {
        const char *answer;
        bool is_ok;
        const char *line;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true, NULL},
        {"HTTP/1.1 399 \r\nContent-Length: 0\r\n\r\n", true, NULL},
        {"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", false,
            "a.test: the status is an error: 400 Bad Request"},
        {"HTTP/1.1 503\r\nContent-Length: 0\r\n\r\n", false,
            "a.test: the status is an error: 503"},
        {"HTTP/1.1 999 x\r\nContent-Length: 0\r\n\r\n", false,
            "a.test: the status is an error: 999 x"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        get(cases[i].answer);
        assert_int_equal(ferry_ok(r), cases[i].is_ok);
        assert_int_equal(ferry_check(r), cases[i].is_ok ? FERRY_OK : FERRY_ERR_STATUS);
        if (!cases[i].is_ok)
            assert_string_equal(ferry_explain(s), cases[i].line);
    }
}

static void no_response_and_a_pending_one_cannot_be_checked(void **state)
{
    (void)state;
    assert_false(ferry_ok(NULL));
    assert_int_equal(ferry_check(NULL), FERRY_ERR_USAGE);
    assert_int_equal(ferry_begin(s, URL, &r), FERRY_OK);
    assert_int_equal(ferry_check(r), FERRY_ERR_USAGE);
}

/* --- links and names of statuses ------------------------------------------------- */

#define LINKED                                                                         \
    "HTTP/1.1 200 OK\r\nLink: <?page=2>; rel=next, </x>; rel=\"up index\"\r\n"         \
    "link: <http://b.test/l>; rel=last, <?page=9>; rel=next\r\n"                       \
    "Link: <#c>; rel=anchored; anchor=\"/y\", <http://[>; rel=bad\r\n"                 \
    "Content-Length: 0\r\n\r\n"

static void a_link_leads_from_the_url_of_its_response(void **state)
{
    static const struct {
        const char *rel, *url;
    } cases[] = {
        {"next", "http://a.test/p?page=2"},
        {"NEXT", "http://a.test/p?page=2"},
        {"up", "http://a.test/x"},
        {"index", "http://a.test/x"},
        {"last", "http://b.test/l"},
        {"anchored", NULL},
        {"bad", NULL},
        {"prev", NULL},
        {"", NULL},
        {NULL, NULL},
    };
    (void)state;
    get(LINKED);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *url = ferry_link(r, cases[i].rel);
        if (cases[i].url ? !url || strcmp(url, cases[i].url) : url != NULL)
            fail_msg("%s: %s", cases[i].rel, url);
    }
    assert_null(ferry_link(NULL, "next"));
}

/* The URL stands in memory of its response, which a copy does not have. */
static void a_link_needs_a_session_and_memory(void **state)
{
    (void)state;
    get(LINKED);
    ferry_response *copy = ferry_detach(r);
    assert_null(ferry_link(copy, "next"));
    ferry_response_free(copy);
    int k = 0;
    do
        m.memory.fail_at = m.memory.calls + ++k;
    while (k < 10 && !ferry_link(r, "next"));
    assert_in_range(k, 2, 9);
    m.memory.fail_at = 0;
    free_session();
    assert_string_equal(ferry_link(r, "last"), "http://b.test/l");
}

static void a_status_has_a_name_both_ways(void **state)
{
    (void)state;
    assert_string_equal(ferry_status_text(404), "Not Found");
    assert_null(ferry_status_text(299));
    assert_int_equal(ferry_status_code("not_found"), 404);
    assert_int_equal(ferry_status_code("no such status"), 0);
    assert_int_equal(ferry_status_code(NULL), 0);
}

/* --- longer than the session ----------------------------------------------------- */

static void a_response_outlives_its_session(void **state)
{
    ferry_str chunk;
    (void)state;
    get(RICH);
    free_session();
    assert_int_equal(p.live, 0);
    assert_string_equal(r->body.ptr, "hello");
    assert_string_equal(ferry_header(r, "name"), "first");
    assert_string_equal(ferry_trailer(r, "sum"), "7");
    assert_string_equal(r->url, "http://a.test/p?q#f");
    assert_true(r->request.len > 20);
    assert_int_equal(ferry_check(r), FERRY_OK);
    assert_int_equal(ferry_next(r, &chunk), FERRY_OK);
    assert_string_equal(chunk.ptr, "hello");
    ferry_response *copy = ferry_detach(r);
    assert_string_equal(copy->body.ptr, "hello");
    ferry_response_free(copy);
}

/* More than a session keeps to spare. */
static void many_responses_outlive_their_session_in_any_order(void **state)
{
    static const size_t order[] = {3, 6, 0, 7, 1, 5, 2, 4};
    ferry_response *many[COUNT(order)] = {NULL};
    (void)state;
    for (size_t i = 0; i < COUNT(order); i++)
        assert_int_equal(ferry_get(s, URL, &many[i]), FERRY_OK);
    ferry_response_free(many[order[0]]);
    free_session();
    for (size_t i = 1; i < COUNT(order); i++) {
        assert_string_equal(many[order[i]]->body.ptr, "hello");
        ferry_response_free(many[order[i]]);
    }
}

static void the_end_of_a_session_ends_what_is_under_way(void **state)
{
    ferry_response *stream = NULL;
    ferry_wait w;
    ferry_str chunk;
    (void)state;
    assert_int_equal(ferry_get(s, URL, &stream, .stream = FERRY_ON), FERRY_OK);
    assert_int_equal(ferry_begin(s, URL, &r), FERRY_OK);
    p.n_answers = p.next;
    assert_int_equal(ferry_step(r, NULL), FERRY_AGAIN);
    free_session();
    assert_int_equal(p.live, 0);
    assert_int_equal(ferry_step(r, &w), FERRY_ERR_ABORTED);
    assert_int_equal(ferry_next(stream, &chunk), FERRY_ERR_ABORTED);
    assert_string_equal(ferry_header(stream, "name"), "first");
    assert_int_equal(ferry_waiting(r, &w), FERRY_OK);
    assert_int_equal(w.n, 0);
    ferry_response_free(stream);
}

/* --- copies ---------------------------------------------------------------------- */

static void a_copy_is_the_same_and_needs_nobody(void **state)
{
    (void)state;
    get(RICH);
    ferry_response *copy = ferry_detach(r);
    assert_non_null(copy);
    ferry_response_free(r);
    r = NULL;
    free_session();
    assert_int_equal(m.memory.live, 1);
    assert_int_equal(copy->status, 200);
    assert_string_equal(copy->reason, "All is well");
    assert_string_equal(copy->url, "http://a.test/p?q#f");
    assert_int_equal(copy->body.len, 5);
    assert_string_equal(copy->body.ptr, "hello");
    assert_int_equal(copy->headers.n, 5);
    assert_string_equal(ferry_header_nth(copy, "vary", 1), "b");
    assert_string_equal(ferry_header(copy, "empty"), "");
    assert_string_equal(ferry_trailer(copy, "sum"), "7");
    assert_int_equal(copy->request.len, 0);
    assert_true(ferry_ok(copy));
    assert_int_equal(ferry_check(copy), FERRY_OK);
    assert_null(ferry_detach(copy));
    ferry_response_free(copy);
}

static void a_bad_status_of_a_copy_is_found_without_a_session(void **state)
{
    (void)state;
    get("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
    ferry_response *copy = ferry_detach(r);
    free_session();
    assert_int_equal(ferry_check(copy), FERRY_ERR_STATUS);
    ferry_response_free(copy);
}

static void only_a_whole_gathered_response_can_be_copied(void **state)
{
    ferry_str chunk;
    (void)state;
    assert_null(ferry_detach(NULL));
    assert_int_equal(ferry_begin(s, URL, &r), FERRY_OK);
    assert_null(ferry_detach(r));
    assert_non_null(strstr(ferry_explain(s), "only a response that was gathered"));
    assert_int_equal(ferry_get(s, URL, &r, .stream = FERRY_ON), FERRY_OK);
    assert_null(ferry_detach(r));
    do
        assert_int_equal(ferry_next(r, &chunk), FERRY_OK);
    while (chunk.len);
    assert_null(ferry_detach(r));
}

static void a_copy_without_memory_is_none_and_says_so(void **state)
{
    (void)state;
    get(RICH);
    m.memory.fail_at = m.memory.calls + 1;
    assert_null(ferry_detach(r));
    assert_string_equal(ferry_explain(s), "a.test: out of memory");
    assert_string_equal(r->body.ptr, "hello");
}

/* --- taken ----------------------------------------------------------------------- */

static ferry_err ask_to_switch(void)
{
    answers[p.next].bytes = SWITCHED;
    return ferry_get(s, URL, &r,
        .headers = FERRY_PAIRS({"Upgrade", "x"}, {"Connection", "upgrade"}));
}

/* RFC 9110 7.8 */
static void a_connection_that_switched_can_be_taken_once(void **state)
{
    ferry_transport *t = NULL, *again = NULL;
    (void)state;
    assert_int_equal(ask_to_switch(), FERRY_OK);
    assert_int_equal(r->status, 101);
    assert_string_equal(r->body.ptr, "surplus");
    assert_int_equal(ferry_take(r, &t), FERRY_OK);
    assert_int_equal(ferry_take(r, &again), FERRY_ERR_USAGE);
    assert_null(again);
    assert_string_equal(
        ferry_explain(s), "a.test: wrong use of the library: no 101, or taken already");
    ferry_response_free(r);
    r = NULL;
    free_session();
    assert_int_equal(p.live, 1);
    assert_int_equal(t->calls->write(t, "new", 3, 0), 3);
    t->calls->close(t);
}

static void a_connection_that_is_not_taken_is_closed_with_its_response(void **state)
{
    (void)state;
    assert_int_equal(ask_to_switch(), FERRY_OK);
    assert_int_equal(p.live, 1);
    ferry_response_free(r);
    r = NULL;
    assert_int_equal(p.live, 0);
}

static void nothing_else_can_be_taken(void **state)
{
    ferry_transport *t = NULL;
    (void)state;
    get(RICH);
    assert_int_equal(ferry_take(r, &t), FERRY_ERR_USAGE);
    assert_int_equal(ferry_take(r, NULL), FERRY_ERR_USAGE);
    assert_int_equal(ferry_take(NULL, &t), FERRY_ERR_USAGE);
    ferry_response *copy = ferry_detach(r);
    assert_int_equal(ferry_take(copy, &t), FERRY_ERR_USAGE);
    ferry_response_free(copy);
    assert_int_equal(ask_to_switch(), FERRY_OK);
    assert_int_equal(ferry_take(r, NULL), FERRY_ERR_USAGE);
    free_session();
    assert_int_equal(ferry_take(r, &t), FERRY_ERR_USAGE);
    assert_null(t);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, stage_clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_header_is_found_whatever_its_case_and_number),
        TEST(fields_can_be_walked_in_their_order),
        TEST(asking_for_nothing_finds_nothing),
        TEST(the_members_tell_the_rest),
        TEST(a_response_that_is_not_there_yet_has_empty_members),
        TEST(a_status_below_400_is_good),
        TEST(no_response_and_a_pending_one_cannot_be_checked),
        TEST(a_link_leads_from_the_url_of_its_response),
        TEST(a_link_needs_a_session_and_memory),
        TEST(a_status_has_a_name_both_ways),
        TEST(a_response_outlives_its_session),
        TEST(many_responses_outlive_their_session_in_any_order),
        TEST(the_end_of_a_session_ends_what_is_under_way),
        TEST(a_copy_is_the_same_and_needs_nobody),
        TEST(a_bad_status_of_a_copy_is_found_without_a_session),
        TEST(only_a_whole_gathered_response_can_be_copied),
        TEST(a_copy_without_memory_is_none_and_says_so),
        TEST(a_connection_that_switched_can_be_taken_once),
        TEST(a_connection_that_is_not_taken_is_closed_with_its_response),
        TEST(nothing_else_can_be_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
