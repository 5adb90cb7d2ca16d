/* https_set_mbedtls.h - what tests of https have in common: a session over a server in
 * memory, and a CA. SPDX-License-Identifier: MIT */
#ifndef TESTS_HTTPS_SET_MBEDTLS_H
#define TESTS_HTTPS_SET_MBEDTLS_H

#include "ferry.h"
#include "lib/machine.h"
#include "lib/tls_peer_mbedtls.h"

typedef struct https_set {
    machine m;
    tls_peer peer;
    ferry_dialer dialer;
    ferry_session *s;
} https_set;

/* Made once for a program: keys take time. The server's is for a.test, 127.0.0.1, ::1
 * and any name below b.test. */
extern cert https_ca, https_own;
int https_make_certs(void **state);
int https_free_certs(void **state);

/* Begin: a server that is as it should be, and a session that trusts the CA. */
void https_begin(https_set *h);
/* End; 0 if nothing is left. */
int https_end(https_set *h);

/* A GET in one of two ways; the answer is dropped. */
ferry_err https_get(https_set *h, const char *url, bool is_stepped);
/* A begun transfer, driven to its end. */
ferry_err https_run(ferry_response *r);

#endif
