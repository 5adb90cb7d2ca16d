/* test_cookiejar.c - a session's cookies: walked, found, set, taken away, saved and
 * loaded. SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "ferry.h"
#include "lib/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static machine m;
static int64_t unix_now;
static ferry_session *s;
static char folder[64], path[96];

static int64_t clock_of_ours(void *ctx)
{
    (void)ctx;
    return unix_now;
}

static int set_up(void **state)
{
    (void)state;
    machine_init(&m);
    m.memory.secret = "SECRET";
    m.memory.platform.unix_time = clock_of_ours;
    unix_now = 1000000;
    s = ferry_session_new(.platform = &m.memory.platform);
    strcpy(folder, "/tmp/ferry-jar-XXXXXX");
    if (!s || !mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/cookies.txt", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ferry_session_free(s);
    unlink(path);
    return rmdir(folder) == 0 && memory_is_clean(&m.memory) ? 0 : -1;
}

static void set(const char *url, const char *field)
{
    if (ferry_cookie_set(s, url, field))
        fail_msg("%s", ferry_explain(s));
}

static void refuse(const char *url, const char *field, const char *why)
{
    assert_int_equal(ferry_cookie_set(s, url, field), FERRY_ERR_USAGE);
    assert_non_null(strstr(ferry_explain(s), why));
}

/* "name=value" of all, as they are walked. */
static const char *all_of(ferry_session *session)
{
    static char text[1000];
    text[0] = '\0';
    for (const ferry_cookie *c = NULL; (c = ferry_cookie_next(session, c));)
        sprintf(text + strlen(text), "%s%s=%s", text[0] ? " " : "", c->name, c->value);
    return text;
}

static const char *all(void)
{
    return all_of(s);
}

/* --- set, walked, found ---------------------------------------------------------- */

static void a_cookie_is_set_as_a_response_would_and_read_again(void **state)
{
    const ferry_cookie *c;
    (void)state;
    set("https://www.A.test/dir/page?x",
        "theme=dark; Domain=a.test; Max-Age=60; Secure; "
        "HttpOnly; SameSite=Lax");
    set("http://b.test/", "id=7");
    assert_int_equal(ferry_cookie_count(s), 2);
    assert_int_equal(ferry_cookie_get(s, "theme", NULL, NULL, &c), FERRY_OK);
    assert_string_equal(c->value, "dark");
    assert_string_equal(c->domain, "a.test");
    assert_string_equal(c->path, "/dir");
    assert_int_equal(c->expires, 1000060);
    assert_true(c->secure && c->http_only && !c->host_only);
    assert_int_equal(c->same_site, FERRY_SAME_SITE_LAX);
    assert_int_equal(ferry_cookie_get(s, "id", ".B.test", "/", &c), FERRY_OK);
    assert_true(c->host_only && !c->expires && !c->secure);
    assert_int_equal(ferry_cookie_get(s, "id", "a.test", NULL, &c), FERRY_OK);
    assert_null(c);
    assert_int_equal(ferry_cookie_get(s, "ID", NULL, NULL, &c), FERRY_OK);
    assert_null(c);
}

static void a_refused_cookie_says_why(void **state)
{
    (void)state;
    refuse("http://a.test/", "n=v; Secure", "a Secure cookie, and the peer is not");
    refuse("http://a.test/", "n=v; Domain=b.test", "not of this host");
    refuse("http://a.test/", "n=v; Domain=test", "public suffix");
    refuse("http://a.test/", "=", "without name and value");
    refuse("http://a.test/", "n=v\n", "control character");
    refuse("http://a.test/", NULL, "no URL, or no cookie");
    refuse(NULL, "n=v", "no URL, or no cookie");
    assert_int_equal(ferry_cookie_set(s, "a.test", "n=v"), FERRY_ERR_URL);
    assert_int_equal(ferry_cookie_count(s), 0);
}

static void several_of_one_name_are_an_error_and_not_a_guess(void **state)
{
    const ferry_cookie *c = (const ferry_cookie *)&m;
    (void)state;
    set("http://a.test/", "n=1");
    set("http://b.test/", "n=2");
    set("http://b.test/", "n=3; Path=/p");
    assert_int_equal(ferry_cookie_get(s, "n", NULL, NULL, &c), FERRY_ERR_USAGE);
    assert_null(c);
    assert_non_null(strstr(ferry_explain(s), "several cookies of this name"));
    assert_int_equal(ferry_cookie_get(s, "n", "b.test", NULL, &c), FERRY_ERR_USAGE);
    assert_int_equal(ferry_cookie_get(s, "n", "b.test", "/p", &c), FERRY_OK);
    assert_string_equal(c->value, "3");
    assert_int_equal(ferry_cookie_get(s, "n", "a.test", NULL, &c), FERRY_OK);
    assert_string_equal(c->value, "1");
    assert_int_equal(ferry_cookie_get(s, NULL, NULL, NULL, &c), FERRY_ERR_USAGE);
    assert_int_equal(ferry_cookie_get(s, "n", NULL, NULL, NULL), FERRY_ERR_USAGE);
}

static void cookies_are_walked_in_the_order_in_which_they_came(void **state)
{
    (void)state;
    set("http://b.test/", "a=1");
    set("http://a.test/", "b=2; Max-Age=5");
    set("http://a.test/", "c=3");
    set("http://b.test/", "a=4");
    assert_string_equal(all(), "a=4 b=2 c=3");
    unix_now += 5;
    assert_string_equal(all(), "a=4 c=3");
    assert_int_equal(ferry_cookie_count(s), 2);
}

/* --- taken away ------------------------------------------------------------------ */

static void cookies_are_taken_away_by_name_domain_and_path(void **state)
{
    (void)state;
    set("http://a.test/", "n=1");
    set("http://a.test/", "n=2; Path=/p");
    set("http://b.test/", "n=3");
    set("http://b.test/", "m=4");
    assert_int_equal(ferry_cookie_delete(s, "n", "a.test", "/p"), FERRY_OK);
    assert_string_equal(all(), "n=1 n=3 m=4");
    assert_int_equal(ferry_cookie_delete(s, "n", NULL, NULL), FERRY_OK);
    assert_string_equal(all(), "m=4");
    assert_int_equal(ferry_cookie_delete(s, "none", NULL, NULL), FERRY_OK);
    assert_int_equal(ferry_cookie_delete(s, NULL, NULL, NULL), FERRY_ERR_USAGE);
    assert_string_equal(all(), "m=4");
}

static void cookies_are_cleared_by_kind_and_domain(void **state)
{
    static const struct {
        ferry_cookie_kind kind;
        const char *domain, *left;
    } cases[] = {
        {FERRY_COOKIES_SESSION, NULL, "p=2 r=4"},
        {FERRY_COOKIES_PERSISTENT, NULL, "n=1 o=3"},
        {FERRY_COOKIES_ALL, "a.test", "o=3 r=4"},
        {FERRY_COOKIES_SESSION, ".B.test", "n=1 p=2 r=4"},
        {FERRY_COOKIES_EXPIRED, NULL, "n=1 p=2 o=3 r=4"},
        {FERRY_COOKIES_ALL, "x.a.test", "n=1 p=2 o=3 r=4"},
        {FERRY_COOKIES_ALL, NULL, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(ferry_cookies_clear(s, FERRY_COOKIES_ALL, NULL), FERRY_OK);
        set("http://a.test/", "n=1");
        set("http://a.test/", "p=2; Max-Age=60");
        set("http://b.test/", "o=3");
        set("http://b.test/", "r=4; Max-Age=60");
        assert_int_equal(
            ferry_cookies_clear(s, cases[i].kind, cases[i].domain), FERRY_OK);
        assert_string_equal(all(), cases[i].left);
    }
}

/* --- saved and loaded ------------------------------------------------------------ */

static void a_jar_is_saved_and_loaded_by_another_session(void **state)
{
    int64_t n = -1;
    ferry_session *other = ferry_session_new(.platform = &m.memory.platform);
    (void)state;
    set("https://a.test/", "n=SECRET; Secure; Max-Age=60");
    set("http://b.test/", "s=1");
    set("http://b.test/", "tab=a\tb");
    assert_int_equal(ferry_cookies_save(s, path, FERRY_COOKIES_ALL, &n), FERRY_OK);
    assert_int_equal(n, 1);
    assert_int_equal(ferry_cookies_load(other, path, FERRY_COOKIES_ALL, &n), FERRY_OK);
    assert_int_equal(n, 0);
    assert_string_equal(all_of(other), "n=SECRET s=1");
    assert_int_equal(ferry_cookies_clear(other, FERRY_COOKIES_ALL, NULL), FERRY_OK);
    assert_int_equal(
        ferry_cookies_load(other, path, FERRY_COOKIES_PERSISTENT, NULL), FERRY_OK);
    assert_string_equal(all_of(other), "n=SECRET");
    ferry_session_free(other);
}

static void a_failed_save_leaves_the_old_file(void **state)
{
    struct stat before, after;
    (void)state;
    set("http://a.test/", "n=1");
    assert_int_equal(ferry_cookies_save(s, path, FERRY_COOKIES_ALL, NULL), FERRY_OK);
    assert_int_equal(stat(path, &before), 0);
    set("http://a.test/", "n=SECRET");
    for (int k = 1; k <= 2; k++) {
        m.memory.fail_at = m.memory.calls + k;
        assert_int_equal(
            ferry_cookies_save(s, path, FERRY_COOKIES_ALL, NULL), FERRY_ERR_NOMEM);
    }
    m.memory.fail_at = 0;
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(
        ferry_cookies_save(s, "/no/such/folder/x", FERRY_COOKIES_ALL, NULL),
        FERRY_ERR_FILE);
    assert_int_equal(
        ferry_cookies_save(s, NULL, FERRY_COOKIES_ALL, NULL), FERRY_ERR_USAGE);
}

static void what_cannot_be_loaded_is_an_error_and_changes_nothing(void **state)
{
    (void)state;
    set("http://a.test/", "n=1");
    assert_int_equal(
        ferry_cookies_load(s, path, FERRY_COOKIES_ALL, NULL), FERRY_ERR_FILE);
    assert_int_equal(
        ferry_cookies_load(s, folder, FERRY_COOKIES_ALL, NULL), FERRY_ERR_FILE);
    assert_int_equal(
        ferry_cookies_load(s, NULL, FERRY_COOKIES_ALL, NULL), FERRY_ERR_USAGE);
    assert_string_equal(all(), "n=1");
}

static void a_file_of_any_size_is_read_whole(void **state)
{
    int64_t dropped;
    (void)state;
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (int i = 0; i < 3000; i++)
        fprintf(f, "a%d.test\tFALSE\t/\tFALSE\t0\tn\tSECRET%d\n", i % 1000, i);
    fputs("the last line has no end, nor is it one", f);
    fclose(f);
    assert_int_equal(
        ferry_cookies_load(s, path, FERRY_COOKIES_ALL, &dropped), FERRY_OK);
    assert_int_equal(dropped, 1);
    assert_int_equal(ferry_cookie_count(s), 1000);
}

static void a_jar_is_copied_through_memory(void **state)
{
    char text[300];
    size_t len = 0;
    int64_t dropped;
    ferry_session *other = ferry_session_new(.platform = &m.memory.platform);
    (void)state;
    set("http://a.test/", "n=1");
    set("http://a.test/", "p=2; Max-Age=60");
    assert_int_equal(
        ferry_cookies_write(s, FERRY_COOKIES_ALL, NULL, 0, &len), FERRY_ERR_LIMIT);
    assert_true(len > 0 && len < sizeof text);
    memset(text, 'x', sizeof text);
    assert_int_equal(ferry_cookies_write(s, FERRY_COOKIES_ALL, text, len - 1, &len),
        FERRY_ERR_LIMIT);
    assert_int_equal(text[0], 'x');
    assert_int_equal(
        ferry_cookies_write(s, FERRY_COOKIES_ALL, text, len, &len), FERRY_OK);
    assert_int_equal(text[len], 'x');
    assert_int_equal(
        ferry_cookies_read(other, text, len, FERRY_COOKIES_ALL, &dropped), FERRY_OK);
    assert_int_equal(dropped, 0);
    assert_string_equal(all_of(other), "n=1 p=2");
    assert_int_equal(
        ferry_cookies_read(other, NULL, 0, FERRY_COOKIES_ALL, NULL), FERRY_OK);
    assert_int_equal(
        ferry_cookies_read(other, NULL, 1, FERRY_COOKIES_ALL, NULL), FERRY_ERR_USAGE);
    assert_int_equal(ferry_cookies_write(s, FERRY_COOKIES_ALL, text, sizeof text, NULL),
        FERRY_ERR_USAGE);
    ferry_session_free(other);
}

static void without_memory_the_session_stays_usable(void **state)
{
    (void)state;
    for (int k = 1;; k++) {
        m.memory.fail_at = m.memory.calls + k;
        ferry_err e = ferry_cookie_set(s, "http://a.test/", "n=SECRET");
        if (!e)
            break;
        assert_int_equal(e, FERRY_ERR_NOMEM);
        assert_int_equal(ferry_cookie_count(s), 0);
    }
    assert_string_equal(all(), "n=SECRET");
}

static void no_session_has_no_cookies(void **state)
{
    const ferry_cookie *c;
    int64_t n;
    size_t len;
    (void)state;
    assert_int_equal(ferry_cookie_count(NULL), 0);
    assert_null(ferry_cookie_next(NULL, NULL));
    assert_int_equal(ferry_cookie_get(NULL, "n", NULL, NULL, &c), FERRY_ERR_NOMEM);
    assert_null(c);
    assert_int_equal(ferry_cookie_set(NULL, "http://a.test/", "n=v"), FERRY_ERR_NOMEM);
    assert_int_equal(ferry_cookie_delete(NULL, "n", NULL, NULL), FERRY_ERR_NOMEM);
    assert_int_equal(
        ferry_cookies_clear(NULL, FERRY_COOKIES_ALL, NULL), FERRY_ERR_NOMEM);
    assert_int_equal(
        ferry_cookies_save(NULL, path, FERRY_COOKIES_ALL, &n), FERRY_ERR_NOMEM);
    assert_int_equal(
        ferry_cookies_load(NULL, path, FERRY_COOKIES_ALL, &n), FERRY_ERR_NOMEM);
    assert_int_equal(
        ferry_cookies_write(NULL, FERRY_COOKIES_ALL, NULL, 0, &len), FERRY_ERR_NOMEM);
    assert_int_equal(
        ferry_cookies_read(NULL, "", 0, FERRY_COOKIES_ALL, &n), FERRY_ERR_NOMEM);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_cookie_is_set_as_a_response_would_and_read_again),
        TEST(a_refused_cookie_says_why),
        TEST(several_of_one_name_are_an_error_and_not_a_guess),
        TEST(cookies_are_walked_in_the_order_in_which_they_came),
        TEST(cookies_are_taken_away_by_name_domain_and_path),
        TEST(cookies_are_cleared_by_kind_and_domain),
        TEST(a_jar_is_saved_and_loaded_by_another_session),
        TEST(a_failed_save_leaves_the_old_file),
        TEST(what_cannot_be_loaded_is_an_error_and_changes_nothing),
        TEST(a_file_of_any_size_is_read_whole),
        TEST(a_jar_is_copied_through_memory),
        TEST(without_memory_the_session_stays_usable),
        TEST(no_session_has_no_cookies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
