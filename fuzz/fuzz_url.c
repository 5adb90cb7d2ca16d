/* fuzz_url.c - any bytes as a URL, as a reference and as a parameter.
 * The input is up to three lines: a URL, a reference to resolve against it, and a value
 * to put behind its query. What is accepted must be normal, must stay as it is when it
 * is read again, and must not let anything through that a request line or Host would
 * break on. SPDX-License-Identifier: MIT */
#include "lib/memory.h"
#include "proto/host.h"
#include "proto/percent.h"
#include "proto/url.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX = 1 << 16 };

static const ferry_fields none = {NULL, 0};

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void must_equal(ferry_str a, ferry_str b)
{
    must(fy_str_eq(a, b));
}

static ferry_str next_line(ferry_str *rest)
{
    ferry_str line = {"", 0};
    fy_str_cut(rest, '\n', &line);
    return line;
}

/* --- what holds of every accepted URL -------------------------------------------- */

/* Eat `piece` from the front of `rest`, where it must lie, not only be equal. */
static void must_begin_with(ferry_str *rest, ferry_str piece)
{
    must(piece.ptr == rest->ptr && piece.len <= rest->len);
    *rest = fy_str_from(*rest, piece.len);
}

static void must_begin_with_text(ferry_str *rest, const char *text)
{
    ferry_str piece = fy_str(text);
    must(rest->len >= piece.len && memcmp(rest->ptr, text, piece.len) == 0);
    *rest = fy_str_from(*rest, piece.len);
}

/* The views, with the marks between them, are the text: nothing between, nothing
 * behind. */
static void check_views(const fy_url *u)
{
    ferry_str rest = fy_buf_view(&u->text), authority = u->authority;
    must_begin_with(&rest, u->scheme);
    must_begin_with_text(&rest, "://");
    must_begin_with(&authority, u->host);
    must_begin_with(&rest, u->authority);
    must_begin_with(&rest, u->path);
    if (u->has_query) {
        must_begin_with_text(&rest, "?");
        must_begin_with(&rest, u->query);
    }
    if (u->has_fragment) {
        must_begin_with_text(&rest, "#");
        must_begin_with(&rest, u->fragment);
    }
    must(rest.len == 0);
    must(u->has_query || u->query.len == 0);
    must(u->has_fragment || u->fragment.len == 0);
}

static void check_aside(const fy_url *u)
{
    must(u->user.len + u->password.len + u->zone.len == u->aside.len);
    must(u->has_userinfo || (!u->has_password && !u->user.len));
    must(u->has_password || !u->password.len);
    must(!u->zone.len || u->addr.family == FERRY_IPV6);
    if (!u->aside.len)
        return;
    ferry_str rest = fy_buf_view(&u->aside);
    must_begin_with(&rest, u->user);
    must_begin_with(&rest, u->password);
    must_begin_with(&rest, u->zone);
}

/* No control byte, no blank, nothing beyond ASCII; triplets in their one spelling. */
static void check_bytes(const fy_url *u)
{
    ferry_str text = fy_buf_view(&u->text);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        must(c > ' ' && c < 0x7f && !strchr("\"<>\\^`{|}", c));
        if (c != '%')
            continue;
        int value = fy_percent_value(fy_str_from(text, i));
        char byte = (char)value;
        must(value >= 0);
        must(!fy_percent_run((ferry_str){&byte, 1}, FY_PERCENT_UNRESERVED));
        must(text.ptr[i + 1] < 'a' && text.ptr[i + 2] < 'a');
    }
}

static void check_authority(const fy_url *u)
{
    bool is_https = fy_str_eq(u->scheme, FY_S("https"));
    if (u->is_unix) {
        must(u->host.len > 0 && u->host.len == u->authority.len && u->port == 80);
        must(!memchr(u->host.ptr, '@', u->host.len));
        return;
    }
    must(is_https || fy_str_eq(u->scheme, FY_S("http")));
    must(u->host.len > 0 && u->host.len <= u->authority.len);
    must(!memchr(u->authority.ptr, '@', u->authority.len));
    must(!memchr(u->authority.ptr, '%', u->authority.len));
    must((u->addr.family == FERRY_IPV6) == (u->host.ptr[0] == '['));
    must((u->addr.family == FERRY_IPV4) == fy_host_is_numeric(u->host));
    ferry_str rest = fy_str_from(u->authority, u->host.len);
    uint64_t port = is_https ? 443 : 80;
    if (rest.len) {
        must_begin_with_text(&rest, ":");
        must(fy_str_number(rest, 65535, &port));
        must(port != (is_https ? 443 : 80) && (rest.ptr[0] != '0' || rest.len == 1));
    }
    must(u->port == port);
}

static void check_path(const fy_url *u)
{
    ferry_str rest = u->path;
    must(rest.len > 0 && rest.ptr[0] == '/');
    for (ferry_str segment; fy_str_cut(&rest, '/', &segment);)
        must(!fy_str_eq(segment, FY_S(".")) && !fy_str_eq(segment, FY_S("..")));
}

static void check_wire(const fy_url *u, const ferry_platform *m)
{
    fy_buf host, target;
    fy_buf_init(&host, m, MAX);
    fy_buf_init(&target, m, MAX);
    fy_url_put_host(&host, u);
    fy_url_put_absolute(&target, u);
    must_equal(fy_buf_view(&host), u->is_unix ? FY_S("localhost") : u->authority);
    must(target.len >= u->scheme.len + 3 + u->authority.len + u->path.len);
    must(!memchr(target.ptr, '#', target.len));
    fy_buf_clear(&target);
    fy_buf_puts(&target, fy_url_target(u));
    must(target.ptr[0] == '/' && !memchr(target.ptr, '#', target.len));
    fy_buf_fini(&host);
    fy_buf_fini(&target);
}

/* Reading the text again changes nothing but what the text does not hold. */
static void check_again(const fy_url *u, const ferry_platform *m)
{
    fy_url v;
    fy_error x;
    fy_url_init(&v, m, MAX);
    must(!fy_url_parse(&v, fy_buf_view(&u->text), none, &x));
    must_equal(fy_buf_view(&u->text), fy_buf_view(&v.text));
    must_equal(u->host, v.host);
    must_equal(u->authority, v.authority);
    must_equal(u->path, v.path);
    must_equal(u->query, v.query);
    must_equal(u->fragment, v.fragment);
    must(u->has_query == v.has_query && u->has_fragment == v.has_fragment);
    must(u->port == v.port && u->addr.family == v.addr.family);
    must(memcmp(u->addr.bytes, v.addr.bytes, sizeof v.addr.bytes) == 0);
    must(!v.has_userinfo && !v.zone.len);
    must(fy_url_same_origin(u, &v) == !u->zone.len);
    must(fy_url_under(u, &v) == !u->zone.len);
    /* Its origin is a prefix of it. */
    must(!fy_url_parse_prefix(&v,
        fy_str_upto(fy_buf_view(&u->text), u->scheme.len + 3 + u->authority.len), &x));
    must(fy_url_under(u, &v) == !u->zone.len);
    fy_url_fini(&v);
}

static void check(const fy_url *u, const ferry_platform *m)
{
    check_views(u);
    check_aside(u);
    check_bytes(u);
    check_authority(u);
    check_path(u);
    check_wire(u, m);
    check_again(u, m);
}

static void check_clear(const fy_url *u)
{
    must(u->text.len == 0 && u->aside.len == 0 && u->host.len == 0);
    must(u->user.len == 0 && u->password.len == 0 && !u->has_userinfo);
}

static void check_error(const fy_url *u, const fy_error *x, ferry_err e, size_t size)
{
    check_clear(u);
    must(x->code == e && x->what != NULL);
    must(e == FERRY_ERR_URL || e == FERRY_ERR_UNSUPPORTED || e == FERRY_ERR_LIMIT);
    must(x->at >= FY_NOWHERE && x->at <= (int64_t)size);
    must(x->at != FY_NOWHERE || e == FERRY_ERR_LIMIT);
}

/* --- what is done with it -------------------------------------------------------- */

static void fuzz_resolve(const fy_url *base, ferry_str reference, memory *m)
{
    fy_url u, v;
    fy_error x;
    fy_url_init(&u, &m->platform, MAX);
    fy_url_init(&v, &m->platform, MAX);
    ferry_err e = fy_url_resolve(&u, base, reference, &x);
    if (e) {
        check_error(&u, &x, e, reference.len);
    } else {
        check(&u, &m->platform);
        /* What came out is absolute, and so resolves to itself; but for a unix socket,
         * which no reference may name. */
        must(!fy_url_resolve(&v, base, fy_buf_view(&u.text), &x) == !u.is_unix);
        must(!u.is_unix || base->is_unix);
        must(u.is_unix || fy_str_eq(fy_buf_view(&u.text), fy_buf_view(&v.text)));
    }
    fy_url_fini(&u);
    fy_url_fini(&v);
}

/* Undo the encoding of one value of a form. */
static size_t decode(ferry_str form, char *out)
{
    size_t n = 0;
    while (form.len) {
        int value = fy_percent_value(form);
        out[n++] = value >= 0 ? (char)value : form.ptr[0] == '+' ? ' ' : form.ptr[0];
        form = fy_str_from(form, value >= 0 ? 3 : 1);
    }
    return n;
}

/* A value put behind the query is there, last, and says what it said. */
static void fuzz_params(const fy_url *plain, ferry_str text, ferry_str value, memory *m)
{
    ferry_field pair = {{"k", 1}, value};
    fy_url u;
    fy_error x;
    fy_url_init(&u, &m->platform, 8 * (size_t)MAX);
    must(!fy_url_parse(&u, text, (ferry_fields){&pair, 1}, &x));
    check_views(&u);
    check_bytes(&u);
    must_equal(u.path, plain->path);
    must_equal(u.fragment, plain->fragment);
    ferry_str rest = u.query;
    must(rest.len >= plain->query.len);
    must_equal(fy_str_upto(rest, plain->query.len), plain->query);
    rest = fy_str_from(rest, plain->query.len);
    must_begin_with_text(&rest, plain->query.len ? "&k=" : "k=");
    char *decoded = malloc(rest.len + 1);
    must(decoded && decode(rest, decoded) == value.len);
    must(memcmp(decoded, value.ptr, value.len) == 0);
    free(decoded);
    fy_url_fini(&u);
}

/* Whatever is asked of memory first may fail. */
static void fuzz_without_memory(ferry_str text)
{
    memory m;
    fy_url u;
    fy_error x;
    memory_init(&m);
    m.fail_at = 1;
    fy_url_init(&u, &m.platform, MAX);
    must(fy_url_parse(&u, text, none, &x) == FERRY_ERR_NOMEM);
    check_clear(&u);
    fy_url_fini(&u);
    must(memory_is_clean(&m));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ferry_str rest = {(const char *)data, size};
    ferry_str text = next_line(&rest), reference = next_line(&rest);
    memory m;
    fy_url u;
    fy_error x;
    if (size > MAX / 4)
        return 0;
    memory_init(&m);
    fy_url_init(&u, &m.platform, MAX);
    ferry_err e = fy_url_parse(&u, text, none, &x);
    if (e) {
        check_error(&u, &x, e, text.len);
    } else {
        check(&u, &m.platform);
        fuzz_resolve(&u, reference, &m);
        fuzz_params(&u, text, rest, &m);
        fuzz_without_memory(text);
    }
    fy_url_fini(&u);
    must(memory_is_clean(&m));
    return 0;
}
