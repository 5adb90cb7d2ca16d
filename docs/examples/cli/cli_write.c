/* cli_write.c - -w: a line of one's own about a transfer, in curl's notation.
 * SPDX-License-Identifier: MIT */
#include "cli.h"

#include <string.h>

typedef void write_fn(const cli_transfer *t, FILE *out);

static void write_status(const cli_transfer *t, FILE *out)
{
    fprintf(out, "%03d", t->r ? t->r->status : 0);
}

static void write_size(const cli_transfer *t, FILE *out)
{
    fprintf(out, "%lld", (long long)t->received);
}

static void write_time(const cli_transfer *t, FILE *out)
{
    fprintf(out, "%.6f", t->seconds);
}

/* Without user and password, also where no response is there to tell it so. */
static void write_url(const cli_transfer *t, FILE *out)
{
    const char *authority = t->url.ptr + strcspn(t->url.ptr, ":") + 3;
    size_t n = strcspn(authority, "/?#");
    const char *host = authority;
    if (t->r) {
        fputs(t->r->url, out);
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (authority[i] == '@')
            host = authority + i + 1;
    fprintf(out, "%.*s%s", (int)(authority - t->url.ptr), t->url.ptr, host);
}

static void write_type(const cli_transfer *t, FILE *out)
{
    const char *type = t->r ? ferry_header(t->r, "Content-Type") : NULL;
    fputs(type ? type : "", out);
}

static void write_method(const cli_transfer *t, FILE *out)
{
    fputs(cli_method(t->args, t->number), out);
}

static void write_error(const cli_transfer *t, FILE *out)
{
    fputs(t->error ? t->error : "", out);
}

static void write_exit_code(const cli_transfer *t, FILE *out)
{
    fprintf(out, "%d", t->exit_code);
}

static void write_version(const cli_transfer *t, FILE *out)
{
    if (t->r)
        fprintf(out, "1.%d", t->r->minor);
    else
        fputc('0', out);
}

static void write_filename(const cli_transfer *t, FILE *out)
{
    fputs(t->name ? t->name : "", out);
}

static void write_number(const cli_transfer *t, FILE *out)
{
    fprintf(out, "%zu", t->number);
}

static void write_header_count(const cli_transfer *t, FILE *out)
{
    fprintf(out, "%zu", t->r ? t->r->headers.n : 0);
}

static void write_redirects(const cli_transfer *t, FILE *out)
{
    fprintf(out, "%d", t->r ? t->r->redirects : 0);
}

static void write_retries(const cli_transfer *t, FILE *out)
{
    int n = 0;
    for (size_t i = 0; t->r && i < t->r->n_history; i++)
        n += t->r->history[i].why == FERRY_HOP_RETRY;
    fprintf(out, "%d", n);
}

static void write_next(const cli_transfer *t, FILE *out)
{
    fputs(t->r && t->r->next_url ? t->r->next_url : "", out);
}

/* 0 where nothing of the kind was done, as on a connection that is used again. */
static void write_ms(FILE *out, int64_t ms)
{
    fprintf(out, "%.6f", ms > 0 ? (double)ms / 1000 : 0.0);
}

static void write_lookup_time(const cli_transfer *t, FILE *out)
{
    write_ms(out, t->r ? t->r->timings.lookup_ms : 0);
}

static void write_connect_time(const cli_transfer *t, FILE *out)
{
    write_ms(out, t->r ? t->r->timings.connect_ms : 0);
}

static void write_tls_time(const cli_transfer *t, FILE *out)
{
    write_ms(out, t->r ? t->r->timings.tls_ms : 0);
}

static void write_first_time(const cli_transfer *t, FILE *out)
{
    write_ms(out, t->r ? t->r->timings.first_ms : 0);
}

static const struct write_variable {
    const char *name;
    write_fn *write;
} write_variables[] = {
    {"content_type", write_type},
    {"errormsg", write_error},
    {"exitcode", write_exit_code},
    {"filename_effective", write_filename},
    {"http_code", write_status},
    {"http_version", write_version},
    {"method", write_method},
    {"num_headers", write_header_count},
    {"num_redirects", write_redirects},
    {"num_retries", write_retries},
    {"redirect_url", write_next},
    {"response_code", write_status},
    {"size_download", write_size},
    {"time_appconnect", write_tls_time},
    {"time_connect", write_connect_time},
    {"time_namelookup", write_lookup_time},
    {"time_starttransfer", write_first_time},
    {"time_total", write_time},
    {"url_effective", write_url},
    {"urlnum", write_number},
};

enum { WRITE_VARIABLES = sizeof write_variables / sizeof *write_variables };

void cli_write_list(FILE *out)
{
    for (int i = 0; i < WRITE_VARIABLES; i++)
        fprintf(out, "  %s\n", write_variables[i].name);
}

static void write_variable(const cli_transfer *t, const char *name, size_t n)
{
    for (int i = 0; i < WRITE_VARIABLES; i++) {
        const struct write_variable *v = &write_variables[i];
        if (strlen(v->name) == n && !memcmp(v->name, name, n)) {
            v->write(t, stdout);
            return;
        }
    }
    cli_complain(t->args, "-w does not know '%.*s'", (int)n, name);
}

static void write_escaped(char c)
{
    switch (c) {
    case 'n': putchar('\n'); break;
    case 'r': putchar('\r'); break;
    case 't': putchar('\t'); break;
    default: printf("\\%c", c); break;
    }
}

void cli_write_out(const cli_transfer *t)
{
    for (const char *p = t->args->format; *p; p++) {
        const char *end = !strncmp(p, "%{", 2) ? strchr(p, '}') : NULL;
        if (end) {
            write_variable(t, p + 2, (size_t)(end - p) - 2);
            p = end;
        } else if (p[0] == '\\' && p[1]) {
            write_escaped(*++p);
        } else {
            p += p[0] == '%' && p[1] == '%';
            putchar(*p);
        }
    }
}
