/* redirect.c - what becomes of a request when the answer sends it elsewhere
 * (RFC 9110 15.4). policy. Knows statuses, methods and origins. Does not know
 * connections, or how often. SPDX-License-Identifier: MIT */
#include "policy/redirect.h"

#include "policy/lists.h"

bool fy_redirect_is_one(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 ||
           status == 308;
}

/* RFC 9110 9.2.1 */
static bool redirect_is_safe(ferry_str method)
{
    return fy_str_eq(method, FY_S("GET")) || fy_str_eq(method, FY_S("HEAD")) ||
           fy_str_eq(method, FY_S("OPTIONS")) || fy_str_eq(method, FY_S("TRACE"));
}

bool fy_redirect_may_follow(ferry_switch follow, ferry_str method)
{
    switch (follow) {
    case FERRY_OFF: return false;
    case FERRY_ON: return true;
    case FERRY_SAFE_ONLY: return redirect_is_safe(method);
    default: return !fy_str_eq(method, FY_S("HEAD"));
    }
}

static bool redirect_keeps_post(int status, const int *keep_post)
{
    while (keep_post && *keep_post)
        if (*keep_post++ == status)
            return true;
    return false;
}

/* 301 and 302 make a POST a GET, as all browsers do and the RFC allows; 303 does it with
 * all that is not HEAD. */
ferry_str fy_redirect_method(int status, ferry_str method, const int *keep_post)
{
    bool is_post = fy_str_eq(method, FY_S("POST"));
    if (is_post && redirect_keeps_post(status, keep_post))
        return method;
    if (status == 303 && !fy_str_eq(method, FY_S("HEAD")))
        return FY_S("GET");
    return is_post && (status == 301 || status == 302) ? FY_S("GET") : method;
}

bool fy_redirect_keeps_secrets(const fy_url *from, const fy_url *to)
{
    if (fy_url_same_origin(from, to))
        return true;
    return fy_str_eq(from->scheme, FY_S("http")) && from->port == 80 &&
           fy_str_eq(to->scheme, FY_S("https")) && to->port == 443 &&
           fy_str_eq(from->host, to->host) && fy_str_eq(from->zone, to->zone);
}

bool fy_redirect_is_bound(ferry_str name, const fy_bound *more)
{
    static const char *const bound[] = {
        "Authorization", "Cookie", "Host", "Proxy-Authorization", NULL};
    return fy_names_has_nocase(bound, name) ||
           (more->names && fy_names_has_nocase(more->names, name));
}

bool fy_redirect_is_of_content(ferry_str name)
{
    static const char *const of_content[] = {"Content-Encoding", "Content-Language",
        "Content-Location", "Content-Type", "Content-Length", "Transfer-Encoding",
        "Content-Digest", "Repr-Digest", "Digest", "Last-Modified", "Expect", "Trailer",
        NULL};
    return fy_names_has_nocase(of_content, name);
}
