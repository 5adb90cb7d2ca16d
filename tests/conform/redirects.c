/* redirects.c - where a redirect leads, what goes along, and how far: rows of redirects.
 * Statuses and chains are played to a session; the rest asks the functions that decide.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "lib/machine.h"
#include "lib/peer.h"
#include "policy/redirect.h"
#include "suites.h"

enum { REDIRECTS_STEPS = 16, REDIRECTS_ROOM = 200, REDIRECTS_URL_MAX = 1 << 16 };

typedef struct redirect_urls {
    memory memory;
    fy_url from, to;
    fy_error error;
} redirect_urls;

static void redirect_open(redirect_urls *u)
{
    memory_init(&u->memory);
    fy_url_init(&u->from, &u->memory.platform, REDIRECTS_URL_MAX);
    fy_url_init(&u->to, &u->memory.platform, REDIRECTS_URL_MAX);
}

static void redirect_close(redirect_urls *u)
{
    fy_url_fini(&u->from);
    fy_url_fini(&u->to);
}

static bool redirect_parse(fy_url *u, const char *text, fy_error *x)
{
    const ferry_fields none = {NULL, 0};
    return text && !fy_url_parse(u, fy_str(text), none, x);
}

/* --- what goes along ------------------------------------------------------------- */

static bool redirect_is_allowed(const cJSON *row, bool strips)
{
    const cJSON *verdict, *allowed = json_get(row, "allowed");
    if (!allowed)
        return strips == json_is_true(row, "strip");
    cJSON_ArrayForEach(verdict, allowed)
    {
        if (json_is_true(verdict, "strip") == strips)
            return true;
    }
    return false;
}

static void redirect_judge_strip(report *r, const cJSON *row)
{
    redirect_urls u;
    redirect_open(&u);
    const char *to = json_text(row, "to_url");
    bool are_urls = redirect_parse(&u.from, json_text(row, "from_url"), &u.error) &&
                    to && !fy_url_follow(&u.to, &u.from, fy_str(to), &u.error);
    bool strips = are_urls && !fy_redirect_keeps_secrets(&u.from, &u.to);
    report_judge(r, row, are_urls && redirect_is_allowed(row, strips),
        json_is_true(row, "strip") ? "stripped" : "kept",
        !are_urls ? FY_S("no URL")
        : strips  ? FY_S("stripped")
                  : FY_S("kept"));
    redirect_close(&u);
}

/* --- where to -------------------------------------------------------------------- */

/* Some rows want a refusal and put up with what is repaired: of that nothing may be left
 * which could do harm in a request. */
static bool redirect_is_harmless(ferry_str url)
{
    for (size_t i = 0; i < url.len; i++)
        if (url.ptr[i] <= ' ' || url.ptr[i] > '~')
            return false;
    return true;
}

static bool redirect_is_put_up_with(const cJSON *row)
{
    const char *note = json_text(row, "note");
    return note && (strstr(note, "percent-encode") || strstr(note, "odd reference"));
}

static void redirect_judge_location(report *r, const cJSON *row)
{
    redirect_urls u;
    fy_url wanted;
    fy_buf location;
    const char *expected = json_text(row, "expected");
    redirect_open(&u);
    fy_url_init(&wanted, &u.memory.platform, REDIRECTS_URL_MAX);
    fy_buf_init(&location, &u.memory.platform, REDIRECTS_URL_MAX);
    bool is_row = redirect_parse(&u.from, json_text(row, "base"), &u.error) &&
                  json_put_bytes(&location, json_get(row, "location")) &&
                  (!expected || redirect_parse(&wanted, expected, &u.error));
    bool is_url = is_row &&
                  !fy_url_follow(&u.to, &u.from, fy_buf_view(&location), &u.error);
    ferry_str got = is_url ? fy_buf_view(&u.to.text) : FY_S("a refusal");
    if (is_row && !expected && is_url && redirect_is_put_up_with(row) &&
        redirect_is_harmless(got))
        report_tolerate(r);
    else
        report_judge(r, row,
            is_row && is_url == (expected != NULL) &&
                (!expected || fy_str_eq(got, fy_buf_view(&wanted.text))),
            expected ? expected : "a refusal", got);
    fy_buf_fini(&location);
    fy_url_fini(&wanted);
    redirect_close(&u);
}

/* --- played ---------------------------------------------------------------------- */

typedef struct redirect_play {
    machine machine;
    peer peer;
    peer_answer answers[REDIRECTS_STEPS];
    char bytes[REDIRECTS_STEPS][REDIRECTS_ROOM];
    ferry_response *response;
    ferry_err error;
} redirect_play;

static void redirect_add(redirect_play *p, int status, const char *location)
{
    size_t n = p->peer.n_answers++;
    bool has_length = status != 304;
    snprintf(p->bytes[n], sizeof p->bytes[n], "HTTP/1.1 %d X\r\n%s%s%s%s\r\n", status,
        location ? "Location: " : "", location ? location : "", location ? "\r\n" : "",
        has_length ? "Content-Length: 0\r\n" : "");
    p->answers[n] = (peer_answer){p->bytes[n], PEER_STAYS};
}

static void redirect_run(
    redirect_play *p, const char *method, const char *url, const ferry_opts *opts)
{
    ferry_dialer d = peer_dialer(&p->peer);
    machine_init(&p->machine);
    p->peer.answers = p->answers;
    ferry_session *s = ferry_session_new_with(&(ferry_opts){.size = sizeof(ferry_opts),
        .platform = &p->machine.memory.platform,
        .transport = &d});
    p->error = ferry_send(s, method, url, &p->response, opts);
    ferry_response *copy = p->response ? ferry_detach(p->response) : NULL;
    ferry_response_free(p->response);
    p->response = copy;
    ferry_session_free(s);
}

static void redirect_end(redirect_play *p)
{
    ferry_response_free(p->response);
}

static bool redirect_may_have_body(const char *method)
{
    return strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0;
}

static void redirect_judge_method(report *r, const cJSON *row)
{
    redirect_play p = {.error = FERRY_OK};
    char line[64];
    const char *method = json_text(row, "method"), *then = json_text(row, "new_method");
    const ferry_opts opts = {.size = sizeof opts,
        .follow = FERRY_ON,
        .text = redirect_may_have_body(method) ? "content" : NULL};
    redirect_add(&p, json_get(row, "status")->valueint, "/b");
    redirect_add(&p, 200, NULL);
    redirect_run(&p, method, "http://h.test/a", &opts);
    snprintf(line, sizeof line, "%s /b HTTP/1.1\r\n", then ? then : "?");
    const char *second = strstr(p.peer.sent, " /b HTTP/1.1\r\n");
    while (second && second > p.peer.sent && second[-1] != '\n' && second[-1] != 't')
        second--;
    bool keeps = second && strstr(second, "\r\n\r\ncontent");
    bool is_met = then ? second && strncmp(second, line, strlen(line)) == 0 &&
                             keeps == json_is_true(row, "body_kept")
                       : p.peer.next == 1 && p.response;
    report_judge(r, row, !p.error && is_met, then ? line : "no other request",
        second ? fy_str(second) : FY_S("no other request"));
    redirect_end(&p);
}

/* The answers to the requests of a chain, for as long as there are steps. */
static void redirect_write_chain(redirect_play *p, const cJSON *steps)
{
    const char *path = "/a";
    const cJSON *step = cJSON_GetArrayItem(steps, 0);
    while (step && p->peer.n_answers < REDIRECTS_STEPS) {
        const char *location = cJSON_GetStringValue(cJSON_GetArrayItem(step, 2));
        redirect_add(p, cJSON_GetArrayItem(step, 1)->valueint, location);
        path = location;
        cJSON_ArrayForEach(step, steps)
        {
            const char *of = cJSON_GetStringValue(cJSON_GetArrayItem(step, 0));
            if (path && of && strcmp(of, path) == 0)
                break;
        }
    }
}

static bool redirect_chain_is_met(const redirect_play *p, const char *expected)
{
    int n, requests = (int)p->peer.next;
    const ferry_response *r = p->response;
    if (sscanf(expected, "error after %d", &n) == 1)
        return p->error == FERRY_ERR_REDIRECTS && requests == n + 1 && r &&
               r->redirects == n;
    if (sscanf(expected, "%d reported", &n) != 1 || !r || r->status != n)
        return false;
    return requests == 1 && (!p->error || (p->error == FERRY_ERR_REDIRECTS &&
                                              strstr(expected, "or error")));
}

static void redirect_judge_chain(report *r, const cJSON *row)
{
    redirect_play p = {.error = FERRY_OK};
    const char *expected = json_text(row, "expected");
    const cJSON *most = json_get(row, "max_redirects");
    ferry_opts opts = {.size = sizeof opts};
    opts.max_redirects = most->valueint ? most->valueint : FERRY_NONE;
    redirect_write_chain(&p, json_get(row, "steps"));
    redirect_run(&p, "GET", "http://h.test/a", &opts);
    report_judge(r, row, expected && redirect_chain_is_met(&p, expected),
        expected ? expected : "a verdict",
        p.error ? fy_str(ferry_err_name(p.error)) : FY_S("a response"));
    redirect_end(&p);
}

void suite_redirects(report *r, const cJSON *row)
{
    static const struct {
        const char *kind;
        void (*judge)(report *, const cJSON *);
    } kinds[] = {{"strip-authorization", redirect_judge_strip},
        {"method-rewrite", redirect_judge_method},
        {"location-resolve", redirect_judge_location}, {"chain", redirect_judge_chain}};
    const char *kind = json_text(row, "kind");
    for (size_t i = 0; kind && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].kind, kind) == 0) {
            kinds[i].judge(r, row);
            return;
        }
    report_fail(r, row, "a kind that is known", FY_S("another"));
}
