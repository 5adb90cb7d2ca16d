/* asking.c - what the tests of lookups share. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "lib/asking.h"

#include "lib/lateness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

enum { ASKING_A_MINUTE = 60 * 1000 };

struct asking asking;

static const act asking_answers[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
    {.kind = ACT_AGAIN}};
static const act asking_says_nothing[] = {{.kind = ACT_HEAR}, {.kind = ACT_STAY}};

int asking_set_up(void **state)
{
    asking.is_stepped = *state != NULL;
    asking.session = ferry_session_new_with(NULL);
    resolver_reset();
    return asking.session ? 0 : -1;
}

int asking_tear_down(void **state)
{
    (void)state;
    for (int i = 0; i < ASKING_ERRANDS; i++)
        errand_end(&asking.errands[i]);
    ferry_session_free(asking.session);
    resolver_release();
    return resolver_has_inside(0) ? 0 : -1;
}

int asking_open(void **state)
{
    asking.friendly = (actor){.plays = {asking_answers}};
    asking.silent = (actor){.plays = {asking_says_nothing}};
    asking.hole = (actor){.kind = ACTOR_SILENT, .last = 9};
    if (!actor_open(&asking.friendly) || !actor_open(&asking.silent))
        return -1;
    asking.hole.port = asking.friendly.port;
    lateness_start();
    if (!actor_open(&asking.hole) || asking_set_up(state))
        return -1;
    asking_run("probe.test", &asking.friendly, (ferry_timeout){0});
    asking.is_beside = resolver_asked(NULL) && !resolver_was_here();
    if (!asking.is_beside)
        print_message("This build looks names up while the caller waits.\n");
    return asking_tear_down(state);
}

int asking_close(void **state)
{
    (void)state;
    lateness_stop();
    actor_close(&asking.friendly);
    actor_close(&asking.silent);
    actor_close(&asking.hole);
    return 0;
}

errand *asking_prepare(int i, const char *host, const actor *at)
{
    char *url = asking.urls[i];
    snprintf(url, sizeof asking.urls[i], "http://%s:%u/", host, at->port);
    asking.errands[i] = (errand){
        .session = asking.session, .url = url, .is_stepped = asking.is_stepped};
    return &asking.errands[i];
}

errand *asking_run(const char *host, const actor *at, ferry_timeout timeout)
{
    errand *g = &asking.errands[ASKING_ERRANDS - 1];
    errand_end(g);
    g = asking_prepare(ASKING_ERRANDS - 1, host, at);
    g->opts.timeout = timeout;
    errand_run(g);
    return g;
}

void asking_begin_held(int n)
{
    char host[40];
    if (!asking.is_beside)
        skip();
    for (int i = 0; i < n; i++) {
        snprintf(host, sizeof host, "held.%d.test", i);
        errand *g = asking_prepare(i, host, &asking.friendly);
        assert_int_equal(errand_begin(g), FERRY_AGAIN);
        assert_int_equal(g->waited.why, FERRY_WAIT_NAME);
    }
    assert_true(resolver_has_inside(n < ASKING_AT_ONCE ? n : ASKING_AT_ONCE));
}

void asking_finish_one(errand *g)
{
    while (g->e == FERRY_AGAIN)
        errand_go_on(g, ASKING_A_MINUTE);
}

void asking_finish(int n)
{
    for (int i = 0; i < n; i++) {
        asking_finish_one(&asking.errands[i]);
        assert_int_equal(asking.errands[i].e, FERRY_OK);
    }
}

void asking_assert_in_time(const errand *g, int64_t asked_ms)
{
    int64_t took = g->ended_ms - g->began_ms;
    assert_in_range(took, asked_ms, asked_ms + lateness_allows(asked_ms, g->began_ms));
}

void asking_assert_calm(const errand *g)
{
    assert_in_range(g->steps, 0, 15);
    assert_in_range(g->longest_ms, 0, 20 + 2 * lateness_since(g->began_ms));
}
