/* names.c - a session's memory of host names, and its questions under way.
 * net. Knows lookups, addresses and when to forget. Does not know connections.
 *
 * Theory: one short list. An entry is a question until it is answered, then a memory
 * until it expires; two transfers that want the same name find the same entry.
 * SPDX-License-Identifier: MIT */
#include "net/names.h"

#include <string.h>

#include "net/system.h"

enum {
    NAMES_KEPT = 64,
    NAMES_ASKED_AT_ONCE = 4,
    NAMES_GOOD_MS = 60 * 1000,
    NAMES_BAD_MS = 5 * 1000
};

void fy_names_init(fy_names *names, const ferry_platform *p)
{
    *names = (fy_names){.platform = p};
}

static void names_drop(fy_names *names, size_t i)
{
    if (names->at[i].lookup)
        fy_lookup_free(names->at[i].lookup);
    fy_text_free(names->platform, names->at[i].host);
    names->at[i] = names->at[--names->n];
}

void fy_names_fini(fy_names *names)
{
    while (names->n)
        names_drop(names, names->n - 1);
    fy_resize(names->platform, names->at, names->cap * sizeof *names->at, 0);
    fy_names_init(names, names->platform);
}

static fy_name *names_find(fy_names *names, const char *host)
{
    for (size_t i = 0; i < names->n; i++)
        if (fy_str_eq(fy_str(names->at[i].host), fy_str(host)))
            return &names->at[i];
    return NULL;
}

/* Forget what expires first; questions stay. At most four of them, so there is one. */
static void names_make_room(fy_names *names)
{
    size_t first = names->n;
    for (size_t i = 0; i < names->n; i++)
        if (!names->at[i].lookup &&
            (first == names->n ||
                names->at[i].expires_ms < names->at[first].expires_ms))
            first = i;
    if (names->n >= NAMES_KEPT)
        names_drop(names, first);
}

static fy_name *names_add(fy_names *names, const char *host)
{
    names_make_room(names);
    void *list = names->at;
    if (!fy_list_grow(
            names->platform, &list, &names->cap, names->n + 1, sizeof *names->at))
        return NULL;
    names->at = list;
    fy_name *name = &names->at[names->n];
    memset(name, 0, sizeof *name);
    name->host = fy_text_copy(names->platform, fy_str(host));
    if (!name->host)
        return NULL;
    names->n++;
    return name;
}

static void names_settle(fy_name *name, int n, int64_t now_ms)
{
    if (name->lookup)
        fy_lookup_free(name->lookup);
    name->lookup = NULL;
    name->n = n;
    name->expires_ms = now_ms + (n > 0 ? NAMES_GOOD_MS : NAMES_BAD_MS);
}

/* Take the answer of a question, if it is there. */
static void names_collect(fy_name *name, int64_t now_ms)
{
    int n = fy_lookup_poll(name->lookup, name->addrs, &name->fault);
    if (n)
        names_settle(name, n, now_ms);
}

/* How many questions are open. Those of transfers that gave up are answered too, some day,
 * and nobody else would notice. */
static int names_asked(fy_names *names, int64_t now_ms)
{
    int n = 0;
    for (size_t i = 0; i < names->n; i++) {
        if (names->at[i].lookup)
            names_collect(&names->at[i], now_ms);
        n += names->at[i].lookup != NULL;
    }
    return n;
}

/* No more than there was room for, whatever a resolver claims. */
static int names_count(int n)
{
    if (n <= 0)
        return -1;
    return n < FY_LOOKUP_ADDRESSES ? n : FY_LOOKUP_ADDRESSES;
}

/* The user's resolver answers at once, the system's perhaps later. */
static void names_start(fy_names *names, fy_name *name, int64_t now_ms)
{
    const ferry_platform *p = names->platform;
    name->fault = (ferry_fault){FERRY_OK, 0, NULL};
    if (p->resolve) {
        int n = p->resolve(
            p->ctx, name->host, name->addrs, FY_LOOKUP_ADDRESSES, &name->fault);
        names_settle(name, names_count(n), now_ms);
        return;
    }
    name->lookup = fy_lookup_start(p, name->host);
    if (!name->lookup) {
        name->fault = (ferry_fault){
            FERRY_ERR_NAME, 0, "no thread or memory to look it up"};
        names_settle(name, -1, now_ms);
    }
}

/* The entry for this name, fresh or being asked; NULL: no room now, or
 * (*n < 0) ever. */
static fy_name *names_get(
    fy_names *names, const char *host, int64_t now_ms, int *n, ferry_fault *fault)
{
    fy_name *name = names_find(names, host);
    *n = 0;
    if (name && (name->lookup || now_ms < name->expires_ms))
        return name;
    if (names_asked(names, now_ms) >= NAMES_ASKED_AT_ONCE)
        return NULL;
    if (!name)
        name = names_add(names, host);
    if (name) {
        names_start(names, name, now_ms);
        return name;
    }
    *fault = (ferry_fault){FERRY_ERR_NOMEM, 0, NULL};
    *n = -1;
    return NULL;
}

int fy_names_ask(fy_names *names, const char *host, int64_t now_ms,
    ferry_addr out[FY_LOOKUP_ADDRESSES], ferry_fault *fault)
{
    int n;
    fy_name *name = names_get(names, host, now_ms, &n, fault);
    if (!name)
        return n;
    if (name->lookup)
        names_collect(name, now_ms);
    if (name->lookup)
        return 0;
    if (name->n > 0)
        memcpy(out, name->addrs, (size_t)name->n * sizeof *out);
    *fault = name->fault;
    return name->n;
}

void fy_names_want(fy_names *names, const char *host, ferry_wait *w)
{
    const fy_name *name = names_find(names, host);
    int asked = 0;
    for (size_t i = 0; !name && i < names->n; i++)
        if (names->at[i].lookup) {
            fy_lookup_want(names->at[i].lookup, w);
            asked++;
        }
    if (name && name->lookup)
        fy_lookup_want(name->lookup, w);
    else if (name || asked < NAMES_ASKED_AT_ONCE)
        w->timeout_ms = 0; /* another transfer took the answer, or left room */
}
