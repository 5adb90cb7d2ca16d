/* set_cookie.c - what a Set-Cookie field says (RFC 6265bis 5.6).
 * proto. Knows one field value. Does not know who sent it, or whether it may.
 *
 * Theory: servers write what they like, so there are no errors here but a field that is
 * ignored whole; an attribute that is not understood is passed over. Of repeated
 * attributes the last one that says something counts.
 * SPDX-License-Identifier: MIT */
#include "proto/set_cookie.h"

#include "proto/cookie_date.h"

typedef struct set_cookie_reader {
    fy_set_cookie *out;
    int64_t now;
    bool has_max_age; /* it is stronger than Expires, wherever that stands */
} set_cookie_reader;

/* Cut at the first `mark`; without one all is `before`. */
static ferry_str set_cookie_split(ferry_str s, char mark, ferry_str *before)
{
    ferry_str rest = s;
    *before = FY_S("");
    fy_str_cut(&rest, mark, before);
    return rest;
}

static size_t set_cookie_room(int64_t max)
{
    return (uint64_t)max < SIZE_MAX ? (size_t)max : SIZE_MAX;
}

const char *fy_set_cookie_check(ferry_str name, ferry_str value, int64_t pair_max)
{
    size_t room = set_cookie_room(pair_max);
    if (!name.len && !value.len)
        return "a cookie without name and value";
    if (name.len > room || value.len > room - name.len)
        return "the cookie is too long";
    return NULL;
}

/* --- attributes ------------------------------------------------------------------ */

static void set_cookie_read_expires(set_cookie_reader *r, ferry_str value)
{
    int64_t expires;
    if (r->has_max_age || !fy_cookie_date_parse(value, &expires))
        return;
    r->out->is_persistent = true;
    r->out->expires = fy_set_cookie_cap(expires, r->now);
}

/* "-" and digits, or digits: what is not positive is the end. */
static void set_cookie_read_max_age(set_cookie_reader *r, ferry_str value)
{
    bool is_negative = value.len && value.ptr[0] == '-';
    ferry_str digits = fy_str_from(value, is_negative);
    int64_t seconds = 0;
    if (!digits.len)
        return;
    for (size_t i = 0; i < digits.len; i++) {
        if (!fy_is_digit(digits.ptr[i]))
            return;
        if (seconds <= FY_COOKIE_LONGEST)
            seconds = seconds * 10 + (digits.ptr[i] - '0');
    }
    r->has_max_age = true;
    r->out->is_persistent = true;
    r->out->expires = is_negative || seconds == 0
                          ? INT64_MIN
                          : fy_set_cookie_cap(fy_due(r->now, seconds), r->now);
}

static void set_cookie_read_domain(set_cookie_reader *r, ferry_str value)
{
    r->out->domain = fy_str_from(value, value.len && value.ptr[0] == '.');
}

static void set_cookie_read_path(set_cookie_reader *r, ferry_str value)
{
    r->out->has_path = true;
    r->out->path = value.len && value.ptr[0] == '/' ? value : FY_S("");
}

static void set_cookie_read_secure(set_cookie_reader *r, ferry_str value)
{
    (void)value;
    r->out->is_secure = true;
}

static void set_cookie_read_http_only(set_cookie_reader *r, ferry_str value)
{
    (void)value;
    r->out->is_http_only = true;
}

static void set_cookie_read_same_site(set_cookie_reader *r, ferry_str value)
{
    static const struct {
        ferry_str text;
        ferry_same_site meaning;
    } values[] = {{{"None", 4}, FERRY_SAME_SITE_NONE},
        {{"Lax", 3}, FERRY_SAME_SITE_LAX}, {{"Strict", 6}, FERRY_SAME_SITE_STRICT}};
    r->out->same_site = FERRY_SAME_SITE_DEFAULT;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (fy_str_eq_nocase(value, values[i].text))
            r->out->same_site = values[i].meaning;
}

typedef struct set_cookie_attribute {
    ferry_str name;
    void (*read)(set_cookie_reader *r, ferry_str value);
} set_cookie_attribute;

static const set_cookie_attribute set_cookie_attributes[] = {
    {{"Expires", 7}, set_cookie_read_expires},
    {{"Max-Age", 7}, set_cookie_read_max_age},
    {{"Domain", 6}, set_cookie_read_domain},
    {{"Path", 4}, set_cookie_read_path},
    {{"Secure", 6}, set_cookie_read_secure},
    {{"HttpOnly", 8}, set_cookie_read_http_only},
    {{"SameSite", 8}, set_cookie_read_same_site},
};

static void set_cookie_read_attribute(set_cookie_reader *r, ferry_str text, size_t max)
{
    ferry_str name;
    ferry_str value = fy_str_trim(set_cookie_split(text, '=', &name));
    name = fy_str_trim(name);
    if (value.len > max)
        return;
    for (size_t i = 0; i < sizeof set_cookie_attributes / sizeof *set_cookie_attributes;
         i++)
        if (fy_str_eq_nocase(name, set_cookie_attributes[i].name)) {
            set_cookie_attributes[i].read(r, value);
            return;
        }
}

/* --- the field ------------------------------------------------------------------- */

/* Without "=" all is the value of a cookie without a name. */
static void set_cookie_read_pair(fy_set_cookie *out, ferry_str pair)
{
    bool has_name = pair.len && memchr(pair.ptr, '=', pair.len);
    ferry_str name;
    ferry_str rest = set_cookie_split(pair, '=', &name);
    out->name = has_name ? fy_str_trim(name) : FY_S("");
    out->value = fy_str_trim(has_name ? rest : pair);
}

const char *fy_set_cookie_parse(fy_set_cookie *out, ferry_str field, int64_t now,
    int64_t pair_max, int64_t attribute_max)
{
    set_cookie_reader r = {.out = out, .now = now};
    ferry_str pair;
    *out = (fy_set_cookie){.path = {"", 0}};
    out->domain = FY_S("");
    if (fy_str_value_end(field) < field.len)
        return "a control character in a Set-Cookie field";
    ferry_str rest = set_cookie_split(field, ';', &pair);
    set_cookie_read_pair(out, pair);
    for (ferry_str attribute; fy_str_cut(&rest, ';', &attribute);)
        set_cookie_read_attribute(&r, attribute, set_cookie_room(attribute_max));
    return fy_set_cookie_check(out->name, out->value, pair_max);
}
