/* cli_show.c - printing heads: whole for -i and -I, without secrets for -v.
 * SPDX-License-Identifier: MIT */
#include "cli.h"

#include <string.h>

void cli_show_head(FILE *out, const ferry_response *r)
{
    fprintf(out, "HTTP/1.%d %d %s\r\n", r->minor, r->status, r->reason);
    for (size_t i = 0; i < r->headers.n; i++) {
        const ferry_field *f = &r->headers.at[i];
        fprintf(out, "%s: %s\r\n", f->name.ptr, f->value.ptr);
    }
    fputs("\r\n", out);
}

static bool show_same_name(const char *a, const char *b, size_t n)
{
    for (; n; a++, b++, n--)
        if (*a != *b && (*a | 0x20) != *b)
            return false;
    return *b == '\0';
}

/* What -v prints often ends up in a bug report: no place for a password. */
static bool show_is_secret(const char *name, size_t n)
{
    static const char *const secrets[] = {
        "authorization", "proxy-authorization", "cookie", "set-cookie"};
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
        if (show_same_name(name, secrets[i], n))
            return true;
    return false;
}

static void show_line(char mark, const char *line, size_t n)
{
    const char *colon = memchr(line, ':', n);
    if (n == 0)
        fprintf(stderr, "%c\n", mark);
    else if (colon && show_is_secret(line, (size_t)(colon - line)))
        fprintf(stderr, "%c %.*s: [redacted]\n", mark, (int)(colon - line), line);
    else
        fprintf(stderr, "%c %.*s\n", mark, (int)n, line);
}

static void show_field(const ferry_field *f)
{
    bool is_secret = show_is_secret(f->name.ptr, f->name.len);
    fprintf(stderr, "< %s: %s\n", f->name.ptr, is_secret ? "[redacted]" : f->value.ptr);
}

int cli_show_exchange(void *ctx, const ferry_response *r)
{
    (void)ctx;
    const char *age = r->reused ? "reused" : "new";
    fprintf(stderr, "* %s over a %s connection\n", r->url, age);
    for (ferry_str rest = r->request; rest.len;) {
        const char *end = memchr(rest.ptr, '\n', rest.len);
        size_t n = end ? (size_t)(end - rest.ptr) + 1 : rest.len;
        size_t line = n - (end != NULL);
        if (line && rest.ptr[line - 1] == '\r')
            line--;
        show_line('>', rest.ptr, line);
        rest = (ferry_str){rest.ptr + n, rest.len - n};
    }
    if (r->interim)
        fprintf(stderr, "* %d interim (1xx) before this\n", r->interim);
    fprintf(stderr, "< HTTP/1.%d %d %s\n", r->minor, r->status, r->reason);
    for (size_t i = 0; i < r->headers.n; i++)
        show_field(&r->headers.at[i]);
    fputs("<\n", stderr);
    return FERRY_GO_ON;
}

static void show_way(const ferry_event *e)
{
    if (e->kind == FERRY_EVENT_PROXY)
        fprintf(stderr, "* by proxy %s\n", e->url);
    if (e->kind == FERRY_EVENT_PROXY_TLS)
        fprintf(stderr, "* TLS to %s\n", e->url);
    if (e->kind == FERRY_EVENT_TUNNEL)
        fprintf(stderr, "* asking %s to connect us\n", e->url);
    if (e->kind == FERRY_EVENT_TUNNELED && e->status)
        fprintf(stderr, "* %s answers %d\n", e->url, e->status);
    if (e->kind == FERRY_EVENT_TUNNELED && !e->status)
        fprintf(stderr, "* %s has connected us\n", e->url);
    if (e->kind == FERRY_EVENT_AUTH)
        fprintf(stderr, "* %d, saying who asks\n", e->status);
}

void cli_show_event(void *ctx, const ferry_event *e)
{
    (void)ctx;
    show_way(e);
    if (e->kind == FERRY_EVENT_REDIRECT)
        fprintf(stderr, "* redirected to %s\n", e->url);
    if (e->kind == FERRY_EVENT_RETRY && e->status)
        fprintf(stderr, "* %d, trying again in %.3f s\n", e->status,
            (double)e->delay_ms / 1000);
    if (e->kind == FERRY_EVENT_RETRY && !e->status)
        fprintf(stderr, "* %s, trying again in %.3f s\n", ferry_err_text(e->err),
            (double)e->delay_ms / 1000);
}

void cli_show_trailers(const ferry_response *r)
{
    for (size_t i = 0; i < r->trailers.n; i++)
        show_field(&r->trailers.at[i]);
}
