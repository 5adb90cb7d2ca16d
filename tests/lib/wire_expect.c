/* wire_expect.c - one expectation of a script, held against an outcome.
 * tests. SPDX-License-Identifier: MIT */
#include "lib/wire_expect.h"

#include <string.h>

static bool expect_text(const wire_place *c, const char *got)
{
    wire_puts(c->got, got ? got : "(nothing)");
    return got && wire_same(c->value, wire_str(got));
}

static bool expect_count(const wire_place *c, int64_t got)
{
    int64_t n;
    wire_printf(c->got, "%lld", (long long)got);
    return wire_number(c->value, &n) && n == got;
}

static bool expect_body(const wire_place *c)
{
    wire_put(c->got, c->outcome->body.ptr, c->outcome->body.len);
    return wire_same(c->value, c->outcome->body);
}

static char expect_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool expect_same_nocase(ferry_str a, ferry_str b)
{
    size_t i = 0;
    while (i < a.len && i < b.len && expect_lower(a.ptr[i]) == expect_lower(b.ptr[i]))
        i++;
    return i == a.len && i == b.len;
}

/* The n-th line about a field speaks of its n-th value. */
static size_t expect_nth(const wire_place *c, ferry_str name)
{
    size_t n = 0;
    for (const wire_expectation *e = c->command->expected; e < c->expected; e++) {
        ferry_str rest = wire_view(&e->value), other = {"", 0};
        wire_cut(&rest, ": ", &other);
        n += wire_same(wire_view(&e->key), wire_view(&c->expected->key)) &&
             expect_same_nocase(other, name);
    }
    return n;
}

static const ferry_field *expect_find(ferry_fields f, ferry_str name, size_t nth)
{
    for (size_t i = 0; i < f.n; i++)
        if (expect_same_nocase(f.at[i].name, name) && nth-- == 0)
            return &f.at[i];
    return NULL;
}

static bool expect_field(const wire_place *c, ferry_fields fields)
{
    ferry_str value = c->value, name = {"", 0};
    wire_cut(&value, ": ", &name);
    const ferry_field *f = expect_find(fields, name, expect_nth(c, name));
    wire_puts(c->got, f ? f->value.ptr : "(no such field)");
    return f && wire_same(f->value, value);
}

static bool expect_header(const wire_place *c)
{
    const ferry_response *r = c->outcome->response;
    return r && expect_field(c, r->headers);
}

static bool expect_trailer(const wire_place *c)
{
    const ferry_response *r = c->outcome->response;
    return r && expect_field(c, r->trailers);
}

/* "no header Name", "no trailer Name" */
static bool expect_no(const wire_place *c)
{
    ferry_str name = c->value, where;
    const ferry_response *r = c->outcome->response;
    if (!r || !wire_cut(&name, " ", &where))
        return false;
    bool is_header = wire_same(where, wire_str("header"));
    const ferry_field *f = expect_find(is_header ? r->headers : r->trailers, name, 0);
    wire_puts(c->got, f ? f->value.ptr : "(no such field)");
    return !f && (is_header || wire_same(where, wire_str("trailer")));
}

static bool expect_interim(const wire_place *c)
{
    return expect_count(c, c->outcome->response ? c->outcome->response->interim : -1);
}

static bool expect_minor(const wire_place *c)
{
    return expect_count(c, c->outcome->response ? c->outcome->response->minor : -1);
}

static bool expect_fields(const wire_place *c)
{
    const ferry_response *r = c->outcome->response;
    return expect_count(c, r ? (int64_t)r->headers.n : -1);
}

static bool expect_reused(const wire_place *c)
{
    const ferry_response *r = c->outcome->response;
    wire_puts(c->got, !r ? "(no response)" : r->reused ? "reused" : "fresh");
    return r && r->reused;
}

static bool expect_fresh(const wire_place *c)
{
    expect_reused(c);
    return c->outcome->response && !c->outcome->response->reused;
}

static bool expect_reason(const wire_place *c)
{
    return expect_text(c, c->outcome->response ? c->outcome->response->reason : NULL);
}

static bool expect_url(const wire_place *c)
{
    return expect_text(c, c->outcome->response ? c->outcome->response->url : NULL);
}

static bool expect_redirects(const wire_place *c)
{
    return expect_count(c, c->outcome->response ? c->outcome->response->redirects : -1);
}

static bool expect_next(const wire_place *c)
{
    return expect_text(c, c->outcome->response ? c->outcome->response->next_url : NULL);
}

static bool expect_history(const wire_place *c)
{
    const ferry_response *r = c->outcome->response;
    return expect_count(c, r ? (int64_t)r->n_history : -1);
}

/* "302 GET http://h.test/a 0ms": the n-th such line speaks of the n-th hop. What failed
 * has the name of its error for a status. */
static bool expect_hop(const wire_place *c)
{
    const ferry_response *r = c->outcome->response;
    size_t nth = 0;
    for (const wire_expectation *e = c->command->expected; e < c->expected; e++)
        nth += wire_same(wire_view(&e->key), wire_str("hop"));
    if (!r || nth >= r->n_history) {
        wire_puts(c->got, "(no such hop)");
        return false;
    }
    const ferry_hop *h = &r->history[nth];
    if (h->err)
        wire_puts(c->got, ferry_err_name(h->err) + strlen("FERRY_ERR_"));
    else
        wire_printf(c->got, "%d", h->status);
    wire_printf(c->got, " %s %s %lldms", h->method, h->url, (long long)h->delay_ms);
    return wire_same(c->value, wire_view(c->got));
}

static bool expect_error(const wire_place *c)
{
    wire_printf(c->got, "%s: %s", ferry_err_name(c->outcome->err), c->outcome->said);
    const char *name = ferry_err_name(c->outcome->err);
    size_t n = strlen("FERRY_ERR_");
    return c->outcome->err && wire_same(c->value, wire_str(name + n));
}

static bool expect_explain(const wire_place *c)
{
    wire_puts(c->got, c->outcome->said);
    return strstr(c->outcome->said, c->value.ptr) != NULL;
}

static bool expect_connections(const wire_place *c)
{
    return expect_count(c, c->outcome->dialled);
}

static bool expect_open(const wire_place *c)
{
    return expect_count(c, c->outcome->open);
}

/* To the millisecond under our own clock, roughly on a real one. */
static bool expect_took(const wire_place *c)
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
static bool expect_status(const wire_place *c)
{
    const ferry_response *r = c->outcome->response;
    int64_t status;
    if (!wire_number(wire_view(&c->expected->key), &status))
        return false;
    wire_printf(c->got, "%d %s", r ? r->status : 0, r ? r->reason : c->outcome->said);
    return r && status == r->status &&
           (c->value.len == 0 || wire_same(c->value, wire_str(r->reason)));
}

const wire_rule *wire_rule_of(ferry_str key)
{
    static const wire_rule status = {"", expect_status, true};
    static const wire_rule rows[] = {
        {"body", expect_body, true},
        {"header", expect_header, true},
        {"trailer", expect_trailer, true},
        {"no", expect_no, true},
        {"interim", expect_interim, true},
        {"minor", expect_minor, true},
        {"fields", expect_fields, true},
        {"reason", expect_reason, true},
        {"url", expect_url, true},
        {"redirects", expect_redirects, true},
        {"next", expect_next, true},
        {"history", expect_history, true},
        {"hop", expect_hop, false}, /* why it was, and when */
        {"error", expect_error, true},
        {"explain", expect_explain, true},
        {"reused", expect_reused, false},
        {"fresh", expect_fresh, false},
        {"connections", expect_connections, false},
        {"open", expect_open, false},
        {"took", expect_took, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (wire_same(key, wire_str(rows[i].key)))
            return &rows[i];
    return &status;
}
