/* wire_peer.c - the far end of one connection, as its script has it.
 * tests. Knows the script and the time it is told. Does not know what carries the
 * bytes: memory or sockets. SPDX-License-Identifier: MIT */
#include "lib/wire_peer.h"

#include <stdint.h>
#include <string.h>

/* After so many bytes of one event, cutting them small shows nothing new. */
enum { PEER_CUT_UP_TO = 6000 };

void wire_peer_init(wire_peer *p, const wire_connection *script)
{
    *p = (wire_peer){.script = script, .until_ms = -1};
    if (!script)
        p->fate = WIRE_HAS_RESET;
}

void wire_peer_fini(wire_peer *p)
{
    wire_free(&p->taken);
}

static const wire_event *peer_event(const wire_peer *p)
{
    return p->script && p->at < p->script->n ? &p->script->events[p->at] : NULL;
}

wire_event_kind wire_peer_kind(const wire_peer *p)
{
    const wire_event *e = peer_event(p);
    return e ? e->kind : WIRE_END_OF_SCRIPT;
}

static void peer_advance(wire_peer *p)
{
    p->at++;
    p->done = 0;
}

static bool peer_pause_is_over(wire_peer *p, int64_t now_ms)
{
    if (p->until_ms < 0)
        p->until_ms = now_ms + peer_event(p)->ms;
    if (now_ms < p->until_ms)
        return false;
    p->until_ms = -1;
    return true;
}

void wire_peer_run(wire_peer *p, int64_t now_ms)
{
    while (p->fate == WIRE_IS_ALIVE) {
        switch (wire_peer_kind(p)) {
        case WIRE_PAUSE:
            if (!peer_pause_is_over(p, now_ms))
                return;
            break;
        case WIRE_END: p->fate = WIRE_HAS_ENDED; break;
        case WIRE_CLOSE: p->fate = WIRE_HAS_CLOSED; break;
        case WIRE_RESET: p->fate = WIRE_HAS_RESET; break;
        default: return;
        }
        peer_advance(p);
    }
}

int64_t wire_peer_due(const wire_peer *p)
{
    return p->until_ms < 0 ? INT64_MAX : p->until_ms;
}

size_t wire_peer_room(const wire_peer *p)
{
    size_t room = 0;
    wire_event_kind kind = wire_peer_kind(p);
    if (p->fate == WIRE_HAS_ENDED || kind == WIRE_DRAIN || kind == WIRE_END_OF_SCRIPT)
        return SIZE_MAX;
    for (size_t i = p->at; i < p->script->n; i++) {
        if (p->script->events[i].kind != WIRE_EXPECT)
            break;
        room += p->script->events[i].bytes.len;
    }
    return kind == WIRE_EXPECT ? room - p->done : 0;
}

static void peer_find_wrong(wire_peer *p, int line, const char *bytes, size_t n)
{
    p->wrong_line = line;
    p->fate = WIRE_HAS_RESET;
    wire_put(&p->taken, bytes, n);
}

void wire_peer_take(wire_peer *p, const char *bytes, size_t n)
{
    while (n && p->fate == WIRE_IS_ALIVE && wire_peer_kind(p) != WIRE_DRAIN) {
        const wire_event *e = peer_event(p);
        if (!e || e->kind != WIRE_EXPECT) {
            peer_find_wrong(p, -1, bytes, n);
            return;
        }
        size_t left = e->bytes.len - p->done, piece = n < left ? n : left;
        if (memcmp(e->bytes.ptr + p->done, bytes, piece) != 0) {
            peer_find_wrong(p, e->line, bytes, n);
            return;
        }
        wire_put(&p->taken, bytes, piece);
        bytes += piece;
        n -= piece;
        p->done += piece;
        if (p->done == e->bytes.len)
            peer_advance(p);
    }
}

ferry_str wire_peer_offer(const wire_peer *p, size_t cut)
{
    const wire_event *e = peer_event(p);
    if (p->fate != WIRE_IS_ALIVE || !e || e->kind != WIRE_GIVE)
        return (ferry_str){NULL, 0};
    size_t left = e->bytes.len - p->done;
    bool is_cut = !e->is_whole && p->done < PEER_CUT_UP_TO && cut < left;
    return (ferry_str){e->bytes.ptr + p->done, is_cut ? cut : left};
}

void wire_peer_gave(wire_peer *p, size_t n)
{
    p->done += n;
    if (p->done == peer_event(p)->bytes.len)
        peer_advance(p);
}

int wire_peer_unmet(const wire_peer *p)
{
    if (p->wrong_line)
        return p->wrong_line;
    for (size_t i = p->at; p->script && i < p->script->n; i++)
        if (p->script->events[i].kind == WIRE_EXPECT)
            return p->script->events[i].line;
    return 0;
}
