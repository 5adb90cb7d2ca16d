/* psl_libpsl.c - public suffixes, by libpsl and the list that it was built with.
 * policy. The one file that uses libpsl. Does not know cookies.
 * SPDX-License-Identifier: MIT */
#include "policy/psl.h"

#include <libpsl.h>
#include <string.h>

enum { PSL_NAME_MAX = 253 }; /* of a name in the DNS (RFC 1035 2.3.4) */

/* By the host and not by the domain alone: an exception of the list ("!city.kobe.jp")
 * makes the parent of a host public that is not public by itself. */
bool fy_psl_is_public(ferry_str host, ferry_str domain)
{
    char text[PSL_NAME_MAX + 1];
    host = fy_psl_without_dot(host);
    domain = fy_psl_without_dot(domain);
    if (fy_psl_has_one_label(domain) || host.len > PSL_NAME_MAX)
        return true;
    memcpy(text, host.ptr, host.len);
    text[host.len] = '\0';
    const char *suffix = psl_unregistrable_domain(psl_builtin(), text);
    return suffix && strlen(suffix) >= domain.len;
}
