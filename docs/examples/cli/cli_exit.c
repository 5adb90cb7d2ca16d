/* cli_exit.c - how errors of ferry become exit codes of the command.
 * SPDX-License-Identifier: MIT */
#include "cli.h"

#include <stdarg.h>

/* Where curl has a number for it, it is curl's. The first line with an error's name is
 * its exit code; FERRY_OK stands where the command itself found the fault. */
static const struct exit_line {
    ferry_err error;
    int code;
    const char *text; /* NULL: said already */
} exit_lines[] = {
    {FERRY_ERR_UNSUPPORTED, CLI_UNSUPPORTED, "not supported by this build"},
    {FERRY_ERR_USAGE, CLI_USAGE, "wrong use of the command"},
    {FERRY_ERR_URL, CLI_URL, "bad URL"},
    {FERRY_ERR_NAME, CLI_NAME, "host name could not be resolved"},
    {FERRY_ERR_CONNECT, CLI_CONNECT, "connection could not be made"},
    {FERRY_ERR_TRUNCATED, CLI_PARTIAL, "the connection ended inside the response"},
    {FERRY_ERR_STATUS, CLI_STATUS, "the status is 400 or above, with -f"},
    {FERRY_OK, CLI_WRITE, "the output could not be written"},
    {FERRY_ERR_FILE, CLI_READ, "a file to be sent could not be read"},
    {FERRY_ERR_NOMEM, CLI_NOMEM, "out of memory"},
    {FERRY_ERR_CONNECT_TIMEOUT, CLI_TIMEOUT, "something took too long"},
    {FERRY_ERR_READ_TIMEOUT, CLI_TIMEOUT, NULL},
    {FERRY_ERR_WRITE_TIMEOUT, CLI_TIMEOUT, NULL},
    {FERRY_ERR_TOTAL_TIMEOUT, CLI_TIMEOUT, NULL},
    {FERRY_OK, CLI_RANGE, "the server did not send the rest that -C wants"},
    {FERRY_ERR_TLS, CLI_TLS, "TLS failed"},
    {FERRY_ERR_ABORTED, CLI_ABORTED, "ended by the caller"},
    {FERRY_ERR_REDIRECTS, CLI_REDIRECTS, "too many redirects"},
    {FERRY_ERR_CLOSED, CLI_EMPTY, "the connection ended before a response"},
    {FERRY_ERR_BODY, CLI_SEND, "a file changed while it was sent"},
    {FERRY_ERR_PROTOCOL, CLI_RECEIVE, "the peer broke the protocol"},
    {FERRY_ERR_CERTIFICATE, CLI_CERTIFICATE,
        "the peer's certificate was not accepted"},
    {FERRY_ERR_DECODE, CLI_DECODE, "the body could not be decoded"},
    {FERRY_ERR_LIMIT, CLI_SIZE, "larger than --max-filesize, or than ferry's limits"},
    {FERRY_ERR_REWIND, CLI_REWIND, "the body cannot be sent again"},
    {FERRY_ERR_POOL, CLI_POOL, "no free connection"},
    {FERRY_ERR_PROXY, CLI_PROXY, "the proxy did not connect us"},
};

enum { EXIT_LINES = sizeof exit_lines / sizeof *exit_lines };

int cli_exit_code(ferry_err e)
{
    if (e == FERRY_OK)
        return CLI_OK;
    for (int i = 0; i < EXIT_LINES; i++)
        if (exit_lines[i].error == e)
            return exit_lines[i].code;
    return CLI_RECEIVE; /* an error younger than this table */
}

void cli_exit_list(FILE *out)
{
    fprintf(out, "%5d  %s\n", CLI_OK, "a whole response came, whatever its status");
    for (int i = 0; i < EXIT_LINES; i++)
        if (exit_lines[i].text)
            fprintf(out, "%5d  %s\n", exit_lines[i].code, exit_lines[i].text);
}

void cli_complain(const cli_args *a, const char *format, ...)
{
    if (a->is_silent && !a->shows_errors)
        return;
    va_list list;
    va_start(list, format);
    fputs("ferry: ", stderr);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
}
