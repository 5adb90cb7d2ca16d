/* cli_args.c - the command line of `ferry`: what each option sets.
 * SPDX-License-Identifier: MIT */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

/* `Name: value` sends, `Name:` removes, `Name;` sends an empty value. */
static int args_header(cli_args *a, char *line)
{
    char *colon = strchr(line, ':'), *end = line + strlen(line);
    const char *value = "";
    if (colon) {
        value = colon + 1 + strspn(colon + 1, " \t");
        value = *value ? value : NULL;
        *colon = '\0';
    } else if (end > line && end[-1] == ';') {
        end[-1] = '\0';
    } else {
        cli_complain(a, "-H needs 'Name: value', 'Name:' or 'Name;'");
        return CLI_USAGE;
    }
    a->headers[a->n_headers++] = (ferry_pair){line, value};
    return CLI_OK;
}

/* A number with up to three digits behind the point, in thousandths. */
static bool args_thousandths(const char *text, int64_t *out)
{
    const char *p = text;
    int64_t n = 0, unit = 1000;
    for (; *p >= '0' && *p <= '9' && n <= 1000000000; p++)
        n = n * 10 + (*p - '0');
    n *= 1000;
    if (*p == '.')
        for (p++; *p >= '0' && *p <= '9'; p++)
            n += (*p - '0') * (unit /= 10);
    *out = n;
    return p != text && *p == '\0';
}

static int args_seconds(const cli_args *a, const char *text, int64_t *out)
{
    if (args_thousandths(text, out))
        return CLI_OK;
    cli_complain(a, "'%s' is no number of seconds", text);
    return CLI_USAGE;
}

/* None at all is an answer, too. */
static int args_expect(cli_args *a, const char *text)
{
    int code = args_seconds(a, text, &a->expect_ms);
    a->expect_ms = a->expect_ms ? a->expect_ms : FERRY_NONE;
    return code;
}

static int args_bytes(const cli_args *a, const char *text, int64_t *out)
{
    static const char units[] = "KMG";
    const char *p = text, *unit;
    int64_t n = 0;
    for (; *p >= '0' && *p <= '9' && n <= INT64_MAX / 10 - 1; p++)
        n = n * 10 + (*p - '0');
    if (p != text && *p && (unit = strchr(units, *p & ~0x20)) && *unit) {
        int shift = 10 * (int)(unit - units + 1);
        n = n <= INT64_MAX >> shift ? n << shift : INT64_MAX;
        p++;
    }
    *out = n;
    if (p != text && *p == '\0')
        return CLI_OK;
    cli_complain(a, "'%s' is no number of bytes", text);
    return CLI_USAGE;
}

static int args_continue(cli_args *a, const char *value)
{
    a->continues = true;
    a->continue_at = -1;
    return strcmp(value, "-") ? args_bytes(a, value, &a->continue_at) : CLI_OK;
}

static int args_format(cli_args *a, const char *value)
{
    a->format = value;
    if (value[0] != '@')
        return CLI_OK;
    cli_text_free(&a->format_file);
    int code = cli_data_read(&a->format_file, a, value + 1);
    a->format = a->format_file.ptr;
    return code;
}

/* `-OOO` is one argument with three of them; those beyond the room for all arguments
 * could not meet a URL anyway. */
static void args_output(cli_args *a, bool by_url, const char *name)
{
    if (a->n_outputs < a->most)
        a->outputs[a->n_outputs++] = (cli_output){by_url, name};
}

/* `value` is anything but NULL for those that take none. */
static int args_apply(cli_args *a, cli_option_id id, char *value)
{
    if (id <= CLI_OPT_WAYS)
        return cli_ways_apply(a, &a->ways, id, value);
    if (id <= CLI_OPT_AUTH) {
        cli_auth_apply(&a->auth, id, value);
        return CLI_OK;
    }
    if (id <= CLI_OPT_FOLLOW)
        return cli_follow_set(a, id, value);
    switch (id) {
    case CLI_OPT_AGENT: a->agent = value; break;
    case CLI_OPT_BAR: a->shows_bar = true; break;
    case CLI_OPT_COMPRESSED: a->is_raw = false; break;
    case CLI_OPT_CONTINUE: return args_continue(a, value);
    case CLI_OPT_NO_BUFFER: a->is_unbuffered = true; break;
    case CLI_OPT_RANGE: a->range = value; break;
    case CLI_OPT_RAW: a->is_raw = true; break;
    case CLI_OPT_CONNECT_TIMEOUT: return args_seconds(a, value, &a->connect_ms);
    case CLI_OPT_COOKIE: return cli_cookies_add(a, value);
    case CLI_OPT_COOKIE_JAR: a->cookie_jar = value; a->has_jar = true; break;
    case CLI_OPT_DATA: return cli_data_add(a, CLI_DATA, value);
    case CLI_OPT_DATA_BINARY: return cli_data_add(a, CLI_DATA_BINARY, value);
    case CLI_OPT_DATA_ENCODED: return cli_data_add(a, CLI_DATA_ENCODED, value);
    case CLI_OPT_DATA_RAW: return cli_data_add(a, CLI_DATA_RAW, value);
    case CLI_OPT_EXPECT_TIME: return args_expect(a, value);
    case CLI_OPT_FAIL: a->fails_on_status = true; break;
    case CLI_OPT_FORM: return cli_form_add(a, value, false);
    case CLI_OPT_FORM_STRING: return cli_form_add(a, value, true);
    case CLI_OPT_GET: a->is_get = true; break;
    case CLI_OPT_HEAD: a->is_head = true; break;
    case CLI_OPT_HEADER: return args_header(a, value);
    case CLI_OPT_HELP: cli_help(); return CLI_DONE;
    case CLI_OPT_HTTP11: break;
    case CLI_OPT_INCLUDE: a->shows_head = true; break;
    case CLI_OPT_JUNK_SESSION: a->junks_session = true; break;
    case CLI_OPT_JSON: a->is_json = true; return cli_data_add(a, CLI_DATA_JSON, value);
    case CLI_OPT_MAX_SIZE: return args_bytes(a, value, &a->max_size);
    case CLI_OPT_MAX_TIME: return args_seconds(a, value, &a->total_ms);
    case CLI_OPT_OUTPUT: args_output(a, false, value); break;
    case CLI_OPT_REFERER: a->referer = value; break;
    case CLI_OPT_REMOTE_NAME: args_output(a, true, NULL); break;
    case CLI_OPT_REQUEST: a->method = value; break;
    case CLI_OPT_SHOW_ERROR: a->shows_errors = true; break;
    case CLI_OPT_SILENT: a->is_silent = true; break;
    case CLI_OPT_UPLOAD: a->uploads[a->n_uploads++] = value; break;
    case CLI_OPT_URL: a->urls[a->n_urls++] = value; break;
    case CLI_OPT_VERBOSE: a->is_verbose = true; break;
    case CLI_OPT_VERSION: printf("ferry %s\n", ferry_version()); return CLI_DONE;
    case CLI_OPT_WRITE_OUT: return args_format(a, value);
    default: return cli_tls_apply(a, id, value);
    }
    return CLI_OK;
}

/* One `--name`; its value is the next argument. */
static int args_long(cli_args *a, char ***at)
{
    const char *name = **at + 2;
    const cli_option *o = cli_option_find(0, name);
    if (!o) {
        cli_complain(a, "there is no option --%s (ferry --help lists all)", name);
        return CLI_USAGE;
    }
    if (o->value && !*++*at) {
        cli_complain(a, "--%s needs %s behind it", name, o->value);
        return CLI_USAGE;
    }
    return args_apply(a, o->id, **at);
}

/* Letters behind one dash: `-sSf`; the first that takes a value takes the rest,
 * `-ofile`, or else the next argument. */
static int args_short(cli_args *a, char ***at)
{
    char *p = **at + 1;
    int code = CLI_OK;
    while (!code && *p) {
        const cli_option *o = cli_option_find(*p++, NULL);
        if (!o) {
            cli_complain(a, "there is no option -%c (ferry --help lists all)", p[-1]);
            return CLI_USAGE;
        }
        if (!o->value) {
            code = args_apply(a, o->id, p);
            continue;
        }
        char *value = *p ? p : *++*at;
        if (value)
            return args_apply(a, o->id, value);
        cli_complain(a, "-%c needs %s behind it", o->letter, o->value);
        return CLI_USAGE;
    }
    return code;
}

static int args_check(const cli_args *a)
{
    if (a->n_urls == 0)
        cli_complain(a, "no URL given (ferry --help explains)");
    else if (a->is_head && a->has_data && !a->is_get)
        cli_complain(a, "-I and -d ask for two methods; -G puts the data into the URL");
    else if ((a->has_data != 0) + (a->n_parts != 0) + (a->n_uploads != 0) > 1)
        cli_complain(a, "-d, -F and -T give more than one body");
    else if (a->is_head && (a->n_parts || a->n_uploads))
        cli_complain(a, "-I and a body ask for two methods");
    else if (a->continues && a->range)
        cli_complain(a, "-C and -r ask for two parts");
    else if (a->is_get && a->data.ptr && strlen(a->data.ptr) != a->data.len)
        cli_complain(a, "data for the URL holds a zero byte");
    else
        return CLI_OK;
    return CLI_USAGE;
}

int cli_args_read(cli_args *a, int argc, char **argv)
{
    /* No list can become longer than the command line. */
    *a = (cli_args){.most = (size_t)argc + 1, .tls = {.size = sizeof a->tls}};
    a->urls = cli_alloc(a->most, sizeof *a->urls);
    a->outputs = cli_alloc(a->most, sizeof *a->outputs);
    a->headers = cli_alloc(a->most, sizeof *a->headers);
    a->cookie_files = cli_alloc(a->most, sizeof *a->cookie_files);
    cli_ways_init(&a->ways, a->most);
    a->parts = cli_alloc(a->most, sizeof *a->parts);
    a->uploads = cli_alloc(a->most, sizeof *a->uploads);

    int code = CLI_OK;
    bool has_options = true;
    for (char **at = argv + (argc > 0); !code && *at; at += *at != NULL) {
        if (!has_options || at[0][0] != '-' || !at[0][1])
            a->urls[a->n_urls++] = *at;
        else if (!strcmp(*at, "--"))
            has_options = false;
        else
            code = at[0][1] == '-' ? args_long(a, &at) : args_short(a, &at);
    }
    const ferry_pair end = {NULL, NULL};
    if (a->cookies.len)
        cli_text_add(&a->cookies, &end, sizeof end);
    return code ? code : args_check(a);
}

void cli_args_free(cli_args *a)
{
    free(a->urls);
    free(a->outputs);
    free(a->headers);
    free(a->cookie_files);
    cli_text_free(&a->cookies);
    cli_ways_free(&a->ways);
    cli_auth_free(&a->auth);
    free(a->parts);
    free(a->uploads);
    cli_text_free(&a->data);
    cli_text_free(&a->format_file);
}

const char *cli_method(const cli_args *a, size_t number)
{
    if (a->method)
        return a->method;
    if (a->is_head)
        return "HEAD";
    if (cli_upload(a, number))
        return "PUT";
    if (a->n_parts)
        return "POST";
    return a->has_data && !a->is_get ? "POST" : "GET";
}
