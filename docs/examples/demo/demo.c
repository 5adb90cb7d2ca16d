/* demo.c - `make demo`: a tour of the ferry session, every claim checked on the way.
 * SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "demo.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const demo_step demo_steps[] = {
    {"Default headers: given once, sent each time, changed or removed for one request",
     "ferry_session_new(.headers = FERRY_PAIRS({\"User-Agent\", \"tour/1.0\"}, ...))",
     demo_headers},
    {"Query parameters: those of the session and those of the request, encoded",
     "ferry_get(s, url, &r, .params = FERRY_PAIRS({\"q\", \"c library\"}))",
     demo_params},
    {"A form",
     "ferry_post(s, url, &r, .form = FERRY_PAIRS({\"user\", \"ada\"}, ...))",
     demo_form},
    {"Cookies: set at login, sent with what follows, saved for the next session",
     "ferry_post(s, url, NULL, .form = ...), then ferry_get(s, url, &r)",
     demo_login},
    {"Mounts: options for the URLs that begin alike",
     "ferry_mount(s, \"http://host/echo/v2\", .headers = ...)",
     demo_mount},
    {"Who asks: user and password for one server, and for no other",
     "ferry_update(s, .auth = ferry_basic(\"ada\", \"lovelace\"))",
     demo_auth},
    {"Digest: a password that never goes over the wire",
     "ferry_session_new(.auth = ferry_digest(\"ada\", \"lovelace\"))",
     demo_digest},
    {"The connection pool: what keeping connections is worth",
     "ferry_get(s, url, &r)",
     demo_pool},
    {"Streaming: a large body in little memory",
     "ferry_get(s, url, &r, .stream = FERRY_ON), then ferry_next(r, &chunk)",
     demo_stream},
    {"Redirects: followed, and remembered",
     "ferry_get(s, url, &r), then r->history[i]",
     demo_redirects},
    {"Retries: a busy server is asked again, ever more patiently",
     "ferry_mount(s, prefix, .retry = {.total = 4, .backoff_ms = 50, .statuses = ...})",
     demo_retries},
    {"https: verified, and taken up again",
     "ferry_get(s, \"https://...\", &r, .ca_pem = {pem, len})",
     demo_https},
    {"Errors: typed, explained in one line, and the session goes on",
     "ferry_get(s, url, &r, .timeout = {.read_ms = 200})",
     demo_errors},
};

enum { DEMO_STEPS = sizeof demo_steps / sizeof *demo_steps };

static const char *demo_color(const demo *d, const char *code)
{
    return d->colors ? code : "";
}

#define BOLD(d)  demo_color((d), "\033[1m")
#define DIM(d)   demo_color((d), "\033[2m")
#define GREEN(d) demo_color((d), "\033[32m")
#define RED(d)   demo_color((d), "\033[1;31m")
#define CYAN(d)  demo_color((d), "\033[36m")
#define PLAIN(d) demo_color((d), "\033[0m")

const char *demo_url(const demo *d, const char *path)
{
    static char urls[2][256];
    static int turn;
    turn = !turn;
    snprintf(urls[turn], sizeof urls[turn], "%s%s", d->base, path);
    return urls[turn];
}

void demo_check(demo *d, bool holds, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    printf("  %s%s%s  ", holds ? GREEN(d) : RED(d), holds ? "ok  " : "FAIL", PLAIN(d));
    vprintf(format, list);
    putchar('\n');
    va_end(list);
    d->failed += !holds;
}

bool demo_went_well(demo *d, ferry_err e, const ferry_session *s)
{
    if (e)
        demo_check(d, false, "%s: %s", ferry_err_name(e), ferry_explain(s));
    return e == FERRY_OK;
}

void demo_show_request(const demo *d, const ferry_response *r)
{
    const char *p = r->body.ptr;
    while (*p) {
        size_t n = strcspn(p, "\r\n");
        if (n)
            printf("     %s> %.*s%s\n", DIM(d), (int)n, p, PLAIN(d));
        p += n + strspn(p + n, "\r\n");
    }
}

void demo_note(const demo *d, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    printf("     %s", DIM(d));
    vprintf(format, list);
    printf("%s\n", PLAIN(d));
    va_end(list);
}

double demo_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool demo_wants_colors(void)
{
    const char *term = getenv("TERM");
    return isatty(1) && !getenv("NO_COLOR") && term && strcmp(term, "dumb") != 0;
}

static void demo_walk(demo *d)
{
    printf("%sferry %s%s - a tour of the Session, with the server at %s\n", BOLD(d),
        ferry_version(), PLAIN(d), d->base);
    for (int i = 0; i < DEMO_STEPS; i++) {
        const demo_step *step = &demo_steps[i];
        printf("\n%s%d. %s%s\n", BOLD(d), i + 1, step->title, PLAIN(d));
        printf("   %s%s%s\n", CYAN(d), step->call, PLAIN(d));
        step->run(d);
        fflush(stdout);
    }
}

int main(void)
{
    demo d = {.colors = demo_wants_colors()};
    server child;

    if (!server_start(&child)) {
        fprintf(stderr, "demo: the server does not start: %s\n", strerror(errno));
        return 1;
    }
    snprintf(d.base, sizeof d.base, "http://127.0.0.1:%d", child.port);
    demo_walk(&d);
    putchar('\n');
    if (!server_stop(&child))
        demo_check(&d, false, "the server ended in order");
    if (d.failed)
        printf("%s%d of the claims above did not hold.%s\n", RED(&d), d.failed,
            PLAIN(&d));
    else
        printf("%sAll of it held.%s\n", BOLD(&d), PLAIN(&d));
    return d.failed || fflush(stdout) ? 1 : 0;
}
