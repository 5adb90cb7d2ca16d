/* socks.h - asking a SOCKS proxy for a connection: SOCKS4, SOCKS4a, SOCKS5 (RFC 1928)
 * with user and password (RFC 1929).
 * proto. Bytes in, bytes out. Does not know sockets, time, or who resolves names.
 * SPDX-License-Identifier: MIT */
#ifndef FY_SOCKS_H
#define FY_SOCKS_H

#include "base/error.h"

/* Where to. The texts must stay until the end of the handshake. */
typedef struct fy_socks_wish {
    bool is_v4;
    ferry_str host;  /* for the proxy to look up; empty: `addr` */
    ferry_addr addr; /* SOCKS4 has IPv4 only */
    uint16_t port;
    bool has_user;
    ferry_str user, password; /* decoded; SOCKS4 has no password */
} fy_socks_wish;

typedef enum fy_socks_state {
    FY_SOCKS_REPLY4,  /* version and code of SOCKS4, with the bytes behind them */
    FY_SOCKS_METHOD,  /* which way to say who we are (RFC 1928 3) */
    FY_SOCKS_LOGIN,   /* whether that was right (RFC 1929 2) */
    FY_SOCKS_CODE,    /* the reply: version and code (RFC 1928 6), ... */
    FY_SOCKS_ADDRESS, /* ... the kind of an address and its first byte, ... */
    FY_SOCKS_REST,    /* ... and what is left of it */
    FY_SOCKS_OPEN
} fy_socks_state;

typedef struct fy_socks {
    const fy_socks_wish *wish;
    fy_socks_state state;
    size_t wants; /* so many bytes more, and never one of the peer behind the proxy */
    size_t got;
    uint8_t in[3];
} fy_socks;

/* Append to `out` what is said first. FERRY_ERR_PROXY: it cannot be said in this protocol
 * (a name or user of more than 255 bytes, IPv6 with SOCKS4), or what the buffer
 * latched. */
fy_api ferry_err fy_socks_begin(
    fy_socks *s, const fy_socks_wish *wish, fy_buf *out, fy_error *x);

/* Take `bytes`, one at least and s->wants at most. FERRY_AGAIN: send what was appended to
 * `out`, if anything, and read on. FERRY_OK: what follows is the peer's.
 * FERRY_ERR_PROXY: refused, or not SOCKS. */
fy_api ferry_err fy_socks_take(fy_socks *s, ferry_str bytes, fy_buf *out, fy_error *x);

#endif
