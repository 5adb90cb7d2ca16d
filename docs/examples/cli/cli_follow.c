/* cli_follow.c - redirects and retries, as curl names them.
 * SPDX-License-Identifier: MIT */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

/* What curl takes for a passing trouble. */
static const int follow_transient[] = {408, 429, 500, 502, 503, 504, 0};

static const char *const follow_any_method[] = {"*", NULL};

/* For --retry-all-errors: every status from 400 on. */
static int follow_all[201];

static int follow_count(const cli_args *a, const char *text, int64_t *out)
{
    char *end;
    long n = strtol(text, &end, 10);
    if (end == text || *end || n < -1) {
        cli_complain(a, "'%s' is no count", text);
        return CLI_USAGE;
    }
    *out = n > 0 ? n : n == 0 ? FERRY_NONE : FERRY_UNLIMITED;
    return CLI_OK;
}

static int follow_seconds(const cli_args *a, const char *text, int64_t *out)
{
    char *end;
    double n = strtod(text, &end);
    if (end == text || *end || n < 0 || n > 1e9) {
        cli_complain(a, "'%s' is no number of seconds", text);
        return CLI_USAGE;
    }
    *out = n > 0 ? (int64_t)(n * 1000 + 0.5) : FERRY_NONE;
    return CLI_OK;
}

static int follow_keep_post(cli_args *a, int status)
{
    size_t n = 0;
    while (n < 3 && a->keep_post[n] && a->keep_post[n] != status)
        n++;
    a->keep_post[n] = status;
    return CLI_OK;
}

static int follow_retry_all(cli_args *a)
{
    for (int i = 0; i < 200; i++)
        follow_all[i] = 400 + i;
    a->follow.retry.statuses = follow_all;
    return CLI_OK;
}

int cli_follow_set(cli_args *a, cli_option_id id, const char *value)
{
    ferry_retry *r = &a->follow.retry;
    switch (id) {
    case CLI_OPT_LOCATION_TRUSTED: a->follow.location_trusted = FERRY_ON; /* and */
    /* fall through */
    case CLI_OPT_LOCATION: a->follow.follow = FERRY_ON; return CLI_OK;
    case CLI_OPT_MAX_REDIRS: return follow_count(a, value, &a->follow.max_redirects);
    case CLI_OPT_POST301: return follow_keep_post(a, 301);
    case CLI_OPT_POST302: return follow_keep_post(a, 302);
    case CLI_OPT_POST303: return follow_keep_post(a, 303);
    case CLI_OPT_RETRY: return follow_count(a, value, &r->total);
    case CLI_OPT_RETRY_ALL: return follow_retry_all(a);
    case CLI_OPT_RETRY_DELAY:
        r->backoff_max_ms = 0;
        return follow_seconds(a, value, &r->backoff_max_ms);
    default: return follow_seconds(a, value, &r->within_ms);
    }
}

/* Without --retry nothing is tried again, whatever else was said about it. The last
 * response is shown as it is: -f makes an error of it, if that was asked for. */
ferry_err cli_follow_apply(ferry_session *s, cli_args *a)
{
    ferry_opts o = a->follow;
    o.size = sizeof o;
    o.follow = o.follow == FERRY_ON ? FERRY_ON : FERRY_OFF;
    o.keep_post = a->keep_post[0] ? a->keep_post : NULL;
    if (!o.max_redirects)
        o.max_redirects = 50;
    if (o.retry.total > 0) {
        o.retry.methods = follow_any_method;
        o.retry.statuses = o.retry.statuses ? o.retry.statuses : follow_transient;
        o.retry.raise_on_status = FERRY_OFF;
        o.retry.backoff_ms = o.retry.backoff_max_ms ? o.retry.backoff_max_ms : 500;
        o.retry_budget = FERRY_UNLIMITED;
    } else {
        memset(&o.retry, 0, sizeof o.retry);
    }
    if (a->is_verbose) {
        o.on_response = (ferry_on_response){cli_show_exchange, NULL};
        o.on_event = (ferry_on_event){cli_show_event, NULL};
    }
    return ferry_update_with(s, &o);
}
