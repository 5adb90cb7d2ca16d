/* machine.c - a platform for tests.
 * SPDX-License-Identifier: MIT */
#include "lib/machine.h"

#include <string.h>

static machine *machine_called(void *ctx, const char *call)
{
    machine *m = ctx;
    if (m->on_call)
        m->on_call(m->user, call);
    return m;
}

static void *machine_resize(void *ctx, void *p, size_t old_size, size_t new_size)
{
    return machine_called(ctx, "resize")->resize(ctx, p, old_size, new_size);
}

static int64_t machine_now_ms(void *ctx)
{
    return machine_called(ctx, "now_ms")->now_ms;
}

static int machine_random(void *ctx, void *p, size_t n)
{
    machine *m = machine_called(ctx, "random");
    memset(p, m->entropy, n);
    return m->has_no_entropy ? -1 : 0;
}

/* Waiting for ever would be a test that hangs: it is one that fails instead. */
static int machine_wait(void *ctx, const ferry_wait *w)
{
    machine *m = machine_called(ctx, "wait");
    int64_t step = w->timeout_ms;
    m->waits++;
    m->waited = *w;
    if (step < 0 && !m->step_ms)
        return -1;
    if (m->step_ms && (step < 0 || step > m->step_ms))
        step = m->step_ms;
    m->now_ms += step;
    return m->wait_answer;
}

static int machine_resolve(
    void *ctx, const char *host, ferry_addr *out, int max, ferry_fault *fault)
{
    machine *m = machine_called(ctx, "resolve");
    m->lookups++;
    if (strcmp(host, m->name)) {
        *fault = (ferry_fault){FERRY_ERR_NAME, 0, "nobody knows this name"};
        return -1;
    }
    int n = m->n_addrs < max ? m->n_addrs : max;
    for (int i = 0; i < n; i++)
        out[i] = m->addrs[i];
    return n;
}

void machine_init(machine *m)
{
    memset(m, 0, sizeof *m);
    memory_init(&m->memory);
    m->resize = m->memory.platform.resize;
    m->memory.platform.resize = machine_resize;
    m->memory.platform.now_ms = machine_now_ms;
    m->memory.platform.random = machine_random;
    m->memory.platform.wait = machine_wait;
    m->now_ms = 1000000;
}

void machine_knows(machine *m, const char *name)
{
    m->name = name;
    m->memory.platform.resolve = machine_resolve;
}

void machine_add_address(machine *m, int family, unsigned char last)
{
    ferry_addr *a = &m->addrs[m->n_addrs++];
    *a = (ferry_addr){.family = family};
    if (family == FERRY_IPV4)
        memcpy(a->bytes, (const unsigned char[]){127, 0, 0, last}, 4);
    else
        a->bytes[15] = last;
}
