/* demo_policy.c - the tour, third part: calls that take more than one request.
 * SPDX-License-Identifier: MIT */
#include "demo.h"

void demo_redirects(demo *d)
{
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;

    if (!demo_went_well(d, ferry_get(s, demo_url(d, "/redirect/3"), &r), s))
        return;
    for (size_t i = 0; i < r->n_history; i++)
        demo_note(d, "%d %s", r->history[i].status, r->history[i].url);
    demo_note(d, "%d %s", r->status, r->url);
    demo_check(d, r->redirects == 3 && r->n_history == 3 && ferry_ok(r),
        "three redirects were followed and are remembered");

    ferry_err e = ferry_get(s, demo_url(d, "/redirect/9"), &r, .max_redirects = 4);
    demo_check(d, e == FERRY_ERR_REDIRECTS && r && r->status == 302,
        "%s after four, and the last response comes with it", ferry_err_name(e));
}

/* .on_event: what happens, as it happens. */
static void policy_tell(void *ctx, const ferry_event *e)
{
    const demo *d = ctx;
    if (e->kind == FERRY_EVENT_HEAD)
        demo_note(d, "%4d ms  %d", (int)e->at_ms, e->status);
    if (e->kind == FERRY_EVENT_RETRY)
        demo_note(d, "%4d ms  trying again in %d ms", (int)e->at_ms, (int)e->delay_ms);
}

void demo_retries(demo *d)
{
    ferry_auto_session s = ferry_session_new(.on_event = {policy_tell, d});
    ferry_auto_response r = NULL;

    ferry_err e = ferry_mount(s, demo_url(d, "/busy/"),
        .retry = {.total = 4, .backoff_ms = 50, .statuses = FERRY_CODES(502, 503)});
    if (!demo_went_well(d, e, s) ||
        !demo_went_well(d, ferry_get(s, demo_url(d, "/busy/3"), &r), s))
        return;
    demo_check(d, r->status == 200 && r->n_history == 3,
        "three times 503, then 200: one call of yours");
    demo_check(d, r->history[1].delay_ms == 100 && r->history[2].delay_ms == 200,
        "each wait was twice the one before");

    e = ferry_get(s, demo_url(d, "/busy/9"), &r, .retry = {.total = 1});
    demo_check(d, e == FERRY_ERR_RETRIES && r && r->status == 503,
        "%s once its tries are used up, with the last response", ferry_err_name(e));
}
