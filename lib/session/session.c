/* session.c - sessions: made, changed, mounted on, explained, freed.
 * session. Knows what a session holds. Does not know how a request is sent.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "net/system.h"
#include "policy/cookies.h"
#include "session/life.h"
#include "session/session.h"
#include "session/transfer.h"
#include "session/trust.h"

enum { SESSION_SAID_MAX = 400 };

const char *ferry_version(void)
{
    return FERRY_VERSION;
}

/* --- making ---------------------------------------------------------------------- */

/* The caller's platform in full size, with the system's calls where it has none. */
static ferry_err session_read_platform(
    ferry_platform *out, const ferry_platform *given, fy_error *x)
{
    memset(out, 0, sizeof *out);
    bool is_sound = !given || (given->size >= offsetof(ferry_platform, resize) &&
                                  given->size <= sizeof *out);
    if (given && is_sound)
        memcpy(out, given, given->size);
    fy_system_fill(out);
    if (!is_sound)
        return fy_fail(x, FERRY_ERR_USAGE,
            "ferry_platform.size is not that of this library's header", FY_NOWHERE);
    if (!out->now_ms || !out->random || !out->wait)
        return fy_fail(x, FERRY_ERR_USAGE, "the platform lacks now_ms, random or wait",
            FY_NOWHERE);
    return FERRY_OK;
}

/* What requests sends by itself, in its order. */
static ferry_err session_set_defaults(ferry_session *s, fy_error *x)
{
    fy_buf codings;
    fy_buf_init(&codings, &s->platform, SESSION_SAID_MAX);
    fy_decode_put_codings(&codings);
    const ferry_pair headers[] = {{"User-Agent", "ferry/" FERRY_VERSION},
        {"Accept-Encoding", fy_buf_text(&codings)}, {"Accept", "*/*"},
        {"Connection", "keep-alive"}, {NULL, NULL}};
    ferry_opts o = {.size = sizeof o, .headers = headers};
    fy_options_fill(&o);
    ferry_err e = fy_fail_buf(x, &codings, NULL);
    if (!e)
        e = fy_layer_merge(&s->layer, &s->platform, NULL, &o, 0, x);
    fy_buf_fini(&codings);
    return e;
}

static void session_keep_jar(fy_jar *j, const ferry_opts *o)
{
    fy_cookies_limit(&j->limits, &o->cookie_limits);
    if (o->suffixes.is_public)
        j->suffixes = o->suffixes;
    if (o->trust_loopback)
        j->trusts_loopback = o->trust_loopback == FERRY_ON;
}

/* Put checked options over the session's own. */
static ferry_err session_change(ferry_session *s, const ferry_opts *o, fy_error *x)
{
    fy_layer changed;
    TRY(fy_layer_merge(&changed, &s->platform, &s->layer, o, s->dialers + 1, x));
    ferry_err e = fy_trust_change(s, o, x);
    if (e) {
        fy_layer_fini(&changed);
        return e;
    }
    s->dialers += o->transport != NULL;
    fy_layer_fini(&s->layer);
    s->layer = changed;
    session_keep_jar(&s->jar, o);
    return FERRY_OK;
}

static ferry_err session_fill(ferry_session *s, const ferry_opts *given, fy_error *x)
{
    ferry_opts o;
    /* Now, so that an error can be explained when memory has run out. */
    fy_buf_reserve_exact(&s->said, SESSION_SAID_MAX);
    TRY(fy_fail_buf(x, &s->said, NULL));
    TRY(session_set_defaults(s, x));
    TRY(fy_pool_init(&s->pool, &s->platform, x));
    s->jar.seed = ~s->pool.seed;
    TRY(fy_options_read(&o, given, FY_LEVEL_SESSION, x));
    if (o.trust_env == FERRY_INHERIT)
        o.trust_env = FERRY_ON;
    return session_change(s, &o, x);
}

static void session_init(ferry_session *s, const ferry_platform *platform)
{
    s->platform = *platform;
    fy_buf_init(&s->said, &s->platform, SESSION_SAID_MAX);
    fy_fields_init(&s->layer.headers, &s->platform, 0);
    fy_fields_init(&s->layer.params, &s->platform, 0);
    fy_trust_init(s);
    fy_spaces_init(&s->spaces, &s->platform);
    fy_spaces_init(&s->gates, &s->platform);
    fy_ways_init(&s->layer.ways, &s->platform);
    fy_mounts_init(&s->mounts, &s->platform);
    fy_jar_init(&s->jar, &s->platform, 0);
    fy_cookies_fill(&s->jar.limits);
    fy_names_init(&s->names, &s->platform);
    s->pool.platform = &s->platform;
    s->decoders.platform = &s->platform;
}

ferry_session *ferry_session_new_with(const ferry_opts *opts)
{
    fy_error x = {.code = FERRY_OK};
    ferry_platform platform;
    const ferry_platform *given = NULL;
    if (opts && opts->size >= offsetof(ferry_opts, platform) + sizeof opts->platform)
        given = opts->platform;
    ferry_err e = session_read_platform(&platform, given, &x);
    ferry_session *s = platform.resize ? fy_alloc_zero(&platform, sizeof *s) : NULL;
    if (!s)
        return NULL;
    session_init(s, &platform);
    if (!e)
        e = session_fill(s, opts, &x);
    if (e == FERRY_ERR_NOMEM) {
        ferry_session_free(s);
        return NULL;
    }
    if (e) {
        s->broken = x;
        fy_session_fail(s, &x, NULL);
    }
    return s;
}

/* --- changing -------------------------------------------------------------------- */

ferry_err fy_session_enter(ferry_session *s)
{
    static const fy_error inside = {FERRY_ERR_USAGE, 0, 0,
        "called from inside a callback of the same session", FY_NOWHERE};
    if (!s)
        return FERRY_ERR_NOMEM;
    if (s->is_busy)
        return fy_session_fail(s, &inside, NULL);
    if (s->broken.code)
        return fy_session_fail(s, &s->broken, NULL);
    s->is_busy = true;
    return FERRY_OK;
}

ferry_err fy_session_leave(ferry_session *s, ferry_err e)
{
    s->is_busy = false;
    return e;
}

static ferry_err session_update(ferry_session *s, const ferry_opts *opts, fy_error *x)
{
    ferry_opts o;
    TRY(fy_options_read(&o, opts, FY_LEVEL_SESSION, x));
    if (o.platform)
        return fy_fail(x, FERRY_ERR_USAGE,
            ".platform is given when the session is made", FY_NOWHERE);
    return session_change(s, &o, x);
}

ferry_err ferry_update_with(ferry_session *s, const ferry_opts *opts)
{
    fy_error x;
    TRY(fy_session_enter(s));
    ferry_err e = session_update(s, opts, &x);
    return fy_session_leave(s, e ? fy_session_fail(s, &x, NULL) : FERRY_OK);
}

static ferry_err session_mount(
    ferry_session *s, const char *prefix, const ferry_opts *opts, fy_error *x)
{
    ferry_opts o;
    TRY(fy_options_read(&o, opts, FY_LEVEL_MOUNT, x));
    TRY(fy_mounts_put(&s->mounts, fy_str(prefix), &o, s->dialers + 1, x));
    s->dialers += o.transport != NULL;
    return FERRY_OK;
}

ferry_err ferry_mount_with(ferry_session *s, const char *prefix, const ferry_opts *opts)
{
    fy_error x;
    TRY(fy_session_enter(s));
    ferry_err e = session_mount(s, prefix, opts, &x);
    return fy_session_leave(s, e ? fy_session_fail(s, &x, NULL) : FERRY_OK);
}

void ferry_close_idle(ferry_session *s)
{
    if (fy_session_enter(s))
        return;
    fy_pool_close_idle(&s->pool);
    fy_session_leave(s, FERRY_OK);
}

/* --- the end --------------------------------------------------------------------- */

/* The memory goes when the user has freed the session and every response. */
static void session_let_go(ferry_session *s)
{
    s->is_busy = false;
    if (!s->is_closed || s->living)
        return;
    ferry_platform platform = s->platform;
    fy_decoders_free(&s->decoders);
    fy_buf_fini(&s->said);
    fy_resize(&platform, s, sizeof *s, 0);
}

void ferry_session_free(ferry_session *s)
{
    if (!s || s->is_busy || s->is_closed)
        return;
    s->is_busy = s->is_closed = true;
    for (fy_transfer *t = s->living; t; t = t->next)
        fy_transfer_cancel(t);
    fy_transfer_free_spares(s);
    fy_pool_fini(&s->pool);
    fy_jar_fini(&s->jar);
    fy_names_fini(&s->names);
    fy_spaces_fini(&s->gates);
    fy_tls_fini(s->tls);
    s->tls = NULL;
    fy_mounts_fini(&s->mounts);
    fy_layer_fini(&s->layer);
    fy_trust_fini(s);
    fy_spaces_fini(&s->spaces);
    session_let_go(s);
}

void fy_response_free(ferry_response *r)
{
    if (r)
        fy_transfer_free((fy_transfer *)(void *)r);
}

static void session_free_detached(fy_detached *d)
{
    ferry_platform platform = d->platform;
    fy_buf_fini(&d->text);
    fy_buf_fini(&d->crumb);
    fy_resize(&platform, d, d->size, 0);
}

void ferry_response_free(ferry_response *r)
{
    ferry_session *s = r ? ((fy_transfer *)(void *)r)->session : NULL;
    if (r && !s)
        session_free_detached((fy_detached *)(void *)r);
    if (!s || s->is_busy)
        return;
    s->is_busy = true;
    fy_response_free(r);
    session_let_go(s);
}

const char *ferry_explain(const ferry_session *s)
{
    if (!s)
        return ferry_err_text(FERRY_ERR_NOMEM);
    return s->error.code && s->said.ptr ? s->said.ptr : ferry_err_text(s->error.code);
}

#if defined(__GNUC__)
void ferry_auto_session_free_(ferry_session **s)
{
    ferry_session_free(*s);
}

void ferry_auto_response_free_(ferry_response **r)
{
    ferry_response_free(*r);
}
#endif
