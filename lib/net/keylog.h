/* keylog.h - the secrets of connections, written to a file for whoever debugs them.
 * net. Knows lines and a file. Does not know connections. SPDX-License-Identifier: MIT */
#ifndef FY_KEYLOG_H
#define FY_KEYLOG_H

#include "net/file.h"
#include "net/mbed.h"
#include "policy/environ.h"

typedef enum fy_keylog_state {
    FY_KEYLOG_UNASKED = 0, /* the environment may name one */
    FY_KEYLOG_DECIDED,     /* it was looked at */
    FY_KEYLOG_TOLD         /* by the caller, who comes first */
} fy_keylog_state;

typedef struct fy_keylog {
    fy_mbed_listener listener; /* first: mbedTLS tells it */
    fy_keylog_state state;
    fy_file file;
    fy_error error; /* a line could not be written */
} fy_keylog;

fy_api void fy_keylog_init(fy_keylog *k);
fy_api void fy_keylog_fini(fy_keylog *k);

/* Append to `path` from now on; "": to nothing, whatever the environment says. After an
 * error nothing has changed. FERRY_ERR_FILE; FERRY_ERR_UNSUPPORTED without files,
 * or if this mbedTLS tells nothing. */
fy_api ferry_err fy_keylog_open(fy_keylog *k, const char *path, fy_error *x);
/* What the environment says (SSLKEYLOGFILE), looked at once. */
fy_api ferry_err fy_keylog_follow(fy_keylog *k, const fy_fields *environ, fy_error *x);
/* Believe the environment no longer. */
fy_api void fy_keylog_forget(fy_keylog *k);

/* Hear the secrets of a connection not begun yet, if they are to be written at all. */
fy_api void fy_keylog_attach(
    fy_keylog *k, mbedtls_ssl_config *conf, mbedtls_ssl_context *ssl);

#endif
