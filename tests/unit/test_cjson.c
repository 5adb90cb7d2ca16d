/* test_cjson.c - include/ferry/cjson.h: trees out and in.
 * SPDX-License-Identifier: MIT */
#include "ferry/cjson.h"
#include "lib/machine.h"
#include "lib/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define URL         "http://a.test/"

static machine m;
static peer p;
static ferry_session *s;
static ferry_response *r;
static peer_answer answer;

static int set_up(void **state)
{
    (void)state;
    machine_init(&m);
    memset(&p, 0, sizeof p);
    answer = (peer_answer){
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", PEER_STAYS};
    p.answers = &answer;
    p.n_answers = 1;
    ferry_dialer d = peer_dialer(&p);
    s = ferry_session_new(.platform = &m.memory.platform, .transport = &d);
    r = NULL;
    return s ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ferry_response_free(r);
    ferry_session_free(s);
    return memory_is_clean(&m.memory) ? 0 : -1;
}

static void a_tree_is_sent_as_JSON_and_may_go_at_once(void **state)
{
    cJSON *tree = cJSON_CreateObject();
    (void)state;
    cJSON_AddStringToObject(tree, "name",
        "Gr\xc3\xbc\xc3\x9f"
        "e");
    cJSON_AddNumberToObject(tree, "n", 3);
    ferry_err e = ferry_post_json(
        s, URL, tree, &r, .stream = FERRY_ON, .headers = FERRY_PAIRS({"X-A", "1"}));
    cJSON_Delete(tree);
    assert_int_equal(e, FERRY_OK);
    assert_non_null(strstr(p.sent, "POST / HTTP/1.1\r\n"));
    assert_non_null(strstr(p.sent, "X-A: 1\r\n"));
    assert_non_null(strstr(p.sent, "Content-Type: application/json\r\n"));
    assert_non_null(strstr(p.sent, "\r\n\r\n{\"name\":\"Gr\xc3\xbc\xc3\x9f"
                                   "e\",\"n\":3}"));
    assert_string_equal(r->body.ptr, "{}"); /* gathered */
}

static void each_method_has_its_name(void **state)
{
    cJSON *tree = cJSON_CreateArray();
    const peer_answer answers[] = {answer, answer};
    (void)state;
    p.answers = answers;
    p.n_answers = COUNT(answers);
    assert_int_equal(ferry_put_json(s, URL, tree, NULL), FERRY_OK);
    assert_int_equal(ferry_patch_json(s, URL, tree, &r), FERRY_OK);
    cJSON_Delete(tree);
    assert_non_null(strstr(p.sent, "PUT / HTTP/1.1\r\n"));
    assert_non_null(strstr(p.sent, "PATCH / HTTP/1.1\r\n"));
}

static void what_cannot_be_sent_is_an_error(void **state)
{
    cJSON *tree = cJSON_CreateArray();
    (void)state;
    assert_int_equal(ferry_send_json(s, "POST", URL, NULL, &r, NULL), FERRY_ERR_USAGE);
    assert_int_equal(
        ferry_post_json(s, URL, tree, &r, .text = "another"), FERRY_ERR_USAGE);
    assert_int_equal(ferry_send_json(s, "POST", URL, tree, &r, NULL), FERRY_OK);
    cJSON_Delete(tree);
}

/* A body that the peer of these tests could not send. */
static cJSON *json_of(const char *bytes, size_t n)
{
    r->body = (ferry_str){bytes, n};
    return ferry_json(r);
}

static void a_body_is_one_JSON_text_or_no_tree(void **state)
{
    static const struct {
        const char *body;
        bool is_json;
    } cases[] = {{"{\"a\": [1, 2]}", true}, {" 3 ", true}, {"[]\n", true}, {"", false},
        {"{", false}, {"{} {}", false}, {"nul", false}};
    (void)state;
    assert_null(ferry_json(NULL));
    assert_int_equal(ferry_get(s, URL, &r), FERRY_OK);
    for (size_t i = 0; i < COUNT(cases); i++) {
        cJSON *tree = json_of(cases[i].body, strlen(cases[i].body));
        assert_int_equal(tree != NULL, cases[i].is_json);
        cJSON_Delete(tree);
    }
    assert_null(json_of("[1]\0]", 5));
}

static void it_may_be_in_UTF_16_or_UTF_32_with_a_mark_or_without(void **state)
{
#define BYTES(literal) "" literal, sizeof(literal) - 1
    static const struct {
        const char *bytes;
        size_t n;
    } cases[] = {{BYTES("[\"\xc3\xa4\"]")}, {BYTES("\xef\xbb\xbf[\"\xc3\xa4\"]")},
        {BYTES("\0[\0\"\0\xe4\0\"\0]")}, {BYTES("[\0\"\0\xe4\0\"\0]\0")},
        {BYTES("\xfe\xff\0[\0\"\0\xe4\0\"\0]")},
        {BYTES("\xff\xfe[\0\"\0\xe4\0\"\0]\0")},
        {BYTES("\0\0\0[\0\0\0\"\0\0\0\xe4\0\0\0\"\0\0\0]")},
        {BYTES("[\0\0\0\"\0\0\0\xe4\0\0\0\"\0\0\0]\0\0\0")},
        {BYTES("\0\0\xfe\xff\0\0\0[\0\0\0\"\0\0\0\xe4\0\0\0\"\0\0\0]")},
        {BYTES("\xff\xfe\0\0[\0\0\0\"\0\0\0\xe4\0\0\0\"\0\0\0]\0\0\0")}};
    (void)state;
    assert_int_equal(ferry_get(s, URL, &r), FERRY_OK);
    for (size_t i = 0; i < COUNT(cases); i++) {
        cJSON *tree = json_of(cases[i].bytes, cases[i].n);
        if (!tree)
            fail_msg("case %d", (int)i);
        assert_string_equal(cJSON_GetArrayItem(tree, 0)->valuestring, "\xc3\xa4");
        cJSON_Delete(tree);
    }
    assert_null(json_of(BYTES("\0[\0\"\0\xe4\0\"\0"))); /* cut off */
}

static void a_charset_that_is_said_counts(void **state)
{
    (void)state;
    answer
        .bytes = "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=latin1\r\n"
                 "Content-Length: 5\r\n\r\n[\"\xe4\"]";
    assert_int_equal(ferry_get(s, URL, &r), FERRY_OK);
    cJSON *tree = ferry_json(r);
    assert_string_equal(cJSON_GetArrayItem(tree, 0)->valuestring, "\xc3\xa4");
    cJSON_Delete(tree);
}

static void a_body_that_is_elsewhere_is_no_tree(void **state)
{
    char room[2];
    (void)state;
    assert_int_equal(ferry_get(s, URL, &r, .into = {room, sizeof room}), FERRY_OK);
    cJSON *tree = ferry_json(r); /* no NUL follows in `room` */
    assert_non_null(tree);
    cJSON_Delete(tree);
    p.next = 0;
    peer_forget(&p);
    ferry_close_idle(s);
    assert_int_equal(ferry_get(s, URL, &r, .stream = FERRY_ON), FERRY_OK);
    assert_null(ferry_json(r));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_tree_is_sent_as_JSON_and_may_go_at_once),
        TEST(each_method_has_its_name),
        TEST(what_cannot_be_sent_is_an_error),
        TEST(a_body_is_one_JSON_text_or_no_tree),
        TEST(it_may_be_in_UTF_16_or_UTF_32_with_a_mark_or_without),
        TEST(a_charset_that_is_said_counts),
        TEST(a_body_that_is_elsewhere_is_no_tree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
