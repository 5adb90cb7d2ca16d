/* wire_world.c - what both worlds have in common.
 * tests. SPDX-License-Identifier: MIT */
#include "lib/wire_world.h"

#include <string.h>

/* The pool's hash seed is drawn, on which nothing here should depend, and boundaries, which
 * scripts know. */
static int world_random(void *ctx, void *p, size_t n)
{
    (void)ctx;
    memset(p, 0x5a, n);
    return 0;
}

void wire_world_init(wire_world *w, const wire_script *s, const wire_run *run)
{
    memory_init(&w->memory);
    w->platform = w->memory.platform;
    w->platform.random = world_random;
    w->script = s;
    w->run = *run;
}

void wire_world_fini(wire_world *w)
{
    for (int i = 0; i < WIRE_CONNECTIONS; i++)
        wire_peer_fini(&w->peers[i]);
    wire_free(&w->problem);
}

wire_peer *wire_world_dial(wire_world *w)
{
    if (w->n_peers == WIRE_CONNECTIONS)
        return NULL;
    const wire_connection *c = &w->script->connections[w->n_peers + 1];
    wire_peer *p = &w->peers[w->n_peers++];
    wire_peer_init(p, c->n ? c : NULL);
    return p;
}
