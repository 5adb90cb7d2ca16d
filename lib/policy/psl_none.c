/* psl_none.c - public suffixes: without a list, names of one label.
 * policy. SPDX-License-Identifier: MIT */
#include "policy/psl.h"

bool fy_psl_is_public(ferry_str host, ferry_str domain)
{
    (void)host;
    return fy_psl_has_one_label(fy_psl_without_dot(domain));
}
