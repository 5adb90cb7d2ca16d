// The plain functions from C++, where the macros are absent.
// SPDX-License-Identifier: MIT
#include "ferry.h"

#if defined(ferry_get) || defined(FERRY_OPTS)
#error designated initialisers are no C++11
#endif

int status_of(const char *url)
{
    ferry_opts opts = ferry_opts();
    opts.size = sizeof opts;
    opts.timeout.total_ms = 1000;
    ferry_session *s = ferry_session_new_with(&opts);
    ferry_response *r = nullptr;
    int status = ferry_send(s, "GET", url, &r, nullptr) == FERRY_OK ? r->status : 0;
    ferry_response_free(r);
    ferry_session_free(s);
    return status;
}
