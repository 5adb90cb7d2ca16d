/* error.h - the error list, and the record of one failure.
 * base. Knows codes and static text. Does not know who asks. SPDX-License-Identifier:
 * MIT */
#ifndef FY_ERROR_H
#define FY_ERROR_H

#include "base/buf.h"

enum { FY_NOWHERE = -1 };

/* What went wrong, recorded once, where it is known. */
typedef struct fy_error {
    ferry_err code;
    int os;           /* the system's number, 0 if none */
    int status;       /* of the response in question, 0 if none */
    const char *what; /* static text */
    int64_t at;       /* offset of the byte in question, or FY_NOWHERE */
} fy_error;

/* Record and return `code`. */
fy_api ferry_err fy_fail(fy_error *x, ferry_err code, const char *what, int64_t at);
fy_api ferry_err fy_fail_os(fy_error *x, ferry_err code, const char *what, int os);
/* Record what a transport, dialler or resolver said, or the defaults where it is
 * silent. */
fy_api ferry_err fy_fail_fault(
    fy_error *x, const ferry_fault *fault, ferry_err code, const char *what);
/* Pass on what a buffer latched; `what` says which thing did not fit. */
fy_api ferry_err fy_fail_buf(fy_error *x, const fy_buf *b, const char *what);
fy_api ferry_err fy_fail_nomem(fy_error *x);
/* "code text: what (byte 12) (os error 111)" */
fy_api void fy_error_put(fy_buf *b, const fy_error *x);

/* Leave with the error, or with FERRY_AGAIN. */
#define TRY(call)                                                                      \
    do {                                                                               \
        ferry_err try_err_ = (call);                                                   \
        if (try_err_)                                                                  \
            return try_err_;                                                           \
    } while (0)

#endif
