/* servers.h - real servers for tests/live: children of the test, on free ports of
 * 127.0.0.1, each with a folder of its own that goes when the server does.
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_SERVERS_H
#define TESTS_SERVERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct server {
    const char *name; /* for messages */
    pid_t pid;
    int stop_signal; /* the one that ends it at once */
    char dir[64];    /* www/ below it is what nginx serves */
    char url[64];    /* "http://127.0.0.1:PORT", or https */
    /* nginx: the port that closes idle connections after a second; with TLS the one that
     * wants a certificate of its client. */
    char hasty[64];
} server;

/* Start, and wait until connections are taken. 0, or -1 after a line on standard error
 * that says what is missing: as a cmocka group's set-up should. */
int server_start_nginx(server *s);
int server_start_httpbin(server *s);
/* With TLS: `fill` puts own.pem, own.key and ca.pem into the server's folder. */
typedef bool server_fill(const server *s);
int server_start_nginx_tls(server *s, server_fill *fill);
/* openssl s_server -www, with these options more; the last is NULL. */
int server_start_openssl(server *s, server_fill *fill, const char *const *options);
/* End it, and remove its folder. 0, or -1 if it had ended before or did not obey. */
int server_stop(server *s);

/* Write a file below the server's folder; with `ptr` NULL a hole of `len` bytes. */
bool server_put_file(const server *s, const char *path, const void *ptr, size_t len);
/* A port of 127.0.0.1 that nobody listens at. */
unsigned server_free_port(void);

#endif
