/* pairs.c - lists of names and values that join over the levels.
 * policy. Knows how a level lies over another. Does not know what the pairs are for.
 * SPDX-License-Identifier: MIT */
#include "policy/pairs.h"

#include <string.h>

#include "proto/request.h"

const ferry_pair *ferry_no_pairs(void)
{
    static const ferry_pair none[1];
    return none;
}

typedef struct pairs_rule {
    bool (*is_same)(ferry_str a, ferry_str b);
    ferry_err (*check)(ferry_str name, ferry_str value, fy_error *x);
} pairs_rule;

static ferry_err pairs_check_param(ferry_str name, ferry_str value, fy_error *x)
{
    (void)name, (void)value, (void)x; /* any bytes: they are encoded */
    return FERRY_OK;
}

static const pairs_rule pairs_rules[] = {
    [FY_PAIRS_HEADERS] = {fy_str_eq_nocase, fy_request_check_field},
    [FY_PAIRS_PARAMS] = {fy_str_eq, pairs_check_param},
    [FY_PAIRS_NAMES] = {fy_str_eq_nocase, pairs_check_param},
};

/* The value of an entry that is to be taken out of its list. */
static const char pairs_dropped[1];

/* By length first: most names differ in it. */
static size_t pairs_find(
    const pairs_rule *rule, const fy_fields *list, size_t from, size_t to, size_t i)
{
    ferry_str name = list->at[i].name;
    while (from < to && (list->at[from].name.len != name.len ||
                            !rule->is_same(list->at[from].name, name)))
        from++;
    return from;
}

static void pairs_drop(fy_fields *list, size_t i)
{
    list->at[i].value.ptr = pairs_dropped;
}

static void pairs_compact(fy_fields *list)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++)
        if (list->at[i].value.ptr != pairs_dropped)
            list->at[n++] = list->at[i];
    list->n = n;
}

/* Entry `i` is the first of its name at its level: it takes the place of the first
 * below, and the others below go. What removes is kept, as this list may come to lie
 * over another. Is any entry to be taken out now? */
static bool pairs_replace(
    fy_fields *list, const pairs_rule *rule, size_t below, size_t i)
{
    size_t first = pairs_find(rule, list, 0, below, i);
    for (size_t j = first; j < below; j = pairs_find(rule, list, j + 1, below, i))
        pairs_drop(list, j);
    if (first == below)
        return false;
    list->at[first] = list->at[i];
    pairs_drop(list, i);
    return true;
}

/* Entry `i` has a name that may stand in the list already, at its level or below. More
 * entries of one name in one level repeat it. Is any to be taken out now? */
static bool pairs_settle(
    fy_fields *list, const pairs_rule *rule, size_t below, size_t i)
{
    if (pairs_find(rule, list, below, i, i) == i)
        return pairs_replace(list, rule, below, i);
    if (list->at[i].value.ptr)
        return false;
    pairs_drop(list, i);
    return true;
}

/* One of 64 bits, by length and last letter: the same for all names that are the same,
 * another for most others. */
static uint64_t pairs_mark(ferry_str name)
{
    size_t last = name.len ? (unsigned char)name.ptr[name.len - 1] | 0x20u : 0;
    return (uint64_t)1 << (last + 7 * name.len) % 64;
}

/* The entries from `below` on are a level of their own: lay them over those before. Most
 * are the first of their name, which the marks tell without a search. */
static void pairs_overlay(fy_fields *list, const pairs_rule *rule, size_t below)
{
    uint64_t seen = 0;
    bool has_dropped = false;
    for (size_t i = 0; i < list->n; i++) {
        uint64_t mark = pairs_mark(list->at[i].name);
        if (i >= below && (seen & mark))
            has_dropped |= pairs_settle(list, rule, below, i);
        seen |= mark;
    }
    if (has_dropped)
        pairs_compact(list);
}

ferry_err fy_pairs_overlay(
    fy_fields *list, fy_pairs_kind kind, ferry_fields over, fy_error *x)
{
    size_t below = list->n;
    for (size_t i = 0; i < over.n; i++)
        TRY(fy_fields_add(list, over.at[i].name, over.at[i].value, x));
    if (below)
        pairs_overlay(list, &pairs_rules[kind], below);
    return FERRY_OK;
}

ferry_err fy_pairs_overlay_given(fy_fields *list, fy_pairs_kind kind,
    const ferry_pair *pairs, const fy_bound *bound, fy_error *x)
{
    if (pairs == ferry_no_pairs())
        list->n = 0;
    size_t below = list->n;
    for (; pairs && pairs->name; pairs++) {
        ferry_str name = fy_str(pairs->name);
        ferry_str value = pairs->value ? fy_str(pairs->value) : (ferry_str){NULL, 0};
        TRY(pairs_rules[kind].check(name, value, x));
        if (!bound || !value.ptr || !fy_redirect_is_bound(name, bound))
            TRY(fy_fields_add(list, name, value, x));
    }
    pairs_overlay(list, &pairs_rules[kind], below);
    return FERRY_OK;
}

void fy_pairs_unbind(fy_fields *list, const fy_bound *bound)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->at[i].value.ptr && fy_redirect_is_bound(list->at[i].name, bound))
            pairs_drop(list, i);
    pairs_compact(list);
}

/* An entry that a list owns is one block: the name, a NUL, the value, a NUL. */
static size_t pairs_block_size(const ferry_field *f)
{
    return f->name.len + 1 + (f->value.ptr ? f->value.len + 1 : 0);
}

static char *pairs_block_copy(char *to, ferry_str *s)
{
    memcpy(to, s->ptr, s->len);
    to[s->len] = '\0';
    s->ptr = to;
    return to + s->len + 1;
}

static bool pairs_own(const ferry_platform *m, ferry_field *f)
{
    char *block = fy_resize(m, NULL, 0, pairs_block_size(f));
    if (!block)
        return false;
    char *value = pairs_block_copy(block, &f->name);
    if (f->value.ptr)
        pairs_block_copy(value, &f->value);
    return true;
}

void fy_pairs_disown(fy_fields *list)
{
    for (size_t i = 0; i < list->n; i++) {
        char *block = (char *)list->at[i].name.ptr;
        size_t size = pairs_block_size(&list->at[i]);
        fy_wipe(block, size);
        fy_resize(list->platform, block, size, 0);
    }
    fy_fields_fini(list);
}

ferry_err fy_pairs_own(fy_fields *list, fy_error *x)
{
    for (size_t i = 0; i < list->n; i++)
        if (!pairs_own(list->platform, &list->at[i])) {
            list->n = i;
            fy_pairs_disown(list);
            return fy_fail_nomem(x);
        }
    return FERRY_OK;
}
