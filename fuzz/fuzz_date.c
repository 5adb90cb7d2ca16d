/* fuzz_date.c - any bytes as an HTTP-date. What is accepted lies in the years 0 to
 * 9999, and written again in each of the three forms it is the same moment.
 * SPDX-License-Identifier: MIT */
#include "proto/date.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DAY = 86400 };

static const int64_t first_second = -62167219200, last_second = 253402300799;

static void must(bool holds)
{
    if (!holds)
        abort();
}

typedef struct moment {
    int year, month, day, hour, minute, second, weekday;
} moment;

static int month_len(int year, int month)
{
    if (month == 1)
        return year % 400 == 0 || (year % 4 == 0 && year % 100 != 0) ? 29 : 28;
    return month == 3 || month == 5 || month == 8 || month == 10 ? 30 : 31;
}

/* Slowly and plainly, month by month from the year 0. */
static moment moment_of(int64_t t)
{
    int64_t days = (t - first_second) / DAY, rest = (t - first_second) % DAY;
    moment m = {.weekday = (int)((days + 6) % 7)}; /* it began with a Saturday */
    while (days >= month_len(m.year, m.month)) {
        days -= month_len(m.year, m.month);
        m.month = (m.month + 1) % 12;
        m.year += m.month == 0;
    }
    m.day = (int)days + 1;
    m.hour = (int)(rest / 3600);
    m.minute = (int)(rest / 60 % 60);
    m.second = (int)(rest % 60);
    return m;
}

static void must_be(const char *text, int64_t now, int64_t expected)
{
    int64_t out;
    must(fy_date_parse(fy_str(text), now, &out) && out == expected);
}

static void check_again(int64_t t, int64_t now)
{
    static const char *const days[] = {
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
        "Aug", "Sep", "Oct", "Nov", "Dec"};
    moment m = moment_of(t);
    char text[64];
    snprintf(text, sizeof text, "%.3s, %02d %s %04d %02d:%02d:%02d GMT",
        days[m.weekday], m.day, months[m.month], m.year, m.hour, m.minute, m.second);
    must_be(text, now, t);
    snprintf(text, sizeof text, "%.3s %s %2d %02d:%02d:%02d %04d", days[m.weekday],
        months[m.month], m.day, m.hour, m.minute, m.second, m.year);
    must_be(text, now, t);
    snprintf(text, sizeof text, "%s, %02d-%s-%02d %02d:%02d:%02d GMT", days[m.weekday],
        m.day, months[m.month], m.year % 100, m.hour, m.minute, m.second);
    /* Seen from that very moment, two digits of the year are enough. */
    if (t >= 0)
        must_be(text, t, t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t nows[] = {INT64_MIN, 0, 1767225600, 4102444800, INT64_MAX};
    ferry_str text = {(const char *)data, size};
    bool was_date = false;
    for (size_t i = 0; i < sizeof nows / sizeof *nows; i++) {
        int64_t t = 42;
        bool is_date = fy_date_parse(text, nows[i], &t);
        must(is_date || t == 42);
        /* Seen from the last year, two digits may mean one behind it. */
        must(!is_date ||
             (t >= first_second && t <= last_second + 50 * 366 * (int64_t)DAY));
        if (is_date && t <= last_second)
            check_again(t, nows[i]);
        was_date = was_date || is_date;
    }
    must(!was_date || (size >= 24 && size <= 33));
    return 0;
}
