/* test_sockets.c - what sockets do besides: signals in the middle of calls, writes that go
 * in part, peers that go while they are written to, peers that close one side only.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lib/actor.h"
#include "lib/errand.h"
#include "lib/lateness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define NO_CONTENT  "HTTP/1.1 204 No Content\r\n\r\n"

enum { LARGE = 16 << 20, MIDDLING = 4 << 20 };

/* The bytes of actors. */
static unsigned char body[LARGE];

static volatile sig_atomic_t alarms, pipes;

static void on_alarm(int number)
{
    (void)number;
    alarms++;
}

static void on_pipe(int number)
{
    (void)number;
    pipes++;
}

/* --- the set ------------------------------------------------------------------------ */

static actor a;
static errand g;
static bool is_open; /* the actor */

/* To an actor that does this; the timers of storms come to this thread alone. */
static void run_errand(const act *play, size_t upload, ferry_timeout timeout)
{
    a = (actor){.kind = play ? ACTOR_PLAYS : ACTOR_SILENT, .plays = {play}};
    is_open = actor_open(&a);
    assert_true(is_open);
    g.url = a.url;
    g.session = ferry_session_new_with(NULL);
    g.opts = (ferry_opts){.timeout = timeout,
        .method = upload ? "PUT" : "GET",
        .body = {upload ? body : NULL, upload},
        .expect = {.above = FERRY_UNLIMITED}};
    errand_run(&g);
}

static void end_errand(void)
{
    errand_end(&g);
    ferry_session_free(g.session);
    g.session = NULL;
    if (is_open)
        actor_close(&a);
    is_open = false;
}

static int set_up(void **state)
{
    g = (errand){.is_stepped = *state != NULL};
    return 0;
}

static void assert_in_time(int64_t asked_ms)
{
    int64_t took = g.ended_ms - g.began_ms;
    assert_in_range(took, asked_ms, asked_ms + lateness_allows(asked_ms, g.began_ms));
}

/* --- signals ------------------------------------------------------------------------ */

static const act gives[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = "HTTP/1.1 200 OK\r\nContent-Length: 4194304\r\n\r\n"},
    {.kind = ACT_SAY, .n = MIDDLING / 64, .times = 64, .pause_ms = 2},
    {.kind = ACT_STAY}};
static const act takes[] = {{.kind = ACT_HEAR},
    {.kind = ACT_TAKE, .n = MIDDLING / 64, .times = 64, .pause_ms = 2},
    {.kind = ACT_SAY, .text = NO_CONTENT}, {.kind = ACT_STAY}};
static const act does_nothing[] = {{.kind = ACT_HEAR}, {.kind = ACT_STAY}};

static const struct {
    const act *play;
    size_t upload;
    ferry_timeout timeout;
    ferry_err e;
    int asked_ms; /* -1: as long as it takes */
} storms[] = {
    {gives, 0, {.read_ms = 1000}, FERRY_OK, -1},
    {takes, MIDDLING, {.write_ms = 1000}, FERRY_OK, -1},
    {NULL, 0, {.connect_ms = 200}, FERRY_ERR_CONNECT_TIMEOUT, 200},
    {does_nothing, 0, {.read_ms = 400}, FERRY_ERR_READ_TIMEOUT, 400},
    {does_nothing, LARGE, {.write_ms = 200}, FERRY_ERR_WRITE_TIMEOUT, 200},
    {does_nothing, 0, {.total_ms = 200}, FERRY_ERR_TOTAL_TIMEOUT, 200},
};

/* One signal every millisecond, and calls that do not go on by themselves behind it. */
static void set_storm(bool is_on)
{
    struct itimerval often = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, is_on ? &often : &never, NULL);
}

/* Nothing ever raised a SIGPIPE, and what was taken was what had been sent. */
static int tear_down(void **state)
{
    (void)state;
    set_storm(false);
    end_errand();
    return pipes || a.is_wrong ? -1 : 0;
}

static void signals_neither_end_nor_hurry_nor_delay_anything(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(storms); i++) {
        int before = alarms;
        set_storm(true);
        run_errand(storms[i].play, storms[i].upload, storms[i].timeout);
        set_storm(false);
        if (g.e != storms[i].e)
            fail_msg("storm %d: %s", (int)i, ferry_explain(g.session));
        assert_true(alarms - before > 20);
        if (storms[i].asked_ms >= 0)
            assert_in_time(storms[i].asked_ms);
        else if (storms[i].play == gives)
            assert_memory_equal(g.r->body.ptr, body, MIDDLING);
        end_errand();
    }
}

/* --- writes ------------------------------------------------------------------------- */

static const act takes_late[] = {{.kind = ACT_HEAR},
    {.kind = ACT_TAKE, .n = 1, .pause_ms = 100}, {.kind = ACT_TAKE, .n = LARGE - 1},
    {.kind = ACT_SAY, .text = NO_CONTENT}, {.kind = ACT_STAY}};
static const act takes_bit_by_bit[] = {{.kind = ACT_HEAR},
    {.kind = ACT_TAKE, .n = 1000, .times = MIDDLING / 1000, .pause_ms = 0},
    {.kind = ACT_TAKE, .n = MIDDLING % 1000}, {.kind = ACT_SAY, .text = NO_CONTENT},
    {.kind = ACT_STAY}};

/* More than any system takes at once. */
static void what_goes_in_part_arrives_whole(void **state)
{
    static const struct {
        const act *play;
        size_t upload;
    } rows[] = {{takes_late, LARGE}, {takes_bit_by_bit, MIDDLING}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        run_errand(rows[i].play, rows[i].upload, (ferry_timeout){0});
        assert_int_equal(g.e, FERRY_OK);
        end_errand();
        assert_false(a.is_wrong);
        assert_int_equal(a.taken, rows[i].upload);
    }
}

/* --- one side or both are closed ---------------------------------------------------- */

#define HEAR                                                                           \
    {                                                                                  \
        .kind = ACT_HEAR                                                               \
    }
#define SAY(words)                                                                     \
    {                                                                                  \
        .kind = ACT_SAY, .text = words                                                 \
    }
#define HALF_CLOSE                                                                     \
    {                                                                                  \
        .kind = ACT_HALF_CLOSE                                                         \
    }
#define END(how)                                                                       \
    {                                                                                  \
        .kind = how                                                                    \
    }

static const struct {
    const char *name;
    act play[5];
    size_t upload;
    ferry_err e;
    int status;
    const char *body;
} ends[] = {
    {"half a connection ends a body as a whole one does",
        {HEAR, SAY("HTTP/1.1 200 OK\r\n\r\nhello"), HALF_CLOSE, END(ACT_STAY)}, 0,
        FERRY_OK, 200, "hello"},
    {"it cuts a body of known length off",
        {HEAR, SAY("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"), HALF_CLOSE,
            END(ACT_STAY)},
        0, FERRY_ERR_TRUNCATED, 0, NULL},
    {"it cuts a chunk off",
        {HEAR, SAY("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello"),
            HALF_CLOSE, END(ACT_STAY)},
        0, FERRY_ERR_TRUNCATED, 0, NULL},
    {"it cuts a head off", {HEAR, SAY("HTTP/1.1 200 O"), HALF_CLOSE, END(ACT_STAY)}, 0,
        FERRY_ERR_TRUNCATED, 0, NULL},
    {"without a byte before it there is no response", {HEAR, HALF_CLOSE, END(ACT_STAY)},
        0, FERRY_ERR_CLOSED, 0, NULL},
    {"nor is there behind an interim one",
        {HEAR, SAY("HTTP/1.1 103 Early Hints\r\n\r\n"), HALF_CLOSE, END(ACT_STAY)}, 0,
        FERRY_ERR_CLOSED, 0, NULL},
    {"nobody goes on sending to who will not answer", {HEAR, HALF_CLOSE, END(ACT_STAY)},
        LARGE, FERRY_ERR_CLOSED, 0, NULL},
    {"an answer stops an upload",
        {HEAR, SAY("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno"), HALF_CLOSE,
            END(ACT_STAY)},
        LARGE, FERRY_OK, 413, "no"},
    {"a peer that goes ends an upload", {HEAR, END(ACT_CLOSE)}, LARGE, FERRY_ERR_CLOSED,
        0, NULL},
    {"so does one that resets", {HEAR, END(ACT_RESET)}, LARGE, FERRY_ERR_CLOSED, 0,
        NULL},
};

static void an_end_is_seen_at_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ends); i++) {
        run_errand(ends[i].play, ends[i].upload, (ferry_timeout){0});
        if (g.e != ends[i].e)
            fail_msg("%s: %s", ends[i].name, ferry_explain(g.session));
        assert_in_time(0);
        if (!ends[i]
                 .upload) /* what was sent and not taken would stand before the end */
            assert_true(actor_has_open(&a, 0));
        if (!g.e) {
            assert_int_equal(g.r->status, ends[i].status);
            assert_string_equal(g.r->body.ptr, ends[i].body);
        }
        end_errand();
    }
}

static const act answers[] = {HEAR, SAY(NO_CONTENT), END(ACT_AGAIN)};
static const act answers_once[] = {HEAR, SAY(NO_CONTENT), HALF_CLOSE, END(ACT_STAY)};
/* What is sent behind this is a broken pipe, no longer a reset. */
static const act answers_ends_and_resets[] = {
    HEAR, SAY(NO_CONTENT), HALF_CLOSE, END(ACT_RESET)};
static const act answers_and_resets[] = {HEAR, SAY(NO_CONTENT), END(ACT_RESET)};

/* POST looks before it sends; GET finds out and is sent again. */
static void a_kept_connection_that_ended_is_replaced(void **state)
{
    static const char *const methods[] = {"GET", "POST"};
    static const act *const first[] = {
        answers_once, answers_and_resets, answers_ends_and_resets};
    (void)state;
    for (size_t i = 0; i < 2 * COUNT(first); i++) {
        a = (actor){.plays = {first[i / 2], answers}};
        is_open = actor_open(&a);
        assert_true(is_open);
        g.session = ferry_session_new_with(NULL);
        g.url = a.url;
        g.opts = (ferry_opts){.method = "GET"};
        errand_run(&g);
        assert_int_equal(g.e, FERRY_OK);
        g.opts.method = methods[i % 2];
        poll(NULL, 0, 50); /* until the end is here */
        errand_run(&g);
        if (g.e)
            fail_msg("%s: %s", methods[i % 2], ferry_explain(g.session));
        assert_false(g.r->reused);
        assert_int_equal(actor_met(&a), 2);
        assert_true(actor_has_open(&a, 1));
        end_errand();
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define STEPPED(name)                                                                  \
    cmocka_unit_test_prestate_setup_teardown(name, set_up, tear_down, &g)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(signals_neither_end_nor_hurry_nor_delay_anything),
        STEPPED(signals_neither_end_nor_hurry_nor_delay_anything),
        TEST(what_goes_in_part_arrives_whole),
        STEPPED(what_goes_in_part_arrives_whole),
        TEST(an_end_is_seen_at_once),
        STEPPED(an_end_is_seen_at_once),
        TEST(a_kept_connection_that_ended_is_replaced),
        STEPPED(a_kept_connection_that_ended_is_replaced),
    };
    struct sigaction alarm = {.sa_handler = on_alarm}, pipe = {.sa_handler = on_pipe};
    sigaction(SIGALRM, &alarm, NULL);
    sigaction(SIGPIPE, &pipe, NULL);
    for (size_t i = 0; i < sizeof body; i++)
        body[i] = actor_byte(i);
    lateness_start();
    int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    lateness_stop();
    return n_failed;
}
