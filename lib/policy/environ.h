/* environ.h - what a session remembers of the environment.
 * policy. Knows the variables by name. Does not know what becomes of them.
 * SPDX-License-Identifier: MIT */
#ifndef FY_ENVIRON_H
#define FY_ENVIRON_H

#include "policy/pairs.h"

/* Ask the platform for every variable that ferry looks at, once, and keep copies of those
 * that are set, to be freed with fy_pairs_disown(). Afterwards the environment may
 * change. After an error the list is empty. */
fy_api ferry_err fy_environ_read(fy_fields *out, const ferry_platform *m, fy_error *x);

/* The value of a variable, names compared exactly; ptr NULL if it is not set. */
fy_api ferry_str fy_environ_get(const fy_fields *environ, ferry_str name);

#endif
