/* wire_source.c - a body that a script's caller gives piece by piece.
 * tests. Knows ferry_source. SPDX-License-Identifier: MIT */
#include "lib/wire_source.h"

#include <string.h>

bool wire_source_is_dry(const wire_source *s)
{
    return s->dries && s->at >= (size_t)s->dries;
}

static ptrdiff_t source_read(void *ctx, void *p, size_t n)
{
    wire_source *s = ctx;
    size_t left = s->bytes.len - s->at, most = left;
    if (wire_source_is_dry(s) || s->said < (size_t)s->late) {
        s->said++;
        return FERRY_NOT_YET;
    }
    s->said = 0;
    if (s->fails && s->at >= (size_t)s->fails)
        return -1;
    if (s->piece && most > (size_t)s->piece)
        most = (size_t)s->piece;
    if (s->fails && most > (size_t)s->fails - s->at)
        most = (size_t)s->fails - s->at;
    if (s->dries && most > (size_t)s->dries - s->at)
        most = (size_t)s->dries - s->at;
    n = n < most ? n : most;
    memcpy(p, s->bytes.ptr + s->at, n);
    s->at += n;
    return (ptrdiff_t)n;
}

static int source_rewind(void *ctx)
{
    wire_source *s = ctx;
    s->at = 0;
    return s->is_stuck ? -1 : 0;
}

bool wire_source_option(wire_source *s, ferry_str name, ferry_str value)
{
    bool is_once = wire_same(name, wire_str("once"));
    bool is_stuck = wire_same(name, wire_str("stuck"));
    s->is_once |= is_once;
    s->is_stuck |= is_stuck;
    if (is_once || is_stuck)
        return value.len == 0;
    if (wire_same(name, wire_str("piece")))
        return wire_number(value, &s->piece);
    if (wire_same(name, wire_str("fails")))
        return wire_number(value, &s->fails);
    if (wire_same(name, wire_str("late")))
        return wire_number(value, &s->late);
    if (wire_same(name, wire_str("dries")))
        return wire_number(value, &s->dries);
    if (!wire_same(name, wire_str("length")))
        return false;
    if (!wire_same(value, wire_str("none")))
        return wire_number(value, &s->pub.length);
    s->pub.length = FERRY_NONE;
    return true;
}

const ferry_source *wire_source_finish(wire_source *s)
{
    s->pub.ctx = s;
    s->pub.read = source_read;
    s->pub.rewind = s->is_once ? NULL : source_rewind;
    return s->bytes.ptr ? &s->pub : NULL;
}

void wire_source_restart(const ferry_source *s)
{
    wire_source *source = s ? s->ctx : NULL;
    if (source)
        source->at = source->said = 0;
}
