/* cookiejar.c - a session's cookies: walked, found, set, taken away, saved and loaded.
 * session. Knows the session and its clock. Does not know requests.
 * SPDX-License-Identifier: MIT */
#include "session/cookie_field.h"

#include <string.h>

#include "net/file.h"
#include "policy/cookies_txt.h"
#include "session/session.h"
#include "session/transfer.h"

enum { COOKIEJAR_URL_MAX = 1 << 20, COOKIEJAR_FILE_MAX = 64 << 20 };

/* --- calls ----------------------------------------------------------------------- */

static ferry_err cookiejar_leave(ferry_session *s, ferry_err e, const fy_error *x)
{
    return fy_session_leave(s, e ? fy_session_fail(s, x, NULL) : FERRY_OK);
}

static ferry_err cookiejar_misuse(fy_error *x, const char *what)
{
    return fy_fail(x, FERRY_ERR_USAGE, what, FY_NOWHERE);
}

/* --- walking and finding --------------------------------------------------------- */

size_t ferry_cookie_count(ferry_session *s)
{
    if (fy_session_enter(s))
        return 0;
    fy_jar_purge(&s->jar, fy_cookie_field_now(s));
    fy_session_leave(s, FERRY_OK);
    return s->jar.n;
}

/* The struct that is given is the first member of the cookie. */
static const fy_cookie *cookiejar_of(const ferry_cookie *c)
{
    return (const fy_cookie *)(const void *)c;
}

const ferry_cookie *ferry_cookie_next(ferry_session *s, const ferry_cookie *after)
{
    if (fy_session_enter(s))
        return NULL;
    if (!after) /* later it would pull the ground from under the walk */
        fy_jar_purge(&s->jar, fy_cookie_field_now(s));
    const fy_cookie *c = after ? cookiejar_of(after)->order[FY_JAR_MADE].after
                               : s->jar.order[FY_JAR_MADE].first;
    fy_session_leave(s, FERRY_OK);
    return c ? &c->pub : NULL;
}

/* What a caller looks for; ptr NULL stands for any. */
typedef struct cookiejar_wanted {
    ferry_str name, domain, path;
} cookiejar_wanted;

static cookiejar_wanted cookiejar_want(
    const char *name, const char *domain, const char *path)
{
    cookiejar_wanted w = {{name, 0}, {domain, 0}, {path, 0}};
    if (name)
        w.name = fy_str(name);
    if (domain)
        w.domain = fy_str(domain[0] == '.' ? domain + 1 : domain);
    if (path)
        w.path = fy_str(path);
    return w;
}

static bool cookiejar_is_wanted(const fy_cookie *c, const cookiejar_wanted *w)
{
    return (!w->name.ptr || fy_str_eq(fy_cookie_name(c), w->name)) &&
           (!w->domain.ptr || fy_str_eq_nocase(fy_cookie_domain(c), w->domain)) &&
           (!w->path.ptr || fy_str_eq(fy_cookie_path(c), w->path));
}

/* The next one from `c` on. */
static fy_cookie *cookiejar_seek(fy_cookie *c, const cookiejar_wanted *w)
{
    while (c && !cookiejar_is_wanted(c, w))
        c = c->order[FY_JAR_MADE].after;
    return c;
}

static ferry_err cookiejar_get(
    ferry_session *s, const cookiejar_wanted *w, const ferry_cookie **out, fy_error *x)
{
    if (!w->name.ptr || !out)
        return cookiejar_misuse(x, "which cookie, and where to?");
    fy_jar_purge(&s->jar, fy_cookie_field_now(s));
    fy_cookie *c = cookiejar_seek(s->jar.order[FY_JAR_MADE].first, w);
    if (c && cookiejar_seek(c->order[FY_JAR_MADE].after, w))
        return cookiejar_misuse(
            x, "several cookies of this name: say which domain and path");
    *out = c ? &c->pub : NULL;
    return FERRY_OK;
}

ferry_err ferry_cookie_get(ferry_session *s, const char *name, const char *domain,
    const char *path, const ferry_cookie **out)
{
    fy_error x;
    cookiejar_wanted w = cookiejar_want(name, domain, path);
    if (out)
        *out = NULL;
    TRY(fy_session_enter(s));
    ferry_err e = cookiejar_get(s, &w, out, &x);
    return cookiejar_leave(s, e, &x);
}

/* --- setting and taking away ----------------------------------------------------- */

static ferry_err cookiejar_set(
    ferry_session *s, const fy_url *u, ferry_str field, fy_error *x)
{
    const char *why;
    fy_cookie_peer peer = fy_cookie_field_peer(&s->jar, u);
    if (fy_cookies_take(&s->jar, &peer, field, fy_cookie_field_clock(s), &why))
        return fy_fail_nomem(x);
    return why ? cookiejar_misuse(x, why) : FERRY_OK;
}

ferry_err ferry_cookie_set(ferry_session *s, const char *url, const char *field)
{
    fy_error x;
    fy_url u;
    ferry_fields none = {NULL, 0};
    TRY(fy_session_enter(s));
    fy_url_init(&u, &s->platform, COOKIEJAR_URL_MAX);
    ferry_err e = url && field ? fy_url_parse(&u, fy_str(url), none, &x)
                               : cookiejar_misuse(&x, "no URL, or no cookie");
    if (!e)
        e = cookiejar_set(s, &u, fy_str(field), &x);
    fy_url_fini(&u);
    return cookiejar_leave(s, e, &x);
}

ferry_err ferry_cookie_delete(
    ferry_session *s, const char *name, const char *domain, const char *path)
{
    fy_error x;
    cookiejar_wanted w = cookiejar_want(name, domain, path);
    TRY(fy_session_enter(s));
    if (!name)
        return cookiejar_leave(s, cookiejar_misuse(&x, "which cookie?"), &x);
    for (fy_cookie *c = s->jar.order[FY_JAR_MADE].first, *next;
         (c = cookiejar_seek(c, &w)); c = next) {
        next = c->order[FY_JAR_MADE].after;
        fy_jar_remove(&s->jar, c);
    }
    return fy_session_leave(s, FERRY_OK);
}

static bool cookiejar_is_kind(
    const fy_cookie *c, ferry_cookie_kind kind, ferry_str domain)
{
    return (kind == FERRY_COOKIES_ALL ||
               (kind != FERRY_COOKIES_EXPIRED &&
                   (kind == FERRY_COOKIES_SESSION) == !c->pub.expires)) &&
           (!domain.ptr || fy_str_eq_nocase(fy_cookie_domain(c), domain));
}

ferry_err ferry_cookies_clear(
    ferry_session *s, ferry_cookie_kind kind, const char *domain)
{
    cookiejar_wanted w = cookiejar_want(NULL, domain, NULL);
    TRY(fy_session_enter(s));
    fy_jar_purge(&s->jar, fy_cookie_field_now(s));
    for (fy_cookie *c = s->jar.order[FY_JAR_MADE].first, *next; c; c = next) {
        next = c->order[FY_JAR_MADE].after;
        if (cookiejar_is_kind(c, kind, w.domain))
            fy_jar_remove(&s->jar, c);
    }
    return fy_session_leave(s, FERRY_OK);
}

/* --- saving and loading ---------------------------------------------------------- */

/* Cookies are secrets, in a text too. */
static void cookiejar_fini_text(fy_buf *text)
{
    if (text->ptr)
        fy_wipe(text->ptr, text->cap);
    fy_buf_fini(text);
}

/* Growing would leave a copy behind: measure first. */
static ferry_err cookiejar_put_text(ferry_session *s, fy_buf *text,
    ferry_cookie_kind kind, int64_t *left_out, fy_error *x)
{
    int64_t now = fy_cookie_field_now(s);
    fy_buf_init(text, &s->platform, SIZE_MAX / 4);
    fy_buf_reserve_exact(text, fy_cookies_txt_room(&s->jar));
    if (!text->failed)
        *left_out = (int64_t)fy_cookies_txt_put(text, &s->jar, kind, now);
    return fy_fail_buf(x, text, NULL);
}

ferry_err ferry_cookies_save(
    ferry_session *s, const char *path, ferry_cookie_kind kind, int64_t *left_out)
{
    fy_error x;
    fy_buf text;
    int64_t unused;
    TRY(fy_session_enter(s));
    ferry_err e = cookiejar_put_text(s, &text, kind, left_out ? left_out : &unused, &x);
    if (!e)
        e = path ? fy_file_replace(path, fy_buf_view(&text), &s->platform, &x)
                 : cookiejar_misuse(&x, "no path");
    cookiejar_fini_text(&text);
    return cookiejar_leave(s, e, &x);
}

static ferry_err cookiejar_write(ferry_session *s, ferry_cookie_kind kind, char *to,
    size_t room, size_t *len, fy_error *x)
{
    fy_buf text;
    int64_t left_out;
    if (!len)
        return cookiejar_misuse(x, "nowhere to put the length");
    ferry_err e = cookiejar_put_text(s, &text, kind, &left_out, x);
    if (!e) {
        *len = text.len;
        if (text.len > room)
            e = fy_fail(x, FERRY_ERR_LIMIT, "the room for cookies", FY_NOWHERE);
        else
            memcpy(to, text.ptr, text.len);
    }
    cookiejar_fini_text(&text);
    return e;
}

ferry_err ferry_cookies_write(
    ferry_session *s, ferry_cookie_kind kind, char *to, size_t room, size_t *len)
{
    fy_error x;
    TRY(fy_session_enter(s));
    ferry_err e = cookiejar_write(s, kind, to, room, len, &x);
    return cookiejar_leave(s, e, &x);
}

static ferry_err cookiejar_read(ferry_session *s, ferry_str text,
    ferry_cookie_kind kind, int64_t *dropped, fy_error *x)
{
    int64_t unused;
    ferry_err e = fy_cookies_txt_read(
        &s->jar, text, kind, fy_cookie_field_clock(s), dropped ? dropped : &unused);
    return e ? fy_fail_nomem(x) : FERRY_OK;
}

ferry_err ferry_cookies_read(ferry_session *s, const char *text, size_t len,
    ferry_cookie_kind kind, int64_t *dropped)
{
    fy_error x;
    TRY(fy_session_enter(s));
    ferry_err e = text || !len
                      ? cookiejar_read(s, (ferry_str){text, len}, kind, dropped, &x)
                      : cookiejar_misuse(&x, "no text");
    return cookiejar_leave(s, e, &x);
}

static ferry_err cookiejar_load(ferry_session *s, const char *path,
    ferry_cookie_kind kind, int64_t *dropped, fy_error *x)
{
    fy_buf text;
    if (!path)
        return cookiejar_misuse(x, "no path");
    fy_buf_init(&text, &s->platform, COOKIEJAR_FILE_MAX);
    text.is_secret = true;
    ferry_err e = fy_file_load(&text, path, "the file is too long", x);
    if (!e)
        e = cookiejar_read(s, fy_buf_view(&text), kind, dropped, x);
    fy_buf_fini(&text);
    return e;
}

ferry_err ferry_cookies_load(
    ferry_session *s, const char *path, ferry_cookie_kind kind, int64_t *dropped)
{
    fy_error x;
    TRY(fy_session_enter(s));
    ferry_err e = cookiejar_load(s, path, kind, dropped, &x);
    return cookiejar_leave(s, e, &x);
}
