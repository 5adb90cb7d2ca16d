/* tickets.c - TLS sessions, out of this process and into another.
 * session. Knows the calls. Does not know what is written.
 * SPDX-License-Identifier: MIT */
#include "session/session.h"
#include "session/transfer.h"

static ferry_err tickets_export(
    ferry_session *s, void *out, size_t room, size_t *len, fy_error *x)
{
    if (!len || (!out && room))
        return fy_fail(x, FERRY_ERR_USAGE, "no place for the sessions", FY_NOWHERE);
    return fy_tls_export(s->tls, out, room, len, x);
}

ferry_err ferry_tls_export(ferry_session *s, void *out, size_t room, size_t *len)
{
    fy_error x;
    TRY(fy_session_enter(s));
    ferry_err e = tickets_export(s, out, room, len, &x);
    return fy_session_leave(s, e ? fy_session_fail(s, &x, NULL) : FERRY_OK);
}

ferry_err ferry_tls_import(ferry_session *s, const void *blob, size_t len)
{
    fy_error x;
    TRY(fy_session_enter(s));
    ferry_err e = blob
                      ? fy_tls_import(&s->tls, &s->platform, (ferry_str){blob, len}, &x)
                      : fy_fail(&x, FERRY_ERR_USAGE, "no sessions", FY_NOWHERE);
    return fy_session_leave(s, e ? fy_session_fail(s, &x, NULL) : FERRY_OK);
}
