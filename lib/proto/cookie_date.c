/* cookie_date.c - the dates of cookies to seconds since 1970 (RFC 6265bis 5.1.1).
 * proto. Knows the calendar. Does not know what time it is.
 *
 * Theory: the text falls into tokens. Each is offered, in this order, to the time, the
 * day, the month and the year, as far as they are still missing; the first that it fits
 * takes it. What fits nothing is passed over.
 * SPDX-License-Identifier: MIT */
#include "proto/cookie_date.h"

#include "proto/date.h"

enum {
    COOKIE_DATE_TIME = 1,
    COOKIE_DATE_DAY = 2,
    COOKIE_DATE_MONTH = 4,
    COOKIE_DATE_YEAR = 8,
    COOKIE_DATE_WHOLE = 15
};

/* delimiter = %x09 / %x20-2F / %x3B-40 / %x5B-60 / %x7B-7E */
static bool cookie_date_is_delimiter(char byte)
{
    unsigned char c = (unsigned char)byte;
    return c == 0x09 || (c >= 0x20 && c <= 0x2f) || (c >= 0x3b && c <= 0x40) ||
           (c >= 0x5b && c <= 0x60) || (c >= 0x7b && c <= 0x7e);
}

/* Eat the next token; false at the end. */
static bool cookie_date_next(ferry_str *text, ferry_str *token)
{
    size_t begin = 0;
    while (begin < text->len && cookie_date_is_delimiter(text->ptr[begin]))
        begin++;
    size_t end = begin;
    while (end < text->len && !cookie_date_is_delimiter(text->ptr[end]))
        end++;
    *token = fy_str_upto(fy_str_from(*text, begin), end - begin);
    *text = fy_str_from(*text, end);
    return token->len > 0;
}

/* Eat `least` to `most` digits, and no digit behind them. */
static bool cookie_date_take(ferry_str *s, size_t least, size_t most, int *out)
{
    size_t n = 0;
    int value = 0;
    for (; n < s->len && n <= most && fy_is_digit(s->ptr[n]); n++)
        value = value * 10 + (s->ptr[n] - '0');
    if (n < least || n > most)
        return false;
    *s = fy_str_from(*s, n);
    *out = value;
    return true;
}

static bool cookie_date_take_colon(ferry_str *s)
{
    if (!s->len || s->ptr[0] != ':')
        return false;
    *s = fy_str_from(*s, 1);
    return true;
}

static bool cookie_date_is_time(ferry_str token, fy_date_parts *p)
{
    fy_date_parts seen = *p;
    if (!cookie_date_take(&token, 1, 2, &seen.hour) ||
        !cookie_date_take_colon(&token) ||
        !cookie_date_take(&token, 1, 2, &seen.minute) ||
        !cookie_date_take_colon(&token) ||
        !cookie_date_take(&token, 1, 2, &seen.second))
        return false;
    *p = seen;
    return true;
}

/* The first three letters are enough. */
static bool cookie_date_is_month(ferry_str token, fy_date_parts *p)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    for (size_t i = 0; i < 12; i++)
        if (fy_str_starts_nocase(token, (ferry_str){names + 3 * i, 3})) {
            p->month = (int)i;
            return true;
        }
    return false;
}

static bool cookie_date_is_year(ferry_str token, fy_date_parts *p)
{
    int year;
    if (!cookie_date_take(&token, 2, 4, &year))
        return false;
    p->year = year + (year >= 100 ? 0 : year >= 70 ? 1900 : 2000);
    return true;
}

/* What the token is, if that is still missing. */
static int cookie_date_judge(ferry_str token, fy_date_parts *p, int found)
{
    ferry_str digits = token;
    if (!(found & COOKIE_DATE_TIME) && cookie_date_is_time(token, p))
        return COOKIE_DATE_TIME;
    if (!(found & COOKIE_DATE_DAY) && cookie_date_take(&digits, 1, 2, &p->day))
        return COOKIE_DATE_DAY;
    if (!(found & COOKIE_DATE_MONTH) && cookie_date_is_month(token, p))
        return COOKIE_DATE_MONTH;
    if (!(found & COOKIE_DATE_YEAR) && cookie_date_is_year(token, p))
        return COOKIE_DATE_YEAR;
    return 0;
}

bool fy_cookie_date_parse(ferry_str text, int64_t *unix_time)
{
    fy_date_parts p = {.day = 0};
    int found = 0;
    for (ferry_str token; cookie_date_next(&text, &token);)
        found |= cookie_date_judge(token, &p, found);
    if (found != COOKIE_DATE_WHOLE || p.year < 1601 || p.second > 59 ||
        !fy_date_is_real(&p))
        return false;
    *unix_time = fy_date_seconds(&p);
    return true;
}
