/* download.c - a response into a file, whole or not at all, and on from where it broke off.
 * session. Knows ranges and files. Does not know connections.
 *
 * Theory: what comes goes into "PATH.part", which gets the name PATH once it is whole and
 * synced. Beside it "PATH.part.tag" says whose bytes these are: the URL that was asked
 * for, as it was sent, and the validator of the response. A later request asks for the
 * rest with If-Range, so that a peer whose file is another one by now sends all of it (RFC
 * 9110 13.1.5, 14.2); if it turns out to be for another URL, what is there is thrown away.
 * A try that broke off is followed by another as long as each brings the end nearer.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "net/file.h"
#include "proto/fields.h"
#include "proto/range.h"
#include "session/session.h"
#include "session/transfer.h"

enum { DOWNLOAD_TAG_MAX = 1 << 20, DOWNLOAD_PROGRESS_MS = 100, DOWNLOAD_FIELDS = 3 };

typedef struct download {
    ferry_session *session;
    const char *url, *path;
    ferry_opts opts;
    ferry_on_progress on_progress;
    fy_buf part, tag;      /* names */
    fy_buf validator;      /* empty: the rest cannot be asked for */
    fy_buf source;         /* the URL that the bytes are of */
    fy_buf range, headers; /* of the request; the list is bytes to us */
    fy_file file;
    ferry_progress progress;
    int64_t started_ms, told_ms;
    int64_t farthest; /* that any try came */
    int64_t end;      /* where this response ends; -1: where it does */
    bool is_whole;
    ferry_response *r;
    fy_error error; /* code FERRY_OK: said already */
} download;

static ferry_err download_fail(download *d, ferry_err code, const char *what)
{
    return fy_fail(&d->error, code, what, FY_NOWHERE);
}

/* A call of ferry's failed, and ferry_explain() tells. */
static ferry_err download_said(download *d, ferry_err e)
{
    d->error.code = FERRY_OK;
    return e;
}

static ferry_err download_fail_status(download *d)
{
    fy_fail(&d->error, FERRY_ERR_STATUS, d->r->reason, FY_NOWHERE);
    d->error.status = d->r->status;
    return FERRY_ERR_STATUS;
}

/* --- names and tags -------------------------------------------------------------- */

/* "URL LF validator LF". Anything else is no tag of ours, and what came before is of no
 * use. */
static ferry_err download_take_tag(download *d, ferry_str text)
{
    ferry_str url, validator = FY_S("");
    bool is_ours = text.len && text.ptr[text.len - 1] == '\n' &&
                   fy_str_cut(&text, '\n', &url) &&
                   fy_str_cut(&text, '\n', &validator) && text.len == 0;
    if (!is_ours)
        return FERRY_OK;
    fy_buf_puts(&d->source, url);
    fy_buf_puts(&d->validator, validator);
    TRY(fy_fail_buf(&d->error, &d->source, NULL));
    return fy_fail_buf(&d->error, &d->validator, NULL);
}

static ferry_err download_read_tag(download *d)
{
    fy_buf text;
    fy_buf_init(&text, &d->session->platform, DOWNLOAD_TAG_MAX);
    ferry_err e = fy_file_load(&text, d->tag.ptr, NULL, &d->error);
    if (!e)
        e = download_take_tag(d, fy_buf_view(&text));
    fy_buf_fini(&text);
    return e == FERRY_ERR_NOMEM ? e : FERRY_OK; /* there may be none */
}

static ferry_err download_write_tag(download *d)
{
    fy_buf text;
    if (!d->validator.len) {
        fy_file_remove(d->tag.ptr);
        return FERRY_OK;
    }
    fy_buf_init(&text, &d->session->platform, DOWNLOAD_TAG_MAX);
    fy_buf_puts(&text, fy_buf_view(&d->source));
    fy_buf_putc(&text, '\n');
    fy_buf_puts(&text, fy_buf_view(&d->validator));
    fy_buf_putc(&text, '\n');
    ferry_err e = fy_fail_buf(&d->error, &text, NULL);
    if (!e)
        e = fy_file_replace(
            d->tag.ptr, fy_buf_view(&text), &d->session->platform, &d->error);
    fy_buf_fini(&text);
    return e;
}

static ferry_err download_open(download *d)
{
    fy_buf_puts(&d->part, fy_str(d->path));
    fy_buf_puts(&d->part, FY_S(".part"));
    fy_buf_puts(&d->tag, fy_buf_view(&d->part));
    fy_buf_puts(&d->tag, FY_S(".tag"));
    fy_buf_text(&d->part);
    fy_buf_text(&d->tag);
    TRY(fy_fail_buf(&d->error, &d->part, NULL));
    TRY(fy_fail_buf(&d->error, &d->tag, NULL));
    TRY(fy_file_may_replace(d->path, &d->error));
    TRY(fy_file_grow(&d->file, d->part.ptr, &d->progress.done, &d->error));
    if (d->progress.done)
        TRY(download_read_tag(d));
    if (d->validator.len)
        return FERRY_OK;
    d->progress.done = 0;
    return fy_file_empty(&d->file, &d->error);
}

/* --- asking ---------------------------------------------------------------------- */

static void download_add(download *d, const char *name, const char *value)
{
    ferry_pair pair = {name, value};
    fy_buf_put(&d->headers, &pair, sizeof pair);
}

/* The caller's list with ours behind it. Coded bytes could not be continued. */
static ferry_err download_list(download *d)
{
    const ferry_pair *given = d->opts.headers;
    fy_buf_clear(&d->headers);
    fy_buf_clear(&d->range);
    for (; given && given->name; given++)
        download_add(d, given->name, given->value);
    if (!fy_fields_are_given(d->opts.headers, FY_S("Accept-Encoding")))
        download_add(d, "Accept-Encoding", "identity");
    if (d->progress.done) {
        fy_buf_puts(&d->range, FY_S("bytes="));
        fy_buf_put_number(&d->range, d->progress.done);
        fy_buf_putc(&d->range, '-');
        download_add(d, "Range", fy_buf_text(&d->range));
        download_add(d, "If-Range", fy_buf_text(&d->validator));
    }
    download_add(d, NULL, NULL);
    TRY(fy_fail_buf(&d->error, &d->range, NULL));
    return fy_fail_buf(&d->error, &d->headers, NULL);
}

/* --- what is answered ------------------------------------------------------------ */

/* What was asked for, with all parameters, and without user and password: the first
 * request of the call. */
static ferry_str download_asked(const download *d)
{
    return fy_str(d->r->n_history ? d->r->history[0].url : d->r->url);
}

/* All of it, from the first byte. */
static ferry_err download_begin_anew(download *d)
{
    const fy_transfer *t = (const fy_transfer *)(const void *)d->r;
    bool is_coded = t->reply.is_coded;
    const char *length = is_coded ? NULL : ferry_header(d->r, "Content-Length");
    uint64_t total;
    d->progress.done = 0;
    d->progress.total = -1;
    if (length && fy_str_number(fy_str(length), INT64_MAX, &total))
        d->progress.total = (int64_t)total;
    d->end = d->progress.total;
    fy_buf_clear(&d->validator);
    fy_buf_clear(&d->source);
    fy_buf_puts(&d->source, download_asked(d));
    if (!is_coded)
        fy_buf_puts(&d->validator, fy_range_validator(d->r->headers));
    fy_buf_text(&d->validator);
    TRY(fy_fail_buf(&d->error, &d->source, NULL));
    TRY(fy_fail_buf(&d->error, &d->validator, NULL));
    TRY(fy_file_empty(&d->file, &d->error));
    return download_write_tag(d);
}

/* What is there is of no use: ask for all of it. */
static ferry_err download_forget(download *d)
{
    d->progress.done = 0;
    fy_buf_clear(&d->validator);
    return FERRY_AGAIN;
}

/* The rest, or some of it (RFC 9110 15.3.7). Where nobody knows how much there is, no part
 * could be told from the last one. */
static ferry_err download_go_on(download *d)
{
    fy_range range;
    const char *value = ferry_header(d->r, "Content-Range");
    if (!fy_range_parse(&range, fy_str(value)) || !d->progress.done ||
        range.first != d->progress.done)
        return download_fail(
            d, FERRY_ERR_PROTOCOL, "a 206 that is not the part that was asked for");
    if (range.total < 0)
        return download_forget(d);
    d->progress.total = range.total;
    d->end = range.last + 1;
    return FERRY_OK;
}

/* RFC 9110 15.5.17: there is nothing behind what we have; so it was all, or it is of
 * something else. */
static ferry_err download_judge_416(download *d)
{
    fy_range range;
    const char *value = ferry_header(d->r, "Content-Range");
    if (!d->progress.done)
        return download_fail_status(d);
    d->is_whole = fy_range_parse(&range, fy_str(value)) &&
                  range.total == d->progress.done;
    return d->is_whole ? FERRY_OK : download_forget(d);
}

static ferry_err download_judge(download *d)
{
    bool is_part = d->r->status == 206 || d->r->status == 416;
    if (is_part && d->progress.done &&
        !fy_str_eq(fy_buf_view(&d->source), download_asked(d)))
        return download_forget(d);
    switch (d->r->status) {
    case 200:
    case 203: return download_begin_anew(d);
    case 206: return download_go_on(d);
    case 416: return download_judge_416(d);
    default: return download_fail_status(d);
    }
}

/* --- taking it ------------------------------------------------------------------- */

static ferry_err download_tell(download *d, bool is_due)
{
    const ferry_platform *m = &d->session->platform;
    if (!d->on_progress.call)
        return FERRY_OK;
    int64_t now_ms = m->now_ms(m->ctx), took_ms = now_ms - d->started_ms;
    if (!is_due && now_ms - d->told_ms < DOWNLOAD_PROGRESS_MS)
        return FERRY_OK;
    d->told_ms = now_ms;
    d->progress.rate = took_ms > 0 ? d->progress.received * 1000 / took_ms : 0;
    TRY(fy_session_enter(d->session));
    int answer = d->on_progress.call(d->on_progress.ctx, &d->progress);
    fy_session_leave(d->session, FERRY_OK);
    return answer ? download_fail(d, FERRY_ERR_ABORTED, ".on_progress ended it")
                  : FERRY_OK;
}

static ferry_err download_take(download *d)
{
    for (ferry_str piece;;) {
        ferry_err e = ferry_next(d->r, &piece);
        if (e)
            return download_said(d, e);
        if (piece.len == 0)
            break;
        if (d->end >= 0 && (int64_t)piece.len > d->end - d->progress.done)
            return download_fail(d, FERRY_ERR_PROTOCOL, "more than was promised");
        TRY(fy_file_append(&d->file, piece, &d->error));
        d->progress.done += (int64_t)piece.len;
        d->progress.received += (int64_t)piece.len;
        TRY(download_tell(d, false));
    }
    if (d->end >= 0 && d->progress.done != d->end)
        return download_fail(d, FERRY_ERR_PROTOCOL, "less than was promised");
    d->is_whole = d->progress.total < 0 || d->progress.done == d->progress.total;
    return d->is_whole ? FERRY_OK : FERRY_AGAIN;
}

/* FERRY_AGAIN: there is more to be asked for, or all of it anew. */
static ferry_err download_try(download *d)
{
    ferry_opts o = d->opts;
    TRY(download_list(d));
    o.headers = (const ferry_pair *)(const void *)d->headers.ptr;
    o.stream = FERRY_ON;
    ferry_err e = ferry_send(d->session, "GET", d->url, &d->r, &o);
    if (e)
        return download_said(d, e);
    TRY(download_judge(d));
    if (d->is_whole)
        return FERRY_OK;
    TRY(download_tell(d, true));
    return download_take(d);
}

/* Another try, if this one came farther than any before it and the rest can be had. */
static bool download_goes_on(download *d, ferry_err e)
{
    bool is_farther = d->progress.done > d->farthest;
    if (is_farther)
        d->farthest = d->progress.done;
    return e == FERRY_AGAIN ||
           (is_farther && d->validator.len &&
               (e == FERRY_ERR_TRUNCATED || e == FERRY_ERR_READ_TIMEOUT));
}

static ferry_err download_run(download *d)
{
    ferry_err e;
    TRY(download_open(d));
    d->farthest = d->progress.done;
    do
        e = download_try(d);
    while (e && download_goes_on(d, e));
    TRY(e);
    TRY(download_tell(d, true));
    TRY(fy_file_settle(&d->file, d->part.ptr, d->path, &d->error));
    fy_file_remove(d->tag.ptr);
    return FERRY_OK;
}

/* --- the call -------------------------------------------------------------------- */

static void download_init(download *d, ferry_session *s)
{
    const ferry_platform *m = &s->platform;
    memset(d, 0, sizeof *d);
    d->session = s;
    d->file.handle = FY_FILE_CLOSED;
    d->progress.total = -1;
    d->started_ms = m->now_ms(m->ctx);
    fy_buf_init(&d->part, m, DOWNLOAD_TAG_MAX);
    fy_buf_init(&d->tag, m, DOWNLOAD_TAG_MAX);
    fy_buf_init(&d->validator, m, DOWNLOAD_TAG_MAX);
    fy_buf_init(&d->source, m, DOWNLOAD_TAG_MAX);
    fy_buf_init(&d->range, m, DOWNLOAD_TAG_MAX);
    fy_buf_init(&d->headers, m, (FY_PAIRS_MAX + DOWNLOAD_FIELDS) * sizeof(ferry_pair));
}

/* What cannot be continued is not worth keeping. */
static void download_fini(download *d)
{
    ferry_response_free(d->r);
    if (d->file.handle != FY_FILE_CLOSED &&
        (d->progress.done == 0 || !d->validator.len)) {
        fy_file_remove(d->part.ptr);
        fy_file_remove(d->tag.ptr);
    }
    fy_file_close(&d->file);
    fy_buf_fini(&d->part);
    fy_buf_fini(&d->tag);
    fy_buf_fini(&d->validator);
    fy_buf_fini(&d->source);
    fy_buf_fini(&d->range);
    fy_buf_fini(&d->headers);
}

static ferry_err download_read(
    download *d, const char *url, const char *path, const ferry_opts *given)
{
    d->url = url;
    d->path = path;
    TRY(fy_options_read(&d->opts, given, FY_LEVEL_REQUEST, &d->error));
    d->on_progress = d->opts.on_progress;
    d->opts.on_progress = (ferry_on_progress){NULL, NULL};
    if (!url || !path || !*path)
        return download_fail(d, FERRY_ERR_USAGE, "a download without URL or path");
    if (d->opts.method || d->opts.sink || d->opts.into.len ||
        fy_fields_are_given(d->opts.headers, FY_S("Range")) ||
        fy_fields_are_given(d->opts.headers, FY_S("If-Range")))
        return download_fail(
            d, FERRY_ERR_USAGE, "a download chooses method, range and place itself");
    if (d->opts.headers == ferry_no_pairs())
        return download_fail(d, FERRY_ERR_USAGE,
            "a download has headers of its own, so FERRY_NO_PAIRS would not hold");
    return FERRY_OK;
}

ferry_err ferry_download_with(
    ferry_session *s, const char *url, const char *path, const ferry_opts *opts)
{
    download d;
    TRY(fy_session_enter(s)); /* not inside a callback */
    fy_session_leave(s, FERRY_OK);
    download_init(&d, s);
    ferry_err e = download_read(&d, url, path, opts);
    if (!e)
        e = download_run(&d);
    if (e && d.error.code)
        fy_session_fail(s, &d.error, (const fy_transfer *)(const void *)d.r);
    download_fini(&d);
    return e;
}
