/* fuzz_fields.c - field sections parsed in place.
 * The first byte chooses which allocation fails and how many fields are allowed; the
 * rest is the section, without the empty line that ends it. SPDX-License-Identifier:
 * MIT
 */
#include "lib/fuzzing.h"
#include "proto/fields.h"

#include <stdlib.h>

/* As a sender would write the same list. */
static void fields_write(fy_buf *b, ferry_fields f)
{
    for (size_t i = 0; i < f.n; i++) {
        fy_buf_puts(b, f.at[i].name);
        fy_buf_puts(b, FY_S(": "));
        fy_buf_puts(b, f.at[i].value);
        fy_buf_puts(b, FY_S("\r\n"));
    }
}

static void fields_check_round_trip(ferry_fields first)
{
    memory m;
    fy_buf text;
    fy_fields again;
    fy_error x;
    memory_init(&m);
    fy_buf_init(&text, &m.platform, SIZE_MAX);
    fy_fields_init(&again, &m.platform, first.n);
    fields_write(&text, first);
    FUZZ_CHECK(fy_fields_parse(&again, text.ptr, text.len, 0, &x) == FERRY_OK);
    FUZZ_CHECK(again.n == first.n);
    for (size_t i = 0; i < first.n; i++) {
        FUZZ_CHECK(fuzz_is_same(again.at[i].name, first.at[i].name));
        FUZZ_CHECK(fuzz_is_same(again.at[i].value, first.at[i].value));
    }
    fy_fields_fini(&again);
    fy_buf_fini(&text);
    FUZZ_CHECK(memory_is_clean(&m));
}

static void fields_check_list(const fy_fields *f, const char *p, size_t n)
{
    ferry_fields list = fy_fields_view(f);
    for (size_t i = 0; i < list.n; i++) {
        size_t before = 0;
        fuzz_check_field(&list.at[i], p, n);
        for (size_t j = 0; j < i; j++)
            before += fy_str_eq_nocase(list.at[i].name, list.at[j].name);
        FUZZ_CHECK(fy_fields_find(list, list.at[i].name, before) == &list.at[i]);
    }
}

/* The model wants the empty line, too. */
static model_step fields_read_model(model_section *out, const char *p, size_t n)
{
    fy_buf whole;
    memory m;
    memory_init(&m);
    fy_buf_init(&whole, &m.platform, SIZE_MAX);
    fy_buf_put(&whole, p, n);
    fy_buf_puts(&whole, FY_S("\r\n"));
    model_in in = {(const uint8_t *)whole.ptr, whole.len, 0};
    model_step step = model_take_section(&in, true, out);
    bool is_all = in.at == in.n; /* an empty line before the end is no field */
    fy_buf_fini(&whole);
    return is_all ? step : MODEL_BAD;
}

static void fields_check_against_model(
    const fy_fields *f, ferry_err e, const char *p, size_t n)
{
    model_section model = {NULL, 0};
    model_step step = fields_read_model(&model, p, n);
    if (e == FERRY_OK) {
        FUZZ_CHECK(step == MODEL_FULL);
        fuzz_check_fields(fy_fields_view(f), &model);
    } else if (e == FERRY_ERR_PROTOCOL) {
        FUZZ_CHECK(step != MODEL_FULL);
    } else if (e == FERRY_ERR_LIMIT) {
        FUZZ_CHECK(model.n > f->max);
    }
    model_section_free(&model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {data, size};
    memory m;
    fy_fields f;
    fy_error x = {.code = FERRY_OK};
    uint8_t plan = fuzz_byte(&in);
    memory_init(&m);
    m.fail_at = plan & 7;
    fy_fields_init(&f, &m.platform, plan >> 3 ? plan >> 3 : SIZE_MAX);
    char *p = memory_exact((const char *)in.p, in.n);
    ferry_err e = fy_fields_parse(&f, p, in.n, 1000, &x);
    FUZZ_CHECK(x.code == e && (e != FERRY_ERR_NOMEM || m.fail_at));
    if (e == FERRY_ERR_PROTOCOL) /* the offset names a byte, or the end */
        FUZZ_CHECK(x.at >= 1000 && (uint64_t)x.at <= 1000 + (uint64_t)in.n);
    fields_check_list(&f, p, in.n);
    fields_check_against_model(&f, e, (const char *)in.p, in.n);
    fields_check_round_trip(fy_fields_view(&f));
    fy_fields_fini(&f);
    FUZZ_CHECK(memory_is_clean(&m));
    free(p);
    return 0;
}
