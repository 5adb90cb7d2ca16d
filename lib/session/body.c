/* body.c - the body of a request: where its bytes come from, how long it is, and how it
 * is framed (RFC 9112 6, 7.1). session. Knows memory, files and sources. Does not know
 * connections, or what the body means.
 *
 * Theory: bytes that lie in memory are written from there. Everything else is a source,
 * asked for one piece at a time once the last is gone, into one block. A chunk's size
 * line and its line end are set round the piece where it lies, so that it leaves in one
 * call. SPDX-License-Identifier: MIT */
#include "session/body.h"

#include <string.h>

#include "proto/form.h"

enum {
    BODY_SIZE_LINE = 18,       /* 16 digits and CRLF, before a chunk */
    BODY_WIDE_AFTER = 1 << 20, /* bytes of one body, then wider reads pay */
    BODY_TRAILERS_MAX = 1 << 20
};

static const ferry_source body_no_source = {NULL, NULL, NULL, 0};

void fy_body_init(fy_body *b, const ferry_platform *m)
{
    memset(b, 0, sizeof *b);
    b->platform = m;
    b->file.handle = FY_FILE_CLOSED;
    fy_buf_init(&b->form, m, SIZE_MAX / 4);
    b->form.is_secret = true; /* forms have passwords */
    fy_buf_init(&b->block, m, SIZE_MAX / 4);
}

void fy_body_clear(fy_body *b)
{
    fy_file_close(&b->file);
    fy_parts_free(b->parts);
    b->parts = NULL;
    fy_buf_fini(&b->form);
    fy_buf_fini(&b->block);
    b->exists = b->is_chunked = b->is_ahead = b->is_touched = b->was_417 = false;
    b->type = NULL;
    b->trailers = NULL;
    b->bytes = (ferry_str){NULL, 0};
    b->source = body_no_source;
    b->state = FY_BODY_AT_START;
    b->given = 0;
    b->block.is_secret = false;
}

/* --- sources of our own ---------------------------------------------------------- */

static ptrdiff_t body_read_bytes(void *ctx, void *p, size_t n)
{
    fy_body *b = ctx;
    memcpy(p, b->bytes.ptr + b->given, n); /* never asked for more than is left */
    return (ptrdiff_t)n;
}

static int body_rewind_bytes(void *ctx)
{
    (void)ctx;
    return 0;
}

static ptrdiff_t body_read_file(void *ctx, void *p, size_t n)
{
    fy_body *b = ctx;
    return fy_file_read(&b->file, p, n, &b->why);
}

static int body_rewind_file(void *ctx)
{
    fy_body *b = ctx;
    return fy_file_rewind(&b->file) ? 0 : -1;
}

/* --- choosing -------------------------------------------------------------------- */

static ferry_err body_misuse(const char *what, fy_error *x)
{
    return fy_fail(x, FERRY_ERR_USAGE, what, FY_NOWHERE);
}

static void body_set_bytes(fy_body *b, ferry_str bytes, const char *type)
{
    b->bytes = bytes;
    b->type = type;
}

static ferry_err body_set_form(fy_body *b, const ferry_pair *form, fy_error *x)
{
    for (const ferry_pair *p = form; p->name; p++)
        if (p->value)
            fy_form_put(&b->form, 0, fy_str(p->name), fy_str(p->value));
    TRY(fy_fail_buf(x, &b->form, NULL));
    body_set_bytes(b, fy_buf_view(&b->form), "application/x-www-form-urlencoded");
    return FERRY_OK;
}

/* What is no regular file has no length, and no first byte to go back to. */
static ferry_err body_set_file(fy_body *b, const char *path, fy_error *x)
{
    int64_t size;
    TRY(fy_file_open(&b->file, path, &size, x));
    b->source = (ferry_source){
        b, body_read_file, size < 0 ? NULL : body_rewind_file, size};
    return FERRY_OK;
}

static ferry_err body_set_source(fy_body *b, const ferry_source *s, fy_error *x)
{
    if (!s->read)
        return body_misuse(".source without read", x);
    if (s->length < FERRY_NONE)
        return body_misuse("negative length of a source", x);
    b->source = *s;
    b->source.length = s->length == FERRY_NONE ? 0 : s->length ? s->length : -1;
    return FERRY_OK;
}

static ferry_err body_set_parts(fy_body *b, const ferry_opts *o, fy_error *x)
{
    b->parts = fy_parts_new(b->platform, o->form, o->multipart, x);
    if (!b->parts)
        return x->code;
    b->block.is_secret = true; /* as the form that goes through it */
    b->source = fy_parts_source(b->parts);
    b->type = b->parts->type.ptr;
    return FERRY_OK;
}

static ferry_err body_set(fy_body *b, const ferry_opts *o, fy_error *x)
{
    if (o->multipart)
        return body_set_parts(b, o, x);
    if (o->text)
        body_set_bytes(b, fy_str(o->text), "text/plain; charset=utf-8");
    else if (o->json)
        body_set_bytes(b, fy_str(o->json), "application/json");
    else if (o->form)
        return body_set_form(b, o->form, x);
    else if (o->file)
        return body_set_file(b, o->file, x);
    else if (o->source)
        return body_set_source(b, o->source, x);
    else
        body_set_bytes(b, (ferry_str){o->body.ptr, o->body.len}, NULL);
    return FERRY_OK;
}

/* Trailers stand behind the last chunk (RFC 9112 7.1.2), so what has some is chunked. */
static ferry_err body_set_trailers(fy_body *b, const ferry_pair *trailers, fy_error *x)
{
    for (const ferry_pair *p = trailers; p->name; p++)
        TRY(fy_request_check_trailer(fy_str(p->name), (ferry_str){NULL, 0}, x));
    b->trailers = trailers;
    b->is_chunked = true;
    if (!b->source.read)
        b->source = (ferry_source){
            b, body_read_bytes, body_rewind_bytes, (int64_t)b->bytes.len};
    return FERRY_OK;
}

/* Is it long enough to be asked for first? Of unknown length it may be short. */
static bool body_expects(const fy_body *b, int64_t above)
{
    if (b->is_chunked && b->source.length < 0)
        return above == 0;
    uint64_t n = b->source.read ? (uint64_t)b->source.length : b->bytes.len;
    return n > (uint64_t)above;
}

ferry_err fy_body_choose(
    fy_body *b, const ferry_opts *o, const fy_settings *settings, fy_error *x)
{
    const ferry_limits *limits = &settings->limits;
    b->exists = o->body.ptr || o->text || o->form || o->json || o->file || o->source ||
                o->multipart;
    if (!b->exists)
        return o->trailers ? body_misuse(".trailers without a body", x) : FERRY_OK;
    b->first = limits->buffer;
    b->most = limits->buffer_max > limits->buffer ? limits->buffer_max : limits->buffer;
    TRY(body_set(b, o, x));
    b->is_chunked = b->source.read && b->source.length < 0;
    b->expects = body_expects(b, settings->expect.above);
    return o->trailers ? body_set_trailers(b, o->trailers, x) : FERRY_OK;
}

void fy_body_describe(const fy_body *b, fy_request *r)
{
    r->has_body = b->exists;
    r->body_type = b->type;
    r->is_type_fixed = b->parts != NULL;
    r->may_expect = !b->was_417;
    r->expects = b->expects && r->may_expect;
    r->is_chunked = b->is_chunked;
    r->trailers = b->trailers;
    r->body_len = b->source.read ? (uint64_t)b->source.length : b->bytes.len;
}

/* --- again ----------------------------------------------------------------------- */

bool fy_body_may_rewind(const fy_body *b)
{
    return !b->is_touched || b->source.rewind;
}

ferry_err fy_body_rewind(fy_body *b, fy_error *x)
{
    bool is_touched = b->is_touched;
    if (!fy_body_may_rewind(b))
        return fy_fail(x, FERRY_ERR_REWIND, "its source has no rewind", FY_NOWHERE);
    b->state = FY_BODY_AT_START;
    b->is_touched = false;
    b->given = 0;
    if (is_touched && b->source.rewind(b->source.ctx))
        return fy_fail(x, FERRY_ERR_REWIND, "its source refused", FY_NOWHERE);
    return FERRY_OK;
}

/* --- giving ---------------------------------------------------------------------- */

/* How much to ask for: as with reading a response, more once the body proves long, and
 * never more than it has left. */
static size_t body_ask(const fy_body *b)
{
    uint64_t n = (uint64_t)(b->given < BODY_WIDE_AFTER ? b->first : b->most);
    if (b->source.length >= 0 && (uint64_t)b->source.length - b->given < n)
        n = (uint64_t)b->source.length - b->given;
    return fy_size(n);
}

/* Room for a piece of `n` bytes, with what may be set round it. */
static ferry_err body_make_room(fy_body *b, size_t n, fy_error *x)
{
    fy_buf_clear(&b->block);
    fy_buf_reserve_exact(&b->block, BODY_SIZE_LINE + n + 2);
    TRY(fy_fail_buf(x, &b->block, NULL));
    b->block.len = BODY_SIZE_LINE + n + 2; /* so much may have to be wiped */
    return FERRY_OK;
}

/* chunk-size CRLF chunk-data CRLF; hexadecimal in small letters, written backwards. */
static ferry_str body_put_round(fy_buf *block, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    char *at = block->ptr + BODY_SIZE_LINE, *end = at + n;
    *--at = '\n';
    *--at = '\r';
    for (size_t left = n; left; left >>= 4)
        *--at = digits[left & 15];
    *end++ = '\r';
    *end++ = '\n';
    return (ferry_str){at, (size_t)(end - at)};
}

/* RFC 9112 7.1: last-chunk trailer-section CRLF. The values may have been made while
 * the body was. */
static ferry_err body_put_last(fy_body *b, ferry_str *piece, fy_error *x)
{
    fy_buf_clear(&b->block);
    fy_buf_puts(&b->block, FY_S("0\r\n"));
    for (const ferry_pair *p = b->trailers; p && p->name; p++) {
        if (!p->value)
            continue;
        TRY(fy_request_check_trailer(fy_str(p->name), fy_str(p->value), x));
        fy_request_put_field(&b->block, fy_str(p->name), fy_str(p->value));
        if (b->block.len > BODY_TRAILERS_MAX)
            return fy_fail(x, FERRY_ERR_LIMIT, "trailers too long", FY_NOWHERE);
    }
    fy_buf_puts(&b->block, FY_S("\r\n"));
    *piece = fy_buf_view(&b->block);
    return fy_fail_buf(x, &b->block, NULL);
}

static ferry_err body_end(fy_body *b, ferry_str *piece, fy_error *x)
{
    b->state = FY_BODY_ENDED;
    if (b->source.length >= 0 && b->given < (uint64_t)b->source.length)
        return fy_fail(x, FERRY_ERR_BODY, "it ended before its length was reached",
            (int64_t)b->given);
    return b->is_chunked ? body_put_last(b, piece, x) : FERRY_OK;
}

static ferry_err body_failed(const fy_body *b, fy_error *x)
{
    const fy_error *why = b->parts ? &b->parts->why : &b->why;
    if (!why->code)
        return fy_fail(x, FERRY_ERR_ABORTED, "the body's source failed", FY_NOWHERE);
    *x = *why;
    return x->code;
}

/* Never asked behind a known length: that could wait for something that is no part of
 * the body. */
static ferry_err body_pull(fy_body *b, ferry_str *piece, fy_error *x)
{
    size_t n = body_ask(b);
    if (n == 0)
        return body_end(b, piece, x);
    TRY(body_make_room(b, n, x));
    char *at = b->block.ptr + BODY_SIZE_LINE;
    b->why.code = FERRY_OK;
    ptrdiff_t got = b->source.read(b->source.ctx, at, n);
    if (got == FERRY_NOT_YET)
        return FERRY_AGAIN;
    b->is_touched = true;
    if (got < 0)
        return body_failed(b, x);
    if (got == 0)
        return body_end(b, piece, x);
    if ((size_t)got > n)
        return fy_fail(x, FERRY_ERR_BODY, "its source gave more than it was asked for",
            (int64_t)b->given);
    b->given += (size_t)got;
    *piece = b->is_chunked ? body_put_round(&b->block, (size_t)got)
                           : (ferry_str){at, (size_t)got};
    return FERRY_OK;
}

ferry_err fy_body_next(fy_body *b, ferry_str *piece, fy_error *x)
{
    *piece = (ferry_str){NULL, 0};
    if (b->state == FY_BODY_ENDED)
        return FERRY_OK;
    if (b->source.read)
        return body_pull(b, piece, x);
    b->state = FY_BODY_ENDED;
    if (!b->is_ahead)
        *piece = b->bytes;
    return FERRY_OK;
}
