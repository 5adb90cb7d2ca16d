/* test_tcp.c - the transport over TCP sockets, against sockets of its own.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lib/loopback.h"
#include "lib/memory.h"
#include "net/system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

static memory m;
static int listener, far; /* far: the other end of `near` */
static uint16_t port;
static ferry_transport *near;
static ferry_fault fault;

static int dial(const ferry_addr *addr, uint16_t to)
{
    fault = (ferry_fault){FERRY_OK, 0, NULL};
    near = NULL;
    static const fy_dialing as_usual;
    return fy_system_dial(&m.platform, addr, to, &as_usual, &near, &fault);
}

static int dial_loopback(uint16_t to)
{
    ferry_addr addr = loopback_address(FERRY_IPV4);
    return dial(&addr, to);
}

/* Until it is open or has failed. */
static int open_at_last(int ms)
{
    int answer;
    while ((answer = near->calls->open(near)) == FERRY_WANT_WRITE) {
        ferry_wait w = {.n = 0};
        near->calls->want(near, &w);
        assert_int_equal(w.n, 1);
        assert_int_equal(w.on[0].events, FERRY_WRITABLE);
        if (!loopback_is_writable((int)w.on[0].id, ms))
            return answer;
    }
    return answer;
}

static int set_up(void **state)
{
    (void)state;
    memory_init(&m);
    listener = loopback_listen(FERRY_IPV4, 5, &port);
    if (listener < 0 || dial_loopback(port) || open_at_last(1000) != 1)
        return -1;
    far = loopback_accept(listener);
    return far < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    if (near)
        near->calls->close(near);
    close(far);
    close(listener);
    return memory_is_clean(&m) ? 0 : -1;
}

static void replace_near(void)
{
    near->calls->close(near);
    near = NULL;
}

static ptrdiff_t read_some(char *p, size_t n, int64_t wait_ms)
{
    return near->calls->read(near, p, n, wait_ms);
}

static ptrdiff_t write_some(const void *p, size_t n)
{
    return near->calls->write(near, p, n, 0);
}

static ferry_wait wanted(void)
{
    ferry_wait w = {.n = 0};
    near->calls->want(near, &w);
    return w;
}

static int near_fd(void)
{
    char byte;
    assert_int_equal(read_some(&byte, 1, 0), FERRY_WANT_READ);
    return (int)wanted().on[0].id;
}

static int int_option(int fd, int level, int name)
{
    int value = -1;
    socklen_t len = sizeof value;
    assert_int_equal(getsockopt(fd, level, name, &value, &len), 0);
    return value;
}

/* --- connecting ------------------------------------------------------------------ */

static void nobody_listening_is_a_refusal(void **state)
{
    (void)state;
    replace_near();
    close(listener);
    listener = -1;
    if (dial_loopback(port) == 0) { /* the refusal may come at once or later */
        assert_int_equal(open_at_last(1000), FERRY_FAILED);
        fault = near->fault;
    }
    assert_int_equal(fault.code, FERRY_OK);
    assert_int_equal(fault.os, ECONNREFUSED);
    assert_string_equal(fault.what, "connection refused");
}

/* A queue that is full makes a connection wait until somebody accepts. */
static void a_connection_that_takes_time_is_waited_for(void **state)
{
    ferry_transport *others[4];
    (void)state;
    replace_near();
    close(listener);
    listener = loopback_listen(FERRY_IPV4, 0, &port);
    int i = 0;
    for (; i < 4; i++) {
        assert_int_equal(dial_loopback(port), 0);
        others[i] = near;
        if (near->calls->open(near) == FERRY_WANT_WRITE)
            break;
    }
    assert_true(i > 0 && i < 4);
    assert_int_equal(near->calls->open(near), FERRY_WANT_WRITE);
    close(loopback_accept(listener));
    assert_int_equal(open_at_last(10000), 1);
    assert_int_equal(wanted().n, 0);
    while (i--)
        others[i]->calls->close(others[i]);
}

static void a_connection_may_be_given_up_while_it_is_made(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        replace_near();
        assert_int_equal(dial_loopback(port), 0);
    }
}

static void ipv6_is_dialled_as_well(void **state)
{
    ferry_addr addr = loopback_address(FERRY_IPV6);
    uint16_t there;
    int six = loopback_listen(FERRY_IPV6, 5, &there);
    (void)state;
    if (six < 0)
        skip();
    replace_near();
    assert_int_equal(dial(&addr, there), 0);
    assert_int_equal(open_at_last(1000), 1);
    close(six);
}

/* An address of one link says nothing without its zone (RFC 4007 6). */
static void an_address_that_cannot_be_reached_is_an_error_with_its_number(void **state)
{
    ferry_addr addr = {.family = FERRY_IPV6, .bytes = {0xfe, 0x80, [15] = 1}};
    (void)state;
    replace_near();
    if (dial(&addr, 80) == 0) {
        assert_int_equal(open_at_last(100), FERRY_FAILED);
        fault = near->fault;
    }
    assert_true(fault.os != 0);
    assert_non_null(fault.what);
}

static void a_connection_is_closed_on_exec_and_blocks(void **state)
{
    int fd = near_fd();
    (void)state;
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_false(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

static void closing_closes_the_socket(void **state)
{
    int fd = near_fd();
    char byte;
    (void)state;
    replace_near();
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    assert_int_equal(read(far, &byte, 1), 0);
}

static void without_memory_there_is_no_connection(void **state)
{
    (void)state;
    replace_near();
    m.fail_at = m.calls + 1;
    assert_int_equal(dial_loopback(port), -1);
    assert_int_equal(fault.code, FERRY_ERR_NOMEM);
}

static void without_a_descriptor_there_is_no_connection(void **state)
{
    struct rlimit before, none;
    (void)state;
    replace_near();
    getrlimit(RLIMIT_NOFILE, &before);
    none = before;
    none.rlim_cur = 3;
    setrlimit(RLIMIT_NOFILE, &none);
    int answer = dial_loopback(port);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_int_equal(answer, -1);
    assert_int_equal(fault.os, EMFILE);
    assert_string_equal(fault.what, "too many open files");
}

/* --- reading --------------------------------------------------------------------- */

static void what_is_there_is_read_and_no_more(void **state)
{
    char text[10] = "";
    (void)state;
    int fd = near_fd();
    assert_int_equal(write(far, "hello", 5), 5);
    assert_true(loopback_is_readable(fd, 1000));
    assert_int_equal(read_some(text, 3, 0), 3);
    assert_string_equal(text, "hel");
    assert_int_equal(read_some(text, sizeof text, 1000), 2);
    assert_int_equal(wanted().n, 0);
}

static void without_patience_a_read_never_waits(void **state)
{
    char byte;
    int64_t start = loopback_now_ms();
    (void)state;
    for (int i = 0; i < 100; i++)
        assert_int_equal(read_some(&byte, 1, i % 2 ? 0 : 100), FERRY_WANT_READ);
    assert_true(loopback_now_ms() - start < 200);
    assert_int_equal(wanted().n, 1);
    assert_int_equal(wanted().on[0].events, FERRY_READABLE);
}

static void a_patient_read_waits_but_comes_back_well_before_its_time(void **state)
{
    char byte;
    int64_t start = loopback_now_ms();
    (void)state;
    assert_int_equal(read_some(&byte, 1, 2000), FERRY_WANT_READ);
    int64_t took = loopback_now_ms() - start;
    assert_true(took >= 200 && took < 1900);
}

/* The system's own limit on a read is kept from one read to the next. */
static void the_patience_is_told_to_the_system_once(void **state)
{
    struct timeval v = {.tv_sec = 9}, none = {.tv_sec = 0};
    socklen_t len = sizeof v;
    char byte;
    int fd = near_fd();
    (void)state;
    assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &v, &len), 0);
    assert_true(v.tv_sec == 0 && v.tv_usec == 0);
    assert_int_equal(write(far, "ab", 2), 2);
    assert_int_equal(read_some(&byte, 1, 2000), 1);
    assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &v, &len), 0);
    assert_true(v.tv_sec || v.tv_usec);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof none);
    assert_int_equal(read_some(&byte, 1, 2000), 1);
    assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &v, &len), 0);
    assert_true(v.tv_sec == 0 && v.tv_usec == 0);
}

static void on_alarm(int number)
{
    (void)number;
}

/* Let a signal come every 20 ms, which system calls do not survive, or none any more.
 */
static void ring(bool is_on)
{
    struct sigaction a = {.sa_handler = on_alarm};
    struct itimerval often = {{0, 20000}, {0, 20000}}, never = {{0, 0}, {0, 0}};
    sigaction(SIGALRM, &a, NULL);
    setitimer(ITIMER_REAL, is_on ? &often : &never, NULL);
}

static void a_signal_ends_a_read_as_if_nothing_had_come(void **state)
{
    char byte;
    int64_t start = loopback_now_ms();
    (void)state;
    ring(true);
    ptrdiff_t answer = read_some(&byte, 1, 10000);
    ring(false);
    assert_int_equal(answer, FERRY_WANT_READ);
    assert_true(loopback_now_ms() - start < 200);
    assert_int_equal(write(far, "a", 1), 1);
    assert_int_equal(read_some(&byte, 1, 1000), 1);
}

static void an_orderly_end_is_read_as_none(void **state)
{
    char text[10];
    (void)state;
    assert_int_equal(write(far, "ab", 2), 2);
    assert_int_equal(shutdown(far, SHUT_WR), 0);
    assert_int_equal(read_some(text, sizeof text, 1000), 2);
    assert_int_equal(read_some(text, sizeof text, 1000), 0);
    assert_int_equal(read_some(text, sizeof text, 0), 0);
}

static void a_reset_is_an_error(void **state)
{
    char byte;
    (void)state;
    int fd = near_fd();
    loopback_reset(far);
    far = -1;
    assert_true(loopback_is_readable(fd, 1000));
    assert_int_equal(read_some(&byte, 1, 1000), FERRY_FAILED);
    assert_int_equal(near->fault.os, ECONNRESET);
    assert_string_equal(near->fault.what, "connection reset by the peer");
}

/* --- writing --------------------------------------------------------------------- */

static size_t fill(void)
{
    static const char zeros[100000];
    size_t sum = 0;
    ptrdiff_t n;
    while ((n = write_some(zeros, sizeof zeros)) > 0)
        sum += (size_t)n;
    assert_int_equal(n, FERRY_WANT_WRITE);
    return sum;
}

static size_t drain(size_t n)
{
    char room[65536];
    size_t sum = 0;
    ssize_t got = 1;
    while (sum < n && loopback_is_readable(far, 1000) && got > 0)
        sum += (size_t)(got = read(far, room, sizeof room));
    return sum;
}

static void a_full_socket_takes_a_part_and_then_waits(void **state)
{
    int fd = near_fd();
    (void)state;
    size_t n = fill();
    assert_int_equal(wanted().n, 1);
    assert_int_equal(wanted().on[0].events, FERRY_READABLE | FERRY_WRITABLE);
    assert_int_equal(drain(n), n);
    assert_true(loopback_is_writable(fd, 1000));
    assert_int_equal(write_some("x", 1), 1);
    assert_int_equal(wanted().on[0].events, FERRY_READABLE);
}

static void a_full_list_of_handles_gets_no_more(void **state)
{
    ferry_wait w = {.n = FERRY_WAIT_HANDLES};
    (void)state;
    near_fd();
    near->calls->want(near, &w);
    assert_int_equal(w.n, FERRY_WAIT_HANDLES);
}

/* The signal would end this program. */
static void writing_to_nobody_is_an_error_and_no_signal(void **state)
{
    int fd = near_fd();
    (void)state;
    signal(SIGPIPE, SIG_DFL);
    loopback_reset(far);
    far = -1;
    assert_true(loopback_is_readable(fd, 1000));
    assert_int_equal(write_some("x", 1), FERRY_FAILED);
    assert_int_equal(near->fault.os, ECONNRESET);
    assert_int_equal(write_some("x", 1), FERRY_FAILED);
    assert_int_equal(near->fault.os, EPIPE);
    assert_string_equal(near->fault.what, "the peer has closed the connection");
}

/* Nagle's algorithm would hold a second small segment back. */
static void only_one_small_write_between_reads_waits_for_company(void **state)
{
    int fd = near_fd();
    char byte;
    (void)state;
    assert_int_equal(write_some("x", 1), 1);
    assert_int_equal(int_option(fd, IPPROTO_TCP, TCP_NODELAY), 0);
    assert_int_equal(write(far, "a", 1), 1);
    assert_int_equal(read_some(&byte, 1, 1000), 1);
    assert_int_equal(write_some("x", 1), 1);
    assert_int_equal(int_option(fd, IPPROTO_TCP, TCP_NODELAY), 0);
    assert_int_equal(write_some("x", 1), 1);
    assert_int_equal(int_option(fd, IPPROTO_TCP, TCP_NODELAY), 1);
}

static void a_large_write_goes_out_without_waiting_for_company(void **state)
{
    static const char large[1221];
    int fd = near_fd();
    (void)state;
    assert_int_equal(write_some(large, 1220), 1220);
    assert_int_equal(int_option(fd, IPPROTO_TCP, TCP_NODELAY), 0);
    replace_near();
    close(far);
    assert_int_equal(dial_loopback(port), 0);
    assert_int_equal(open_at_last(1000), 1);
    far = loopback_accept(listener);
    fd = near_fd();
    assert_int_equal(write_some(large, sizeof large), sizeof large);
    assert_int_equal(int_option(fd, IPPROTO_TCP, TCP_NODELAY), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void a_unix_socket_without_memory_is_none(void **state)
{
    ferry_transport *none;
    (void)state;
    m.fail_at = m.calls + 1;
    assert_int_equal(fy_system_dial_unix(&m.platform, "/nowhere", &none, &fault), -1);
    m.fail_at = 0;
    assert_int_equal(fault.code, FERRY_ERR_NOMEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nobody_listening_is_a_refusal),
        TEST(a_connection_that_takes_time_is_waited_for),
        TEST(a_connection_may_be_given_up_while_it_is_made),
        TEST(ipv6_is_dialled_as_well),
        TEST(an_address_that_cannot_be_reached_is_an_error_with_its_number),
        TEST(a_connection_is_closed_on_exec_and_blocks),
        TEST(closing_closes_the_socket),
        TEST(without_memory_there_is_no_connection),
        TEST(a_unix_socket_without_memory_is_none),
        TEST(without_a_descriptor_there_is_no_connection),
        TEST(what_is_there_is_read_and_no_more),
        TEST(without_patience_a_read_never_waits),
        TEST(a_patient_read_waits_but_comes_back_well_before_its_time),
        TEST(the_patience_is_told_to_the_system_once),
        TEST(a_signal_ends_a_read_as_if_nothing_had_come),
        TEST(an_orderly_end_is_read_as_none),
        TEST(a_reset_is_an_error),
        TEST(a_full_socket_takes_a_part_and_then_waits),
        TEST(a_full_list_of_handles_gets_no_more),
        TEST(writing_to_nobody_is_an_error_and_no_signal),
        TEST(only_one_small_write_between_reads_waits_for_company),
        TEST(a_large_write_goes_out_without_waiting_for_company),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
