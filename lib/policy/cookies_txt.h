/* cookies_txt.h - cookies as the text of Netscape's cookies.txt, as curl and browsers
 * write it. policy. Knows lines and jars. Does not know files, nor what time it is.
 * SPDX-License-Identifier: MIT */
#ifndef FY_COOKIES_TXT_H
#define FY_COOKIES_TXT_H

#include "policy/cookies.h"

/* Append the first lines, which say what this is, and one line for each cookie of that
 * kind, the oldest first. How many were left out, because they hold a tab, which the
 * format cannot say. */
fy_api size_t fy_cookies_txt_put(
    fy_buf *out, fy_jar *j, ferry_cookie_kind kind, int64_t now);

/* No more room than that is needed: whoever wants it in one block, as it holds secrets. */
fy_api size_t fy_cookies_txt_room(const fy_jar *j);

/* Keep the cookies of that kind that have not ended. A line that is none, or breaks a rule
 * or a limit, is dropped whole and counted. FERRY_ERR_NOMEM: those before were kept. */
fy_api ferry_err fy_cookies_txt_read(
    fy_jar *j, ferry_str text, ferry_cookie_kind kind, int64_t now, int64_t *dropped);

#endif
