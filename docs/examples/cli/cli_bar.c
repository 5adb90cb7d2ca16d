/* cli_bar.c - -#: how far it is, how fast, and how long it will take.
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "cli.h"

#include <string.h>
#include <unistd.h>

enum { BAR_WIDTH = 30 };

/* "12.3M": three digits are enough. */
static void bar_size(char out[16], double n)
{
    static const char units[] = " KMGT";
    size_t unit = 0;
    for (; n >= 999.5 && unit < sizeof units - 2; unit++)
        n /= 1024;
    snprintf(out, 16, n < 9.95 && unit ? "%.1f%c" : "%.0f%c", n, units[unit]);
}

static void bar_time(char out[16], double seconds)
{
    unsigned s = seconds < 359999 ? (unsigned)(seconds + 0.5) : 359999;
    snprintf(out, 16, "%02u:%02u:%02u", s / 3600 % 100, s / 60 % 60, s % 60);
}

void cli_bar_show(cli_transfer *t, int64_t length, double seconds, bool is_end)
{
    char bar[BAR_WIDTH + 1], size[16], rate[16], left[16] = "--:--:--";
    double speed = seconds > 0 ? (double)t->received / seconds : 0;
    int full = is_end ? BAR_WIDTH : 0, percent = is_end ? 100 : 0;
    if (!isatty(2) || (!is_end && t->drawn > 0 && seconds - t->drawn < 0.1))
        return;
    t->drawn = seconds;
    if (length > 0 && !is_end) {
        double part = (double)(t->offset + t->received) / (double)(t->offset + length);
        full = (int)(part * BAR_WIDTH);
        percent = (int)(part * 100);
        if (speed > 0)
            bar_time(left, (double)(length - t->received) / speed);
    }
    if (is_end)
        bar_time(left, seconds);
    memset(bar, ' ', BAR_WIDTH);
    memset(bar, '#', (size_t)(full < BAR_WIDTH ? full : BAR_WIDTH));
    bar[BAR_WIDTH] = '\0';
    bar_size(size, (double)(t->offset + t->received));
    bar_size(rate, speed);
    fprintf(stderr, "\r[%s] %3d%% %6s %6s/s %s%s", bar, percent, size, rate, left,
        is_end ? "\n" : " ");
}
