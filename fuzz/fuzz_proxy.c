/* fuzz_proxy.c - proxies out of any bytes: what a URL of one says holds when it is said
 * again, secrets stay apart from what may be shown, and what is refused leaves nothing.
 * Up to the first NUL the name of a pair of .proxies, from there the URL.
 * SPDX-License-Identifier: MIT */
#include "lib/fuzzing.h"
#include "policy/proxy.h"

#include <stdlib.h>
#include <string.h>

static bool proxy_lies_in(ferry_str s, const fy_buf *b)
{
    return s.len == 0 || (s.ptr >= b->ptr && s.ptr + s.len <= b->ptr + b->len);
}

static void proxy_check_views(const fy_proxy *p, ferry_str url)
{
    FUZZ_CHECK(p->kind >= FY_PROXY_HTTP && p->kind <= FY_PROXY_SOCKS5H);
    FUZZ_CHECK(p->host.len && p->port);
    FUZZ_CHECK(proxy_lies_in(p->host, &p->text));
    FUZZ_CHECK(proxy_lies_in(p->user, &p->aside));
    FUZZ_CHECK(proxy_lies_in(p->password, &p->aside));
    FUZZ_CHECK(proxy_lies_in(p->zone, &p->aside));
    FUZZ_CHECK(p->user.len + p->password.len <= url.len);
    FUZZ_CHECK(p->has_user || p->user.len + p->password.len == 0);
    FUZZ_CHECK((p->addr.family == FERRY_IPV6) == (p->host.ptr[0] == '['));
    for (size_t i = 0; i < p->text.len; i++)
        FUZZ_CHECK(p->text.ptr[i] > ' ' && p->text.ptr[i] != '@');
}

/* What may be shown is a proxy's URL itself: of the same one, and of nobody. */
static void proxy_check_again(const fy_proxy *p, const ferry_platform *m)
{
    fy_proxy again;
    fy_error x;
    fy_proxy_init(&again, m);
    FUZZ_CHECK(fy_proxy_parse(&again, fy_buf_view(&p->text), &x) == FERRY_OK);
    FUZZ_CHECK(fy_str_eq(fy_buf_view(&again.text), fy_buf_view(&p->text)));
    FUZZ_CHECK(again.kind == p->kind && again.port == p->port && !again.has_user);
    FUZZ_CHECK(fy_str_eq(again.host, p->host));
    fy_proxy_fini(&again);
}

static void proxy_check_url(const ferry_platform *m, ferry_str url)
{
    fy_proxy p;
    fy_error x = {.code = FERRY_OK};
    fy_proxy_init(&p, m);
    ferry_err e = fy_proxy_parse(&p, url, &x);
    if (e) {
        FUZZ_CHECK(e == x.code && p.kind == FY_PROXY_NONE && !p.has_user);
        FUZZ_CHECK(p.text.len == 0 && p.aside.len == 0);
        FUZZ_CHECK(e == FERRY_ERR_URL || e == FERRY_ERR_UNSUPPORTED ||
                   e == FERRY_ERR_LIMIT || e == FERRY_ERR_NOMEM);
    } else {
        proxy_check_views(&p, url);
        proxy_check_again(&p, m);
    }
    if (!e && fy_str_trim(url).len && fy_proxy_check_first(url, &x) == FERRY_OK)
        FUZZ_CHECK(fy_proxy_is_socks(&p));
    fy_proxy_fini(&p);
}

/* A pair that passes is one for some URL: of "scheme://host" at least its own. */
static void proxy_check_pair(const ferry_platform *m, ferry_str name, ferry_str value)
{
    static const fy_proxy_environ silent = {.n = 0};
    const ferry_fields none = {NULL, 0};
    const ferry_field pair = {name, value};
    fy_url u;
    fy_error x;
    if (fy_proxy_check(name, value, &x) || !fy_str_trim(value).len ||
        fy_str_starts_nocase(name, FY_S("all")) || !memchr(name.ptr, ':', name.len))
        return;
    fy_url_init(&u, m, 1 << 16);
    if (!fy_url_parse(&u, name, none, &x)) {
        ferry_str chosen = fy_proxy_choose(
            (ferry_fields){&pair, 1}, FY_S(""), FY_S(""), &silent, &u);
        ferry_str host = fy_str_from(name, u.scheme.len + 3);
        bool is_as_written = fy_str_eq_nocase(host, u.host);
        FUZZ_CHECK(chosen.len == (is_as_written ? value.len : 0));
    }
    fy_url_fini(&u);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    memory m;
    memory_init(&m);
    const uint8_t *end = size ? memchr(data, 0, size) : NULL;
    size_t n = end ? (size_t)(end - data) : size;
    size_t value_len = end ? size - n - 1 : 0;
    char *name = memory_exact((const char *)data, n);
    char *value = memory_exact(end ? (const char *)end + 1 : "", value_len);
    proxy_check_url(&m.platform, (ferry_str){value, value_len});
    proxy_check_pair(&m.platform, (ferry_str){name, n}, (ferry_str){value, value_len});
    free(name);
    free(value);
    FUZZ_CHECK(memory_is_clean(&m));
    return 0;
}
