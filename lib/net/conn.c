/* conn.c - one connection, from a name to an open transport.
 * net. Knows resolvers, diallers and transports. Does not know requests or the pool's
 * rules.
 *
 * Theory: Happy Eyeballs (RFC 8305). The addresses are dialled in turn, the families
 * alternating, one more every quarter of a second or as soon as one fails; the first
 * that opens wins and the others are closed. SPDX-License-Identifier: MIT */
#include "net/conn.h"

#include <string.h>

enum { CONN_STAGGER_MS = 250 }; /* RFC 8305 5 */

/* RFC 6761 6.3: these names never leave the machine. */
static bool conn_is_localhost(ferry_str host)
{
    ferry_str local = FY_S("localhost");
    if (host.len && host.ptr[host.len - 1] == '.')
        host.len--;
    if (host.len < local.len)
        return false;
    ferry_str tail = fy_str_from(host, host.len - local.len);
    return fy_str_eq_nocase(tail, local) &&
           (tail.ptr == host.ptr || tail.ptr[-1] == '.');
}

static int conn_loopback(ferry_addr *out)
{
    out[0] = (ferry_addr){.family = FERRY_IPV6, .bytes = {[15] = 1}};
    out[1] = (ferry_addr){.family = FERRY_IPV4, .bytes = {127, 0, 0, 1}};
    return 2;
}

static int conn_literal(const fy_endpoint *to, ferry_addr *out)
{
    *out = to->literal;
    if (to->zone[0])
        out->zone = fy_system_zone(to->zone);
    return 1;
}

/* Whose names are the dialler's own affair: a mounted one, or a platform's that comes
 * without a resolver. */
static bool conn_dials_names(const ferry_platform *p, const fy_endpoint *to)
{
    return to->dialer || (p->dial && !p->resolve);
}

/* RFC 8305 4: the families take turns, each in the resolver's order. */
static void conn_interleave(ferry_addr *addrs, int n)
{
    for (int i = 1; i < n; i++) {
        int other = i;
        while (other < n && addrs[other].family == addrs[i - 1].family)
            other++;
        if (other == n)
            return;
        ferry_addr next = addrs[other];
        memmove(&addrs[i + 1], &addrs[i], (size_t)(other - i) * sizeof *addrs);
        addrs[i] = next;
    }
}

static int conn_given(const fy_endpoint *to, ferry_addr *out)
{
    memcpy(out, to->given, (size_t)to->n_given * sizeof *out);
    return to->n_given;
}

/* Addresses of a name; 0: not known yet; -1: c->fault. */
static int conn_ask(
    fy_conn *c, fy_names *names, const char *host, int64_t now_ms, ferry_addr *out)
{
    if (conn_is_localhost(fy_str(host)))
        return conn_loopback(out);
    c->asks = host;
    int n = fy_names_ask(names, host, now_ms, out, &c->fault);
    conn_interleave(out, n);
    return n;
}

/* Those of `family` alone, of n > 0; -1: there are none. */
static int conn_filter(fy_conn *c, ferry_addr *addrs, int n, int family)
{
    int kept = 0;
    if (!family || n <= 0)
        return n;
    for (int i = 0; i < n; i++)
        if (addrs[i].family == family)
            addrs[kept++] = addrs[i];
    if (kept)
        return kept;
    c->fault = (ferry_fault){FERRY_ERR_NAME, 0, "no address of this family"};
    return -1;
}

/* How many addresses there are; 0: not known yet; -1: c->fault. */
static int conn_addresses(
    fy_conn *c, fy_names *names, const fy_endpoint *to, int64_t now_ms)
{
    if (to->unix_socket || conn_dials_names(names->platform, to))
        return 1;
    int n = to->n_given      ? conn_given(to, c->addrs)
            : to->is_literal ? conn_literal(to, c->addrs)
                             : conn_ask(c, names, to->host, now_ms, c->addrs);
    return conn_filter(c, c->addrs, n, to->family);
}

/* A proxy that looks up no names wants an address, and SOCKS4 an IPv4 one. */
static int conn_find_peer(
    fy_conn *c, fy_names *names, const fy_endpoint *to, int64_t now_ms)
{
    ferry_addr addrs[FY_LOOKUP_ADDRESSES];
    if (!to->peer || c->peer.family)
        return 1;
    int n = conn_ask(c, names, to->peer, now_ms, addrs);
    const fy_passage_plan *socks = to->approach ? to->approach : to->passage;
    n = conn_filter(c, addrs, n, socks->socks.is_v4 ? FERRY_IPV4 : to->family);
    if (n > 0)
        c->peer = addrs[0];
    return n;
}

static ferry_err conn_resolve(
    fy_conn *c, fy_names *names, const fy_endpoint *to, int64_t now_ms, fy_error *x)
{
    c->n_addrs = conn_find_peer(c, names, to, now_ms);
    if (c->n_addrs > 0)
        c->n_addrs = conn_addresses(c, names, to, now_ms);
    if (c->n_addrs == 0)
        return FERRY_AGAIN;
    if (c->n_addrs < 0)
        return fy_fail_fault(x, &c->fault, FERRY_ERR_NAME, "no address");
    c->next_addr = 0;
    c->next_start_ms = now_ms;
    c->state = FY_CONN_RACE;
    return FERRY_OK;
}

static int conn_dial(
    fy_conn *c, const ferry_platform *p, const fy_endpoint *to, ferry_transport **out)
{
    bool by_name = conn_dials_names(p, to);
    const ferry_addr *addr = by_name ? NULL : &c->addrs[c->next_addr];
    const char *host = by_name && to->host_and_zone ? to->host_and_zone : to->host;
    c->fault = (ferry_fault){FERRY_OK, 0, NULL};
    c->next_addr++;
    if (to->unix_socket)
        return fy_system_dial_unix(p, to->unix_socket, out, &c->fault);
    if (to->dialer)
        return to->dialer->dial(to->dialer->ctx, host, to->port, addr, out, &c->fault);
    if (p->dial)
        return p->dial(p->ctx, host, to->port, addr, out, &c->fault);
    return fy_system_dial(p, addr, to->port, &to->how, out, &c->fault);
}

/* One more racer, if it is time and there is an address left. */
static bool conn_start(
    fy_conn *c, const ferry_platform *p, const fy_endpoint *to, int64_t now_ms)
{
    if (c->next_addr == c->n_addrs || (c->n_racers && now_ms < c->next_start_ms))
        return false;
    if (conn_dial(c, p, to, &c->racers[c->n_racers]) == 0) {
        c->n_racers++;
        c->next_start_ms = fy_due(now_ms, CONN_STAGGER_MS);
    }
    return true;
}

/* Look after racer `i`. False if it is out. */
static bool conn_run(fy_conn *c, int i, int64_t now_ms)
{
    ferry_transport *t = c->racers[i];
    int answer = t->calls->open(t);
    if (answer == FERRY_WANT_READ || answer == FERRY_WANT_WRITE)
        return true;
    c->n_racers--;
    memmove(&c->racers[i], &c->racers[i + 1], (size_t)(c->n_racers - i) * sizeof t);
    if (answer == FERRY_FAILED) {
        c->fault = t->fault;
        c->next_start_ms = now_ms;
        t->calls->close(t);
    } else {
        c->transport = t;
    }
    return false;
}

static void conn_end_race(fy_conn *c)
{
    while (c->n_racers) {
        ferry_transport *t = c->racers[--c->n_racers];
        t->calls->close(t);
    }
}

/* What comes behind this state, on the way to such an endpoint. */
static fy_conn_state conn_next(fy_conn_state now, const fy_endpoint *to)
{
    if (now < FY_CONN_APPROACH && to->approach)
        return FY_CONN_APPROACH;
    if (now < FY_CONN_PROXY_TLS && to->proxy_tls)
        return FY_CONN_PROXY_TLS;
    if (now < FY_CONN_PASSAGE && to->passage)
        return FY_CONN_PASSAGE;
    return now < FY_CONN_TLS && to->tls ? FY_CONN_TLS : FY_CONN_READY;
}

static ferry_err conn_race(
    fy_conn *c, fy_names *names, const fy_endpoint *to, int64_t now_ms, fy_error *x)
{
    do {
        for (int i = 0; i < c->n_racers && !c->transport;)
            i += conn_run(c, i, now_ms);
    } while (!c->transport && conn_start(c, names->platform, to, now_ms));
    if (c->transport) {
        conn_end_race(c);
        c->state = conn_next(FY_CONN_RACE, to);
        return FERRY_OK;
    }
    return c->n_racers
               ? FERRY_AGAIN
               : fy_fail_fault(x, &c->fault, FERRY_ERR_CONNECT, "no connection");
}

/* Until a proxy has led us to where it was asked to. */
static ferry_err conn_pass(fy_conn *c, const ferry_platform *m, const fy_endpoint *to,
    const fy_passage_plan *how, fy_error *x)
{
    if (!c->passage) {
        fy_passage_plan plan = *how;
        if (to->peer && plan.kind == FY_PASSAGE_SOCKS)
            plan.socks.addr = c->peer;
        c->passage = fy_passage_new(m, &plan, x);
    }
    if (!c->passage)
        return x->code;
    ferry_err e = fy_passage_step(c->passage, c->transport, x);
    c->answered = c->passage->tunnel.head.status;
    TRY(e);
    fy_passage_free(c->passage);
    c->passage = NULL;
    c->state = conn_next(c->state, to);
    return FERRY_OK;
}

/* What protects it is put over what is open, whatever that is by now: TLS to the peer may
 * lie in TLS to the proxy. */
static ferry_err conn_protect(fy_conn *c, fy_tls_profile *tls, const char *host,
    ferry_str key, const fy_endpoint *to, fy_error *x)
{
    if (!c->is_wrapped && fy_tls_wrap(tls, host, key, &c->transport, &c->fault))
        return fy_fail_fault(x, &c->fault, FERRY_ERR_TLS, NULL);
    c->is_wrapped = c->is_protected = true;
    int answer = c->transport->calls->open(c->transport);
    if (answer == FERRY_WANT_READ || answer == FERRY_WANT_WRITE)
        return FERRY_AGAIN;
    if (answer == FERRY_FAILED)
        return fy_fail_fault(x, &c->transport->fault, FERRY_ERR_TLS, NULL);
    c->is_wrapped = false;
    c->state = conn_next(c->state, to);
    return FERRY_OK;
}

ferry_err fy_conn_connect(
    fy_conn *c, fy_names *names, const fy_endpoint *to, int64_t now_ms, fy_error *x)
{
    if (c->state == FY_CONN_RESOLVE)
        TRY(conn_resolve(c, names, to, now_ms, x));
    if (c->state == FY_CONN_RACE)
        TRY(conn_race(c, names, to, now_ms, x));
    if (c->state == FY_CONN_APPROACH)
        TRY(conn_pass(c, names->platform, to, to->approach, x));
    if (c->state == FY_CONN_PROXY_TLS)
        TRY(conn_protect(c, to->proxy_tls, to->proxy_host, to->proxy_tls_key, to, x));
    if (c->state == FY_CONN_PASSAGE)
        TRY(conn_pass(c, names->platform, to, to->passage, x));
    if (c->state == FY_CONN_TLS)
        TRY(conn_protect(c, to->tls, to->tls_host, to->tls_key, to, x));
    return FERRY_OK;
}

void fy_conn_want(const fy_conn *c, fy_names *names, int64_t now_ms, ferry_wait *w)
{
    if (c->state == FY_CONN_RESOLVE && c->asks)
        fy_names_want(names, c->asks, w);
    for (int i = 0; i < c->n_racers; i++)
        c->racers[i]->calls->want(c->racers[i], w);
    if (c->passage)
        fy_passage_want(c->passage, c->transport, w);
    if (c->state == FY_CONN_TLS || c->state == FY_CONN_PROXY_TLS)
        c->transport->calls->want(c->transport, w);
    if (c->n_racers == 0 || c->next_addr == c->n_addrs)
        return;
    int64_t left = c->next_start_ms > now_ms ? c->next_start_ms - now_ms : 0;
    if (w->timeout_ms < 0 || left < w->timeout_ms)
        w->timeout_ms = left;
}

void fy_conn_close(fy_conn *c)
{
    conn_end_race(c);
    if (c->transport)
        c->transport->calls->close(c->transport);
    c->transport = NULL;
    fy_passage_free(c->passage);
    c->passage = NULL;
}

void fy_conn_rest(fy_conn *c)
{
    if (c->is_protected)
        fy_tls_rest(c->transport);
}

bool fy_conn_is_stale(fy_conn *c)
{
    char byte;
    return c->transport->calls->read(c->transport, &byte, 1, 0) != FERRY_WANT_READ;
}
