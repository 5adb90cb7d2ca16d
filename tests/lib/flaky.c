/* flaky.c - a server of one file that answers ranges and breaks off.
 * tests. Knows Range and If-Range. Does not know connections.
 * SPDX-License-Identifier: MIT */
#include "lib/flaky.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FLAKY_HEAD_MAX = 1000 };

void flaky_be_file(flaky *f, size_t len)
{
    free(f->file);
    f->file = malloc(len + 1);
    f->len = len;
    for (size_t i = 0; i < len; i++)
        f->file[i] = (char)(i * 2654435761u >> 11);
}

void flaky_free(flaky *f)
{
    free(f->file);
    f->file = NULL;
}

bool flaky_is_at(const flaky *f, const char *path)
{
    FILE *at = fopen(path, "rb");
    char *got = malloc(f->len + 1);
    bool is_same = at && fread(got, 1, f->len + 1, at) == f->len &&
                   memcmp(got, f->file, f->len) == 0;
    free(got);
    if (at)
        fclose(at);
    return is_same;
}

static size_t flaky_from(const flaky *f, bool *is_part)
{
    const char *range = strstr(f->asked, "\r\nRange: bytes=");
    const char *when = strstr(f->asked, "\r\nIf-Range: ");
    bool is_same = !when ||
                   (f->etag && strncmp(when + 12, f->etag, strlen(f->etag)) == 0);
    *is_part = range && is_same && !f->has_no_ranges;
    return *is_part ? (size_t)strtoul(range + 15, NULL, 10) : 0;
}

static char *flaky_put_head(
    const flaky *f, char *to, size_t from, size_t end, bool is_part)
{
    to += sprintf(to, "HTTP/1.1 %s\r\n", is_part ? "206 Partial Content" : "200 OK");
    if (is_part)
        to += sprintf(
            to, "Content-Range: bytes %zu-%zu/", from + f->shifts_range, end - 1);
    if (is_part)
        to += f->hides_total ? sprintf(to, "*\r\n") : sprintf(to, "%zu\r\n", f->len);
    if (f->etag)
        to += sprintf(to, "ETag: %s\r\n", f->etag);
    to += sprintf(to, "%s", f->fields ? f->fields : "");
    if (f->is_chunked)
        return to +
               sprintf(to, "Transfer-Encoding: chunked\r\n\r\n%zx\r\n", end - from);
    return to + sprintf(to, "Content-Length: %zu\r\n\r\n", end - from);
}

/* The head, or all of an answer that has no part of the file: then *from is the end. */
static char *flaky_put_front(
    const flaky *f, char *to, size_t *from, size_t end, bool is_part)
{
    bool is_beyond = is_part && *from >= f->len;
    if (!f->instead && !is_beyond)
        return flaky_put_head(f, to, *from, end, is_part);
    *from = end;
    if (f->instead)
        return to + sprintf(to, "%s", f->instead);
    return to + sprintf(to,
                    "HTTP/1.1 416 Range Not Satisfiable\r\n"
                    "Content-Range: bytes */%zu\r\nContent-Length: 0\r\n\r\n",
                    f->len);
}

void flaky_answer_to(flaky *f, flaky_answer *a)
{
    bool is_part;
    size_t from = flaky_from(f, &is_part), end = f->len;
    if (is_part && f->most && from < end && f->most < end - from)
        end = from + f->most;
    a->bytes = realloc(a->bytes, f->len + FLAKY_HEAD_MAX);
    f->requests++;
    f->parts += is_part;
    char *to = flaky_put_front(f, a->bytes, &from, end, is_part);
    size_t head = (size_t)(to - a->bytes), n = end - from;
    memcpy(to, f->file + from, n);
    to += n;
    if (f->is_chunked && !f->instead)
        to += sprintf(to, "\r\n0\r\n\r\n");
    a->len = (size_t)(to - a->bytes);
    a->end = SIZE_MAX;
    if (f->cuts_left && f->cut < n) {
        f->cuts_left--;
        a->end = head + f->cut;
    }
}
