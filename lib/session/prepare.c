/* prepare.c - from the caller's words to a request that can be sent.
 * session. Knows options, URLs and heads. Does not know connections.
 * SPDX-License-Identifier: MIT */
#include "session/prepare.h"

#include <string.h>

#include "proto/request.h"
#include "session/authorize.h"
#include "session/cookie_field.h"
#include "session/endpoint.h"
#include "session/hooks.h"
#include "session/life.h"
#include "session/protect.h"

/* Parse the URL, choose the mount by it, and join the parameters of the three levels:
 * only the first URL of a call gets them. The mount is still right with them. */
static ferry_err prepare_url(fy_transfer *t, ferry_str url, const fy_layer **mount)
{
    const ferry_session *s = t->session;
    ferry_fields params = {NULL, 0};
    TRY(fy_url_parse(&t->url, url, params, &t->error));
    *mount = fy_mounts_find(&s->mounts, &t->url);
    TRY(fy_options_params(
        &params, &t->params, &s->layer, *mount, t->wish.opts->params, &t->error));
    return params.n ? fy_url_parse(&t->url, url, params, &t->error) : FERRY_OK;
}

/* What the levels say of everything but headers. */
static void prepare_options(fy_transfer *t, const fy_layer *mount)
{
    const fy_layer *session = &t->session->layer;
    const ferry_opts *o = t->wish.settings;
    fy_options_resolve(&t->opts, session, mount, o);
    fy_hooks_resolve(&t->hooks, session, mount, o);
    t->has_retry = session->has_retry || (mount && mount->has_retry) ||
                   (o != fy_options_none() && fy_retry_is_given(&o->retry));
    if (t->sink.put || t->into.ptr)
        t->opts.stream = FERRY_OFF; /* of a level above: it has another place to go */
}

/* --- headers --------------------------------------------------------------------- */

/* `fields` as a list of this transfer's own, which can be changed. */
static ferry_err prepare_own_list(fy_transfer *t, ferry_fields *fields)
{
    if (fields->at == t->headers.at && t->headers.n)
        return FERRY_OK;
    t->headers.n = 0;
    TRY(fy_pairs_overlay(&t->headers, FY_PAIRS_HEADERS, *fields, &t->error));
    *fields = fy_fields_view(&t->headers);
    return FERRY_OK;
}

/* A request that became a GET has no content, and says nothing of one. */
static ferry_err prepare_without_content(fy_transfer *t, ferry_fields *fields)
{
    TRY(prepare_own_list(t, fields));
    for (size_t i = 0; i < t->headers.n; i++)
        if (fy_redirect_is_of_content(t->headers.at[i].name))
            t->headers.at[i].value = (ferry_str){NULL, 0};
    return FERRY_OK;
}

/* The caller's own key, if there is one, stays. */
static ferry_err prepare_key_field(fy_transfer *t, ferry_fields *fields)
{
    const ferry_str name = FY_S("Idempotency-Key");
    fy_chain *c = fy_transfer_chain(t);
    if (!c)
        return FERRY_ERR_NOMEM;
    if (fy_fields_find(*fields, name, 0))
        return FERRY_OK;
    TRY(fy_chain_make_key(c, &t->error));
    TRY(prepare_own_list(t, fields));
    TRY(fy_fields_add(&t->headers, name, fy_str(c->key), &t->error));
    *fields = fy_fields_view(&t->headers);
    return FERRY_OK;
}

/* Who asks is chosen, and says it in the place of whatever stood there. */
static ferry_err prepare_authorization(fy_transfer *t, ferry_fields *fields)
{
    const ferry_str name = FY_S("Authorization");
    ferry_str value = fy_buf_view(&t->authorization.value);
    TRY(prepare_own_list(t, fields));
    for (size_t i = 0; i < t->headers.n; i++)
        if (fy_str_eq_nocase(t->headers.at[i].name, name))
            t->headers.at[i].value = (ferry_str){NULL, 0};
    if (value.len)
        TRY(fy_fields_add(&t->headers, name, value, &t->error));
    *fields = fy_fields_view(&t->headers);
    return FERRY_OK;
}

static ferry_err prepare_edit(fy_transfer *t, ferry_fields *fields)
{
    if (!fy_transfer_chain(t))
        return FERRY_ERR_NOMEM;
    TRY(prepare_own_list(t, fields));
    return fy_hooks_edit(t, fields, &t->headers);
}

/* --- head ------------------------------------------------------------------------ */

/* Head and small body leave in one call: the body moves in behind the head. */
static void prepare_join(fy_transfer *t)
{
    fy_body *b = &t->body;
    t->head_len = t->head.len;
    if (b->source.read || b->bytes.len == 0 || t->exchange.expects ||
        (uint64_t)t->opts.limits.buffer < t->head.len + b->bytes.len)
        return;
    b->is_ahead = fy_buf_reserve(&t->head, b->bytes.len);
    if (b->is_ahead)
        fy_buf_puts(&t->head, b->bytes);
}

/* Does the list begin with all of `first`, none of them replaced? */
static bool prepare_begins_with(ferry_fields list, ferry_fields first)
{
    size_t i = list.at == first.at ? first.n : 0;
    while (i < first.n && i < list.n && list.at[i].name.ptr == first.at[i].name.ptr &&
           list.at[i].value.ptr == first.at[i].value.ptr)
        i++;
    return i == first.n;
}

/* The headers of the levels, but for what this request may not have. */
static ferry_err prepare_fields(
    fy_transfer *t, const fy_layer *mount, ferry_str target, ferry_fields *fields)
{
    const ferry_opts *o = t->wish.opts;
    const fy_layer *session = &t->session->layer;
    const fy_bound bound = {t->has_left ? t->chain->bound : NULL};
    TRY(fy_options_headers(fields, &t->headers, session, mount, o->headers,
        t->has_left ? &bound : NULL, &t->error));
    if (t->drops_body)
        TRY(prepare_without_content(t, fields));
    if (t->opts.idempotency_key == FERRY_ON)
        TRY(prepare_key_field(t, fields));
    if (fy_authorize_matters(t, mount))
        TRY(fy_authorize(t, mount, *fields, target));
    if (t->authorization.kind != FERRY_AUTH_INHERIT)
        TRY(prepare_authorization(t, fields));
    return t->hooks.on_request.call ? prepare_edit(t, fields) : FERRY_OK;
}

static ferry_err prepare_write(fy_transfer *t, fy_request *r)
{
    if (t->is_private) /* of an earlier request, and perhaps longer */
        fy_buf_wipe(&t->head);
    fy_buf_clear(&t->head);
    TRY(fy_request_put(&t->head, r, &t->error));
    t->head_len = t->head.len;
    return FERRY_OK;
}

/* Shown to the caller's function, which signs it or not, and then perhaps written again. */
static ferry_err prepare_signed(fy_transfer *t, fy_request *r)
{
    bool is_edited;
    TRY(prepare_own_list(t, &r->fields));
    TRY(fy_hooks_edit_signed(t, &r->fields, &t->headers, &is_edited));
    if (!is_edited)
        return FERRY_OK;
    r->ahead = NULL; /* an edit may have replaced one of those */
    return prepare_write(t, r);
}

static ferry_err prepare_head(
    fy_transfer *t, const fy_layer *mount, ferry_fields proxy_fields)
{
    const ferry_opts *o = t->wish.opts;
    fy_request r = {.method = t->method,
        .url = &t->url,
        .is_forwarded = t->route_kind == FY_ROUTE_FORWARDED,
        .is_past_proxy = t->route_kind > FY_ROUTE_FORWARDED,
        .proxy_fields = proxy_fields};
    if (o->target && !t->pub.redirects)
        r.target = fy_str(o->target);
    TRY(prepare_fields(t, mount, r.target, &r.fields));
    const fy_layer *session = &t->session->layer;
    if (session->has_ahead &&
        prepare_begins_with(r.fields, fy_fields_view(&session->headers)))
        r.ahead = &session->ahead;
    r.put_more = fy_cookie_field_put;
    r.more = t;
    if (t->body.exists)
        fy_body_describe(&t->body, &r);
    t->is_private |= t->hooks.on_request.call ||
                     t->authorization.kind != FERRY_AUTH_INHERIT;
    TRY(prepare_write(t, &r));
    if (t->authorization.kind == FERRY_AUTH_CUSTOM)
        TRY(prepare_signed(t, &r));
    t->closes = r.says_close;
    t->exchange.asks_upgrade = r.asks_upgrade;
    t->exchange.expects = r.expects;
    t->may_replay = fy_request_is_idempotent(t->method) ||
                    t->opts.idempotency_key == FERRY_ON;
    t->exchange.is_head_method = fy_str_eq(t->method, FY_S("HEAD"));
    prepare_join(t);
    t->pub.request = fy_str_upto(fy_buf_view(&t->head), t->head_len);
    t->pub.url = fy_buf_text(&t->url.text);
    return FERRY_OK;
}

static ferry_err prepare_request(fy_transfer *t, const fy_layer *mount)
{
    ferry_fields proxy_fields;
    TRY(fy_route_choose(t, mount, t->wish.opts, !t->has_left, &proxy_fields));
    TRY(fy_protect_prepare(t, mount));
    TRY(prepare_head(t, mount, proxy_fields));
    return fy_endpoint_describe(t);
}

ferry_err fy_prepare(fy_transfer *t, const fy_wish *wish, ferry_str url)
{
    t->wish = *wish;
    t->method = wish->method;
    t->is_private = wish->opts != fy_options_none();
    t->sink = wish->opts->sink ? *wish->opts->sink : (ferry_sink){NULL, NULL};
    t->into = wish->opts->into;
    const fy_layer *mount;
    TRY(prepare_url(t, url, &mount));
    if (t->url.has_userinfo)
        TRY(fy_authorize_url(t));
    prepare_options(t, mount);
    if (wish->opts != fy_options_none())
        TRY(fy_body_choose(&t->body, wish->opts, &t->opts, &t->error));
    return prepare_request(t, mount);
}

/* The body was chosen when the call began: it goes out again from its first byte, or not
 * at all. */
ferry_err fy_prepare_again(fy_transfer *t)
{
    const fy_layer *mount = fy_mounts_find(&t->session->mounts, &t->url);
    prepare_options(t, mount);
    if (t->drops_body)
        fy_body_fini(&t->body);
    if (t->body.exists)
        TRY(fy_body_rewind(&t->body, &t->error));
    t->body.is_ahead = false;
    return prepare_request(t, mount);
}
