/* deliver.c - a body to where its caller wants it: memory of the session, his own, or
 * his sink. session. Knows the reply. Does not know connections.
 * SPDX-License-Identifier: MIT */
#include "session/deliver.h"

#include <string.h>

static ferry_err deliver_to_sink(fy_transfer *t, ferry_str piece)
{
    t->is_delivered = true;
    if (t->sink.put(t->sink.ctx, &t->pub, piece.ptr, piece.len) == 0)
        return FERRY_OK;
    return fy_fail(&t->error, FERRY_ERR_ABORTED, "the sink ended it", FY_NOWHERE);
}

/* With a NUL behind it, if there is room for one. */
static ferry_err deliver_to_buffer(fy_transfer *t, ferry_str piece)
{
    char *to = t->into.ptr;
    size_t len = t->pub.body.len;
    if (piece.len > t->into.len - len)
        return fy_fail(
            &t->error, FERRY_ERR_LIMIT, "body longer than .into", (int64_t)len);
    memcpy(to + len, piece.ptr, piece.len);
    len += piece.len;
    if (len < t->into.len)
        to[len] = '\0';
    t->pub.body = (ferry_str){to, len};
    return FERRY_OK;
}

static ferry_err deliver_pieces(
    fy_transfer *t, fy_wake *w, ferry_err (*take)(fy_transfer *t, ferry_str piece))
{
    for (ferry_str piece;;) {
        TRY(fy_reply_next(&t->reply, &t->exchange, w, &piece));
        if (piece.len == 0)
            return FERRY_OK;
        TRY(take(t, piece));
    }
}

ferry_err fy_deliver(fy_transfer *t, fy_wake *w)
{
    if (t->sink.put)
        return deliver_pieces(t, w, deliver_to_sink);
    if (t->into.ptr)
        return deliver_pieces(t, w, deliver_to_buffer);
    TRY(fy_reply_gather(&t->reply, &t->exchange, w));
    t->pub.body = (ferry_str){t->reply.at, t->reply.len};
    return FERRY_OK;
}
