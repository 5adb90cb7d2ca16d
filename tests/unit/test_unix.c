/* test_unix.c - requests over unix sockets, and from addresses and interfaces that the
 * caller chooses, against servers of its own. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "ferry.h"
#include "lib/loopback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

/* Who listens: each connection is answered until it ends. */
typedef struct host {
    int listener;
    pthread_t thread;
    const char *answer;
    pthread_mutex_t lock; /* over what follows */
    int met;
    char heard[4096]; /* the last head */
    struct sockaddr_storage from;
} host;

static void host_serve(host *h, int fd)
{
    char head[4096];
    size_t n = 0;
    ssize_t got;
    while ((got = recv(fd, head + n, sizeof head - 1 - n, 0)) > 0) {
        n += (size_t)got;
        head[n] = '\0';
        if (!strstr(head, "\r\n\r\n"))
            continue;
        pthread_mutex_lock(&h->lock);
        memcpy(h->heard, head, n + 1);
        pthread_mutex_unlock(&h->lock);
        send(fd, h->answer, strlen(h->answer), MSG_NOSIGNAL);
        n = 0;
    }
    close(fd);
}

static void *host_run(void *arg)
{
    host *h = arg;
    for (;;) {
        struct sockaddr_storage from;
        socklen_t len = sizeof from;
        int fd = accept(h->listener, (struct sockaddr *)&from, &len);
        if (fd < 0)
            return NULL;
        pthread_mutex_lock(&h->lock);
        h->met++;
        h->from = from;
        pthread_mutex_unlock(&h->lock);
        host_serve(h, fd);
    }
}

static void host_open(host *h, int listener)
{
    assert_true(listener >= 0);
    *h = (host){.listener = listener, .answer = OK};
    pthread_mutex_init(&h->lock, NULL);
    assert_int_equal(pthread_create(&h->thread, NULL, host_run, h), 0);
}

static void host_close(host *h)
{
    shutdown(h->listener, SHUT_RDWR);
    pthread_join(h->thread, NULL);
    close(h->listener);
    pthread_mutex_destroy(&h->lock);
}

/* "@name" is an abstract one. */
static int listen_unix(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    size_t n = strlen(path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    memcpy(a.sun_path, path, n);
    if (path[0] == '@')
        a.sun_path[0] = '\0';
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    if (bind(fd, (struct sockaddr *)&a, path[0] == '@' ? len : len + 1) ||
        listen(fd, 5)) {
        close(fd);
        return -1;
    }
    return fd;
}

static host h;
static char path[64], folder[32];
static ferry_session *s;
static ferry_response *r;

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/ferry-unix-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/sock", folder);
    s = ferry_session_new(.trust_env = FERRY_OFF, .timeout = {.total_ms = 10000});
    r = NULL;
    return s ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ferry_response_free(r);
    ferry_session_free(s);
    unlink(path);
    rmdir(folder);
    return 0;
}

static void expect_ok(ferry_err e)
{
    if (e)
        fail_msg("%s", ferry_explain(s));
}

static bool begins(const char *text)
{
    return strncmp(h.heard, text, strlen(text)) == 0;
}

/* --- unix sockets ---------------------------------------------------------------- */

static void a_request_goes_over_a_unix_socket_and_keeps_it(void **state)
{
    (void)state;
    host_open(&h, listen_unix(path));
    expect_ok(ferry_get(s, "http://any.test/v1/x?y", &r, .unix_socket = path));
    assert_string_equal(r->body.ptr, "ok");
    assert_true(begins("GET /v1/x?y HTTP/1.1\r\nHost: any.test\r\n"));
    expect_ok(ferry_get(s, "http://any.test/", &r, .unix_socket = path));
    assert_true(r->reused);
    assert_int_equal(h.met, 1);
    ferry_close_idle(s);
    host_close(&h);
}

static void an_abstract_name_is_a_socket_without_a_file(void **state)
{
    char name[80];
    (void)state;
    snprintf(name, sizeof name, "@%s", path);
    host_open(&h, listen_unix(name));
    expect_ok(ferry_update(s, .unix_socket = name));
    expect_ok(ferry_get(s, "http://any.test/", &r));
    assert_int_equal(r->status, 200);
    /* "" is none, whatever the session says. */
    assert_int_equal(
        ferry_get(s, "http://127.0.0.1:1/", &r, .unix_socket = ""), FERRY_ERR_CONNECT);
    ferry_close_idle(s);
    host_close(&h);
}

static void a_stepped_transfer_goes_over_a_unix_socket(void **state)
{
    ferry_wait w;
    ferry_err e;
    (void)state;
    host_open(&h, listen_unix(path));
    expect_ok(ferry_begin(s, "http://any.test/", &r, .unix_socket = path));
    while ((e = ferry_step(r, &w)) == FERRY_AGAIN)
        if (w.n)
            loopback_is_readable((int)w.on[0].id, 1000);
    expect_ok(e);
    assert_string_equal(r->body.ptr, "ok");
    ferry_response_free(r);
    r = NULL;
    ferry_close_idle(s);
    host_close(&h);
}

static void a_unix_socket_that_is_not_there_is_told(void **state)
{
    char longer[200];
    (void)state;
    assert_int_equal(
        ferry_get(s, "http://any.test/", &r, .unix_socket = path), FERRY_ERR_CONNECT);
    assert_non_null(strstr(ferry_explain(s), "no such socket"));
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_int_equal(
        ferry_get(s, "http://any.test/", &r, .unix_socket = longer), FERRY_ERR_CONNECT);
    assert_non_null(strstr(ferry_explain(s), "too long"));
    int fd = listen_unix(path); /* a file that nobody listens at any more */
    close(fd);
    assert_int_equal(
        ferry_get(s, "http://any.test/", &r, .unix_socket = path), FERRY_ERR_CONNECT);
    assert_non_null(strstr(ferry_explain(s), "connection refused"));
}

/* As requests-unixsocket has it: the path of the socket, percent-encoded, is the host. */
static void a_URL_can_name_a_unix_socket(void **state)
{
    char url[200] = "http+unix://";
    (void)state;
    host_open(&h, listen_unix(path));
    for (const char *c = path; *c; c++)
        snprintf(url + strlen(url), 4, *c == '/' ? "%%2F" : "%c", *c);
    strcat(url, "/v1/x?y#z");
    expect_ok(ferry_get(s, url, &r));
    assert_string_equal(r->body.ptr, "ok");
    assert_true(begins("GET /v1/x?y HTTP/1.1\r\nHost: localhost\r\n"));
    assert_string_equal(r->url, url);
    /* No proxy leads to a socket of this machine. */
    expect_ok(
        ferry_get(s, url, &r, .proxies = FERRY_PAIRS({"all", "http://127.0.0.1:1"})));
    ferry_close_idle(s);
    host_close(&h);
}

static void a_URL_of_a_unix_socket_without_a_path_of_it_is_refused(void **state)
{
    static const char *const urls[] = {"http+unix:///x", "http+unix://%00a/x",
        "http+unix://%2Frun%2Fx%00y/", "http+unix://a\nb/", "http+unix:/x"};
    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        assert_int_equal(ferry_get(s, urls[i], &r), FERRY_ERR_URL);
}

/* A relative Location stays with the socket; no peer sends us to another one. */
static void redirects_stay_at_their_unix_socket_and_lead_to_none(void **state)
{
    static const char *const away[] = {"http+unix://%2Fother/x", "//%2Fother/x"};
    char url[200] = "http+unix://", answer[200];
    (void)state;
    host_open(&h, listen_unix(path));
    for (const char *c = path; *c; c++)
        snprintf(url + strlen(url), 4, *c == '/' ? "%%2F" : "%c", *c);
    strcat(url, "/a");
    h.answer = "HTTP/1.1 302 Found\r\nLocation: b\r\nContent-Length: 0\r\n\r\n";
    assert_int_equal(ferry_get(s, url, &r, .max_redirects = 1), FERRY_ERR_REDIRECTS);
    assert_true(begins("GET /b HTTP/1.1\r\nHost: localhost\r\n"));
    assert_int_equal(h.met, 1);
    for (size_t i = 0; i < 2; i++) {
        snprintf(answer, sizeof answer,
            "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", away[i]);
        h.answer = answer;
        assert_int_equal(ferry_get(s, url, &r), FERRY_ERR_UNSUPPORTED);
    }
    ferry_close_idle(s);
    host_close(&h);
}

/* The socket was for the first origin: a redirect elsewhere goes there by the network. */
static void a_redirect_to_another_host_leaves_the_unix_socket(void **state)
{
    (void)state;
    host_open(&h, listen_unix(path));
    h.answer = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
               "Content-Length: 0\r\n\r\n";
    assert_int_equal(
        ferry_get(s, "http://any.test/", &r, .unix_socket = path), FERRY_ERR_CONNECT);
    assert_non_null(strstr(ferry_explain(s), "127.0.0.1:1"));
    assert_int_equal(h.met, 1);
    ferry_close_idle(s);
    host_close(&h);
}

/* --- addresses, interfaces, options of TCP --------------------------------------- */

static void a_connection_comes_from_the_address_that_was_chosen(void **state)
{
    char url[64];
    uint16_t port;
    (void)state;
    host_open(&h, loopback_listen(FERRY_IPV4, 5, &port));
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", port);
    expect_ok(ferry_get(s, url, &r, .local_address = "127.0.0.3"));
    struct sockaddr_in from;
    memcpy(&from, &h.from, sizeof from);
    assert_int_equal(ntohl(from.sin_addr.s_addr), 0x7f000003);
    ferry_close_idle(s);
    assert_int_equal(
        ferry_get(s, url, &r, .local_address = "192.0.2.1"), FERRY_ERR_CONNECT);
    assert_int_equal(ferry_get(s, url, &r, .local_address = "::1"), FERRY_ERR_NAME);
    assert_int_equal(
        ferry_get(s, url, &r, .local_address = "::1", .tcp = {.family = FERRY_IPV4}),
        FERRY_ERR_USAGE);
    host_close(&h);
}

static void a_connection_goes_by_the_interface_that_was_chosen(void **state)
{
    char url[64];
    uint16_t port;
    (void)state;
    host_open(&h, loopback_listen(FERRY_IPV4, 5, &port));
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", port);
    ferry_err e = ferry_get(s, url, &r, .local_interface = "lo");
    if (e) /* only some systems allow it to everybody */
        assert_non_null(strstr(ferry_explain(s), "not allowed"));
    ferry_close_idle(s);
    e = ferry_get(s, url, &r, .local_interface = "nowhere9");
    assert_int_equal(e, FERRY_ERR_CONNECT);
    host_close(&h);
}

static int option_of(const ferry_response *response, int level, int name)
{
    int value = -1;
    socklen_t len = sizeof value;
    ferry_wait w = {.n = 0};
    /* A begun transfer that waits for its head shows its socket. */
    assert_int_equal(ferry_waiting(response, &w), FERRY_OK);
    assert_int_equal(w.n, 1);
    getsockopt((int)w.on[0].id, level, name, &value, &len);
    return value;
}

static void options_of_TCP_are_set_where_they_are_asked_for(void **state)
{
    char url[64];
    uint16_t port;
    int listener = loopback_listen(FERRY_IPV4, 5, &port);
    (void)state;
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", port);
    expect_ok(ferry_begin(
        s, url, &r, .tcp_nodelay = FERRY_ON, .tcp = {.keepalive_ms = 61500}));
    assert_int_equal(ferry_step(r, NULL), FERRY_AGAIN);
    int fd = loopback_accept(listener);
    assert_int_equal(ferry_step(r, NULL), FERRY_AGAIN);
    assert_int_equal(option_of(r, IPPROTO_TCP, TCP_NODELAY), 1);
    assert_int_equal(option_of(r, SOL_SOCKET, SO_KEEPALIVE), 1);
    assert_int_equal(option_of(r, IPPROTO_TCP, TCP_KEEPIDLE), 62);
    ferry_response_free(r);
    r = NULL;
    close(fd);
    expect_ok(ferry_begin(s, url, &r));
    assert_int_equal(ferry_step(r, NULL), FERRY_AGAIN);
    fd = loopback_accept(listener);
    assert_int_equal(ferry_step(r, NULL), FERRY_AGAIN);
    assert_int_equal(option_of(r, IPPROTO_TCP, TCP_NODELAY), 0);
    assert_int_equal(option_of(r, SOL_SOCKET, SO_KEEPALIVE), 0);
    close(fd);
    close(listener);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_request_goes_over_a_unix_socket_and_keeps_it),
        TEST(an_abstract_name_is_a_socket_without_a_file),
        TEST(a_stepped_transfer_goes_over_a_unix_socket),
        TEST(a_unix_socket_that_is_not_there_is_told),
        TEST(a_URL_can_name_a_unix_socket),
        TEST(a_URL_of_a_unix_socket_without_a_path_of_it_is_refused),
        TEST(redirects_stay_at_their_unix_socket_and_lead_to_none),
        TEST(a_redirect_to_another_host_leaves_the_unix_socket),
        TEST(a_connection_comes_from_the_address_that_was_chosen),
        TEST(a_connection_goes_by_the_interface_that_was_chosen),
        TEST(options_of_TCP_are_set_where_they_are_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
