/* A misspelt part of an option is an error. expect: total
 * SPDX-License-Identifier: MIT */
#include "ferry.h"

ferry_err limit(ferry_session *s)
{
    return ferry_update(s, .timeout = {.total = 1000});
}
