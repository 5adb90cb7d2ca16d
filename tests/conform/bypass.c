/* bypass.c - which URLs are asked without a proxy: rows of proxy-bypass.
 * SPDX-License-Identifier: MIT */
#include "json.h"
#include "peer.h"
#include "policy/proxy.h"
#include "suites.h"

enum { BYPASS_URL_MAX = 4096 };

/* Through a proxy for everything, but for what the list names. */
static void bypass_run(report *r, const cJSON *row, const char *url, const char *list)
{
    const ferry_fields none = {NULL, 0};
    const ferry_field all = {FY_S("all"), FY_S("http://p.test")};
    const fy_proxy_environ silent = {.n = 0};
    bool is_wanted = json_is_true(row, "bypass");
    fy_url u;
    fy_error x;
    fy_url_init(&u, &peer_libc, BYPASS_URL_MAX);
    ferry_err e = fy_url_parse(&u, fy_str(url), none, &x);
    bool is_bypassed = !e && !fy_proxy_choose((ferry_fields){&all, 1}, fy_str(list),
                                 FY_S(""), &silent, &u)
                                  .len;
    report_judge(r, row, !e && is_bypassed == is_wanted,
        is_wanted ? "no proxy" : "the proxy",
        e             ? fy_str(ferry_err_name(e))
        : is_bypassed ? FY_S("no proxy")
                      : FY_S("the proxy"));
    fy_url_fini(&u);
}

void suite_bypass(report *r, const cJSON *row)
{
    const char *url = json_text(row, "url"), *list = json_text(row, "no_proxy");
    if (url && list)
        bypass_run(r, row, url, list);
    else
        report_fail(r, row, "a URL and a list", FY_S("a row without"));
}
