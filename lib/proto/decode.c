/* decode.c - content codings undone (RFC 9110 8.4): bytes in, bytes out, in steps that
 * are bounded by the room given.
 * proto. Knows lists of codings and how far a body may grow. Does not know where bodies
 * come from, or go.
 *
 * Theory: the codings of a list are undone from its end. Each link of the chain decodes
 * into a small room of its own, and only while that is empty, the last one into the
 * caller's; so a step costs what its room and its input cost, however much the whole
 * would be. A body that grows beyond all proportion is an attack and not a body: no link
 * may make more than `ratio` bytes of each byte received, apart from the first few
 * megabytes. SPDX-License-Identifier: MIT */
#include "proto/decode.h"

#include <string.h>

#include "proto/brotli.h"
#include "proto/content.h"
#include "proto/fields.h"
#include "proto/zstd.h"

enum {
    DECODE_ROOM = 8192,      /* between two links */
    DECODE_FREELY = 4 << 20, /* bytes, whatever the ratio */
    DECODE_MAKERS = 3
};

static const fy_codec_maker *decode_maker(int i)
{
    static const fy_codec_maker *(*const makers[DECODE_MAKERS])(void) = {
        fy_content_maker, fy_brotli_maker, fy_zstd_maker};
    return makers[i]();
}

void fy_decode_put_codings(fy_buf *out)
{
    size_t before = out->len;
    for (int i = 0; i < DECODE_MAKERS; i++) {
        ferry_str codings = fy_str(decode_maker(i)->codings);
        if (codings.len && out->len > before)
            fy_buf_puts(out, FY_S(", "));
        fy_buf_puts(out, codings);
    }
    if (out->len == before)
        fy_buf_puts(out, FY_S("identity"));
}

/* --- life ------------------------------------------------------------------------ */

void fy_decode_init(fy_decode *d, const ferry_platform *m)
{
    memset(d, 0, sizeof *d);
    d->platform = m;
    fy_buf_init(&d->out, m, SIZE_MAX / 4);
    for (int i = 0; i < FY_DECODE_LINKS; i++)
        fy_buf_init(&d->links[i].room, m, DECODE_ROOM);
}

static void decode_drop(fy_decode_link *l)
{
    if (l->codec)
        l->codec->calls->free(l->codec);
    l->codec = NULL;
    fy_buf_fini(&l->room);
}

void fy_decode_fini(fy_decode *d)
{
    for (int i = 0; i < FY_DECODE_LINKS; i++)
        decode_drop(&d->links[i]);
    fy_buf_fini(&d->out);
}

static void decode_free(fy_decode *d)
{
    fy_decode_fini(d);
    fy_resize(d->platform, d, sizeof *d, 0);
}

fy_decode *fy_decoders_take(fy_decoders *s)
{
    if (s->n)
        return s->kept[--s->n];
    fy_decode *d = fy_resize(s->platform, NULL, 0, sizeof *d);
    if (d)
        fy_decode_init(d, s->platform);
    return d;
}

/* What only chains need is not kept. */
void fy_decoders_give(fy_decoders *s, fy_decode *d)
{
    if (s->n == FY_DECODERS_KEPT) {
        decode_free(d);
        return;
    }
    for (int i = 1; i < FY_DECODE_LINKS; i++)
        decode_drop(&d->links[i]);
    fy_buf_fini(&d->links[0].room);
    s->kept[s->n++] = d;
}

void fy_decoders_free(fy_decoders *s)
{
    while (s->n)
        decode_free(s->kept[--s->n]);
}

/* --- lists of codings ------------------------------------------------------------ */

/* The next coding that is not identity, from the first of the first field on. `nth` and
 * `rest` begin as 0 and empty. */
static bool decode_next_coding(
    ferry_fields headers, size_t *nth, ferry_str *rest, ferry_str *coding)
{
    for (;;) {
        while (fy_str_cut(rest, ',', coding)) {
            *coding = fy_str_trim(*coding);
            if (coding->len && !fy_str_eq_nocase(*coding, FY_S("identity")))
                return true;
        }
        const ferry_field *f = fy_fields_find(
            headers, FY_S("Content-Encoding"), (*nth)++);
        if (!f)
            return false;
        *rest = f->value;
    }
}

bool fy_decode_is_coded(ferry_fields headers)
{
    size_t nth = 0;
    ferry_str rest = FY_S(""), coding;
    return decode_next_coding(headers, &nth, &rest, &coding);
}

/* The decoder that is there already serves if it can. */
static ferry_err decode_use(fy_decode_link *l, const ferry_platform *m,
    const fy_codec_maker *maker, ferry_str coding, fy_error *x)
{
    l->made = 0;
    l->is_full = false;
    l->ready = FY_S("");
    if (l->codec && l->codec->calls->reset(l->codec, coding))
        return FERRY_OK;
    decode_drop(l);
    l->codec = maker->make(m, coding);
    return l->codec ? FERRY_OK : fy_fail_nomem(x);
}

static ferry_err decode_link(
    fy_decode *d, fy_decode_link *l, ferry_str coding, fy_error *x)
{
    for (int i = 0; i < DECODE_MAKERS; i++)
        if (decode_maker(i)->knows(coding))
            return decode_use(l, d->platform, decode_maker(i), coding, x);
    return fy_fail(x, FERRY_ERR_UNSUPPORTED,
        "a content coding that is not known; .decode = FERRY_OFF takes it as it is",
        FY_NOWHERE);
}

ferry_err fy_decode_begin(
    fy_decode *d, ferry_fields headers, int64_t ratio, fy_error *x)
{
    ferry_str codings[FY_DECODE_LINKS], rest = FY_S(""), coding;
    size_t nth = 0;
    d->n = 0;
    d->eaten = 0;
    d->ratio = ratio > 0 ? ratio : 1;
    while (decode_next_coding(headers, &nth, &rest, &coding)) {
        if (d->n == FY_DECODE_LINKS)
            return fy_fail(
                x, FERRY_ERR_LIMIT, "more than 5 content codings", FY_NOWHERE);
        codings[d->n++] = coding;
    }
    for (int i = 0; i < d->n; i++)
        TRY(decode_link(d, &d->links[i], codings[d->n - 1 - i], x));
    return FERRY_OK;
}

/* --- decoding -------------------------------------------------------------------- */

static ferry_err decode_check_ratio(
    const fy_decode *d, const fy_decode_link *l, fy_error *x)
{
    if (l->made <= DECODE_FREELY || l->made / (uint64_t)d->ratio <= d->eaten)
        return FERRY_OK;
    return fy_fail(x, FERRY_ERR_LIMIT,
        "the body grows beyond .decode_ratio when it is decoded", (int64_t)d->eaten);
}

/* From `in` to `out`; bytes of the first link's input are counted. */
static ferry_err decode_run(
    fy_decode *d, fy_decode_link *l, ferry_str *in, fy_room *out, fy_error *x)
{
    size_t had = in->len, room = out->left;
    ferry_err e = l->codec->calls->step(l->codec, in, out, x);
    if (l == d->links)
        d->eaten += had - in->len;
    if (e) {
        x->at = (int64_t)d->eaten;
        return e;
    }
    l->made += room - out->left;
    l->is_full = out->left == 0;
    return decode_check_ratio(d, l, x);
}

/* A link that is not the last one fills its own room, once that is empty. */
static ferry_err decode_run_inner(
    fy_decode *d, fy_decode_link *l, ferry_str *in, fy_error *x)
{
    fy_buf_reserve_exact(&l->room, DECODE_ROOM - l->room.cap);
    TRY(fy_fail_buf(x, &l->room, NULL));
    fy_room out = {l->room.ptr, l->room.cap};
    TRY(decode_run(d, l, in, &out, x));
    l->ready = (ferry_str){l->room.ptr, l->room.cap - out.left};
    return FERRY_OK;
}

/* True if a step of link `i` would do something. */
static bool decode_can_run(const fy_decode *d, int i, ferry_str in, size_t room)
{
    const fy_decode_link *l = &d->links[i];
    size_t waiting = i ? d->links[i - 1].ready.len : in.len;
    bool has_room = i == d->n - 1 ? room > 0 : l->ready.len == 0;
    return has_room && (waiting || l->is_full);
}

ferry_err fy_decode_step(fy_decode *d, ferry_str *in, fy_room *out, fy_error *x)
{
    for (int i = d->n - 1; i >= 0;) {
        if (!decode_can_run(d, i, *in, out->left)) {
            i--;
            continue;
        }
        ferry_str *from = i ? &d->links[i - 1].ready : in;
        if (i == d->n - 1)
            TRY(decode_run(d, &d->links[i], from, out, x));
        else
            TRY(decode_run_inner(d, &d->links[i], from, x));
        i = d->n - 1;
    }
    return FERRY_OK;
}

ferry_err fy_decode_end(const fy_decode *d, fy_error *x)
{
    for (int i = 0; i < d->n; i++) {
        ferry_err e = d->links[i].codec->calls->end(d->links[i].codec, x);
        if (e) {
            x->at = (int64_t)d->eaten;
            return e;
        }
    }
    return FERRY_OK;
}
