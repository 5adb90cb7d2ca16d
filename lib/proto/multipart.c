/* multipart.c - multipart/form-data (RFC 7578, RFC 2046 5.1), written while it is read.
 * proto. Knows parts as bytes and sources. Does not know files, or who sends it.
 *
 * Theory: what stands between the contents is short and known at once: it is one text,
 * cut where the contents go. Reading walks text and contents in turn, so no content is
 * ever held, and the length is a sum. SPDX-License-Identifier: MIT */
#include "proto/multipart.h"

#include "base/hex.h"

#include <string.h>

enum { MULTIPART_TEXT_MAX = 16 << 20 };

void fy_multipart_init(
    fy_multipart *m, const ferry_platform *platform, const unsigned char chance[16])
{
    memset(m, 0, sizeof *m);
    m->platform = platform;
    fy_buf_init(&m->text, platform, MULTIPART_TEXT_MAX);
    m->text.is_secret = true; /* values of a form stand in it */
    fy_hex(m->boundary, chance, FY_BOUNDARY_LEN / 2);
}

void fy_multipart_fini(fy_multipart *m)
{
    fy_buf_fini(&m->text);
    fy_resize(m->platform, m->pieces, m->cap * sizeof *m->pieces, 0);
    m->pieces = NULL;
    m->n = m->cap = 0;
}

/* --- writing --------------------------------------------------------------------- */

/* As browsers and requests do, and nothing else: bytes beyond ASCII stay as they are. */
static void multipart_put_quoted(fy_buf *b, ferry_str s)
{
    fy_buf_putc(b, '"');
    for (size_t i = 0; i < s.len; i++)
        switch (s.ptr[i]) {
        case '"': fy_buf_puts(b, FY_S("%22")); break;
        case '\r': fy_buf_puts(b, FY_S("%0D")); break;
        case '\n': fy_buf_puts(b, FY_S("%0A")); break;
        default: fy_buf_putc(b, s.ptr[i]);
        }
    fy_buf_putc(b, '"');
}

static void multipart_put_delimiter(fy_multipart *m)
{
    fy_buf_puts(&m->text, FY_S("--"));
    fy_buf_puts(&m->text, (ferry_str){m->boundary, FY_BOUNDARY_LEN});
}

static void multipart_put_disposition(fy_buf *b, const fy_part *p)
{
    fy_buf_puts(b, FY_S("Content-Disposition: form-data; name="));
    multipart_put_quoted(b, p->name);
    if (p->filename.ptr) {
        fy_buf_puts(b, FY_S("; filename="));
        multipart_put_quoted(b, p->filename);
    }
    fy_buf_puts(b, FY_S("\r\n"));
}

/* The part's own fields take the place of ours; a NULL value takes one away. */
static ferry_err multipart_put_head(fy_multipart *m, const fy_part *p, fy_error *x)
{
    const ferry_str type = FY_S("Content-Type");
    fy_buf *b = &m->text;
    multipart_put_delimiter(m);
    fy_buf_puts(b, FY_S("\r\n"));
    if (!fy_fields_are_given(p->headers, FY_S("Content-Disposition")))
        multipart_put_disposition(b, p);
    if (p->type.ptr && !fy_fields_are_given(p->headers, type)) {
        TRY(fy_request_check_field(type, p->type, x));
        fy_request_put_field(b, type, p->type);
    }
    for (const ferry_pair *h = p->headers; h && h->name; h++) {
        ferry_str value = {h->value, h->value ? fy_str(h->value).len : 0};
        TRY(fy_request_check_field(fy_str(h->name), value, x));
        if (value.ptr)
            fy_request_put_field(b, fy_str(h->name), value);
    }
    fy_buf_puts(b, FY_S("\r\n"));
    return FERRY_OK;
}

static ferry_err multipart_check_text(const fy_multipart *m, fy_error *x)
{
    return fy_fail_buf(x, &m->text, "the heads of all parts together are too long");
}

ferry_err fy_multipart_put(fy_multipart *m, const fy_part *p, fy_error *x)
{
    void *list = m->pieces;
    if (!fy_list_grow(m->platform, &list, &m->cap, m->n + 1, sizeof *m->pieces))
        return fy_fail_nomem(x);
    m->pieces = list;
    TRY(multipart_put_head(m, p, x));
    m->pieces[m->n++] = (fy_multipart_piece){m->text.len, p->bytes, p->source, false};
    fy_buf_puts(&m->text, FY_S("\r\n"));
    return multipart_check_text(m, x);
}

ferry_err fy_multipart_put_field(
    fy_multipart *m, ferry_str name, ferry_str value, fy_error *x)
{
    const fy_part p = {.name = name};
    TRY(multipart_put_head(m, &p, x));
    fy_buf_puts(&m->text, value);
    fy_buf_puts(&m->text, FY_S("\r\n"));
    return multipart_check_text(m, x);
}

ferry_err fy_multipart_end(fy_multipart *m, fy_error *x)
{
    multipart_put_delimiter(m);
    fy_buf_puts(&m->text, FY_S("--\r\n"));
    return multipart_check_text(m, x);
}

static int64_t multipart_content_length(const fy_multipart_piece *piece)
{
    return piece->source.read ? piece->source.length : (int64_t)piece->bytes.len;
}

/* A sum that no longer fits is a length that is not known. */
int64_t fy_multipart_length(const fy_multipart *m)
{
    int64_t sum = (int64_t)m->text.len;
    for (size_t i = 0; i < m->n; i++) {
        int64_t n = multipart_content_length(&m->pieces[i]);
        if (n < 0 || n > INT64_MAX - sum)
            return -1;
        sum += n;
    }
    return sum;
}

/* --- reading --------------------------------------------------------------------- */

/* Never for more than its length, nor for nothing. FERRY_NOT_YET is handed on. */
static ptrdiff_t multipart_ask(
    fy_multipart *m, fy_multipart_piece *piece, void *p, size_t n, fy_error *x)
{
    if (piece->source.length >= 0) {
        uint64_t left = (uint64_t)piece->source.length - m->given;
        n = left < n ? (size_t)left : n;
    }
    if (n == 0)
        return 0;
    ptrdiff_t got = piece->source.read(piece->source.ctx, p, n);
    piece->is_touched |= got != FERRY_NOT_YET;
    if (got > 0 && (size_t)got > n) {
        fy_fail(x, FERRY_ERR_BODY, "a part's source gave more than it was asked for",
            FY_NOWHERE);
        return -1;
    }
    if (got == 0 && piece->source.length >= 0) {
        fy_fail(x, FERRY_ERR_BODY, "a part ended before its length was reached",
            (int64_t)m->given);
        return -1;
    }
    return got;
}

static ptrdiff_t multipart_copy(
    const fy_multipart *m, const fy_multipart_piece *piece, void *p, size_t n)
{
    size_t left = piece->bytes.len - (size_t)m->given;
    n = left < n ? left : n;
    if (n)
        memcpy(p, piece->bytes.ptr + m->given, n);
    return (ptrdiff_t)n;
}

/* Text up to the next content, or to the end. */
static size_t multipart_read_text(fy_multipart *m, char *p, size_t n)
{
    size_t end = m->piece < m->n ? m->pieces[m->piece].text_end : m->text.len;
    size_t left = end - m->text_at;
    n = left < n ? left : n;
    if (n)
        memcpy(p, m->text.ptr + m->text_at, n);
    m->text_at += n;
    return n;
}

/* A content goes on behind this call unless it gave nothing, or all of a known length. */
static bool multipart_is_over(
    const fy_multipart *m, const fy_multipart_piece *piece, size_t got)
{
    int64_t length = multipart_content_length(piece);
    return length < 0 ? got == 0 : m->given == (uint64_t)length;
}

/* As much as fits, but no second question to a source that has more to give: it may
 * take its time, and what is here could leave. */
ptrdiff_t fy_multipart_read(fy_multipart *m, void *p, size_t n, fy_error *x)
{
    char *at = p;
    size_t done = 0;
    x->code = FERRY_OK;
    for (bool is_over = true; is_over && done < n;) {
        done += multipart_read_text(m, at + done, n - done);
        if (m->piece == m->n || done == n)
            break;
        fy_multipart_piece *piece = &m->pieces[m->piece];
        ptrdiff_t got = piece->source.read
                            ? multipart_ask(m, piece, at + done, n - done, x)
                            : multipart_copy(m, piece, at + done, n - done);
        if (got == FERRY_NOT_YET)
            return done ? (ptrdiff_t)done : got;
        if (got < 0)
            return -1;
        done += (size_t)got;
        m->given += (size_t)got;
        is_over = multipart_is_over(m, piece, (size_t)got);
        if (is_over) {
            m->piece++;
            m->given = 0;
        }
    }
    return (ptrdiff_t)done;
}

bool fy_multipart_may_rewind(const fy_multipart *m)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->pieces[i].source.read && !m->pieces[i].source.rewind)
            return false;
    return true;
}

bool fy_multipart_rewind(fy_multipart *m)
{
    m->text_at = m->piece = 0;
    m->given = 0;
    for (size_t i = 0; i < m->n; i++) {
        fy_multipart_piece *piece = &m->pieces[i];
        if (piece->is_touched && piece->source.rewind(piece->source.ctx))
            return false;
        piece->is_touched = false;
    }
    return true;
}
