/* layer.c - what a session or a mount remembers of its options, deep; see options.h.
 * policy. Knows which of them are owned. Does not know what they are for.
 * SPDX-License-Identifier: MIT */
#include "policy/options.h"

#include "policy/lists.h"

#include <string.h>

static ferry_err layer_build_list(fy_fields *out, fy_pairs_kind kind,
    const fy_fields *base, const ferry_pair *pairs, fy_error *x)
{
    ferry_err e = FERRY_OK;
    if (base)
        e = fy_pairs_overlay(out, kind, fy_fields_view(base), x);
    if (!e)
        e = fy_pairs_overlay_given(out, kind, pairs, NULL, x);
    if (!e)
        return fy_pairs_own(out, x);
    fy_fields_fini(out); /* views only, so far */
    return e;
}

static void layer_keep_values(fy_layer *out, const fy_layer *base, const ferry_opts *o)
{
    out->values = fy_settings_of(o);
    if (base)
        fy_settings_inherit(&out->values, &base->values);
    out->resolved = out->values;
    fy_settings_resolve(&out->resolved);
}

static void layer_keep_dialer(
    fy_layer *out, const fy_layer *base, const ferry_opts *o, uint32_t dialer_id)
{
    if (o->transport) {
        out->dialer = *o->transport;
        out->dialer_id = dialer_id;
        out->is_secure = o->secure == FERRY_ON;
    } else if (base) {
        out->dialer = base->dialer;
        out->dialer_id = base->dialer_id;
        out->is_secure = base->is_secure;
    }
}

static ferry_err layer_keep_auth(fy_layer *out, const ferry_platform *m,
    const fy_layer *base, const ferry_opts *o, fy_error *x)
{
    bool is_given = o->auth.kind != FERRY_AUTH_INHERIT;
    if (!is_given && !base)
        return FERRY_OK;
    return fy_auth_copy(&out->auth, m, is_given ? &o->auth : &base->auth, x);
}

/* The list that is given, else that of the level below, as a copy. */
static ferry_err layer_keep_lists(fy_layer *out, const ferry_platform *m,
    const fy_layer *base, const ferry_opts *o, fy_error *x)
{
    const int *keep_post = o->keep_post ? o->keep_post : base ? base->keep_post : NULL;
    const char *const *sensitive = o->sensitive ? o->sensitive
                                   : base       ? base->sensitive
                                                : NULL;
    TRY(fy_retry_merge(&out->retry, m, base ? &base->retry : NULL, &o->retry, x));
    out->has_retry = fy_retry_is_given(&out->retry);
    out->keep_post = keep_post ? fy_codes_copy(m, keep_post) : NULL;
    out->sensitive = sensitive ? fy_names_copy(m, sensitive) : NULL;
    bool is_whole = (!keep_post || out->keep_post) && (!sensitive || out->sensitive);
    return is_whole ? FERRY_OK : fy_fail_nomem(x);
}

static ferry_err layer_keep_pairs(
    fy_layer *out, const fy_layer *base, const ferry_opts *o, fy_error *x)
{
    TRY(layer_build_list(
        &out->headers, FY_PAIRS_HEADERS, base ? &base->headers : NULL, o->headers, x));
    return layer_build_list(
        &out->params, FY_PAIRS_PARAMS, base ? &base->params : NULL, o->params, x);
}

ferry_err fy_layer_merge(fy_layer *out, const ferry_platform *m, const fy_layer *base,
    const ferry_opts *o, uint32_t dialer_id, fy_error *x)
{
    memset(out, 0, sizeof *out);
    fy_fields_init(&out->headers, m, FY_PAIRS_MAX);
    fy_fields_init(&out->params, m, FY_PAIRS_MAX);
    fy_buf_init(&out->tls, m, FY_TLSOPTS_MAX);
    fy_ways_init(&out->ways, m);
    layer_keep_values(out, base, o);
    layer_keep_dialer(out, base, o, dialer_id);
    fy_hooks_join(&out->hooks, base ? &base->hooks : &out->hooks, o);
    out->forgets_headers = o->headers == ferry_no_pairs();
    out->forgets_params = o->params == ferry_no_pairs();
    ferry_err e = layer_keep_pairs(out, base, o, x);
    if (!e)
        e = layer_keep_lists(out, m, base, o, x);
    if (!e)
        e = layer_keep_auth(out, m, base, o, x);
    if (!e)
        e = fy_ways_merge(&out->ways, base ? &base->ways : NULL, o, x);
    if (!e)
        e = fy_tlsopts_join(&out->tls, base ? fy_buf_view(&base->tls) : FY_S(""), o, x);
    if (e)
        fy_layer_fini(out);
    else
        out->has_ahead = fy_request_write_ahead(
            &out->ahead, m, fy_fields_view(&out->headers));
    return e;
}

void fy_layer_fini(fy_layer *l)
{
    if (l->has_ahead)
        fy_buf_fini(&l->ahead.lines);
    fy_auth_free(&l->auth, l->headers.platform);
    fy_retry_fini(&l->retry, l->headers.platform);
    fy_codes_free(l->headers.platform, l->keep_post);
    fy_names_free(l->headers.platform, l->sensitive);
    fy_pairs_disown(&l->headers);
    fy_pairs_disown(&l->params);
    fy_ways_fini(&l->ways);
    fy_tlsopts_fini(&l->tls);
}
