/* peername.h - is this certificate the peer's? Names and addresses of subjectAltName
 * against the one that was asked for (RFC 9525).
 * policy. Knows names as text and addresses as bytes. Does not know certificates.
 * SPDX-License-Identifier: MIT */
#ifndef FY_PEERNAME_H
#define FY_PEERNAME_H

#include "base/str.h"

enum { FY_PEERNAME_MAX = 253 }; /* RFC 1035 2.3.4 */

/* Who the peer must be: a name, or an address. */
typedef struct fy_peername {
    char dns[FY_PEERNAME_MAX + 1]; /* lower case, no dot at the end; "": an address */
    size_t dns_len;
    uint8_t address[16];
    size_t address_len; /* 4 or 16; 0: a name */
} fy_peername;

/* Read a host: a name, perhaps with a dot at its end, or a literal address, perhaps in
 * brackets or with a zone, which both say nothing about who it is. False if it is
 * neither: empty, too long, with a control byte, an address in an odd spelling. */
fy_api bool fy_peername_read(fy_peername *out, ferry_str host);

/* Does a dNSName of the certificate mean this peer (RFC 9525 6.3)? "*" may be the whole
 * leftmost label, stands for exactly one label, and needs two more behind it. */
fy_api bool fy_peername_is_dns(const fy_peername *peer, ferry_str presented);

/* Does an iPAddress of the certificate mean this peer (RFC 9525 6.4)? */
fy_api bool fy_peername_is_address(const fy_peername *peer, ferry_str presented);

#endif
