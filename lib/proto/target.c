/* target.c - what requests say of their URL: Host and request target (RFC 9112 3.2); and
 * whether two URLs lead to the same place. proto. Knows URLs taken apart. Does not know
 * how they were parsed. SPDX-License-Identifier: MIT */
#include "proto/url.h"

void fy_url_put_host(fy_buf *b, const fy_url *u)
{
    fy_buf_puts(b, u->is_unix ? FY_S("localhost") : u->authority);
}

/* From the path up to the fragment: path and query stand side by side. */
ferry_str fy_url_target(const fy_url *u)
{
    return (ferry_str){u->path.ptr, u->path.len + u->has_query + u->query.len};
}

void fy_url_put_absolute(fy_buf *b, const fy_url *u)
{
    size_t end = (size_t)(u->path.ptr - u->text.ptr) + fy_url_target(u).len;
    fy_buf_puts(b, fy_str_upto(fy_buf_view(&u->text), end));
}

bool fy_url_same_origin(const fy_url *a, const fy_url *b)
{
    return fy_str_eq(a->scheme, b->scheme) && fy_str_eq(a->authority, b->authority) &&
           fy_str_eq(a->zone, b->zone);
}

bool fy_url_under(const fy_url *u, const fy_url *prefix)
{
    if (!prefix->host.len)
        return fy_str_eq(u->scheme, prefix->scheme);
    size_t n = prefix->path.len;
    return fy_url_same_origin(u, prefix) && u->path.len >= n &&
           memcmp(u->path.ptr, prefix->path.ptr, n) == 0 &&
           (u->path.len == n || prefix->path.ptr[n - 1] == '/' ||
               u->path.ptr[n] == '/');
}
