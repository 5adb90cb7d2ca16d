/* model_cookies.c - an independent, slow cookie jar, written from RFC 6265bis alone.
 * SPDX-License-Identifier: MIT */
#include "lib/model_cookies.h"

#include "proto/cookie_date.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool model_is_public(const char *domain)
{
    return !strchr(domain, '.') || strcmp(domain, "pub.test") == 0;
}

static bool ends_in(const char *text, const char *end)
{
    return strlen(text) >= strlen(end) &&
           strcmp(text + strlen(text) - strlen(end), end) == 0;
}

/* 5.1.3 */
static bool domain_matches(const char *host, const char *domain, bool is_address)
{
    char dotted[MODEL_COOKIE_TEXT + 1];
    snprintf(dotted, sizeof dotted, ".%s", domain);
    return strcmp(host, domain) == 0 || (!is_address && ends_in(host, dotted));
}

/* 5.1.4 */
static bool path_matches(const char *path, const char *cookie_path)
{
    size_t n = strlen(cookie_path);
    if (strcmp(path, cookie_path) == 0)
        return true;
    return strncmp(path, cookie_path, n) == 0 &&
           (cookie_path[n - 1] == '/' || path[n] == '/');
}

static void default_path(const char *path, char out[MODEL_COOKIE_TEXT])
{
    snprintf(out, MODEL_COOKIE_TEXT, "%s", path);
    char *last = strrchr(out, '/');
    if (out[0] != '/' || last == out)
        strcpy(out, "/");
    else
        *last = '\0';
}

/* [from, to) without the blanks round it. */
static void put_trimmed(char out[MODEL_COOKIE_TEXT], const char *from, const char *to)
{
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (to > from && (to[-1] == ' ' || to[-1] == '\t'))
        to--;
    snprintf(out, MODEL_COOKIE_TEXT, "%.*s", (int)(to - from), from);
}

static bool has_control(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (((unsigned char)p[i] < 0x20 && p[i] != '\t') || p[i] == 0x7f)
            return true;
    return false;
}

static const char *find(const char *from, const char *to, char c)
{
    while (from < to && *from != c)
        from++;
    return from;
}

/* --- 5.6 ------------------------------------------------------------------------- */

typedef struct attributes {
    bool has_domain, has_path, has_max_age;
    char domain[MODEL_COOKIE_TEXT], path[MODEL_COOKIE_TEXT];
} attributes;

static void read_max_age(model_cookie *c, attributes *a, const char *v, int64_t now)
{
    const int64_t most = 400LL * 24 * 60 * 60;
    const char *digits = *v == '-' ? v + 1 : v;
    if (!*digits || strspn(digits, "0123456789") != strlen(digits))
        return;
    while (*digits == '0')
        digits++;
    int64_t seconds = strlen(digits) > 12 ? most : atoll(digits);
    a->has_max_age = true;
    c->is_persistent = true;
    if (*v == '-' || seconds == 0)
        c->expires = -1;
    else
        c->expires = now + (seconds < most ? seconds : most);
}

static void read_expires(
    model_cookie *c, const attributes *a, const char *v, int64_t now)
{
    const int64_t latest = now + 400LL * 24 * 60 * 60;
    int64_t date;
    if (a->has_max_age || !fy_cookie_date_parse((ferry_str){v, strlen(v)}, &date))
        return;
    c->is_persistent = true;
    c->expires = date < latest ? date : latest;
}

static void read_attribute(model_jar *j, model_cookie *c, attributes *a,
    const char *from, const char *to, int64_t now)
{
    char name[MODEL_COOKIE_TEXT], v[MODEL_COOKIE_TEXT];
    const char *equals = find(from, to, '=');
    put_trimmed(name, from, equals);
    put_trimmed(v, equals < to ? equals + 1 : to, to);
    if ((int)strlen(v) > j->attribute)
        return;
    if (strcasecmp(name, "Max-Age") == 0)
        read_max_age(c, a, v, now);
    if (strcasecmp(name, "Expires") == 0)
        read_expires(c, a, v, now);
    if (strcasecmp(name, "Secure") == 0)
        c->is_secure = true;
    if (strcasecmp(name, "HttpOnly") == 0)
        c->is_http_only = true;
    if (strcasecmp(name, "SameSite") == 0)
        c->same_site = strcasecmp(v, "None") == 0     ? 1
                       : strcasecmp(v, "Lax") == 0    ? 2
                       : strcasecmp(v, "Strict") == 0 ? 3
                                                      : 0;
    if (strcasecmp(name, "Domain") == 0) {
        a->has_domain = true;
        strcpy(a->domain, v[0] == '.' ? v + 1 : v);
        for (char *p = a->domain; *p; p++)
            *p = (char)tolower((unsigned char)*p);
    }
    if (strcasecmp(name, "Path") == 0) {
        a->has_path = true;
        strcpy(a->path, v[0] == '/' ? v : "");
    }
}

static bool read_line(model_jar *j, model_cookie *c, attributes *a, const char *line,
    size_t n, int64_t now)
{
    const char *end = line + n, *semicolon = find(line, end, ';');
    const char *equals = find(line, semicolon, '=');
    *c = (model_cookie){.same_site = 0};
    *a = (attributes){.has_path = false};
    if (has_control(line, n))
        return false;
    if (equals < semicolon) {
        put_trimmed(c->name, line, equals);
        put_trimmed(c->value, equals + 1, semicolon);
    } else {
        put_trimmed(c->value, line, semicolon);
    }
    while (semicolon < end) {
        const char *from = semicolon + 1;
        semicolon = find(from, end, ';');
        read_attribute(j, c, a, from, semicolon, now);
    }
    return (c->name[0] || c->value[0]) &&
           (int)(strlen(c->name) + strlen(c->value)) <= j->pair;
}

/* --- 5.7 ------------------------------------------------------------------------- */

static bool read_domain(model_cookie *c, const attributes *a, const model_asker *who)
{
    const char *domain = a->has_domain ? a->domain : "";
    if (*domain && !domain_matches(who->host, domain, who->is_address))
        return false;
    if (*domain && !who->is_address && model_is_public(domain)) {
        if (strcmp(domain, who->host) != 0)
            return false;
        domain = "";
    }
    c->is_host_only = !*domain || who->is_address;
    strcpy(c->domain, *domain ? domain : who->host);
    return true;
}

static bool prefix_holds(const model_cookie *c, const attributes *a)
{
    bool is_host = strncasecmp(c->name, "__Host-", 7) == 0;
    if (!c->name[0] && (strncasecmp(c->value, "__Host-", 7) == 0 ||
                           strncasecmp(c->value, "__Secure-", 9) == 0))
        return false;
    if (strncasecmp(c->name, "__Secure-", 9) == 0 && !c->is_secure)
        return false;
    return !is_host || (c->is_secure && c->is_host_only && a->has_path &&
                           strcmp(c->path, "/") == 0);
}

static bool lies_over_secure(const model_jar *j, const model_cookie *c)
{
    for (int i = 0; i < j->n; i++) {
        const model_cookie *o = &j->at[i];
        if (o->is_secure && strcmp(o->name, c->name) == 0 &&
            (domain_matches(o->domain, c->domain, false) ||
                domain_matches(c->domain, o->domain, false)) &&
            path_matches(c->path, o->path))
            return true;
    }
    return false;
}

static void take_out(model_jar *j, int i)
{
    memmove(&j->at[i], &j->at[i + 1], (size_t)(j->n - i - 1) * sizeof j->at[0]);
    j->n--;
}

void model_jar_expire(model_jar *j, int64_t now)
{
    for (int i = j->n; i-- > 0;)
        if (j->at[i].is_persistent && j->at[i].expires <= now)
            take_out(j, i);
}

static int count_domain(const model_jar *j, const char *domain)
{
    int n = 0;
    for (int i = 0; i < j->n; i++)
        n += strcmp(j->at[i].domain, domain) == 0;
    return n;
}

/* The one to go: of `domain` (NULL: of all), not Secure ones first if asked. */
static int weakest(const model_jar *j, const char *domain, bool only_insecure)
{
    int found = -1;
    for (int i = 0; i < j->n; i++)
        if ((!domain || strcmp(j->at[i].domain, domain) == 0) &&
            (!only_insecure || !j->at[i].is_secure) &&
            (found < 0 || j->at[i].used < j->at[found].used))
            found = i;
    return found;
}

static void evict(model_jar *j, const char *domain)
{
    while (count_domain(j, domain) > j->per_domain) {
        int i = weakest(j, domain, true);
        take_out(j, i >= 0 ? i : weakest(j, domain, false));
    }
    while (j->n > j->total)
        take_out(j, weakest(j, NULL, false));
}

static void store(model_jar *j, model_cookie *c, int64_t now)
{
    c->created = c->used = ++j->ticks;
    for (int i = 0; i < j->n; i++) {
        const model_cookie *o = &j->at[i];
        if (strcmp(o->name, c->name) == 0 && strcmp(o->domain, c->domain) == 0 &&
            strcmp(o->path, c->path) == 0 && o->is_host_only == c->is_host_only) {
            c->created = o->created;
            take_out(j, i);
            break;
        }
    }
    if (c->is_persistent && c->expires <= now)
        return;
    j->at[j->n++] = *c;
    evict(j, c->domain);
}

bool model_jar_set(
    model_jar *j, const model_asker *who, const char *line, size_t n, int64_t now)
{
    model_cookie c;
    attributes a;
    model_jar_expire(j, now);
    if (!read_line(j, &c, &a, line, n, now) || !read_domain(&c, &a, who))
        return false;
    if (a.has_path && a.path[0])
        strcpy(c.path, a.path);
    else
        default_path(who->path, c.path);
    if ((c.is_secure && !who->is_secure) ||
        (!c.is_secure && !who->is_secure && lies_over_secure(j, &c)) ||
        (c.same_site == 1 && !c.is_secure) || !prefix_holds(&c, &a))
        return false;
    store(j, &c, now);
    return true;
}

/* --- 5.8.3 ----------------------------------------------------------------------- */

static int by_path_and_age(const void *left, const void *right)
{
    const model_cookie *a = *(model_cookie *const *)left;
    const model_cookie *b = *(model_cookie *const *)right;
    if (strlen(a->path) != strlen(b->path))
        return strlen(a->path) > strlen(b->path) ? -1 : 1;
    return a->created < b->created ? -1 : 1;
}

void model_jar_ask(
    model_jar *j, const model_asker *who, int64_t now, char out[MODEL_COOKIE_LINE])
{
    model_cookie *found[MODEL_COOKIES];
    size_t n = 0;
    model_jar_expire(j, now);
    for (int i = 0; i < j->n; i++) {
        model_cookie *c = &j->at[i];
        bool is_host = strcmp(c->domain, who->host) == 0;
        if ((is_host || (!c->is_host_only &&
                            domain_matches(who->host, c->domain, who->is_address))) &&
            path_matches(who->path, c->path) && (who->is_secure || !c->is_secure))
            found[n++] = c;
    }
    qsort(found, n, sizeof *found, by_path_and_age);
    *out = '\0';
    for (size_t i = 0; i < n; i++) {
        found[i]->used = ++j->ticks;
        sprintf(out + strlen(out), "%s%s%s%s", i ? "; " : "", found[i]->name,
            found[i]->name[0] ? "=" : "", found[i]->value);
    }
}
