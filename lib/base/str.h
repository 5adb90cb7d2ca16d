/* str.h - views: runs of bytes that somebody else owns.
 * base. Knows ASCII. Does not know memory or HTTP. SPDX-License-Identifier: MIT */
#ifndef FY_STR_H
#define FY_STR_H

#include "ferry/platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Internal functions; the amalgamation makes them static. */
#ifndef fy_api
#define fy_api
#endif

#define FY_S(literal) ((ferry_str){"" literal, sizeof(literal) - 1})

/* NULL is the empty string. */
static inline ferry_str fy_str(const char *text)
{
    return text ? (ferry_str){text, strlen(text)} : FY_S("");
}

fy_api bool fy_str_starts_nocase(ferry_str s, ferry_str prefix);

/* Quickest where `b` is a literal, whose length the compiler knows. */
static inline bool fy_str_eq(ferry_str a, ferry_str b)
{
    return a.len == b.len && memcmp(a.ptr, b.ptr, b.len) == 0;
}

/* Quickest where the case is the same, as it mostly is. */
static inline bool fy_str_eq_nocase(ferry_str a, ferry_str b)
{
    return a.len == b.len &&
           (memcmp(a.ptr, b.ptr, b.len) == 0 || fy_str_starts_nocase(a, b));
}

/* Eat from the front. `cut` takes what stands before `mark` and the mark itself; with
 * no mark it takes all. False once nothing is left. */
static inline ferry_str fy_str_from(ferry_str s, size_t at)
{
    return (ferry_str){s.ptr + at, s.len - at};
}

static inline ferry_str fy_str_upto(ferry_str s, size_t n)
{
    return (ferry_str){s.ptr, n};
}

fy_api bool fy_str_cut(ferry_str *rest, char mark, ferry_str *piece);

static inline bool fy_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Without SP and HT at both ends (OWS, RFC 9110 5.6.3). */
static inline ferry_str fy_str_trim(ferry_str s)
{
    while (s.len && fy_is_blank(s.ptr[0]))
        s = fy_str_from(s, 1);
    while (s.len && fy_is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

/* 1*DIGIT and nothing else, at most `max`. */
fy_api bool fy_str_number(ferry_str s, uint64_t max, uint64_t *out);

/* Where the first byte of `s` stands that is no tchar (RFC 9110 5.6.2), or s.len. */
fy_api size_t fy_str_token_end(ferry_str s);
fy_api bool fy_str_is_token(ferry_str s); /* not empty either */
/* Where the first byte stands that no field value may hold: a control byte other than
 * HT (RFC 9110 5.5), or s.len. */
fy_api size_t fy_str_value_end(ferry_str s);

/* When `ms` will have passed; INT64_MAX is never. */
static inline int64_t fy_due(int64_t now_ms, int64_t ms)
{
    return ms > INT64_MAX - now_ms ? INT64_MAX : now_ms + ms;
}

static inline char fy_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static inline bool fy_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The value of a hexadecimal digit, or -1. */
static inline int fy_hex_value(char c)
{
    if (fy_is_digit(c))
        return c - '0';
    c = fy_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
