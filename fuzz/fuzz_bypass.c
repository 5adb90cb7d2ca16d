/* fuzz_bypass.c - no_proxy lists and URLs of proxies out of any bytes.
 * Up to the first NUL the host of a URL, from there a list; both are also read as the URL of
 * a proxy. SPDX-License-Identifier: MIT */
#include "lib/fuzzing.h"
#include "policy/bypass.h"
#include "policy/proxy.h"

#include <stdlib.h>
#include <string.h>

static bool bypass_asks(const char *p, size_t n, const fy_url *u)
{
    char *exact = memory_exact(p, n);
    bool has = fy_bypass_has((ferry_str){exact, n}, u->host, &u->addr, u->port);
    free(exact);
    return has;
}

/* A list names what one of its entries names: whatever stands before or behind. */
static void bypass_check(ferry_str list, const fy_url *u)
{
    bool has = bypass_asks(list.ptr, list.len, u), any = false;
    size_t at = 0;
    while (at < list.len) {
        size_t n = 0;
        while (at + n < list.len && !strchr(", \t", list.ptr[at + n]))
            n++;
        /* strchr finds a NUL, too: such an entry is no name, and one of its own */
        any = any || bypass_asks(list.ptr + at, n, u);
        at += n + 1;
    }
    FUZZ_CHECK(has == any || memchr(list.ptr, '\0', list.len));
    FUZZ_CHECK(!has || list.len > 0);
}

static void bypass_check_self(const fy_url *u)
{
    ferry_str host = u->host;
    if (!u->addr.family && memchr(host.ptr, ',', host.len))
        return;
    if (u->addr.family)
        FUZZ_CHECK(bypass_asks(host.ptr, host.len, u));
}

static void proxy_check(ferry_str text)
{
    memory m;
    fy_proxy p, again;
    fy_error x = {.code = FERRY_OK};
    memory_init(&m);
    fy_proxy_init(&p, &m.platform);
    fy_proxy_init(&again, &m.platform);
    ferry_err e = fy_proxy_parse(&p, text, &x);
    FUZZ_CHECK((e == FERRY_OK) == (p.kind != FY_PROXY_NONE));
    FUZZ_CHECK(e == FERRY_OK || x.code == e);
    if (e == FERRY_OK) {
        FUZZ_CHECK(p.host.len && p.port);
        FUZZ_CHECK(fy_proxy_parse(&again, fy_buf_view(&p.text), &x) == FERRY_OK);
        FUZZ_CHECK(fuzz_is_same(fy_buf_view(&again.text), fy_buf_view(&p.text)));
        FUZZ_CHECK(again.kind == p.kind && again.port == p.port && !again.has_user);
    }
    fy_proxy_fini(&p);
    fy_proxy_fini(&again);
    FUZZ_CHECK(memory_is_clean(&m));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const ferry_fields none = {NULL, 0};
    const uint8_t *end = size ? memchr(data, 0, size) : NULL;
    size_t n = end ? (size_t)(end - data) : size;
    ferry_str list = {(const char *)data + n, size - n};
    memory m;
    fy_url u;
    fy_buf text;
    fy_error x;
    if (list.len)
        list = (ferry_str){list.ptr + 1, list.len - 1};
    memory_init(&m);
    fy_url_init(&u, &m.platform, 4096);
    fy_buf_init(&text, &m.platform, 4096);
    fy_buf_puts(&text, FY_S("http://"));
    fy_buf_put(&text, data, n);
    if (!text.failed && fy_url_parse(&u, fy_buf_view(&text), none, &x) == FERRY_OK) {
        bypass_check(list, &u);
        bypass_check_self(&u);
    }
    proxy_check(list);
    proxy_check((ferry_str){(const char *)data, n});
    fy_url_fini(&u);
    fy_buf_fini(&text);
    FUZZ_CHECK(memory_is_clean(&m));
    return 0;
}
