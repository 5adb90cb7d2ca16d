/* environ.c - what a session remembers of the environment.
 * policy. Knows the variables by name. Does not know what becomes of them.
 * SPDX-License-Identifier: MIT */
#include "policy/environ.h"

static const char *const environ_names[] = {
    "HOME", "NETRC",                                      /* netrc */
    "http_proxy", "https_proxy", "all_proxy", "no_proxy", /* proxies */
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", /* the same */
    "REQUEST_METHOD",                                     /* a CGI program */
    "SSL_CERT_FILE", "SSL_CERT_DIR",                      /* trust */
    "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",               /* the same */
    "SSLKEYLOGFILE",                                      /* secrets of TLS */
};

ferry_err fy_environ_read(fy_fields *out, const ferry_platform *m, fy_error *x)
{
    fy_fields_init(out, m, FY_PAIRS_MAX);
    for (size_t i = 0; i < sizeof environ_names / sizeof *environ_names; i++) {
        const char *value = m->getenv(m->ctx, environ_names[i]);
        ferry_err e = FERRY_OK;
        if (value)
            e = fy_fields_add(out, fy_str(environ_names[i]), fy_str(value), x);
        if (e) {
            fy_fields_fini(out);
            return e;
        }
    }
    return fy_pairs_own(out, x);
}

ferry_str fy_environ_get(const fy_fields *environ, ferry_str name)
{
    for (size_t i = 0; i < environ->n; i++)
        if (fy_str_eq(environ->at[i].name, name))
            return environ->at[i].value;
    return (ferry_str){NULL, 0};
}
