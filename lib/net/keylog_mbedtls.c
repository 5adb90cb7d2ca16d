/* keylog_mbedtls.c - the secrets of connections, written to a file for whoever debugs
 * them (draft-ietf-tls-keylogfile). net. Knows lines and a file. Does not know
 * connections. SPDX-License-Identifier: MIT */
#include "net/keylog.h"

#include <string.h>

#include "base/hex.h"

enum { KEYLOG_LABEL = 40, KEYLOG_SECRET = 64, KEYLOG_LINE = 256 };

/* --- lines ----------------------------------------------------------------------- */

/* One write, so that lines of several processes do not run into each other. */
static void keylog_take(fy_mbed_listener *l, const char *label,
    const unsigned char random[FY_MBED_RANDOM], ferry_str secret)
{
    fy_keylog *k = (fy_keylog *)(void *)l;
    char line[KEYLOG_LINE];
    ferry_str name = fy_str(label);
    if (k->file.handle == FY_FILE_CLOSED || name.len > KEYLOG_LABEL ||
        secret.len > KEYLOG_SECRET)
        return;
    size_t n = name.len;
    memcpy(line, name.ptr, n);
    line[n++] = ' ';
    fy_hex(line + n, random, FY_MBED_RANDOM);
    n += 2 * (size_t)FY_MBED_RANDOM;
    line[n++] = ' ';
    fy_hex(line + n, (const unsigned char *)secret.ptr, secret.len);
    n += 2 * secret.len;
    line[n++] = '\n';
    if (fy_file_append(&k->file, (ferry_str){line, n}, &k->error))
        k->error.what = "the key log cannot be written";
    fy_wipe(line, sizeof line);
}

/* --- the file -------------------------------------------------------------------- */

void fy_keylog_init(fy_keylog *k)
{
    *k = (fy_keylog){.listener = {keylog_take}, .file = {FY_FILE_CLOSED}};
}

void fy_keylog_fini(fy_keylog *k)
{
    fy_file_close(&k->file);
}

static ferry_err keylog_change(
    fy_keylog *k, const char *path, const char *refusal, fy_error *x)
{
    fy_file f = {FY_FILE_CLOSED};
    if (*path && !FY_MBED_TELLS)
        return fy_fail(x, FERRY_ERR_UNSUPPORTED,
            "this mbedTLS tells no secrets: it was "
            "built without MBEDTLS_SSL_EXPORT_KEYS",
            FY_NOWHERE);
    if (*path && fy_file_grow_secret(&f, path, x)) {
        if (x->code == FERRY_ERR_FILE)
            x->what = refusal;
        return x->code;
    }
    fy_file_close(&k->file);
    k->file = f;
    k->error.code = FERRY_OK;
    return FERRY_OK;
}

ferry_err fy_keylog_open(fy_keylog *k, const char *path, fy_error *x)
{
    TRY(keylog_change(
        k, path, ".key_log is no regular file that can be appended to", x));
    k->state = FY_KEYLOG_TOLD;
    return FERRY_OK;
}

ferry_err fy_keylog_follow(fy_keylog *k, const fy_fields *environ, fy_error *x)
{
    if (k->state != FY_KEYLOG_UNASKED)
        return FERRY_OK;
    ferry_str path = fy_environ_get(environ, FY_S("SSLKEYLOGFILE"));
    TRY(keylog_change(k, path.ptr ? path.ptr : "",
        "SSLKEYLOGFILE is no regular file that can be appended to", x));
    k->state = FY_KEYLOG_DECIDED;
    return FERRY_OK;
}

void fy_keylog_forget(fy_keylog *k)
{
    if (k->state != FY_KEYLOG_DECIDED)
        return;
    fy_file_close(&k->file);
    k->state = FY_KEYLOG_UNASKED;
}

void fy_keylog_attach(fy_keylog *k, mbedtls_ssl_config *conf, mbedtls_ssl_context *ssl)
{
    if (k->file.handle != FY_FILE_CLOSED)
        fy_mbed_listen(conf, ssl, &k->listener);
}
