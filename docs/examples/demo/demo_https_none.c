/* demo_https_none.c - a stop of the tour: https in a build without TLS.
 * SPDX-License-Identifier: MIT */
#include "demo.h"

void demo_https(demo *d)
{
    ferry_auto_session s = ferry_session_new();
    demo_check(d, ferry_get(s, "https://127.0.0.1/", NULL) == FERRY_ERR_UNSUPPORTED,
        "this build has no TLS, and says so");
    demo_note(d, "%s", ferry_explain(s));
}
