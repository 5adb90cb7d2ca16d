/* tlsopts.c - what the caller says of TLS: read, joined over the levels, looked up.
 * policy. Knows the options. Does not know certificates or files.
 * SPDX-License-Identifier: MIT */
#include "policy/tlsopts.h"

#include <string.h>

typedef enum tlsopts_kind {
    TLSOPTS_TEXT,
    TLSOPTS_BYTES,
    TLSOPTS_SWITCH,
    TLSOPTS_VERSION
} tlsopts_kind;

/* Options of one group replace those of the level below together. */
typedef enum tlsopts_group {
    TLSOPTS_TRUST = 1,
    TLSOPTS_IDENTITY = 2,
    TLSOPTS_CIPHERS = 4,
    TLSOPTS_SERVER = 8,
    TLSOPTS_VERIFY = 16,
    TLSOPTS_MIN = 32,
    TLSOPTS_MAX = 64,
    TLSOPTS_RESUME = 128
} tlsopts_group;

typedef struct tlsopts_row {
    size_t offset;
    tlsopts_kind kind;
    tlsopts_group group;
} tlsopts_row;

#define TLSOPTS_ROW(member, kind, group)                                               \
    {                                                                                  \
        offsetof(ferry_opts, member), TLSOPTS_##kind, TLSOPTS_##group                  \
    }

static const tlsopts_row tlsopts_rows[FY_TLSOPTS] = {
    [FY_TLSOPT_CA_FILE] = TLSOPTS_ROW(ca_file, TEXT, TRUST),
    [FY_TLSOPT_CA_DIR] = TLSOPTS_ROW(ca_dir, TEXT, TRUST),
    [FY_TLSOPT_CA_PEM] = TLSOPTS_ROW(ca_pem, BYTES, TRUST),
    [FY_TLSOPT_PINS] = TLSOPTS_ROW(pin_sha256, TEXT, TRUST),
    [FY_TLSOPT_CERT] = TLSOPTS_ROW(cert, TEXT, IDENTITY),
    [FY_TLSOPT_KEY] = TLSOPTS_ROW(key, TEXT, IDENTITY),
    [FY_TLSOPT_PASSWORD] = TLSOPTS_ROW(key_password, TEXT, IDENTITY),
    [FY_TLSOPT_CERT_PEM] = TLSOPTS_ROW(cert_pem, BYTES, IDENTITY),
    [FY_TLSOPT_KEY_PEM] = TLSOPTS_ROW(key_pem, BYTES, IDENTITY),
    [FY_TLSOPT_CIPHERS] = TLSOPTS_ROW(tls_ciphers, TEXT, CIPHERS),
    [FY_TLSOPT_SERVER_NAME] = TLSOPTS_ROW(server_name, TEXT, SERVER),
    [FY_TLSOPT_VERIFY] = TLSOPTS_ROW(verify, SWITCH, VERIFY),
    [FY_TLSOPT_VERIFY_CHAIN] = TLSOPTS_ROW(verify_chain, SWITCH, VERIFY),
    [FY_TLSOPT_VERIFY_NAME] = TLSOPTS_ROW(verify_name, SWITCH, VERIFY),
    [FY_TLSOPT_MIN] = TLSOPTS_ROW(tls_min, VERSION, MIN),
    [FY_TLSOPT_MAX] = TLSOPTS_ROW(tls_max, VERSION, MAX),
    [FY_TLSOPT_RESUME] = TLSOPTS_ROW(tls_resume, SWITCH, RESUME),
};

/* The members stand side by side. */
enum {
    TLSOPTS_FIRST = offsetof(ferry_opts, ca_file),
    TLSOPTS_SIZE = offsetof(ferry_opts, tls_resume) + sizeof(ferry_switch) -
                   TLSOPTS_FIRST
};

bool fy_tlsopts_are_given(const ferry_opts *o)
{
    static const char nothing[TLSOPTS_SIZE];
    return memcmp((const char *)o + TLSOPTS_FIRST, nothing, sizeof nothing) != 0;
}

/* --- checking -------------------------------------------------------------------- */

static bool tlsopts_is_switch(ferry_switch s)
{
    return s == FERRY_INHERIT || s == FERRY_ON || s == FERRY_OFF;
}

static bool tlsopts_is_version(ferry_tls_version v)
{
    return v == FERRY_TLS_ANY || v == FERRY_TLS_1_2 || v == FERRY_TLS_1_3;
}

static bool tlsopts_are_bytes(ferry_bytes b)
{
    return b.ptr || !b.len;
}

/* What is wrong, or NULL. */
static const char *tlsopts_wrong(const ferry_opts *o)
{
    bool has_cert = o->cert || o->cert_pem.ptr, has_key = o->key || o->key_pem.ptr;
    if (!tlsopts_is_switch(o->verify) || !tlsopts_is_switch(o->verify_chain) ||
        !tlsopts_is_switch(o->verify_name) || !tlsopts_is_switch(o->tls_resume))
        return "switch is neither FERRY_ON nor FERRY_OFF";
    if (!tlsopts_is_version(o->tls_min) || !tlsopts_is_version(o->tls_max))
        return ".tls_min and .tls_max are FERRY_TLS_1_2 or FERRY_TLS_1_3";
    if (o->tls_min && o->tls_max && o->tls_min > o->tls_max)
        return ".tls_min is above .tls_max";
    if (!tlsopts_are_bytes(o->ca_pem) || !tlsopts_are_bytes(o->cert_pem) ||
        !tlsopts_are_bytes(o->key_pem))
        return "a certificate or key has a length and no bytes";
    if ((o->ca_file != NULL) + (o->ca_dir != NULL) + (o->ca_pem.ptr != NULL) > 1)
        return "more than one of .ca_file, .ca_dir and .ca_pem";
    if ((o->cert && o->cert_pem.ptr) || (o->key && o->key_pem.ptr))
        return "a certificate or key is given twice";
    if ((has_key || o->key_password) && !has_cert)
        return ".key or .key_password without .cert";
    return NULL;
}

ferry_err fy_tlsopts_check(const ferry_opts *o, fy_error *x)
{
    const char *wrong = fy_tlsopts_are_given(o) ? tlsopts_wrong(o) : NULL;
    return wrong ? fy_fail(x, FERRY_ERR_USAGE, wrong, FY_NOWHERE) : FERRY_OK;
}

/* --- joining --------------------------------------------------------------------- */

/* An entry is: which, as a byte; its length, as a size_t; its bytes; a NUL. */
enum { TLSOPTS_FRAME = 1 + sizeof(size_t) + 1 };

/* The first entry, which is eaten; false if there is none. */
static bool tlsopts_next(ferry_str *rest, fy_tlsopt *which, ferry_str *value)
{
    if (!rest->len)
        return false;
    *which = (fy_tlsopt)(unsigned char)rest->ptr[0];
    memcpy(&value->len, rest->ptr + 1, sizeof value->len);
    value->ptr = rest->ptr + 1 + sizeof value->len;
    *rest = fy_str_from(*rest, TLSOPTS_FRAME + value->len);
    return true;
}

static void tlsopts_put(fy_buf *out, fy_tlsopt which, ferry_str value)
{
    fy_buf_putc(out, (char)which);
    fy_buf_put(out, &value.len, sizeof value.len);
    fy_buf_puts(out, value);
    fy_buf_putc(out, '\0');
}

/* All that is known of each option: what the entries say, ptr NULL if nothing. */
static int tlsopts_list(ferry_str settings, ferry_str list[FY_TLSOPTS])
{
    fy_tlsopt which;
    ferry_str value;
    int groups = 0;
    memset(list, 0, FY_TLSOPTS * sizeof *list);
    while (tlsopts_next(&settings, &which, &value)) {
        list[which] = value;
        groups |= (int)tlsopts_rows[which].group;
    }
    return groups;
}

static int tlsopts_given_number(const char *at, tlsopts_kind kind)
{
    ferry_switch given;
    ferry_tls_version version;
    if (kind == TLSOPTS_SWITCH) {
        memcpy(&given, at, sizeof given);
        return (int)given;
    }
    memcpy(&version, at, sizeof version);
    return (int)version;
}

/* What a caller gives for one option. `number` is where it is kept if it is one. */
static ferry_str tlsopts_given(const ferry_opts *o, const tlsopts_row *row, int *number)
{
    const char *at = (const char *)o + row->offset;
    const char *text;
    ferry_bytes bytes;
    if (row->kind == TLSOPTS_TEXT) {
        memcpy(&text, at, sizeof text);
        return text ? fy_str(text) : (ferry_str){NULL, 0};
    }
    if (row->kind == TLSOPTS_BYTES) {
        memcpy(&bytes, at, sizeof bytes);
        return (ferry_str){bytes.ptr, bytes.len};
    }
    *number = tlsopts_given_number(at, row->kind);
    return (ferry_str){*number ? (const char *)number : NULL, sizeof *number};
}

static ferry_err tlsopts_write(fy_buf *out, const ferry_str below[FY_TLSOPTS],
    const ferry_str above[FY_TLSOPTS], int groups, fy_error *x)
{
    const ferry_str *from[FY_TLSOPTS];
    size_t room = 0;
    for (size_t i = 0; i < FY_TLSOPTS; i++) {
        from[i] = (int)tlsopts_rows[i].group & groups ? &above[i] : &below[i];
        room += from[i]->ptr ? TLSOPTS_FRAME + from[i]->len : 0;
    }
    fy_buf_reserve_exact(out, room);
    for (size_t i = 0; i < FY_TLSOPTS; i++)
        if (from[i]->ptr)
            tlsopts_put(out, (fy_tlsopt)i, *from[i]);
    return fy_fail_buf(x, out, "certificates and keys are too long");
}

ferry_err fy_tlsopts_join(
    fy_buf *out, ferry_str below, const ferry_opts *o, fy_error *x)
{
    ferry_str under[FY_TLSOPTS], over[FY_TLSOPTS];
    int numbers[FY_TLSOPTS], groups = 0;
    tlsopts_list(below, under);
    for (size_t i = 0; i < FY_TLSOPTS; i++) {
        over[i] = tlsopts_given(o, &tlsopts_rows[i], &numbers[i]);
        groups |= over[i].ptr ? (int)tlsopts_rows[i].group : 0;
    }
    return tlsopts_write(out, under, over, groups, x);
}

ferry_err fy_tlsopts_overlay(fy_buf *out, ferry_str below, ferry_str above, fy_error *x)
{
    ferry_str under[FY_TLSOPTS], over[FY_TLSOPTS];
    tlsopts_list(below, under);
    int groups = tlsopts_list(above, over);
    return tlsopts_write(out, under, over, groups, x);
}

/* --- looking up ------------------------------------------------------------------ */

ferry_str fy_tlsopts_text(ferry_str settings, fy_tlsopt which)
{
    fy_tlsopt is;
    ferry_str value;
    while (tlsopts_next(&settings, &is, &value))
        if (is == which && value.len)
            return value;
    return (ferry_str){NULL, 0};
}

int fy_tlsopts_number(ferry_str settings, fy_tlsopt which)
{
    ferry_str value = fy_tlsopts_text(settings, which);
    int number = 0;
    if (value.ptr)
        memcpy(&number, value.ptr, sizeof number);
    return number;
}

void fy_tlsopts_fini(fy_buf *settings)
{
    if (settings->ptr)
        fy_wipe(settings->ptr, settings->len);
    fy_buf_fini(settings);
}
