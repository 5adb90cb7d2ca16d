/* life.c - transfers made, lent again, cancelled and freed.
 * session. Knows what a transfer owns. Does not know what it does.
 * SPDX-License-Identifier: MIT */
#include "session/life.h"

#include <string.h>

#include "session/protect.h"
#include "session/release.h"

enum { LIFE_HEAD_MAX = 1 << 20 };

static void life_init_authorization(fy_authorization *a, const ferry_platform *m)
{
    memset(a, 0, sizeof *a);
    fy_buf_init(&a->given, m, LIFE_HEAD_MAX);
    fy_buf_init(&a->value, m, LIFE_HEAD_MAX);
    a->given.is_secret = a->value.is_secret = true;
}

static void life_fini_authorization(fy_authorization *a)
{
    fy_buf_fini(&a->given);
    fy_buf_fini(&a->value);
}

/* Forget a call, and wipe what it knew. */
static void life_clear_authorization(fy_authorization *a)
{
    fy_buf_wipe(&a->given);
    fy_buf_wipe(&a->value);
    a->kind = FERRY_AUTH_INHERIT;
    a->is_used = a->has_user = a->has_password = a->was_https = false;
    a->is_signed = false;
    a->answers = 0;
}

static fy_transfer *life_make(ferry_session *s)
{
    const ferry_platform *m = &s->platform;
    fy_transfer *t = fy_alloc_zero(m, sizeof *t);
    if (!t)
        return NULL;
    fy_url_init(&t->url, m, LIFE_HEAD_MAX);
    fy_buf_init(&t->key, m, LIFE_HEAD_MAX);
    t->key.is_secret = true; /* a password of a proxy is in it */
    fy_body_init(&t->body, m);
    fy_buf_init(&t->tls, m, FY_TLSOPTS_MAX);
    fy_buf_init(&t->head, m, LIFE_HEAD_MAX);
    t->head.is_secret = true;
    life_init_authorization(&t->authorization, m);
    fy_fields_init(&t->headers, m, FY_PAIRS_MAX);
    fy_fields_init(&t->params, m, FY_PAIRS_MAX);
    fy_buf_init(&t->input, m, 0);
    fy_exchange_init(&t->exchange, m);
    fy_reply_init(&t->reply, m, &s->decoders);
    fy_buf_init(&t->text, m, SIZE_MAX / 4);
    fy_lines_init(&t->lines, m);
    fy_buf_init(&t->crumb, m, SIZE_MAX / 4);
    t->crumb.is_secret = true;
    return t;
}

static void life_destroy(fy_transfer *t, const ferry_platform *m)
{
    fy_url_fini(&t->url);
    fy_buf_fini(&t->key);
    fy_route_free(t->route);
    fy_body_fini(&t->body);
    fy_buf_fini(&t->head);
    life_fini_authorization(&t->authorization);
    fy_fields_fini(&t->headers);
    fy_fields_fini(&t->params);
    fy_buf_fini(&t->input);
    fy_exchange_fini(&t->exchange);
    fy_reply_fini(&t->reply);
    fy_buf_fini(&t->text);
    fy_lines_fini(&t->lines);
    fy_chain_free(t->chain);
    fy_buf_fini(&t->crumb);
    fy_resize(m, t, sizeof *t, 0);
}

static void life_link(fy_transfer **list, fy_transfer *t)
{
    t->previous = NULL;
    t->next = *list;
    if (t->next)
        t->next->previous = t;
    *list = t;
}

static void life_unlink(fy_transfer **list, fy_transfer *t)
{
    *(t->previous ? &t->previous->next : list) = t->next;
    if (t->next)
        t->next->previous = t->previous;
}

fy_transfer *fy_transfer_new(ferry_session *s)
{
    fy_transfer *t = s->spare;
    if (t) {
        life_unlink(&s->spare, t);
        s->n_spare--;
    } else if (!(t = life_make(s))) {
        return NULL;
    }
    t->session = s;
    t->pub = (ferry_response){
        .reason = "", .url = "", .body = FY_S(""), .timings = {-1, -1, -1, -1, -1, -1}};
    t->state = FY_TRANSFER_ACQUIRE;
    t->is_begun = t->is_discarded = t->is_replay = false;
    t->is_streamed = t->is_given = t->drops_body = t->has_left = false;
    t->is_delivered = t->has_lines = false;
    t->verdict.code = FERRY_OK;
    if (t->route)
        t->route->answers = 0;
    life_link(&s->living, t);
    return t;
}

fy_chain *fy_transfer_chain(fy_transfer *t)
{
    if (!t->chain && !(t->chain = fy_chain_new(&t->session->platform)))
        fy_fail_nomem(&t->error);
    return t->chain;
}

void fy_transfer_cancel(fy_transfer *t)
{
    if (t->conn)
        fy_transfer_give_up(t);
    if (t->state == FY_TRANSFER_DONE || t->state == FY_TRANSFER_FAILED)
        return;
    fy_body_fini(&t->body);
    t->state = FY_TRANSFER_FAILED;
    fy_fail(&t->error, FERRY_ERR_ABORTED, "the session was freed", FY_NOWHERE);
}

/* A buffer of the usual size is worth keeping for the next transfer. */
static void life_return(fy_transfer *t, fy_buf *b)
{
    ferry_session *s = t->session;
    if (b->is_secret)
        fy_buf_wipe(b);
    b->is_secret = false;
    bool is_usual = b->ptr && (int64_t)(b->cap / 2) <= t->opts.limits.buffer;
    if (is_usual && s->n_inputs < FY_SPARES && !s->is_closed) {
        s->inputs[s->n_inputs++] = *b;
        b->ptr = NULL;
        b->cap = b->len = 0;
    }
    fy_buf_fini(b);
}

void fy_transfer_lend(fy_transfer *t, fy_buf *b)
{
    ferry_session *s = t->session;
    if (b->ptr || !s->n_inputs)
        return;
    fy_buf lent = s->inputs[--s->n_inputs];
    b->ptr = lent.ptr;
    b->cap = lent.cap;
    b->len = 0;
}

void fy_transfer_end_body(fy_transfer *t)
{
    if (t->body.exists)
        life_return(t, &t->body.block);
    fy_body_fini(&t->body);
}

/* What the call alone has said of who asks its peer, or a proxy. */
static void life_wipe_words(fy_transfer *t)
{
    fy_buf_wipe(&t->head);
    if (!t->has_ways)
        return;
    fy_buf_wipe(&t->key);
    fy_route_forget(t->route);
}

void fy_transfer_free(fy_transfer *t)
{
    ferry_session *s = t->session;
    if (t->conn) /* most are over */
        fy_transfer_give_up(t);
    life_return(t, &t->input);
    fy_reply_fini(&t->reply);
    fy_buf_fini(&t->text);
    fy_lines_fini(&t->lines);
    fy_transfer_end_body(t);
    fy_protect_forget(t);
    if (t->url.aside.len) /* secrets; the rest may be asked for again */
        fy_url_clear(&t->url);
    fy_buf_fini(&t->crumb);
    if (t->is_private)
        life_wipe_words(t);
    if (t->authorization.is_used)
        life_clear_authorization(&t->authorization);
    if (t->chain)
        fy_chain_clear(t->chain);
    life_unlink(&s->living, t);
    if (s->n_spare < FY_SPARES && !s->is_closed) {
        life_link(&s->spare, t);
        s->n_spare++;
    } else {
        life_destroy(t, &s->platform);
    }
}

void fy_transfer_free_spares(ferry_session *s)
{
    while (s->spare) {
        fy_transfer *t = s->spare;
        life_unlink(&s->spare, t);
        life_destroy(t, &s->platform);
    }
    s->n_spare = 0;
    while (s->n_inputs)
        fy_buf_fini(&s->inputs[--s->n_inputs]);
}
