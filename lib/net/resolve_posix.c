/* resolve_posix.c - names to addresses by the system's resolver. It blocks.
 * net. Knows getaddrinfo. Does not know who asks. SPDX-License-Identifier: MIT */
#include "net/posix.h"
#include "net/system.h"

#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static const char *resolve_text(int code)
{
    switch (code) {
    case EAI_NONAME: return "no such host";
    case EAI_AGAIN: return "the name servers do not answer";
    case EAI_FAIL: return "the name servers refuse";
    case EAI_MEMORY: return "no memory to look the name up";
    default: return "the resolver failed";
    }
}

static bool resolve_address(const struct sockaddr *from, ferry_addr *to)
{
    memset(to, 0, sizeof *to);
    if (from->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, from, sizeof v4);
        to->family = FERRY_IPV4;
        memcpy(to->bytes, &v4.sin_addr, 4);
    } else if (from->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, from, sizeof v6);
        to->family = FERRY_IPV6;
        memcpy(to->bytes, &v6.sin6_addr, 16);
        to->zone = v6.sin6_scope_id;
    }
    return to->family != 0;
}

int fy_system_resolve(const char *host, ferry_addr *out, int max, ferry_fault *fault)
{
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *list = NULL;
    int code = getaddrinfo(host, NULL, &hints, &list), n = 0;
    if (code) {
        *fault = (ferry_fault){
            FERRY_ERR_NAME, code == EAI_SYSTEM ? errno : 0, resolve_text(code)};
        return -1;
    }
    for (const struct addrinfo *i = list; i && n < max; i = i->ai_next)
        n += resolve_address(i->ai_addr, &out[n]);
    freeaddrinfo(list);
    return n;
}

uint32_t fy_system_zone(const char *name)
{
    uint64_t number;
    if (fy_str_number(fy_str(name), UINT32_MAX, &number))
        return (uint32_t)number;
    return if_nametoindex(name);
}
