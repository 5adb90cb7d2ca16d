/* request.c - the head of a request, checked and written (RFC 9112 3, RFC 9110
 * 5, 7.2, 8.6). proto. Knows a head as bytes. Does not know sockets, or where options
 * came from.
 *
 * Rule: one Host and one framing, both ours to write. A Content-Length of the caller's
 * must say what we would; a Transfer-Encoding is refused.
 * SPDX-License-Identifier: MIT */
#include "proto/request.h"

#include <string.h>

ferry_err fy_request_check_field(ferry_str name, ferry_str value, fy_error *x)
{
    size_t end = fy_str_token_end(name);
    if (end == 0 || end < name.len)
        return fy_fail(x, FERRY_ERR_USAGE, "header name is not a token", (int64_t)end);
    if (!value.ptr)
        return FERRY_OK;
    if (value.len && (value.ptr[0] == ' ' || value.ptr[0] == '\t'))
        return fy_fail(x, FERRY_ERR_USAGE, "header value begins with a blank", 0);
    size_t bad = fy_str_value_end(value);
    if (bad < value.len)
        return fy_fail(
            x, FERRY_ERR_USAGE, "control byte in a header value", (int64_t)bad);
    return FERRY_OK;
}

/* RFC 9110 6.5.1: not what decides about framing, routing, content or who is asking, since a
 * trailer comes too late for that and may be dropped on the way. */
ferry_err fy_request_check_trailer(ferry_str name, ferry_str value, fy_error *x)
{
    static const char *const never[] = {"Transfer-Encoding", "Content-Length", "Host",
        "Trailer", "Connection", "TE", "Upgrade", "Expect", "Range", "Max-Forwards",
        "Cache-Control", "Content-Type", "Content-Encoding", "Content-Range",
        "Authorization", "Proxy-Authorization", "Cookie", "If-Match", "If-None-Match",
        "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Keep-Alive"};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (fy_str_eq_nocase(name, fy_str(never[i])))
            return fy_fail(
                x, FERRY_ERR_USAGE, "a field that may not be a trailer", FY_NOWHERE);
    return fy_request_check_field(name, value, x);
}

static ferry_err request_check_method(const fy_request *r, fy_error *x)
{
    if (!fy_str_is_token(r->method))
        return fy_fail(x, FERRY_ERR_USAGE, "method is not a token",
            (int64_t)fy_str_token_end(r->method));
    if (fy_str_eq(r->method, FY_S("CONNECT")))
        return fy_fail(x, FERRY_ERR_USAGE, "CONNECT is for proxies", FY_NOWHERE);
    /* RFC 9110 9.3.8 */
    if (r->has_body && fy_str_eq(r->method, FY_S("TRACE")))
        return fy_fail(x, FERRY_ERR_USAGE, "TRACE has no body", FY_NOWHERE);
    return FERRY_OK;
}

/* RFC 9112 3.2: origin-form or asterisk-form, and no blank in it. */
static ferry_err request_check_target(const fy_request *r, fy_error *x)
{
    ferry_str t = r->target;
    if (!t.ptr)
        return FERRY_OK;
    if (fy_str_eq(t, FY_S("*")))
        return fy_str_eq(r->method, FY_S("OPTIONS"))
                   ? FERRY_OK
                   : fy_fail(x, FERRY_ERR_USAGE, "target * is for OPTIONS", 0);
    if (t.len == 0 || t.ptr[0] != '/')
        return fy_fail(x, FERRY_ERR_USAGE, "target does not begin with /", 0);
    for (size_t i = 0; i < t.len; i++)
        if (t.ptr[i] <= ' ' || t.ptr[i] >= 0x7f)
            return fy_fail(x, FERRY_ERR_USAGE,
                "target holds a byte that is no visible ASCII", (int64_t)i);
    return FERRY_OK;
}

static ferry_err request_misuse(const char *what, fy_error *x)
{
    return fy_fail(x, FERRY_ERR_USAGE, what, FY_NOWHERE);
}

static char *request_copy(char *to, ferry_str s)
{
    memcpy(to, s.ptr, s.len);
    return to + s.len;
}

void fy_request_put_field(fy_buf *out, ferry_str name, ferry_str value)
{
    char *to = fy_buf_extend(out, name.len + value.len + 4);
    if (!to)
        return;
    to = request_copy(to, name);
    *to++ = ':';
    *to++ = ' ';
    to = request_copy(to, value);
    *to++ = '\r';
    *to = '\n';
}

/* The fields that are not written yet. */
static ferry_fields request_rest(const fy_request *r)
{
    size_t n = r->ahead ? r->ahead->n : 0;
    return n ? (ferry_fields){r->fields.at + n, r->fields.n - n} : r->fields;
}

/* Exactly one Host, the caller's or the URL's (RFC 9112 3.2). */
static ferry_err request_put_host(fy_buf *out, const fy_request *r, fy_error *x)
{
    ferry_fields fields = request_rest(r); /* a Host is never written ahead */
    const ferry_field *host = fy_fields_find(fields, FY_S("Host"), 0);
    fy_buf_puts(out, FY_S("Host: "));
    if (!host) {
        fy_url_put_host(out, r->url);
    } else {
        if (!host->value.ptr)
            return request_misuse("Host cannot be removed", x);
        if (fy_fields_find(fields, FY_S("Host"), 1))
            return request_misuse("more than one Host", x);
        fy_buf_puts(out, host->value);
    }
    fy_buf_puts(out, FY_S("\r\n"));
    return FERRY_OK;
}

void fy_request_put_absolute(fy_buf *out, const fy_url *u, ferry_str target)
{
    if (!target.ptr) {
        fy_url_put_absolute(out, u);
        return;
    }
    fy_buf_puts(out, u->scheme);
    fy_buf_puts(out, FY_S("://"));
    fy_url_put_host(out, u);
    if (target.ptr[0] == '/')
        fy_buf_puts(out, target);
}

static ferry_err request_put_line(fy_buf *out, const fy_request *r, fy_error *x)
{
    fy_buf_puts(out, r->method);
    fy_buf_putc(out, ' ');
    if (r->is_forwarded)
        fy_request_put_absolute(out, r->url, r->target);
    else if (r->target.ptr)
        fy_buf_puts(out, r->target);
    else
        fy_buf_puts(out, fy_url_target(r->url));
    fy_buf_puts(out, FY_S(" HTTP/1.1\r\n"));
    return request_put_host(out, r, x);
}

/* The framing is written below; what the caller says of it must be the same. */
static ferry_err request_check_length(const fy_request *r, ferry_str value, fy_error *x)
{
    uint64_t n;
    if (!value.ptr)
        return request_misuse("Content-Length cannot be removed", x);
    if (r->is_chunked)
        return request_misuse("Content-Length of a body that is sent in chunks", x);
    if (!fy_str_number(value, UINT64_MAX, &n) || n != r->body_len)
        return request_misuse("Content-Length is not that of the body", x);
    return FERRY_OK;
}

/* Who asks a proxy is for that proxy alone: never past it, and not twice to it. */
static bool request_hides(const fy_request *r, ferry_str name)
{
    return r->is_past_proxy ||
           (r->is_forwarded && fy_fields_find(r->proxy_fields, name, 0));
}

/* The only expectation there is (RFC 9110 10.1.1). Any other is the caller's affair, and
 * then we have none. */
static bool request_heed_expect(fy_request *r, ferry_str value)
{
    bool is_continue = value.ptr && fy_str_eq_nocase(value, FY_S("100-continue"));
    r->expects = is_continue && r->may_expect;
    return is_continue || !value.ptr;
}

/* A field that means something to us. *is_ours: it is written elsewhere. By length
 * first, as most mean nothing. */
static ferry_err request_heed(
    fy_request *r, const ferry_field *f, bool *is_ours, fy_error *x)
{
    switch (f->name.len) {
    case 4: *is_ours = fy_str_eq_nocase(f->name, FY_S("Host")); break;
    case 6:
        if (fy_str_eq_nocase(f->name, FY_S("Expect")))
            *is_ours = request_heed_expect(r, f->value);
        break;
    case 7:
        if (fy_str_eq_nocase(f->name, FY_S("Upgrade")))
            r->asks_upgrade = f->value.ptr != NULL;
        break;
    case 10:
        if (f->value.ptr && fy_str_eq_nocase(f->name, FY_S("Connection")))
            r->says_close |= fy_list_has_token(f->value, FY_S("close"));
        break;
    case 14:
        *is_ours = fy_str_eq_nocase(f->name, FY_S("Content-Length"));
        return *is_ours ? request_check_length(r, f->value, x) : FERRY_OK;
    case 17:
        *is_ours = fy_str_eq_nocase(f->name, FY_S("Transfer-Encoding"));
        if (*is_ours && f->value.ptr)
            return request_misuse("Transfer-Encoding is not the caller's to set", x);
        break;
    case 19:
        *is_ours = fy_str_eq_nocase(f->name, FY_S("Proxy-Authorization")) &&
                   request_hides(r, f->name);
        break;
    default: break;
    }
    return FERRY_OK;
}

static void request_put_proxy_fields(fy_buf *out, const fy_request *r)
{
    ferry_fields f = r->proxy_fields;
    for (size_t i = 0; r->is_forwarded && i < f.n; i++)
        if (f.at[i].value.ptr)
            fy_request_put_field(out, f.at[i].name, f.at[i].value);
}

static ferry_err request_put_fields(fy_buf *out, fy_request *r, fy_error *x)
{
    ferry_fields rest = request_rest(r);
    if (r->ahead) {
        r->says_close = r->ahead->says_close;
        r->asks_upgrade = r->ahead->asks_upgrade;
        fy_buf_puts(out, fy_buf_view(&r->ahead->lines));
    }
    for (size_t i = 0; i < rest.n; i++) {
        const ferry_field *f = &rest.at[i];
        bool is_ours = false;
        TRY(request_heed(r, f, &is_ours, x));
        if (f->value.ptr && !is_ours)
            fy_request_put_field(out, f->name, f->value);
    }
    return FERRY_OK;
}

bool fy_request_write_ahead(
    fy_request_ahead *a, const ferry_platform *m, ferry_fields fields)
{
    fy_request r = {.fields = fields, .is_past_proxy = true};
    fy_error ignored;
    *a = (fy_request_ahead){.n = fields.n};
    fy_buf_init(&a->lines, m, SIZE_MAX / 4);
    for (size_t i = 0; i < fields.n; i++) {
        bool is_ours = false;
        if (request_heed(&r, &fields.at[i], &is_ours, &ignored) || is_ours)
            return false;
    }
    if (request_put_fields(&a->lines, &r, &ignored) || a->lines.failed) {
        fy_buf_fini(&a->lines);
        return false;
    }
    a->says_close = r.says_close;
    a->asks_upgrade = r.asks_upgrade;
    return true;
}

/* RFC 9110 6.6.2 */
static void request_put_trailer_names(fy_buf *out, const fy_request *r)
{
    const ferry_pair *p = r->trailers;
    if (!p || !p->name)
        return;
    fy_buf_puts(out, FY_S("Trailer: "));
    for (; p->name; p++) {
        fy_buf_puts(out, fy_str(p->name));
        fy_buf_puts(out, p[1].name ? FY_S(", ") : FY_S("\r\n"));
    }
}

/* The caller's, ours, or none where the caller takes it away. */
static ferry_err request_put_type(fy_buf *out, const fy_request *r, fy_error *x)
{
    const ferry_str name = FY_S("Content-Type");
    if (!r->body_type)
        return FERRY_OK;
    const ferry_field *given = fy_fields_find(r->fields, name, 0);
    if (given && given->value.ptr && r->is_type_fixed)
        return request_misuse("Content-Type beside .multipart, which has its own", x);
    if (!given || r->is_type_fixed)
        fy_request_put_field(out, name, fy_str(r->body_type));
    return FERRY_OK;
}

/* RFC 9110 8.6: a length with every body that is not in chunks, and a zero where a body would be expected. */
static ferry_err request_put_framing(fy_buf *out, const fy_request *r, fy_error *x)
{
    bool is_plain = fy_str_eq(r->method, FY_S("GET")) ||
                    fy_str_eq(r->method, FY_S("HEAD")) ||
                    fy_str_eq(r->method, FY_S("TRACE"));
    if (!r->has_body && is_plain)
        return FERRY_OK;
    TRY(request_put_type(out, r, x));
    if (r->expects)
        fy_buf_puts(out, FY_S("Expect: 100-continue\r\n"));
    if (r->is_chunked) {
        request_put_trailer_names(out, r);
        fy_buf_puts(out, FY_S("Transfer-Encoding: chunked\r\n"));
        return FERRY_OK;
    }
    fy_buf_puts(out, FY_S("Content-Length: "));
    fy_buf_put_number(out, (int64_t)r->body_len);
    fy_buf_puts(out, FY_S("\r\n"));
    return FERRY_OK;
}

ferry_err fy_request_put(fy_buf *out, fy_request *r, fy_error *x)
{
    r->says_close = r->asks_upgrade = false;
    TRY(request_check_method(r, x));
    TRY(request_check_target(r, x));
    TRY(request_put_line(out, r, x));
    TRY(request_put_fields(out, r, x));
    request_put_proxy_fields(out, r);
    if (r->put_more)
        TRY(r->put_more(r->more, r->fields, out));
    r->expects &= r->has_body && (r->is_chunked || r->body_len); /* 10.1.1 */
    TRY(request_put_framing(out, r, x));
    fy_buf_puts(out, FY_S("\r\n"));
    return fy_fail_buf(x, out, "request head too long");
}

typedef struct request_method {
    const char *text;
    size_t len;
} request_method;

/* The first six may be repeated. */
static const request_method request_methods[] = {{"GET", 3}, {"HEAD", 4}, {"PUT", 3},
    {"DELETE", 6}, {"OPTIONS", 7}, {"TRACE", 5}, {"POST", 4}, {"PATCH", 5}};

enum {
    REQUEST_IDEMPOTENT = 6,
    REQUEST_METHODS = sizeof request_methods / sizeof *request_methods
};

static size_t request_find_method(ferry_str method)
{
    size_t i = 0;
    while (i < REQUEST_METHODS &&
           (method.len != request_methods[i].len ||
               memcmp(method.ptr, request_methods[i].text, method.len) != 0))
        i++;
    return i;
}

bool fy_request_is_idempotent(ferry_str method)
{
    return request_find_method(method) < REQUEST_IDEMPOTENT;
}

ferry_str fy_request_known(ferry_str method)
{
    size_t i = request_find_method(method);
    if (i == REQUEST_METHODS)
        return (ferry_str){NULL, 0};
    return (ferry_str){request_methods[i].text, request_methods[i].len};
}
