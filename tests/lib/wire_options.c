/* wire_options.c - the options of a call as lines of a wire script.
 * tests. Knows ferry_opts. Does not know the rest of a script.
 * SPDX-License-Identifier: MIT */
#include "lib/wire_script.h"

#include <stdlib.h>
#include <string.h>

typedef struct options_number {
    const char *name;
    size_t at;
    bool is_time;
} options_number;

#define OPTIONS_TIME(name, member)                                                     \
    {                                                                                  \
        name, offsetof(ferry_opts, member), true                                       \
    }
#define OPTIONS_COUNT(member)                                                          \
    {                                                                                  \
#member, offsetof(ferry_opts, member), false                                   \
    }

static const options_number options_numbers[] = {
    OPTIONS_TIME("timeout.connect", timeout.connect_ms),
    OPTIONS_TIME("timeout.read", timeout.read_ms),
    OPTIONS_TIME("timeout.write", timeout.write_ms),
    OPTIONS_TIME("timeout.pool", timeout.pool_ms),
    OPTIONS_TIME("timeout.total", timeout.total_ms),
    OPTIONS_COUNT(limits.head),
    OPTIONS_COUNT(limits.fields),
    OPTIONS_COUNT(limits.interim),
    OPTIONS_COUNT(limits.body),
    OPTIONS_COUNT(limits.buffer),
    OPTIONS_COUNT(limits.buffer_max),
    OPTIONS_COUNT(cookie_limits.per_response),
    OPTIONS_COUNT(cookie_limits.header),
    OPTIONS_COUNT(expect.above),
    OPTIONS_TIME("expect.wait", expect.wait_ms),
    OPTIONS_COUNT(pool.idle),
    OPTIONS_COUNT(pool.idle_per_key),
    OPTIONS_COUNT(pool.open_per_key),
    OPTIONS_TIME("pool.idle_time", pool.idle_ms),
    OPTIONS_TIME("pool.age", pool.age_ms),
    OPTIONS_COUNT(decode_ratio),
    OPTIONS_COUNT(drain),
    OPTIONS_COUNT(max_redirects),
    OPTIONS_COUNT(retry_budget),
    OPTIONS_COUNT(retry.total),
    OPTIONS_COUNT(retry.connect),
    OPTIONS_COUNT(retry.read),
    OPTIONS_COUNT(retry.redirect),
    OPTIONS_COUNT(retry.status),
    OPTIONS_TIME("retry.backoff", retry.backoff_ms),
    OPTIONS_TIME("retry.backoff_max", retry.backoff_max_ms),
    OPTIONS_TIME("retry.retry_after_max", retry.retry_after_max_ms),
    OPTIONS_TIME("retry.within", retry.within_ms),
};

enum { OPTIONS_NUMBERS = sizeof options_numbers / sizeof *options_numbers };

static bool options_special(ferry_str s, int64_t *n)
{
    *n = wire_same(s, wire_str("none"))        ? FERRY_NONE
         : wire_same(s, wire_str("unlimited")) ? FERRY_UNLIMITED
                                               : 0;
    return *n != 0;
}

bool wire_time(ferry_str s, const wire_terms *terms, int64_t *ms)
{
    if (options_special(s, ms))
        return true;
    if (s.len < 3 || memcmp(s.ptr + s.len - 2, "ms", 2) != 0 ||
        !wire_number((ferry_str){s.ptr, s.len - 2}, ms))
        return false;
    *ms = (*ms + terms->scale - 1) / terms->scale;
    return true;
}

static bool options_read_number(
    wire_command *c, ferry_str name, ferry_str value, const wire_terms *terms)
{
    for (size_t i = 0; i < OPTIONS_NUMBERS; i++) {
        const options_number *o = &options_numbers[i];
        int64_t n;
        if (!wire_same(name, wire_str(o->name)))
            continue;
        bool is_good = o->is_time                   ? wire_time(value, terms, &n)
                       : options_special(value, &n) ? true
                                                    : wire_number(value, &n);
        memcpy((char *)&c->opts + o->at, &n, sizeof n);
        return is_good;
    }
    return false;
}

static char *options_copy(ferry_str s)
{
    wire_text copy = {NULL, 0, 0};
    wire_put(&copy, s.ptr, s.len);
    return copy.ptr;
}

/* "name<mark>value", or a name alone, which takes it away. */
static void options_add_pair(wire_pairs *list, const wire_text *line, const char *mark)
{
    ferry_str rest = wire_view(line), name = {"", 0};
    void *at = list->at;
    if (list->n == 0)
        wire_add(&at, &list->n, sizeof *list->at); /* the end of the list */
    wire_add(&at, &list->n, sizeof *list->at);
    list->at = at;
    wire_cut(&rest, mark, &name);
    bool has_value = name.len < line->len;
    ferry_pair *last = &list->at[list->n - 2];
    last->name = options_copy(name);
    last->value = has_value ? options_copy(rest) : NULL;
}

/* Options that are text. Where it goes, and what divides it if it is a pair. */
static wire_text *options_find_text(
    wire_command *c, ferry_str name, wire_pairs **pairs, const char **mark)
{
    const struct {
        const char *name;
        wire_text *text;
        wire_pairs *pairs;
        const char *mark;
    } rows[] = {
        {"header", NULL, &c->headers, ": "},
        {"param", NULL, &c->params, "="},
        {"form", NULL, &c->form, "="},
        {"trailer", NULL, &c->trailers, ": "},
        {"proxy", NULL, &c->proxies, "="},
        {"proxy_header", NULL, &c->proxy_headers, ": "},
        {"resolve", NULL, &c->resolve, "="},
        {"no_proxy", &c->no_proxy, NULL, NULL},
        {"preproxy", &c->preproxy, NULL, NULL},
        {"cookie", NULL, &c->cookies, "="},
        {"body", &c->body, NULL, NULL},
        {"text", &c->text, NULL, NULL},
        {"json", &c->json, NULL, NULL},
        {"file", &c->file, NULL, NULL},
        {"source", &c->source.bytes, NULL, NULL},
        {"target", &c->target, NULL, NULL},
        {"netrc", &c->netrc, NULL, NULL},
        {"method", &c->method_option, NULL, NULL},
        {"take", &c->says, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (wire_same(name, wire_str(rows[i].name))) {
            *pairs = rows[i].pairs;
            *mark = rows[i].mark;
            return rows[i].text;
        }
    return NULL;
}

static bool options_read_text(
    wire_command *c, ferry_str name, ferry_str value, const wire_terms *terms)
{
    wire_pairs *pairs = NULL;
    const char *mark = NULL;
    wire_text line = {NULL, 0, 0};
    wire_text *text = options_find_text(c, name, &pairs, &mark);
    if (!text && !pairs)
        return false;
    c->takes |= text == &c->says;
    if (text)
        return wire_expand(text, value, terms);
    bool is_good = wire_expand(&line, value, terms);
    if (is_good)
        options_add_pair(pairs, &line, mark);
    wire_free(&line);
    return is_good;
}

static bool options_read_switch(ferry_switch *s, ferry_str value)
{
    *s = wire_same(value, wire_str("off")) ? FERRY_OFF : FERRY_ON;
    return value.len == 0 || *s == FERRY_OFF;
}

static bool options_read_named_switch(wire_command *c, ferry_str name, ferry_str value)
{
    const struct {
        const char *name;
        ferry_switch *at;
    } rows[] = {
        {"stream", &c->opts.stream},
        {"secure", &c->opts.secure},
        {"decode", &c->opts.decode},
        {"jar", &c->opts.jar},
        {"trust_loopback", &c->opts.trust_loopback},
        {"follow", &c->opts.follow},
        {"idempotency_key", &c->opts.idempotency_key},
        {"proxy_tunnel", &c->opts.proxy_tunnel},
        {"proxy_http10", &c->opts.proxy_http10},
        {"location_trusted", &c->opts.location_trusted},
        {"retry.respect_retry_after", &c->opts.retry.respect_retry_after},
        {"retry.raise_on_status", &c->opts.retry.raise_on_status},
        {"retry.raise_on_redirect", &c->opts.retry.raise_on_redirect},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (wire_same(name, wire_str(rows[i].name)))
            return options_read_switch(rows[i].at, value);
    return false;
}

static bool options_read_flag(wire_command *c, ferry_str name, ferry_str value)
{
    if (wire_same(name, wire_str("follow")) && wire_same(value, wire_str("safe"))) {
        c->opts.follow = FERRY_SAFE_ONLY;
        return true;
    }
    if (wire_same(name, wire_str("direct"))) {
        c->opts.proxies = FERRY_DIRECT;
        return value.len == 0;
    }
    if (wire_same(name, wire_str("no"))) {
        bool is_headers = wire_same(value, wire_str("headers"));
        *(is_headers ? &c->opts.headers : &c->opts.params) = FERRY_NO_PAIRS;
        return is_headers || wire_same(value, wire_str("params"));
    }
    bool is_discard = wire_same(name, wire_str("discard"));
    bool is_hold = wire_same(name, wire_str("hold"));
    c->discards |= is_discard;
    c->holds |= is_hold;
    return value.len == 0 && (is_discard || is_hold);
}

static bool options_read_proxy_auth(wire_command *c, ferry_str name, ferry_str value)
{
    static const char *const kinds[] = {[FERRY_PROXY_BASIC] = "basic",
        [FERRY_PROXY_DIGEST] = "digest",
        [FERRY_PROXY_ANY] = "any"};
    for (int i = FERRY_PROXY_BASIC; i <= FERRY_PROXY_ANY; i++)
        if (wire_same(name, wire_str("proxy_auth")) &&
            wire_same(value, wire_str(kinds[i]))) {
            c->opts.proxy_auth = (ferry_proxy_auth)i;
            return true;
        }
    return false;
}

/* Numbers with blanks between them. */
static bool options_read_codes(int list[WIRE_LIST + 1], ferry_str value)
{
    int64_t n;
    size_t at = 0;
    for (ferry_str word; at < WIRE_LIST && wire_cut(&value, " ", &word); at++) {
        if (!wire_number(word, &n))
            return false;
        list[at] = (int)n;
    }
    return at > 0 && value.len == 0;
}

static bool options_read_names(const char *list[WIRE_LIST + 1], ferry_str value)
{
    size_t at = 0;
    for (ferry_str word; at < WIRE_LIST && wire_cut(&value, " ", &word); at++)
        list[at] = options_copy(word);
    return at > 0 && value.len == 0;
}

static bool options_read_list(wire_command *c, ferry_str name, ferry_str value)
{
    if (wire_same(name, wire_str("retry.statuses")))
        return options_read_codes(c->statuses, value);
    if (wire_same(name, wire_str("keep_post")))
        return options_read_codes(c->keep_post, value);
    if (wire_same(name, wire_str("retry.methods")))
        return options_read_names(c->methods, value);
    return wire_same(name, wire_str("sensitive")) &&
           options_read_names(c->sensitive, value);
}

static bool options_read_source(wire_command *c, ferry_str name, ferry_str value)
{
    ferry_str prefix;
    return wire_cut(&name, ".", &prefix) && wire_same(prefix, wire_str("source")) &&
           wire_source_option(&c->source, name, value);
}

static bool options_read_part(
    wire_command *c, ferry_str name, ferry_str value, const wire_terms *terms)
{
    static const char *const kinds[] = {[WIRE_PART_TEXT] = "part",
        [WIRE_PART_FILE] = "part-file",
        [WIRE_PART_SOURCE] = "part-source"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        wire_text line = {NULL, 0, 0};
        if (!wire_same(name, wire_str(kinds[i])))
            continue;
        bool is_good = wire_expand(&line, value, terms);
        if (is_good)
            wire_parts_add(&c->parts, (wire_part_kind)i, &line);
        wire_free(&line);
        return is_good;
    }
    return false;
}

bool wire_option_read(wire_command *c, ferry_str line, const wire_terms *terms)
{
    ferry_str name;
    return wire_cut(&line, " ", &name) &&
           ((wire_same(name, wire_str("auth")) && wire_auth_option(c, line, terms)) ||
               options_read_flag(c, name, line) || options_read_source(c, name, line) ||
               options_read_part(c, name, line, terms) ||
               options_read_named_switch(c, name, line) ||
               options_read_proxy_auth(c, name, line) ||
               options_read_list(c, name, line) ||
               options_read_text(c, name, line, terms) ||
               options_read_number(c, name, line, terms));
}

void wire_options_finish(wire_command *c)
{
    ferry_opts *o = &c->opts;
    o->size = sizeof *o;
    if (c->headers.at)
        o->headers = c->headers.at;
    if (c->params.at)
        o->params = c->params.at;
    o->form = c->form.at;
    o->body = (ferry_bytes){c->body.ptr, c->body.len};
    o->text = c->text.ptr;
    o->json = c->json.ptr;
    o->file = c->file.ptr;
    o->source = wire_source_finish(&c->source);
    o->trailers = c->trailers.at;
    o->cookies = c->cookies.at;
    o->multipart = c->parts.at;
    o->retry.statuses = c->statuses[0] ? c->statuses : NULL;
    o->keep_post = c->keep_post[0] ? c->keep_post : NULL;
    o->retry.methods = c->methods[0] ? c->methods : NULL;
    o->sensitive = c->sensitive[0] ? c->sensitive : NULL;
    if (c->proxies.at)
        o->proxies = c->proxies.at;
    o->proxy_headers = c->proxy_headers.at;
    o->resolve = c->resolve.at;
    o->no_proxy = c->no_proxy.ptr;
    o->preproxy = c->preproxy.ptr;
    o->target = c->target.ptr;
    o->netrc = c->netrc.ptr;
    o->method = c->method_option.ptr;
}

static void options_free_pairs(wire_pairs *list)
{
    for (size_t i = 0; i + 1 < list->n; i++) {
        free((char *)list->at[i].name);
        free((char *)list->at[i].value);
    }
    free(list->at);
}

static void options_free_names(const char *const *list)
{
    while (*list)
        free((char *)(uintptr_t)*list++);
}

void wire_options_free(wire_command *c)
{
    options_free_names(c->methods);
    options_free_names(c->sensitive);
    options_free_pairs(&c->headers);
    options_free_pairs(&c->params);
    options_free_pairs(&c->form);
    options_free_pairs(&c->trailers);
    options_free_pairs(&c->proxies);
    options_free_pairs(&c->proxy_headers);
    options_free_pairs(&c->resolve);
    wire_free(&c->no_proxy);
    wire_free(&c->preproxy);
    options_free_pairs(&c->cookies);
    wire_free(&c->body);
    wire_free(&c->text);
    wire_free(&c->json);
    wire_free(&c->file);
    wire_free(&c->source.bytes);
    wire_parts_free(&c->parts);
    wire_free(&c->target);
    wire_free(&c->netrc);
    wire_free(&c->auth[0]);
    wire_free(&c->auth[1]);
    wire_free(&c->method_option);
    wire_free(&c->says);
}
