/* test_conn.c - one connection, from a name to an open transport: who is asked, who is
 * dialled, in which order, and who wins (RFC 8305).
 * SPDX-License-Identifier: MIT */
#include "lib/machine.h"
#include "net/conn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* --- a dialler that does as it is told ------------------------------------------- */

enum { NEVER = INT32_MAX };

typedef struct plan {
    bool dial_fails;
    bool open_fails; /* once it is ready */
    int ready_ms;    /* when `open` has an answer */
} plan;

typedef struct racer {
    ferry_transport base;
    int number;
    plan plan;
} racer;

static struct {
    plan plans[10]; /* the first dial does as the first of them says, and so on */
    int dials, live;
    int64_t now_ms;
    char seen[200]; /* "host:port 4.1" for each dial: family and last byte, or "-" */
    ptrdiff_t read_answer;
} dialled;

static int racer_open(ferry_transport *t)
{
    racer *r = (racer *)(void *)t;
    if (dialled.now_ms < r->plan.ready_ms)
        return r->number % 2 ? FERRY_WANT_READ : FERRY_WANT_WRITE;
    t->fault = (ferry_fault){FERRY_OK, r->number, "open failed"};
    return r->plan.open_fails ? FERRY_FAILED : 1;
}

static ptrdiff_t racer_read(ferry_transport *t, void *p, size_t n, int64_t wait_ms)
{
    (void)t;
    assert_int_equal(wait_ms, 0);
    assert_true(n > 0);
    memset(p, 'x', 1);
    return dialled.read_answer;
}

static ptrdiff_t racer_write(
    ferry_transport *t, const void *p, size_t n, int64_t wait_ms)
{
    (void)t, (void)p, (void)n, (void)wait_ms;
    return FERRY_FAILED;
}

static void racer_want(ferry_transport *t, ferry_wait *w)
{
    w->on[w->n++] = (ferry_handle){((racer *)(void *)t)->number, FERRY_WRITABLE};
}

static void racer_close(ferry_transport *t)
{
    dialled.live--;
    free(t);
}

static void note_dial(const char *host, uint16_t port, const ferry_addr *addr)
{
    char *to = dialled.seen + strlen(dialled.seen);
    if (!addr)
        sprintf(to, "%s:%d - ", host, port);
    else
        sprintf(to, "%d.%d%s ", addr->family,
            addr->bytes[addr->family == FERRY_IPV4 ? 3 : 15], addr->zone ? "z" : "");
}

static int dial(void *ctx, const char *host, uint16_t port, const ferry_addr *addr,
    ferry_transport **out, ferry_fault *fault)
{
    static const ferry_transport_calls calls = {
        racer_open, racer_read, racer_write, racer_want, racer_close};
    const plan *p = &dialled.plans[dialled.dials++];
    (void)ctx;
    note_dial(host, port, addr);
    if (p->dial_fails) {
        *fault = (ferry_fault){FERRY_OK, dialled.dials, "dial failed"};
        return -1;
    }
    racer *r = calloc(1, sizeof *r);
    *r = (racer){.base.calls = &calls, .number = dialled.dials, .plan = *p};
    dialled.live++;
    *out = &r->base;
    return 0;
}

/* --- the set --------------------------------------------------------------------- */

static machine m;
static fy_names names;
static fy_conn conn;
static fy_error x;
static fy_endpoint to;

static int set_up(void **state)
{
    (void)state;
    machine_init(&m);
    m.memory.platform.dial = dial;
    machine_knows(&m, "a.test");
    fy_names_init(&names, &m.memory.platform);
    memset(&dialled, 0, sizeof dialled);
    memset(&conn, 0, sizeof conn);
    to = (fy_endpoint){.host = "a.test", .zone = "", .port = 81};
    x = (fy_error){.code = FERRY_OK};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fy_conn_close(&conn);
    fy_names_fini(&names);
    assert_int_equal(dialled.live, 0);
    return memory_is_clean(&m.memory) ? 0 : -1;
}

static void add_addresses(const char *families)
{
    for (unsigned char i = 0; families[i]; i++)
        machine_add_address(&m, families[i] - '0', (unsigned char)(i + 1));
}

static ferry_err connect_at(int64_t now_ms)
{
    dialled.now_ms = now_ms;
    return fy_conn_connect(&conn, &names, &to, now_ms, &x);
}

static int winner(void)
{
    return ((racer *)(void *)conn.transport)->number;
}

/* --- who is asked ---------------------------------------------------------------- */

static void a_name_is_resolved_and_its_address_dialled(void **state)
{
    (void)state;
    add_addresses("4");
    assert_int_equal(connect_at(0), FERRY_OK);
    assert_string_equal(dialled.seen, "4.1 ");
    assert_int_equal(m.lookups, 1);
    assert_int_equal(conn.state, FY_CONN_READY);
    assert_int_equal(connect_at(0), FERRY_OK);
    assert_int_equal(dialled.dials, 1);
}

static void a_literal_address_is_dialled_without_asking(void **state)
{
    (void)state;
    to.is_literal = true;
    to.literal = (ferry_addr){.family = FERRY_IPV6, .bytes = {[15] = 9}};
    assert_int_equal(connect_at(0), FERRY_OK);
    assert_string_equal(dialled.seen, "6.9 ");
    assert_int_equal(m.lookups, 0);
}

/* RFC 4007 11: a number is a zone of its own. */
static void the_zone_of_a_literal_address_is_looked_up(void **state)
{
    (void)state;
    to.is_literal = true;
    to.literal = (ferry_addr){.family = FERRY_IPV6, .bytes = {0xfe, 0x80, [15] = 9}};
    to.zone = "7";
    assert_int_equal(connect_at(0), FERRY_OK);
    assert_int_equal(conn.addrs[0].zone, 7);
    assert_string_equal(dialled.seen, "6.9z ");
}

/* RFC 6761 6.3 */
static void localhost_is_never_asked_for(void **state)
{
    static const struct {
        const char *host;
        bool is_local;
    } cases[] = {{"localhost", true}, {"LocalHost", true}, {"localhost.", true},
        {"a.localhost", true}, {"a.b.localhost.", true}, {"notlocalhost", false},
        {"localhost.test", false}, {"ocalhost", false}, {"", false}, {".", false},
        {"localhost..", false}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        fy_conn_close(&conn);
        memset(&conn, 0, sizeof conn);
        dialled.seen[0] = '\0';
        m.lookups = 0;
        to.host = cases[i].host;
        ferry_err e = connect_at(0);
        assert_int_equal(m.lookups, !cases[i].is_local);
        assert_int_equal(e, cases[i].is_local ? FERRY_OK : FERRY_ERR_NAME);
        assert_string_equal(dialled.seen, cases[i].is_local ? "6.1 " : "");
    }
}

static void localhost_falls_back_to_ipv4(void **state)
{
    (void)state;
    to.host = "localhost";
    dialled.plans[0].dial_fails = true;
    assert_int_equal(connect_at(0), FERRY_OK);
    assert_string_equal(dialled.seen, "6.1 4.1 ");
}

static void a_mounted_dialler_gets_names_and_nobody_is_asked(void **state)
{
    static const char *const hosts[] = {"a.test", "localhost", "::1"};
    ferry_dialer d = {NULL, dial};
    (void)state;
    to.dialer = &d;
    for (size_t i = 0; i < COUNT(hosts); i++) {
        fy_conn_close(&conn);
        memset(&conn, 0, sizeof conn);
        to.host = hosts[i];
        to.is_literal = i == 2;
        assert_int_equal(connect_at(0), FERRY_OK);
    }
    assert_string_equal(dialled.seen, "a.test:81 - localhost:81 - ::1:81 - ");
    assert_int_equal(m.lookups, 0);
}

static void a_platform_that_dials_without_a_resolver_gets_names(void **state)
{
    (void)state;
    m.memory.platform.resolve = NULL;
    assert_int_equal(connect_at(0), FERRY_OK);
    assert_string_equal(dialled.seen, "a.test:81 - ");
}

static void a_name_that_is_not_known_is_an_error_with_its_reason(void **state)
{
    (void)state;
    to.host = "b.test";
    assert_int_equal(connect_at(0), FERRY_ERR_NAME);
    assert_string_equal(x.what, "nobody knows this name");
    to.host = "a.test";
    assert_int_equal(connect_at(0), FERRY_ERR_NAME);
    assert_string_equal(x.what, "no address");
    assert_int_equal(dialled.dials, 0);
}

/* The system's resolver may answer at once, but not each of a thousand times, unless the
 * build has no threads. */
static void a_name_under_way_is_waited_for(void **state)
{
    ferry_wait w = {.n = 0, .timeout_ms = -1};
    char host[] = "127.0.0.000";
    ferry_err e = FERRY_OK;
    (void)state;
    m.memory.platform.resolve = NULL;
    m.memory.platform.dial = NULL;
    to.host = host;
    for (int i = 0; i < 1000 && e != FERRY_AGAIN; i++) {
        sprintf(host, "127.0.%d.%d", i / 200, i % 200);
        fy_conn_close(&conn);
        memset(&conn, 0, sizeof conn);
        e = connect_at(0);
    }
    if (e != FERRY_AGAIN)
        skip();
    fy_conn_want(&conn, &names, 0, &w);
    assert_true(w.n == 1 || w.timeout_ms == 0);
    assert_true(w.n == 0 || w.on[0].events == FERRY_READABLE);
    while (connect_at(0) == FERRY_AGAIN)
        poll(NULL, 0, 1);
    poll(NULL, 0, 50); /* valgrind looks for threads that are left at the end */
}

/* --- who is dialled -------------------------------------------------------------- */

/* RFC 8305 4 */
static void the_families_take_turns_and_keep_their_order(void **state)
{
    static const struct {
        const char *families, *order;
    } cases[] = {
        {"4", "4.1 "},
        {"44", "4.1 4.2 "},
        {"46", "4.1 6.2 "},
        {"64", "6.1 4.2 "},
        {"6644", "6.1 4.3 6.2 4.4 "},
        {"4446", "4.1 6.4 4.2 4.3 "},
        {"6666644", "6.1 4.6 6.2 4.7 6.3 6.4 6.5 "},
        {"46464646", "4.1 6.2 4.3 6.4 4.5 6.6 4.7 6.8 "},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(dialled.plans); i++)
        dialled.plans[i].dial_fails = true;
    for (size_t i = 0; i < COUNT(cases); i++) {
        memset(&conn, 0, sizeof conn);
        dialled.dials = m.n_addrs = 0;
        dialled.seen[0] = '\0';
        add_addresses(cases[i].families);
        fy_names_fini(&names);
        assert_int_equal(connect_at(0), FERRY_ERR_CONNECT);
        assert_string_equal(dialled.seen, cases[i].order);
    }
}

static void one_that_fails_is_followed_at_once_by_the_next(void **state)
{
    (void)state;
    add_addresses("4444");
    dialled.plans[0].dial_fails = true;
    dialled.plans[1].open_fails = true;
    dialled.plans[2] = (plan){.ready_ms = 1, .open_fails = true};
    assert_int_equal(connect_at(0), FERRY_AGAIN);
    assert_int_equal(dialled.dials, 3);
    assert_int_equal(connect_at(1), FERRY_OK);
    assert_int_equal(winner(), 4);
}

static void when_all_have_failed_the_last_one_says_why(void **state)
{
    static const struct {
        plan first, second;
        const char *what;
        int os;
    } cases[] = {
        {{.open_fails = true}, {.dial_fails = true}, "dial failed", 2},
        {{.dial_fails = true}, {.open_fails = true}, "open failed", 2},
        {{.open_fails = true, .ready_ms = 1}, {.open_fails = true}, "open failed", 2},
        {{.open_fails = true, .ready_ms = 300}, {.open_fails = true}, "open failed", 1},
    };
    (void)state;
    add_addresses("44");
    for (size_t i = 0; i < COUNT(cases); i++) {
        ferry_err e;
        memset(&conn, 0, sizeof conn);
        dialled.dials = 0;
        dialled.plans[0] = cases[i].first;
        dialled.plans[1] = cases[i].second;
        for (int64_t now = 0; (e = connect_at(now)) == FERRY_AGAIN;)
            now += 250;
        assert_int_equal(e, FERRY_ERR_CONNECT);
        assert_string_equal(x.what, cases[i].what);
        assert_int_equal(x.os, cases[i].os);
        assert_int_equal(dialled.live, 0);
    }
}

static int dial_without_memory(void *ctx, const char *host, uint16_t port,
    const ferry_addr *addr, ferry_transport **out, ferry_fault *fault)
{
    (void)ctx, (void)host, (void)port, (void)addr, (void)out;
    *fault = (ferry_fault){FERRY_ERR_NOMEM, 0, NULL};
    return -1;
}

static void a_dialler_may_name_the_error(void **state)
{
    (void)state;
    add_addresses("4");
    m.memory.platform.dial = dial_without_memory;
    assert_int_equal(connect_at(0), FERRY_ERR_NOMEM);
}

/* RFC 8305 5 */
static void a_slow_one_is_joined_by_the_next_after_a_quarter_of_a_second(void **state)
{
    (void)state;
    add_addresses("444");
    for (int i = 0; i < 3; i++)
        dialled.plans[i].ready_ms = NEVER;
    assert_int_equal(connect_at(1000), FERRY_AGAIN);
    assert_int_equal(connect_at(1249), FERRY_AGAIN);
    assert_int_equal(dialled.dials, 1);
    assert_int_equal(connect_at(1250), FERRY_AGAIN);
    assert_int_equal(connect_at(1499), FERRY_AGAIN);
    assert_int_equal(dialled.dials, 2);
    assert_int_equal(connect_at(5000), FERRY_AGAIN);
    assert_int_equal(dialled.dials, 3);
    assert_int_equal(dialled.live, 3);
}

static void the_first_that_opens_wins_and_the_others_are_closed(void **state)
{
    static const struct {
        int ready_ms[3], winner;
    } cases[] = {{{NEVER, NEVER, 0}, 3}, {{NEVER, 260, NEVER}, 2},
        {{300, NEVER, NEVER}, 1}, {{300, 250, 0}, 2}, {{500, 500, 0}, 1}};
    (void)state;
    add_addresses("444");
    for (size_t i = 0; i < COUNT(cases); i++) {
        memset(&conn, 0, sizeof conn);
        dialled.dials = 0;
        for (int j = 0; j < 3; j++)
            dialled.plans[j].ready_ms = cases[i].ready_ms[j];
        for (int64_t now = 0; connect_at(now) == FERRY_AGAIN;)
            now += 250;
        assert_int_equal(winner(), cases[i].winner);
        assert_int_equal(dialled.live, 1);
        fy_conn_close(&conn);
    }
}

static void one_that_drops_out_of_a_race_leaves_the_others_in_it(void **state)
{
    (void)state;
    add_addresses("444");
    dialled.plans[0].ready_ms = 252;
    dialled.plans[1] = (plan){.ready_ms = 251, .open_fails = true};
    dialled.plans[2].ready_ms = NEVER;
    assert_int_equal(connect_at(0), FERRY_AGAIN);
    assert_int_equal(connect_at(250), FERRY_AGAIN);
    assert_int_equal(dialled.live, 2);
    assert_int_equal(
        connect_at(251), FERRY_AGAIN); /* the second fails, a third starts */
    assert_int_equal(dialled.dials, 3);
    assert_int_equal(dialled.live, 2);
    assert_int_equal(connect_at(252), FERRY_OK);
    assert_int_equal(winner(), 1);
}

/* --- what it waits for ----------------------------------------------------------- */

static void a_race_waits_for_all_in_it_and_for_the_next_start(void **state)
{
    ferry_wait w = {.n = 0, .timeout_ms = -1};
    (void)state;
    add_addresses("444");
    for (int i = 0; i < 3; i++)
        dialled.plans[i].ready_ms = NEVER;
    connect_at(0);
    connect_at(250);
    fy_conn_want(&conn, &names, 300, &w);
    assert_int_equal(w.n, 2);
    assert_int_equal(w.on[0].id, 1);
    assert_int_equal(w.on[1].id, 2);
    assert_int_equal(w.timeout_ms, 200);
    w = (ferry_wait){.timeout_ms = 50};
    fy_conn_want(&conn, &names, 300, &w);
    assert_int_equal(w.timeout_ms, 50);
    w = (ferry_wait){.timeout_ms = 50};
    fy_conn_want(&conn, &names, 600, &w);
    assert_int_equal(w.timeout_ms, 0);
}

static void the_last_start_leaves_the_time_to_wait_alone(void **state)
{
    ferry_wait w = {.timeout_ms = -1};
    (void)state;
    add_addresses("4");
    dialled.plans[0].ready_ms = NEVER;
    connect_at(0);
    fy_conn_want(&conn, &names, 100, &w);
    assert_int_equal(w.n, 1);
    assert_int_equal(w.timeout_ms, -1);
}

static void closing_ends_a_race_or_a_connection(void **state)
{
    (void)state;
    add_addresses("44");
    dialled.plans[0].ready_ms = dialled.plans[1].ready_ms = NEVER;
    connect_at(0);
    connect_at(250);
    assert_int_equal(dialled.live, 2);
    fy_conn_close(&conn);
    assert_int_equal(dialled.live, 0);
    fy_conn_close(&conn);
}

static void an_idle_connection_is_stale_unless_it_is_silent(void **state)
{
    static const struct {
        ptrdiff_t answer;
        bool is_stale;
    } cases[] = {{FERRY_WANT_READ, false}, {0, true}, {1, true}, {FERRY_FAILED, true}};
    (void)state;
    add_addresses("4");
    assert_int_equal(connect_at(0), FERRY_OK);
    for (size_t i = 0; i < COUNT(cases); i++) {
        dialled.read_answer = cases[i].answer;
        assert_int_equal(fy_conn_is_stale(&conn), cases[i].is_stale);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_name_is_resolved_and_its_address_dialled),
        TEST(a_literal_address_is_dialled_without_asking),
        TEST(the_zone_of_a_literal_address_is_looked_up),
        TEST(localhost_is_never_asked_for),
        TEST(localhost_falls_back_to_ipv4),
        TEST(a_mounted_dialler_gets_names_and_nobody_is_asked),
        TEST(a_platform_that_dials_without_a_resolver_gets_names),
        TEST(a_name_that_is_not_known_is_an_error_with_its_reason),
        TEST(a_name_under_way_is_waited_for),
        TEST(the_families_take_turns_and_keep_their_order),
        TEST(one_that_fails_is_followed_at_once_by_the_next),
        TEST(when_all_have_failed_the_last_one_says_why),
        TEST(a_dialler_may_name_the_error),
        TEST(a_slow_one_is_joined_by_the_next_after_a_quarter_of_a_second),
        TEST(the_first_that_opens_wins_and_the_others_are_closed),
        TEST(one_that_drops_out_of_a_race_leaves_the_others_in_it),
        TEST(a_race_waits_for_all_in_it_and_for_the_next_start),
        TEST(the_last_start_leaves_the_time_to_wait_alone),
        TEST(closing_ends_a_race_or_a_connection),
        TEST(an_idle_connection_is_stale_unless_it_is_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
