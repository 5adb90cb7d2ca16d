/* suites.h - the suites: each judges one row. SPDX-License-Identifier: MIT */
#ifndef CONFORM_SUITES_H
#define CONFORM_SUITES_H

#include "report.h"

void suite_smuggling(report *r, const cJSON *row);
void suite_response(report *r, const cJSON *row);
void suite_chunked(report *r, const cJSON *row); /* rows of response-parser, too */
void suite_date(report *r, const cJSON *row);
void suite_decode(report *r, const cJSON *row);
void suite_bypass(report *r, const cJSON *row);
void suite_digest(report *r, const cJSON *row);
void suite_redirects(report *r, const cJSON *row);
void suite_retry(report *r, const cJSON *row);

/* Folders cookies-parser/, wpt-cookies/ and public-suffix/. */
void suite_cookies(report *r, const cJSON *row);
void suite_cookie_date(report *r, const cJSON *row);
void suite_public_suffix(report *r, const cJSON *row);

/* Folder urls/; which of them a row is for, its members tell. */
void suite_url(report *r, const cJSON *row);
void suite_resolve(report *r, const cJSON *row);
void suite_target(report *r, const cJSON *row);
void suite_to_ascii(report *r, const cJSON *row);

#endif
