/* content_zlib.c - gzip and deflate, by zlib (RFC 9110 8.4.1.2, 8.4.1.3, RFC 1950 to
 * 1952). proto. Knows members and what may stand behind them; checksums and lengths are
 * checked by zlib. Does not know where bodies come from.
 *
 * Theory: "deflate" should be the zlib format, and is often sent without its two bytes
 * of header (RFC 9110 8.4.1.2). Those are told apart by the check bits of the header, so
 * the first byte waits for the second. gzip is one member or several; bytes behind a
 * member that do not begin another are ignored, as gzip does, and so is whatever stands
 * behind deflate. SPDX-License-Identifier: MIT */
#include "proto/content.h"

#include <limits.h>
#include <string.h>
#include <zlib.h>

enum { CONTENT_ZLIB = 15, CONTENT_RAW = -15, CONTENT_GZIP = 31 }; /* for inflateInit2 */

typedef enum content_state {
    CONTENT_START,  /* nothing has come */
    CONTENT_SECOND, /* deflate: one byte has */
    CONTENT_DATA,
    CONTENT_BEHIND, /* gzip: a member is over */
    CONTENT_MAGIC,  /* ... and the first byte of another was there */
    CONTENT_OVER    /* what comes is ignored */
} content_state;

typedef struct content_codec {
    fy_codec codec;
    z_stream z;
    content_state state;
    bool is_gzip;
    char first; /* byte of deflate */
} content_codec;

static content_codec *content_of(fy_codec *c)
{
    return (content_codec *)(void *)c;
}

static bool content_is_gzip(ferry_str coding)
{
    return fy_str_eq_nocase(coding, FY_S("gzip")) ||
           fy_str_eq_nocase(coding, FY_S("x-gzip"));
}

static bool content_knows(ferry_str coding)
{
    return content_is_gzip(coding) || fy_str_eq_nocase(coding, FY_S("deflate"));
}

/* --- data ------------------------------------------------------------------------ */

static ferry_err content_fail(const content_codec *c, fy_error *x)
{
    return fy_fail(x, FERRY_ERR_DECODE, c->z.msg ? c->z.msg : "damaged gzip or deflate",
        FY_NOWHERE);
}

static uInt content_size(size_t n)
{
    return n < UINT_MAX ? (uInt)n : UINT_MAX;
}

static ferry_err content_inflate(
    content_codec *c, ferry_str *in, fy_room *out, fy_error *x)
{
    z_stream *z = &c->z;
    uInt n_in = content_size(in->len), n_out = content_size(out->left);
    z->next_in = (Bytef *)in->ptr;
    z->avail_in = n_in;
    z->next_out = (Bytef *)out->ptr;
    z->avail_out = n_out;
    int answer = inflate(z, Z_NO_FLUSH);
    *in = fy_str_from(*in, n_in - z->avail_in);
    *out = (fy_room){(char *)z->next_out, out->left - (n_out - z->avail_out)};
    if (answer == Z_STREAM_END)
        c->state = c->is_gzip ? CONTENT_BEHIND : CONTENT_OVER;
    else if (answer == Z_MEM_ERROR)
        return fy_fail_nomem(x);
    else if (answer != Z_OK && answer != Z_BUF_ERROR)
        return content_fail(c, x);
    return FERRY_OK;
}

/* --- states ---------------------------------------------------------------------- */

typedef ferry_err content_call(
    content_codec *c, ferry_str *in, fy_room *out, fy_error *x);

static char content_eat(ferry_str *in)
{
    char c = in->ptr[0];
    *in = fy_str_from(*in, 1);
    return c;
}

static ferry_err content_start(
    content_codec *c, ferry_str *in, fy_room *out, fy_error *x)
{
    (void)out;
    (void)x;
    c->state = c->is_gzip ? CONTENT_DATA : CONTENT_SECOND;
    if (!c->is_gzip)
        c->first = content_eat(in);
    return FERRY_OK;
}

/* RFC 1950 2.2: method 8, a window of at most 32 KiB, no dictionary, and a multiple of
 * 31 in all. */
static bool content_is_zlib(unsigned cmf, unsigned flg)
{
    return (cmf & 0x0f) == 8 && cmf >> 4 <= 7 && !(flg & 0x20) &&
           (cmf << 8 | flg) % 31 == 0;
}

static ferry_err content_second(
    content_codec *c, ferry_str *in, fy_room *out, fy_error *x)
{
    ferry_str first = {&c->first, 1};
    bool has_header = content_is_zlib(
        (unsigned char)c->first, (unsigned char)in->ptr[0]);
    c->state = CONTENT_DATA;
    inflateReset2(&c->z, has_header ? CONTENT_ZLIB : CONTENT_RAW);
    return content_inflate(c, &first, out, x); /* too few bits for a byte of output */
}

/* RFC 1952 2.2: another member may follow, and begins with 1f 8b. */
static ferry_err content_behind(
    content_codec *c, ferry_str *in, fy_room *out, fy_error *x)
{
    (void)out;
    (void)x;
    c->state = content_eat(in) == '\x1f' ? CONTENT_MAGIC : CONTENT_OVER;
    return FERRY_OK;
}

static ferry_err content_magic(
    content_codec *c, ferry_str *in, fy_room *out, fy_error *x)
{
    ferry_str magic = FY_S("\x1f\x8b");
    c->state = CONTENT_OVER;
    if (content_eat(in) != '\x8b')
        return FERRY_OK;
    c->state = CONTENT_DATA;
    inflateReset(&c->z);
    return content_inflate(c, &magic, out, x);
}

static ferry_err content_over(
    content_codec *c, ferry_str *in, fy_room *out, fy_error *x)
{
    (void)c;
    (void)out;
    (void)x;
    *in = fy_str_from(*in, in->len);
    return FERRY_OK;
}

/* --- the decoder ----------------------------------------------------------------- */

static ferry_err content_step(fy_codec *codec, ferry_str *in, fy_room *out, fy_error *x)
{
    static content_call *const call[] = {
        [CONTENT_START] = content_start,
        [CONTENT_SECOND] = content_second,
        [CONTENT_DATA] = content_inflate,
        [CONTENT_BEHIND] = content_behind,
        [CONTENT_MAGIC] = content_magic,
        [CONTENT_OVER] = content_over,
    };
    content_codec *c = content_of(codec);
    if (!in->len && c->state == CONTENT_DATA)
        return content_inflate(c, in, out, x); /* what is left inside zlib */
    while (in->len && out->left)
        TRY(call[c->state](c, in, out, x));
    return FERRY_OK;
}

static ferry_err content_end(const fy_codec *codec, fy_error *x)
{
    const content_codec *c = (const content_codec *)(const void *)codec;
    if (c->state != CONTENT_SECOND && c->state != CONTENT_DATA)
        return FERRY_OK; /* a body without a byte, too */
    return fy_fail(
        x, FERRY_ERR_DECODE, "gzip or deflate data end too early", FY_NOWHERE);
}

/* The window of 32 KiB stays, as it is as large in every format. */
static bool content_reset(fy_codec *codec, ferry_str coding)
{
    content_codec *c = content_of(codec);
    if (!content_knows(coding))
        return false;
    c->is_gzip = content_is_gzip(coding);
    c->state = CONTENT_START;
    return inflateReset2(&c->z, c->is_gzip ? CONTENT_GZIP : CONTENT_ZLIB) == Z_OK;
}

static void content_free(fy_codec *codec)
{
    content_codec *c = content_of(codec);
    inflateEnd(&c->z);
    fy_resize(codec->platform, c, sizeof *c, 0);
}

static voidpf content_alloc(voidpf platform, uInt n, uInt size)
{
    return fy_codec_alloc(platform, (size_t)n * size); /* of a state, of a window */
}

static void content_give_back(voidpf platform, voidpf p)
{
    fy_codec_free(platform, p);
}

static fy_codec *content_make(const ferry_platform *m, ferry_str coding)
{
    static const fy_codec_calls calls = {
        content_step, content_end, content_reset, content_free};
    content_codec *c = fy_alloc_zero(m, sizeof *c);
    if (!c)
        return NULL;
    c->codec = (fy_codec){&calls, m};
    c->z.zalloc = content_alloc;
    c->z.zfree = content_give_back;
    c->z.opaque = (voidpf)m;
    c->is_gzip = content_is_gzip(coding);
    if (inflateInit2(&c->z, c->is_gzip ? CONTENT_GZIP : CONTENT_ZLIB) == Z_OK)
        return &c->codec;
    fy_resize(m, c, sizeof *c, 0);
    return NULL;
}

const fy_codec_maker *fy_content_maker(void)
{
    static const fy_codec_maker maker = {"gzip, deflate", content_knows, content_make};
    return &maker;
}
