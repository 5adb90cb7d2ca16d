/* cli_fetch.c - one transfer of the `ferry` command: ask, print the head, pass the body
 * on as it comes. However long the body is, memory holds one piece of it.
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int fetch_fail(cli_transfer *t, int code, const char *error)
{
    t->error = error;
    return code;
}

static int fetch_fail_file(cli_transfer *t, const char *what)
{
    snprintf(t->own_error, sizeof t->own_error, "cannot %s '%s': %s", what,
        t->name ? t->name : "standard output", strerror(errno));
    return fetch_fail(t, CLI_WRITE, t->own_error);
}

static int fetch_fail_size(cli_transfer *t)
{
    snprintf(t->own_error, sizeof t->own_error,
        "the body is larger than --max-filesize %lld", (long long)t->args->max_size);
    return fetch_fail(t, CLI_SIZE, t->own_error);
}

/* The last part of the URL's path: never what a server says, so that no server chooses
 * which file is overwritten. */
static int fetch_name_by_url(cli_transfer *t, cli_text *name)
{
    const char *path = strstr(t->url.ptr, "://") + 3;
    size_t end = strcspn(path, "?#"), start = end;
    while (start && path[start - 1] != '/')
        start--;
    cli_text_add(name, path + start, end - start);
    if (!start || !name->len || !strcmp(name->ptr, ".") || !strcmp(name->ptr, ".."))
        return fetch_fail(t, CLI_WRITE, "-O finds no file name at the end of the URL");
    t->name = name->ptr;
    return CLI_OK;
}

static int fetch_find_name(cli_transfer *t, cli_text *name)
{
    cli_output o = {0};
    if (t->number < t->args->n_outputs)
        o = t->args->outputs[t->number];
    t->name = o.name && strcmp(o.name, "-") != 0 ? o.name : NULL;
    return o.by_url ? fetch_name_by_url(t, name) : CLI_OK;
}

static int fetch_open(cli_transfer *t)
{
    t->out = t->name ? fopen(t->name, t->offset ? "ab" : "wb") : stdout;
    return t->out ? CLI_OK : fetch_fail_file(t, "open");
}

/* Standard output stays open for the next URL; what was written must have arrived. */
static int fetch_close(cli_transfer *t, int code)
{
    if (!t->out)
        return code;
    bool failed = fflush(t->out) || ferror(t->out);
    if (t->out != stdout)
        failed |= fclose(t->out) != 0;
    t->out = NULL;
    return failed && !code ? fetch_fail_file(t, "write to") : code;
}

static int64_t fetch_length(const ferry_response *r)
{
    const char *p = ferry_header(r, "Content-Length");
    int64_t n = 0;
    for (; p && *p >= '0' && *p <= '9' && n <= INT64_MAX / 10 - 1; p++)
        n = n * 10 + (*p - '0');
    return n;
}

static double fetch_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Packed bodies have another length than what comes out. */
static void fetch_show_bar(cli_transfer *t, double start, bool is_end)
{
    bool is_packed = ferry_header(t->r, "Content-Encoding") != NULL;
    int64_t length = is_packed ? 0 : fetch_length(t->r);
    if (t->args->shows_bar)
        cli_bar_show(t, length, fetch_seconds() - start, is_end);
}

/* The example in the example: a body of any size through one view at a time. */
static int fetch_body(cli_transfer *t, ferry_session *s)
{
    int64_t most = t->args->max_size;
    double start = fetch_seconds();
    ferry_str chunk;
    ferry_err e;

    if (most && fetch_length(t->r) > most)
        return fetch_fail_size(t);
    while (!(e = ferry_next(t->r, &chunk)) && chunk.len) {
        t->received += (int64_t)chunk.len;
        if (most && t->received > most)
            return fetch_fail_size(t);
        if (fwrite(chunk.ptr, 1, chunk.len, t->out) < chunk.len ||
            (t->args->is_unbuffered && fflush(t->out)))
            return fetch_fail_file(t, "write to");
        fetch_show_bar(t, start, false);
    }
    if (!e)
        fetch_show_bar(t, start, true);
    return e ? fetch_fail(t, cli_exit_code(e), ferry_explain(s)) : CLI_OK;
}

static ferry_err fetch_ask(cli_transfer *t, ferry_session *s)
{
    const cli_args *a = t->args;
    const char *file = cli_upload(a, t->number);
    bool is_stdin = file && !strcmp(file, "-");
    ferry_bytes body = {NULL, 0};
    ferry_pair *headers = cli_alloc(a->n_headers + CLI_RANGE_FIELDS + 1, sizeof *headers);
    size_t n = cli_range_fields(t, headers);
    if (a->n_headers)
        memcpy(headers + n, a->headers, a->n_headers * sizeof *headers);
    if (a->has_data && !a->is_get)
        body = (ferry_bytes){a->data.ptr, a->data.len};
    ferry_err e = ferry_request(s, cli_method(a, t->number), t->url.ptr, &t->r,
        .headers = headers,
        .cookies = cli_cookies_list(a),
        .body = body,
        .file = is_stdin ? NULL : file,
        .source = is_stdin ? cli_stdin() : NULL,
        .multipart = a->n_parts ? a->parts : NULL,
        .decode = a->is_raw ? FERRY_OFF : FERRY_ON,
        .stream = FERRY_ON);
    free(headers);
    return e;
}

static int fetch_transfer(cli_transfer *t, ferry_session *s, cli_text *name)
{
    const cli_args *a = t->args;
    int code = fetch_find_name(t, name);
    if (!code)
        code = cli_range_begin(t);
    if (code)
        return code;

    ferry_err e = fetch_ask(t, s);
    if (!e && (code = cli_range_check(t)) != CLI_OK)
        return code == CLI_DONE ? CLI_OK : code;
    if (!e && a->fails_on_status)
        e = ferry_check(t->r);
    if (e)
        return fetch_fail(t, cli_exit_code(e), ferry_explain(s));

    code = fetch_open(t);
    if (code)
        return code;
    if (a->shows_head || a->is_head)
        cli_show_head(t->out, t->r);
    if (!a->is_head)
        code = fetch_body(t, s);
    if (!code && a->is_verbose)
        cli_show_trailers(t->r);
    return fetch_close(t, code);
}

int cli_fetch(ferry_session *s, const cli_args *a, size_t number)
{
    cli_transfer t = {.args = a, .number = number};
    cli_text name = {0};
    double start = fetch_seconds();

    cli_url_build(&t.url, a, number);
    t.exit_code = fetch_transfer(&t, s, &name);
    t.seconds = fetch_seconds() - start;
    if (t.exit_code)
        cli_complain(a, "%s", t.error);
    if (a->format)
        cli_write_out(&t);

    ferry_response_free(t.r);
    cli_text_free(&t.url);
    cli_text_free(&name);
    return t.exit_code;
}
