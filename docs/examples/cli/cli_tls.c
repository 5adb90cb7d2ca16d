/* cli_tls.c - what the command line says of TLS: whom to believe, who we are, how.
 * SPDX-License-Identifier: MIT */
#include "cli.h"

#include <string.h>

/* FILE[:PASSWORD] */
static int tls_cert(cli_args *a, char *value)
{
    char *colon = strchr(value, ':');
    a->tls.cert = value;
    if (colon) {
        *colon = '\0';
        a->tls.key_password = colon + 1;
    }
    return CLI_OK;
}

static int tls_max(cli_args *a, const char *value)
{
    if (!strcmp(value, "1.2"))
        a->tls.tls_max = FERRY_TLS_1_2;
    else if (!strcmp(value, "1.3") || !strcmp(value, "default"))
        a->tls.tls_max = FERRY_TLS_1_3;
    else
        cli_complain(a, "--tls-max is 1.2 or 1.3");
    return a->tls.tls_max ? CLI_OK : CLI_USAGE;
}

int cli_tls_apply(cli_args *a, cli_option_id id, char *value)
{
    ferry_opts *o = &a->tls;
    switch (id) {
    case CLI_OPT_CA_DIR: o->ca_dir = value; break;
    case CLI_OPT_CA_FILE: o->ca_file = value; break;
    case CLI_OPT_CERT: return tls_cert(a, value);
    case CLI_OPT_CIPHERS: o->tls_ciphers = value; break;
    case CLI_OPT_INSECURE: o->verify = FERRY_OFF; break;
    case CLI_OPT_KEY: o->key = value; break;
    case CLI_OPT_PASS: o->key_password = value; break;
    case CLI_OPT_PINS: o->pin_sha256 = value; break;
    case CLI_OPT_TLS_1_2: o->tls_min = FERRY_TLS_1_2; break;
    case CLI_OPT_TLS_1_3: o->tls_min = FERRY_TLS_1_3; break;
    case CLI_OPT_TLS_MAX: return tls_max(a, value);
    default: return CLI_USAGE;
    }
    return CLI_OK;
}
