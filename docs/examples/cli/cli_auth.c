/* cli_auth.c - who asks: -u, --digest, --oauth2-bearer, --netrc and the like.
 * SPDX-License-Identifier: MIT */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

/* "name:password", or a name alone. */
static void auth_user(cli_auth *a, const char *value)
{
    cli_text_free(&a->user);
    cli_text_puts(&a->user, value);
    char *colon = strchr(a->user.ptr, ':');
    a->password = colon ? colon + 1 : NULL;
    if (colon)
        *colon = '\0';
}

void cli_auth_apply(cli_auth *a, cli_option_id id, const char *value)
{
    switch (id) {
    case CLI_OPT_ANY_AUTH: a->kind = FERRY_AUTH_ANY; break;
    case CLI_OPT_BASIC: a->kind = FERRY_AUTH_BASIC; break;
    case CLI_OPT_BEARER: a->token = value; break;
    case CLI_OPT_DIGEST: a->kind = FERRY_AUTH_DIGEST; break;
    case CLI_OPT_NETRC_FILE: a->netrc_file = value; break;
    case CLI_OPT_NETRC_OPTIONAL: a->may_lack_netrc = true; /* fall through */
    case CLI_OPT_NETRC: a->uses_netrc = true; break;
    case CLI_OPT_USER: auth_user(a, value); break;
    default: break;
    }
}

/* A NULL user lets ferry look into URL and netrc file. */
ferry_auth cli_auth_option(const cli_auth *a)
{
    if (a->token)
        return ferry_bearer(a->token);
    switch (a->kind) {
    case FERRY_AUTH_DIGEST: return ferry_digest(a->user.ptr, a->password);
    case FERRY_AUTH_ANY: return ferry_any_auth(a->user.ptr, a->password);
    case FERRY_AUTH_BASIC: return ferry_basic(a->user.ptr, a->password);
    default: break;
    }
    return a->user.ptr ? ferry_basic(a->user.ptr, a->password)
                       : (ferry_auth){.kind = FERRY_AUTH_INHERIT};
}

static bool auth_can_open(const char *path)
{
    FILE *f = fopen(path, "rb");
    return f && fclose(f) == 0;
}

/* Where curl looks, and only if it is asked to. */
const char *cli_auth_netrc(cli_auth *a)
{
    const char *path = a->netrc_file, *home = getenv("HOME");
    if (!path && !a->uses_netrc)
        return "";
    if (!path)
        path = getenv("NETRC");
    if (!path) {
        cli_text_puts(&a->netrc, home ? home : "");
        cli_text_puts(&a->netrc, "/.netrc");
        path = a->netrc.ptr;
    }
    return a->may_lack_netrc && !auth_can_open(path) ? "" : path;
}

/* The password does not stay in memory for longer than the program needs it. */
void cli_auth_free(cli_auth *a)
{
    if (a->user.ptr)
        memset(a->user.ptr, 0, a->user.len);
    cli_text_free(&a->user);
    cli_text_free(&a->netrc);
}
