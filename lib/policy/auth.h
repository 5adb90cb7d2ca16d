/* auth.h - who asks, as a request says it: schemes, and which challenge to answer (RFC
 * 9110 11, RFC 7617, RFC 6750).
 * policy. Knows credentials as text. Does not know where they come from.
 * SPDX-License-Identifier: MIT */
#ifndef FY_AUTH_H
#define FY_AUTH_H

#include "ferry.h"
#include "policy/digest.h"

/* May they be sent as Basic, or with a Digest: no control byte in either, and no colon in
 * the user (RFC 7617 2)? */
fy_api ferry_err fy_auth_check_user(ferry_str user, ferry_str password, fy_error *x);
/* A token for Bearer: visible ASCII, not empty. */
fy_api ferry_err fy_auth_check_token(ferry_str token, fy_error *x);

/* May this be given as an option? */
fy_api ferry_err fy_auth_check(const ferry_auth *a, fy_error *x);

/* A copy that owns its texts, to be freed with fy_auth_free(), which wipes them. */
fy_api ferry_err fy_auth_copy(
    ferry_auth *out, const ferry_platform *m, const ferry_auth *from, fy_error *x);
fy_api void fy_auth_free(ferry_auth *a, const ferry_platform *m);

/* Append the value of Authorization. */
fy_api void fy_auth_put_basic(fy_buf *out, ferry_str user, ferry_str password);
fy_api void fy_auth_put_bearer(fy_buf *out, ferry_str token);

/* Which schemes would be answered, as bits. */
enum { FY_AUTH_BASIC = 1, FY_AUTH_DIGEST = 2 };

/* The challenge to answer, of all in the fields called `name`: the strongest, and of
 * equals the first; Basic if there is no Digest. False if there is none. */
fy_api bool fy_auth_choose(fy_challenge *out, ferry_fields fields, ferry_str name,
    int schemes, const fy_hashes *hashes, bool can_hash_body);

#endif
