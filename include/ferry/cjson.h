/* ferry/cjson.h - JSON trees of cJSON (1.7.13 or later) as bodies, for programs that have
 * it: header only, and nothing of the library depends on it. Link with -lcjson.
 * SPDX-License-Identifier: MIT */
#ifndef FERRY_CJSON_H
#define FERRY_CJSON_H

#include <cjson/cJSON.h>
#include <string.h>

#include "ferry.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The gathered body of a response as a tree. It may be in UTF-8, UTF-16 or UTF-32, with
 *  a byte order mark or without, or in what the charset parameter of Content-Type says:
 *  see ferry_text_as(), whose answer for this response is replaced.
 *  @return the tree, to be freed with cJSON_Delete(); NULL if there is no response, if the
 *  body is not one JSON text and blanks (RFC 8259), or not all in `r->body`, or without
 *  memory. Neither the status nor the media type is looked at. */
static inline cJSON *ferry_json(ferry_response *r)
{
    ferry_str text = ferry_text_as(r, "json");
    /* The NUL behind it is part of what is read: nothing else may follow the text. */
    return text.ptr ? cJSON_ParseWithLengthOpts(text.ptr, text.len + 1, NULL, 1) : NULL;
}

/** Send a tree as application/json. It may be freed or changed afterwards.
 *  @param tree not NULL.
 *  @param opts as for ferry_send(), or NULL; without a body. The response is gathered,
 *  whatever `.stream` says, as the text lives no longer than this call.
 *  @return as ferry_send(); FERRY_ERR_USAGE without a tree, FERRY_ERR_NOMEM if it could not
 *  be printed. */
static inline ferry_err ferry_send_json(ferry_session *s, const char *method,
    const char *url, const cJSON *tree, ferry_response **out, const ferry_opts *opts)
{
    ferry_opts o;
    char *text = tree ? cJSON_PrintUnformatted(tree) : NULL;
    if (!text)
        return tree ? FERRY_ERR_NOMEM : FERRY_ERR_USAGE;
    if (opts)
        o = *opts;
    else
        memset(&o, 0, sizeof o);
    o.size = sizeof o;
    o.json = text;
    o.stream = FERRY_OFF;
    ferry_err e = ferry_send(s, method, url, out, &o);
    cJSON_free(text);
    return e;
}

#ifndef __cplusplus
/** ferry_post_json(s, url, tree, &r, .option = value, ...): see ferry_send_json(). */
#define ferry_post_json(s, url, tree, ...)                                             \
    ferry_send_json((s), "POST", (url), (tree), FERRY_OUT_(__VA_ARGS__, ),             \
        FERRY_REST_(__VA_ARGS__, ))
/** ferry_put_json(s, url, tree, &r): see ferry_send_json(). */
#define ferry_put_json(s, url, tree, ...)                                              \
    ferry_send_json((s), "PUT", (url), (tree), FERRY_OUT_(__VA_ARGS__, ),              \
        FERRY_REST_(__VA_ARGS__, ))
/** ferry_patch_json(s, url, tree, &r): see ferry_send_json(). */
#define ferry_patch_json(s, url, tree, ...)                                            \
    ferry_send_json((s), "PATCH", (url), (tree), FERRY_OUT_(__VA_ARGS__, ),            \
        FERRY_REST_(__VA_ARGS__, ))
#endif

#ifdef __cplusplus
}
#endif
#endif
