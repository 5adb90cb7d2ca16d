/* fields.c - field sections: lists of names and values (RFC 9110 5, RFC 9112 5).
 * proto. Knows field lines as bytes. Does not know what a field means, but for lists.
 *
 * Theory: the range is complete and starts behind the line before it. A value ends at
 * the first control byte, which must be the CR of a CRLF; so one scan finds the end of
 * the line and everything that may not stand in it. SPDX-License-Identifier: MIT */
#include "proto/fields.h"

#include <string.h>

void fy_fields_init(fy_fields *f, const ferry_platform *m, size_t max)
{
    *f = (fy_fields){.max = max, .platform = m};
}

void fy_fields_fini(fy_fields *f)
{
    fy_resize(f->platform, f->at, f->cap * sizeof *f->at, 0);
    fy_fields_init(f, f->platform, f->max);
}

ferry_err fy_fields_add_slowly(
    fy_fields *f, ferry_str name, ferry_str value, fy_error *x)
{
    void *list = f->at;
    if (f->n >= f->max)
        return fy_fail(x, FERRY_ERR_LIMIT, "too many fields", FY_NOWHERE);
    if (!fy_list_grow(f->platform, &list, &f->cap, f->n + 1, sizeof *f->at))
        return fy_fail_nomem(x);
    f->at = list;
    return fy_fields_add(f, name, value, x);
}

ferry_fields fy_fields_view(const fy_fields *f)
{
    return (ferry_fields){f->at, f->n};
}

const ferry_field *fy_fields_find(ferry_fields f, ferry_str name, size_t nth)
{
    for (size_t i = 0; i < f.n; i++)
        if (fy_str_eq_nocase(f.at[i].name, name) && nth-- == 0)
            return &f.at[i];
    return NULL;
}

bool fy_list_has_token(ferry_str list, ferry_str token)
{
    for (ferry_str item; fy_str_cut(&list, ',', &item);)
        if (fy_str_eq_nocase(fy_str_trim(item), token))
            return true;
    return false;
}

/* The section that is being parsed. */
typedef struct fields_text {
    char *p;
    size_t n;
    int64_t base;
    fy_error *error;
} fields_text;

static ferry_err fields_fail(const fields_text *t, const char *what, size_t at)
{
    return fy_fail(t->error, FERRY_ERR_PROTOCOL, what, t->base + (int64_t)at);
}

/* Is there a CRLF at p[at], where a value has ended? */
static bool fields_is_line_end(const fields_text *t, size_t at)
{
    return t->n - at >= 2 && t->p[at] == '\r' && t->p[at + 1] == '\n';
}

static size_t fields_value_end(const fields_text *t, size_t at)
{
    return at + fy_str_value_end((ferry_str){t->p + at, t->n - at});
}

/* RFC 9112 5.2: a fold, with the blanks round it, counts as a space. The folded text
 * moves left until one space parts it from what stands before. */
static ferry_err fields_unfold(const fields_text *t, ferry_str *value, size_t *line_end)
{
    while (t->n - *line_end > 2 && fy_is_blank(t->p[*line_end + 2])) {
        size_t from = *line_end + 2, end = fields_value_end(t, from);
        if (!fields_is_line_end(t, end))
            return fields_fail(t, "control byte in a field", end);
        ferry_str text = fy_str_trim((ferry_str){t->p + from, end - from});
        *value = fy_str_trim(*value);
        char *to = t->p + (value->ptr - t->p) + value->len;
        *to = ' ';
        memmove(to + 1, text.ptr, text.len);
        value->len += 1 + text.len;
        *line_end = end;
    }
    return FERRY_OK;
}

/* One line, and the folded ones behind it. */
static ferry_err fields_parse_line(fy_fields *f, const fields_text *t, size_t *at)
{
    ferry_str name = {t->p + *at, 0};
    name.len = fy_str_token_end((ferry_str){name.ptr, t->n - *at});
    size_t colon = *at + name.len;
    /* RFC 9112 5.1: no whitespace is allowed between the name and the colon. */
    if (name.len == 0 || colon >= t->n || t->p[colon] != ':')
        return fields_fail(t, "field line without a valid name", colon);
    size_t end = fields_value_end(t, colon + 1);
    if (!fields_is_line_end(t, end))
        return fields_fail(t, "control byte in a field", end);
    ferry_str value = {t->p + colon + 1, end - colon - 1};
    TRY(fields_unfold(t, &value, &end));
    value = fy_str_trim(value);
    t->p[colon] = '\0';
    t->p[(size_t)(value.ptr - t->p) + value.len] = '\0';
    *at = end + 2;
    return fy_fields_add(f, name, value, t->error);
}

ferry_err fy_fields_parse(fy_fields *f, char *p, size_t n, int64_t base, fy_error *x)
{
    const fields_text text = {p, n, base, x};
    size_t at = 0;
    while (at < n)
        TRY(fields_parse_line(f, &text, &at));
    return FERRY_OK;
}
