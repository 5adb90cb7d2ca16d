/* cli_data.c - the bytes of -d and its relatives, and the URL as it is asked for.
 * SPDX-License-Identifier: MIT */
#include "cli.h"

#include <errno.h>
#include <string.h>

int cli_data_read(cli_text *out, const cli_args *a, const char *name)
{
    bool is_stdin = !strcmp(name, "-");
    FILE *f = is_stdin ? stdin : fopen(name, "rb");
    if (f && cli_text_add_file(out, f)) {
        if (!is_stdin)
            fclose(f);
        return CLI_OK;
    }
    cli_complain(a, "cannot read '%s': %s", name, strerror(errno));
    if (f && !is_stdin)
        fclose(f);
    return CLI_READ;
}

/* Take out what lines end in, and zero bytes, as curl does. */
static void data_join_lines(cli_text *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->len; i++)
        if (t->ptr[i] != '\r' && t->ptr[i] != '\n' && t->ptr[i] != '\0')
            t->ptr[n++] = t->ptr[i];
    t->len = n;
    t->ptr[n] = '\0';
}

static bool data_is_plain(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c && strchr("-._~", c));
}

/* What a form writes: unreserved bytes as they are, "+" for a space, %XX for others. */
static void data_encode(cli_text *out, const char *p, size_t n)
{
    static const char hex[] = "0123456789ABCDEF";
    for (; n; p++, n--) {
        unsigned char c = (unsigned char)*p;
        char coded[3] = {'%', hex[c >> 4], hex[c & 15]};
        if (data_is_plain(*p))
            cli_text_add(out, p, 1);
        else if (*p == ' ')
            cli_text_add(out, "+", 1);
        else
            cli_text_add(out, coded, sizeof coded);
    }
}

/* A file's name as the last part of a path. */
static void data_encode_name(cli_text *out, const char *name)
{
    for (size_t n; *name; name += n) {
        n = strcspn(name, " ");
        data_encode(out, name, n);
        for (; name[n] == ' '; n++)
            cli_text_add(out, "%20", 3);
    }
}

/* "text", "=text", "name=text", "@file", "name@file": the name is sent as it is. */
static int data_add_encoded(cli_args *a, const char *value)
{
    size_t n = strcspn(value, "=@");
    bool is_file = value[n] == '@';
    cli_text file = {0};
    if (!value[n]) {
        data_encode(&a->data, value, n);
        return CLI_OK;
    }
    int code = is_file ? cli_data_read(&file, a, value + n + 1) : CLI_OK;
    if (n) {
        cli_text_add(&a->data, value, n);
        cli_text_add(&a->data, "=", 1);
    }
    if (is_file)
        data_encode(&a->data, file.ptr, file.len);
    else
        data_encode(&a->data, value + n + 1, strlen(value + n + 1));
    cli_text_free(&file);
    return code;
}

int cli_data_add(cli_args *a, cli_data_kind kind, const char *value)
{
    if (a->has_data && kind != CLI_DATA_JSON)
        cli_text_add(&a->data, "&", 1);
    a->has_data = true;
    if (kind == CLI_DATA_ENCODED)
        return data_add_encoded(a, value);
    if (kind == CLI_DATA_RAW || value[0] != '@') {
        cli_text_puts(&a->data, value);
        return CLI_OK;
    }
    cli_text file = {0};
    int code = cli_data_read(&file, a, value + 1);
    if (!code && kind == CLI_DATA)
        data_join_lines(&file);
    cli_text_add(&a->data, file.ptr, file.len);
    cli_text_free(&file);
    return code;
}

/* scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ), then "://" (RFC 3986 3.1). */
static bool url_has_scheme(const char *url)
{
    size_t n = strcspn(url, ":/?#");
    return n && !strncmp(url + n, "://", 3);
}

void cli_url_build(cli_text *out, const cli_args *a, size_t number)
{
    const char *url = a->urls[number], *name = cli_upload_name(a, number, url);
    size_t before = strcspn(url, "#");
    if (!url_has_scheme(url))
        cli_text_puts(out, "http://");
    size_t path = strcspn(url, "?#");
    cli_text_add(out, url, path);
    if (*name && (!path || url[path - 1] != '/'))
        cli_text_add(out, "/", 1);
    data_encode_name(out, name);
    cli_text_add(out, url + path, before - path);
    if (a->is_get && a->data.len) {
        const char *query = memchr(url, '?', before);
        if (!query || (query + 1 < url + before && url[before - 1] != '&'))
            cli_text_add(out, query ? "&" : "?", 1);
        cli_text_add(out, a->data.ptr, a->data.len);
    }
    cli_text_puts(out, url + before);
}
