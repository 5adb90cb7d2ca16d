/* cli_main.c - the `ferry` command: curl's flags on one ferry session.
 * An example of ferry.h; read cli.h for the way through it.
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "cli.h"

#include <signal.h>

static ferry_err main_set(ferry_session *s, const char *name, const char *value)
{
    return ferry_update(s, .headers = FERRY_PAIRS({name, value}));
}

/* What curl has as options of their own are this session's default headers; what -H
 * says belongs to the request, so it wins, and `-H "Name:"` removes. */
static ferry_err main_set_headers(ferry_session *s, const cli_args *a)
{
    ferry_err e = FERRY_OK;
    if (a->agent)
        e = main_set(s, "User-Agent", *a->agent ? a->agent : NULL);
    if (!e && a->referer && *a->referer)
        e = main_set(s, "Referer", a->referer);
    if (!e && a->has_data && !a->is_get)
        e = main_set(s, "Content-Type", a->is_json
            ? "application/json" : "application/x-www-form-urlencoded");
    if (!e && a->is_json)
        e = main_set(s, "Accept", "application/json");
    return e;
}

/* --max-time alone decides, if it is given: a silence may then be as long as all. */
static ferry_session *main_session(cli_args *a)
{
    int64_t silence = a->total_ms ? FERRY_UNLIMITED : 0;
    return ferry_session_new(
        .jar = a->has_jar ? FERRY_ON : FERRY_OFF,
        .auth = cli_auth_option(&a->auth),
        .netrc = cli_auth_netrc(&a->auth),
        .timeout = {.connect_ms = a->connect_ms,
                    .read_ms = silence,
                    .write_ms = silence,
                    .total_ms = a->total_ms},
        .expect = {.wait_ms = a->expect_ms});
}

/* The environment's proxies hold where -x says nothing. */
static ferry_err main_set_ways(ferry_session *s, cli_ways *w)
{
    const char *proxy = cli_ways_proxy(w);
    ferry_pair all[] = {{"all", proxy}, {NULL, NULL}};
    return ferry_update(s,
        .proxies = proxy ? all : NULL,
        .preproxy = cli_ways_preproxy(w),
        .proxy_headers = w->proxy_headers,
        .proxy_tunnel = w->tunnels ? FERRY_ON : FERRY_INHERIT,
        .proxy_http10 = w->is_http10 ? FERRY_ON : FERRY_INHERIT,
        .no_proxy = w->no_proxy,
        .unix_socket = w->unix_socket,
        .resolve = w->resolve,
        .local_interface = w->interface,
        .local_address = w->local_address,
        .tcp = {.family = w->family},
        .proxy_auth = w->auth,
        .proxy_tls = {.ca_file = w->proxy_ca,
                      .verify = w->trusts_proxy ? FERRY_OFF : FERRY_INHERIT});
}

static int main_run(cli_args *a)
{
    ferry_session *s = main_session(a);
    ferry_err e = main_set_ways(s, &a->ways);
    e = e ? e : main_set_headers(s, a);
    e = e ? e : cli_follow_apply(s, a);
    if (!e)
        e = ferry_update_with(s, &a->tls);
    int code = cli_exit_code(e);
    if (e)
        cli_complain(a, "%s", ferry_explain(s));
    if (!code)
        code = cli_cookies_load(s, a);
    bool is_ready = code == CLI_OK;
    /* Where one body could not be written the next would be lost as well. */
    for (size_t i = 0; i < a->n_urls && is_ready && code != CLI_WRITE; i++) {
        int this_code = cli_fetch(s, a, i);
        code = code ? code : this_code;
    }
    int save_code = is_ready ? cli_cookies_save(s, a) : CLI_OK;
    code = code ? code : save_code;
    ferry_session_free(s);
    return code;
}

int main(int argc, char **argv)
{
    /* A reader that left is an error of writing, told by its exit code. ferry itself
     * neither raises SIGPIPE nor touches signals. */
    signal(SIGPIPE, SIG_IGN);

    cli_args a;
    int code = cli_args_read(&a, argc, argv);
    if (code == CLI_OK)
        code = main_run(&a);
    cli_args_free(&a);

    bool failed = fflush(stdout) || ferror(stdout);
    if (failed && code <= CLI_OK) {
        cli_complain(&a, "cannot write to standard output");
        code = CLI_WRITE;
    }
    return code == CLI_DONE ? CLI_OK : code;
}
