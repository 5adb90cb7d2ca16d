/* content_none.c - a build that decodes no content coding (RFC 9110 12.5.3).
 * proto. Stands in for a decoder. SPDX-License-Identifier: MIT */
#include "proto/content.h"

const char *fy_content_codings(void)
{
    return "identity";
}
