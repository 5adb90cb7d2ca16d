/* ways.c - options that say how a peer is reached: proxies, unix sockets, addresses.
 * policy. Knows ferry_opts, and how levels join. Does not know connections.
 * SPDX-License-Identifier: MIT */
#include "policy/ways.h"

#include <string.h>

#include "policy/overrides.h"
#include "policy/proxy.h"
#include "proto/host.h"

enum { WAYS_TEXT_MAX = 8192 };

static const fy_pairs_kind ways_kinds[] = {
    [FY_WAYS_PROXIES] = FY_PAIRS_NAMES,
    [FY_WAYS_PROXY_HEADERS] = FY_PAIRS_HEADERS,
    [FY_WAYS_RESOLVE] = FY_PAIRS_NAMES,
};

const ferry_pair *ferry_direct(void)
{
    static const ferry_pair direct[] = {{"all", ""}, {NULL, NULL}};
    return direct;
}

/* --- what a level gives ---------------------------------------------------------- */

static const ferry_pair *ways_list(const ferry_opts *o, int i)
{
    switch (i) {
    case FY_WAYS_PROXIES: return o->proxies;
    case FY_WAYS_PROXY_HEADERS: return o->proxy_headers;
    default: return o->resolve;
    }
}

static const char *ways_text(const ferry_opts *o, int i)
{
    switch (i) {
    case FY_WAYS_NO_PROXY: return o->no_proxy;
    case FY_WAYS_PREPROXY: return o->preproxy;
    case FY_WAYS_UNIX_SOCKET: return o->unix_socket;
    case FY_WAYS_INTERFACE: return o->local_interface;
    case FY_WAYS_LOCAL_ADDRESS: return o->local_address;
    default: return o->proxy_tls.ca_file;
    }
}

/* FERRY_DIRECT says no to all that is said below it. */
static bool ways_forgets(const ferry_pair *list)
{
    return list == ferry_no_pairs() || list == ferry_direct();
}

bool fy_ways_are_given(const ferry_opts *o)
{
    return o->proxies || o->proxy_headers || o->resolve || o->no_proxy || o->preproxy ||
           o->unix_socket || o->local_interface || o->local_address ||
           o->proxy_tls.ca_file || o->proxy_tls.verify;
}

/* --- checking -------------------------------------------------------------------- */

/* Fields that say how a message is framed or whom it is for are not a caller's to give to
 * a proxy: they would be the request's own. */
static ferry_err ways_check_header(ferry_str name, ferry_str value, fy_error *x)
{
    static const char *const own[] = {"Host", "Content-Length", "Transfer-Encoding",
        "TE", "Trailer", "Connection", "Upgrade", "Expect"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (fy_str_eq_nocase(name, fy_str(own[i])))
            return fy_fail(x, FERRY_ERR_USAGE,
                "a field in .proxy_headers that is ferry's own", FY_NOWHERE);
    (void)value; /* checked as every field's */
    return FERRY_OK;
}

static ferry_err ways_check_pair(int list, ferry_str name, ferry_str value, fy_error *x)
{
    switch (list) {
    case FY_WAYS_PROXIES: return fy_proxy_check(name, value, x);
    case FY_WAYS_PROXY_HEADERS: return ways_check_header(name, value, x);
    default: return fy_overrides_check(name, value, x);
    }
}

static ferry_err ways_check_list(int list, const ferry_pair *pairs, fy_error *x)
{
    for (; pairs && pairs->name; pairs++) {
        ferry_str none = {NULL, 0};
        TRY(ways_check_pair(
            list, fy_str(pairs->name), pairs->value ? fy_str(pairs->value) : none, x));
    }
    return FERRY_OK;
}

static ferry_err ways_check_text(int i, ferry_str text, fy_error *x)
{
    uint8_t address[16];
    if (text.len > WAYS_TEXT_MAX)
        return fy_fail(x, FERRY_ERR_LIMIT, "the text of an option", FY_NOWHERE);
    if (i == FY_WAYS_LOCAL_ADDRESS && text.len && !fy_host_ipv4(text, address) &&
        !fy_host_ipv6(text, address))
        return fy_fail(
            x, FERRY_ERR_USAGE, ".local_address is not an address", FY_NOWHERE);
    return i == FY_WAYS_PREPROXY ? fy_proxy_check_first(text, x) : FERRY_OK;
}

ferry_err fy_ways_check(const ferry_opts *o, fy_error *x)
{
    if (o->proxy_auth > FERRY_PROXY_ANY)
        return fy_fail(x, FERRY_ERR_USAGE, ".proxy_auth is no such kind", FY_NOWHERE);
    if (o->proxy_tls.verify > FERRY_OFF)
        return fy_fail(
            x, FERRY_ERR_USAGE, "switch is neither FERRY_ON nor FERRY_OFF", FY_NOWHERE);
    int64_t family = o->tcp.family;
    if (family && family != FERRY_NONE && family != FERRY_IPV4 && family != FERRY_IPV6)
        return fy_fail(x, FERRY_ERR_USAGE,
            ".tcp.family is neither FERRY_IPV4 nor FERRY_IPV6", FY_NOWHERE);
    for (int i = 0; i < FY_WAYS_LISTS; i++)
        TRY(ways_check_list(i, ways_list(o, i), x));
    for (int i = 0; i < FY_WAYS_TEXTS; i++)
        TRY(ways_check_text(i, fy_str(ways_text(o, i)), x));
    return FERRY_OK;
}

/* --- joining --------------------------------------------------------------------- */

void fy_ways_init(fy_ways *w, const ferry_platform *m)
{
    *w = (fy_ways){.is_any = false};
    for (int i = 0; i < FY_WAYS_LISTS; i++)
        fy_fields_init(&w->lists[i], m, FY_PAIRS_MAX);
}

/* Lay what is given over `list`, as views. */
static ferry_err ways_overlay_given(
    fy_fields *list, int i, const ferry_pair *given, fy_error *x)
{
    if (!given)
        return FERRY_OK;
    if (ways_forgets(given))
        list->n = 0;
    return fy_pairs_overlay_given(list, ways_kinds[i], given, NULL, x);
}

static ferry_err ways_merge_list(
    fy_ways *out, const fy_ways *base, int i, const ferry_pair *given, fy_error *x)
{
    fy_fields *list = &out->lists[i];
    ferry_err e = FERRY_OK;
    if (base)
        e = fy_pairs_overlay(list, ways_kinds[i], fy_fields_view(&base->lists[i]), x);
    if (!e)
        e = ways_overlay_given(list, i, given, x);
    if (!e)
        return fy_pairs_own(list, x);
    fy_fields_fini(list); /* views only, so far */
    return e;
}

static ferry_err ways_merge_text(fy_ways *out, const fy_ways *base, int i,
    const char *given, const ferry_platform *m, fy_error *x)
{
    ferry_str text = {NULL, 0};
    if (given)
        text = fy_str(given);
    else if (base)
        text = base->texts[i];
    if (!text.ptr)
        return FERRY_OK;
    const char *copy = fy_text_copy(m, text);
    if (!copy)
        return fy_fail_nomem(x);
    out->texts[i] = fy_str(copy);
    return FERRY_OK;
}

ferry_err fy_ways_merge(
    fy_ways *out, const fy_ways *base, const ferry_opts *o, fy_error *x)
{
    const ferry_platform *m = out->lists[0].platform;
    out->is_any = (base && base->is_any) || fy_ways_are_given(o);
    out->proxy_auth = o->proxy_auth ? o->proxy_auth
                      : base        ? base->proxy_auth
                                    : FERRY_PROXY_INHERIT;
    out->proxy_verify = o->proxy_tls.verify ? o->proxy_tls.verify
                        : base              ? base->proxy_verify
                                            : FERRY_INHERIT;
    for (int i = 0; i < FY_WAYS_LISTS; i++) {
        out->forgets[i] = ways_forgets(ways_list(o, i));
        TRY(ways_merge_list(out, base, i, ways_list(o, i), x));
    }
    for (int i = 0; i < FY_WAYS_TEXTS; i++)
        TRY(ways_merge_text(out, base, i, ways_text(o, i), m, x));
    return FERRY_OK;
}

void fy_ways_fini(fy_ways *w)
{
    const ferry_platform *m = w->lists[0].platform;
    for (int i = 0; i < FY_WAYS_LISTS; i++)
        fy_pairs_disown(&w->lists[i]);
    for (int i = 0; i < FY_WAYS_TEXTS; i++)
        if (w->texts[i].ptr)
            fy_text_free(m, (char *)(uintptr_t)w->texts[i].ptr);
    fy_ways_init(w, m);
}

/* --- one request ----------------------------------------------------------------- */

static ferry_err ways_resolve_list(fy_ways *out, const fy_ways *session,
    const fy_ways *mount, int i, const ferry_pair *given, fy_error *x)
{
    fy_fields *list = &out->lists[i];
    list->n = 0;
    if (!mount || !mount->forgets[i])
        TRY(fy_pairs_overlay(
            list, ways_kinds[i], fy_fields_view(&session->lists[i]), x));
    if (mount)
        TRY(fy_pairs_overlay(list, ways_kinds[i], fy_fields_view(&mount->lists[i]), x));
    return ways_overlay_given(list, i, given, x);
}

/* Does this option of session and request still hold? */
static bool ways_holds(int i, bool is_first)
{
    return is_first || i != FY_WAYS_UNIX_SOCKET;
}

ferry_err fy_ways_resolve(fy_ways *out, const fy_ways *session, const fy_ways *mount,
    const ferry_opts *request, bool is_first, fy_error *x)
{
    out->is_any = session->is_any || (mount && mount->is_any) ||
                  fy_ways_are_given(request);
    out->proxy_auth = request->proxy_auth          ? request->proxy_auth
                      : mount && mount->proxy_auth ? mount->proxy_auth
                                                   : session->proxy_auth;
    out->proxy_verify = request->proxy_tls.verify      ? request->proxy_tls.verify
                        : mount && mount->proxy_verify ? mount->proxy_verify
                                                       : session->proxy_verify;
    for (int i = 0; i < FY_WAYS_TEXTS; i++)
        out->texts[i] = (ferry_str){NULL, 0};
    for (int i = 0; i < FY_WAYS_LISTS; i++)
        TRY(ways_resolve_list(out, session, mount, i, ways_list(request, i), x));
    for (int i = 0; i < FY_WAYS_TEXTS; i++) {
        const char *given = ways_text(request, i);
        if (given && ways_holds(i, is_first))
            out->texts[i] = fy_str(given);
        else if (mount && mount->texts[i].ptr)
            out->texts[i] = mount->texts[i];
        else if (ways_holds(i, is_first))
            out->texts[i] = session->texts[i];
    }
    return FERRY_OK;
}

void fy_ways_drop(fy_ways *w)
{
    for (int i = 0; i < FY_WAYS_LISTS; i++)
        fy_fields_fini(&w->lists[i]);
}
