/* fuzz_framing.c - where a body starts, how long it is, when it ends: the same in every
 * cut, and the same as an independent model of RFC 9112 says.
 * The first byte chooses limits, failing allocations, HEAD and the end of the
 * connection, two more the cuts; the rest is what the peer sent.
 * SPDX-License-Identifier: MIT */
#include "lib/fuzzing.h"
#include "lib/model_framing.h"
#include "proto/framing.h"

#include <stdlib.h>
#include <string.h>

typedef struct framing_plan {
    bool is_bodyless, is_eof;
    size_t max_trailer, max_fields;
    int fail_at;
} framing_plan;

/* One response, read in one way of cutting. */
typedef struct framing_run {
    memory memory;
    size_t longest; /* of the chunks that are joined; 0: none are */
    ferry_err e;    /* FERRY_AGAIN: more is needed */
    fy_error error;
    char *head; /* its block */
    size_t head_len;
    fy_head parsed;
    fy_framing framing;
    fy_buf body;
    size_t end; /* bytes of the message so far */
} framing_run;

static void framing_plan_read(framing_plan *plan, uint8_t byte)
{
    static const size_t limits[][2] = {
        {1 << 20, 1 << 16}, {1 << 20, 1 << 16}, {24, 1 << 16}, {1 << 20, 2}};
    *plan = (framing_plan){byte & 1, byte >> 1 & 1, limits[byte >> 2 & 3][0],
        limits[byte >> 2 & 3][1], byte >> 4};
}

static void framing_init(framing_run *r, const framing_plan *plan, size_t longest)
{
    memset(r, 0, sizeof *r);
    r->longest = longest;
    memory_init(&r->memory);
    const ferry_platform *m = &r->memory.platform;
    fy_buf_init(&r->body, m, SIZE_MAX);
    fy_fields_init(&r->parsed.fields, m, SIZE_MAX);
    fy_framing_init(&r->framing, m, plan->max_trailer, plan->max_fields);
}

static void framing_fini(framing_run *r)
{
    fy_buf_fini(&r->body);
    fy_fields_fini(&r->parsed.fields);
    fy_framing_fini(&r->framing);
    free(r->head);
    FUZZ_CHECK(memory_is_clean(&r->memory));
}

/* FERRY_OK: the body begins. The allocations that may fail are those of the framing. */
static ferry_err framing_read_head(
    framing_run *r, const uint8_t *p, size_t n, const framing_plan *plan)
{
    size_t cursor = 0;
    ferry_str bytes = {(const char *)p, n};
    if (n == 0)
        return FERRY_AGAIN;
    TRY(fy_response_find_end(bytes, &cursor, &r->head_len, &r->error));
    r->head = memory_exact(bytes.ptr, r->head_len);
    TRY(fy_response_parse(&r->parsed, r->head, r->head_len, &r->error));
    TRY(fy_framing_begin(&r->framing, &r->parsed, plan->is_bodyless, &r->error));
    r->end = r->head_len;
    return FERRY_OK;
}

/* The memory of the body is the test's own, and does not fail. */
static void framing_keep(framing_run *r, ferry_str slice)
{
    int fail_at = r->memory.fail_at;
    r->memory.fail_at = 0;
    fy_buf_puts(&r->body, slice);
    r->memory.fail_at = fail_at;
}

/* A run of body bytes, and perhaps the small chunks behind it, moved up to it. */
static void framing_take_slice(
    framing_run *r, char *p, size_t n, ferry_str *raw, ferry_str slice)
{
    FUZZ_CHECK(slice.ptr >= p && slice.len <= n);
    FUZZ_CHECK(slice.ptr + slice.len <= raw->ptr);
    framing_keep(r, slice);
    if (!r->longest)
        return;
    char *to = p + (slice.ptr - p) + slice.len;
    size_t joined = fy_framing_join(&r->framing, raw, to, r->longest);
    FUZZ_CHECK(raw->ptr >= to + joined && raw->len <= n);
    framing_keep(r, (ferry_str){to, joined});
}

/* FERRY_AGAIN: the piece is eaten. What remains of it is counted back. */
static ferry_err framing_read_piece(framing_run *r, char *p, size_t n)
{
    ferry_str raw = {p, n}, slice;
    ferry_err e = FERRY_OK;
    r->end += n;
    while (!e && !r->framing.is_done) {
        e = fy_framing_next(&r->framing, &raw, &slice, &r->error);
        FUZZ_CHECK(raw.ptr >= p && raw.len <= n && raw.ptr + raw.len == p + n);
        if (e)
            break;
        FUZZ_CHECK(slice.len > 0 || r->framing.is_done);
        if (slice.len)
            framing_take_slice(r, p, n, &raw, slice);
    }
    FUZZ_CHECK(e != FERRY_AGAIN || raw.len == 0);
    r->end -= raw.len;
    return e;
}

static ferry_err framing_read_body(
    framing_run *r, const uint8_t *p, size_t n, fuzz_cuts cuts)
{
    ferry_err e = FERRY_AGAIN;
    while (n && e == FERRY_AGAIN) {
        size_t size = fuzz_cut(&cuts, n);
        char *piece = memory_exact((const char *)p, size);
        e = framing_read_piece(r, piece, size);
        free(piece);
        p += size;
        n -= size;
    }
    return e;
}

static void framing_read(framing_run *r, const uint8_t *p, size_t n,
    const framing_plan *plan, fuzz_cuts cuts)
{
    r->e = framing_read_head(r, p, n, plan);
    r->memory.fail_at = plan->fail_at ? r->memory.calls + plan->fail_at : 0;
    if (r->e == FERRY_OK && !r->framing.is_done)
        r->e = framing_read_body(r, p + r->head_len, n - r->head_len, cuts);
    if (r->e == FERRY_AGAIN && r->head_len && plan->is_eof) {
        r->e = fy_framing_end(&r->framing, &r->error);
        FUZZ_CHECK(r->e == FERRY_OK || r->e == FERRY_ERR_TRUNCATED);
    } else if (r->e == FERRY_AGAIN && plan->is_eof) {
        r->e = FERRY_ERR_TRUNCATED;
        r->error.code = r->e;
    }
    FUZZ_CHECK(r->e == FERRY_OK || r->e == FERRY_AGAIN || r->error.code == r->e);
    FUZZ_CHECK(r->e != FERRY_ERR_NOMEM || plan->fail_at);
}

/* --- cuts ------------------------------------------------------------------------ */

static void framing_check_same(const framing_run *a, const framing_run *b)
{
    ferry_fields ta = fy_fields_view(&a->framing.trailers);
    ferry_fields tb = fy_fields_view(&b->framing.trailers);
    FUZZ_CHECK(a->e == b->e);
    FUZZ_CHECK(fuzz_is_same(fy_buf_view(&a->body), fy_buf_view(&b->body)));
    if (a->e == FERRY_OK || a->e == FERRY_AGAIN) {
        FUZZ_CHECK(a->end == b->end);
        FUZZ_CHECK(a->framing.may_persist == b->framing.may_persist);
    } else if (a->e == FERRY_ERR_PROTOCOL) {
        FUZZ_CHECK(a->error.at == b->error.at);
        FUZZ_CHECK(strcmp(a->error.what, b->error.what) == 0);
    }
    FUZZ_CHECK(a->e || ta.n == tb.n);
    for (size_t i = 0; !a->e && i < ta.n; i++) {
        FUZZ_CHECK(fuzz_is_same(ta.at[i].name, tb.at[i].name));
        FUZZ_CHECK(fuzz_is_same(ta.at[i].value, tb.at[i].value));
    }
}

/* --- the model ------------------------------------------------------------------- */

enum { FRAMING_EXTENSION_FAIR = 4096 }; /* that nobody needs more of */

static model_verdict framing_verdict(const framing_run *r)
{
    switch ((int)r->e) {
    case FERRY_OK: return MODEL_COMPLETE;
    case FERRY_AGAIN: return MODEL_INCOMPLETE;
    case FERRY_ERR_TRUNCATED: return MODEL_TRUNCATED;
    default: FUZZ_CHECK(r->e == FERRY_ERR_PROTOCOL); return MODEL_ERROR;
    }
}

static void framing_check_complete(const framing_run *r, const model_response *m)
{
    fy_framing_kind kind = r->framing.kind;
    FUZZ_CHECK(r->end == m->end);
    fuzz_check_fields(fy_fields_view(&r->framing.trailers), &m->trailers);
    for (size_t i = 0; i < r->framing.trailers.n; i++)
        FUZZ_CHECK(
            !r->framing.trailers.at[i].name.ptr || *r->framing.trailers.at[i].name.ptr);
    FUZZ_CHECK((kind == FY_FRAMING_CLOSE) == m->is_until_close);
    if (m->reuse != MODEL_REUSE_ANY)
        FUZZ_CHECK(r->framing.may_persist == (m->reuse == MODEL_REUSE_YES));
}

/* Do both say the same, or may they differ? True if what they say can be compared. */
static bool framing_check_verdicts(
    const framing_run *r, const model_response *m, size_t n)
{
    model_verdict verdict = framing_verdict(r);
    if (verdict == m->verdict)
        return true;
    if (verdict == MODEL_ERROR && m->doubts)
        return false;
    /* A head or trailer section is looked at when it is whole. */
    FUZZ_CHECK(m->verdict == MODEL_ERROR);
    FUZZ_CHECK(verdict == MODEL_INCOMPLETE || verdict == MODEL_TRUNCATED);
    FUZZ_CHECK(n < m->due);
    return false;
}

static void framing_check_against_model(
    const framing_run *r, const uint8_t *p, size_t n, const framing_plan *plan)
{
    model_response m;
    model_read_response(&m, p, n, plan->is_eof, plan->is_bodyless);
    if (r->e == FERRY_ERR_LIMIT) {
        FUZZ_CHECK(m.extensions > FRAMING_EXTENSION_FAIR);
    } else if (framing_check_verdicts(r, &m, n) && m.verdict != MODEL_ERROR) {
        ferry_str body = {m.body.ptr, m.body.len};
        FUZZ_CHECK(fuzz_is_same(fy_buf_view(&r->body), body));
        if (m.verdict == MODEL_COMPLETE)
            framing_check_complete(r, &m);
    }
    model_response_free(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {data, size};
    framing_plan plan;
    framing_run whole, pieces;
    fuzz_cuts all, some;
    framing_plan_read(&plan, fuzz_byte(&in));
    uint8_t mode = fuzz_byte(&in);
    uint8_t seed = fuzz_byte(&in);
    fuzz_cuts_init(&some, mode, seed);
    fuzz_cuts_init(&all, 0, 0);
    framing_init(&whole, &plan, 0);
    framing_init(&pieces, &plan, seed & 1 ? seed : 0);
    framing_read(&whole, in.p, in.n, &plan, all);
    framing_read(&pieces, in.p, in.n, &plan, some);
    /* How often memory is asked for may depend on the cuts. */
    if (!plan.fail_at)
        framing_check_same(&whole, &pieces);
    if (!plan.fail_at && plan.max_trailer > 24 && plan.max_fields > 2)
        framing_check_against_model(&whole, in.p, in.n, &plan);
    framing_fini(&whole);
    framing_fini(&pieces);
    return 0;
}
