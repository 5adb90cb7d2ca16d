/* socks.c - asking a SOCKS proxy for a connection: SOCKS4, SOCKS4a, SOCKS5 (RFC 1928)
 * with user and password (RFC 1929).
 * proto. Bytes in, bytes out. Does not know sockets, time, or who resolves names.
 *
 * Rule: the machine says how many bytes it wants, and that is never more than the proxy
 * must still send; so nothing of the peer behind it is ever taken.
 * SPDX-License-Identifier: MIT */
#include "proto/socks.h"

#include <string.h>

enum {
    SOCKS_V4 = 4,
    SOCKS_V5 = 5,
    SOCKS_LOGIN_VERSION = 1,
    SOCKS_CONNECT = 1,
    SOCKS_NO_LOGIN = 0,
    SOCKS_WITH_PASSWORD = 2,
    SOCKS_NO_METHOD = 0xff,
    SOCKS_IPV4 = 1,
    SOCKS_NAME = 3,
    SOCKS_IPV6 = 4,
    SOCKS_GRANTED4 = 90,
    SOCKS_MOST = 255 /* what one byte of length can say */
};

static ferry_err socks_fail(fy_error *x, const char *what)
{
    return fy_fail(x, FERRY_ERR_PROXY, what, FY_NOWHERE);
}

static void socks_put(fy_buf *out, unsigned byte)
{
    fy_buf_putc(out, (char)(unsigned char)byte);
}

static void socks_put_port(fy_buf *out, uint16_t port)
{
    socks_put(out, port >> 8);
    socks_put(out, port & 0xff);
}

static void socks_put_counted(fy_buf *out, ferry_str s)
{
    socks_put(out, (unsigned)s.len);
    fy_buf_puts(out, s);
}

static bool socks_has_nul(ferry_str s)
{
    return s.len && memchr(s.ptr, '\0', s.len);
}

/* --- what is said ---------------------------------------------------------------- */

/* VN CD DSTPORT DSTIP USERID NUL [ name NUL ]: with SOCKS4a an address 0.0.0.x, which is
 * none, says that a name follows. */
static ferry_err socks_put_request4(const fy_socks_wish *w, fy_buf *out, fy_error *x)
{
    static const uint8_t by_name[4] = {0, 0, 0, 1};
    if (!w->host.len && w->addr.family != FERRY_IPV4)
        return socks_fail(x, "SOCKS4 has no IPv6");
    if (socks_has_nul(w->user) || socks_has_nul(w->host))
        return socks_fail(x, "SOCKS4 has no NUL in names");
    if (w->user.len > SOCKS_MOST || w->host.len > SOCKS_MOST)
        return socks_fail(x, "name or user longer than 255 bytes");
    socks_put(out, SOCKS_V4);
    socks_put(out, SOCKS_CONNECT);
    socks_put_port(out, w->port);
    fy_buf_put(out, w->host.len ? by_name : w->addr.bytes, sizeof by_name);
    if (w->has_user)
        fy_buf_puts(out, w->user);
    socks_put(out, 0);
    if (w->host.len) {
        fy_buf_puts(out, w->host);
        socks_put(out, 0);
    }
    return FERRY_OK;
}

/* VER NMETHODS METHODS (RFC 1928 3) */
static ferry_err socks_put_greeting(const fy_socks_wish *w, fy_buf *out, fy_error *x)
{
    if (w->host.len > SOCKS_MOST)
        return socks_fail(x, "SOCKS has no names longer than 255 bytes");
    if (w->has_user && (!w->user.len || w->user.len > SOCKS_MOST))
        return socks_fail(x, "a SOCKS5 user has 1 to 255 bytes");
    if (w->has_user && w->password.len > SOCKS_MOST)
        return socks_fail(x, "a SOCKS5 password has 255 bytes at most");
    socks_put(out, SOCKS_V5);
    socks_put(out, w->has_user ? 2 : 1);
    socks_put(out, SOCKS_NO_LOGIN);
    if (w->has_user)
        socks_put(out, SOCKS_WITH_PASSWORD);
    return FERRY_OK;
}

/* VER ULEN UNAME PLEN PASSWD (RFC 1929 2) */
static void socks_put_login(const fy_socks_wish *w, fy_buf *out)
{
    socks_put(out, SOCKS_LOGIN_VERSION);
    socks_put_counted(out, w->user);
    socks_put_counted(out, w->password);
}

/* VER CMD RSV ATYP DST.ADDR DST.PORT (RFC 1928 4) */
static void socks_put_request5(const fy_socks_wish *w, fy_buf *out)
{
    bool is_v4 = w->addr.family == FERRY_IPV4;
    socks_put(out, SOCKS_V5);
    socks_put(out, SOCKS_CONNECT);
    socks_put(out, 0);
    socks_put(out, w->host.len ? SOCKS_NAME : is_v4 ? SOCKS_IPV4 : SOCKS_IPV6);
    if (w->host.len)
        socks_put_counted(out, w->host);
    else
        fy_buf_put(out, w->addr.bytes, is_v4 ? 4 : 16);
    socks_put_port(out, w->port);
}

ferry_err fy_socks_begin(
    fy_socks *s, const fy_socks_wish *wish, fy_buf *out, fy_error *x)
{
    *s = (fy_socks){.wish = wish,
        .state = wish->is_v4 ? FY_SOCKS_REPLY4 : FY_SOCKS_METHOD,
        .wants = wish->is_v4 ? 8 : 2};
    TRY(wish->is_v4 ? socks_put_request4(wish, out, x)
                    : socks_put_greeting(wish, out, x));
    return fy_fail_buf(x, out, "request to the proxy too long");
}

/* --- what is answered ------------------------------------------------------------ */

static ferry_err socks_next(fy_socks *s, fy_socks_state state, size_t wants)
{
    s->state = state;
    s->wants = wants;
    s->got = 0;
    return FERRY_AGAIN;
}

static const char *socks_text4(uint8_t code)
{
    switch (code) {
    case 91: return "the SOCKS4 proxy refused or failed";
    case 92: return "the SOCKS4 proxy could not ask who the user is";
    case 93: return "the SOCKS4 proxy heard of another user";
    default: return "the SOCKS4 proxy answered with an unknown code";
    }
}

static const char *socks_text5(uint8_t code)
{
    switch (code) {
    case 1: return "the SOCKS5 proxy failed";
    case 2: return "the SOCKS5 proxy does not allow this connection";
    case 3: return "the SOCKS5 proxy found the network unreachable";
    case 4: return "the SOCKS5 proxy found the host unreachable";
    case 5: return "the SOCKS5 proxy was refused by the host";
    case 6: return "the SOCKS5 proxy ran out of hops";
    case 7: return "the SOCKS5 proxy does not connect";
    case 8: return "the SOCKS5 proxy does not know this kind of address";
    default: return "the SOCKS5 proxy answered with an unknown code";
    }
}

static ferry_err socks_take_reply4(fy_socks *s, fy_error *x)
{
    if (s->in[0] != 0)
        return socks_fail(x, "not the answer of a SOCKS4 proxy");
    if (s->in[1] != SOCKS_GRANTED4)
        return socks_fail(x, socks_text4(s->in[1]));
    s->state = FY_SOCKS_OPEN;
    return FERRY_OK;
}

/* VER METHOD */
static ferry_err socks_take_method(fy_socks *s, fy_buf *out, fy_error *x)
{
    if (s->in[0] != SOCKS_V5)
        return socks_fail(x, "not the answer of a SOCKS5 proxy");
    if (s->in[1] == SOCKS_NO_METHOD)
        return socks_fail(x, s->wish->has_user
                                 ? "the SOCKS5 proxy takes no user and password"
                                 : "the SOCKS5 proxy wants to know who asks");
    if (s->in[1] == SOCKS_NO_LOGIN) {
        socks_put_request5(s->wish, out);
        return socks_next(s, FY_SOCKS_CODE, 2);
    }
    if (s->in[1] != SOCKS_WITH_PASSWORD || !s->wish->has_user)
        return socks_fail(x, "the SOCKS5 proxy chose what was not offered");
    socks_put_login(s->wish, out);
    return socks_next(s, FY_SOCKS_LOGIN, 2);
}

/* VER STATUS */
static ferry_err socks_take_login(fy_socks *s, fy_buf *out, fy_error *x)
{
    if (s->in[0] != SOCKS_LOGIN_VERSION)
        return socks_fail(x, "not the answer of a SOCKS5 proxy to a password");
    if (s->in[1] != 0)
        return socks_fail(x, "the SOCKS5 proxy refused user and password");
    socks_put_request5(s->wish, out);
    return socks_next(s, FY_SOCKS_CODE, 2);
}

/* VER REP. Some proxies that refuse send no more than that. */
static ferry_err socks_take_code(fy_socks *s, fy_error *x)
{
    if (s->in[0] != SOCKS_V5)
        return socks_fail(x, "not the reply of a SOCKS5 proxy");
    if (s->in[1] != 0)
        return socks_fail(x, socks_text5(s->in[1]));
    return socks_next(s, FY_SOCKS_ADDRESS, 3);
}

/* RSV ATYP, and the first byte of BND.ADDR. BND.PORT follows the address. */
static ferry_err socks_take_address(fy_socks *s, fy_error *x)
{
    switch (s->in[1]) {
    case SOCKS_IPV4: return socks_next(s, FY_SOCKS_REST, 3 + 2);
    case SOCKS_IPV6: return socks_next(s, FY_SOCKS_REST, 15 + 2);
    case SOCKS_NAME: return socks_next(s, FY_SOCKS_REST, (size_t)s->in[2] + 2);
    default: return socks_fail(x, "the SOCKS5 proxy names an unknown kind of address");
    }
}

/* All that this state wants is here, or as much of it as is looked at. */
static ferry_err socks_step(fy_socks *s, fy_buf *out, fy_error *x)
{
    switch (s->state) {
    case FY_SOCKS_REPLY4: return socks_take_reply4(s, x);
    case FY_SOCKS_METHOD: return socks_take_method(s, out, x);
    case FY_SOCKS_LOGIN: return socks_take_login(s, out, x);
    case FY_SOCKS_CODE: return socks_take_code(s, x);
    case FY_SOCKS_ADDRESS: return socks_take_address(s, x);
    case FY_SOCKS_REST:
    case FY_SOCKS_OPEN: break;
    }
    s->state = FY_SOCKS_OPEN;
    return FERRY_OK;
}

ferry_err fy_socks_take(fy_socks *s, ferry_str bytes, fy_buf *out, fy_error *x)
{
    for (size_t i = 0; i < bytes.len; i++, s->got++)
        if (s->got < sizeof s->in)
            s->in[s->got] = (uint8_t)bytes.ptr[i];
    s->wants -= bytes.len;
    if (s->wants)
        return FERRY_AGAIN;
    ferry_err e = socks_step(s, out, x);
    if (e == FERRY_AGAIN && out->failed)
        return fy_fail_buf(x, out, "request to the proxy too long");
    return e;
}
