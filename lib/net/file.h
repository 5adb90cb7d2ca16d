/* file.h - what this build does with files, or does not.
 * net. One interface; file_posix.c answers it, file_none.c stands in. Knows paths and
 * bytes. Does not know what they are for. SPDX-License-Identifier: MIT */
#ifndef FY_FILE_H
#define FY_FILE_H

#include "base/error.h"

enum { FY_FILE_CLOSED = -1 };

/* A file that is read; FY_FILE_CLOSED if none is open. */
typedef struct fy_file {
    int handle;
} fy_file;

/* Could it be opened? *size is as below. What is no regular file is left alone. */
fy_api ferry_err fy_file_look(const char *path, int64_t *size, fy_error *x);

/* Open for reading. *size is its length, or -1 if it is no regular file and has none. */
fy_api ferry_err fy_file_open(fy_file *f, const char *path, int64_t *size, fy_error *x);

/* Up to `n` > 0 bytes; 0 at the end; -1 and `x` if it cannot be read. May wait for the
 * disk, or for whoever writes into a pipe. */
fy_api ptrdiff_t fy_file_read(fy_file *f, void *p, size_t n, fy_error *x);

/* Back to the first byte; false if that cannot be, as with a pipe. */
fy_api bool fy_file_rewind(fy_file *f);

fy_api void fy_file_close(fy_file *f); /* closed already is fine */

/* Put all of a file behind what `out` has; `what` names what has too many bytes for it,
 * the last that would just fit among them.
 * FERRY_ERR_FILE, without a number of the system's if it is a folder; FERRY_ERR_LIMIT,
 * FERRY_ERR_NOMEM. */
fy_api ferry_err fy_file_load(
    fy_buf *out, const char *path, const char *what, fy_error *x);

/* Is there nothing at `path`, or a regular file? FERRY_ERR_FILE if it is something else. */
fy_api ferry_err fy_file_may_replace(const char *path, fy_error *x);

/* Put `bytes` where `path` says, all or nothing: into a new file of the same folder that
 * only its owner may read, synced to the disk, then renamed. Whatever the error, what was
 * there before is still there, and nothing else is. What is no regular file is not
 * replaced. FERRY_ERR_FILE, FERRY_ERR_NOMEM, FERRY_ERR_USAGE without entropy. */
fy_api ferry_err fy_file_replace(
    const char *path, ferry_str bytes, const ferry_platform *m, fy_error *x);

/* --- a file that grows ----------------------------------------------------------- */

/* Open for appending, made if it is not there; *size is what it has. What is no regular
 * file, or only a link to one, is FERRY_ERR_FILE. */
fy_api ferry_err fy_file_grow(fy_file *f, const char *path, int64_t *size, fy_error *x);
/* The same for secrets: if it is made, then for its owner alone. */
fy_api ferry_err fy_file_grow_secret(fy_file *f, const char *path, fy_error *x);
fy_api ferry_err fy_file_append(fy_file *f, ferry_str bytes, fy_error *x);
fy_api ferry_err fy_file_empty(fy_file *f, fy_error *x); /* to no bytes */
/* Sync `f`, which is `from`, to the disk and give it the name `to`; what had that name
 * is gone. What is no regular file is not replaced. */
fy_api ferry_err fy_file_settle(
    fy_file *f, const char *from, const char *to, fy_error *x);
fy_api void fy_file_remove(const char *path);

#endif
