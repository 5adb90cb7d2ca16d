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

/* Read a file of `size` bytes into room for `most`; then all of it is there. */
static ferry_err load(size_t size, size_t most, fy_error *x)
{
    fy_buf out;
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    for (size_t i = 0; i < size; i++)
        putc((int)(i * 7 % 251), f);
    fclose(f);
    fy_buf_init(&out, &m.platform, most);
    fy_buf_puts(&out, FY_S("+"));
    ferry_err e = fy_file_load(&out, path, "the test", x);
    if (!e)
        assert_int_equal(out.len, size + 1);
    for (size_t i = 0; !e && i < size; i++)
        assert_int_equal((unsigned char)out.ptr[i + 1], i * 7 % 251);
    fy_buf_fini(&out);
    return e;
}

static void a_file_is_read_as_a_whole(void **state)
{
    static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 100000};
    fy_error x;
    fy_buf out;
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_int_equal(load(sizes[i], 1 << 20, &x), FERRY_OK);
        assert_int_equal(load(sizes[i], sizes[i] + 2, &x), FERRY_OK);
        assert_int_equal(load(sizes[i], sizes[i] + 1, &x), FERRY_ERR_LIMIT);
    }
    assert_string_equal(x.what, "the test");
    m.fail_at = m.calls + 1;
    assert_int_equal(load(5000, 1 << 20, &x), FERRY_ERR_NOMEM);
    fy_buf_init(&out, &m.platform, 1 << 20);
    assert_int_equal(
        fy_file_load(&out, "/proc/self/status", NULL, &x), FERRY_OK); /* of no size */
    assert_true(out.len > 100);
    assert_int_equal(fy_file_load(&out, folder, NULL, &x), FERRY_ERR_FILE);
    assert_int_equal(x.os, 0); /* tells a folder */
    assert_int_equal(fy_file_load(&out, "/no/such/file", NULL, &x), FERRY_ERR_FILE);
    assert_int_equal(x.os, 2);
    fy_buf_fini(&out);
}

/* /proc/self/mem opens, and cannot be read at 0. */
static void a_file_that_cannot_be_read_is_an_error(void **state)
{
    fy_error x;
    fy_buf out;
    (void)state;
    fy_buf_init(&out, &m.platform, 1 << 20);
    assert_int_equal(fy_file_load(&out, "/proc/self/mem", NULL, &x), FERRY_ERR_FILE);
    assert_string_equal(x.what, "it cannot be read");
    fy_buf_fini(&out);
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
        TEST(a_file_is_read_as_a_whole),
        TEST(a_file_that_cannot_be_read_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
