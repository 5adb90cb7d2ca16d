/* tls_none.c - a build without TLS.
 * net. Stands in for it. SPDX-License-Identifier: MIT */
#include "net/secure.h"

ferry_err fy_tls_check(fy_error *x)
{
    return fy_fail(
        x, FERRY_ERR_UNSUPPORTED, "https needs a build with TLS", FY_NOWHERE);
}

ferry_err fy_tls_use(fy_tls **tls, const ferry_platform *m, ferry_str settings,
    const fy_fields *environ, fy_tls_profile **out, fy_error *x)
{
    (void)tls, (void)m, (void)settings, (void)environ;
    *out = NULL;
    return fy_tls_check(x);
}

void fy_tls_release(fy_tls_profile *p)
{
    (void)p; /* there are none */
}

uint32_t fy_tls_id(const fy_tls_profile *p)
{
    (void)p;
    return 0;
}

ferry_err fy_tls_log_keys(
    fy_tls **tls, const ferry_platform *m, const char *path, fy_error *x)
{
    (void)tls, (void)m;
    return *path ? fy_tls_check(x) : FERRY_OK;
}

void fy_tls_forget(fy_tls *tls)
{
    (void)tls;
}

void fy_tls_fini(fy_tls *tls)
{
    (void)tls;
}

ferry_err fy_tls_export(fy_tls *tls, void *out, size_t room, size_t *len, fy_error *x)
{
    (void)tls, (void)out, (void)room;
    *len = 0;
    return fy_tls_check(x);
}

ferry_err fy_tls_import(
    fy_tls **tls, const ferry_platform *m, ferry_str blob, fy_error *x)
{
    (void)tls, (void)m, (void)blob;
    return fy_tls_check(x);
}

int fy_tls_wrap(fy_tls_profile *p, const char *host, ferry_str key, ferry_transport **t,
    ferry_fault *fault)
{
    (void)p, (void)host, (void)key, (void)t;
    *fault = (ferry_fault){FERRY_ERR_UNSUPPORTED, 0, "this build has no TLS"};
    return -1;
}

void fy_tls_rest(ferry_transport *t)
{
    (void)t;
}
