/* text.c - bodies as text: which charset a body has, and its characters in UTF-8
 * (RFC 9110 8.3, RFC 3629, RFC 2781, RFC 8259 8.1).
 * proto. Knows four charsets and the names of others. Does not know where bodies come
 * from, or how other charsets are read.
 *
 * Theory: of malformed UTF-8 each longest beginning of a character becomes one U+FFFD, as
 * Unicode recommends (3.9) and browsers do; so no byte of ASCII is ever swallowed.
 * SPDX-License-Identifier: MIT */
#include "proto/text.h"

#include <string.h>

#define TEXT_REPLACEMENT FY_S("\xef\xbf\xbd") /* U+FFFD */

/* --- which charset --------------------------------------------------------------- */

typedef struct text_name {
    ferry_str name;
    fy_charset charset;
} text_name;

/* ASCII is the half that UTF-8 and it have in common. UTF-16 without a mark is little
 * endian: that is what is sent, whatever RFC 2781 4.3 says; so is UTF-32. */
static const text_name text_names[] = {
    {{"utf-8", 5}, FY_CHARSET_UTF8},
    {{"utf8", 4}, FY_CHARSET_UTF8},
    {{"us-ascii", 8}, FY_CHARSET_UTF8},
    {{"ascii", 5}, FY_CHARSET_UTF8},
    {{"iso-8859-1", 10}, FY_CHARSET_LATIN1},
    {{"iso8859-1", 9}, FY_CHARSET_LATIN1},
    {{"iso_8859-1", 10}, FY_CHARSET_LATIN1},
    {{"latin-1", 7}, FY_CHARSET_LATIN1},
    {{"latin1", 6}, FY_CHARSET_LATIN1},
    {{"utf-16", 6}, FY_CHARSET_UTF16LE},
    {{"utf16", 5}, FY_CHARSET_UTF16LE},
    {{"utf-16le", 8}, FY_CHARSET_UTF16LE},
    {{"utf-16be", 8}, FY_CHARSET_UTF16BE},
    {{"utf-32", 6}, FY_CHARSET_UTF32LE},
    {{"utf32", 5}, FY_CHARSET_UTF32LE},
    {{"utf-32le", 8}, FY_CHARSET_UTF32LE},
    {{"utf-32be", 8}, FY_CHARSET_UTF32BE},
};

static fy_charset text_charset(ferry_str name)
{
    for (size_t i = 0; i < sizeof text_names / sizeof *text_names; i++)
        if (fy_str_eq_nocase(name, text_names[i].name))
            return text_names[i].charset;
    return FY_CHARSET_OTHER;
}

/* RFC 9110 5.6.6: up to the next semicolon that does not stand in quotes. */
static ferry_str text_cut_parameter(ferry_str *rest)
{
    bool is_quoted = false;
    size_t n = 0;
    for (; n < rest->len && (is_quoted || rest->ptr[n] != ';'); n++) {
        if (rest->ptr[n] == '"')
            is_quoted = !is_quoted;
        else if (is_quoted && rest->ptr[n] == '\\' && n + 1 < rest->len)
            n++;
    }
    ferry_str piece = fy_str_upto(*rest, n);
    *rest = fy_str_from(*rest, n < rest->len ? n + 1 : n);
    return fy_str_trim(piece);
}

static ferry_str text_without_quotes(ferry_str s)
{
    s = fy_str_trim(s);
    while (s.len && (s.ptr[0] == '"' || s.ptr[0] == '\''))
        s = fy_str_from(s, 1);
    while (s.len && (s.ptr[s.len - 1] == '"' || s.ptr[s.len - 1] == '\''))
        s.len--;
    return fy_str_trim(s);
}

/* The first charset parameter that has a value; empty if there is none. */
static ferry_str text_find_parameter(ferry_str content_type)
{
    text_cut_parameter(&content_type);
    while (content_type.len) {
        ferry_str value = text_cut_parameter(&content_type), name;
        fy_str_cut(&value, '=', &name);
        value = text_without_quotes(value);
        if (value.len && fy_str_eq_nocase(fy_str_trim(name), FY_S("charset")))
            return value;
    }
    return FY_S("");
}

typedef struct text_mark {
    ferry_str bytes;
    fy_charset charset;
} text_mark;

/* The mark of UTF-32LE begins with that of UTF-16LE. */
static const text_mark text_marks[] = {
    {{"\xef\xbb\xbf", 3}, FY_CHARSET_UTF8},
    {{"\xff\xfe\0\0", 4}, FY_CHARSET_UTF32LE},
    {{"\0\0\xfe\xff", 4}, FY_CHARSET_UTF32BE},
    {{"\xff\xfe", 2}, FY_CHARSET_UTF16LE},
    {{"\xfe\xff", 2}, FY_CHARSET_UTF16BE},
};

enum { TEXT_NO_ORDER = 6 }; /* so long is "utf-16" at most; "utf-16be" is longer */

/* Does a mark of `c` tell a text that is said to be in `said`, by `name`? Where the name
 * leaves the order of bytes open, either does. */
static bool text_may_be_marked(fy_charset said, ferry_str name, fy_charset c)
{
    bool is_open = name.len <= TEXT_NO_ORDER;
    if (said == FY_CHARSET_UTF16LE && is_open)
        return c == FY_CHARSET_UTF16LE || c == FY_CHARSET_UTF16BE;
    if (said == FY_CHARSET_UTF32LE && is_open)
        return c == FY_CHARSET_UTF32LE || c == FY_CHARSET_UTF32BE;
    return c == said;
}

/* Look for a mark, of what is said if something is, and take it away. */
static bool text_take_mark(fy_text *t, bool is_said)
{
    for (size_t i = 0; i < sizeof text_marks / sizeof *text_marks; i++) {
        ferry_str mark = text_marks[i].bytes;
        fy_charset c = text_marks[i].charset;
        if (t->bytes.len < mark.len || memcmp(t->bytes.ptr, mark.ptr, mark.len) != 0 ||
            (is_said && !text_may_be_marked(t->charset, t->name, c)))
            continue;
        t->charset = c;
        t->bytes = fy_str_from(t->bytes, mark.len);
        return true;
    }
    return false;
}

/* RFC 8259 11, RFC 6839 3.1: application/json, and all that ends in +json. */
static bool text_is_json(ferry_str content_type)
{
    const ferry_str suffix = FY_S("+json");
    ferry_str type = text_cut_parameter(&content_type);
    return fy_str_eq_nocase(type, FY_S("application/json")) ||
           (type.len > suffix.len &&
               fy_str_eq_nocase(fy_str_from(type, type.len - suffix.len), suffix));
}

/* JSON has no NUL, and its first character is one of ASCII: the first bytes tell how wide
 * a character is, and which of its ends comes first (RFC 4627 3). */
static fy_charset text_guess_json(ferry_str s)
{
    if (s.len >= 4 && memcmp(s.ptr, "\0\0\0", 3) == 0)
        return FY_CHARSET_UTF32BE;
    if (s.len >= 4 && memcmp(s.ptr + 1, "\0\0\0", 3) == 0)
        return FY_CHARSET_UTF32LE;
    if (s.len >= 2 && s.ptr[0] == '\0')
        return FY_CHARSET_UTF16BE;
    return s.len >= 2 && s.ptr[1] == '\0' ? FY_CHARSET_UTF16LE : FY_CHARSET_UTF8;
}

void fy_text_find(fy_text *t, ferry_str given, ferry_str content_type, ferry_str body)
{
    bool is_json = fy_str_eq_nocase(given, FY_S("json"));
    *t = (fy_text){FY_CHARSET_UTF8, is_json ? FY_S("") : given, body};
    if (!t->name.len && text_take_mark(t, false))
        return;
    if (!t->name.len)
        t->name = text_find_parameter(content_type);
    if (t->name.len) {
        t->charset = text_charset(t->name);
        text_take_mark(t, true);
    } else if (is_json || text_is_json(content_type)) {
        t->charset = text_guess_json(body);
    } else if (fy_str_starts_nocase(content_type, FY_S("text/"))) {
        t->charset = FY_CHARSET_LATIN1;
    }
}

/* --- UTF-8 ----------------------------------------------------------------------- */

/* How many bytes follow this one, and between what the first of them must lie
 * (RFC 3629 4: no overlong forms, no surrogates, nothing beyond U+10FFFF). */
static int text_follow(unsigned char first, unsigned char *low, unsigned char *high)
{
    *low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    *high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (first >= 0xc2 && first <= 0xdf)
        return 1;
    if (first >= 0xe0 && first <= 0xef)
        return 2;
    return first >= 0xf0 && first <= 0xf4 ? 3 : -1;
}

/* The length of the character at the front of `s`, or of its longest beginning there. */
static size_t text_character(ferry_str s, bool *is_whole)
{
    unsigned char low, high;
    const unsigned char *p = (const unsigned char *)s.ptr;
    int left = p[0] < 0x80 ? 0 : text_follow(p[0], &low, &high);
    size_t n = 1;
    for (; left > 0 && n < s.len && p[n] >= low && p[n] <= high; n++, left--) {
        low = 0x80;
        high = 0xbf;
    }
    *is_whole = left == 0;
    return n;
}

/* How far `s` is UTF-8. */
static size_t text_good_len(ferry_str s)
{
    bool is_whole = true;
    size_t at = 0;
    while (at < s.len && is_whole) {
        size_t n = text_character(fy_str_from(s, at), &is_whole);
        at += is_whole ? n : 0;
    }
    return at;
}

bool fy_text_is_utf8(ferry_str bytes)
{
    return text_good_len(bytes) == bytes.len;
}

static void text_put_utf8(fy_buf *out, ferry_str s)
{
    while (s.len && !out->failed) {
        size_t good = text_good_len(s);
        fy_buf_puts(out, fy_str_upto(s, good));
        s = fy_str_from(s, good);
        if (s.len) {
            bool is_whole;
            s = fy_str_from(s, text_character(s, &is_whole));
            fy_buf_puts(out, TEXT_REPLACEMENT);
        }
    }
}

/* --- the others ------------------------------------------------------------------ */

static void text_put_point(fy_buf *out, uint32_t c)
{
    char bytes[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; c >>= 6)
        bytes[i] = (char)(0x80 | (c & 0x3f));
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    bytes[0] = (char)(unsigned char)(first[n] | c);
    fy_buf_put(out, bytes, n);
}

static void text_put_latin1(fy_buf *out, ferry_str s)
{
    for (size_t i = 0; i < s.len && !out->failed; i++)
        text_put_point(out, (unsigned char)s.ptr[i]);
}

/* `size` bytes as a number. */
static uint32_t text_unit(ferry_str s, size_t at, size_t size, bool is_big)
{
    uint32_t unit = 0;
    for (size_t i = 0; i < size; i++)
        unit = unit << 8 | (unsigned char)s.ptr[at + (is_big ? i : size - 1 - i)];
    return unit;
}

static void text_put_utf16(fy_buf *out, ferry_str s, bool is_big)
{
    size_t at = 0;
    for (; at + 1 < s.len && !out->failed; at += 2) {
        uint32_t c = text_unit(s, at, 2, is_big), next = 0;
        bool is_high = c >= 0xd800 && c < 0xdc00;
        if (is_high && at + 3 < s.len)
            next = text_unit(s, at + 2, 2, is_big);
        if (is_high && next >= 0xdc00 && next < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + (next - 0xdc00);
            at += 2;
        } else if (c >= 0xd800 && c < 0xe000) {
            c = 0xfffd; /* half a pair */
        }
        text_put_point(out, c);
    }
    if (at < s.len)
        fy_buf_puts(out, TEXT_REPLACEMENT);
}

static void text_put_utf32(fy_buf *out, ferry_str s, bool is_big)
{
    size_t at = 0;
    for (; at + 3 < s.len && !out->failed; at += 4) {
        uint32_t c = text_unit(s, at, 4, is_big);
        bool is_character = c < 0xd800 || (c >= 0xe000 && c < 0x110000);
        text_put_point(out, is_character ? c : 0xfffd);
    }
    if (at < s.len)
        fy_buf_puts(out, TEXT_REPLACEMENT);
}

void fy_text_put(fy_buf *out, const fy_text *t)
{
    switch (t->charset) {
    case FY_CHARSET_LATIN1: text_put_latin1(out, t->bytes); break;
    case FY_CHARSET_UTF16BE:
    case FY_CHARSET_UTF16LE:
        text_put_utf16(out, t->bytes, t->charset == FY_CHARSET_UTF16BE);
        break;
    case FY_CHARSET_UTF32BE:
    case FY_CHARSET_UTF32LE:
        text_put_utf32(out, t->bytes, t->charset == FY_CHARSET_UTF32BE);
        break;
    default: text_put_utf8(out, t->bytes); break;
    }
}
