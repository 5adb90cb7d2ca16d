/* options.c - options at three levels, session < mount < request, and how they join.
 * policy. Knows ferry_opts. Does not know URLs, connections or time.
 *
 * Theory: one table says of every option where it stands in ferry_opts, what it is and
 * at which levels it may be given; reading, checking, filling and joining walk that
 * table. Pair lists have a rule of their own: join by name, keep the place, NULL
 * removes. SPDX-License-Identifier: MIT */
#include "policy/options.h"

#include <string.h>

#include "proto/request.h"

typedef enum options_kind {
    OPTIONS_NUMBER,
    OPTIONS_SWITCH,
    OPTIONS_OTHER
} options_kind;

typedef struct options_row {
    size_t offset, size;
    options_kind kind;
    int levels;
    int64_t fallback;
    const char *misplaced; /* said when it is given at another level */
} options_row;

enum {
    OPTIONS_ANY = FY_LEVEL_SESSION | FY_LEVEL_MOUNT | FY_LEVEL_REQUEST,
    OPTIONS_KEPT = FY_LEVEL_SESSION | FY_LEVEL_MOUNT
};

#define OPTIONS_AT(member)                                                             \
    offsetof(ferry_opts, member), sizeof(((ferry_opts *)0)->member)
#define OPTIONS_COUNT(member, fallback)                                                \
    {                                                                                  \
        OPTIONS_AT(member), OPTIONS_NUMBER, OPTIONS_ANY, fallback, NULL                \
    }
#define OPTIONS_POOL(member, fallback)                                                 \
    {                                                                                  \
        OPTIONS_AT(pool.member), OPTIONS_NUMBER, FY_LEVEL_SESSION, fallback,           \
            ".pool is an option of the session"                                        \
    }
#define OPTIONS_REQUEST(member)                                                        \
    {                                                                                  \
        OPTIONS_AT(member), OPTIONS_OTHER, FY_LEVEL_REQUEST, 0,                        \
            "." #member " is an option of a request"                                   \
    }

static const options_row options_rows[] = {
    OPTIONS_COUNT(timeout.connect_ms, 10000),
    OPTIONS_COUNT(timeout.read_ms, 30000),
    OPTIONS_COUNT(timeout.write_ms, 30000),
    OPTIONS_COUNT(timeout.pool_ms, 10000),
    OPTIONS_COUNT(timeout.total_ms, FERRY_UNLIMITED),
    OPTIONS_COUNT(limits.head, 65536),
    OPTIONS_COUNT(limits.fields, 128),
    OPTIONS_COUNT(limits.interim, 32),
    OPTIONS_COUNT(limits.body, (int64_t)64 << 20),
    OPTIONS_COUNT(limits.buffer, 16384),
    OPTIONS_COUNT(limits.buffer_max, 262144),
    {OPTIONS_AT(stream), OPTIONS_SWITCH, OPTIONS_ANY, FERRY_OFF, NULL},
    {OPTIONS_AT(secure), OPTIONS_SWITCH, OPTIONS_KEPT, FERRY_OFF,
        ".secure is an option of the session or a mount"},
    {OPTIONS_AT(transport), OPTIONS_OTHER, OPTIONS_KEPT, 0,
        ".transport is an option of the session or a mount"},
    {OPTIONS_AT(platform), OPTIONS_OTHER, FY_LEVEL_SESSION, 0,
        ".platform is given when the session is made"},
    OPTIONS_POOL(idle, 100),
    OPTIONS_POOL(idle_per_key, 10),
    OPTIONS_POOL(open_per_key, 64),
    OPTIONS_REQUEST(method),
    OPTIONS_REQUEST(target),
    OPTIONS_REQUEST(body),
    OPTIONS_REQUEST(text),
    OPTIONS_REQUEST(form),
};

enum { OPTIONS_ROWS = sizeof options_rows / sizeof *options_rows };

static int64_t options_number(const ferry_opts *o, const options_row *row)
{
    int64_t n;
    memcpy(&n, (const char *)o + row->offset, sizeof n);
    return n;
}

static void options_set_number(ferry_opts *o, const options_row *row, int64_t n)
{
    memcpy((char *)o + row->offset, &n, sizeof n);
}

static ferry_switch options_switch(const ferry_opts *o, const options_row *row)
{
    ferry_switch v;
    memcpy(&v, (const char *)o + row->offset, sizeof v);
    return v;
}

static void options_set_switch(ferry_opts *o, const options_row *row, ferry_switch v)
{
    memcpy((char *)o + row->offset, &v, sizeof v);
}

static bool options_is_given(const ferry_opts *o, const options_row *row)
{
    static const char zeros[sizeof(ferry_bytes)];
    switch (row->kind) {
    case OPTIONS_NUMBER: return options_number(o, row) != 0;
    case OPTIONS_SWITCH: return options_switch(o, row) != FERRY_INHERIT;
    default: return memcmp((const char *)o + row->offset, zeros, row->size) != 0;
    }
}

static ferry_err options_check_row(
    const ferry_opts *o, const options_row *row, int level, fy_error *x)
{
    if (!options_is_given(o, row))
        return FERRY_OK;
    if (!(row->levels & level))
        return fy_fail(x, FERRY_ERR_USAGE, row->misplaced, FY_NOWHERE);
    if (row->kind == OPTIONS_NUMBER && options_number(o, row) < FERRY_UNLIMITED)
        return fy_fail(x, FERRY_ERR_USAGE, "negative count, size or time", FY_NOWHERE);
    if (row->kind == OPTIONS_SWITCH && options_switch(o, row) != FERRY_ON &&
        options_switch(o, row) != FERRY_OFF)
        return fy_fail(
            x, FERRY_ERR_USAGE, "switch is neither FERRY_ON nor FERRY_OFF", FY_NOWHERE);
    return FERRY_OK;
}

/* What no single row can tell. */
static ferry_err options_check_whole(const ferry_opts *o, fy_error *x)
{
    if (o->name_every_option)
        return fy_fail(x, FERRY_ERR_USAGE, "an option without its name", FY_NOWHERE);
    if (o->limits.buffer && o->limits.buffer < 256)
        return fy_fail(x, FERRY_ERR_USAGE, ".limits.buffer is below 256", FY_NOWHERE);
    if (o->limits.buffer_max && o->limits.buffer_max < 256)
        return fy_fail(
            x, FERRY_ERR_USAGE, ".limits.buffer_max is below 256", FY_NOWHERE);
    if (!o->body.ptr && o->body.len)
        return fy_fail(
            x, FERRY_ERR_USAGE, ".body has a length and no bytes", FY_NOWHERE);
    if ((o->body.ptr != NULL) + (o->text != NULL) + (o->form != NULL) > 1)
        return fy_fail(
            x, FERRY_ERR_USAGE, "more than one of .body, .text and .form", FY_NOWHERE);
    if (o->transport && !o->transport->dial)
        return fy_fail(x, FERRY_ERR_USAGE, ".transport without dial", FY_NOWHERE);
    return FERRY_OK;
}

ferry_err fy_options_read(
    ferry_opts *out, const ferry_opts *given, int level, fy_error *x)
{
    memset(out, 0, sizeof *out);
    if (!given)
        return FERRY_OK;
    if (given->size < offsetof(ferry_opts, headers) || given->size > sizeof *out)
        return fy_fail(x, FERRY_ERR_USAGE,
            "ferry_opts.size is not that of this library's header", FY_NOWHERE);
    memcpy(out, given, given->size);
    for (size_t i = 0; i < OPTIONS_ROWS; i++)
        TRY(options_check_row(out, &options_rows[i], level, x));
    return options_check_whole(out, x);
}

/* Numbers and switches of `o` that are not given become those of `below`. */
static void options_inherit(ferry_opts *o, const ferry_opts *below)
{
    for (size_t i = 0; i < OPTIONS_ROWS; i++) {
        const options_row *row = &options_rows[i];
        if (row->kind == OPTIONS_OTHER || options_is_given(o, row))
            continue;
        if (row->kind == OPTIONS_NUMBER)
            options_set_number(o, row, options_number(below, row));
        else
            options_set_switch(o, row, options_switch(below, row));
    }
}

void fy_options_fill(ferry_opts *o)
{
    for (size_t i = 0; i < OPTIONS_ROWS; i++) {
        const options_row *row = &options_rows[i];
        if (row->kind == OPTIONS_OTHER || options_is_given(o, row))
            continue;
        if (row->kind == OPTIONS_NUMBER)
            options_set_number(o, row, row->fallback);
        else
            options_set_switch(o, row, (ferry_switch)row->fallback);
    }
}

void fy_options_resolve(ferry_opts *out, const fy_layer *session, const fy_layer *mount,
    const ferry_opts *request)
{
    *out = *request;
    if (mount)
        options_inherit(out, &mount->values);
    options_inherit(out, &session->values);
    for (size_t i = 0; i < OPTIONS_ROWS; i++) {
        const options_row *row = &options_rows[i];
        if (row->kind != OPTIONS_NUMBER)
            continue;
        int64_t n = options_number(out, row);
        if (n < 0)
            options_set_number(out, row, n == FERRY_NONE ? 0 : INT64_MAX);
    }
}

/* --- lists of pairs ------------------------------------------------------------------
 */

const ferry_pair *ferry_no_pairs(void)
{
    static const ferry_pair none[1];
    return none;
}

typedef struct options_list_rule {
    bool (*is_same)(ferry_str a, ferry_str b);
    ferry_err (*check)(ferry_str name, ferry_str value, fy_error *x);
    bool keeps_removed; /* also what is written unasked is taken away */
} options_list_rule;

static ferry_err options_check_param(ferry_str name, ferry_str value, fy_error *x)
{
    (void)name, (void)value, (void)x; /* any bytes: they are encoded */
    return FERRY_OK;
}

static const options_list_rule options_header_rule = {
    fy_str_eq_nocase, fy_request_check_field, true};
static const options_list_rule options_param_rule = {
    fy_str_eq, options_check_param, false};

/* The value of an entry that is to be taken out of its list. */
static const char options_dropped[1];

static size_t options_find(const options_list_rule *rule, const fy_fields *list,
    size_t from, size_t to, size_t i)
{
    while (from < to && !rule->is_same(list->at[from].name, list->at[i].name))
        from++;
    return from;
}

static void options_drop(fy_fields *list, size_t i)
{
    list->at[i].value.ptr = options_dropped;
}

/* Entry `i` is the first of its name at its level: it takes the place of the first
 * below, and the others below go. */
static void options_replace(
    fy_fields *list, const options_list_rule *rule, size_t below, size_t i)
{
    bool is_kept = list->at[i].value.ptr || rule->keeps_removed;
    size_t first = options_find(rule, list, 0, below, i);
    for (size_t j = first; j < below; j = options_find(rule, list, j + 1, below, i))
        options_drop(list, j);
    if (first < below && is_kept) {
        list->at[first] = list->at[i];
        options_drop(list, i);
    } else if (!is_kept) {
        options_drop(list, i);
    }
}

/* The entries from `below` on are a level of their own: lay them over those before.
 * More entries of one name in one level repeat it. */
static void options_overlay(
    fy_fields *list, const options_list_rule *rule, size_t below)
{
    for (size_t i = below; i < list->n; i++)
        if (options_find(rule, list, below, i, i) == i)
            options_replace(list, rule, below, i);
        else if (!list->at[i].value.ptr)
            options_drop(list, i);
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++)
        if (list->at[i].value.ptr != options_dropped)
            list->at[n++] = list->at[i];
    list->n = n;
}

static ferry_err options_overlay_fields(fy_fields *list, const options_list_rule *rule,
    ferry_fields over, bool forgets, fy_error *x)
{
    if (forgets)
        list->n = 0;
    size_t below = list->n;
    for (size_t i = 0; i < over.n; i++)
        TRY(fy_fields_add(list, over.at[i].name, over.at[i].value, x));
    options_overlay(list, rule, below);
    return FERRY_OK;
}

static ferry_err options_overlay_pairs(fy_fields *list, const options_list_rule *rule,
    const ferry_pair *pairs, fy_error *x)
{
    if (pairs == ferry_no_pairs())
        list->n = 0;
    size_t below = list->n;
    for (; pairs && pairs->name; pairs++) {
        ferry_str name = fy_str(pairs->name);
        ferry_str value = pairs->value ? fy_str(pairs->value) : (ferry_str){NULL, 0};
        TRY(rule->check(name, value, x));
        TRY(fy_fields_add(list, name, value, x));
    }
    options_overlay(list, rule, below);
    return FERRY_OK;
}

static ferry_err options_join(ferry_fields *out, fy_fields *scratch,
    const options_list_rule *rule, const fy_fields *session, const fy_fields *mount,
    bool forgets, const ferry_pair *request, fy_error *x)
{
    *out = fy_fields_view(session);
    if (!mount && !request)
        return FERRY_OK;
    scratch->n = 0;
    TRY(options_overlay_fields(scratch, rule, *out, false, x));
    if (mount)
        TRY(options_overlay_fields(scratch, rule, fy_fields_view(mount), forgets, x));
    TRY(options_overlay_pairs(scratch, rule, request, x));
    *out = fy_fields_view(scratch);
    return FERRY_OK;
}

ferry_err fy_options_headers(ferry_fields *out, fy_fields *scratch,
    const fy_layer *session, const fy_layer *mount, const ferry_pair *request,
    fy_error *x)
{
    return options_join(out, scratch, &options_header_rule, &session->headers,
        mount ? &mount->headers : NULL, mount && mount->forgets_headers, request, x);
}

ferry_err fy_options_params(ferry_fields *out, fy_fields *scratch,
    const fy_layer *session, const fy_layer *mount, const ferry_pair *request,
    fy_error *x)
{
    return options_join(out, scratch, &options_param_rule, &session->params,
        mount ? &mount->params : NULL, mount && mount->forgets_params, request, x);
}

/* --- layers --------------------------------------------------------------------------
 */

/* An entry of a layer is one block: the name, a NUL, the value, a NUL. */
static size_t options_block_size(const ferry_field *f)
{
    return f->name.len + 1 + (f->value.ptr ? f->value.len + 1 : 0);
}

static char *options_block_copy(char *to, ferry_str *s)
{
    memcpy(to, s->ptr, s->len);
    to[s->len] = '\0';
    s->ptr = to;
    return to + s->len + 1;
}

static bool options_own(const ferry_platform *m, ferry_field *f)
{
    char *block = fy_resize(m, NULL, 0, options_block_size(f));
    if (!block)
        return false;
    char *value = options_block_copy(block, &f->name);
    if (f->value.ptr)
        options_block_copy(value, &f->value);
    return true;
}

static void options_disown(fy_fields *list)
{
    for (size_t i = 0; i < list->n; i++)
        fy_resize(list->platform, (char *)list->at[i].name.ptr,
            options_block_size(&list->at[i]), 0);
    fy_fields_fini(list);
}

/* Turn a list of views into one that owns its texts. If that fails it is empty. */
static ferry_err options_own_all(fy_fields *list, fy_error *x)
{
    for (size_t i = 0; i < list->n; i++)
        if (!options_own(list->platform, &list->at[i])) {
            list->n = i;
            options_disown(list);
            return fy_fail_nomem(x);
        }
    return FERRY_OK;
}

static ferry_err options_build_list(fy_fields *out, const options_list_rule *rule,
    const fy_fields *base, const ferry_pair *pairs, fy_error *x)
{
    ferry_err e = FERRY_OK;
    if (base)
        e = options_overlay_fields(out, rule, fy_fields_view(base), false, x);
    if (!e)
        e = options_overlay_pairs(out, rule, pairs, x);
    if (!e)
        return options_own_all(out, x);
    fy_fields_fini(out); /* views only, so far */
    return e;
}

/* Only numbers and switches are kept by value. */
static void options_keep_values(
    fy_layer *out, const fy_layer *base, const ferry_opts *o)
{
    out->values = *o;
    if (base)
        options_inherit(&out->values, &base->values);
    for (size_t i = 0; i < OPTIONS_ROWS; i++)
        if (options_rows[i].kind == OPTIONS_OTHER)
            memset(
                (char *)&out->values + options_rows[i].offset, 0, options_rows[i].size);
    out->values.headers = out->values.params = NULL;
}

ferry_err fy_layer_merge(fy_layer *out, const ferry_platform *m, const fy_layer *base,
    const ferry_opts *o, uint32_t dialer_id, fy_error *x)
{
    memset(out, 0, sizeof *out);
    fy_fields_init(&out->headers, m, FY_OPTIONS_LIST_MAX);
    fy_fields_init(&out->params, m, FY_OPTIONS_LIST_MAX);
    options_keep_values(out, base, o);
    out->forgets_headers = o->headers == ferry_no_pairs() ||
                           (base && base->forgets_headers);
    out->forgets_params = o->params == ferry_no_pairs() ||
                          (base && base->forgets_params);
    if (base) {
        out->dialer = base->dialer;
        out->dialer_id = base->dialer_id;
    }
    if (o->transport) {
        out->dialer = *o->transport;
        out->dialer_id = dialer_id;
    }
    TRY(options_build_list(&out->headers, &options_header_rule,
        base ? &base->headers : NULL, o->headers, x));
    ferry_err e = options_build_list(
        &out->params, &options_param_rule, base ? &base->params : NULL, o->params, x);
    if (e)
        options_disown(&out->headers);
    return e;
}

void fy_layer_fini(fy_layer *l)
{
    options_disown(&l->headers);
    options_disown(&l->params);
}
