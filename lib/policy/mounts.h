/* mounts.h - options by URL prefix: which of the mounted ones apply (requests'
 * adapters). policy. Knows URLs and layers. Does not know what the options do.
 * SPDX-License-Identifier: MIT */
#ifndef FY_MOUNTS_H
#define FY_MOUNTS_H

#include "policy/options.h"
#include "proto/url.h"

typedef struct fy_mount {
    fy_url prefix;
    fy_layer layer;
} fy_mount;

typedef struct fy_mounts {
    fy_mount *at;
    size_t n, cap;
    const ferry_platform *platform;
} fy_mounts;

fy_api void fy_mounts_init(fy_mounts *m, const ferry_platform *p);
fy_api void fy_mounts_fini(fy_mounts *m);

/* Add options under a prefix; the same prefix is replaced. After an error nothing has
 * changed. */
fy_api ferry_err fy_mounts_put(fy_mounts *m, ferry_str prefix, const ferry_opts *o,
    uint32_t dialer_id, fy_error *x);

/* The layer of the longest prefix that `u` is under, or NULL. */
fy_api const fy_layer *fy_mounts_find(const fy_mounts *m, const fy_url *u);

#endif
