/* hooks.c - the caller's hooks, called. session. Knows what they may see and change.
 * Does not know what follows from it. SPDX-License-Identifier: MIT */
#include "session/hooks.h"

#include "session/life.h"

void fy_hooks_resolve(fy_hooks *out, const fy_layer *session, const fy_layer *mount,
    const ferry_opts *request)
{
    *out = session->hooks;
    if (mount && mount->hooks.on_request.call)
        out->on_request = mount->hooks.on_request;
    if (mount && mount->hooks.on_response.call)
        out->on_response = mount->hooks.on_response;
    if (mount && mount->hooks.on_event.call)
        out->on_event = mount->hooks.on_event;
    if (request != fy_options_none())
        fy_hooks_join(out, out, request);
}

void fy_hooks_say(const fy_transfer *t, int64_t now_ms, const ferry_event *e)
{
    ferry_event full = *e;
    full.at_ms = now_ms - t->started_ms;
    full.method = t->method.ptr;
    if (!full.url)
        full.url = t->pub.url;
    t->hooks.on_event.call(t->hooks.on_event.ctx, &full);
}

/* --- drafts ---------------------------------------------------------------------- */

struct ferry_draft {
    fy_transfer *transfer;
    ferry_fields fields;
    fy_buf *edits;
    ferry_str head; /* empty until it is written */
};

/* Edits stand in a buffer, which moves as it grows: what it does, name, NUL, value,
 * NUL. */
enum { HOOKS_SETS = '=', HOOKS_REMOVES = '-' };

typedef struct hooks_edit {
    ferry_str name;
    const char *value; /* NULL: removed */
} hooks_edit;

static bool hooks_next_edit(const fy_buf *edits, size_t *at, hooks_edit *e)
{
    if (*at >= edits->len)
        return false;
    const char *p = edits->ptr + *at;
    e->name = fy_str(p + 1);
    const char *value = p + 1 + e->name.len + 1;
    e->value = *p == HOOKS_SETS ? value : NULL;
    *at += 1 + e->name.len + 1 + fy_str(value).len + 1;
    return true;
}

const char *ferry_draft_method(const ferry_draft *d)
{
    return d ? d->transfer->method.ptr : "";
}

const char *ferry_draft_url(const ferry_draft *d)
{
    return d ? fy_buf_text(&d->transfer->url.text) : "";
}

const char *ferry_draft_header(const ferry_draft *d, const char *name)
{
    if (!d || !name)
        return NULL;
    const ferry_field *f = fy_fields_find(d->fields, fy_str(name), 0);
    const char *value = f ? f->value.ptr : NULL;
    hooks_edit e;
    for (size_t at = 0; hooks_next_edit(d->edits, &at, &e);)
        if (fy_str_eq_nocase(e.name, fy_str(name)))
            value = e.value;
    return value;
}

ferry_str ferry_draft_head(const ferry_draft *d)
{
    return d ? d->head : FY_S("");
}

ferry_bytes ferry_draft_body(const ferry_draft *d)
{
    const fy_body *b = d ? &d->transfer->body : NULL;
    if (!b || !b->exists || b->source.read)
        return (ferry_bytes){NULL, 0};
    return (ferry_bytes){b->bytes.ptr, b->bytes.len};
}

static ferry_err hooks_set(
    fy_error *x, fy_buf *edits, ferry_str name, const char *value)
{
    ferry_str v = value ? fy_str(value) : (ferry_str){NULL, 0};
    TRY(fy_request_check_field(name, v, x));
    fy_buf_putc(edits, value ? HOOKS_SETS : HOOKS_REMOVES);
    fy_buf_puts(edits, name);
    fy_buf_putc(edits, '\0');
    if (value)
        fy_buf_puts(edits, v);
    fy_buf_putc(edits, '\0');
    return fy_fail_buf(x, edits, "the edits of a hook");
}

ferry_err ferry_draft_set(ferry_draft *d, const char *name, const char *value)
{
    if (!d || !name)
        return FERRY_ERR_USAGE;
    if (d->transfer->error.code)
        return d->transfer->error.code;
    return hooks_set(&d->transfer->error, d->edits, fy_str(name), value);
}

static ferry_err hooks_apply(
    fy_transfer *t, const fy_buf *edits, ferry_fields *fields, fy_fields *list)
{
    hooks_edit e;
    for (size_t at = 0; hooks_next_edit(edits, &at, &e);) {
        const ferry_pair edit[] = {{e.name.ptr, e.value}, {NULL, NULL}};
        TRY(fy_pairs_overlay_given(list, FY_PAIRS_HEADERS, edit, NULL, &t->error));
    }
    *fields = fy_fields_view(list);
    return FERRY_OK;
}

ferry_err fy_hooks_edit(fy_transfer *t, ferry_fields *fields, fy_fields *list)
{
    ferry_draft d = {t, *fields, &t->chain->edits, FY_S("")};
    fy_buf_clear(d.edits);
    t->error.code = FERRY_OK;
    int answer = t->hooks.on_request.call(t->hooks.on_request.ctx, &d);
    if (t->error.code)
        return t->error.code;
    if (answer)
        return fy_fail(
            &t->error, FERRY_ERR_ABORTED, ".on_request ended it", FY_NOWHERE);
    return hooks_apply(t, d.edits, fields, list);
}

ferry_err fy_hooks_sign(fy_transfer *t, const ferry_auth *auth, ferry_fields fields,
    const ferry_response *challenge)
{
    if (!fy_transfer_chain(t))
        return FERRY_ERR_NOMEM;
    ferry_draft d = {t, fields, &t->chain->signs, fy_buf_view(&t->head)};
    d.head.len = t->head_len;
    fy_buf_wipe(d.edits);
    t->error.code = FERRY_OK;
    int answer = auth->call(auth->ctx, &d, challenge);
    if (t->error.code)
        return t->error.code;
    if (!answer)
        return FERRY_OK;
    return fy_fail(&t->error, FERRY_ERR_ABORTED, ".auth ended it", FY_NOWHERE);
}

ferry_err fy_hooks_edit_signed(
    fy_transfer *t, ferry_fields *fields, fy_fields *list, bool *edited)
{
    fy_authorization *a = &t->authorization;
    if (!a->is_signed)
        TRY(fy_hooks_sign(t, a->auth, *fields, NULL));
    a->is_signed = false;
    *edited = t->chain->signs.len > 0;
    return hooks_apply(t, &t->chain->signs, fields, list);
}
