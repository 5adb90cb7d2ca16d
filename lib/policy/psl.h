/* psl.h - public suffixes: names like com and co.uk, under which anybody registers.
 * policy. Knows names. Does not know cookies. One of psl_libpsl.c and psl_none.c stands
 * behind it. SPDX-License-Identifier: MIT */
#ifndef FY_PSL_H
#define FY_PSL_H

#include "base/str.h"

/* True if `domain`, which is `host` or one of its parents, belongs to the public part of
 * `host`. Both in lower case and ASCII; one trailing dot counts for nothing. Without
 * the list only names of one label are public. */
fy_api bool fy_psl_is_public(ferry_str host, ferry_str domain);

static inline ferry_str fy_psl_without_dot(ferry_str name)
{
    return fy_str_upto(name, name.len - (name.len && name.ptr[name.len - 1] == '.'));
}

static inline bool fy_psl_has_one_label(ferry_str name)
{
    return !name.len || !memchr(name.ptr, '.', name.len);
}

#endif
