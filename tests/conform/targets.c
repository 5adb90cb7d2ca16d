/* targets.c - which request a URL becomes: request line, Host, and who is asked (RFC
 * 9112 3.2, RFC 9110 7.2). Knows the public interface, and for requests to a proxy,
 * which needs one, the functions that will write them. SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "outcome.h"
#include "peer.h"
#include "proto/tunnel.h"
#include "proto/url.h"
#include "suites.h"

enum { TARGETS_MAX = 1 << 16 };

/* The request as it came. */
typedef struct target_seen {
    ferry_err err;
    ferry_str method, target, version, host;
    size_t n_hosts;
} target_seen;

/* --- reading the request --------------------------------------------------------- */

static void target_read_line(target_seen *seen, ferry_str line)
{
    fy_str_cut(&line, ' ', &seen->method);
    fy_str_cut(&line, ' ', &seen->target);
    seen->version = line;
}

static void target_read(target_seen *seen, ferry_str head)
{
    ferry_str line, host = FY_S("Host: ");
    for (bool is_first = true; fy_str_cut(&head, '\n', &line); is_first = false) {
        if (line.len && line.ptr[line.len - 1] == '\r')
            line.len--;
        if (is_first)
            target_read_line(seen, line);
        if (!fy_str_starts_nocase(line, host))
            continue;
        seen->host = fy_str_from(line, host.len);
        seen->n_hosts++;
    }
}

/* No byte of a URL may end the request line, or begin another field. */
static bool target_is_sound(const target_seen *seen)
{
    for (size_t i = 0; i < seen->target.len; i++)
        if (seen->target.ptr[i] <= ' ' || seen->target.ptr[i] >= 0x7f)
            return false;
    return seen->target.len && seen->n_hosts == 1 &&
           fy_str_eq(seen->version, FY_S("HTTP/1.1"));
}

/* --- judging --------------------------------------------------------------------- */

static bool target_is_said(const cJSON *row, const char *name, ferry_str got)
{
    const char *wanted = json_text(row, name);
    return !wanted || fy_str_eq(fy_str(wanted), got);
}

static bool target_is_host(const cJSON *row, const target_seen *seen)
{
    fy_buf with_port;
    fy_buf_init(&with_port, &peer_libc, TARGETS_MAX);
    const cJSON *port = json_get(row, "connect_port");
    fy_buf_puts(&with_port, fy_str(json_text(row, "host_field")));
    fy_buf_putc(&with_port, ':');
    fy_buf_put_number(&with_port, port ? port->valueint : 0);
    bool is_met = target_is_said(row, "host_field", seen->host) ||
                  fy_str_eq(seen->host, fy_buf_view(&with_port));
    fy_buf_fini(&with_port);
    return is_met;
}

static bool target_is_met(const cJSON *row, const target_seen *seen, const peer *p)
{
    const cJSON *port = json_get(row, "connect_port");
    return target_is_sound(seen) &&
           target_is_said(row, "request_target", seen->target) &&
           target_is_host(row, seen) &&
           target_is_said(row, "connect_host", fy_str(p->host)) &&
           (!port || port->valueint == p->port);
}

/* "ok", "reject", "ok-or-reject", "reject-or-percent-encode". */
static bool target_is_allowed(const cJSON *row, const target_seen *seen, const peer *p)
{
    const char *expected = json_text(row, "expected");
    bool is_refused = (seen->err == FERRY_ERR_URL || seen->err == FERRY_ERR_USAGE ||
                          seen->err == FERRY_ERR_UNSUPPORTED) &&
                      !p->dials && !p->heard.len;
    if (!expected)
        return false;
    if (is_refused)
        return strstr(expected, "reject") != NULL;
    return !seen->err && strcmp(expected, "reject") != 0 && target_is_met(row, seen, p);
}

static void target_put_seen(fy_buf *out, const target_seen *seen, const peer *p)
{
    if (seen->err)
        fy_buf_puts(out, fy_str(ferry_err_name(seen->err)));
    fy_buf_puts(out, FY_S(" target "));
    outcome_put_quoted(out, seen->target);
    fy_buf_puts(out, FY_S(" host "));
    outcome_put_quoted(out, seen->host);
    fy_buf_puts(out, FY_S(" connected to "));
    outcome_put_quoted(out, fy_str(p->host));
    fy_buf_puts(out, FY_S(" port "));
    fy_buf_put_number(out, p->port);
}

static void target_judge(
    report *r, const cJSON *row, const target_seen *seen, const peer *p)
{
    char expected[512];
    const char *what = json_text(row, "expected"), *host = json_text(row, "host_field");
    const char *target = json_text(row, "request_target");
    const char *connect = json_text(row, "connect_host");
    fy_buf got;
    fy_buf_init(&got, &peer_libc, TARGETS_MAX);
    target_put_seen(&got, seen, p);
    snprintf(expected, sizeof expected, "%s, target %s, host %s, connected to %s",
        what ? what : "a verdict", target ? target : "any", host ? host : "any",
        connect ? connect : "any");
    report_judge(r, row, target_is_allowed(row, seen, p), expected, fy_buf_view(&got));
    fy_buf_fini(&got);
}

/* --- asking ---------------------------------------------------------------------- */

static void target_run(report *r, const cJSON *row, const char *method, const char *url)
{
    const char *target = json_text(row, "request_target");
    const ferry_str none = FY_S("");
    target_seen seen = {FERRY_OK, none, none, none, none, 0};
    peer p;
    peer_init(&p);
    p.says.prefix = FY_S("HTTP/1.1 204 No Content\r\n\r\n");
    ferry_opts of_session = {.size = sizeof of_session,
        .platform = &p.board,
        .transport = &p.dialer,
        .secure = FERRY_ON};
    ferry_opts opts = {.size = sizeof opts};
    if (target && strcmp(target, "*") == 0)
        opts.target = target;
    ferry_session *s = ferry_session_new_with(&of_session);
    seen.err = ferry_send(s, method, url, NULL, &opts);
    target_read(&seen, fy_buf_view(&p.heard));
    target_judge(r, row, &seen, &p);
    ferry_session_free(s);
    peer_fini(&p);
}

static void target_put_proxied(fy_buf *target, fy_buf *host, const fy_url *u)
{
    fy_url_put_absolute(target, u);
    fy_url_put_host(host, u);
}

/* Through the head of the whole request. */
static void target_put_connect(fy_buf *target, fy_buf *host, const fy_url *u)
{
    const ferry_fields none = {NULL, 0};
    target_seen seen = {.n_hosts = 0};
    fy_buf head;
    fy_buf_init(&head, &peer_libc, TARGETS_MAX);
    fy_tunnel_put(&head, u->host, u->port, 1, none);
    target_read(&seen, fy_buf_view(&head));
    fy_buf_puts(target, seen.target);
    fy_buf_puts(host, seen.host);
    fy_buf_fini(&head);
}

/* What would be sent to a proxy. */
static void target_run_proxy(report *r, const cJSON *row, const char *url,
    void (*put)(fy_buf *target, fy_buf *host, const fy_url *u))
{
    const ferry_fields no_params = {NULL, 0};
    target_seen seen = {.n_hosts = 1, .version = FY_S("HTTP/1.1")};
    fy_error x;
    fy_buf target, host;
    fy_url u;
    peer none;
    peer_init(&none);
    fy_buf_init(&target, &peer_libc, TARGETS_MAX);
    fy_buf_init(&host, &peer_libc, TARGETS_MAX);
    fy_url_init(&u, &peer_libc, TARGETS_MAX);
    seen.err = fy_url_parse(&u, fy_str(url), no_params, &x);
    if (!seen.err)
        put(&target, &host, &u);
    seen.target = fy_buf_view(&target);
    seen.host = fy_buf_view(&host);
    target_judge(r, row, &seen, &none);
    fy_url_fini(&u);
    fy_buf_fini(&target);
    fy_buf_fini(&host);
    peer_fini(&none);
}

void suite_target(report *r, const cJSON *row)
{
    const char *method = json_text(row, "method"), *url = json_text(row, "url");
    if (!method || !url)
        report_fail(r, row, "a method and a URL", FY_S("a row without"));
    else if (strcmp(method, "CONNECT") == 0)
        target_run_proxy(r, row, url, target_put_connect);
    else if (json_is_true(row, "proxy"))
        target_run_proxy(r, row, url, target_put_proxied);
    else
        target_run(r, row, method, url);
}
