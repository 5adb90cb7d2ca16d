/* reply.c - where the body of a response goes: gathered, lent piece by piece, or
 * dropped. session. Knows memory and limits. Does not know connections.
 *
 * Theory: what came with the head lies behind it, so a small body is gathered where it
 * is. A larger one gets a block of its own, into which is read directly; chunk framing
 * read with it is closed up as the pieces are found, and small pieces that are lent are
 * joined in the same way, as each costs its reader a call. Memory grows with the bytes that
 * really came, not with what a peer promises. SPDX-License-Identifier: MIT */
#include "session/reply.h"

#include <string.h>

enum {
    REPLY_FIRST_BLOCK = 1 << 20, /* however much is promised */
    REPLY_WIDE_AFTER = 1 << 20,  /* bytes of one body, then wider reads pay */
    REPLY_SMALL = 512,           /* below it, moving a piece is cheaper than a call */
    REPLY_FRAMING_ROOM = 256     /* beyond a full body: what ends it must be read too */
};

void fy_reply_init(fy_reply *r, const ferry_platform *m)
{
    memset(r, 0, sizeof *r);
    fy_buf_init(&r->block, m, SIZE_MAX / 4);
}

void fy_reply_fini(fy_reply *r)
{
    fy_buf_fini(&r->block);
    r->at = NULL;
    r->len = r->cap = 0;
}

void fy_reply_begin(fy_reply *r, const fy_exchange *x)
{
    r->at = x->input->ptr + x->head_len;
    r->cap = x->input->cap - x->head_len;
    r->len = 0;
    r->passed = 0;
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
    uint64_t size = 2 * (uint64_t)r->cap;
    if (x->framing.kind == FY_FRAMING_LENGTH && size < REPLY_FIRST_BLOCK)
        size = REPLY_FIRST_BLOCK;
    if (size > most)
        size = most;
    return size < SIZE_MAX / 4 ? (size_t)size : SIZE_MAX / 4;
}

static ferry_err reply_widen(fy_reply *r, fy_exchange *x)
{
    fy_buf *b = &r->block;
    bool is_moving = b->ptr == NULL;
    b->len = is_moving ? 0 : r->len;
    fy_buf_reserve_exact(b, reply_next_size(r, x) - b->len);
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
    size_t room = r->cap - r->len, most = (size_t)x->opts->limits.buffer_max;
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

ferry_err fy_reply_gather(fy_reply *r, fy_exchange *x, fy_wake *w)
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
    size_t wide = (size_t)x->opts->limits.buffer_max,
           first = (size_t)x->opts->limits.buffer;
    bool is_cramped = r->cap < first / 2 && r->block.cap == 0;
    if ((is_wide && r->block.cap < wide) || is_cramped) {
        fy_buf_reserve_exact(&r->block, is_wide ? wide : first);
        TRY(fy_fail_buf(x->error, &r->block, NULL));
        r->at = r->block.ptr;
        r->cap = r->block.cap;
    }
    return fy_exchange_receive(x, w, r->at, r->cap < wide ? r->cap : wide);
}

ferry_err fy_reply_next(fy_reply *r, fy_exchange *x, fy_wake *w, ferry_str *piece)
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
        TRY(fy_reply_next(r, x, w, &piece));
        if (piece.len == 0)
            return FERRY_OK;
    }
}
