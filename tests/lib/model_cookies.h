/* model_cookies.h - an independent, slow cookie jar: RFC 6265bis 5.6 to 5.8, step by
 * step, over one plain list. What it does not have of its own: dates, which the library
 * reads for it, and a public suffix list; names of one label and "pub.test" are public.
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_MODEL_COOKIES_H
#define TESTS_MODEL_COOKIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MODEL_COOKIES = 64, MODEL_COOKIE_TEXT = 256, MODEL_COOKIE_LINE = 8192 };

typedef struct model_cookie {
    char name[MODEL_COOKIE_TEXT], value[MODEL_COOKIE_TEXT];
    char domain[MODEL_COOKIE_TEXT], path[MODEL_COOKIE_TEXT];
    bool is_persistent, is_host_only, is_secure, is_http_only;
    int same_site; /* 0 other, 1 None, 2 Lax, 3 Strict */
    int64_t expires;
    unsigned created, used;
} model_cookie;

typedef struct model_jar {
    model_cookie at[MODEL_COOKIES];
    int n, per_domain, total, pair, attribute;
    unsigned ticks;
} model_jar;

typedef struct model_asker {
    const char *host, *path;
    bool is_secure, is_address;
} model_asker;

bool model_is_public(const char *domain);
/* True if a cookie was stored (or one was deleted). `line` may hold any byte. All texts
 * must be shorter than MODEL_COOKIE_TEXT. */
bool model_jar_set(
    model_jar *j, const model_asker *who, const char *line, size_t n, int64_t now);
/* The value of the Cookie field, "" if there is none. */
void model_jar_ask(
    model_jar *j, const model_asker *who, int64_t now, char out[MODEL_COOKIE_LINE]);
void model_jar_expire(model_jar *j, int64_t now);

#endif
