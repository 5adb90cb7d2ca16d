/* spaces.c - what servers and proxies have asked for, and what is answered.
 * policy. Knows keys and challenges. Does not know requests.
 *
 * Rule: what one has said is remembered for it and that user, and for nobody else; so no
 * answer to one is ever sent to another. SPDX-License-Identifier: MIT */
#include "policy/spaces.h"

#include "base/hex.h"

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
    fy_resize(s->platform, s->at, s->cap * sizeof *s->at, 0);
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
    void *list = s->at;
    bool has_room = fy_list_grow(
        s->platform, &list, &s->cap, s->n + 1, sizeof(fy_space *));
    s->at = list;
    fy_space *space = has_room ? fy_alloc_zero(s->platform, sizeof *space) : NULL;
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

/* --- answering ------------------------------------------------------------------- */

ferry_err fy_spaces_put(fy_buf *out, fy_spaces *s, const fy_space_key *key,
    bool takes_basic, fy_digest_ask ask, fy_error *x)
{
    char cnonce[FY_CNONCE_LEN];
    fy_space *space = fy_spaces_find(s, key);
    if (space && space->digest.hash) {
        TRY(fy_hex_by_chance(s->platform, cnonce, sizeof cnonce / 2, x));
        ask.cnonce = (ferry_str){cnonce, sizeof cnonce};
        return fy_digest_put(out, &space->digest, &ask, x);
    }
    if (space && space->takes_basic && takes_basic)
        fy_auth_put_basic(out, ask.user, ask.password);
    return FERRY_OK;
}

/* One answer, and one more if its nonce had become too old meanwhile. */
static bool spaces_may_answer(int *answers, bool is_stale)
{
    bool may = *answers == 0 || (is_stale && *answers == 1);
    *answers += may;
    return may;
}

ferry_err fy_spaces_refused(fy_spaces *s, const fy_space_key *key,
    const fy_spaces_refusal *r, const fy_hashes *hashes, int *answers, bool *is_on,
    fy_error *x)
{
    fy_challenge challenge;
    *is_on = false;
    if (!fy_auth_choose(
            &challenge, r->fields, r->name, r->schemes, hashes, r->can_hash_body))
        return FERRY_OK;
    fy_space *space = fy_spaces_make(s, key);
    if (!space)
        return fy_fail_nomem(x);
    space->takes_basic = !fy_str_eq_nocase(challenge.scheme, FY_S("Digest"));
    if (space->takes_basic) {
        space->digest.hash = NULL;
        bool was_basic = fy_str_starts_nocase(r->said, FY_S("Basic "));
        *is_on = !was_basic && spaces_may_answer(answers, false);
        return FERRY_OK;
    }
    TRY(fy_digest_read(&space->digest, &challenge, hashes, x));
    *is_on = spaces_may_answer(answers, space->digest.is_stale);
    return FERRY_OK;
}
