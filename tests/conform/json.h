/* json.h - rows of a vector file: one JSON object a line, its strings as bytes or text.
 * SPDX-License-Identifier: MIT */
#ifndef CONFORM_JSON_H
#define CONFORM_JSON_H

#include "base/buf.h"

#include <cjson/cJSON.h>

/* The object in `line`, which is changed; NULL if there is none. cJSON_Delete() it. */
cJSON *json_read(char *line);

/* A member, or NULL if it is absent or null. */
const cJSON *json_get(const cJSON *object, const char *name);
bool json_is_true(const cJSON *object, const char *name);
/* A string member as UTF-8, or NULL. NULs are not restored in it. */
const char *json_text(const cJSON *object, const char *name);

/* Append a string: as UTF-8, or as wire bytes, which are written one code point a byte.
 * False if it is none, or holds a code point that is no byte. */
bool json_put_utf8(fy_buf *out, const cJSON *string);
bool json_put_bytes(fy_buf *out, const cJSON *string);

/* Append a list of [name, value] as lines "name: value". */
bool json_put_fields(fy_buf *out, const cJSON *pairs);

/* "2026-01-01T00:00:00Z" to seconds since 1970; false for NULL and anything else. */
bool json_read_time(const char *text, int64_t *seconds);

#endif
