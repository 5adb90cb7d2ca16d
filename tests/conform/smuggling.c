/* smuggling.c - hostile and odd responses: what may come of them, and whether the
 * connection may serve again. SPDX-License-Identifier: MIT */
#include <string.h>

#include "json.h"
#include "peer.h"
#include "play.h"
#include "proto/tunnel.h"
#include "suites.h"

/* The answer to the request after which `request_method: null` leaves the line idle. */
#define SMUGGLING_BEFORE FY_S("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

/* Strings of a row as bytes; the scene's views point into it. */
typedef struct smuggling_text {
    fy_buf prefix, repeat, suffix;
} smuggling_text;

static bool smuggling_read(smuggling_text *t, scene *s, const cJSON *row)
{
    const cJSON *generate = json_get(row, "generate");
    if (!generate) {
        bool is_sound = json_put_bytes(&t->prefix, json_get(row, "input"));
        s->says = (stream){.prefix = fy_buf_view(&t->prefix)};
        return is_sound;
    }
    bool is_sound = json_put_bytes(&t->prefix, json_get(generate, "prefix")) &&
                    json_put_bytes(&t->repeat, json_get(generate, "repeat")) &&
                    json_put_bytes(&t->suffix, json_get(generate, "suffix"));
    const cJSON *count = json_get(generate, "count");
    s->says = (stream){fy_buf_view(&t->prefix), fy_buf_view(&t->repeat),
        fy_buf_view(&t->suffix), count ? (size_t)count->valuedouble : 0};
    return is_sound;
}

/* `reusable` binds where the response was taken; one that was refused must not leave a
 * connection that is used again, whatever it says. */
static bool smuggling_may_reuse(const outcome *o, const char *reusable)
{
    if (o->is_poisoned)
        return false;
    if (o->result != OUTCOME_OK || strcmp(reusable, "no") == 0)
        return !o->is_reused;
    return o->is_reused || strcmp(reusable, "any") == 0;
}

/* Bytes on an idle line: keeping the connection is written as a response of nothing,
 * leaving it as an error. */
static void smuggling_note_idle(outcome *o)
{
    fy_buf_clear(&o->text[OUTCOME_HEADERS]);
    o->framing = "none";
    if (!o->is_reused)
        o->result = OUTCOME_ERROR;
}

static void smuggling_fail(
    report *r, const cJSON *row, const outcome *o, const fy_buf *difference)
{
    fy_buf expected, got;
    fy_buf_init(&expected, &peer_libc, SIZE_MAX / 4);
    fy_buf_init(&got, &peer_libc, SIZE_MAX / 4);
    outcome_put_list(&expected, json_get(row, "allowed"));
    fy_buf_puts(&expected, FY_S(", reusable "));
    fy_buf_puts(&expected, fy_str(json_text(row, "reusable")));
    outcome_put(&got, o);
    if (difference->len) {
        fy_buf_puts(&got, FY_S("; but "));
        fy_buf_puts(&got, fy_buf_view(difference));
    }
    report_fail(r, row, fy_buf_text(&expected), fy_buf_view(&got));
    fy_buf_fini(&expected);
    fy_buf_fini(&got);
}

static void smuggling_play(report *r, const cJSON *row, const scene *s)
{
    outcome o;
    fy_buf difference;
    const char *reusable = json_text(row, "reusable");
    outcome_init(&o);
    fy_buf_init(&difference, &peer_libc, SIZE_MAX / 4);
    bool is_same = play_all(s, &o, &difference);
    if (s->idle_from)
        smuggling_note_idle(&o);
    bool is_allowed = outcome_meets_any(&o, json_get(row, "allowed"));
    bool is_tolerated = outcome_meets_any(&o, json_get(row, "tolerated"));
    bool is_safe = is_same && smuggling_may_reuse(&o, reusable ? reusable : "any");
    if (is_safe && is_allowed)
        report_pass(r);
    else if (is_safe && is_tolerated)
        report_tolerate(r);
    else
        smuggling_fail(r, row, &o, &difference);
    fy_buf_fini(&difference);
    outcome_fini(&o);
}

/* CONNECT is not a caller's method, so the answer to it is judged where it is read. A
 * refusal is an error that keeps status and head; its body is not read, and the connection
 * is not used again. */
static void smuggling_run_connect(report *r, const cJSON *row, smuggling_text *t)
{
    const cJSON *wanted = cJSON_GetArrayItem(json_get(row, "allowed"), 0);
    const cJSON *status = wanted ? json_get(wanted, "status") : NULL;
    ferry_str rest = fy_buf_view(&t->prefix);
    ferry_err e = FERRY_AGAIN;
    fy_error x;
    fy_tunnel tunnel;
    fy_buf in;
    fy_buf_init(&in, &peer_libc, FY_TUNNEL_HEAD);
    fy_tunnel_init(&tunnel, &peer_libc);
    while (e == FERRY_AGAIN && rest.len) {
        size_t n = fy_tunnel_wants(&in);
        n = n < rest.len ? n : rest.len;
        fy_buf_puts(&in, fy_str_upto(rest, n));
        rest = fy_str_from(rest, n);
        e = fy_tunnel_take(&tunnel, &in, &x);
    }
    bool is_open = status && status->valueint / 100 == 2;
    size_t end = rest.len ? (size_t)(rest.ptr - t->prefix.ptr) : 0;
    bool is_met = status && tunnel.head.status == status->valueint &&
                  e == (is_open ? FERRY_OK : FERRY_ERR_PROXY) && end > 4 &&
                  memcmp(t->prefix.ptr + end - 4, "\r\n\r\n", 4) == 0;
    report_judge(r, row, is_met, is_open ? "a tunnel" : "an error with this status",
        fy_str(ferry_err_name(e)));
    fy_tunnel_fini(&tunnel);
    fy_buf_fini(&in);
}

static void smuggling_run(report *r, const cJSON *row, smuggling_text *t)
{
    const char *method = json_text(row, "request_method");
    scene s = {.method = method ? method : "GET", .ends = json_is_true(row, "eof")};
    if (!method)
        fy_buf_puts(&t->prefix, SMUGGLING_BEFORE);
    if (!method)
        s.idle_from = t->prefix.len;
    if (!smuggling_read(t, &s, row))
        report_fail(r, row, "bytes, one code point each", FY_S("something else"));
    else if (strcmp(s.method, "CONNECT") == 0)
        smuggling_run_connect(r, row, t);
    else
        smuggling_play(r, row, &s);
}

void suite_smuggling(report *r, const cJSON *row)
{
    smuggling_text t;
    fy_buf_init(&t.prefix, &peer_libc, SIZE_MAX / 4);
    fy_buf_init(&t.repeat, &peer_libc, SIZE_MAX / 4);
    fy_buf_init(&t.suffix, &peer_libc, SIZE_MAX / 4);
    smuggling_run(r, row, &t);
    fy_buf_fini(&t.prefix);
    fy_buf_fini(&t.repeat);
    fy_buf_fini(&t.suffix);
}
