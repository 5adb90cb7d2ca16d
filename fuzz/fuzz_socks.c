/* fuzz_socks.c - what a SOCKS proxy may answer: the same in every cut, never more taken
 * than wanted, and open only after the bytes that RFC 1928 and the SOCKS4 memo ask for.
 * The first byte chooses what is asked for, two more the cuts; the rest is the proxy's.
 * SPDX-License-Identifier: MIT */
#include "lib/fuzzing.h"
#include "proto/socks.h"

#include <stdlib.h>
#include <string.h>

typedef struct socks_run {
    memory memory;
    fy_buf out, said;
    fy_error error;
    ferry_err e;
    size_t taken;
} socks_run;

static fy_socks_wish socks_wish(uint8_t plan)
{
    fy_socks_wish w = {.is_v4 = plan & 1, .port = 443, .has_user = plan & 4};
    w.addr = (ferry_addr){.family = FERRY_IPV4, .bytes = {192, 0, 2, 1}};
    w.host = plan & 2 ? FY_S("h.test") : FY_S("");
    w.user = plan & 4 ? FY_S("ada") : FY_S("");
    w.password = plan & 8 ? FY_S("secret") : FY_S("");
    return w;
}

static void socks_play(
    socks_run *r, const fy_socks_wish *w, fuzz_input in, fuzz_cuts cuts)
{
    fy_socks s;
    memory_init(&r->memory);
    fy_buf_init(&r->out, &r->memory.platform, 4096);
    fy_buf_init(&r->said, &r->memory.platform, 4096);
    r->taken = 0;
    r->e = fy_socks_begin(&s, w, &r->out, &r->error);
    FUZZ_CHECK(r->e == FERRY_OK);
    r->e = FERRY_AGAIN;
    while (in.n && r->e == FERRY_AGAIN) {
        FUZZ_CHECK(s.wants > 0 && s.wants <= 257);
        size_t n = in.n < s.wants ? in.n : s.wants;
        n = fuzz_cut(&cuts, n);
        fy_buf_puts(&r->said, fy_buf_view(&r->out));
        fy_buf_clear(&r->out);
        char *piece = memory_exact((const char *)in.p, n);
        r->e = fy_socks_take(&s, (ferry_str){piece, n}, &r->out, &r->error);
        free(piece);
        in.p += n;
        in.n -= n;
        r->taken += n;
    }
    fy_buf_puts(&r->said, fy_buf_view(&r->out));
    FUZZ_CHECK((r->e == FERRY_OK) == (s.state == FY_SOCKS_OPEN));
    FUZZ_CHECK(r->e != FERRY_OK || s.wants == 0);
    FUZZ_CHECK(r->e == FERRY_OK || r->e == FERRY_AGAIN || r->e == FERRY_ERR_PROXY);
}

static void socks_end(socks_run *r)
{
    fy_buf_fini(&r->out);
    fy_buf_fini(&r->said);
    FUZZ_CHECK(memory_is_clean(&r->memory));
}

/* The length of an answer that opens, by the grammar; 0: these bytes are none. */
static size_t socks_model(const fy_socks_wish *w, const uint8_t *p, size_t n)
{
    size_t at = 2;
    if (w->is_v4)
        return n >= 8 && p[0] == 0 && p[1] == 90 ? 8 : 0;
    if (n < 2 || p[0] != 5 || (p[1] != 0 && !(p[1] == 2 && w->has_user)))
        return 0;
    if (p[1] == 2) {
        if (n < 4 || p[2] != 1 || p[3] != 0)
            return 0;
        at = 4;
    }
    if (n < at + 5 || p[at] != 5 || p[at + 1] != 0)
        return 0;
    uint8_t kind = p[at + 3];
    size_t len = kind == 1 ? 4 : kind == 4 ? 16 : kind == 3 ? 1 + (size_t)p[at + 4] : 0;
    return len && n >= at + 4 + len + 2 ? at + 4 + len + 2 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {data, size};
    fy_socks_wish w = socks_wish(fuzz_byte(&in));
    uint8_t mode = fuzz_byte(&in), seed = fuzz_byte(&in);
    fuzz_cuts cut, whole;
    socks_run a, b;
    fuzz_cuts_init(&cut, mode, seed);
    fuzz_cuts_init(&whole, 0, 0);
    socks_play(&a, &w, in, cut);
    socks_play(&b, &w, in, whole);
    FUZZ_CHECK(a.e == b.e && a.taken == b.taken);
    FUZZ_CHECK(fuzz_is_same(fy_buf_view(&a.said), fy_buf_view(&b.said)));
    size_t model = socks_model(&w, in.p, in.n);
    FUZZ_CHECK((a.e == FERRY_OK) == (model > 0));
    FUZZ_CHECK(!model || a.taken == model);
    socks_end(&a);
    socks_end(&b);
    return 0;
}
