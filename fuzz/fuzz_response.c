/* fuzz_response.c - the head of a response, found in any cut and parsed in place.
 * The first byte is the way of cutting, the second its seed and whether an allocation
 * fails; the rest is what the peer sent. SPDX-License-Identifier: MIT */
#include "lib/fuzzing.h"
#include "lib/model_framing.h"
#include "proto/response.h"

#include <stdlib.h>
#include <string.h>

/* What looking for the end of the head came to. */
typedef struct response_found {
    ferry_err e;
    size_t end;
    fy_error error;
} response_found;

enum { RESPONSE_EXACT = 64 }; /* so many prefixes get a block of their own */

/* As a connection would: more bytes each time, the cursor kept. */
static response_found response_find(const uint8_t *p, size_t n, fuzz_cuts cuts)
{
    response_found found = {.e = FERRY_AGAIN};
    size_t cursor = 0;
    int calls = 0;
    for (size_t have = 0; have < n && found.e == FERRY_AGAIN;) {
        have += fuzz_cut(&cuts, n - have);
        const char *bytes = (const char *)p;
        char *copy = ++calls < RESPONSE_EXACT ? memory_exact(bytes, have) : NULL;
        ferry_str part = {copy ? copy : bytes, have};
        found.e = fy_response_find_end(part, &cursor, &found.end, &found.error);
        free(copy);
        FUZZ_CHECK(cursor <= have);
        FUZZ_CHECK(found.e != FERRY_OK || found.end <= have);
    }
    return found;
}

static void response_check_cuts(
    const response_found *whole, const uint8_t *p, size_t n, fuzz_cuts cuts)
{
    response_found pieces = response_find(p, n, cuts);
    FUZZ_CHECK(pieces.e == whole->e);
    if (whole->e == FERRY_OK)
        FUZZ_CHECK(pieces.end == whole->end);
    if (whole->e == FERRY_ERR_PROTOCOL) {
        FUZZ_CHECK(pieces.error.at == whole->error.at);
        FUZZ_CHECK(strcmp(pieces.error.what, whole->error.what) == 0);
    }
}

static void response_check_views(const fy_head *h, const char *p, size_t n)
{
    FUZZ_CHECK(h->status >= 100 && h->status <= 999);
    FUZZ_CHECK(h->minor >= 0 && h->minor <= 9);
    FUZZ_CHECK(fuzz_is_inside(h->reason, p, n));
    FUZZ_CHECK(strlen(h->reason.ptr) == h->reason.len);
    for (size_t i = 0; i < h->fields.n; i++)
        fuzz_check_field(&h->fields.at[i], p, n);
}

static void response_write(fy_buf *b, const fy_head *h)
{
    fy_buf_puts(b, FY_S("HTTP/1."));
    fy_buf_put_number(b, h->minor);
    fy_buf_putc(b, ' ');
    fy_buf_put_number(b, h->status);
    fy_buf_putc(b, ' ');
    fy_buf_puts(b, h->reason);
    for (size_t i = 0; i < h->fields.n; i++) {
        fy_buf_puts(b, FY_S("\r\n"));
        fy_buf_puts(b, h->fields.at[i].name);
        fy_buf_putc(b, ':');
        fy_buf_puts(b, h->fields.at[i].value);
    }
    fy_buf_puts(b, FY_S("\r\n\r\n"));
}

static void response_check_same(const fy_head *a, const fy_head *b)
{
    FUZZ_CHECK(a->status == b->status && a->minor == b->minor);
    FUZZ_CHECK(fuzz_is_same(a->reason, b->reason));
    FUZZ_CHECK(a->fields.n == b->fields.n);
    for (size_t i = 0; i < a->fields.n; i++) {
        FUZZ_CHECK(fuzz_is_same(a->fields.at[i].name, b->fields.at[i].name));
        FUZZ_CHECK(fuzz_is_same(a->fields.at[i].value, b->fields.at[i].value));
    }
}

static void response_check_round_trip(const fy_head *h)
{
    memory m;
    fy_buf text;
    fy_head again;
    fy_error x;
    size_t cursor = 0, end = 0;
    memory_init(&m);
    fy_buf_init(&text, &m.platform, SIZE_MAX);
    fy_fields_init(&again.fields, &m.platform, SIZE_MAX);
    response_write(&text, h);
    FUZZ_CHECK(!fy_response_find_end(fy_buf_view(&text), &cursor, &end, &x));
    FUZZ_CHECK(end == text.len);
    FUZZ_CHECK(!fy_response_parse(&again, text.ptr, text.len, &x));
    response_check_same(h, &again);
    fy_fields_fini(&again.fields);
    fy_buf_fini(&text);
    FUZZ_CHECK(memory_is_clean(&m));
}

/* The head alone, as the model reads it. */
static void response_check_against_model(
    const fy_head *h, ferry_err e, const uint8_t *p, size_t n)
{
    model_response model;
    model_read_response(&model, p, n, false, true);
    if (e == FERRY_OK) {
        FUZZ_CHECK(model.has_head && model.head_len == n);
        FUZZ_CHECK(h->status == model.status && h->minor == model.minor);
        ferry_str reason = {model.reason.ptr, model.reason.len};
        FUZZ_CHECK(fuzz_is_same(h->reason, reason));
        fuzz_check_fields(fy_fields_view(&h->fields), &model.fields);
    } else if (e == FERRY_ERR_PROTOCOL) {
        FUZZ_CHECK(!model.has_head || model.doubts & MODEL_DOUBT_NO_SPACE);
    }
    model_response_free(&model);
}

static void response_parse(const uint8_t *p, size_t n, int fail_at)
{
    memory m;
    fy_head h;
    fy_error x = {.code = FERRY_OK};
    char *head = memory_exact((const char *)p, n);
    memory_init(&m);
    m.fail_at = fail_at;
    fy_fields_init(&h.fields, &m.platform, SIZE_MAX);
    ferry_err e = fy_response_parse(&h, head, n, &x);
    FUZZ_CHECK(x.code == e);
    FUZZ_CHECK(
        e == FERRY_OK || e == FERRY_ERR_PROTOCOL || (e == FERRY_ERR_NOMEM && fail_at));
    if (e == FERRY_ERR_PROTOCOL)
        FUZZ_CHECK(x.at >= 0 && (uint64_t)x.at < n);
    response_check_against_model(&h, e, p, n);
    if (e == FERRY_OK) {
        response_check_views(&h, head, n);
        response_check_round_trip(&h);
    }
    fy_fields_fini(&h.fields);
    FUZZ_CHECK(memory_is_clean(&m));
    free(head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {data, size};
    fuzz_cuts all, some;
    uint8_t mode = fuzz_byte(&in), seed = fuzz_byte(&in);
    fuzz_cuts_init(&all, 0, 0);
    fuzz_cuts_init(&some, mode, seed);
    response_found whole = response_find(in.p, in.n, all);
    response_check_cuts(&whole, in.p, in.n, some);
    if (whole.e == FERRY_OK)
        response_parse(in.p, whole.end, seed > 250 ? seed - 250 : 0);
    return 0;
}
