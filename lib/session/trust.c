/* trust.c - what a session takes from the machine beside its platform: environment and
 * netrc file. session. Knows where they are. Does not know what they are good for.
 *
 * Both are read once: what the machine says must not change under a session.
 * SPDX-License-Identifier: MIT */
#include "session/trust.h"

#include "net/file.h"

enum { TRUST_NETRC_MAX = 1 << 20, TRUST_PATH_MAX = 4096 };

void fy_trust_init(ferry_session *s)
{
    fy_fields_init(&s->environ, &s->platform, 0);
    fy_netrc_init(&s->netrc, &s->platform, TRUST_NETRC_MAX);
}

void fy_trust_fini(ferry_session *s)
{
    fy_pairs_disown(&s->environ);
    fy_netrc_fini(&s->netrc);
}

/* --- netrc ----------------------------------------------------------------------- */

static ferry_err trust_read_netrc(fy_netrc *n, const char *path, fy_error *x)
{
    TRY(fy_file_load(&n->text, path, "the netrc file", x));
    return fy_netrc_parse(n, x);
}

/* $NETRC, or .netrc in $HOME. */
static const char *trust_path(fy_buf *path, const fy_fields *environ)
{
    ferry_str file = fy_environ_get(environ, FY_S("NETRC"));
    ferry_str home = fy_environ_get(environ, FY_S("HOME"));
    if (!file.ptr && !home.ptr)
        return NULL;
    fy_buf_puts(path, file.ptr ? file : home);
    if (!file.ptr)
        fy_buf_puts(path, FY_S("/.netrc"));
    return path->failed ? NULL : fy_buf_text(path);
}

/* Nobody asked for this file: if it cannot be read, it is not there. */
static ferry_err trust_find_netrc(fy_netrc *n, const fy_fields *environ, fy_error *x)
{
    fy_buf path;
    fy_buf_init(&path, n->text.platform, TRUST_PATH_MAX);
    const char *found = trust_path(&path, environ);
    ferry_err e = found ? trust_read_netrc(n, found, x) : fy_buf_error(&path);
    fy_buf_fini(&path);
    if (e && e != FERRY_ERR_NOMEM)
        fy_netrc_fini(n);
    return e == FERRY_ERR_NOMEM ? fy_fail_nomem(x) : FERRY_OK;
}

/* --- changing -------------------------------------------------------------------- */

typedef struct trust_change {
    fy_fields environ;
    fy_netrc netrc;
} trust_change;

/* A file that was named stays until another one is, or "". */
static bool trust_changes_netrc(const ferry_session *s, const ferry_opts *o)
{
    return o->netrc || (o->trust_env != FERRY_INHERIT && !s->has_own_netrc);
}

static ferry_err trust_read(
    trust_change *c, const ferry_session *s, const ferry_opts *o, fy_error *x)
{
    if (o->trust_env == FERRY_ON)
        TRY(fy_environ_read(&c->environ, &s->platform, x));
    if (o->netrc)
        return *o->netrc ? trust_read_netrc(&c->netrc, o->netrc, x) : FERRY_OK;
    if (o->trust_env == FERRY_ON && !s->has_own_netrc)
        return trust_find_netrc(&c->netrc, &c->environ, x);
    return FERRY_OK;
}

ferry_err fy_trust_change(ferry_session *s, const ferry_opts *o, fy_error *x)
{
    trust_change c;
    if (o->trust_env == FERRY_INHERIT && !o->netrc && !o->key_log)
        return FERRY_OK;
    fy_fields_init(&c.environ, &s->platform, 0);
    fy_netrc_init(&c.netrc, &s->platform, TRUST_NETRC_MAX);
    ferry_err e = trust_read(&c, s, o, x);
    if (!e && o->key_log)
        e = fy_tls_log_keys(&s->tls, &s->platform, o->key_log, x);
    if (e) {
        fy_pairs_disown(&c.environ);
        fy_netrc_fini(&c.netrc);
        return e;
    }
    if (o->trust_env != FERRY_INHERIT) {
        fy_tls_forget(s->tls); /* it may have believed the environment */
        fy_pairs_disown(&s->environ);
        s->environ = c.environ;
        fy_proxy_environ_read(&s->proxies, &s->environ);
    }
    if (trust_changes_netrc(s, o)) {
        fy_netrc_fini(&s->netrc);
        s->netrc = c.netrc;
    }
    s->has_own_netrc |= o->netrc != NULL;
    return FERRY_OK;
}
