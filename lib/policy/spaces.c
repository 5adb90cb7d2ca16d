/* spaces.c - what servers have asked for, so that later requests answer ahead.
 * policy. Knows keys and challenges. Does not know requests. SPDX-License-Identifier: MIT */
#include "policy/spaces.h"

enum { SPACES_KEY_MAX = 1 << 21 };

void fy_spaces_init(fy_spaces *s, const ferry_platform *m)
{
    *s = (fy_spaces){.platform = m};
}

void fy_spaces_fini(fy_spaces *s)
{
    for (size_t i = 0; i < s->n; i++) {
        fy_buf_fini(&s->at[i]->key);
        fy_digest_fini(&s->at[i]->digest);
        fy_resize(s->platform, s->at[i], sizeof *s->at[i], 0);
    }
    fy_spaces_init(s, s->platform);
}

/* Eat `piece` from the front of a key. */
static bool spaces_cut(ferry_str *rest, const void *piece, size_t n)
{
    if (rest->len < n || memcmp(rest->ptr, piece, n) != 0)
        return false;
    *rest = fy_str_from(*rest, n);
    return true;
}

/* Texts end in a NUL, which none of them holds; names of users stand last. */
static bool spaces_is(const fy_space *space, const fy_space_key *key)
{
    ferry_str rest = fy_buf_view(&space->key);
    return spaces_cut(&rest, &key->dialer_id, sizeof key->dialer_id) &&
           spaces_cut(&rest, key->origin.ptr, key->origin.len) &&
           spaces_cut(&rest, "", 1) &&
           spaces_cut(&rest, key->zone.ptr, key->zone.len) &&
           spaces_cut(&rest, "", 1) && fy_str_eq(rest, key->user);
}

fy_space *fy_spaces_find(const fy_spaces *s, const fy_space_key *key)
{
    for (size_t i = 0; i < s->n; i++)
        if (spaces_is(s->at[i], key))
            return s->at[i];
    return NULL;
}

static fy_space *spaces_add(fy_spaces *s)
{
    fy_space *space = fy_alloc_zero(s->platform, sizeof *space);
    if (!space)
        return NULL;
    fy_buf_init(&space->key, s->platform, SPACES_KEY_MAX);
    space->key.is_secret = true; /* it names a user */
    fy_digest_init(&space->digest, s->platform);
    s->at[s->n++] = space;
    return space;
}

static fy_space *spaces_take_oldest(fy_spaces *s)
{
    fy_space *space = s->at[s->next];
    s->next = (s->next + 1) % FY_SPACES_MAX;
    return space;
}

fy_space *fy_spaces_make(fy_spaces *s, const fy_space_key *key)
{
    fy_space *space = fy_spaces_find(s, key);
    if (space)
        return space;
    space = s->n < FY_SPACES_MAX ? spaces_add(s) : spaces_take_oldest(s);
    if (!space)
        return NULL;
    fy_buf *b = &space->key;
    fy_buf_wipe(b);
    fy_buf_put(b, &key->dialer_id, sizeof key->dialer_id);
    fy_buf_puts(b, key->origin);
    fy_buf_putc(b, '\0');
    fy_buf_puts(b, key->zone);
    fy_buf_putc(b, '\0');
    fy_buf_puts(b, key->user);
    space->digest.hash = NULL;
    space->takes_basic = false;
    if (!b->failed)
        return space;
    fy_buf_clear(b); /* an empty key is nobody's */
    return NULL;
}
