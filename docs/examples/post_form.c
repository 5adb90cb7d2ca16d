/* post_form.c - post a form, then other bodies, over one connection.
 * usage: post_form URL
 * SPDX-License-Identifier: MIT */
#include <ferry.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    static const unsigned char bytes[] = {0x00, 0xff, 0x10};
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;

    if (argc != 2)
        return fprintf(stderr, "usage: post_form URL\n"), 2;

    if (ferry_post(s, argv[1], &r,
            .form = FERRY_PAIRS({"user", "ada"},
                                {"note", "50% & more"})))
        return fprintf(stderr, "%s\n", ferry_explain(s)), 1;
    printf("form: %d\n%s\n", r->status, r->body.ptr);

    /* The old response is freed when the next one is asked for. */
    if (ferry_post(s, argv[1], &r,
            .text = "Grüße"))
        return fprintf(stderr, "%s\n", ferry_explain(s)), 1;
    printf("text: %d\n%s\n", r->status, r->body.ptr);

    if (ferry_post(s, argv[1], &r,
            .body = {bytes, sizeof bytes},
            .headers = FERRY_PAIRS({"Content-Type", "application/octet-stream"})))
        return fprintf(stderr, "%s\n", ferry_explain(s)), 1;
    printf("bytes: %d, %s connection\n", r->status, r->reused ? "the same" : "a new");
    return ferry_ok(r) ? 0 : 1;
}
