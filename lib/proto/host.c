/* host.c - addresses written as text (RFC 3986 3.2.2).
 * proto. Knows digits and colons. Does not know names, ports or who asks.
 * SPDX-License-Identifier: MIT */
#include "proto/host.h"

#include <string.h>

/* The dec-octet at `*p`, which moves behind it. No leading zero, as some would read the
 * number as octal. */
static bool host_octet(const char **p, const char *end, uint8_t *out)
{
    const char *digit = *p;
    unsigned n = 0;
    for (; digit < end && digit - *p < 3 && fy_is_digit(*digit); digit++)
        n = n * 10 + (unsigned)(*digit - '0');
    if (digit == *p || n > 255 || (digit - *p > 1 && **p == '0'))
        return false;
    *out = (uint8_t)n;
    *p = digit;
    return true;
}

bool fy_host_ipv4(ferry_str s, uint8_t out[4])
{
    const char *p = s.ptr, *end = s.ptr + s.len;
    uint8_t octets[4];
    for (size_t i = 0; i < 4; i++)
        if ((i && (p == end || *p++ != '.')) || !host_octet(&p, end, &octets[i]))
            return false;
    if (p != end)
        return false;
    memcpy(out, octets, 4);
    return true;
}

/* h16: one to four hexadecimal digits. */
static bool host_group(ferry_str s, uint8_t out[2])
{
    unsigned n = 0;
    if (s.len < 1 || s.len > 4)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        int digit = fy_hex_value(s.ptr[i]);
        if (digit < 0)
            return false;
        n = n * 16 + (unsigned)digit;
    }
    out[0] = (uint8_t)(n >> 8);
    out[1] = (uint8_t)(n & 255);
    return true;
}

/* The groups of one side of "::", up to `max` bytes. Returns how many bytes they make,
 * or -1. Only the side that ends the address may end in IPv4. */
static int host_groups(ferry_str s, bool is_last, int max, uint8_t *out)
{
    int n = 0;
    bool is_cut_short = s.len && s.ptr[s.len - 1] == ':';
    for (ferry_str piece; fy_str_cut(&s, ':', &piece);) {
        if (n <= max - 2 && host_group(piece, out + n))
            n += 2;
        else if (is_last && !s.len && n <= max - 4 && fy_host_ipv4(piece, out + n))
            n += 4;
        else
            return -1;
    }
    return is_cut_short ? -1 : n;
}

/* Where "::" begins, or s.len. */
static size_t host_find_gap(ferry_str s)
{
    for (size_t i = 0; i + 1 < s.len; i++)
        if (s.ptr[i] == ':' && s.ptr[i + 1] == ':')
            return i;
    return s.len;
}

bool fy_host_ipv6(ferry_str s, uint8_t out[16])
{
    uint8_t front[16], back[16];
    size_t gap = host_find_gap(s);
    bool has_gap = gap < s.len;
    /* The gap stands for one group at least. */
    int n = host_groups(fy_str_upto(s, gap), !has_gap, has_gap ? 14 : 16, front);
    if (!has_gap) {
        if (n == 16)
            memcpy(out, front, 16);
        return n == 16;
    }
    int m = n < 0 ? -1 : host_groups(fy_str_from(s, gap + 2), true, 14 - n, back);
    if (m < 0)
        return false;
    memset(out, 0, 16);
    memcpy(out, front, (size_t)n);
    memcpy(out + 16 - m, back, (size_t)m);
    return true;
}

bool fy_host_is_numeric(ferry_str s)
{
    if (s.len && s.ptr[s.len - 1] == '.')
        s.len--;
    size_t at = s.len;
    while (at > 0 && s.ptr[at - 1] != '.')
        at--;
    ferry_str label = fy_str_from(s, at);
    if (!label.len || !fy_is_digit(label.ptr[0]))
        return false;
    bool is_hex = fy_str_starts_nocase(label, FY_S("0x"));
    for (size_t i = is_hex ? 2 : 0; i < label.len; i++)
        if (is_hex ? fy_hex_value(label.ptr[i]) < 0 : !fy_is_digit(label.ptr[i]))
            return false;
    return true;
}

ferry_str fy_host_bare(ferry_str host)
{
    bool has_brackets = host.len > 1 && host.ptr[0] == '[' &&
                        host.ptr[host.len - 1] == ']';
    return has_brackets ? (ferry_str){host.ptr + 1, host.len - 2} : host;
}
