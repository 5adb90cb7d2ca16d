/* gate.c - who asks a proxy, and what its 407 leads to (RFC 9110 11.7).
 * session. Knows proxies and challenges. Does not know how a request is sent.
 * SPDX-License-Identifier: MIT */
#include "session/gate.h"

#include "net/hash.h"

static fy_space_key gate_key(const fy_gate_ask *ask)
{
    const fy_proxy *p = ask->proxy;
    return (fy_space_key){fy_buf_view(&p->text), p->zone, ask->dialer_id, p->user};
}

static bool gate_is_basic(const fy_gate_ask *ask)
{
    return ask->kind == FERRY_PROXY_INHERIT || ask->kind == FERRY_PROXY_BASIC;
}

ferry_err fy_gate_put(
    fy_buf *out, const fy_gate_ask *ask, ferry_str method, ferry_str uri, fy_error *x)
{
    const fy_proxy *p = ask->proxy;
    const fy_space_key key = gate_key(ask);
    const fy_digest_ask digest = {
        .user = p->user, .password = p->password, .method = method, .uri = uri};
    TRY(fy_auth_check_user(p->user, p->password, x));
    if (gate_is_basic(ask))
        fy_auth_put_basic(out, p->user, p->password);
    else
        TRY(fy_spaces_put(
            out, ask->gates, &key, ask->kind == FERRY_PROXY_ANY, digest, x));
    return fy_fail_buf(x, out, "user and password of a proxy too long");
}

ferry_err fy_gate_challenged(const fy_gate_ask *ask, ferry_fields fields,
    ferry_str said, int *answers, bool *is_on, fy_error *x)
{
    const fy_hashes hashes = fy_hash_all();
    const fy_space_key key = gate_key(ask);
    const fy_spaces_refusal refusal = {.fields = fields,
        .name = FY_S("Proxy-Authenticate"),
        .said = said,
        .schemes = FY_AUTH_DIGEST | (ask->kind == FERRY_PROXY_ANY ? FY_AUTH_BASIC : 0)};
    *is_on = false;
    if (gate_is_basic(ask) || !ask->proxy->has_user)
        return FERRY_OK;
    return fy_spaces_refused(ask->gates, &key, &refusal, &hashes, answers, is_on, x);
}
