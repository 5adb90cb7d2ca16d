/* stream.c - a body of any size into a file, with memory for one piece of it.
 * usage: stream URL FILE
 * SPDX-License-Identifier: MIT */
#include <ferry.h>
#include <stdio.h>

/* True if all of it arrived and was written. */
static bool download(ferry_session *s, const char *url, FILE *f)
{
    ferry_auto_response r = NULL;
    ferry_str chunk; /* a view into ferry's buffer, good until the next ferry_next() */
    unsigned long long n = 0;

    ferry_err e = ferry_get(s, url, &r,
        .stream = FERRY_ON,
        .timeout = {.read_ms = 10000});
    while (!e && !(e = ferry_next(r, &chunk)) && chunk.len) {
        if (fwrite(chunk.ptr, 1, chunk.len, f) < chunk.len)
            return perror("stream"), false;
        n += chunk.len;
    }
    /* A body that ended too early is an error, never a short file that looks whole. */
    if (e)
        return fprintf(stderr, "%s\n", ferry_explain(s)), false;
    printf("%d %s, %llu bytes\n", r->status, r->reason, n);
    return true;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return fprintf(stderr, "usage: stream URL FILE\n"), 2;
    FILE *f = fopen(argv[2], "wb");
    if (!f)
        return perror(argv[2]), 1;

    ferry_auto_session s = ferry_session_new();
    bool ok = download(s, argv[1], f);
    if (fclose(f))
        return perror(argv[2]), 1;
    return ok ? 0 : 1;
}
