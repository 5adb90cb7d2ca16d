/* json.c - rows of a vector file: one JSON object a line, its strings as bytes or text.
 * Knows cJSON and its one gap: it cannot hand out a string with a NUL inside. So the
 * escape of NUL is read as that of U+E000, which no vector uses, and changed back when
 * the string is taken. SPDX-License-Identifier: MIT */
#include "json.h"

#include <stdio.h>
#include <string.h>

enum { JSON_NUL = 0xe000 };

cJSON *json_read(char *line)
{
    for (char *p = line; *p; p++) {
        if (*p != '\\')
            continue;
        p++;
        if (strncmp(p, "ue000", 5) == 0 || strncmp(p, "uE000", 5) == 0)
            return NULL;
        if (strncmp(p, "u0000", 5) == 0)
            p[1] = 'e';
        if (!*p)
            break;
    }
    return cJSON_Parse(line);
}

const cJSON *json_get(const cJSON *object, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNull(member) ? NULL : member;
}

bool json_is_true(const cJSON *object, const char *name)
{
    return cJSON_IsTrue(json_get(object, name));
}

const char *json_text(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(json_get(object, name));
}

/* The code point at the front of valid UTF-8; its length in bytes into `len`. */
static unsigned json_code_point(const char *text, size_t *len)
{
    unsigned first = (unsigned char)text[0];
    *len = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    unsigned point = *len == 1 ? first : first & (0xffu >> (*len + 1));
    for (size_t i = 1; i < *len; i++)
        point = point << 6 | ((unsigned char)text[i] & 0x3f);
    return point == JSON_NUL ? 0 : point;
}

bool json_put_utf8(fy_buf *out, const cJSON *string)
{
    const char *text = cJSON_GetStringValue(string);
    for (size_t len; text && *text; text += len)
        if (json_code_point(text, &len) == 0)
            fy_buf_putc(out, '\0');
        else
            fy_buf_put(out, text, len);
    return text != NULL;
}

bool json_put_bytes(fy_buf *out, const cJSON *string)
{
    const char *text = cJSON_GetStringValue(string);
    for (size_t len; text && *text; text += len) {
        unsigned point = json_code_point(text, &len);
        if (point > 0xff)
            return false;
        fy_buf_putc(out, (char)(unsigned char)point);
    }
    return text != NULL;
}

bool json_put_fields(fy_buf *out, const cJSON *pairs)
{
    const cJSON *pair;
    bool is_sound = cJSON_IsArray(pairs);
    cJSON_ArrayForEach(pair, pairs)
    {
        is_sound = is_sound && json_put_bytes(out, cJSON_GetArrayItem(pair, 0));
        fy_buf_puts(out, FY_S(": "));
        is_sound = is_sound && json_put_bytes(out, cJSON_GetArrayItem(pair, 1));
        fy_buf_puts(out, FY_S("\n"));
    }
    return is_sound;
}

/* "2026-01-01T00:00:00Z" to seconds since 1970, day by day: slow, and unlike the way of
 * the library. */
bool json_read_time(const char *text, int64_t *seconds)
{
    static const int month_len[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day, hour, minute, second;
    if (!text || sscanf(text, "%d-%d-%dT%d:%d:%dZ", &year, &month, &day, &hour, &minute,
                     &second) != 6)
        return false;
    int64_t days = day - 1;
    for (int y = 1970; y < year; y++)
        days += y % 400 == 0 || (y % 4 == 0 && y % 100 != 0) ? 366 : 365;
    for (int m = 1; m < month; m++)
        days += month_len[m - 1];
    if (month > 2 && (year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)))
        days++;
    *seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    return true;
}
