/* range.c - Content-Range, and what tells that two parts are of one whole (RFC 9110 14.4,
 * 13.1.5). proto. Knows fields. Does not know what is done with the parts.
 * SPDX-License-Identifier: MIT */
#include "proto/range.h"

#include "proto/date.h"
#include "proto/fields.h"

static bool range_number(ferry_str s, int64_t *out)
{
    uint64_t n;
    if (!fy_str_number(s, INT64_MAX, &n))
        return false;
    *out = (int64_t)n;
    return true;
}

/* first-last, or "*". */
static bool range_bounds(fy_range *r, ferry_str s)
{
    ferry_str first;
    r->first = r->last = -1;
    if (fy_str_eq(s, FY_S("*")))
        return true;
    return fy_str_cut(&s, '-', &first) && range_number(first, &r->first) &&
           range_number(s, &r->last) && r->first <= r->last;
}

bool fy_range_parse(fy_range *r, ferry_str value)
{
    ferry_str unit, bounds;
    if (!fy_str_cut(&value, ' ', &unit) || !fy_str_eq_nocase(unit, FY_S("bytes")) ||
        !fy_str_cut(&value, '/', &bounds) || !range_bounds(r, bounds))
        return false;
    r->total = -1;
    if (fy_str_eq(value, FY_S("*")))
        return r->first >= 0;
    return range_number(value, &r->total) && r->last < r->total;
}

/* RFC 9110 8.8.2.2: within the second that it names a file may have changed once more, so
 * a date tells bytes apart only if the response was made after that second. */
static bool range_is_strong(ferry_fields headers, ferry_str modified)
{
    const ferry_field *f = fy_fields_find(headers, FY_S("Date"), 0);
    int64_t made, changed;
    return f && fy_date_parse(f->value, 0, &made) &&
           fy_date_parse(modified, made, &changed) && changed < made;
}

ferry_str fy_range_validator(ferry_fields headers)
{
    const ferry_field *f = fy_fields_find(headers, FY_S("ETag"), 0);
    if (f && f->value.len >= 2 && f->value.ptr[0] == '"')
        return f->value;
    f = fy_fields_find(headers, FY_S("Last-Modified"), 0);
    return f && range_is_strong(headers, f->value) ? f->value : FY_S("");
}
