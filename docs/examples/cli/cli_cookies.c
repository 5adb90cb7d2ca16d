/* cli_cookies.c - -b, -c and -j: cookies of the command line, from files and into one.
 * SPDX-License-Identifier: MIT */
#include "cli.h"

#include <string.h>

static char *cookies_trim(char *text)
{
    text += strspn(text, " \t");
    size_t n = strlen(text);
    while (n && (text[n - 1] == ' ' || text[n - 1] == '\t'))
        n--;
    text[n] = '\0';
    return text;
}

/* "a=1; b=2", which is cut into its pieces. */
static int cookies_add_pairs(cli_args *a, char *data)
{
    for (char *next; data; data = next) {
        next = strchr(data, ';');
        if (next)
            *next++ = '\0';
        char *name = cookies_trim(data), *equals = strchr(name, '=');
        if (!*name)
            continue;
        if (!equals) {
            cli_complain(a, "-b: the cookie '%s' has no name", name);
            return CLI_USAGE;
        }
        *equals = '\0';
        ferry_pair pair = {cookies_trim(name), cookies_trim(equals + 1)};
        cli_text_add(&a->cookies, &pair, sizeof pair);
    }
    return CLI_OK;
}

const ferry_pair *cli_cookies_list(const cli_args *a)
{
    return (const ferry_pair *)(const void *)a->cookies.ptr;
}

int cli_cookies_add(cli_args *a, char *value)
{
    a->has_jar |= !strchr(value, '=');
    if (strchr(value, '='))
        return cookies_add_pairs(a, value);
    if (*value)
        a->cookie_files[a->n_cookie_files++] = value;
    return CLI_OK;
}

static int cookies_fail(const cli_args *a, ferry_session *s, ferry_err e, int code,
    const char *what, const char *name)
{
    cli_complain(a, "cannot %s '%s': %s", what, name, ferry_explain(s));
    return e == FERRY_ERR_FILE ? code : cli_exit_code(e);
}

/* As with curl, a file that is not there yet is an empty one. */
static bool cookies_is_there(const char *name)
{
    FILE *f = fopen(name, "rb");
    if (f)
        fclose(f);
    return f != NULL;
}

int cli_cookies_load(ferry_session *s, const cli_args *a)
{
    ferry_cookie_kind kind = a->junks_session ? FERRY_COOKIES_PERSISTENT
                                              : FERRY_COOKIES_ALL;
    for (size_t i = 0; i < a->n_cookie_files; i++) {
        const char *name = a->cookie_files[i];
        ferry_err e = cookies_is_there(name) ? ferry_cookies_load(s, name, kind, NULL)
                                             : FERRY_OK;
        if (e)
            return cookies_fail(a, s, e, CLI_READ, "load cookies from", name);
    }
    return CLI_OK;
}

static int cookies_print(ferry_session *s, const cli_args *a)
{
    cli_text text = {NULL, 0, 0};
    size_t len;
    ferry_cookies_write(s, FERRY_COOKIES_ALL, NULL, 0, &len);
    text.ptr = cli_alloc(len + 1, 1);
    ferry_err e = ferry_cookies_write(s, FERRY_COOKIES_ALL, text.ptr, len, &len);
    bool failed = !e && fwrite(text.ptr, 1, len, stdout) < len;
    cli_text_free(&text);
    if (e)
        return cookies_fail(a, s, e, CLI_WRITE, "write cookies to", "-");
    return failed ? CLI_WRITE : CLI_OK;
}

int cli_cookies_save(ferry_session *s, const cli_args *a)
{
    if (!a->cookie_jar)
        return CLI_OK;
    if (!strcmp(a->cookie_jar, "-"))
        return cookies_print(s, a);
    ferry_err e = ferry_cookies_save(s, a->cookie_jar, FERRY_COOKIES_ALL, NULL);
    return e ? cookies_fail(a, s, e, CLI_WRITE, "save cookies in", a->cookie_jar)
             : CLI_OK;
}
