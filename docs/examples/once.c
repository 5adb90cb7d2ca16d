/* once.c - one request without a session; the response is all there is to free.
 * usage: once URL
 * SPDX-License-Identifier: MIT */
#include <ferry.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    ferry_response *r = NULL;

    if (argc != 2)
        return fprintf(stderr, "usage: once URL\n"), 2;
    ferry_err e = ferry_once(argv[1], &r,
        .headers = FERRY_PAIRS({"Accept", "text/plain"}),
        .timeout = {.total_ms = 10000});
    if (e)
        return fprintf(stderr, "%s: %s\n", ferry_err_name(e), ferry_err_text(e)), 1;

    fwrite(r->body.ptr, 1, r->body.len, stdout);
    ferry_response_free(r);
    return 0;
}
