/* chain.c - what a call remembers over several requests: what the caller asked for,
 * what came before, and what is used up. session. Knows memory. Does not know why one
 * request follows another. SPDX-License-Identifier: MIT */
#include "session/chain.h"

#include "base/hex.h"
#include "policy/lists.h"

#include <string.h>

enum { CHAIN_URL_MAX = 1 << 20, CHAIN_EDITS_MAX = 1 << 20 };

fy_chain *fy_chain_new(const ferry_platform *m)
{
    fy_chain *c = fy_alloc_zero(m, sizeof *c);
    if (!c)
        return NULL;
    c->platform = m;
    fy_buf_init(&c->kept, m, SIZE_MAX / 4);
    fy_url_init(&c->next, m, CHAIN_URL_MAX);
    fy_url_init(&c->link, m, CHAIN_URL_MAX);
    fy_buf_init(&c->edits, m, CHAIN_EDITS_MAX);
    fy_buf_init(&c->signs, m, CHAIN_EDITS_MAX);
    c->kept.is_secret = c->edits.is_secret = c->signs.is_secret = true;
    return c;
}

/* A hop's texts stand in one block, which begins with its method. */
static size_t chain_walk(fy_block *b, ferry_hop *h)
{
    h->headers = fy_block_fields(b, h->headers);
    h->method = fy_block_text(b, h->method);
    h->url = fy_block_text(b, h->url);
    return b->len;
}

static void chain_free_hop(const ferry_platform *m, const ferry_hop *hop)
{
    ferry_hop h = *hop;
    fy_block measure = {NULL, 0};
    size_t size = chain_walk(&measure, &h);
    fy_resize(m, (void *)(uintptr_t)hop->headers.at, size, 0);
}

void fy_chain_clear(fy_chain *c)
{
    while (c->n)
        chain_free_hop(c->platform, &c->hops[--c->n]);
    fy_buf_wipe(&c->kept);
    fy_buf_wipe(&c->edits);
    fy_buf_wipe(&c->signs);
    fy_url_clear(&c->next);
    fy_url_clear(&c->link);
    fy_names_free(c->platform, c->bound);
    c->bound = NULL;
    memset(&c->used, 0, sizeof c->used);
    c->key[0] = '\0';
}

void fy_chain_free(fy_chain *c)
{
    if (!c)
        return;
    fy_chain_clear(c);
    fy_resize(c->platform, c->hops, c->cap * sizeof *c->hops, 0);
    fy_buf_fini(&c->kept);
    fy_buf_fini(&c->edits);
    fy_buf_fini(&c->signs);
    fy_url_fini(&c->next);
    fy_url_fini(&c->link);
    fy_resize(c->platform, c, sizeof *c, 0);
}

/* --- the wish -------------------------------------------------------------------- */

static ferry_bytes chain_walk_bytes(fy_block *b, ferry_bytes bytes)
{
    if (!bytes.ptr)
        return bytes;
    ferry_str s = fy_block_str(b, (ferry_str){bytes.ptr, bytes.len});
    return (ferry_bytes){s.ptr, s.len};
}

static void chain_walk_tls(fy_block *b, ferry_opts *o)
{
    const char **const texts[] = {&o->ca_file, &o->ca_dir, &o->pin_sha256, &o->cert,
        &o->key, &o->key_password, &o->tls_ciphers, &o->server_name};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = fy_block_text(b, *texts[i]);
    o->ca_pem = chain_walk_bytes(b, o->ca_pem);
    o->cert_pem = chain_walk_bytes(b, o->cert_pem);
    o->key_pem = chain_walk_bytes(b, o->key_pem);
}

static size_t chain_walk_wish(fy_block *b, fy_wish *w, ferry_opts *o)
{
    o->headers = fy_block_pairs(b, o->headers);
    o->proxies = fy_block_pairs(b, o->proxies);
    o->proxy_headers = fy_block_pairs(b, o->proxy_headers);
    o->resolve = fy_block_pairs(b, o->resolve);
    o->no_proxy = fy_block_text(b, o->no_proxy);
    o->preproxy = fy_block_text(b, o->preproxy);
    o->unix_socket = fy_block_text(b, o->unix_socket);
    o->local_interface = fy_block_text(b, o->local_interface);
    o->local_address = fy_block_text(b, o->local_address);
    o->cookies = fy_block_pairs(b, o->cookies);
    o->auth.user = fy_block_text(b, o->auth.user);
    o->auth.password = fy_block_text(b, o->auth.password);
    o->proxy_tls.ca_file = fy_block_text(b, o->proxy_tls.ca_file);
    o->keep_post = fy_block_codes(b, o->keep_post);
    o->sensitive = fy_block_names(b, o->sensitive);
    o->target = fy_block_text(b, o->target);
    o->retry.statuses = fy_block_codes(b, o->retry.statuses);
    o->retry.methods = fy_block_names(b, o->retry.methods);
    chain_walk_tls(b, o);
    w->method = fy_block_str(b, w->method);
    return b->len;
}

ferry_err fy_chain_keep(fy_chain *c, fy_wish *wish, fy_error *x)
{
    ferry_opts o = *wish->opts;
    fy_wish w = *wish;
    fy_block b = {NULL, 0};
    fy_buf_reserve(&c->kept, chain_walk_wish(&b, &w, &o));
    TRY(fy_fail_buf(x, &c->kept, NULL));
    c->kept.len = b.len;
    b = (fy_block){c->kept.ptr, 0};
    c->opts = *wish->opts;
    chain_walk_wish(&b, wish, &c->opts);
    if (wish->settings == wish->opts)
        wish->settings = &c->opts;
    wish->opts = &c->opts;
    return FERRY_OK;
}

ferry_err fy_chain_bind(fy_chain *c, const char *const *names, fy_error *x)
{
    c->bound = names ? fy_names_copy(c->platform, names) : NULL;
    return names && !c->bound ? fy_fail_nomem(x) : FERRY_OK;
}

/* --- what came before ------------------------------------------------------------ */

ferry_err fy_chain_add(fy_chain *c, const ferry_hop *hop, fy_error *x)
{
    if (c->n == FY_CHAIN_HOPS)
        return FERRY_OK;
    void *list = c->hops;
    bool has_room = fy_list_grow(c->platform, &list, &c->cap, c->n + 1, sizeof *hop);
    c->hops = list;
    ferry_hop copy = *hop;
    fy_block b = {NULL, 0};
    size_t size = chain_walk(&b, &copy);
    b = (fy_block){has_room ? fy_resize(c->platform, NULL, 0, size) : NULL, 0};
    if (!b.at)
        return fy_fail_nomem(x);
    c->hops[c->n] = *hop;
    chain_walk(&b, &c->hops[c->n++]);
    return FERRY_OK;
}

ferry_err fy_chain_make_key(fy_chain *c, fy_error *x)
{
    if (c->key[0])
        return FERRY_OK;
    TRY(fy_hex_by_chance(c->platform, c->key + 1, (FY_CHAIN_KEY - 2) / 2, x));
    c->key[0] = c->key[FY_CHAIN_KEY - 1] = '"';
    c->key[FY_CHAIN_KEY] = '\0';
    return FERRY_OK;
}
