/* response.c - the head of a response: status line and fields (RFC 9112 2.2, 4).
 * proto. Knows a head as bytes. Does not know bodies, sockets or time.
 *
 * Theory: bytes arrive in any cut, but nothing is parsed before the empty line is
 * there. The search for it looks at each byte once; the parse is then a function of a
 * complete range, so it cannot depend on how the bytes came. SPDX-License-Identifier:
 * MIT */
#include "proto/response.h"

#include <string.h>

enum { RESPONSE_START = 7 }; /* strlen("HTTP/1.") */

/* Refuse what is no HTTP/1 at its first wrong byte, not after a head limit of it. */
static ferry_err response_check_start(ferry_str bytes, fy_error *x)
{
    ferry_str start = FY_S("HTTP/1.");
    size_t n = bytes.len < start.len ? bytes.len : start.len, i = 0;
    if (memcmp(bytes.ptr, start.ptr, n) == 0)
        return FERRY_OK;
    while (bytes.ptr[i] == start.ptr[i])
        i++;
    return fy_fail(x, FERRY_ERR_PROTOCOL, "not an HTTP/1 status line", (int64_t)i);
}

ferry_err fy_response_find_end(
    ferry_str bytes, size_t *cursor, size_t *end, fy_error *x)
{
    if (*cursor < RESPONSE_START)
        TRY(response_check_start(bytes, x));
    const char *from = bytes.ptr + *cursor, *last = bytes.ptr + bytes.len, *lf;
    while ((lf = memchr(from, '\n', (size_t)(last - from)))) {
        /* RFC 9112 2.2 lets a recipient take a bare LF for a line end; two readers that
         * differ in it are how responses are smuggled. None stands before byte 7: that
         * is where the start was checked to. */
        if (lf[-1] != '\r')
            return fy_fail(x, FERRY_ERR_PROTOCOL, "line ended by a bare LF",
                (int64_t)(lf - bytes.ptr));
        from = lf + 1;
        if (lf[-2] == '\n') {
            *end = (size_t)(from - bytes.ptr);
            return FERRY_OK;
        }
    }
    *cursor = bytes.len;
    return FERRY_AGAIN;
}

/* status-line = "HTTP/1." DIGIT SP 3DIGIT [ SP reason-phrase ] CRLF. The space before
 * an empty reason is often left out, and nothing can be read into that. */
static ferry_err response_parse_status(
    fy_head *h, char *p, size_t n, size_t *next, fy_error *x)
{
    enum { MINOR = 7, CODE = 9, REASON = 12 };
    ferry_str line = {p, fy_str_value_end((ferry_str){p, n})};
    uint64_t status;
    if (line.len < REASON || !fy_is_digit(p[MINOR]) || p[MINOR + 1] != ' ' ||
        !fy_str_number((ferry_str){p + CODE, 3}, 999, &status) || status < 100 ||
        (line.len > REASON && p[REASON] != ' '))
        return fy_fail(x, FERRY_ERR_PROTOCOL, "malformed status line", 0);
    if (n - line.len < 2 || p[line.len] != '\r' || p[line.len + 1] != '\n')
        return fy_fail(x, FERRY_ERR_PROTOCOL, "control byte in the status line",
            (int64_t)line.len);
    size_t reason = line.len > REASON ? REASON + 1 : REASON;
    h->status = (int)status;
    h->minor = p[MINOR] - '0';
    h->reason = fy_str_from(line, reason);
    p[line.len] = '\0';
    *next = line.len + 2;
    return FERRY_OK;
}

ferry_err fy_response_parse(fy_head *h, char *p, size_t n, fy_error *x)
{
    size_t at = 0, end = n - 2; /* without the empty line */
    h->fields.n = 0;
    TRY(response_check_start((ferry_str){p, n}, x));
    TRY(response_parse_status(h, p, end, &at, x));
    return fy_fields_parse(&h->fields, p + at, end - at, (int64_t)at, x);
}
