/* str.c - views: comparing, eating from the front, the character classes of RFC 9110.
 * base. Knows ASCII. Does not know memory or HTTP. SPDX-License-Identifier: MIT */
#include "base/str.h"

#include <string.h>

ferry_str fy_str(const char *text)
{
    return text ? (ferry_str){text, strlen(text)} : FY_S("");
}

bool fy_str_eq(ferry_str a, ferry_str b)
{
    return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

bool fy_str_eq_nocase(ferry_str a, ferry_str b)
{
    return a.len == b.len && fy_str_starts_nocase(a, b);
}

bool fy_str_starts_nocase(ferry_str s, ferry_str prefix)
{
    if (s.len < prefix.len)
        return false;
    for (size_t i = 0; i < prefix.len; i++)
        if (s.ptr[i] != prefix.ptr[i] && fy_lower(s.ptr[i]) != fy_lower(prefix.ptr[i]))
            return false;
    return true;
}

ferry_str fy_str_from(ferry_str s, size_t at)
{
    return (ferry_str){s.ptr + at, s.len - at};
}

ferry_str fy_str_upto(ferry_str s, size_t n)
{
    return (ferry_str){s.ptr, n};
}

bool fy_str_cut(ferry_str *rest, char mark, ferry_str *piece)
{
    if (rest->len == 0)
        return false;
    const char *at = memchr(rest->ptr, mark, rest->len);
    size_t n = at ? (size_t)(at - rest->ptr) : rest->len;
    *piece = fy_str_upto(*rest, n);
    *rest = fy_str_from(*rest, at ? n + 1 : n);
    return true;
}

static bool str_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

ferry_str fy_str_trim(ferry_str s)
{
    while (s.len && str_is_blank(s.ptr[0]))
        s = fy_str_from(s, 1);
    while (s.len && str_is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

bool fy_str_number(ferry_str s, uint64_t max, uint64_t *out)
{
    uint64_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (!fy_is_digit(s.ptr[i]))
            return false;
        uint64_t digit = (uint64_t)(s.ptr[i] - '0');
        if (n > max / 10 || digit > max - n * 10)
            return false;
        n = n * 10 + digit;
    }
    *out = n;
    return s.len > 0;
}

/* "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" / "`" / "|" /
 * "~" / DIGIT / ALPHA, one bit each. */
static const uint32_t str_tchar[8] = {
    0, 0x03ff6cfa, 0xc7fffffe, 0x57ffffff, 0, 0, 0, 0};

size_t fy_str_token_end(ferry_str s)
{
    size_t i = 0;
    while (i < s.len) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (!(str_tchar[c >> 5] >> (c & 31) & 1))
            break;
        i++;
    }
    return i;
}

bool fy_str_is_token(ferry_str s)
{
    return s.len > 0 && fy_str_token_end(s) == s.len;
}

/* True if one of the eight bytes is below 0x20 or is 0x7f. Two of Mycroft's tests side
 * by side: a borrow marks bytes that are too small. */
static bool str_word_has_control(uint64_t w)
{
    const uint64_t ones = 0x0101010101010101u, tops = ones << 7;
    uint64_t del = w ^ (ones * 0x7f);
    return (((w - ones * 0x20) & ~w) | ((del - ones) & ~del)) & tops;
}

static bool str_is_control(char c)
{
    return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

size_t fy_str_value_end(ferry_str s)
{
    size_t i = 0;
    while (s.len - i >= sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, s.ptr + i, sizeof word);
        size_t stop = i + sizeof word;
        if (!str_word_has_control(word))
            i = stop;
        for (; i < stop; i++)
            if (str_is_control(s.ptr[i]))
                return i;
    }
    while (i < s.len && !str_is_control(s.ptr[i]))
        i++;
    return i;
}
