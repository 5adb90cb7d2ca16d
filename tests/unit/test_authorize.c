/* test_authorize.c - what becomes of secrets: wiped, never said, and chance where chance
 * is due. What goes over the wire is held by the scripts of tests/wire.
 * SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "ferry.h"
#include "lib/machine.h"
#include "lib/peer.h"
#include "net/hash.h"
#include "session/core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define OK          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define NO                                                                             \
    "HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\", "           \
    "qop=\"auth\"\r\nContent-Length: 2\r\n\r\nno"
#define MOVED                                                                          \
    "HTTP/1.1 302 Found\r\nLocation: http://b.test/\r\nContent-Length: 0\r\n\r\n"

static machine m;
static peer p;
static ferry_dialer d;
static peer_answer answers[1200];

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

/* --- wiped ----------------------------------------------------------------------- */

/* All ways in which a password may come and go; the memory looks for it in every block
 * that it gets back. */
static void use_secrets(void)
{
    ferry_response *r = NULL;
    ferry_session *s = ferry_session_new(.platform = &m.memory.platform,
        .transport = &d, .auth = ferry_basic("ada", "hunter2"));
    answers[4] = (peer_answer){NO, PEER_STAYS};
    answers[6] = (peer_answer){MOVED, PEER_STAYS};
    assert_int_equal(
        ferry_mount(s, "http://b.test", .auth = ferry_bearer("hunter2")), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(ferry_get(s, "http://a.test/", &r), FERRY_OK);
    assert_int_equal(ferry_get(s, "http://ada:hunter2@a.test/", &r), FERRY_OK);
    assert_int_equal(ferry_get(s, "http://b.test/", &r), FERRY_OK);
    ferry_get(s, "http://a.test/", &r, .auth = ferry_digest("ada", "hunter2"));
    ferry_get(s, "http://a.test/", &r);
    ferry_response_free(r);
    r = NULL;
    assert_int_equal(
        ferry_begin(s, "http://a.test/", &r, .auth = ferry_basic("u", "hunter2")), 0);
    while (ferry_step(r, NULL) == FERRY_AGAIN)
        m.now_ms++;
    assert_int_equal(ferry_update(s, .auth = ferry_digest("ada", "hunter2")), FERRY_OK);
    assert_int_equal(ferry_update(s, .auth = ferry_no_auth()), FERRY_OK);
    ferry_response_free(r);
    ferry_session_free(s);
}

static void a_password_is_wiped_wherever_it_was(void **state)
{
    (void)state;
    m.memory.secret = "hunter2";
    use_secrets();
}

/* "ada:hunter2", and "hunter2" behind a token's scheme, as they were sent. */
static void what_was_sent_of_it_is_wiped_too(void **state)
{
    (void)state;
    m.memory.secret = "Basic YWRhOmh1bnRlcjI=";
    use_secrets();
    memset(&p, 0, sizeof p);
    p.answers = answers;
    p.n_answers = COUNT(answers);
    m.memory.secret = "Authorization";
    use_secrets();
}

static void expect_wiped(ferry_str s)
{
    assert_true(s.len > 0);
    for (size_t i = 0; i < s.len; i++)
        assert_int_equal(s.ptr[i], 0);
}

/* What is kept for the next request is wiped as well, not only what is freed. */
static void a_head_that_one_request_gave_is_wiped_when_it_is_over(void **state)
{
    ferry_response *r = NULL;
    (void)state;
    ferry_session *s = ferry_session_new(.platform = &m.memory.platform,
        .transport = &d);
    assert_int_equal(ferry_get(s, "http://a.test/", &r,
                         .headers = FERRY_PAIRS({"Authorization", "Token hunter2"})),
        FERRY_OK);
    const char *head = r->request.ptr;
    size_t n = r->request.len;
    assert_non_null(strstr(head, "hunter2"));
    ferry_response_free(r); /* its room stays with the session */
    expect_wiped((ferry_str){head, n});
    ferry_session_free(s);
}

static void user_and_password_of_a_url_are_wiped_when_its_call_is_over(void **state)
{
    ferry_response *r = NULL;
    (void)state;
    ferry_session *s = ferry_session_new(.platform = &m.memory.platform,
        .transport = &d);
    assert_int_equal(ferry_get(s, "http://ada:hunter2@a.test/", &r), FERRY_OK);
    const fy_transfer *t = (const fy_transfer *)(const void *)r;
    ferry_str aside = fy_buf_view(&t->url.aside),
              given = fy_buf_view(&t->authorization.given);
    ferry_response_free(r);
    expect_wiped(aside);
    expect_wiped(given);
    ferry_session_free(s);
}

static void what_one_request_said_to_its_proxy_is_wiped_when_it_is_over(void **state)
{
    ferry_response *r = NULL;
    (void)state;
    ferry_session *s = ferry_session_new(.platform = &m.memory.platform,
        .transport = &d);
    assert_int_equal(ferry_get(s, "http://a.test/", &r,
                         .proxies = FERRY_PAIRS({"all", "http://ada:hunter2@p.test"})),
        FERRY_OK);
    const fy_transfer *t = (const fy_transfer *)(const void *)r;
    ferry_str told[] = {fy_buf_view(&t->route->proxy.aside),
        fy_buf_view(&t->route->says), fy_buf_view(&t->key), fy_buf_view(&t->head)};
    ferry_response_free(r); /* its room stays with the session */
    for (size_t i = 0; i < COUNT(told); i++)
        expect_wiped(told[i]);
    ferry_session_free(s);
}

static void the_texts_of_a_cookie_go_with_their_response(void **state)
{
    ferry_response *r = NULL;
    ferry_cookie told;
    (void)state;
    ferry_session *s = ferry_session_new(.platform = &m.memory.platform,
        .transport = &d);
    answers[0].bytes = "HTTP/1.1 200 OK\r\nSet-Cookie: id=hunter\r\n\r\n";
    answers[0].end = PEER_CLOSES;
    assert_int_equal(ferry_get(s, "http://a.test/", &r), FERRY_OK);
    ferry_response *copy = ferry_detach(r);
    assert_true(ferry_response_cookie(r, 0, &told));
    assert_true(ferry_response_cookie(copy, 0, &told));
    assert_string_equal(told.value, "hunter");
    const fy_transfer *t = (const fy_transfer *)(const void *)r;
    const fy_detached *of_copy = (const fy_detached *)(const void *)copy;
    assert_true(t->crumb.ptr && t->crumb.is_secret); /* wiped when it is freed */
    assert_true(of_copy->crumb.ptr && of_copy->crumb.is_secret);
    ferry_response_free(r);
    assert_null(t->crumb.ptr);
    ferry_response_free(copy);
    ferry_session_free(s);
}

/* ferry_explain() and the copy of a response hold nothing of it. */
static void nothing_of_it_is_ever_explained_or_copied(void **state)
{
    static const char *const urls[] = {"http://ada:hunter2@a.test/\x01",
        "http://ada:hunter2@a.test:x/", "http://ada:hun%0Ater2@a.test/",
        "http://hunter2%3A@a.test/", "ftp://ada:hunter2@a.test/",
        "http://ada:hunter2@/"};
    ferry_response *r = NULL;
    (void)state;
    ferry_session *s = ferry_session_new(.platform = &m.memory.platform,
        .transport = &d);
    for (size_t i = 0; i < COUNT(urls); i++) {
        assert_int_not_equal(ferry_get(s, urls[i], &r), FERRY_OK);
        assert_null(strstr(ferry_explain(s), "hunter2"));
        assert_null(strstr(ferry_explain(s), "ada"));
    }
    assert_int_equal(ferry_get(s, "http://ada:hunter2@a.test/", &r), FERRY_OK);
    assert_string_equal(r->url, "http://a.test/");
    ferry_response *copy = ferry_detach(r);
    assert_int_equal(copy->request.len, 0);
    ferry_response_free(copy);
    ferry_response_free(r);
    ferry_session_free(s);
}

/* --- chance ---------------------------------------------------------------------- */

static void without_entropy_there_is_no_answer(void **state)
{
    ferry_response *r = NULL;
    (void)state;
    if (!fy_hash_all().n)
        return;
    answers[0] = (peer_answer){NO, PEER_STAYS};
    ferry_session *s = ferry_session_new(.platform = &m.memory.platform,
        .transport = &d);
    m.has_no_entropy = true;
    assert_int_equal(ferry_get(s, "http://a.test/", &r, .auth = ferry_digest("u", "p")),
        FERRY_ERR_USAGE);
    assert_non_null(strstr(ferry_explain(s), "the platform gives no entropy"));
    ferry_response_free(r);
    ferry_session_free(s);
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, FY_CNONCE_LEN);
}

/* curl's CVE-2016-9594: "random" was a constant. The system's own chance here. */
static void a_thousand_cnonces_are_a_thousand_different_ones(void **state)
{
    enum { TIMES = 1000 };
    static char seen[TIMES][FY_CNONCE_LEN];
    ferry_platform platform = m.memory.platform;
    ferry_response *r = NULL;
    (void)state;
    if (!fy_hash_all().n)
        return;
    answers[0] = (peer_answer){NO, PEER_STAYS};
    platform.random = NULL;
    ferry_session *s = ferry_session_new(.platform = &platform, .transport = &d,
        .auth = ferry_digest("u", "p"));
    for (int i = 0; i < TIMES; i++) {
        peer_forget(&p);
        assert_int_equal(ferry_get(s, "http://a.test/", &r), FERRY_OK);
        const char *at = strstr(p.sent, "cnonce=\"");
        assert_non_null(at);
        memcpy(seen[i], at + strlen("cnonce=\""), FY_CNONCE_LEN);
        assert_int_equal(at[strlen("cnonce=\"") + FY_CNONCE_LEN], '"');
    }
    qsort(seen, TIMES, sizeof seen[0], compare);
    for (int i = 1; i < TIMES; i++)
        assert_int_not_equal(compare(seen[i - 1], seen[i]), 0);
    ferry_response_free(r);
    ferry_session_free(s);
}

/* --- netrc ----------------------------------------------------------------------- */

static char folder[] = "/tmp/ferry-netrc-XXXXXX", path[64];

static void write_netrc(const char *text)
{
    snprintf(path, sizeof path, "%s/.netrc", folder);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void expect_request(ferry_session *s, const char *words, bool are_there)
{
    peer_forget(&p);
    assert_int_equal(ferry_get(s, "http://a.test/", NULL), FERRY_OK);
    assert_true((strstr(p.sent, words) != NULL) == are_there);
}

/* curl reads it when it is asked; here it is read when the session is made. */
static void the_environments_netrc_file_is_read_once_and_only_if_trusted(void **state)
{
    const char *basic = "Authorization: Basic dTpwdw==\r\n"; /* u:pw */
    (void)state;
    assert_non_null(mkdtemp(folder));
    write_netrc("machine a.test login u password pw");
    const ferry_pair home[] = {{"HOME", folder}, {NULL, NULL}};
    const ferry_pair both[] = {{"HOME", folder}, {"NETRC", "/nowhere"}, {NULL, NULL}};
    const ferry_pair named[] = {{"NETRC", path}, {NULL, NULL}};
    const ferry_pair is_folder[] = {{"NETRC", folder}, {NULL, NULL}};
    const struct {
        const ferry_pair *environ;
        bool finds;
    } cases[] = {
        {home, true}, {both, false}, {named, true}, {is_folder, false}, {NULL, false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        m.memory.environ = cases[i].environ;
        ferry_session *s = ferry_session_new(.platform = &m.memory.platform,
            .transport = &d);
        p.next = 0;
        expect_request(s, basic, cases[i].finds);
        ferry_session_free(s);
    }
    m.memory.environ = home;
    ferry_session *s = ferry_session_new(.platform = &m.memory.platform,
        .transport = &d);
    write_netrc("machine a.test login u password other");
    expect_request(s, basic, true);
    assert_int_equal(ferry_update(s, .trust_env = FERRY_OFF), FERRY_OK);
    expect_request(s, "Authorization", false);
    assert_int_equal(ferry_update(s, .netrc = path), FERRY_OK);
    expect_request(s, "Authorization: Basic dTpvdGhlcg==\r\n", true);
    assert_int_equal(ferry_update(s, .trust_env = FERRY_ON), FERRY_OK);
    expect_request(s, "Authorization", true);
    assert_int_equal(ferry_update(s, .netrc = ""), FERRY_OK);
    expect_request(s, "Authorization", false);
    ferry_session_free(s);
    s = ferry_session_new(.platform = &m.memory.platform, .transport = &d,
        .trust_env = FERRY_OFF);
    expect_request(s, "Authorization", false);
    ferry_session_free(s);
    unlink(path);
    rmdir(folder);
}

/* --- a function of the caller's -------------------------------------------------- */

typedef struct signer {
    int calls, answer;
    const char *name;
    char head[1000], body[100];
} signer;

static int sign(void *ctx, ferry_draft *draft, const ferry_response *challenge)
{
    signer *g = ctx;
    ferry_str head = ferry_draft_head(draft);
    ferry_bytes body = ferry_draft_body(draft);
    (void)challenge;
    g->calls++;
    snprintf(g->head, sizeof g->head, "%.*s", (int)head.len, head.ptr);
    snprintf(g->body, sizeof g->body, "%.*s", (int)body.len,
        body.ptr ? (const char *)body.ptr : "-");
    assert_string_equal(ferry_draft_method(draft), "POST");
    assert_string_equal(ferry_draft_url(draft), "http://a.test/x?y");
    if (g->name && ferry_draft_set(draft, g->name, "signed"))
        return 0;
    return g->answer;
}

static void a_function_sees_the_finished_head_and_body(void **state)
{
    signer g = {.name = "X-Signed"};
    ferry_response *r = NULL;
    (void)state;
    ferry_session *s = ferry_session_new(.platform = &m.memory.platform,
        .transport = &d, .auth = ferry_auth_custom(sign, &g),
        .headers = FERRY_PAIRS({"Accept-Encoding", NULL}));
    assert_int_equal(ferry_post(s, "http://a.test/x?y", &r, .text = "body"), FERRY_OK);
    assert_int_equal(g.calls, 1);
    assert_string_equal(g.head,
        "POST /x?y HTTP/1.1\r\nHost: a.test\r\nUser-Agent: ferry/" FERRY_VERSION
        "\r\nAccept: */*\r\nConnection: keep-alive\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 4\r\n\r\n");
    assert_string_equal(g.body, "body");
    assert_non_null(strstr(p.sent, "\r\nX-Signed: signed\r\n"));
    ferry_response_free(r);
    ferry_session_free(s);
}

static void a_function_may_end_the_call(void **state)
{
    signer g = {.answer = 1};
    ferry_response *r = NULL;
    (void)state;
    ferry_session *s = ferry_session_new(.platform = &m.memory.platform,
        .transport = &d, .auth = ferry_auth_custom(sign, &g));
    assert_int_equal(
        ferry_post(s, "http://a.test/x?y", &r, .text = "b"), FERRY_ERR_ABORTED);
    assert_non_null(strstr(ferry_explain(s), ".auth ended it"));
    g = (signer){.name = "bad name"};
    assert_int_equal(
        ferry_post(s, "http://a.test/x?y", &r, .text = "b"), FERRY_ERR_USAGE);
    assert_int_equal(p.dialled, 0);
    ferry_session_free(s);
}

static void what_a_function_does_not_sign_goes_out_as_it_was_shown(void **state)
{
    signer g = {.answer = 0};
    ferry_response *r = NULL;
    (void)state;
    ferry_session *s = ferry_session_new(.platform = &m.memory.platform,
        .transport = &d, .auth = ferry_auth_custom(sign, &g));
    assert_int_equal(ferry_post(s, "http://a.test/x?y", &r, .text = "b"), FERRY_OK);
    assert_int_equal(g.calls, 1);
    assert_int_equal(strlen(g.head) + 1, p.sent_len);
    assert_memory_equal(g.head, p.sent, strlen(g.head));
    ferry_response_free(r);
    ferry_session_free(s);
}

/* It was the answer of somebody who is not the session any more. */
static void a_challenge_is_not_answered_once_the_session_has_another_auth(void **state)
{
    ferry_response *r = NULL;
    ferry_err e;
    (void)state;
    p.is_coy = true;
    p.piece = 20;
    answers[0].bytes = NO;
    ferry_session *s = ferry_session_new(.platform = &m.memory.platform,
        .transport = &d, .auth = ferry_digest("ada", "secret"));
    assert_int_equal(ferry_begin(s, "http://a.test/", &r), FERRY_OK);
    while (!p.sent_len)
        assert_int_equal(ferry_step(r, NULL), FERRY_AGAIN);
    assert_int_equal(ferry_update(s, .auth = ferry_basic("bob", "other")), FERRY_OK);
    while ((e = ferry_step(r, NULL)) == FERRY_AGAIN)
        m.now_ms++;
    assert_int_equal(e, FERRY_OK);
    assert_int_equal(r->status, 401);
    assert_int_equal(p.next, 1);
    assert_null(strstr(p.sent, "Authorization"));
    ferry_response_free(r);
    ferry_session_free(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_password_is_wiped_wherever_it_was),
        TEST(what_was_sent_of_it_is_wiped_too),
        TEST(a_head_that_one_request_gave_is_wiped_when_it_is_over),
        TEST(user_and_password_of_a_url_are_wiped_when_its_call_is_over),
        TEST(what_one_request_said_to_its_proxy_is_wiped_when_it_is_over),
        TEST(the_texts_of_a_cookie_go_with_their_response),
        TEST(nothing_of_it_is_ever_explained_or_copied),
        TEST(without_entropy_there_is_no_answer),
        TEST(a_thousand_cnonces_are_a_thousand_different_ones),
        TEST(the_environments_netrc_file_is_read_once_and_only_if_trusted),
        TEST(a_function_sees_the_finished_head_and_body),
        TEST(a_function_may_end_the_call),
        TEST(what_a_function_does_not_sign_goes_out_as_it_was_shown),
        TEST(a_challenge_is_not_answered_once_the_session_has_another_auth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
