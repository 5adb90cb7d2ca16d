/* anchors_mbedtls.c - whom to trust: CA certificates from a file, a folder, memory or the
 * system. net. Knows sources. Does not know connections. SPDX-License-Identifier: MIT */
#include "net/anchors.h"

#include <string.h>

#include "net/file.h"
#include "policy/tlsopts.h"

typedef enum anchors_kind {
    ANCHORS_FILE = 'f',
    ANCHORS_DIR = 'd',
    ANCHORS_BYTES = 'b',
    ANCHORS_SYSTEM = 's'
} anchors_kind;

typedef struct anchors_source {
    anchors_kind kind;
    ferry_str text; /* a NUL stands behind it */
    ferry_err code; /* if it is of no use */
    const char *what;
} anchors_source;

enum { ANCHORS_FILE_MAX = 64 << 20 };

/* --- where ----------------------------------------------------------------------- */

static bool anchors_is_named(ferry_str settings, anchors_source *out)
{
    static const struct {
        fy_tlsopt option;
        anchors_kind kind;
        const char *what;
    } rows[] = {
        {FY_TLSOPT_CA_FILE, ANCHORS_FILE, ".ca_file is no file of certificates"},
        {FY_TLSOPT_CA_DIR, ANCHORS_DIR, ".ca_dir is no folder of certificates"},
        {FY_TLSOPT_CA_PEM, ANCHORS_BYTES, ".ca_pem holds no certificate"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ferry_str text = fy_tlsopts_text(settings, rows[i].option);
        if (text.ptr) {
            *out = (anchors_source){rows[i].kind, text, FERRY_ERR_USAGE, rows[i].what};
            return true;
        }
    }
    return false;
}

static bool anchors_is_in_environment(const fy_fields *environ, anchors_source *out)
{
    static const struct {
        const char *name, *what;
        anchors_kind kind;
    } rows[] = {
        {"SSL_CERT_FILE", "SSL_CERT_FILE is no file of certificates", ANCHORS_FILE},
        {"SSL_CERT_DIR", "SSL_CERT_DIR is no folder of certificates", ANCHORS_DIR},
        {"REQUESTS_CA_BUNDLE", "REQUESTS_CA_BUNDLE names no certificates",
            ANCHORS_FILE},
        {"CURL_CA_BUNDLE", "CURL_CA_BUNDLE names no certificates", ANCHORS_FILE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ferry_str text = fy_environ_get(environ, fy_str(rows[i].name));
        if (text.ptr && text.len) {
            *out = (anchors_source){rows[i].kind, text, FERRY_ERR_USAGE, rows[i].what};
            return true;
        }
    }
    return false;
}

static anchors_source anchors_choose(ferry_str settings, const fy_fields *environ)
{
    anchors_source source = {ANCHORS_SYSTEM, FY_S(""), FERRY_ERR_TLS,
        "this system has no CA certificates where they usually are: give .ca_file"};
    if (!anchors_is_named(settings, &source))
        anchors_is_in_environment(environ, &source);
    return source;
}

/* --- loading --------------------------------------------------------------------- */

#if defined(MBEDTLS_FS_IO)
static int anchors_parse_dir(mbedtls_x509_crt *chain, const char *name)
{
    return mbedtls_x509_crt_parse_path(chain, name);
}
#else
static int anchors_parse_dir(mbedtls_x509_crt *chain, const char *name)
{
    (void)chain, (void)name;
    return MBEDTLS_ERR_X509_FILE_IO_ERROR;
}
#endif

ferry_str fy_anchors_encoded(ferry_str bytes)
{
    ferry_str mark = FY_S("-----BEGIN");
    for (size_t i = 0; i + mark.len <= bytes.len; i++)
        if (memcmp(bytes.ptr + i, mark.ptr, mark.len) == 0)
            return (ferry_str){bytes.ptr, bytes.len + 1};
    return bytes;
}

int fy_anchors_parse(mbedtls_x509_crt *chain, ferry_str bytes)
{
    bytes = fy_anchors_encoded(bytes);
    return mbedtls_x509_crt_parse(chain, (const unsigned char *)bytes.ptr, bytes.len);
}

ferry_err fy_anchors_read(fy_buf *out, const char *name, fy_error *x)
{
    TRY(fy_file_load(out, name, NULL, x));
    fy_buf_text(out);
    return fy_fail_buf(x, out, NULL);
}

int fy_anchors_parse_file(
    const ferry_platform *m, mbedtls_x509_crt *chain, const char *name, fy_error *x)
{
    fy_buf text;
    fy_buf_init(&text, m, ANCHORS_FILE_MAX);
    text.is_secret = true; /* a key may stand with a certificate */
    ferry_err e = fy_anchors_read(&text, name, x);
    int answer = MBEDTLS_ERR_X509_FILE_IO_ERROR;
    if (!e)
        answer = fy_anchors_parse(chain, fy_buf_view(&text));
    else if (e == FERRY_ERR_NOMEM)
        answer = MBEDTLS_ERR_X509_ALLOC_FAILED;
    fy_buf_fini(&text);
    return answer;
}

/* Where systems keep one file with all of them; the first that is there. */
static int anchors_parse_system(
    const ferry_platform *m, mbedtls_x509_crt *chain, fy_error *x)
{
    static const char *const files[] = {
        "/etc/ssl/certs/ca-certificates.crt",                /* Debian, Alpine */
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* Fedora */
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem", /* SUSE */
        "/etc/ssl/cert.pem",      /* BSD, macOS */
        "/usr/local/share/certs/ca-root-nss.crt",
    };
    int answer = MBEDTLS_ERR_X509_FILE_IO_ERROR;
    for (size_t i = 0; i < sizeof files / sizeof *files && answer < 0; i++)
        answer = fy_anchors_parse_file(m, chain, files[i], x);
    return answer < 0 ? anchors_parse_dir(chain, "/etc/ssl/certs") : answer;
}

static int anchors_parse_source(const ferry_platform *m, mbedtls_x509_crt *chain,
    const anchors_source *from, fy_error *x)
{
    int answer;
    switch (from->kind) {
    case ANCHORS_DIR: return anchors_parse_dir(chain, from->text.ptr);
    case ANCHORS_BYTES: return fy_anchors_parse(chain, from->text);
    case ANCHORS_SYSTEM: return anchors_parse_system(m, chain, x);
    case ANCHORS_FILE: break;
    }
    /* requests takes folders, too, in REQUESTS_CA_BUNDLE. */
    answer = fy_anchors_parse_file(m, chain, from->text.ptr, x);
    if (answer != MBEDTLS_ERR_X509_FILE_IO_ERROR || x->os)
        return answer;
    return anchors_parse_dir(chain, from->text.ptr);
}

/* A bundle may hold some that this library cannot read; one that it can is enough. */
static ferry_err anchors_load(
    const ferry_platform *m, fy_anchors *t, const anchors_source *from, fy_error *x)
{
    *x = (fy_error){.code = FERRY_OK};
    int answer = anchors_parse_source(m, &t->chain, from, x);
    if (fy_mbed_is_nomem(answer))
        return fy_fail_nomem(x);
    if (answer < 0 || !t->chain.raw.p)
        return fy_fail_os(
            x, from->code, from->what, from->kind == ANCHORS_SYSTEM ? 0 : x->os);
    return FERRY_OK;
}

/* --- sharing --------------------------------------------------------------------- */

static fy_anchors *anchors_find(fy_anchors *list, const anchors_source *from)
{
    for (fy_anchors *t = list; t; t = t->next)
        if (t->source[0] == (char)from->kind &&
            fy_str_eq((ferry_str){t->source + 1, t->source_len - 1}, from->text))
            return t;
    return NULL;
}

static void anchors_free(const ferry_platform *m, fy_anchors *t)
{
    mbedtls_x509_crt_free(&t->chain);
    fy_resize(m, t, sizeof *t + t->source_len, 0);
}

/* NULL after an error. */
static fy_anchors *anchors_make(
    const ferry_platform *m, const anchors_source *from, fy_error *x)
{
    fy_anchors *t = fy_alloc_zero(m, sizeof *t + 1 + from->text.len);
    if (!t) {
        fy_fail_nomem(x);
        return NULL;
    }
    t->source_len = 1 + from->text.len;
    t->source[0] = (char)from->kind;
    memcpy(t->source + 1, from->text.ptr, from->text.len);
    mbedtls_x509_crt_init(&t->chain);
    if (!anchors_load(m, t, from, x))
        return t;
    anchors_free(m, t);
    return NULL;
}

ferry_err fy_anchors_use(fy_anchors **list, const ferry_platform *m, ferry_str settings,
    const fy_fields *environ, fy_anchors **out, fy_error *x)
{
    anchors_source source = anchors_choose(settings, environ);
    fy_anchors *t = anchors_find(*list, &source);
    if (!t) {
        if (!(t = anchors_make(m, &source, x)))
            return x->code;
        t->next = *list;
        *list = t;
    }
    t->refs++;
    *out = t;
    return FERRY_OK;
}

void fy_anchors_release(fy_anchors **list, const ferry_platform *m, fy_anchors *t)
{
    if (!t || --t->refs > 0)
        return;
    while (*list != t)
        list = &(*list)->next;
    *list = t->next;
    anchors_free(m, t);
}
