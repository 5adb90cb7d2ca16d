/* link.c - links in a Link field (RFC 8288).
 * proto. Knows one field value. Does not know where the links lead.
 * SPDX-License-Identifier: MIT */
#include "proto/link.h"

typedef struct link_param {
    ferry_str name, value; /* without the quotes, escapes as they are */
} link_param;

static bool link_starts(ferry_str s, char c)
{
    return s.len && s.ptr[0] == c;
}

static void link_skip(ferry_str *s, size_t n)
{
    *s = fy_str_from(*s, n);
}

static void link_skip_blanks(ferry_str *s)
{
    while (s->len && fy_is_blank(s->ptr[0]))
        link_skip(s, 1);
}

/* quoted-string (RFC 9110 5.6.4), its quotes taken off; to the end if it has none. */
static ferry_str link_cut_quoted(ferry_str *s)
{
    size_t i = 1;
    while (i < s->len && s->ptr[i] != '"')
        i += s->ptr[i] == '\\' && i + 1 < s->len ? 2 : 1;
    ferry_str inside = {s->ptr + 1, i - 1};
    link_skip(s, i < s->len ? i + 1 : i);
    return inside;
}

static ferry_str link_cut_until(ferry_str *s, ferry_str marks)
{
    size_t i = 0;
    while (i < s->len && !memchr(marks.ptr, s->ptr[i], marks.len))
        i++;
    ferry_str piece = fy_str_trim(fy_str_upto(*s, i));
    link_skip(s, i);
    return piece;
}

/* The next of ";name=value" behind a target. False: the link is over. */
static bool link_cut_param(ferry_str *s, link_param *p)
{
    link_cut_until(s, FY_S(";,"));
    if (!link_starts(*s, ';'))
        return false;
    link_skip(s, 1);
    p->name = link_cut_until(s, FY_S("=;,"));
    p->value = FY_S("");
    if (!link_starts(*s, '='))
        return true;
    link_skip(s, 1);
    link_skip_blanks(s);
    p->value = link_starts(*s, '"') ? link_cut_quoted(s)
                                    : link_cut_until(s, FY_S(";,"));
    return true;
}

static bool link_has_word(ferry_str words, ferry_str word)
{
    for (ferry_str w; fy_str_cut(&words, ' ', &w);)
        if (fy_str_eq_nocase(fy_str_trim(w), word))
            return true;
    return false;
}

/* Only the first rel of a link counts (RFC 8288 3.3). */
static bool link_has_rel(ferry_str *s, ferry_str rel)
{
    bool has_rel = false, has_anchor = false, is_it = false;
    for (link_param p; link_cut_param(s, &p);) {
        has_anchor |= fy_str_eq_nocase(p.name, FY_S("anchor"));
        if (has_rel || !fy_str_eq_nocase(p.name, FY_S("rel")))
            continue;
        has_rel = true;
        is_it = link_has_word(p.value, rel);
    }
    return is_it && !has_anchor;
}

bool fy_link_find(ferry_str value, ferry_str rel, ferry_str *target)
{
    while (value.len) {
        link_cut_until(&value, FY_S("<,"));
        bool is_link = link_starts(value, '<');
        if (value.len)
            link_skip(&value, 1);
        if (!is_link)
            continue;
        ferry_str uri = link_cut_until(&value, FY_S("<>"));
        if (!link_starts(value, '>'))
            continue;
        link_skip(&value, 1);
        if (link_has_rel(&value, rel)) {
            *target = uri;
            return true;
        }
    }
    return false;
}
