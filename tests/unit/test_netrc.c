/* test_netrc.c - the file with users and passwords by host name.
 * SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "policy/netrc.h"

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
static fy_netrc n;

static int set_up(void **state)
{
    (void)state;
    memory_init(&m);
    fy_netrc_init(&n, &m.platform, 1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fy_netrc_fini(&n);
    return memory_is_clean(&m) ? 0 : -1;
}

static void read_text(const char *text)
{
    fy_buf_clear(&n.text);
    fy_buf_puts(&n.text, fy_str(text));
    assert_int_equal(fy_netrc_parse(&n, &x), FERRY_OK);
}

/* login NULL: of anybody; expected NULL: nobody. */
static void expect_entry(
    const char *host, const char *login, const char *expected, const char *password)
{
    ferry_str user = login ? fy_str(login) : (ferry_str){NULL, 0};
    const fy_netrc_entry *e = fy_netrc_find(&n, fy_str(host), user);
    assert_true((e != NULL) == (expected != NULL));
    if (!e)
        return;
    assert_int_equal(e->login.len, strlen(expected));
    assert_memory_equal(e->login.ptr, expected, e->login.len);
    assert_int_equal(e->password.len, strlen(password));
    assert_memory_equal(e->password.ptr, password, e->password.len);
}

static void an_entry_is_found_by_its_exact_host(void **state)
{
    (void)state;
    read_text("machine a.test login ada password secret\n"
              "machine b.test\n\tlogin bob\n\tpassword pw\n"
              "machine ::1 login six password 6\n");
    expect_entry("a.test", NULL, "ada", "secret");
    expect_entry("A.Test", NULL, "ada", "secret");
    expect_entry("b.test", NULL, "bob", "pw");
    expect_entry("::1", NULL, "six", "6");
    expect_entry("a.test.", NULL, NULL, NULL);
    expect_entry("x.a.test", NULL, NULL, NULL);
    expect_entry("test", NULL, NULL, NULL);
    expect_entry("a.test.evil.test", NULL, NULL, NULL);
    expect_entry("", NULL, NULL, NULL);
}

static void the_forms_that_files_have_are_read(void **state)
{
    static const struct {
        const char *text, *login, *password;
    } cases[] = {
        /* the last line without its end: curl's CVE-2022-35260 */
        {"machine a.test login u password p", "u", "p"},
        {"machine a.test password p login u", "u", "p"},
        {"machine a.test user u password p\r\n", "u", "p"},
        {"machine a.test login u password p account x", "u", "p"},
        {"machine a.test account u password p", "u", "p"},
        {"machine a.test login u", "u", ""},
        {"machine a.test password p", "", "p"},
        {"\n\n  machine\ta.test\n\n login\r\nu\npassword   p  \n\n", "u", "p"},
        {"machine a.test login \"u v\" password \"p \\\"q\\\" \\\\ \\n\\r\\t \\x\"",
            "u v", "p \"q\" \\ \n\r\t x"},
        {"machine a.test login \"\" password \"\"x", NULL, NULL},
        {"machine a.test login u\\v password p\\q", "u\\v", "p\\q"},
        {"machine a.test login u password \"p\"", "u", "p"},
        {"# all of it\nmachine a.test #b\nlogin u # c machine\n password p #", "u",
            "p"},
        {"machine a.test login #u password #p", "#u", "#p"},
        {"macdef init\ncd /\nmachine a.test login x password y\n\n"
         "machine a.test login u password p",
            "u", "p"},
        {"macdef init\r\ncd /\r\n\r\nmachine a.test login u password p", "u", "p"},
        {"machine a.test login u password p macdef init\nls\n\ndefault login x", "u",
            "p"},
        {"macdef init\nmachine a.test login u password p", NULL, NULL},
        {"machine a.test login u password p\nmachine a.test login v password q", "u",
            "p"},
        {"machine a.test\nmachine b.test login u password p", NULL, NULL},
        {"", NULL, NULL},
        {" \n", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        read_text(cases[i].text);
        expect_entry("a.test", NULL, cases[i].login, cases[i].password);
    }
}

static void what_is_wrong_ends_the_file_and_takes_its_own_entry_along(void **state)
{
    static const char *const tails[] = {
        "machine a.test login x password",
        "machine a.test login",
        "machine a.test login x pasword y",
        "machine a.test login x oops",
        "machine a.test login x password \"y",
        "machine a.test login x password \"y\"z",
        "machine a.test login x password y \"",
        "machine",
        "login x password y machine a.test",
        "macdef",
        "oops machine a.test login x password y",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(tails); i++) {
        char text[200] = "machine b.test login u password p macdef m\n\n";
        strcat(text, tails[i]);
        strcat(text, i == 0 ? "" : " ");
        read_text(text);
        expect_entry("b.test", NULL, "u", "p");
        expect_entry("a.test", NULL, NULL, NULL);
    }
}

static void the_default_is_for_hosts_that_have_no_entry_of_their_own(void **state)
{
    (void)state;
    read_text("default login d password q\n"
              "machine a.test login ada password secret\nmachine e.test\n");
    expect_entry("a.test", NULL, "ada", "secret");
    expect_entry("b.test", NULL, "d", "q");
    expect_entry("e.test", NULL, NULL, NULL);
    read_text("default");
    expect_entry("b.test", NULL, NULL, NULL);
    read_text("default login \"\" password \"\"");
    expect_entry("b.test", NULL, NULL, NULL);
}

/* curl's CVE-2026-8926: another user's password. */
static void a_user_gets_the_password_of_that_user_alone(void **state)
{
    (void)state;
    read_text(
        "machine a.test login ada password 1\nmachine a.test login bob password 2\n"
        "default login eve password 3\n");
    expect_entry("a.test", "bob", "bob", "2");
    expect_entry("a.test", "Bob", NULL, NULL);
    expect_entry("a.test", "eve", NULL, NULL);
    expect_entry("b.test", "eve", "eve", "3");
    expect_entry("b.test", "ada", NULL, NULL);
}

static void the_text_is_wiped_when_it_is_freed(void **state)
{
    (void)state;
    m.secret = "hunter2";
    read_text("machine a.test login u password hunter2 account ");
    for (int i = 0; i < 100; i++)
        fy_buf_puts(&n.text, FY_S("machine b.test login u password hunter2\n"));
    assert_int_equal(fy_netrc_parse(&n, &x), FERRY_OK);
}

static void without_memory_it_is_an_error_at_every_call(void **state)
{
    ferry_err e = FERRY_ERR_NOMEM;
    int k = 0;
    (void)state;
    for (int i = 0; i < 20; i++)
        fy_buf_puts(&n.text, FY_S("machine a.test login u password p\n"));
    while (e) {
        m.fail_at = m.calls + ++k;
        e = fy_netrc_parse(&n, &x);
        assert_true(e == FERRY_OK || e == FERRY_ERR_NOMEM);
    }
    assert_true(k > 2);
    assert_int_equal(n.n, 20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(an_entry_is_found_by_its_exact_host),
        TEST(the_forms_that_files_have_are_read),
        TEST(what_is_wrong_ends_the_file_and_takes_its_own_entry_along),
        TEST(the_default_is_for_hosts_that_have_no_entry_of_their_own),
        TEST(a_user_gets_the_password_of_that_user_alone),
        TEST(the_text_is_wiped_when_it_is_freed),
        TEST(without_memory_it_is_an_error_at_every_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
