/* brotli_libbrotli.c - the coding br, by libbrotli (RFC 7932). What stands behind the
 * last block is ignored. proto. SPDX-License-Identifier: MIT */
#include "proto/brotli.h"

#include <brotli/decode.h>

typedef struct brotli_codec {
    fy_codec codec;
    BrotliDecoderState *state; /* it cannot begin anew, so it is made for each body */
    bool has_begun, is_over;
} brotli_codec;

static brotli_codec *brotli_of(fy_codec *c)
{
    return (brotli_codec *)(void *)c;
}

static bool brotli_knows(ferry_str coding)
{
    return fy_str_eq_nocase(coding, FY_S("br"));
}

static ferry_err brotli_fail(const brotli_codec *c, fy_error *x)
{
    BrotliDecoderErrorCode code = BrotliDecoderGetErrorCode(c->state);
    if (code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
        code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES)
        return fy_fail_nomem(x);
    return fy_fail(x, FERRY_ERR_DECODE, "damaged brotli", FY_NOWHERE);
}

static ferry_err brotli_step(fy_codec *codec, ferry_str *in, fy_room *out, fy_error *x)
{
    brotli_codec *c = brotli_of(codec);
    const uint8_t *from = (const uint8_t *)in->ptr;
    uint8_t *to = (uint8_t *)out->ptr;
    c->has_begun |= in->len > 0;
    if (!c->is_over) {
        BrotliDecoderResult answer = BrotliDecoderDecompressStream(
            c->state, &in->len, &from, &out->left, &to, NULL);
        in->ptr = (const char *)from;
        out->ptr = (char *)to;
        if (answer == BROTLI_DECODER_RESULT_ERROR)
            return brotli_fail(c, x);
        c->is_over = answer == BROTLI_DECODER_RESULT_SUCCESS;
    }
    if (c->is_over)
        *in = fy_str_from(*in, in->len);
    return FERRY_OK;
}

static ferry_err brotli_end(const fy_codec *codec, fy_error *x)
{
    const brotli_codec *c = (const brotli_codec *)(const void *)codec;
    if (c->is_over || !c->has_begun)
        return FERRY_OK;
    return fy_fail(x, FERRY_ERR_DECODE, "brotli data end too early", FY_NOWHERE);
}

static void *brotli_alloc(void *platform, size_t size)
{
    return fy_codec_alloc(platform, size);
}

static void brotli_give_back(void *platform, void *p)
{
    fy_codec_free(platform, p);
}

static bool brotli_begin(brotli_codec *c)
{
    c->state = BrotliDecoderCreateInstance(
        brotli_alloc, brotli_give_back, (void *)c->codec.platform);
    c->has_begun = c->is_over = false;
    return c->state != NULL;
}

static bool brotli_reset(fy_codec *codec, ferry_str coding)
{
    brotli_codec *c = brotli_of(codec);
    if (!brotli_knows(coding))
        return false;
    BrotliDecoderDestroyInstance(c->state);
    return brotli_begin(c);
}

static void brotli_free(fy_codec *codec)
{
    brotli_codec *c = brotli_of(codec);
    if (c->state)
        BrotliDecoderDestroyInstance(c->state);
    fy_resize(codec->platform, c, sizeof *c, 0);
}

static fy_codec *brotli_make(const ferry_platform *m, ferry_str coding)
{
    static const fy_codec_calls calls = {
        brotli_step, brotli_end, brotli_reset, brotli_free};
    (void)coding;
    brotli_codec *c = fy_alloc_zero(m, sizeof *c);
    if (!c)
        return NULL;
    c->codec = (fy_codec){&calls, m};
    if (brotli_begin(c))
        return &c->codec;
    brotli_free(&c->codec);
    return NULL;
}

const fy_codec_maker *fy_brotli_maker(void)
{
    static const fy_codec_maker maker = {"br", brotli_knows, brotli_make};
    return &maker;
}
