/* options_whole.h - what no single option can tell: which ones go together.
 * policy. Knows ferry_opts. Does not know the levels. SPDX-License-Identifier: MIT */
#ifndef FY_OPTIONS_WHOLE_H
#define FY_OPTIONS_WHOLE_H

#include "base/error.h"
#include "ferry.h"

/* FERRY_ERR_USAGE if two of the options that say the body contradict each other, or one is
 * only half there. */
fy_api ferry_err fy_options_check_body(const ferry_opts *o, fy_error *x);
/* The same of all, bodies too. */
fy_api ferry_err fy_options_check_whole(const ferry_opts *o, fy_error *x);

#endif
