/* options.c - options at three levels, session < mount < request, and how they join.
 * policy. Knows ferry_opts. Does not know URLs, connections or time.
 *
 * Theory: one table says of every option where it stands in ferry_opts, what it is and
 * at which levels it may be given; reading, checking, filling and joining walk that
 * table. A row may stand for several numbers side by side.
 * SPDX-License-Identifier: MIT */
#include "policy/options.h"

#include "policy/options_whole.h"

#include <string.h>

typedef enum options_kind {
    OPTIONS_NUMBERS,
    OPTIONS_SWITCH,
    OPTIONS_FOLLOW, /* a switch with a third answer, and none by default */
    OPTIONS_AUTH,
    OPTIONS_POINTERS
} options_kind;

typedef struct options_row {
    size_t offset, size;
    options_kind kind;
    int levels;
    const char *misplaced;    /* said when it is given at another level */
    const int64_t *fallbacks; /* of numbers; of a switch, if it is not FERRY_OFF */
} options_row;

enum {
    OPTIONS_ANY = FY_LEVEL_SESSION | FY_LEVEL_MOUNT | FY_LEVEL_REQUEST,
    OPTIONS_KEPT = FY_LEVEL_SESSION | FY_LEVEL_MOUNT
};

/* In the order of their members. */
static const int64_t options_timeouts[] = {10000, 30000, 30000, 10000, FERRY_UNLIMITED};
static const int64_t options_limits[] = {
    65536, 128, 32, (int64_t)64 << 20, 16384, 262144};
static const int64_t options_expect[] = {1 << 20, 1000};
static const int64_t options_pool[] = {100, 10, 64, 60000, 3600000};
static const int64_t options_ratio[] = {200};
static const int64_t options_drain[] = {65536};
static const int64_t options_tcp[] = {FERRY_NONE, FERRY_NONE};
/* Of switches; none is FERRY_OFF. */
static const int64_t options_on[] = {FERRY_ON};
static const int64_t options_redirects[] = {30};
static const int64_t options_budget[] = {10};

#define OPTIONS_AT(member)                                                             \
    offsetof(ferry_opts, member), sizeof(((ferry_opts *)0)->member)
#define OPTIONS_REQUEST(member)                                                        \
    {                                                                                  \
        OPTIONS_AT(member), OPTIONS_POINTERS, FY_LEVEL_REQUEST,                        \
            "." #member " is an option of a request", NULL                             \
    }

static const options_row options_rows[] = {
    OPTIONS_REQUEST(method),
    OPTIONS_REQUEST(target),
    OPTIONS_REQUEST(cookies),
    OPTIONS_REQUEST(body),
    OPTIONS_REQUEST(text),
    OPTIONS_REQUEST(form),
    OPTIONS_REQUEST(json),
    OPTIONS_REQUEST(file),
    OPTIONS_REQUEST(source),
    OPTIONS_REQUEST(multipart),
    OPTIONS_REQUEST(trailers),
    OPTIONS_REQUEST(sink),
    OPTIONS_REQUEST(into),
    OPTIONS_REQUEST(on_progress),
    {OPTIONS_AT(stream), OPTIONS_SWITCH, OPTIONS_ANY, NULL, NULL},
    {OPTIONS_AT(decode), OPTIONS_SWITCH, OPTIONS_ANY, NULL, options_on},
    {OPTIONS_AT(decode_ratio), OPTIONS_NUMBERS, OPTIONS_ANY, NULL, options_ratio},
    {OPTIONS_AT(drain), OPTIONS_NUMBERS, OPTIONS_ANY, NULL, options_drain},
    {OPTIONS_AT(timeout), OPTIONS_NUMBERS, OPTIONS_ANY, NULL, options_timeouts},
    {OPTIONS_AT(limits), OPTIONS_NUMBERS, OPTIONS_ANY, NULL, options_limits},
    {OPTIONS_AT(expect), OPTIONS_NUMBERS, OPTIONS_ANY, NULL, options_expect},
    {OPTIONS_AT(follow), OPTIONS_FOLLOW, OPTIONS_ANY, NULL, NULL},
    {OPTIONS_AT(location_trusted), OPTIONS_SWITCH, OPTIONS_ANY, NULL, NULL},
    {OPTIONS_AT(max_redirects), OPTIONS_NUMBERS, OPTIONS_ANY, NULL, options_redirects},
    {OPTIONS_AT(idempotency_key), OPTIONS_SWITCH, OPTIONS_ANY, NULL, NULL},
    {OPTIONS_AT(jar), OPTIONS_SWITCH, OPTIONS_ANY, NULL, options_on},
    {OPTIONS_AT(auth), OPTIONS_AUTH, OPTIONS_ANY, NULL, NULL},
    {OPTIONS_AT(proxy_tunnel), OPTIONS_SWITCH, OPTIONS_ANY, NULL, NULL},
    {OPTIONS_AT(proxy_http10), OPTIONS_SWITCH, OPTIONS_ANY, NULL, NULL},
    {OPTIONS_AT(tcp), OPTIONS_NUMBERS, OPTIONS_ANY, NULL, options_tcp},
    {OPTIONS_AT(tcp_nodelay), OPTIONS_SWITCH, OPTIONS_ANY, NULL, NULL},
    {OPTIONS_AT(transport), OPTIONS_POINTERS, OPTIONS_KEPT,
        ".transport is an option of the session or a mount", NULL},
    {OPTIONS_AT(secure), OPTIONS_SWITCH, OPTIONS_KEPT,
        ".secure is an option of the session or a mount", NULL},
    {OPTIONS_AT(platform), OPTIONS_POINTERS, FY_LEVEL_SESSION,
        ".platform is given when the session is made", NULL},
    {OPTIONS_AT(pool), OPTIONS_NUMBERS, FY_LEVEL_SESSION,
        ".pool is an option of the session", options_pool},
    {OPTIONS_AT(retry_budget), OPTIONS_NUMBERS, FY_LEVEL_SESSION,
        ".retry_budget is an option of the session", options_budget},
    {OPTIONS_AT(netrc), OPTIONS_POINTERS, FY_LEVEL_SESSION,
        ".netrc is an option of the session", NULL},
    {OPTIONS_AT(key_log), OPTIONS_POINTERS, FY_LEVEL_SESSION,
        ".key_log is an option of the session", NULL},
    {OPTIONS_AT(cookie_limits), OPTIONS_NUMBERS, FY_LEVEL_SESSION,
        ".cookie_limits is an option of the session", NULL},
    {OPTIONS_AT(suffixes), OPTIONS_POINTERS, FY_LEVEL_SESSION,
        ".suffixes is an option of the session", NULL},
    {OPTIONS_AT(trust_env), OPTIONS_SWITCH, FY_LEVEL_SESSION,
        ".trust_env is an option of the session", options_on},
    {OPTIONS_AT(trust_loopback), OPTIONS_SWITCH, FY_LEVEL_SESSION,
        ".trust_loopback is an option of the session", NULL},
};

enum { OPTIONS_ROWS = sizeof options_rows / sizeof *options_rows };

static const int64_t *options_numbers(const ferry_opts *o, const options_row *row)
{
    return (const int64_t *)(const void *)((const char *)o + row->offset);
}

static ferry_switch options_switch(const ferry_opts *o, const options_row *row)
{
    return *(const ferry_switch *)(const void *)((const char *)o + row->offset);
}

static size_t options_count(const options_row *row)
{
    return row->size / sizeof(int64_t);
}

/* --- nothing given --------------------------------------------------------------- */

/* Most requests give nothing but, perhaps, a method, or else what is their own: one look
 * tells, as that comes first in the struct. */
enum {
    OPTIONS_OWN = offsetof(ferry_opts, method) + sizeof(const char *),
    OPTIONS_SHARED = offsetof(ferry_opts, sink)
};

const ferry_opts *fy_options_none(void)
{
    static const ferry_opts none = {.size = sizeof none};
    return &none;
}

static bool options_are_none_from(const ferry_opts *o, size_t from)
{
    const char *p = (const char *)o, *nothing = (const char *)fy_options_none();
    return memcmp(p + from, nothing + from, sizeof *o - from) == 0;
}

bool fy_options_are_none(const ferry_opts *given)
{
    return !given || (given->size == sizeof *given && !given->name_every_option &&
                         options_are_none_from(given, OPTIONS_OWN));
}

bool fy_options_set_none(const ferry_opts *o)
{
    return options_are_none_from(o, OPTIONS_SHARED);
}

/* --- reading --------------------------------------------------------------------- */

/* Of what may be misplaced: `.follow` and `.auth` may not. */
static bool options_is_given(const ferry_opts *o, const options_row *row)
{
    if (row->kind == OPTIONS_SWITCH)
        return options_switch(o, row) != FERRY_INHERIT;
    if (row->kind == OPTIONS_POINTERS) {
        uintptr_t any = 0, word;
        for (size_t i = 0; i < row->size; i += sizeof word, any |= word)
            memcpy(&word, (const char *)o + row->offset + i, sizeof word);
        return any != 0;
    }
    int64_t any = 0;
    for (size_t i = 0; i < options_count(row); i++)
        any |= options_numbers(o, row)[i];
    return any != 0;
}

static ferry_err options_check_numbers(const int64_t *numbers, size_t n, fy_error *x)
{
    for (size_t i = 0; i < n; i++)
        if (numbers[i] < FERRY_UNLIMITED)
            return fy_fail(
                x, FERRY_ERR_USAGE, "negative count, size or time", FY_NOWHERE);
    return FERRY_OK;
}

static ferry_err options_check_switch(ferry_switch given, fy_error *x)
{
    return given > FERRY_OFF
               ? fy_fail(x, FERRY_ERR_USAGE, "switch is neither FERRY_ON nor FERRY_OFF",
                     FY_NOWHERE)
               : FERRY_OK;
}

static ferry_err options_check_row(
    const ferry_opts *o, const options_row *row, int level, fy_error *x)
{
    if (!(row->levels & level))
        return options_is_given(o, row)
                   ? fy_fail(x, FERRY_ERR_USAGE, row->misplaced, FY_NOWHERE)
                   : FERRY_OK;
    switch (row->kind) {
    case OPTIONS_NUMBERS:
        return options_check_numbers(options_numbers(o, row), options_count(row), x);
    case OPTIONS_SWITCH: return options_check_switch(options_switch(o, row), x);
    case OPTIONS_FOLLOW:
        return options_switch(o, row) > FERRY_SAFE_ONLY
                   ? fy_fail(x, FERRY_ERR_USAGE,
                         ".follow is none of FERRY_ON, FERRY_OFF and FERRY_SAFE_ONLY",
                         FY_NOWHERE)
                   : FERRY_OK;
    case OPTIONS_AUTH: return o->auth.kind ? fy_auth_check(&o->auth, x) : FERRY_OK;
    default: return FERRY_OK;
    }
}

ferry_err fy_options_widen(
    const ferry_opts **out, ferry_opts *room, const ferry_opts *given, fy_error *x)
{
    *out = given;
    if (given->size < offsetof(ferry_opts, method) || given->size > sizeof *given)
        return fy_fail(x, FERRY_ERR_USAGE,
            "ferry_opts.size is not that of this library's header", FY_NOWHERE);
    if (given->size < sizeof *given) {
        memcpy(room, given, given->size);
        memset((char *)room + given->size, 0, sizeof *room - given->size);
        *out = room;
    }
    if ((*out)->name_every_option)
        return fy_fail(x, FERRY_ERR_USAGE, "an option without its name", FY_NOWHERE);
    return FERRY_OK;
}

ferry_err fy_options_check(const ferry_opts *o, int level, fy_error *x)
{
    for (size_t i = 0; i < OPTIONS_ROWS; i++)
        TRY(options_check_row(o, &options_rows[i], level, x));
    TRY(fy_ways_check(o, x));
    TRY(fy_retry_check(&o->retry, x));
    return fy_options_check_whole(o, x);
}

ferry_err fy_options_read(
    ferry_opts *out, const ferry_opts *given, int level, fy_error *x)
{
    const ferry_opts *wide;
    *out = *fy_options_none();
    if (!given)
        return FERRY_OK;
    TRY(fy_options_widen(&wide, out, given, x));
    *out = *wide;
    return fy_options_check(out, level, x);
}

void fy_options_split(const ferry_opts *given, ferry_opts *session, ferry_opts *request)
{
    *session = *request = *fy_options_none();
    if (!given)
        return;
    memcpy(
        session, given, given->size < sizeof *session ? given->size : sizeof *session);
    for (size_t i = 0; i < OPTIONS_ROWS; i++) {
        const options_row *row = &options_rows[i];
        if (row->levels != FY_LEVEL_REQUEST)
            continue;
        memcpy((char *)request + row->offset, (char *)session + row->offset, row->size);
        memset((char *)session + row->offset, 0, row->size);
    }
}

/* --- joining --------------------------------------------------------------------- */

static void options_inherit_numbers(int64_t *to, const int64_t *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (to[i] == 0)
            to[i] = from[i];
}

/* The numbers of settings stand side by side. */
enum { OPTIONS_NUMBERS_KEPT = offsetof(fy_settings, stream) / sizeof(int64_t) };

static int64_t *options_kept_numbers(fy_settings *s)
{
    return (int64_t *)(void *)s;
}

fy_settings fy_settings_of(const ferry_opts *o)
{
    return (fy_settings){.timeout = o->timeout,
        .limits = o->limits,
        .pool = o->pool,
        .decode_ratio = o->decode_ratio,
        .drain = o->drain,
        .expect = o->expect,
        .max_redirects = o->max_redirects,
        .retry_budget = o->retry_budget,
        .tcp = o->tcp,
        .stream = o->stream,
        .decode = o->decode,
        .follow = o->follow,
        .idempotency_key = o->idempotency_key,
        .location_trusted = o->location_trusted,
        .tcp_nodelay = o->tcp_nodelay,
        .proxy_tunnel = o->proxy_tunnel,
        .proxy_http10 = o->proxy_http10,
        .jar = o->jar};
}

static void options_inherit_switch(ferry_switch *to, ferry_switch from)
{
    if (*to == FERRY_INHERIT)
        *to = from;
}

/* What is not given in `s` becomes that of `below`. */
void fy_settings_inherit(fy_settings *s, const fy_settings *below)
{
    options_inherit_numbers(options_kept_numbers(s),
        (const int64_t *)(const void *)below, OPTIONS_NUMBERS_KEPT);
    options_inherit_switch(&s->stream, below->stream);
    options_inherit_switch(&s->decode, below->decode);
    options_inherit_switch(&s->follow, below->follow);
    options_inherit_switch(&s->idempotency_key, below->idempotency_key);
    options_inherit_switch(&s->tcp_nodelay, below->tcp_nodelay);
    options_inherit_switch(&s->proxy_tunnel, below->proxy_tunnel);
    options_inherit_switch(&s->proxy_http10, below->proxy_http10);
    options_inherit_switch(&s->jar, below->jar);
    options_inherit_switch(&s->location_trusted, below->location_trusted);
}

void fy_options_fill(ferry_opts *o)
{
    for (size_t i = 0; i < OPTIONS_ROWS; i++) {
        const options_row *row = &options_rows[i];
        void *at = (char *)o + row->offset;
        if (row->kind == OPTIONS_NUMBERS && row->fallbacks)
            options_inherit_numbers(at, row->fallbacks, options_count(row));
        else if (row->kind == OPTIONS_SWITCH && !options_is_given(o, row))
            *(ferry_switch *)at = row->fallbacks ? (ferry_switch)row->fallbacks[0]
                                                 : FERRY_OFF;
    }
}

/* FERRY_NONE is 0, FERRY_UNLIMITED is INT64_MAX. */
static int64_t options_number(int64_t n)
{
    if (n >= 0)
        return n;
    return n == FERRY_NONE ? 0 : INT64_MAX;
}

void fy_settings_resolve(fy_settings *s)
{
    for (size_t i = 0; i < OPTIONS_NUMBERS_KEPT; i++)
        options_kept_numbers(s)[i] = options_number(options_kept_numbers(s)[i]);
}

void fy_options_resolve(fy_settings *out, const fy_layer *session,
    const fy_layer *mount, const ferry_opts *request)
{
    if (!mount && request == fy_options_none()) {
        *out = session->resolved;
        return;
    }
    *out = fy_settings_of(request);
    if (mount)
        fy_settings_inherit(out, &mount->values);
    fy_settings_inherit(out, &session->values);
    fy_settings_resolve(out);
}

/* One list over three levels. Behind its first origin, what a chain of requests brought
 * from session and request may be barred; a mount's is for every URL under it. */
static ferry_err options_join(ferry_fields *out, fy_fields *scratch, fy_pairs_kind kind,
    const fy_fields *session, const fy_fields *mount, bool forgets,
    const ferry_pair *request, const fy_bound *bound, fy_error *x)
{
    *out = fy_fields_view(session);
    if (!mount && !request && !bound)
        return FERRY_OK;
    scratch->n = 0;
    if (!forgets)
        TRY(fy_pairs_overlay(scratch, kind, *out, x));
    if (bound)
        fy_pairs_unbind(scratch, bound);
    if (mount)
        TRY(fy_pairs_overlay(scratch, kind, fy_fields_view(mount), x));
    TRY(fy_pairs_overlay_given(scratch, kind, request, bound, x));
    *out = fy_fields_view(scratch);
    return FERRY_OK;
}

ferry_err fy_options_headers(ferry_fields *out, fy_fields *scratch,
    const fy_layer *session, const fy_layer *mount, const ferry_pair *request,
    const fy_bound *bound, fy_error *x)
{
    return options_join(out, scratch, FY_PAIRS_HEADERS, &session->headers,
        mount ? &mount->headers : NULL, mount && mount->forgets_headers, request, bound,
        x);
}

ferry_err fy_options_params(ferry_fields *out, fy_fields *scratch,
    const fy_layer *session, const fy_layer *mount, const ferry_pair *request,
    fy_error *x)
{
    return options_join(out, scratch, FY_PAIRS_PARAMS, &session->params,
        mount ? &mount->params : NULL, mount && mount->forgets_params, request, NULL,
        x);
}

void fy_hooks_join(fy_hooks *out, const fy_hooks *below, const ferry_opts *o)
{
    *out = *below;
    if (o->on_request.call)
        out->on_request = o->on_request;
    if (o->on_response.call)
        out->on_response = o->on_response;
    if (o->on_event.call)
        out->on_event = o->on_event;
}
