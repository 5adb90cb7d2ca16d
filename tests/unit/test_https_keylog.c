/* test_https_keylog.c - the secrets of connections in a file: only where somebody asked
 * for them, and the right ones. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lib/https_set_mbedtls.h"
#include "net/mbed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define URL         "https://a.test/"
#define ROOM        96

static https_set h;
static char dir[ROOM], path[ROOM], other[ROOM];
static char text[65536];

/* What the server knows of each connection, as the log should say it. */
static struct told {
    fy_mbed_listener listener;
    char lines[32768];
    size_t len;
} told;

static void tell(fy_mbed_listener *l, const char *label,
    const unsigned char random[FY_MBED_RANDOM], ferry_str secret)
{
    (void)l;
    char *to = told.lines + told.len;
    size_t room = sizeof told.lines - told.len;
    int n = snprintf(to, room, "%s ", label);
    for (size_t i = 0; i < FY_MBED_RANDOM; i++)
        n += snprintf(to + n, room - (size_t)n, "%02x", random[i]);
    n += snprintf(to + n, room - (size_t)n, " ");
    for (size_t i = 0; i < secret.len; i++)
        n += snprintf(to + n, room - (size_t)n, "%02x", (unsigned char)secret.ptr[i]);
    n += snprintf(to + n, room - (size_t)n, "\n");
    told.len += (size_t)n;
}

/* --- a session ------------------------------------------------------------------- */

static const char *variable; /* SSLKEYLOGFILE */

static const char *get_variable(void *ctx, const char *name)
{
    (void)ctx;
    return strcmp(name, "SSLKEYLOGFILE") == 0 ? variable : NULL;
}

/* A new session in the place of the old one. */
static ferry_session *begin(const char *value, ferry_switch trust_env, const char *log)
{
    ferry_session_free(h.s);
    variable = value;
    h.m.memory.platform.getenv = get_variable;
    h.s = ferry_session_new(.platform = &h.m.memory.platform, .transport = &h.dialer,
        .trust_env = trust_env, .ca_pem = {https_ca.pem, strlen(https_ca.pem)},
        .key_log = log);
    return h.s;
}

static int set_up(void **state)
{
    (void)state;
    https_begin(&h);
    told.len = 0;
    told.listener.take = tell;
    h.peer.listener = &told.listener;
    h.peer.has_tickets = true;
    h.peer.end = TLS_SAYS_CLOSE;
    strcpy(dir, "/tmp/ferry-keylog-XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof path, "%.60s/keys", dir);
    snprintf(other, sizeof other, "%.60s/other", dir);
    return h.s ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    unlink(other);
    return rmdir(dir) | https_end(&h);
}

static void expect_ok(ferry_err e)
{
    if (e)
        fail_msg("%s: %s", ferry_err_name(e), ferry_explain(h.s));
}

static const char *read_log(const char *name)
{
    FILE *f = fopen(name, "rb");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    text[n] = '\0';
    if (f)
        fclose(f);
    return f ? text : NULL;
}

/* The server's lines, in whatever order the two sides learn of their secrets. */
static void expect_log(const char *name)
{
    const char *log = read_log(name);
    assert_non_null(log);
    told.lines[told.len] = '\0';
    assert_int_equal(strlen(log), told.len);
    for (const char *at = told.lines; *at;) {
        const char *end = strchr(at, '\n') + 1;
        assert_non_null(memmem(log, strlen(log), at, (size_t)(end - at)));
        at = end;
    }
}

/* --- tests ----------------------------------------------------------------------- */

static void the_log_has_the_secrets_that_the_server_knows(void **state)
{
    (void)state;
    begin(NULL, FERRY_OFF, path);
    for (int i = 0; i < 4; i++)
        expect_ok(https_get(&h, URL, i % 2));
    assert_int_equal(h.peer.resumed, 3); /* taken up or not, each has its own line */
    assert_true(told.len >= 4 * (14 + 64 + 1 + 96 + 1));
    expect_log(path);
}

static void the_file_is_for_its_owner_alone_and_is_appended_to(void **state)
{
    struct stat about;
    (void)state;
    for (int i = 0; i < 2; i++) {
        begin(NULL, FERRY_OFF, path);
        expect_ok(ferry_get(h.s, URL, NULL));
    }
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    expect_log(path);
}

static void nothing_is_written_unless_somebody_asks(void **state)
{
    const struct {
        const char *variable;
        ferry_switch trust_env;
        const char *option;
    } cases[] = {
        {NULL, FERRY_ON, NULL},
        {NULL, FERRY_OFF, NULL},
        {"", FERRY_ON, NULL},
        {path, FERRY_OFF, NULL},
        {path, FERRY_ON, ""},
        {"/missing/folder", FERRY_OFF, NULL},
        {"/missing/folder", FERRY_ON, ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        begin(cases[i].variable, cases[i].trust_env, cases[i].option);
        expect_ok(ferry_get(h.s, URL, NULL));
        if (access(path, F_OK) == 0)
            fail_msg("row %d", (int)i);
    }
}

static void the_environment_names_a_file_where_the_caller_does_not(void **state)
{
    (void)state;
    begin(path, FERRY_INHERIT, NULL);
    expect_ok(ferry_get(h.s, URL, NULL));
    expect_log(path);
    told.len = 0;
    begin(path, FERRY_ON, other);
    expect_ok(ferry_get(h.s, URL, NULL));
    expect_log(other);
}

static void a_change_holds_from_then_on(void **state)
{
    (void)state;
    begin(path, FERRY_ON, NULL);
    expect_ok(ferry_get(h.s, URL, NULL));
    expect_log(path);
    told.len = 0;
    expect_ok(ferry_update(h.s, .key_log = other));
    expect_ok(ferry_get(h.s, URL, NULL));
    expect_log(other);
    size_t len = told.len;
    expect_ok(ferry_update(h.s, .key_log = ""));
    expect_ok(ferry_get(h.s, URL, NULL));
    assert_true(told.len > len);
    told.len = len;
    expect_log(other);
}

/* Who no longer trusts the environment does not go on writing. */
static void the_environment_is_forgotten_with_the_trust_in_it(void **state)
{
    (void)state;
    begin(path, FERRY_ON, NULL);
    expect_ok(ferry_get(h.s, URL, NULL));
    size_t len = told.len;
    expect_ok(ferry_update(h.s, .trust_env = FERRY_OFF));
    expect_ok(ferry_get(h.s, URL, NULL));
    told.len = len;
    expect_log(path);
}

static void a_file_of_no_use_is_an_error_before_connecting(void **state)
{
    const struct {
        const char *path;
        const char *why;
    } bad[] = {
        {"/missing/folder", " (os error 2)"}, {dir, " (os error 21)"},
        {"/dev/null", ""},
        {other, " (os error 40)"}, /* a link: somebody else's choice of a file */
    };
    char line[200];
    (void)state;
    assert_int_equal(symlink(path, other), 0);
    for (size_t i = 0; i < COUNT(bad); i++) {
        snprintf(line, sizeof line,
            "a file could not be used: .key_log is no regular file that can be "
            "appended "
            "to%s",
            bad[i].why);
        begin(NULL, FERRY_OFF, bad[i].path);
        assert_int_equal(ferry_get(h.s, URL, NULL), FERRY_ERR_FILE);
        assert_string_equal(ferry_explain(h.s), line);
        begin(bad[i].path, FERRY_ON, NULL);
        assert_int_equal(ferry_get(h.s, URL, NULL), FERRY_ERR_FILE);
        assert_non_null(strstr(ferry_explain(h.s), "SSLKEYLOGFILE"));
        assert_int_equal(ferry_get(h.s, URL, NULL), FERRY_ERR_FILE); /* and still */
    }
    assert_int_equal(h.peer.dialled, 0);
    assert_int_equal(access(path, F_OK), -1);
    begin(NULL, FERRY_OFF, path);
    assert_int_equal(ferry_update(h.s, .key_log = dir), FERRY_ERR_FILE);
    expect_ok(ferry_get(h.s, URL, NULL)); /* as before */
    expect_log(path);
}

static void a_line_that_cannot_be_written_is_an_error_of_the_connection(void **state)
{
    struct rlimit old, small;
    (void)state;
    begin(NULL, FERRY_OFF, path);
    expect_ok(ferry_get(h.s, URL, NULL));
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){told.len + 10, old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    ferry_err e = ferry_get(h.s, URL, NULL);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(e, FERRY_ERR_FILE);
    assert_non_null(strstr(ferry_explain(h.s), "the key log cannot be written"));
    expect_ok(ferry_get(h.s, URL, NULL)); /* with room again */
}

/* What was captured on the way to a proxy is of no use without its secrets. */
static void connections_to_https_proxies_are_in_it(void **state)
{
    (void)state;
    begin(NULL, FERRY_OFF, path);
    expect_ok(ferry_get(h.s, "http://x.test/", NULL, .proxy_tls = {.verify = FERRY_OFF},
        .proxies = FERRY_PAIRS({"all", "https://a.test:8443"})));
    assert_true(told.len > 100);
    expect_log(path);
}

/* A session taken up has the same secret again, before TLS 1.3. */
static void no_memory_that_is_given_back_has_its_lines(void **state)
{
    (void)state;
    begin(NULL, FERRY_OFF, path);
    expect_ok(ferry_get(h.s, URL, NULL));
    const char *log = read_log(path);
    const char *secret = strrchr(log, ' ') + 1;
    h.m.memory.secret = text + sizeof text - 200;
    memcpy(text + sizeof text - 200, secret, strlen(secret) - 1);
    text[sizeof text - 200 + strlen(secret) - 1] = '\0';
    expect_ok(ferry_get(h.s, URL, NULL));
    ferry_session_free(h.s); /* what is given back is looked through */
    h.s = NULL;
    assert_true(memory_is_clean(&h.m.memory));
}

static void the_options_level_is_the_session(void **state)
{
    (void)state;
    assert_int_equal(ferry_get(h.s, URL, NULL, .key_log = path), FERRY_ERR_USAGE);
    assert_int_equal(ferry_mount(h.s, URL, .key_log = path), FERRY_ERR_USAGE);
    assert_int_equal(access(path, F_OK), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_log_has_the_secrets_that_the_server_knows),
        TEST(the_file_is_for_its_owner_alone_and_is_appended_to),
        TEST(nothing_is_written_unless_somebody_asks),
        TEST(the_environment_names_a_file_where_the_caller_does_not),
        TEST(a_change_holds_from_then_on),
        TEST(the_environment_is_forgotten_with_the_trust_in_it),
        TEST(a_file_of_no_use_is_an_error_before_connecting),
        TEST(a_line_that_cannot_be_written_is_an_error_of_the_connection),
        TEST(connections_to_https_proxies_are_in_it),
        TEST(no_memory_that_is_given_back_has_its_lines),
        TEST(the_options_level_is_the_session),
    };
    return cmocka_run_group_tests(tests, https_make_certs, https_free_certs);
}
