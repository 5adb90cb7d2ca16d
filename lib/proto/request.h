/* request.h - the head of a request, checked and written (RFC 9112 3, RFC 9110
 * 5, 7.2, 8.6). proto. Knows a head as bytes. Does not know sockets, or where options
 * came from. SPDX-License-Identifier: MIT */
#ifndef FY_REQUEST_H
#define FY_REQUEST_H

#include "proto/fields.h"
#include "proto/url.h"

/* Fields written once, for the many requests that have them all and perhaps more. */
typedef struct fy_request_ahead {
    fy_buf lines;
    size_t n; /* so many fields */
    bool says_close, asks_upgrade;
} fy_request_ahead;

/* False if one of them depends on the request (Host, Content-Length and the like) or there
 * is no memory: then they are written each time. */
fy_api bool fy_request_write_ahead(
    fy_request_ahead *a, const ferry_platform *m, ferry_fields fields);

typedef struct fy_request {
    ferry_str method;
    ferry_str target; /* instead of the URL's path and query; ptr NULL: none */
    const fy_url *url;
    const fy_request_ahead *ahead; /* the first fields, written already; or NULL */
    ferry_fields fields;        /* checked; a value with ptr NULL takes the name away */
    ferry_fields proxy_fields;  /* for the proxy alone; see is_forwarded */
    uint64_t body_len;          /* unless it is chunked (RFC 9112 7.1) */
    const ferry_pair *trailers; /* names to announce, or NULL */
    const char *body_type;      /* Content-Type if the fields give none, or NULL */
    /* Appends lines of the caller's own behind the fields; or NULL. */
    ferry_err (*put_more)(void *ctx, ferry_fields fields, fy_buf *out);
    void *more;         /* its ctx */
    bool is_type_fixed; /* a Content-Type of the caller's is misuse */
    bool has_body, is_chunked;
    /* The way there: through a proxy that is asked for the URL itself, with fields that are
     * for it alone; or past one, where none of the caller's that are for it may go. */
    bool is_forwarded, is_past_proxy;
    /* The body waits for a 100 (RFC 9110 10.1.1); an Expect of the caller's has the last
     * word if it may be said at all. */
    bool expects, may_expect;
    /* What the fields say about the connection; fy_request_put() fills it in. */
    bool says_close;
    bool asks_upgrade; /* RFC 9110 7.8 */
} fy_request;

/* May this field be sent? Names are tokens; values hold no control bytes and do not
 * begin with a blank. A value with ptr NULL is fine. */
fy_api ferry_err fy_request_check_field(ferry_str name, ferry_str value, fy_error *x);

/* May this field stand behind a body (RFC 9110 6.5.1)? */
fy_api ferry_err fy_request_check_trailer(ferry_str name, ferry_str value, fy_error *x);

/* Append one checked field with its line end. */
fy_api void fy_request_put_field(fy_buf *out, ferry_str name, ferry_str value);

/* Append the head with its empty line: request line, Host, the fields in their order,
 * Content-Type, Content-Length. Nothing that could end a line early gets in. */
fy_api ferry_err fy_request_put(fy_buf *out, fy_request *r, fy_error *x);

/* Append absolute-form, for a proxy, with `target` instead of path and query unless its ptr
 * is NULL; OPTIONS * is written without a path (RFC 9112 3.2.4). */
fy_api void fy_request_put_absolute(fy_buf *out, const fy_url *u, ferry_str target);

/* May it be sent again by itself after an unknown end (RFC 9110 9.2.2)? */
fy_api bool fy_request_is_idempotent(ferry_str method);
/* The same method as static text; ptr NULL if it is none of those that everybody uses. */
fy_api ferry_str fy_request_known(ferry_str method);

#endif
