/* chunked.c - the chunked coding alone, given to its decoder without a connection
 * (RFC 9112 7.1). SPDX-License-Identifier: MIT */
#include <string.h>

#include "json.h"
#include "outcome.h"
#include "peer.h"
#include "play.h"
#include "proto/framing.h"
#include "suites.h"

enum { CHUNKED_TRAILER_MAX = 65536, CHUNKED_FIELDS_MAX = 128 };

/* --- input ----------------------------------------------------------------------- */

static void chunked_put_hex(fy_buf *out, size_t n)
{
    size_t high = n;
    int shift = 0;
    while (high >>= 4)
        shift += 4;
    for (; shift >= 0; shift -= 4)
        fy_buf_putc(out, "0123456789abcdef"[n >> shift & 15]);
}

static size_t chunked_number(const cJSON *generate, const char *name)
{
    const cJSON *number = json_get(generate, name);
    return number ? (size_t)number->valuedouble : 0;
}

/* `chunk_count` chunks of `chunk_len` times `fill`, each with `chunk_ext`; then `end`.
 */
static bool chunked_generate(fy_buf *out, const cJSON *generate)
{
    size_t len = chunked_number(generate, "chunk_len");
    const cJSON *ext = json_get(generate, "chunk_ext");
    const cJSON *fill = json_get(generate, "fill");
    bool is_sound = true;
    for (size_t i = chunked_number(generate, "chunk_count"); i > 0; i--) {
        chunked_put_hex(out, len);
        is_sound = is_sound && json_put_bytes(out, ext);
        fy_buf_puts(out, FY_S("\r\n"));
        for (size_t j = 0; j < len; j++)
            is_sound = is_sound && json_put_bytes(out, fill);
        fy_buf_puts(out, FY_S("\r\n"));
    }
    return is_sound && json_put_bytes(out, json_get(generate, "end"));
}

/* --- decoding -------------------------------------------------------------------- */

/* Give `piece` to the decoder. */
static ferry_err chunked_feed(fy_framing *f, ferry_str *piece, outcome *o, fy_error *x)
{
    ferry_str slice;
    ferry_err e;
    while (!(e = fy_framing_next(f, piece, &slice, x)) && slice.len)
        fy_buf_puts(&o->text[OUTCOME_BODY], slice);
    return e;
}

static ferry_err chunked_begin(fy_framing *f, fy_error *x)
{
    ferry_field chunked = {FY_S("Transfer-Encoding"), FY_S("chunked")};
    fy_head head = {.status = 200, .minor = 1, .fields = {.at = &chunked, .n = 1}};
    return fy_framing_begin(f, &head, false, x);
}

static void chunked_note(outcome *o, ferry_err e, const fy_framing *f, ferry_str rest)
{
    o->err = e;
    o->result = e == FERRY_AGAIN ? OUTCOME_INCOMPLETE : outcome_of(e);
    if (o->result == OUTCOME_ERROR)
        return;
    o->framing = "chunked";
    fy_buf_puts(&o->text[OUTCOME_LEFTOVER], rest);
    for (size_t i = 0; i < f->trailers.n; i++) {
        fy_buf_puts(&o->text[OUTCOME_TRAILERS], f->trailers.at[i].name);
        fy_buf_puts(&o->text[OUTCOME_TRAILERS], FY_S(": "));
        fy_buf_puts(&o->text[OUTCOME_TRAILERS], f->trailers.at[i].value);
        fy_buf_puts(&o->text[OUTCOME_TRAILERS], FY_S("\n"));
    }
}

/* The bytes from `at` on that come in one piece. */
static ferry_str chunked_piece(ferry_str input, size_t at, split cut)
{
    ferry_str piece = fy_str_from(input, at);
    if (piece.len > cut.every)
        piece.len = cut.every;
    if (at < cut.at && piece.len > cut.at - at)
        piece.len = cut.at - at;
    return piece;
}

static void chunked_decode(ferry_str input, split cut, outcome *o)
{
    fy_framing f;
    fy_error x = {.code = FERRY_OK};
    fy_framing_init(&f, &peer_libc, CHUNKED_TRAILER_MAX, CHUNKED_FIELDS_MAX);
    outcome_clear(o);
    ferry_err e = chunked_begin(&f, &x);
    size_t at = 0;
    for (e = e ? e : FERRY_AGAIN; e == FERRY_AGAIN && at < input.len;) {
        ferry_str piece = chunked_piece(input, at, cut);
        e = chunked_feed(&f, &piece, o, &x);
        at = (size_t)(piece.ptr - input.ptr);
    }
    chunked_note(o, e, &f, fy_str_from(input, at));
    fy_framing_fini(&f);
}

/* --- judging --------------------------------------------------------------------- */

static bool chunked_meets_repeat(const outcome *o, const cJSON *wanted)
{
    const cJSON *repeat = json_get(wanted, "body_repeat");
    ferry_str body = fy_buf_view(&o->text[OUTCOME_BODY]);
    if (!repeat)
        return true;
    const char *fill = cJSON_GetStringValue(cJSON_GetArrayItem(repeat, 0));
    const cJSON *count = cJSON_GetArrayItem(repeat, 1);
    if (!fill || !count || body.len != (size_t)count->valuedouble)
        return false;
    for (size_t i = 0; i < body.len; i++)
        if (body.ptr[i] != fill[0])
            return false;
    return true;
}

/* `expected` says "complete" where `allowed` says "ok". A body or leftover of null is
 * not judged. */
static bool chunked_meets(const outcome *o, const cJSON *expected)
{
    const char *result = json_text(expected, "result");
    fy_buf leftover;
    fy_buf_init(&leftover, &peer_libc, SIZE_MAX / 4);
    bool is_said = json_put_bytes(&leftover, json_get(expected, "leftover"));
    bool is_met = !is_said || fy_str_eq(fy_buf_view(&leftover),
                                  fy_buf_view(&o->text[OUTCOME_LEFTOVER]));
    fy_buf_fini(&leftover);
    if (result && strcmp(result, "complete") == 0)
        return is_met && o->result == OUTCOME_OK && outcome_meets_members(o, expected);
    return is_met && outcome_meets(o, expected);
}

static bool chunked_meets_any(const outcome *o, const cJSON *row)
{
    const cJSON *allowed = json_get(row, "allowed"), *wanted;
    if (!allowed)
        return chunked_meets(o, json_get(row, "expected"));
    cJSON_ArrayForEach(
        wanted, allowed) if (outcome_meets(o, wanted) &&
                             chunked_meets_repeat(o, wanted)) return true;
    return false;
}

/* In pieces, and cut in two at every point. */
static bool chunked_is_same(ferry_str input, bool is_generated, const outcome *o)
{
    outcome other;
    split cut = {CUT_NONE, CUT_NONE};
    bool is_same = true;
    outcome_init(&other);
    while (is_same && play_next_cut(&cut, input.len, is_generated)) {
        chunked_decode(input, cut, &other);
        is_same = outcome_same(o, &other, false);
    }
    outcome_fini(&other);
    return is_same;
}

static void chunked_judge(report *r, const cJSON *row, ferry_str input)
{
    const split whole = {CUT_NONE, CUT_NONE};
    outcome o;
    fy_buf got, expected;
    outcome_init(&o);
    fy_buf_init(&got, &peer_libc, SIZE_MAX / 4);
    fy_buf_init(&expected, &peer_libc, SIZE_MAX / 4);
    chunked_decode(input, whole, &o);
    bool is_same = chunked_is_same(input, json_get(row, "generate"), &o);
    const cJSON *allowed = json_get(row, "allowed");
    if (allowed)
        outcome_put_list(&expected, allowed);
    else
        outcome_put_wanted(&expected, json_get(row, "expected"));
    outcome_put(&got, &o);
    if (!is_same)
        fy_buf_puts(&got, FY_S(", but not in every cut"));
    report_judge(r, row, is_same && chunked_meets_any(&o, row), fy_buf_text(&expected),
        fy_buf_view(&got));
    fy_buf_fini(&expected);
    fy_buf_fini(&got);
    outcome_fini(&o);
}

void suite_chunked(report *r, const cJSON *row)
{
    const cJSON *generate = json_get(row, "generate");
    fy_buf input;
    fy_buf_init(&input, &peer_libc, SIZE_MAX / 4);
    if (generate ? chunked_generate(&input, generate)
                 : json_put_bytes(&input, json_get(row, "input")))
        chunked_judge(r, row, fy_buf_view(&input));
    else
        report_fail(r, row, "bytes, one code point each", FY_S("something else"));
    fy_buf_fini(&input);
}
