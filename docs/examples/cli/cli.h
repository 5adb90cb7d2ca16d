/* cli.h - what the files of the `ferry` command share.
 * An example: it uses the public header ferry.h and the C library, nothing else.
 *
 *     cli_main.c     the session, one transfer after the other, the exit code
 *     cli_options.c  the table of options, --help
 *     cli_args.c     what was asked for
 *     cli_cookies.c  -b, -c, -j
 *     cli_auth.c     -u and its relatives
 *     cli_tls.c      what was said of TLS
 *     cli_data.c     -d and its relatives; the URL as it is asked for
 *     cli_upload.c   -T and -F
 *     cli_fetch.c    one transfer: request, head, streamed body
 *     cli_range.c    -r and -C: a part of a file, the rest of one
 *     cli_bar.c      -#: how far it is
 *     cli_show.c     heads for -i, -I and -v, without secrets in the latter
 *     cli_follow.c   redirects and retries
 *     cli_write.c    -w
 *     cli_exit.c     the table of exit codes, complaints
 *     cli_text.c     growing text
 * SPDX-License-Identifier: MIT */
#ifndef CLI_H
#define CLI_H

#include "ferry.h"

#include <stdio.h>

/* --- cli_text.c: bytes with a NUL behind them; out of memory ends the program ---- */

typedef struct cli_text {
    char *ptr; /* NULL while empty */
    size_t len, room;
} cli_text;

void *cli_alloc(size_t n, size_t size); /* zeroed */
void cli_text_add(cli_text *t, const void *p, size_t n);
void cli_text_puts(cli_text *t, const char *s);
bool cli_text_add_file(cli_text *t, FILE *f); /* all of it; false: it cannot be read */
void cli_text_free(cli_text *t);

/* --- cli_options.c: the table ---------------------------------------------------- */

typedef enum cli_option_id {
    /* the way there: cli_ways.c */
    CLI_OPT_ABSTRACT, CLI_OPT_INTERFACE, CLI_OPT_IPV4, CLI_OPT_IPV6, CLI_OPT_NO_PROXY,
    CLI_OPT_PREPROXY, CLI_OPT_PROXY, CLI_OPT_PROXY_1_0, CLI_OPT_PROXY_CA,
    CLI_OPT_PROXY_INSECURE,
    CLI_OPT_PROXY_BASIC, CLI_OPT_PROXY_DIGEST,
    CLI_OPT_PROXY_ANY, CLI_OPT_PROXY_HEADER, CLI_OPT_PROXY_TUNNEL,
    CLI_OPT_PROXY_USER, CLI_OPT_RESOLVE, CLI_OPT_SOCKS4, CLI_OPT_SOCKS4A,
    CLI_OPT_SOCKS5, CLI_OPT_SOCKS5_HOSTNAME, CLI_OPT_UNIX_SOCKET,
    CLI_OPT_WAYS = CLI_OPT_UNIX_SOCKET, /* the last of them */
    /* who asks: cli_auth.c */
    CLI_OPT_ANY_AUTH, CLI_OPT_BASIC, CLI_OPT_BEARER, CLI_OPT_DIGEST, CLI_OPT_NETRC,
    CLI_OPT_NETRC_FILE, CLI_OPT_NETRC_OPTIONAL, CLI_OPT_USER,
    CLI_OPT_AUTH = CLI_OPT_USER, /* the last of them */
    /* redirects and retries: cli_follow.c */
    CLI_OPT_LOCATION, CLI_OPT_LOCATION_TRUSTED, CLI_OPT_MAX_REDIRS, CLI_OPT_POST301,
    CLI_OPT_POST302, CLI_OPT_POST303, CLI_OPT_RETRY, CLI_OPT_RETRY_ALL,
    CLI_OPT_RETRY_DELAY, CLI_OPT_RETRY_TIME,
    CLI_OPT_FOLLOW = CLI_OPT_RETRY_TIME, /* the last of them */
    CLI_OPT_BAR, CLI_OPT_COMPRESSED, CLI_OPT_CONTINUE, CLI_OPT_NO_BUFFER,
    CLI_OPT_RANGE, CLI_OPT_RAW,
    CLI_OPT_AGENT, CLI_OPT_CONNECT_TIMEOUT, CLI_OPT_COOKIE,
    CLI_OPT_COOKIE_JAR, CLI_OPT_JUNK_SESSION, CLI_OPT_DATA, CLI_OPT_DATA_BINARY,
    CLI_OPT_DATA_ENCODED, CLI_OPT_DATA_RAW, CLI_OPT_EXPECT_TIME, CLI_OPT_FAIL,
    CLI_OPT_FORM, CLI_OPT_FORM_STRING, CLI_OPT_GET, CLI_OPT_HEAD,
    CLI_OPT_HEADER, CLI_OPT_HELP, CLI_OPT_HTTP11, CLI_OPT_INCLUDE, CLI_OPT_JSON,
    CLI_OPT_MAX_SIZE,
    CLI_OPT_MAX_TIME, CLI_OPT_OUTPUT, CLI_OPT_REFERER, CLI_OPT_REMOTE_NAME,
    CLI_OPT_CA_DIR, CLI_OPT_CA_FILE, CLI_OPT_CERT, CLI_OPT_CIPHERS, CLI_OPT_INSECURE,
    CLI_OPT_KEY, CLI_OPT_PASS, CLI_OPT_PINS, CLI_OPT_TLS_1_2, CLI_OPT_TLS_1_3,
    CLI_OPT_TLS_MAX,
    CLI_OPT_REQUEST, CLI_OPT_SHOW_ERROR, CLI_OPT_SILENT, CLI_OPT_UPLOAD,
    CLI_OPT_URL, CLI_OPT_VERBOSE,
    CLI_OPT_VERSION, CLI_OPT_WRITE_OUT
} cli_option_id;

typedef struct cli_option {
    cli_option_id id;
    char letter; /* 0: long form only */
    const char *name;
    const char *value; /* what --help calls its value; NULL: takes none */
    const char *help;
} cli_option;

/* By its long name, or if that is NULL by its letter; NULL if there is none. */
const cli_option *cli_option_find(char letter, const char *name);
void cli_help(void);

/* --- cli_auth.c: who asks -------------------------------------------------------- */

typedef struct cli_auth {
    ferry_auth_kind kind;   /* FERRY_AUTH_INHERIT: Basic, if there is somebody */
    cli_text user;          /* of -u */
    const char *password;   /* behind it in the same memory, or NULL */
    const char *token;      /* --oauth2-bearer, or NULL */
    bool uses_netrc, may_lack_netrc;
    const char *netrc_file; /* --netrc-file, or NULL */
    cli_text netrc;         /* the path that was found */
} cli_auth;

void cli_auth_apply(cli_auth *a, cli_option_id id, const char *value);
ferry_auth cli_auth_option(const cli_auth *a);
/* The netrc file to use; "" is none. */
const char *cli_auth_netrc(cli_auth *a);
void cli_auth_free(cli_auth *a);

/* --- cli_args.c: what was asked for ---------------------------------------------- */

/* Where a body goes. */
typedef struct cli_output {
    bool by_url;      /* -O: the last part of the URL's path is the name */
    const char *name; /* -o: the name; "-" and NULL are standard output */
} cli_output;

/* How servers are reached. */
typedef struct cli_ways {
    const char *scheme; /* of --socks5 and the like, or NULL */
    const char *proxy, *user, *no_proxy, *preproxy;
    const char *unix_socket, *interface, *local_address;
    ferry_pair *proxy_headers, *resolve; /* each ends with a NULL name */
    size_t n_proxy_headers, n_resolve;
    const char *proxy_ca;
    bool tunnels, trusts_proxy, is_http10;
    ferry_proxy_auth auth;
    int64_t family;
    cli_text url, first, unix_name; /* built of the above */
} cli_ways;

typedef struct cli_args {
    cli_ways ways;
    size_t most; /* room in each of the lists */
    const char **urls;
    size_t n_urls;
    cli_output *outputs; /* the i-th belongs to the i-th URL */
    size_t n_outputs;
    ferry_pair *headers; /* -H; a NULL name ends the list */
    size_t n_headers;
    cli_text cookies;          /* -b NAME=VALUE: ferry_pairs; see cli_cookies_list() */
    const char **cookie_files; /* -b FILE */
    size_t n_cookie_files;
    const char *cookie_jar;    /* -c, or NULL */
    bool has_jar;              /* cookies of responses are kept and sent */
    bool junks_session;        /* -j */
    const char *method;  /* -X, or NULL */
    const char *agent;   /* -A, or NULL */
    const char *referer; /* -e, or NULL */
    const char *format;  /* -w, or NULL */
    cli_text format_file;
    cli_text data; /* -d and its relatives, joined */
    bool has_data, is_json;
    ferry_part *parts; /* -F; a NULL name ends the list */
    size_t n_parts;
    const char **uploads; /* -T; the i-th belongs to the i-th URL */
    size_t n_uploads;
    bool is_get, is_head, is_verbose, is_silent;
    bool shows_head, shows_errors, fails_on_status;
    cli_auth auth;
    int64_t total_ms, connect_ms, expect_ms; /* 0: ferry's own default */
    int64_t max_size;             /* 0: none */
    ferry_opts follow;            /* -L, --retry and their relatives */
    int keep_post[4];             /* --post301 and so on, ended by 0 */
    ferry_opts tls;               /* what was said of TLS, and no more */
    bool is_raw, is_unbuffered, shows_bar;
    const char *range;            /* -r, or NULL */
    bool continues;               /* -C */
    int64_t continue_at;          /* -1: where the file ends */
} cli_args;

/* Read the command line, which is written to: `-H` is cut at its colon.
 * 0, or the exit code after a complaint; CLI_DONE after --help and --version. */
int cli_args_read(cli_args *a, int argc, char **argv);
void cli_args_free(cli_args *a);
/* The method that the options come to, for the URL with that number. */
const char *cli_method(const cli_args *a, size_t number);

/* --- cli_cookies.c --------------------------------------------------------------- */

/* -b: cookies if there is an =, else a file. 0 or the exit code. */
int cli_cookies_add(cli_args *a, char *value);
const ferry_pair *cli_cookies_list(const cli_args *a); /* NULL if there is none */
/* What -b asks for; what -c asks for. 0 or the exit code. */
int cli_cookies_load(ferry_session *s, const cli_args *a);
int cli_cookies_save(ferry_session *s, const cli_args *a);

/* --- cli_ways.c ------------------------------------------------------------------ */

void cli_ways_init(cli_ways *w, size_t most); /* room in each list */
void cli_ways_free(cli_ways *w);
/* 0 or the exit code. */
int cli_ways_apply(const cli_args *a, cli_ways *w, cli_option_id id, char *value);
/* The URL of the proxy, with the user of --proxy-user; NULL: none was given. */
const char *cli_ways_proxy(cli_ways *w);
/* That of the proxy before it, or NULL. */
const char *cli_ways_preproxy(cli_ways *w);

/* --- cli_tls.c ------------------------------------------------------------------- */

/* CLI_USAGE after a complaint, or if the option is not about TLS. */
int cli_tls_apply(cli_args *a, cli_option_id id, char *value);

/* --- cli_data.c ------------------------------------------------------------------ */

typedef enum cli_data_kind {
    CLI_DATA,        /* -d: @file without its line ends */
    CLI_DATA_RAW,    /* --data-raw: no @ */
    CLI_DATA_BINARY, /* --data-binary: @file as it is */
    CLI_DATA_JSON,   /* --json: the same, and nothing between two of them */
    CLI_DATA_ENCODED /* --data-urlencode: name=text, name@file, =text, @file, text */
} cli_data_kind;

/* Append to a->data, behind an & if there is some. 0 or the exit code. */
int cli_data_add(cli_args *a, cli_data_kind kind, const char *value);
/* All of a file, or of standard input if the name is "-". 0 or the exit code. */
int cli_data_read(cli_text *out, const cli_args *a, const char *name);
/* The URL to ask for: http:// before one without a scheme; with -T the name of the file
 * behind one without; with -G the data behind. */
void cli_url_build(cli_text *out, const cli_args *a, size_t number);

/* --- cli_upload.c ---------------------------------------------------------------- */

/* -F; `value` is written to. `is_literal`: @, < and ; mean nothing. 0 or the exit code. */
int cli_form_add(cli_args *a, char *value, bool is_literal);
/* What -T gives for the URL with that number, or NULL; "-" is cli_stdin(). */
const char *cli_upload(const cli_args *a, size_t number);
/* What that URL lacks of its path because of -T: a name, or "". */
const char *cli_upload_name(const cli_args *a, size_t number, const char *url);
const ferry_source *cli_stdin(void);

/* --- cli_follow.c ---------------------------------------------------------------- */

/* An option about redirects or retries. 0 or the exit code. */
int cli_follow_set(cli_args *a, cli_option_id id, const char *value);
/* What they come to, for the session. */
ferry_err cli_follow_apply(ferry_session *s, cli_args *a);

/* --- cli_fetch.c ----------------------------------------------------------------- */

/* One transfer, as -w may look at it afterwards. */
typedef struct cli_transfer {
    const cli_args *args;
    size_t number;      /* of the URL, from 0 */
    cli_text url;       /* asked for; may hold a password */
    ferry_response *r;  /* NULL after an error before the head */
    FILE *out;          /* where head and body go; NULL before it is known */
    const char *name;   /* of the file behind `out`, or NULL for standard output */
    int64_t offset;     /* -C: bytes that are there already */
    char range[64];     /* the value of Range for it */
    int64_t received;   /* bytes of body */
    double seconds;     /* from the call to the end */
    double drawn;       /* when the bar was; 0: never */
    int exit_code;
    const char *error;  /* why exit_code is not 0 */
    char own_error[256];
} cli_transfer;

/* Fetch the URL with that number, complain if need be. The exit code. */
int cli_fetch(ferry_session *s, const cli_args *a, size_t number);

/* --- cli_range.c ----------------------------------------------------------------- */

/* -r and -C as header fields, at most CLI_RANGE_FIELDS of them, and no end. How many. */
enum { CLI_RANGE_FIELDS = 2 };
size_t cli_range_fields(const cli_transfer *t, ferry_pair *to);
/* -C: find where the file ends. 0 or the exit code. */
int cli_range_begin(cli_transfer *t);
/* -C: is this the rest? 0, CLI_DONE if there is none, or the exit code. */
int cli_range_check(cli_transfer *t);

/* --- cli_bar.c ------------------------------------------------------------------- */

/* Draw it, if there is a terminal to see it; `seconds` have passed. */
void cli_bar_show(cli_transfer *t, int64_t length, double seconds, bool is_end);

/* --- cli_show.c ------------------------------------------------------------------ */

/* The response head as it came, but for blanks around values. */
void cli_show_head(FILE *out, const ferry_response *r);
/* -v: both heads on standard error, each line marked, secrets taken out; and what
 * happens besides. Hooks of the session. */
int cli_show_exchange(void *ctx, const ferry_response *r);
void cli_show_event(void *ctx, const ferry_event *e);
void cli_show_trailers(const ferry_response *r);

/* --- cli_write.c ----------------------------------------------------------------- */

/* Print a->format, with what is known of the transfer, on standard output. */
void cli_write_out(const cli_transfer *t);
void cli_write_list(FILE *out); /* the names it knows, for --help */

/* --- cli_exit.c: curl's numbers, so that scripts keep working -------------------- */

enum {
    CLI_DONE = -1, /* nothing left to do: exit with 0 */
    CLI_OK = 0,
    CLI_UNSUPPORTED = 1,
    CLI_USAGE = 2,
    CLI_URL = 3,
    CLI_NAME = 6,
    CLI_CONNECT = 7,
    CLI_PARTIAL = 18,
    CLI_STATUS = 22,
    CLI_WRITE = 23,
    CLI_READ = 26,
    CLI_NOMEM = 27,
    CLI_TIMEOUT = 28,
    CLI_REDIRECTS = 47,
    CLI_REWIND = 65,
    CLI_TLS = 35,
    CLI_RANGE = 33,
    CLI_ABORTED = 42,
    CLI_EMPTY = 52,
    CLI_SEND = 55,
    CLI_RECEIVE = 56,
    CLI_CERTIFICATE = 60,
    CLI_DECODE = 61,
    CLI_SIZE = 63,
    CLI_POOL = 89,
    CLI_PROXY = 97
};

int cli_exit_code(ferry_err e);
void cli_exit_list(FILE *out); /* the table, for --help */
/* "ferry: ..." on standard error, unless -s without -S. */
void cli_complain(const cli_args *a, const char *format, ...);

#endif
