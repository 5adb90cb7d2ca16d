/* zstd_libzstd.c - the coding zstd, by libzstd (RFC 8878). One frame or several; a window
 * of more than 8 MiB is refused (RFC 9659 3). proto. SPDX-License-Identifier: MIT */
#include "proto/zstd.h"

#ifndef ZSTD_STATIC_LINKING_ONLY
#define ZSTD_STATIC_LINKING_ONLY /* for an allocator that is not libc's */
#endif
#include <zstd.h>
#include <zstd_errors.h>

enum { ZSTD_WINDOW_LOG = 23 };

typedef struct zstd_codec {
    fy_codec codec;
    ZSTD_DCtx *context;
    bool is_inside; /* a frame */
} zstd_codec;

static zstd_codec *zstd_of(fy_codec *c)
{
    return (zstd_codec *)(void *)c;
}

static bool zstd_knows(ferry_str coding)
{
    return fy_str_eq_nocase(coding, FY_S("zstd"));
}

static ferry_err zstd_fail(size_t answer, fy_error *x)
{
    if (ZSTD_getErrorCode(answer) == ZSTD_error_memory_allocation)
        return fy_fail_nomem(x);
    if (ZSTD_getErrorCode(answer) == ZSTD_error_frameParameter_windowTooLarge)
        return fy_fail(
            x, FERRY_ERR_LIMIT, "zstd window of more than 8 MiB", FY_NOWHERE);
    return fy_fail(x, FERRY_ERR_DECODE, "damaged zstd", FY_NOWHERE);
}

static ferry_err zstd_step(fy_codec *codec, ferry_str *in, fy_room *out, fy_error *x)
{
    zstd_codec *c = zstd_of(codec);
    do {
        if (!in->len && !c->is_inside)
            return FERRY_OK;
        ZSTD_inBuffer from = {in->ptr, in->len, 0};
        ZSTD_outBuffer to = {out->ptr, out->left, 0};
        size_t answer = ZSTD_decompressStream(c->context, &to, &from);
        if (ZSTD_isError(answer))
            return zstd_fail(answer, x);
        *in = fy_str_from(*in, from.pos);
        *out = (fy_room){out->ptr + to.pos, out->left - to.pos};
        c->is_inside = answer != 0;
    } while (in->len && out->left);
    return FERRY_OK;
}

static ferry_err zstd_end(const fy_codec *codec, fy_error *x)
{
    if (!((const zstd_codec *)(const void *)codec)->is_inside)
        return FERRY_OK;
    return fy_fail(x, FERRY_ERR_DECODE, "zstd data end too early", FY_NOWHERE);
}

static bool zstd_reset(fy_codec *codec, ferry_str coding)
{
    zstd_codec *c = zstd_of(codec);
    if (!zstd_knows(coding))
        return false;
    c->is_inside = false;
    return !ZSTD_isError(ZSTD_DCtx_reset(c->context, ZSTD_reset_session_only));
}

static void zstd_free(fy_codec *codec)
{
    zstd_codec *c = zstd_of(codec);
    ZSTD_freeDCtx(c->context);
    fy_resize(codec->platform, c, sizeof *c, 0);
}

static void *zstd_alloc(void *platform, size_t size)
{
    return fy_codec_alloc(platform, size);
}

static void zstd_give_back(void *platform, void *p)
{
    fy_codec_free(platform, p);
}

static fy_codec *zstd_make(const ferry_platform *m, ferry_str coding)
{
    static const fy_codec_calls calls = {zstd_step, zstd_end, zstd_reset, zstd_free};
    ZSTD_customMem memory = {zstd_alloc, zstd_give_back, (void *)m};
    (void)coding;
    zstd_codec *c = fy_alloc_zero(m, sizeof *c);
    if (!c)
        return NULL;
    c->codec = (fy_codec){&calls, m};
    c->context = ZSTD_createDCtx_advanced(memory);
    if (c->context && !ZSTD_isError(ZSTD_DCtx_setParameter(
                          c->context, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG)))
        return &c->codec;
    zstd_free(&c->codec);
    return NULL;
}

const fy_codec_maker *fy_zstd_maker(void)
{
    static const fy_codec_maker maker = {"zstd", zstd_knows, zstd_make};
    return &maker;
}
