/* A misspelt option is an error where a session is made, too. expect: header
 * SPDX-License-Identifier: MIT */
#include "ferry.h"

ferry_session *make(void)
{
    return ferry_session_new(.header = FERRY_PAIRS({"Accept", "*/*"}));
}
