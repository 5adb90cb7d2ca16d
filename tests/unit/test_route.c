/* test_route.c - who is connected to, and which requests may share a connection: proxies,
 * addresses that were given, and everything that decides who answers.
 * SPDX-License-Identifier: MIT */
#include "ferry.h"
#include "lib/machine.h"
#include "lib/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define OK          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static machine m;
static peer p;
static ferry_dialer by_name;
static ferry_addr dialled;
static ferry_session *s;
static peer_answer answers[100];
static const char *const *variables; /* names and values */

static const char *look_up(void *ctx, const char *name)
{
    (void)ctx;
    for (const char *const *v = variables; v && *v; v += 2)
        if (strcmp(*v, name) == 0)
            return v[1];
    return NULL;
}

/* The platform's own dialler: it is given addresses, as there is a resolver. */
static int dial_address(void *ctx, const char *host, uint16_t port,
    const ferry_addr *addr, ferry_transport **out, ferry_fault *fault)
{
    (void)ctx;
    memset(&dialled, 0, sizeof dialled);
    if (addr)
        dialled = *addr;
    return by_name.dial(by_name.ctx, host, port, addr, out, fault);
}

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++)
        answers[i] = (peer_answer){OK, PEER_STAYS};
    machine_init(&m);
    memset(&p, 0, sizeof p);
    p.answers = answers;
    p.n_answers = COUNT(answers);
    by_name = peer_dialer(&p);
    m.memory.platform.getenv = look_up;
    variables = NULL;
    s = NULL;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ferry_session_free(s);
    assert_int_equal(p.live, 0);
    return memory_is_clean(&m.memory) ? 0 : -1;
}

/* A session that dials names. */
static void begin(void)
{
    s = ferry_session_new(.platform = &m.memory.platform, .transport = &by_name,
        .headers = FERRY_NO_PAIRS);
    assert_non_null(s);
}

/* One that dials addresses. */
static void begin_with_addresses(void)
{
    machine_knows(&m, "known.test");
    m.memory.platform.dial = dial_address;
    s = ferry_session_new(.platform = &m.memory.platform, .headers = FERRY_NO_PAIRS);
    assert_non_null(s);
}

static void expect_ok(ferry_err e)
{
    if (e)
        fail_msg("%s", ferry_explain(s));
}

static void expect_dialled(const char *host, uint16_t port)
{
    assert_string_equal(p.host, host);
    assert_int_equal(p.port, port);
}

/* --- proxies --------------------------------------------------------------------- */

static void a_proxy_is_connected_to_instead_of_the_host(void **state)
{
    (void)state;
    begin();
    expect_ok(ferry_get(s, "http://a.test/", NULL,
        .proxies = FERRY_PAIRS({"http", "http://P.test:3128"})));
    expect_dialled("p.test", 3128);
    expect_ok(ferry_get(s, "http://a.test/", NULL,
        .proxies = FERRY_PAIRS({"all", "[fe80::1%25eth0]:81"})));
    expect_dialled("fe80::1%eth0", 81);
    expect_ok(ferry_get(s, "http://a.test/", NULL));
    expect_dialled("a.test", 80);
}

static void proxies_are_found_by_scheme_and_host_over_the_levels(void **state)
{
    (void)state;
    begin();
    expect_ok(ferry_update(
        s, .proxies = FERRY_PAIRS({"http", "s.test"}, {"http://b.test", "b.proxy"})));
    expect_ok(
        ferry_mount(s, "http://m.test", .proxies = FERRY_PAIRS({"http", "m.proxy"})));
    expect_ok(ferry_mount(s, "http://d.test", .proxies = FERRY_DIRECT));
    expect_ok(ferry_mount(s, "http://n.test", .no_proxy = "n.test"));
    expect_ok(ferry_get(s, "http://a.test/", NULL));
    expect_dialled("s.test", 80);
    expect_ok(ferry_get(s, "http://b.test/", NULL));
    expect_dialled("b.proxy", 80);
    expect_ok(ferry_get(s, "http://m.test/", NULL));
    expect_dialled("m.proxy", 80);
    expect_ok(ferry_get(s, "http://d.test/", NULL));
    expect_dialled("d.test", 80);
    expect_ok(ferry_get(s, "http://n.test/", NULL));
    expect_dialled("n.test", 80);
    expect_ok(
        ferry_get(s, "http://m.test/", NULL, .proxies = FERRY_PAIRS({"http", NULL})));
    expect_dialled("m.test", 80);
    expect_ok(ferry_get(s, "http://a.test/", NULL, .no_proxy = ".test"));
    expect_dialled("a.test", 80);
}

static void the_environment_gives_proxies_where_no_level_does(void **state)
{
    static const char *const all[] = {
        "http_proxy", "http://u:p@e.proxy:81", "NO_PROXY", "away.test", NULL};
    (void)state;
    variables = all;
    begin();
    variables = NULL; /* it was read when the session was made */
    expect_ok(ferry_get(s, "http://a.test/", NULL));
    expect_dialled("e.proxy", 81);
    assert_non_null(strstr(p.sent, "Proxy-Authorization: Basic dTpw\r\n"));
    expect_ok(ferry_get(s, "http://away.test/", NULL));
    expect_dialled("away.test", 80);
    expect_ok(ferry_get(
        s, "http://away.test/", NULL, .proxies = FERRY_PAIRS({"http", "r.proxy"})));
    expect_dialled("r.proxy", 80);
    expect_ok(ferry_get(s, "http://a.test/", NULL, .proxies = FERRY_DIRECT));
    expect_dialled("a.test", 80);
    expect_ok(ferry_update(s, .trust_env = FERRY_OFF));
    expect_ok(ferry_get(s, "http://b.test/", NULL));
    expect_dialled("b.test", 80);
}

/* With REQUEST_METHOD set, HTTP_PROXY is what a stranger sent (CVE-2016-1000110). */
static void a_CGI_program_is_not_led_to_a_proxy_by_its_client(void **state)
{
    static const char *const cgi[] = {
        "REQUEST_METHOD", "GET", "HTTP_PROXY", "http://evil.test", NULL};
    (void)state;
    variables = cgi;
    begin();
    expect_ok(ferry_get(s, "http://a.test/", NULL));
    expect_dialled("a.test", 80);
}

static void https_behind_a_transport_that_protects_itself_has_no_proxy(void **state)
{
    (void)state;
    s = ferry_session_new(.platform = &m.memory.platform, .transport = &by_name,
        .secure = FERRY_ON, .proxies = FERRY_PAIRS({"https", "p.test"}));
    assert_int_equal(ferry_get(s, "https://a.test/", NULL), FERRY_ERR_USAGE);
    expect_ok(ferry_get(s, "https://a.test/", NULL, .proxies = FERRY_DIRECT));
    expect_dialled("a.test", 443);
}

static void an_answer_of_a_proxy_is_explained_without_its_password(void **state)
{
    (void)state;
    answers[0] = (peer_answer){"HTTP/1.1 407 Who\r\n\r\n", PEER_STAYS};
    begin();
    assert_int_equal(ferry_get(s, "http://a.test/", NULL, .proxy_tunnel = FERRY_ON,
                         .proxies = FERRY_PAIRS({"all", "http://u:hunter2@p.test"})),
        FERRY_ERR_PROXY);
    assert_null(strstr(ferry_explain(s), "hunter2"));
    assert_non_null(strstr(ferry_explain(s), "407"));
}

static void a_warm_request_by_a_proxy_takes_no_memory(void **state)
{
    ferry_response *r = NULL;
    (void)state;
    begin();
    for (int way = 0; way < 2; way++) {
        ferry_switch tunnel = way ? FERRY_ON : FERRY_OFF;
        if (way)
            answers[p.next] = (peer_answer){"HTTP/1.1 200 OK\r\n\r\n", PEER_STAYS};
        expect_ok(ferry_update(s, .proxy_tunnel = tunnel,
            .proxies = FERRY_PAIRS({"all", "http://user:secret@p.test"})));
        for (int i = 0; i < 3; i++)
            expect_ok(ferry_get(s, "http://a.test/", &r));
        int calls = m.memory.calls;
        expect_ok(ferry_get(s, "http://a.test/", &r));
        assert_true(r->reused);
        assert_int_equal(m.memory.calls, calls);
    }
    ferry_response_free(r);
}

/* --- redirects ------------------------------------------------------------------- */

/* requests keeps the first hop's proxy even where the new host is in no_proxy (#3296), and
 * sent Proxy-Authorization to the target (CVE-2014-1830). */
static void the_proxy_is_chosen_anew_for_each_hop(void **state)
{
    (void)state;
    answers[0] = (peer_answer){"HTTP/1.1 302 F\r\nLocation: http://near.test/\r\n"
                               "Content-Length: 0\r\n\r\n",
        PEER_STAYS};
    begin();
    expect_ok(ferry_get(s, "http://far.test/", NULL,
        .proxies = FERRY_PAIRS({"http", "http://u:p@p.test"}),
        .no_proxy = "near.test"));
    expect_dialled("near.test", 80);
    const char *second = strstr(p.sent, "GET / HTTP/1.1\r\nHost: near.test");
    assert_non_null(second);
    assert_null(strstr(second, "Proxy-Authorization"));
}

/* --- a proxy before the proxy ----------------------------------------------------- */

static void a_preproxy_is_found_over_the_levels(void **state)
{
    (void)state;
    begin();
    expect_ok(ferry_update(
        s, .preproxy = "socks5h://s.test", .proxies = FERRY_PAIRS({"http", "p.test"})));
    expect_ok(ferry_mount(s, "http://m.test", .preproxy = "socks5h://m.proxy:81"));
    expect_ok(ferry_mount(s, "http://n.test", .preproxy = ""));
    expect_ok(ferry_get(s, "http://a.test/", NULL));
    expect_dialled("s.test", 1080);
    assert_string_equal(p.socks, ":@p.test:80");
    expect_ok(ferry_get(s, "http://m.test/", NULL));
    expect_dialled("m.proxy", 81);
    expect_ok(ferry_get(s, "http://n.test/", NULL));
    expect_dialled("p.test", 80);
    expect_ok(ferry_get(s, "http://a.test/", NULL, .preproxy = "socks4a://r.test"));
    expect_dialled("r.test", 1080);
    assert_string_equal(p.socks, ":@p.test:80");
    expect_ok(ferry_get(s, "http://b.test/", NULL, .preproxy = "socks5h://ada:x@r.test",
        .proxies = FERRY_PAIRS({"http", "q.test:3128"})));
    assert_string_equal(p.socks, "ada:x@q.test:3128");
    expect_ok(ferry_get(s, "http://a.test/", NULL, .proxies = FERRY_DIRECT));
    expect_dialled("a.test", 80);
    assert_int_equal(ferry_update(s, .preproxy = "http://p.test"), FERRY_ERR_USAGE);
    assert_int_equal(
        ferry_update(s, .preproxy = "quic://p.test"), FERRY_ERR_UNSUPPORTED);
}

static void passwords_of_proxies_are_wiped_and_not_told(void **state)
{
    (void)state;
    m.memory.secret = "hunter2";
    begin();
    expect_ok(ferry_update(s, .proxies = FERRY_PAIRS({"http", "p.test"})));
    expect_ok(ferry_get(
        s, "http://a.test/", NULL, .preproxy = "socks5://ada:hunter2@q.test"));
    assert_string_equal(p.socks, "ada:hunter2@p.test:80");
    memset(p.socks, 0, sizeof p.socks);
    assert_int_equal(ferry_get(s, "http://a.test/", NULL,
                         .preproxy = "socks5://ada:hunter2@[q.test"),
        FERRY_ERR_URL);
    assert_null(strstr(ferry_explain(s), "hunter2"));
    expect_ok(ferry_update(s, .preproxy = "socks5://ada:hunter2@q.test"));
    expect_ok(ferry_mount(s, "http://m.test", .preproxy = "socks5://a:hunter2@q.test",
        .proxies = FERRY_PAIRS({"http", "http://ada:hunter2@p.test"})));
    expect_ok(ferry_get(s, "http://m.test/", NULL));
    assert_string_equal(p.socks, "a:hunter2@p.test:80");
    expect_ok(
        ferry_update(s, .proxies = FERRY_PAIRS({"http", "http://ada:hunter2@p.test"})));
    expect_ok(ferry_get(s, "http://a.test/", NULL,
        .proxies = FERRY_PAIRS({"all", "http://ada:hunter2@p.test"})));
    expect_ok(ferry_update(s, .preproxy = ""));
    ferry_session_free(s);
    s = NULL;
}

static char *own(const char *text)
{
    return memory_exact(text, strlen(text) + 1);
}

/* A redirect asks for them once more, when the caller's are long gone. */
static void a_begun_call_keeps_what_it_was_told_of_ways(void **state)
{
    ferry_response *r = NULL;
    ferry_wait wait;
    ferry_err e;
    char *texts[] = {own("http://ada:secret@p.test"), own("socks5h://me:word@s.test"),
        own("X-Gate"), own("open"), own("none.test"), own("p.test:80"),
        own("192.0.2.1")};
    ferry_pair *pairs = calloc(6, sizeof *pairs);
    pairs[0] = (ferry_pair){"http", texts[0]};
    pairs[2] = (ferry_pair){texts[2], texts[3]};
    pairs[4] = (ferry_pair){texts[5], texts[6]};
    (void)state;
    answers[0] = (peer_answer){"HTTP/1.1 302 F\r\nLocation: http://b.test/\r\n"
                               "Content-Length: 0\r\n\r\n",
        PEER_CLOSES};
    begin();
    expect_ok(ferry_begin(s, "http://a.test/", &r, .proxies = pairs,
        .proxy_headers = pairs + 2, .resolve = pairs + 4, .preproxy = texts[1],
        .no_proxy = texts[4], .proxy_http10 = FERRY_ON));
    for (size_t i = 0; i < COUNT(texts); i++)
        free(texts[i]);
    free(pairs);
    while ((e = ferry_step(r, &wait)) == FERRY_AGAIN)
        m.now_ms++;
    expect_ok(e);
    assert_int_equal(r->redirects, 1);
    assert_int_equal(p.dialled, 2);
    expect_dialled("s.test", 1080);
    assert_string_equal(p.socks, "me:word@p.test:80");
    assert_non_null(strstr(p.sent, "GET http://b.test/ HTTP/1.1\r\nHost: b.test\r\n"
                                   "X-Gate: open\r\nProxy-Authorization: Basic "));
    ferry_response_free(r);
}

static void what_is_no_such_switch_or_kind_is_misuse(void **state)
{
    (void)state;
    begin();
    assert_int_equal(ferry_get(s, "http://a.test/", NULL, .proxy_tls = {.verify = 3}),
        FERRY_ERR_USAGE);
    assert_int_equal(
        ferry_get(s, "http://a.test/", NULL, .proxy_http10 = 3), FERRY_ERR_USAGE);
    assert_int_equal(
        ferry_get(s, "http://a.test/", NULL, .proxy_tunnel = 3), FERRY_ERR_USAGE);
    assert_int_equal(p.dialled, 0);
}

/* --- who may share --------------------------------------------------------------- */

static void what_decides_who_answers_is_in_the_key_of_the_pool(void **state)
{
    const ferry_opts ways[] = {
        {.size = sizeof(ferry_opts)},
        {.proxies = FERRY_PAIRS({"all", "p.test"})},
        {.proxies = FERRY_PAIRS({"all", "p.test:81"})},
        {.proxies = FERRY_PAIRS({"all", "u@p.test"})},
        {.proxies = FERRY_PAIRS({"all", "u:p@p.test"})},
        {.proxies = FERRY_PAIRS({"all", "u:p%20@p.test"})},
        {.proxies = FERRY_PAIRS({"all", "p.test"}), .proxy_tunnel = FERRY_ON},
        {.preproxy = "socks5h://s.test"},
        {.preproxy = "socks5://s.test"},
        {.preproxy = "socks5h://s.test", .proxies = FERRY_PAIRS({"all", "p.test"})},
        {.preproxy = "socks5h://s.test:81", .proxies = FERRY_PAIRS({"all", "p.test"})},
        {.preproxy = "socks5h://u@s.test", .proxies = FERRY_PAIRS({"all", "p.test"})},
        {.preproxy = "socks5h://u:p@s.test", .proxies = FERRY_PAIRS({"all", "p.test"})},
        {.preproxy = "socks5h://u:p@s.test", .proxies = FERRY_PAIRS({"all", "q.test"})},
        {.preproxy = "socks5h://s.test",
            .proxies = FERRY_PAIRS({"all", "[fe80::1%25a]"})},
        {.preproxy = "socks5h://s.test",
            .proxies = FERRY_PAIRS({"all", "[fe80::1%25b]"})},
        {.proxies = FERRY_PAIRS({"all", "p.test"}),
            .proxy_tunnel = FERRY_ON,
            .proxy_headers = FERRY_PAIRS({"X", "1"})},
        {.tcp = {.family = FERRY_IPV4}},
        {.tcp = {.keepalive_ms = 1000}},
        {.tcp_nodelay = FERRY_ON},
    };
    (void)state;
    begin();
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < COUNT(ways); i++) {
            ferry_opts o = ways[i];
            o.size = sizeof o;
            int before = p.dialled;
            if (o.proxy_tunnel == FERRY_ON && round == 0)
                answers[p.next] = (peer_answer){"HTTP/1.1 200 OK\r\n\r\n", PEER_STAYS};
            expect_ok(ferry_send(s, "GET", "http://a.test/", NULL, &o));
            assert_int_equal(p.dialled - before, round == 0);
        }
}

static void all_http_hosts_share_the_connection_to_their_proxy(void **state)
{
    (void)state;
    begin();
    expect_ok(ferry_update(s, .proxies = FERRY_PAIRS({"http", "p.test"})));
    expect_ok(ferry_get(s, "http://a.test/", NULL));
    expect_ok(ferry_get(s, "http://b.test:8080/", NULL));
    assert_int_equal(p.dialled, 1);
    /* ... which is another one than that to the same host as a host. */
    expect_ok(ferry_get(s, "http://p.test/", NULL, .proxies = FERRY_DIRECT));
    assert_int_equal(p.dialled, 2);
}

/* --- addresses ------------------------------------------------------------------- */

static void addresses_that_are_given_are_not_looked_up(void **state)
{
    (void)state;
    begin_with_addresses();
    expect_ok(ferry_update(
        s, .resolve = FERRY_PAIRS({"a.test:80", "192.0.2.1"}, {"*:81", "192.0.2.2"})));
    expect_ok(ferry_get(s, "http://a.test/", NULL));
    assert_int_equal(dialled.bytes[3], 1);
    expect_ok(ferry_get(s, "http://any.test:81/", NULL));
    assert_int_equal(dialled.bytes[3], 2);
    expect_ok(ferry_get(s, "http://b.test/", NULL,
        .resolve = FERRY_PAIRS({"b.test:80", "2001:db8::3"})));
    assert_int_equal(dialled.family, FERRY_IPV6);
    assert_int_equal(dialled.bytes[15], 3);
    expect_ok(
        ferry_get(s, "http://b.test/", NULL, .proxies = FERRY_PAIRS({"http", "p.test"}),
            .resolve = FERRY_PAIRS(
                {"p.test:80", "192.0.2.4"}, {"b.test:80", "192.0.2.9"})));
    assert_int_equal(dialled.bytes[3], 4);
    assert_int_equal(m.lookups, 0);
    assert_int_equal(p.dialled, 4);
    /* An address given elsewhere is another peer. */
    expect_ok(ferry_get(
        s, "http://a.test/", NULL, .resolve = FERRY_PAIRS({"a.test:80", "192.0.2.5"})));
    assert_int_equal(dialled.bytes[3], 5);
    assert_int_equal(p.dialled, 5);
}

static void localhost_is_loopback_and_asks_nobody(void **state)
{
    (void)state;
    begin_with_addresses();
    expect_ok(ferry_get(s, "http://localhost/", NULL, .tcp = {.family = FERRY_IPV4}));
    assert_int_equal(dialled.bytes[0], 127);
    expect_ok(
        ferry_get(s, "http://deep.localhost./", NULL, .tcp = {.family = FERRY_IPV6}));
    assert_int_equal(dialled.family, FERRY_IPV6);
    assert_int_equal(dialled.bytes[15], 1);
    assert_int_equal(m.lookups, 0);
}

static void one_family_alone_is_dialled_where_it_is_asked_for(void **state)
{
    (void)state;
    begin_with_addresses();
    machine_add_address(&m, FERRY_IPV6, 7);
    machine_add_address(&m, FERRY_IPV4, 8);
    expect_ok(ferry_get(s, "http://known.test/", NULL, .tcp = {.family = FERRY_IPV4}));
    assert_int_equal(dialled.family, FERRY_IPV4);
    expect_ok(ferry_get(s, "http://known.test/", NULL, .tcp = {.family = FERRY_IPV6}));
    assert_int_equal(dialled.family, FERRY_IPV6);
    assert_int_equal(
        ferry_get(s, "http://127.0.0.1/", NULL, .tcp = {.family = FERRY_IPV6}),
        FERRY_ERR_NAME);
    assert_non_null(strstr(ferry_explain(s), "no address of this family"));
}

/* ... and told to a proxy that looks up no names. */
static void one_family_alone_is_told_to_SOCKS(void **state)
{
    static const struct {
        const char *proxy;
        int64_t family;
        const char *told;
    } rows[] = {
        {"socks5://127.0.0.1", 0, ":@[00000000000000000000000000000007]:80"},
        {"socks5://127.0.0.1", FERRY_IPV4, ":@127.0.0.8:80"},
        {"socks5://[::1]", FERRY_IPV6, ":@[00000000000000000000000000000007]:80"},
        {"socks4://127.0.0.1", 0, ":@127.0.0.8:80"},
        {"socks4://[::1]", FERRY_IPV6, ":@127.0.0.8:80"}, /* it knows no other */
    };
    (void)state;
    begin_with_addresses();
    machine_add_address(&m, FERRY_IPV6, 7);
    machine_add_address(&m, FERRY_IPV4, 8);
    for (size_t i = 0; i < COUNT(rows); i++) {
        ferry_close_idle(s);
        expect_ok(ferry_get(s, "http://known.test/", NULL,
            .proxies = FERRY_PAIRS({"http", rows[i].proxy}),
            .tcp = {.family = rows[i].family}));
        assert_string_equal(p.socks, rows[i].told);
    }
}

static void what_needs_own_sockets_says_so(void **state)
{
    (void)state;
    begin();
    assert_int_equal(ferry_get(s, "http://a.test/", NULL, .unix_socket = "/run/x"),
        FERRY_ERR_UNSUPPORTED);
    assert_int_equal(ferry_get(s, "http://a.test/", NULL, .local_interface = "lo"),
        FERRY_ERR_UNSUPPORTED);
    assert_int_equal(ferry_get(s, "http://a.test/", NULL, .local_address = "127.0.0.1"),
        FERRY_ERR_UNSUPPORTED);
    assert_int_equal(ferry_get(s, "http://a.test/", NULL, .local_address = "localhost"),
        FERRY_ERR_USAGE);
    assert_int_equal(
        ferry_get(s, "http://a.test/", NULL, .tcp = {.family = 5}), FERRY_ERR_USAGE);
    static char longer[9000];
    memset(longer, 'a', sizeof longer - 1);
    assert_int_equal(
        ferry_get(s, "http://a.test/", NULL, .no_proxy = longer), FERRY_ERR_LIMIT);
    assert_int_equal(p.dialled, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_proxy_is_connected_to_instead_of_the_host),
        TEST(proxies_are_found_by_scheme_and_host_over_the_levels),
        TEST(the_environment_gives_proxies_where_no_level_does),
        TEST(a_CGI_program_is_not_led_to_a_proxy_by_its_client),
        TEST(https_behind_a_transport_that_protects_itself_has_no_proxy),
        TEST(an_answer_of_a_proxy_is_explained_without_its_password),
        TEST(a_warm_request_by_a_proxy_takes_no_memory),
        TEST(the_proxy_is_chosen_anew_for_each_hop),
        TEST(a_preproxy_is_found_over_the_levels),
        TEST(passwords_of_proxies_are_wiped_and_not_told),
        TEST(a_begun_call_keeps_what_it_was_told_of_ways),
        TEST(what_is_no_such_switch_or_kind_is_misuse),
        TEST(what_decides_who_answers_is_in_the_key_of_the_pool),
        TEST(all_http_hosts_share_the_connection_to_their_proxy),
        TEST(addresses_that_are_given_are_not_looked_up),
        TEST(localhost_is_loopback_and_asks_nobody),
        TEST(one_family_alone_is_dialled_where_it_is_asked_for),
        TEST(one_family_alone_is_told_to_SOCKS),
        TEST(what_needs_own_sockets_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
