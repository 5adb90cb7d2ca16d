/* fuzz_https_resume.c - TLS sessions as bytes, from whoever kept them: refused whole, or
 * good enough to be written again and to be offered to a peer.
 * The first byte says how much of the frame is put around the rest: 0 nothing, 1 mark and
 * hash, 2 these and the head of one session. Behind 0xff 0x00 the rest is a peer's answer
 * to the hello that offers a session. SPDX-License-Identifier: MIT */
#include "lib/fuzzing.h"
#include "lib/machine.h"
#include "net/resume.h"

#include <stdlib.h>
#include <string.h>

enum { KEY = FY_MBED_SHA256, HEAD = KEY + 16, MARK = 8, MOST = 1 << 17 };

static machine resume_machine;
static mbedtls_ssl_config resume_conf;
static fy_mbed_chance resume_chance;

/* Once: what mbedTLS wants to know before it says hello. */
static void resume_set_up(void)
{
    static bool is_done;
    if (is_done)
        return;
    is_done = true;
    machine_init(&resume_machine);
    FUZZ_CHECK(!fy_mbed_chance_init(&resume_chance, &resume_machine.memory.platform));
    FUZZ_CHECK(!fy_mbed_start());
    mbedtls_ssl_config_init(&resume_conf);
    FUZZ_CHECK(!mbedtls_ssl_config_defaults(&resume_conf, MBEDTLS_SSL_IS_CLIENT,
        MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT));
    mbedtls_ssl_conf_authmode(&resume_conf, MBEDTLS_SSL_VERIFY_NONE);
    fy_mbed_use_chance(&resume_conf, &resume_chance);
    FUZZ_CHECK(fy_mbed_set_versions(&resume_conf, 0, 0));
}

/* --- the bytes ------------------------------------------------------------------- */

static void resume_put(fy_buf *out, fuzz_input in, unsigned frame)
{
    unsigned char hash[FY_MBED_SHA256], head[HEAD] = {0};
    if (frame > 0)
        fy_buf_puts(out, FY_S("ferrytl1"));
    for (int i = 0; i < 8; i++)
        head[KEY + 8 + i] = (unsigned char)((uint64_t)in.n >> 8 * i);
    if (frame > 1)
        fy_buf_put(out, head, sizeof head);
    fy_buf_put(out, in.p, in.n);
    FUZZ_CHECK(!out->failed && !fy_mbed_sha256(fy_buf_view(out), hash));
    if (frame > 0)
        fy_buf_put(out, hash, sizeof hash);
}

/* What is there, written; in a block of just that size. */
static char *resume_write(fy_resume *r, size_t *len)
{
    size_t got;
    int e = fy_resume_export(r, NULL, 0, len);
    FUZZ_CHECK(e == MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL && *len >= MARK + FY_MBED_SHA256);
    char *p = malloc(*len);
    FUZZ_CHECK(
        p && !fy_resume_export(r, (unsigned char *)p, *len, &got) && got == *len);
    FUZZ_CHECK(fy_resume_export(r, (unsigned char *)p, *len - 1, &got) ==
                   MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL &&
               got == *len);
    FUZZ_CHECK(!fy_resume_export(r, (unsigned char *)p, *len, &got));
    return p;
}

static void resume_round_trip(fy_resume *r)
{
    fy_resume again = {r->platform, NULL};
    size_t len, len_again;
    char *one = resume_write(r, &len);
    FUZZ_CHECK(!fy_resume_import(&again, (ferry_str){one, len}));
    char *two = resume_write(&again, &len_again);
    FUZZ_CHECK(len == len_again && memcmp(one, two, len) == 0);
    /* Taking in what is there already changes nothing. */
    FUZZ_CHECK(!fy_resume_import(&again, (ferry_str){one, len}));
    free(two);
    free(one);
    fy_resume_fini(&again);
}

/* --- a peer ---------------------------------------------------------------------- */

typedef struct peer_bytes {
    fuzz_input in;
    size_t sent;
} peer_bytes;

static int peer_take(void *ctx, const unsigned char *p, size_t n)
{
    peer_bytes *peer = ctx;
    FUZZ_CHECK(p && n);
    peer->sent += n;
    return (int)n;
}

static int peer_give(void *ctx, unsigned char *p, size_t n)
{
    peer_bytes *peer = ctx;
    n = n < peer->in.n ? n : peer->in.n;
    if (!n)
        return MBEDTLS_ERR_SSL_CONN_EOF;
    memcpy(p, peer->in.p, n);
    peer->in.p += n;
    peer->in.n -= n;
    return (int)n;
}

/* Whatever was imported, a hello goes out, and nobody is believed to be the peer. */
static void resume_offer(
    fy_resume *r, const unsigned char key[FY_MBED_SHA256], fuzz_input answer)
{
    mbedtls_ssl_context ssl;
    peer_bytes peer = {answer, 0};
    int64_t verified_ms = -1;
    mbedtls_ssl_init(&ssl);
    FUZZ_CHECK(!mbedtls_ssl_setup(&ssl, &resume_conf));
    FUZZ_CHECK(!mbedtls_ssl_set_hostname(&ssl, "a.test"));
    mbedtls_ssl_set_bio(&ssl, &peer, peer_take, peer_give, NULL);
    bool has_offered = fy_resume_offer(r, key, &ssl, "a.test", &verified_ms);
    FUZZ_CHECK(!has_offered || verified_ms <= fy_resume_now(r));
    FUZZ_CHECK(mbedtls_ssl_handshake(&ssl) != 0);
    FUZZ_CHECK(peer.sent > 0 || has_offered);
    mbedtls_ssl_free(&ssl);
}

static void resume_offer_some(fy_resume *r, fuzz_input answer)
{
    for (int i = 0; i < 2 && r->newest; i++) {
        unsigned char key[FY_MBED_SHA256];
        memcpy(key, r->newest->key, sizeof key);
        resume_offer(r, key, answer);
        resume_machine.now_ms += 3600000;
        fy_resume_drop(r, key);
    }
}

/* --- the target ------------------------------------------------------------------ */

static fuzz_input resume_cut_answer(fuzz_input *in)
{
    for (size_t i = 0; i + 1 < in->n; i++)
        if (in->p[i] == 0xff && in->p[i + 1] == 0) {
            fuzz_input answer = {in->p + i + 2, in->n - i - 2};
            in->n = i;
            return answer;
        }
    return (fuzz_input){in->p + in->n, 0};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {data, size};
    fy_buf blob;
    resume_set_up();
    unsigned frame = fuzz_byte(&in) % 3u;
    fuzz_input answer = resume_cut_answer(&in);
    const ferry_platform *m = &resume_machine.memory.platform;
    fy_resume r = {m, NULL};
    fy_buf_init(&blob, m, MOST);
    resume_machine.now_ms = 1000;
    resume_put(&blob, in, frame);
    int e = fy_resume_import(&r, fy_buf_view(&blob));
    FUZZ_CHECK(!e || !r.newest);
    if (!e) {
        resume_round_trip(&r);
        resume_offer_some(&r, answer);
    }
    fy_resume_fini(&r);
    fy_buf_fini(&blob);
    FUZZ_CHECK(memory_is_clean(&resume_machine.memory));
    return 0;
}
