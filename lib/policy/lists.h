/* lists.h - the lists of options: numbers ended by 0, names ended by NULL.
 * policy. Knows memory. Does not know what they are for. SPDX-License-Identifier: MIT */
#ifndef FY_LISTS_H
#define FY_LISTS_H

#include "base/buf.h"

fy_api bool fy_codes_has(const int *list, int code);
/* A copy to be freed with fy_codes_free() (NULL is fine); NULL without memory. */
fy_api int *fy_codes_copy(const ferry_platform *m, const int *list);
fy_api void fy_codes_free(const ferry_platform *m, const int *list);

/* The same for names: one block. */
fy_api bool fy_names_has(const char *const *list, ferry_str name);
fy_api bool fy_names_has_nocase(const char *const *list, ferry_str name);
fy_api const char *const *fy_names_copy(
    const ferry_platform *m, const char *const *list);
fy_api void fy_names_free(const ferry_platform *m, const char *const *list);

#endif
