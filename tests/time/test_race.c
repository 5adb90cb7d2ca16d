/* test_race.c - several addresses, dialled in turn until one answers (RFC 8305), over
 * sockets: who comes next and when, who wins, and that nothing is left of the others.
 * SPDX-License-Identifier: MIT */
#include "lib/actor.h"
#include "lib/errand.h"
#include "lib/lateness.h"
#include "lib/loopback.h"
#include "lib/trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* Last bytes of 127.0.0.x, all at one port; there may be a fellow at ::1, too. */
enum { FRIENDLY = 1, FRIEND, HOLE, OTHER_HOLE, NOBODY, SIX, PLACES };

#define ANSWERS(name)                                                                  \
    {                                                                                  \
        {.kind = ACT_HEAR},                                                            \
            {.kind = ACT_SAY,                                                          \
                .text = "HTTP/1.1 200 " name "\r\nContent-Length: 0\r\n\r\n"},         \
            {.kind = ACT_AGAIN},                                                       \
    }
static const act of_friendly[] = ANSWERS("1"), of_friend[] = ANSWERS("2"),
                 of_six[] = ANSWERS("s");

static actor actors[PLACES] = {[FRIENDLY] = {.plays = {of_friendly}, .last = FRIENDLY},
    [FRIEND] = {.plays = {of_friend}, .last = FRIEND},
    [HOLE] = {.kind = ACTOR_SILENT, .last = HOLE},
    [OTHER_HOLE] = {.kind = ACTOR_SILENT, .last = OTHER_HOLE},
    [NOBODY] = {.kind = ACTOR_ABSENT, .last = NOBODY},
    [SIX] = {.plays = {of_six}, .is_ipv6 = true}};
static bool has_six;

/* A name is the list of the places where it leads: "31.test" is 127.0.0.3, and then
 * 127.0.0.1; 's' is ::1. */
static int resolve(
    void *ctx, const char *host, ferry_addr *out, int max, ferry_fault *fault)
{
    int n = 0;
    (void)ctx, (void)fault;
    for (const char *p = host; *p != '.' && n < max; p++)
        if (*p == 's')
            out[n++] = (ferry_addr){.family = FERRY_IPV6, .bytes = {[15] = 1}};
        else
            out[n++] = (ferry_addr){
                .family = FERRY_IPV4, .bytes = {127, 0, 0, (uint8_t)(*p - '0')}};
    return n;
}

static ferry_session *new_session(void)
{
    ferry_platform p = {.size = sizeof p, .resolve = resolve};
    return ferry_session_new(.platform = &p);
}

static int count_files(void)
{
    int n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (d && readdir(d))
        n++;
    closedir(d);
    return n;
}

/* --- races ----------------------------------------------------------------------- */

static const struct row {
    const char *name, *places;
    ferry_err e;
    int asked_ms;
    const char *said; /* the winner's name, or the error */
    ferry_timeout timeout;
} rows[] = {
    {"one address is dialled", "1", FERRY_OK, 0, "1", {0}},
    {"the first that opens wins", "21", FERRY_OK, 0, "2", {0}},
    /* RFC 8305 5 */
    {"silence is waited for a quarter of a second", "31", FERRY_OK, 250, "1", {0}},
    {"the next one is the next one", "321", FERRY_OK, 250, "2", {0}},
    {"silence twice is half a second", "341", FERRY_OK, 500, "1", {0}},
    {"a refusal is not waited for", "51", FERRY_OK, 0, "1", {0}},
    {"three refusals are not either", "5551", FERRY_OK, 0, "1", {0}},
    {"a refusal behind silence ends no race", "351", FERRY_OK, 250, "1", {0}},
    {"silence behind a refusal is waited for", "531", FERRY_OK, 250, "1", {0}},
    /* RFC 8305 4 */
    {"the other family comes next", "31s", FERRY_OK, 250, "s", {0}},
    {"wherever it stands", "3421s", FERRY_OK, 250, "s", {0}},
    {"the resolver's first is the first", "s12", FERRY_OK, 0, "s", {0}},
    {"silence alone is a connect time-out", "34", FERRY_ERR_CONNECT_TIMEOUT, 400, "",
        {.connect_ms = 400}},
    {"it may be a total time-out", "3434", FERRY_ERR_TOTAL_TIMEOUT, 350,
        "while connecting", {.total_ms = 350}},
    {"the time may be over before the second one", "31", FERRY_ERR_CONNECT_TIMEOUT, 200,
        "", {.connect_ms = 200}},
    {"one refusal is an error", "5", FERRY_ERR_CONNECT, 0, "connection refused", {0}},
    {"so are four", "5555", FERRY_ERR_CONNECT, 0, "connection refused", {0}},
    {"a refusal and silence are a time-out", "53", FERRY_ERR_CONNECT_TIMEOUT, 300, "",
        {.connect_ms = 300}},
    {"silence and a refusal are one, too", "35", FERRY_ERR_CONNECT_TIMEOUT, 400, "",
        {.connect_ms = 400}},
};

typedef struct race {
    trial trial; /* first */
    const struct row *row;
    bool is_stepped;
    errand errand;
} race;

static race races[COUNT(rows) * 2];
static trial *trials[COUNT(races)];

static void run_race(trial *t)
{
    race *r = (race *)(void *)t;
    char url[64];
    ferry_session_free(r->errand.session);
    r->errand = (errand){.session = new_session(),
        .url = url,
        .is_stepped = r->is_stepped,
        .opts.timeout = r->row->timeout};
    snprintf(url, sizeof url, "http://%s.test:%u/", r->row->places, actors[1].port);
    errand *g = &r->errand;
    errand_run(g);
    const char *said = g->e ? ferry_explain(g->session) : g->r->reason;
    if (g->e != r->row->e || !strstr(said, r->row->said))
        trial_complain(t, "%s: %s", ferry_err_name(g->e), said);
    errand_end(g);
    int64_t took = g->ended_ms - g->began_ms, asked = r->row->asked_ms;
    t->is_final = took < asked;
    if (took < asked || took > asked + lateness_allows(asked, g->began_ms))
        trial_complain(t, "%d ms instead of %d", (int)took, (int)asked);
}

static size_t make_races(void)
{
    size_t n = 0;
    for (size_t i = 0; i < COUNT(races); i++) {
        const struct row *row = &rows[i / 2];
        if (strchr(row->places, 's') && !has_six)
            continue;
        race *r = &races[n];
        *r = (race){.trial.run = run_race, .row = row, .is_stepped = i % 2 == 1};
        snprintf(r->trial.name, sizeof r->trial.name, "%s%s", row->name,
            r->is_stepped ? ", stepped" : "");
        trials[n++] = &r->trial;
    }
    return n;
}

/* --- what is left ---------------------------------------------------------------- */

static int files_before; /* the races */

/* Of all the races only the winners' connections, which have both their ends here. */
static void losers_are_closed(void **state)
{
    int n_winners = 0;
    (void)state;
    for (size_t i = 0; i < COUNT(races); i++)
        n_winners += races[i].errand.session && !races[i].errand.e;
    assert_int_equal(count_files(), files_before + 2 * n_winners);
    for (size_t i = 0; i < COUNT(races); i++)
        ferry_session_free(races[i].errand.session);
    for (int i = 1; i < PLACES; i++)
        assert_true(actors[i].kind != ACTOR_PLAYS || actor_has_open(&actors[i], 0));
    assert_int_equal(count_files(), files_before);
}

static errand g;
static char url[64];

/* A race of two, until both are dialled. */
static void begin_a_race(void)
{
    g = (errand){.session = new_session(), .url = url};
    snprintf(url, sizeof url, "http://34.test:%u/", actors[1].port);
    assert_int_equal(errand_begin(&g), FERRY_AGAIN);
    assert_int_equal(g.waited.why, FERRY_WAIT_CONNECT);
    assert_int_equal(g.waited.n, 1);
    assert_in_range(g.waited.timeout_ms, 1, 250);
    while (g.waited.n < 2)
        assert_int_equal(errand_go_on(&g, 5000), FERRY_AGAIN);
    assert_int_equal(count_files(), files_before + 2);
}

static void a_race_may_be_given_up(void **state)
{
    (void)state;
    begin_a_race();
    errand_end(&g);
    assert_int_equal(count_files(), files_before);
    ferry_session_free(g.session);
}

/* The system tries again after a second, and then there is room. */
static void whoever_began_earlier_may_still_win(void **state)
{
    (void)state;
    begin_a_race();
    close(loopback_accept(actors[HOLE].listener));
    while (g.waited.why == FERRY_WAIT_CONNECT)
        assert_int_equal(errand_go_on(&g, 5000), FERRY_AGAIN);
    assert_int_equal(g.waited.why, FERRY_WAIT_READ);
    assert_int_equal(count_files(), files_before + 1);
    assert_true(loopback_is_readable(actors[HOLE].listener, 0));
    errand_end(&g);
    ferry_session_free(g.session);
}

/* --- all of them ----------------------------------------------------------------- */

static bool open_all(void)
{
    bool is_open = true;
    for (int i = 1; i < SIX; i++) {
        actors[i].port = actors[1].port;
        is_open &= actor_open(&actors[i]);
    }
    actors[SIX].port = actors[1].port;
    has_six = actor_open(&actors[SIX]);
    if (!has_six)
        print_message("There is no ::1 here: families do not race.\n");
    return is_open;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(losers_are_closed),
        cmocka_unit_test(a_race_may_be_given_up),
        cmocka_unit_test(whoever_began_earlier_may_still_win),
    };
    if (!open_all())
        return 1;
    lateness_start();
    files_before = count_files();
    int n_failed = trial_run_all(trials, make_races());
    n_failed += cmocka_run_group_tests(tests, NULL, NULL);
    lateness_stop();
    for (int i = 1; i < PLACES; i++)
        if (i != SIX || has_six)
            actor_close(&actors[i]);
    return n_failed;
}
