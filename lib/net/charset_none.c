/* charset_none.c - a build that reads no charsets but those of proto/text.
 * net. Stands in for iconv. SPDX-License-Identifier: MIT */
#include "net/charset.h"

ferry_err fy_charset_put(fy_buf *out, ferry_str name, ferry_str bytes, fy_error *x)
{
    (void)out;
    (void)name;
    (void)bytes;
    return fy_fail(x, FERRY_ERR_UNSUPPORTED,
        "a charset other than UTF-8, UTF-16, UTF-32 and ISO-8859-1", FY_NOWHERE);
}
