/* overrides.c - addresses that the caller gives for a host and port, instead of asking
 * for its name.
 * policy. Knows lists of pairs. Does not know resolvers. SPDX-License-Identifier: MIT */
#include "policy/overrides.h"

#include <string.h>

#include "proto/host.h"

/* "host:port", at the last colon: an IPv6 address has more of them, and brackets. */
static bool overrides_read_name(ferry_str name, ferry_str *host, uint16_t *port)
{
    uint64_t number;
    size_t at = name.len;
    while (at && name.ptr[at - 1] != ':')
        at--;
    if (at < 2 || !fy_str_number(fy_str_from(name, at), 65535, &number))
        return false;
    ferry_str raw = fy_str_upto(name, at - 1);
    *host = fy_host_bare(raw);
    *port = (uint16_t)number;
    return host->len && (host->len < raw.len || !memchr(raw.ptr, ':', raw.len));
}

static bool overrides_read_address(ferry_str s, ferry_addr *out)
{
    s = fy_host_bare(fy_str_trim(s));
    *out = (ferry_addr){.family = FERRY_IPV4};
    if (fy_host_ipv4(s, out->bytes))
        return true;
    out->family = FERRY_IPV6;
    return fy_host_ipv6(s, out->bytes);
}

ferry_err fy_overrides_check(ferry_str name, ferry_str value, fy_error *x)
{
    ferry_str host, piece;
    uint16_t port;
    ferry_addr addr;
    if (!overrides_read_name(name, &host, &port))
        return fy_fail(x, FERRY_ERR_USAGE, ".resolve is for host:port", FY_NOWHERE);
    if (!value.ptr)
        return FERRY_OK;
    if (!value.len)
        return fy_fail(x, FERRY_ERR_USAGE, ".resolve without an address", FY_NOWHERE);
    for (ferry_str rest = value; fy_str_cut(&rest, ',', &piece);)
        if (!overrides_read_address(piece, &addr))
            return fy_fail(x, FERRY_ERR_USAGE, ".resolve to what is no address",
                piece.ptr - value.ptr);
    return FERRY_OK;
}

static ferry_str overrides_look(ferry_fields list, ferry_str wanted, uint16_t port)
{
    ferry_str host;
    uint16_t at;
    for (size_t i = 0; i < list.n; i++)
        if (list.at[i].value.ptr && overrides_read_name(list.at[i].name, &host, &at) &&
            at == port && fy_str_eq_nocase(host, wanted))
            return list.at[i].value;
    return (ferry_str){NULL, 0};
}

int fy_overrides_find(
    ferry_fields list, ferry_str host, uint16_t port, ferry_addr *out, int max)
{
    ferry_str value = overrides_look(list, host, port), piece;
    int n = 0;
    if (!value.ptr)
        value = overrides_look(list, FY_S("*"), port);
    while (value.ptr && n < max && fy_str_cut(&value, ',', &piece))
        n += overrides_read_address(piece, &out[n]);
    return n;
}
