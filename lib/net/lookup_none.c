/* lookup_none.c - a build without threads: asking for a name blocks until it is known.
 * net. Stands in for lookup_posix. SPDX-License-Identifier: MIT */
#include "net/lookup.h"

#include "net/system.h"

struct fy_lookup {
    const ferry_platform *platform;
    int n;
    ferry_fault fault;
    ferry_addr addrs[FY_LOOKUP_ADDRESSES];
};

fy_lookup *fy_lookup_start(const ferry_platform *p, const char *host)
{
    fy_lookup *l = fy_alloc_zero(p, sizeof *l);
    if (!l)
        return NULL;
    l->platform = p;
    l->n = fy_system_resolve(host, l->addrs, FY_LOOKUP_ADDRESSES, &l->fault);
    if (l->n <= 0)
        l->n = -1;
    return l;
}

int fy_lookup_poll(
    fy_lookup *l, ferry_addr out[FY_LOOKUP_ADDRESSES], ferry_fault *fault)
{
    for (int i = 0; i < l->n; i++)
        out[i] = l->addrs[i];
    *fault = l->fault;
    return l->n;
}

void fy_lookup_want(const fy_lookup *l, ferry_wait *w)
{
    (void)l, (void)w; /* it never waits */
}

void fy_lookup_free(fy_lookup *l)
{
    fy_resize(l->platform, l, sizeof *l, 0);
}
