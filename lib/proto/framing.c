/* framing.c - where a body starts, how long it is, when it ends (RFC 9112 6, 7, 9.3).
 * proto. Knows bytes and lengths. Does not know sockets, time, or who asked.
 *
 * Rule: a length that two readers could take differently is an error, not a choice.
 * Theory: the chunked decoder is a table of states, each eating from the front of a
 * view; it keeps nothing but its state, so any cut of the input gives the same slices
 * joined. SPDX-License-Identifier: MIT */
#include "proto/framing.h"

#include <string.h>

/* What the fields say about length and connection; one pass, before any rule. */
typedef struct framing_claims {
    bool has_length, says_close, says_keep_alive, has_coding, sets_cookies;
    uint64_t length;
    int transfers; /* count of Transfer-Encoding lines */
    ferry_str length_text, transfer, keep_alive;
} framing_claims;

/* RFC 9112 6.3 rule 5: a list of equal numbers stands for the number. Anything else
 * that is not 1*DIGIT is an error: a sign, a blank inside, an empty
 * value, too large. */
static ferry_err framing_claim_length(framing_claims *c, ferry_str value, fy_error *x)
{
    if (value.len == 0 || value.ptr[value.len - 1] == ',')
        return fy_fail(x, FERRY_ERR_PROTOCOL, "bad Content-Length", FY_NOWHERE);
    for (ferry_str item; fy_str_cut(&value, ',', &item);) {
        item = fy_str_trim(item);
        if (!fy_str_number(item, INT64_MAX, &c->length))
            return fy_fail(x, FERRY_ERR_PROTOCOL, "bad Content-Length", FY_NOWHERE);
        if (c->has_length && !fy_str_eq(item, c->length_text))
            return fy_fail(
                x, FERRY_ERR_PROTOCOL, "Content-Length fields differ", FY_NOWHERE);
        c->has_length = true;
        c->length_text = item;
    }
    return FERRY_OK;
}

static void framing_claim_connection(framing_claims *c, ferry_str value)
{
    if (fy_str_eq_nocase(value, FY_S("keep-alive"))) { /* what most say, alone */
        c->says_keep_alive = true;
        return;
    }
    for (ferry_str item; fy_str_cut(&value, ',', &item);) {
        item = fy_str_trim(item);
        c->says_close |= fy_str_eq_nocase(item, FY_S("close"));
        c->says_keep_alive |= fy_str_eq_nocase(item, FY_S("keep-alive"));
    }
}

/* By length first: most fields are of no interest here. */
static ferry_err framing_claim(framing_claims *c, const ferry_field *f, fy_error *x)
{
    switch (f->name.len) {
    case 10:
        if (fy_str_eq_nocase(f->name, FY_S("Connection")))
            framing_claim_connection(c, f->value);
        else if (fy_str_eq_nocase(f->name, FY_S("Keep-Alive")))
            c->keep_alive = f->value;
        else
            c->sets_cookies |= fy_str_eq_nocase(f->name, FY_S("Set-Cookie"));
        return FERRY_OK;
    case 14:
        if (fy_str_eq_nocase(f->name, FY_S("Content-Length")))
            return framing_claim_length(c, f->value, x);
        return FERRY_OK;
    case 16:
        c->has_coding |= fy_str_eq_nocase(f->name, FY_S("Content-Encoding"));
        return FERRY_OK;
    case 17:
        if (fy_str_eq_nocase(f->name, FY_S("Transfer-Encoding"))) {
            c->transfers++;
            c->transfer = f->value;
        }
        return FERRY_OK;
    default: return FERRY_OK;
    }
}

/* RFC 9112 9.3: HTTP/1.1 persists unless it says close; HTTP/1.0 only if it says so. 6.1,
 * 6.3 rule 3: a transfer coding with a length beside it, or from HTTP/1.0, may be an attempt
 * to smuggle, with a body or without; nothing that follows on the connection is believed. */
static bool framing_persists(const framing_claims *c, int minor)
{
    if (c->transfers && (c->has_length || minor == 0))
        return false;
    return !c->says_close && (minor > 0 || c->says_keep_alive);
}

/* "timeout=5, max=100" (RFC 2068 19.7.1.1): how many seconds the peer keeps an idle
 * connection. An eighth is left for the way, so as not to send into its closing. */
static int64_t framing_keep_alive_ms(ferry_str value)
{
    ferry_str timeout = FY_S("timeout=");
    for (ferry_str item; fy_str_cut(&value, ',', &item);) {
        uint64_t seconds;
        item = fy_str_trim(item);
        if (fy_str_starts_nocase(item, timeout) &&
            fy_str_number(fy_str_from(item, timeout.len), INT32_MAX, &seconds))
            return (int64_t)seconds * 1000 / 8 * 7;
    }
    return INT64_MAX;
}

static void framing_set(fy_framing *f, fy_framing_kind kind, uint64_t left)
{
    f->kind = kind;
    f->left = left;
    f->is_done = kind == FY_FRAMING_NONE || (kind == FY_FRAMING_LENGTH && left == 0);
}

/* RFC 9112 6.3, rules 4 to 8. */
static ferry_err framing_choose(fy_framing *f, const framing_claims *c, fy_error *x)
{
    if (c->transfers) {
        if (c->transfers > 1 || !fy_str_eq_nocase(c->transfer, FY_S("chunked")))
            return fy_fail(x, FERRY_ERR_PROTOCOL,
                "Transfer-Encoding other than exactly one chunked", FY_NOWHERE);
        framing_set(f, FY_FRAMING_CHUNKED, 0);
    } else if (c->has_length) {
        framing_set(f, FY_FRAMING_LENGTH, c->length);
    } else {
        f->may_persist = false;
        framing_set(f, FY_FRAMING_CLOSE, 0);
    }
    return FERRY_OK;
}

/* In the order of the bytes. */
enum {
    FRAMING_SIZE_FIRST,
    FRAMING_SIZE,
    FRAMING_BLANK,
    FRAMING_EXTENSION,
    FRAMING_QUOTED,
    FRAMING_ESCAPED,
    FRAMING_SIZE_LF,
    FRAMING_DATA,
    FRAMING_DATA_CR,
    FRAMING_DATA_LF,
    FRAMING_TRAILER_FIRST,
    FRAMING_TRAILER,
    FRAMING_END_LF
};

void fy_framing_init(
    fy_framing *f, const ferry_platform *m, size_t max_trailer, size_t max_fields)
{
    *f = (fy_framing){.kind = FY_FRAMING_NONE, .is_done = true};
    fy_buf_init(&f->trailer_text, m, max_trailer);
    fy_fields_init(&f->trailers, m, max_fields);
}

void fy_framing_fini(fy_framing *f)
{
    fy_buf_fini(&f->trailer_text);
    fy_fields_fini(&f->trailers);
}

ferry_err fy_framing_begin(
    fy_framing *f, const fy_head *head, bool is_bodyless, fy_error *x)
{
    framing_claims c = {.length = 0};
    for (size_t i = 0; i < head->fields.n; i++)
        TRY(framing_claim(&c, &head->fields.at[i], x));
    fy_buf_clear(&f->trailer_text);
    f->trailers.n = 0;
    f->state = FRAMING_SIZE_FIRST;
    f->line_len = 0;
    f->seen = 0;
    f->may_persist = framing_persists(&c, head->minor);
    f->has_coding = c.has_coding;
    f->sets_cookies = c.sets_cookies;
    f->keep_alive_ms = framing_keep_alive_ms(c.keep_alive);
    framing_set(f, FY_FRAMING_NONE, 0);
    /* Rule 1: these end at the empty line, whatever the fields claim. */
    if (is_bodyless || head->status / 100 == 1 || head->status == 204 ||
        head->status == 304)
        return FERRY_OK;
    return framing_choose(f, &c, x);
}

static ferry_err framing_fail(const fy_framing *f, const char *what, fy_error *x)
{
    return fy_fail(x, FERRY_ERR_PROTOCOL, what, (int64_t)f->seen);
}

static ferry_str framing_eat(fy_framing *f, ferry_str *raw, size_t n)
{
    ferry_str eaten = fy_str_upto(*raw, n);
    *raw = fy_str_from(*raw, n);
    f->seen += n;
    return eaten;
}

/* Of a chunk-size line: it is counted, as a peer could send nothing else for ever. */
static ferry_err framing_eat_line(fy_framing *f, ferry_str *raw, size_t n, fy_error *x)
{
    f->line_len += framing_eat(f, raw, n).len;
    if (f->line_len > f->trailer_text.max)
        return fy_fail(
            x, FERRY_ERR_LIMIT, "chunk-size line too long", (int64_t)f->seen);
    return FERRY_OK;
}

/* chunk-size = 1*HEXDIG, of which no bit may fall off the top; then CR, or BWS and a
 * semicolon (RFC 9112 7.1). */
static ferry_err framing_size(fy_framing *f, ferry_str *raw, fy_error *x)
{
    size_t i = 0;
    int digit = -1;
    while (
        i < raw->len && (digit = fy_hex_value(raw->ptr[i])) >= 0 && !(f->left >> 59)) {
        f->left = f->left << 4 | (uint64_t)digit;
        f->state = FRAMING_SIZE;
        i++;
    }
    TRY(framing_eat_line(f, raw, i, x));
    if (raw->len == 0)
        return FERRY_OK;
    if (digit >= 0)
        return framing_fail(f, "chunk size too large", x);
    if (f->state == FRAMING_SIZE_FIRST)
        return framing_fail(f, "chunk size is not hexadecimal", x);
    if (raw->ptr[0] != '\r') {
        f->state = FRAMING_BLANK;
        return FERRY_OK;
    }
    f->state = FRAMING_SIZE_LF;
    return framing_eat_line(f, raw, 1, x);
}

static ferry_err framing_blank(fy_framing *f, ferry_str *raw, fy_error *x)
{
    char c = raw->ptr[0];
    if (c == ';')
        f->state = FRAMING_EXTENSION;
    else if (!fy_is_blank(c))
        return framing_fail(f, "chunk size is followed by neither CRLF nor ';'", x);
    return framing_eat_line(f, raw, 1, x);
}

/* Where an extension has got to, one byte later: a quoted string may hold what would
 * otherwise end it (RFC 9110 5.6.4). */
static int framing_quote(int state, char c)
{
    if (state == FRAMING_ESCAPED)
        return FRAMING_QUOTED;
    if (c == '"')
        return state == FRAMING_QUOTED ? FRAMING_EXTENSION : FRAMING_QUOTED;
    return c == '\\' && state == FRAMING_QUOTED ? FRAMING_ESCAPED : state;
}

/* RFC 9112 7.1.1: ignored, once it is sure where it ends. */
static ferry_err framing_extension(fy_framing *f, ferry_str *raw, fy_error *x)
{
    size_t n = fy_str_value_end(*raw);
    for (size_t i = 0; i < n; i++)
        f->state = framing_quote(f->state, raw->ptr[i]);
    TRY(framing_eat_line(f, raw, n, x));
    if (raw->len == 0)
        return FERRY_OK;
    if (raw->ptr[0] != '\r')
        return framing_fail(f, "control byte in a chunk extension", x);
    if (f->state != FRAMING_EXTENSION)
        return framing_fail(f, "quote open at the end of a chunk extension", x);
    f->state = FRAMING_SIZE_LF;
    return framing_eat_line(f, raw, 1, x);
}

static ferry_err framing_expect(
    fy_framing *f, ferry_str *raw, char c, int next, fy_error *x)
{
    if (raw->ptr[0] != c)
        return framing_fail(f, "CRLF missing in the chunked coding", x);
    framing_eat(f, raw, 1);
    f->state = next;
    return FERRY_OK;
}

static ferry_err framing_trailer_first(fy_framing *f, ferry_str *raw)
{
    if (raw->ptr[0] == '\r') {
        framing_eat(f, raw, 1);
        f->state = FRAMING_END_LF;
    } else {
        f->state = FRAMING_TRAILER;
    }
    return FERRY_OK;
}

static ferry_err framing_trailer(fy_framing *f, ferry_str *raw, fy_error *x)
{
    const fy_buf *text = &f->trailer_text;
    const char *lf = memchr(raw->ptr, '\n', raw->len);
    size_t n = lf ? (size_t)(lf - raw->ptr) + 1 : raw->len;
    fy_buf_puts(&f->trailer_text, framing_eat(f, raw, n));
    TRY(fy_fail_buf(x, text, "trailers too long"));
    if (!lf)
        return FERRY_OK;
    if (text->len < 2 || text->ptr[text->len - 2] != '\r')
        return fy_fail(
            x, FERRY_ERR_PROTOCOL, "line ended by a bare LF", (int64_t)f->seen - 1);
    f->state = FRAMING_TRAILER_FIRST;
    return FERRY_OK;
}

static ferry_err framing_end(fy_framing *f, ferry_str *raw, fy_error *x)
{
    TRY(framing_expect(f, raw, '\n', FRAMING_END_LF, x));
    f->is_done = true;
    return fy_fields_parse(&f->trailers, f->trailer_text.ptr, f->trailer_text.len,
        (int64_t)(f->seen - f->trailer_text.len - 2), x);
}

static ferry_err framing_chunk_step(fy_framing *f, ferry_str *raw, fy_error *x)
{
    switch (f->state) {
    case FRAMING_SIZE_FIRST:
    case FRAMING_SIZE: return framing_size(f, raw, x);
    case FRAMING_BLANK: return framing_blank(f, raw, x);
    case FRAMING_EXTENSION:
    case FRAMING_QUOTED:
    case FRAMING_ESCAPED: return framing_extension(f, raw, x);
    case FRAMING_SIZE_LF:
        return framing_expect(
            f, raw, '\n', f->left ? FRAMING_DATA : FRAMING_TRAILER_FIRST, x);
    case FRAMING_DATA_CR: return framing_expect(f, raw, '\r', FRAMING_DATA_LF, x);
    case FRAMING_DATA_LF: return framing_expect(f, raw, '\n', FRAMING_SIZE_FIRST, x);
    case FRAMING_TRAILER_FIRST: return framing_trailer_first(f, raw);
    case FRAMING_TRAILER: return framing_trailer(f, raw, x);
    default: return framing_end(f, raw, x);
    }
}

/* As many of the bytes to come as are here. */
static ferry_str framing_data(fy_framing *f, ferry_str *raw)
{
    ferry_str data = framing_eat(
        f, raw, f->left < raw->len ? (size_t)f->left : raw->len);
    f->left -= data.len;
    return data;
}

/* How long CRLF, a few digits and CRLF are at the front of `raw`: the usual way from one
 * chunk to the next. 0: anything else, or not all here, and left to the states. */
static size_t framing_hop_len(ferry_str raw, uint64_t *size)
{
    enum { FRAMING_DIGITS = 8 };
    const char *p = raw.ptr;
    size_t i = 2;
    *size = 0;
    if (raw.len < 2 + FRAMING_DIGITS + 2 || p[0] != '\r' || p[1] != '\n')
        return 0;
    for (int digit; i < 2 + FRAMING_DIGITS && (digit = fy_hex_value(p[i])) >= 0; i++)
        *size = *size << 4 | (uint64_t)digit;
    return *size && p[i] == '\r' && p[i + 1] == '\n' ? i + 2 : 0;
}

static bool framing_hop(fy_framing *f, ferry_str *raw)
{
    uint64_t size;
    size_t n = framing_hop_len(*raw, &size);
    if (n == 0 || n == raw->len) /* an empty slice would be the end of the body */
        return false;
    framing_eat(f, raw, n);
    f->left = size;
    f->state = FRAMING_DATA;
    return true;
}

size_t fy_framing_join(fy_framing *f, ferry_str *raw, char *to, size_t longest)
{
    char *at = to;
    uint64_t size;
    size_t n;
    while (f->state == FRAMING_DATA_CR && (n = framing_hop_len(*raw, &size)) &&
           size <= longest && size <= raw->len - n) {
        memmove(at, framing_eat(f, raw, n + (size_t)size).ptr + n, (size_t)size);
        at += size;
    }
    return (size_t)(at - to);
}

static ferry_err framing_next_chunked(
    fy_framing *f, ferry_str *raw, ferry_str *slice, fy_error *x)
{
    while (raw->len && !f->is_done) {
        if (f->state == FRAMING_DATA ||
            (f->state == FRAMING_DATA_CR && framing_hop(f, raw))) {
            *slice = framing_data(f, raw);
            if (f->left == 0) {
                f->state = FRAMING_DATA_CR;
                f->line_len = 0;
            }
            return FERRY_OK;
        }
        TRY(framing_chunk_step(f, raw, x));
    }
    return f->is_done ? FERRY_OK : FERRY_AGAIN;
}

ferry_err fy_framing_next(fy_framing *f, ferry_str *raw, ferry_str *slice, fy_error *x)
{
    *slice = fy_str_upto(*raw, 0);
    if (f->is_done)
        return FERRY_OK;
    if (f->kind == FY_FRAMING_CHUNKED)
        return framing_next_chunked(f, raw, slice, x);
    if (raw->len == 0)
        return FERRY_AGAIN;
    if (f->kind == FY_FRAMING_CLOSE) {
        *slice = framing_eat(f, raw, raw->len);
        return FERRY_OK;
    }
    *slice = framing_data(f, raw);
    f->is_done = f->left == 0;
    return FERRY_OK;
}

ferry_err fy_framing_end(fy_framing *f, fy_error *x)
{
    if (f->kind != FY_FRAMING_CLOSE)
        return fy_fail(x, FERRY_ERR_TRUNCATED,
            f->kind == FY_FRAMING_CHUNKED ? "closed before the last chunk"
                                          : "closed before Content-Length bytes",
            (int64_t)f->seen);
    f->is_done = true;
    return FERRY_OK;
}
