/* charset_posix.c - the charsets that the system's iconv knows.
 * net. Knows iconv, which has its memory from libc. Does not know where the bytes come
 * from. SPDX-License-Identifier: MIT */
#include "net/charset.h"
#include "net/posix.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

enum { CHARSET_NAME_MAX = 40, CHARSET_ROOM = 256 };

/* A name and nothing else: iconv also understands options behind it, and some look for
 * files. */
static bool charset_copy_name(char to[CHARSET_NAME_MAX + 1], ferry_str name)
{
    if (name.len == 0 || name.len > CHARSET_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i], low = fy_lower(c);
        if (!(low >= 'a' && low <= 'z') && !fy_is_digit(c) && c != '-' && c != '_' &&
            c != ':')
            return false;
        to[i] = c;
    }
    to[name.len] = '\0';
    return true;
}

/* One go; what could not be read is replaced, byte by byte. */
static bool charset_go_on(fy_buf *out, iconv_t cd, char **in, size_t *left)
{
    if (!fy_buf_reserve(out, CHARSET_ROOM))
        return false;
    char *to = out->ptr + out->len;
    size_t room = out->cap - out->len;
    bool has_failed = iconv(cd, in, left, &to, &room) == (size_t)-1;
    bool is_malformed = has_failed && errno != E2BIG;
    out->len = out->cap - room;
    if (!is_malformed || *left == 0)
        return true;
    bool is_cut_off = errno == EINVAL;
    *in += is_cut_off ? *left : 1;
    *left -= is_cut_off ? *left : 1;
    fy_buf_puts(out, FY_S("\xef\xbf\xbd"));
    return !out->failed;
}

ferry_err fy_charset_put(fy_buf *out, ferry_str name, ferry_str bytes, fy_error *x)
{
    char from[CHARSET_NAME_MAX + 1];
    iconv_t cd = (iconv_t)-1;
    if (charset_copy_name(from, name))
        cd = iconv_open("UTF-8", from);
    if (cd == (iconv_t)-1)
        return fy_fail(
            x, FERRY_ERR_UNSUPPORTED, "a charset that is not known here", FY_NOWHERE);
    char *in = (char *)(uintptr_t)bytes.ptr;
    size_t left = bytes.len;
    bool is_good = true;
    while (left && is_good)
        is_good = charset_go_on(out, cd, &in, &left);
    iconv_close(cd);
    return fy_fail_buf(x, out, "text too long");
}
