/* wire_check.c - outcomes held against what a script expects.
 * tests. SPDX-License-Identifier: MIT */
#include "lib/wire_expect.h"

#include <stdio.h>

/* --- words ----------------------------------------------------------------------- */

static void check_put_most(wire_text *t, const char *what, size_t most)
{
    if (most < WIRE_WHOLE)
        wire_printf(t, ", %s of %zu", what, most);
}

void wire_complain(const wire_script *s, int line, const wire_run *run,
    ferry_str expected, ferry_str got)
{
    wire_text t = {NULL, 0, 0};
    wire_printf(&t, "%s:%d: %s, %s", s->path, line,
        run->is_loopback ? "loopback" : "memory",
        run->is_stepped ? "stepped" : "blocking");
    check_put_most(&t, "reads", run->cut);
    check_put_most(&t, "writes", run->most_out);
    wire_puts(&t, "\n    expected: ");
    wire_put_shown(&t, expected);
    wire_puts(&t, "\n    got:      ");
    wire_put_shown(&t, got);
    puts(t.ptr);
    wire_free(&t);
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
    wire_place place = {p, c, o, NULL, {NULL, 0}, got};
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
        const wire_rule *rule = wire_rule_of(wire_view(&c->expected[i].key));
        if ((rule->is_of_message || !of_message) && !rule->is_met(&place))
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
