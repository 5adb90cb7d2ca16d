/* test_deadlines.c - each time-out is an error of its own and comes in time: never early,
 * and by no more than a tenth or 50 ms late, whoever the peer is and however it drips,
 * stalls or says nothing at all, waited for or stepped.
 * SPDX-License-Identifier: MIT */
#include "lib/actor.h"
#include "lib/errand.h"
#include "lib/lateness.h"
#include "lib/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* Much more than the library lets the system hold for a peer that does not take it. A
 * second upload goes over the connection of one that went well: what the system holds has
 * grown by then. That of a source comes in many small pieces. */
enum {
    UPLOAD = 16 << 20,
    SECOND_UPLOAD = 15 << 20,
    SOURCE_UPLOAD = 14 << 20,
    SOURCE_PIECE = 4000,
    SHORT_UPLOAD = 6 << 20,
    LITTLE = 360000,
    PIECE = 400000
};

/* The bytes that an actor wants. */
static unsigned char body[UPLOAD];

/* --- plays ----------------------------------------------------------------------- */

#define FOR_EVER    ACT_FOR_EVER
#define LENGTH      "HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n"
#define CHUNKED     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define EARLY_HINTS "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"

static const act says_nothing[] = {{.kind = ACT_HEAR}, {.kind = ACT_STAY}};
static const act stops_in_its_head[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = "HTTP/1.1 200 OK\r\nConte", .pause_ms = 120},
    {.kind = ACT_STAY}};
static const act stops_behind_an_interim_head[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = EARLY_HINTS, .pause_ms = 120}, {.kind = ACT_STAY}};
static const act stops_before_its_body[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = LENGTH, .pause_ms = 120}, {.kind = ACT_STAY}};
static const act stops_in_its_body[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = LENGTH "abc"},
    {.kind = ACT_SAY, .text = "def", .pause_ms = 120}, {.kind = ACT_STAY}};
static const act stops_in_a_chunk_size[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = CHUNKED "3\r\nabc\r\n1", .pause_ms = 120},
    {.kind = ACT_STAY}};
static const act stops_in_its_trailers[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = CHUNKED "3\r\nabc\r\n0\r\nA: b\r\n", .pause_ms = 120},
    {.kind = ACT_STAY}};
static const act stops_after_dripping[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = LENGTH},
    {.kind = ACT_SAY, .text = "x", .times = 8, .pause_ms = 30}, {.kind = ACT_STAY}};

static const act drips_in_its_head[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = "HTTP/1.1 200 OK\r\nA: "},
    {.kind = ACT_SAY, .text = "b", .times = FOR_EVER, .pause_ms = 20}};
static const act drips_interim_heads[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = EARLY_HINTS, .times = FOR_EVER, .pause_ms = 20}};
static const act drips_in_its_body[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = LENGTH},
    {.kind = ACT_SAY, .text = "b", .times = FOR_EVER, .pause_ms = 20}};
static const act drips_in_a_chunk_extension[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = CHUNKED "3;a="},
    {.kind = ACT_SAY, .text = "b", .times = FOR_EVER, .pause_ms = 20}};
static const act drips_in_its_trailers[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = CHUNKED "3\r\nabc\r\n0\r\nA: "},
    {.kind = ACT_SAY, .text = "b", .times = FOR_EVER, .pause_ms = 20}};
static const act sends_a_megabyte_a_second[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = LENGTH},
    {.kind = ACT_SAY, .n = 10000, .times = FOR_EVER, .pause_ms = 10}};
static const act drips_and_ends[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n"},
    {.kind = ACT_SAY, .text = "x", .times = 12, .pause_ms = 70}, {.kind = ACT_STAY}};

static const act takes_a_part[] = {{.kind = ACT_HEAR},
    {.kind = ACT_TAKE, .n = PIECE, .times = 3, .pause_ms = 60}, {.kind = ACT_STAY}};
static const act takes_a_megabyte_a_second[] = {{.kind = ACT_HEAR},
    {.kind = ACT_TAKE, .n = 20000, .times = FOR_EVER, .pause_ms = 20}};
static const act takes_slowly_and_answers[] = {{.kind = ACT_HEAR},
    {.kind = ACT_TAKE, .n = SHORT_UPLOAD / 6, .times = 6, .pause_ms = 150},
    {.kind = ACT_SAY, .text = "HTTP/1.1 204 No Content\r\n\r\n"}, {.kind = ACT_STAY}};
static const act takes_little_by_little[] = {{.kind = ACT_HEAR},
    {.kind = ACT_TAKE, .n = LITTLE / 6, .times = 6, .pause_ms = 150},
    {.kind = ACT_SAY, .text = "HTTP/1.1 204 No Content\r\n\r\n"}, {.kind = ACT_STAY}};
static const act takes_all_late_and_stops[] = {{.kind = ACT_HEAR},
    {.kind = ACT_TAKE, .n = SHORT_UPLOAD, .pause_ms = 240}, {.kind = ACT_STAY}};
#define TAKES_ONE                                                                      \
    {.kind = ACT_HEAR}, {.kind = ACT_TAKE, .n = SECOND_UPLOAD},                        \
        {.kind = ACT_SAY, .text = "HTTP/1.1 204 No Content\r\n\r\n"},                  \
    {                                                                                  \
        .kind = ACT_HEAR                                                               \
    }
static const act takes_one_upload[] = {TAKES_ONE, {.kind = ACT_STAY}};
static const act takes_one_and_a_part[] = {TAKES_ONE,
    {.kind = ACT_TAKE, .n = PIECE, .times = 3, .pause_ms = 60}, {.kind = ACT_STAY}};
static const act takes_one_and_one_slowly[] = {TAKES_ONE,
    {.kind = ACT_TAKE, .n = SECOND_UPLOAD / 8, .times = 8, .pause_ms = 150},
    {.kind = ACT_SAY, .text = "HTTP/1.1 204 No Content\r\n\r\n"}, {.kind = ACT_STAY}};
static const act talks_and_takes_nothing[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = EARLY_HINTS, .times = FOR_EVER, .pause_ms = 40}};
static const act refuses_and_stops_in_its_body[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY,
        .text = "HTTP/1.1 413 Too Large\r\nContent-Length: 9\r\n\r\nabc",
        .pause_ms = 120},
    {.kind = ACT_STAY}};
static const act answers_and_takes_nothing[] = {{.kind = ACT_HEAR},
    {.kind = ACT_SAY, .text = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
    {.kind = ACT_STAY}};

/* --- rows ------------------------------------------------------------------------ */

/* From when the time counts. */
typedef enum since { SINCE_CALL, SINCE_SAID, SINCE_TOOK } since;

typedef struct row {
    const char *name;
    actor_kind kind;
    const act *play;
    size_t upload;
    ferry_timeout timeout;
    ferry_err e;
    since since;
    int asked_ms;
} row;

static const row rows[] = {
    {"a peer that is never reached is a connect time-out", ACTOR_SILENT, NULL, 0,
        {.connect_ms = 300}, FERRY_ERR_CONNECT_TIMEOUT, SINCE_CALL, 300},
    {"a peer that is never reached may be a total time-out", ACTOR_SILENT, NULL, 0,
        {.connect_ms = 400, .total_ms = 200}, FERRY_ERR_TOTAL_TIMEOUT, SINCE_CALL, 200},
    {"without time to connect nobody is waited for", ACTOR_SILENT, NULL, 0,
        {.connect_ms = FERRY_NONE}, FERRY_ERR_CONNECT_TIMEOUT, SINCE_CALL, 0},

    {"a peer that does not even read is a read time-out", ACTOR_DEAF, NULL, 0,
        {.read_ms = 300}, FERRY_ERR_READ_TIMEOUT, SINCE_CALL, 300},
    {"a peer that says nothing is a read time-out", ACTOR_PLAYS, says_nothing, 0,
        {.read_ms = 200}, FERRY_ERR_READ_TIMEOUT, SINCE_CALL, 200},
    {"a longer read time-out comes as exactly", ACTOR_PLAYS, says_nothing, 0,
        {.read_ms = 700}, FERRY_ERR_READ_TIMEOUT, SINCE_CALL, 700},
    {"a peer that says nothing may be a total time-out", ACTOR_PLAYS, says_nothing, 0,
        {.read_ms = 500, .total_ms = 300}, FERRY_ERR_TOTAL_TIMEOUT, SINCE_CALL, 300},
    {"without time to read nobody is waited for", ACTOR_PLAYS, says_nothing, 0,
        {.read_ms = FERRY_NONE}, FERRY_ERR_READ_TIMEOUT, SINCE_CALL, 0},
    {"a head that stops is a read time-out", ACTOR_PLAYS, stops_in_its_head, 0,
        {.read_ms = 300}, FERRY_ERR_READ_TIMEOUT, SINCE_SAID, 300},
    {"silence behind an interim head is a read time-out", ACTOR_PLAYS,
        stops_behind_an_interim_head, 0, {.read_ms = 250}, FERRY_ERR_READ_TIMEOUT,
        SINCE_SAID, 250},
    {"a body that does not begin is a read time-out", ACTOR_PLAYS,
        stops_before_its_body, 0, {.read_ms = 350}, FERRY_ERR_READ_TIMEOUT, SINCE_SAID,
        350},
    {"a body that stops is a read time-out", ACTOR_PLAYS, stops_in_its_body, 0,
        {.read_ms = 250}, FERRY_ERR_READ_TIMEOUT, SINCE_SAID, 250},
    {"a chunk size that stops is a read time-out", ACTOR_PLAYS, stops_in_a_chunk_size,
        0, {.read_ms = 250}, FERRY_ERR_READ_TIMEOUT, SINCE_SAID, 250},
    {"trailers that stop are a read time-out", ACTOR_PLAYS, stops_in_its_trailers, 0,
        {.read_ms = 250}, FERRY_ERR_READ_TIMEOUT, SINCE_SAID, 250},
    {"silence counts from the last drop", ACTOR_PLAYS, stops_after_dripping, 0,
        {.read_ms = 250}, FERRY_ERR_READ_TIMEOUT, SINCE_SAID, 250},
    {"slow but steady is no silence", ACTOR_PLAYS, drips_and_ends, 0, {.read_ms = 300},
        FERRY_OK, SINCE_SAID, 0},

    {"a dripping head cannot outlive the total", ACTOR_PLAYS, drips_in_its_head, 0,
        {.read_ms = 200, .total_ms = 400}, FERRY_ERR_TOTAL_TIMEOUT, SINCE_CALL, 400},
    {"dripping interim heads cannot outlive the total", ACTOR_PLAYS,
        drips_interim_heads, 0, {.read_ms = 200, .total_ms = 300},
        FERRY_ERR_TOTAL_TIMEOUT, SINCE_CALL, 300},
    {"a dripping body cannot outlive the total", ACTOR_PLAYS, drips_in_its_body, 0,
        {.read_ms = 200, .total_ms = 400}, FERRY_ERR_TOTAL_TIMEOUT, SINCE_CALL, 400},
    {"with more patience it cannot either", ACTOR_PLAYS, drips_in_its_body, 0,
        {.read_ms = 5000, .total_ms = 700}, FERRY_ERR_TOTAL_TIMEOUT, SINCE_CALL, 700},
    {"a dripping chunk extension cannot outlive the total", ACTOR_PLAYS,
        drips_in_a_chunk_extension, 0, {.read_ms = 200, .total_ms = 400},
        FERRY_ERR_TOTAL_TIMEOUT, SINCE_CALL, 400},
    {"dripping trailers cannot outlive the total", ACTOR_PLAYS, drips_in_its_trailers,
        0, {.read_ms = 200, .total_ms = 400}, FERRY_ERR_TOTAL_TIMEOUT, SINCE_CALL, 400},
    {"a megabyte a second cannot outlive the total", ACTOR_PLAYS,
        sends_a_megabyte_a_second, 0, {.read_ms = 200, .total_ms = 400},
        FERRY_ERR_TOTAL_TIMEOUT, SINCE_CALL, 400},

    {"a peer that takes nothing is a write time-out", ACTOR_DEAF, NULL, UPLOAD,
        {.write_ms = 300}, FERRY_ERR_WRITE_TIMEOUT, SINCE_CALL, 300},
    {"a peer that takes nothing may be a total time-out", ACTOR_DEAF, NULL, UPLOAD,
        {.write_ms = 400, .total_ms = 250}, FERRY_ERR_TOTAL_TIMEOUT, SINCE_CALL, 250},
    {"a peer that takes a part is a write time-out", ACTOR_PLAYS, takes_a_part,
        SHORT_UPLOAD, {.write_ms = 250}, FERRY_ERR_WRITE_TIMEOUT, SINCE_TOOK, 250},
    {"talking is not taking", ACTOR_PLAYS, talks_and_takes_nothing, UPLOAD,
        {.read_ms = 5000, .write_ms = 300}, FERRY_ERR_WRITE_TIMEOUT, SINCE_CALL, 300},
    {"taking slowly cannot outlive the total", ACTOR_PLAYS, takes_a_megabyte_a_second,
        UPLOAD, {.write_ms = 5000, .total_ms = 400}, FERRY_ERR_TOTAL_TIMEOUT,
        SINCE_CALL, 400},
    {"whoever takes slowly but steadily is waited for", ACTOR_PLAYS,
        takes_slowly_and_answers, SHORT_UPLOAD, {.write_ms = 270}, FERRY_OK, SINCE_SAID,
        0},
    {"each byte that is taken counts", ACTOR_PLAYS, takes_little_by_little, LITTLE,
        {.write_ms = 270}, FERRY_OK, SINCE_SAID, 0},
    {"a second upload that is not taken is a write time-out", ACTOR_PLAYS,
        takes_one_upload, SECOND_UPLOAD, {.write_ms = 300}, FERRY_ERR_WRITE_TIMEOUT,
        SINCE_CALL, 300},
    {"a second upload that is taken in part is a write time-out", ACTOR_PLAYS,
        takes_one_and_a_part, SECOND_UPLOAD, {.write_ms = 250}, FERRY_ERR_WRITE_TIMEOUT,
        SINCE_TOOK, 250},
    {"a second upload that is taken slowly but steadily is waited for", ACTOR_PLAYS,
        takes_one_and_one_slowly, SECOND_UPLOAD, {.write_ms = 270}, FERRY_OK,
        SINCE_SAID, 0},
    {"a source that is not taken is a write time-out", ACTOR_DEAF, NULL, SOURCE_UPLOAD,
        {.write_ms = 300}, FERRY_ERR_WRITE_TIMEOUT, SINCE_CALL, 300},
    {"a source that is taken in part is a write time-out", ACTOR_PLAYS, takes_a_part,
        SOURCE_UPLOAD, {.write_ms = 250}, FERRY_ERR_WRITE_TIMEOUT, SINCE_TOOK, 250},
    {"silence counts from the end of sending", ACTOR_PLAYS, takes_all_late_and_stops,
        SHORT_UPLOAD, {.read_ms = 300}, FERRY_ERR_READ_TIMEOUT, SINCE_TOOK, 300},
    {"a refusal that stops is a read time-out", ACTOR_PLAYS,
        refuses_and_stops_in_its_body, UPLOAD, {.read_ms = 300}, FERRY_ERR_READ_TIMEOUT,
        SINCE_SAID, 300},
    {"an answer does not excuse who takes nothing", ACTOR_PLAYS,
        answers_and_takes_nothing, UPLOAD, {.write_ms = 300}, FERRY_ERR_WRITE_TIMEOUT,
        SINCE_CALL, 300},
};

/* --- trials ---------------------------------------------------------------------- */

typedef struct deadline {
    trial trial; /* first */
    const row *row;
    bool is_stepped, is_streamed;
} deadline;

static ptrdiff_t read_source(void *ctx, void *p, size_t n)
{
    size_t *at = ctx, piece = n < SOURCE_PIECE ? n : SOURCE_PIECE;
    memcpy(p, body + *at, piece);
    *at += piece;
    return (ptrdiff_t)piece;
}

static errand run_errand(const deadline *d, actor *a)
{
    const row *asked = d->row;
    size_t at = 0;
    const ferry_source source = {&at, read_source, NULL, SOURCE_UPLOAD};
    errand g = {.url = a->url,
        .is_stepped = d->is_stepped,
        .opts = {.timeout = asked->timeout,
            .stream = d->is_streamed ? FERRY_ON : FERRY_OFF,
            .method = asked->upload ? "PUT" : "GET",
            .body = {asked->upload ? body : NULL, asked->upload},
            .expect = {.above = FERRY_UNLIMITED}}};
    g.session = ferry_session_new_with(NULL);
    if (asked->upload == SOURCE_UPLOAD) {
        g.opts.body = (ferry_bytes){NULL, 0};
        g.opts.source = &source;
    }
    if (asked->upload == SECOND_UPLOAD)
        ferry_put(g.session, a->url, NULL, .body = g.opts.body);
    errand_run(&g);
    errand_end(&g);
    ferry_session_free(g.session);
    return g;
}

static void judge_time(deadline *d, const errand *g, const actor *a)
{
    const row *asked = d->row;
    int64_t from = g->began_ms, by = g->began_ms;
    if (asked->since == SINCE_SAID) {
        from = a->said_from_ms;
        by = a->said_by_ms;
    } else if (asked->since == SINCE_TOOK) {
        from = a->took_from_ms;
        by = a->took_by_ms;
    }
    int64_t most = asked->asked_ms + lateness_allows(asked->asked_ms, g->began_ms);
    if (g->ended_ms - from < asked->asked_ms) {
        trial_complain(
            &d->trial, "%d ms early", (int)(asked->asked_ms - (g->ended_ms - from)));
        d->trial.is_final = true;
    }
    if (g->ended_ms - by > most)
        trial_complain(&d->trial, "after %d ms instead of %d, or %d at most",
            (int)(g->ended_ms - by), asked->asked_ms, (int)most);
}

/* It may wake up whenever something happened, and a few times besides; and never is it
 * the step itself that waits. */
static void judge_steps(deadline *d, const errand *g, const actor *a)
{
    int most = 20 + 4 * a->moves;
    int64_t longest = lateness_allows(0, g->began_ms);
    if (g->steps > most)
        trial_complain(&d->trial, "%d steps instead of %d at most", g->steps, most);
    if (g->longest_ms > longest)
        trial_complain(&d->trial, "a step of %d ms", (int)g->longest_ms);
}

static void run_deadline(trial *t)
{
    deadline *d = (deadline *)(void *)t;
    actor a = {.kind = d->row->kind, .plays = {d->row->play}};
    if (!actor_open(&a)) {
        trial_complain(t, "there is no place for the peer");
        return;
    }
    errand g = run_errand(d, &a);
    actor_close(&a);
    if (g.e != d->row->e)
        trial_complain(t, "%s instead of %s after %d ms", ferry_err_name(g.e),
            ferry_err_name(d->row->e), (int)(g.ended_ms - g.began_ms));
    if (a.n_met > 1)
        trial_complain(t, "%d connections", a.n_met);
    judge_time(d, &g, &a);
    judge_steps(d, &g, &a);
    if (a.is_wrong)
        trial_complain(t, "what was sent came as something else");
}

/* --- all ways -------------------------------------------------------------------- */

enum { WAYS = 4 };

static deadline deadlines[COUNT(rows) * WAYS];
static trial *trials[COUNT(deadlines)];

static void make(size_t i)
{
    static const char *const ways[WAYS] = {
        "", ", stepped", ", streamed", ", streamed and stepped"};
    deadline *d = &deadlines[i];
    *d = (deadline){.trial.run = run_deadline,
        .row = &rows[i / WAYS],
        .is_stepped = i % 2 == 1,
        .is_streamed = i % WAYS >= 2};
    snprintf(d->trial.name, sizeof d->trial.name, "%s%s", d->row->name, ways[i % WAYS]);
    trials[i] = &d->trial;
}

int main(void)
{
    for (size_t i = 0; i < sizeof body; i++)
        body[i] = actor_byte(i);
    for (size_t i = 0; i < COUNT(deadlines); i++)
        make(i);
    lateness_start();
    int n_failed = trial_run_all(trials, COUNT(deadlines));
    lateness_stop();
    return n_failed;
}
