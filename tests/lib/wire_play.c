/* wire_play.c - what the caller does in a script, done through ferry.h.
 * tests. Knows the public interface. Does not know where the bytes go, or what should
 * have come of it: that is for the judge. SPDX-License-Identifier: MIT */
#include "lib/wire_play.h"

#include <string.h>

/* --- the trace ------------------------------------------------------------------- */

/* FNV-1a */
static uint64_t play_hash(uint64_t h, ferry_str s)
{
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.ptr[i]) * 0x100000001b3u;
    return (h ^ s.len) * 0x100000001b3u;
}

static void play_trace_bytes(wire_play *p, const char *name, ferry_str s)
{
    wire_printf(&p->trace, ", %s %zu %016llx", name, s.len,
        (unsigned long long)play_hash(0xcbf29ce484222325u, s));
}

static void play_trace_fields(wire_play *p, const char *name, ferry_fields f)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < f.n; i++)
        h = play_hash(play_hash(h, f.at[i].name), f.at[i].value);
    wire_printf(&p->trace, ", %s %zu %016llx", name, f.n, (unsigned long long)h);
}

static void play_trace(wire_play *p, const wire_command *c, const wire_outcome *o)
{
    const ferry_response *r = o->response;
    wire_printf(&p->trace, "line %d: %s", c->line, ferry_err_name(o->err));
    if (r && r->status) {
        wire_printf(&p->trace, ", %d '%s', HTTP/1.%d, interim %d, %s", r->status,
            r->reason, r->minor, r->interim, r->reused ? "reused" : "fresh");
        wire_printf(&p->trace, ", %d redirects", r->redirects);
        for (size_t i = 0; i < r->n_history; i++)
            wire_printf(&p->trace, ", %s %d %s after %d",
                ferry_err_name(r->history[i].err), r->history[i].status,
                r->history[i].method, r->history[i].why);
        play_trace_fields(p, "fields", r->headers);
        play_trace_fields(p, "trailers", r->trailers);
        play_trace_bytes(p, "body", o->body);
    }
    wire_printf(&p->trace, ", %d connections, %d open\n", o->dialled, o->open);
}

/* Which bytes the client sent where, without the port that stands behind the hosts. */
static void play_trace_peers(wire_play *p)
{
    for (int i = 0; i < p->world->n_peers; i++) {
        ferry_str rest = wire_view(&p->world->peers[i].taken);
        wire_text taken = {NULL, 0, 0};
        for (ferry_str piece; wire_cut(&rest, p->terms->port, &piece);)
            wire_put(&taken, piece.ptr, piece.len);
        wire_printf(&p->trace, "connection %d", i + 1);
        play_trace_bytes(p, "took", wire_view(&taken));
        wire_puts(&p->trace, "\n");
        wire_free(&taken);
    }
}

/* --- calls ----------------------------------------------------------------------- */

/* A caller who waits for his own source knows when it has something. */
static bool play_has_more(const wire_play *p, const ferry_wait *w)
{
    return w->why == FERRY_WAIT_SOURCE && p->source && !wire_source_is_dry(p->source);
}

static ferry_err play_wait(wire_play *p, const ferry_wait *w)
{
    if (play_has_more(p, w))
        return FERRY_OK;
    if (p->world->calls->wait(p->world, w))
        return FERRY_OK;
    p->is_stuck = true;
    return FERRY_ERR_ABORTED;
}

/* Pieces of a streamed body, until the empty one. */
static ferry_err play_read(wire_play *p, ferry_response *r)
{
    for (ferry_str piece;;) {
        ferry_wait w;
        ferry_err e = ferry_next(r, &piece);
        if (e == FERRY_AGAIN) {
            e = ferry_waiting(r, &w);
            e = e ? e : play_wait(p, &w);
        } else if (!e && piece.len == 0) {
            return FERRY_OK;
        }
        if (e)
            return e;
        wire_put(&p->body, piece.ptr, piece.len);
    }
}

static ferry_err play_stepped(wire_play *p, const wire_command *c, ferry_response **r)
{
    ferry_opts o = c->opts;
    ferry_wait w;
    if (!o.method)
        o.method = c->method.ptr;
    ferry_err e = ferry_begin_with(p->session, c->url.ptr, r, &o);
    while (!e && (e = ferry_step(*r, &w)) == FERRY_AGAIN)
        e = play_wait(p, &w);
    if (e && *r && !p->is_stuck && ferry_step(*r, &w) != e)
        wire_puts(&p->world->problem, "another step gives another error");
    return e;
}

static ferry_err play_blocking(wire_play *p, const wire_command *c, ferry_response **r)
{
    ferry_response **out = c->discards ? NULL : r;
    return ferry_send(p->session, c->method.ptr, c->url.ptr, out, &c->opts);
}

/* Bytes that the script says will come on a transport that was taken. */
static size_t play_awaited(const wire_command *c)
{
    for (size_t i = 0; i < c->n_expected; i++)
        if (wire_same(wire_view(&c->expected[i].key), wire_str("body")))
            return c->expected[i].value.len;
    return 0;
}

static ferry_err play_wait_for(wire_play *p, ferry_transport *t)
{
    ferry_wait w = {.timeout_ms = -1};
    t->calls->want(t, &w);
    return play_wait(p, &w);
}

static ptrdiff_t play_hear(wire_play *p, ferry_transport *t)
{
    char piece[256];
    ptrdiff_t n = t->calls->read(t, piece, sizeof piece, 0);
    if (n > 0)
        wire_put(&p->body, piece, (size_t)n);
    return n;
}

/* Speak the new protocol: say what the call says, and read as much as is awaited. */
static ferry_err play_talk(wire_play *p, const wire_command *c, ferry_transport *t)
{
    ferry_str left = wire_view(&c->says);
    size_t awaited = play_awaited(c);
    while (left.len || p->body.len < awaited) {
        ptrdiff_t said = left.len ? t->calls->write(t, left.ptr, left.len, 0) : 0;
        size_t n = said > 0 ? (size_t)said : 0;
        left = (ferry_str){left.ptr + n, left.len - n};
        ptrdiff_t heard = play_hear(p, t);
        if (said == FERRY_FAILED || heard == FERRY_FAILED || heard == 0)
            return FERRY_ERR_CLOSED;
        if (n == 0 && heard < 0) {
            ferry_err e = play_wait_for(p, t);
            if (e)
                return e;
        }
    }
    return FERRY_OK;
}

static ferry_err play_take(wire_play *p, const wire_command *c, ferry_response *r)
{
    ferry_transport *t;
    ferry_err e = ferry_take(r, &t);
    if (e)
        return e;
    e = play_talk(p, c, t);
    t->calls->close(t);
    return e;
}

static ferry_err play_call(wire_play *p, const wire_command *c, ferry_response **r)
{
    bool is_stepped = p->world->run.is_stepped;
    p->source = c->opts.source ? c->opts.source->ctx : NULL;
    wire_source_restart(c->opts.source);
    wire_parts_restart(c->opts.multipart);
    ferry_err e = is_stepped ? play_stepped(p, c, r) : play_blocking(p, c, r);
    p->n_calls++;
    if (*r && c->holds && p->n_calls < WIRE_HELD) {
        p->held[p->n_calls] = *r;
        *r = NULL;
        return e;
    }
    if (*r)
        wire_put(&p->body, (*r)->body.ptr, (*r)->body.len);
    if (!e && *r && c->opts.stream == FERRY_ON) {
        wire_clear(&p->body);
        e = play_read(p, *r);
    }
    return !e && c->takes ? play_take(p, c, *r) : e;
}

/* --- commands -------------------------------------------------------------------- */

static ferry_response *play_held(const wire_play *p, int64_t number)
{
    return number > 0 && number < WIRE_HELD ? p->held[number] : NULL;
}

static ferry_err play_command(wire_play *p, const wire_command *c)
{
    ferry_response *held = play_held(p, c->number);
    switch (c->kind) {
    case WIRE_UPDATE: return ferry_update_with(p->session, &c->opts);
    case WIRE_MOUNT: return ferry_mount_with(p->session, c->url.ptr, &c->opts);
    case WIRE_CALL: return play_call(p, c, &p->last);
    case WIRE_READ: return held ? play_read(p, held) : FERRY_ERR_USAGE;
    case WIRE_FREE:
        ferry_response_free(held);
        p->held[c->number] = NULL;
        return FERRY_OK;
    case WIRE_SLEEP: p->world->calls->sleep(p->world, c->number); return FERRY_OK;
    case WIRE_CLOSE_IDLE: ferry_close_idle(p->session); return FERRY_OK;
    default: return FERRY_OK;
    }
}

/* What the caller has in hand afterwards. Without `out` it has nothing; a begun
 * transfer that failed is still there, a sent one is not, so that is left out; but a
 * response that came whole is there with an error, too. */
static const ferry_response *play_response(
    const wire_play *p, const wire_command *c, ferry_err e)
{
    bool is_streaming = c->opts.stream == FERRY_ON || c->kind == WIRE_READ;
    bool is_whole = c->kind == WIRE_CALL && p->last && p->last->timings.total_ms >= 0;
    if (c->discards || (e && !is_streaming && !is_whole))
        return NULL;
    if (c->kind == WIRE_READ)
        return play_held(p, c->number);
    if (c->kind == WIRE_CALL)
        return c->holds ? play_held(p, p->n_calls) : p->last;
    return NULL;
}

static bool play_do(wire_play *p, const wire_command *c)
{
    const wire_world_calls *world = p->world->calls;
    wire_outcome o = {.took_ms = -world->now_ms(p->world)};
    wire_clear(&p->body);
    o.err = play_command(p, c);
    if (!p->session)
        o.err = FERRY_ERR_NOMEM;
    o.took_ms = (o.took_ms + world->now_ms(p->world)) * p->terms->scale;
    o.response = play_response(p, c, o.err);
    o.body = wire_view(&p->body);
    o.said = ferry_explain(p->session);
    world->count(p->world, &o.dialled, &o.open);
    if (p->is_traced)
        play_trace(p, c, &o);
    return p->judge(p, c, &o) && !p->is_stuck;
}

static void play_begin(wire_play *p)
{
    static const wire_command plain = {.opts = {.size = sizeof(ferry_opts)}};
    const wire_script *s = p->world->script;
    bool is_given = s->n_commands && s->commands[0].kind == WIRE_SESSION;
    ferry_opts o = is_given ? s->commands[0].opts : plain.opts;
    o.platform = &p->world->platform;
    if (p->world->dialer.dial)
        o.transport = &p->world->dialer;
    p->session = ferry_session_new_with(&o);
}

void wire_play_script(wire_play *p)
{
    const wire_script *s = p->world->script;
    size_t i = 0;
    play_begin(p);
    while (i < s->n_commands && play_do(p, &s->commands[i]))
        i++;
}

void wire_play_end(wire_play *p)
{
    /* Responses outlive their session, if the caller likes. */
    if (p->world->run.is_stepped)
        ferry_session_free(p->session);
    ferry_response_free(p->last);
    for (size_t i = 0; i < WIRE_HELD; i++)
        ferry_response_free(p->held[i]);
    if (!p->world->run.is_stepped)
        ferry_session_free(p->session);
    p->world->calls->stop(p->world);
    if (p->is_traced)
        play_trace_peers(p);
    wire_free(&p->body);
}
