/* wire_check.c - outcomes held against what a script expects.
 * tests. SPDX-License-Identifier: MIT */
#include "lib/wire_play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct check_place {
    const wire_play *play;
    const wire_command *command;
    const wire_outcome *outcome;
    const wire_expectation *expected;
    ferry_str value; /* of the expectation */
    wire_text *got;
} check_place;

/* --- words ----------------------------------------------------------------------- */

void wire_complain(const wire_script *s, int line, const wire_run *run,
    ferry_str expected, ferry_str got)
{
    wire_text t = {NULL, 0, 0};
    wire_printf(&t,
        "%s:%d: %s, %s, reads of %zu, writes of %zu\n    expected: ", s->path, line,
        run->is_loopback ? "loopback" : "memory",
        run->is_stepped ? "stepped" : "blocking", run->cut, run->most_out);
    wire_put_shown(&t, expected);
    wire_puts(&t, "\n    got:      ");
    wire_put_shown(&t, got);
    puts(t.ptr);
    wire_free(&t);
}

/* --- one expectation ------------------------------------------------------------- */

static bool check_text(const check_place *c, const char *got)
{
    wire_puts(c->got, got ? got : "(nothing)");
    return got && wire_same(c->value, wire_str(got));
}

static bool check_count(const check_place *c, int64_t got)
{
    int64_t n;
    wire_printf(c->got, "%lld", (long long)got);
    return wire_number(c->value, &n) && n == got;
}

static bool check_body(const check_place *c)
{
    wire_put(c->got, c->outcome->body.ptr, c->outcome->body.len);
    return wire_same(c->value, c->outcome->body);
}

static char check_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool check_same_nocase(ferry_str a, ferry_str b)
{
    size_t i = 0;
    while (i < a.len && i < b.len && check_lower(a.ptr[i]) == check_lower(b.ptr[i]))
        i++;
    return i == a.len && i == b.len;
}

/* The n-th line about a field speaks of its n-th value. */
static size_t check_nth(const check_place *c, ferry_str name)
{
    size_t n = 0;
    for (const wire_expectation *e = c->command->expected; e < c->expected; e++) {
        ferry_str rest = wire_view(&e->value), other = {"", 0};
        wire_cut(&rest, ": ", &other);
        n += wire_same(wire_view(&e->key), wire_view(&c->expected->key)) &&
             check_same_nocase(other, name);
    }
    return n;
}

static const ferry_field *check_find(ferry_fields f, ferry_str name, size_t nth)
{
    for (size_t i = 0; i < f.n; i++)
        if (check_same_nocase(f.at[i].name, name) && nth-- == 0)
            return &f.at[i];
    return NULL;
}

static bool check_field(const check_place *c, ferry_fields fields)
{
    ferry_str value = c->value, name = {"", 0};
    wire_cut(&value, ": ", &name);
    const ferry_field *f = check_find(fields, name, check_nth(c, name));
    wire_puts(c->got, f ? f->value.ptr : "(no such field)");
    return f && wire_same(f->value, value);
}

static bool check_header(const check_place *c)
{
    const ferry_response *r = c->outcome->response;
    return r && check_field(c, r->headers);
}

static bool check_trailer(const check_place *c)
{
    const ferry_response *r = c->outcome->response;
    return r && check_field(c, r->trailers);
}

/* "no header Name", "no trailer Name" */
static bool check_no(const check_place *c)
{
    ferry_str name = c->value, where;
    const ferry_response *r = c->outcome->response;
    if (!r || !wire_cut(&name, " ", &where))
        return false;
    bool is_header = wire_same(where, wire_str("header"));
    const ferry_field *f = check_find(is_header ? r->headers : r->trailers, name, 0);
    wire_puts(c->got, f ? f->value.ptr : "(no such field)");
    return !f && (is_header || wire_same(where, wire_str("trailer")));
}

static bool check_interim(const check_place *c)
{
    return check_count(c, c->outcome->response ? c->outcome->response->interim : -1);
}

static bool check_minor(const check_place *c)
{
    return check_count(c, c->outcome->response ? c->outcome->response->minor : -1);
}

static bool check_fields(const check_place *c)
{
    const ferry_response *r = c->outcome->response;
    return check_count(c, r ? (int64_t)r->headers.n : -1);
}

static bool check_reused(const check_place *c)
{
    const ferry_response *r = c->outcome->response;
    wire_puts(c->got, !r ? "(no response)" : r->reused ? "reused" : "fresh");
    return r && r->reused;
}

static bool check_fresh(const check_place *c)
{
    check_reused(c);
    return c->outcome->response && !c->outcome->response->reused;
}

static bool check_reason(const check_place *c)
{
    return check_text(c, c->outcome->response ? c->outcome->response->reason : NULL);
}

static bool check_url(const check_place *c)
{
    return check_text(c, c->outcome->response ? c->outcome->response->url : NULL);
}

static bool check_error(const check_place *c)
{
    wire_printf(c->got, "%s: %s", ferry_err_name(c->outcome->err), c->outcome->said);
    const char *name = ferry_err_name(c->outcome->err);
    size_t n = strlen("FERRY_ERR_");
    return c->outcome->err && wire_same(c->value, wire_str(name + n));
}

static bool check_explain(const check_place *c)
{
    wire_puts(c->got, c->outcome->said);
    return strstr(c->outcome->said, c->value.ptr) != NULL;
}

static bool check_connections(const check_place *c)
{
    return check_count(c, c->outcome->dialled);
}

static bool check_open(const check_place *c)
{
    return check_count(c, c->outcome->open);
}

/* To the millisecond under our own clock, roughly on a real one. */
static bool check_took(const check_place *c)
{
    enum { SLACK_MS = 300 };
    int64_t ms, got = c->outcome->took_ms, scale = c->play->terms->scale;
    bool is_good = wire_time(c->value, &(wire_terms){.scale = 1}, &ms);
    wire_printf(c->got, "%lldms", (long long)got);
    if (!c->play->world->run.is_loopback)
        return is_good && got == ms;
    return is_good && got >= ms - 2 * scale && got <= ms + SLACK_MS * scale;
}

/* "200 OK", or the code alone */
static bool check_status(const check_place *c)
{
    const ferry_response *r = c->outcome->response;
    int64_t status;
    if (!wire_number(wire_view(&c->expected->key), &status))
        return false;
    wire_printf(c->got, "%d %s", r ? r->status : 0, r ? r->reason : c->outcome->said);
    return r && status == r->status &&
           (c->value.len == 0 || wire_same(c->value, wire_str(r->reason)));
}

typedef struct check_row {
    const char *key;
    bool (*check)(const check_place *c);
    bool is_of_message; /* not of the connections or the time */
} check_row;

static const check_row *check_find_row(ferry_str key)
{
    static const check_row status = {"", check_status, true};
    static const check_row rows[] = {
        {"body", check_body, true},
        {"header", check_header, true},
        {"trailer", check_trailer, true},
        {"no", check_no, true},
        {"interim", check_interim, true},
        {"minor", check_minor, true},
        {"fields", check_fields, true},
        {"reason", check_reason, true},
        {"url", check_url, true},
        {"error", check_error, true},
        {"explain", check_explain, true},
        {"reused", check_reused, false},
        {"fresh", check_fresh, false},
        {"connections", check_connections, false},
        {"open", check_open, false},
        {"took", check_took, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (wire_same(key, wire_str(rows[i].key)))
            return &rows[i];
    return &status;
}

/* --- all of them ----------------------------------------------------------------- */

/* Every text of a response ends in a NUL that does not count. */
static bool check_is_sound(const ferry_response *r)
{
    bool is_sound = r->body.ptr && r->body.ptr[r->body.len] == '\0';
    for (size_t i = 0; i < r->headers.n; i++)
        is_sound &= r->headers.at[i].name.ptr[r->headers.at[i].name.len] == '\0' &&
                    r->headers.at[i].value.ptr[r->headers.at[i].value.len] == '\0';
    for (size_t i = 0; i < r->trailers.n; i++)
        is_sound &= r->trailers.at[i].name.ptr[r->trailers.at[i].name.len] == '\0' &&
                    r->trailers.at[i].value.ptr[r->trailers.at[i].value.len] == '\0';
    return is_sound;
}

static bool check_expects_error(const wire_command *c)
{
    bool is_error = false;
    for (size_t i = 0; i < c->n_expected; i++)
        is_error |= wire_same(wire_view(&c->expected[i].key), wire_str("error"));
    return is_error;
}

/* The first expectation that is not met, or NULL. Some are not in the script, line 0:
 * no error unless it speaks of one, and NULs where ferry.h promises them. */
static const wire_expectation *check_all(const wire_play *p, const wire_command *c,
    const wire_outcome *o, bool of_message, wire_text *got)
{
    static const wire_expectation unsaid = {.line = 0};
    check_place place = {p, c, o, NULL, {NULL, 0}, got};
    if (o->err && !check_expects_error(c)) {
        wire_printf(got, "%s: %s", ferry_err_name(o->err), o->said);
        return &unsaid;
    }
    if (o->response && !check_is_sound(o->response)) {
        wire_puts(got, "a text without a NUL behind it");
        return &unsaid;
    }
    for (size_t i = 0; i < c->n_expected; i++) {
        wire_clear(got);
        wire_puts(got, "");
        place.expected = &c->expected[i];
        place.value = wire_view(&c->expected[i].value);
        const check_row *row = check_find_row(wire_view(&c->expected[i].key));
        if ((row->is_of_message || !of_message) && !row->check(&place))
            return &c->expected[i];
    }
    return NULL;
}

bool wire_is_met(
    const wire_play *p, const wire_command *c, const wire_outcome *o, bool of_message)
{
    wire_text got = {NULL, 0, 0};
    bool is_met = check_all(p, c, o, of_message, &got) == NULL;
    wire_free(&got);
    return is_met;
}

bool wire_check(wire_play *p, const wire_command *c, const wire_outcome *o)
{
    wire_text got = {NULL, 0, 0}, expected = {NULL, 0, 0};
    const wire_expectation *e = check_all(p, c, o, false, &got);
    if (e) {
        wire_printf(&expected, "%s ", e->line ? e->key.ptr : "FERRY_OK");
        wire_put(&expected, e->value.ptr, e->value.len);
        wire_complain(p->world->script, e->line ? e->line : c->line, &p->world->run,
            wire_view(&expected), wire_view(&got));
    }
    wire_free(&got);
    wire_free(&expected);
    return e == NULL;
}

/* --- the end --------------------------------------------------------------------- */

static bool check_end_complain(
    const wire_play *p, int line, const char *expected, ferry_str got)
{
    wire_complain(p->world->script, line, &p->world->run, wire_str(expected), got);
    return false;
}

static bool check_peers(const wire_play *p)
{
    for (int i = 0; i < p->world->n_peers; i++) {
        const wire_peer *peer = &p->world->peers[i];
        int line = wire_peer_unmet(peer);
        if (line < 0)
            return check_end_complain(
                p, 0, "nothing more on this connection", wire_view(&peer->taken));
        if (line)
            return check_end_complain(
                p, line, "these bytes on the wire", wire_view(&peer->taken));
    }
    return true;
}

bool wire_check_clean(const wire_play *p)
{
    int dialled, open;
    p->world->calls->count(p->world, &dialled, &open);
    if (p->is_stuck)
        return check_end_complain(p, 0, "an end", wire_str("waiting for nothing"));
    if (p->world->problem.len)
        return check_end_complain(p, 0, "order", wire_view(&p->world->problem));
    if (open)
        return check_end_complain(
            p, 0, "every connection closed", wire_str("one left open"));
    if (!memory_is_clean(&p->world->memory))
        return check_end_complain(p, 0, "all memory given back",
            wire_str("some is left, or a size was wrong"));
    return true;
}

bool wire_check_end(const wire_play *p)
{
    return wire_check_clean(p) && check_peers(p);
}
