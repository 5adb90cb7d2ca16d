/* test_tlsopts.c - what is said of TLS at three levels, and what is left of it.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "policy/tlsopts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

static memory m;
static fy_error x;
static fy_buf settings;

static int set_up(void **state)
{
    (void)state;
    memory_init(&m);
    m.secret = "hunter2";
    fy_buf_init(&settings, &m.platform, FY_TLSOPTS_MAX);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fy_tlsopts_fini(&settings);
    return memory_is_clean(&m) ? 0 : -1;
}

/* Lay these options over what there is. */
static void give(const ferry_opts *o)
{
    fy_buf joined;
    fy_buf_init(&joined, &m.platform, FY_TLSOPTS_MAX);
    assert_int_equal(fy_tlsopts_join(&joined, fy_buf_view(&settings), o, &x), FERRY_OK);
    fy_tlsopts_fini(&settings);
    settings = joined;
}

#define GIVE(...) give(&(const ferry_opts){.size = sizeof(ferry_opts), __VA_ARGS__})

static void expect_text(fy_tlsopt which, const char *want)
{
    ferry_str got = fy_tlsopts_text(fy_buf_view(&settings), which);
    if (!want) {
        assert_null(got.ptr);
        return;
    }
    assert_non_null(got.ptr);
    assert_string_equal(got.ptr, want);
    assert_int_equal(got.len, strlen(want));
}

static int number(fy_tlsopt which)
{
    return fy_tlsopts_number(fy_buf_view(&settings), which);
}

static void nothing_given_is_nothing_kept(void **state)
{
    (void)state;
    GIVE(.stream = FERRY_ON);
    assert_int_equal(settings.len, 0);
    assert_int_equal(m.calls, 0);
    for (int i = 0; i < FY_TLSOPTS; i++) {
        expect_text((fy_tlsopt)i, NULL);
        assert_int_equal(number((fy_tlsopt)i), 0);
    }
}

static void each_option_is_kept_as_its_own(void **state)
{
    (void)state;
    GIVE(.ca_file = "1", .pin_sha256 = "2", .cert = "3", .key = "4",
        .key_password = "hunter2", .tls_ciphers = "6", .server_name = "7",
        .verify = FERRY_OFF, .verify_chain = FERRY_ON, .verify_name = FERRY_OFF,
        .tls_min = FERRY_TLS_1_2, .tls_max = FERRY_TLS_1_3, .tls_resume = FERRY_OFF);
    expect_text(FY_TLSOPT_CA_FILE, "1");
    expect_text(FY_TLSOPT_CA_DIR, NULL);
    expect_text(FY_TLSOPT_CA_PEM, NULL);
    expect_text(FY_TLSOPT_PINS, "2");
    expect_text(FY_TLSOPT_CERT, "3");
    expect_text(FY_TLSOPT_KEY, "4");
    expect_text(FY_TLSOPT_PASSWORD, "hunter2");
    expect_text(FY_TLSOPT_CIPHERS, "6");
    expect_text(FY_TLSOPT_SERVER_NAME, "7");
    assert_int_equal(number(FY_TLSOPT_VERIFY), FERRY_OFF);
    assert_int_equal(number(FY_TLSOPT_VERIFY_CHAIN), FERRY_ON);
    assert_int_equal(number(FY_TLSOPT_VERIFY_NAME), FERRY_OFF);
    assert_int_equal(number(FY_TLSOPT_MIN), FERRY_TLS_1_2);
    assert_int_equal(number(FY_TLSOPT_MAX), FERRY_TLS_1_3);
    assert_int_equal(number(FY_TLSOPT_RESUME), FERRY_OFF);
}

static void bytes_are_kept_with_a_nul_behind_them(void **state)
{
    (void)state;
    GIVE(.ca_pem = {"a\0b", 3}, .cert_pem = {"cert", 4}, .key_pem = {"key", 3});
    ferry_str got = fy_tlsopts_text(fy_buf_view(&settings), FY_TLSOPT_CA_PEM);
    assert_int_equal(got.len, 3);
    assert_memory_equal(got.ptr, "a\0b", 4);
    expect_text(FY_TLSOPT_CERT_PEM, "cert");
    expect_text(FY_TLSOPT_KEY_PEM, "key");
}

static void what_belongs_together_is_replaced_together(void **state)
{
    (void)state;
    GIVE(.ca_file = "ca", .pin_sha256 = "pin", .cert = "cert", .key = "key",
        .key_password = "hunter2", .tls_ciphers = "ciphers", .verify = FERRY_OFF,
        .verify_name = FERRY_ON);
    GIVE(.ca_dir = "dir");
    expect_text(FY_TLSOPT_CA_FILE, NULL);
    expect_text(FY_TLSOPT_PINS, NULL);
    expect_text(FY_TLSOPT_CA_DIR, "dir");
    expect_text(FY_TLSOPT_CERT, "cert");
    GIVE(.cert_pem = {"other", 5});
    expect_text(FY_TLSOPT_CERT, NULL);
    expect_text(FY_TLSOPT_KEY, NULL);
    expect_text(FY_TLSOPT_PASSWORD, NULL);
    expect_text(FY_TLSOPT_CERT_PEM, "other");
    expect_text(FY_TLSOPT_CIPHERS, "ciphers");
    GIVE(.verify = FERRY_ON);
    assert_int_equal(number(FY_TLSOPT_VERIFY), FERRY_ON);
    assert_int_equal(number(FY_TLSOPT_VERIFY_NAME), 0);
}

static void an_empty_text_takes_back(void **state)
{
    (void)state;
    GIVE(.ca_file = "ca", .cert = "cert", .server_name = "name");
    GIVE(.ca_file = "", .cert = "", .server_name = "");
    expect_text(FY_TLSOPT_CA_FILE, NULL);
    expect_text(FY_TLSOPT_CERT, NULL);
    expect_text(FY_TLSOPT_SERVER_NAME, NULL);
}

static void one_run_of_settings_lies_over_another(void **state)
{
    fy_buf above, out;
    (void)state;
    fy_buf_init(&above, &m.platform, FY_TLSOPTS_MAX);
    fy_buf_init(&out, &m.platform, FY_TLSOPTS_MAX);
    GIVE(.cert = "upper", .tls_min = FERRY_TLS_1_3);
    above = settings;
    fy_buf_init(&settings, &m.platform, FY_TLSOPTS_MAX);
    GIVE(.cert = "lower", .key = "lower", .ca_file = "ca", .tls_min = FERRY_TLS_1_2);
    assert_int_equal(
        fy_tlsopts_overlay(&out, fy_buf_view(&settings), fy_buf_view(&above), &x),
        FERRY_OK);
    fy_tlsopts_fini(&settings);
    fy_tlsopts_fini(&above);
    settings = out;
    expect_text(FY_TLSOPT_CERT, "upper");
    expect_text(FY_TLSOPT_KEY, NULL);
    expect_text(FY_TLSOPT_CA_FILE, "ca");
    assert_int_equal(number(FY_TLSOPT_MIN), FERRY_TLS_1_3);
}

static void the_same_settings_are_the_same_bytes(void **state)
{
    fy_buf before;
    (void)state;
    GIVE(.ca_file = "ca");
    GIVE(.verify = FERRY_ON);
    before = settings;
    fy_buf_init(&settings, &m.platform, FY_TLSOPTS_MAX);
    GIVE(.verify = FERRY_ON);
    GIVE(.ca_file = "ca");
    assert_true(fy_str_eq(fy_buf_view(&before), fy_buf_view(&settings)));
    GIVE(.ca_file = "cb");
    assert_false(fy_str_eq(fy_buf_view(&before), fy_buf_view(&settings)));
    fy_tlsopts_fini(&before);
}

static void what_nobody_can_mean_is_misuse(void **state)
{
    static const struct {
        ferry_opts o;
        const char *what;
    } cases[] = {
        {{.verify = (ferry_switch)3}, "switch is neither FERRY_ON nor FERRY_OFF"},
        {{.verify_chain = (ferry_switch)3}, "switch is neither FERRY_ON nor FERRY_OFF"},
        {{.verify_name = (ferry_switch)3}, "switch is neither FERRY_ON nor FERRY_OFF"},
        {{.tls_resume = (ferry_switch)3}, "switch is neither FERRY_ON nor FERRY_OFF"},
        {{.tls_min = (ferry_tls_version)0x302},
            ".tls_min and .tls_max are FERRY_TLS_1_2 or FERRY_TLS_1_3"},
        {{.tls_max = (ferry_tls_version)0x301},
            ".tls_min and .tls_max are FERRY_TLS_1_2 or FERRY_TLS_1_3"},
        {{.tls_min = FERRY_TLS_1_3, .tls_max = FERRY_TLS_1_2},
            ".tls_min is above .tls_max"},
        {{.ca_pem = {NULL, 1}}, "a certificate or key has a length and no bytes"},
        {{.cert_pem = {NULL, 1}}, "a certificate or key has a length and no bytes"},
        {{.cert = "c", .key_pem = {NULL, 1}},
            "a certificate or key has a length and no bytes"},
        {{.ca_file = "a", .ca_dir = "b"},
            "more than one of .ca_file, .ca_dir and .ca_pem"},
        {{.ca_file = "a", .ca_pem = {"b", 1}},
            "more than one of .ca_file, .ca_dir and .ca_pem"},
        {{.cert = "a", .cert_pem = {"b", 1}}, "a certificate or key is given twice"},
        {{.cert = "c", .key = "a", .key_pem = {"b", 1}},
            "a certificate or key is given twice"},
        {{.key = "a"}, ".key or .key_password without .cert"},
        {{.key_password = "a"}, ".key or .key_password without .cert"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_true(fy_tlsopts_are_given(&cases[i].o));
        assert_int_equal(fy_tlsopts_check(&cases[i].o, &x), FERRY_ERR_USAGE);
        assert_string_equal(x.what, cases[i].what);
    }
    assert_false(fy_tlsopts_are_given(&(const ferry_opts){.stream = FERRY_ON}));
    assert_int_equal(
        fy_tlsopts_check(&(const ferry_opts){.cert = "c", .key = "k"}, &x), FERRY_OK);
}

static void too_much_and_too_little_memory_are_errors(void **state)
{
    fy_buf out;
    (void)state;
    fy_buf_init(&out, &m.platform, 10);
    ferry_opts o = {.size = sizeof o, .ca_file = "longer than that"};
    assert_int_equal(fy_tlsopts_join(&out, FY_S(""), &o, &x), FERRY_ERR_LIMIT);
    fy_tlsopts_fini(&out);
    fy_buf_init(&out, &m.platform, FY_TLSOPTS_MAX);
    m.fail_at = m.calls + 1;
    assert_int_equal(fy_tlsopts_join(&out, FY_S(""), &o, &x), FERRY_ERR_NOMEM);
    fy_tlsopts_fini(&out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_given_is_nothing_kept),
        TEST(each_option_is_kept_as_its_own),
        TEST(bytes_are_kept_with_a_nul_behind_them),
        TEST(what_belongs_together_is_replaced_together),
        TEST(an_empty_text_takes_back),
        TEST(one_run_of_settings_lies_over_another),
        TEST(the_same_settings_are_the_same_bytes),
        TEST(what_nobody_can_mean_is_misuse),
        TEST(too_much_and_too_little_memory_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
