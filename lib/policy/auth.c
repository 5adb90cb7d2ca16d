/* auth.c - who asks, as a request says it: schemes, and which challenge to answer (RFC
 * 9110 11, RFC 7617, RFC 6750).
 * policy. Knows credentials as text. Does not know where they come from.
 * SPDX-License-Identifier: MIT */
#include "policy/auth.h"

#include "proto/base64.h"
#include "proto/fields.h"

/* --- what callers give ----------------------------------------------------------- */

static ferry_auth auth_of_user(
    ferry_auth_kind kind, const char *user, const char *password)
{
    return (ferry_auth){.kind = kind, .user = user, .password = password};
}

ferry_auth ferry_basic(const char *user, const char *password)
{
    return auth_of_user(FERRY_AUTH_BASIC, user, password);
}

ferry_auth ferry_digest(const char *user, const char *password)
{
    return auth_of_user(FERRY_AUTH_DIGEST, user, password);
}

ferry_auth ferry_any_auth(const char *user, const char *password)
{
    return auth_of_user(FERRY_AUTH_ANY, user, password);
}

ferry_auth ferry_bearer(const char *token)
{
    return auth_of_user(FERRY_AUTH_BEARER, token, NULL);
}

ferry_auth ferry_auth_custom(
    int (*call)(void *ctx, ferry_draft *draft, const ferry_response *challenge),
    void *ctx)
{
    return (ferry_auth){.kind = FERRY_AUTH_CUSTOM, .call = call, .ctx = ctx};
}

ferry_auth ferry_no_auth(void)
{
    return (ferry_auth){.kind = FERRY_AUTH_NONE};
}

static ferry_err auth_misuse(const char *what, fy_error *x)
{
    return fy_fail(x, FERRY_ERR_USAGE, what, FY_NOWHERE);
}

ferry_err fy_auth_check(const ferry_auth *a, fy_error *x)
{
    switch (a->kind) {
    case FERRY_AUTH_INHERIT:
    case FERRY_AUTH_NONE: return FERRY_OK;
    case FERRY_AUTH_BASIC:
    case FERRY_AUTH_DIGEST:
    case FERRY_AUTH_ANY:
        if (!a->user && a->password)
            return auth_misuse("a password without a user", x);
        return fy_auth_check_user(fy_str(a->user), fy_str(a->password), x);
    case FERRY_AUTH_BEARER: return fy_auth_check_token(fy_str(a->user), x);
    case FERRY_AUTH_CUSTOM:
        return a->call ? FERRY_OK : auth_misuse(".auth without its function", x);
    }
    return auth_misuse(".auth is of no kind", x);
}

ferry_err fy_auth_copy(
    ferry_auth *out, const ferry_platform *m, const ferry_auth *from, fy_error *x)
{
    *out = *from;
    out->user = from->user ? fy_text_copy(m, fy_str(from->user)) : NULL;
    out->password = from->password ? fy_text_copy(m, fy_str(from->password)) : NULL;
    if (!out->user == !from->user && !out->password == !from->password)
        return FERRY_OK;
    fy_auth_free(out, m);
    return fy_fail_nomem(x);
}

void fy_auth_free(ferry_auth *a, const ferry_platform *m)
{
    fy_text_free(m, (char *)(uintptr_t)a->user);
    fy_text_free(m, (char *)(uintptr_t)a->password);
    *a = (ferry_auth){.kind = FERRY_AUTH_INHERIT};
}

/* --- what may be sent ------------------------------------------------------------ */

static bool auth_has_control(ferry_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7f)
            return true;
    return false;
}

ferry_err fy_auth_check_user(ferry_str user, ferry_str password, fy_error *x)
{
    if (auth_has_control(user) || auth_has_control(password))
        return fy_fail(
            x, FERRY_ERR_USAGE, "control byte in a user or password", FY_NOWHERE);
    if (user.len && memchr(user.ptr, ':', user.len))
        return fy_fail(x, FERRY_ERR_USAGE, "colon in a user", FY_NOWHERE);
    return FERRY_OK;
}

ferry_err fy_auth_check_token(ferry_str token, fy_error *x)
{
    for (size_t i = 0; i < token.len; i++)
        if (token.ptr[i] <= ' ' || token.ptr[i] >= 0x7f)
            return fy_fail(x, FERRY_ERR_USAGE,
                "a token holds a byte that is no visible ASCII", FY_NOWHERE);
    return token.len ? FERRY_OK
                     : fy_fail(x, FERRY_ERR_USAGE, "an empty token", FY_NOWHERE);
}

void fy_auth_put_basic(fy_buf *out, ferry_str user, ferry_str password)
{
    const ferry_str pieces[] = {user, FY_S(":"), password};
    fy_buf_puts(out, FY_S("Basic "));
    fy_base64_put(out, pieces, sizeof pieces / sizeof *pieces);
}

void fy_auth_put_bearer(fy_buf *out, ferry_str token)
{
    fy_buf_puts(out, FY_S("Bearer "));
    fy_buf_puts(out, token);
}

/* --- challenges ------------------------------------------------------------------ */

/* Basic is weaker than any Digest. */
static int auth_strength(
    const fy_challenge *c, int schemes, const fy_hashes *hashes, bool can_hash_body)
{
    int digest = schemes & FY_AUTH_DIGEST ? fy_digest_strength(c, hashes, can_hash_body)
                                          : 0;
    if (digest)
        return digest + 1;
    return schemes & FY_AUTH_BASIC && fy_str_eq_nocase(c->scheme, FY_S("Basic"));
}

bool fy_auth_choose(fy_challenge *out, ferry_fields fields, ferry_str name, int schemes,
    const fy_hashes *hashes, bool can_hash_body)
{
    int best = 0;
    for (size_t i = 0; i < fields.n; i++) {
        ferry_str value = fields.at[i].value;
        fy_challenge c;
        if (!fy_str_eq_nocase(fields.at[i].name, name))
            continue;
        while (fy_challenge_next(&value, &c)) {
            int strength = auth_strength(&c, schemes, hashes, can_hash_body);
            if (strength <= best)
                continue;
            best = strength;
            *out = c;
        }
    }
    return best > 0;
}
