/* cookies.c - Set-Cookie fields, and what is sent after them (RFC 6265bis), the dates of
 * cookies, and public suffixes. SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "peer.h"
#include "policy/cookies.h"
#include "policy/psl.h"
#include "proto/cookie_date.h"
#include "proto/idn.h"
#include "proto/url.h"
#include "suites.h"

typedef struct cookies_case {
    fy_jar jar;
    fy_url url;
    fy_error x;
    int64_t now;
} cookies_case;

/* The path as it is written: what the rules compare octet by octet. A session asks with
 * URLs in their normal form, in which %6F is o. */
static ferry_str cookies_path(const char *url)
{
    const char *host = strstr(url, "://");
    const char *path = host ? strchr(host + 3, '/') : NULL;
    return path ? (ferry_str){path, strcspn(path, "?#")} : FY_S("/");
}

/* Who `url` is; its views live until the next call. */
static bool cookies_peer(cookies_case *c, const char *url, fy_cookie_peer *who)
{
    ferry_fields none = {NULL, 0};
    if (!url || fy_url_parse(&c->url, fy_str(url), none, &c->x))
        return false;
    *who = (fy_cookie_peer){.host = c->url.host,
        .path = cookies_path(url),
        .is_secure = fy_str_eq(c->url.scheme, FY_S("https")),
        .is_address = c->url.addr.family != 0};
    return true;
}

static bool cookies_take(cookies_case *c, const fy_cookie_peer *who, const cJSON *field)
{
    fy_buf line;
    const char *why;
    fy_buf_init(&line, &peer_libc, SIZE_MAX / 4);
    bool done = json_put_bytes(&line, field) &&
                fy_cookies_take(&c->jar, who, fy_buf_view(&line), c->now, &why) ==
                    FERRY_OK;
    fy_buf_fini(&line);
    return done;
}

static bool cookies_set(cookies_case *c, const cJSON *row)
{
    const cJSON *response, *field;
    cJSON_ArrayForEach(response, json_get(row, "set"))
    {
        fy_cookie_peer who;
        if (!cookies_peer(c, json_text(response, "url"), &who))
            return false;
        cJSON_ArrayForEach(field, json_get(response, "set_cookie"))
        {
            if (!cookies_take(c, &who, field))
                return false;
        }
    }
    return true;
}

static void cookies_judge(report *r, cookies_case *c, const cJSON *row)
{
    fy_cookie_peer who;
    fy_buf got, expected;
    const cJSON *wanted = json_get(row, "expected_rfc6265bis");
    fy_buf_init(&got, &peer_libc, SIZE_MAX / 4);
    fy_buf_init(&expected, &peer_libc, SIZE_MAX / 4);
    if (cookies_peer(c, json_text(json_get(row, "get"), "url"), &who) &&
        (!wanted || json_put_bytes(&expected, wanted))) {
        size_t n = fy_jar_find(
            &c->jar, who.host, who.is_address, who.path, who.is_secure);
        fy_cookies_put(&got, &c->jar, n, NULL, c->now);
        report_judge(r, row, fy_str_eq(fy_buf_view(&got), fy_buf_view(&expected)),
            fy_buf_text(&expected), fy_buf_view(&got));
    } else {
        report_fail(r, row, "a URL and a field", FY_S("something else"));
    }
    fy_buf_fini(&got);
    fy_buf_fini(&expected);
}

void suite_cookies(report *r, const cJSON *row)
{
    cookies_case c = {.now = 0};
    fy_jar_init(&c.jar, &peer_libc, 0);
    fy_cookies_fill(&c.jar.limits);
    fy_url_init(&c.url, &peer_libc, SIZE_MAX / 4);
    if (!json_read_time(json_text(row, "now"), &c.now) || !cookies_set(&c, row))
        report_fail(r, row, "a time and responses", FY_S("something else"));
    else
        cookies_judge(r, &c, row);
    fy_url_fini(&c.url);
    fy_jar_fini(&c.jar);
}

void suite_cookie_date(report *r, const cJSON *row)
{
    const cJSON *wanted = json_get(row, "expected_unix");
    fy_buf input;
    int64_t seconds = 0;
    char expected[32] = "no date", got[32] = "no date";
    fy_buf_init(&input, &peer_libc, SIZE_MAX / 4);
    if (json_put_bytes(&input, json_get(row, "input"))) {
        if (fy_cookie_date_parse(fy_buf_view(&input), &seconds))
            snprintf(got, sizeof got, "%lld", (long long)seconds);
        if (wanted)
            snprintf(expected, sizeof expected, "%.0f", wanted->valuedouble);
        report_judge(r, row, strcmp(expected, got) == 0, expected, fy_str(got));
    } else {
        report_fail(r, row, "bytes", FY_S("something else"));
    }
    fy_buf_fini(&input);
}

/* --- public suffixes ------------------------------------------------------------- */

/* The part of `name` that somebody registered: the shortest end of it that is not
 * public, and that has a name in every label. */
static ferry_str cookies_registrable(ferry_str name)
{
    ferry_str found = FY_S("");
    for (size_t i = name.len; i-- > 0;) {
        ferry_str end = fy_str_from(name, i);
        if ((i == 0 || name.ptr[i - 1] == '.') && end.ptr[0] != '.' &&
            !fy_psl_is_public(name, end))
            found = end;
        if (found.len)
            return found;
    }
    return found;
}

/* In A-labels: the name of a row, or nothing. False if this build cannot say it. */
static bool cookies_put_name(fy_buf *out, const cJSON *name)
{
    fy_buf text;
    fy_error x;
    bool is_ascii = true;
    fy_buf_init(&text, &peer_libc, SIZE_MAX / 4);
    if (name && json_put_utf8(&text, name))
        for (size_t i = 0; i < text.len; i++) {
            is_ascii = is_ascii && (text.ptr[i] & 0x80) == 0;
            text.ptr[i] = fy_lower(text.ptr[i]);
        }
    if (is_ascii)
        fy_buf_puts(out, fy_buf_view(&text));
    else
        is_ascii = fy_idn_to_ascii(out, fy_buf_view(&text), &x) == FERRY_OK;
    fy_buf_fini(&text);
    return is_ascii;
}

void suite_public_suffix(report *r, const cJSON *row)
{
    fy_buf name, expected;
    fy_buf_init(&name, &peer_libc, SIZE_MAX / 4);
    fy_buf_init(&expected, &peer_libc, SIZE_MAX / 4);
    if (!fy_psl_is_public(FY_S("www.example.co.uk"), FY_S("co.uk"))) {
        report_skip(r, "needs PSL=libpsl");
    } else if (!cookies_put_name(&name, json_get(row, "input")) ||
               !cookies_put_name(&expected, json_get(row, "registrable_domain"))) {
        report_skip(r, "needs IDN=libidn2");
    } else {
        bool has_labels = name.len && name.ptr[0] != '.';
        ferry_str got = has_labels ? cookies_registrable(fy_buf_view(&name)) : FY_S("");
        report_judge(r, row, fy_str_eq(got, fy_buf_view(&expected)),
            fy_buf_text(&expected), got);
    }
    fy_buf_fini(&name);
    fy_buf_fini(&expected);
}
