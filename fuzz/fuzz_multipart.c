/* fuzz_multipart.c - multipart/form-data, written in any pieces and read back by a reader
 * that knows nothing of the writer.
 * The first bytes choose the cuts and which allocation fails; then come parts: a byte of
 * flags, and each text or content behind a byte that is its length.
 * SPDX-License-Identifier: MIT */
#include "lib/fuzzing.h"
#include "lib/model_multipart.h"
#include "proto/multipart.h"

#include <stdlib.h>
#include <string.h>

enum { MULTIPART_MOST = 20, MULTIPART_ROOM = 300 };

/* What a part was made of. */
typedef struct multipart_wish {
    ferry_str name, filename, type, content;
    bool is_source, is_sized, has_filename, has_type;
    bool is_late, has_put_off; /* every other time it has nothing yet */
    size_t at;
    fuzz_cuts cuts;
} multipart_wish;

static multipart_wish multipart_wishes[MULTIPART_MOST];

static ferry_str multipart_take(fuzz_input *in)
{
    size_t n = fuzz_byte(in);
    n = n < in->n ? n : in->n;
    ferry_str s = {(const char *)in->p, n};
    in->p += n;
    in->n -= n;
    return s;
}

static ptrdiff_t multipart_read(void *ctx, void *p, size_t n)
{
    multipart_wish *w = ctx;
    size_t left = w->content.len - w->at;
    FUZZ_CHECK(n > 0);
    w->has_put_off = w->is_late && !w->has_put_off;
    if (w->has_put_off)
        return FERRY_NOT_YET;
    n = n < left ? n : left;
    n = n ? fuzz_cut(&w->cuts, n) : 0;
    if (n)
        memcpy(p, w->content.ptr + w->at, n);
    w->at += n;
    return (ptrdiff_t)n;
}

static int multipart_rewind(void *ctx)
{
    ((multipart_wish *)ctx)->at = 0;
    return 0;
}

static void multipart_choose(multipart_wish *w, fuzz_input *in, fuzz_cuts cuts)
{
    uint8_t flags = fuzz_byte(in);
    *w = (multipart_wish){.is_source = flags & 1,
        .is_sized = flags & 2,
        .has_filename = flags & 4,
        .has_type = flags & 8,
        .is_late = flags & 16,
        .cuts = cuts};
    w->name = multipart_take(in);
    if (w->has_filename)
        w->filename = multipart_take(in);
    if (w->has_type)
        w->type = multipart_take(in);
    w->content = multipart_take(in);
}

static fy_part multipart_part(multipart_wish *w)
{
    fy_part p = {.name = w->name};
    if (w->has_filename)
        p.filename = w->filename;
    if (w->has_type)
        p.type = w->type;
    if (w->is_source)
        p.source = (ferry_source){w, multipart_read, multipart_rewind,
            w->is_sized ? (int64_t)w->content.len : -1};
    else
        p.bytes = w->content;
    return p;
}

/* A name with control bytes is sent, as others do it, but no strict reader takes it. */
static bool multipart_is_readable(ferry_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!model_is_text((unsigned char)s.ptr[i]) && s.ptr[i] != '\r' &&
            s.ptr[i] != '\n')
            return false;
    return true;
}

/* Nor can anybody tell an escape from a name that looks like one. */
static bool multipart_is_plain(ferry_str s)
{
    for (size_t i = 0; i + 2 < s.len; i++)
        if (s.ptr[i] == '%' &&
            (memcmp(s.ptr + i, "%22", 3) == 0 || memcmp(s.ptr + i, "%0A", 3) == 0 ||
                memcmp(s.ptr + i, "%0D", 3) == 0))
            return false;
    return multipart_is_readable(s);
}

static bool multipart_holds(ferry_str s, const char *boundary)
{
    size_t n = strlen(boundary);
    for (size_t i = 0; i + n <= s.len; i++)
        if (memcmp(s.ptr + i, boundary, n) == 0)
            return true;
    return false;
}

static ferry_str multipart_view(const model_text *t)
{
    return (ferry_str){t->ptr, t->len};
}

static void multipart_check_part(const model_part *got, const multipart_wish *w)
{
    FUZZ_CHECK(got->has_name && fuzz_is_same(multipart_view(&got->name), w->name));
    FUZZ_CHECK(got->has_filename == w->has_filename);
    FUZZ_CHECK(fuzz_is_same(multipart_view(&got->filename), w->filename));
    FUZZ_CHECK(got->fields.n == 1u + w->has_type);
    FUZZ_CHECK(fuzz_is_same(multipart_view(&got->content), w->content));
}

static void multipart_check_text(const char *boundary, const fuzz_bytes *text, size_t n)
{
    model_multipart back;
    for (size_t i = 0; i < n; i++) {
        const multipart_wish *w = &multipart_wishes[i];
        if (!multipart_is_plain(w->name) || !multipart_is_plain(w->filename) ||
            multipart_holds(w->content, boundary))
            return;
    }
    model_step step = model_read_multipart(&back, boundary, text->p, text->n);
    FUZZ_CHECK(step == MODEL_FULL && back.n == n);
    for (size_t i = 0; i < n; i++)
        multipart_check_part(&back.at[i], &multipart_wishes[i]);
    model_multipart_free(&back);
}

static void multipart_read_all(fy_multipart *m, fuzz_bytes *out, fuzz_cuts cuts)
{
    char room[MULTIPART_ROOM];
    fy_error x;
    for (;;) {
        size_t most = fuzz_cut(&cuts, MULTIPART_ROOM);
        ptrdiff_t n = fy_multipart_read(m, room, most, &x);
        if (n == FERRY_NOT_YET)
            continue;
        FUZZ_CHECK(n >= 0 && (size_t)n <= most);
        if (n == 0)
            break;
        fuzz_bytes_put(out, room, (size_t)n);
    }
}

/* Twice, in other pieces: the same bytes, as many as were announced. */
static void multipart_check(fy_multipart *m, size_t n, fuzz_cuts cuts)
{
    fuzz_bytes first = {NULL, 0, 0}, again = {NULL, 0, 0};
    fuzz_cuts whole;
    fuzz_cuts_init(&whole, 0, 0);
    multipart_read_all(m, &first, whole);
    FUZZ_CHECK(fy_multipart_may_rewind(m) && fy_multipart_rewind(m));
    multipart_read_all(m, &again, cuts);
    FUZZ_CHECK(first.n == again.n && memcmp(first.p, again.p, first.n) == 0);
    int64_t length = fy_multipart_length(m);
    FUZZ_CHECK(length < 0 || (size_t)length == first.n);
    multipart_check_text(m->boundary, &first, n);
    fuzz_bytes_free(&first);
    fuzz_bytes_free(&again);
}

static ferry_err multipart_put_all(
    fy_multipart *m, fuzz_input *in, fuzz_cuts cuts, size_t *n, fy_error *x)
{
    for (*n = 0; *n < MULTIPART_MOST && in->n; ++*n) {
        multipart_choose(&multipart_wishes[*n], in, cuts);
        fy_part p = multipart_part(&multipart_wishes[*n]);
        TRY(fy_multipart_put(m, &p, x));
    }
    return fy_multipart_end(m, x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned char chance[16] = {0xa5, 0x5a, 1, 2, 3};
    fuzz_input in = {data, size};
    fuzz_cuts cuts;
    memory m;
    fy_multipart mp;
    fy_error x = {.code = FERRY_OK};
    size_t n;
    uint8_t mode = fuzz_byte(&in);
    fuzz_cuts_init(&cuts, mode, fuzz_byte(&in));
    memory_init(&m);
    m.fail_at = fuzz_byte(&in) & 15;
    fy_multipart_init(&mp, &m.platform, chance);
    ferry_err e = multipart_put_all(&mp, &in, cuts, &n, &x);
    FUZZ_CHECK(x.code == e && (e != FERRY_ERR_NOMEM || m.fail_at));
    FUZZ_CHECK(e == FERRY_OK || e == FERRY_ERR_NOMEM || e == FERRY_ERR_USAGE);
    if (!e)
        multipart_check(&mp, n, cuts);
    fy_multipart_fini(&mp);
    FUZZ_CHECK(memory_is_clean(&m));
    return 0;
}
