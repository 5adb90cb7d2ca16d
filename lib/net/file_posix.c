/* file_posix.c - files of a POSIX system.
 * net. Knows paths and descriptors. Does not know what the bytes are for.
 * SPDX-License-Identifier: MIT */
#include "net/posix.h"
#include "net/file.h"

#include "base/hex.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static ferry_err file_fail(fy_error *x, const char *what)
{
    return fy_fail_os(x, FERRY_ERR_FILE, what, errno);
}

static ferry_err file_read_size(const struct stat *about, int64_t *size, fy_error *x)
{
    if (S_ISDIR(about->st_mode))
        return fy_fail(x, FERRY_ERR_FILE, "it is a folder", FY_NOWHERE);
    *size = S_ISREG(about->st_mode) ? (int64_t)about->st_size : -1;
    return FERRY_OK;
}

/* Opening a pipe and closing it again would end whoever writes into it. */
ferry_err fy_file_look(const char *path, int64_t *size, fy_error *x)
{
    struct stat about;
    fy_file f;
    if (stat(path, &about))
        return file_fail(x, "it cannot be opened");
    TRY(file_read_size(&about, size, x));
    if (*size < 0)
        return FERRY_OK;
    TRY(fy_file_open(&f, path, size, x));
    fy_file_close(&f);
    return FERRY_OK;
}

ferry_err fy_file_open(fy_file *f, const char *path, int64_t *size, fy_error *x)
{
    do
        f->handle = open(path, O_RDONLY | O_CLOEXEC);
    while (f->handle < 0 && errno == EINTR);
    if (f->handle < 0)
        return file_fail(x, "it cannot be opened");
    struct stat about;
    ferry_err e = fstat(f->handle, &about) ? file_fail(x, "it cannot be opened")
                                           : file_read_size(&about, size, x);
    if (e)
        fy_file_close(f);
    return e;
}

ptrdiff_t fy_file_read(fy_file *f, void *p, size_t n, fy_error *x)
{
    ptrdiff_t got;
    do
        got = read(f->handle, p, n);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        file_fail(x, "it cannot be read");
    return got;
}

bool fy_file_rewind(fy_file *f)
{
    return lseek(f->handle, 0, SEEK_SET) == 0;
}

void fy_file_close(fy_file *f)
{
    if (f->handle >= 0)
        close(f->handle);
    f->handle = FY_FILE_CLOSED;
}

/* Room for one byte more than it has, so that its end is seen without taking more. */
static ferry_err file_read_all(
    fy_buf *out, fy_file *f, int64_t size, const char *what, fy_error *x)
{
    enum { FILE_PIECE = 4096 };
    ptrdiff_t got = 1;
    if (size >= 0 && (uint64_t)size < out->max - out->len)
        fy_buf_reserve_exact(out, (size_t)size + 1);
    while (got > 0 && (out->len < out->cap || fy_buf_reserve(out, FILE_PIECE))) {
        got = fy_file_read(f, out->ptr + out->len, out->cap - out->len, x);
        if (got > 0)
            out->len += (size_t)got;
    }
    return got < 0 ? x->code : fy_fail_buf(x, out, what);
}

ferry_err fy_file_load(fy_buf *out, const char *path, const char *what, fy_error *x)
{
    fy_file f;
    int64_t size = 0;
    TRY(fy_file_open(&f, path, &size, x));
    ferry_err e = file_read_all(out, &f, size, what, x);
    fy_file_close(&f);
    return e;
}

/* --- replacing ------------------------------------------------------------------- */

/* A device or a pipe must not be renamed over. */
ferry_err fy_file_may_replace(const char *path, fy_error *x)
{
    struct stat about;
    if (stat(path, &about))
        return errno == ENOENT ? FERRY_OK : file_fail(x, "it cannot be looked at");
    return S_ISREG(about.st_mode)
               ? FERRY_OK
               : fy_fail(x, FERRY_ERR_FILE, "it is no regular file", FY_NOWHERE);
}

static ferry_err file_name_new(
    fy_buf *name, const char *path, const ferry_platform *m, fy_error *x)
{
    char digits[16];
    TRY(fy_hex_by_chance(m, digits, sizeof digits / 2, x));
    fy_buf_puts(name, fy_str(path));
    fy_buf_putc(name, '.');
    fy_buf_put(name, digits, sizeof digits);
    fy_buf_text(name);
    return fy_fail_buf(x, name, NULL);
}

static bool file_write(int handle, ferry_str bytes)
{
    while (bytes.len) {
        ssize_t n = write(handle, bytes.ptr, bytes.len);
        if (n < 0 && errno != EINTR)
            return false;
        bytes = fy_str_from(bytes, n < 0 ? 0 : (size_t)n);
    }
    return true;
}

/* What the disk did not take shows in any of these. */
static ferry_err file_write_new(const char *name, ferry_str bytes, fy_error *x)
{
    int handle = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (handle < 0)
        return file_fail(x, "a file beside it cannot be made");
    ferry_err e = file_write(handle, bytes) && fsync(handle) == 0
                      ? FERRY_OK
                      : file_fail(x, "a file beside it cannot be written");
    if (close(handle) && !e)
        e = file_fail(x, "a file beside it cannot be written");
    return e;
}

ferry_err fy_file_replace(
    const char *path, ferry_str bytes, const ferry_platform *m, fy_error *x)
{
    fy_buf name;
    TRY(fy_file_may_replace(path, x));
    fy_buf_init(&name, m, SIZE_MAX / 4);
    ferry_err e = file_name_new(&name, path, m, x);
    if (!e) {
        e = file_write_new(name.ptr, bytes, x);
        if (!e && rename(name.ptr, path))
            e = file_fail(x, "it cannot be replaced");
        if (e)
            unlink(name.ptr);
    }
    fy_buf_fini(&name);
    return e;
}

/* --- growing --------------------------------------------------------------------- */

static ferry_err file_open_growing(
    fy_file *f, const char *path, mode_t mode, int64_t *size, fy_error *x)
{
    do
        f->handle = open(path,
            O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, mode);
    while (f->handle < 0 && errno == EINTR);
    if (f->handle < 0)
        return file_fail(x, "it cannot be opened to be appended to");
    struct stat about;
    ferry_err e = fstat(f->handle, &about)
                      ? file_fail(x, "it cannot be opened to be appended to")
                      : file_read_size(&about, size, x);
    if (!e && *size < 0)
        e = fy_fail(x, FERRY_ERR_FILE, "it is no regular file", FY_NOWHERE);
    if (e)
        fy_file_close(f);
    return e;
}

ferry_err fy_file_grow(fy_file *f, const char *path, int64_t *size, fy_error *x)
{
    ferry_err e = file_open_growing(f, path, 0666, size, x);
    if (e && x->os)
        x->what = "the file of what came so far cannot be opened";
    return e;
}

ferry_err fy_file_grow_secret(fy_file *f, const char *path, fy_error *x)
{
    int64_t size = 0;
    return file_open_growing(f, path, 0600, &size, x);
}

ferry_err fy_file_append(fy_file *f, ferry_str bytes, fy_error *x)
{
    return file_write(f->handle, bytes) ? FERRY_OK
                                        : file_fail(x, "it cannot be written");
}

ferry_err fy_file_empty(fy_file *f, fy_error *x)
{
    return ftruncate(f->handle, 0) == 0 ? FERRY_OK
                                        : file_fail(x, "it cannot be emptied");
}

ferry_err fy_file_settle(fy_file *f, const char *from, const char *to, fy_error *x)
{
    bool is_good = fsync(f->handle) == 0;
    is_good &= close(f->handle) == 0;
    f->handle = FY_FILE_CLOSED;
    if (!is_good)
        return file_fail(x, "it cannot be written");
    TRY(fy_file_may_replace(to, x));
    return rename(from, to) ? file_fail(x, "it cannot be replaced") : FERRY_OK;
}

void fy_file_remove(const char *path)
{
    unlink(path);
}
