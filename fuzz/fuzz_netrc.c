/* fuzz_netrc.c - any bytes as a netrc file. Entries lie in its text, are found by their
 * own host and user, and written again as a file they are read as the same ones.
 * SPDX-License-Identifier: MIT */
#include "lib/fuzzing.h"
#include "policy/netrc.h"

#include <stdlib.h>
#include <string.h>

enum { NETRC_MAX = 1 << 24 };

static void netrc_read(fy_netrc *n, const ferry_platform *m, ferry_str text)
{
    fy_error x;
    fy_netrc_init(n, m, NETRC_MAX);
    fy_buf_reserve_exact(&n->text, text.len);
    fy_buf_puts(&n->text, text);
    FUZZ_CHECK(fy_netrc_parse(n, &x) == FERRY_OK);
}

static void netrc_check_inside(const fy_netrc *n, ferry_str s)
{
    ferry_str all = fy_buf_view(&n->text);
    FUZZ_CHECK(s.len == 0 || (s.ptr >= all.ptr && s.ptr + s.len <= all.ptr + all.len));
}

static void netrc_put(fy_buf *out, ferry_str keyword, ferry_str word)
{
    fy_buf_puts(out, keyword);
    fy_buf_puts(out, FY_S(" \""));
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] == '"' || word.ptr[i] == '\\')
            fy_buf_putc(out, '\\');
        fy_buf_putc(out, word.ptr[i]);
    }
    fy_buf_puts(out, FY_S("\"\n"));
}

static void netrc_put_all(fy_buf *out, const fy_netrc *n)
{
    for (size_t i = 0; i < n->n; i++) {
        if (n->at[i].host.ptr)
            netrc_put(out, FY_S("machine"), n->at[i].host);
        else
            fy_buf_puts(out, FY_S("default\n"));
        netrc_put(out, FY_S("login"), n->at[i].login);
        netrc_put(out, FY_S("password"), n->at[i].password);
    }
}

static void netrc_check_same(const fy_netrc *a, const fy_netrc *b)
{
    FUZZ_CHECK(a->n == b->n);
    for (size_t i = 0; i < a->n; i++) {
        FUZZ_CHECK(!a->at[i].host.ptr == !b->at[i].host.ptr);
        FUZZ_CHECK(!a->at[i].host.ptr || fuzz_is_same(a->at[i].host, b->at[i].host));
        FUZZ_CHECK(fuzz_is_same(a->at[i].login, b->at[i].login));
        FUZZ_CHECK(fuzz_is_same(a->at[i].password, b->at[i].password));
    }
}

/* Whoever is found has that host, or is the default. */
static void netrc_check_finding(const fy_netrc *n)
{
    for (size_t i = 0; i < n->n && i < 50; i++) {
        ferry_str host = n->at[i].host.ptr ? n->at[i].host : FY_S("nobody.test");
        const fy_netrc_entry *e = fy_netrc_find(n, host, n->at[i].login);
        if (!e)
            continue;
        FUZZ_CHECK(!e->host.ptr || fy_str_eq_nocase(e->host, host));
        FUZZ_CHECK(fuzz_is_same(e->login, n->at[i].login));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_memory all;
    fy_netrc n, again;
    fy_buf text;
    fuzz_memory_init(&all);
    const ferry_platform *m = &all.memory.platform;
    netrc_read(&n, m, (ferry_str){(const char *)data, size});
    for (size_t i = 0; i < n.n; i++) {
        netrc_check_inside(&n, n.at[i].host);
        netrc_check_inside(&n, n.at[i].login);
        netrc_check_inside(&n, n.at[i].password);
    }
    netrc_check_finding(&n);
    fy_buf_init(&text, m, NETRC_MAX);
    netrc_put_all(&text, &n);
    netrc_read(&again, m, fy_buf_view(&text));
    netrc_check_same(&n, &again);
    fy_buf_fini(&text);
    fy_netrc_fini(&again);
    fy_netrc_fini(&n);
    FUZZ_CHECK(memory_is_clean(&all.memory));
    return 0;
}
