/* protect.c - which settings of TLS a request goes under.
 * session. Knows the three levels. Does not know what the settings do.
 * SPDX-License-Identifier: MIT */
#include "session/protect.h"

void fy_protect_forget(fy_transfer *t)
{
    if (t->protection)
        fy_tls_release(t->protection);
    t->protection = NULL;
    if (t->tls.ptr)
        fy_tlsopts_fini(&t->tls);
}

/* `joined` is what is in force now. */
static ferry_err protect_keep(fy_transfer *t, fy_buf *joined, ferry_err e)
{
    fy_tlsopts_fini(&t->tls);
    t->tls = *joined;
    return e;
}

static ferry_err protect_give(fy_transfer *t, ferry_str below, const ferry_opts *o)
{
    fy_buf joined;
    fy_buf_init(&joined, &t->session->platform, FY_TLSOPTS_MAX);
    return protect_keep(t, &joined, fy_tlsopts_join(&joined, below, o, &t->error));
}

static ferry_err protect_overlay(fy_transfer *t, ferry_str below, ferry_str above)
{
    fy_buf joined;
    fy_buf_init(&joined, &t->session->platform, FY_TLSOPTS_MAX);
    return protect_keep(
        t, &joined, fy_tlsopts_overlay(&joined, below, above, &t->error));
}

/* Who we are, and who the peer is to be, was said of the first origin. */
static void protect_leave(ferry_opts *o)
{
    o->cert = o->key = o->key_password = o->server_name = NULL;
    o->cert_pem = o->key_pem = (ferry_bytes){NULL, 0};
}

/* After a redirect to elsewhere. What was mounted there, however, is meant for it. */
static ferry_err protect_join_abroad(
    fy_transfer *t, const fy_layer *mount, ferry_str *out)
{
    const ferry_opts nobody = {.size = sizeof nobody, .cert = "", .server_name = ""};
    ferry_opts o = *t->wish.opts;
    protect_leave(&o);
    TRY(protect_give(t, *out, &nobody));
    if (mount)
        TRY(protect_overlay(t, fy_buf_view(&t->tls), fy_buf_view(&mount->tls)));
    TRY(protect_give(t, fy_buf_view(&t->tls), &o));
    *out = fy_buf_view(&t->tls);
    return FERRY_OK;
}

/* What this request says of TLS. Mostly that is what its session says. */
static ferry_err protect_join(fy_transfer *t, const fy_layer *mount, ferry_str *out)
{
    *out = fy_buf_view(&t->session->layer.tls);
    if (t->has_left)
        return protect_join_abroad(t, mount, out);
    if (mount && mount->tls.len) {
        TRY(protect_overlay(t, *out, fy_buf_view(&mount->tls)));
        *out = fy_buf_view(&t->tls);
    }
    if (fy_tlsopts_are_given(t->wish.opts)) {
        TRY(protect_give(t, *out, t->wish.opts));
        *out = fy_buf_view(&t->tls);
    }
    return FERRY_OK;
}

ferry_err fy_protect_prepare(fy_transfer *t, const fy_layer *mount)
{
    ferry_session *s = t->session;
    ferry_str settings;
    fy_protect_forget(t);
    if (t->is_secure || !fy_str_eq(t->url.scheme, FY_S("https")))
        return FERRY_OK;
    TRY(fy_tls_check(&t->error));
    TRY(protect_join(t, mount, &settings));
    return fy_tls_use(
        &s->tls, &s->platform, settings, &s->environ, &t->protection, &t->error);
}
