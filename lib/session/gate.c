/* gate.c - who asks a proxy, and what its 407 leads to (RFC 9110 11.7).
 * session. Knows proxies and challenges. Does not know how a request is sent.
 *
 * Rule: what a proxy has said is remembered for that proxy and that user, and for nobody
 * else; so no answer to one is ever sent to another. SPDX-License-Identifier: MIT */
#include "session/gate.h"

#include "net/hash.h"
#include "policy/auth.h"

enum { GATE_KEY_MAX = 1 << 15 };

/* --- what is remembered ---------------------------------------------------------- */

void fy_gates_init(fy_gates *g, const ferry_platform *m)
{
    *g = (fy_gates){.platform = m};
}

static void gate_fini(fy_gate *gate)
{
    fy_buf_fini(&gate->key);
    fy_digest_fini(&gate->digest);
}

void fy_gates_fini(fy_gates *g)
{
    for (size_t i = 0; i < g->n; i++)
        gate_fini(&g->at[i]);
    fy_gates_init(g, g->platform);
}

static bool gate_is_of(const fy_gate *gate, const fy_proxy *p)
{
    ferry_str key = fy_buf_view(&gate->key), url = fy_buf_view(&p->text);
    return key.len == url.len + p->user.len &&
           fy_str_eq(fy_str_upto(key, url.len), url) &&
           fy_str_eq(fy_str_from(key, url.len), p->user);
}

static fy_gate *gate_find(fy_gates *g, const fy_proxy *p)
{
    for (size_t i = 0; i < g->n; i++)
        if (gate_is_of(&g->at[i], p))
            return &g->at[i];
    return NULL;
}

static fy_gate *gate_make(fy_gates *g, const fy_proxy *p)
{
    fy_gate *gate = gate_find(g, p);
    if (gate)
        return gate;
    if (g->n < FY_GATES) {
        gate = &g->at[g->n++];
    } else {
        gate = &g->at[g->oldest];
        g->oldest = (g->oldest + 1) % FY_GATES;
        gate_fini(gate);
    }
    *gate = (fy_gate){.takes_basic = false};
    fy_buf_init(&gate->key, g->platform, GATE_KEY_MAX);
    fy_digest_init(&gate->digest, g->platform);
    fy_buf_puts(&gate->key, fy_buf_view(&p->text));
    fy_buf_puts(&gate->key, p->user);
    return gate->key.failed ? NULL : gate;
}

/* --- answering ------------------------------------------------------------------- */

static ferry_err gate_put_digest(fy_buf *out, const fy_gate_ask *who, fy_digest *d,
    ferry_str method, ferry_str uri, fy_error *x)
{
    static const char digits[] = "0123456789abcdef";
    const ferry_platform *m = who->gates->platform;
    unsigned char chance[FY_CNONCE_LEN / 2];
    char cnonce[FY_CNONCE_LEN];
    if (m->random(m->ctx, chance, sizeof chance))
        return fy_fail(x, FERRY_ERR_USAGE, "the platform has no entropy", FY_NOWHERE);
    for (size_t i = 0; i < sizeof chance; i++) {
        cnonce[2 * i] = digits[chance[i] >> 4];
        cnonce[2 * i + 1] = digits[chance[i] & 15];
    }
    const fy_digest_ask ask = {.user = who->proxy->user,
        .password = who->proxy->password,
        .method = method,
        .uri = uri,
        .body = {NULL, 0},
        .cnonce = {cnonce, sizeof cnonce}};
    return fy_digest_put(out, d, &ask, x);
}

static bool gate_is_basic(const fy_gate_ask *ask)
{
    return ask->kind == FERRY_PROXY_INHERIT || ask->kind == FERRY_PROXY_BASIC;
}

ferry_err fy_gate_put(
    fy_buf *out, const fy_gate_ask *ask, ferry_str method, ferry_str uri, fy_error *x)
{
    const fy_proxy *p = ask->proxy;
    fy_gate *gate = gate_is_basic(ask) ? NULL : gate_find(ask->gates, p);
    TRY(fy_auth_check_user(p->user, p->password, x));
    if (gate && gate->digest.hash)
        TRY(gate_put_digest(out, ask, &gate->digest, method, uri, x));
    else if (gate_is_basic(ask) || (gate && gate->takes_basic))
        fy_auth_put_basic(out, p->user, p->password);
    return fy_fail_buf(x, out, "user and password of a proxy too long");
}

/* --- challenges ------------------------------------------------------------------ */

/* One answer, and one more if its nonce had become too old meanwhile. */
static bool gate_may_answer(int *answers, bool is_stale)
{
    bool may = *answers == 0 || (is_stale && *answers == 1);
    *answers += may;
    return may;
}

ferry_err fy_gate_challenged(
    const fy_gate_ask *ask, ferry_fields fields, int *answers, bool *is_on, fy_error *x)
{
    const fy_hashes hashes = fy_hash_all();
    int schemes = FY_AUTH_DIGEST | (ask->kind == FERRY_PROXY_ANY ? FY_AUTH_BASIC : 0);
    fy_challenge challenge;
    *is_on = false;
    if (gate_is_basic(ask) || !ask->proxy->has_user ||
        !fy_auth_choose(
            &challenge, fields, FY_S("Proxy-Authenticate"), schemes, &hashes, false))
        return FERRY_OK;
    fy_gate *gate = gate_make(ask->gates, ask->proxy);
    if (!gate)
        return fy_fail_nomem(x);
    gate->takes_basic = !fy_str_eq_nocase(challenge.scheme, FY_S("Digest"));
    gate->digest.hash = NULL;
    if (!gate->takes_basic)
        TRY(fy_digest_read(&gate->digest, &challenge, &hashes, x));
    *is_on = gate_may_answer(answers, !gate->takes_basic && gate->digest.is_stale);
    return FERRY_OK;
}
