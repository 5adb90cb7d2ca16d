/* netrc.h - the file with users and passwords by host name.
 * policy. Knows its text. Does not know where the file lies, or what the secrets open.
 * SPDX-License-Identifier: MIT */
#ifndef FY_NETRC_H
#define FY_NETRC_H

#include "base/error.h"

/* Views into the text that was read. */
typedef struct fy_netrc_entry {
    ferry_str host; /* ptr NULL: the default one */
    ferry_str login, password;
} fy_netrc_entry;

typedef struct fy_netrc {
    fy_buf text; /* wiped when freed */
    fy_netrc_entry *at;
    size_t n, cap;
} fy_netrc;

fy_api void fy_netrc_init(fy_netrc *n, const ferry_platform *m, size_t max);
fy_api void fy_netrc_fini(fy_netrc *n);

/* Read `text`, which was filled before, and take it apart; it is changed. What is wrong
 * ends it: the entry it stands in and all behind it are left out. FERRY_ERR_NOMEM. */
fy_api ferry_err fy_netrc_parse(fy_netrc *n, fy_error *x);

/* The entry for exactly this host, ignoring case, or if there is none the default one;
 * `login` with ptr NULL, or that user's. NULL if there is none, or if it is empty. */
fy_api const fy_netrc_entry *fy_netrc_find(
    const fy_netrc *n, ferry_str host, ferry_str login);

#endif
