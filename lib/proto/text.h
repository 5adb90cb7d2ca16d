/* text.h - bodies as text: which charset a body has, and its characters in UTF-8
 * (RFC 9110 8.3, RFC 3629, RFC 2781, RFC 8259 8.1).
 * proto. Knows four charsets and the names of others. Does not know where bodies come
 * from, or how other charsets are read. SPDX-License-Identifier: MIT */
#ifndef FY_TEXT_H
#define FY_TEXT_H

#include "base/error.h"

typedef enum fy_charset {
    FY_CHARSET_UTF8,
    FY_CHARSET_LATIN1,
    FY_CHARSET_UTF16BE,
    FY_CHARSET_UTF16LE,
    FY_CHARSET_UTF32BE,
    FY_CHARSET_UTF32LE,
    FY_CHARSET_OTHER
} fy_charset;

typedef struct fy_text {
    fy_charset charset;
    ferry_str name;  /* as it was given; of FY_CHARSET_OTHER it says all */
    ferry_str bytes; /* of the body, without a byte order mark */
} fy_text;

/* Find the charset: `given`, if it is not empty; else what a byte order mark says, the
 * charset parameter of Content-Type, or else the rule for its media type: JSON is in UTF-8,
 * UTF-16 or UTF-32, whichever it begins like; text/... is ISO-8859-1, everything else
 * UTF-8. Given "json", it is JSON whatever its media type. */
fy_api void fy_text_find(
    fy_text *t, ferry_str given, ferry_str content_type, ferry_str body);

/* True if `bytes` are UTF-8 from end to end. */
fy_api bool fy_text_is_utf8(ferry_str bytes);

/* Append in UTF-8; what is malformed becomes U+FFFD. Not for FY_CHARSET_OTHER. */
fy_api void fy_text_put(fy_buf *out, const fy_text *t);

#endif
