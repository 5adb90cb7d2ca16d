/* stage.h - what most tests of sessions stand on: a machine whose memory is counted, a peer
 * in memory that answers as it is told, and one session that dials it. Included once by a
 * test, for which these are variables of its own.
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_STAGE_H
#define TESTS_STAGE_H

#include "ferry.h"
#include "lib/machine.h"
#include "lib/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static machine m;
static peer p;
static ferry_dialer d;
static ferry_session *s;
static ferry_response *r;

/* The peer has `n` answers, which all say `bytes`; NULL: they stay as they are. */
static inline int stage_set(peer_answer *answers, size_t n, const char *bytes)
{
    machine_init(&m);
    memset(&p, 0, sizeof p);
    for (size_t i = 0; bytes && i < n; i++)
        answers[i] = (peer_answer){bytes, PEER_STAYS};
    p.answers = answers;
    p.n_answers = n;
    d = peer_dialer(&p);
    s = ferry_session_new(.platform = &m.memory.platform, .transport = &d);
    r = NULL;
    return s ? 0 : -1;
}

/* Nothing may be left open, nor any memory taken. */
static inline int stage_clear(void **state)
{
    (void)state;
    ferry_response_free(r);
    ferry_session_free(s);
    assert_int_equal(p.live, 0);
    return memory_is_clean(&m.memory) ? 0 : -1;
}

static inline void expect_ok(ferry_err e)
{
    if (e)
        fail_msg("%s: %s", ferry_err_name(e), ferry_explain(s));
}

/* How often a text is in what was sent. */
static inline int sent(const char *text)
{
    int n = 0;
    for (const char *at = p.sent; (at = strstr(at, text)); at++)
        n++;
    return n;
}

#endif
