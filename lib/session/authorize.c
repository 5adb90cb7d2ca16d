/* authorize.c - who asks: which credentials go with a request, and what a 401 leads to.
 * session. Knows where credentials come from and where they may go. Does not know how
 * answers are written.
 *
 * Rule: what session, request and URL give is for the origin of the call's URL; once a
 * redirect has left it, it does not come back. A mount's is for what is under its prefix,
 * that of a netrc file for exactly its host, and never for http where the call has seen
 * https. Nearer levels come first: request, mount, session, URL, netrc; an Authorization
 * by hand counts at the level where it stands. SPDX-License-Identifier: MIT */
#include "session/authorize.h"

#include "net/hash.h"
#include "proto/host.h"
#include "proto/percent.h"
#include "session/hooks.h"

static ferry_str authorize_name(void)
{
    return FY_S("Authorization");
}

/* --- the URL --------------------------------------------------------------------- */

ferry_err fy_authorize_url(fy_transfer *t)
{
    fy_authorization *a = &t->authorization;
    const fy_url *u = &t->url;
    if (!u->user.len && !u->has_password)
        return FERRY_OK;
    a->is_used = true;
    fy_percent_put_decoded(&a->given, u->user);
    a->user_len = a->given.len;
    fy_percent_put_decoded(&a->given, u->password);
    a->has_user = true;
    a->has_password = u->has_password;
    return fy_fail_buf(&t->error, &a->given, "user and password too long");
}

/* --- choosing -------------------------------------------------------------------- */

/* Who a request goes as. Views, good until session, mounts or this call change. */
typedef struct authorize_choice {
    ferry_auth_kind kind; /* FERRY_AUTH_INHERIT: nobody, or an Authorization by hand */
    ferry_str user, password;
    const ferry_auth *auth; /* of a level, or NULL */
} authorize_choice;

/* By hand: a value, or taken away. */
static bool authorize_is_in(ferry_fields fields)
{
    return fy_fields_find(fields, authorize_name(), 0) != NULL;
}

static bool authorize_is_given(const ferry_pair *pairs)
{
    for (; pairs && pairs->name; pairs++)
        if (fy_str_eq_nocase(fy_str(pairs->name), authorize_name()))
            return true;
    return false;
}

/* The `.auth` of the nearest level that has one, unless a level before it says
 * Authorization by hand. NULL and *by_hand false: no level says anything. */
static const ferry_auth *authorize_level(
    const fy_transfer *t, const fy_layer *mount, bool *by_hand)
{
    const fy_layer *session = &t->session->layer;
    const ferry_opts *o = t->wish.opts;
    *by_hand = false;
    if (!t->has_left && o->auth.kind)
        return &o->auth;
    if (!t->has_left && (*by_hand = authorize_is_given(o->headers)))
        return NULL;
    if (mount && mount->auth.kind)
        return &mount->auth;
    if (mount && (*by_hand = authorize_is_in(fy_fields_view(&mount->headers))))
        return NULL;
    return !t->has_left && session->auth.kind ? &session->auth : NULL;
}

static const fy_netrc_entry *authorize_netrc(const fy_transfer *t, ferry_str login)
{
    const fy_netrc *n = &t->session->netrc;
    bool is_http = fy_str_eq(t->url.scheme, FY_S("http"));
    if (!n->n || t->url.zone.len || (is_http && t->authorization.was_https))
        return NULL;
    return fy_netrc_find(n, fy_host_bare(t->url.host), login);
}

/* User and password from the URL, else from the netrc file; a user without password in
 * the URL gets that user's. */
static bool authorize_find_user(const fy_transfer *t, authorize_choice *c)
{
    const fy_authorization *a = &t->authorization;
    ferry_str anybody = {NULL, 0};
    bool has_url = a->has_user && !t->has_left;
    if (has_url) {
        ferry_str given = fy_buf_view(&a->given);
        c->user = fy_str_upto(given, a->user_len);
        c->password = fy_str_from(given, a->user_len);
    }
    if (has_url && a->has_password)
        return true;
    const fy_netrc_entry *e = authorize_netrc(t, has_url ? c->user : anybody);
    if (e) {
        c->user = e->login;
        c->password = e->password;
    }
    return e || has_url;
}

static authorize_choice authorize_choose(
    const fy_transfer *t, const fy_layer *mount, ferry_fields fields)
{
    bool by_hand;
    authorize_choice c = {FERRY_AUTH_INHERIT, FY_S(""), FY_S(""), NULL};
    const fy_authorization *a = &t->authorization;
    c.auth = authorize_level(t, mount, &by_hand);
    if (by_hand)
        return c;
    if (c.auth) {
        c.kind = c.auth->kind;
        c.user = fy_str(c.auth->user);
        c.password = fy_str(c.auth->password);
    } else if ((a->has_user || t->session->netrc.n) && !authorize_is_in(fields)) {
        c.kind = FERRY_AUTH_BASIC;
    }
    bool wants_user = c.kind == FERRY_AUTH_BASIC || c.kind == FERRY_AUTH_DIGEST ||
                      c.kind == FERRY_AUTH_ANY;
    if (wants_user && !(c.auth && c.auth->user) && !authorize_find_user(t, &c))
        c.kind = FERRY_AUTH_INHERIT;
    return c;
}

/* Users of URLs and netrc files are seen here for the first time. */
static ferry_err authorize_check(fy_transfer *t, const authorize_choice *c)
{
    if (c->kind == FERRY_AUTH_INHERIT || (c->auth && c->auth->user))
        return FERRY_OK;
    if (!fy_auth_check_user(c->user, c->password, &t->error))
        return FERRY_OK;
    t->error.code = FERRY_ERR_URL;
    return t->error.code;
}

/* --- answering ------------------------------------------------------------------- */

static fy_space_key authorize_key(const fy_transfer *t, const authorize_choice *c)
{
    const fy_url *u = &t->url;
    const char *end = u->authority.ptr + u->authority.len;
    ferry_str origin = {u->text.ptr, (size_t)(end - u->text.ptr)};
    return (fy_space_key){origin, u->zone, t->dialer_id, c->user};
}

static ferry_str authorize_body(const fy_transfer *t)
{
    if (!t->body.exists)
        return FY_S("");
    return t->body.source.read ? (ferry_str){NULL, 0} : t->body.bytes;
}

/* What the server has asked for before; nothing if it is not known. */
static ferry_err authorize_put_known(
    fy_transfer *t, const authorize_choice *c, ferry_str target)
{
    fy_buf *value = &t->authorization.value;
    const fy_space_key key = authorize_key(t, c);
    const fy_digest_ask ask = {.user = c->user,
        .password = c->password,
        .method = t->method,
        .uri = target.ptr ? target : fy_url_target(&t->url),
        .body = authorize_body(t)};
    ferry_err e = fy_spaces_put(
        value, &t->session->spaces, &key, c->kind == FERRY_AUTH_ANY, ask, &t->error);
    if (e != FERRY_ERR_UNSUPPORTED)
        return e;
    fy_buf_wipe(value); /* its qop, with this body: ask without it */
    return FERRY_OK;
}

ferry_err fy_authorize(
    fy_transfer *t, const fy_layer *mount, ferry_fields fields, ferry_str target)
{
    fy_authorization *a = &t->authorization;
    a->is_used = true;
    a->was_https |= fy_str_eq(t->url.scheme, FY_S("https"));
    authorize_choice c = authorize_choose(t, mount, fields);
    a->kind = c.kind;
    a->auth = c.kind == FERRY_AUTH_CUSTOM ? c.auth : NULL;
    fy_buf_wipe(&a->value);
    if (c.kind == FERRY_AUTH_INHERIT)
        return FERRY_OK;
    TRY(authorize_check(t, &c));
    if (c.kind == FERRY_AUTH_BASIC)
        fy_auth_put_basic(&a->value, c.user, c.password);
    else if (c.kind == FERRY_AUTH_BEARER)
        fy_auth_put_bearer(&a->value, c.user);
    else if (c.kind == FERRY_AUTH_DIGEST || c.kind == FERRY_AUTH_ANY)
        TRY(authorize_put_known(t, &c, target));
    return fy_fail_buf(&t->error, &a->value, "request head too long");
}

/* --- challenges ------------------------------------------------------------------ */

static ferry_err authorize_take_challenge(
    fy_transfer *t, const authorize_choice *c, bool *is_on)
{
    fy_authorization *a = &t->authorization;
    const fy_hashes hashes = fy_hash_all();
    const fy_space_key key = authorize_key(t, c);
    const fy_spaces_refusal refusal = {.fields = t->pub.headers,
        .name = FY_S("WWW-Authenticate"),
        .said = fy_buf_view(&a->value),
        .schemes = FY_AUTH_DIGEST | (c->kind == FERRY_AUTH_ANY ? FY_AUTH_BASIC : 0),
        .can_hash_body = authorize_body(t).ptr != NULL};
    return fy_spaces_refused(
        &t->session->spaces, &key, &refusal, &hashes, &a->answers, is_on, &t->error);
}

/* The caller's own function, shown the challenge. */
static ferry_err authorize_ask_again(
    fy_transfer *t, const ferry_auth *auth, bool *is_on)
{
    if (t->authorization.answers)
        return FERRY_OK;
    TRY(fy_hooks_sign(t, auth, t->pub.headers, &t->pub));
    *is_on = t->authorization.is_signed = t->chain->signs.len > 0;
    t->authorization.answers++;
    return FERRY_OK;
}

ferry_err fy_authorize_challenged(fy_transfer *t, bool *is_on)
{
    const ferry_fields none = {NULL, 0};
    ferry_auth_kind kind = t->authorization.kind;
    *is_on = false;
    if (kind != FERRY_AUTH_DIGEST && kind != FERRY_AUTH_ANY &&
        kind != FERRY_AUTH_CUSTOM)
        return FERRY_OK;
    const fy_layer *mount = fy_mounts_find(&t->session->mounts, &t->url);
    authorize_choice c = authorize_choose(t, mount, none);
    if (c.kind != kind) /* the session has changed meanwhile */
        return FERRY_OK;
    if (kind == FERRY_AUTH_CUSTOM)
        return authorize_ask_again(t, c.auth, is_on);
    return authorize_take_challenge(t, &c, is_on);
}
