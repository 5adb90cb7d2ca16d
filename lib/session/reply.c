/* reply.c - where the body of a response goes: decoded, then gathered or lent piece by
 * piece; or dropped. session. Knows memory and limits. Does not know connections.
 *
 * Theory: what came with the head lies behind it, so a small body is gathered where it
 * is. A larger one gets a block of its own, into which is read directly; chunk framing
 * read with it is closed up as the pieces are found, and small pieces that are lent are
 * joined in the same way, as each costs its reader a call. A coded body is received as one
 * that is lent, and what is made of it is gathered or lent in turn. Memory grows with the
 * bytes that really came, not with what a peer promises. SPDX-License-Identifier: MIT */
#include "session/reply.h"

#include <string.h>

enum {
    REPLY_FIRST_BLOCK = 1 << 20, /* however much is promised */
    REPLY_WIDE_AFTER = 1 << 20,  /* bytes of one body, then wider reads pay */
    REPLY_SMALL = 512,           /* below it, moving a piece is cheaper than a call */
    REPLY_LENT = 4,              /* times the receive buffer: decoded at once */
    REPLY_FRAMING_ROOM = 256     /* beyond a full body: what ends it must be read too */
};

void fy_reply_init(fy_reply *r, const ferry_platform *m, fy_decoders *decoders)
{
    memset(r, 0, sizeof *r);
    fy_buf_init(&r->block, m, SIZE_MAX / 4);
    fy_buf_init(&r->decoded, m, SIZE_MAX / 4);
    r->decoders = decoders;
}

static void reply_stop_decoding(fy_reply *r)
{
    if (r->decode)
        fy_decoders_give(r->decoders, r->decode);
    r->decode = NULL;
}

void fy_reply_fini(fy_reply *r)
{
    reply_stop_decoding(r);
    fy_buf_fini(&r->decoded);
    fy_buf_fini(&r->block);
    r->at = NULL;
    r->len = r->cap = 0;
}

/* RFC 9110 15.3.7: a part of coded data cannot be decoded alone. */
static bool reply_is_coded(const fy_exchange *x)
{
    return x->framing.has_coding && x->opts->decode == FERRY_ON &&
           x->in == FY_IN_BODY && x->head.status != 206 &&
           fy_decode_is_coded(fy_fields_view(&x->head.fields));
}

void fy_reply_begin(fy_reply *r, const fy_exchange *x)
{
    reply_stop_decoding(r);
    r->is_coded = reply_is_coded(x);
    r->is_full = r->is_over = false;
    r->late = FERRY_OK;
    r->coded = FY_S("");
    fy_buf_clear(&r->decoded);
    r->at = x->input->ptr + x->head_len;
    r->cap = x->input->cap - x->head_len;
    r->len = 0;
    r->passed = r->drained = 0;
}

static ferry_err reply_check_limit(const fy_reply *r, const fy_exchange *x)
{
    uint64_t limit = (uint64_t)x->opts->limits.body;
    bool is_over = r->passed > limit;
    if (x->in == FY_IN_BODY && x->framing.kind == FY_FRAMING_LENGTH)
        is_over |= x->framing.left > limit - r->passed;
    return is_over
               ? fy_fail(x->error, FERRY_ERR_LIMIT, "body too long", (int64_t)r->passed)
               : FERRY_OK;
}

/* How large the block should be, given that what is there is full. */
static size_t reply_next_size(const fy_reply *r, const fy_exchange *x)
{
    uint64_t most = (uint64_t)fy_due(x->opts->limits.body, REPLY_FRAMING_ROOM);
    if (x->framing.kind == FY_FRAMING_LENGTH)
        most = r->len + x->framing.left;
    uint64_t size = 2 * (uint64_t)r->cap, least = (uint64_t)x->opts->limits.buffer;
    if (x->framing.kind == FY_FRAMING_LENGTH)
        least = REPLY_FIRST_BLOCK;
    if (size < least) /* the head may have left no room at all */
        size = least;
    if (size > most)
        size = most;
    return fy_size(size);
}

static ferry_err reply_widen(fy_reply *r, fy_exchange *x)
{
    fy_buf *b = &r->block;
    bool is_moving = b->ptr == NULL;
    b->len = is_moving ? 0 : r->len;
    size_t size = reply_next_size(r, x);
    fy_buf_reserve_exact(b, size > b->len ? size - b->len : 1); /* else: no read of 0 */
    TRY(fy_fail_buf(x->error, b, "body too long"));
    if (is_moving && r->len)
        memcpy(b->ptr, r->at, r->len);
    r->at = b->ptr;
    r->cap = b->cap;
    return FERRY_OK;
}

/* A body of known length that cannot fit gets its block before more is read; any other
 * once the room is so small that reads would be. */
static bool reply_must_widen(const fy_reply *r, const fy_exchange *x)
{
    size_t room = r->cap - r->len;
    if (x->framing.kind == FY_FRAMING_LENGTH)
        return room == 0 || (!r->block.ptr && x->framing.left > room);
    return room == 0 || (room < r->cap / 8 && reply_next_size(r, x) > r->cap);
}

static ferry_err reply_receive(fy_reply *r, fy_exchange *x, fy_wake *w)
{
    TRY(reply_check_limit(r, x));
    if (reply_must_widen(r, x))
        TRY(reply_widen(r, x));
    size_t room = r->cap - r->len, most = fy_size((uint64_t)x->opts->limits.buffer_max);
    return fy_exchange_receive(x, w, r->at + r->len, room < most ? room : most);
}

static void reply_keep(fy_reply *r, fy_exchange *x, ferry_str piece)
{
    if (r->at + r->len != piece.ptr)
        memmove(r->at + r->len, piece.ptr, piece.len);
    r->len += piece.len;
    size_t joined = fy_framing_join(&x->framing, &x->raw, r->at + r->len, SIZE_MAX);
    r->len += joined;
    r->passed += piece.len + joined;
}

static ferry_err reply_gather(fy_reply *r, fy_exchange *x, fy_wake *w)
{
    for (ferry_str piece;;) {
        ferry_err e = fy_exchange_piece(x, &piece);
        if (e == FERRY_AGAIN)
            e = reply_receive(r, x, w);
        else if (piece.len)
            reply_keep(r, x, piece);
        else if (!e)
            break;
        TRY(e);
    }
    TRY(reply_check_limit(r, x));
    r->at[r->len] = '\0';
    return FERRY_OK;
}

/* Lent pieces are read behind the head, and after a while into a wide block. */
static ferry_err reply_receive_to_lend(fy_reply *r, fy_exchange *x, fy_wake *w)
{
    bool is_wide = r->passed >= REPLY_WIDE_AFTER;
    size_t wide = fy_size((uint64_t)x->opts->limits.buffer_max),
           first = fy_size((uint64_t)x->opts->limits.buffer);
    bool is_cramped = r->cap < first / 2 && r->block.cap == 0;
    if ((is_wide && r->block.cap < wide) || is_cramped) {
        fy_buf_reserve_exact(&r->block, is_wide ? wide : first);
        TRY(fy_fail_buf(x->error, &r->block, NULL));
        r->at = r->block.ptr;
        r->cap = r->block.cap;
    }
    return fy_exchange_receive(x, w, r->at, r->cap < wide ? r->cap : wide);
}

static ferry_err reply_next(fy_reply *r, fy_exchange *x, fy_wake *w, ferry_str *piece)
{
    ferry_err e;
    while ((e = fy_exchange_piece(x, piece)) == FERRY_AGAIN)
        TRY(reply_receive_to_lend(r, x, w));
    if (piece->len && piece->len < REPLY_SMALL)
        piece->len += fy_framing_join(&x->framing, &x->raw,
            r->at + (piece->ptr - r->at) + piece->len, REPLY_SMALL);
    r->passed += piece->len;
    return e;
}

ferry_err fy_reply_drop(fy_reply *r, fy_exchange *x, fy_wake *w)
{
    for (ferry_str piece;;) {
        TRY(reply_check_limit(r, x));
        TRY(reply_next(r, x, w, &piece));
        if (piece.len == 0)
            return FERRY_OK;
    }
}

/* --- decoding -------------------------------------------------------------------- */

/* What is lent is decoded into four receive buffers, so that each step has enough to do. */
static ferry_err reply_start_decoding(fy_reply *r, fy_exchange *x)
{
    int64_t buffer = x->opts->limits.buffer;
    size_t room = REPLY_LENT *
                  (buffer < REPLY_FIRST_BLOCK ? (size_t)buffer : REPLY_FIRST_BLOCK);
    r->decode = fy_decoders_take(r->decoders);
    if (!r->decode)
        return fy_fail_nomem(x->error);
    fy_buf *out = &r->decode->out;
    TRY(fy_decode_begin(
        r->decode, fy_fields_view(&x->head.fields), x->opts->decode_ratio, x->error));
    fy_buf_clear(out);
    if (out->cap != room)
        fy_buf_fini(out);
    fy_buf_reserve_exact(out, room);
    return fy_fail_buf(x->error, out, NULL);
}

/* See to it that there is something to decode, unless the body is over. */
static ferry_err reply_feed(fy_reply *r, fy_exchange *x, fy_wake *w)
{
    if (r->coded.len || r->is_full || r->is_over)
        return FERRY_OK;
    TRY(reply_next(r, x, w, &r->coded));
    r->is_over = r->coded.len == 0;
    if (!r->is_over)
        return r->decode ? FERRY_OK : reply_start_decoding(r, x);
    ferry_err e = r->decode ? fy_decode_end(r->decode, x->error) : FERRY_OK;
    reply_stop_decoding(r);
    return e;
}

static ferry_err reply_decode(fy_reply *r, fy_exchange *x, fy_room *out)
{
    TRY(fy_decode_step(r->decode, &r->coded, out, x->error));
    r->is_full = out->left == 0;
    return FERRY_OK;
}

static ferry_err reply_next_decoded(
    fy_reply *r, fy_exchange *x, fy_wake *w, ferry_str *piece)
{
    ferry_err e = r->late;
    for (*piece = FY_S(""); !e && !piece->len;) {
        TRY(reply_feed(r, x, w));
        if (r->is_over)
            break;
        const fy_buf *b = &r->decode->out;
        fy_room out = {b->ptr, b->cap};
        e = reply_decode(r, x, &out);
        *piece = (ferry_str){b->ptr, b->cap - out.left};
    }
    r->late = e; /* what came out before it is given first */
    return piece->len ? FERRY_OK : e;
}

/* A coded body that is promised to be short gets a short block, which mostly does. One
 * byte more than the limit may be tried: with it the block is full, and has no more. */
static ferry_err reply_widen_decoded(fy_reply *r, fy_exchange *x)
{
    fy_buf *b = &r->decoded;
    uint64_t first = (uint64_t)x->opts->limits.buffer;
    b->max = fy_size((uint64_t)fy_due(x->opts->limits.body, 1));
    if (x->framing.kind == FY_FRAMING_LENGTH)
        first = REPLY_LENT * (uint64_t)fy_size(r->passed + x->framing.left);
    if (first > REPLY_FIRST_BLOCK)
        first = REPLY_FIRST_BLOCK;
    if (b->cap == 0 && first < b->max)
        fy_buf_reserve_exact(b, (size_t)first);
    fy_buf_reserve(b, 1);
    return fy_fail_buf(x->error, b, "body too long");
}

static ferry_err reply_gather_decoded(fy_reply *r, fy_exchange *x, fy_wake *w)
{
    fy_buf *b = &r->decoded;
    for (;;) {
        TRY(reply_feed(r, x, w));
        if (r->is_over)
            break;
        if (b->len == b->cap)
            TRY(reply_widen_decoded(r, x));
        fy_room out = {b->ptr + b->len, b->cap - b->len};
        ferry_err e = reply_decode(r, x, &out);
        b->len = b->cap - out.left;
        TRY(e);
    }
    if (b->len)
        r->at = b->ptr;
    r->len = b->len;
    r->at[r->len] = '\0';
    return FERRY_OK;
}

ferry_err fy_reply_gather(fy_reply *r, fy_exchange *x, fy_wake *w)
{
    return r->is_coded ? reply_gather_decoded(r, x, w) : reply_gather(r, x, w);
}

ferry_err fy_reply_next(fy_reply *r, fy_exchange *x, fy_wake *w, ferry_str *piece)
{
    return r->is_coded ? reply_next_decoded(r, x, w, piece)
                       : reply_next(r, x, w, piece);
}

/* Counted is what was sent, framing and all, so that it ends whatever a peer sends; and of
 * that what was looked at, so that it ends at the same byte however the bytes come. */
static bool reply_is_too_much(const fy_reply *r, const fy_exchange *x, uint64_t most)
{
    bool is_known = x->in == FY_IN_BODY && x->framing.kind == FY_FRAMING_LENGTH;
    return r->drained > most || (is_known && x->framing.left > most - r->drained);
}

ferry_err fy_reply_drain(fy_reply *r, fy_exchange *x, fy_wake *w, uint64_t most)
{
    for (ferry_str piece;;) {
        size_t before = x->raw.len;
        ferry_err e = fy_exchange_piece(x, &piece);
        r->drained += before - x->raw.len;
        if (reply_is_too_much(r, x, most))
            return fy_fail(x->error, FERRY_ERR_LIMIT, NULL, FY_NOWHERE);
        if (e == FERRY_AGAIN)
            e = reply_receive_to_lend(r, x, w);
        else if (!e && !piece.len)
            return FERRY_OK;
        TRY(e);
    }
}
