/* lists.c - the lists of options: numbers ended by 0, names ended by NULL.
 * policy. Knows memory. Does not know what they are for. SPDX-License-Identifier: MIT */
#include "policy/lists.h"

#include <string.h>

/* --- numbers --------------------------------------------------------------------- */

static size_t lists_codes_size(const int *list)
{
    size_t n = 0;
    while (list[n])
        n++;
    return (n + 1) * sizeof *list;
}

bool fy_codes_has(const int *list, int code)
{
    while (*list && *list != code)
        list++;
    return *list != 0;
}

int *fy_codes_copy(const ferry_platform *m, const int *list)
{
    size_t size = lists_codes_size(list);
    int *copy = fy_resize(m, NULL, 0, size);
    if (copy)
        memcpy(copy, list, size);
    return copy;
}

void fy_codes_free(const ferry_platform *m, const int *list)
{
    if (list)
        fy_resize(m, (void *)(uintptr_t)list, lists_codes_size(list), 0);
}

/* --- names ----------------------------------------------------------------------- */

static size_t lists_count(const char *const *list)
{
    size_t n = 0;
    while (list[n])
        n++;
    return n;
}

/* The pointers, and the texts behind them. */
static size_t lists_names_size(const char *const *list)
{
    size_t n = lists_count(list), size = (n + 1) * sizeof *list;
    for (size_t i = 0; i < n; i++)
        size += fy_str(list[i]).len + 1;
    return size;
}

bool fy_names_has(const char *const *list, ferry_str name)
{
    while (*list && !fy_str_eq(fy_str(*list), name))
        list++;
    return *list != NULL;
}

bool fy_names_has_nocase(const char *const *list, ferry_str name)
{
    while (*list && !fy_str_eq_nocase(fy_str(*list), name))
        list++;
    return *list != NULL;
}

const char *const *fy_names_copy(const ferry_platform *m, const char *const *list)
{
    size_t n = lists_count(list);
    const char **copy = fy_resize(m, NULL, 0, lists_names_size(list));
    if (!copy)
        return NULL;
    char *to = (char *)(copy + n + 1);
    for (size_t i = 0; i < n; i++) {
        size_t len = fy_str(list[i]).len + 1;
        memcpy(to, list[i], len);
        copy[i] = to;
        to += len;
    }
    copy[n] = NULL;
    return copy;
}

void fy_names_free(const ferry_platform *m, const char *const *list)
{
    if (list)
        fy_resize(m, (void *)(uintptr_t)list, lists_names_size(list), 0);
}
