/* https_set_mbedtls.c - what tests of https have in common.
 * SPDX-License-Identifier: MIT */
#include "lib/https_set_mbedtls.h"

#include <stdio.h>
#include <string.h>

cert https_ca, https_own;

int https_make_certs(void **state)
{
    static const unsigned char v4[] = {127, 0, 0, 1}, v6[16] = {[15] = 1};
    (void)state;
    cert_make(&https_ca, &(cert_wish){.common_name = "Test CA", .is_ca = true});
    cert_make(&https_own, &(cert_wish){.issuer = &https_ca,
                              .common_name = "wrong",
                              .dns = {"a.test", "*.b.test"},
                              .ipv4 = v4,
                              .ipv6 = v6});
    return 0;
}

int https_free_certs(void **state)
{
    (void)state;
    cert_free(&https_ca);
    cert_free(&https_own);
    return 0;
}

void https_begin(https_set *h)
{
    memset(h, 0, sizeof *h);
    machine_init(&h->m);
    tls_peer_init(&h->peer);
    h->peer.own = &https_own;
    h->dialer = tls_peer_dialer(&h->peer);
    h->s = ferry_session_new(.platform = &h->m.memory.platform, .transport = &h->dialer,
        .trust_env = FERRY_OFF, .ca_pem = {https_ca.pem, strlen(https_ca.pem)});
}

int https_end(https_set *h)
{
    ferry_session_free(h->s);
    tls_peer_free(&h->peer);
    if (h->peer.live)
        fprintf(stderr, "%d connections are left open\n", h->peer.live);
    return memory_is_clean(&h->m.memory) && h->peer.live == 0 ? 0 : -1;
}

ferry_err https_run(ferry_response *r)
{
    ferry_wait w;
    ferry_err e;
    int steps = 0;
    while ((e = ferry_step(r, &w)) == FERRY_AGAIN)
        if (++steps > 100000)
            return FERRY_AGAIN;
    return e;
}

ferry_err https_get(https_set *h, const char *url, bool is_stepped)
{
    ferry_response *r = NULL;
    ferry_err e = is_stepped ? ferry_begin(h->s, url, &r) : ferry_get(h->s, url, &r);
    if (!e && is_stepped)
        e = https_run(r);
    ferry_response_free(r);
    return e;
}
