/* tls_peer_mbedtls.h - a server in memory that speaks TLS: driven by the calls of the
 * client's transport, it answers each request, counts, and can be made to misbehave at
 * any byte. SPDX-License-Identifier: MIT */
#ifndef TESTS_TLS_PEER_MBEDTLS_H
#define TESTS_TLS_PEER_MBEDTLS_H

#include "lib/certs_mbedtls.h"

/* How a connection ends. */
typedef enum tls_end {
    TLS_STAYS,
    TLS_SAYS_CLOSE, /* close_notify, then the end */
    TLS_JUST_ENDS,
    TLS_RESETS
} tls_end;

typedef struct tls_peer {
    /* what to be like; set before the first connection */
    const cert *own;        /* with own->crt.next, if any */
    const cert *client_ca;  /* NULL: no client certificate is asked for */
    bool is_easy;           /* who shows none is served all the same */
    const char *answer;     /* to each request, as bytes of HTTP */
    size_t answer_len;      /* 0: strlen */
    size_t record;          /* most bytes of one record; 0: as many as there is room */
    tls_end end;            /* after each answer */
    size_t piece;           /* most bytes of one read or write below; 0: all */
    bool is_coy;            /* every other read and write below would wait */
    size_t cut_at;          /* after that many bytes sent, on each connection: */
    tls_end cut;            /* TLS_JUST_ENDS or TLS_RESETS */
    const char *says_plain; /* instead of TLS */
    const char *flood;      /* bytes instead of TLS, as fast as they are taken */
    size_t flood_len;
    size_t damages; /* that byte of those sent, from 1 */
    bool has_tickets;
    fy_mbed_listener *listener; /* is told the secrets; or NULL */
    int ciphers[4];
    /* seen */
    int dialled, live, handshakes, resumed, requests, closes;
    char sni[256], client[100], alpn[16];
    char request[8192];
    size_t sent; /* bytes on the last connection */
    int reads, writes;
    /* its own */
    bool is_ready;
    mbedtls_ssl_config conf;
    mbedtls_ssl_ticket_context tickets;
    const int *suites;
} tls_peer;

/* True while the server, not the client, calls mbedTLS. */
extern bool tls_peer_is_busy;

void tls_peer_init(tls_peer *p);
void tls_peer_free(tls_peer *p);
/* `p` must stay where it is. */
ferry_dialer tls_peer_dialer(tls_peer *p);

#endif
