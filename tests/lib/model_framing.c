/* model_framing.c - an independent, slow model of one HTTP/1.1 response. Section
 * numbers are those of RFC 9112 unless they say otherwise. SPDX-License-Identifier: MIT
 */
#include "lib/model_framing.h"

#include <string.h>

/* --- the head (2.1, 4) ----------------------------------------------------------- */

/* HTTP-version SP status-code SP [ reason-phrase ] CRLF */
static model_step model_take_status_line(model_in *in, model_response *m)
{
    model_step step;
    for (const char *c = "HTTP/1."; *c; c++)
        if ((step = model_take(in, *c)) != MODEL_FULL)
            return step;
    if (!model_is_digit(model_peek(in)))
        return model_peek(in) < 0 ? MODEL_SHORT : MODEL_BAD;
    m->minor = in->p[in->at++] - '0';
    if ((step = model_take(in, ' ')) != MODEL_FULL)
        return step;
    for (int i = 0; i < 3; i++) {
        if (!model_is_digit(model_peek(in)))
            return model_peek(in) < 0 ? MODEL_SHORT : MODEL_BAD;
        m->status = m->status * 10 + in->p[in->at++] - '0';
    }
    if (m->status < 100)
        return MODEL_BAD;
    if (model_peek(in) == '\r') {
        m->doubts |= MODEL_DOUBT_NO_SPACE;
        return model_take_crlf(in);
    }
    if ((step = model_take(in, ' ')) != MODEL_FULL)
        return step;
    while (model_is_text(model_peek(in)))
        model_text_put(&m->reason, in->p[in->at++]);
    return model_take_crlf(in);
}

/* How many bytes, from `from` on, there are up to the end of the first empty line. */
static size_t model_find_empty_line(const model_in *in, size_t from)
{
    for (size_t i = from; i + 4 <= in->n; i++)
        if (memcmp(in->p + i, "\r\n\r\n", 4) == 0)
            return i + 4;
    return SIZE_MAX;
}

/* When a bad head must be noticed: at a first byte that is no HTTP/1, at a line end
 * without CR, else when it is whole. */
static size_t model_head_due(const model_in *in)
{
    size_t end = model_find_empty_line(in, 0);
    for (size_t i = 0; i < in->n && i < 7; i++)
        if (in->p[i] != "HTTP/1."[i])
            return i + 1;
    for (size_t i = 0; i < in->n && i < end; i++)
        if (in->p[i] == '\n' && (i == 0 || in->p[i - 1] != '\r'))
            return i + 1;
    return end;
}

static model_step model_take_head(model_in *in, model_response *m)
{
    model_step step = model_take_status_line(in, m);
    if (step == MODEL_FULL)
        step = model_take_section(in, true, &m->fields);
    if (step == MODEL_BAD)
        m->due = model_head_due(in);
    m->has_head = step == MODEL_FULL;
    m->head_len = in->at;
    return step;
}

/* --- what the head says of the body (6) ------------------------------------------ */

/* A decimal number, held as its digits without leading zeros. */
typedef struct model_length {
    bool is_there, is_bad, is_huge;
    model_text digits;
    uint64_t value;
} model_length;

static bool model_read_digits(const model_text *from, model_text *digits)
{
    for (size_t i = 0; i < from->len; i++) {
        if (!model_is_digit((unsigned char)from->ptr[i]))
            return false;
        if (digits->len || from->ptr[i] != '0')
            model_text_put(digits, from->ptr[i]);
    }
    return from->len > 0;
}

static bool model_same(const model_text *a, const model_text *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->ptr, b->ptr, a->len) == 0);
}

/* 6.3 rule 5: one number, or a list of the same number. */
static void model_read_length(model_response *m, model_length *length)
{
    size_t nth = 0, empty = 0;
    model_text item = {NULL, 0}, first = {NULL, 0}, digits = {NULL, 0};
    length->is_there = model_count(&m->fields, "Content-Length") > 0;
    for (; model_list_nth(&m->fields, "Content-Length", nth, &item, &empty); nth++) {
        model_text_free(&digits);
        length->is_bad |= !model_read_digits(&item, &digits);
        if (nth == 0) {
            first = item, length->digits = digits;
            item = digits = (model_text){NULL, 0};
            continue;
        }
        m->doubts |= MODEL_DOUBT_LENGTH_LIST;
        length->is_bad |= !model_same(&digits, &length->digits);
        if (!model_same(&item, &first))
            m->doubts |= MODEL_DOUBT_LENGTH_FORM;
    }
    length->is_bad |= length->is_there && nth == 0;
    m->doubts |= empty ? MODEL_DOUBT_EMPTY : 0u;
    length->is_huge = length->digits.len > 18;
    for (size_t i = 0; !length->is_huge && i < length->digits.len; i++)
        length->value = length->value * 10 + (uint64_t)(length->digits.ptr[i] - '0');
    model_text_free(&item);
    model_text_free(&first);
    model_text_free(&digits);
}

/* The house's rule: the one coding understood is chunked, once (6.1, 6.3 rule 4). */
static bool model_is_only_chunked(model_response *m)
{
    size_t n = 0, empty = 0;
    bool is_only = true;
    model_text item = {NULL, 0};
    for (; model_list_nth(&m->fields, "Transfer-Encoding", n, &item, &empty); n++)
        is_only &= model_text_is(&item, "chunked");
    model_text_free(&item);
    m->doubts |= empty ? MODEL_DOUBT_EMPTY : 0u;
    return is_only && n == 1;
}

/* --- may the connection serve again (9.3, 6.1) ----------------------------------- */

static bool model_connection_has(const model_response *m, const char *option)
{
    size_t empty = 0;
    bool has = false;
    model_text item = {NULL, 0};
    for (size_t i = 0;
         !has && model_list_nth(&m->fields, "Connection", i, &item, &empty); i++)
        has = model_text_is(&item, option);
    model_text_free(&item);
    return has;
}

static bool model_wants_reuse(const model_response *m)
{
    if (model_connection_has(m, "close"))
        return false;
    return m->minor > 0 || model_connection_has(m, "keep-alive");
}

/* --- chunks (7.1) ---------------------------------------------------------------- */

static int model_hex(int byte)
{
    if (model_is_digit(byte))
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

/* chunk-size = 1*HEXDIG. More than 64 bits cannot be kept. */
static model_step model_take_size(model_in *in, model_response *m, uint64_t *size)
{
    size_t from = in->at;
    *size = 0;
    for (; model_hex(model_peek(in)) >= 0; in->at++) {
        if (*size > UINT64_MAX / 16)
            return MODEL_BAD;
        *size = *size * 16 + (uint64_t)model_hex(model_peek(in));
    }
    if (*size > INT64_MAX || in->at - from > 16)
        m->doubts |= MODEL_DOUBT_HUGE;
    if (model_peek(in) < 0)
        return MODEL_SHORT;
    return in->at > from ? MODEL_FULL : MODEL_BAD;
}

static void model_skip_bws(model_in *in)
{
    while (model_peek(in) == ' ' || model_peek(in) == '\t')
        in->at++;
}

/* quoted-string of RFC 9110 5.6.4, whose bytes are known to be text. */
static bool model_skip_quoted(model_in *in)
{
    for (in->at++; model_peek(in) != '"'; in->at++) {
        if (model_peek(in) == '\\')
            in->at++;
        if (model_peek(in) < 0)
            return false;
    }
    in->at++;
    return true;
}

static bool model_skip_token(model_in *in)
{
    size_t from = in->at;
    while (model_is_tchar(model_peek(in)))
        in->at++;
    return in->at > from;
}

/* chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] ) */
static bool model_is_extension(model_in text)
{
    while (text.at < text.n) {
        model_skip_bws(&text);
        if (model_take(&text, ';') != MODEL_FULL)
            return false;
        model_skip_bws(&text);
        if (!model_skip_token(&text))
            return false;
        model_in mark = text;
        model_skip_bws(&text);
        if (model_take(&text, '=') != MODEL_FULL) {
            text = mark;
            continue;
        }
        model_skip_bws(&text);
        if (!(model_peek(&text) == '"' ? model_skip_quoted(&text)
                                       : model_skip_token(&text)))
            return false;
    }
    return true;
}

/* Whatever stands between the size and the line's end. It must begin as an extension
 * does and hold only text; what is wrong beyond that is harmless, as it is ignored. */
static model_step model_take_extension(model_in *in, model_response *m)
{
    size_t from = in->at;
    if (model_peek(in) != '\r' && model_peek(in) != ';' && model_peek(in) != ' ' &&
        model_peek(in) != '\t')
        return MODEL_BAD;
    while (model_is_text(model_peek(in)))
        in->at++;
    m->extensions += in->at - from;
    model_in text = {in->p + from, in->at - from, 0};
    model_skip_bws(&text);
    if (text.at < text.n && model_peek(&text) != ';') {
        in->at = from + text.at;
        return MODEL_BAD;
    }
    text.at = 0;
    if (model_peek(in) == '\r' && !model_is_extension(text))
        m->doubts |= MODEL_DOUBT_EXTENSION;
    return model_take_crlf(in);
}

/* One chunk with its data; *is_last once its size is 0, when nothing follows the line.
 */
static model_step model_take_chunk(model_in *in, model_response *m, bool *is_last)
{
    uint64_t size;
    model_step step = model_take_size(in, m, &size);
    if (step == MODEL_FULL)
        step = model_take_extension(in, m);
    *is_last = size == 0;
    if (step != MODEL_FULL || *is_last)
        return step;
    step = model_take_bytes(in, size, &m->body);
    return step == MODEL_FULL ? model_take_crlf(in) : step;
}

static model_step model_take_chunked(model_in *in, model_response *m)
{
    model_step step = MODEL_FULL;
    for (bool is_last = false; step == MODEL_FULL && !is_last;)
        step = model_take_chunk(in, m, &is_last);
    if (step == MODEL_BAD)
        m->due = in->at + 1;
    if (step != MODEL_FULL)
        return step;
    size_t from = in->at;
    step = model_take_section(in, true, &m->trailers);
    if (step == MODEL_BAD) /* the empty line may follow the last chunk at once */
        m->due = model_find_empty_line(in, from - 2);
    return step;
}

/* --- the whole (6.3) ------------------------------------------------------------- */

static model_step model_take_counted(
    model_in *in, model_response *m, const model_length *length)
{
    if (length->is_huge)
        m->doubts |= MODEL_DOUBT_HUGE;
    return model_take_bytes(in, length->is_huge ? UINT64_MAX : length->value, &m->body);
}

static model_step model_refuse(model_response *m)
{
    m->due = m->head_len;
    return MODEL_BAD;
}

/* Rule 1: no body, whatever the fields say. Fields that may not be there, or that make
 * no sense, leave open what a peer that wrote them will do next. */
static void model_read_bodyless(
    model_response *m, const model_length *length, bool has_coding, bool is_chunked)
{
    bool may_have = m->status >= 200 && m->status != 204;
    bool is_bad = (has_coding && !is_chunked) || length->is_bad || length->is_huge;
    if (is_bad)
        m->doubts |= MODEL_DOUBT_BODYLESS;
    bool is_odd = m->status < 200 || is_bad || length->is_huge ||
                  (has_coding && length->is_there) ||
                  (!may_have && (has_coding || length->is_there));
    if (is_odd && m->reuse == MODEL_REUSE_YES)
        m->reuse = MODEL_REUSE_ANY;
}

static model_step model_take_body(
    model_in *in, model_response *m, const model_length *length)
{
    bool has_coding = model_count(&m->fields, "Transfer-Encoding") > 0;
    if (has_coding && !m->is_chunked)
        return model_refuse(m);
    if (has_coding && length->is_there) {
        m->doubts |= MODEL_DOUBT_BOTH;
        m->reuse = MODEL_REUSE_NO;
    }
    if (has_coding)
        return model_take_chunked(in, m);
    if (length->is_bad)
        return model_refuse(m);
    if (length->is_there)
        return model_take_counted(in, m, length);
    m->is_until_close = true;
    m->reuse = MODEL_REUSE_NO;
    return model_take_bytes(in, UINT64_MAX, &m->body);
}

static model_step model_take_message(model_in *in, model_response *m, bool is_bodyless)
{
    model_length length = {false, false, false, {NULL, 0}, 0};
    model_step step = model_take_head(in, m);
    if (step != MODEL_FULL)
        return step;
    bool has_coding = model_count(&m->fields, "Transfer-Encoding") > 0;
    m->is_chunked = model_is_only_chunked(m);
    m->reuse = model_wants_reuse(m) ? MODEL_REUSE_YES : MODEL_REUSE_NO;
    if (has_coding && m->minor == 0) { /* 6.1: as if the framing were faulty */
        m->doubts |= MODEL_DOUBT_OLD_CHUNKED;
        m->reuse = MODEL_REUSE_NO;
    }
    model_read_length(m, &length);
    if (is_bodyless || m->status < 200 || m->status == 204 || m->status == 304)
        model_read_bodyless(m, &length, has_coding, m->is_chunked);
    else
        step = model_take_body(in, m, &length);
    model_text_free(&length.digits);
    return step;
}

void model_read_response(
    model_response *m, const uint8_t *p, size_t n, bool is_eof, bool is_bodyless)
{
    model_in in = {p, n, 0};
    memset(m, 0, sizeof *m);
    model_step step = model_take_message(&in, m, is_bodyless);
    m->end = in.at;
    if (step == MODEL_BAD)
        m->verdict = MODEL_ERROR;
    else if (step == MODEL_FULL || (m->is_until_close && is_eof))
        m->verdict = MODEL_COMPLETE;
    else
        m->verdict = is_eof ? MODEL_TRUNCATED : MODEL_INCOMPLETE;
}

void model_response_free(model_response *m)
{
    model_text_free(&m->reason);
    model_section_free(&m->fields);
    model_section_free(&m->trailers);
    model_text_free(&m->body);
}
