/* prepare.c - from the caller's words to a request that can be sent.
 * session. Knows options, URLs and heads. Does not know connections.
 * SPDX-License-Identifier: MIT */
#include "session/prepare.h"

#include <string.h>

#include "net/tls.h"
#include "proto/request.h"

/* Parse the URL, choose the mount by it, and join the options of the three levels. */
static ferry_err prepare_options(
    fy_transfer *t, const fy_wish *wish, const fy_layer **mount)
{
    const ferry_session *s = t->session;
    ferry_fields params = {NULL, 0};
    TRY(fy_url_parse(&t->url, wish->url, params, &t->error));
    *mount = fy_mounts_find(&s->mounts, &t->url);
    fy_options_resolve(&t->opts, &s->layer, *mount, wish->opts);
    TRY(fy_options_params(
        &params, &t->params, &s->layer, *mount, wish->opts->params, &t->error));
    return params.n ? fy_url_parse(&t->url, wish->url, params, &t->error) : FERRY_OK;
}

/* Who connects, and whether https may go over it (RFC 9110 4.2.2): a dialler that
 * protects its bytes says so itself, and says it of no other. */
static ferry_err prepare_dialer(fy_transfer *t, const fy_layer *mount, uint32_t *id)
{
    const fy_layer *from = mount && mount->dialer_id ? mount : &t->session->layer;
    t->dialer = from->dialer;
    *id = from->dialer_id;
    bool is_https = fy_str_eq(t->url.scheme, FY_S("https"));
    return is_https && !from->is_secure ? fy_tls_check(&t->error) : FERRY_OK;
}

/* Head and small body leave in one call: the body moves in behind the head. */
static void prepare_join(fy_transfer *t)
{
    fy_body *b = &t->body;
    t->head_len = t->head.len;
    if (b->source.read || b->bytes.len == 0 ||
        (uint64_t)t->opts.limits.buffer < t->head.len + b->bytes.len)
        return;
    b->is_ahead = fy_buf_reserve(&t->head, b->bytes.len);
    if (b->is_ahead)
        fy_buf_puts(&t->head, b->bytes);
}

/* Does the list begin with all of `first`, none of them replaced? */
static bool prepare_begins_with(ferry_fields list, ferry_fields first)
{
    size_t i = 0;
    while (i < first.n && i < list.n && list.at[i].name.ptr == first.at[i].name.ptr &&
           list.at[i].value.ptr == first.at[i].value.ptr)
        i++;
    return i == first.n;
}

static ferry_err prepare_head(
    fy_transfer *t, const fy_wish *wish, const fy_layer *mount)
{
    const ferry_opts *o = wish->opts;
    fy_request r = {.method = wish->method, .url = &t->url};
    if (o->target)
        r.target = fy_str(o->target);
    TRY(fy_options_headers(
        &r.fields, &t->headers, &t->session->layer, mount, o->headers, &t->error));
    const fy_layer *session = &t->session->layer;
    if (session->has_ahead &&
        prepare_begins_with(r.fields, fy_fields_view(&session->headers)))
        r.ahead = &session->ahead;
    TRY(fy_body_choose(&t->body, o, &t->opts.limits, &t->error));
    if (t->body.exists)
        fy_body_describe(&t->body, &r);
    fy_buf_clear(&t->head);
    TRY(fy_request_put(&t->head, &r, &t->error));
    t->closes = r.says_close;
    t->exchange.asks_upgrade = r.asks_upgrade;
    t->may_replay = fy_request_is_idempotent(wish->method);
    t->exchange.is_head_method = fy_str_eq(wish->method, FY_S("HEAD"));
    prepare_join(t);
    return FERRY_OK;
}

static ferry_str prepare_bare_host(const fy_url *u)
{
    bool has_brackets = u->host.len && u->host.ptr[0] == '[';
    return has_brackets ? (ferry_str){u->host.ptr + 1, u->host.len - 2} : u->host;
}

static void prepare_text(fy_buf *b, ferry_str s)
{
    fy_buf_puts(b, s);
    fy_buf_putc(b, '\0');
}

/* The pool's key holds every setting that decides who the peer is, and the texts that
 * connecting wants: host, zone, and both in one for a dialler that takes names. */
static ferry_err prepare_key(fy_transfer *t, uint32_t dialer_id)
{
    const fy_url *u = &t->url;
    fy_buf *key = &t->key;
    ferry_str host = prepare_bare_host(u);
    fy_buf_clear(key);
    prepare_text(key, host);
    prepare_text(key, u->zone);
    size_t both = u->zone.len ? key->len : 0;
    if (both) {
        fy_buf_puts(key, host);
        fy_buf_putc(key, '%');
        prepare_text(key, u->zone);
    }
    fy_buf_puts(key, u->scheme);
    fy_buf_put(key, &u->port, sizeof u->port);
    fy_buf_put(key, &dialer_id, sizeof dialer_id);
    TRY(fy_fail_buf(&t->error, key, NULL));
    t->endpoint = (fy_endpoint){.host = key->ptr,
        .zone = key->ptr + host.len + 1,
        .host_and_zone = both ? key->ptr + both : NULL,
        .port = u->port,
        .is_literal = u->addr.family != 0,
        .literal = u->addr,
        .dialer = t->dialer.dial ? &t->dialer : NULL};
    return FERRY_OK;
}

ferry_err fy_prepare(fy_transfer *t, const fy_wish *wish)
{
    const fy_layer *mount;
    uint32_t dialer_id;
    TRY(prepare_options(t, wish, &mount));
    TRY(prepare_dialer(t, mount, &dialer_id));
    TRY(prepare_head(t, wish, mount));
    return prepare_key(t, dialer_id);
}
