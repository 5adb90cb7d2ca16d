/* platform_none.c - a build without an operating system: the user brings everything.
 * net. Stands in for platform, resolve and tcp. SPDX-License-Identifier: MIT */
#include "net/system.h"

static int64_t platform_unix_time(void *ctx)
{
    (void)ctx;
    return -1;
}

static const char *platform_getenv(void *ctx, const char *name)
{
    (void)ctx, (void)name;
    return NULL;
}

/* What is missing and cannot be done without stays missing, and the session says so. */
void fy_system_fill(ferry_platform *p)
{
    if (!p->unix_time)
        p->unix_time = platform_unix_time;
    if (!p->getenv)
        p->getenv = platform_getenv;
}

bool fy_system_waits(const ferry_platform *p)
{
    (void)p;
    return false;
}

int fy_system_resolve(const char *host, ferry_addr *out, int max, ferry_fault *fault)
{
    (void)host, (void)out, (void)max;
    *fault = (ferry_fault){FERRY_ERR_UNSUPPORTED, 0, "this build cannot resolve names"};
    return -1;
}

uint32_t fy_system_zone(const char *name)
{
    (void)name;
    return 0;
}

int fy_system_dial(const ferry_platform *p, const ferry_addr *addr, uint16_t port,
    const fy_dialing *how, ferry_transport **out, ferry_fault *fault)
{
    (void)p, (void)addr, (void)port, (void)how, (void)out;
    *fault = (ferry_fault){FERRY_ERR_UNSUPPORTED, 0, "this build has no sockets"};
    return -1;
}

int fy_system_dial_unix(const ferry_platform *p, const char *path,
    ferry_transport **out, ferry_fault *fault)
{
    return fy_system_dial(p, NULL, 0, NULL, out, fault), (void)path, -1;
}
