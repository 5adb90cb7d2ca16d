/* test_interrupt.c - ferry_interrupt() ends what is under way within half a second, whatever
 * it waits for, from a signal handler and from another thread; once, and not again.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lib/actor.h"
#include "lib/errand.h"
#include "lib/lateness.h"
#include "lib/loopback.h"
#include "lib/resolver.h"
#include "lib/trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* In place of the system's; see resolver.h. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
    struct addrinfo **out)
{
    (void)service, (void)hints;
    return resolver_ask(node, out);
}

void freeaddrinfo(struct addrinfo *info)
{
    resolver_free(info);
}

static void nap(int ms)
{
    int64_t until = loopback_now_ms() + ms;
    for (int64_t now; (now = loopback_now_ms()) < until;)
        poll(NULL, 0, (int)(until - now));
}

/* --- who interrupts -------------------------------------------------------------- */

enum { AFTER_MS = 150, WITHIN_MS = 500 };

/* Of the call in this thread, for its signal handler. */
static __thread ferry_session *session_here;

static void on_signal(int number)
{
    (void)number;
    ferry_interrupt(session_here);
}

typedef struct interrupter {
    pthread_t self, target;
    ferry_session *session; /* NULL: `target` gets a signal */
    int64_t at_ms;          /* before it did so */
} interrupter;

static void *interrupt_later(void *arg)
{
    interrupter *i = arg;
    nap(AFTER_MS);
    i->at_ms = loopback_now_ms();
    if (i->session)
        ferry_interrupt(i->session);
    else
        pthread_kill(i->target, SIGUSR1);
    return NULL;
}

/* --- what is interrupted --------------------------------------------------------- */

#define LENGTH   "HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n"
#define FOR_EVER ACT_FOR_EVER

static const act answers[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = "HTTP/1.1 204 No Content\r\n\r\n"}, {.kind = ACT_AGAIN}};
static const act says_nothing[] = {{.kind = ACT_HEAR}, {.kind = ACT_STAY}};
static const act stops[] = {
    {.kind = ACT_HEAR}, {.kind = ACT_SAY, .text = LENGTH "abc"}, {.kind = ACT_STAY}};
static const act drips[] = {{.kind = ACT_HEAR}, {.kind = ACT_SAY, .text = LENGTH},
    {.kind = ACT_SAY, .text = "x", .times = FOR_EVER, .pause_ms = 10}};
static const act pours[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY,
        .text = "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n"},
    {.kind = ACT_SAY, .n = 100000, .times = FOR_EVER}};
static const act sips[] = {{.kind = ACT_HEAR},
    {.kind = ACT_TAKE, .n = 20000, .times = FOR_EVER, .pause_ms = 10}};

static unsigned char body[16 << 20];

/* The first one needs threads. */
static const struct row {
    const char *name;
    const char *host; /* NULL: 127.0.0.1 */
    actor_kind kind;
    const act *play;
    ferry_switch stream;
    bool is_upload;
} rows[] = {
    {"while a name is looked up", "slow900.test", ACTOR_PLAYS, answers, FERRY_OFF,
        false},
    {"while connecting", NULL, ACTOR_SILENT, NULL, FERRY_OFF, false},
    {"while nobody reads", NULL, ACTOR_DEAF, NULL, FERRY_OFF, false},
    {"while waiting for a head", NULL, ACTOR_PLAYS, says_nothing, FERRY_OFF, false},
    {"while waiting for a body", NULL, ACTOR_PLAYS, stops, FERRY_OFF, false},
    {"while waiting for a piece", NULL, ACTOR_PLAYS, stops, FERRY_ON, false},
    {"while a body drips", NULL, ACTOR_PLAYS, drips, FERRY_OFF, false},
    {"while a stream drips", NULL, ACTOR_PLAYS, drips, FERRY_ON, false},
    {"while a stream pours", NULL, ACTOR_PLAYS, pours, FERRY_ON, false},
    {"while nobody takes what is sent", NULL, ACTOR_DEAF, NULL, FERRY_OFF, true},
    {"while it is taken slowly", NULL, ACTOR_PLAYS, sips, FERRY_OFF, true},
};

typedef struct interruption {
    trial trial; /* first */
    const struct row *row;
    bool is_stepped, by_signal;
} interruption;

static actor friendly;

/* A loop that steps has to look from time to time itself. */
static void run_looking(errand *g)
{
    if (!g->is_stepped) {
        errand_run(g);
        return;
    }
    errand_begin(g);
    while (g->e == FERRY_AGAIN)
        errand_go_on(g, 50);
}

static void interrupt_errand(interruption *i, errand *g)
{
    interrupter other = {.target = pthread_self()};
    session_here = g->session;
    if (!i->by_signal)
        other.session = g->session;
    if (pthread_create(&other.self, NULL, interrupt_later, &other))
        abort();
    run_looking(g);
    pthread_join(other.self, NULL);
    int64_t took = g->ended_ms - other.at_ms,
            most = WITHIN_MS + lateness_allows(WITHIN_MS, other.at_ms);
    if (g->e != FERRY_ERR_ABORTED || !strstr(ferry_explain(g->session), "interrupted"))
        trial_complain(&i->trial, "%s", ferry_explain(g->session));
    if (took < 0 || took > most)
        trial_complain(&i->trial, "after %d ms instead of %d", (int)took, (int)most);
}

/* The next call of the session goes as if nothing had been. */
static void try_again(interruption *i, const errand *before)
{
    errand g = {.session = before->session,
        .url = friendly.url,
        .is_stepped = before->is_stepped};
    errand_run(&g);
    if (g.e)
        trial_complain(&i->trial, "and the next one: %s", ferry_explain(g.session));
    errand_end(&g);
}

static void run_interruption(trial *t)
{
    interruption *i = (interruption *)(void *)t;
    const struct row *row = i->row;
    actor a = {.kind = row->kind, .plays = {row->play}};
    char url[64];
    if (!actor_open(&a))
        abort();
    snprintf(
        url, sizeof url, "http://%s:%u/", row->host ? row->host : "127.0.0.1", a.port);
    errand g = {.session = ferry_session_new_with(NULL),
        .url = url,
        .is_stepped = i->is_stepped,
        .opts = {.stream = row->stream, .method = row->is_upload ? "PUT" : "GET"}};
    if (row->is_upload)
        g.opts.body = (ferry_bytes){body, sizeof body};
    interrupt_errand(i, &g);
    errand_end(&g);
    actor_close(&a);
    try_again(i, &g);
    ferry_session_free(g.session);
}

enum { WAYS = 4 };

static interruption interruptions[COUNT(rows) * WAYS];
static trial *trials[COUNT(interruptions)];

/* Without threads nothing can interrupt a lookup. */
static bool looks_up_beside(void)
{
    char url[64];
    snprintf(url, sizeof url, "http://probe.test:%u/", friendly.port);
    if (ferry_once(url, NULL) == FERRY_OK && !resolver_was_here())
        return true;
    print_message("This build looks names up while the caller waits.\n");
    return false;
}

static void make(size_t i)
{
    static const char *const ways[WAYS] = {"by another thread",
        "by another thread, stepped", "by a signal", "by a signal, stepped"};
    interruption *n = &interruptions[i];
    *n = (interruption){.trial.run = run_interruption,
        .row = &rows[i / WAYS],
        .is_stepped = i % 2 == 1,
        .by_signal = i % WAYS >= 2};
    snprintf(n->trial.name, sizeof n->trial.name, "interrupted %s %s", n->row->name,
        ways[i % WAYS]);
    trials[i] = &n->trial;
}

/* --- neither lost nor sticky ----------------------------------------------------- */

static void before_a_call_it_ends_that_one_before_it_begins(void **state)
{
    (void)state;
    for (int is_stepped = 0; is_stepped < 2; is_stepped++) {
        int n_met = actor_met(&friendly);
        errand g = {.session = ferry_session_new_with(NULL),
            .url = friendly.url,
            .is_stepped = is_stepped};
        ferry_interrupt(g.session);
        ferry_interrupt(g.session);
        errand_run(&g);
        errand_end(&g);
        assert_int_equal(g.e, FERRY_ERR_ABORTED);
        assert_true(actor_has_met(&friendly, n_met));
        errand_run(&g);
        errand_end(&g);
        assert_int_equal(g.e, FERRY_OK);
        ferry_session_free(g.session);
    }
}

static void of_several_transfers_it_ends_one(void **state)
{
    static const act play[] = {{.kind = ACT_HEAR},
        {.kind = ACT_SAY, .text = "HTTP/1.1 204 No Content\r\n\r\n", .pause_ms = 100},
        {.kind = ACT_STAY}};
    errand g[3];
    int n_aborted = 0;
    actor a = {.plays = {play}};
    (void)state;
    assert_true(actor_open(&a));
    ferry_session *s = ferry_session_new_with(NULL);
    for (int i = 0; i < 3; i++) {
        g[i] = (errand){.session = s, .url = a.url};
        assert_int_equal(errand_begin(&g[i]), FERRY_AGAIN);
    }
    ferry_interrupt(s);
    for (int i = 0; i < 3; i++) {
        while (g[i].e == FERRY_AGAIN)
            errand_go_on(&g[i], 1000);
        n_aborted += g[i].e == FERRY_ERR_ABORTED;
        assert_true(g[i].e == FERRY_OK || g[i].e == FERRY_ERR_ABORTED);
        errand_end(&g[i]);
    }
    assert_int_equal(n_aborted, 1);
    ferry_session_free(s);
    actor_close(&a);
}

enum { INTERRUPTS = 200 };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int n_raised, n_aborted;
    ferry_session *session;
} count = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* One after the other, at any moment of a call. */
static void *raise_many(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&count.lock);
    for (int i = 0; i < INTERRUPTS; i++) {
        pthread_mutex_unlock(&count.lock);
        for (volatile int spin = 0; spin < i % 20 * 1000;)
            spin = spin + 1;
        ferry_interrupt(count.session);
        pthread_mutex_lock(&count.lock);
        count.n_raised++;
        while (count.n_aborted < count.n_raised)
            pthread_cond_wait(&count.changed, &count.lock);
    }
    pthread_mutex_unlock(&count.lock);
    return NULL;
}

static void each_ends_exactly_one_call(void **state)
{
    pthread_t other;
    int n_wrong = 0, n_left = INTERRUPTS;
    (void)state;
    count.session = ferry_session_new_with(NULL);
    assert_int_equal(pthread_create(&other, NULL, raise_many, NULL), 0);
    while (n_left) {
        ferry_err e = ferry_get(count.session, friendly.url, NULL);
        n_wrong += e != FERRY_OK && e != FERRY_ERR_ABORTED;
        n_left -= e == FERRY_ERR_ABORTED;
        pthread_mutex_lock(&count.lock);
        count.n_aborted += e == FERRY_ERR_ABORTED;
        pthread_cond_signal(&count.changed);
        pthread_mutex_unlock(&count.lock);
    }
    pthread_join(other, NULL);
    assert_int_equal(n_wrong, 0);
    for (int i = 0; i < 10; i++)
        assert_int_equal(ferry_get(count.session, friendly.url, NULL), FERRY_OK);
    ferry_session_free(count.session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_a_call_it_ends_that_one_before_it_begins),
        cmocka_unit_test(of_several_transfers_it_ends_one),
        cmocka_unit_test(each_ends_exactly_one_call),
    };
    struct sigaction a = {.sa_handler = on_signal};
    sigaction(SIGUSR1, &a, NULL);
    friendly = (actor){.plays = {answers}};
    if (!actor_open(&friendly))
        return 1;
    for (size_t i = 0; i < COUNT(interruptions); i++)
        make(i);
    size_t first = looks_up_beside() ? 0 : WAYS;
    lateness_start();
    int n_failed = trial_run_all(trials + first, COUNT(interruptions) - first);
    n_failed += cmocka_run_group_tests(tests, NULL, NULL);
    lateness_stop();
    actor_close(&friendly);
    return n_failed + !resolver_has_inside(0);
}
