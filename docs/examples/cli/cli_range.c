/* cli_range.c - -r and -C: a part of a file, and the rest of one.
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int range_fail(cli_transfer *t, int code, const char *error)
{
    t->error = error;
    return code;
}

int cli_range_begin(cli_transfer *t)
{
    const cli_args *a = t->args;
    if (a->range)
        snprintf(t->range, sizeof t->range, "bytes=%s", a->range);
    if (!a->continues)
        return CLI_OK;
    if (!t->name)
        return range_fail(t, CLI_USAGE, "-C needs the file that -o or -O names");
    t->offset = a->continue_at;
    FILE *f = t->offset < 0 ? fopen(t->name, "rb") : NULL;
    if (t->offset < 0)
        t->offset = f && !fseeko(f, 0, SEEK_END) ? (int64_t)ftello(f) : 0;
    if (f)
        fclose(f);
    if (t->offset)
        snprintf(t->range, sizeof t->range, "bytes=%lld-", (long long)t->offset);
    return CLI_OK;
}

static bool range_is_given(const cli_args *a, const char *name)
{
    for (size_t i = 0; i < a->n_headers; i++)
        if (strcasecmp(a->headers[i].name, name) == 0)
            return true;
    return false;
}

/* Parts of packed bytes could not be unpacked alone. What -H says counts more. */
size_t cli_range_fields(const cli_transfer *t, ferry_pair *to)
{
    size_t n = 0;
    if (t->range[0] && !range_is_given(t->args, "Range"))
        to[n++] = (ferry_pair){"Range", t->range};
    if ((t->range[0] || t->args->continues) &&
        !range_is_given(t->args, "Accept-Encoding"))
        to[n++] = (ferry_pair){"Accept-Encoding", "identity"};
    return n;
}

int cli_range_check(cli_transfer *t)
{
    const char *range = ferry_header(t->r, "Content-Range");
    char wanted[64];
    if (!t->offset)
        return CLI_OK;
    snprintf(wanted, sizeof wanted, "bytes */%lld", (long long)t->offset);
    if (t->r->status == 416 && range && strcmp(range, wanted) == 0)
        return CLI_DONE; /* it is all there */
    snprintf(wanted, sizeof wanted, "bytes %lld-", (long long)t->offset);
    if (t->r->status == 206 && range && strncmp(range, wanted, strlen(wanted)) == 0)
        return CLI_OK;
    return range_fail(t, CLI_RANGE, "the server did not send the rest that -C wants");
}
