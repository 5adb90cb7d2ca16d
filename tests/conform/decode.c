/* decode.c - content codings undone (RFC 9110 8.4).
 * SPDX-License-Identifier: MIT */
#include "proto/content.h"
#include "proto/decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "json.h"
#include "outcome.h"
#include "peer.h"
#include "sha256.h"
#include "suites.h"

enum { DECODE_RATIO = 200, DECODE_BODY_MAX = 8 << 20 };

/* What came of one body. */
typedef struct decoded {
    ferry_err err;
    fy_buf body;
} decoded;

/* --- bytes ----------------------------------------------------------------------- */

static int decode_digit(char c)
{
    static const char
        digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

static bool decode_put_base64(fy_buf *out, const char *text)
{
    unsigned bits = 0, n = 0;
    for (; text && decode_digit(*text) >= 0; text++) {
        bits = (bits << 6 | (unsigned)decode_digit(*text)) & 0xffff;
        n += 6;
        if (n >= 8)
            fy_buf_putc(out, (char)(bits >> (n -= 8)));
    }
    return text && text[strspn(text, "=")] == '\0';
}

/* Append `in`, compressed. */
static void decode_put_zlib(fy_buf *out, ferry_str in, int window, size_t times)
{
    z_stream z = {.zalloc = NULL};
    deflateInit2(&z, 9, Z_DEFLATED, window, 9, 0);
    while (times--) {
        z.next_in = (Bytef *)in.ptr;
        z.avail_in = (uInt)in.len;
        do {
            fy_buf_reserve(out, 1 << 16);
            z.next_out = (Bytef *)out->ptr + out->len;
            z.avail_out = (uInt)(out->cap - out->len);
            deflate(&z, times ? Z_NO_FLUSH : Z_FINISH);
            out->len = out->cap - z.avail_out;
        } while (z.avail_out == 0);
    }
    deflateEnd(&z);
}

/* A bomb: `size` zeros. */
static bool decode_put_generated(fy_buf *out, const cJSON *how)
{
    enum { DECODE_MIB = 1 << 20 };
    const char *kind = json_text(how, "kind");
    const cJSON *size = json_get(how, "size");
    if (!kind || !size)
        return false;
    bool is_nested = strcmp(kind, "gzip-of-gzip") == 0;
    int window = strcmp(kind, "zlib") == 0 ? 15 : 31;
    char *zeros = calloc(1, DECODE_MIB);
    fy_buf once;
    fy_buf_init(&once, &peer_libc, SIZE_MAX / 4);
    decode_put_zlib(is_nested ? &once : out, (ferry_str){zeros, DECODE_MIB}, window,
        (size_t)size->valuedouble / DECODE_MIB);
    if (is_nested)
        decode_put_zlib(out, fy_buf_view(&once), window, 1);
    fy_buf_fini(&once);
    free(zeros);
    return true;
}

/* --- running --------------------------------------------------------------------- */

static ferry_err decode_piece(fy_decode *d, ferry_str in, fy_buf *out, fy_error *x)
{
    char room[1000];
    for (bool is_full = true; in.len || is_full;) {
        fy_room to = {room, sizeof room};
        ferry_err e = fy_decode_step(d, &in, &to, x);
        fy_buf_put(out, room, sizeof room - to.left);
        is_full = to.left == 0;
        if (!e)
            e = fy_buf_error(out);
        TRY(e);
    }
    return FERRY_OK;
}

static void decode_run(decoded *got, const char *coding, ferry_str body, size_t cut)
{
    ferry_field f = {FY_S("Content-Encoding"), fy_str(coding)};
    fy_error x;
    fy_decode d;
    fy_decode_init(&d, &peer_libc);
    fy_buf_clear(&got->body);
    got->err = fy_decode_begin(&d, (ferry_fields){&f, 1}, DECODE_RATIO, &x);
    while (!got->err && body.len) {
        size_t n = cut < body.len ? cut : body.len;
        if (d.n)
            got->err = decode_piece(&d, fy_str_upto(body, n), &got->body, &x);
        else
            fy_buf_put(&got->body, body.ptr, n);
        body = fy_str_from(body, n);
    }
    if (!got->err)
        got->err = fy_decode_end(&d, &x);
    fy_decode_fini(&d);
}

/* --- judging --------------------------------------------------------------------- */

static bool decode_is_body(const decoded *got, const cJSON *wanted)
{
    const cJSON *length = json_get(wanted, "length");
    const char *hash = json_text(wanted, "sha256");
    char ours[65];
    sha256_hex(fy_buf_view(&got->body), ours);
    return length && (size_t)length->valuedouble == got->body.len && hash &&
           strcmp(hash, ours) == 0;
}

static bool decode_meets(const decoded *got, const cJSON *wanted)
{
    const char *result = json_text(wanted, "result");
    if (!result)
        return false;
    if (strncmp(result, "error", 5) == 0)
        return got->err != FERRY_OK && got->err != FERRY_ERR_NOMEM;
    return strcmp(result, "ok") == 0 && !got->err && decode_is_body(got, wanted);
}

static bool decode_is_allowed(const cJSON *row, const decoded *got)
{
    const cJSON *also;
    if (decode_meets(got, json_get(row, "expected")))
        return true;
    cJSON_ArrayForEach(also, json_get(row, "also_allowed"))
    {
        if (decode_meets(got, also))
            return true;
    }
    return false;
}

/* Whole and in pieces of every size the suites use: each must be allowed, and all alike.
 */
static void decode_judge(report *r, const cJSON *row, ferry_str body)
{
    static const size_t cuts[] = {SIZE_MAX, 1, 2, 3, 7, 16, 61};
    const char *coding = json_text(row, "content_encoding");
    decoded got = {.err = FERRY_OK};
    ferry_err first = FERRY_OK;
    bool is_met = coding != NULL, is_large = body.len > 1 << 16;
    fy_buf_init(&got.body, &peer_libc, DECODE_BODY_MAX);
    for (size_t i = 0; is_met && i < (is_large ? 1 : sizeof cuts / sizeof *cuts); i++) {
        decode_run(&got, coding, body, cuts[i]);
        is_met = decode_is_allowed(row, &got) && (i == 0 || got.err == first);
        first = got.err;
    }
    char what[64];
    snprintf(what, sizeof what, "%s, %zu bytes", ferry_err_name(got.err), got.body.len);
    report_judge(r, row, is_met, "one of those allowed", fy_str(what));
    fy_buf_fini(&got.body);
}

void suite_decode(report *r, const cJSON *row)
{
    fy_buf body;
    fy_buf_init(&body, &peer_libc, SIZE_MAX / 4);
    const cJSON *generate = json_get(row, "generate");
    if (!fy_content_maker()->codings[0])
        report_skip(r, "gzip and deflate need ZLIB=zlib");
    else if (generate ? decode_put_generated(&body, generate)
                      : decode_put_base64(&body, json_text(row, "input_b64")))
        decode_judge(r, row, fy_buf_view(&body));
    else
        report_fail(r, row, "bytes in base64", FY_S("something else"));
    fy_buf_fini(&body);
}
