/* form.c - application/x-www-form-urlencoded, as requests writes it.
 * proto. Knows pairs of bytes. Does not know whether they go into a query or a body.
 * SPDX-License-Identifier: MIT */
#include "proto/form.h"

#include "proto/percent.h"

static void form_put_part(fy_buf *b, ferry_str s)
{
    while (s.len) {
        size_t run = fy_percent_run(s, FY_PERCENT_UNRESERVED);
        fy_buf_put(b, s.ptr, run);
        s = fy_str_from(s, run);
        if (!s.len)
            break;
        if (s.ptr[0] == ' ')
            fy_buf_putc(b, '+');
        else
            fy_percent_put_byte(b, s.ptr[0]);
        s = fy_str_from(s, 1);
    }
}

void fy_form_put(fy_buf *b, size_t start, ferry_str name, ferry_str value)
{
    if (b->len > start)
        fy_buf_putc(b, '&');
    form_put_part(b, name);
    fy_buf_putc(b, '=');
    form_put_part(b, value);
}
