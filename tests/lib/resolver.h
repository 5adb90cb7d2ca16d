/* resolver.h - a resolver that does as names say, for tests of lookups. A program that wants
 * it in place of the system's has these two functions, which the linker then prefers;
 * they stand in no archive, where other programs would find them, too:
 *
 *     int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
 *         struct addrinfo **out)
 *     {
 *         return resolver_ask(node, out);
 *     }
 *
 *     void freeaddrinfo(struct addrinfo *info)
 *     {
 *         resolver_free(info);
 *     }
 *
 * What a name begins with decides: "slow250." answers after so many milliseconds, "held."
 * once resolver_release() was called, "no." is refused. One with "hole." in it leads to
 * 127.0.0.9, all others to 127.0.0.1. SPDX-License-Identifier: MIT */
#ifndef TESTS_RESOLVER_H
#define TESTS_RESOLVER_H

#include <netdb.h>
#include <stdbool.h>

int resolver_ask(const char *name, struct addrinfo **out);
void resolver_free(struct addrinfo *info);

/* Forget what was seen; from now on "held." names wait. */
void resolver_reset(void);
void resolver_release(void);

/* How often it was asked for `name`; NULL: for any. */
int resolver_asked(const char *name);
/* Wait until so many are asking at once, for ten seconds at most. */
bool resolver_has_inside(int n);
/* The most that were. */
int resolver_most(void);
/* Was this the thread that asked last? */
bool resolver_was_here(void);
/* Would that thread have taken this signal? */
bool resolver_would_take(int signal);

#endif
