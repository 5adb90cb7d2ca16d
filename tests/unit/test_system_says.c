/* test_system_says.c - what a system answers that no test can make it answer: its
 * resolver, connect(), rename() and getentropy() are this program's own.
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "lib/memory.h"
#include "net/file.h"
#include "net/system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* --- the system ------------------------------------------------------------------ */

static int answer, number; /* of the resolver; errno of either */
static struct addrinfo *found;
static bool is_slow; /* the first connect() of a connection only begins it */

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
    struct addrinfo **out)
{
    (void)node, (void)service, (void)hints;
    *out = found;
    errno = number;
    return answer;
}

void freeaddrinfo(struct addrinfo *info)
{
    (void)info;
}

int connect(int fd, const struct sockaddr *address, socklen_t len)
{
    (void)fd, (void)address, (void)len;
    errno = is_slow ? EINPROGRESS : number;
    is_slow = false;
    return -1;
}

int rename(const char *from, const char *to)
{
    (void)from, (void)to;
    errno = number;
    return -1;
}

int getentropy(void *p, size_t n)
{
    (void)p, (void)n;
    errno = number;
    return -1;
}

/* --- names ----------------------------------------------------------------------- */

static void a_resolver_that_fails_says_how(void **state)
{
    static const struct {
        int answer, number, os;
        const char *what;
    } cases[] = {
        {EAI_NONAME, ENOENT, 0, "no such host"},
        {EAI_AGAIN, ENOENT, 0, "the name servers do not answer"},
        {EAI_FAIL, ENOENT, 0, "the name servers refuse"},
        {EAI_MEMORY, ENOMEM, 0, "no memory to look the name up"},
        {EAI_SYSTEM, EMFILE, EMFILE, "the resolver failed"},
        {EAI_SERVICE, ENOENT, 0, "the resolver failed"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        ferry_addr addr;
        ferry_fault fault = {FERRY_OK, 77, NULL};
        answer = cases[i].answer;
        number = cases[i].number;
        assert_int_equal(fy_system_resolve("a.test", &addr, 1, &fault), -1);
        assert_int_equal(fault.code, FERRY_ERR_NAME);
        assert_int_equal(fault.os, cases[i].os);
        assert_string_equal(fault.what, cases[i].what);
    }
}

static void addresses_of_other_families_are_passed_over(void **state)
{
    struct sockaddr other = {.sa_family = AF_UNIX};
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct addrinfo second = {.ai_addr = (struct sockaddr *)(void *)&v4};
    struct addrinfo first = {.ai_addr = &other, .ai_next = &second};
    ferry_addr addrs[2];
    ferry_fault fault;
    (void)state;
    memcpy(&v4.sin_addr, "\x7f\0\0\x09", 4);
    answer = 0;
    found = &first;
    assert_int_equal(fy_system_resolve("a.test", addrs, 2, &fault), 1);
    assert_int_equal(addrs[0].family, FERRY_IPV4);
    assert_int_equal(addrs[0].bytes[3], 9);
    first.ai_next = NULL;
    assert_int_equal(fy_system_resolve("a.test", addrs, 2, &fault), 0);
}

/* --- connections ----------------------------------------------------------------- */

static void a_connection_that_fails_at_once_or_later_says_why(void **state)
{
    static const struct {
        int number;
        const char *what;
    } cases[] = {
        {ECONNREFUSED, "connection refused"},
        {ETIMEDOUT, "the network gave up"},
        {ENETUNREACH, "network unreachable"},
        {EHOSTUNREACH, "host unreachable"},
        {EADDRNOTAVAIL, "no free local port or address"},
        {EACCES, "not allowed"},
        {EPERM, "not allowed"},
        {EAGAIN, "the listener has no room"},
        {ENOPROTOOPT, "this system cannot choose an interface"},
        {EBADF, "socket error"},
    };
    static const ferry_addr here = {.family = FERRY_IPV4, .bytes = {127, 0, 0, 1}};
    static const fy_dialing as_usual;
    memory m;
    (void)state;
    memory_init(&m);
    for (size_t i = 0; i < COUNT(cases); i++) {
        ferry_transport *t = NULL;
        ferry_fault fault = {FERRY_OK, 0, NULL};
        number = cases[i].number;
        assert_int_equal(
            fy_system_dial(&m.platform, &here, 9, &as_usual, &t, &fault), -1);
        assert_null(t);
        assert_int_equal(fault.os, cases[i].number);
        assert_string_equal(fault.what, cases[i].what);
        is_slow = true;
        assert_int_equal(
            fy_system_dial(&m.platform, &here, 9, &as_usual, &t, &fault), 0);
        assert_int_equal(t->calls->open(t), FERRY_FAILED);
        assert_int_equal(t->fault.os, cases[i].number);
        assert_string_equal(t->fault.what, cases[i].what);
        t->calls->close(t);
    }
    assert_true(memory_is_clean(&m));
}

/* --- files and chance ------------------------------------------------------------ */

static int give_zeros(void *ctx, void *p, size_t n)
{
    (void)ctx;
    memset(p, 0, n);
    return 0;
}

static void a_file_that_cannot_be_replaced_leaves_none_beside_it(void **state)
{
    char folder[] = "/tmp/ferry-says-XXXXXX", path[64];
    memory m;
    fy_error x;
    (void)state;
    memory_init(&m);
    ferry_platform with_chance = m.platform;
    with_chance.random = give_zeros;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    number = EIO;
    assert_int_equal(
        fy_file_replace(path, FY_S("bytes"), &with_chance, &x), FERRY_ERR_FILE);
    assert_int_equal(x.os, EIO);
    assert_string_equal(x.what, "it cannot be replaced");
    assert_int_equal(rmdir(folder), 0); /* so it is empty */
    assert_true(memory_is_clean(&m));
}

static void a_system_without_entropy_gives_no_chance(void **state)
{
    ferry_platform p = {.size = sizeof p};
    char byte;
    (void)state;
    fy_system_fill(&p);
    assert_true(p.random(p.ctx, &byte, 1) != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_resolver_that_fails_says_how),
        cmocka_unit_test(addresses_of_other_families_are_passed_over),
        cmocka_unit_test(a_connection_that_fails_at_once_or_later_says_why),
        cmocka_unit_test(a_file_that_cannot_be_replaced_leaves_none_beside_it),
        cmocka_unit_test(a_system_without_entropy_gives_no_chance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
