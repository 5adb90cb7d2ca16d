/* get.c - a session, a GET, what came back.
 * usage: get URL
 * SPDX-License-Identifier: MIT */
#include <ferry.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    ferry_auto_session s = ferry_session_new(
        .headers = FERRY_PAIRS({"User-Agent", "probe/1.0"},
                               {"Accept", "application/json"}),
        .timeout = {.connect_ms = 3000,
                    .read_ms = 10000,
                    .total_ms = 30000});
    ferry_auto_response r = NULL; /* both are freed on every return, r before s */

    if (argc != 2)
        return fprintf(stderr, "usage: get URL\n"), 2;
    if (ferry_get(s, argv[1], &r,
            .params = FERRY_PAIRS({"q", "c library"})))
        return fprintf(stderr, "%s\n", ferry_explain(s)), 1;

    printf("%d %s\n", r->status, r->reason);
    for (size_t i = 0; i < r->headers.n; i++)
        printf("%s: %s\n", r->headers.at[i].name.ptr, r->headers.at[i].value.ptr);
    printf("\n%s\n", r->body.ptr);

    /* A 404 is a response like any other, until you ask: */
    if (ferry_check(r))
        return fprintf(stderr, "%s\n", ferry_explain(s)), 1;
    return 0;
}
