/* peername.c - is this certificate the peer's? Names and addresses of subjectAltName
 * against the one that was asked for (RFC 9525).
 * policy. Knows names as text and addresses as bytes. Does not know certificates.
 * SPDX-License-Identifier: MIT */
#include "policy/peername.h"

#include <string.h>

#include "proto/host.h"

/* Brackets and zone are about how to get there (RFC 4007 11.2), not about who it is. */
static ferry_str peername_bare(ferry_str host)
{
    host = fy_host_bare(host);
    const char *zone = host.len ? memchr(host.ptr, '%', host.len) : NULL;
    size_t before = zone ? (size_t)(zone - host.ptr) : 0;
    if (before && memchr(host.ptr, ':', before))
        host.len = before;
    return host;
}

static bool peername_read_address(fy_peername *out, ferry_str host)
{
    if (fy_host_ipv4(host, out->address))
        out->address_len = 4;
    else if (fy_host_ipv6(host, out->address))
        out->address_len = 16;
    return out->address_len != 0;
}

/* A name without an empty label, in visible ASCII, that nobody takes for an address. */
static bool peername_is_name(ferry_str s)
{
    char before = '.';
    for (size_t i = 0; i < s.len; before = s.ptr[i++])
        if (s.ptr[i] <= ' ' || s.ptr[i] > '~' || s.ptr[i] == ':' || s.ptr[i] == '*' ||
            (s.ptr[i] == '.' && before == '.'))
            return false;
    return before != '.' && s.len <= FY_PEERNAME_MAX && !fy_host_is_numeric(s);
}

bool fy_peername_read(fy_peername *out, ferry_str host)
{
    out->dns[0] = '\0';
    out->dns_len = out->address_len = 0;
    host = peername_bare(host);
    if (peername_read_address(out, host))
        return true;
    if (host.len && host.ptr[host.len - 1] == '.')
        host.len--;
    if (!peername_is_name(host))
        return false;
    for (size_t i = 0; i < host.len; i++)
        out->dns[i] = fy_lower(host.ptr[i]);
    out->dns[host.len] = '\0';
    out->dns_len = host.len;
    return true;
}

/* Where the first label ends, at its dot; s.len if there is no dot. */
static size_t peername_label(ferry_str s)
{
    const char *dot = s.len ? memchr(s.ptr, '.', s.len) : NULL;
    return dot ? (size_t)(dot - s.ptr) : s.len;
}

/* What a wildcard must share with the name: everything from the first dot on. */
static bool peername_is_under(ferry_str name, ferry_str parent)
{
    size_t first = peername_label(name);
    ferry_str behind = fy_str_from(name, first);
    return first && parent.len > 1 &&
           peername_label(fy_str_from(parent, 1)) < parent.len - 1 &&
           fy_str_eq_nocase(behind, parent);
}

bool fy_peername_is_dns(const fy_peername *peer, ferry_str presented)
{
    ferry_str name = {peer->dns, peer->dns_len};
    if (!name.len || !presented.len)
        return false;
    if (presented.ptr[0] == '*')
        return peername_is_under(name, fy_str_from(presented, 1));
    return fy_str_eq_nocase(name, presented);
}

bool fy_peername_is_address(const fy_peername *peer, ferry_str presented)
{
    return peer->address_len && presented.len == peer->address_len &&
           memcmp(presented.ptr, peer->address, peer->address_len) == 0;
}
