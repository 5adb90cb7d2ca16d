/* play.c - one exchange with a peer that says given bytes, played in every cut. Knows
 * the public interface only, so that what is tested is what users get.
 * SPDX-License-Identifier: MIT */
#include "play.h"

#include <string.h>

#define PLAY_URL "http://peer.test/"

enum { PLAY_FRONT = 100, PLAY_SPREAD = 40, PLAY_IDLE_MS = 1000 };

typedef enum play_drive {
    PLAY_STREAMED, /* blocking, the body piece by piece */
    PLAY_STEPPED,  /* the same in the caller's loop, with nothing to read in between */
    PLAY_GATHERED, /* blocking, the body in one */
    PLAY_DRIVES
} play_drive;

static const char *const play_names[] = {"streamed", "stepped", "gathered"};

typedef struct play {
    const scene *scene;
    play_drive drive;
    peer peer;
    ferry_session *session;
    ferry_response *response;
    outcome *outcome;
} play;

/* --- the first request ----------------------------------------------------------- */

static void play_options(const play *p, ferry_opts *o)
{
    static const ferry_pair upgrade[] = {
        {"Connection", "Upgrade"}, {"Upgrade", "h2c"}, {NULL, NULL}};
    *o = (ferry_opts){.size = sizeof *o, .headers = upgrade, .follow = FERRY_OFF};
    if (!p->scene->asks_upgrade)
        o->headers = NULL;
    o->stream = p->drive == PLAY_GATHERED ? FERRY_OFF : FERRY_ON;
}

static ferry_err play_step(play *p)
{
    ferry_wait w;
    ferry_err e;
    while ((e = ferry_step(p->response, &w)) == FERRY_AGAIN)
        if (peer_wait(&p->peer, &w))
            return FERRY_ERR_ABORTED;
    return e;
}

static ferry_err play_request(play *p)
{
    ferry_opts o;
    play_options(p, &o);
    if (p->drive != PLAY_STEPPED)
        return ferry_send(p->session, p->scene->method, PLAY_URL, &p->response, &o);
    o.method = p->scene->method;
    ferry_err e = ferry_begin_with(p->session, PLAY_URL, &p->response, &o);
    return e ? e : play_step(p);
}

static ferry_err play_next(play *p, ferry_str *piece)
{
    ferry_wait w;
    ferry_err e;
    while ((e = ferry_next(p->response, piece)) == FERRY_AGAIN)
        if (ferry_waiting(p->response, &w) || peer_wait(&p->peer, &w))
            return FERRY_ERR_ABORTED;
    return e;
}

static ferry_err play_body(play *p)
{
    ferry_str piece;
    ferry_err e;
    while (!(e = play_next(p, &piece)) && piece.len)
        fy_buf_puts(&p->outcome->text[OUTCOME_BODY], piece);
    return e;
}

/* What the new protocol says: some came with the head, the rest is on the connection.
 */
static void play_take(play *p)
{
    fy_buf *out = &p->outcome->text[OUTCOME_LEFTOVER];
    ferry_transport *t;
    char bytes[64];
    fy_buf_puts(out, p->response->body);
    if (ferry_take(p->response, &t))
        return;
    do {
        for (ptrdiff_t n; (n = t->calls->read(t, bytes, sizeof bytes, 0)) > 0;)
            fy_buf_put(out, bytes, (size_t)n);
    } while (!p->peer.is_empty && !p->peer.has_eof);
    t->calls->close(t);
}

/* --- what came of it ------------------------------------------------------------- */

static void play_note_fields(fy_buf *out, ferry_fields f)
{
    for (size_t i = 0; i < f.n; i++) {
        fy_buf_puts(out, f.at[i].name);
        fy_buf_puts(out, FY_S(": "));
        fy_buf_puts(out, f.at[i].value);
        fy_buf_puts(out, FY_S("\n"));
    }
}

/* RFC 9112 6.3, seen from outside: a body that only the connection's end has ended was
 * delimited by it; else by what the fields say. */
static const char *play_framing(const play *p)
{
    const ferry_response *r = p->response;
    bool is_whole = p->outcome->result == OUTCOME_OK;
    if (strcmp(p->scene->method, "HEAD") == 0 || r->status / 100 == 1 ||
        r->status == 204 || r->status == 304)
        return "none";
    if (is_whole && p->peer.has_eof)
        return "close";
    if (ferry_header(r, "Transfer-Encoding"))
        return "chunked";
    if (ferry_header(r, "Content-Length"))
        return "length";
    return is_whole ? "ended for no reason" : "close";
}

static void play_note_head(play *p)
{
    const ferry_response *r = p->response;
    outcome *o = p->outcome;
    o->status = r->status;
    o->minor = r->minor;
    o->interim = r->interim;
    o->framing = play_framing(p);
    fy_buf_puts(&o->text[OUTCOME_REASON], fy_str(r->reason));
    play_note_fields(&o->text[OUTCOME_HEADERS], r->headers);
    play_note_fields(&o->text[OUTCOME_TRAILERS], r->trailers);
}

static void play_note(play *p, ferry_err e)
{
    outcome *o = p->outcome;
    o->err = e;
    o->result = outcome_of(e);
    o->given = p->peer.given;
    if (e)
        fy_buf_puts(&o->text[OUTCOME_SAID], fy_str(ferry_explain(p->session)));
    if (p->response && p->response->status)
        play_note_head(p);
    if (p->response && p->response->status == 101 && !e)
        play_take(p);
}

static void play_first(play *p)
{
    ferry_err e = play_request(p);
    if (!e && p->response->status != 101)
        e = play_body(p);
    play_note(p, e);
    ferry_response_free(p->response);
    p->response = NULL;
}

/* --- the second request ---------------------------------------------------------- */

/* Bytes that were not read yet are under way: they are there before the connection has
 * been idle for so long that ferry looks at it. Otherwise it follows at once. */
static void play_second(play *p)
{
    ferry_str second = FY_S(PEER_SECOND);
    outcome *o = p->outcome;
    bool is_all_read = p->peer.given == stream_len(&p->peer.says);
    p->peer.is_second = true;
    p->peer.pauses = false;
    p->peer.now_ms += is_all_read ? 0 : PLAY_IDLE_MS;
    ferry_err e = ferry_send(p->session, "GET", PLAY_URL, &p->response, NULL);
    o->is_reused = p->peer.dials == 1;
    o->is_poisoned = e || !fy_str_eq(p->response->body, second);
    ferry_response_free(p->response);
    p->response = NULL;
}

static void play_once(const scene *s, split cut, play_drive drive, outcome *o)
{
    play p = {.scene = s, .drive = drive, .outcome = o};
    outcome_clear(o);
    peer_init(&p.peer);
    p.peer.says = s->says;
    p.peer.cut = cut;
    p.peer.ends = s->ends;
    p.peer.pauses = drive == PLAY_STEPPED;
    p.peer.held = s->idle_from ? stream_len(&s->says) - s->idle_from : 0;
    ferry_opts opts = {
        .size = sizeof opts, .platform = &p.peer.board, .transport = &p.peer.dialer};
    p.session = ferry_session_new_with(&opts);
    play_first(&p);
    play_second(&p);
    ferry_session_free(p.session);
    if (p.peer.open)
        o->result = OUTCOME_OTHER; /* a connection was never closed */
    peer_fini(&p.peer);
}

/* --- every cut ------------------------------------------------------------------- */

bool play_next_cut(split *c, size_t n, bool is_generated)
{
    static const size_t sizes[] = {1, 2, 3, 7, 16, 61, CUT_NONE};
    if (c->at == CUT_NONE) {
        size_t i = 0;
        while (c->every != CUT_NONE && sizes[i] <= c->every)
            i++;
        c->every = sizes[i];
        if (i == 0 || c->every < n)
            return true;
        *c = (split){CUT_NONE, 0};
    }
    c->at += is_generated && c->at >= PLAY_FRONT ? n / PLAY_SPREAD + 1 : 1;
    return c->at < n;
}

static void play_put_difference(
    fy_buf *out, split cut, play_drive drive, const outcome *o)
{
    fy_buf_puts(out, fy_str(play_names[drive]));
    if (cut.every != CUT_NONE) {
        fy_buf_puts(out, FY_S(" in pieces of "));
        fy_buf_put_number(out, (int64_t)cut.every);
    } else if (cut.at != CUT_NONE) {
        fy_buf_puts(out, FY_S(" cut at "));
        fy_buf_put_number(out, (int64_t)cut.at);
    }
    fy_buf_puts(out, FY_S(": "));
    outcome_put(out, o);
}

/* All drives of one cut. */
static bool play_same(const scene *s, split cut, outcome *o, fy_buf *difference)
{
    outcome other;
    bool is_same = true;
    outcome_init(&other);
    for (int drive = 0; is_same && drive < PLAY_DRIVES; drive++) {
        play_once(s, cut, (play_drive)drive, &other);
        if (cut.every == 1 && drive == PLAY_STREAMED)
            o->used = other.given;
        is_same = outcome_same(o, &other, drive == PLAY_GATHERED);
        if (!is_same)
            play_put_difference(difference, cut, (play_drive)drive, &other);
    }
    outcome_fini(&other);
    return is_same;
}

bool play_all(const scene *s, outcome *o, fy_buf *difference)
{
    split cut = {CUT_NONE, CUT_NONE};
    play_once(s, cut, PLAY_STREAMED, o);
    /* What the client never asks for cannot be cut in a way that it sees. */
    size_t n = stream_len(&s->says);
    if (n > o->given)
        n = o->given + 1;
    bool is_same;
    do {
        is_same = play_same(s, cut, o, difference);
    } while (is_same && play_next_cut(&cut, n, s->says.count > 0));
    return is_same;
}
