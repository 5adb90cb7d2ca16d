/* profile_mbedtls.c - one set of TLS settings, loaded: whom to trust, who we are, what
 * to offer. net. Knows settings. Does not know connections.
 * SPDX-License-Identifier: MIT */
#include "net/profile.h"

#include <string.h>

#include "policy/tlsopts.h"

enum {
    PROFILE_MOST = 64, /* kept for later */
    PROFILE_KEY_MAX = 1 << 20
};

static ferry_err profile_fail(fy_error *x, int answer, const char *what)
{
    if (fy_mbed_is_nomem(answer))
        return fy_fail_nomem(x);
    return fy_fail(x, FERRY_ERR_USAGE, what, FY_NOWHERE);
}

static ferry_str profile_text(const fy_tls_profile *p, fy_tlsopt which)
{
    return fy_tlsopts_text(fy_buf_view(&p->settings), which);
}

static int profile_number(const fy_tls_profile *p, fy_tlsopt which)
{
    return fy_tlsopts_number(fy_buf_view(&p->settings), which);
}

/* --- who we are ------------------------------------------------------------------ */

/* A file failed: which option's, and what is wrong with it. */
static ferry_err profile_fail_file(fy_error *x, const char *folder, const char *unread)
{
    if (x->code == FERRY_ERR_NOMEM || x->code == FERRY_ERR_UNSUPPORTED)
        return x->code;
    bool is_folder = x->code == FERRY_ERR_FILE && !x->os;
    return fy_fail_os(x, FERRY_ERR_USAGE, is_folder ? folder : unread, x->os);
}

static ferry_err profile_load_cert(fy_tls_profile *p, fy_error *x)
{
    ferry_str file = profile_text(p, FY_TLSOPT_CERT);
    ferry_str bytes = profile_text(p, FY_TLSOPT_CERT_PEM);
    *x = (fy_error){.code = FERRY_OK};
    int answer = file.ptr ? fy_anchors_parse_file(
                                &p->tls->platform, &p->own->chain, file.ptr, x)
                          : fy_anchors_parse(&p->own->chain, bytes);
    if (answer == 0 && p->own->chain.raw.p)
        return FERRY_OK;
    if (x->code)
        return profile_fail_file(
            x, ".cert is a folder, and no file", ".cert cannot be read");
    return profile_fail(x, answer, ".cert is no certificate");
}

/* The key stands in a place of its own, or with the certificate: in a file that is read
 * into `from`, or among the settings. */
static ferry_err profile_find_key(
    fy_tls_profile *p, fy_buf *from, ferry_str *bytes, fy_error *x)
{
    ferry_str file = profile_text(p, FY_TLSOPT_KEY);
    *bytes = profile_text(p, FY_TLSOPT_KEY_PEM);
    if (!file.ptr && !bytes->ptr) {
        file = profile_text(p, FY_TLSOPT_CERT);
        *bytes = profile_text(p, FY_TLSOPT_CERT_PEM);
    }
    if (!file.ptr)
        return FERRY_OK;
    if (fy_anchors_read(from, file.ptr, x))
        return profile_fail_file(
            x, ".key is a folder, and no file", ".key cannot be read");
    *bytes = fy_buf_view(from);
    return FERRY_OK;
}

static ferry_err profile_parse_key(fy_tls_profile *p, int *answer, fy_error *x)
{
    fy_buf from;
    ferry_str bytes;
    fy_buf_init(&from, &p->tls->platform, PROFILE_KEY_MAX);
    from.is_secret = true;
    ferry_err e = profile_find_key(p, &from, &bytes, x);
    if (!e)
        *answer = fy_mbed_parse_key(&p->own->key, fy_anchors_encoded(bytes),
            profile_text(p, FY_TLSOPT_PASSWORD), &p->tls->chance);
    fy_buf_fini(&from);
    return e;
}

static ferry_err profile_load_key(fy_tls_profile *p, fy_error *x)
{
    int answer = 0;
    TRY(profile_parse_key(p, &answer, x));
    if (answer == MBEDTLS_ERR_PK_PASSWORD_REQUIRED)
        return profile_fail(x, answer, ".key is encrypted and needs .key_password");
    if (answer == MBEDTLS_ERR_PK_PASSWORD_MISMATCH)
        return profile_fail(x, answer, ".key_password does not open .key");
    if (answer)
        return profile_fail(x, answer, ".key is no private key that mbedTLS can read");
    answer = fy_mbed_check_pair(&p->own->chain.pk, &p->own->key, &p->tls->chance);
    return answer ? profile_fail(x, answer, ".key is not that of .cert") : FERRY_OK;
}

static ferry_err profile_load_identity(fy_tls_profile *p, fy_error *x)
{
    if (!profile_text(p, FY_TLSOPT_CERT).ptr &&
        !profile_text(p, FY_TLSOPT_CERT_PEM).ptr)
        return FERRY_OK;
    p->own = fy_alloc_zero(&p->tls->platform, sizeof *p->own);
    if (!p->own)
        return fy_fail_nomem(x);
    mbedtls_x509_crt_init(&p->own->chain);
    mbedtls_pk_init(&p->own->key);
    TRY(profile_load_cert(p, x));
    TRY(profile_load_key(p, x));
    int answer = mbedtls_ssl_conf_own_cert(&p->conf, &p->own->chain, &p->own->key);
    return answer ? profile_fail(x, answer, ".cert cannot be used") : FERRY_OK;
}

/* --- what to offer --------------------------------------------------------------- */

/* mbedTLS writes hyphens where IANA has underscores, and TLS1-3- for TLS 1.3. */
static int profile_cipher(ferry_str name)
{
    char text[80] = "TLS1-3-";
    ferry_str iana = FY_S("TLS_"), mbed = FY_S("TLS-");
    if (name.len < 5 || name.len > 64 ||
        (!fy_str_eq(fy_str_upto(name, 4), iana) &&
            !fy_str_eq(fy_str_upto(name, 4), mbed)))
        return 0;
    for (size_t i = 4; i < name.len; i++)
        text[i + 3] = name.ptr[i];
    text[name.len + 3] = '\0';
    for (size_t i = 0; text[i]; i++)
        if (text[i] == '_')
            text[i] = '-';
    int id = mbedtls_ssl_get_ciphersuite_id(text);
    if (id)
        return id;
    memmove(text + 3, text + 6, strlen(text + 6) + 1);
    return mbedtls_ssl_get_ciphersuite_id(text);
}

static size_t profile_count_ciphers(ferry_str list)
{
    size_t n = 1;
    for (ferry_str name; fy_str_cut(&list, ':', &name);)
        n++;
    return n;
}

static ferry_err profile_set_ciphers(fy_tls_profile *p, fy_error *x)
{
    ferry_str list = profile_text(p, FY_TLSOPT_CIPHERS);
    if (!list.ptr)
        return FERRY_OK;
    p->n_ciphers = profile_count_ciphers(list);
    p->ciphers = fy_alloc_zero(&p->tls->platform, p->n_ciphers * sizeof *p->ciphers);
    if (!p->ciphers)
        return fy_fail_nomem(x);
    size_t n = 0;
    for (ferry_str name; fy_str_cut(&list, ':', &name);)
        if (!(p->ciphers[n++] = profile_cipher(fy_str_trim(name))))
            return fy_fail(x, FERRY_ERR_USAGE,
                ".tls_ciphers names one that this mbedTLS does not have", FY_NOWHERE);
    mbedtls_ssl_conf_ciphersuites(&p->conf, p->ciphers);
    return FERRY_OK;
}

/* RFC 8446 B.4: the suites of TLS 1.3 are of no use before it, and no others in it. */
static bool profile_has_cipher_of(const fy_tls_profile *p, bool is_1_3)
{
    for (size_t i = 0; p->ciphers && p->ciphers[i]; i++)
        if ((p->ciphers[i] >> 8 == 0x13) == is_1_3)
            return true;
    return !p->ciphers;
}

/* A version without any of the suites offered would only be agreed on to fail. */
static ferry_err profile_set_versions(fy_tls_profile *p, fy_error *x)
{
    int least = profile_number(p, FY_TLSOPT_MIN);
    int most = profile_number(p, FY_TLSOPT_MAX);
    if (!profile_has_cipher_of(p, true) && !(most && most < FERRY_TLS_1_3))
        most = FERRY_TLS_1_2;
    if (!profile_has_cipher_of(p, false) && least < FERRY_TLS_1_3)
        least = FERRY_TLS_1_3;
    if (most && least > most)
        return fy_fail(x, FERRY_ERR_USAGE,
            ".tls_ciphers has none for .tls_min and .tls_max", FY_NOWHERE);
    if (fy_mbed_set_versions(&p->conf, least, most))
        return FERRY_OK;
    return fy_fail(
        x, FERRY_ERR_USAGE, ".tls_min is above what this mbedTLS has", FY_NOWHERE);
}

/* --- what to check --------------------------------------------------------------- */

static bool profile_is_on(const fy_tls_profile *p, fy_tlsopt which, bool otherwise)
{
    int given = profile_number(p, which);
    return given ? given == FERRY_ON : otherwise;
}

static ferry_err profile_load_trust(
    fy_tls_profile *p, const fy_fields *environ, fy_error *x)
{
    bool verifies = profile_is_on(p, FY_TLSOPT_VERIFY, true);
    p->checks_chain = profile_is_on(p, FY_TLSOPT_VERIFY_CHAIN, verifies);
    p->checks_name = profile_is_on(p, FY_TLSOPT_VERIFY_NAME, verifies);
    p->may_resume = profile_is_on(p, FY_TLSOPT_RESUME, true);
    p->server_name = profile_text(p, FY_TLSOPT_SERVER_NAME);
    p->pins = profile_text(p, FY_TLSOPT_PINS);
    if (!fy_verify_are_pins(p->pins))
        return fy_fail(x, FERRY_ERR_USAGE,
            ".pin_sha256 is not Base64 of the SHA-256 of a key", FY_NOWHERE);
    mbedtls_ssl_conf_authmode(&p->conf,
        p->checks_chain ? MBEDTLS_SSL_VERIFY_REQUIRED : MBEDTLS_SSL_VERIFY_OPTIONAL);
    if (!p->checks_chain)
        return FERRY_OK;
    TRY(fy_anchors_use(&p->tls->trusts, &p->tls->platform, fy_buf_view(&p->settings),
        environ, &p->trust, x));
    mbedtls_ssl_conf_ca_chain(&p->conf, &p->trust->chain, NULL);
    return FERRY_OK;
}

static ferry_err profile_load(fy_tls_profile *p, const fy_fields *environ, fy_error *x)
{
    static const char *alpn[] = {"http/1.1", NULL};
    int answer = mbedtls_ssl_config_defaults(&p->conf, MBEDTLS_SSL_IS_CLIENT,
        MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
    if (!answer)
        answer = mbedtls_ssl_conf_alpn_protocols(&p->conf, alpn);
    if (answer)
        return profile_fail(x, answer, "mbedTLS cannot be set up");
    fy_mbed_use_chance(&p->conf, &p->tls->chance);
    fy_mbed_tell_tickets(&p->conf);
    TRY(profile_set_ciphers(p, x));
    TRY(profile_set_versions(p, x));
    TRY(profile_load_identity(p, x));
    return profile_load_trust(p, environ, x);
}

/* --- life ------------------------------------------------------------------------ */

static void profile_let_tls_go(fy_tls *tls)
{
    if (--tls->refs > 0)
        return;
    ferry_platform platform = tls->platform;
    fy_resume_fini(&tls->resume);
    fy_keylog_fini(&tls->keylog);
    fy_mbed_chance_fini(&tls->chance);
    fy_resize(&platform, tls, sizeof *tls, 0);
}

static void profile_free_identity(fy_tls_profile *p)
{
    if (!p->own)
        return;
    mbedtls_pk_free(&p->own->key);
    mbedtls_x509_crt_free(&p->own->chain);
    fy_resize(&p->tls->platform, p->own, sizeof *p->own, 0);
}

static void profile_free(fy_tls_profile *p)
{
    fy_tls *tls = p->tls;
    mbedtls_ssl_config_free(&p->conf);
    profile_free_identity(p);
    fy_anchors_release(&tls->trusts, &tls->platform, p->trust);
    fy_resize(&tls->platform, p->ciphers, p->n_ciphers * sizeof *p->ciphers, 0);
    fy_tlsopts_fini(&p->settings);
    fy_resize(&tls->platform, p, sizeof *p, 0);
    profile_let_tls_go(tls);
}

void fy_tls_release(fy_tls_profile *p)
{
    if (p && --p->refs == 0)
        profile_free(p);
}

uint32_t fy_tls_id(const fy_tls_profile *p)
{
    return p->id;
}

ferry_err fy_tls_check(fy_error *x)
{
    (void)x;
    return FERRY_OK;
}

/* NULL after an error. */
static fy_tls *profile_open(const ferry_platform *m, fy_error *x)
{
    fy_tls *tls = fy_alloc_zero(m, sizeof *tls);
    if (!tls) {
        fy_fail_nomem(x);
        return NULL;
    }
    tls->platform = *m;
    tls->refs = 1;
    tls->resume.platform = &tls->platform;
    fy_keylog_init(&tls->keylog);
    int answer = fy_mbed_chance_init(&tls->chance, &tls->platform);
    if (!answer)
        answer = fy_mbed_start();
    if (!answer)
        return tls;
    profile_let_tls_go(tls);
    if (fy_mbed_is_nomem(answer))
        fy_fail_nomem(x);
    else
        fy_fail(x, FERRY_ERR_TLS, "no entropy for TLS", FY_NOWHERE);
    return NULL;
}

/* Loaded or not, it can be freed. */
static fy_tls_profile *profile_new(fy_tls *tls)
{
    fy_tls_profile *p = fy_alloc_zero(&tls->platform, sizeof *p);
    if (!p)
        return NULL;
    p->tls = tls;
    tls->refs++;
    p->refs = 1;
    p->id = ++tls->n_ids;
    fy_buf_init(&p->settings, &tls->platform, FY_TLSOPTS_MAX);
    mbedtls_ssl_config_init(&p->conf);
    return p;
}

/* NULL after an error. */
static fy_tls_profile *profile_make(
    fy_tls *tls, ferry_str settings, const fy_fields *environ, fy_error *x)
{
    fy_tls_profile *p = profile_new(tls);
    if (!p) {
        fy_fail_nomem(x);
        return NULL;
    }
    fy_buf_reserve_exact(&p->settings, settings.len);
    fy_buf_puts(&p->settings, settings);
    if (!fy_fail_buf(x, &p->settings, NULL) && !profile_load(p, environ, x))
        return p;
    profile_free(p);
    return NULL;
}

/* The oldest of too many goes from the list; who uses it keeps it. */
static void profile_keep(fy_tls *tls, fy_tls_profile *p)
{
    p->next = tls->profiles;
    tls->profiles = p;
    fy_tls_profile **at = &tls->profiles;
    for (int n = 0; *at && n < PROFILE_MOST; n++)
        at = &(*at)->next;
    if (*at) {
        fy_tls_release(*at);
        *at = NULL;
    }
}

ferry_err fy_tls_use(fy_tls **tls, const ferry_platform *m, ferry_str settings,
    const fy_fields *environ, fy_tls_profile **out, fy_error *x)
{
    *out = NULL;
    if (!*tls && !(*tls = profile_open(m, x)))
        return x->code;
    TRY(fy_keylog_follow(&(*tls)->keylog, environ, x));
    fy_tls_profile *p = (*tls)->profiles;
    while (p && !fy_str_eq(fy_buf_view(&p->settings), settings))
        p = p->next;
    if (!p) {
        if (!(p = profile_make(*tls, settings, environ, x)))
            return x->code;
        profile_keep(*tls, p);
    }
    p->refs++;
    *out = p;
    return FERRY_OK;
}

ferry_err fy_tls_log_keys(
    fy_tls **tls, const ferry_platform *m, const char *path, fy_error *x)
{
    if (!*tls && !(*tls = profile_open(m, x)))
        return x->code;
    return fy_keylog_open(&(*tls)->keylog, path, x);
}

void fy_tls_forget(fy_tls *tls)
{
    if (!tls)
        return;
    fy_keylog_forget(&tls->keylog);
    for (fy_tls_profile *p = tls->profiles, *next; p; p = next) {
        next = p->next;
        fy_tls_release(p);
    }
    tls->profiles = NULL;
    fy_resume_fini(&tls->resume);
}

void fy_tls_fini(fy_tls *tls)
{
    if (!tls)
        return;
    fy_tls_forget(tls);
    profile_let_tls_go(tls);
}

/* --- over a restart -------------------------------------------------------------- */

ferry_err fy_tls_export(fy_tls *tls, void *out, size_t room, size_t *len, fy_error *x)
{
    fy_resume none = {NULL, NULL};
    int answer = fy_resume_export(tls ? &tls->resume : &none, out, room, len);
    if (!answer || (answer == MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL && !out))
        return FERRY_OK;
    if (fy_mbed_is_nomem(answer))
        return fy_fail_nomem(x);
    if (answer == MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL)
        return fy_fail(x, FERRY_ERR_LIMIT, "more TLS sessions than room", FY_NOWHERE);
    return fy_fail(x, FERRY_ERR_TLS, "mbedTLS cannot write a session", FY_NOWHERE);
}

ferry_err fy_tls_import(
    fy_tls **tls, const ferry_platform *m, ferry_str blob, fy_error *x)
{
    if (!*tls && !(*tls = profile_open(m, x)))
        return x->code;
    int answer = fy_resume_import(&(*tls)->resume, blob);
    return answer ? profile_fail(x, answer, "these are no TLS sessions of this build")
                  : FERRY_OK;
}
