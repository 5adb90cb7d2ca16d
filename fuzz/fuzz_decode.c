/* fuzz_decode.c - any bytes as a coded body: the same in every cut and into rooms of
 * every size, never more than the room, and memory all given back. The first byte
 * chooses the codings, the second a failing allocation, two more the cuts. SPDX-License-Identifier: MIT */
#include "lib/fuzzing.h"
#include "proto/decode.h"

#include <stdlib.h>
#include <string.h>

enum { DECODE_MOST = 1 << 20 }; /* bytes that are looked at */

typedef struct decode_run {
    memory memory;
    fy_decode decode;
    fy_buf body;
    fy_error error;
    ferry_err e;
} decode_run;

static ferry_str decode_codings(uint8_t byte)
{
    static const char *const codings[] = {"gzip", "deflate", "gzip, gzip",
        "deflate, gzip", "gzip, deflate", "deflate,deflate,deflate,deflate,deflate",
        "br", "zstd", "br, gzip", "zstd, br"};
    return fy_str(codings[byte % (sizeof codings / sizeof *codings)]);
}

/* A room of `n` bytes in a block of its own. False when the run is over. */
static bool decode_some(decode_run *r, ferry_str *in, size_t n, bool *is_full)
{
    char *block = malloc(n);
    FUZZ_CHECK(block);
    fy_room room = {block, n};
    const char *behind = in->ptr + in->len;
    r->e = fy_decode_step(&r->decode, in, &room, &r->error);
    FUZZ_CHECK(room.left <= n && room.ptr == block + (n - room.left));
    FUZZ_CHECK(in->ptr + in->len == behind);
    *is_full = room.left == 0;
    FUZZ_CHECK(r->e || in->len == 0 || *is_full);
    int fail_at = r->memory.fail_at;
    r->memory.fail_at = 0;
    fy_buf_put(&r->body, block, n - room.left);
    r->memory.fail_at = fail_at;
    free(block);
    return !r->e && r->body.len < DECODE_MOST;
}

static bool decode_piece(decode_run *r, const uint8_t *p, size_t n, fuzz_cuts *rooms)
{
    char *piece = memory_exact((const char *)p, n);
    ferry_str in = {piece, n};
    bool is_full = true, goes_on = true;
    while (goes_on && (in.len || is_full))
        goes_on = decode_some(r, &in, fuzz_cut(rooms, 65536), &is_full);
    free(piece);
    return goes_on;
}

static void decode_all(
    decode_run *r, fuzz_input in, ferry_str codings, int fail_at, fuzz_cuts cuts)
{
    ferry_field field = {FY_S("Content-Encoding"), codings};
    fuzz_cuts rooms = cuts;
    memset(r, 0, sizeof *r);
    memory_init(&r->memory);
    fy_decode_init(&r->decode, &r->memory.platform);
    fy_buf_init(&r->body, &r->memory.platform, SIZE_MAX / 4);
    r->memory.fail_at = fail_at;
    r->e = fy_decode_begin(&r->decode, (ferry_fields){&field, 1}, INT64_MAX, &r->error);
    bool goes_on = !r->e;
    while (goes_on && in.n) {
        size_t n = fuzz_cut(&cuts, in.n);
        goes_on = decode_piece(r, in.p, n, &rooms);
        in.p += n;
        in.n -= n;
    }
    if (goes_on)
        r->e = fy_decode_end(&r->decode, &r->error);
}

static void decode_fini(decode_run *r)
{
    FUZZ_CHECK(r->e == FERRY_OK || r->error.code == r->e);
    fy_decode_fini(&r->decode);
    fy_buf_fini(&r->body);
    FUZZ_CHECK(memory_is_clean(&r->memory));
}

/* How much comes before an error is not the same where a library looks ahead; what
 * comes is. */
static void decode_check_same(const decode_run *a, const decode_run *b)
{
    size_t n = a->body.len < b->body.len ? a->body.len : b->body.len;
    FUZZ_CHECK(n == 0 || memcmp(a->body.ptr, b->body.ptr, n) == 0);
    if (a->body.len >= DECODE_MOST || b->body.len >= DECODE_MOST)
        return;
    FUZZ_CHECK(a->e == b->e);
    FUZZ_CHECK(a->e || a->body.len == b->body.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {data, size};
    decode_run whole, pieces;
    fuzz_cuts all, some;
    ferry_str codings = decode_codings(fuzz_byte(&in));
    uint8_t failure = fuzz_byte(&in), mode = fuzz_byte(&in), seed = fuzz_byte(&in);
    int fail_at = failure < 32 ? failure : 0;
    fuzz_cuts_init(&all, 0, 0);
    fuzz_cuts_init(&some, mode, seed);
    decode_all(&whole, in, codings, fail_at, all);
    decode_all(&pieces, in, codings, fail_at, some);
    if (!fail_at)
        decode_check_same(&whole, &pieces);
    decode_fini(&whole);
    decode_fini(&pieces);
    return 0;
}
