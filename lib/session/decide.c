/* decide.c - what follows a response, or a failure: nothing more, or another request.
 * session. Knows the policies. Does not know connections, nor how a request is made.
 *
 * The order is urllib3's: hooks, then redirects, then statuses that are tried again. What
 * ends a chain of requests never loses its last response: it is gathered, and the error
 * comes with it. SPDX-License-Identifier: MIT */
#include "session/decide.h"

#include "session/authorize.h"
#include "session/hooks.h"
#include "session/life.h"
#include "session/release.h"

enum {
    DECIDE_TENTHS = 10, /* of a retry: a success gives back one */
    DECIDE_NO_DELAY = -1
};

/* --- another request ------------------------------------------------------------- */

static ferry_err decide_remember(
    fy_transfer *t, ferry_hop_why why, ferry_err err, int64_t delay_ms)
{
    fy_chain *c = t->chain;
    ferry_hop hop = {
        why, err, t->pub.status, delay_ms, t->method.ptr, t->pub.url, t->pub.headers};
    TRY(fy_chain_add(c, &hop, &t->error));
    t->pub.history = c->hops;
    t->pub.n_history = c->n;
    return FERRY_OK;
}

static void decide_say(const fy_transfer *t, int64_t now_ms, const ferry_event *e)
{
    if (t->hooks.on_event.call)
        fy_hooks_say(t, now_ms, e);
}

static void decide_refuse(fy_transfer *t, ferry_err code, const char *what)
{
    fy_fail(&t->verdict, code, what, FY_NOWHERE);
    t->verdict.status = t->pub.status;
}

/* --- trying again ---------------------------------------------------------------- */

static void decide_policy(const fy_transfer *t, ferry_retry *r)
{
    const ferry_session *s = t->session;
    const fy_layer *mount = fy_mounts_find(&s->mounts, &t->url);
    *r = t->wish.opts->retry;
    if (mount)
        fy_retry_inherit(r, &mount->retry);
    fy_retry_inherit(r, &s->layer.retry);
    fy_retry_resolve(r);
}

static bool decide_may_repeat(const fy_transfer *t, const ferry_retry *r)
{
    return t->opts.idempotency_key == FERRY_ON || fy_retry_has_method(r, t->method);
}

/* The session's own budget, so that many calls do not multiply an outage. */
static bool decide_can_afford(const ferry_session *s)
{
    int64_t most = s->layer.resolved.retry_budget;
    return most > INT64_MAX / DECIDE_TENTHS ||
           s->spent + DECIDE_TENTHS <= most * DECIDE_TENTHS;
}

void fy_decide_success(ferry_session *s)
{
    if (s->spent)
        s->spent--;
}

static int64_t decide_backoff_ms(const fy_transfer *t, const ferry_retry *r)
{
    const ferry_platform *m = &t->session->platform;
    uint32_t chance = UINT32_MAX;
    if (r->jitter_ms || r->full_jitter == FERRY_ON)
        m->random(m->ctx, &chance, sizeof chance);
    return fy_retry_backoff_ms(r, &t->chain->used, chance);
}

/* When no try may begin any more. */
static int64_t decide_last_ms(const fy_transfer *t, const ferry_retry *r)
{
    int64_t within = fy_due(t->started_ms, r->within_ms);
    return within < t->due_ms ? within : t->due_ms;
}

/* Note down one more try after `delay_ms`, or after the policy's own. *is_on false: counts,
 * budget, body or time do not allow it. */
static ferry_err decide_try_again(fy_transfer *t, const ferry_retry *r,
    fy_retry_kind kind, ferry_err err, int64_t delay_ms, fy_wake *w, bool *is_on)
{
    *is_on = false;
    if (!fy_transfer_chain(t))
        return FERRY_ERR_NOMEM;
    bool is_counted = fy_retry_spend(r, &t->chain->used, kind);
    if (delay_ms == DECIDE_NO_DELAY)
        delay_ms = decide_backoff_ms(t, r);
    t->resume_ms = fy_due(fy_wake_now(w), delay_ms);
    if (!is_counted || !decide_can_afford(t->session) ||
        !fy_body_may_rewind(&t->body) || t->resume_ms >= decide_last_ms(t, r))
        return FERRY_OK;
    TRY(decide_remember(t, FERRY_HOP_RETRY, err, delay_ms));
    t->session->spent += DECIDE_TENTHS;
    decide_say(t, fy_wake_now(w),
        &(ferry_event){.kind = FERRY_EVENT_RETRY,
            .status = t->pub.status,
            .err = err,
            .delay_ms = delay_ms});
    *is_on = true;
    return FERRY_OK;
}

/* What Retry-After says, if it says more than "now"; otherwise DECIDE_NO_DELAY. */
static int64_t decide_after_ms(
    const fy_transfer *t, const ferry_retry *r, bool *has_retry_after)
{
    const ferry_platform *m = &t->session->platform;
    const ferry_field *f = fy_fields_find(t->pub.headers, FY_S("Retry-After"), 0);
    int64_t ms;
    *has_retry_after = f && fy_retry_after(f->value, m->unix_time(m->ctx),
                                r->retry_after_max_ms, &ms);
    bool counts = *has_retry_after && r->respect_retry_after == FERRY_ON && ms > 0;
    return counts ? ms : DECIDE_NO_DELAY;
}

static ferry_err decide_status(fy_transfer *t, fy_wake *w, bool is_asked_for)
{
    static const fy_error used_up = {FERRY_ERR_RETRIES, 0, 0, NULL, FY_NOWHERE};
    static const fy_retry_used unused = {.total = 0};
    ferry_retry r;
    bool has_retry_after, is_on;
    decide_policy(t, &r);
    int64_t after_ms = decide_after_ms(t, &r, &has_retry_after);
    const fy_retry_used *used = t->chain ? &t->chain->used : &unused;
    if (!is_asked_for &&
        !(decide_may_repeat(t, &r) &&
            fy_retry_wants_status(&r, used, t->pub.status, has_retry_after)))
        return FERRY_OK;
    TRY(decide_try_again(t, &r, FY_RETRY_STATUS, FERRY_OK, after_ms, w, &is_on));
    if (is_on)
        t->state = FY_TRANSFER_DRAIN;
    else if (r.raise_on_status == FERRY_ON) {
        t->verdict = used_up;
        t->verdict.status = t->pub.status;
    }
    return FERRY_OK;
}

/* Before anything went out, any method may be tried again; afterwards only those that
 * may be repeated, as the peer may have acted (RFC 9110 9.2.2). */
static bool decide_kind(const fy_transfer *t, ferry_err e, fy_retry_kind *kind)
{
    bool is_connecting = t->state == FY_TRANSFER_CONNECT;
    switch (e) {
    case FERRY_ERR_NAME:
    case FERRY_ERR_CONNECT:
    case FERRY_ERR_CONNECT_TIMEOUT:
    case FERRY_ERR_READ_TIMEOUT:
    case FERRY_ERR_WRITE_TIMEOUT:
    case FERRY_ERR_PROTOCOL:
    case FERRY_ERR_TRUNCATED:
    case FERRY_ERR_CLOSED: break;
    case FERRY_ERR_PROXY: *kind = FY_RETRY_OTHER; return is_connecting;
    case FERRY_ERR_TLS:
    case FERRY_ERR_CERTIFICATE:
        *kind = is_connecting ? FY_RETRY_OTHER : FY_RETRY_READ;
        return t->state <= FY_TRANSFER_BODY;
    default: return false;
    }
    *kind = is_connecting || !t->exchange.has_sent ? FY_RETRY_CONNECT : FY_RETRY_READ;
    return t->state >= FY_TRANSFER_CONNECT && t->state <= FY_TRANSFER_BODY;
}

static ferry_err decide_after_failure(fy_transfer *t, ferry_err e, fy_wake *w)
{
    ferry_retry r;
    fy_retry_kind kind;
    bool is_on;
    if (!t->has_retry || t->is_streamed || t->is_delivered || t->verdict.code ||
        !decide_kind(t, e, &kind))
        return e;
    decide_policy(t, &r);
    if (kind == FY_RETRY_READ && !decide_may_repeat(t, &r))
        return e;
    TRY(decide_try_again(t, &r, kind, e, DECIDE_NO_DELAY, w, &is_on));
    if (!is_on)
        return e;
    fy_transfer_drop_conn(t);
    t->state = FY_TRANSFER_BACKOFF;
    return FERRY_OK;
}

/* --- challenges ------------------------------------------------------------------ */

/* The response asks who it is from: a server's 401, a proxy's 407. *is_on: the request is
 * made again, with an answer. */
static ferry_err decide_challenge(fy_transfer *t, fy_wake *w, bool *is_on)
{
    TRY(t->pub.status == 401 ? fy_authorize_challenged(t, is_on)
                             : fy_route_challenged(t, is_on));
    if (!*is_on)
        return FERRY_OK;
    *is_on = fy_body_may_rewind(&t->body);
    if (!*is_on) {
        decide_refuse(t, FERRY_ERR_REWIND, "and a challenge wants it");
        return FERRY_OK;
    }
    if (!fy_transfer_chain(t))
        return FERRY_ERR_NOMEM;
    TRY(decide_remember(t, FERRY_HOP_AUTH, FERRY_OK, 0));
    decide_say(t, fy_wake_now(w),
        &(ferry_event){.kind = FERRY_EVENT_AUTH, .status = t->pub.status});
    t->resume_ms = fy_wake_now(w);
    return FERRY_OK;
}

/* --- a proxy's refusal ----------------------------------------------------------- */

static bool decide_was_refused(const fy_transfer *t, ferry_err e)
{
    return e == FERRY_ERR_PROXY && t->state == FY_TRANSFER_CONNECT && t->conn &&
           t->conn->passage && t->error.status;
}

/* What a proxy answered to CONNECT becomes the response, without its body. */
static void decide_show_refusal(fy_transfer *t, fy_wake *w)
{
    fy_passage *p = t->conn->passage;
    ferry_response *r = &t->pub;
    fy_buf input = t->input;
    fy_head head = t->exchange.head;
    t->input = p->in;
    t->input.max = input.max;
    p->in = input;
    t->exchange.head = p->tunnel.head;
    p->tunnel.head = head;
    r->status = t->exchange.head.status;
    r->minor = t->exchange.head.minor;
    r->reason = t->exchange.head.reason.ptr;
    r->headers = fy_fields_view(&t->exchange.head.fields);
    r->elapsed_ms = r->timings.total_ms = fy_wake_now(w) - t->started_ms;
}

/* A challenge is answered, before anything is tried again for no better reason. Otherwise it
 * is an error. */
static ferry_err decide_refusal(fy_transfer *t, fy_wake *w)
{
    bool is_on = false;
    const fy_error refusal = t->error;
    decide_show_refusal(t, w);
    if (t->pub.status == 407)
        TRY(decide_challenge(t, w, &is_on));
    fy_transfer_drop_conn(t);
    if (is_on) {
        t->state = FY_TRANSFER_BACKOFF;
        return FERRY_OK;
    }
    ferry_err e = decide_after_failure(t, refusal.code, w);
    if (e != refusal.code)
        return e;
    if (!t->verdict.code)
        t->verdict = refusal;
    fy_body_fini(&t->body);
    t->state = FY_TRANSFER_DONE;
    decide_say(t, fy_wake_now(w),
        &(ferry_event){.kind = FERRY_EVENT_FAILED,
            .status = t->pub.status,
            .err = t->verdict.code});
    return FERRY_OK;
}

ferry_err fy_decide_failure(fy_transfer *t, ferry_err e, fy_wake *w)
{
    return decide_was_refused(t, e) ? decide_refusal(t, w)
                                    : decide_after_failure(t, e, w);
}

/* --- redirects ------------------------------------------------------------------- */

/* Redirects count against a policy that names them, and only then. */
static bool decide_counts_redirect(fy_transfer *t, bool *raises)
{
    ferry_retry r;
    *raises = true;
    if (!t->has_retry)
        return true;
    decide_policy(t, &r);
    *raises = r.raise_on_redirect == FERRY_ON;
    return r.redirect == INT64_MAX ||
           fy_retry_spend(&r, &t->chain->used, FY_RETRY_REDIRECT);
}

static const int *decide_keep_post(const fy_transfer *t)
{
    const ferry_session *s = t->session;
    const fy_layer *mount = fy_mounts_find(&s->mounts, &t->url);
    if (t->wish.opts->keep_post)
        return t->wish.opts->keep_post;
    return mount && mount->keep_post ? mount->keep_post : s->layer.keep_post;
}

/* What the levels said when the secrets were given is what binds them from here on. */
static ferry_err decide_leave(fy_transfer *t)
{
    const ferry_session *s = t->session;
    const fy_layer *mount = fy_mounts_find(&s->mounts, &t->url);
    const char *const *names = t->wish.opts->sensitive     ? t->wish.opts->sensitive
                               : mount && mount->sensitive ? mount->sensitive
                                                           : s->layer.sensitive;
    if (t->has_left)
        return FERRY_OK;
    t->has_left = true;
    return fy_chain_bind(t->chain, names, &t->error);
}

/* The request that follows goes to chain->next. */
static ferry_err decide_move(fy_transfer *t, fy_wake *w)
{
    fy_url *next = &t->chain->next;
    ferry_str method = fy_redirect_method(
        t->pub.status, t->method, decide_keep_post(t));
    bool keeps_body = fy_str_eq(method, t->method);
    if (keeps_body && !fy_body_may_rewind(&t->body)) {
        decide_refuse(t, FERRY_ERR_REWIND, "and a redirect wants it");
        return FERRY_OK;
    }
    TRY(decide_remember(t, FERRY_HOP_REDIRECT, FERRY_OK, 0));
    decide_say(t, fy_wake_now(w),
        &(ferry_event){.kind = FERRY_EVENT_REDIRECT,
            .status = t->pub.status,
            .url = fy_buf_text(&next->text)});
    if (t->opts.location_trusted != FERRY_ON &&
        !fy_redirect_keeps_secrets(&t->url, next))
        TRY(decide_leave(t));
    t->drops_body |= !keeps_body;
    t->method = method;
    fy_url here = t->url;
    t->url = *next;
    *next = here;
    t->pub.redirects++;
    t->authorization.answers = 0;
    t->authorization.is_signed = false;
    if (t->route)
        t->route->answers = 0;
    t->chain->used.streak = 0;
    t->resume_ms = fy_wake_now(w);
    t->state = FY_TRANSFER_DRAIN;
    return FERRY_OK;
}

static ferry_err decide_redirect(
    fy_transfer *t, ferry_str location, bool follows, fy_wake *w)
{
    bool raises;
    if (!fy_transfer_chain(t))
        return FERRY_ERR_NOMEM;
    fy_error x;
    ferry_err e = fy_url_follow(&t->chain->next, &t->url, location, &x);
    if (e == FERRY_ERR_NOMEM)
        return fy_fail_nomem(&t->error);
    if (!e)
        t->pub.next_url = fy_buf_text(&t->chain->next.text);
    if (!follows)
        return FERRY_OK;
    if (e)
        decide_refuse(t, e, "in the Location of a redirect");
    else if (t->pub.redirects >= t->opts.max_redirects)
        decide_refuse(t, FERRY_ERR_REDIRECTS, NULL);
    else if (decide_counts_redirect(t, &raises))
        return decide_move(t, w);
    else if (raises)
        decide_refuse(t, FERRY_ERR_REDIRECTS, "by the retry policy");
    return FERRY_OK;
}

static const ferry_field *decide_location(const fy_transfer *t)
{
    const ferry_field *f = fy_redirect_is_one(t->pub.status)
                               ? fy_fields_find(t->pub.headers, FY_S("Location"), 0)
                               : NULL;
    return f && f->value.len ? f : NULL;
}

/* --- the order ------------------------------------------------------------------- */

static ferry_err decide_ask_hook(fy_transfer *t, int *answer)
{
    const ferry_on_response *hook = &t->hooks.on_response;
    *answer = hook->call ? hook->call(hook->ctx, &t->pub) : FERRY_GO_ON;
    if (*answer == FERRY_GO_ON || *answer == FERRY_FINAL || *answer == FERRY_TRY_AGAIN)
        return FERRY_OK;
    return fy_fail(&t->error, FERRY_ERR_ABORTED, ".on_response ended it", FY_NOWHERE);
}

/* RFC 9110 10.1.1: a 417 refuses the waiting, not the request, which is sent once more
 * without. It is no answer that a hook would want to see. */
static bool decide_is_of_expectation(const fy_transfer *t)
{
    return t->pub.status == 417 && t->exchange.expects && fy_body_may_rewind(&t->body);
}

/* A 407 that comes through a tunnel is nobody's (RFC 9110 15.5.8). */
static bool decide_is_challenge(const fy_transfer *t)
{
    return t->pub.status == 401 ||
           (t->pub.status == 407 && t->route_kind == FY_ROUTE_FORWARDED);
}

ferry_err fy_decide_response(fy_transfer *t, fy_wake *w)
{
    int answer;
    t->state = FY_TRANSFER_BODY;
    if (decide_is_of_expectation(t)) {
        t->body.was_417 = true;
        t->resume_ms = fy_wake_now(w);
        t->state = FY_TRANSFER_DRAIN;
        return FERRY_OK;
    }
    TRY(decide_ask_hook(t, &answer));
    if (t->pub.status == 101)
        return FERRY_OK;
    if (answer == FERRY_TRY_AGAIN)
        return decide_status(t, w, true);
    const ferry_field *location = decide_location(t);
    if (answer == FERRY_FINAL)
        return location ? decide_redirect(t, location->value, false, w) : FERRY_OK;
    if (decide_is_challenge(t)) {
        bool is_on;
        TRY(decide_challenge(t, w, &is_on));
        if (is_on)
            t->state = FY_TRANSFER_DRAIN;
        if (is_on || t->verdict.code)
            return FERRY_OK;
    }
    if (location)
        return decide_redirect(
            t, location->value, fy_redirect_may_follow(t->opts.follow, t->method), w);
    return t->has_retry ? decide_status(t, w, false) : FERRY_OK;
}
