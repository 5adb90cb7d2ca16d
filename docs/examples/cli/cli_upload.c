/* cli_upload.c - what the `ferry` command sends besides -d: files with -T, forms with -F.
 * Nothing of a file is held; it is read while it is sent.
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "cli.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* --- -F -------------------------------------------------------------------------- */

/* A word, perhaps in quotes, up to the next ';'. It is cut out of the text, and what
 * stands behind is returned; NULL if a quote has no end. */
static char *upload_word(char **word, char *p)
{
    if (*p != '"') {
        *word = p;
        return p + strcspn(p, ";");
    }
    char *to = *word = ++p;
    for (; *p && *p != '"'; *to++ = *p++)
        if (*p == '\\' && (p[1] == '"' || p[1] == '\\'))
            p++;
    if (!*p)
        return NULL;
    *to = '\0';
    return p + 1;
}

/* ";type=T", ";filename=N": what may stand behind a content. */
static bool upload_details(ferry_part *part, char *p)
{
    while (p && *p == ';') {
        char *word;
        const char **where;
        *p++ = '\0';
        p += strspn(p, " ");
        if (!strncmp(p, "type=", 5)) {
            where = &part->type;
            p += 5;
        } else if (!strncmp(p, "filename=", 9)) {
            where = &part->filename;
            p += 9;
        } else {
            return false;
        }
        p = upload_word(&word, p);
        *where = word;
    }
    return p && !*p;
}

static bool upload_content(ferry_part *part, char *value)
{
    char *word;
    bool is_file = value[0] == '@' || value[0] == '<';
    char *rest = upload_word(&word, value + is_file);
    if (!is_file)
        part->text = word;
    else if (!strcmp(word, "-"))
        part->file = "/dev/stdin";
    else
        part->file = word;
    if (value[0] == '<')
        part->filename = ""; /* a field that happens to lie in a file */
    return rest && upload_details(part, rest);
}

/* "name=text", "name=@file", "name=<file", with ";type=T" and ";filename=N" behind. */
int cli_form_add(cli_args *a, char *value, bool is_literal)
{
    char *content = strchr(value, '=');
    ferry_part part = {.name = value};
    bool is_good = content != NULL;
    if (is_good) {
        *content++ = '\0';
        if (is_literal)
            part.text = content;
        else
            is_good = upload_content(&part, content);
    }
    if (!is_good) {
        cli_complain(a, "-F needs NAME=TEXT, NAME=@FILE or NAME=<FILE, perhaps with "
                        "';type=T' and ';filename=N' behind");
        return CLI_USAGE;
    }
    a->parts[a->n_parts++] = part;
    return CLI_OK;
}

/* --- -T -------------------------------------------------------------------------- */

/* The example in the example: a source is a function that gives some bytes, or none, or
 * has none yet, as a pipe whose other end made it non-blocking. */
static ptrdiff_t upload_read_stdin(void *ctx, void *p, size_t n)
{
    (void)ctx;
    ptrdiff_t got = read(STDIN_FILENO, p, n);
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? FERRY_NOT_YET : got;
}

const ferry_source *cli_stdin(void)
{
    static const ferry_source source = {.read = upload_read_stdin};
    return &source;
}

const char *cli_upload(const cli_args *a, size_t number)
{
    return number < a->n_uploads ? a->uploads[number] : NULL;
}

/* The last part of a path, as what a URL that ends in a slash is missing. */
const char *cli_upload_name(const cli_args *a, size_t number, const char *url)
{
    const char *file = cli_upload(a, number), *slash = file ? strrchr(file, '/') : NULL;
    size_t end = strcspn(url, "?#");
    const char *path = strstr(url, "://");
    path = path ? path + 3 : url;
    bool has_path = memchr(path, '/', (size_t)(url + end - path)) != NULL;
    if (!file || !strcmp(file, "-") || (has_path && url[end - 1] != '/'))
        return "";
    return slash ? slash + 1 : file;
}
