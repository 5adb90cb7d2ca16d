/* date.c - HTTP-date to seconds since 1970 (RFC 9110 5.6.7).
 * proto. Knows the calendar. Does not know what time it is.
 * SPDX-License-Identifier: MIT */
#include "proto/date.h"

/* IMF-fixdate, RFC 850, asctime, written as for strftime. */
static const char *const date_formats[] = {
    "%a, %d %b %Y %H:%M:%S GMT",
    "%A, %d-%b-%y %H:%M:%S GMT",
    "%a %b %e %H:%M:%S %Y",
};

static const char *const date_days_short[] = {
    "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", NULL};
static const char *const date_days_long[] = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", NULL};
static const char *const date_months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", NULL};

/* --- reading --------------------------------------------------------------------- */

/* Eat one of `names`: which one. */
static bool date_take_name(ferry_str *s, const char *const *names, int *out)
{
    for (int i = 0; names[i]; i++) {
        ferry_str name = fy_str(names[i]);
        if (fy_str_starts_nocase(*s, name)) {
            *s = fy_str_from(*s, name.len);
            *out = i;
            return true;
        }
    }
    return false;
}

/* Eat `n` digits, exactly. */
static bool date_take_number(ferry_str *s, size_t n, int *out)
{
    uint64_t value;
    if (s->len < n || !fy_str_number(fy_str_upto(*s, n), 9999, &value))
        return false;
    *s = fy_str_from(*s, n);
    *out = (int)value;
    return true;
}

static bool date_take_year(ferry_str *s, size_t n, fy_date_parts *p)
{
    int year;
    if (!date_take_number(s, n, &year))
        return false;
    p->year = year;
    p->has_century = n == 4;
    return true;
}

/* Two digits, or a space and one. */
static bool date_take_padded(ferry_str *s, int *out)
{
    if (!s->len || s->ptr[0] != ' ')
        return date_take_number(s, 2, out);
    *s = fy_str_from(*s, 1);
    return date_take_number(s, 1, out);
}

static bool date_take(ferry_str *s, char what, fy_date_parts *p)
{
    switch (what) {
    case 'a': return date_take_name(s, date_days_short, &p->weekday);
    case 'A': return date_take_name(s, date_days_long, &p->weekday);
    case 'b': return date_take_name(s, date_months, &p->month);
    case 'd': return date_take_number(s, 2, &p->day);
    case 'e': return date_take_padded(s, &p->day);
    case 'H': return date_take_number(s, 2, &p->hour);
    case 'M': return date_take_number(s, 2, &p->minute);
    case 'S': return date_take_number(s, 2, &p->second);
    case 'y': return date_take_year(s, 2, p);
    default: return date_take_year(s, 4, p); /* Y */
    }
}

static bool date_read(ferry_str s, const char *format, fy_date_parts *p)
{
    for (; *format; format++) {
        if (*format == '%') {
            if (!date_take(&s, *++format, p))
                return false;
        } else {
            if (!s.len || fy_lower(s.ptr[0]) != fy_lower(*format))
                return false;
            s = fy_str_from(s, 1);
        }
    }
    return s.len == 0;
}

/* --- counting -------------------------------------------------------------------- */

static bool date_is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 1 January of year 0 to that of `year`. */
static int64_t date_days_before_year(int64_t year)
{
    int64_t past = year - 1;
    return year == 0 ? 0 : year * 365 + past / 4 - past / 100 + past / 400 + 1;
}

static int date_month_len(int64_t year, int month)
{
    static const uint8_t len[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return len[month] + (month == 1 && date_is_leap(year));
}

bool fy_date_is_real(const fy_date_parts *p)
{
    return p->day >= 1 && p->day <= date_month_len(p->year, p->month) && p->hour < 24 &&
           p->minute < 60 && p->second <= 60;
}

int64_t fy_date_seconds(const fy_date_parts *p)
{
    int64_t days = date_days_before_year(p->year) - date_days_before_year(1970);
    for (int month = 0; month < p->month; month++)
        days += date_month_len(p->year, month);
    days += p->day - 1;
    return ((days * 24 + p->hour) * 60 + p->minute) * 60 + p->second;
}

/* A year of two digits is the last one that is at most 50 years ahead. */
static void date_add_century(fy_date_parts *p, int64_t now)
{
    const int64_t year_len = 31556952; /* mean */
    fy_date_parts ahead = *p;
    ahead.year += (1970 + now / year_len) / 100 * 100 + 50;
    /* As seen 50 years earlier; the day of the year may differ by one, no more. */
    while (fy_date_seconds(&ahead) > now)
        ahead.year -= 100;
    p->year = ahead.year + 50;
}

bool fy_date_parse(ferry_str text, int64_t now, int64_t *unix_time)
{
    const int64_t end = 253402300799; /* of the year 9999 */
    fy_date_parts p = {.day = 0};
    size_t i = 0;
    while (!date_read(text, date_formats[i], &p))
        if (++i == sizeof date_formats / sizeof *date_formats)
            return false;
    if (!p.has_century)
        date_add_century(&p, now < 0 ? 0 : now > end ? end : now);
    if (!fy_date_is_real(&p))
        return false;
    *unix_time = fy_date_seconds(&p);
    return true;
}
