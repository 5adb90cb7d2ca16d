/* accessors.c - what can be asked of a response, and its copy that needs no session.
 * session. Knows the public struct. Does not know how it was filled.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "proto/link.h"
#include "proto/status.h"
#include "session/life.h"
#include "session/session.h"
#include "session/transfer.h"

static const char *accessors_value(ferry_fields f, const char *name, size_t nth)
{
    const ferry_field *found = name ? fy_fields_find(f, fy_str(name), nth) : NULL;
    return found ? found->value.ptr : NULL;
}

const char *ferry_header(const ferry_response *r, const char *name)
{
    return ferry_header_nth(r, name, 0);
}

const char *ferry_header_nth(const ferry_response *r, const char *name, size_t i)
{
    return r ? accessors_value(r->headers, name, i) : NULL;
}

const char *ferry_trailer(const ferry_response *r, const char *name)
{
    return r ? accessors_value(r->trailers, name, 0) : NULL;
}

const char *ferry_status_text(int status)
{
    return fy_status_text(status);
}

int ferry_status_code(const char *name)
{
    return fy_status_code(fy_str(name));
}

bool ferry_ok(const ferry_response *r)
{
    return r && r->status && r->status < 400;
}

ferry_err ferry_check(ferry_response *r)
{
    if (!r || !r->status)
        return FERRY_ERR_USAGE;
    if (ferry_ok(r))
        return FERRY_OK;
    fy_transfer *t = (fy_transfer *)(void *)r;
    fy_error x = {.code = FERRY_ERR_STATUS, .what = r->reason, .at = FY_NOWHERE};
    if (t->session) {
        x.status = r->status;
        fy_session_fail(t->session, &x, t);
    }
    return FERRY_ERR_STATUS;
}

static bool accessors_find_link(ferry_fields f, ferry_str rel, ferry_str *target)
{
    const ferry_field *link;
    for (size_t i = 0; (link = fy_fields_find(f, FY_S("Link"), i)); i++)
        if (fy_link_find(link->value, rel, target))
            return true;
    return false;
}

const char *ferry_link(ferry_response *r, const char *rel)
{
    fy_transfer *t = (fy_transfer *)(void *)r;
    ferry_str target;
    fy_error x;
    if (!r || !rel || !t->session || !fy_str(rel).len ||
        !accessors_find_link(r->headers, fy_str(rel), &target) ||
        !fy_transfer_chain(t) || fy_url_resolve(&t->chain->link, &t->url, target, &x))
        return NULL;
    return fy_buf_text(&t->chain->link.text);
}

static ferry_err accessors_take(fy_transfer *t, ferry_transport **out)
{
    fy_error x;
    if (t->pub.status != 101 || !t->conn || !out) {
        fy_fail(&x, FERRY_ERR_USAGE, "no 101, or taken already", FY_NOWHERE);
        return fy_session_fail(t->session, &x, t);
    }
    *out = t->conn->transport;
    t->conn->transport = NULL;
    fy_pool_drop(&t->session->pool, t->conn);
    t->conn = NULL;
    return FERRY_OK;
}

ferry_err ferry_take(ferry_response *r, ferry_transport **out)
{
    fy_transfer *t = (fy_transfer *)(void *)r;
    if (!r || !t->session)
        return FERRY_ERR_USAGE;
    TRY(fy_session_enter(t->session));
    return fy_session_leave(t->session, accessors_take(t, out));
}

/* --- a copy in one block --------------------------------------------------------- */

static void accessors_walk(fy_block *b, ferry_response *r)
{
    fy_block_room(b, sizeof(fy_detached));
    r->headers = fy_block_fields(b, r->headers);
    r->trailers = fy_block_fields(b, r->trailers);
    r->reason = fy_block_text(b, r->reason);
    r->url = fy_block_text(b, r->url);
    r->next_url = fy_block_text(b, r->next_url);
    r->body = fy_block_str(b, r->body);
    r->request = FY_S("");
    r->history = NULL;
    r->n_history = 0;
}

static fy_detached *accessors_detach(const fy_transfer *t)
{
    ferry_response measured = t->pub;
    fy_block b = {NULL, 0};
    accessors_walk(&b, &measured);
    size_t size = b.len;
    fy_detached *d = fy_resize(&t->session->platform, NULL, 0, size);
    if (!d)
        return NULL;
    *d = (fy_detached){.pub = t->pub, .platform = t->session->platform, .size = size};
    fy_buf_init(&d->text, &d->platform, SIZE_MAX / 4);
    b = (fy_block){(char *)d, 0};
    accessors_walk(&b, &d->pub);
    fy_buf_init(&d->crumb, &d->platform, SIZE_MAX / 4);
    d->crumb.is_secret = true;
    return d;
}

ferry_response *ferry_detach(const ferry_response *r)
{
    const fy_transfer *t = (const fy_transfer *)(const void *)r;
    if (!r || !t->session || fy_session_enter(t->session))
        return NULL;
    fy_error x;
    fy_detached *d = NULL;
    if (t->state != FY_TRANSFER_DONE || t->is_streamed)
        fy_fail(&x, FERRY_ERR_USAGE,
            "only a response that was gathered can be detached", FY_NOWHERE);
    else if (!(d = accessors_detach(t)))
        fy_fail_nomem(&x);
    if (!d)
        fy_session_fail(t->session, &x, t);
    fy_session_leave(t->session, FERRY_OK);
    return d ? &d->pub : NULL;
}
