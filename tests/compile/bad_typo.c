/* A misspelt option is an error. expect: tiemout
 * SPDX-License-Identifier: MIT */
#include "ferry.h"

ferry_err get(ferry_session *s, ferry_response **r)
{
    return ferry_get(s, "http://example.com/", r, .tiemout = {.total_ms = 1000});
}
