/* test_abi.c - what a program compiled against this header relies on: where the members
 * lie, which numbers the constants have. New members go to the end, never between and
 * never into padding; nothing here changes but by more lines.
 * SPDX-License-Identifier: MIT */
#include "ferry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* A member, its size, and where it lies with pointers and numbers of 64 bits. */
typedef struct member {
    const char *name;
    size_t offset, size, offset_64;
} member;

#define MEMBER(type, name, offset_64)                                                  \
    {                                                                                  \
#type "." #name, offsetof(type, name), sizeof(((type *)0)->name), offset_64    \
    }

/* On any machine members follow one another; on the usual one they stand exactly here. */
static void expect_members(const member *at, size_t n, size_t size, size_t size_64)
{
    for (size_t i = 0; i < n; i++) {
        if (i && at[i].offset < at[i - 1].offset + at[i - 1].size)
            fail_msg("%s lies before the end of %s", at[i].name, at[i - 1].name);
        if (sizeof(void *) == 8 && at[i].offset != at[i].offset_64)
            fail_msg("%s lies at %d", at[i].name, (int)at[i].offset);
    }
    assert_true(at[n - 1].offset + at[n - 1].size <= size);
    if (sizeof(void *) == 8)
        assert_int_equal(size, size_64);
}

static void options_stand_where_they_stood(void **state)
{
    static const member members[] = {
        MEMBER(ferry_opts, size, 0),
        MEMBER(ferry_opts, name_every_option, 8),
        MEMBER(ferry_opts, method, 16),
        MEMBER(ferry_opts, target, 24),
        MEMBER(ferry_opts, headers, 32),
        MEMBER(ferry_opts, params, 40),
        MEMBER(ferry_opts, cookies, 48),
        MEMBER(ferry_opts, body, 56),
        MEMBER(ferry_opts, text, 72),
        MEMBER(ferry_opts, form, 80),
        MEMBER(ferry_opts, json, 88),
        MEMBER(ferry_opts, file, 96),
        MEMBER(ferry_opts, source, 104),
        MEMBER(ferry_opts, multipart, 112),
        MEMBER(ferry_opts, trailers, 120),
        MEMBER(ferry_opts, sink, 128),
        MEMBER(ferry_opts, into, 136),
        MEMBER(ferry_opts, on_progress, 152),
        MEMBER(ferry_opts, stream, 168),
        MEMBER(ferry_opts, decode, 172),
        MEMBER(ferry_opts, decode_ratio, 176),
        MEMBER(ferry_opts, drain, 184),
        MEMBER(ferry_opts, timeout, 192),
        MEMBER(ferry_opts, limits, 232),
        MEMBER(ferry_opts, expect, 280),
        MEMBER(ferry_opts, follow, 296),
        MEMBER(ferry_opts, location_trusted, 300),
        MEMBER(ferry_opts, max_redirects, 304),
        MEMBER(ferry_opts, keep_post, 312),
        MEMBER(ferry_opts, sensitive, 320),
        MEMBER(ferry_opts, retry, 328),
        MEMBER(ferry_opts, idempotency_key, 448),
        MEMBER(ferry_opts, on_request, 456),
        MEMBER(ferry_opts, on_response, 472),
        MEMBER(ferry_opts, on_event, 488),
        MEMBER(ferry_opts, jar, 504),
        MEMBER(ferry_opts, auth, 512),
        MEMBER(ferry_opts, ca_file, 552),
        MEMBER(ferry_opts, ca_dir, 560),
        MEMBER(ferry_opts, ca_pem, 568),
        MEMBER(ferry_opts, pin_sha256, 584),
        MEMBER(ferry_opts, cert, 592),
        MEMBER(ferry_opts, key, 600),
        MEMBER(ferry_opts, key_password, 608),
        MEMBER(ferry_opts, cert_pem, 616),
        MEMBER(ferry_opts, key_pem, 632),
        MEMBER(ferry_opts, tls_ciphers, 648),
        MEMBER(ferry_opts, server_name, 656),
        MEMBER(ferry_opts, verify, 664),
        MEMBER(ferry_opts, verify_chain, 668),
        MEMBER(ferry_opts, verify_name, 672),
        MEMBER(ferry_opts, tls_min, 676),
        MEMBER(ferry_opts, tls_max, 680),
        MEMBER(ferry_opts, tls_resume, 684),
        MEMBER(ferry_opts, proxies, 688),
        MEMBER(ferry_opts, proxy_headers, 696),
        MEMBER(ferry_opts, no_proxy, 704),
        MEMBER(ferry_opts, preproxy, 712),
        MEMBER(ferry_opts, proxy_tls, 720),
        MEMBER(ferry_opts, proxy_auth, 736),
        MEMBER(ferry_opts, proxy_tunnel, 740),
        MEMBER(ferry_opts, proxy_http10, 744),
        MEMBER(ferry_opts, unix_socket, 752),
        MEMBER(ferry_opts, resolve, 760),
        MEMBER(ferry_opts, local_interface, 768),
        MEMBER(ferry_opts, local_address, 776),
        MEMBER(ferry_opts, tcp, 784),
        MEMBER(ferry_opts, tcp_nodelay, 800),
        MEMBER(ferry_opts, transport, 808),
        MEMBER(ferry_opts, secure, 816),
        MEMBER(ferry_opts, platform, 824),
        MEMBER(ferry_opts, pool, 832),
        MEMBER(ferry_opts, retry_budget, 872),
        MEMBER(ferry_opts, netrc, 880),
        MEMBER(ferry_opts, key_log, 888),
        MEMBER(ferry_opts, cookie_limits, 896),
        MEMBER(ferry_opts, suffixes, 944),
        MEMBER(ferry_opts, trust_env, 960),
        MEMBER(ferry_opts, trust_loopback, 964),
    };
    (void)state;
    expect_members(members, COUNT(members), sizeof(ferry_opts), 968);
}

/* Nested structs are closed: they may not even grow. */
static void nested_options_stand_where_they_stood(void **state)
{
    static const member timeout[] = {
        MEMBER(ferry_timeout, connect_ms, 0),
        MEMBER(ferry_timeout, read_ms, 8),
        MEMBER(ferry_timeout, write_ms, 16),
        MEMBER(ferry_timeout, pool_ms, 24),
        MEMBER(ferry_timeout, total_ms, 32),
    };
    static const member limits[] = {
        MEMBER(ferry_limits, head, 0),
        MEMBER(ferry_limits, fields, 8),
        MEMBER(ferry_limits, interim, 16),
        MEMBER(ferry_limits, body, 24),
        MEMBER(ferry_limits, buffer, 32),
        MEMBER(ferry_limits, buffer_max, 40),
    };
    static const member pool[] = {
        MEMBER(ferry_pool, idle, 0),
        MEMBER(ferry_pool, idle_per_key, 8),
        MEMBER(ferry_pool, open_per_key, 16),
        MEMBER(ferry_pool, idle_ms, 24),
        MEMBER(ferry_pool, age_ms, 32),
    };
    static const member cookie_limits[] = {
        MEMBER(ferry_cookie_limits, per_domain, 0),
        MEMBER(ferry_cookie_limits, total, 8),
        MEMBER(ferry_cookie_limits, per_response, 16),
        MEMBER(ferry_cookie_limits, pair, 24),
        MEMBER(ferry_cookie_limits, attribute, 32),
        MEMBER(ferry_cookie_limits, header, 40),
    };
    static const member auth[] = {
        MEMBER(ferry_auth, user, 0),
        MEMBER(ferry_auth, password, 8),
        MEMBER(ferry_auth, call, 16),
        MEMBER(ferry_auth, ctx, 24),
        MEMBER(ferry_auth, kind, 32),
        MEMBER(ferry_auth, unused, 36),
    };
    (void)state;
    expect_members(auth, COUNT(auth), sizeof(ferry_auth), 40);
    expect_members(
        cookie_limits, COUNT(cookie_limits), sizeof(ferry_cookie_limits), 48);
    static const member expect[] = {
        MEMBER(ferry_expect, above, 0),
        MEMBER(ferry_expect, wait_ms, 8),
    };
    (void)state;
    expect_members(expect, COUNT(expect), sizeof(ferry_expect), 16);
    expect_members(timeout, COUNT(timeout), sizeof(ferry_timeout), 40);
    expect_members(limits, COUNT(limits), sizeof(ferry_limits), 48);
    expect_members(pool, COUNT(pool), sizeof(ferry_pool), 40);
}

static void a_cookie_stands_where_it_stood(void **state)
{
    static const member members[] = {
        MEMBER(ferry_cookie, name, 0),
        MEMBER(ferry_cookie, value, 8),
        MEMBER(ferry_cookie, domain, 16),
        MEMBER(ferry_cookie, path, 24),
        MEMBER(ferry_cookie, expires, 32),
        MEMBER(ferry_cookie, host_only, 40),
        MEMBER(ferry_cookie, secure, 41),
        MEMBER(ferry_cookie, http_only, 42),
        MEMBER(ferry_cookie, same_site, 44),
    };
    (void)state;
    expect_members(members, COUNT(members), sizeof(ferry_cookie), 48);
}

static void a_response_stands_where_it_stood(void **state)
{
    static const member members[] = {
        MEMBER(ferry_response, status, 0),
        MEMBER(ferry_response, minor, 4),
        MEMBER(ferry_response, reason, 8),
        MEMBER(ferry_response, url, 16),
        MEMBER(ferry_response, headers, 24),
        MEMBER(ferry_response, trailers, 40),
        MEMBER(ferry_response, body, 56),
        MEMBER(ferry_response, elapsed_ms, 72),
        MEMBER(ferry_response, interim, 80),
        MEMBER(ferry_response, reused, 84),
        MEMBER(ferry_response, request, 88),
        MEMBER(ferry_response, timings, 104),
        MEMBER(ferry_response, redirects, 152),
        MEMBER(ferry_response, history, 160),
        MEMBER(ferry_response, n_history, 168),
        MEMBER(ferry_response, next_url, 176),
    };
    (void)state;
    expect_members(members, COUNT(members), sizeof(ferry_response), 184);
}

static void small_structs_stand_where_they_stood(void **state)
{
    static const member str[] = {
        MEMBER(ferry_str, ptr, 0),
        MEMBER(ferry_str, len, 8),
    };
    static const member pair[] = {
        MEMBER(ferry_pair, name, 0),
        MEMBER(ferry_pair, value, 8),
    };
    static const member bytes[] = {
        MEMBER(ferry_bytes, ptr, 0),
        MEMBER(ferry_bytes, len, 8),
    };
    static const member source[] = {
        MEMBER(ferry_source, ctx, 0),
        MEMBER(ferry_source, read, 8),
        MEMBER(ferry_source, rewind, 16),
        MEMBER(ferry_source, length, 24),
    };
    static const member part[] = {
        MEMBER(ferry_part, name, 0),
        MEMBER(ferry_part, text, 8),
        MEMBER(ferry_part, body, 16),
        MEMBER(ferry_part, file, 32),
        MEMBER(ferry_part, source, 40),
        MEMBER(ferry_part, filename, 48),
        MEMBER(ferry_part, type, 56),
        MEMBER(ferry_part, headers, 64),
    };
    static const member field[] = {
        MEMBER(ferry_field, name, 0),
        MEMBER(ferry_field, value, 16),
    };
    static const member fields[] = {
        MEMBER(ferry_fields, at, 0),
        MEMBER(ferry_fields, n, 8),
    };
    (void)state;
    expect_members(str, COUNT(str), sizeof(ferry_str), 16);
    expect_members(pair, COUNT(pair), sizeof(ferry_pair), 16);
    expect_members(bytes, COUNT(bytes), sizeof(ferry_bytes), 16);
    expect_members(part, COUNT(part), sizeof(ferry_part), 72);
    expect_members(source, COUNT(source), sizeof(ferry_source), 32);
    expect_members(field, COUNT(field), sizeof(ferry_field), 32);
    expect_members(fields, COUNT(fields), sizeof(ferry_fields), 16);
}

static void what_a_porter_fills_in_stands_where_it_stood(void **state)
{
    static const member platform[] = {
        MEMBER(ferry_platform, size, 0),
        MEMBER(ferry_platform, ctx, 8),
        MEMBER(ferry_platform, resize, 16),
        MEMBER(ferry_platform, now_ms, 24),
        MEMBER(ferry_platform, random, 32),
        MEMBER(ferry_platform, resolve, 40),
        MEMBER(ferry_platform, dial, 48),
        MEMBER(ferry_platform, wait, 56),
        MEMBER(ferry_platform, unix_time, 64),
        MEMBER(ferry_platform, getenv, 72),
    };
    static const member dialer[] = {
        MEMBER(ferry_dialer, ctx, 0),
        MEMBER(ferry_dialer, dial, 8),
    };
    static const member transport[] = {
        MEMBER(ferry_transport, calls, 0),
        MEMBER(ferry_transport, fault, 8),
    };
    static const member calls[] = {
        MEMBER(ferry_transport_calls, open, 0),
        MEMBER(ferry_transport_calls, read, 8),
        MEMBER(ferry_transport_calls, write, 16),
        MEMBER(ferry_transport_calls, want, 24),
        MEMBER(ferry_transport_calls, close, 32),
    };
    (void)state;
    expect_members(platform, COUNT(platform), sizeof(ferry_platform), 80);
    expect_members(dialer, COUNT(dialer), sizeof(ferry_dialer), 16);
    expect_members(transport, COUNT(transport), sizeof(ferry_transport), 24);
    expect_members(calls, COUNT(calls), sizeof(ferry_transport_calls), 40);
}

static void what_passes_between_ferry_and_a_port_stands_where_it_stood(void **state)
{
    static const member fault[] = {
        MEMBER(ferry_fault, code, 0),
        MEMBER(ferry_fault, os, 4),
        MEMBER(ferry_fault, what, 8),
    };
    static const member addr[] = {
        MEMBER(ferry_addr, family, 0),
        MEMBER(ferry_addr, bytes, 4),
        MEMBER(ferry_addr, zone, 20),
    };
    static const member handle[] = {
        MEMBER(ferry_handle, id, 0),
        MEMBER(ferry_handle, events, 8),
    };
    static const member wait[] = {
        MEMBER(ferry_wait, why, 0),
        MEMBER(ferry_wait, n, 4),
        MEMBER(ferry_wait, timeout_ms, 8),
        MEMBER(ferry_wait, on, 16),
    };
    (void)state;
    expect_members(fault, COUNT(fault), sizeof(ferry_fault), 16);
    expect_members(addr, COUNT(addr), sizeof(ferry_addr), 24);
    expect_members(handle, COUNT(handle), sizeof(ferry_handle), 16);
    expect_members(wait, COUNT(wait), sizeof(ferry_wait), 144);
}

/* Those of the errors are held by test_error.c. */
static void constants_keep_their_numbers(void **state)
{
    static const struct {
        int constant, number;
    } cases[] = {
        {FERRY_NONE, -1},
        {FERRY_UNLIMITED, -2},
        {FERRY_INHERIT, 0},
        {FERRY_ON, 1},
        {FERRY_OFF, 2},
        {FERRY_AUTH_INHERIT, 0},
        {FERRY_AUTH_NONE, 1},
        {FERRY_AUTH_BASIC, 2},
        {FERRY_AUTH_BEARER, 3},
        {FERRY_AUTH_DIGEST, 4},
        {FERRY_AUTH_ANY, 5},
        {FERRY_AUTH_CUSTOM, 6},
        {FERRY_IPV4, 4},
        {FERRY_IPV6, 6},
        {FERRY_READABLE, 1},
        {FERRY_WRITABLE, 2},
        {FERRY_WAIT_HANDLES, 8},
        {FERRY_WANT_READ, -1},
        {FERRY_WANT_WRITE, -2},
        {FERRY_FAILED, -3},
        {FERRY_WAIT_NOTHING, 0},
        {FERRY_WAIT_NAME, 1},
        {FERRY_WAIT_CONNECT, 2},
        {FERRY_WAIT_WRITE, 3},
        {FERRY_WAIT_READ, 4},
        {FERRY_WAIT_POOL, 5},
        {FERRY_WAIT_RETRY, 6},
        {FERRY_WAIT_SOURCE, 7},
        {FERRY_NOT_YET, -20000},
        {FERRY_PROXY_ANY, 3},
        {FERRY_EVENT_START, 1},
        {FERRY_EVENT_FAILED, 11},
        {FERRY_EVENT_AUTH, 12},
        {FERRY_EVENT_PROXY, 13},
        {FERRY_EVENT_PROXY_TLS, 14},
        {FERRY_EVENT_TUNNEL, 15},
        {FERRY_EVENT_TUNNELED, 16},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(cases[i].constant, cases[i].number);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_stand_where_they_stood),
        cmocka_unit_test(nested_options_stand_where_they_stood),
        cmocka_unit_test(a_cookie_stands_where_it_stood),
        cmocka_unit_test(a_response_stands_where_it_stood),
        cmocka_unit_test(small_structs_stand_where_they_stood),
        cmocka_unit_test(what_a_porter_fills_in_stands_where_it_stood),
        cmocka_unit_test(what_passes_between_ferry_and_a_port_stands_where_it_stood),
        cmocka_unit_test(constants_keep_their_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
