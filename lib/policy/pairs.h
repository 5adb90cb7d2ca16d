/* pairs.h - lists of names and values that join over the levels.
 * policy. Knows how a level lies over another. Does not know what the pairs are for.
 * SPDX-License-Identifier: MIT */
#ifndef FY_PAIRS_H
#define FY_PAIRS_H

#include "policy/redirect.h"
#include "proto/fields.h"

/* Pairs in one list, at most. */
enum { FY_PAIRS_MAX = 1024 };

/* Headers join ignoring case, parameters by exact name; other names ignoring case, and who
 * gives them checks them. */
typedef enum fy_pairs_kind {
    FY_PAIRS_HEADERS,
    FY_PAIRS_PARAMS,
    FY_PAIRS_NAMES
} fy_pairs_kind;

/* Lay a level over `list`: the first pair of a name takes the place of what is there,
 * more of that name repeat it, new names are appended. A value with ptr NULL removes,
 * and stays in the list to say so. The entries added are views. */
fy_api ferry_err fy_pairs_overlay(
    fy_fields *list, fy_pairs_kind kind, ferry_fields over, fy_error *x);

/* The same with a caller's list (NULL is none), whose pairs are checked before. With
 * `bound`, values that stay with their origin are left out. */
fy_api ferry_err fy_pairs_overlay_given(fy_fields *list, fy_pairs_kind kind,
    const ferry_pair *pairs, const fy_bound *bound, fy_error *x);

/* Take out the values that stay with their origin. */
fy_api void fy_pairs_unbind(fy_fields *list, const fy_bound *bound);

/* Turn a list of views into one that owns its texts; after an error it is empty. */
fy_api ferry_err fy_pairs_own(fy_fields *list, fy_error *x);
/* Free such a list; its texts are wiped, as any of them may be a secret. */
fy_api void fy_pairs_disown(fy_fields *list);

#endif
