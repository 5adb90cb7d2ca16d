/* Every call with options by name, as DESIGN and README show them, and without any.
 * SPDX-License-Identifier: MIT */
#include "ferry.h"

ferry_session *make(const ferry_platform *board);
ferry_err run(ferry_session *s, const char *url, ferry_response **r);
ptrdiff_t give(void *ctx, void *p, size_t n);

ferry_session *make(const ferry_platform *board)
{
    return ferry_session_new(.platform = board, .limits = {.head = 2048, .fields = 24},
        .headers = FERRY_PAIRS({"User-Agent", "probe/1.0"}, {"Accept", NULL}),
        .timeout = {.connect_ms = 3000, .read_ms = 10000, .total_ms = FERRY_UNLIMITED});
}

ferry_err run(ferry_session *s, const char *url, ferry_response **r)
{
    ferry_err e = ferry_update(s, .params = FERRY_NO_PAIRS);
    if (!e)
        e = ferry_mount(s, "https://", .stream = FERRY_ON);
    if (!e)
        e = ferry_get(s, url, r);
    if (!e)
        e = ferry_get(s, url, NULL, .params = FERRY_PAIRS({"q", "c library"}));
    if (!e)
        e = ferry_post(s, url, r, .form = FERRY_PAIRS({"user", "ada"}, {"pass", ""}));
    if (!e)
        e = ferry_put(s, url, r, .body = {"bytes", 5});
    if (!e)
        e = ferry_patch(s, url, r, .text = "text");
    if (!e)
        e = ferry_post(
            s, url, r, .json = "{}", .trailers = FERRY_PAIRS({"Digest", "x"}));
    if (!e)
        e = ferry_put(s, url, r, .file = "a.png");
    if (!e)
        e = ferry_put(s, url, r, .source = &(ferry_source){.read = give, .length = 5});
    if (!e)
        e = ferry_post(s, url, r, .form = FERRY_PAIRS({"user", "ada"}),
            .multipart = FERRY_PARTS({.name = "photo", .file = "a.png"},
                {.name = "note", .text = "hello", .type = "text/plain"}));
    if (!e)
        e = ferry_options(s, url, r, .target = "*");
    if (!e)
        e = ferry_head(s, url, r);
    if (!e)
        e = ferry_delete(s, url, r);
    if (!e)
        e = ferry_request(s, "PURGE", url, r, .stream = FERRY_OFF);
    if (!e)
        e = ferry_once(url, r, .method = "PUT", .text = "text");
    return e ? e : ferry_begin(s, url, r);
}
