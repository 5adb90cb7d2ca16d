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

static ferry_err file_look(const fy_file *f, int64_t *size, fy_error *x)
{
    struct stat about;
    if (fstat(f->handle, &about))
        return file_fail(x, "it cannot be looked at");
    if (S_ISDIR(about.st_mode))
        return fy_fail(x, FERRY_ERR_FILE, "it is a folder", FY_NOWHERE);
    *size = S_ISREG(about.st_mode) ? (int64_t)about.st_size : -1;
    return FERRY_OK;
}

ferry_err fy_file_open(fy_file *f, const char *path, int64_t *size, fy_error *x)
{
    do
        f->handle = open(path, O_RDONLY | O_CLOEXEC);
    while (f->handle < 0 && errno == EINTR);
    if (f->handle < 0)
        return file_fail(x, "it cannot be opened");
    ferry_err e = file_look(f, size, x);
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
