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

ferry_err fy_fields_add(fy_fields *f, ferry_str name, ferry_str value, fy_error *x)
{
    if (f->n >= f->max)
        return fy_fail(x, FERRY_ERR_LIMIT, "too many fields", FY_NOWHERE);
    if (f->n == f->cap) {
        void *list = f->at;
        if (!fy_list_grow(f->platform, &list, &f->cap, f->n + 1, sizeof *f->at))
            return fy_fail_nomem(x);
        f->at = list;
    }
    f->at[f->n++] = (ferry_field){name, value};
    return FERRY_OK;
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

/* Where the CRLF of the line stands whose text begins at p[at]. */
static ferry_err fields_line_end(
    ferry_str s, size_t at, int64_t base, size_t *end, fy_error *x)
{
    size_t i = at + fy_str_value_end(fy_str_from(s, at));
    if (s.len - i < 2 || s.ptr[i] != '\r' || s.ptr[i + 1] != '\n')
        return fy_fail(
            x, FERRY_ERR_PROTOCOL, "control byte in a field", base + (int64_t)i);
    *end = i;
    return FERRY_OK;
}

/* RFC 9112 5.2: a fold, with the blanks round it, counts as a space. The folded text
 * moves left until one space parts it from what stands before. */
static ferry_err fields_unfold(
    char *p, size_t n, int64_t base, ferry_str *value, size_t *line_end, fy_error *x)
{
    while (n - *line_end > 2 && fy_is_blank(p[*line_end + 2])) {
        size_t from = *line_end + 2, end = 0;
        TRY(fields_line_end((ferry_str){p, n}, from, base, &end, x));
        ferry_str text = fy_str_trim((ferry_str){p + from, end - from});
        *value = fy_str_trim(*value);
        char *to = p + (value->ptr - p) + value->len;
        *to = ' ';
        memmove(to + 1, text.ptr, text.len);
        value->len += 1 + text.len;
        *line_end = end;
    }
    return FERRY_OK;
}

/* One line, and the folded ones behind it. */
static ferry_err fields_parse_line(
    fy_fields *f, char *p, size_t n, size_t *at, int64_t base, fy_error *x)
{
    ferry_str name = {p + *at, 0};
    name.len = fy_str_token_end((ferry_str){p + *at, n - *at});
    size_t colon = *at + name.len, end = 0;
    /* RFC 9112 5.1: no whitespace is allowed between the name and the colon. */
    if (name.len == 0 || colon >= n || p[colon] != ':')
        return fy_fail(x, FERRY_ERR_PROTOCOL, "field line without a valid name",
            base + (int64_t)colon);
    TRY(fields_line_end((ferry_str){p, n}, colon + 1, base, &end, x));
    ferry_str value = {p + colon + 1, end - colon - 1};
    TRY(fields_unfold(p, n, base, &value, &end, x));
    value = fy_str_trim(value);
    p[colon] = '\0';
    p[(size_t)(value.ptr - p) + value.len] = '\0';
    *at = end + 2;
    return fy_fields_add(f, name, value, x);
}

ferry_err fy_fields_parse(fy_fields *f, char *p, size_t n, int64_t base, fy_error *x)
{
    size_t at = 0;
    while (at < n)
        TRY(fields_parse_line(f, p, n, &at, base, x));
    return FERRY_OK;
}
