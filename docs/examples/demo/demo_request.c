/* demo_request.c - the tour, first half: what a session puts into its requests. The
 * server sends each request back as it came, so the checks see the wire.
 * SPDX-License-Identifier: MIT */
#include "demo.h"

static bool request_has(const ferry_response *r, const char *text)
{
    return strstr(r->body.ptr, text) != NULL;
}

void demo_headers(demo *d)
{
    ferry_auto_session s = ferry_session_new(
        .headers = FERRY_PAIRS({"User-Agent", "tour/1.0"},
                               {"X-Team", "harbour"}));
    ferry_auto_response r = NULL;

    if (!demo_went_well(d, ferry_get(s, demo_url(d, "/echo"), &r), s))
        return;
    demo_show_request(d, r);
    demo_check(d, request_has(r, "\r\nUser-Agent: tour/1.0\r\n"),
        "the session's User-Agent took the place of ferry's own");

    ferry_err e = ferry_get(s, demo_url(d, "/echo"), &r,
        .headers = FERRY_PAIRS({"x-team", "night shift"},
                               {"User-Agent", NULL}));
    if (!demo_went_well(d, e, s))
        return;
    demo_check(d,
        request_has(r, "x-team: night shift\r\n") && !request_has(r, "harbour"),
        "one request said X-Team differently, in whatever case");
    demo_check(d, !request_has(r, "User-Agent"), "and went without User-Agent: NULL");

    if (!demo_went_well(d, ferry_get(s, demo_url(d, "/echo"), &r), s))
        return;
    demo_check(d,
        request_has(r, "User-Agent: tour/1.0\r\n") &&
            request_has(r, "X-Team: harbour\r\n"),
        "the next one knows nothing of it");
}

void demo_params(demo *d)
{
    ferry_auto_session s = ferry_session_new(
        .params = FERRY_PAIRS({"lang", "en"},
                              {"page", "1"}));
    ferry_auto_response r = NULL;

    ferry_err e = ferry_get(s, demo_url(d, "/echo?sort=age"), &r,
        .params = FERRY_PAIRS({"q", "c library & more"},
                              {"page", NULL}));
    if (!demo_went_well(d, e, s))
        return;
    demo_note(d, "%s", r->url);
    demo_check(d, request_has(r, "?sort=age&lang=en&q=c+library+%26+more HTTP/1.1"),
        "URL, session and request were joined; page was taken away");
}

void demo_form(demo *d)
{
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;

    ferry_err e = ferry_post(s, demo_url(d, "/echo"), &r,
        .form = FERRY_PAIRS({"user", "ada"},
                            {"note", "50% & more"}));
    if (!demo_went_well(d, e, s))
        return;
    demo_show_request(d, r);
    demo_check(d,
        request_has(r, "\r\nContent-Type: application/x-www-form-urlencoded\r\n") &&
            request_has(r, "\r\nContent-Length: 28\r\n"),
        "type and length were written for you");
    demo_check(d, request_has(r, "\r\n\r\nuser=ada&note=50%25+%26+more"),
        "the fields arrived encoded");
}

void demo_login(demo *d)
{
    ferry_auto_session s = ferry_session_new();
    ferry_auto_session other = ferry_session_new();
    ferry_auto_response r = NULL;
    char text[1024];
    size_t len;

    ferry_err e = ferry_post(s, demo_url(d, "/login"), NULL,
        .form = FERRY_PAIRS({"user", "ada"},
                            {"pass", "lovelace"}));
    if (!demo_went_well(d, e, s))
        return;
    for (const ferry_cookie *c = NULL; (c = ferry_cookie_next(s, c));)
        demo_note(d, "%s=%s for %s%s", c->name, c->value, c->domain, c->path);
    if (!demo_went_well(d, ferry_get(s, demo_url(d, "/echo/me"), &r), s))
        return;
    demo_check(d, request_has(r, "\r\nCookie: session=berth-7; lang=en\r\n"),
        "the next request carried both, the longer path first");

    e = ferry_get(s, demo_url(d, "/echo/me"), &r,
        .cookies = FERRY_PAIRS({"lang", "de"}));
    if (!demo_went_well(d, e, s))
        return;
    demo_check(d, request_has(r, "\r\nCookie: lang=de; session=berth-7\r\n"),
        "one request had a lang of its own");

    e = ferry_cookies_write(s, FERRY_COOKIES_PERSISTENT, text, sizeof text, &len);
    if (!e)
        e = ferry_cookies_read(other, text, len, FERRY_COOKIES_ALL, NULL);
    if (!demo_went_well(d, e, s))
        return;
    if (!demo_went_well(d, ferry_get(other, demo_url(d, "/echo/me"), &r), other))
        return;
    demo_check(d, request_has(r, "\r\nCookie: lang=en\r\n"),
        "another session read the cookie that outlives this one");
}

void demo_mount(demo *d)
{
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;

    ferry_err e = ferry_mount(s, demo_url(d, "/echo/v2"),
        .headers = FERRY_PAIRS({"X-Api", "second"}));
    if (!demo_went_well(d, e, s))
        return;
    static const struct {
        const char *path;
        bool is_mounted;
    } cases[] = {
        {"/echo/v2/ships", true},
        {"/echo/v1/ships", false},
        {"/echo/v2ships", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (!demo_went_well(d, ferry_get(s, demo_url(d, cases[i].path), &r), s))
            return;
        demo_check(d, request_has(r, "X-Api: second\r\n") == cases[i].is_mounted,
            "%-15s %s it", cases[i].path, cases[i].is_mounted ? "has" : "is without");
    }
}
