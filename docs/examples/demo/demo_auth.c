/* demo_auth.c - the tour: who asks. The server lets in whoever knows the password.
 * SPDX-License-Identifier: MIT */
#include "demo.h"

static bool auth_is_in(const ferry_response *r)
{
    return r->status == 200 && strstr(r->body.ptr, "welcome") != NULL;
}

void demo_auth(demo *d)
{
    ferry_auto_session s = ferry_session_new();
    ferry_auto_response r = NULL;

    if (!demo_went_well(d, ferry_get(s, demo_url(d, "/private"), &r), s))
        return;
    demo_note(d, "%d, WWW-Authenticate: %s", r->status, ferry_header(r, "WWW-Authenticate"));
    demo_check(d, r->status == 401, "nobody in particular is not let in");

    ferry_update(s, .auth = ferry_basic("ada", "lovelace"));
    if (!demo_went_well(d, ferry_get(s, demo_url(d, "/private"), &r), s))
        return;
    demo_check(d, auth_is_in(r) && r->n_history == 0,
        "Basic: user and password went with the request");

    ferry_err e = ferry_get(s, demo_url(d, "/private"), &r, .auth = ferry_no_auth());
    if (!demo_went_well(d, e, s))
        return;
    demo_check(d, r->status == 401, "one request went without");
}

void demo_digest(demo *d)
{
    ferry_auto_session s = ferry_session_new(.auth = ferry_digest("ada", "lovelace"));
    ferry_auto_response r = NULL;

    if (!demo_went_well(d, ferry_get(s, demo_url(d, "/digest/1"), &r), s))
        return;
    demo_note(d, "%s", r->n_history ? ferry_header(r, "Was-Asked") : "not asked");
    demo_check(d, auth_is_in(r) && r->n_history == 1,
        "the 401 was answered, with a hash in the place of the password");

    if (!demo_went_well(d, ferry_get(s, demo_url(d, "/digest/2"), &r), s))
        return;
    demo_check(d, auth_is_in(r) && r->n_history == 0,
        "the next request answered ahead: no second 401");
}
