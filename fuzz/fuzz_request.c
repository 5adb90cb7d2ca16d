/* fuzz_request.c - anything as method, URL, target, header fields, parameters, form and
 * body: either that is an error and nothing is sent, or an independent reader finds in
 * what was sent one request, and the fields that were given and no others.
 *
 * Two bytes choose what is given and where, see request_plan_read; then come strings,
 * each ended by a NUL: method, URL, names and values up to an empty name, the target if
 * there is one, parameters and form pairs likewise. The rest is the body. A value that is
 * the byte 7f alone stands for NULL. SPDX-License-Identifier: MIT */
#include "lib/hostile.h"
#include "lib/model_request.h"

#include <stdlib.h>
#include <string.h>

enum { REQUEST_PAIRS = 16, REQUEST_LEVELS = 3 };

typedef struct request_list {
    ferry_pair at[REQUEST_PAIRS + 1];
    int n;
} request_list;

typedef struct request_plan {
    char *text; /* owns all strings */
    const char *method, *url, *target;
    request_list headers[REQUEST_LEVELS], params, form;
    fuzz_bytes body;
    bool is_text, is_form, is_bytes, is_stepped, is_secure;
    int fail_at;
} request_plan;

/* --- the plan ------------------------------------------------------------------------
 */

/* The string at *at, which has a NUL behind it. */
static const char *request_take(char **at, const char *end)
{
    const char *text = *at;
    *at += strlen(text);
    *at += *at < end;
    return text;
}

static void request_add(request_list *list, const char *name, const char *value)
{
    if (list->n == REQUEST_PAIRS)
        return;
    bool is_null = strcmp(value, "\x7f") == 0;
    list->at[list->n++] = (ferry_pair){name, is_null ? NULL : value};
}

/* Pairs up to an empty name. `levels` says two bits at a time to which list of `n` the
 * next one goes; others go to the last. */
static void request_take_pairs(
    request_list *lists, int n, unsigned levels, char **at, const char *end)
{
    while (*at < end && **at) {
        const char *name = request_take(at, end);
        int level = (int)(levels & 3) < n ? (int)(levels & 3) : n - 1;
        request_add(&lists[level], name, request_take(at, end));
        levels >>= 2;
    }
    request_take(at, end);
}

static void request_plan_read(request_plan *plan, fuzz_input in)
{
    uint8_t flags = fuzz_byte(&in), where = fuzz_byte(&in);
    memset(plan, 0, sizeof *plan);
    plan->text = calloc(1, in.n + 1);
    FUZZ_CHECK(plan->text);
    memcpy(plan->text, in.n ? in.p : (const uint8_t *)"", in.n);
    char *at = plan->text, *end = at + in.n;
    plan->is_text = (flags >> 2 & 3) == 1;
    plan->is_form = (flags >> 2 & 3) == 2;
    plan->is_bytes = (flags >> 2 & 3) == 3;
    plan->is_stepped = flags & 16;
    plan->is_secure = flags & 32;
    plan->fail_at = flags & 128 ? where : 0;
    plan->method = request_take(&at, end);
    plan->url = request_take(&at, end);
    request_take_pairs(
        plan->headers, REQUEST_LEVELS, flags & 64 ? 0xaau : where, &at, end);
    plan->target = flags & 1 ? request_take(&at, end) : NULL;
    if (flags & 2)
        request_take_pairs(&plan->params, 1, 0, &at, end);
    if (plan->is_form)
        request_take_pairs(&plan->form, 1, 0, &at, end);
    fuzz_bytes_put(&plan->body, at, (size_t)(end - at));
    fuzz_bytes_put(&plan->body, "", 1); /* as text it needs an end */
    plan->body.n = plan->is_text ? strlen((char *)plan->body.p) : plan->body.n - 1;
}

static void request_plan_fini(request_plan *plan)
{
    free(plan->text);
    fuzz_bytes_free(&plan->body);
}

static const ferry_pair *request_pairs(const request_list *list)
{
    return list->n ? list->at : NULL;
}

static ferry_opts request_opts(const request_plan *plan)
{
    ferry_opts o = {.size = sizeof o,
        .headers = request_pairs(&plan->headers[2]),
        .params = request_pairs(&plan->params),
        .target = plan->target};
    if (plan->is_text)
        o.text = (const char *)plan->body.p;
    if (plan->is_form)
        o.form = plan->form.at;
    if (plan->is_bytes)
        o.body = (ferry_bytes){plan->body.p, plan->body.n};
    return o;
}

/* --- what must have been sent --------------------------------------------------------
 */

static bool request_same_name(const char *a, const char *b)
{
    model_text text = {(char *)(uintptr_t)a, strlen(a)};
    return model_text_is(&text, b);
}

static bool request_list_has(const request_list *list, const char *name)
{
    for (int i = 0; i < list->n; i++)
        if (request_same_name(list->at[i].name, name))
            return true;
    return false;
}

/* The list that decides about `name`: the last level that speaks of it; NULL if that
 * are the session's defaults. */
static const request_list *request_decider(const request_plan *plan, const char *name)
{
    for (int level = REQUEST_LEVELS - 1; level >= 0; level--)
        if (request_list_has(&plan->headers[level], name))
            return &plan->headers[level];
    return NULL;
}

/* A field's value loses the blanks behind it on the way (RFC 9110 5.5). */
static bool request_same_value(const char *given, const model_text *sent)
{
    size_t n = strlen(given);
    while (n && (given[n - 1] == ' ' || given[n - 1] == '\t'))
        n--;
    return n == sent->len && (n == 0 || memcmp(given, sent->ptr, n) == 0);
}

/* A length is sent as ferry writes numbers, whatever zeros the caller put before it. */
static bool request_same_length(const char *given, const model_text *sent)
{
    return strtoull(given, NULL, 10) == strtoull(sent->ptr, NULL, 10);
}

/* The fields of that name, in their order; how many there must be. However often the
 * caller says the length, it is sent once. */
static size_t request_check_values(
    const request_list *list, const char *name, const model_request *r)
{
    size_t n = 0, sent = 0;
    bool is_once = request_same_name(name, "Content-Length");
    /* Whether an expectation is sent depends on the content (RFC 9110 10.1.1). */
    if (request_same_name(name, "Expect"))
        return model_count(&r->fields, name);
    for (int i = 0; i < list->n; i++) {
        if (!request_same_name(list->at[i].name, name) || !list->at[i].value ||
            (is_once && n))
            continue;
        for (; sent < r->fields.n; sent++)
            if (model_text_is(&r->fields.at[sent].name, name))
                break;
        FUZZ_CHECK(sent < r->fields.n);
        FUZZ_CHECK((is_once ? request_same_length : request_same_value)(
            list->at[i].value, &r->fields.at[sent].value));
        sent++;
        n++;
    }
    FUZZ_CHECK(model_count(&r->fields, name) == n);
    return n;
}

static bool request_is_default(const char *name)
{
    static const char *const names[] = {
        "User-Agent", "Accept-Encoding", "Accept", "Connection"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (request_same_name(name, names[i]))
            return true;
    return false;
}

/* Where a field that nobody gave may come from. */
static bool request_is_ours(const request_plan *plan, const char *name)
{
    bool has_type = plan->is_text || plan->is_form;
    bool has_user = strchr(plan->url, '@') != NULL;
    return request_is_default(name) || request_same_name(name, "Host") ||
           request_same_name(name, "Content-Length") ||
           (has_type && request_same_name(name, "Content-Type")) ||
           (has_user && request_same_name(name, "Authorization"));
}

static void request_check_fields(const request_plan *plan, const model_request *r)
{
    for (size_t i = 0; i < r->fields.n; i++) {
        const char *name = r->fields.at[i].name.ptr;
        const request_list *list = request_decider(plan, name);
        if (list)
            request_check_values(list, name, r);
        else
            FUZZ_CHECK(
                request_is_ours(plan, name) && model_count(&r->fields, name) == 1);
    }
    for (int level = 0; level < REQUEST_LEVELS; level++)
        for (int i = 0; i < plan->headers[level].n; i++) {
            const char *name = plan->headers[level].at[i].name;
            if (request_decider(plan, name) == &plan->headers[level] &&
                !request_same_name(name, "Content-Length"))
                request_check_values(&plan->headers[level], name, r);
        }
}

static const char *request_value(const model_request *r, const char *name)
{
    for (size_t i = 0; i < r->fields.n; i++)
        if (model_text_is(&r->fields.at[i].name, name))
            return r->fields.at[i].value.ptr;
    return NULL;
}

/* The Host field names the peer that was dialled. */
static void request_check_host(const model_request *r, const hostile_conn *c)
{
    const char *host = request_value(r, "Host");
    FUZZ_CHECK(host);
    bool has_brackets = *host == '[';
    host += has_brackets;
    size_t n = strcspn(host, has_brackets ? "]" : ":");
    if (n < sizeof c->host - 1) {
        FUZZ_CHECK(n > 0 && strncmp(host, c->host, n) == 0);
        FUZZ_CHECK(c->host[n] == '\0' || c->host[n] == '%');
    }
    const char *port = host + n + has_brackets;
    FUZZ_CHECK(*port == '\0' || *port == ':');
    if (*port == ':')
        FUZZ_CHECK(strtoul(port + 1, NULL, 10) == c->port);
    else
        FUZZ_CHECK(c->port == 80 || c->port == 443);
}

/* Parameters and forms: what follows "?", or the body, has so many bytes that are
 * neither letters, digits nor of "-._~+%=&" (WHATWG URL 5.2). */
static bool request_is_form(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!p[i] || !strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                             "0123456789-._~+%=&",
                         p[i]))
            return false;
    return true;
}

static void request_check_content(const request_plan *plan, const model_request *r)
{
    ferry_str sent = {r->body.ptr, r->body.len};
    ferry_str given = {(const char *)plan->body.p, plan->body.n};
    if (plan->is_form)
        FUZZ_CHECK(request_is_form(sent.ptr, sent.len));
    else if (plan->is_text || plan->is_bytes)
        FUZZ_CHECK(fuzz_is_same(sent, given));
    else
        FUZZ_CHECK(sent.len == 0);
}

static void request_check_sent(const request_plan *plan, const hostile_conn *c)
{
    model_request r;
    FUZZ_CHECK(model_read_request(&r, c->got.p, c->got.n) == MODEL_FULL);
    FUZZ_CHECK(r.end == c->got.n && strcmp(r.method.ptr, plan->method) == 0);
    if (plan->target)
        FUZZ_CHECK(strcmp(r.target.ptr, plan->target) == 0);
    else
        FUZZ_CHECK(!strchr(r.target.ptr, '#'));
    request_check_fields(plan, &r);
    if (!request_decider(plan, "Host"))
        request_check_host(&r, c);
    request_check_content(plan, &r);
    model_request_free(&r);
}

/* --- the call ------------------------------------------------------------------------
 */

static ferry_session *request_session(hostile *h, const request_plan *plan)
{
    const ferry_dialer dialer = {h, h->platform.dial};
    ferry_opts o = {.size = sizeof o,
        .platform = &h->platform,
        .headers = request_pairs(&plan->headers[0])};
    if (plan->is_secure) {
        o.transport = &dialer;
        o.secure = FERRY_ON;
    }
    return ferry_session_new_with(&o);
}

static ferry_err request_ask_stepped(
    ferry_session *s, const request_plan *plan, ferry_opts o, hostile *h)
{
    ferry_response *r = NULL;
    ferry_wait w;
    o.method = plan->method;
    ferry_err e = ferry_begin_with(s, plan->url, &r, &o);
    while (!e && (e = ferry_step(r, &w)) == FERRY_AGAIN)
        e = hostile_wait(h, &w) ? FERRY_ERR_ABORTED : FERRY_OK;
    ferry_response_free(r);
    return e;
}

static ferry_err request_ask(ferry_session *s, const request_plan *plan, hostile *h)
{
    ferry_response *r = NULL;
    ferry_opts o = request_opts(plan);
    ferry_opts mount = {
        .size = sizeof mount, .headers = request_pairs(&plan->headers[1])};
    ferry_err e = ferry_mount_with(s, "http://", &mount);
    if (!e)
        e = ferry_mount_with(s, "https://", &mount);
    if (!e && plan->is_stepped)
        e = request_ask_stepped(s, plan, o, h);
    else if (!e)
        e = ferry_send(s, plan->method, plan->url, &r, &o);
    if (e)
        fuzz_check_explain(s, e);
    ferry_response_free(r);
    return e;
}

/* What was refused went nowhere; where https was asked for, a handshake may have gone out
 * before that, and nothing else (RFC 8446 5.1). */
static void request_check_unsent(const hostile *h)
{
    enum { HANDSHAKE = 22 };
    for (int i = 0; i < h->n_conns; i++)
        FUZZ_CHECK(h->conns[i].got.n == 0 || h->conns[i].got.p[0] == HANDSHAKE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char answer[] = "\xff>HTTP/1.1 204 No Content\r\n\r\n";
    request_plan plan;
    hostile h;
    request_plan_read(&plan, (fuzz_input){data, size});
    hostile_init(&h, (fuzz_input){(const uint8_t *)answer, sizeof answer - 1});
    h.memory.memory.fail_at = plan.fail_at;
    ferry_session *s = request_session(&h, &plan);
    ferry_err e = s ? request_ask(s, &plan, &h) : FERRY_ERR_NOMEM;
    FUZZ_CHECK(e != FERRY_ERR_NOMEM || plan.fail_at);
    if (e == FERRY_OK) {
        FUZZ_CHECK(h.n_conns == 1);
        request_check_sent(&plan, &h.conns[0]);
    } else if (!plan.fail_at) {
        request_check_unsent(&h);
    }
    ferry_session_free(s);
    hostile_fini(&h);
    request_plan_fini(&plan);
    return 0;
}
