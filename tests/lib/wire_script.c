/* wire_script.c - a conversation as text, read line by line.
 * tests. Knows the text. Does not know how it is played. SPDX-License-Identifier: MIT
 */
#include "lib/wire_script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct script_reader {
    wire_script *script;
    const wire_terms *terms;
    int line;
    size_t connection;
} script_reader;

/* --- what goes over a connection ------------------------------------------------- */

static wire_event *script_add_event(script_reader *r, wire_event_kind kind)
{
    wire_connection *c = &r->script->connections[r->connection];
    void *list = c->events;
    wire_event *e = wire_add(&list, &c->n, sizeof *c->events);
    c->events = list;
    e->kind = kind;
    e->line = r->line;
    return e;
}

static bool script_read_expect(script_reader *r, ferry_str text)
{
    wire_event *e = script_add_event(r, WIRE_EXPECT);
    return wire_expand(&e->bytes, text, r->terms) && e->bytes.len;
}

/* Lines that follow each other are one run of bytes, to be cut as the player likes. */
static bool script_read_give(script_reader *r, ferry_str text)
{
    const wire_connection *c = &r->script->connections[r->connection];
    wire_event *e = c->n ? &c->events[c->n - 1] : NULL;
    if (!e || e->kind != WIRE_GIVE || e->is_whole)
        e = script_add_event(r, WIRE_GIVE);
    return wire_expand(&e->bytes, text, r->terms) && e->bytes.len;
}

static bool script_read_whole(script_reader *r, ferry_str text)
{
    wire_event *e = script_add_event(r, WIRE_GIVE);
    e->is_whole = true;
    return wire_expand(&e->bytes, text, r->terms) && e->bytes.len;
}

static bool script_read_pause(script_reader *r, ferry_str text)
{
    r->script->is_timed = true;
    return wire_time(text, r->terms, &script_add_event(r, WIRE_PAUSE)->ms);
}

static bool script_read_end(script_reader *r, ferry_str text)
{
    static const struct {
        const char *name;
        wire_event_kind kind;
    } rows[] = {
        {"end", WIRE_END},
        {"close", WIRE_CLOSE},
        {"reset", WIRE_RESET},
        {"stall", WIRE_STALL},
        {"drain", WIRE_DRAIN},
        {"refuse", WIRE_REFUSE},
        {"silence", WIRE_SILENCE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (wire_same(text, wire_str(rows[i].name))) {
            script_add_event(r, rows[i].kind);
            return true;
        }
    return false;
}

/* --- what the caller does -------------------------------------------------------- */

static wire_command *script_last_command(script_reader *r)
{
    wire_script *s = r->script;
    return s->n_commands ? &s->commands[s->n_commands - 1] : NULL;
}

static bool script_read_expectation(script_reader *r, ferry_str text)
{
    wire_command *c = script_last_command(r);
    ferry_str key;
    if (!c || !wire_cut(&text, " ", &key))
        return false;
    void *list = c->expected;
    wire_expectation *e = wire_add(&list, &c->n_expected, sizeof *c->expected);
    c->expected = list;
    e->line = r->line;
    wire_put(&e->key, key.ptr, key.len);
    return wire_expand(&e->value, text, r->terms);
}

static bool script_read_option(script_reader *r, ferry_str text)
{
    wire_command *c = script_last_command(r);
    while (text.len && *text.ptr == ' ')
        text = (ferry_str){text.ptr + 1, text.len - 1};
    r->script->is_timed |= text.len > 8 && (memcmp(text.ptr, "timeout.", 8) == 0 ||
                                               memcmp(text.ptr, "expect.w", 8) == 0);
    return c && wire_option_read(c, text, r->terms);
}

/* A path alone is one of h.test. */
static bool script_read_url(script_reader *r, wire_command *c, ferry_str text)
{
    if (text.len && *text.ptr == '/')
        wire_printf(&c->url, "http://h.test%s", r->terms->port);
    return wire_expand(&c->url, text, r->terms);
}

static bool script_read_call(script_reader *r, wire_command *c, ferry_str text)
{
    ferry_str method;
    return wire_cut(&text, " ", &method) && wire_expand(&c->method, method, r->terms) &&
           script_read_url(r, c, text);
}

static bool script_read_sleep(script_reader *r, wire_command *c, ferry_str text)
{
    r->script->is_timed = true;
    return wire_time(text, r->terms, &c->number);
}

static bool script_read_number(script_reader *r, wire_command *c, ferry_str text)
{
    (void)r;
    return wire_number(text, &c->number);
}

static bool script_read_nothing(script_reader *r, wire_command *c, ferry_str text)
{
    (void)r, (void)c;
    return text.len == 0;
}

static bool script_read_command(script_reader *r, ferry_str name, ferry_str text)
{
    static const struct {
        const char *name;
        wire_command_kind kind;
        bool (*read)(script_reader *r, wire_command *c, ferry_str text);
    } rows[] = {
        {"session", WIRE_SESSION, script_read_nothing},
        {"update", WIRE_UPDATE, script_read_nothing},
        {"mount", WIRE_MOUNT, script_read_url},
        {"call", WIRE_CALL, script_read_call},
        {"read", WIRE_READ, script_read_number},
        {"free", WIRE_FREE, script_read_number},
        {"sleep", WIRE_SLEEP, script_read_sleep},
        {"close-idle", WIRE_CLOSE_IDLE, script_read_nothing},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (wire_same(name, wire_str(rows[i].name))) {
            void *list = r->script->commands;
            wire_command *c = wire_add(
                &list, &r->script->n_commands, sizeof *r->script->commands);
            r->script->commands = list;
            c->kind = rows[i].kind;
            c->line = r->line;
            return rows[i].read(r, c, text);
        }
    return false;
}

/* Lines that speak to the player itself. */
static bool script_read_only(script_reader *r, ferry_str text)
{
    wire_script *s = r->script;
    if (wire_same(text, wire_str("gzip"))) {
        /* Neither here nor there, if this build does not know it. */
        if (!strstr(r->terms->codings, "gzip"))
            s->is_memory_only = s->is_loopback_only = true;
        return true;
    }
    s->needs_digest |= wire_same(text, wire_str("digest"));
    s->is_memory_only |= wire_same(text, wire_str("memory"));
    s->is_loopback_only |= wire_same(text, wire_str("loopback"));
    s->is_blocking_only |= wire_same(text, wire_str("blocking"));
    s->is_stepped_only |= wire_same(text, wire_str("stepped"));
    return s->needs_digest || s->is_memory_only || s->is_loopback_only ||
           s->is_blocking_only || s->is_stepped_only;
}

static bool script_read_connection(script_reader *r, ferry_str text)
{
    int64_t n;
    if (!wire_number(text, &n) || n < 1 || n > WIRE_CONNECTIONS)
        return false;
    r->connection = (size_t)n;
    return true;
}

static bool script_read_word(script_reader *r, ferry_str line)
{
    ferry_str name;
    wire_cut(&line, " ", &name);
    if (wire_same(name, wire_str("only")))
        return script_read_only(r, line);
    if (wire_same(name, wire_str("connection")))
        return script_read_connection(r, line);
    return script_read_command(r, name, line);
}

/* --- all of it ------------------------------------------------------------------- */

static bool script_read_line(script_reader *r, ferry_str line)
{
    static const struct {
        const char *mark;
        bool (*read)(script_reader *r, ferry_str text);
    } rows[] = {
        {"<| ", script_read_whole},
        {"> ", script_read_expect},
        {"< ", script_read_give},
        {"~ ", script_read_pause},
        {"! ", script_read_end},
        {"= ", script_read_expectation},
        {" ", script_read_option},
    };
    if (line.len == 0 || *line.ptr == '#')
        return true;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n = strlen(rows[i].mark);
        if (line.len > n && memcmp(line.ptr, rows[i].mark, n) == 0)
            return rows[i].read(r, (ferry_str){line.ptr + n, line.len - n});
    }
    return script_read_word(r, line);
}

wire_script *wire_script_parse(
    const char *path, ferry_str text, const wire_terms *terms, wire_text *problem)
{
    wire_script *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    script_reader r = {.script = s, .terms = terms, .connection = 1};
    s->path = path;
    for (ferry_str line; wire_cut(&text, "\n", &line);) {
        r.line++;
        if (script_read_line(&r, line))
            continue;
        wire_printf(problem, "%s:%d: not a line of a wire script: ", path, r.line);
        wire_put_shown(problem, line);
        wire_script_free(s);
        return NULL;
    }
    for (size_t i = 0; i < s->n_commands; i++)
        wire_options_finish(&s->commands[i]);
    return s;
}

wire_script *wire_script_read(
    const char *path, const wire_terms *terms, wire_text *problem)
{
    char block[4096];
    wire_text text = {NULL, 0, 0};
    FILE *f = fopen(path, "rb");
    for (size_t n; f && (n = fread(block, 1, sizeof block, f));)
        wire_put(&text, block, n);
    if (f)
        fclose(f);
    wire_script *s = NULL;
    if (text.len)
        s = wire_script_parse(path, wire_view(&text), terms, problem);
    else
        wire_printf(problem, "%s: cannot be read, or is empty", path);
    wire_free(&text);
    return s;
}

static void script_free_command(wire_command *c)
{
    for (size_t i = 0; i < c->n_expected; i++) {
        wire_free(&c->expected[i].key);
        wire_free(&c->expected[i].value);
    }
    free(c->expected);
    wire_free(&c->method);
    wire_free(&c->url);
    wire_options_free(c);
}

void wire_script_free(wire_script *s)
{
    for (size_t i = 0; i < s->n_commands; i++)
        script_free_command(&s->commands[i]);
    free(s->commands);
    for (size_t i = 0; i <= WIRE_CONNECTIONS; i++) {
        for (size_t j = 0; j < s->connections[i].n; j++)
            wire_free(&s->connections[i].events[j].bytes);
        free(s->connections[i].events);
    }
    free(s);
}
