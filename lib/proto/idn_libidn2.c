/* idn_libidn2.c - host names beyond ASCII, by libidn2.
 * proto. The one file that uses libidn2. Does not know URLs.
 * SPDX-License-Identifier: MIT */
#include "proto/idn.h"

#include <idn2.h>
#include <string.h>

static ferry_err idn_fail(fy_error *x, int status)
{
    if (status == IDN2_MALLOC)
        return fy_fail_nomem(x);
    return fy_fail(x, FERRY_ERR_URL, "not an IDNA2008 host name", FY_NOWHERE);
}

/* `name` is a C string. What libidn2 gives is `*ascii`, to be freed with
 * idn2_free(). */
static int idn_lookup(const char *name, int flags, char **ascii)
{
    uint8_t *found = NULL;
    int status = idn2_lookup_u8(
        (const uint8_t *)name, &found, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL | flags);
    *ascii = (char *)found;
    return status;
}

/* Under STD3's rules libidn2 does not refuse a name with a forbidden character but
 * drops the character, which makes it another host. So look twice: what STD3 would
 * change is no host name. */
static ferry_err idn_put_ascii(fy_buf *out, const char *name, fy_error *x)
{
    char *ascii = NULL, *checked = NULL;
    int status = idn_lookup(name, 0, &ascii);
    if (status == IDN2_OK)
        status = idn_lookup(name, IDN2_USE_STD3_ASCII_RULES, &checked);
    if (status == IDN2_OK && !fy_str_eq(fy_str(ascii), fy_str(checked)))
        status = IDN2_DISALLOWED;
    if (status == IDN2_OK)
        fy_buf_puts(out, fy_str(ascii));
    idn2_free(ascii);
    idn2_free(checked);
    return status == IDN2_OK ? fy_fail_buf(x, out, "host name too long")
                             : idn_fail(x, status);
}

/* Capital sharp s is lower-cased to sharp s, as Unicode 15.1 and RFC 5895 have it;
 * tables before that make "ss" of it, which is another host. */
static void idn_put_lower_sharp_s(fy_buf *out, ferry_str host)
{
    ferry_str capital = FY_S("\xe1\xba\x9e"), small = FY_S("\xc3\x9f");
    for (size_t i = 0; i < host.len;) {
        ferry_str rest = fy_str_from(host, i);
        bool is_capital = rest.len >= capital.len &&
                          fy_str_eq(fy_str_upto(rest, capital.len), capital);
        fy_buf_puts(out, is_capital ? small : fy_str_upto(rest, 1));
        i += is_capital ? capital.len : 1;
    }
}

ferry_err fy_idn_to_ascii(fy_buf *out, ferry_str host, fy_error *x)
{
    size_t before = out->len;
    idn_put_lower_sharp_s(out, host);
    TRY(fy_fail_buf(x, out, "host name too long"));
    /* The C string that libidn2 wants lies where its answer will go. */
    const char *name = fy_buf_text(out) + before;
    size_t len = out->len - before;
    out->len = before;
    if (memchr(name, '\0', len))
        return idn_fail(x, IDN2_DISALLOWED);
    return idn_put_ascii(out, name, x);
}
