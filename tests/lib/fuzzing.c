/* fuzzing.c - what the fuzz targets share.
 * SPDX-License-Identifier: MIT */
#include "lib/fuzzing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fuzz_fail(const char *file, int line, const char *claim)
{
    fprintf(stderr, "%s:%d: not so: %s\n", file, line, claim);
    abort();
}

uint8_t fuzz_byte(fuzz_input *in)
{
    if (in->n == 0)
        return 0;
    in->n--;
    return *in->p++;
}

void fuzz_bytes_put(fuzz_bytes *b, const void *p, size_t n)
{
    if (n == 0)
        return;
    if (n > b->cap - b->n) {
        b->cap = 2 * b->cap + n;
        b->p = realloc(b->p, b->cap);
        FUZZ_CHECK(b->p);
    }
    memcpy(b->p + b->n, p, n);
    b->n += n;
}

void fuzz_bytes_free(fuzz_bytes *b)
{
    free(b->p);
    *b = (fuzz_bytes){NULL, 0, 0};
}

/* --- cuts ------------------------------------------------------------------------ */

void fuzz_cuts_init(fuzz_cuts *c, uint8_t mode, uint8_t seed)
{
    *c = (fuzz_cuts){mode, 1u + mode * 256u + seed};
}

size_t fuzz_cut(fuzz_cuts *c, size_t left)
{
    static const size_t fixed[] = {SIZE_MAX, 1, 2, 7};
    size_t size;
    if (c->mode < 4) {
        size = fixed[c->mode];
    } else { /* the range is chosen first, so that small pieces are as many as large */
        c->state = c->state * 1664525u + 1013904223u;
        uint32_t range = 1u << (c->state >> 29);
        size = 1 + (c->state >> 8) % (range * range);
    }
    return size < left ? size : left;
}

/* --- views ----------------------------------------------------------------------- */

bool fuzz_is_inside(ferry_str inner, const char *p, size_t n)
{
    return inner.ptr >= p && inner.ptr <= p + n &&
           inner.len < n - (size_t)(inner.ptr - p);
}

bool fuzz_is_same(ferry_str a, ferry_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static bool fuzz_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

void fuzz_check_field(const ferry_field *f, const char *p, size_t n)
{
    FUZZ_CHECK(fuzz_is_inside(f->name, p, n));
    FUZZ_CHECK(fuzz_is_inside(f->value, p, n));
    FUZZ_CHECK(f->name.ptr[f->name.len] == '\0');
    FUZZ_CHECK(f->value.ptr[f->value.len] == '\0');
    FUZZ_CHECK(f->name.len > 0);
    for (size_t i = 0; i < f->name.len; i++)
        FUZZ_CHECK(model_is_tchar((unsigned char)f->name.ptr[i]));
    for (size_t i = 0; i < f->value.len; i++)
        FUZZ_CHECK(model_is_text((unsigned char)f->value.ptr[i]));
    FUZZ_CHECK(!f->value.len || !fuzz_is_blank(f->value.ptr[0]));
    FUZZ_CHECK(!f->value.len || !fuzz_is_blank(f->value.ptr[f->value.len - 1]));
}

/* Equal but for the length and the kind of runs of blanks. */
static bool fuzz_is_alike(ferry_str a, ferry_str b)
{
    size_t i = 0, j = 0;
    while (i < a.len && j < b.len) {
        bool is_blank = fuzz_is_blank(a.ptr[i]);
        if (is_blank ? !fuzz_is_blank(b.ptr[j]) : a.ptr[i] != b.ptr[j])
            return false;
        i++, j++;
        while (is_blank && i < a.len && fuzz_is_blank(a.ptr[i]))
            i++;
        while (is_blank && j < b.len && fuzz_is_blank(b.ptr[j]))
            j++;
    }
    return i == a.len && j == b.len;
}

void fuzz_check_fields(ferry_fields f, const model_section *model)
{
    FUZZ_CHECK(f.n == model->n);
    for (size_t i = 0; i < f.n; i++) {
        const model_field *m = &model->at[i];
        ferry_str name = {m->name.ptr, m->name.len};
        ferry_str value = {m->value.ptr, m->value.len};
        FUZZ_CHECK(fuzz_is_same(f.at[i].name, name));
        FUZZ_CHECK(m->is_folded ? fuzz_is_alike(f.at[i].value, value)
                                : fuzz_is_same(f.at[i].value, value));
    }
}

/* --- memory ---------------------------------------------------------------------- */

void *fuzz_memory_resize(fuzz_memory *m, void *p, size_t old_size, size_t new_size)
{
    if (new_size > m->most)
        return NULL;
    return m->memory.platform.resize(m->memory.platform.ctx, p, old_size, new_size);
}

void fuzz_memory_init(fuzz_memory *m)
{
    memory_init(&m->memory);
    m->most = 16 << 20;
}

/* --- errors ---------------------------------------------------------------------- */

void fuzz_check_explain(const ferry_session *s, ferry_err e)
{
    const char *line = ferry_explain(s);
    FUZZ_CHECK(line && *line);
    for (const char *c = line; *c; c++)
        FUZZ_CHECK((unsigned char)*c >= ' ' && *c != 0x7f);
    FUZZ_CHECK(strstr(line, ferry_err_text(e)));
}
