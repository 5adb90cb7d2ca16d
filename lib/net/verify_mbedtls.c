/* verify_mbedtls.c - is the certificate the peer's, and does it hold? The verdict, and
 * its reasons in words. net. Knows certificates. Does not know connections.
 *
 * Theory: mbedTLS calls for each certificate of the chain, the peer's own last, with
 * what it found so far. Its own look at names is not used: versions differ in what they
 * know of addresses, and fall back to the common name. SPDX-License-Identifier: MIT */
#include "net/verify.h"

#include <string.h>

enum {
    VERIFY_PIN = 44,       /* Base64 of 32 bytes */
    VERIFY_CONTEXT = 0x80, /* ASN.1: [n] of a CHOICE */
    VERIFY_DNS = VERIFY_CONTEXT | 2,
    VERIFY_ADDRESS = VERIFY_CONTEXT | 7
};

/* --- names ----------------------------------------------------------------------- */

static bool verify_is_name(const fy_verify *v, const mbedtls_x509_buf *san)
{
    ferry_str value = {(const char *)san->p, san->len};
    if (san->tag == VERIFY_DNS)
        return fy_peername_is_dns(&v->peer, value);
    return san->tag == VERIFY_ADDRESS && fy_peername_is_address(&v->peer, value);
}

/* RFC 9525 6.1: subjectAltName, and never the common name. */
static bool verify_has_name(const fy_verify *v, const mbedtls_x509_crt *crt)
{
    const mbedtls_x509_sequence *san = &crt->subject_alt_names;
    for (; san; san = san->next)
        if (san->buf.p && verify_is_name(v, &san->buf))
            return true;
    return false;
}

static void verify_say(char *said, ferry_str text)
{
    size_t at = strlen(said);
    for (size_t i = 0; i < text.len && at < FY_VERIFY_SAID - 1; i++) {
        char c = text.ptr[i];
        said[at++] = c >= ' ' && c <= '~' ? c : '?';
    }
    said[at] = '\0';
}

static void verify_say_byte(char *said, unsigned byte)
{
    char digits[3] = {(char)('0' + byte / 100), (char)('0' + byte / 10 % 10),
        (char)('0' + byte % 10)};
    size_t skip = byte < 10 ? 2 : byte < 100 ? 1 : 0;
    verify_say(said, (ferry_str){digits + skip, 3 - skip});
}

static void verify_say_address(char *said, const mbedtls_x509_buf *address)
{
    if (address->len != 4) {
        verify_say(said, FY_S("an IPv6 address"));
        return;
    }
    for (size_t i = 0; i < 4; i++) {
        verify_say(said, i ? FY_S(".") : FY_S(""));
        verify_say_byte(said, address->p[i]);
    }
}

/* "it is for a.test, *.b.test" */
static void verify_say_names(char *said, const mbedtls_x509_crt *crt)
{
    const char *before = "it is for ";
    said[0] = '\0';
    for (const mbedtls_x509_sequence *san = &crt->subject_alt_names; san;
         san = san->next) {
        if (!san->buf.p ||
            (san->buf.tag != VERIFY_DNS && san->buf.tag != VERIFY_ADDRESS))
            continue;
        verify_say(said, fy_str(before));
        if (san->buf.tag == VERIFY_DNS)
            verify_say(said, (ferry_str){(const char *)san->buf.p, san->buf.len});
        else
            verify_say_address(said, &san->buf);
        before = ", ";
    }
    if (!said[0])
        verify_say(said, FY_S("it names nobody in subjectAltName"));
}

/* --- pins ------------------------------------------------------------------------ */

/* The next pin, without the "sha256//" that curl writes before it. */
static bool verify_next_pin(ferry_str *rest, ferry_str *pin)
{
    ferry_str mark = FY_S("sha256//");
    if (!fy_str_cut(rest, ';', pin))
        return false;
    *pin = fy_str_trim(*pin);
    if (pin->len > mark.len && fy_str_eq(fy_str_upto(*pin, mark.len), mark))
        *pin = fy_str_from(*pin, mark.len);
    return true;
}

bool fy_verify_are_pins(ferry_str pins)
{
    unsigned char bytes[VERIFY_PIN];
    size_t len;
    for (ferry_str pin; verify_next_pin(&pins, &pin);)
        if (pin.len != VERIFY_PIN ||
            mbedtls_base64_decode(
                bytes, sizeof bytes, &len, (const unsigned char *)pin.ptr, pin.len) ||
            len != FY_MBED_SHA256)
            return false;
    return true;
}

static bool verify_is_pinned(ferry_str pins, const mbedtls_x509_crt *crt)
{
    unsigned char hash[FY_MBED_SHA256], text[VERIFY_PIN + 1];
    size_t len;
    ferry_str key = {(const char *)crt->pk_raw.p, crt->pk_raw.len};
    if (fy_mbed_sha256(key, hash) ||
        mbedtls_base64_encode(text, sizeof text, &len, hash, sizeof hash))
        return false;
    for (ferry_str pin; verify_next_pin(&pins, &pin);)
        if (fy_str_eq(pin, (ferry_str){(const char *)text, len}))
            return true;
    return false;
}

/* --- the verdict ----------------------------------------------------------------- */

static uint32_t verify_own(const fy_verify *v, const mbedtls_x509_crt *crt)
{
    uint32_t flags = 0;
    if (v->checks_name && !verify_has_name(v, crt))
        flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
    if (v->pins.len && !verify_is_pinned(v->pins, crt))
        flags |= MBEDTLS_X509_BADCERT_OTHER;
    return flags;
}

int fy_verify_callback(void *ctx, mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
    fy_verify *v = ctx;
    v->was_asked = true;
    if (!v->checks_chain)
        *flags = 0;
    if (depth == 0) {
        *flags &= ~(uint32_t)MBEDTLS_X509_BADCERT_CN_MISMATCH;
        *flags |= verify_own(v, crt);
    }
    v->flags |= *flags;
    if (*flags & MBEDTLS_X509_BADCERT_CN_MISMATCH)
        verify_say_names(v->said, crt);
    /* Where the chain is not looked at, flags alone do not end the handshake. */
    return depth == 0 && v->flags && !v->checks_chain ? MBEDTLS_ERR_X509_FATAL_ERROR
                                                      : 0;
}

const char *fy_verify_text(const fy_verify *v, uint32_t flags)
{
    static const struct {
        uint32_t flags;
        const char *text;
    } rows[] = {
        {MBEDTLS_X509_BADCERT_EXPIRED, "it has expired"},
        {MBEDTLS_X509_BADCERT_FUTURE, "it is not valid yet: is the clock right?"},
        {MBEDTLS_X509_BADCERT_REVOKED, "it was revoked"},
        {MBEDTLS_X509_BADCERT_BAD_MD | MBEDTLS_X509_BADCERT_BAD_PK |
                MBEDTLS_X509_BADCERT_BAD_KEY,
            "its key or signature is too weak"},
        {MBEDTLS_X509_BADCERT_KEY_USAGE | MBEDTLS_X509_BADCERT_EXT_KEY_USAGE |
                MBEDTLS_X509_BADCERT_NS_CERT_TYPE,
            "it is not for servers"},
        {MBEDTLS_X509_BADCERT_NOT_TRUSTED, "no trusted CA has signed it"},
        {MBEDTLS_X509_BADCERT_CN_MISMATCH, NULL}, /* said where it was seen */
        {MBEDTLS_X509_BADCERT_OTHER, "its key is none of .pin_sha256"},
        {MBEDTLS_X509_BADCERT_MISSING, "there is none"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (flags & rows[i].flags)
            return rows[i].text ? rows[i].text : v->said;
    return flags ? "it was refused" : NULL;
}
