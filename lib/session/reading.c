/* reading.c - a body as text, and line by line.
 * session. Knows responses and charsets. Does not know how a body came.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "net/charset.h"
#include "session/session.h"
#include "session/transfer.h"

/* --- text ------------------------------------------------------------------------ */

/* In UTF-8 as it came, if a NUL follows, or converted into `out`. */
static ferry_err reading_convert(fy_buf *out, const ferry_response *r, bool has_nul,
    const char *charset, ferry_str *text, fy_error *x)
{
    fy_text t;
    fy_text_find(&t, fy_str(charset), fy_str(ferry_header(r, "Content-Type")), r->body);
    *text = t.bytes;
    if (t.charset == FY_CHARSET_UTF8 && has_nul && fy_text_is_utf8(t.bytes))
        return FERRY_OK;
    fy_buf_clear(out);
    if (t.charset == FY_CHARSET_OTHER)
        TRY(fy_charset_put(out, t.name, t.bytes, x));
    else
        fy_text_put(out, &t);
    TRY(fy_fail_buf(x, out, "text too long"));
    fy_buf_text(out);
    *text = fy_buf_view(out);
    return FERRY_OK;
}

static ferry_err reading_text(
    fy_transfer *t, const char *charset, ferry_str *text, fy_error *x)
{
    if (t->state != FY_TRANSFER_DONE || t->is_streamed || t->is_delivered)
        return fy_fail(
            x, FERRY_ERR_USAGE, "the body is not all in r->body", FY_NOWHERE);
    bool has_nul = !t->into.ptr || t->pub.body.len < t->into.len;
    return reading_convert(&t->text, &t->pub, has_nul, charset, text, x);
}

ferry_str ferry_text_as(ferry_response *r, const char *charset)
{
    fy_error x;
    ferry_str text = {NULL, 0};
    fy_transfer *t = (fy_transfer *)(void *)r;
    ferry_err e = r ? FERRY_OK : FERRY_ERR_USAGE;
    if (r && t->session)
        e = reading_text(t, charset, &text, &x);
    else if (r)
        e = reading_convert(
            &((fy_detached *)(void *)r)->text, r, true, charset, &text, &x);
    if (e && r && t->session)
        fy_session_fail(t->session, &x, t);
    return e ? (ferry_str){NULL, 0} : text;
}

ferry_str ferry_text(ferry_response *r)
{
    return ferry_text_as(r, NULL);
}

/* --- lines ----------------------------------------------------------------------- */

static void reading_begin_lines(fy_transfer *t)
{
    fy_lines_begin(&t->lines, fy_size((uint64_t)t->opts.limits.body));
    t->has_lines = true;
}

ferry_err ferry_line(ferry_response *r, ferry_str *line)
{
    fy_transfer *t = (fy_transfer *)(void *)r;
    ferry_err e;
    fy_error x;
    ferry_str chunk;
    if (!r || !t->session || !line)
        return ferry_next(r, line);
    if (!t->has_lines)
        reading_begin_lines(t);
    while ((e = fy_lines_next(&t->lines, line, &x)) == FERRY_AGAIN) {
        TRY(ferry_next(r, &chunk));
        if (chunk.len == 0) {
            fy_lines_last(&t->lines, line);
            return FERRY_OK;
        }
        fy_lines_feed(&t->lines, chunk);
    }
    return e ? fy_session_fail(t->session, &x, t) : FERRY_OK;
}
