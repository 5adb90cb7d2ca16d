/* bypass.c - which hosts are asked without a proxy: no_proxy lists.
 * policy. Knows hosts and ports as text. Does not know proxies.
 * SPDX-License-Identifier: MIT */
#include "policy/bypass.h"

#include <string.h>

#include "proto/host.h"

/* One entry of the list. */
typedef struct bypass_entry {
    ferry_str name; /* if family is 0: without dots round it */
    int family;     /* of an address */
    uint8_t bytes[16];
    unsigned bits; /* that count */
    bool has_port;
    uint16_t port;
} bypass_entry;

static bool bypass_is_mark(char c)
{
    return c == ',' || fy_is_blank(c);
}

static bool bypass_next(ferry_str *list, ferry_str *entry)
{
    while (list->len && bypass_is_mark(list->ptr[0]))
        *list = fy_str_from(*list, 1);
    size_t n = 0;
    while (n < list->len && !bypass_is_mark(list->ptr[n]))
        n++;
    *entry = fy_str_upto(*list, n);
    *list = fy_str_from(*list, n);
    return n > 0;
}

/* What stands behind the last `mark`; false if there is none. */
static bool bypass_cut_last(ferry_str *s, char mark, ferry_str *tail)
{
    size_t at = s->len;
    while (at && s->ptr[at - 1] != mark)
        at--;
    if (!at)
        return false;
    *tail = fy_str_from(*s, at);
    *s = fy_str_upto(*s, at - 1);
    return true;
}

static bool bypass_read_address(bypass_entry *e, ferry_str s)
{
    ferry_str bare = fy_host_bare(s);
    if (fy_host_ipv6(bare, e->bytes))
        e->family = FERRY_IPV6;
    else if (fy_host_ipv4(s, e->bytes))
        e->family = FERRY_IPV4;
    e->bits = e->family == FERRY_IPV6 ? 128 : 32;
    return e->family != 0;
}

/* "address/bits" */
static bool bypass_read_block(bypass_entry *e, ferry_str s)
{
    ferry_str tail;
    uint64_t bits;
    if (!bypass_cut_last(&s, '/', &tail) || !bypass_read_address(e, s) ||
        !fy_str_number(tail, e->bits, &bits))
        return false;
    e->bits = (unsigned)bits;
    return true;
}

static void bypass_read_name(bypass_entry *e, ferry_str s)
{
    if (s.len > 1 && s.ptr[0] == '*' && s.ptr[1] == '.')
        s = fy_str_from(s, 1);
    while (s.len && s.ptr[0] == '.')
        s = fy_str_from(s, 1);
    if (s.len && s.ptr[s.len - 1] == '.')
        s.len--;
    e->name = s;
}

/* An IPv6 address has colons of its own: a port only stands behind brackets. */
static bool bypass_read(bypass_entry *e, ferry_str s)
{
    ferry_str rest = s, tail;
    uint64_t port;
    *e = (bypass_entry){.name = FY_S("")};
    if (bypass_read_address(e, s))
        return true;
    if (memchr(s.ptr, '/', s.len))
        return bypass_read_block(e, s);
    if (bypass_cut_last(&rest, ':', &tail)) {
        if (!fy_str_number(tail, 65535, &port))
            return false;
        e->has_port = true;
        e->port = (uint16_t)port;
        s = rest;
    }
    if (!s.len || bypass_read_address(e, s))
        return s.len > 0;
    bypass_read_name(e, s);
    return e->name.len > 0;
}

static bool bypass_begins_with(const uint8_t *a, const uint8_t *b, unsigned bits)
{
    unsigned rest = bits % 8, shift = 8 - rest;
    if (memcmp(a, b, bits / 8) != 0)
        return false;
    return rest == 0 || a[bits / 8] >> shift == b[bits / 8] >> shift;
}

static bool bypass_is_below(ferry_str host, ferry_str name)
{
    if (host.len && host.ptr[host.len - 1] == '.')
        host.len--;
    if (host.len < name.len)
        return false;
    ferry_str tail = fy_str_from(host, host.len - name.len);
    return fy_str_eq_nocase(tail, name) &&
           (tail.ptr == host.ptr || tail.ptr[-1] == '.');
}

bool fy_bypass_has(
    ferry_str list, ferry_str host, const ferry_addr *addr, uint16_t port)
{
    for (ferry_str text; bypass_next(&list, &text);) {
        bypass_entry e;
        if (fy_str_eq(text, FY_S("*")))
            return true;
        if (!bypass_read(&e, text) || (e.has_port && e.port != port) ||
            e.family != addr->family)
            continue;
        if (e.family ? bypass_begins_with(e.bytes, addr->bytes, e.bits)
                     : bypass_is_below(host, e.name))
            return true;
    }
    return false;
}
