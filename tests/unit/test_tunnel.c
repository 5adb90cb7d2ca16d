/* test_tunnel.c - CONNECT and its answer.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "proto/tunnel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(literal)                                                                  \
    {                                                                                  \
        literal, sizeof(literal) - 1                                                   \
    }

static void CONNECT_names_host_and_port_and_carries_only_what_is_for_the_proxy(
    void **state)
{
    static const ferry_field fields[] = {
        {TEXT("Proxy-Authorization"), TEXT("Basic YTpi")}, {TEXT("Gone"), {NULL, 0}}};
    static const struct {
        const char *host;
        uint16_t port;
        size_t n;
        int minor;
        const char *head;
    } cases[] = {
        {"h.test", 443, 0, 0,
            "CONNECT h.test:443 HTTP/1.0\r\nHost: h.test:443\r\n\r\n"},
        {"h.test", 443, 0, 1,
            "CONNECT h.test:443 HTTP/1.1\r\nHost: h.test:443\r\n\r\n"},
        {"[2001:db8::1]", 8443, 2, 1,
            "CONNECT [2001:db8::1]:8443 HTTP/1.1\r\nHost: [2001:db8::1]:8443\r\n"
            "Proxy-Authorization: Basic YTpi\r\n\r\n"},
    };
    memory m;
    fy_buf b;
    (void)state;
    memory_init(&m);
    fy_buf_init(&b, &m.platform, 1000);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fy_buf_clear(&b);
        fy_tunnel_put(&b, fy_str(cases[i].host), cases[i].port, cases[i].minor,
            (ferry_fields){fields, cases[i].n});
        assert_string_equal(fy_buf_text(&b), cases[i].head);
    }
    fy_buf_fini(&b);
    assert_true(memory_is_clean(&m));
}

typedef struct answer {
    memory memory;
    fy_buf in;
    fy_tunnel tunnel;
    fy_error error;
    ferry_err e;
    size_t left; /* bytes not taken */
} answer;

static void answer_free(answer *a)
{
    fy_buf_fini(&a->in);
    fy_tunnel_fini(&a->tunnel);
    assert_true(memory_is_clean(&a->memory));
}

/* In pieces of at most `cut`, until it is decided. */
static void answer_take(answer *a, ferry_str bytes, size_t cut)
{
    memset(a, 0, sizeof *a);
    memory_init(&a->memory);
    fy_buf_init(&a->in, &a->memory.platform, FY_TUNNEL_HEAD);
    fy_tunnel_init(&a->tunnel, &a->memory.platform);
    a->e = fy_tunnel_take(&a->tunnel, &a->in, &a->error);
    assert_int_equal(a->e, FERRY_AGAIN);
    while (bytes.len && a->e == FERRY_AGAIN) {
        size_t n = bytes.len < cut ? bytes.len : cut, most = fy_tunnel_wants(&a->in);
        assert_true(most >= 1 && most <= 16);
        n = n < most ? n : most;
        fy_buf_puts(&a->in, fy_str_upto(bytes, n));
        assert_false(a->in.failed);
        bytes = fy_str_from(bytes, n);
        a->left = bytes.len;
        a->e = fy_tunnel_take(&a->tunnel, &a->in, &a->error);
    }
}

static const struct {
    const char *bytes;
    ferry_err e;
    int status;
    const char *what;
} answers[] = {
    {"HTTP/1.1 200 Connection established\r\n\r\n", FERRY_OK, 200, NULL},
    {"HTTP/1.0 200\r\nX: y\r\n\r\n", FERRY_OK, 200, NULL},
    {"HTTP/1.1 299 So so\r\n\r\n", FERRY_OK, 299, NULL},
    /* RFC 9110 9.3.6: these two mean nothing in a 2xx. */
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", FERRY_OK, 200, NULL},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", FERRY_OK, 200, NULL},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", FERRY_OK, 200, NULL},
    {"HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n",
        FERRY_ERR_PROXY, 407, "the proxy does not open a tunnel"},
    {"HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno", FERRY_ERR_PROXY, 403,
        "the proxy does not open a tunnel"},
    {"HTTP/1.1 302 Found\r\nLocation: http://evil.test/\r\n\r\n", FERRY_ERR_PROXY, 302,
        "the proxy does not open a tunnel"},
    {"HTTP/1.1 101 Switching\r\n\r\n", FERRY_ERR_PROXY, 0,
        "interim answers to CONNECT without end"},
    {"SSH-2.0-OpenSSH\r\n", FERRY_ERR_PROXY, 0, "not an HTTP/1 status line"},
    {"HTTP/1.1 2000 OK\r\n\r\n", FERRY_ERR_PROXY, 0, "malformed status line"},
    {"HTTP/1.1 200 OK\r\nbad header\r\n\r\n", FERRY_ERR_PROXY, 0, NULL},
    {"HTTP/1.1 200 OK\nX: y\n\n", FERRY_ERR_PROXY, 0, "line ended by a bare LF"},
    {"HTTP/1.1 200 OK\r\nX: y\r\n", FERRY_AGAIN, 0, NULL},
};

static void an_answer_to_CONNECT_means_the_same_in_every_cut(void **state)
{
    static const size_t cuts[] = {1, 2, 7, 100000};
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        for (size_t j = 0; j < sizeof cuts / sizeof *cuts; j++) {
            answer a;
            answer_take(&a, fy_str(answers[i].bytes), cuts[j]);
            assert_int_equal(a.e, answers[i].e);
            if (a.e == FERRY_ERR_PROXY) {
                assert_int_equal(a.error.code, FERRY_ERR_PROXY);
                assert_int_equal(a.error.status, answers[i].status);
            } else if (a.e == FERRY_OK) {
                assert_int_equal(a.tunnel.head.status, answers[i].status);
            }
            if (answers[i].what)
                assert_string_equal(a.error.what, answers[i].what);
            answer_free(&a);
        }
}

static void a_refusal_of_CONNECT_keeps_its_head(void **state)
{
    answer a;
    (void)state;
    answer_take(&a,
        FY_S("HTTP/1.1 407 Who\r\nVia: 1\r\nProxy-Authenticate: Basic "
             "realm=x\r\n\r\nbody"),
        7);
    ferry_fields fields = fy_fields_view(&a.tunnel.head.fields);
    const ferry_field *f = fy_fields_find(fields, FY_S("proxy-authenticate"), 0);
    assert_non_null(f);
    assert_string_equal(f->value.ptr, "Basic realm=x");
    assert_string_equal(a.tunnel.head.reason.ptr, "Who");
    answer_free(&a);
}

/* RFC 9110 9.3.6: whatever the framing fields say. */
static void bytes_behind_a_2xx_to_CONNECT_are_left_to_the_tunnel(void **state)
{
    static const char *const heads[] = {"HTTP/1.1 200\r\n\r\n", "HTTP/1.1 200 \r\n\r\n",
        "HTTP/1.1 200 O\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 Connection established\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200 OK\r\nX: \r\n\r\n"};
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        for (size_t cut = 1; cut < 20; cut++) {
            answer a;
            memory m;
            fy_buf all;
            memory_init(&m);
            fy_buf_init(&all, &m.platform, 1000);
            fy_buf_puts(&all, fy_str(heads[i]));
            fy_buf_puts(&all, FY_S("\r\n\r\n\x16\x03\x01"));
            answer_take(&a, fy_buf_view(&all), cut);
            assert_int_equal(a.e, FERRY_OK);
            assert_int_equal(a.left, 7);
            answer_free(&a);
            fy_buf_fini(&all);
        }
}

static void an_answer_to_CONNECT_without_end_is_refused(void **state)
{
    static char fields[FY_TUNNEL_HEAD + 100] = "HTTP/1.1 200 OK\r\nX: ";
    answer a;
    (void)state;
    memset(fields + strlen(fields), 'x', sizeof fields - strlen(fields));
    answer_take(&a, (ferry_str){fields, FY_TUNNEL_HEAD}, 1000);
    assert_int_equal(a.e, FERRY_ERR_PROXY);
    assert_string_equal(a.error.what, "the answer to CONNECT has no end");
    answer_free(&a);

    fy_buf b;
    memory m;
    memory_init(&m);
    fy_buf_init(&b, &m.platform, 1000);
    for (int i = 0; i < 9; i++)
        fy_buf_puts(&b, FY_S("HTTP/1.1 102 Wait\r\n\r\n"));
    answer_take(&a, fy_buf_view(&b), 5);
    assert_int_equal(a.e, FERRY_ERR_PROXY);
    assert_string_equal(a.error.what, "interim answers to CONNECT without end");
    answer_free(&a);
    fy_buf_fini(&b);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            CONNECT_names_host_and_port_and_carries_only_what_is_for_the_proxy),
        cmocka_unit_test(an_answer_to_CONNECT_means_the_same_in_every_cut),
        cmocka_unit_test(a_refusal_of_CONNECT_keeps_its_head),
        cmocka_unit_test(bytes_behind_a_2xx_to_CONNECT_are_left_to_the_tunnel),
        cmocka_unit_test(an_answer_to_CONNECT_without_end_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
