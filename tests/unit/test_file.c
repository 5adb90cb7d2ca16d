/* test_file.c - files that are replaced, all or nothing.
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "lib/memory.h"
#include "net/file.h"
#include "net/system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static memory m;
static char folder[64], path[96];

static int set_up(void **state)
{
    (void)state;
    memory_init(&m);
    fy_system_fill(&m.platform);
    strcpy(folder, "/tmp/ferry-file-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/cookies.txt", folder);
    return 0;
}

/* How many entries the folder has. */
static int entries(void)
{
    int n = 0;
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (const struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    rmdir(path);
    return rmdir(folder) == 0 && memory_is_clean(&m) ? 0 : -1;
}

static ferry_err replace(const char *bytes, fy_error *x)
{
    return fy_file_replace(path, fy_str(bytes), &m.platform, x);
}

static void expect_file(const char *bytes)
{
    char text[100] = "";
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = '\0';
    assert_string_equal(text, bytes);
}

static void a_file_is_made_and_replaced_for_its_owner_alone(void **state)
{
    struct stat about;
    fy_error x;
    (void)state;
    umask(0);
    assert_int_equal(replace("one", &x), FERRY_OK);
    expect_file("one");
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(replace("two, longer", &x), FERRY_OK);
    expect_file("two, longer");
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_int_equal(replace("", &x), FERRY_OK);
    expect_file("");
    assert_int_equal(entries(), 1);
}

static void what_cannot_be_written_leaves_the_old_file_and_nothing_else(void **state)
{
    struct rlimit old, small = {2, 2};
    fy_error x;
    (void)state;
    assert_int_equal(replace("old", &x), FERRY_OK);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small.rlim_max = old.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    ferry_err e = replace("new and too long", &x);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(e, FERRY_ERR_FILE);
    assert_string_equal(x.what, "a file beside it cannot be written");
    assert_true(x.os != 0);
    expect_file("old");
    assert_int_equal(entries(), 1);
}

static void without_memory_nothing_happens(void **state)
{
    fy_error x;
    (void)state;
    assert_int_equal(replace("old", &x), FERRY_OK);
    m.fail_at = m.calls + 1;
    assert_int_equal(replace("new", &x), FERRY_ERR_NOMEM);
    expect_file("old");
    assert_int_equal(entries(), 1);
}

static void a_folder_or_a_device_is_not_replaced(void **state)
{
    struct stat about;
    fy_error x;
    (void)state;
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(replace("x", &x), FERRY_ERR_FILE);
    assert_string_equal(x.what, "it is no regular file");
    assert_int_equal(entries(), 1);
    assert_int_equal(
        fy_file_replace("/dev/null", FY_S("x"), &m.platform, &x), FERRY_ERR_FILE);
    assert_int_equal(stat("/dev/null", &about), 0);
    assert_true(S_ISCHR(about.st_mode));
}

static void a_folder_that_is_not_there_is_an_error(void **state)
{
    fy_error x;
    (void)state;
    assert_int_equal(fy_file_replace("/no/such/folder/x", FY_S("x"), &m.platform, &x),
        FERRY_ERR_FILE);
    assert_string_equal(x.what, "a file beside it cannot be made");
}

/* What a download needs. */
static void a_file_grows_until_it_gets_its_name(void **state)
{
    char name[120], got[20] = "";
    int64_t size;
    fy_file f;
    fy_error x;
    (void)state;
    snprintf(name, sizeof name, "%s.part", path);
    for (int64_t i = 0; i < 2; i++) {
        assert_int_equal(fy_file_grow(&f, name, &size, &x), FERRY_OK);
        assert_int_equal(size, 3 * i);
        assert_int_equal(fy_file_append(&f, FY_S("abc"), &x), FERRY_OK);
        if (i == 0)
            fy_file_close(&f);
    }
    assert_int_equal(fy_file_settle(&f, name, path, &x), FERRY_OK);
    assert_int_equal(entries(), 1);
    assert_int_equal(fy_file_open(&f, path, &size, &x), FERRY_OK);
    assert_int_equal(fy_file_read(&f, got, sizeof got, &x), 6);
    assert_string_equal(got, "abcabc");
    assert_int_equal(fy_file_append(&f, FY_S("x"), &x), FERRY_ERR_FILE);
    assert_int_equal(fy_file_empty(&f, &x), FERRY_ERR_FILE);
    fy_file_close(&f);
    assert_int_equal(fy_file_grow(&f, folder, &size, &x), FERRY_ERR_FILE);
    assert_int_equal(fy_file_grow(&f, "/dev/null", &size, &x), FERRY_ERR_FILE);
    assert_int_equal(fy_file_grow(&f, name, &size, &x), FERRY_OK);
    fy_file_remove(name);
    assert_int_equal(fy_file_settle(&f, name, path, &x), FERRY_ERR_FILE);
    assert_int_equal(fy_file_settle(&f, name, path, &x), FERRY_ERR_FILE); /* closed */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_made_and_replaced_for_its_owner_alone),
        TEST(what_cannot_be_written_leaves_the_old_file_and_nothing_else),
        TEST(without_memory_nothing_happens),
        TEST(a_folder_or_a_device_is_not_replaced),
        TEST(a_folder_that_is_not_there_is_an_error),
        TEST(a_file_grows_until_it_gets_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
