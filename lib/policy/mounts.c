/* mounts.c - options by URL prefix: which of the mounted ones apply (requests'
 * adapters). policy. Knows URLs and layers. Does not know what the options do.
 * SPDX-License-Identifier: MIT */
#include "policy/mounts.h"

#include <string.h>

enum { MOUNTS_PREFIX_MAX = 8192 };

void fy_mounts_init(fy_mounts *m, const ferry_platform *p)
{
    *m = (fy_mounts){.platform = p};
}

static void mounts_free_one(fy_mount *mount)
{
    fy_url_fini(&mount->prefix);
    fy_layer_fini(&mount->layer);
}

void fy_mounts_fini(fy_mounts *m)
{
    for (size_t i = 0; i < m->n; i++)
        mounts_free_one(&m->at[i]);
    fy_resize(m->platform, m->at, m->cap * sizeof *m->at, 0);
    fy_mounts_init(m, m->platform);
}

/* Where this prefix stands, or m->n. */
static size_t mounts_index(const fy_mounts *m, const fy_url *prefix)
{
    size_t i = 0;
    while (i < m->n && !(fy_str_eq(fy_buf_view(&m->at[i].prefix.text),
                             fy_buf_view(&prefix->text)) &&
                           fy_str_eq(m->at[i].prefix.zone, prefix->zone)))
        i++;
    return i;
}

static bool mounts_make_room(fy_mounts *m)
{
    void *list = m->at;
    bool has_room = fy_list_grow(m->platform, &list, &m->cap, m->n + 1, sizeof *m->at);
    m->at = list;
    return has_room;
}

/* `mount` is whole and fits: from here on nothing fails. */
static void mounts_place(fy_mounts *m, const fy_mount *mount)
{
    size_t i = mounts_index(m, &mount->prefix);
    if (i == m->n)
        m->n++;
    else
        mounts_free_one(&m->at[i]);
    m->at[i] = *mount;
}

ferry_err fy_mounts_put(fy_mounts *m, ferry_str prefix, const ferry_opts *o,
    uint32_t dialer_id, fy_error *x)
{
    fy_mount mount;
    fy_url_init(&mount.prefix, m->platform, MOUNTS_PREFIX_MAX);
    ferry_err e = fy_url_parse_prefix(&mount.prefix, prefix, x);
    if (!e && !mounts_make_room(m))
        e = fy_fail_nomem(x);
    if (!e)
        e = fy_layer_merge(&mount.layer, m->platform, NULL, o, dialer_id, x);
    if (e)
        fy_url_fini(&mount.prefix);
    else
        mounts_place(m, &mount);
    return e;
}

const fy_layer *fy_mounts_find(const fy_mounts *m, const fy_url *u)
{
    const fy_mount *best = NULL;
    for (size_t i = 0; i < m->n; i++)
        if (fy_url_under(u, &m->at[i].prefix) &&
            (!best || m->at[i].prefix.text.len > best->prefix.text.len))
            best = &m->at[i];
    return best ? &best->layer : NULL;
}
