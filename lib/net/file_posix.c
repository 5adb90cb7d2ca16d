/* file_posix.c - files of a POSIX system.
 * net. Knows paths and descriptors. Does not know what the bytes are for.
 * SPDX-License-Identifier: MIT */
#include "net/posix.h"
#include "net/file.h"

#include <errno.h>
#include <fcntl.h>
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
