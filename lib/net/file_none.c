/* file_none.c - a build without files: whoever wants one is told so.
 * net. SPDX-License-Identifier: MIT */
#include "net/file.h"

ferry_err fy_file_look(const char *path, int64_t *size, fy_error *x)
{
    fy_file none;
    return fy_file_open(&none, path, size, x);
}

ferry_err fy_file_open(fy_file *f, const char *path, int64_t *size, fy_error *x)
{
    (void)path;
    f->handle = FY_FILE_CLOSED;
    *size = 0;
    return fy_fail(x, FERRY_ERR_UNSUPPORTED, "this build has no files", FY_NOWHERE);
}

ptrdiff_t fy_file_read(fy_file *f, void *p, size_t n, fy_error *x)
{
    (void)f, (void)p, (void)n;
    fy_fail(x, FERRY_ERR_UNSUPPORTED, "this build has no files", FY_NOWHERE);
    return -1;
}

bool fy_file_rewind(fy_file *f)
{
    (void)f;
    return false;
}

void fy_file_close(fy_file *f)
{
    f->handle = FY_FILE_CLOSED;
}

ferry_err fy_file_load(fy_buf *out, const char *path, const char *what, fy_error *x)
{
    fy_file none;
    int64_t size;
    (void)out, (void)what;
    return fy_file_open(&none, path, &size, x);
}

ferry_err fy_file_may_replace(const char *path, fy_error *x)
{
    (void)path;
    return fy_fail(x, FERRY_ERR_UNSUPPORTED, "this build has no files", FY_NOWHERE);
}

ferry_err fy_file_replace(
    const char *path, ferry_str bytes, const ferry_platform *m, fy_error *x)
{
    (void)path, (void)bytes, (void)m;
    return fy_fail(x, FERRY_ERR_UNSUPPORTED, "this build has no files", FY_NOWHERE);
}

ferry_err fy_file_grow(fy_file *f, const char *path, int64_t *size, fy_error *x)
{
    return fy_file_open(f, path, size, x);
}

ferry_err fy_file_grow_secret(fy_file *f, const char *path, fy_error *x)
{
    int64_t size;
    return fy_file_open(f, path, &size, x);
}

ferry_err fy_file_append(fy_file *f, ferry_str bytes, fy_error *x)
{
    (void)f, (void)bytes;
    return fy_fail(x, FERRY_ERR_UNSUPPORTED, "this build has no files", FY_NOWHERE);
}

ferry_err fy_file_empty(fy_file *f, fy_error *x)
{
    return fy_file_append(f, FY_S(""), x);
}

ferry_err fy_file_settle(fy_file *f, const char *from, const char *to, fy_error *x)
{
    (void)from, (void)to;
    return fy_file_append(f, FY_S(""), x);
}

void fy_file_remove(const char *path)
{
    (void)path;
}
