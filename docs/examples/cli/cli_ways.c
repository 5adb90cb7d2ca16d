/* cli_ways.c - the options of `ferry` that say how a server is reached: proxies, unix
 * sockets, addresses. SPDX-License-Identifier: MIT */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

void cli_ways_init(cli_ways *w, size_t most)
{
    *w = (cli_ways){0};
    w->proxy_headers = cli_alloc(most, sizeof *w->proxy_headers);
    w->resolve = cli_alloc(most, sizeof *w->resolve);
}

void cli_ways_free(cli_ways *w)
{
    free(w->proxy_headers);
    free(w->resolve);
    cli_text_free(&w->url);
    cli_text_free(&w->first);
    cli_text_free(&w->unix_name);
}

/* `host:port:address[,address]`; an address may hold colons, a host only in brackets. */
static int ways_resolve(const cli_args *a, cli_ways *w, char *text)
{
    char *host_end = strstr(text, "]:");
    char *colon = strchr(host_end ? host_end : text, ':');
    char *second = colon ? strchr(colon + 1, ':') : NULL;
    if (!second) {
        cli_complain(a, "--resolve needs HOST:PORT:ADDRESS");
        return CLI_USAGE;
    }
    *second = '\0';
    w->resolve[w->n_resolve++] = (ferry_pair){text, second + 1};
    return CLI_OK;
}

static int ways_header(const cli_args *a, cli_ways *w, char *line)
{
    char *colon = strchr(line, ':');
    if (!colon) {
        cli_complain(a, "--proxy-header needs 'Name: value'");
        return CLI_USAGE;
    }
    *colon = '\0';
    w->proxy_headers[w->n_proxy_headers++] =
        (ferry_pair){line, colon + 1 + strspn(colon + 1, " \t")};
    return CLI_OK;
}

/* An abstract name is one behind "@". */
static void ways_abstract(cli_ways *w, const char *name)
{
    cli_text_free(&w->unix_name);
    cli_text_puts(&w->unix_name, "@");
    cli_text_puts(&w->unix_name, name);
    w->unix_socket = w->unix_name.ptr;
}

/* An address, or the name of an interface. */
static void ways_interface(cli_ways *w, const char *value)
{
    bool is_address = strchr(value, ':') || strspn(value, "0123456789.") == strlen(value);
    *(is_address ? &w->local_address : &w->interface) = value;
}

static int ways_proxy(cli_ways *w, const char *scheme, const char *value)
{
    w->scheme = scheme;
    w->proxy = value;
    w->is_http10 = false;
    return CLI_OK;
}

int cli_ways_apply(const cli_args *a, cli_ways *w, cli_option_id id, char *value)
{
    switch (id) {
    case CLI_OPT_PREPROXY: w->preproxy = value; break;
    case CLI_OPT_PROXY: return ways_proxy(w, NULL, value);
    case CLI_OPT_PROXY_1_0:
        ways_proxy(w, NULL, value);
        w->is_http10 = true;
        break;
    case CLI_OPT_SOCKS4: return ways_proxy(w, "socks4://", value);
    case CLI_OPT_SOCKS4A: return ways_proxy(w, "socks4a://", value);
    case CLI_OPT_SOCKS5: return ways_proxy(w, "socks5://", value);
    case CLI_OPT_SOCKS5_HOSTNAME: return ways_proxy(w, "socks5h://", value);
    case CLI_OPT_PROXY_ANY: w->auth = FERRY_PROXY_ANY; break;
    case CLI_OPT_PROXY_BASIC: w->auth = FERRY_PROXY_BASIC; break;
    case CLI_OPT_PROXY_DIGEST: w->auth = FERRY_PROXY_DIGEST; break;
    case CLI_OPT_PROXY_HEADER: return ways_header(a, w, value);
    case CLI_OPT_PROXY_CA: w->proxy_ca = value; break;
    case CLI_OPT_PROXY_INSECURE: w->trusts_proxy = true; break;
    case CLI_OPT_PROXY_TUNNEL: w->tunnels = true; break;
    case CLI_OPT_PROXY_USER: w->user = value; break;
    case CLI_OPT_NO_PROXY: w->no_proxy = value; break;
    case CLI_OPT_UNIX_SOCKET: w->unix_socket = value; break;
    case CLI_OPT_ABSTRACT: ways_abstract(w, value); break;
    case CLI_OPT_RESOLVE: return ways_resolve(a, w, value);
    case CLI_OPT_INTERFACE: ways_interface(w, value); break;
    case CLI_OPT_IPV4: w->family = FERRY_IPV4; break;
    case CLI_OPT_IPV6: w->family = FERRY_IPV6; break;
    default: return CLI_USAGE;
    }
    return CLI_OK;
}

/* `user:password` as it stands in a URL. */
static void ways_put_user(cli_text *t, const char *user)
{
    char triplet[4];
    const char *colon = strchr(user, ':');
    for (const char *p = user; *p; p++) {
        snprintf(triplet, sizeof triplet, "%%%02X", (unsigned char)*p);
        cli_text_puts(t, p == colon ? ":" : triplet);
    }
    cli_text_puts(t, "@");
}

const char *cli_ways_proxy(cli_ways *w)
{
    if (!w->proxy || !*w->proxy)
        return w->proxy; /* "" is none at all */
    const char *mark = strstr(w->proxy, "://"), *rest = mark ? mark + 3 : w->proxy;
    const char *at = strrchr(rest, '@');
    cli_text_free(&w->url);
    if (mark)
        cli_text_add(&w->url, w->proxy, (size_t)(rest - w->proxy));
    else
        cli_text_puts(&w->url, w->scheme ? w->scheme : "http://");
    if (w->user)
        ways_put_user(&w->url, w->user);
    cli_text_puts(&w->url, w->user && at ? at + 1 : rest);
    return w->url.ptr;
}

/* As curl does: without a scheme it is socks4. */
const char *cli_ways_preproxy(cli_ways *w)
{
    if (!w->preproxy || !*w->preproxy || strstr(w->preproxy, "://"))
        return w->preproxy;
    cli_text_free(&w->first);
    cli_text_puts(&w->first, "socks4://");
    cli_text_puts(&w->first, w->preproxy);
    return w->first.ptr;
}
