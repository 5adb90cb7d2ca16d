/* certs_mbedtls.c - certificates and keys, made when a test runs.
 * SPDX-License-Identifier: MIT */
#include "lib/certs_mbedtls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(int answer, const char *what)
{
    if (answer < 0) {
        fprintf(stderr, "certs: %s: -0x%04x\n", what, (unsigned)-answer);
        exit(1);
    }
}

/* Not good, but the same each time. */
int cert_random(void *ctx, unsigned char *p, size_t n)
{
    static uint64_t state = 0x9e3779b97f4a7c15u;
    (void)ctx;
    while (n--) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        *p++ = (unsigned char)(state >> 32);
    }
    return 0;
}

static void make_key(cert *out, const cert_wish *w)
{
    mbedtls_pk_init(&out->key);
    must(mbed_make_key(&out->key, w->rsa_bits), "key");
    must(mbedtls_pk_write_key_pem(
             &out->key, (unsigned char *)out->key_pem, sizeof out->key_pem),
        "key's PEM");
}

/* --- extensions in DER ----------------------------------------------------------- */

typedef struct der {
    unsigned char bytes[600];
    size_t len;
} der;

static void put(der *d, unsigned char tag, const void *p, size_t n)
{
    d->bytes[d->len++] = tag;
    if (n > 127)
        d->bytes[d->len++] = 0x81;
    d->bytes[d->len++] = (unsigned char)n;
    memcpy(d->bytes + d->len, p, n);
    d->len += n;
}

enum { SEQUENCE = 0x30, OBJECT = 6, DNS = 0x82, ADDRESS = 0x87 };

/* RFC 5280 4.2.1: id-ce 17 is subjectAltName, 37 extKeyUsage. */
static void put_extension(
    mbedtls_x509write_cert *to, char which, int is_critical, const der *value)
{
    const char oid[3] = {0x55, 0x1d, which};
    must(mbedtls_x509write_crt_set_extension(
             to, oid, sizeof oid, is_critical, value->bytes, value->len),
        "extension");
}

static void put_names(mbedtls_x509write_cert *to, const cert_wish *w)
{
    der names = {.len = 0}, all = {.len = 0};
    for (size_t i = 0; i < 4 && w->dns[i]; i++)
        put(&names, DNS, w->dns[i], strlen(w->dns[i]));
    if (w->raw_dns.ptr)
        put(&names, DNS, w->raw_dns.ptr, w->raw_dns.len);
    if (w->ipv4)
        put(&names, ADDRESS, w->ipv4, 4);
    if (w->ipv6)
        put(&names, ADDRESS, w->ipv6, 16);
    if (!names.len)
        return;
    put(&all, SEQUENCE, names.bytes, names.len);
    put_extension(to, 17, 0, &all);
}

static void put_purpose(mbedtls_x509write_cert *to)
{
    der purpose = {.len = 0}, all = {.len = 0};
    put(&purpose, OBJECT, "\x2b\x06\x01\x05\x05\x07\x03\x02", 8);
    put(&all, SEQUENCE, purpose.bytes, purpose.len);
    put_extension(to, 37, 1, &all);
}

/* --- the certificate ------------------------------------------------------------- */

static void fill_in(mbedtls_x509write_cert *to, cert *out, const cert_wish *w)
{
    const char *common_name = w->common_name ? w->common_name : "test";
    const cert *issuer = w->issuer ? w->issuer : out;
    char subject[100], from[300];
    snprintf(subject, sizeof subject, "CN=%s", common_name);
    if (w->issuer)
        must(mbedtls_x509_dn_gets(from, sizeof from, &w->issuer->crt.subject), "name");
    must(mbed_set_serial(to), "serial");
    mbedtls_x509write_crt_set_version(to, MBEDTLS_X509_CRT_VERSION_3);
    mbedtls_x509write_crt_set_md_alg(to, MBEDTLS_MD_SHA256);
    mbedtls_x509write_crt_set_subject_key(to, &out->key);
    mbedtls_x509write_crt_set_issuer_key(to, (mbedtls_pk_context *)&issuer->key);
    must(mbedtls_x509write_crt_set_subject_name(to, subject), "subject");
    must(mbedtls_x509write_crt_set_issuer_name(to, w->issuer ? from : subject),
        "issuer");
    must(mbedtls_x509write_crt_set_validity(to, w->from ? w->from : "20200101000000",
             w->until ? w->until : "20991231235959"),
        "dates");
    must(mbedtls_x509write_crt_set_basic_constraints(to, w->is_ca, -1), "CA or not");
    put_names(to, w);
    if (w->is_for_clients)
        put_purpose(to);
}

static void make_pin(cert *c)
{
    unsigned char hash[FY_MBED_SHA256];
    size_t len;
    ferry_str key = {(const char *)c->crt.pk_raw.p, c->crt.pk_raw.len};
    must(fy_mbed_sha256(key, hash), "pin");
    must(mbedtls_base64_encode(
             (unsigned char *)c->pin, sizeof c->pin, &len, hash, sizeof hash),
        "pin");
}

void cert_make(cert *out, const cert_wish *wish)
{
    mbedtls_x509write_cert to;
    memset(out, 0, sizeof *out);
    make_key(out, wish);
    mbedtls_x509write_crt_init(&to);
    fill_in(&to, out, wish);
    must(mbed_write_crt(&to, out->pem, sizeof out->pem), "certificate");
    mbedtls_x509write_crt_free(&to);
    mbedtls_x509_crt_init(&out->crt);
    must(mbedtls_x509_crt_parse(
             &out->crt, (unsigned char *)out->pem, strlen(out->pem) + 1),
        "reading it back");
    memcpy(out->der, out->crt.raw.p, out->crt.raw.len);
    out->der_len = out->crt.raw.len;
    make_pin(out);
}

void cert_free(cert *c)
{
    mbedtls_x509_crt_free(&c->crt);
    mbedtls_pk_free(&c->key);
}
