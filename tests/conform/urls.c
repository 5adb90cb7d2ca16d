/* urls.c - URLs and references to them: RFC 3986 as the measure, and what the project
 * does with what is none. SPDX-License-Identifier: MIT */
#include <string.h>

#include "json.h"
#include "outcome.h"
#include "peer.h"
#include "proto/url.h"
#include "suites.h"
#include "uri.h"

enum { URLS_MAX = 1 << 16 };

#define URLS_NEED_IDN "host names beyond ASCII need IDN=libidn2"

/* What a row of WHATWG's URL tests holds ferry to, by how WHATWG and RFC 3986 get on
 * about it. */
typedef enum urls_rule {
    URLS_RFC,     /* `rfc3986_href` */
    URLS_REFUSED, /* an error */
    URLS_REPAIRED /* RFC 3986 on the input with its illegal bytes encoded (uri.h) */
} urls_rule;

static const struct {
    const char *agreement;
    urls_rule rule;
} urls_rules[] = {
    /* Both say so. */
    {"agree", URLS_RFC},
    {"both-reject", URLS_REFUSED},
    /* Each has its own normal form; proto/url.h promises that of RFC 3986. */
    {"differ", URLS_RFC},
    /* Hosts that one of them takes for an address, or decodes into what is no host: who
     * asks them may ask somebody else than the next program (proto/host.h). */
    {"whatwg-rejects-rfc-accepts", URLS_REFUSED},
    /* "http:host", "///host": the slashes are not guessed (RFC 9110 4.2.1). */
    {"rfc-rejects-whatwg-accepts", URLS_REPAIRED},
    /* Spaces, quotes, UTF-8, stray "%": encoded, as requests does (proto/percent.h),
     * but a backslash is no slash and control bytes are refused, not dropped. */
    {"whatwg-only", URLS_REPAIRED},
};

/* One row under way. */
typedef struct urls_row {
    report *report;
    const cJSON *row;
    fy_buf input, base, wanted, got;
    fy_url parsed_base, url;
    fy_error error;
} urls_row;

static void urls_init(urls_row *t, report *r, const cJSON *row)
{
    *t = (urls_row){.report = r, .row = row};
    fy_buf_init(&t->input, &peer_libc, URLS_MAX);
    fy_buf_init(&t->base, &peer_libc, URLS_MAX);
    fy_buf_init(&t->wanted, &peer_libc, URLS_MAX);
    fy_buf_init(&t->got, &peer_libc, URLS_MAX);
    fy_url_init(&t->parsed_base, &peer_libc, URLS_MAX);
    fy_url_init(&t->url, &peer_libc, URLS_MAX);
}

static void urls_fini(urls_row *t)
{
    fy_buf_fini(&t->input);
    fy_buf_fini(&t->base);
    fy_buf_fini(&t->wanted);
    fy_buf_fini(&t->got);
    fy_url_fini(&t->parsed_base);
    fy_url_fini(&t->url);
}

/* --- ferry's answer -------------------------------------------------------------- */

/* The whole URL: `text` is without user and password on purpose. */
static void urls_put_href(fy_buf *out, const fy_url *u)
{
    size_t host = u->scheme.len + 3;
    fy_buf_puts(out, fy_str_upto(fy_buf_view(&u->text), host));
    fy_buf_puts(out, u->user);
    if (u->has_password)
        fy_buf_putc(out, ':');
    fy_buf_puts(out, u->password);
    if (u->has_userinfo)
        fy_buf_putc(out, '@');
    fy_buf_puts(out, fy_str_from(fy_buf_view(&u->text), host));
}

static ferry_err urls_ask(urls_row *t)
{
    const ferry_fields no_params = {NULL, 0};
    ferry_str input = fy_buf_view(&t->input);
    ferry_err e;
    if (!t->base.len) {
        e = fy_url_parse(&t->url, input, no_params, &t->error);
    } else {
        e = fy_url_parse(&t->parsed_base, fy_buf_view(&t->base), no_params, &t->error);
        e = e ? e : fy_url_resolve(&t->url, &t->parsed_base, input, &t->error);
    }
    if (!e)
        urls_put_href(&t->got, &t->url);
    return e;
}

/* --- verdicts -------------------------------------------------------------------- */

static bool urls_are_equivalent(ferry_str a, ferry_str b)
{
    fy_buf x, y;
    fy_buf_init(&x, &peer_libc, URLS_MAX);
    fy_buf_init(&y, &peer_libc, URLS_MAX);
    uri_normalise(&x, a);
    uri_normalise(&y, b);
    bool is_same = fy_str_eq(fy_buf_view(&x), fy_buf_view(&y));
    fy_buf_fini(&x);
    fy_buf_fini(&y);
    return is_same;
}

/* `wanted` is empty if an error is. */
static void urls_judge(urls_row *t, ferry_err e)
{
    ferry_str wanted = fy_buf_view(&t->wanted), got = fy_buf_view(&t->got);
    bool is_met = wanted.len ? !e && urls_are_equivalent(wanted, got) : e != FERRY_OK;
    fy_buf expected, answer;
    fy_buf_init(&expected, &peer_libc, URLS_MAX);
    fy_buf_init(&answer, &peer_libc, URLS_MAX);
    if (wanted.len)
        outcome_put_quoted(&expected, wanted);
    else
        fy_buf_puts(&expected, FY_S("an error"));
    if (e)
        fy_error_put(&answer, &t->error);
    else
        outcome_put_quoted(&answer, got);
    report_judge(
        t->report, t->row, is_met, fy_buf_text(&expected), fy_buf_view(&answer));
    fy_buf_fini(&expected);
    fy_buf_fini(&answer);
}

/* A host beyond ASCII goes to the DNS as IDNA says (RFC 3986 3.2.2); which host that is
 * WHATWG says too. IDNA2008 refuses some that UTS 46 alone lets pass. */
static void urls_judge_idn(urls_row *t, ferry_err e)
{
    fy_buf_clear(&t->wanted);
    json_put_utf8(&t->wanted, json_get(t->row, "href"));
    if (e == FERRY_ERR_UNSUPPORTED && t->wanted.len)
        report_skip(t->report, URLS_NEED_IDN);
    else if (e == FERRY_ERR_URL && t->wanted.len)
        report_tolerate(t->report);
    else
        urls_judge(t, e);
}

static void urls_judge_wanted(urls_row *t)
{
    fy_buf normal;
    fy_buf_init(&normal, &peer_libc, URLS_MAX);
    uri_normalise(&normal, fy_buf_view(&t->wanted));
    ferry_str host = uri_split_authority(uri_split(fy_buf_view(&normal)).authority)
                         .host;
    bool is_idn = uri_is_beyond_ascii(host);
    if (!uri_is_http(fy_buf_view(&normal)))
        fy_buf_clear(&t->wanted);
    fy_buf_fini(&normal);
    ferry_err e = urls_ask(t);
    if (is_idn)
        urls_judge_idn(t, e);
    else
        urls_judge(t, e);
}

/* --- WHATWG's tests -------------------------------------------------------------- */

/* Nothing if it cannot be repaired. */
static void urls_want_repaired(urls_row *t)
{
    fy_buf input, base;
    fy_buf_init(&input, &peer_libc, URLS_MAX);
    fy_buf_init(&base, &peer_libc, URLS_MAX);
    if (uri_repair(&input, fy_buf_view(&t->input)) &&
        uri_repair(&base, fy_buf_view(&t->base)))
        uri_resolve(&t->wanted, fy_buf_view(&base), fy_buf_view(&input));
    fy_buf_fini(&input);
    fy_buf_fini(&base);
}

static bool urls_find_rule(const char *agreement, urls_rule *rule)
{
    for (size_t i = 0; i < sizeof urls_rules / sizeof *urls_rules; i++)
        if (agreement && strcmp(urls_rules[i].agreement, agreement) == 0) {
            *rule = urls_rules[i].rule;
            return true;
        }
    return false;
}

static void urls_run(urls_row *t)
{
    urls_rule rule;
    json_put_utf8(&t->base, json_get(t->row, "base"));
    if (!json_put_utf8(&t->input, json_get(t->row, "input")) ||
        !urls_find_rule(json_text(t->row, "agreement"), &rule)) {
        report_fail(t->report, t->row, "a known agreement", FY_S("another"));
        return;
    }
    if (rule == URLS_RFC)
        json_put_utf8(&t->wanted, json_get(t->row, "rfc3986_href"));
    else if (rule == URLS_REPAIRED)
        urls_want_repaired(t);
    if (rule == URLS_REFUSED)
        urls_judge(t, urls_ask(t));
    else
        urls_judge_wanted(t);
}

void suite_url(report *r, const cJSON *row)
{
    urls_row t;
    urls_init(&t, r, row);
    urls_run(&t);
    urls_fini(&t);
}

/* --- RFC 3986 5.4 and more of it ------------------------------------------------- */

/* The expected URL; if it is of another scheme, or of no host, then ferry says so. */
static void resolve_run(urls_row *t)
{
    const cJSON *also = json_get(t->row, "also_allowed");
    json_put_utf8(&t->base, json_get(t->row, "base"));
    json_put_utf8(&t->input, json_get(t->row, "reference"));
    json_put_utf8(&t->wanted, json_get(t->row, "expected"));
    if (!t->wanted.len || !t->base.len) {
        report_fail(t->report, t->row, "base and expected", FY_S("a row without"));
        return;
    }
    ferry_err e = urls_ask(t);
    if (also && !e &&
        fy_str_eq(fy_str(cJSON_GetStringValue(also)), fy_buf_view(&t->got)))
        report_tolerate(t->report);
    else if (uri_is_http(fy_buf_view(&t->wanted)))
        urls_judge(t, e);
    else
        report_judge(t->report, t->row,
            e == FERRY_ERR_UNSUPPORTED || e == FERRY_ERR_URL,
            "an error, as it is no URL to fetch", fy_buf_view(&t->got));
}

void suite_resolve(report *r, const cJSON *row)
{
    urls_row t;
    urls_init(&t, r, row);
    resolve_run(&t);
    urls_fini(&t);
}

/* --- IDNA ------------------------------------------------------------------------ */

/* Here, too, IDNA2008 with STD3's rules is stricter than the source. */
static void to_ascii_run(urls_row *t)
{
    const char *wanted = json_text(t->row, "output");
    fy_buf_puts(&t->input, FY_S("http://"));
    json_put_utf8(&t->input, json_get(t->row, "input"));
    fy_buf_puts(&t->input, FY_S("/"));
    ferry_str host = {t->input.ptr + 7, t->input.len - 8};
    bool is_idn = uri_is_beyond_ascii(host);
    ferry_err e = urls_ask(t);
    bool is_met = wanted ? !e && fy_str_eq(fy_str(wanted), t->url.host) : e != FERRY_OK;
    if (is_idn && e == FERRY_ERR_UNSUPPORTED)
        report_skip(t->report, URLS_NEED_IDN);
    else if (is_met)
        report_pass(t->report);
    else if (e == FERRY_ERR_URL)
        report_tolerate(t->report);
    else
        report_fail(t->report, t->row, wanted ? wanted : "an error", t->url.host);
}

void suite_to_ascii(report *r, const cJSON *row)
{
    urls_row t;
    urls_init(&t, r, row);
    to_ascii_run(&t);
    urls_fini(&t);
}
