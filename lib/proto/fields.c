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

bool fy_fields_are_given(const ferry_pair *list, ferry_str name)
{
    for (; list && list->name; list++)
        if (fy_str_eq_nocase(fy_str(list->name), name))
            return true;
    return false;
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
    char *from, *end;
    int64_t base;
    fy_error *error;
} fields_text;

static ferry_err fields_fail(const fields_text *t, const char *what, const char *at)
{
    return fy_fail(t->error, FERRY_ERR_PROTOCOL, what, t->base + (at - t->from));
}

static char *fields_token_end(const fields_text *t, char *at)
{
    return at + fy_str_token_end((ferry_str){at, (size_t)(t->end - at)});
}

static char *fields_value_end(const fields_text *t, char *at)
{
    return at + fy_str_value_end((ferry_str){at, (size_t)(t->end - at)});
}

/* Is there a CRLF where a value has ended? */
static bool fields_is_line_end(const fields_text *t, const char *at)
{
    return t->end - at >= 2 && at[0] == '\r' && at[1] == '\n';
}

static bool fields_is_folded(const fields_text *t, const char *line_end)
{
    return t->end - line_end > 2 && fy_is_blank(line_end[2]);
}

/* RFC 9112 5.2: a fold, with the blanks round it, counts as a space. The folded text
 * moves left until one space parts it from what stands before. */
static ferry_err fields_unfold(const fields_text *t, ferry_str *value, char **line_end)
{
    while (fields_is_folded(t, *line_end)) {
        char *from = *line_end + 2, *end = fields_value_end(t, from);
        if (!fields_is_line_end(t, end))
            return fields_fail(t, "control byte in a field", end);
        ferry_str text = fy_str_trim((ferry_str){from, (size_t)(end - from)});
        *value = fy_str_trim(*value);
        char *to = t->from + (value->ptr - t->from) + value->len;
        *to = ' ';
        memmove(to + 1, text.ptr, text.len);
        value->len += 1 + text.len;
        *line_end = end;
    }
    return FERRY_OK;
}

/* One line, and the folded ones behind it. */
static ferry_err fields_parse_line(fy_fields *f, const fields_text *t, char **at)
{
    char *name = *at, *colon = fields_token_end(t, name);
    /* RFC 9112 5.1: no whitespace is allowed between the name and the colon. */
    if (colon == name || colon == t->end || *colon != ':')
        return fields_fail(t, "field line without a valid name", colon);
    char *end = fields_value_end(t, colon + 1);
    if (!fields_is_line_end(t, end))
        return fields_fail(t, "control byte in a field", end);
    ferry_str value = {colon + 1, (size_t)(end - colon) - 1};
    if (fields_is_folded(t, end))
        TRY(fields_unfold(t, &value, &end));
    value = fy_str_trim(value);
    *at = end + 2;
    *colon = '\0';
    t->from[value.ptr - t->from + (ptrdiff_t)value.len] = '\0';
    return fy_fields_add(f, (ferry_str){name, (size_t)(colon - name)}, value, t->error);
}

ferry_err fy_fields_parse(fy_fields *f, char *p, size_t n, int64_t base, fy_error *x)
{
    if (n == 0)
        return FERRY_OK; /* p may be NULL, which nothing can be added to */
    const fields_text text = {p, p + n, base, x};
    for (char *at = p; at < text.end;)
        TRY(fields_parse_line(f, &text, &at));
    return FERRY_OK;
}
