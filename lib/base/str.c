/* str.c - views: comparing, eating from the front, the character classes of RFC 9110.
 * base. Knows ASCII. Does not know memory or HTTP. SPDX-License-Identifier: MIT */
#include "base/str.h"

bool fy_str_starts_nocase(ferry_str s, ferry_str prefix)
{
    if (s.len < prefix.len)
        return false;
    for (size_t i = 0; i < prefix.len; i++)
        if (s.ptr[i] != prefix.ptr[i] && fy_lower(s.ptr[i]) != fy_lower(prefix.ptr[i]))
            return false;
    return true;
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

bool fy_str_number(ferry_str s, uint64_t max, uint64_t *out)
{
    enum { STR_SAFE_DIGITS = 18 }; /* cannot overflow */
    uint64_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        uint64_t digit = (uint64_t)(s.ptr[i] - '0');
        if (!fy_is_digit(s.ptr[i]) ||
            (i >= STR_SAFE_DIGITS && n > (UINT64_MAX - digit) / 10))
            return false;
        n = n * 10 + digit;
    }
    *out = n;
    return s.len > 0 && n <= max;
}

/* "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" / "`" / "|" /
 * "~" / DIGIT / ALPHA; sixteen to a line, nothing above 0x7f. */
/* clang-format off */
static const bool str_tchar[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 1, 0, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 1, 1, 0,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0,
    0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 0,
};
/* clang-format on */

static bool str_is_tchar(char c)
{
    return str_tchar[(unsigned char)c];
}

/* --- a block of bytes at a time ---------------------------------------------------------
 * str_block_end() answers where the first byte below 0x20 or equal to 0x7f stands in the
 * STR_BLOCK bytes at p, or STR_BLOCK; str_block_letters() how many of them come before the
 * first that is neither a letter nor "-", or fewer. */

enum { STR_WORD = 8 };

/* Eight bytes as a number whose low bits are the first of them, on any machine. */
static uint64_t str_word(const char *p)
{
    const unsigned char *b = (const unsigned char *)p;
    return (uint64_t)b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 |
           (uint64_t)b[3] << 24 | (uint64_t)b[4] << 32 | (uint64_t)b[5] << 40 |
           (uint64_t)b[6] << 48 | (uint64_t)b[7] << 56;
}

/* The top bit of some byte, if there is one below 0x20 or above 0x7e: two additions that
 * carry at the ends of what text mostly is. */
static uint64_t str_word_unusual(uint64_t w)
{
    const uint64_t ones = 0x0101010101010101u, tops = ones << 7;
    return ((w - ones * 0x20) | (w + ones)) & tops;
}

#if defined(__SSE2__)
#include <emmintrin.h>

enum { STR_BLOCK = 16 };

static size_t str_block_end(const char *p)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);
    __m128i del = _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f));
    int hits = _mm_movemask_epi8(_mm_or_si128(low, del));
    return hits ? (size_t)__builtin_ctz((unsigned)hits) : STR_BLOCK;
}

static size_t str_block_letters(const char *p)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i at = _mm_sub_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
    __m128i letter = _mm_cmpeq_epi8(_mm_min_epu8(at, _mm_set1_epi8('z' - 'a')), at);
    __m128i dash = _mm_cmpeq_epi8(v, _mm_set1_epi8('-'));
    int hits = _mm_movemask_epi8(_mm_or_si128(letter, dash)) ^ 0xffff;
    return hits ? (size_t)__builtin_ctz((unsigned)hits) : STR_BLOCK;
}

#else

enum { STR_BLOCK = STR_WORD };

/* Which byte the lowest bit of `tops` stands for: as many as lie whole below it, which
 * a multiplication adds up in the top byte. */
static size_t str_first_byte(uint64_t tops)
{
    const uint64_t ones = 0x0101010101010101u;
    uint64_t first = tops >> 7, below = ((first & (0 - first)) - 1) & ones;
    return (size_t)(below * ones >> 56);
}

/* The top bit of each byte below 0x20 or equal to 0x7f, exact up to the lowest one: two
 * of Mycroft's tests, in which a borrow out of a small byte marks it. */
static uint64_t str_word_controls(uint64_t w)
{
    const uint64_t ones = 0x0101010101010101u, tops = ones << 7;
    uint64_t del = w ^ (ones * 0x7f);
    return (((w - ones * 0x20) & ~w) | ((del - ones) & ~del)) & tops;
}

static size_t str_block_end(const char *p)
{
    uint64_t w = str_word(p), tops = str_word_unusual(w) ? str_word_controls(w) : 0;
    return tops ? str_first_byte(tops) : STR_BLOCK;
}

/* By table, which is not slower than words are. */
static size_t str_block_letters(const char *p)
{
    (void)p;
    return 0;
}

#endif

/* Names are letters and "-", most of them, and short where no block can be read. */
size_t fy_str_token_end(ferry_str s)
{
    size_t i = 0;
    for (size_t n = STR_BLOCK; n == STR_BLOCK && s.len - i >= STR_BLOCK; i += n)
        n = str_block_letters(s.ptr + i);
    for (const char *p = s.ptr; s.len - i >= 4; i += 4)
        if (!str_is_tchar(p[i]) || !str_is_tchar(p[i + 1]) || !str_is_tchar(p[i + 2]) ||
            !str_is_tchar(p[i + 3]))
            break;
    while (i < s.len && str_is_tchar(s.ptr[i]))
        i++;
    return i;
}

bool fy_str_is_token(ferry_str s)
{
    return s.len > 0 && fy_str_token_end(s) == s.len;
}

static bool str_is_control(char c)
{
    return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

size_t fy_str_value_end(ferry_str s)
{
    size_t i = 0;
    while (s.len - i >= STR_BLOCK) {
        size_t n = str_block_end(s.ptr + i);
        if (n < STR_BLOCK && s.ptr[i + n] != '\t')
            return i + n;
        i += n < STR_BLOCK ? n + 1 : STR_BLOCK;
    }
    if (s.len - i >= STR_WORD && !str_word_unusual(str_word(s.ptr + i)))
        i += STR_WORD;
    while (i < s.len && !str_is_control(s.ptr[i]))
        i++;
    return i;
}
