/* A value of another type warns. expect: incompatible
 * SPDX-License-Identifier: MIT */
#include "ferry.h"

ferry_err get(ferry_session *s, ferry_response **r)
{
    return ferry_get(s, "http://example.com/", r, .headers = "Accept: text/html");
}
