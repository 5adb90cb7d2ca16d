/* lines.c - lines out of pieces: LF, CRLF and CR end one, wherever the pieces end.
 * proto. Knows line ends. Does not know where the pieces come from.
 *
 * Theory: a CR ends its line at once, since nobody knows when the next byte comes; if
 * that is an LF, it is skipped. SPDX-License-Identifier: MIT */
#include "proto/lines.h"

void fy_lines_init(fy_lines *l, const ferry_platform *m)
{
    *l = (fy_lines){.rest = FY_S("")};
    fy_buf_init(&l->line, m, 0);
}

void fy_lines_fini(fy_lines *l)
{
    fy_buf_fini(&l->line);
}

void fy_lines_begin(fy_lines *l, size_t max)
{
    fy_buf_clear(&l->line);
    l->line.max = max;
    l->rest = FY_S("");
    l->skips_lf = l->is_given = false;
}

void fy_lines_feed(fy_lines *l, ferry_str piece)
{
    l->rest = piece;
}

static size_t lines_end(ferry_str s)
{
    size_t n = 0;
    while (n < s.len && s.ptr[n] != '\n' && s.ptr[n] != '\r')
        n++;
    return n;
}

/* The one that was given makes room. */
static void lines_begin_line(fy_lines *l)
{
    if (l->is_given)
        fy_buf_clear(&l->line);
    l->is_given = false;
}

static void lines_give(fy_lines *l, ferry_str *line)
{
    fy_buf_text(&l->line);
    *line = fy_buf_view(&l->line);
    l->is_given = true;
}

ferry_err fy_lines_next(fy_lines *l, ferry_str *line, fy_error *x)
{
    *line = (ferry_str){NULL, 0};
    lines_begin_line(l);
    if (l->rest.len && l->skips_lf) {
        l->skips_lf = false;
        if (l->rest.ptr[0] == '\n')
            l->rest = fy_str_from(l->rest, 1);
    }
    if (!l->rest.len)
        return FERRY_AGAIN;
    size_t n = lines_end(l->rest);
    fy_buf_puts(&l->line, fy_str_upto(l->rest, n));
    TRY(fy_fail_buf(x, &l->line, "line too long"));
    bool is_whole = n < l->rest.len;
    l->skips_lf = is_whole && l->rest.ptr[n] == '\r';
    l->rest = fy_str_from(l->rest, is_whole ? n + 1 : n);
    if (!is_whole)
        return FERRY_AGAIN;
    lines_give(l, line);
    return FERRY_OK;
}

void fy_lines_last(fy_lines *l, ferry_str *line)
{
    *line = (ferry_str){NULL, 0};
    lines_begin_line(l);
    if (l->line.len)
        lines_give(l, line);
}
