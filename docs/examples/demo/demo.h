/* demo.h - what the steps of the tour share.
 *
 *     demo.c           the table of steps, the server around it, printing
 *     demo_request.c   what a session puts into its requests
 *     demo_auth.c      who asks
 *     demo_transfer.c  connections, streams, errors
 *     demo_policy.c    redirects and retries
 *     demo_https_*.c   TLS, with a server of its own; which one, the build says
 *     server.c, server_http.c   the server
 * SPDX-License-Identifier: MIT */
#ifndef DEMO_H
#define DEMO_H

#include "ferry.h"
#include "server.h"

#include <string.h>

typedef struct demo {
    char base[64]; /* "http://127.0.0.1:PORT" */
    int failed;    /* checks that did not hold */
    bool colors;
} demo;

/* One stop of the tour: a title, the call it is about, and the code that does it. */
typedef struct demo_step {
    const char *title;
    const char *call;
    void (*run)(demo *d);
} demo_step;

void demo_headers(demo *d);
void demo_params(demo *d);
void demo_form(demo *d);
void demo_login(demo *d);
void demo_mount(demo *d);
void demo_auth(demo *d);
void demo_digest(demo *d);
void demo_pool(demo *d);
void demo_stream(demo *d);
void demo_redirects(demo *d);
void demo_retries(demo *d);
void demo_https(demo *d);
void demo_errors(demo *d);

/* base + path, in one of two buffers: good until the next call but one. */
const char *demo_url(const demo *d, const char *path);
/* Print the sentence as a checked fact, or as a failure that ends in exit code 1. */
void demo_check(demo *d, bool holds, const char *format, ...);
/* Check that a call of ferry went well; else print ferry_explain(). */
bool demo_went_well(demo *d, ferry_err e, const ferry_session *s);
/* Print the lines of a request that the server sent back. */
void demo_show_request(const demo *d, const ferry_response *r);
void demo_note(const demo *d, const char *format, ...);
double demo_now(void); /* seconds */

#endif
