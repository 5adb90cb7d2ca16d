/* fuzz_tunnel.c - what a proxy may answer to CONNECT: the same in every cut, and open only
 * behind a 2xx, with no byte taken that follows it.
 * Two bytes choose the cuts; the rest is the proxy's. SPDX-License-Identifier: MIT */
#include "lib/fuzzing.h"
#include "proto/tunnel.h"

#include <stdlib.h>
#include <string.h>

typedef struct tunnel_run {
    memory memory;
    fy_buf in;
    fy_tunnel tunnel;
    fy_error error;
    ferry_err e;
    size_t taken;
} tunnel_run;

static void tunnel_play(tunnel_run *r, fuzz_input in, fuzz_cuts cuts)
{
    memory_init(&r->memory);
    fy_buf_init(&r->in, &r->memory.platform, FY_TUNNEL_HEAD);
    fy_tunnel_init(&r->tunnel, &r->memory.platform);
    r->taken = 0;
    r->error = (fy_error){.code = FERRY_OK};
    r->e = fy_tunnel_take(&r->tunnel, &r->in, &r->error);
    FUZZ_CHECK(r->e == FERRY_AGAIN);
    while (in.n && r->e == FERRY_AGAIN) {
        size_t n = fuzz_cut(&cuts, in.n), most = fy_tunnel_wants(&r->in);
        FUZZ_CHECK(most > 0 && most <= FY_TUNNEL_HEAD - r->in.len);
        n = n < most ? n : most;
        fy_buf_put(&r->in, in.p, n);
        in.p += n;
        in.n -= n;
        r->taken += n;
        r->e = fy_tunnel_take(&r->tunnel, &r->in, &r->error);
    }
    FUZZ_CHECK(r->e == FERRY_OK || r->e == FERRY_AGAIN || r->e == r->error.code);
}

static void tunnel_end(tunnel_run *r)
{
    fy_buf_fini(&r->in);
    fy_tunnel_fini(&r->tunnel);
    FUZZ_CHECK(memory_is_clean(&r->memory));
}

static void tunnel_check(const tunnel_run *r)
{
    const fy_head *h = &r->tunnel.head;
    if (r->e == FERRY_OK)
        FUZZ_CHECK(h->status / 100 == 2 && r->in.len >= 2 &&
                   memcmp(r->in.ptr + r->in.len - 2, "\r\n", 2) == 0);
    if (r->e == FERRY_OK || (r->e == FERRY_ERR_PROXY && r->error.status))
        for (size_t i = 0; i < h->fields.n; i++)
            fuzz_check_field(&h->fields.at[i], r->in.ptr, r->in.len);
    FUZZ_CHECK(r->e == FERRY_OK || r->e == FERRY_AGAIN || r->e == FERRY_ERR_PROXY ||
               r->e == FERRY_ERR_LIMIT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {data, size};
    uint8_t mode = fuzz_byte(&in), seed = fuzz_byte(&in);
    fuzz_cuts cut, single;
    tunnel_run a, b;
    fuzz_cuts_init(&cut, mode, seed);
    fuzz_cuts_init(&single, 1, 0);
    tunnel_play(&a, in, cut);
    tunnel_play(&b, in, single);
    tunnel_check(&a);
    tunnel_check(&b);
    /* What is no answer at all is seen sooner byte by byte. */
    FUZZ_CHECK(a.e == b.e && (a.taken == b.taken || !a.error.status));
    FUZZ_CHECK(a.e != FERRY_OK || a.taken == b.taken);
    tunnel_end(&a);
    tunnel_end(&b);
    return 0;
}
