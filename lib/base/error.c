/* error.c - the error list, and the record of one failure.
 * base. Knows codes and static text. Does not know who asks. SPDX-License-Identifier:
 * MIT */
#include "base/error.h"

#include "ferry.h"

const char *ferry_err_text(ferry_err e)
{
    switch (e) {
    case FERRY_OK: return "no error";
    case FERRY_AGAIN: return "not finished yet";
#define FERRY_ERROR_(name, number, text)                                               \
    case FERRY_ERR_##name: return text;
        FERRY_ERRORS(FERRY_ERROR_)
#undef FERRY_ERROR_
    }
    return "unknown error";
}

const char *ferry_err_name(ferry_err e)
{
    switch (e) {
    case FERRY_OK: return "FERRY_OK";
    case FERRY_AGAIN: return "FERRY_AGAIN";
#define FERRY_ERROR_(name, number, text)                                               \
    case FERRY_ERR_##name: return "FERRY_ERR_" #name;
        FERRY_ERRORS(FERRY_ERROR_)
#undef FERRY_ERROR_
    }
    return "FERRY_ERR_?";
}

ferry_err fy_fail(fy_error *x, ferry_err code, const char *what, int64_t at)
{
    *x = (fy_error){.code = code, .what = what, .at = at};
    return code;
}

ferry_err fy_fail_os(fy_error *x, ferry_err code, const char *what, int os)
{
    *x = (fy_error){.code = code, .what = what, .at = FY_NOWHERE, .os = os};
    return code;
}

ferry_err fy_fail_fault(
    fy_error *x, const ferry_fault *fault, ferry_err code, const char *what)
{
    return fy_fail_os(x, fault->code ? fault->code : code,
        fault->what ? fault->what : what, fault->os);
}

ferry_err fy_fail_buf(fy_error *x, const fy_buf *b, const char *what)
{
    ferry_err e = fy_buf_error(b);
    return e == FERRY_OK
               ? e
               : fy_fail(x, e, e == FERRY_ERR_LIMIT ? what : NULL, FY_NOWHERE);
}

ferry_err fy_fail_nomem(fy_error *x)
{
    return fy_fail(x, FERRY_ERR_NOMEM, NULL, FY_NOWHERE);
}

static void error_put_number(fy_buf *b, const char *before, int64_t n)
{
    fy_buf_puts(b, fy_str(before));
    fy_buf_put_number(b, n);
    fy_buf_putc(b, ')');
}

void fy_error_put(fy_buf *b, const fy_error *x)
{
    fy_buf_puts(b, fy_str(ferry_err_text(x->code)));
    const char *before = ": ";
    if (x->status) {
        fy_buf_puts(b, fy_str(before));
        fy_buf_put_number(b, x->status);
        before = " ";
    }
    if (x->what && x->what[0]) {
        fy_buf_puts(b, fy_str(before));
        fy_buf_puts(b, fy_str(x->what));
    }
    if (x->at >= 0)
        error_put_number(b, " (byte ", x->at);
    if (x->os)
        error_put_number(b, " (os error ", x->os);
}
