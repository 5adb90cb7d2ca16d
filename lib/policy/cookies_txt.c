/* cookies_txt.c - cookies as the text of Netscape's cookies.txt, as curl and browsers
 * write it. policy. Knows lines and jars. Does not know files, nor what time it is.
 *
 * Theory: a line has seven fields with a tab between: domain, whether it counts for
 * subdomains, path, whether it is Secure, when it ends (0: with the session), name, value.
 * "#HttpOnly_" before the domain says that, other lines with a "#" are comments. There is
 * no place for SameSite, nor for a tab: a line with more of them is none.
 * SPDX-License-Identifier: MIT */
#include "policy/cookies_txt.h"

#include <string.h>

#include "proto/set_cookie.h"

enum {
    COOKIES_TXT_DOMAIN,
    COOKIES_TXT_WIDE,
    COOKIES_TXT_PATH,
    COOKIES_TXT_SECURE,
    COOKIES_TXT_EXPIRES,
    COOKIES_TXT_NAME,
    COOKIES_TXT_VALUE,
    COOKIES_TXT_FIELDS
};

static bool cookies_txt_is_kind(int64_t expires, ferry_cookie_kind kind)
{
    return kind == FERRY_COOKIES_ALL || (kind == FERRY_COOKIES_SESSION && !expires) ||
           (kind == FERRY_COOKIES_PERSISTENT && expires);
}

/* --- writing --------------------------------------------------------------------- */

static void cookies_txt_put_flag(fy_buf *out, bool flag)
{
    fy_buf_puts(out, flag ? FY_S("\tTRUE\t") : FY_S("\tFALSE\t"));
}

static void cookies_txt_put_line(fy_buf *out, const fy_cookie *c)
{
    if (c->pub.http_only)
        fy_buf_puts(out, FY_S("#HttpOnly_"));
    if (!c->pub.host_only)
        fy_buf_putc(out, '.');
    fy_buf_puts(out, fy_cookie_domain(c));
    cookies_txt_put_flag(out, !c->pub.host_only);
    fy_buf_puts(out, fy_cookie_path(c));
    cookies_txt_put_flag(out, c->pub.secure);
    fy_buf_put_number(out, c->pub.expires);
    fy_buf_putc(out, '\t');
    fy_buf_puts(out, fy_cookie_name(c));
    fy_buf_putc(out, '\t');
    fy_buf_puts(out, fy_cookie_value(c));
    fy_buf_putc(out, '\n');
}

static bool cookies_txt_has_tab(ferry_str s)
{
    return s.len && memchr(s.ptr, '\t', s.len);
}

static const char
    cookies_txt_first[] = "# Netscape HTTP Cookie File\n"
                          "# Written by ferry. Whoever can read this can be you.\n\n";

size_t fy_cookies_txt_room(const fy_jar *j)
{
    enum { COOKIES_TXT_REST = 64 }; /* of a line: flags, a number, tabs, its end */
    size_t room = sizeof cookies_txt_first;
    for (const fy_cookie *c = j->order[FY_JAR_MADE].first; c;
         c = c->order[FY_JAR_MADE].after)
        room += c->name_len + c->value_len + c->path_len + c->site->len +
                COOKIES_TXT_REST;
    return room;
}

size_t fy_cookies_txt_put(fy_buf *out, fy_jar *j, ferry_cookie_kind kind, int64_t now)
{
    size_t left_out = 0;
    fy_buf_puts(out, fy_str(cookies_txt_first));
    fy_jar_purge(j, now);
    for (const fy_cookie *c = j->order[FY_JAR_MADE].first; c;
         c = c->order[FY_JAR_MADE].after) {
        bool is_said = !cookies_txt_has_tab(fy_cookie_name(c)) &&
                       !cookies_txt_has_tab(fy_cookie_path(c)) &&
                       !cookies_txt_has_tab(fy_cookie_value(c));
        if (!cookies_txt_is_kind(c->pub.expires, kind))
            continue;
        if (is_said)
            cookies_txt_put_line(out, c);
        else
            left_out++;
    }
    return left_out;
}

/* --- reading --------------------------------------------------------------------- */

/* All seven fields, or the value missing with its tab. */
static bool cookies_txt_split(ferry_str line, ferry_str field[COOKIES_TXT_FIELDS])
{
    for (size_t i = 0; i < COOKIES_TXT_VALUE; i++) {
        const char *tab = line.len ? memchr(line.ptr, '\t', line.len) : NULL;
        if (!tab && i < COOKIES_TXT_NAME)
            return false;
        size_t n = tab ? (size_t)(tab - line.ptr) : line.len;
        field[i] = fy_str_upto(line, n);
        line = fy_str_from(line, tab ? n + 1 : n);
    }
    field[COOKIES_TXT_VALUE] = line;
    return true;
}

static bool cookies_txt_read_flag(ferry_str s, bool *out)
{
    *out = fy_str_eq_nocase(s, FY_S("TRUE"));
    return *out || fy_str_eq_nocase(s, FY_S("FALSE"));
}

/* Seconds, of which some programs write fractions; nothing is 0, as Python writes it. */
static bool cookies_txt_read_expires(ferry_str s, int64_t now, int64_t *out)
{
    ferry_str whole = FY_S("");
    uint64_t fraction, seconds = 0;
    bool has_fraction = s.len && memchr(s.ptr, '.', s.len);
    fy_str_cut(&s, '.', &whole);
    if ((whole.len && !fy_str_number(whole, INT64_MAX, &seconds)) ||
        (has_fraction && s.len && !fy_str_number(s, UINT64_MAX, &fraction)))
        return false;
    *out = seconds ? fy_set_cookie_cap((int64_t)seconds, now) : 0;
    return true;
}

/* The domain is put into lower case in `domain`. */
static bool cookies_txt_read_line(
    fy_cookie_spec *spec, fy_buf *domain, ferry_str line, int64_t now)
{
    ferry_str field[COOKIES_TXT_FIELDS];
    bool is_wide;
    *spec = (fy_cookie_spec){.is_http_only = false};
    if (fy_str_starts_nocase(line, FY_S("#HttpOnly_"))) {
        spec->is_http_only = true;
        line = fy_str_from(line, sizeof "#HttpOnly_" - 1);
    }
    if (!cookies_txt_split(line, field) ||
        !cookies_txt_read_flag(field[COOKIES_TXT_WIDE], &is_wide) ||
        !cookies_txt_read_flag(field[COOKIES_TXT_SECURE], &spec->is_secure) ||
        !cookies_txt_read_expires(field[COOKIES_TXT_EXPIRES], now, &spec->expires))
        return false;
    ferry_str name = field[COOKIES_TXT_DOMAIN];
    fy_buf_clear(domain);
    for (size_t i = name.len && name.ptr[0] == '.'; i < name.len; i++)
        fy_buf_putc(domain, fy_lower(name.ptr[i]));
    spec->domain = fy_buf_view(domain);
    spec->is_host_only = !is_wide;
    spec->path = field[COOKIES_TXT_PATH];
    spec->name = field[COOKIES_TXT_NAME];
    spec->value = field[COOKIES_TXT_VALUE];
    return true;
}

static ferry_err cookies_txt_take(fy_jar *j, ferry_str line, fy_buf *domain,
    ferry_cookie_kind kind, int64_t now, int64_t *dropped)
{
    fy_cookie_spec spec;
    bool is_comment = !line.len || (line.ptr[0] == '#' &&
                                       !fy_str_starts_nocase(line, FY_S("#HttpOnly_")));
    if (is_comment)
        return FERRY_OK;
    bool is_read = cookies_txt_read_line(&spec, domain, line, now);
    if (domain->failed && !domain->is_full)
        return FERRY_ERR_NOMEM;
    if (!is_read || domain->failed || cookies_txt_has_tab(spec.value) ||
        fy_cookies_check(j, &spec)) {
        ++*dropped;
        return FERRY_OK;
    }
    if (!cookies_txt_is_kind(spec.expires, kind))
        return FERRY_OK;
    return fy_jar_put(j, &spec, now) ? FERRY_OK : FERRY_ERR_NOMEM;
}

ferry_err fy_cookies_txt_read(
    fy_jar *j, ferry_str text, ferry_cookie_kind kind, int64_t now, int64_t *dropped)
{
    enum { COOKIES_TXT_DOMAIN_MAX = 1024 };
    fy_buf domain;
    ferry_err e = FERRY_OK;
    *dropped = 0;
    fy_buf_init(&domain, j->platform, COOKIES_TXT_DOMAIN_MAX);
    for (ferry_str line; !e && fy_str_cut(&text, '\n', &line);) {
        if (line.len && line.ptr[line.len - 1] == '\r')
            line.len--;
        e = cookies_txt_take(j, line, &domain, kind, now, dropped);
    }
    fy_buf_fini(&domain);
    return e;
}
