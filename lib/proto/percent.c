/* percent.c - percent-encoding: which byte may stand where in a URL, and the writing of
 * one component in its normal form (RFC 3986 2, 6.2.2).
 * proto. Knows bytes. Does not know which component it is given.
 * SPDX-License-Identifier: MIT */
#include "proto/percent.h"

#include <string.h>

/* The sets of each ASCII byte (RFC 3986 appendix A); all others are in none. */
/* clang-format off */
static const uint8_t percent_sets[256] = {
    /* controls */
    0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20,
    0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20,
    /* SP ! " # $ % & ' ( ) * + , - . / */
    0x00, 0x1e, 0x00, 0x00, 0x1e, 0x00, 0x1e, 0x1e, 0x1e, 0x1e, 0x1c, 0x1e, 0x1e, 0x1f, 0x1f, 0x18,
    /* 0 to 9, : ; < = > ? */
    0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x1c, 0x1e, 0x00, 0x1e, 0x00, 0x10,
    /* @, A to Z, [ \ ] ^ _ */
    0x18, 0x1d, 0x1d, 0x1d, 0x1d, 0x1d, 0x1d, 0x1d, 0x1d, 0x1d, 0x1d, 0x1d, 0x1d, 0x1d, 0x1d, 0x1d,
    0x1d, 0x1d, 0x1d, 0x1d, 0x1d, 0x1d, 0x1d, 0x1d, 0x1d, 0x1d, 0x1d, 0x00, 0x00, 0x00, 0x00, 0x1f,
    /* `, a to z, { | } ~ DEL */
    0x00, 0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x1f,
    0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x1f, 0x00, 0x00, 0x00, 0x1f, 0x20,
};
/* clang-format on */

static bool percent_is(char c, unsigned set)
{
    return percent_sets[(unsigned char)c] & set;
}

/* Four at a time, as every byte of every URL comes by here: 4 instructions a byte
 * instead of 7. */
size_t fy_percent_run(ferry_str s, unsigned set)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    size_t n = 0;
    for (; s.len - n >= 4; n += 4, p += 4)
        if (!(percent_sets[p[0]] & percent_sets[p[1]] & percent_sets[p[2]] &
                percent_sets[p[3]] & set))
            break;
    while (n < s.len && percent_is(s.ptr[n], set))
        n++;
    return n;
}

int fy_percent_value(ferry_str s)
{
    if (s.len < 3 || s.ptr[0] != '%')
        return -1;
    int high = fy_hex_value(s.ptr[1]), low = fy_hex_value(s.ptr[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

size_t fy_percent_decode(char *out, ferry_str s)
{
    size_t n = 0;
    while (s.len) {
        int byte = fy_percent_value(s);
        out[n++] = byte < 0 ? s.ptr[0] : (char)byte;
        s = fy_str_from(s, byte < 0 ? 1 : 3);
    }
    return n;
}

void fy_percent_put_decoded(fy_buf *b, ferry_str s)
{
    if (s.len && fy_buf_reserve(b, s.len))
        b->len += fy_percent_decode(b->ptr + b->len, s);
}

void fy_percent_put_byte(fy_buf *b, char c)
{
    static const char digits[] = "0123456789ABCDEF";
    unsigned char byte = (unsigned char)c;
    char triplet[3] = {'%', digits[byte >> 4], digits[byte & 15]};
    fy_buf_put(b, triplet, sizeof triplet);
}

/* True if every % begins a triplet. */
static bool percent_is_encoded(ferry_str s)
{
    const char *mark;
    while (s.len && (mark = memchr(s.ptr, '%', s.len))) {
        s = fy_str_from(s, (size_t)(mark - s.ptr));
        if (fy_percent_value(s) < 0)
            return false;
        s = fy_str_from(s, 3);
    }
    return true;
}

/* RFC 3986 6.2.2.2: a triplet of an unreserved byte is that byte. */
static void percent_put_triplet(fy_buf *b, ferry_str s)
{
    char c = (char)fy_percent_value(s);
    if (percent_is(c, FY_PERCENT_UNRESERVED))
        fy_buf_putc(b, c);
    else
        fy_percent_put_byte(b, c);
}

size_t fy_percent_put(fy_buf *b, ferry_str s, unsigned set)
{
    size_t at = fy_percent_run(s, set);
    fy_buf_put(b, s.ptr, at);
    if (at == s.len)
        return at;
    bool is_encoded = percent_is_encoded(fy_str_from(s, at));
    while (at < s.len && !percent_is(s.ptr[at], FY_PERCENT_CONTROL)) {
        if (s.ptr[at] == '%' && is_encoded) {
            percent_put_triplet(b, fy_str_from(s, at));
            at += 3;
        } else {
            fy_percent_put_byte(b, s.ptr[at]);
            at++;
        }
        ferry_str rest = fy_str_from(s, at);
        size_t run = fy_percent_run(rest, set);
        fy_buf_put(b, rest.ptr, run);
        at += run;
    }
    return at;
}
